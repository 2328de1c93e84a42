"""Granting, withdrawing and suppressing inside a unit of work, and what the gate says afterwards."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests.stores import added

import mimcore as mim
from mimcore.domain.consent import ConsentAction, identifier_key
from mimcore.errors import ClosedError, ConsentError, InvalidValueError, NotFoundError

NEWS = {"channel": "email", "purpose": "newsletter"}
FORM = {**NEWS, "method": "form", "notice": "v3"}


def ana(**given):
    """A contact."""
    return mim.Contact(**{"name": "Ana Berg", "emails": ["ana@acme.dk"], "phones": ["+4532123456"], **given})


def answer(store, point, **about):
    """The reasons against contacting a point."""
    with store.read() as work:
        return tuple(one.value for one in work.can_contact(point, **{**NEWS, **about}).reasons)


def test_consent_is_per_point_channel_and_purpose(store):
    """Consenting to the newsletter by e-mail says nothing about offers, the phone, or another address."""
    person = added(store, ana(emails=["ana@acme.dk", "ana@home.dk"]))
    with store.begin(source="site") as work:
        given = work.grant(person.primary_email, **FORM)
    assert answer(store, person.emails[0]) == ()
    assert answer(store, person.emails[1]) == ("no_consent",)
    assert answer(store, person.emails[0], purpose="offers") == ("no_consent",)
    assert answer(store, person.emails[0], channel="sms") == ("no_consent",)
    assert (given.source, given.actor, given.contact_id, given.notice) == ("site", "tester", person.id, "v3")


def test_a_withdrawal_holds_and_only_the_person_lifts_it(store, clock):
    """No evidence, no import, no other basis; a new consent with evidence does."""
    person = added(store, ana())
    point = person.primary_email
    with store.begin() as work:
        work.grant(point, **FORM)
    clock.advance(hours=1)
    with store.begin() as work:
        work.withdraw(point, **NEWS)
        assert work.can_contact(point, **NEWS).reasons[0] == "withdrawn"
    clock.advance(hours=1)
    for more in (
        {},
        {"method": "import", "evidence": {"row": "7"}},
        {"basis": "soft_opt_in", "evidence": {"order": "7"}},
    ):
        with store.begin() as work, pytest.raises(ConsentError, match="evidence="):
            work.grant(point, **{**FORM, **more})
    with store.begin(import_id=uuid4()) as work, pytest.raises(ConsentError):
        work.grant(point, **FORM, evidence={"form": "7"})
    assert answer(store, point) == ("withdrawn",)
    with store.begin() as work:
        work.grant(point, **FORM, evidence={"form": "entry 7"})
    assert answer(store, point) == ()


def test_an_older_consent_that_arrives_late_lifts_nothing(store, clock):
    """What was given before the withdrawal is history; recording it is no error."""
    person = added(store, ana())
    clock.advance(days=10)
    with store.begin() as work:
        work.withdraw(person.primary_email, **NEWS)
    clock.advance(days=10)
    with store.begin() as work:
        work.grant(person.primary_email, **FORM, at="2026-05-02")
    assert answer(store, person.primary_email) == ("withdrawn",)


def test_an_import_that_withdraws_is_heard(store, clock):
    """Restricting is always possible."""
    person = added(store, ana())
    with store.begin() as work:
        work.grant(person.primary_email, **FORM)
    clock.advance(days=1)
    with store.begin(import_id=uuid4()) as work:
        work.withdraw(person.primary_email, **NEWS, method="import")
    assert answer(store, person.primary_email) == ("withdrawn",)


def test_consent_ends_by_itself(store, clock):
    """A date means the end of that local day; from the next instant on there is no consent."""
    person = added(store, ana())
    with store.begin() as work:
        work.grant(person.primary_email, **FORM, expires_at="2026-05-02")
    clock.move_to("2026-05-02T21:59:59Z")
    assert answer(store, person.primary_email) == ()
    clock.move_to("2026-05-02T22:00:00Z")
    assert answer(store, person.primary_email) == ("no_consent",)


def test_consent_belongs_to_the_address_in_any_spelling(store):
    """Another contact with the same mailbox, spelt otherwise, has the same consent and the same withdrawal."""
    one, two = added(store, ana(emails=["ana.berg@gmail.com"]), ana(emails=["AnaBerg+x@googlemail.com"]))
    with store.begin() as work:
        work.grant(one.primary_email, **FORM)
    assert answer(store, two.primary_email) == ()
    with store.begin() as work:
        work.withdraw(two.primary_email, **NEWS)
    assert answer(store, one.primary_email) == ("withdrawn",)


@pytest.mark.parametrize(
    "spelling",
    [
        "ana.berg@gmail.com",
        "Ana.Berg@Gmail.COM",
        "anaberg@googlemail.com",
        "ana.berg+shop@gmail.com",
        " a.n.a.berg@gmail.com",
    ],
)
def test_suppression_finds_five_spellings(store, spelling):
    """The list knows no contact: an address is on it before, and after, anybody has it."""
    with store.begin() as work:
        work.suppress("ana.berg@gmail.com", reason="complaint")
    person = added(store, ana(emails=[spelling]))
    with store.begin() as work:
        work.grant(person.primary_email, **FORM)
    assert answer(store, person.primary_email) == ("suppressed",)
    assert answer(store, person.primary_email, channel="sms") == ("no_consent", "suppressed")


def test_suppression_by_channel_and_for_all(store):
    """For SMS only, then for everything; once on the list it stays."""
    person = added(store, ana())
    with store.begin() as work:
        for channel in ("sms", "phone"):
            work.grant(person.primary_phone, **{**FORM, "channel": channel})
        work.suppress("+45 32 12 34 56", channel="sms")
    assert answer(store, person.primary_phone, channel="sms") == ("suppressed",)
    assert answer(store, person.primary_phone, channel="phone") == ()
    with store.begin() as work:
        work.suppress(person.primary_phone)
        work.suppress(person.primary_phone, channel="sms", reason="again")
    assert answer(store, person.primary_phone, channel="phone") == ("suppressed",)
    assert answer(store, person.primary_email) == ("no_consent",)


def test_nothing_of_an_identifier_is_stored_in_clear(store):
    """Consent and suppression hold the keyed hash."""
    person = added(store, ana())
    with store.begin() as work:
        given = work.grant(person.primary_email, **FORM)
        assert given.identifier == identifier_key(b"only-for-tests-0", "email", "ana@acme.dk")
        assert work.gate.identifier("ana@acme.dk") == work.gate.identifier(person.primary_email) == given.identifier
        assert "ana@acme" not in repr(given)


def test_the_gate_answers_for_no_address(store):
    """Asking about nothing is answered, not an error; misspelt purposes and channels are errors even then."""
    assert answer(store, None) == ("no_address",)
    with store.read() as work:
        with pytest.raises(InvalidValueError, match="did you mean 'newsletter'"):
            work.can_contact(None, channel="email", purpose="newsleter")
        with pytest.raises(InvalidValueError, match="did you mean 'email'"):
            work.can_contact(None, channel="mail", purpose="newsletter")


def test_services_need_no_consent_but_heed_objections(store):
    """What a contract requires may be sent until the person objects."""
    person = added(store, ana())
    assert answer(store, person.primary_email, purpose="service") == ()
    with store.begin() as work:
        owner = work.contacts.get(person)
        objected = work.gate.act(
            person.primary_email, ConsentAction.OBJECTED, work.origin, owner.id,
            channel="email", purpose="service", occurred_at=store.now(), method="phone",
        )  # fmt: skip
        work.gate.append([(objected, person.primary_email)])
    assert answer(store, person.primary_email, purpose="service") == ("withdrawn",)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"method": "Import"}, "did you mean 'import'"),
        ({"method": "doubleoptin"}, "did you mean 'double_opt_in'"),
        ({"basis": "consnt"}, "did you mean 'consent'"),
        ({"purpose": "news"}, "purpose: is not declared"),
        ({"channel": "fax"}, "channel"),
        ({"notice": "  "}, "notice"),
        ({"expires_at": "2026-04-01"}, "expires_at: is not after the act"),
        ({"at": "2026-06-01"}, "lies in the future"),
    ],
)
def test_a_wrong_grant_is_refused_and_nothing_is_stored(store, wrong, words):
    """Each refusal names the field and what would be right."""
    person = added(store, ana())
    with store.begin() as work:
        with pytest.raises(InvalidValueError, match=words):
            work.grant(person.primary_email, **{**FORM, **wrong})
        assert not work.transaction.consents.of_identifier(work.gate.identifier(person.primary_email))


def test_consent_needs_an_owner(store):
    """A point that is not stored, or whose contact is archived, takes no consent; suppression takes any address."""
    stranger = ana(emails=["x@y.dk"])
    person = added(store, ana())
    with store.begin() as work:
        for call in (work.grant, work.withdraw):
            with pytest.raises(InvalidValueError, match="add one first"):
                call(None, **(FORM if call == work.grant else NEWS))
            with pytest.raises(NotFoundError, match="no active contact"):
                call(stranger.primary_email, **(FORM if call == work.grant else NEWS))
        work.remove(person)
        with pytest.raises(NotFoundError):
            work.grant(person.primary_email, **FORM)
        work.suppress("x@y.dk")


def test_acts_of_one_instant_end_in_the_restrictive_one(store):
    """Granting and withdrawing at one instant, in either order: nobody is contacted."""
    one, two = added(store, ana(emails=["a@acme.dk"]), ana(emails=["b@acme.dk"]))
    with store.begin() as work:
        work.grant(one.primary_email, **FORM)
        work.withdraw(one.primary_email, **NEWS)
        work.withdraw(two.primary_email, **NEWS)
        work.grant(two.primary_email, **FORM, evidence={"form": "7"})
    assert answer(store, one.primary_email) == answer(store, two.primary_email) == ("withdrawn",)


def test_consent_is_rolled_back_with_the_rest(store):
    """One transaction: a failing block leaves no act."""
    person = added(store, ana())
    work = store.begin()
    work.grant(person.primary_email, **FORM)
    work.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert answer(store, person.primary_email) == ("no_consent",)
    with pytest.raises(ClosedError):
        work.grant(person.primary_email, **FORM)
