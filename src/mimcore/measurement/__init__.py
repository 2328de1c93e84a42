"""What worked, and how sure we are: rates with intervals, and comparisons."""

from __future__ import annotations

from mimcore.measurement.comparison import Rate, RateComparison, compare_rates
from mimcore.measurement.intervals import (
    Interval,
    holm,
    newcombe_interval,
    probability_better,
    sample_size_per_arm,
    two_proportion_p,
    wilson_interval,
)

__all__ = [
    "Interval",
    "Rate",
    "RateComparison",
    "compare_rates",
    "holm",
    "newcombe_interval",
    "probability_better",
    "sample_size_per_arm",
    "two_proportion_p",
    "wilson_interval",
]
