"""Who checked, why, under which id, and what befell many at once: the edge cases of checks that are settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.stores import added, state_of, states

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.evidence import EVIDENCE, Trigger
from mimcore.domain.freshness import CLOCK_SKEW, DEFAULT_HALF_LIVES
from mimcore.errors import DuplicateKeyError, InvalidValueError

H = DEFAULT_HALF_LIVES["b2c.email"]


def ana(store, **options):
    """A stored contact with an address and a city."""
    return added(store, mim.Contact(emails=["ana@acme.dk"], city="Aarhus"), **options)


def checks_of(store, person):
    """What was recorded about a contact's values."""
    with store.read() as work:
        return work.transaction.freshness.verifications_of(person.id)


def bayes(p, sensitivity, false_confirmation, is_valid=True):
    """The step as the formula has it."""
    right, wrong = (sensitivity, false_confirmation) if is_valid else (1 - sensitivity, 1 - false_confirmation)
    return p * right / (p * right + (1 - p) * wrong)


@pytest.mark.parametrize("by", sorted(EVIDENCE))
def test_every_kind_of_check_moves_the_value_by_its_rates(store, clock, by):
    """Confirming up, refuting down, a soft bounce not at all; each is kept with the rates it was weighed with."""
    person, kind = ana(store), EVIDENCE[by]
    clock.advance(days=200)
    p = 0.98 * 2 ** (-200 / H)
    before = state_of(store, person, "contact.emails")
    with store.begin(source="agency") as work:
        check = work.refute if kind.only_refutes else work.confirm
        state = check(person.primary_email, by=by)
    if by == "soft_bounce":
        assert state == before
    else:
        expected = bayes(p, kind.sensitivity, kind.false_confirmation, not kind.only_refutes)
        assert state.p_ref == pytest.approx(expected, rel=1e-9)
        assert (state.p_ref > p) is not kind.only_refutes
    (event,) = checks_of(store, person)
    assert (event.evidence.sensitivity, event.evidence.false_confirmation) == (
        kind.sensitivity,
        kind.false_confirmation,
    )
    assert (event.trigger, event.since, event.pool) == (kind.trigger, before.observed_at, "b2c.email")
    assert (event.value_source, event.source) == ("manual", "agency")


def test_a_source_has_rates_of_its_own(store, clock):
    """They stand in place of the kind's, for whoever reports through it; rating it anew leaves the past as it was."""
    added(store, mim.Source(key="sloppy", sensitivity=0.7, false_confirmation=0.6))
    person = ana(store)
    clock.advance(days=200)
    with store.begin(source="sloppy") as work:
        first = work.confirm(person.primary_email, by="mailbox_check")
    assert first.p_ref == pytest.approx(bayes(0.98 * 2 ** (-200 / H), 0.7, 0.6), rel=1e-9)
    with store.begin() as work:
        work.change(_source(work, "sloppy"), sensitivity=0.99, false_confirmation=0.01)
    clock.advance(days=100)
    with store.begin() as work:  # a late check: the one of the source is weighed again, with the rates of then
        late = work.confirm(person.primary_email, by="vendor", at=clock() - timedelta(days=200))
    p = bayes(0.98 * 2 ** (-100 / H), 0.9, 0.3)
    assert late.p_ref == pytest.approx(bayes(p * 2 ** (-100 / H), 0.7, 0.6), rel=1e-9)
    with store.begin() as work:
        named = work.confirm(person, f.contact.city, by="vendor", source="sloppy")
    assert named.p_ref > 0.99
    assert states(store.as_of(clock()), person) == states(store, person)


def _source(work, key):
    return work.transaction.sources.with_key(key)


def test_a_source_gives_both_rates_or_neither():
    """One alone tells nothing."""
    with pytest.raises(InvalidValueError, match="false_confirmation: is missing"):
        mim.Source(key="a", sensitivity=0.9)
    with pytest.raises(InvalidValueError, match="sensitivity: is missing"):
        mim.Source(key="a", false_confirmation=0.1)


def test_the_same_external_id_is_one_check(store, clock):
    """Reported again, at another instant of the report too, nothing moves; another source's id is another check."""
    person = ana(store)
    clock.advance(days=10)
    report = {"by": "delivered", "at": "2026-05-05T08:00Z", "external_id": "m1"}
    seen = []
    for source in ("mailer", "mailer", "other"):
        with store.begin(source=source) as work:
            seen.append(work.confirm(person.primary_email, **report).p_ref)
    assert seen[0] == seen[1] < seen[2]
    assert len(checks_of(store, person)) == 2


def test_an_external_id_stands_for_one_check_only(store, clock):
    """The same id with another result, or of another value, is refused without any value; the unit of work goes on."""
    person, other = ana(store), added(store, mim.Contact(emails=["bo@acme.dk"]))
    clock.advance(days=10)
    with store.begin(source="mailer") as work:
        work.confirm(person.primary_email, by="delivered", at="2026-05-05", external_id="m1")
        for call in (
            lambda: work.refute(person.primary_email, by="delivered", at="2026-05-05", external_id="m1"),
            lambda: work.confirm(other.primary_email, by="delivered", at="2026-05-05", external_id="m1"),
            lambda: work.confirm(person.primary_email, by="opened", at="2026-05-05", external_id="m1"),
        ):
            with pytest.raises(DuplicateKeyError, match="another check") as caught:
                call()
            assert "acme" not in str(caught.value)
    assert len(checks_of(store, person)) == 1


def test_two_checks_of_one_instant_are_told_apart_by_their_ids(store):
    """Without ids they would be one."""
    person = ana(store)
    with store.begin(source="mailer") as work:
        for outside in ("m1", "m2", "m2"):
            work.confirm(person.primary_email, by="opened", external_id=outside)
    assert [event.external_id for event in checks_of(store, person)] == ["m1", "m2"]


def test_stamps_from_the_future(store, clock):
    """Up to five minutes of skew are now; beyond that the check is refused with the reason, and nothing is recorded."""
    person = ana(store)
    with store.begin() as work:
        state = work.confirm(person.primary_email, by="owner", at=clock() + CLOCK_SKEW)
        assert state.ref_at == clock()
        with pytest.raises(InvalidValueError, match="at: lies in the future"):
            work.confirm(person, f.contact.city, by="owner", at=clock() + CLOCK_SKEW + timedelta(seconds=1))
    assert len(checks_of(store, person)) == 1


def test_an_undated_value_keeps_its_own_share_until_it_is_checked(store, clock):
    """Nobody knows since when it was right; the first check dates it, and closes no gap."""
    person = ana(store, observed_at=mim.UNDATED)
    clock.advance(days=30)
    assert store.quality.report().whole.undated == 2
    with store.begin() as work:
        work.confirm(person.primary_email, by="mailbox_check")
    assert store.quality.report().whole.undated == 1
    assert len(store.quality.fit_half_lives()) == 0


def test_a_typing_error_is_no_decay(store, clock):
    """The value is as wrong as any refuted one, and the half-life learns nothing from it."""
    person = ana(store)
    clock.advance(days=30)
    with store.begin() as work:
        state = work.refute(person, f.contact.city, by="call", is_correction=True)
    assert state.p_ref < 0.9
    assert len(store.quality.fit_half_lives()) == 0


def test_an_incident_is_one_change_of_many_values(store, clock):
    """Every value is refuted; the half-life learns of one change."""
    found = added(store, *(mim.Contact(emails=[f"p{n}@gone.dk"]) for n in range(20)))
    clock.advance(days=30)
    with store.begin() as work:
        for person in found:
            assert work.refute(person.primary_email, by="mailbox_check", incident="gone.dk is gone").p_ref < 0.5
    fit = store.quality.fit_half_lives()["b2c.email"]
    assert (fit.checks, fit.changes) == (1, 1)


def test_the_trigger_is_what_is_usual_unless_it_is_said(store):
    """Asking people is planned, what they answer by themselves is not; anything else is refused."""
    person = ana(store)
    with store.begin() as work:
        work.confirm(person.primary_email, by="owner")
        work.confirm(person.primary_email, by="mailbox_check")
        work.confirm(person, f.contact.city, by="survey", trigger="random")
        work.confirm(person, f.contact.city, by="call", trigger=Trigger.EVENT)
        with pytest.raises(InvalidValueError, match="trigger: is none of planned, random, event"):
            work.confirm(person.primary_email, by="opened", trigger="bounce")
    assert sorted(event.trigger for event in checks_of(store, person)) == ["event", "event", "planned", "random"]


def test_conflicting_values_keep_probabilities_of_their_own(store, clock):
    """Two addresses of one person are two values: what refutes one says nothing of the other."""
    person = added(store, mim.Contact(emails=["ana@acme.dk", "ana@home.dk"]))
    clock.advance(days=100)
    with store.begin() as work:
        work.refute(person.emails[0], by="hard_bounce")
    by_point = {state.subject_id: state for state in states(store, person)[0]}
    assert by_point[person.emails[0].id].p_ref < 0.5
    assert by_point[person.emails[1].id].p_ref == 0.98
