"""Rates and their uncertainty in closed form: intervals, tests, corrections, sample size.

Everything here is arithmetic on counts; the standard library's `statistics.NormalDist` is enough. Not here: means of
money or time, and any model that has to be fitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from mimcore.errors import InvalidValueError
from mimcore.values.rates import Interval, check_counts, critical_value, wilson_interval

__all__ = [
    "Interval",
    "holm",
    "newcombe_interval",
    "probability_better",
    "sample_size_per_arm",
    "two_proportion_p",
    "wilson_interval",
]

_NORMAL = NormalDist()


def newcombe_interval(successes_a: int, n_a: int, successes_b: int, n_b: int, *, confidence: float = 0.95) -> Interval:
    """Return Newcombe's hybrid-score interval of the difference of two rates, B − A (Newcombe 1998, method 10).

    Args:
        successes_a: Successes of A.
        n_a: Trials of A, at least 1.
        successes_b: Successes of B.
        n_b: Trials of B, at least 1.
        confidence: Coverage, strictly between 0 and 1.

    Returns:
        Lower and upper end of rate B − rate A, between −1 and 1.

    Raises:
        InvalidValueError: If counts or confidence make no sense.

    Examples:
        >>> interval = newcombe_interval(48, 80, 56, 70)
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (0.0524, 0.3339)
    """
    a = wilson_interval(successes_a, n_a, confidence=confidence)
    b = wilson_interval(successes_b, n_b, confidence=confidence)
    rate_a, rate_b = successes_a / n_a, successes_b / n_b
    down = math.hypot(rate_b - b.lower, a.upper - rate_a)
    up = math.hypot(b.upper - rate_b, rate_a - a.lower)
    return Interval(rate_b - rate_a - down, rate_b - rate_a + up)


def two_proportion_p(successes_a: int, n_a: int, successes_b: int, n_b: int) -> float:
    """Return the two-sided p of the pooled two-proportion z-test.

    Args:
        successes_a: Successes of A.
        n_a: Trials of A, at least 1.
        successes_b: Successes of B.
        n_b: Trials of B, at least 1.

    Returns:
        p between 0 and 1; 1.0 if nobody or everybody succeeded in both (nothing speaks for a difference).

    Raises:
        InvalidValueError: If the counts make no sense.

    Examples:
        >>> round(two_proportion_p(200, 10_000, 250, 10_000), 7)
        0.0171258
    """
    check_counts(successes_a, n_a, "counts of A")
    check_counts(successes_b, n_b, "counts of B")
    pooled = (successes_a + successes_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    if variance == 0:
        return 1.0
    z = (successes_b / n_b - successes_a / n_a) / math.sqrt(variance)
    return math.erfc(abs(z) / math.sqrt(2))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p values for having asked several questions (Holm 1979), in the order given.

    Args:
        p_values: Each between 0 and 1; an empty sequence gives an empty tuple.

    Returns:
        Adjusted p values: reject where one is below the level, and the chance of any false rejection stays below it.

    Raises:
        InvalidValueError: If a p value lies outside 0..1.

    Examples:
        >>> [round(p, 6) for p in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
    """
    if any(not 0.0 <= p <= 1.0 for p in p_values):
        raise InvalidValueError("p_values", "must lie between 0 and 1")
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


def probability_better(successes_a: int, n_a: int, successes_b: int, n_b: int) -> float:
    """Return the probability that B's true rate is above A's, with uniform priors (Evan Miller's closed form).

    Args:
        successes_a: Successes of A.
        n_a: Trials of A; 0 is allowed and means that only the prior speaks.
        successes_b: Successes of B.
        n_b: Trials of B; 0 as above.

    Returns:
        Probability 0-1; 0.5 if the counts are the same.

    Raises:
        InvalidValueError: If successes lie outside 0..n.

    Examples:
        >>> round(probability_better(200, 10_000, 250, 10_000), 7)
        0.9914228
    """
    for successes, n in ((successes_a, n_a), (successes_b, n_b)):
        if (successes, n) != (0, 0):
            check_counts(successes, n)
    a, a_failed = successes_a + 1, n_a - successes_a + 1
    b, b_failed = successes_b + 1, n_b - successes_b + 1
    # B above A is: A not above B; and A's failures above B's failures. The shortest of the four sums is taken.
    shortest = min(a, a_failed, b, b_failed)
    if shortest == b:
        return _beta_above(a, a_failed, b, b_failed)
    if shortest == a:
        return 1 - _beta_above(b, b_failed, a, a_failed)
    if shortest == a_failed:
        return _beta_above(b_failed, b, a_failed, a)
    return 1 - _beta_above(a_failed, a, b_failed, b)


def _log_beta(a: int, b: int) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _beta_above(a: int, a_failed: int, b: int, b_failed: int) -> float:
    """P(Beta(b, b_failed) > Beta(a, a_failed)), a sum of b terms."""
    prior = _log_beta(a, a_failed)
    terms = (
        math.exp(_log_beta(a + i, a_failed + b_failed) - _log_beta(1 + i, b_failed) - prior) / (b_failed + i)
        for i in range(b)
    )
    return min(1.0, math.fsum(terms))


def sample_size_per_arm(rate_a: float, rate_b: float, *, power: float = 0.8, confidence: float = 0.95) -> int:
    """Return how many people each arm needs to show a difference between two rates (two-sided, normal approximation).

    Args:
        rate_a: Expected rate of A, strictly between 0 and 1.
        rate_b: Expected rate of B, strictly between 0 and 1 and different from A's.
        power: Chance of showing a difference that is there, strictly between 0 and 1.
        confidence: 1 − chance of showing one that is not there.

    Returns:
        People per arm, rounded up.

    Raises:
        InvalidValueError: If a rate, the power or the confidence is out of range or the rates are equal.

    Examples:
        >>> sample_size_per_arm(0.05, 0.06)
        8158
    """
    if not (0 < rate_a < 1 and 0 < rate_b < 1) or rate_a == rate_b:
        raise InvalidValueError("rates", "must be two different rates strictly between 0 and 1")
    if not 0 < power < 1:
        raise InvalidValueError("power", "must lie strictly between 0 and 1", "0.8 is usual")
    mean = (rate_a + rate_b) / 2
    spread = rate_a * (1 - rate_a) + rate_b * (1 - rate_b)
    root = critical_value(confidence) * math.sqrt(2 * mean * (1 - mean)) + _NORMAL.inv_cdf(power) * math.sqrt(spread)
    return math.ceil(root**2 / (rate_b - rate_a) ** 2)
