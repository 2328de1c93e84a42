"""Memberships in memory: moves under the contact they tell of, and the sets that they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mimcore.domain.membership import MembershipMove
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import DuplicateKeyError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables
from mimcore.repositories.membership_port import JournalPlace, RefreshState, Touch
from mimcore.repositories.moving import events_of_moves
from mimcore.repositories.ports import ContactRepository, OutboxRepository, Query
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.touches import cause_of, listed_contacts
from mimcore.rules.lowering.bound import Bound

__all__ = ["InMemoryMembershipRepository"]


class InMemoryMembershipRepository:
    """Memberships: append-only moves, and what they add up to."""

    def __init__(self, session: Session, tables: Tables, contacts: ContactRepository, outbox: OutboxRepository) -> None:
        """Stand over the tables.

        Args:
            session: The transaction.
            tables: The tables.
            contacts: Asked by rule.
            outbox: Told of moves.
        """
        self._session, self._tables, self._contacts, self._outbox = session, tables, contacts, outbox

    def lock(self) -> None:
        """Nobody else writes anyway."""
        self._session.writing()

    def try_alone(self, segment_id: UUID) -> bool:
        """Nobody else writes anyway."""
        del segment_id
        self._session.writing()
        return True

    def share(self, segment_id: UUID) -> None:
        """Nobody else writes anyway."""
        del segment_id
        self._session.writing()

    def entering(self, segment_id: UUID, where: Bound) -> list[UUID]:
        """Return active contacts for whom a bound rule is true and who are no members, by id."""
        members = set(self.members(segment_id))
        return [one for one in self._contacts.find(Query(where)) if one not in members]

    def leaving(self, segment_id: UUID, where: Bound) -> list[UUID]:
        """Return members who are not active, or for whom a bound rule is not true, by id."""
        true = set(self._contacts.find(Query(where)))
        return [one for one in self.members(segment_id) if one not in true]

    def move_all(self, where: Bound, move: MembershipMove) -> tuple[int, int]:
        """Let everybody enter for whom a bound rule is true, and every other member leave, for one reason."""
        entering, leaving = self.entering(move.segment_id, where), self.leaving(move.segment_id, where)
        moves = [replace(move, contact_id=one, has_entered=True) for one in entering]
        moves += [replace(move, contact_id=one, has_entered=False) for one in leaving]
        self.write(moves)
        self._outbox.append(events_of_moves(moves))
        return len(entering), len(leaving)

    def write(self, moves: Sequence[MembershipMove]) -> None:
        """Append moves, and let the set of members follow.

        Raises:
            DuplicateKeyError: If somebody enters who is a member.
        """
        for move in moves:
            known = self._session.get(self._tables.memberships, move.contact_id) or frozenset()
            if move.has_entered and move.segment_id in known:
                raise DuplicateKeyError(f"the contact {move.contact_id} is a member of '{move.segment}' already")
            new = known | {move.segment_id} if move.has_entered else known - {move.segment_id}
            self._session.put(self._tables.memberships, move.contact_id, new)
        placed = self._session.numbered(self._tables.counters, moves)
        self._session.append_by(self._tables.moves, lambda entry: entry[1].contact_id, placed)

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return the ids of the segments that each contact is a member of; an empty set where there are none."""
        return {one: self._session.get(self._tables.memberships, one) or frozenset() for one in contact_ids}

    def members(self, segment_id: UUID, at: datetime | None = None) -> list[UUID]:
        """Return the members now, or by the log as of an instant, by id."""
        if at is None:
            rows = self._session.rows(self._tables.memberships).items()
            return _in_order(one for one, segments in rows if segment_id in segments)
        sums: Counter[UUID] = Counter()
        for move in self.moves(segment_id):
            if move.at <= at:
                sums[move.contact_id] += 1 if move.has_entered else -1
        return _in_order(one for one, number in sums.items() if number > 0)

    def count(self, segment_id: UUID) -> int:
        """Count the members."""
        return len(self.members(segment_id))

    def moves(self, segment_id: UUID, since: datetime | None = None) -> list[MembershipMove]:
        """Return the moves of a segment from an instant on, in the order of recording."""
        placed = sorted(self._session.chains(self._tables.moves), key=lambda entry: entry[0])
        return [move for _, move in placed if move.segment_id == segment_id and (since is None or move.at >= since)]

    def moves_of(self, contact_id: UUID) -> list[MembershipMove]:
        """Return the moves of a contact, in the order of recording."""
        return [move for _, move in self._session.chain(self._tables.moves, contact_id)]

    def state(self, segment_id: UUID) -> RefreshState | None:
        """Return how far a segment, or the store, is refreshed."""
        return self._session.get(self._tables.refreshes, segment_id)

    def states(self) -> dict[UUID, RefreshState]:
        """Return how far the store and all its segments are refreshed, by id."""
        return dict(self._session.rows(self._tables.refreshes))

    def put_state(self, state: RefreshState) -> None:
        """Store or replace a state."""
        self._session.put(self._tables.refreshes, state.segment_id, state)

    def place(self) -> JournalPlace:
        """Return the present place in the order of recording."""
        return JournalPlace(self._session.get(self._tables.counters, "outbox") or 0)

    def has_settled(self, place: JournalPlace) -> bool:
        """One transaction writes at a time: whatever is seen is all there is."""
        del place
        return True

    def touched(self, since: int) -> Iterator[Touch]:
        """Contacts about which something was recorded after a number; of merged ones the golden record too."""
        rows = (
            *self._session.rows(self._tables.pending).values(),
            *self._session.rows(self._tables.delivered).values(),
        )
        links = _linked(self._session, self._tables)
        for _, event in sorted((row for row in rows if row[0] > since), key=lambda row: row[0]):
            cause = cause_of(event.entity, event.kind)
            if cause is not None:
                yield from ((one, cause) for one in self._contacts_of(event, links))

    def _contacts_of(self, event: OutboxEvent, links: Mapping[UUID, set[UUID]]) -> Iterator[UUID]:
        match event.entity:
            case "contact":
                found: Iterable[UUID] = (event.entity_id,)
            case "account":
                found = links.get(event.entity_id, ())
            case "segment":
                found = listed_contacts(event.data)
            case _:
                known = self._session.get(self._tables.interactions, event.entity_id)
                found = () if known is None else (known.contact_id,)
        for one in found:
            yield one
            golden = self._session.get(self._tables.golden, one)
            if golden is not None:
                yield golden

    def put_due(self, instants: Mapping[UUID, datetime | None], generation: int) -> None:
        """Store from when on time alone may move a contact by a generation's rules; None where it never does."""
        for one, at in instants.items():
            self._session.put(self._tables.due, one, (generation, at))

    def drop_due(self, contact_ids: Iterable[UUID]) -> None:
        """Forget the next instants of contacts."""
        for one in contact_ids:
            self._session.drop(self._tables.due, one)

    def due(self, at: datetime) -> list[UUID]:
        """Return contacts whose next instant has come, by id."""
        rows = self._session.rows(self._tables.due).items()
        return _in_order(one for one, (_, instant) in rows if instant is not None and instant <= at)

    def uncovered(self, generation: int, limit: int) -> list[UUID]:
        """Return so many active contacts whose next instant is not known for a generation's rules, by id."""
        known = {one for one, (seen, _) in self._session.rows(self._tables.due).items() if seen >= generation}
        rows = self._session.rows(self._tables.contacts.rows).values()
        found = (one.id for one in rows if one.status is RecordStatus.ACTIVE and one.id not in known)
        return _in_order(found)[:limit]


def _in_order(ids: Iterable[UUID]) -> list[UUID]:
    return sorted(ids, key=lambda one: one.int)


def _linked(session: Session, tables: Tables) -> Mapping[UUID, set[UUID]]:
    """Return the contacts that are linked to each account."""
    found: dict[UUID, set[UUID]] = {}
    for contact in session.rows(tables.contacts.rows).values():
        for link in contact.accounts:
            found.setdefault(link.account_id, set()).add(contact.id)
    return found
