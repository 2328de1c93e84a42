"""The decayed share over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mimcore.display import Svg, Table, line, percent
from mimcore.display.style import fragment
from mimcore.quality.decay import TARGET

__all__ = ["DecayTrend"]


@dataclass(frozen=True, slots=True)
class DecayTrend:
    """What was presumed wrong on several days, as each of them saw it.

    Attributes:
        points: Instants with the decayed share of then; None where nothing dated was known.
        target: Decayed share that is aimed at.
    """

    points: tuple[tuple[datetime, float | None], ...]
    target: float = TARGET

    def __iter__(self) -> Iterator[tuple[datetime, float | None]]:
        """Instants with their shares."""
        return iter(self.points)

    def table(self) -> Table:
        """Days and shares."""
        rows = [(f"{at:%Y-%m-%d}", percent(share)) for at, share in self.points]
        caption = f"target: a decayed share of at most {percent(self.target)}"
        return Table.of(("day", "decayed share"), rows, title="Decayed share over time", caption=caption)

    def chart(self) -> Svg:
        """The shares as a line, with the target."""
        points = [(f"{at:%Y-%m-%d}", share) for at, share in self.points]
        return line("Decayed share over time", points, shown=percent, target=self.target)

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return fragment(self.chart().html() + self.table().html())
