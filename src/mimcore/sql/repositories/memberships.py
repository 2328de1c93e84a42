"""Memberships in SQL: who moves is found inside the database, by one difference between a rule and the stored set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
)

from mimcore.domain.membership import MembershipMove, MoveCause, MoveOrigin
from mimcore.repositories.membership_port import JournalPlace, RefreshState, Touch
from mimcore.repositories.moving import told_of_move
from mimcore.repositories.touches import LISTING, MOVED, cause_of, listed_contacts
from mimcore.rules.lowering.bound import Bound
from mimcore.sql.conditions.column_map import ContactMap
from mimcore.sql.conditions.compiler import compile_rule
from mimcore.sql.conditions.freshness_tests import FreshnessTests
from mimcore.sql.connection.named_locks import lock_name, share_name, try_name
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.upsert import insert_or_replace
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import ONE, in_ids
from mimcore.sql.repositories import numbering
from mimcore.sql.repositories.appending import Append, append_numbered
from mimcore.sql.repositories.freshness_keys import pools_present
from mimcore.sql.repositories.moving_all import move_all, who_enters, who_leaves
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables import schema, schema_segments, schema_work

__all__ = ["SqlMembershipRepository"]

_contact, _outbox, _link = schema.contact, schema_work.outbox, schema.contact_account
_member, _log = schema_segments.membership, schema_segments.membership_log
_due, _state = schema_segments.membership_due, schema_segments.refresh_state


class SqlMembershipRepository:
    """Memberships: append-only moves, and what they add up to."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._moves: RecordMapping[MembershipMove] = record_mapping(
            _log, MembershipMove, wire.codec, enums={"cause": MoveCause, "origin": MoveOrigin}
        )
        self._states: RecordMapping[RefreshState] = record_mapping(
            _state, _state_of, wire.codec, names={"noted": "noted.number", "horizon": "noted.horizon"}
        )
        fresh = FreshnessTests(wire.tenant, _contact, partial(pools_present, wire))
        self._columns = ContactMap(wire.tenant, fresh=fresh)

    def lock(self) -> None:
        """Let nobody else refresh memberships until the transaction ends."""
        lock_name(self._wire, f"mimcore memberships {self._wire.tenant}")

    def try_alone(self, segment_id: UUID) -> bool:
        """Let nobody else move people of a segment until the transaction ends; False if somebody is about to."""
        return try_name(self._wire, f"mimcore members {self._wire.tenant} {segment_id}")

    def share(self, segment_id: UUID) -> None:
        """Say that people of a segment are moved by hand, which waits for whoever has it alone."""
        share_name(self._wire, f"mimcore members {self._wire.tenant} {segment_id}")

    def entering(self, segment_id: UUID, where: Bound) -> list[UUID]:
        """Return active contacts for whom a bound rule is true and who are no members, by id."""
        return self._ids(self._wire.ask(who_enters(self._wire, self._true(where), _segment_id(segment_id))))

    def leaving(self, segment_id: UUID, where: Bound) -> list[UUID]:
        """Return members who are not active, or for whom a bound rule is not true, by id."""
        return self._ids(self._wire.ask(who_leaves(self._wire, self._true(where), _segment_id(segment_id))))

    def move_all(self, where: Bound, move: MembershipMove) -> tuple[int, int]:
        """Let everybody enter for whom a bound rule is true, and every other member leave, for one reason."""
        return move_all(self._wire, self._true(where), move, told_of_move(move))

    def _true(self, where: Bound) -> ColumnElement[bool]:
        own = (_contact.c.tenant == self._wire.tenant) & (_contact.c.status == "active")
        return own & compile_rule(where, self._columns)

    def _ids(self, rows: Iterable[Any]) -> list[UUID]:
        get = self._wire.codec.get_id
        return [get(row[0]) for row in rows]

    def write(self, moves: Sequence[MembershipMove]) -> None:
        """Append moves, and let the set of members follow.

        Raises:
            DuplicateKeyError: If somebody enters who is a member.
        """
        if not moves:
            return
        put, tenant = self._wire.codec.put_id, self._wire.tenant
        entered = [(tenant, put(one.segment_id), put(one.contact_id)) for one in moves if one.has_entered]
        left: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for one in moves:
            if not one.has_entered:
                left[one.segment_id].append(one.contact_id)
        self._wire.write_many(_ENTER, entered)
        for segment_id, contact_ids in left.items():
            self._wire.write_ids(_LEAVE, contact_ids, segment=put(segment_id))
        append_numbered(self._wire, _ADD, self._moves, moves)

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return the ids of the segments that each contact is a member of; an empty set where there are none."""
        wanted, get = list(contact_ids), self._wire.codec.get_id
        found: dict[UUID, set[UUID]] = {one: set() for one in wanted}
        for contact_id, segment_id in self._wire.rows_of_ids(_OF, wanted):
            found[get(contact_id)].add(get(segment_id))
        return {one: frozenset(segments) for one, segments in found.items()}

    def members(self, segment_id: UUID, at: datetime | None = None) -> list[UUID]:
        """Return the members now, or by the log as of an instant, by id."""
        segment = self._wire.codec.put_id(segment_id)
        if at is None:
            return self._ids(self._wire.rows(_MEMBERS, segment=segment))
        return self._ids(self._wire.rows(_MEMBERS_AT, segment=segment, at=self._wire.codec.put_instant(at)))

    def count(self, segment_id: UUID) -> int:
        """Count the members."""
        return int(self._wire.rows(_COUNT, segment=self._wire.codec.put_id(segment_id))[0][0])

    def moves(self, segment_id: UUID, since: datetime | None = None) -> list[MembershipMove]:
        """Return the moves of a segment from an instant on, in the order of recording."""
        segment, codec = self._wire.codec.put_id(segment_id), self._wire.codec
        if since is None:
            return [self._moves.record(row) for row in self._wire.rows(_MOVES, segment=segment)]
        rows = self._wire.rows(_MOVES_SINCE, segment=segment, since=codec.put_instant(since))
        return [self._moves.record(row) for row in rows]

    def moves_of(self, contact_id: UUID) -> list[MembershipMove]:
        """Return the moves of a contact, in the order of recording."""
        rows = self._wire.rows(_MOVES_OF, contact=self._wire.codec.put_id(contact_id))
        return [self._moves.record(row) for row in rows]

    def state(self, segment_id: UUID) -> RefreshState | None:
        """Return how far a segment, or the store, is refreshed."""
        rows = self._wire.rows(_STATE, segment=self._wire.codec.put_id(segment_id))
        return self._states.record(rows[0]) if rows else None

    def states(self) -> dict[UUID, RefreshState]:
        """Return how far the store and all its segments are refreshed, by id."""
        found = (self._states.record(row) for row in self._wire.rows(_STATES))
        return {one.segment_id: one for one in found}

    def put_state(self, state: RefreshState) -> None:
        """Store or replace a state."""
        self._wire.write_many(_PUT_STATE, [self._states.row(state, self._wire.tenant)])

    def place(self) -> JournalPlace:
        """Return the present place in the order of recording; ask before anything is written."""
        return JournalPlace(*numbering.place(self._wire))

    def has_settled(self, place: JournalPlace) -> bool:
        """Tell whether every transaction that may have drawn a number up to a place is over."""
        return numbering.has_settled(self._wire, place.horizon)

    def touched(self, since: int) -> Iterator[Touch]:
        """Contacts about which something was recorded after a number; of merged ones the golden record too."""
        get = self._wire.codec.get_id
        for raw_id, golden, kind in self._wire.rows(_TOUCHED, since=since):
            cause = cause_of("contact", kind)
            if cause is not None:
                yield from ((get(one), cause) for one in (raw_id, golden) if one is not None)
        for statement, cause in ((_TOUCHED_BY_ACCOUNT, MoveCause.ACCOUNT), (_TOUCHED_BY_EVENT, MoveCause.EVENT)):
            yield from ((get(row[0]), cause) for row in self._wire.rows(statement, since=since))
        for (data,) in self._wire.rows(_TOUCHED_BY_LIST, since=since):
            yield from ((one, MoveCause.LIST) for one in listed_contacts(self._wire.codec.get_json(data)))

    def put_due(self, instants: Mapping[UUID, datetime | None], generation: int) -> None:
        """Store from when on time alone may move a contact by a generation's rules; None where it never does."""
        codec, tenant = self._wire.codec, self._wire.tenant
        put, optional = codec.put_id, codec.put_optional_instant
        rows = [(tenant, put(one), generation, optional(at)) for one, at in instants.items()]
        self._wire.write_many(_PUT_DUE, rows)

    def drop_due(self, contact_ids: Iterable[UUID]) -> None:
        """Forget the next instants of contacts."""
        self._wire.write_ids(_DROP_DUE, contact_ids)

    def due(self, at: datetime) -> list[UUID]:
        """Return contacts whose next instant has come, by id."""
        return sorted(self._ids(self._wire.rows(_DUE, at=self._wire.codec.put_instant(at))))

    def uncovered(self, generation: int, limit: int) -> list[UUID]:
        """Return so many active contacts whose next instant is not known for a generation's rules, by id."""
        return self._ids(self._wire.rows(_UNCOVERED, generation=generation, size=limit))


def _segment_id(value: UUID) -> ColumnElement[Any]:
    return literal(value, _member.c.segment_id.type)


def _state_of(**values: Any) -> RefreshState:
    noted = JournalPlace(values.pop("noted.number"), values.pop("noted.horizon"))
    return RefreshState(**values, noted=noted)


def _touching(entity: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return owned(_outbox, _outbox.c.sequence > bindparam("since"), _outbox.c.entity == entity, *conditions)


_in_segment = _member.c.segment_id == bindparam("segment")
_of_segment = _log.c.segment_id == bindparam("segment")
_ENTER = Prepared(insert(_member), tuple(_member.c.keys()))
_LEAVE = Prepared(delete(_member).where(owned(_member, _in_segment, in_ids(_member.c.contact_id, "ids"))))
_ADD = Append(_log)
_OF = Prepared(
    select(_member.c.contact_id, _member.c.segment_id).where(owned(_member, in_ids(_member.c.contact_id, "ids")))
)
_MEMBERS = Prepared(select(_member.c.contact_id).where(owned(_member, _in_segment)).order_by(_member.c.contact_id))
_COUNT = Prepared(select(func.count()).select_from(_member).where(owned(_member, _in_segment)))
# Moves of a contact in a segment alternate, so their sum tells whether it is a member.
_minus_one: ColumnElement[int] = literal_column("-1", Integer())
_sum = func.sum(case((_log.c.has_entered, ONE), else_=_minus_one))
_MEMBERS_AT = Prepared(
    select(_log.c.contact_id)
    .where(owned(_log, _of_segment, _log.c.at <= bindparam("at")))
    .group_by(_log.c.contact_id)
    .having(_sum > literal_column("0"))
    .order_by(_log.c.contact_id)
)
_moves = select(*read_columns(_log)).order_by(_log.c.sequence)
_MOVES = Prepared(_moves.where(owned(_log, _of_segment)))
_MOVES_SINCE = Prepared(_moves.where(owned(_log, _of_segment, _log.c.at >= bindparam("since"))))
_MOVES_OF = Prepared(_moves.where(owned(_log, _log.c.contact_id == bindparam("contact"))))
_state_columns = select(*read_columns(_state))
_STATE = Prepared(_state_columns.where(owned(_state, _state.c.segment_id == bindparam("segment"))))
_STATES = Prepared(_state_columns.where(owned(_state)))
_PUT_STATE = Prepared(insert_or_replace(_state), tuple(_state.c.keys()))
_TOUCHED = Prepared(
    select(_outbox.c.entity_id, _contact.c.golden_id, _outbox.c.kind)
    .select_from(
        _outbox.outerjoin(_contact, (_contact.c.tenant == _outbox.c.tenant) & (_contact.c.id == _outbox.c.entity_id))
    )
    .where(_touching("contact", *(_outbox.c.kind != kind for kind in MOVED)))
)
_TOUCHED_BY_ACCOUNT = Prepared(
    select(_link.c.contact_id)
    .join_from(_outbox, _link, (_link.c.tenant == _outbox.c.tenant) & (_link.c.account_id == _outbox.c.entity_id))
    .where(_touching("account"))
)
_event = schema.interaction
_TOUCHED_BY_EVENT = Prepared(
    select(_event.c.contact_id)
    .join_from(_outbox, _event, (_event.c.tenant == _outbox.c.tenant) & (_event.c.id == _outbox.c.entity_id))
    .where(_touching("interaction"))
)
_TOUCHED_BY_LIST = Prepared(
    select(_outbox.c.data).where(_touching("segment", (_outbox.c.kind == LISTING[0]) | (_outbox.c.kind == LISTING[1])))
)
_PUT_DUE = Prepared(insert_or_replace(_due), tuple(_due.c.keys()))
_DROP_DUE = Prepared(delete(_due).where(owned(_due, in_ids(_due.c.contact_id, "ids"))))
# Ordered by whoever asks: SQLite would rather walk everybody in order of ids than read the few that are due.
_DUE = Prepared(select(_due.c.contact_id).where(owned(_due, _due.c.at <= bindparam("at"))))
_covered = exists(
    select(ONE).where(
        _due.c.tenant == _contact.c.tenant,
        _due.c.contact_id == _contact.c.id,
        _due.c.generation >= bindparam("generation"),
    )
)
_UNCOVERED = Prepared(
    select(_contact.c.id)
    .where(owned(_contact, _contact.c.status == "active", ~_covered))
    .order_by(_contact.c.id)
    .limit(bindparam("size"))
)
