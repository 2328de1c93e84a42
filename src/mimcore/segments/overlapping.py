"""Whom segments have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mimcore.display import Column, Table, percent
from mimcore.domain.segment import Segment
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.nodes import Rule
from mimcore.segments.asking import Asked
from mimcore.segments.references import rule_of
from mimcore.values.arguments import given_list

__all__ = ["Others", "SegmentOverlap", "overlaps_of", "overlaps_table"]

Others = Sequence[Segment | str] | Literal["all"]
"""Segments to compare with, or `all` that are not archived."""


@dataclass(frozen=True, slots=True)
class SegmentOverlap:
    """What members have in common with another segment.

    Attributes:
        key: The other segment.
        both: Members of both.
        other: Members of the other one.
        between: The 95 % interval of `both` in an estimate; None where it was counted.
    """

    key: str
    both: int
    other: int
    between: tuple[int, int] | None = None


_OTHERS = "give a list of segments or their keys, such as ['danes'], or 'all'"


def overlaps_of(asked: Asked, rule: Rule, others: Others, itself: str | None) -> tuple[SegmentOverlap, ...]:
    """Count whom the members of a rule have in common with other segments, the most first.

    Args:
        asked: Whom.
        rule: The rule.
        others: Segments to compare with.
        itself: Key of the segment whose rule it is, which `all` leaves out.
    """
    found: list[SegmentOverlap] = []
    for key, other in _rules(asked.work, others, itself):
        both, size = asked.count(rule & other), asked.count(other)
        found.append(SegmentOverlap(key, asked.scaled(both), asked.scaled(size), asked.between(both)))
    return tuple(sorted(found, key=lambda one: (-one.both, one.key)))


def _rules(work: UnitOfWork, others: Others, itself: str | None) -> list[tuple[str, Rule]]:
    if others == "all":
        live = (one for one in work.segments.all() if not one.is_archived and one.key != itself)
        return [(one.key, rule_of(work, one)) for one in sorted(live, key=lambda one: one.key)]
    named = [others] if isinstance(others, str | Segment) else given_list(others, "overlap", _OTHERS)
    return [(one.key if isinstance(one, Segment) else one, rule_of(work, one)) for one in named]


def overlaps_table(overlaps: Sequence[SegmentOverlap], members: int) -> Table:
    """Return the other segments with what they have in common.

    Args:
        overlaps: The other segments.
        members: How many members there are.
    """

    def share(part: int, whole: int) -> str | None:
        return percent(part / whole) if whole else None

    rows = [(one.key, one.both, share(one.both, members), share(one.both, one.other)) for one in overlaps]
    columns = ("also in", "members", Column("of these", "right"), Column("of that one", "right"))
    return Table.of(columns, rows, title="Overlap")
