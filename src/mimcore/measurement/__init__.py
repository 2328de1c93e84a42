"""What worked, how sure we are, and what customers are worth: rates with intervals, comparisons, RFM."""

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
from mimcore.measurement.rfm import (
    PurchaseSummary,
    RfmBands,
    bands_by_cuts,
    bands_by_rank,
    rfm_bands,
    summarise_purchases,
)

__all__ = [
    "Interval",
    "PurchaseSummary",
    "Rate",
    "RateComparison",
    "RfmBands",
    "bands_by_cuts",
    "bands_by_rank",
    "compare_rates",
    "holm",
    "newcombe_interval",
    "probability_better",
    "rfm_bands",
    "sample_size_per_arm",
    "summarise_purchases",
    "two_proportion_p",
    "wilson_interval",
]
