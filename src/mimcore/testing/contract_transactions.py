"""The contract of transactions: all or nothing, nobody sees what is not committed, one truth after another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from mimcore.domain import fields as f
from mimcore.domain.declaring.entity import CLEAR
from mimcore.errors import ClosedError, ConflictError, DuplicateKeyError, StoreError
from mimcore.repositories.ports import Backend, Query, Transaction
from mimcore.repositories.records import LinkAction, MergeLink, OutboxEvent
from mimcore.testing.contract_setup import NOW, ContractSetup, ids, members, reading, stored, writing
from mimcore.testing.factories import Factory

__all__ = ["TransactionContract"]


class TransactionContract(ContractSetup):
    """Holds for transactions and for the settings of the database."""

    def test_what_is_committed_is_there(self, backend: Backend, make: Factory) -> None:
        """The next transaction, reading or writing, sees it."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        with reading(backend) as work:
            assert work.contacts.get_many([contact.id]) == {contact.id: contact}
        with writing(backend) as work:
            assert work.contacts.get_many([contact.id]) == {contact.id: contact}

    def test_what_is_rolled_back_was_never_there(self, backend: Backend, make: Factory) -> None:
        """Additions, changes and removals are all undone, and the index with them."""
        kept, changed, removed, added = (make.contact(version=1) for _ in range(4))
        stored(backend, contacts=[kept, changed, removed])
        work = backend.begin()
        work.contacts.add([added])
        work.contacts.update([changed.evolve(emails=["new@example.com"], country="SE", version=2)])
        work.contacts.remove([removed.id])
        work.rollback()
        with reading(backend) as after:
            assert {one.id: one for one in after.contacts.all()} == {one.id: one for one in (kept, changed, removed)}
            for contact in (kept, changed, removed):
                key = contact.emails[0].match_key
                assert after.contacts.with_points("email", [key]) == {key: (contact.id,)}
            assert after.contacts.with_points("email", ["new@example.com", added.emails[0].match_key]) == {}

    def test_every_log_is_rolled_back(self, backend: Backend, make: Factory) -> None:
        """Interactions, lists, merges and events to deliver are part of the transaction."""
        one, two = make.contact(version=1), make.contact(version=1)
        segment = make.segment(version=1, key="vips")
        stored(backend, contacts=[one, two], segments=[segment])
        work = backend.begin()
        work.interactions.add([make.interaction(contact=one, external_id="ord-1")])
        work.segments.put_on(segment.id, [one.id])
        work.merges.append([MergeLink(LinkAction.LINK, one.id, two.id, "mailbox", 0.9, "m", "maria", NOW)])
        work.merges.move(two.id, one.id)
        work.outbox.append([OutboxEvent("contact_changed", "contact", one.id, 2, NOW)])
        work.rollback()
        with reading(backend) as after:
            assert list(after.interactions.all()) == []
            assert after.interactions.known("factory", ["ord-1"]) == {}
            assert after.segments.lists_of([one.id]).get(one.id, frozenset()) == frozenset()
            assert list(after.merges.all()) == []
            assert after.outbox.pending(10) == []
        with writing(backend) as again:
            again.interactions.add([make.interaction(contact=two)])
        assert members(backend, f.contact.purchases.count() == 1) == [two.id]

    def test_a_transaction_sees_its_own_writes(self, backend: Backend, make: Factory) -> None:
        """What was just written is read, found and counted before the commit."""
        contact = make.contact(version=1)
        with writing(backend) as work:
            work.contacts.add([contact])
            changed = contact.evolve(country="NO", city=CLEAR, version=2)
            work.contacts.update([changed])
            assert work.contacts.get_many([contact.id]) == {contact.id: changed}
            assert work.contacts.count() == 1
            assert work.contacts.find(Query()) == [contact.id]
            work.contacts.remove([contact.id])
            assert list(work.contacts.all()) == []

    def test_a_reader_sees_nothing_that_is_not_committed(self, backend: Backend, make: Factory) -> None:
        """A reader beside an open writer, in the same thread, neither waits nor sees its work; a later one does."""
        before, added = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[before])
        writer = backend.begin()
        writer.contacts.add([added])
        writer.contacts.update([before.evolve(country="NO", city=CLEAR, version=2)])
        with reading(backend) as reader:
            assert list(reader.contacts.all()) == [before]
            assert reader.contacts.count() == 1
            assert reader.contacts.with_points("email", [added.emails[0].match_key]) == {}
        writer.commit()
        with reading(backend) as reader:
            assert [one.id for one in reader.contacts.all()] == ids(before, added)

    def test_a_reader_cannot_write(self, backend: Backend, make: Factory) -> None:
        """A transaction that was opened for reading refuses to add, change or remove."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        attempts: tuple[Callable[[Transaction], object], ...] = (
            lambda work: work.contacts.add([make.contact(version=1)]),
            lambda work: work.contacts.update([contact.evolve(country="NO", city=CLEAR, version=2)]),
            lambda work: work.contacts.remove([contact.id]),
            lambda work: work.outbox.append([OutboxEvent("contact_changed", "contact", contact.id, 2, NOW)]),
        )
        for attempt in attempts:
            with reading(backend) as work, pytest.raises(StoreError, match="only reads"):
                attempt(work)
        with reading(backend) as work:
            assert list(work.contacts.all()) == [contact]
            assert work.outbox.pending(10) == []

    def test_after_a_conflict_a_rollback_leaves_everything_as_it_was(self, backend: Backend, make: Factory) -> None:
        """What the transaction had written before the conflict goes too."""
        first, second = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[first])
        work = backend.begin()
        work.contacts.add([second])
        with pytest.raises(DuplicateKeyError):
            work.contacts.add([first])
        work.rollback()
        with reading(backend) as after:
            assert list(after.contacts.all()) == [first]
        stored(backend, contacts=[second])

    @pytest.mark.parametrize("end", ["commit", "rollback"])
    def test_an_ended_transaction_does_nothing_more(self, backend: Backend, make: Factory, end: str) -> None:
        """Reading from it and writing to it say that it has ended."""
        work = backend.begin()
        getattr(work, end)()
        with pytest.raises(ClosedError):
            work.contacts.add([make.contact(version=1)])
        with pytest.raises(ClosedError):
            work.contacts.get_many([uuid4()])
        stored(backend, contacts=[make.contact(version=1)])

    def test_writers_come_one_after_the_other(self, backend: Backend, make: Factory) -> None:
        """Four threads that raise one record's version ten times each lose no change, repeating what was refused."""
        account = make.account(version=1, employees=0)
        stored(backend, accounts=[account])
        failures: list[BaseException] = []

        def raise_ten_times() -> None:
            try:
                for _ in range(10):
                    while not _has_raised_employees(backend, account.id):
                        continue
            except BaseException as error:  # noqa: BLE001 - told by the test, whatever it is
                failures.append(error)

        threads = [threading.Thread(target=raise_ten_times) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert failures == []
        with reading(backend) as work:
            final = work.accounts.get_many([account.id])[account.id]
        assert (final.version, final.firmographic.employees) == (41, 40)

    def test_references_must_hold_at_the_commit(self, backend: Backend, make: Factory) -> None:
        """Parents may come after their children, but an interaction of nobody is refused as a whole."""
        account, contact = make.account(version=1), make.contact(version=1)
        linked = contact.evolve(accounts=({"account_id": account.id},))
        with writing(backend) as work:
            work.interactions.add([make.interaction(contact=contact)])
            work.contacts.add([linked])
            work.accounts.add([account])
        with pytest.raises(ConflictError), writing(backend) as work:
            work.interactions.add([make.interaction(contact=uuid4())])
        with reading(backend) as work:
            assert len(list(work.interactions.all())) == 1

    def test_a_contact_with_interactions_cannot_be_removed(self, backend: Backend, make: Factory) -> None:
        """Taking back a contact takes back no purchase; without them it can go, in the same transaction."""
        contact, event = make.contact(version=1), make.interaction(contact=uuid4())
        event = event.evolve(contact_id=contact.id)
        stored(backend, contacts=[contact])
        with writing(backend) as work:
            work.interactions.add([event])
        with pytest.raises(ConflictError), writing(backend) as work:
            work.contacts.remove([contact.id])
        with reading(backend) as work:
            assert list(work.contacts.all()) == [contact]
        with writing(backend) as work:
            work.contacts.remove([contact.id])
            work.interactions.remove([event.id])
        with reading(backend) as work:
            assert list(work.contacts.all()) == []

    def test_settings_are_kept(self, backend: Backend) -> None:
        """A setting is text under a name; a new value replaces the old one."""
        assert backend.setting("suppression_key") is None
        backend.set_setting("suppression_key", "abc")
        backend.set_setting("other", "")
        backend.set_setting("suppression_key", "Ünï")
        assert (backend.setting("suppression_key"), backend.setting("other")) == ("Ünï", "")

    def test_a_setting_is_added_once(self, backend: Backend) -> None:
        """The first one stands, and whoever comes later learns it."""
        assert backend.add_setting("suppression_key", "abc") == "abc"
        assert backend.add_setting("suppression_key", "def") == "abc"
        assert backend.setting("suppression_key") == "abc"

    def test_a_closed_back_end_begins_nothing(self, backend: Backend) -> None:
        """It says that it is closed; closing twice is harmless."""
        backend.close()
        backend.close()
        with pytest.raises(ClosedError):
            backend.begin()

    def test_it_has_a_name(self, backend: Backend) -> None:
        """For messages and reports."""
        assert backend.name


def _has_raised_employees(backend: Backend, account_id: UUID) -> bool:
    """Try once; where several may write at the same time, whoever comes second is told so."""
    with suppress(ConflictError), writing(backend) as work:
        account = work.accounts.get_many([account_id])[account_id]
        employees = (account.firmographic.employees or 0) + 1
        work.accounts.update([account.evolve(employees=employees, version=account.version + 1)])
        return True
    return False
