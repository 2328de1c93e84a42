"""The gaps that checks close: from when a value was last known to be right until it was checked.

What the checks of one value say is put in the order in which they were made, so that it does not matter in which order
they came to be known, or how often. A gap begins when the value was seen by its source or found right, whichever is
later. Once a value was found wrong it tells no more, until it is found right after all or replaced.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from mimcore.domain.pools import undivided
from mimcore.repositories.records import PlannedCheck

__all__ = ["Gaps", "Group", "gaps_by_group", "gaps_together"]

_DAY_US = 86_400_000_000


class Group(NamedTuple):
    """Values that may decay alike: of an attribute, in a pool, brought by a source."""

    pool: str
    attribute: str
    source: str


@dataclass(slots=True)
class Gaps:
    """The gaps of values that are taken to decay alike, in microseconds.

    Attributes:
        unchanged: Sum of the gaps after which the value was still right.
        kept: How many those are.
        changed: The gaps after which it was wrong.
        incidents: Changes that befell many values at once, by the incident's name: each counts as one change.
    """

    unchanged: int = 0
    kept: int = 0
    changed: array[int] = field(default_factory=lambda: array("q"))
    incidents: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def add(self, length: int, check: PlannedCheck) -> None:
        """Count one gap.

        Args:
            length: In microseconds, positive.
            check: The check that closes it.
        """
        if check.is_valid:
            self.unchanged += length
            self.kept += 1
        elif check.incident:
            self.incidents.setdefault(check.incident, []).append(length)
        else:
            self.changed.append(length)

    @property
    def changes(self) -> int:
        """How many changes were found."""
        return len(self.changed) + len(self.incidents)

    @property
    def checks(self) -> int:
        """How many gaps there are."""
        return self.kept + self.changes

    @property
    def unchanged_days(self) -> float:
        """Sum of the gaps after which the value was still right."""
        return self.unchanged / _DAY_US

    def changed_days(self) -> list[float]:
        """The gaps after which it was wrong; of an incident the middle one."""
        together = (median(lengths) for lengths in self.incidents.values())
        return [length / _DAY_US for length in (*self.changed, *together)]


def gaps_by_group(checks: Iterable[PlannedCheck]) -> dict[Group, Gaps]:
    """Collect the gaps that checks close.

    Args:
        checks: Contact by contact, see `FreshnessRepository.planned_checks`.

    Returns:
        Gaps by whole pool, attribute and source; groups in which no gap was closed are left out.
    """
    found: dict[tuple[str, str, str], Gaps] = {}
    for _, owned in groupby(checks, attrgetter("contact_id")):
        for life in _lives(owned):
            for length, check in _closed(life):
                place = check.pool, check.attribute, check.value_source
                gaps = found.get(place)
                if gaps is None:
                    gaps = found[place] = Gaps()
                gaps.add(length, check)
    return _in_whole_pools(found)


def _in_whole_pools(found: dict[tuple[str, str, str], Gaps]) -> dict[Group, Gaps]:
    """A check tells the pool that its value was in when it was made, which may have been a part of one."""
    groups: dict[Group, list[Gaps]] = {}
    for (pool, attribute, source), gaps in found.items():
        groups.setdefault(Group(undivided(pool), attribute, source), []).append(gaps)
    return {group: gaps_together(parts) for group, parts in groups.items()}


def gaps_together(parts: Sequence[Gaps]) -> Gaps:
    """Return the gaps of several groups as those of one; what befell several at once is one change of all."""
    if len(parts) == 1:
        return parts[0]
    whole = Gaps()
    for one in parts:
        whole.unchanged += one.unchanged
        whole.kept += one.kept
        whole.changed.extend(one.changed)
        for name, lengths in one.incidents.items():
            whole.incidents.setdefault(name, []).extend(lengths)
    return whole


def _lives(checks: Iterable[PlannedCheck]) -> Iterator[list[PlannedCheck]]:
    """Yield the checks of each value that a contact had, in the order in which they were made."""
    lives: dict[tuple[object, ...], list[PlannedCheck]] = {}
    for check in checks:
        lives.setdefault((check.attribute, check.subject_id, check.since), []).append(check)
    for life in lives.values():
        yield sorted(life, key=lambda check: (check.at, not check.is_valid))


def _closed(life: Iterable[PlannedCheck]) -> Iterator[tuple[int, PlannedCheck]]:
    """Yield the gaps of one value, each with the check that closes it."""
    known: int | None = None
    is_over = False
    for check in life:
        if known is None and not is_over:
            known = check.since
        if known is not None and check.at > known and not check.is_correction:
            yield check.at - known, check
        if check.is_valid:
            known = check.at if known is None else max(known, check.at)
        else:
            known, is_over = None, True
