"""Freshness: the chain worked out in the literature study, published half-lives, keys against probabilities."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import examples

from mimcore.domain.freshness import (
    DEFAULT_HALF_LIVES,
    EVIDENCE,
    Evidence,
    evidence_by,
    freshness_at,
    freshness_key,
    observed,
    pool_of,
    resettled,
    weigh,
)
from mimcore.errors import InvalidValueError

START = datetime(2024, 1, 1, tzinfo=UTC)
ONE = UUID(int=1)
YEAR = timedelta(days=365)
HALF_LIFE = math.log(2) / 0.2614 * 365


def new(reliability=0.95, at=START, half_life=HALF_LIFE):
    """A value that has just arrived."""
    return observed(
        "a", ONE, ONE, pool="p", source="s", reliability=reliability, observed_at=at, half_life_days=half_life
    )


def p_at(state, at, half_life=HALF_LIFE):
    """Its probability at an instant."""
    return freshness_at(state.key, at, half_life)


def test_the_worked_chain():
    """λ 0.2614, p 0.95: .7315 → .9635 (mailbox check), .8455 → .9078 (opened), .5382 → .0344 (bounce); measurement study 1.5."""
    state, at = new(), START + YEAR
    steps = [
        (at, Evidence(0.97, 0.10), True, 0.7315, 0.9635),
        (at + YEAR / 2, Evidence(0.90, 0.50), True, 0.8455, 0.9078),
        (at + YEAR / 2 + 2 * YEAR, Evidence(0.97, 0.02), False, 0.5382, 0.0344),
    ]
    for moment, evidence, is_valid, before, after in steps:
        assert p_at(state, moment) == pytest.approx(before, abs=5e-5)
        state = weigh(state, evidence, is_valid=is_valid, at=moment, half_life_days=HALF_LIFE)
        assert state.p_ref == pytest.approx(after, abs=5e-5)


def test_a_check_changes_what_it_says_and_nothing_else():
    """What the state is about, its pool, its source and when it was seen stay; only what says "valid" confirms."""
    contact, point = UUID(int=7), UUID(int=8)
    state = observed(
        "email",
        contact,
        point,
        pool="email",
        source="shop",
        reliability=0.9,
        observed_at=START,
        half_life_days=HALF_LIFE,
    )
    about = ("email", contact, point, "email", "shop", START)
    assert (*state[:6], state.confirmed_at, state.ref_at) == (*about, None, START)
    doubted = weigh(state, Evidence(0.97, 0.1), is_valid=False, at=START + YEAR, half_life_days=HALF_LIFE)
    assert (*doubted[:6], doubted.confirmed_at, doubted.ref_at) == (*about, None, START + YEAR)
    sure = weigh(doubted, Evidence(0.97, 0.1), is_valid=True, at=START + 2 * YEAR, half_life_days=HALF_LIFE)
    assert (*sure[:6], sure.confirmed_at, sure.ref_at) == (*about, START + 2 * YEAR, START + 2 * YEAR)
    again = weigh(sure, Evidence(0.97, 0.1), is_valid=False, at=START + 3 * YEAR, half_life_days=HALF_LIFE)
    assert again.confirmed_at == START + 2 * YEAR


def test_a_state_that_was_put_aside_takes_the_half_life_of_today():
    """Its key is the one that a value of that pool would have; an undated one has none, and nothing else changes."""
    state = observed(
        "contact.emails",
        ONE,
        ONE,
        pool="email",
        source="shop",
        reliability=0.9,
        observed_at=START,
        half_life_days=100.0,
    )
    half_lives = {**DEFAULT_HALF_LIVES, "email": 50.0}
    assert resettled(state, half_lives) == state._replace(key=freshness_key(0.9, START, 50.0))
    undated = state._replace(ref_at=None, observed_at=None, key=None)
    assert resettled(undated, half_lives) == undated


@pytest.mark.parametrize(
    ("yearly_rate", "days"),
    [
        (0.225, 993), (0.23, 969), (0.30, 710), (0.22, 1019), (0.20, 1135), (0.10, 2403), (0.02, 12532), (0.038, 6535),
        (0.18, 1276), (0.08, 3036), (0.11, 2173),
    ],
)  # fmt: skip
def test_published_rates_are_the_default_half_lives(yearly_rate, days):
    """H = ln 2 / −ln(1 − r): HubSpot's 22.5 % a year is a half-life of 993 days, and so on down the table (365.25 days a year)."""
    half_life = 365.25 * math.log(2) / -math.log(1 - yearly_rate)
    assert half_life == pytest.approx(days, rel=0.001)
    assert days in DEFAULT_HALF_LIVES.values()


def test_hubspots_rate_within_a_year():
    """A value of the pool `unknown` is wrong with 22.5 % after a year: 2.1 % a month, compounded."""
    p = freshness_at(freshness_key(1.0, START, DEFAULT_HALF_LIVES["unknown"]), START + timedelta(days=365.25), 993.0)
    assert 1 - p == pytest.approx(0.225, abs=5e-4)
    assert 1 - p == pytest.approx(1 - 0.979**12, abs=1e-3)


def test_a_perfect_source_resets_the_clock():
    """With sensitivity 1 and no false confirmation, valid means 1 and invalid means 0."""
    perfect = Evidence(1.0, 0.0)
    after = weigh(new(), perfect, is_valid=True, at=START + YEAR, half_life_days=HALF_LIFE)
    assert (after.p_ref, after.ref_at) == (1.0, START + YEAR)
    assert weigh(new(), perfect, is_valid=False, at=START + YEAR, half_life_days=HALF_LIFE).p_ref == 0.0


def test_no_value_is_beyond_return():
    """Probability is never exactly 0 in a key: a perfect source that confirms after all is believed."""
    dead = weigh(new(), Evidence(1.0, 0.0), is_valid=False, at=START, half_life_days=HALF_LIFE)
    assert 0 < p_at(dead, START) < 1e-12
    assert weigh(dead, Evidence(1.0, 0.0), is_valid=True, at=START, half_life_days=HALF_LIFE).p_ref == 1.0


def test_an_undated_value_is_dated_by_its_first_check():
    """Nobody knows since when it was right: it has no key, until a check says something."""
    undated = new(0.8, at=None)
    assert (undated.key, undated.ref_at, undated.observed_at) == (None, None, None)
    checked = weigh(undated, Evidence(0.97, 0.10), is_valid=True, at=START, half_life_days=HALF_LIFE)
    assert checked.p_ref == pytest.approx(0.8 * 0.97 / (0.8 * 0.97 + 0.2 * 0.10))
    assert (checked.ref_at, checked.confirmed_at, checked.observed_at) == (START, START, None)


def test_evidence_older_than_the_state_does_not_make_it_younger():
    """A check from before the value was seen counts at the instant it was seen, not earlier."""
    early = weigh(new(), EVIDENCE["delivered"], is_valid=True, at=START - YEAR, half_life_days=HALF_LIFE)
    assert early.ref_at == START
    assert early.p_ref > 0.95


def test_the_worst_probability_has_a_key():
    """P is clamped at 2⁻⁴⁰, so that a value known to be wrong has a finite key and stays wrong."""
    assert (
        freshness_key(0.0, START, 10.0) == freshness_key(2.0**-50, START, 10.0) == freshness_key(2.0**-40, START, 10.0)
    )
    assert freshness_at(freshness_key(0.0, START, 10.0), START, 10.0) == pytest.approx(2.0**-40)


def test_pools_split_business_from_consumer():
    """Only pools that are declared for both are split."""
    assert pool_of("email", is_business=False) == "b2c.email"
    assert pool_of("permanent", is_business=True) == "permanent"
    assert {pool_of(base, is_business=b) for base in ("address", "person_name") for b in (True, False)} <= set(
        DEFAULT_HALF_LIVES
    )


def test_kinds_of_checks_are_declared():
    """A misspelt kind is refused with the nearest one; every declared one tells something."""
    with pytest.raises(InvalidValueError, match="did you mean 'delivered'"):
        evidence_by("deliverd")
    assert {name for name, one in EVIDENCE.items() if not one.sensitivity > one.false_confirmation} == {"soft_bounce"}
    refuting = {"hard_bounce", "soft_bounce", "unreachable"}
    assert {name for name, one in EVIDENCE.items() if one.only_refutes} == refuting


def test_a_soft_bounce_is_no_observation():
    """A full mailbox says nothing about the address: not even the instant of the state moves."""
    assert weigh(new(), EVIDENCE["soft_bounce"], is_valid=False, at=START + YEAR, half_life_days=HALF_LIFE) == new()


probabilities = st.floats(0.001, 1.0)
half_lives = st.floats(1.0, 13_000.0)
instants = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
evidence = st.sampled_from(sorted(EVIDENCE.values(), key=lambda one: (one.sensitivity, one.false_confirmation)))


@examples(100)
@given(p=probabilities, ref_at=instants, half_life=half_lives, later=st.integers(0, 20_000))
def test_the_key_tells_the_probability(p, ref_at, half_life, later):
    """p(now) from the key equals p·2^(−Δ/h), to the microsecond that the key is rounded to."""
    now = ref_at + timedelta(days=later)
    direct = p * 2 ** (-later / half_life)
    assert freshness_at(freshness_key(p, ref_at, half_life), now, half_life) == pytest.approx(direct, rel=1e-6)


@examples(100)
@given(
    p=probabilities, ref_at=instants, half_life=half_lives, days=st.lists(st.floats(0, 9000), min_size=2, max_size=5)
)
def test_decay_is_monotone(p, ref_at, half_life, days):
    """Without evidence a value never gets better."""
    state = new(p, ref_at, half_life)
    seen = [p_at(state, ref_at + timedelta(days=day), half_life) for day in sorted(days)]
    assert seen == sorted(seen, reverse=True)
    assert all(0 <= one <= 1 for one in seen)


@examples(100)
@given(
    one=probabilities, two=probabilities, seen=instants, other=instants, half_life=half_lives, days=st.integers(0, 9999)
)
def test_the_order_of_keys_never_changes(one, two, seen, other, half_life, days):
    """Of two values of a pool, the fresher one stays the fresher one at every later instant."""
    keys = freshness_key(one, seen, half_life), freshness_key(two, other, half_life)
    at = max(seen, other) + timedelta(days=days)
    first, second = (freshness_at(key, at, half_life) for key in keys)
    assert (keys[0] <= keys[1]) == (first <= second) or first == pytest.approx(second, rel=1e-9)


@examples(100)
@given(p=probabilities, half_life=half_lives, after=st.floats(0, 4000), by=evidence, now=st.floats(0, 4000))
def test_confirming_never_hurts_and_refuting_never_helps(p, half_life, after, by, now):
    """At any later instant the confirmed value is at least as probable, the refuted one at most."""
    state, at = new(p, START, half_life), START + timedelta(days=after)
    later = at + timedelta(days=now)
    plain = p_at(state, later, half_life)
    better, worse = (weigh(state, by, is_valid=v, at=at, half_life_days=half_life) for v in (True, False))
    assert p_at(better, later, half_life) >= plain * (1 - 1e-9)
    assert p_at(worse, later, half_life) <= plain * (1 + 1e-9) + 2.0**-39  # the clamp, rounded
