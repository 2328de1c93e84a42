"""Closed forms for rates, against published values, exact arithmetic and brute force."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.measurement import (
    Interval,
    holm,
    newcombe_interval,
    probability_better,
    sample_size_per_arm,
    two_proportion_p,
    wilson_interval,
)


@st.composite
def counts(draw: st.DrawFn, maximum: int = 5_000) -> tuple[int, int]:
    """Draw successes and n."""
    n = draw(st.integers(1, maximum))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize(
    ("successes", "n", "lower", "upper"),
    [
        # Newcombe 1998, "Interval estimation for the single proportion", table I, method 3 (Wilson score).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(successes: int, n: int, lower: float, upper: float) -> None:
    """Wilson's interval equals the four worked examples of Newcombe's comparison of methods."""
    interval = wilson_interval(successes, n)
    assert (round(interval.lower, 4), round(interval.upper, 4)) == (lower, upper)


@pytest.mark.parametrize(
    ("a", "b", "lower", "upper"),
    [
        # Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, method 10.
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_published_intervals(
    a: tuple[int, int], b: tuple[int, int], lower: float, upper: float
) -> None:
    """Newcombe's hybrid-score interval equals the worked examples of his paper."""
    interval = newcombe_interval(*a, *b)
    assert (round(interval.lower, 4), round(interval.upper, 4)) == (lower, upper)


def test_z_test_gives_the_reference_p() -> None:
    """200 of 10 000 against 250 of 10 000 has p .0171258 (statsmodels)."""
    assert two_proportion_p(200, 10_000, 250, 10_000) == pytest.approx(0.0171258, abs=5e-8)
    assert two_proportion_p(0, 10, 0, 20) == 1.0
    assert two_proportion_p(10, 10, 20, 20) == 1.0


def test_probability_better_gives_the_reference_values() -> None:
    """Evan Miller's formula: .9914228 for the campaign, .5 for bare priors, .8 for Beta(2,2) against Beta(3,1)."""
    assert probability_better(200, 10_000, 250, 10_000) == pytest.approx(0.9914228, abs=5e-8)
    assert probability_better(0, 0, 0, 0) == pytest.approx(0.5, abs=1e-12)
    assert probability_better(1, 2, 2, 2) == pytest.approx(0.8, abs=1e-12)


def test_sample_size_gives_the_reference_value() -> None:
    """.05 to .06 with 80 % power needs 8 158 people per arm."""
    assert sample_size_per_arm(0.05, 0.06) == 8158
    assert sample_size_per_arm(0.06, 0.05) == 8158


def test_holm_by_hand() -> None:
    """Sorted .01 .02 .03 .04 times 4 3 2 1 is .04 .06 .06 .04, made monotone .04 .06 .06 .06."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx((0.06, 0.04, 0.06, 0.06))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_is_the_closed_test_of_bonferroni(p_values: list[float]) -> None:
    """Holm's adjusted p is the largest Bonferroni p over all sets of hypotheses that contain the one asked about."""
    places = range(len(p_values))
    subsets = [s for size in range(1, len(p_values) + 1) for s in itertools.combinations(places, size)]
    for place, adjusted in zip(places, holm(p_values), strict=True):
        brute = max(min(1.0, len(s) * min(p_values[i] for i in s)) for s in subsets if place in s)
        assert adjusted == pytest.approx(brute)


@given(counts(), st.floats(0.5, 0.999))
def test_wilson_ends_solve_the_score_equation(pair: tuple[int, int], confidence: float) -> None:
    """At both ends the score statistic has the critical size, which is how Wilson's interval is defined."""
    successes, n = pair
    interval = wilson_interval(successes, n, confidence=confidence)
    assert 0 <= interval.lower <= successes / n <= interval.upper <= 1
    z2 = Fraction(wilson_z(confidence)) ** 2
    for end in (interval.lower, interval.upper):
        exact = Fraction(end)
        gap = (Fraction(successes, n) - exact) ** 2 * n - z2 * exact * (1 - exact)
        assert abs(float(gap)) < 1e-9 * n


def wilson_z(confidence: float) -> float:
    """Find z by bisection of the error function, independently of the library's inverse."""
    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle / math.sqrt(2)) < confidence else (low, middle)
    return low


@given(counts(), counts())
def test_newcombe_turns_with_its_arguments(a: tuple[int, int], b: tuple[int, int]) -> None:
    """B − A and A − B have mirrored intervals that hold the observed difference."""
    one, other = newcombe_interval(*a, *b), newcombe_interval(*b, *a)
    assert one.lower == pytest.approx(-other.upper, abs=1e-12)
    assert one.upper == pytest.approx(-other.lower, abs=1e-12)
    assert one.lower - 1e-12 <= b[0] / b[1] - a[0] / a[1] <= one.upper + 1e-12


@given(counts(60), counts(60))
def test_probability_better_is_the_integral(a: tuple[int, int], b: tuple[int, int]) -> None:
    """The closed form equals numerical integration of the two posteriors."""
    steps = 4_000
    grid = [(i + 0.5) / steps for i in range(steps)]

    def density(successes: int, n: int) -> list[float]:
        scale = math.lgamma(n + 2) - math.lgamma(successes + 1) - math.lgamma(n - successes + 1)
        return [math.exp(scale + successes * math.log(x) + (n - successes) * math.log1p(-x)) / steps for x in grid]

    of_a, of_b = density(*a), density(*b)
    below = list(itertools.accumulate(of_a, initial=0.0))
    brute = sum(mass * (below[i] + of_a[i] / 2) for i, mass in enumerate(of_b))
    assert probability_better(*a, *b) == pytest.approx(brute, abs=2e-5)
    assert probability_better(*a, *b) + probability_better(*b, *a) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("pair", [(-1, 10), (11, 10), (0, 0), (1, -1), (True, 3), (1.0, 3)])
def test_impossible_counts_are_refused(pair: tuple[int, int]) -> None:
    """Counts that no experiment can give raise an error that says why."""
    with pytest.raises(InvalidValueError):
        wilson_interval(*pair)
    with pytest.raises(InvalidValueError):
        two_proportion_p(1, 2, *pair)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -1.0, 95.0, math.nan])
def test_impossible_confidence_is_refused(confidence: float) -> None:
    """A confidence outside (0, 1), such as 95, is refused."""
    with pytest.raises(InvalidValueError, match="confidence"):
        wilson_interval(1, 2, confidence=confidence)


def test_other_impossible_input_is_refused() -> None:
    """Equal rates, impossible power, p above 1 and successes of nobody are refused."""
    with pytest.raises(InvalidValueError, match="rates"):
        sample_size_per_arm(0.05, 0.05)
    with pytest.raises(InvalidValueError, match="power"):
        sample_size_per_arm(0.05, 0.06, power=1)
    with pytest.raises(InvalidValueError, match="p_values"):
        holm([0.5, 1.5])
    with pytest.raises(InvalidValueError, match="counts"):
        probability_better(5, 0, 1, 2)


def test_interval_holds_its_ends() -> None:
    """Membership includes both ends."""
    assert 0.1 in Interval(0.1, 0.2)
    assert 0.2 in Interval(0.1, 0.2)
    assert 0.21 not in Interval(0.1, 0.2)
