"""Rates, intervals and bands, recomputed from their textbook formulas."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date

from demo.cast import TODAY, Cast, Customer

__all__ = ["comparison", "holm_adjusted", "rfm_codes"]

_Z = 1.959963984540054


def _wilson(k: int, n: int) -> tuple[float, float]:
    middle = (k + _Z**2 / 2) / (n + _Z**2)
    half = _Z / (n + _Z**2) * math.sqrt(k * (n - k) / n + _Z**2 / 4)
    return middle - half, middle + half


def comparison(a: tuple[int, int], b: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the difference b - a with Newcombe's interval (method 10), and the p value of the pooled z-test."""
    rate_a, rate_b = a[0] / a[1], b[0] / b[1]
    (low_a, high_a), (low_b, high_b) = _wilson(*a), _wilson(*b)
    low = rate_b - rate_a - math.hypot(rate_b - low_b, high_a - rate_a)
    high = rate_b - rate_a + math.hypot(high_b - rate_b, rate_a - low_a)
    pooled = (a[0] + b[0]) / (a[1] + b[1])
    error = math.sqrt(pooled * (1 - pooled) * (1 / a[1] + 1 / b[1]))
    p = math.erfc(abs(rate_b - rate_a) / error / math.sqrt(2)) if error else 1.0
    return rate_b - rate_a, low, high, p


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted for having asked so many questions."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, p_values[place] * (len(order) - rank)))
        adjusted[place] = highest
    return adjusted


def rfm_codes(cast: Cast) -> list[tuple[str, int]]:
    """Return how many customers have each code of recency, frequency and money, the most frequent first."""
    buyers = [one for one in cast.customers if one.purchases]
    recency = _bands([-(TODAY - max(_days(one))).days for one in buyers])
    frequency = _bands([len(_days(one)) for one in buyers])
    money = _bands([sum(bought.cents for bought in one.purchases) for one in buyers])
    codes = Counter(f"{r}{f}{m}" for r, f, m in zip(recency, frequency, money, strict=True))
    return sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))


def _days(one: Customer) -> set[date]:
    return {bought.at.date() for bought in one.purchases}


def _bands(values: Sequence[int]) -> list[int]:
    """Return five bands by the share of the others that are smaller."""
    smaller = {value: sum(other < value for other in values) for value in set(values)}
    return [1 + math.floor((5 - 1e-6) * smaller[value] / max(1, len(values) - 1)) for value in values]
