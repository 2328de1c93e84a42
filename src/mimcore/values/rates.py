"""A rate and its uncertainty: the interval that a count of successes leaves open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from mimcore.errors import InvalidValueError

__all__ = ["Interval", "check_counts", "critical_value", "wilson_interval"]

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of plausible values, in the unit of the quantity it belongs to.

    Examples:
        >>> 0.0 in Interval(-0.1, 0.2)
        True
    """

    lower: float
    upper: float

    def __contains__(self, value: float) -> bool:
        """Tell whether a value lies in the interval, ends included."""
        return self.lower <= value <= self.upper


def check_counts(successes: int, n: int, field: str = "counts") -> None:
    """Refuse counts that are not a number of successes among n trials.

    Args:
        successes: How many succeeded.
        n: How many there were.
        field: Name used in the error.

    Raises:
        InvalidValueError: If n is not positive, or successes lie outside 0..n, or either is not a whole number.
    """
    if not (_is_whole(successes) and _is_whole(n)):
        raise InvalidValueError(field, "must be whole numbers", "give successes and n as int")
    if n < 1:
        raise InvalidValueError(field, "needs at least one observation", "a rate of nothing is missing, not zero")
    if not 0 <= successes <= n:
        raise InvalidValueError(field, "successes must lie between 0 and n", "check which number is which")


def _is_whole(count: object) -> bool:
    return isinstance(count, int) and not isinstance(count, bool)


def critical_value(confidence: float) -> float:
    """Return the two-sided normal critical value z, for example 1.96 for 0.95.

    Args:
        confidence: Between 0 and 1, both excluded.

    Returns:
        z > 0.

    Raises:
        InvalidValueError: If the confidence is not strictly between 0 and 1.

    Examples:
        >>> round(critical_value(0.95), 4)
        1.96
    """
    if not 0.0 < confidence < 1.0:
        raise InvalidValueError("confidence", "must lie strictly between 0 and 1", "0.95 is usual")
    return _NORMAL.inv_cdf(0.5 + confidence / 2)


def wilson_interval(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Return the Wilson score interval of a rate (Wilson 1927, without continuity correction).

    It stays inside 0..1 and is honest for small n and for rates near 0 or 1, where the usual ± interval is not.

    Args:
        successes: How many of the n succeeded.
        n: Number of trials, at least 1.
        confidence: Coverage, strictly between 0 and 1.

    Returns:
        Lower and upper end, as rates 0-1.

    Raises:
        InvalidValueError: If the counts or the confidence make no sense.

    Examples:
        >>> interval = wilson_interval(3, 10)
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (0.1078, 0.6032)
    """
    check_counts(successes, n)
    z = critical_value(confidence)
    rate, shrink = successes / n, 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrink
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink
    # At 0 and n successes the end is exactly 0 or 1; rounding would leave 1e-17 there.
    return Interval(0.0 if successes == 0 else centre - half, 1.0 if successes == n else centre + half)
