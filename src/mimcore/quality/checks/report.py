"""What a check found, rule by rule, and what came out of a rule over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mimcore.display import Svg, Table, bars, count, line, percent, plural, utc_minute
from mimcore.display.framing import Framed, Framer, unframed
from mimcore.display.style import fragment
from mimcore.errors import NotFoundError, nearest
from mimcore.repositories.quality_port import QualityResult

__all__ = ["QualityReport", "QualityTrend", "state_of"]


def state_of(result: QualityResult) -> str:
    """Return how a rule came out, in words."""
    if not result.passed:
        return f"fails ({result.severity})" if result.checked else "cannot say"
    return "passes" if result.checked else "nothing to judge"


@dataclass(frozen=True, slots=True)
class QualityReport(Framed):
    """The rules of quality at an instant.

    Attributes:
        at: The instant.
        results: One a rule, the failing ones first, the worst of them in front.
        is_recorded: Whether the results are stored.
        new_words: By key of a vocabulary's rule, the values that were not there at the check before.
        opened: Tasks that were opened for rules that fail.
        closed: Tasks that were closed since their rule passes again.
        forgotten: Older results that were removed.
    """

    at: datetime
    results: tuple[QualityResult, ...]
    is_recorded: bool = False
    new_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    opened: int = 0
    closed: int = 0
    forgotten: int = 0
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def __getitem__(self, rule: str) -> QualityResult:
        """Return what came out of a rule.

        Raises:
            NotFoundError: If it was not among those checked.
        """
        for one in self.results:
            if one.rule == rule:
                return one
        raise NotFoundError(f"no rule of that key was checked{nearest(rule, [one.rule for one in self.results])}")

    @property
    def failing(self) -> tuple[QualityResult, ...]:
        """Those that failed or could not be evaluated, the worst first."""
        return tuple(one for one in self.results if not one.passed)

    @property
    def has_passed(self) -> bool:
        """Whether no rule fails."""
        return not self.failing

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a rule, in plain values."""
        return [_row(one) for one in self.results]

    def table(self) -> Table:
        """The rules with their shares."""
        rows = [
            (one.rule, one.dimension.value, percent(one.share), percent(one.at_least), one.checked, state_of(one))
            for one in self.results
        ]
        columns = ("rule", "dimension", "share", "at least", "judged", "state")
        return Table.of(columns, rows, title="Data quality", caption=self._caption())

    def failing_table(self) -> Table:
        """Why rules fail, and whose business it is."""
        rows = [(one.rule, one.owner or "nobody", one.note) for one in self.failing]
        return Table.of(("rule", "owner", "why"), rows, title="What fails")

    def chart(self) -> Svg:
        """The share that passes, a bar for each rule that judged somebody."""
        judged = [(one.rule, one.share) for one in self.results if one.share is not None]
        return bars("Share of the contacts that pass", judged, shown=percent)

    def _caption(self) -> str:
        good = len(self.results) - len(self.failing)
        parts = [f"{count(good)} of {count(len(self.results))} rules pass; {utc_minute(self.at)}"]
        if not self.is_recorded:
            parts.append("not recorded")
        told = (("opened", self.opened), ("closed", self.closed))
        parts += [f"{plural(number, 'task')} {what}" for what, number in told if number]
        if self.forgotten:
            parts.append(f"{count(self.forgotten)} older results removed")
        return "; ".join(parts)

    def __str__(self) -> str:
        """The tables as text."""
        return f"{self.table()}\n\n{self.failing_table()}" if self.failing else str(self.table())

    def _repr_html_(self) -> str:
        why = self.failing_table().html() if self.failing else ""
        return fragment(self.table().html() + why + self.chart().html())


def _row(one: QualityResult) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "at": one.at,
        "dimension": one.dimension.value,
        "share": one.share,
        "at_least": one.at_least,
        "checked": one.checked,
        "good": one.good,
        "undecided": one.undecided,
        "passed": one.passed,
        "severity": one.severity.value,
        "owner": one.owner,
        "note": one.note,
    }


@dataclass(frozen=True, slots=True)
class QualityTrend(Framed):
    """What came out of one rule over time.

    Attributes:
        rule: Its key.
        results: Oldest first.
    """

    rule: str
    results: tuple[QualityResult, ...]
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def __iter__(self) -> Iterator[tuple[datetime, float | None]]:
        """Instants with the share that passed; None where nobody was judged."""
        return ((one.at, one.share) for one in self.results)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a check, in plain values."""
        return [_row(one) for one in self.results]

    def table(self) -> Table:
        """Days and shares."""
        rows = [
            (f"{one.at:%Y-%m-%d}", percent(one.share), percent(one.at_least), one.checked, state_of(one))
            for one in self.results
        ]
        return Table.of(("day", "share", "at least", "judged", "state"), rows, title=f"{self.rule} over time")

    def chart(self) -> Svg:
        """The share as a line, with what had to be reached at the end."""
        points = [(f"{at:%Y-%m-%d}", share) for at, share in self]
        target = self.results[-1].at_least if self.results else None
        return line(f"{self.rule} over time", points, shown=percent, target=target)

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return fragment(self.chart().html() + self.table().html())
