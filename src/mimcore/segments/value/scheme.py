"""How recency, frequency and monetary value become scores: bands by rank or with fixed limits, and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from mimcore.errors import InvalidValueError
from mimcore.segments.value.bands import bands_by_cuts, bands_by_rank
from mimcore.segments.value.purchases import CustomerT

__all__ = ["NAMES", "RfmFigures", "RfmScheme", "RfmScore"]

Bands: TypeAlias = int | Sequence[float | Decimal]
"""A number of bands by rank, or inclusive upper ends."""

_MOST_BANDS = 9
_GRID: Mapping[str, str] = {
    "champions": "54 55",
    "loyal": "34 35 44 45",
    "potential loyal": "42 43 52 53",
    "new": "51",
    "promising": "41",
    "need attention": "33",
    "about to sleep": "31 32",
    "cannot lose": "15 25",
    "at risk": "13 14 23 24",
    "hibernating": "11 12 21 22",
}
NAMES: Mapping[str, str] = MappingProxyType({cell: name for name, cells in _GRID.items() for cell in cells.split()})
"""Names of the twenty-five pairs of a recency and a frequency score, as they are taught with the Online Retail data."""


@dataclass(frozen=True, slots=True)
class RfmFigures:
    """What is scored.

    Attributes:
        recency: Days since the last purchase, or another unit where the figures come from elsewhere.
        frequency: Number of purchase days.
        monetary: Money spent, refunds subtracted.
    """

    recency: float
    frequency: float
    monetary: Decimal | float


@dataclass(frozen=True, slots=True)
class RfmScore:
    """Scores of one customer.

    Examples:
        >>> RfmScore(5, 4, 5).code
        '545'
    """

    recency: int
    frequency: int
    monetary: int

    @property
    def code(self) -> str:
        """The three scores as they are usually written, for example '555' for the best customers."""
        return f"{self.recency}{self.frequency}{self.monetary}"


@dataclass(frozen=True)
class RfmScheme:
    """How scores are made; quintiles by rank unless told otherwise.

    Attributes:
        recency: A number of bands by rank, or the inclusive upper ends of fixed bands, increasing.
        frequency: The same for purchase days.
        monetary: The same for money.
        is_recent_highest: Whether the most recent customers get the highest score, as usual, or a 1.
        names: Name of each pair of a recency and a frequency score, such as `{"55": "champions"}`; the published names
            where both have five bands and the best is highest, unless given.

    Raises:
        InvalidValueError: If there are more than nine bands or fewer than one, or the limits do not increase.

    Examples:
        >>> RfmScheme(recency=(30, 90), frequency=(1, 3), monetary=(100, 500)).score(RfmFigures(12, 4, 230)).code
        '332'
    """

    recency: Bands = 5
    frequency: Bands = 5
    monetary: Bands = 5
    is_recent_highest: bool = True
    names: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse bands that are none."""
        for name, bands in (("recency", self.recency), ("frequency", self.frequency), ("monetary", self.monetary)):
            if not 1 <= _number(bands) <= _MOST_BANDS:
                raise InvalidValueError(name, "has too many bands or none", "use 1 to 9 bands")
            if not isinstance(bands, int):
                bands_by_cuts((), bands)

    @property
    def is_fixed(self) -> bool:
        """Whether a customer's score does not depend on the others."""
        return not any(isinstance(one, int) for one in (self.recency, self.frequency, self.monetary))

    def scores(self, figures: Mapping[CustomerT, RfmFigures]) -> dict[CustomerT, RfmScore]:
        """Score customers, relative to each other where bands go by rank; equal figures get equal scores.

        Args:
            figures: By customer.
        """
        given = list(figures.values())
        recency = self._recency([one.recency for one in given])
        frequency = _banded([one.frequency for one in given], self.frequency)
        monetary = _banded([one.monetary for one in given], self.monetary)
        return {who: RfmScore(*three) for who, *three in zip(figures, recency, frequency, monetary, strict=True)}

    def score(self, figures: RfmFigures) -> RfmScore:
        """Score one customer by fixed bands.

        Raises:
            InvalidValueError: If a score depends on the other customers.
        """
        if not self.is_fixed:
            raise InvalidValueError("scheme", "bands by rank", "give limits for all three figures, or use scores(...)")
        return self.scores({0: figures})[0]

    def name_of(self, score: RfmScore) -> str | None:
        """Return the name of a score; None where the scheme has none for it."""
        return self.all_names.get(f"{score.recency}{score.frequency}")

    @property
    def all_names(self) -> Mapping[str, str]:
        """The names, by the recency and the frequency score."""
        if self.names is not None:
            return self.names
        has_grid = _number(self.recency) == _number(self.frequency) == 5 and self.is_recent_highest
        return NAMES if has_grid else {}

    def _recency(self, days: list[float]) -> Sequence[int]:
        if isinstance(self.recency, int):
            return bands_by_rank(days, bands=self.recency, highest_first=self.is_recent_highest)
        bands = bands_by_cuts(days, self.recency)
        return [len(self.recency) + 2 - one for one in bands] if self.is_recent_highest else bands


def _number(bands: Bands) -> int:
    return bands if isinstance(bands, int) else len(bands) + 1


def _banded(values: Sequence[Any], bands: Bands) -> Sequence[int]:
    return bands_by_rank(values, bands=bands) if isinstance(bands, int) else bands_by_cuts(values, bands)
