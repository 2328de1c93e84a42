"""The decayed share, the refresh plan and the card: by hand, by brute force, and on both stores."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from itertools import combinations
from statistics import median
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import added, examples

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, EVIDENCE, freshness_at, observed, weigh
from mimcore.errors import InvalidValueError
from mimcore.quality.decay import decay_report, weight_of
from mimcore.quality.refresh import refresh_plan

NOW = datetime(2026, 5, 1, tzinfo=UTC)
POOLS = {
    "b2c.email": "contact.emails",
    "b2c.job_title": "contact.employment.title",
    "survey": "contact.psychographic.interests",
}


def value(number, pool="b2c.email", days=100.0, p=0.98, source="fair"):
    """A value that was seen so many days ago; None for an undated one."""
    at = None if days is None else NOW - timedelta(days=days)
    return observed(
        POOLS[pool], UUID(int=number), UUID(int=number), pool=pool, source=source, reliability=p, observed_at=at,
        half_life_days=DEFAULT_HALF_LIVES[pool],
    )  # fmt: skip


def p_now(state):
    """The probability of a value now."""
    return freshness_at(state.key, NOW, DEFAULT_HALF_LIVES[state.pool])


def test_the_decayed_share_by_hand():
    """An address one half-life old and a title at p 1: D = (2·(1 − ½·.98) + 1·0) / 3; addresses weigh double."""
    states = [
        value(1, days=1276.0),
        value(2, "b2c.job_title", days=0.0, p=1.0),
        value(3, days=None),
        value(4, "survey", days=None),
    ]
    report = decay_report(states, DEFAULT_HALF_LIVES, NOW)
    assert report.decayed_share == pytest.approx(2 * 0.51 / 3, abs=1e-6)
    assert (report.whole.values, report.whole.undated, report.is_on_target) == (4, 2, False)
    by_name = {group.name: group for group in report.by_attribute}
    assert by_name["contact.psychographic.interests"].decayed_share is None
    assert by_name["contact.emails"].decayed_share == pytest.approx(0.51, abs=1e-6)
    assert by_name["contact.emails"].median_age_days == 1276.0
    assert (weight_of("contact.emails"), weight_of("contact.phones"), weight_of("contact.employment.title")) == (
        2,
        2,
        1,
    )


def test_the_five_percent_line_of_the_study():
    """At HubSpot's rate one record passes 5 % wrong after 74 days (measurement study 1.6)."""
    half_life = DEFAULT_HALF_LIVES["unknown"]
    for days, on_target in ((73, True), (75, False)):
        state = observed("contact.notes", UUID(int=1), UUID(int=1), pool="unknown", source="s", reliability=1.0,
                         observed_at=NOW - timedelta(days=days), half_life_days=half_life)  # fmt: skip
        assert decay_report([state], DEFAULT_HALF_LIVES, NOW).is_on_target is on_target


def test_nothing_known_is_not_on_target():
    """An empty database, or one of undated values, has no share and says so."""
    for states in ([], [value(1, days=None)]):
        report = decay_report(states, DEFAULT_HALF_LIVES, NOW)
        assert (report.decayed_share, report.is_on_target) == (None, False)
        assert "–" in str(report)


def test_groups_add_up():
    """Values and weighted wrongness of the groups add up to the whole, however they are grouped; worst first."""
    dice = random.Random(3)
    states = [
        value(
            n, dice.choice(list(POOLS)), dice.choice([None, dice.uniform(0, 3000)]), dice.random(), dice.choice("abc")
        )
        for n in range(200)
    ]
    report = decay_report(states, DEFAULT_HALF_LIVES, NOW)
    dated = [one for one in states if one.key is not None]
    total = sum(weight_of(one.attribute) for one in dated)
    assert report.decayed_share == pytest.approx(
        sum(weight_of(one.attribute) * (1 - p_now(one)) for one in dated) / total
    )
    assert report.whole.median_age_days == pytest.approx(
        median((NOW - one.observed_at).total_seconds() / 86_400 for one in dated)
    )
    for groups in (report.by_attribute, report.by_source, report.by_pool):
        assert sum(group.values for group in groups) == 200
        assert sum(group.undated for group in groups) == report.whole.undated
        shares = [group.decayed_share or 0 for group in groups]
        assert shares == sorted(shares, reverse=True)
    wrong = sum(
        group.decayed_share * sum(weight_of(one.attribute) for one in dated if one.source == group.name)
        for group in report.by_source
    )
    assert wrong / total == pytest.approx(report.decayed_share)
    assert len(report._repr_html_()) > 500


def test_being_found_doubtful_is_not_being_seen():
    """The age of a value counts from the last time it was seen or confirmed, not from a refutation."""
    state = weigh(value(1, days=300.0), EVIDENCE["delivered"], is_valid=False, at=NOW, half_life_days=1276.0)
    assert decay_report([state], DEFAULT_HALF_LIVES, NOW).whole.median_age_days == 300.0
    confirmed = weigh(state, EVIDENCE["delivered"], is_valid=True, at=NOW, half_life_days=1276.0)
    assert decay_report([confirmed], DEFAULT_HALF_LIVES, NOW).whole.median_age_days == 0.0


drawn = st.lists(
    st.builds(value, st.integers(1, 50), st.sampled_from(sorted(POOLS)), st.floats(0, 3000), st.floats(0.05, 1)),
    min_size=1,
    max_size=8,
)


@examples(100)
@given(states=drawn, index=st.integers(0, 7), by=st.sampled_from(sorted(EVIDENCE)))
def test_confirming_never_raises_the_share_and_refuting_never_lowers_it(states, index, by):
    """For any dated values and any check of one of them, now."""
    place = index % len(states)
    chosen, before = states[place], decay_report(states, DEFAULT_HALF_LIVES, NOW).decayed_share
    for is_valid in (True, False):
        checked = weigh(chosen, EVIDENCE[by], is_valid=is_valid, at=NOW, half_life_days=DEFAULT_HALF_LIVES[chosen.pool])
        after = decay_report([*states[:place], checked, *states[place + 1 :]], DEFAULT_HALF_LIVES, NOW).decayed_share
        assert after <= before + 1e-9 if is_valid else after >= before - 1e-9


# --- what to check first ---


def gain(state):
    """Weighted wrongness over the coming year, as the study's formula has it, by numerical integration."""
    rate = math.log(2) / DEFAULT_HALF_LIVES[state.pool]
    steps = 2000
    held = sum(math.exp(-rate * (step + 0.5) * 365 / steps) for step in range(steps)) / steps
    return weight_of(state.attribute) * (1 - p_now(state)) * held


def test_the_plan_is_the_best_by_brute_force():
    """Of all ways to choose 4 of 9 values, none takes out more wrongness over the year."""
    dice = random.Random(11)
    states = [value(n, dice.choice(list(POOLS)), dice.uniform(0, 2500), dice.uniform(0.5, 1)) for n in range(9)]
    plan = refresh_plan([*states, value(99, days=None)], DEFAULT_HALF_LIVES, NOW, checks=4)
    best = max(combinations(states, 4), key=lambda some: sum(map(gain, some)))
    assert {check.subject_id for check in plan.checks} == {one.subject_id for one in best}
    gains = [check.gain for check in plan.checks]
    assert gains == sorted(gains, reverse=True)
    assert gains == pytest.approx(sorted(map(gain, best), reverse=True), rel=1e-5)


def test_the_share_afterwards_is_the_reports():
    """Putting the chosen values right and reporting again gives the announced share."""
    dice = random.Random(5)
    states = [value(n, dice.choice(list(POOLS)), dice.uniform(0, 2500)) for n in range(40)]
    plan = refresh_plan(states, DEFAULT_HALF_LIVES, NOW, checks=15)
    chosen = {check.subject_id for check in plan.checks}
    mended = [value(n, one.pool, 0.0, 1.0) if one.subject_id in chosen else one for n, one in enumerate(states)]
    assert plan.before == pytest.approx(decay_report(states, DEFAULT_HALF_LIVES, NOW).decayed_share)
    assert plan.after == pytest.approx(decay_report(mended, DEFAULT_HALF_LIVES, NOW).decayed_share)


def test_plans_at_the_edges():
    """No checks, more checks than values, no values, equal gains in a fixed order, a negative number."""
    states = [value(n) for n in range(3)]
    assert refresh_plan(states, DEFAULT_HALF_LIVES, NOW, checks=0).checks == ()
    everything = refresh_plan(states, DEFAULT_HALF_LIVES, NOW, checks=10)
    assert (len(everything.checks), everything.after) == (3, pytest.approx(0, abs=1e-12))
    assert everything.checks == refresh_plan(reversed(states), DEFAULT_HALF_LIVES, NOW, checks=10).checks
    assert refresh_plan([], DEFAULT_HALF_LIVES, NOW, checks=5).before == 0.0
    with pytest.raises(InvalidValueError, match="checks: is negative"):
        refresh_plan(states, DEFAULT_HALF_LIVES, NOW, checks=-1)
    assert "3 checks" in str(everything)


# --- on stores ---


def test_the_report_of_a_store(store, clock):
    """The clock moves and the share rises; a confirmation lowers it; archived contacts are no part of it."""
    ana, gone = added(
        store, mim.Contact(emails=["a@acme.dk"], city="Aarhus"), mim.Contact(emails=["b@acme.dk"], city="Ribe")
    )
    with store.begin() as work:
        work.remove(gone)
    assert store.quality.report().decayed_share == pytest.approx(0.02)
    assert store.quality.report().whole.values == 2
    clock.advance(days=700)
    shares = [store.quality.report().decayed_share]
    assert shares[0] == store.quality.report(now=clock()).decayed_share > 0.2
    plan = store.quality.refresh_plan(checks=1)
    assert [check.subject_id for check in plan.checks] == [ana.primary_email.id]
    with store.begin() as work:
        work.confirm(ana.primary_email, by="owner")
    shares.append(store.quality.report().decayed_share)
    with store.begin() as work:
        work.refute(ana, f.contact.city, by="survey")
    shares.append(store.quality.report().decayed_share)
    assert shares[1] < shares[0] < shares[2]


def test_a_replayed_check_does_not_move_the_report(store, clock):
    """The same delivery report twice is one."""
    ana = added(store, mim.Contact(emails=["a@acme.dk"]))
    clock.advance(days=100)
    shares = []
    for _ in range(2):
        with store.begin() as work:
            work.confirm(ana.primary_email, by="delivered", at="2026-06-01")
        shares.append(store.quality.report().decayed_share)
    assert shares[0] == shares[1]


def test_freshness_in_rules_agrees_with_the_states(store, clock):
    """Who is fresh enough by rule is who is fresh enough by probability; undated values are undecided."""
    dice = random.Random(2)
    now = clock()
    people = []
    for n in range(30):
        seen = mim.UNDATED if n % 10 == 0 else now - timedelta(days=dice.uniform(0, 4000))
        people.append(added(store, mim.Contact(emails=[f"p{n}@acme.dk"]), observed_at=seen))
    with store.read() as work:
        states = {one.contact_id: one for one in work.transaction.freshness.all() if one.attribute == "contact.emails"}
    for threshold in (0.2, 0.5, 0.9):
        found = store.contacts.verdicts(f.contact.primary_email.freshness() >= threshold)
        fresh = sum(
            1
            for one in states.values()
            if one.key is not None and freshness_at(one.key, now, DEFAULT_HALF_LIVES[one.pool]) >= threshold
        )
        assert (found.members, found.unknown) == (fresh, 3)


def test_a_card_tells_everything_about_one_person(store, clock):
    """Every value with source and age, every act of consent in order, every interaction; undated values say so."""
    added(store, mim.Source(key="fair", reliability=0.9))
    with store.begin(source="fair") as work:
        (ana,) = work.add(
            mim.Contact(
                name="Fru Ana Berg", emails=["ana@acme.dk"], interests=["tea"], devices=[mim.Device(kind="tablet")]
            )
        )
        work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form", notice="v1")
        work.record("visit", contact=ana, at="2026-04-01")
    with store.begin(observed_at=mim.UNDATED) as work:
        ana = work.change(ana, city="Odense")
    clock.advance(days=365)
    with store.begin() as work:
        work.withdraw(ana.primary_email, channel="email", purpose="newsletter")
    card = store.card(ana)
    values = {one.field: one for one in card.values}
    assert values["contact.demographic.city"].freshness is None
    assert values["contact.psychographic.interests"].freshness == pytest.approx(0.45)
    assert values["contact.emails"].value == "ana@acme.dk"
    assert {one.source for one in values.values()} == {"fair", "manual"}
    assert [act.action.value for act in card.consents] == ["given", "withdrawn"]
    assert [one.kind for one in card.interactions] == ["visit"]
    shown = str(card)
    for text in ("Odense", "nobody knows", "tablet", "tea", "45", "withdrawn", "fair"):
        assert text in shown
    assert "Ana" in card._repr_html_()
    for text in (repr(card), repr(card.values)):
        assert "Berg" not in text
        assert "acme.dk" not in text
