"""The decay rate from interval-censored checks: published values, brute force, and simulated databases."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import examples

from mimcore.errors import InvalidValueError
from mimcore.quality.learning.estimation import DecayRate, Prior, estimate, from_equal_gaps

TRUE = -math.log(1 - 0.225)
"""HubSpot's 22.5 % a year, as a rate."""


def simulated(seed, checks, mean_gap, rate=TRUE):
    """Checks at irregular times, so far apart on average: unchanged time, and gaps with a change."""
    dice, unchanged, changed = Random(seed), 0.0, []
    for _ in range(checks):
        gap = dice.expovariate(1 / mean_gap)
        if dice.random() < -math.expm1(-rate * gap):
            changed.append(gap)
        else:
            unchanged += gap
    return unchanged, changed


def log_posterior(rate, unchanged, changed, prior=None):
    """The formula as it stands in the literature, in ln λ."""
    value = -rate * unchanged + sum(math.log(-math.expm1(-rate * gap)) for gap in changed)
    return value if prior is None else value + prior.strength * (math.log(rate) - rate / prior.rate)


def test_hubspots_rate():
    """1 − 0.979¹² = 22.48 % a year; 22.5 % is λ 0.25489 and a half-life of 993 days."""
    assert pytest.approx(0.22484, abs=5e-6) == 1 - 0.979**12
    assert pytest.approx(0.25489, abs=5e-6) == TRUE
    assert 365.25 * DecayRate(TRUE, 0.1).half_life == pytest.approx(993, abs=0.5)


def test_equal_gaps_of_cho_and_garcia_molina():
    """N 10, X 2, τ 1: 0.223144, bias-reduced 0.211309; the irregular estimate is the same without a prior."""
    assert from_equal_gaps(2, 10, 1.0) == pytest.approx(0.223144, abs=5e-7)
    assert from_equal_gaps(2, 10, 1.0, is_bias_reduced=True) == pytest.approx(0.211309, abs=5e-7)
    assert estimate(8.0, [1.0, 1.0]).rate == pytest.approx(0.223144, abs=5e-7)
    assert math.isfinite(from_equal_gaps(10, 10, 1.0, is_bias_reduced=True))


def test_exact_times_are_changes_by_exposure():
    """Where the instant is known: d / exposure, standard error 1/√d, as for exponential lifetimes."""
    found = estimate(0.0, [], exact_changes=25, exact_exposure=100.0)
    assert found == DecayRate(0.25, 0.2)
    shrunk = estimate(0.0, [], exact_changes=25, exact_exposure=100.0, prior=Prior(0.5, 5.0))
    assert shrunk.rate == pytest.approx((5 + 25) / (10 + 100))


def test_the_estimate_is_the_mode_by_brute_force():
    """No rate nearby has a higher posterior density of ln λ; the curvature there is the standard error's."""
    unchanged, changed = simulated(1, 80, 1.0)
    for prior in (None, Prior(0.1, 5.0)):
        found = estimate(unchanged, changed, **({} if prior is None else {"prior": prior}))
        at = [log_posterior(found.rate * math.exp(step), unchanged, changed, prior) for step in (-1e-3, 0, 1e-3)]
        assert at[1] == max(at)
        grid = [found.rate * math.exp(step / 50) for step in range(-200, 201)]
        assert max(grid, key=lambda rate: log_posterior(rate, unchanged, changed, prior)) == pytest.approx(found.rate)
        curvature = -(at[0] - 2 * at[1] + at[2]) / 1e-6
        assert found.error == pytest.approx(1 / math.sqrt(curvature), rel=1e-3)


@pytest.mark.parametrize(("mean_gap", "naive_bias"), [(30 / 365, -0.019), (0.5, -0.124), (1.0, -0.195), (2.0, -0.336)])
def test_bias(mean_gap, naive_bias):
    """60 databases of 400 checks: within ±3 %, where changes by time is up to 34 % too low (measurement study 1.4)."""
    estimates, naive = [], []
    for seed in range(60):
        unchanged, changed = simulated(seed, 400, mean_gap)
        estimates.append(estimate(unchanged, changed).rate)
        naive.append(len(changed) / (unchanged + sum(changed)))
    assert abs(sum(estimates) / 60 / TRUE - 1) <= 0.03
    assert sum(naive) / 60 / TRUE - 1 == pytest.approx(naive_bias, abs=0.02)


def test_coverage():
    """Of 300 databases, 93 to 97 % of the 95 % intervals hold the true rate."""
    found = [estimate(*simulated(1000 + seed, 400, 1.0)).interval() for seed in range(300)]
    assert 0.93 <= sum(low <= TRUE <= high for low, high in found) / 300 <= 0.97


def test_the_prior_counts_as_that_many_changes():
    """No data is the prior; data at twice its rate draws the estimate up, the more of it there is."""
    prior = Prior(TRUE, 5.0)
    assert estimate(0.0, [], prior=prior) == DecayRate(TRUE, 1 / math.sqrt(5))
    rates = [estimate(*simulated(4, checks, 1.0, 2 * TRUE), prior=prior).rate for checks in (0, 50, 500, 5000)]
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(2 * TRUE, rel=0.05)


def test_edges():
    """Nothing or everything changed needs a prior; gaps of no length tell nothing; huge and tiny gaps do not overflow."""
    prior = Prior(TRUE, 2.0)
    for unchanged, changed in ((10.0, []), (0.0, [1.0, 2.0]), (0.0, [])):
        with pytest.raises(InvalidValueError, match="leaves the rate open"):
            estimate(unchanged, changed)
        assert 0 < estimate(unchanged, changed, prior=prior).rate < 10
    assert estimate(10.0, [0.0, 1.0], prior=prior) == estimate(10.0, [1.0], prior=prior)
    for gap in (1e-9, 1e9):
        assert math.isfinite(estimate(10.0, [gap], prior=prior).error)
    for wrong in ((11, 10, 1.0), (1, 10, 0.0), (-1, 10, 1.0)):
        with pytest.raises(InvalidValueError, match="no count of changes"):
            from_equal_gaps(*wrong)
    with pytest.raises(InvalidValueError, match="everything changed"):
        from_equal_gaps(10, 10, 1.0)


gaps = st.lists(st.floats(1e-6, 1e5), max_size=30)


@examples(200)
@given(unchanged=st.floats(0, 1e7), changed=gaps, rate=st.floats(1e-5, 10), strength=st.floats(0.1, 50))
def test_the_score_is_zero_at_the_estimate(unchanged, changed, rate, strength):
    """For any data: the gradient vanishes, the order of the gaps is nothing, more unchanged time is slower decay."""
    prior = Prior(rate, strength)
    found = estimate(unchanged, changed, prior=prior)
    terms = [found.rate * gap for gap in changed]
    score = strength - found.rate * (unchanged + strength / rate)
    score += sum(x / math.expm1(x) for x in terms if x < 700)
    assert score == pytest.approx(0, abs=1e-6 * (strength + len(changed)))
    assert estimate(unchanged, changed[::-1], prior=prior) == found
    assert estimate(unchanged + 1, changed, prior=prior).rate <= found.rate * (1 + 1e-9)
    low, high = found.half_life_interval()
    assert low < found.half_life < high
