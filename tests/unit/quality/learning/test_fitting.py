"""Half-lives learnt from a store's own checks: which gaps count, what applying changes, and taking it back."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import added, examples, opened, state_of, states

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.evidence import Trigger
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, freshness_key
from mimcore.errors import StaleVersionError
from mimcore.quality.learning.gaps import gaps_by_group
from mimcore.repositories.records import PlannedCheck
from mimcore.testing import FixedClock

DAY = 86_400_000_000
ONE = UUID(int=1)


def planned(day, is_valid, *, since=0, **given):
    """A planned check on a day."""
    values = {"contact_id": ONE, "attribute": "contact.emails", "subject_id": ONE, "pool": "b2c.email",
              "value_source": "fair", "since": None if since is None else since * DAY, "at": day * DAY,
              "is_valid": is_valid, "trigger": Trigger.PLANNED, "is_correction": False, "incident": ""}  # fmt: skip
    return PlannedCheck(**{**values, **given})


def lengths(*checks):
    """Unchanged days and changed gaps of the one pool."""
    found = gaps_by_group(checks).get(("b2c.email", "contact.emails", "fair"))
    return (0.0, []) if found is None else (found.unchanged_days, sorted(found.changed_days()))


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([], (0, [])),
        ([(10, True), (30, True)], (30, [])),
        ([(10, True), (30, False)], (10, [20])),
        ([(30, False), (40, False)], (0, [30])),  # wrong already: the second tells no more
        ([(30, False), (40, True), (70, False)], (0, [30, 30])),  # right after all, from then on
        ([(0, True)], (0, [])),  # no time, no information
        ([(0, False)], (0, [])),
    ],
)
def test_gaps_by_hand(checks, expected):
    """From when the value was known right to the check; the order in which checks come to be known is nothing."""
    made = [planned(*one) for one in checks]
    assert all(lengths(*some) == expected for some in permutations(made))


def test_a_replaced_value_begins_anew():
    """Its gaps begin where its source saw it; an undated one's begin with the first check that finds it right."""
    assert lengths(planned(30, False), planned(50, True, since=40)) == (10, [30])
    assert lengths(planned(30, True, since=None), planned(50, False, since=None)) == (0, [20])
    assert lengths(planned(30, False, since=None), planned(50, False, since=None)) == (0, [])
    assert lengths(planned(30, True, since=60)) == (0, [])  # from before the value was seen


def test_a_correction_is_no_decay():
    """What was a typing error never was right: no gap, and nothing after it either."""
    assert lengths(planned(30, False, is_correction=True)) == (0, [])
    assert lengths(planned(10, True), planned(30, False, is_correction=True), planned(40, False)) == (10, [])


def test_an_incident_is_one_change():
    """A hundred addresses of a company whose domain is gone are one change, as long as the middle gap."""
    together = [planned(10 * n, False, subject_id=UUID(int=n), incident="acme") for n in range(1, 100)]
    assert lengths(*together, planned(7, False, subject_id=UUID(int=200))) == (0, [7, 500])
    assert gaps_by_group(together)["b2c.email", "contact.emails", "fair"].changes == 1


def people(store, number, **given):
    """Contacts with an address each."""
    return added(store, *(mim.Contact(emails=[f"p{n}@acme.dk"], **given) for n in range(number)), source="fair")


def checked(store, found, is_valid, **given):
    """Check addresses in one unit of work."""
    with store.begin(source="agency") as work:
        for person, ok in zip(found, is_valid, strict=True):
            check = work.confirm if ok else work.refute
            check(person.primary_email, **{"by": "mailbox_check", **given})


def test_a_store_learns_its_half_life(store, clock):
    """Data that decays by 40 % a year, checked once: the truth lies in the interval, the published 18 % does not."""
    found, dice = people(store, 400), Random(3)
    clock.advance(days=365)
    checked(store, found, [dice.random() < 0.6 for _ in found])
    plan = store.quality.fit_half_lives()
    fit = plan["b2c.email"]
    truth = 365 * math.log(2) / -math.log(0.6)
    assert fit.interval_days[0] < truth < fit.interval_days[1]
    assert (fit.checks, fit.before_days, fit.is_news, len(plan)) == (400, DEFAULT_HALF_LIVES["b2c.email"], True, 1)
    for shown in (str(plan), plan._repr_html_()):
        for text in ("b2c.email", "400", "1\u202f276", f"{fit.after_days:.0f}"):
            assert text in shown
    assert store.quality.fit_half_lives().fits == plan.fits


def test_what_came_by_itself_is_not_learnt_from(store, clock):
    """Bounces, deliveries and what owners say are events; a planned delivery is not, and a random check counts too."""
    found = people(store, 4)
    clock.advance(days=100)
    checked(store, found[:1], [False], by="hard_bounce")
    checked(store, found[1:2], [True], by="delivered")
    checked(store, found[2:3], [False], trigger="event")
    assert len(store.quality.fit_half_lives()) == 0
    checked(store, found[3:], [True], by="delivered", trigger="random")
    assert store.quality.fit_half_lives()["b2c.email"].checks == 1


def test_applying_and_taking_back(store, clock):
    """Keys of untouched and of checked values become those of the new half-life; undo restores every state exactly."""
    found = people(store, 60, city="Odense")
    clock.advance(days=365)
    checked(store, found, [n % 3 != 0 for n in range(60)])
    fresh = people(store, 3)  # never checked
    archived = people(store, 1)
    with store.begin() as work:
        work.remove(archived)
    everybody = [*found, *fresh, archived]
    before, rule = states(store, *everybody), f.contact.primary_email.freshness() >= 0.9
    members = store.contacts.ids(rule)
    plan = store.quality.fit_half_lives()
    days = plan["b2c.email"].after_days
    assert plan.apply() == 64
    assert plan.apply() == 0
    with store.read() as work:
        assert work.transaction.freshness.half_lives()["b2c.email"] == days
    for person in (*fresh, archived):
        state = state_of(store, person, "contact.emails")
        assert state.key == freshness_key(0.98, state.ref_at, days)
    assert state_of(store, found[0], "contact.demographic.city") in before[0]
    confirmed = state_of(store, found[1], "contact.emails")
    p = 0.98 * 2 ** (-365 / days)
    assert confirmed.p_ref == pytest.approx(p * 0.97 / (p * 0.97 + (1 - p) * 0.1), rel=1e-9)
    at_half_life = f.contact.primary_email.freshness() >= confirmed.p_ref * 2 ** (-30 / days)
    assert store.contacts.count(at_half_life, now=clock() + timedelta(days=29)) > store.contacts.count(
        at_half_life, now=clock() + timedelta(days=31)
    )
    assert plan.undo() == 64
    assert plan.undo() == 0
    assert states(store, *everybody) == before
    assert store.contacts.ids(rule) == members
    with store.read() as work:
        assert work.transaction.freshness.half_lives() == DEFAULT_HALF_LIVES


def test_the_past_agrees_once_it_is_applied(store, clock):
    """Asked as of now, every value stands as it does now: its checks were weighed with the new half-life."""
    found = people(store, 12)
    clock.advance(days=300)
    checked(store, found, [n % 3 != 0 for n in range(12)])
    clock.advance(days=1)
    moment = clock()
    clock.advance(days=1)
    checked(store, found, [True] * 12, by="vendor")
    store.quality.fit_half_lives().apply()
    clock.advance(days=1)
    late = {"by": "call", "at": moment - timedelta(days=100)}
    checked(store, found, [True] * 12, **late)  # weighed in its place in time
    then = states(store.as_of(clock()), *found)
    assert then == states(store, *found)
    assert states(store.as_of(moment), *found) != then


def test_a_plan_that_is_out_of_date_is_refused(store, clock):
    """Somebody applied another one meanwhile."""
    found = people(store, 10)
    clock.advance(days=300)
    checked(store, found, [False] * 10)
    first, second = store.quality.fit_half_lives(), store.quality.fit_half_lives()
    first.apply()
    with pytest.raises(StaleVersionError, match="learn it again"):
        second.apply()
    assert first.undo() == 10


def test_custom_attributes_learn_too(store, clock):
    """From the half-life that was declared; taking it back restores that one."""
    store.attributes.declare(mim.attribute("tier", options=["gold", "silver"], half_life_days=100))
    found = added(store, *(mim.Contact(custom={"tier": "gold"}) for _ in range(30)))
    clock.advance(days=100)
    with store.begin() as work:
        for person in found:
            work.confirm(person, "contact.custom.tier", by="survey")
    plan = store.quality.fit_half_lives()
    assert plan["custom.tier"].after_days > 1000
    plan.apply()
    plan.undo()
    with store.read() as work:
        assert work.transaction.freshness.half_lives()["custom.tier"] == 100


@examples(25)
@given(
    found=st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(1, 300)), max_size=8, unique_by=lambda one: one[2]),
    order=st.randoms(use_true_random=False),
)  # fmt: skip
def test_no_order_and_no_repetition_matters(tmp_path, found, order):
    """The same checks in any order, some reported twice, are the same half-life."""
    fits, shuffled = [], [*found, *found[:2]]
    order.shuffle(shuffled)
    for checks in (found, shuffled):
        clock = FixedClock("2026-05-01T10:00Z")
        with opened("memory", tmp_path, clock) as store:
            three = people(store, 3)
            start = clock()
            clock.advance(days=301)
            for who, is_valid, day in checks:
                checked(store, [three[who]], [is_valid], at=start + timedelta(days=day))
            fits.append([(one.pool, one.checks, one.changes, one.rate) for one in store.quality.fit_half_lives().fits])
    assert fits[0] == fits[1]
