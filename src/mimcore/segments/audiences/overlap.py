"""How many people two frozen audiences share, group by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mimcore.display import Column, Table
from mimcore.display.showing import Tabled
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.segments.audiences.freezing import audience_of
from mimcore.segments.audiences.standing import grouped
from mimcore.segments.audiences.terms import Terms

__all__ = ["AudienceOverlap", "overlap_of"]


@dataclass(frozen=True, slots=True)
class AudienceOverlap(Tabled):
    """How many people are in which group of two audiences; whoever is in none of both is not counted.

    Attributes:
        first: Key of the one audience.
        second: Key of the other one.
        counts: People by their group in the one and in the other; None for those who are not in it.
    """

    first: str
    second: str
    groups: tuple[tuple[str, ...], tuple[str, ...]]
    counts: Mapping[tuple[str | None, str | None], int]

    def __getitem__(self, groups: tuple[str | None, str | None]) -> int:
        """How many people are in a group of the one and a group of the other; None means: in none of its groups."""
        return self.counts.get(groups, 0)

    @property
    def shared(self) -> int:
        """How many people are in a group of both."""
        return sum(number for groups, number in self.counts.items() if None not in groups)

    def table(self) -> Table:
        """A row for each group of the one, a column for each group of the other."""
        mine, theirs = self.groups
        rows = [
            (one or f"not in {self.first}", *(self[one, two] for two in theirs), self[one, None] if one else "")
            for one in (*mine, None)
        ]
        names: tuple[str | Column, ...] = (self.first, *theirs, Column(f"not in {self.second}", "right"))
        return Table.of(names, rows, title=f"People of '{self.first}' in '{self.second}'")


def overlap_of(work: UnitOfWork, first: str, second: str) -> AudienceOverlap:
    """Count the people of two frozen audiences by their groups; merged records count once.

    Args:
        work: Open unit of work.
        first: Key of the one audience.
        second: Key of the other one.

    Raises:
        NotFoundError: If there is no audience of a key.
    """
    audiences = [audience_of(work, key) for key in (first, second)]
    mine, theirs = (grouped(work, work.transaction.audiences.members(one.id)) for one in audiences)
    counts = Counter(
        (mine[one].group if one in mine else None, theirs[one].group if one in theirs else None)
        for one in {*mine, *theirs}
    )
    one, two = (Terms.from_data(record.terms).split.groups for record in audiences)
    return AudienceOverlap(first, second, (one, two), counts)
