"""What the in-memory engine does beyond the contract: waiting writers, refused deadlocks, references, large stores."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

import pytest

from mimcore.domain import fields as f
from mimcore.domain.contact import Contact
from mimcore.errors import ClosedError, ConflictError, InvalidValueError, StoreError
from mimcore.memory import InMemoryBackend
from mimcore.repositories.ports import Query
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.testing.factories import Factory


@pytest.fixture
def backend():
    """An empty one."""
    return InMemoryBackend(wait_seconds=5)


def test_a_second_writer_in_the_same_thread_is_refused_at_once(backend):
    """It could only wait for itself; after the first has ended it may begin."""
    first = backend.begin()
    with pytest.raises(StoreError, match="this thread is writing already"):
        backend.begin()
    first.rollback()
    backend.begin().commit()


def test_a_writer_gives_up_after_its_patience():
    """A transaction that somebody forgot does not hang everybody else for ever."""
    backend, failures = InMemoryBackend(wait_seconds=0.05), []
    forgotten = backend.begin()

    def write():
        try:
            backend.begin()
        except StoreError as error:
            failures.append(str(error))

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(timeout=10)
    forgotten.rollback()
    assert failures == ["another transaction has been writing for 0.05 s: end it first"]


def test_a_writer_waits_for_the_one_before_it(backend):
    """It begins when that one has ended, and sees what it wrote."""
    seen, first = [], backend.begin()
    first.contacts.add([Contact(version=1)])

    def write():
        work = backend.begin()
        seen.append(work.contacts.count())
        work.commit()

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.05)
    assert seen == []
    first.commit()
    thread.join(timeout=10)
    assert seen == [1]


def test_a_transaction_may_end_in_another_thread(backend):
    """An asynchronous host begins here and commits there; the turn is passed on all the same."""
    work = backend.begin()
    thread = threading.Thread(target=work.commit)
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()
    backend.begin().rollback()


def test_a_reader_keeps_its_state_while_others_commit(backend):
    """Find, count and read agree with each other from the first question to the last."""
    contact = Contact(country="DK", version=1)
    work = backend.begin()
    work.contacts.add([contact])
    work.commit()
    reader = backend.begin(is_read_only=True)
    rule = bind(f.contact.country == "DK", Binding())
    later = backend.begin()
    later.contacts.update([contact.evolve(country="SE", version=2)])
    later.contacts.add([Contact(country="DK", version=1)])
    later.commit()
    assert (reader.contacts.find(Query(rule)), reader.contacts.count()) == ([contact.id], 1)
    assert reader.contacts.get_many([contact.id]) == {contact.id: contact}
    assert backend.begin(is_read_only=True).contacts.count(rule) == 1


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_transaction_ends_once(backend, end):
    """Ending it again says that it has ended."""
    work = backend.begin()
    work.commit()
    with pytest.raises(ClosedError, match="has ended"):
        getattr(work, end)()


def test_a_refused_commit_passes_the_turn_on(backend):
    """A lead of nobody is refused at the commit; everything is undone, and the next writer does not wait."""
    lead = Factory().lead(contact=uuid4())
    work = backend.begin()
    work.leads.add([lead])
    with pytest.raises(ConflictError, match=str(lead.contact_id)):
        work.commit()
    again = backend.begin()
    assert list(again.leads.all()) == []
    again.commit()


@pytest.mark.parametrize("what", ["leads", "tasks", "lists", "members", "account"])
def test_nothing_may_refer_to_what_is_removed(backend, what):
    """A contact with a lead, a task, a new place on a list or merged records cannot go; nor can a linked account."""
    make = Factory()
    account, segment = make.account(version=1), make.segment(version=1)
    contact, other = make.contact(version=1, account=account), make.contact(version=1)
    work = backend.begin()
    work.accounts.add([account])
    work.contacts.add([contact, other])
    work.segments.add([segment])
    work.leads.add([make.lead(contact=contact, version=1)] if what == "leads" else [])
    work.tasks.add([make.task(contact_id=contact, version=1)] if what == "tasks" else [])
    if what == "members":
        work.merges.move(other.id, contact.id)
    work.commit()
    work = backend.begin()
    if what == "account":
        work.accounts.remove([account.id])
    else:
        work.contacts.remove([contact.id])
    if what == "lists":
        work.segments.put_on(segment.id, [contact.id])
    with pytest.raises(ConflictError):
        work.commit()


def test_a_list_needs_its_segment(backend):
    """Contacts are put on lists that exist."""
    with pytest.raises(ConflictError, match="no segment"):
        backend.begin().segments.put_on(uuid4(), [uuid4()])


def test_match_keys_are_of_three_kinds(backend):
    """Another kind is refused with the three that there are."""
    with pytest.raises(InvalidValueError, match="email, phone, name"):
        backend.begin().contacts.match_keys("postal")


def test_only_companions_that_the_rule_reads_are_put_together(backend, monkeypatch):
    """A rule on the country alone costs no look at events, accounts, lists or states."""
    from mimcore.memory import evidence

    asked = []
    for name in list(evidence._PARTS):
        original = evidence._PARTS[name]
        monkeypatch.setitem(
            evidence._PARTS,
            name,
            lambda session, tables, name=name, original=original: asked.append(name) or original(session, tables),
        )
    work = backend.begin()
    work.contacts.add([Contact(version=1)])
    work.contacts.count(bind(f.contact.country == "DK", Binding()))
    assert asked == []
    work.contacts.count(bind((f.account.employees > 3) | f.contact.city.is_undated(), Binding()))
    assert sorted(asked) == ["account", "states"]


def test_a_reader_may_iterate_while_a_writer_writes(backend):
    """Iterators stand on a copy: adding during the walk neither breaks nor lengthens it."""
    work = backend.begin()
    work.contacts.add([Contact(version=1) for _ in range(3)])
    walked = 0
    for _ in work.contacts.all():
        work.contacts.add([Contact(version=1)])
        walked += 1
    assert (walked, work.contacts.count()) == (3, 6)
