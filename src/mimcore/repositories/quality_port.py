"""What a store keeps of data quality: rules, results over time, and who has which item of the stewards' queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mimcore.domain.quality_rules import Dimension, QualityRule, Severity

__all__ = ["QualityRepository", "QualityResult", "QueueMark", "is_of", "newest"]


@dataclass(frozen=True, slots=True)
class QualityResult:
    """What came out of a rule at an instant, with what it asked then. No personal value is in it.

    Attributes:
        rule: Key of the rule.
        checked: Contacts that were judged.
        good: Those of them who passed.
        undecided: Contacts of the rule's scope that were left out.
        passed: Whether enough of them passed.
        at_least: The share that had to pass.
        note: Why it failed, or could not be evaluated, in words; empty if it passed.
        words: Of a vocabulary, the values with the number of contacts who have them, folded.
    """

    rule: str
    at: datetime
    dimension: Dimension
    checked: int
    good: int
    undecided: int
    passed: bool
    at_least: float
    severity: Severity
    owner: str | None = None
    note: str = ""
    words: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def share(self) -> float | None:
        """Share of those judged who passed, 0-1; None where nobody was judged."""
        return self.good / self.checked if self.checked else None

    @property
    def bad(self) -> int:
        """Contacts that did not pass."""
        return self.checked - self.good


@dataclass(frozen=True, slots=True)
class QueueMark:
    """What people said of an item of the queue; the item itself lives elsewhere.

    Attributes:
        item: Key of the item.
        owner: Who has it, if somebody was named.
        snoozed_until: Until when it sleeps.
        done_at: When it was said to be done.
        actor: Who said so last.
        at: When that was.
    """

    item: str
    owner: str | None
    snoozed_until: datetime | None
    done_at: datetime | None
    actor: str
    at: datetime


class QualityRepository(Protocol):
    """Rules of quality, their results, and marks on the queue."""

    def rules(self) -> list[QualityRule]:
        """Return all rules, in order of their keys."""
        ...

    def put_rule(self, rule: QualityRule) -> None:
        """Store a rule: version 1 is new, a later one replaces the version before it.

        Raises:
            StaleVersionError: If somebody else declared it, or changed it, meanwhile.
        """
        ...

    def drop_rule(self, key: str) -> None:
        """Remove a rule; its results stay."""
        ...

    def lock(self) -> None:
        """Let nobody else store results or marks until the transaction ends: what follows from them is done once."""
        ...

    def add_results(self, results: Sequence[QualityResult]) -> None:
        """Store results; those of a rule that has one of the same instant stay as they are."""
        ...

    def results(
        self, *, rule: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[QualityResult]:
        """Return results, oldest first, then by key.

        Args:
            rule: Of one rule only.
            since: Those of this instant and later.
            until: Those of this instant and earlier.
        """
        ...

    def latest(self, until: datetime | None = None) -> list[QualityResult]:
        """Return the newest result of every rule that ever had one, by key.

        Args:
            until: As of this instant.
        """
        ...

    def forget_results(self, before: datetime) -> int:
        """Remove results that are older than an instant, and return how many."""
        ...

    def marks(self) -> list[QueueMark]:
        """Return all marks, in order of their items."""
        ...

    def put_mark(self, mark: QueueMark) -> None:
        """Store a mark; the one of the same item is replaced."""
        ...


def is_of(result: QualityResult, rule: str | None, since: datetime | None, until: datetime | None) -> bool:
    """Tell whether a result is one of those asked for; see `QualityRepository.results`."""
    return (
        rule in {None, result.rule} and (since is None or result.at >= since) and (until is None or result.at <= until)
    )


def newest(results: Iterable[QualityResult]) -> list[QualityResult]:
    """Return the last one of each rule, by key.

    Args:
        results: Oldest first.
    """
    found = {one.rule: one for one in results}
    return [found[key] for key in sorted(found)]
