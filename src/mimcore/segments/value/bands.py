"""Bands of values: by rank among the others, equal ones together, or by fixed cut points."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from mimcore.errors import InvalidValueError

__all__ = ["bands_by_cuts", "bands_by_rank"]


def bands_by_rank(values: Sequence[Any], *, bands: int = 5, highest_first: bool = False) -> tuple[int, ...]:
    """Band values by their rank among the others; equal values always share a band (unlike SQL's `ntile`).

    The band is `1 + floor((bands − 0.000001) · percent_rank)`, with SQL's `percent_rank`.

    Args:
        values: What to band; of one orderable kind, no missing ones. An empty sequence gives an empty tuple.
        bands: Number of bands, at least 1.
        highest_first: Whether the highest value gets band 1 instead of the last band.

    Returns:
        A band 1..bands per value, in the order given. With many ties some bands stay empty.

    Raises:
        InvalidValueError: If the number of bands is below 1.

    Examples:
        >>> bands_by_rank([1, 1, 1, 2, 9])
        (1, 1, 1, 4, 5)
    """
    if bands < 1:
        raise InvalidValueError("bands", "must be at least 1")
    counts = Counter(values)
    ordered = sorted(counts, reverse=highest_first)
    before = accumulate((counts[value] for value in ordered), initial=0)
    others = max(len(values) - 1, 1)
    band = {
        value: 1 + math.floor((bands - 1e-6) * (rank / others)) for value, rank in zip(ordered, before, strict=False)
    }
    return tuple(band[value] for value in values)


def bands_by_cuts(values: Iterable[Any], cuts: Sequence[Any]) -> tuple[int, ...]:
    """Band values by fixed cut points: band 1 up to and including the first cut, and so on.

    Args:
        values: What to band, comparable with the cuts.
        cuts: Strictly increasing upper ends; what lies above the last gets band len(cuts) + 1.

    Returns:
        A band 1..len(cuts)+1 per value, in the order given.

    Raises:
        InvalidValueError: If the cuts are not strictly increasing.

    Examples:
        >>> bands_by_cuts([12, 25, 26, 297], [25, 50, 100, 200])
        (1, 1, 2, 5)
    """
    if any(left >= right for left, right in pairwise(cuts)):
        raise InvalidValueError("cuts", "must be strictly increasing", "for example [25, 50, 100, 200]")
    return tuple(bisect_left(cuts, value) + 1 for value in values)
