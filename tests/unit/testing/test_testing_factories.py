"""Factories and the clock: valid, repeatable, about nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mimcore.errors import InvalidValueError
from mimcore.testing import Factory, FixedClock
from mimcore.testing.people import MAIL_DOMAINS
from mimcore.values.money import Money

KINDS = ("contact", "account", "interaction", "segment", "source", "campaign", "lead", "task")


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_valid_by_default_and_repeatable(kind):
    """The same seed makes the same objects, ids included; another seed makes others."""
    make = lambda seed: [getattr(Factory(seed), kind)() for _ in range(1)] + [getattr(Factory(seed), kind)()]  # noqa: E731
    assert make(7) == make(7)
    assert make(7)[0].id != make(8)[0].id


def test_objects_of_one_factory_differ_and_are_in_order():
    """Ids, addresses and numbers are its own for each of a thousand people; ids rise with the order of making."""
    factory = Factory(3)
    people = [factory.contact() for _ in range(1_000)]
    assert len({one.emails[0].value for one in people}) == len({one.phones[0].value for one in people}) == 1_000
    assert [one.id for one in people] == sorted(one.id for one in people)
    assert len({point.id for one in people for point in one.points}) == 2_000


def test_nobody_is_real():
    """Addresses end in domains reserved by RFC 2606, numbers are 555-0100 to 555-0199."""
    factory = Factory(11)
    for one in (factory.contact() for _ in range(300)):
        assert one.emails[0].value.rpartition("@")[2] in MAIL_DOMAINS
        assert one.phones[0].value[5:10] == "55501"


def test_what_is_given_is_taken_and_none_leaves_out():
    """A given country leaves out the made-up town, which lies elsewhere."""
    contact = Factory().contact(country="JP", emails=["x@example.com"], phones=None, birth_date=None)
    assert (contact.demographic.country, contact.demographic.city) == ("JP", None)
    assert contact.emails[0].value == "x@example.com"
    assert (contact.phones, contact.demographic.birth_date) == ((), None)
    with pytest.raises(InvalidValueError, match="not declared"):
        Factory().contact(contry="DK")


def test_purchases_are_kept_oldest_first():
    """A date means the end of that day in UTC; each is worth 100.00 DKK."""
    factory = Factory()
    heavy = factory.contact(purchases=["2026-03-09", "2026-03-01T08:00Z"])
    events = factory.interactions_of(heavy)
    assert [event.at for event in events] == [
        datetime(2026, 3, 1, 8, tzinfo=UTC),
        datetime(2026, 3, 9, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    assert {event.value for event in events} == {Money(minor_units=10_000, currency="DKK")}
    assert factory.interactions_of(factory.contact()) == ()


def test_facts_hold_what_the_factory_knows():
    """Events, account, lists and the clock's instant; freshness is not known, hence absent."""
    clock = FixedClock("2026-05-01T00:00Z")
    factory = Factory(clock=clock)
    acme = factory.account()
    contact = factory.contact(account=acme, listed_in=["vips"], purchases=["2026-03-09"])
    facts = factory.facts(contact)
    assert (facts.account, facts.listed_in, facts.now) == (acme, {"vips"}, clock())
    assert len(facts.events) == 1
    assert repr(facts.states).startswith("<") or facts.states is type(facts)(contact=contact).states


def test_the_clock_stands_until_it_is_moved():
    """It returns aware instants in UTC and refuses naive ones."""
    clock = FixedClock("2026-04-01T14:00+02:00")
    assert clock() == clock() == datetime(2026, 4, 1, 12, tzinfo=UTC)
    clock.advance(days=1, hours=2, minutes=3, seconds=4)
    assert clock() == datetime(2026, 4, 2, 14, 3, 4, tzinfo=UTC)
    clock.advance(days=-1.5)
    clock.move_to(clock() + timedelta(0))
    assert clock().isoformat() == "2026-04-01T02:03:04+00:00"
    assert repr(clock) == "FixedClock('2026-04-01T02:03:04+00:00')"
    with pytest.raises(InvalidValueError, match="no time zone"):
        FixedClock("2026-04-01T12:00")
