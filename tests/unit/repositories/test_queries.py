"""Reading inside a unit of work: pages, streams, counts, and the questions that services ask."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import AmbiguousError, InvalidValueError, NotFoundError


def people(number, **given):
    """Contacts in two towns by turns."""
    return [
        mim.Contact(name=f"Ana Berg{n}", emails=[f"p{n}@acme.dk"], city="Aarhus" if n % 2 else "Odense", **given)
        for n in range(number)
    ]


def test_pages_hold_everyone_once_in_order(store):
    """Following `next` to the end gives every member once, ordered by id."""
    stored = added(store, *people(23))
    rule = f.contact.city == "Aarhus"
    wanted = [one for one in stored if one.demographic.city == "Aarhus"]
    for limit in (1, 4, 10, 11, 12):
        seen, after = [], None
        while True:
            page = store.contacts.find(rule, limit=limit, after=after)
            seen += page.items
            if page.next is None:
                break
            assert len(page.items) == limit
            after = page.next
        assert seen == sorted(wanted, key=lambda one: one.id)
    assert store.contacts.find(limit=23).next is None


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_page_sizes_are_bounded(store, limit):
    """A page is 1 to 10 000 records; the message points to stream()."""
    with pytest.raises(InvalidValueError, match="stream"):
        store.contacts.find(limit=limit)


def test_a_stream_is_decided_when_it_is_asked_for(store, monkeypatch):
    """Changing people while reading them neither skips nor repeats any; one that goes is passed over."""
    monkeypatch.setattr("mimcore.repositories.queries._CHUNK", 3)
    stored = added(store, *people(10))
    seen = []
    with store.begin() as work:
        for one in work.contacts.stream(f.contact.city == "Odense"):
            seen.append(one.id)
            work.change(one, city="Aarhus")
            if len(seen) == 1:
                work.transaction.contacts.remove([stored[8].id])
    assert seen == [one.id for one in stored[:8:2]]
    assert store.contacts.count(f.contact.city == "Odense") == 0


def test_wrong_rules_fail_at_the_call_not_at_the_first_record(store):
    """A stream of an unknown segment is an error where it is asked for."""
    with store.read() as work, pytest.raises(NotFoundError, match="no segment 'x'"):
        work.contacts.stream(f.contact.in_segment("x"))


def test_verdicts_add_up_to_everyone(store):
    """Members, non-members and undecided; archived contacts are none of them."""
    stored = added(store, *people(7), mim.Contact(name="Bo"), mim.Contact(name="Ida"))
    with store.begin() as work:
        work.remove(stored[0])
        found = work.contacts.verdicts(f.contact.city == "Aarhus")
    assert (found.members, found.non_members, found.unknown) == (3, 3, 2)


def test_now_is_a_parameter(store, clock):
    """The same rule at another instant; the store's clock unless given."""
    added(store, *people(1, acquired_at="2026-04-30T10:00Z"))
    rule = f.contact.acquired_at.within_days(7)
    assert store.contacts.count(rule) == 1
    assert store.contacts.count(rule, now=clock() + timedelta(days=7)) == 0
    with store.read() as work:
        assert work.contacts.ids(rule, now=clock() + timedelta(days=7)) == []
        assert not work.contacts.find(rule, now=clock() + timedelta(days=7)).items


def test_one_by_address_number_or_foreign_id(store):
    """In any spelling; nobody, or several, is an error that says how to see them."""
    acme = mim.Account(name="Acme")
    _, ana, bo = added(
        store,
        acme,
        mim.Contact(
            name="Ana", emails=["ana.berg@gmail.com"], phones=["+4532123456"], external_ids={"crm": "7"}, account=acme
        ),
        mim.Contact(name="Bo", emails=["bo@acme.dk"], phones=["+4532123456"], external_ids={"crm": "8"}, account=acme),
    )
    with store.read() as work:
        assert work.contacts.with_email("AnaBerg@googlemail.com") == ana
        assert work.contacts.with_external_id("crm", "8") == bo
        assert work.contacts.all_with_phone("32 12 34 56", region="DK") == (ana, bo)
        assert work.contacts.in_account(acme) == work.contacts.in_account(acme.id) == (ana, bo)
        assert work.contacts.all_with_email("no@body.dk") == ()
        with pytest.raises(AmbiguousError, match=r"2 active contacts have this phone number; use all_with_phone\(\)"):
            work.contacts.with_phone("+4532123456")
        with pytest.raises(NotFoundError, match="this e-mail address"):
            work.contacts.with_email("no@body.dk")
        with pytest.raises(NotFoundError, match="this external id"):
            work.contacts.with_external_id("crm", "9")
        with pytest.raises(InvalidValueError):
            work.contacts.with_email("not an address")


def test_everything_takes_the_object_its_id_or_its_key(store):
    """Contacts by object, UUID and text; segments and sources by key as well."""
    ana, vips = added(store, mim.Contact(name="Ana"), mim.Segment(key="vips"))
    with store.read() as work:
        assert {work.contacts.get(one) for one in (ana, ana.id, str(ana.id))} == {ana}
        assert {work.segments.get(one) for one in (vips, vips.id, "vips")} == {vips}
        assert work.contacts.get_all([ana.id, ana]) == (ana, ana)
        assert work.contacts.find_one(uuid4()) is None
        assert work.segments.find_one("nobody") is None
        assert work.contacts.all() == (ana,)
        for call in (
            lambda: work.contacts.get(uuid4()),
            lambda: work.segments.get("x"),
            lambda: work.contacts.get_all([uuid4()]),
        ):
            with pytest.raises(NotFoundError, match="in this store"):
                call()
        with pytest.raises(InvalidValueError, match="give the object itself or its UUID"):
            work.contacts.get("ana")
