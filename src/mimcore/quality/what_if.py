"""The what-if curve: what the decayed share becomes, the more is checked in the order of the plan."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mimcore.display import Svg, Table, line, number, percent

__all__ = ["Curve", "Point"]

_SHOWN = 10


class Point(NamedTuple):
    """How far a number of checks goes.

    Attributes:
        checks: Number of checks.
        cost: What they cost together.
        decayed_share: Decayed share once they are made, 0-1.
    """

    checks: int
    cost: float
    decayed_share: float


class Curve(Sequence[Point]):
    """The decayed share after 0, 1, 2, … checks, the most useful first: a replay of the sorted cumulative sum."""

    def __init__(self, before: float, steps: Iterable[tuple[float, float]]) -> None:
        """Add up.

        Args:
            before: Decayed share now.
            steps: Of each check in order: what it costs, and by how much it lowers the share.
        """
        self._costs, self._shares = array("d", [0.0]), array("d", [before])
        for cost, lowers in steps:
            self._costs.append(self._costs[-1] + cost)
            self._shares.append(max(0.0, self._shares[-1] - lowers))

    def __len__(self) -> int:
        """How many points there are: one more than checks."""
        return len(self._shares)

    def __getitem__(self, checks: int) -> Point:  # type: ignore[override]
        """Return the point after so many checks."""
        at = range(len(self))[checks]
        return Point(at, self._costs[at], self._shares[at])

    def within(self, cost: float) -> Point:
        """Return the last point that costs at most so much."""
        return self[bisect_right(self._costs, cost + 1e-9) - 1]

    def reaching(self, share: float) -> Point | None:
        """Return the first point at which the decayed share is at most so much; None if no number of checks is enough.

        Args:
            share: Such as 0.05.
        """
        at = bisect_left(self._shares, -share, key=lambda value: -value)
        return self[at] if at < len(self) else None

    def table(self, checks: Iterable[int] | None = None) -> Table:
        """Some points of the curve.

        Args:
            checks: After how many checks; some that are evenly far apart unless given.
        """
        points = [self[min(one, len(self) - 1)] for one in (self._some() if checks is None else checks)]
        rows = [(one.checks, number(one.cost), percent(one.decayed_share)) for one in points]
        return Table.of(("checks", "cost", "decayed share"), rows, title="What if so much is checked")

    def chart(self, target: float) -> Svg:
        """The curve with the target as a line."""
        points = [(f"{one} checks" if one else "now", self[one].decayed_share) for one in self._some()]
        return line("Decayed share by checks made", points, shown=percent, target=target)

    def _some(self) -> list[int]:
        last = len(self) - 1
        return sorted({round(last * step / _SHOWN) for step in range(_SHOWN + 1)})

    def __str__(self) -> str:
        """Some points as a table."""
        return str(self.table())
