"""The contract of memberships: who enters and leaves, the log, the set it adds up to, and what a refresh goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from mimcore.domain.account import Account
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.membership import MembershipMove, MoveCause, MoveOrigin
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import DuplicateKeyError
from mimcore.repositories.membership_port import JournalPlace, RefreshState
from mimcore.repositories.moving import record_moves
from mimcore.repositories.ports import Backend, Transaction
from mimcore.repositories.records import OutboxEvent
from mimcore.rules.language import nodes
from mimcore.testing.contract_setup import NOW, ContractSetup, bound, ids, reading, stored, writing

__all__ = ["MembershipContract"]

_DAY = timedelta(days=1)
_DANES = nodes.Equals(field="contact.demographic.country", value="DK")


def _people(backend: Backend) -> tuple[Segment, list[Contact]]:
    """Store a segment; of the contacts the first two are Danes, and the third one was until it was archived."""
    segment = Segment(key="danes", rule=_DANES)
    countries = ("DK", "DK", "DK", "SE", None)
    people = [Contact(demographic={"country": country}) for country in countries]
    people[2] = people[2].evolve(status=RecordStatus.ARCHIVED)
    stored(backend, segments=[segment], contacts=people)
    return segment, people


def _move(segment: Segment, contact: Contact | UUID, days: int = 0, *, has_entered: bool = True) -> MembershipMove:
    who = contact.id if isinstance(contact, Contact) else contact
    cause, origin = MoveCause.EDIT, MoveOrigin.RULE
    return MembershipMove(
        segment.id, segment.key, who, has_entered, NOW + days * _DAY, cause, "told", "ana", origin, 3, "abc"
    )


def _told(work: Transaction, segment: Segment) -> list[tuple[UUID, bool]]:
    return [(one.contact_id, one.has_entered) for one in work.memberships.moves(segment.id)]


class MembershipContract(ContractSetup):
    """Holds for the membership log and what is kept beside it."""

    def test_who_enters_is_active_and_no_member(self, backend: Backend) -> None:
        """And who leaves is a member for whom the rule is not true, or who is not active, or not there any more."""
        segment, people = _people(backend)
        gone = uuid4()
        with writing(backend) as work:
            work.memberships.lock()
            assert work.memberships.entering(segment.id, bound(_DANES)) == ids(*people[:2])
            assert work.memberships.leaving(segment.id, bound(_DANES)) == []
            members = [people[0].id, people[2].id, people[3].id, people[4].id, gone]
            work.memberships.write([_move(segment, one) for one in members])
        with reading(backend) as work:
            assert work.memberships.entering(segment.id, bound(_DANES)) == [people[1].id]
            leaving = work.memberships.leaving(segment.id, bound(_DANES))
            assert leaving == sorted([*ids(*people[2:]), gone], key=lambda one: one.bytes)

    def test_moves_are_kept_in_their_order(self, backend: Backend) -> None:
        """Whole, by segment and by contact; from an instant on, which counts."""
        segment, people = _people(backend)
        other = Segment(key="other", rule=_DANES)
        stored(backend, segments=[other])
        moves = [_move(segment, people[0], 2), _move(other, people[0], 1), _move(segment, people[1], 0)]
        later = replace(_move(segment, people[0], 3, has_entered=False), because="", origin=MoveOrigin.EXCLUDE)
        with writing(backend) as work:
            work.memberships.write(moves)
            work.memberships.write([])
        with writing(backend) as work:
            work.memberships.write([later])
        with reading(backend) as work:
            memberships = work.memberships
            assert memberships.moves(segment.id) == [moves[0], moves[2], later]
            assert memberships.moves(segment.id, NOW + 2 * _DAY) == [moves[0], later]
            assert memberships.moves_of(people[0].id) == [moves[0], moves[1], later]
            assert memberships.moves(uuid4()) == memberships.moves_of(uuid4()) == []

    def test_members_are_what_the_log_adds_up_to(self, backend: Backend) -> None:
        """Now and as of every instant; that of a move counts."""
        segment, (ana, bo, *_) = _people(backend)
        with writing(backend) as work:
            work.memberships.write([_move(segment, ana, 0), _move(segment, bo, 1)])
            work.memberships.write([_move(segment, ana, 2, has_entered=False)])
            work.memberships.write([_move(segment, ana, 4)])
        with reading(backend) as work:
            memberships = work.memberships
            assert memberships.members(segment.id) == ids(ana, bo)
            assert memberships.count(segment.id) == 2
            assert memberships.of([ana.id, bo.id, segment.id]) == {
                ana.id: {segment.id},
                bo.id: {segment.id},
                segment.id: frozenset(),
            }
            past = [memberships.members(segment.id, NOW + day * _DAY) for day in (-1, 0, 1, 2, 3, 4)]
            assert past == [[], [ana.id], ids(ana, bo), [bo.id], [bo.id], ids(ana, bo)]
            assert memberships.members(segment.id, NOW + _DAY - timedelta(microseconds=1)) == [ana.id]
            assert (memberships.count(uuid4()), memberships.members(uuid4())) == (0, [])

    def test_nobody_enters_twice(self, backend: Backend) -> None:
        """Nothing of that write is kept."""
        segment, (ana, bo, *_) = _people(backend)
        with writing(backend) as work:
            work.memberships.write([_move(segment, ana)])
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            work.memberships.write([_move(segment, bo, 1), _move(segment, ana, 1)])
        with reading(backend) as work:
            assert work.memberships.members(segment.id) == [ana.id]
            assert _told(work, segment) == [(ana.id, True)]

    def test_everybody_moves_for_one_reason(self, backend: Backend) -> None:
        """Log, members and outbox hold what writing the moves one by one makes of them."""
        segment, people = _people(backend)
        ana, bo, _, cai, _ = people
        said = replace(_move(segment, UUID(int=0), 5), cause=MoveCause.RULE, because="", actor="refresh")
        with writing(backend) as work:
            record_moves(work, [_move(segment, ana), _move(segment, cai)])
            before = len(work.outbox.pending(100))
        with writing(backend) as work:
            assert work.memberships.try_alone(segment.id)
            assert work.memberships.move_all(bound(_DANES), said) == (1, 1)
        with reading(backend) as work:
            entered = replace(said, contact_id=bo.id)
            left = replace(said, contact_id=cai.id, has_entered=False)
            assert work.memberships.moves(segment.id)[2:] == [entered, left]
            assert work.memberships.members(segment.id) == ids(ana, bo)
            assert work.memberships.moves_of(bo.id) == [entered]
            told = work.outbox.pending(100)[before:]
            assert [(one.kind, one.entity, one.entity_id, one.at, one.version) for one in told] == [
                ("segment_entered", "contact", bo.id, said.at, 3),
                ("segment_left", "contact", cai.id, said.at, 3),
            ]
            assert len({one.id for one in told}) == 2
            wanted = {"segment": "danes", "segment_id": str(segment.id), "cause": "rule", "because": ""}
            assert [dict(one.data) for one in told] == [wanted | {"origin": "rule", "rule_hash": "abc"}] * 2
        with writing(backend) as work:
            assert work.memberships.move_all(bound(_DANES), replace(said, at=said.at + _DAY)) == (0, 0)
            assert len(work.outbox.pending(100)) == before + 2

    def test_moves_of_everybody_and_others_are_in_one_order(self, backend: Backend) -> None:
        """What is recorded afterwards in the same transaction comes after them."""
        segment, (ana, *_) = _people(backend)
        event = OutboxEvent("contact_changed", "contact", ana.id, 2, NOW)
        with writing(backend) as work:
            work.memberships.move_all(bound(_DANES), _move(segment, UUID(int=0)))
            work.outbox.append([event])
            work.memberships.write([_move(segment, ana, 1, has_entered=False)])
        with reading(backend) as work:
            told = [one.kind for one in work.outbox.pending(100) if one.entity_id == ana.id]
            assert told == ["segment_entered", "contact_changed"]
            assert [one.has_entered for one in work.memberships.moves_of(ana.id)] == [True, False]

    def test_what_was_recorded_touches_contacts(self, backend: Backend) -> None:
        """By edits, events, accounts, checks, consents and lists; moves themselves touch nobody."""
        account, contact = Account(name="Nord"), Contact()
        linked = Contact(accounts=(AccountLink(account_id=account.id),))
        bought = Interaction(kind="purchase", contact_id=contact.id, at=NOW, source="shop")
        stored(backend, accounts=[account], contacts=[contact, linked])
        with writing(backend) as work:
            work.interactions.add([bought])
        told = [
            ("contact_changed", "contact", contact.id),
            ("interaction_recorded", "interaction", bought.id),
            ("account_changed", "account", account.id),
            ("value_checked", "contact", contact.id),
            ("consent_recorded", "contact", linked.id),
            ("lead_changed", "lead", uuid4()),
            ("segment_entered", "contact", contact.id),
        ]
        with writing(backend) as work:
            before = work.memberships.place().number
            work.outbox.append([OutboxEvent(kind, entity, one, 1, NOW) for kind, entity, one in told])
            lists = {"contacts": [str(linked.id)]}
            work.outbox.append([OutboxEvent("segment_listed", "segment", uuid4(), 1, NOW, lists)])
        with reading(backend) as work:
            assert set(work.memberships.touched(before)) == {
                (contact.id, MoveCause.EDIT),
                (contact.id, MoveCause.EVENT),
                (linked.id, MoveCause.ACCOUNT),
                (contact.id, MoveCause.CHECK),
                (linked.id, MoveCause.CONSENT),
                (linked.id, MoveCause.LIST),
            }
            now = work.memberships.place()
            assert now.number > before
            assert list(work.memberships.touched(now.number)) == []
            assert work.memberships.has_settled(now)

    def test_next_instants_are_kept_by_generation(self, backend: Backend) -> None:
        """Due once they have come; who has none of a generation, or is not active, is told apart."""
        _, people = _people(backend)
        ana, bo, archived, cai, dan = people
        with writing(backend) as work:
            work.memberships.put_due({ana.id: NOW, bo.id: NOW + _DAY, archived.id: NOW}, 1)
            work.memberships.put_due({cai.id: None, bo.id: NOW + 2 * _DAY}, 2)
        with writing(backend) as work:
            memberships = work.memberships
            assert memberships.due(NOW) == ids(ana, archived)
            assert memberships.due(NOW - timedelta(microseconds=1)) == []
            assert memberships.due(NOW + 2 * _DAY) == ids(ana, bo, archived)
            assert memberships.uncovered(1, 100) == [dan.id]
            assert memberships.uncovered(2, 100) == ids(ana, dan)
            assert memberships.uncovered(2, 1) == ids(ana, dan)[:1]
            memberships.drop_due([ana.id, uuid4()])
            assert memberships.due(NOW) == [archived.id]
            assert memberships.uncovered(1, 100) == ids(ana, dan)

    def test_states_are_kept(self, backend: Backend) -> None:
        """Of every segment, and of the store under the id of nothing."""
        segment, _ = _people(backend)
        of_segment = RefreshState(segment.id, NOW, "a:b", {"kind": "everyone"}, generation=4)
        of_store = RefreshState(UUID(int=0), NOW, "", None, 7, JournalPlace(9, 12), 4, 3)
        with writing(backend) as work:
            work.memberships.put_state(of_segment)
            work.memberships.put_state(replace(of_store, done=1))
            work.memberships.put_state(of_store)
        with reading(backend) as work:
            found: Sequence[RefreshState | None] = [
                work.memberships.state(one) for one in (segment.id, UUID(int=0), uuid4())
            ]
            assert found == [of_segment, of_store, None]
            assert work.memberships.states() == {segment.id: of_segment, UUID(int=0): of_store}

    def test_a_transaction_that_is_rolled_back_leaves_nothing(self, backend: Backend) -> None:
        """Neither moves nor members nor events."""
        segment, (ana, *_) = _people(backend)
        with reading(backend) as work:
            before = work.outbox.pending(100)
        work = backend.begin()
        work.memberships.share(segment.id)
        work.memberships.move_all(bound(_DANES), _move(segment, ana))
        work.rollback()
        with reading(backend) as work:
            assert (work.memberships.members(segment.id), _told(work, segment)) == ([], [])
            assert work.outbox.pending(100) == before
