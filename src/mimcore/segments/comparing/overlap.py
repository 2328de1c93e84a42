"""Whom several segments have in common: every combination, counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from mimcore.display import Column, Svg, Table, count, percent, utc_minute
from mimcore.display.sets import combinations as chart_of_sets
from mimcore.display.style import fragment
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.segments.references import rule_of

__all__ = ["Overlap", "overlap"]

_MOST = 10
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whom several segments have in common; it prints itself as text and HTML.

    Attributes:
        at: The instant.
        sizes: Members of each segment, by its key, in the order given.
        combinations: Keys of a combination, and how many are in those segments and in no other of them; the greatest
            first, and none that is empty. They add up to all who are in any.
    """

    at: datetime
    sizes: dict[str, int]
    combinations: tuple[tuple[tuple[str, ...], int], ...]

    @property
    def total(self) -> int:
        """How many are in any of them."""
        return sum(number for _, number in self.combinations)

    def both(self, one: str, other: str) -> int:
        """Return how many are in both of two segments."""
        return sum(number for keys, number in self.combinations if one in keys and other in keys)

    def similarity(self, one: str, other: str) -> float | None:
        """Return the share of those in either who are in both (Jaccard), 0-1; None where both are empty."""
        both = self.both(one, other)
        either = self.sizes[one] + self.sizes[other] - both
        return both / either if either else None

    def table(self) -> Table:
        """A line for each combination."""
        rows = [
            (" + ".join(keys) if len(keys) > 1 else f"only {''.join(keys)}", number, percent(number / self.total))
            for keys, number in self.combinations
        ]
        sizes = " · ".join(f"{key} {count(size)}" for key, size in self.sizes.items())
        caption = f"{sizes} · {utc_minute(self.at)}"
        return Table.of(("in exactly", "contacts", Column("share", "right")), rows, title="Overlap", caption=caption)

    def pairs(self) -> Table:
        """A line for each two segments that have somebody in common."""
        rows = [
            (one, other, both, percent(both / self.sizes[one]), percent(both / self.sizes[other]))
            for one, other in combinations(self.sizes, 2)
            if (both := self.both(one, other))
        ]
        shares = [Column(name, "right") for name in ("of the first", "of the second")]
        return Table.of(("first", "second", "both", *shares), rows, title="Two by two")

    def chart(self) -> Svg:
        """The combinations as a chart, the greatest ones if they are many."""
        places = {key: index for index, key in enumerate(self.sizes)}
        rows = [(frozenset(places[key] for key in keys), number) for keys, number in self.combinations[:_ROWS]]
        return chart_of_sets("Overlap", self.sizes.items(), rows)

    def __str__(self) -> str:
        """Both tables as text."""
        return f"{self.table()}\n\n{self.pairs()}"

    def _repr_html_(self) -> str:
        return fragment(self.chart().html() + self.table().html() + self.pairs().html())


def overlap(work: UnitOfWork, segments: Sequence[Segment | str], at: datetime) -> Overlap:
    """Count every combination of some segments.

    Args:
        work: Open unit of work.
        segments: Two to ten segments or their keys.
        at: Instant of evaluation.

    Raises:
        InvalidValueError: If they are fewer or more.
    """
    keys = list(dict.fromkeys(one.key if isinstance(one, Segment) else one for one in segments))
    if not 2 <= len(keys) <= _MOST or len(keys) != len(segments):
        raise InvalidValueError("segments", "cannot be compared so", f"name 2 to {_MOST} different segments")
    sizes: dict[str, int] = {}
    inside: dict[UUID, int] = {}
    for index, (key, one) in enumerate(zip(keys, segments, strict=True)):
        ids = work.contacts.ids(rule_of(work, one), now=at)
        sizes[key] = len(ids)
        for contact in ids:
            inside[contact] = inside.get(contact, 0) | 1 << index
    counted = Counter(inside.values())
    named = [
        (tuple(key for index, key in enumerate(keys) if mask >> index & 1), number) for mask, number in counted.items()
    ]
    return Overlap(at, sizes, tuple(sorted(named, key=lambda one: (-one[1], len(one[0]), one[0]))))
