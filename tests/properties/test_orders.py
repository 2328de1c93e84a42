"""Random people in random orders: memory and SQLite agree with plain sorting, page by page, forwards to the end."""

from __future__ import annotations

from functools import cmp_to_key

from hypothesis import given
from hypothesis import strategies as st
from tests.stores import START, examples, opened

from mimcore import fields as f
from mimcore.testing import FixedClock
from mimcore.testing.strategies import contacts, interactions, rules
from mimcore.values.text import fold


def _count(one, events, kind):
    return sum(e.contact_id == one.id and e.kind == kind for e in events)


def _spent(one, events):
    bought = (e.value for e in events if e.contact_id == one.id and e.kind == "purchase" and e.value is not None)
    return sum(value.minor_units for value in bought if value.currency == "DKK")


C = f.contact
KEYS = {
    "city": (C.city, lambda one, _: None if one.demographic.city is None else fold(one.demographic.city)),
    "country": (C.country, lambda one, _: one.demographic.country),
    "household_size": (C.household_size, lambda one, _: one.demographic.household_size),
    "is_decision_maker": (C.is_decision_maker, lambda one, _: one.employment.is_decision_maker),
    "birth_date": (C.birth_date, lambda one, _: one.demographic.birth_date),
    "acquired_at": (C.acquired_at, lambda one, _: one.acquisition.at),
    "lifecycle_stage": (C.lifecycle_stage, lambda one, _: one.lifecycle_stage and one.lifecycle_stage.value),
    "visits": (C.events("visit").count(), lambda one, events: _count(one, events, "visit")),
    "spent": (C.purchases.total(currency="DKK"), _spent),
}


def _wanted(people, events, keys):
    """Sort by comparing pairs, one rule after the other."""

    def compare(one, other):
        for name, is_descending in keys:
            mine, theirs = (KEYS[name][1](each, events) for each in (one, other))
            if mine == theirs:
                continue
            if mine is None or theirs is None:
                return 1 if mine is None else -1
            return (1 if mine > theirs else -1) * (-1 if is_descending else 1)
        return 1 if one.id.bytes > other.id.bytes else -1

    return sorted(people, key=cmp_to_key(compare))


@st.composite
def populations(draw):
    """A few people with what they did."""
    people = draw(st.lists(contacts(), min_size=1, max_size=8, unique_by=lambda one: one.id))
    events = draw(
        st.lists(interactions(st.sampled_from([one.id for one in people])), max_size=8, unique_by=lambda e: e.id)
    )
    return people, events


@examples(60)
@given(
    population=populations(),
    keys=st.lists(st.tuples(st.sampled_from(sorted(KEYS)), st.booleans()), min_size=1, max_size=3),
    size=st.integers(1, 4),
    rule=rules(max_leaves=3),
)
def test_every_order_and_every_page(population, keys, size, rule, tmp_path_factory):
    """The three verdicts of a rule, sorted and paged, are everyone, each once, where plain sorting puts them."""
    people, events = population
    events = [e for e in events if e.at <= FixedClock(START)()]
    sort = [KEYS[name][0].descending() if is_descending else KEYS[name][0].sort_key() for name, is_descending in keys]
    for kind in ("memory", "sqlite"):
        with opened(kind, tmp_path_factory.mktemp("orders"), FixedClock(START)) as store:
            with store.begin() as work:
                work.add_many(people)
                work.transaction.interactions.add(events)
            wanted = [one.id for one in _wanted(people, events, keys)]
            assert _paged(store, None, sort, size) == wanted
            parts = [_paged(store, rule, sort, size, verdict=v) for v in ("member", "non_member", "unknown")]
            assert sorted(one for part in parts for one in part) == sorted(wanted)
            for part in parts:
                assert part == [one for one in wanted if one in set(part)]


def _paged(store, rule, sort, size, **asked):
    page = store.contacts.find(rule, sort=sort, limit=size, **asked)
    seen = [one.id for one in page.items]
    while page.next is not None:
        page = store.contacts.find(rule, sort=sort, limit=size, after=page.next, **asked)
        seen += [one.id for one in page.items]
    return seen
