"""Many records at once: the result of doing it one by one, on every store; and nothing at all if one is refused."""

from __future__ import annotations

import gc
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import KINDS, START, added, examples, opened, ordered_ids

import mimcore as mim
from mimcore.errors import (
    AmbiguousError,
    ClosedError,
    DuplicateKeyError,
    InvalidValueError,
    NotFoundError,
    StaleVersionError,
    TransitionError,
)
from mimcore.repositories import bulk
from mimcore.testing import FixedClock
from mimcore.testing.strategies import contacts
from mimcore.values.identifiers import using_ids


def counts(done):
    """As a tuple."""
    return done.created, done.updated, done.unchanged


def test_any_number_of_any_kind_is_added(store, monkeypatch):
    """A generator is taken in batches; accounts and contacts may come together."""
    monkeypatch.setattr(bulk, "BATCH", 4)
    acme = mim.Account(name="Acme")
    with store.begin() as work:
        many = work.add_many(one for one in [acme, *(mim.Contact(name=f"Ana Berg{n}", account=acme) for n in range(9))])
    assert many == 10
    assert len(store.contacts.in_account(acme)) == 9
    assert all(one.version == 1 for one in store.contacts.stream())


def test_adding_nothing_is_nothing(store):
    """No record, no source in the catalogue."""
    with store.begin(source="list") as work:
        assert work.add_many([]) == 0
        assert counts(work.upsert_many(iter(()))) == (0, 0, 0)
    assert store.sources.find_one("list") is None


def test_one_refused_record_undoes_all(store, monkeypatch):
    """Batches that were written before go as well, and the unit of work is over."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    (known,) = (added(store, mim.Contact(name="Ana Berg")),)
    with pytest.raises(DuplicateKeyError), store.begin() as work:
        work.add_many([mim.Contact(name="Bo Berg"), mim.Contact(name="Chris Berg"), known])
    assert store.contacts.count() == 1


def test_what_the_given_iterable_raises_undoes_all(store, monkeypatch):
    """A reader that fails half way leaves nothing half done, even if the error is swallowed."""
    monkeypatch.setattr(bulk, "BATCH", 1)

    def failing():
        yield mim.Contact(name="Bo Berg")
        raise OSError

    with pytest.raises(ClosedError, match="nothing was stored"), store.begin() as work:
        with pytest.raises(OSError):  # noqa: PT011 - it has no message
            work.add_many(failing())
        work.add(mim.Contact(name="Chris Berg"))
    assert store.contacts.count() == 0


def test_the_garbage_collector_works_again(store):
    """Also after an error."""
    assert gc.isenabled()
    with store.begin() as work:
        work.add_many([mim.Contact(name="Ana Berg")])
        assert gc.isenabled()
        with pytest.raises(DuplicateKeyError):
            work.add_many([mim.Contact(id=UUID(int=1)), mim.Contact(id=UUID(int=1))])
        assert gc.isenabled()
        with pytest.raises(ClosedError):
            work.alive()
        work.rollback()
        work._is_dead = False


def test_by_id_the_unknown_are_created_and_the_known_replaced(store):
    """What is equal already is left alone: no version, no change set."""
    ana, bo = added(store, mim.Contact(name="Ana Berg", city="Odense"), mim.Contact(name="Bo Berg"))
    new = mim.Contact(name="Chris Berg")
    with store.begin() as work:
        done = work.upsert_many([ana.evolve(city=mim.CLEAR, country="DK"), bo, new])
    assert counts(done) == (1, 1, 1)
    found = store.contacts.get_many([ana, bo, new])
    assert (found[ana.id].version, found[ana.id].demographic.city, found[ana.id].demographic.country) == (2, None, "DK")
    assert found[bo.id] == bo
    with store.read() as work:
        assert [len(work.history(one)) for one in (ana, bo, new)] == [2, 1, 1]
        states = {one.attribute for one in work.transaction.freshness.of([ana.id])[ana.id]}
    assert "contact.demographic.city" not in states
    assert "contact.demographic.country" in states


def test_by_id_the_version_must_be_the_stored_one(store):
    """Somebody changed it meanwhile: nothing is written. What is stored already may be sent again."""
    (ana,) = (added(store, mim.Contact(name="Ana Berg")),)
    with store.begin() as work:
        changed = work.change(ana, city="Odense")
    with pytest.raises(StaleVersionError), store.begin() as work:
        work.upsert_many([mim.Contact(name="Bo Berg"), ana.evolve(city="Ribe")])
    assert store.contacts.count() == 1
    with store.begin() as work:
        assert counts(work.upsert_many([ana.evolve(city="Odense"), changed])) == (0, 0, 2)


def test_one_id_twice_is_taken_in_order(store):
    """The second one is made from what the first one leaves behind."""
    first = mim.Contact(name="Ana Berg")
    second = first.evolve(city="Odense", version=1)
    with store.begin() as work:
        assert counts(work.upsert_many([first, second, second.evolve(city="Ribe", version=2)])) == (1, 2, 0)
    assert store.contacts.get(first).demographic.city == "Ribe"
    assert store.contacts.get(first).version == 3


def test_who_was_merged_is_not_replaced(store):
    """The same refusal as for a single change."""
    (ana,) = (added(store, mim.Contact(name="Ana Berg")),)
    with store.begin() as work:
        work.transaction.contacts.update([ana.evolve(status="merged", version=2)])
    with pytest.raises(TransitionError), store.begin() as work:
        work.upsert_many([ana.evolve(city="Odense", status="merged", version=2)])


@pytest.mark.parametrize("key", ["email", "phone", ("external_id", "crm")])
def test_a_natural_key_finds_and_lays_over(store, key):
    """What is missing erases nothing, lists grow, points keep their ids, the primary address stays."""
    old = {"emails": ["ana@acme.dk"], "phones": ["+4532123456"], "external_ids": {"crm": "7"}}
    acme, other = added(store, mim.Account(name="Acme"), mim.Account(name="Other"))
    ana = added(store, mim.Contact(name="Ana Berg", city="Odense", tags=["vip"], account=acme, **old))
    news = {
        "email": {"emails": ["new@acme.dk", "ANA@acme.dk"]},
        "phone": {"phones": ["+4532123456", "+4532123457"]},
        ("external_id", "crm"): {"external_ids": [("crm", "7"), ("web", "x")]},
    }[key]
    with store.begin() as work:
        done = work.upsert_many(
            [mim.Contact(city="Ribe", tags=["golf"], account=other, **news), mim.Contact(name="Bo Berg")], key=key
        )
    assert counts(done) == (1, 1, 0)
    now = store.contacts.get(ana)
    assert (now.name, now.demographic.city, now.tags) == (ana.name, "Ribe", ("golf", "vip"))
    assert now.emails[0] == ana.emails[0]
    assert now.phones[0] == ana.phones[0]
    assert now.primary_account_id == acme.id
    assert [link.account_id for link in now.accounts] == [acme.id, other.id]
    assert len(now.emails) + len(now.phones) + len(now.external_ids) == 4
    with store.begin() as work:
        again = mim.Contact(city="Ribe", tags=["golf"], account=other, **news)
        assert counts(work.upsert_many([again], key=key)) == (0, 0, 1)


def test_two_with_one_key_are_taken_in_order(store):
    """The first is created, the second is laid over it, a third over both; one call or three, the same."""
    given_rows = [
        mim.Contact(emails=["a@acme.dk"], city="Odense"),
        mim.Contact(emails=["b@acme.dk", "a@acme.dk"], country="DK"),
        mim.Contact(emails=["b@acme.dk"], city="Ribe"),
    ]
    with store.begin() as work:
        assert counts(work.upsert_many(given_rows, key="email")) == (1, 2, 0)
    (one,) = store.contacts.stream()
    assert (one.version, one.demographic.city, one.demographic.country) == (3, "Ribe", "DK")
    assert [point.value for point in one.emails] == ["a@acme.dk", "b@acme.dk"]


def test_the_keys_of_several_are_ambiguous(store):
    """Two stored contacts are meant: they are unified first; nothing is written."""
    added(store, mim.Contact(emails=["a@acme.dk"]), mim.Contact(emails=["b@acme.dk"]))
    with pytest.raises(AmbiguousError, match="duplicates"), store.begin() as work:
        work.upsert_many([mim.Contact(city="Ribe"), mim.Contact(emails=["a@acme.dk", "b@acme.dk"])], key="email")
    assert store.contacts.count() == 2


def test_a_retired_address_finds_nobody_but_comes_back(store):
    """It leads to nobody; given beside one that does, it is in use again with its old id."""
    ana = added(store, mim.Contact(emails=["old@acme.dk"], phones=["+4532123456"]))
    with store.begin() as work:
        work.change(ana, emails=["new@acme.dk"])
    with store.begin() as work:
        done = work.upsert_many([mim.Contact(emails=["old@acme.dk", "new@acme.dk"])], key="email")
    assert counts(done) == (0, 1, 0)
    assert {(p.value, p.id == ana.emails[0].id, p.is_retired) for p in store.contacts.get(ana).emails} == {
        ("new@acme.dk", False, False),
        ("old@acme.dk", True, False),
    }


@pytest.mark.parametrize("key", ["name", "", None, ("external_id",), ("external_id", "Not A Key"), ("x", "crm"), 7, []])
def test_another_key_is_refused(store, key):
    """Before anything is written; the unit of work goes on."""
    with store.begin() as work:
        with pytest.raises(InvalidValueError):
            work.upsert_many([mim.Contact()], key=key)
        work.add(mim.Contact(name="Ana Berg"))
    assert store.contacts.count() == 1


def test_the_domain_questions_of_a_store(store):
    """Each in a transaction of its own, and inside one's own."""
    acme = added(store, mim.Account(name="Acme", domain="acme.dk"))
    ana = added(store, mim.Contact(name="Ana Berg", emails=["ana@acme.dk"], account=acme, external_ids={"crm": "7"}))
    spring, call, lead = added(
        store,
        mim.Campaign(key="spring", name="Spring", goal="more", runs=("2026-03-01", "2026-03-31")),
        mim.Task(title="Call", due_on="2026-05-02"),
        mim.Lead(contact_id=ana.id, captured_at=START, source="web"),
    )
    assert store.accounts.with_domain("https://www.acme.dk") == acme
    assert store.accounts.get_many([acme, UUID(int=5)]) == {acme.id: acme}
    assert store.campaigns.active_on("2026-03-31") == (spring,)
    assert store.campaigns.active_on("2026-04-01") == ()
    assert store.campaigns.get("spring") == spring
    assert store.tasks.due_before("2026-05-03") == (call,)
    assert store.tasks.due_before("2026-05-02") == ()
    assert store.leads.in_stage(lead.stage) == store.leads.in_stage(lead.stage.value) == (lead,)
    assert store.leads.of_contact(ana) == (lead,)
    assert store.leads.all() == (lead,)
    assert store.segments.find_one("nobody") is None
    assert store.contacts.with_external_id("crm", "7") == ana
    with store.begin() as work:
        assert work.campaigns.active_on("2026-03-01") == (spring,)
        assert work.accounts.with_domain("acme.dk") == acme
    with pytest.raises(NotFoundError, match="domain"):
        store.accounts.with_domain("nobody.dk")
    with pytest.raises(InvalidValueError, match="stage"):
        store.leads.in_stage("gone")
    with pytest.raises(InvalidValueError, match="day"):
        store.tasks.due_before("soon")


_KEYS = ["id", "email", ("external_id", "crm")]
_ADDRESSES = ["a@acme.dk", "b@acme.dk", "c@acme.dk"]


def _given():
    """Contacts with few ids, addresses and external ids, so that many meet."""
    return st.lists(
        contacts(
            id=st.integers(1, 4).map(lambda number: UUID(int=number)),
            version=st.integers(0, 2),
            emails=st.lists(st.sampled_from(_ADDRESSES), max_size=2, unique=True),
            external_ids=st.lists(st.sampled_from("123").map(lambda one: ("crm", one)), max_size=1),
        ),
        max_size=6,
    )


def _one_by_one(work, rows, key):
    """What upsert_many promises, in single steps."""
    done = [0, 0, 0]
    for row in rows:
        found = _found(work, row, key)
        if found is None:
            work.add(row)
            done[0] += 1
            continue
        wanted = row if key == "id" else bulk.overlaid(found, row)
        if wanted.model_copy(update={"version": found.version}) == found:
            done[2] += 1  # whoever sends the same again is no stale writer, as whoever updates may be
            continue
        done[1 if work.update(wanted) != found else 2] += 1
    return tuple(done)


def _found(work, row, key):
    if key == "id":
        return work.contacts.find_one(row.id)
    if key == "email":
        found = {one.id: one for point in row.emails for one in work.contacts.all_with_email(point.value)}
    else:
        found = {
            one.id: one for ids in row.external_ids for one in work.contacts.all_with_external_id("crm", ids.value)
        }
    if len(found) > 1:
        raise AmbiguousError("several")
    return next(iter(found.values()), None)


def _attempt(kind, folder, key, batches, write):
    """Return what is stored after some calls, each in a unit of work of its own, and what each call said."""
    said = []
    with using_ids(ordered_ids()), opened(kind, folder, FixedClock(START)) as store:
        for rows in batches:
            try:
                with store.begin(source="list") as work:
                    said.append(write(work, rows, key))
            except (AmbiguousError, DuplicateKeyError, StaleVersionError) as error:
                said.append(type(error))
        with store.read() as work:
            people = {one.id: one for one in work.contacts.all()}
            states = work.transaction.freshness.of(people)
            changes = {
                one: [(c.version, c.kind, dict(c.before), dict(c.after)) for c in work.history(one)] for one in people
            }
            events = sorted(
                (e.entity_id, e.version, e.kind, str(e.data)) for e in work.transaction.outbox.pending(10_000)
            )
            keys = {
                (point, key): found
                for point, key in [("email", one) for one in _ADDRESSES]
                if (found := work.transaction.contacts.with_points(point, [key]))
            }
    ordered = {one: sorted(some, key=lambda s: (s.attribute, s.subject_id)) for one, some in states.items()}
    return people, ordered, changes, events, keys, said


@examples(60)
@given(batches=st.lists(_given(), min_size=1, max_size=3), key=st.sampled_from(_KEYS), kind=st.sampled_from(KINDS))
def test_many_at_once_is_one_by_one(batches, key, kind, tmp_path_factory):
    """Contacts, states, change sets and events are those of the loop, whatever meets whatever; refusals too."""
    one_by_one = _attempt(kind, tmp_path_factory.mktemp("one"), key, batches, _one_by_one)
    at_once = _attempt(
        kind,
        tmp_path_factory.mktemp("many"),
        key,
        batches,
        lambda work, rows, by: counts(work.upsert_many(rows, key=by)),
    )
    assert at_once == one_by_one
