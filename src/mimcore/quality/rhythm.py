"""How often to refresh, so that no more than a target share is wrong: per source, over the mix of what it brings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mimcore.display import Table, count, percent
from mimcore.display.showing import Tabled
from mimcore.domain.source import Source
from mimcore.quality.decay import TARGET
from mimcore.quality.tallies import Cell, Tally, weight_of

__all__ = ["Rhythm", "SourceRhythm", "refresh_interval", "rhythm_of"]

Mix = Sequence[tuple[float, float]]
"""Weights of values, each with the half-life in days of its pool."""
_LONGEST_DAYS = 100_000.0


@dataclass(frozen=True, slots=True)
class SourceRhythm:
    """How often one source must be refreshed.

    Attributes:
        source: Its key.
        values: How many values it brought.
        average_days: Interval at which the decayed share, averaged over the cycle, is the target; None if its values
            are not reliable enough for that when they arrive.
        worst_days: Interval at which the share just before a refresh is the target; None likewise.
        planned_days: Its rhythm as it stands in the catalogue.
    """

    source: str
    values: int
    average_days: float | None
    worst_days: float | None
    planned_days: int | None

    @property
    def is_enough(self) -> bool | None:
        """Whether the rhythm as planned holds the target on average; None without one."""
        if self.planned_days is None:
            return None
        return self.average_days is not None and self.planned_days <= self.average_days


@dataclass(frozen=True, slots=True)
class Rhythm(Tabled):
    """How often each source must be refreshed, the most urgent first."""

    sources: tuple[SourceRhythm, ...]
    target: float = TARGET

    def __getitem__(self, source: str) -> SourceRhythm:
        """Return a source's rhythm; KeyError if it brought nothing."""
        return {one.source: one for one in self.sources}[source]

    def table(self) -> Table:
        """Sources with the interval that holds the target, and the one that is planned."""
        rows = [
            (
                one.source,
                one.values,
                _days(one.average_days),
                _days(one.worst_days),
                _days(one.planned_days),
                _word(one),
            )
            for one in self.sources
        ]
        caption = f"days between refreshes that hold a decayed share of {percent(self.target)}"
        columns = ("source", "values", "on average", "at worst", "planned", "enough")
        return Table.of(columns, rows, title="How often to refresh", caption=caption)


def _days(days: float | None) -> str:
    return "–" if days is None else count(int(days))


def _word(one: SourceRhythm) -> str:
    return "–" if one.is_enough is None else "yes" if one.is_enough else "no"


def refresh_interval(
    mix: Mix, *, target: float = TARGET, reliability: float = 1.0, worst: bool = False
) -> float | None:
    """Return the longest interval in days between refreshes at which the decayed share is at most the target.

    Refreshed every τ, values that start at reliability r have on average D = 1 − r·(1 − e^(−λτ))/(λτ), and just before
    a refresh D = 1 − r·e^(−λτ); of a mix, the weighted mean.

    Args:
        mix: Weights with half-lives in days.
        target: Decayed share, 0-1.
        reliability: Probability that a value is right when it has just been refreshed.
        worst: Whether the moment before a refresh must hold the target, not the average.

    Returns:
        Days; None if not even a value just refreshed is that good.

    Examples:
        HubSpot's 22.5 % a year, a half-life of 993 days: 148 days on average, 74 for the worst record.

        >>> [round(refresh_interval([(1.0, 993.0)], worst=worst) or 0, 1) for worst in (False, True)]
        [148.2, 73.5]
    """
    total = sum(weight for weight, _ in mix)

    def share(days: float) -> float:
        held = sum(weight * _held(math.log(2) / half_life * days, worst=worst) for weight, half_life in mix)
        return 1 - reliability * held / total

    if total <= 0 or share(0.0) > target:
        return None
    low, high = 0.0, 1.0
    while share(high) <= target and high < _LONGEST_DAYS:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) <= target else (low, middle)
    return low


def _held(decays: float, *, worst: bool) -> float:
    """Return which share is right after a cycle, or over it, that so many mean lives fit into."""
    if worst:
        return math.exp(-decays)
    return 1 - decays / 2 if decays < 1e-6 else -math.expm1(-decays) / decays


def rhythm_of(
    cells: Mapping[Cell, Tally], half_lives: Mapping[str, float], sources: Iterable[Source], target: float
) -> Rhythm:
    """Return how often each source must be refreshed.

    Args:
        cells: Values by source and pool.
        half_lives: Half-life in days by pool.
        sources: The catalogue.
        target: Decayed share that is aimed at.
    """
    known = {source.key: source for source in sources}
    found: dict[str, list[tuple[Cell, Tally]]] = {}
    for cell, tally in cells.items():
        found.setdefault(cell.source, []).append((cell, tally))
    made = [_rhythm(parts, half_lives, known.get(name) or Source(key=name), target) for name, parts in found.items()]
    return Rhythm(tuple(sorted(made, key=lambda one: (one.average_days or 0.0, one.source))), target)


def _rhythm(
    parts: Iterable[tuple[Cell, Tally]], half_lives: Mapping[str, float], source: Source, target: float
) -> SourceRhythm:
    listed = list(parts)
    mix = [(weight_of(cell.attribute) * tally.values, half_lives[cell.pool]) for cell, tally in listed]
    average, worst = (
        refresh_interval(mix, target=target, reliability=source.reliability, worst=one) for one in (False, True)
    )
    return SourceRhythm(source.key, sum(tally.values for _, tally in listed), average, worst, source.refresh_days)
