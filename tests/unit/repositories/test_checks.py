"""Confirming and refuting stored values: Bayes steps, replays, late evidence, marks on contact points."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import START, added, examples, opened, state_of, states

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, EVIDENCE, freshness_at, observed, weigh
from mimcore.errors import InvalidValueError, NotFoundError
from mimcore.testing import FixedClock

H = DEFAULT_HALF_LIVES["b2c.email"]


def ana(**given):
    """A contact."""
    return mim.Contact(**{"name": "Ana Berg", "emails": ["ana@acme.dk"], "city": "Aarhus", **given})


def point_state(store, contact):
    """The mark of the primary address."""
    return store.contacts.get(contact).primary_email.state.value


def weighed(start, checks):
    """The filter over checks in order of time, as the formula says."""
    state = start
    for by, is_valid, at in sorted(checks, key=lambda one: one[2]):
        state = weigh(state, EVIDENCE[by], is_valid=is_valid, at=at, half_life_days=H)
    return state


def check(work, target, by, is_valid, at):
    """Confirm or refute."""
    return (work.confirm if is_valid else work.refute)(target, by=by, at=at)


def test_a_check_is_one_bayes_step_on_the_decayed_value(store, clock):
    """Source reliability .95, a year, a mailbox check: the worked step of the study, with this pool's half-life."""
    added(store, mim.Source(key="fair", reliability=0.95))
    person = added(store, ana(), source="fair")
    clock.advance(days=365)
    with store.begin() as work:
        state = work.confirm(person.primary_email, by="mailbox_check")
    p = 0.95 * 2 ** (-365 / H)
    assert state.p_ref == pytest.approx(p * 0.97 / (p * 0.97 + (1 - p) * 0.10), rel=1e-9)
    assert (state.ref_at, state.confirmed_at, state.source) == (clock(), clock(), "fair")
    assert state_of(store, person, "contact.emails") == state


def test_the_same_check_counts_once(store):
    """A delivery report that comes twice is one report; another instant, source or result is another one."""
    person = added(store, ana())
    with store.begin(source="mailer") as work:
        once = work.confirm(person.primary_email, by="delivered", at="2026-05-01T09:00Z")
        assert work.confirm(person.primary_email, by="delivered", at="2026-05-01T09:00Z") == once
        assert work.confirm(person.primary_email, by="delivered", at="2026-05-01T09:01Z") != once
    with store.begin(source="mailer-2") as work:
        more = work.confirm(person.primary_email, by="delivered", at="2026-05-01T09:01Z")
        assert len(work.transaction.freshness.verifications_of(person.id)) == 3
    assert more.p_ref > once.p_ref


def test_late_evidence_takes_its_place_in_time(store, clock):
    """Whatever the order in which four checks arrive, the state is the filter's in order of time."""
    base = clock()
    checks = [("delivered", True, 10), ("opened", True, 40), ("hard_bounce", False, 60), ("owner", True, 90)]
    dated = [(by, ok, base + timedelta(days=day)) for by, ok, day in checks]
    people = [ana(emails=[f"p{n}@acme.dk"]) for n in range(24)]
    stored = added(store, *people)
    clock.advance(days=100)
    for person, order in zip(stored, permutations(dated), strict=True):
        with store.begin() as work:
            for by, ok, at in order:
                last = check(work, store_point(work, person), by, ok, at)
        start = observed("a", person.id, person.emails[0].id, pool="b2c.email", source="s", reliability=0.98,
                         observed_at=base, half_life_days=H)  # fmt: skip
        wanted = weighed(start, dated)
        assert (last.p_ref, last.ref_at, last.key) == (wanted.p_ref, wanted.ref_at, wanted.key)
        assert last.confirmed_at == base + timedelta(days=90)


def store_point(work, person):
    """The newest version of the address."""
    return work.contacts.get(person.id).emails[0]


def test_late_evidence_about_an_earlier_value_does_not_touch_this_one(store, clock):
    """After the city changed, its checks begin anew: old ones are not weighed into the new value."""
    person = added(store, ana())
    clock.advance(days=10)
    with store.begin() as work:
        work.refute(person, f.contact.city, by="survey")
        person = work.change(person, city="Odense")
    clock.advance(days=30)
    with store.begin() as work:
        work.confirm(person, f.contact.city, by="survey")
        state = work.confirm(person, "contact.demographic.city", by="vendor", at=clock() - timedelta(days=20))
    h = DEFAULT_HALF_LIVES["b2c.address"]
    start = observed("a", person.id, person.id, pool="x", source="s", reliability=0.98,
                     observed_at=clock() - timedelta(days=30), half_life_days=h)  # fmt: skip
    for by, days in (("vendor", 20), ("survey", 0)):
        start = weigh(start, EVIDENCE[by], is_valid=True, at=clock() - timedelta(days=days), half_life_days=h)
    assert state.p_ref == start.p_ref


def test_late_evidence_is_not_lost_when_the_past_cannot_be_replayed(store, clock):
    """The source was rated anew meanwhile: the late check is weighed at the newest instant."""
    person = added(store, ana())
    clock.advance(days=50)
    with store.begin() as work:
        before = work.confirm(person.primary_email, by="opened")
        work.change(work.sources.get("manual"), reliability=0.5)
    with store.begin() as work:
        after = work.confirm(person.primary_email, by="delivered", at=clock() - timedelta(days=20))
    assert after == weigh(
        before, EVIDENCE["delivered"], is_valid=True, at=clock() - timedelta(days=20), half_life_days=H
    )
    assert after.ref_at == before.ref_at


def test_an_undated_value_is_dated_by_a_check(store):
    """From then on it is part of the decayed share."""
    person = added(store, ana(), observed_at=mim.UNDATED)
    assert store.quality.report().whole.undated == len(states(store, person)[0])
    with store.begin() as work:
        state = work.confirm(person.primary_email, by="delivered")
    assert (state.observed_at, state.ref_at) == (None, store.now())
    assert store.quality.report().whole.undated == len(states(store, person)[0]) - 1


@pytest.mark.parametrize(
    ("act", "by", "state"),
    [
        ("confirm", "owner", "verified"),
        ("confirm", "double_opt_in", "verified"),
        ("confirm", "mailbox_check", "verified"),
        ("confirm", "delivered", "unverified"),
        ("confirm", "opened", "unverified"),
        ("refute", "hard_bounce", "bounced"),
        ("refute", "unreachable", "invalid"),
        ("refute", "mailbox_check", "invalid"),
        ("refute", "owner", "invalid"),
        ("refute", "delivered", "unverified"),
    ],
)
def test_marks_on_contact_points(store, act, by, state):
    """Proof verifies, a hard bounce bounces; what proves nothing leaves the mark and the version alone."""
    person = added(store, ana())
    with store.begin() as work:
        getattr(work, act)(person.primary_email, by=by)
    assert point_state(store, person) == state
    assert store.contacts.get(person).version == (1 if state == "unverified" else 2)
    with store.read() as work:
        assert len(work.history(person)) == store.contacts.get(person).version


def test_a_mark_is_no_new_value(store, clock):
    """Marking a point keeps the age and the source of everything."""
    person = added(store, ana(), source="fair")
    clock.advance(days=5)
    before = {one.attribute: one for one in states(store, person)[0]}
    with store.begin() as work:
        work.confirm(person.primary_email, by="owner")
    after = {one.attribute: one for one in states(store, person)[0]}
    assert {name for name in after if after[name] != before[name]} == {"contact.emails"}
    assert after["contact.emails"].source == "fair"


def test_a_bounced_mailbox_comes_back_only_by_proof(store, clock):
    """Delivered again is a hint, proof is proof."""
    person = added(store, ana())
    marks = []
    for act, by in (("confirm", "owner"), ("refute", "hard_bounce"), ("confirm", "delivered"), ("confirm", "owner")):
        with store.begin() as work:
            getattr(work, act)(person.primary_email, by=by)
        clock.advance(days=1)
        marks.append(point_state(store, person))
    assert marks == ["verified", "bounced", "bounced", "verified"]


def test_what_cannot_be_checked_is_refused(store):
    """Each message says what to give instead."""
    person = added(store, ana(country="DK"))
    with store.begin() as work:
        for call, error, words in (
            (lambda: work.confirm(person, by="owner"), InvalidValueError, "f.contact.city"),
            (lambda: work.confirm(person, f.contact.age, by="owner"), InvalidValueError, "not a stored value"),
            (lambda: work.confirm(person, f.contact.primary_email, by="owner"), InvalidValueError, "contact point"),
            (lambda: work.confirm(person, f.account.employees, by="owner"), InvalidValueError, "not a stored value"),
            (lambda: work.confirm(person, "contact.ctiy", by="owner"), mim.UnknownFieldError, "contact.city|ctiy"),
            (lambda: work.confirm(person, f.contact.title, by="owner"), NotFoundError, "no stored value"),
            (lambda: work.confirm(person.primary_email, by="hard_bounce"), InvalidValueError, "only refute"),
            (lambda: work.confirm(person.primary_email, by="unreachable"), InvalidValueError, "only refute"),
            (lambda: work.confirm(person.primary_email, by="ownr"), InvalidValueError, "did you mean 'owner'"),
            (lambda: work.confirm(mim.Contact(emails=["x@y.dk"]).primary_email, by="owner"), NotFoundError, "no active contact"),
        ):  # fmt: skip
            with pytest.raises(error, match=words):
                call()
    assert store.contacts.get(person) == person


def test_retired_points_are_checked_no_more(store):
    """A point that is no longer in use is found by nobody."""
    person = added(store, ana())
    with store.begin() as work:
        work.change(person, emails=["new@acme.dk"])
        with pytest.raises(NotFoundError):
            work.confirm(person.primary_email, by="owner")


@examples(40)
@given(
    checks=st.lists(
        st.tuples(
            st.sampled_from(["delivered", "opened", "vendor", "mailbox_check", "survey"]),
            st.booleans(),
            st.integers(-5, 99),
        ),
        max_size=6,
        unique_by=lambda one: one[2],
    )
)
def test_any_order_of_any_checks_is_the_filter(tmp_path, checks):
    """Random checks, some from before the value was seen, arriving in a random order: the state is the formula's."""
    clock = FixedClock(START)
    with opened("memory", tmp_path, clock) as store:
        person = added(store, ana())
        base = clock()
        clock.advance(days=100)
        dated = [(by, ok, base + timedelta(days=day)) for by, ok, day in checks]
        for by, ok, at in dated:
            with store.begin() as work:
                check(work, store_point(work, person), by, ok, at)
        state = state_of(store, person, "contact.emails")
        start = observed("a", person.id, person.emails[0].id, pool="b2c.email", source="s", reliability=0.98,
                         observed_at=base, half_life_days=H)  # fmt: skip
        wanted = weighed(start, dated)
        assert (state.p_ref, state.key) == (wanted.p_ref, wanted.key)
        assert freshness_at(state.key, clock(), H) <= 1.0
