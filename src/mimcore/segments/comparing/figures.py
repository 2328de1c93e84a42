"""How a segment's values of one attribute differ from everybody's: shares with intervals, quantiles, one distance.

Distances lie between 0 (as everybody) and 1 (nothing in common): the total variation of shares, for words the greatest
difference of a share, for numbers the Kolmogorov–Smirnov distance. Everybody is taken as known, the segment as a sample
of what such people are like: its shares come with Wilson's interval (1927), its median with the order statistics that
enclose it (Conover, "Practical Nonparametric Statistics", 3.2), and a distance of numbers is clear if it is beyond the
5 % point of the Kolmogorov–Smirnov statistic in its form for large samples, 1.36/√n (Massey 1951).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mimcore.values.rates import Interval, critical_value, wilson_interval

__all__ = ["Quantiles", "ValueShare", "distance_of_numbers", "quantiles_of", "shares_of"]

_MASSEY = 1.36


@dataclass(frozen=True, slots=True)
class ValueShare:
    """One value of an attribute.

    Attributes:
        value: The value; None stands for all the others together.
        members: Members who have it.
        share: Their share of the members of whom the attribute is known, 0-1.
        interval: The 95 % interval of that share.
        everybody: The share of everybody of whom it is known.
    """

    value: str | None
    members: int
    share: float
    interval: Interval
    everybody: float

    @property
    def lift(self) -> float | None:
        """How many times as frequent it is in the segment; None where nobody has it."""
        return self.share / self.everybody if self.everybody else None

    @property
    def is_clear(self) -> bool:
        """Whether everybody's share lies outside the interval."""
        return self.everybody not in self.interval


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quarters of numbers.

    Attributes:
        low: A quarter of them is at most this.
        median: The middle.
        high: Three quarters are at most this.
        median_between: The 95 % interval of the median; None where they are everybody's.
    """

    low: float
    median: float
    high: float
    median_between: tuple[float, float] | None = None


def shares_of(
    members: Mapping[str, int], everybody: Mapping[str, int], known: tuple[int, int], least: int, *, has_rest: bool
) -> tuple[ValueShare, ...]:
    """Return the values, those that differ most first; rare ones together.

    Args:
        members: How many members have each value.
        everybody: How many of everybody have it.
        known: Of how many members, and of how many of everybody, the attribute is known; more than 0.
        least: A value stands alone if at least so many members have it, or would if they were as everybody.
        has_rest: Whether the others are told together: not where one person may have several values.
    """
    alone = [
        value
        for value, number in everybody.items()
        if max(members.get(value, 0), number * known[0] / known[1]) >= least
    ]
    counted = [(value, members.get(value, 0), everybody[value]) for value in alone]
    rest = sum(everybody.values()) - sum(number for _, _, number in counted)
    if has_rest and rest:
        inside = sum(members.values()) - sum(number for _, number, _ in counted)
        counted.append((None, inside, rest))  # type: ignore[arg-type]
    found = [
        ValueShare(value, inside, inside / known[0], wilson_interval(inside, known[0]), number / known[1])
        for value, inside, number in counted
    ]
    return tuple(
        sorted(found, key=lambda one: (one.value is None, -round(abs(one.share - one.everybody), 9), one.value or ""))
    )


def quantiles_of(numbers: Sequence[float], *, has_interval: bool = False) -> Quantiles:
    """Return the quarters of sorted numbers, by the inverse of their distribution: each is one of the numbers.

    Args:
        numbers: At least one, in order.
        has_interval: Whether the interval of the median is wanted.

    Examples:
        >>> quantiles_of([1, 2, 3, 4, 5, 6, 7, 8])
        Quantiles(low=2, median=4, high=6, median_between=None)
    """
    low, median, high = (numbers[max(0, math.ceil(len(numbers) * part) - 1)] for part in (0.25, 0.5, 0.75))
    return Quantiles(low, median, high, _around_median(numbers) if has_interval else None)


def _around_median(numbers: Sequence[float]) -> tuple[float, float]:
    """Return the order statistics r and s of Conover's approximation for large samples, rounded outwards."""
    n = len(numbers)
    half = critical_value(0.95) * math.sqrt(n) / 2
    first, last = math.floor(n / 2 - half), math.ceil(n / 2 + half) + 1
    return numbers[max(0, first - 1)], numbers[min(n - 1, last - 1)]


def distance_of_numbers(members: Sequence[float], everybody: Sequence[float]) -> tuple[float, bool]:
    """Return the Kolmogorov–Smirnov distance of two sorted lists, and whether it is clear.

    Examples:
        >>> distance_of_numbers([1, 2], [1, 2, 3, 4])
        (0.5, False)
    """
    places = sorted({*members, *everybody})
    distance = max(
        abs(bisect_right(members, one) / len(members) - bisect_right(everybody, one) / len(everybody)) for one in places
    )
    return distance, distance > _MASSEY / math.sqrt(len(members))


def distance_of_shares(shares: Sequence[ValueShare], *, is_single: bool) -> float:
    """Return how far shares are apart.

    Args:
        shares: The values.
        is_single: Whether each person has one value.
    """
    apart = [abs(one.share - one.everybody) for one in shares]
    return sum(apart) / 2 if is_single else max(apart, default=0.0)
