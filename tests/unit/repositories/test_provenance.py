"""Every stored value knows its source and when it was seen; no state is left of values that are gone."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.stores import START, added, examples, opened, state_of, states

import mimcore as mim
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, freshness_key
from mimcore.testing import FixedClock
from mimcore.testing import strategies as some
from mimcore.values.identifiers import new_id


def values_of(record, fields):
    """Return attribute and subject of every stored value, the way provenance names them."""
    found = {(one.name, record.id) for one in fields if not one.is_derived and one.read(record) not in (None, ())}
    points = [("contact.emails", p.id) for p in getattr(record, "emails", ())]
    return found | set(points) | {("contact.phones", p.id) for p in getattr(record, "phones", ())}


def complete(store, record, fields=CONTACT_FIELDS):
    """Hold that values and states are the same set, and that each state can be right."""
    (found,) = states(store, record)
    assert {(one.attribute, one.subject_id) for one in found} == values_of(record, fields)
    for one in found:
        assert one.contact_id == record.id
        assert one.source
        assert one.pool in DEFAULT_HALF_LIVES
        assert (one.key is None) == (one.ref_at is None)
        assert one.key is None or one.key == freshness_key(one.p_ref, one.ref_at, DEFAULT_HALF_LIVES[one.pool])
    return {(one.attribute, one.subject_id): one for one in found}


FULL = {
    "name": "Dr. Ana Maria Berg Jr", "emails": ["a@acme.dk", "b@acme.dk"], "phones": ["+4532123456"], "birth_date": "1990-05-01",
    "interests": ["tea"], "beliefs": ["x"], "devices": [mim.Device(kind="tablet")], "title": "CTO", "notes": "n", "tags": ["t"],
    "annual_income": mim.money(5, "DKK"), "social_profiles": [mim.SocialProfile(network="x", handle="h")], "children": 0,
    "is_decision_maker": False, "preferred_channels": ["email"], "acquired": mim.Acquisition(channel="email"),
}  # fmt: skip


def test_every_kind_of_value_has_a_state(store):
    """Name parts, points, groups, lists, records, money, zero and False; each from the source, at the time it was seen."""
    person = added(store, mim.Contact(**FULL), source="fair", observed_at="2026-04-01T10:00Z")
    found = complete(store, person)
    assert len(found) == 21
    assert {one.source for one in found.values()} == {"fair"}
    assert {one.observed_at for one in found.values()} == {datetime(2026, 4, 1, 10, tzinfo=UTC)}


def test_accounts_have_provenance_too(store):
    """Of every attribute, in the business pools."""
    acme = added(store, mim.Account(name="Acme", employees=7, stack=["x"], country="DK", city="Aarhus"))
    found = complete(store, acme, ACCOUNT_FIELDS)
    assert found["account.name", acme.id].pool == "b2b.company_name"
    assert found["account.firmographic.city", acme.id].pool == "b2b.address"


def test_only_what_changed_gets_a_new_state(store, clock):
    """The rest keeps its source and age; what is cleared has none any more; retired points keep theirs."""
    person = added(store, mim.Contact(**FULL), source="fair")
    before = complete(store, person)
    clock.advance(days=30)
    with store.begin(source="call") as work:
        person = work.change(
            person, title="CEO", notes=mim.CLEAR, tags=[], emails=["b@acme.dk", "c@acme.dk"], children=1
        )
    after = complete(store, person)
    new = {key for key in after if after[key] != before.get(key)}
    assert {name for name, _ in new} == {"contact.employment.title", "contact.emails", "contact.demographic.children"}
    assert {after[key].source for key in new} == {"call"}
    assert [point.value for point in person.emails if not point.is_retired] == ["b@acme.dk", "c@acme.dk"]
    assert set(before) - set(after) == {("contact.notes", person.id), ("contact.tags", person.id)}


def test_business_and_consumer_values_age_differently(store):
    """With a current account; a link that ended does not count."""
    acme = mim.Account(name="Acme")
    ended = mim.AccountLink(account_id=acme, start_on="2020-01-01", end_on="2021-01-01")
    people = added(store, acme, *(mim.Contact(emails=[f"{n}@acme.dk"], accounts=a) for n, a in enumerate(
        [[], [mim.AccountLink(account_id=acme)], [ended]])))[1:]  # fmt: skip
    assert [state_of(store, one, "contact.emails").pool for one in people] == ["b2c.email", "b2b.email", "b2c.email"]


def test_the_probability_at_arrival_is_the_sources(store):
    """Rated sources by their reliability, others by the default."""
    added(store, mim.Source(key="good", reliability=1.0), mim.Source(key="bad", reliability=0.25))
    for source, p in (("good", 1.0), ("bad", 0.25), ("never-rated", 0.98)):
        person = added(store, mim.Contact(city="Aarhus"), source=source)
        assert state_of(store, person, "contact.demographic.city").p_ref == p


SHOWN = {
    "name": st.sampled_from(["Ana Berg", "Bo", "Fru Holm"]),
    "emails": st.lists(st.sampled_from(["a@b.dk", "c@d.dk"]), max_size=2),
}
GROUPS = ("name", "demographic", "tags", "lifecycle_stage", "preferences")


def grown(store, first, *later):
    """Add a contact and change it into others, group by group, each time from another source."""
    record = added(store, first, source="first")
    for number, wanted in enumerate(later):
        fields = {name: getattr(wanted, name) for name in GROUPS}
        with store.begin(source=f"source-{number}") as work:
            plain = {name: mim.CLEAR if value is None else value for name, value in fields.items()}
            record = work.change(record, **plain, emails=[one.value for one in wanted.emails])
    complete(store, record)
    with store.read() as work:
        assert work.contacts.get(record.id) == record


@examples(40)
@given(versions=st.lists(some.contacts(**SHOWN), min_size=1, max_size=3))
def test_random_contacts_and_changes_keep_provenance_complete(tmp_path_factory, versions):
    """After any add and any two changes, values and states are the same set."""
    with opened("memory", tmp_path_factory.getbasetemp(), FixedClock(START)) as store:
        grown(store, *versions)


@examples(3)
@given(runs=st.lists(st.lists(some.contacts(**SHOWN), min_size=1, max_size=3), min_size=5, max_size=5))
def test_random_contacts_keep_provenance_on_sqlite(tmp_path_factory, runs):
    """The same on the other store, several contacts in each."""
    with opened("sqlite", tmp_path_factory.mktemp("p"), FixedClock(START)) as store:
        for versions in runs:
            grown(store, *(one.evolve(id=new_id()) if not place else one for place, one in enumerate(versions)))
