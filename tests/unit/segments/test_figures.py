"""Shares, quantiles and distances, against hand-computed and published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.segments.comparing.figures import distance_of_numbers, distance_of_shares, quantiles_of, shares_of


def test_shares_by_hand():
    """Of 10 members 8 are A; of 40 people 16 are. B is rare, C is had by nobody in the segment but expected 5 times."""
    found = shares_of({"A": 8, "B": 2}, {"A": 16, "B": 4, "C": 20}, (10, 40), 5, has_rest=True)
    assert [(one.value, one.members, one.share, one.everybody) for one in found] == [
        ("C", 0, 0.0, 0.5),
        ("A", 8, 0.8, 0.4),
        (None, 2, 0.2, 0.1),
    ]
    assert [one.lift for one in found] == [0.0, 2.0, 2.0]
    assert [one.is_clear for one in found] == [True, True, False]
    assert distance_of_shares(found, is_single=True) == pytest.approx((0.5 + 0.4 + 0.1) / 2)
    assert distance_of_shares(found, is_single=False) == pytest.approx(0.5)


def test_the_interval_is_wilsons():
    """8 of 10: 0.4902 to 0.9433 (Wilson 1927, computed by hand with z = 1.96)."""
    (one,) = shares_of({"A": 8}, {"A": 16}, (10, 40), 5, has_rest=False)
    assert (one.interval.lower, one.interval.upper) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_words_have_no_rest():
    """One person may have several words: the rare ones do not add up to a share."""
    found = shares_of({"a": 9, "b": 1}, {"a": 9, "b": 1}, (10, 10), 5, has_rest=False)
    assert [one.value for one in found] == ["a"]


def test_quarters_and_the_median_between():
    """Of 1 to 25 the quarters are 7, 13, 19; the median lies between the 7th and the 19th (25/2 ± 1.96·5/2, outwards)."""
    found = quantiles_of(range(1, 26), has_interval=True)
    assert (found.low, found.median, found.high) == (7, 13, 19)
    assert found.median_between == (7, 19)
    assert quantiles_of([3.0]).median == 3.0
    assert quantiles_of([3.0], has_interval=True).median_between == (3.0, 3.0)


def test_the_median_is_covered():
    """The chance that the 7th and 19th of 25 enclose the median: binomial, 0.9855, so at least 95 %."""
    from math import comb

    inside = sum(comb(25, below) for below in range(7, 19)) / 2**25
    assert inside > 0.95
    for n in range(5, 60):
        first, last = quantiles_of(range(1, n + 1), has_interval=True).median_between
        chance = sum(comb(n, below) for below in range(first, last)) / 2**n
        assert chance >= 0.95 or (first == 1 and last == n), n


def test_a_distance_by_hand():
    """At 2 all of the members lie, and half of everybody; Massey's 5 % point for n = 36 is 0.2267."""
    assert distance_of_numbers([1, 2], [1, 2, 3, 4]) == (0.5, False)
    members = [0] * 36
    everybody = [0] * 774 + [1] * 226  # a distance of 0.226
    assert distance_of_numbers(members, everybody) == (pytest.approx(0.226), False)
    assert distance_of_numbers(members, [0] * 773 + [1] * 227) == (pytest.approx(0.227), True)


numbers = st.lists(st.integers(0, 9), min_size=1, max_size=30).map(sorted)


@given(one=numbers, other=numbers)
def test_a_distance_is_the_greatest_gap(one, other):
    """Between 0 and 1, 0 for what is the same, and the greatest difference of the shares up to any number."""
    found, _ = distance_of_numbers(one, other)
    brute = max(
        abs(sum(n <= at for n in one) / len(one) - sum(n <= at for n in other) / len(other)) for at in range(10)
    )
    assert found == pytest.approx(brute)
    assert distance_of_numbers(one, one)[0] == 0
