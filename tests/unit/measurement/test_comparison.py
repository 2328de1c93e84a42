"""Comparing two rates: figures, and words that do not say more than the figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.measurement import Rate, compare_rates


def test_the_verdict_of_the_reference_campaign() -> None:
    """2.0 % against 2.5 % of 10 000 each reads as in the measurement study."""
    result = compare_rates((200, 10_000), (250, 10_000), assignment="random")
    assert result.verdict == "B better, +0.5 pp (0.1 … 0.9)"
    assert result.shown
    assert (result.a.rate, result.b.rate) == (0.02, 0.025)
    assert result.difference == pytest.approx(0.005)
    assert result.p == pytest.approx(0.0171258, abs=5e-8)
    assert result.probability_b_better == pytest.approx(0.9914228, abs=5e-8)
    assert str(result).splitlines()[1:] == [
        "A 2.0\u202f% of 10\u202f000 (1.7 … 2.3)",
        "B 2.5\u202f% of 10\u202f000 (2.2 … 2.8)",
        "p = 0.017",
    ]


def test_a_rate_is_written_as_everywhere() -> None:
    """No few successes are rounded to nothing, and a label keeps its comma."""
    assert str(Rate.of(1, 10_000, label="May, again")).startswith("May, again <\u202f0.1\u202f% of 10\u202f000 (")


def test_the_better_one_is_named_whichever_side_it_stands_on() -> None:
    """Turned round, the verdict names the same winner with the same figures."""
    result = compare_rates((250, 10_000), (200, 10_000), labels=("spring", "autumn"), assignment="random")
    assert result.verdict == "spring better, +0.5 pp (0.1 … 0.9)"
    assert result.difference < 0


def test_no_difference_is_said_when_the_interval_holds_zero() -> None:
    """20 against 22 of 1 000 shows nothing."""
    result = compare_rates((20, 1_000), (22, 1_000), assignment="random")
    assert not result.shown
    assert result.verdict == "no difference shown, +0.2 pp (−1.1 … 1.5)"


def test_cautions_follow_the_verdict() -> None:
    """Observed groups are called an association; counts below five are called too few."""
    assert compare_rates((200, 10_000), (250, 10_000)).verdict.endswith(
        "; not randomised: an association, not an effect"
    )
    tiny = compare_rates((0, 8), (6, 8), assignment="random")
    assert tiny.few_data
    assert tiny.verdict.startswith("B better, +75.0 pp")
    assert tiny.verdict.endswith("; too few data to rely on")


def test_a_small_shown_difference_is_not_rounded_to_zero() -> None:
    """0.02 percentage points over ten million people keep enough digits to be seen."""
    result = compare_rates((10_000, 10_000_000), (12_000, 10_000_000), assignment="random")
    assert result.verdict == "B better, +0.02 pp (0.02 … 0.02)"


def test_equal_labels_and_empty_groups_are_refused() -> None:
    """A verdict needs two names, and a rate of nobody does not exist."""
    with pytest.raises(InvalidValueError, match="labels"):
        compare_rates((1, 2), (1, 2), labels=("x", "x"))
    with pytest.raises(InvalidValueError, match="spring"):
        compare_rates((0, 0), (1, 2), labels=("spring", "autumn"))


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_words_follow_figures(n_a: int, n_b: int, data: st.DataObject) -> None:
    """The verdict names a winner exactly when the interval excludes zero, and the winner has the higher rate."""
    a, b = (data.draw(st.integers(0, n_a)), n_a), (data.draw(st.integers(0, n_b)), n_b)
    result = compare_rates(a, b, assignment="random")
    first = result.verdict.split(",")[0]
    if 0 in result.interval:
        assert first == "no difference shown"
    else:
        assert first == ("B better" if b[0] * n_a > a[0] * n_b else "A better")
