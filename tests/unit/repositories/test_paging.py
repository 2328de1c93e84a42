"""Pages and their cursors: where the next page begins, what a cursor tells, and what happens when people change."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from tests.stores import START, added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, RuleTypeError
from mimcore.values.instants import as_instant

CITIES = ("Odense", "aarhus", None, "Ribe", "Aarhus", None, "Vejle")


def people(store):
    """Seven people, two of them without a city."""
    return added(store, *(mim.Contact(name=f"Ana Berg{n}", city=city) for n, city in enumerate(CITIES)))


def walk(store, size, **asked):
    """Follow `next` to the end."""
    page = store.contacts.find(limit=size, **asked)
    seen = [*page.items]
    while page.next is not None:
        page = store.contacts.find(limit=size, after=page.next, **asked)
        seen += page.items
    return seen


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_sorted_pages_hold_everyone_once_in_order(store, size):
    """The folded text sorts, ties stand by id, missing values last; wherever a page ends."""
    made = people(store)
    assert walk(store, size, sort=f.contact.city) == [made[at] for at in (1, 4, 0, 3, 6, 2, 5)]
    assert walk(store, size, sort=-f.contact.city) == [made[at] for at in (6, 3, 0, 1, 4, 2, 5)]


def test_verdicts_come_as_pages_too(store):
    """Who cannot be decided is a list like any other, sorted or not."""
    made = people(store)
    rule = f.contact.city == "Aarhus"
    assert walk(store, 1, rule=rule, verdict="unknown") == [made[2], made[5]]
    assert walk(store, 2, rule=rule, verdict="non_member", sort=-f.contact.city) == [made[6], made[3], made[0]]
    assert [store.contacts.count(rule, verdict=v) for v in ("member", "non_member", "unknown")] == [2, 3, 2]
    assert store.contacts.ids(rule, verdict="unknown") == [made[2].id, made[5].id]
    assert list(store.contacts.stream(rule, verdict="unknown")) == [made[2], made[5]]


def test_a_cursor_is_short_and_tells_no_value(store):
    """55 letters that may stand in an address; neither the text nor its bytes hold what was sorted by."""
    people(store)
    cursor = store.contacts.find(sort=f.contact.city, limit=4).next
    assert len(cursor) == 55
    assert cursor.replace("-", "a").replace("_", "a").isalnum()
    whole = urlsafe_b64decode(cursor + "=")
    assert b"Ribe" not in whole
    assert b"ribe" not in whole


def test_a_cursor_belongs_to_its_question(store):
    """Another rule, verdict, sort or instant is refused, each with what to do."""
    people(store)
    rule = f.contact.city.is_known()
    cursor = store.contacts.find(rule, sort=f.contact.city, limit=2).next
    others = [
        {"rule": rule},
        {"rule": rule, "sort": -f.contact.city},
        {"rule": ~rule, "sort": f.contact.city},
        {"sort": f.contact.city},
        {"rule": rule, "sort": f.contact.city, "verdict": "non_member"},
    ]
    for other in others:
        with pytest.raises(InvalidValueError, match="another rule, verdict or sort"):
            store.contacts.find(after=cursor, **other)
    with pytest.raises(InvalidValueError, match="another instant"):
        store.contacts.find(rule, sort=f.contact.city, after=cursor, now=as_instant("2020-01-01T00:00Z"))
    assert store.contacts.find(rule, sort=f.contact.city, after=cursor, now=as_instant(START)).items


@pytest.mark.parametrize("text", ["", "x", "é", "A" * 55, "A" * 56, "=" * 55, "!" * 55, "____" * 20])
def test_what_is_no_cursor_is_refused(store, text):
    """Whatever text comes back from a browser."""
    people(store)
    with pytest.raises(InvalidValueError, match="after"):
        store.contacts.find(after=text)


def test_every_single_change_of_a_cursor_is_noticed_or_harmless(store):
    """No letter can be changed so that another error than ours comes."""
    people(store)
    cursor = store.contacts.find(sort=f.contact.city, limit=3).next
    for at in range(len(cursor)):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        try:
            store.contacts.find(sort=f.contact.city, after=changed)
        except InvalidValueError:
            continue
        # Only the instant of evaluation may be another one.
        assert 1 <= at <= 12


def test_all_pages_are_of_one_instant(store, clock):
    """A purchase slides out of the window between two pages: the second page is of the first one's instant."""
    made = people(store)
    with store.begin() as work:
        for one in made[:4]:
            work.record("purchase", contact=one, at=clock() - timedelta(days=30))
    rule = f.contact.purchases.count(within_days=30) >= 1
    page = store.contacts.find(rule, limit=2)
    clock.advance(days=1)
    assert store.contacts.count(rule) == 0
    assert store.contacts.find(rule, limit=2, after=page.next).items == made[2:4]


def test_a_place_that_was_lost_is_said(store):
    """The contact at which the page ended moved: going on would leave people out, so it is refused."""
    people(store)
    page = store.contacts.find(sort=f.contact.city, limit=3)
    with store.begin() as work:
        work.change(page.items[-1], city="Ølgod")
    with pytest.raises(InvalidValueError, match="stands somewhere else now"):
        store.contacts.find(sort=f.contact.city, after=page.next)


def test_changes_that_do_not_move_it_are_harmless(store):
    """Other fields, other people, even archiving the contact at which the page ended."""
    made = people(store)
    page = store.contacts.find(sort=f.contact.city, limit=3)
    with store.begin() as work:
        work.change(made[3], city="Aabenraa")
        work.remove(work.change(page.items[-1], country="DK"))
    rest = store.contacts.find(sort=f.contact.city, after=page.next)
    assert [one.id for one in rest.items] == [made[at].id for at in (6, 2, 5)]


def test_a_contact_that_is_gone_has_no_place(store):
    """Taken back by an import's undo: the page cannot go on behind it."""
    people(store)
    page = store.contacts.find(sort=f.contact.city, limit=3)
    with store.begin() as work:
        work.transaction.contacts.remove([page.items[-1].id])
    with pytest.raises(InvalidValueError, match="not stored"):
        store.contacts.find(sort=f.contact.city, after=page.next)


def test_after_may_be_an_id(store):
    """Go on behind a contact that is at hand, sorted or not."""
    made = people(store)
    assert store.contacts.find(after=made[4].id).items == made[5:]
    assert store.contacts.find(sort=f.contact.city, after=made[0].id, limit=1).items == (made[3],)


def test_a_total_needs_one_currency(store, clock):
    """With the events of one currency it is clear, with several it must be named."""
    made = people(store)
    with store.begin() as work:
        work.record("purchase", contact=made[2], at=clock(), value=mim.money(5, "DKK"))
        work.record("purchase", contact=made[1], at=clock(), value=mim.money(7, "DKK"))
    total = f.contact.purchases.total(within_days=365)
    assert store.contacts.find(sort=-total, limit=3).items == (made[1], made[2], made[0])
    assert walk(store, 2, sort=-total) == [made[at] for at in (1, 2, 0, 3, 4, 5, 6)]
    with store.begin() as work:
        work.record("purchase", contact=made[0], at=clock(), value=mim.money(1, "EUR"))
    with pytest.raises(RuleTypeError, match=r"total\(currency='DKK'\)"):
        store.contacts.find(sort=-total)
    named = f.contact.purchases.total(currency="EUR")
    assert store.contacts.find(sort=-named, limit=1).items == (made[0],)


@pytest.mark.parametrize(
    "sort",
    [
        f.contact.tags,
        f.contact.devices,
        f.contact.city.freshness(),
        f.contact.city == "Aarhus",
        "city",
        [f.contact.city, None],
        [f.contact.city] * 9,
        f.event.product,
    ],
)
def test_what_people_cannot_be_sorted_by(store, sort):
    """Lists, rules, names, too many keys: refused with what would be right."""
    with pytest.raises(RuleTypeError):
        store.contacts.find(sort=sort)


def test_a_collection_has_no_opposite():
    """The minus sign is refused at once."""
    with pytest.raises(RuleTypeError, match="single values"):
        -f.contact.tags


def test_an_unknown_verdict_is_refused(store):
    """With the three that there are."""
    for ask in (store.contacts.find, store.contacts.ids, store.contacts.count):
        with pytest.raises(InvalidValueError, match="member, non_member, unknown"):
            ask(verdict="maybe")


def test_a_total_is_compared_in_its_currency():
    """A currency that was named for sorting does not get lost in a comparison."""
    total = f.contact.purchases.total(currency="DKK")
    assert (total >= mim.money(1, "DKK")) == (f.contact.purchases.total() >= mim.money(1, "DKK"))
    with pytest.raises(RuleTypeError, match="DKK"):
        total >= mim.money(1, "EUR")
