"""How a rule divides the contacts, condition by condition, before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from mimcore.display import Column, Svg, Table, count, percent, utc_minute, waterfall
from mimcore.display.markup import element, escape
from mimcore.display.style import fragment
from mimcore.domain.catalogue import catalogue
from mimcore.repositories.past.moment import Past
from mimcore.repositories.queries import Verdicts
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.explaining.english import describe
from mimcore.rules.language import nodes
from mimcore.segments.asking import Asked, OnProgress, Sampling, asking
from mimcore.segments.overlapping import Others, SegmentOverlap, overlaps_of, overlaps_table
from mimcore.segments.reach import Pairs, Reach, reach_of, reach_table
from mimcore.segments.waterfall import PreviewStep, steps_of

__all__ = ["Preview", "PreviewOptions", "PreviewStep", "preview"]

_EXAMPLES = 5


class PreviewOptions(TypedDict, total=False):
    """What a preview may be asked beside the waterfall.

    Attributes:
        overlap: Segments to compare with, or `all` that are not archived.
        reach: Pairs of channel and purpose for which the consent gate is asked, or `all`.
        sample: Estimate everything from about so many contacts (100 or more) instead of asking all.
        seed: Which contacts are drawn: the same ones for the same seed; 0 unless given.
        on_progress: Called with the number of counts done since the last call; it returns False, or raises, to stop.
    """

    overlap: Others
    reach: Pairs
    sample: int | None
    seed: int
    on_progress: OnProgress | None


@dataclass(frozen=True, slots=True)
class Preview:
    """How a rule divides the active contacts at an instant. Members, non-members and unknown add up to everyone.

    Attributes:
        rule: The rule.
        at: The instant.
        verdicts: Members, non-members and unknown.
        steps: Each condition, asked of those whom the conditions before it kept.
        past: The past that was asked, with its mode; None for the present. `at` may be any instant all the same.
        sample: Ids of a few members: the first in the order of ids.
        overlaps: What the members have in common with other segments, where that was asked.
        reach: How many of them may be contacted, where that was asked.
        sampling: How the figures were estimated; None where they were counted.
        members_between: The 95 % interval of `members` in an estimate; None where they were counted.
    """

    rule: nodes.Rule
    at: datetime
    verdicts: Verdicts
    steps: tuple[PreviewStep, ...]
    past: Past | None = None
    sample: tuple[UUID, ...] = ()
    overlaps: tuple[SegmentOverlap, ...] = ()
    reach: tuple[Reach, ...] = ()
    sampling: Sampling | None = None
    members_between: tuple[int, int] | None = None

    @property
    def members(self) -> int:
        """Contacts for whom the rule is true."""
        return self.verdicts.members

    @property
    def non_members(self) -> int:
        """Contacts for whom the rule is false."""
        return self.verdicts.non_members

    @property
    def unknown(self) -> int:
        """Contacts for whom the rule cannot be decided."""
        return self.verdicts.unknown

    @property
    def everyone(self) -> int:
        """All active contacts."""
        return self.members + self.non_members + self.unknown

    @property
    def is_estimate(self) -> bool:
        """Whether the figures are estimated from a sample."""
        return self.sampling is not None

    def table(self) -> Table:
        """The waterfall as a table; under each condition the fields for lack of which it cannot be decided."""
        rows: list[tuple[object, ...]] = [("everyone", self.everyone, 0, 0, "100 %")]
        rows += [row for step in self.steps for row in self._rows(step)]
        rows += [(line, "–", "–", self.everyone, "–") for line in self.verdicts.not_collected]
        numbers = [Column(name, "right") for name in ("kept", "lost", "undecided", "share")]
        return Table.of(("condition", *numbers), rows, title=describe(self.rule), caption=self._caption())

    def chart(self) -> Svg:
        """The waterfall as a chart; what cannot be decided counts as lost there."""
        return waterfall(
            describe(self.rule), [("everyone", self.everyone), *((step.text, step.kept) for step in self.steps)]
        )

    def _caption(self) -> str:
        counts = str(self.verdicts)
        if self.past is not None:
            return f"{counts} · {self.past.words}"
        return f"{counts} · {utc_minute(self.at)}"

    def _estimated(self) -> list[str]:
        """Say how an estimate was made."""
        if self.sampling is None or self.members_between is None:
            return []
        low, high = self.members_between
        size, everyone = count(self.sampling.size), count(self.sampling.everyone)
        between = f"between {count(low)} and {count(high)} members (95 %, Wilson)"
        return [f"estimated from {size} of {everyone} contacts, seed {self.sampling.seed}: {between}"]

    def _rows(self, step: PreviewStep) -> Iterator[tuple[object, ...]]:
        """Nobody is kept where nobody was asked: that is no figure."""
        if self.verdicts.not_collected and not step.kept and step.undecided:
            yield step.text, "–", "–", step.undecided, "–"
            return
        yield step.text, step.kept, step.lost, step.undecided, self._share(step.kept)
        for name, number in step.lacking:
            yield f"  for lack of {_told(name)}", "", "", number, ""

    def _share(self, kept: int) -> str:
        return percent(kept / self.everyone) if self.everyone else "–"

    def _more(self) -> list[Table]:
        return [
            *([overlaps_table(self.overlaps, self.members)] if self.overlaps else []),
            *([reach_table(self.reach, self.members)] if self.reach else []),
        ]

    def __str__(self) -> str:
        """The waterfall as text, with what was not collected in full below; then overlap and reach."""
        first = "\n".join((str(self.table()), *self._estimated(), *self.verdicts.not_collected))
        return "\n\n".join((first, *map(str, self._more())))

    def _repr_html_(self) -> str:
        tables = "".join(table.html() for table in (self.table(), *self._more()))
        notes = "".join(element("p", escape(line)) for line in self._estimated())
        return fragment(tables + notes + self.chart().html())


def _told(name: str) -> str:
    """The short name of a field, as people say it."""
    return (catalogue[name].short if name in catalogue else name).replace("_", " ")


def preview(
    work: UnitOfWork,
    rule: nodes.Rule,
    *,
    now: datetime | None = None,
    itself: str | None = None,
    overlap: Others = (),
    reach: Pairs = (),
    sample: int | None = None,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> Preview:
    """Count how a rule divides the active contacts, and what each of its conditions keeps.

    Args:
        work: Open unit of work.
        rule: Any rule. The conditions of an `and` at its top are counted one after the other.
        now: Instant of evaluation; the unit of work's unless given.
        itself: Key of the segment whose rule it is; `all` others are without it.
        overlap: Segments to compare with, or `all`; this and what follows as in `PreviewOptions`.
        reach: Pairs of channel and purpose, or `all`.
        sample: About how many to ask; None for everybody.
        seed: Which contacts are drawn.
        on_progress: Told of each count.

    Returns:
        The counts.

    Raises:
        StoppedError: If `on_progress` returned False.
    """
    at = work.origin.asked_at(now)
    asked = asking(work, at, sample=sample, seed=seed, on_progress=on_progress)
    verdicts, between = _verdicts(asked, rule)
    steps = tuple(steps_of(asked, rule))
    return Preview(
        rule,
        at,
        verdicts,
        steps,
        work.transaction.past,
        asked.first(rule, _EXAMPLES),
        overlaps_of(asked, rule, overlap, itself),
        reach_of(asked, rule, reach),
        asked.sampling,
        between,
    )


def _verdicts(asked: Asked, rule: nodes.Rule) -> tuple[Verdicts, tuple[int, int] | None]:
    members, non_members = asked.count(rule), asked.count(~rule)
    shown = asked.parts(members, asked.size - members - non_members, non_members)
    lines = asked.work.not_collected(rule)
    return Verdicts(shown[0], shown[2], shown[1], lines), asked.between(members)
