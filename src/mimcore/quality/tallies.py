"""Adding up states of values: one tally for each kind of value, from which any grouping is put together."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from statistics import median
from typing import NamedTuple
from uuid import UUID

from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.language.pools import PRIMARY_FIELDS

__all__ = ["AGE_BANDS", "UNDATED_BAND", "Ages", "Cell", "Tally", "band_of", "tallied", "weight_of"]

_MOST_EXACT = 50_000
_YEAR = 365.25
AGE_BANDS: tuple[tuple[float, str], ...] = (
    (_YEAR / 4, "under 3 months"),
    (_YEAR / 2, "3 to 6 months"),
    (_YEAR, "6 to 12 months"),
    (2 * _YEAR, "1 to 2 years"),
    (3 * _YEAR, "2 to 3 years"),
    (float("inf"), "3 years and more"),
)
"""Ages in days below which a value belongs to a band, and the band's name."""
UNDATED_BAND = "undated"


class Cell(NamedTuple):
    """What values are told apart by."""

    attribute: str
    source: str
    pool: str
    band: str
    segments: tuple[str, ...]


class Ages:
    """Ages in days with their median: exact for the first 50 000, to the day beyond that, in bounded memory."""

    def __init__(self) -> None:
        """Begin without any."""
        self.exact = array("d")
        self.days: Counter[int] = Counter()

    def add(self, days: float) -> None:
        """Count one."""
        if len(self.exact) < _MOST_EXACT:
            self.exact.append(days)
        else:
            self.days[round(days)] += 1

    @staticmethod
    def median(parts: Iterable[Ages]) -> float | None:
        """Return the median of several together; None without any."""
        listed = list(parts)
        exact = [age for part in listed for age in part.exact]
        rounded = sum((part.days for part in listed), Counter[int]())
        if not rounded:
            return median(exact) if exact else None
        counted = rounded + Counter(round(age) for age in exact)
        middle, seen = (sum(counted.values()) + 1) / 2, 0
        for day in sorted(counted):
            seen += counted[day]
            if seen >= middle:
                return float(day)
        raise AssertionError("a median lies among the values")


@dataclass(slots=True)
class Tally:
    """What is added up over values.

    Attributes:
        values: How many.
        undated: Of which nobody knows since when.
        weight: Weights of the dated ones.
        wrong: Weights of the dated ones, each by the probability that it is wrong.
        ages: Ages of the dated ones.
    """

    values: int = 0
    undated: int = 0
    weight: float = 0.0
    wrong: float = 0.0
    ages: Ages = field(default_factory=Ages)


@cache
def weight_of(attribute: str) -> float:
    """Return the weight of an attribute's values in the decayed share."""
    name = PRIMARY_FIELDS.get(attribute, attribute)
    catalogue = default_catalogue()
    return catalogue[name].weight if name in catalogue else 1.0


def band_of(days: float) -> str:
    """Return the name of the band that an age belongs to."""
    return next(name for below, name in AGE_BANDS if days < below)


def tallied(
    states: Iterable[FreshnessState],
    half_lives: Mapping[str, float],
    now: datetime,
    segments: Mapping[str, frozenset[UUID]],
) -> tuple[dict[Cell, Tally], Counter[str]]:
    """Add up states, one after the other.

    Args:
        states: Contact by contact.
        half_lives: Half-life in days by pool.
        now: Aware instant.
        segments: Ids of the contacts in each segment.

    Returns:
        Tallies; and of how many contacts each attribute is known.
    """
    cells: dict[Cell, Tally] = {}
    known: Counter[str] = Counter()
    owner: UUID | None = None
    theirs: set[str] = set()
    inside: tuple[str, ...] = ()
    for state in states:
        if state.contact_id != owner:
            known.update(theirs)
            owner, theirs = state.contact_id, set()
            inside = tuple(name for name, ids in segments.items() if owner in ids) if segments else ()
        theirs.add(state.attribute)
        _add(cells, state, half_lives, now, inside)
    known.update(theirs)
    return cells, known


def _add(
    cells: dict[Cell, Tally],
    state: FreshnessState,
    half_lives: Mapping[str, float],
    now: datetime,
    inside: tuple[str, ...],
) -> None:
    if state.key is None:
        tally = _tally(cells, state, UNDATED_BAND, inside)
        tally.values += 1
        tally.undated += 1
        return
    seen = state.confirmed_at or state.observed_at or state.ref_at  # being found doubtful is not being seen
    days = 0.0 if seen is None else (now - seen) / _DAY
    tally, weight = _tally(cells, state, band_of(days), inside), weight_of(state.attribute)
    tally.values += 1
    tally.weight += weight
    tally.wrong += weight * (1 - freshness_at(state.key, now, half_lives[state.pool]))
    tally.ages.add(days)


def _tally(cells: dict[Cell, Tally], state: FreshnessState, band: str, inside: tuple[str, ...]) -> Tally:
    cell = Cell(state.attribute, state.source, state.pool, band, inside)
    found = cells.get(cell)
    if found is None:
        found = cells[cell] = Tally()
    return found


_DAY = timedelta(days=1)
