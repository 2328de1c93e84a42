"""Everybody who enters or leaves a segment for one reason, moved inside the database: log, members and outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    case,
    delete,
    exists,
    insert,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from mimcore.domain.membership import MembershipMove
from mimcore.repositories.touches import MOVED
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import ONE
from mimcore.sql.repositories.numbering import new_id, next_number
from mimcore.sql.tables import schema, schema_segments, schema_work

__all__ = ["move_all", "who_enters", "who_leaves"]

_contact, _outbox = schema.contact, schema_work.outbox
_member, _log = schema_segments.membership, schema_segments.membership_log
_SAID = ("segment_id", "segment", "at", "cause", "because", "actor", "origin", "segment_version", "rule_hash")


def who_enters(wire: Wire, is_true: ColumnElement[bool], segment: ColumnElement[Any]) -> Select[Any]:
    """Return the query of those for whom a rule is true and who are no members, by id."""
    known = _is_known(wire, segment) & (_member.c.contact_id == _contact.c.id)
    found = select(type_coerce(_contact.c.id, NullType()).label("contact_id"))
    return found.where(is_true, ~exists(select(ONE).where(known))).order_by(_contact.c.id)


def who_leaves(wire: Wire, is_true: ColumnElement[bool], segment: ColumnElement[Any]) -> Select[Any]:
    """Return the query of members for whom a rule is not true, by id."""
    found = select(ONE).select_from(_contact).where(_contact.c.id == _member.c.contact_id, is_true)
    gone = select(type_coerce(_member.c.contact_id, NullType()).label("contact_id"))
    return gone.where(_is_known(wire, segment), ~exists(found.correlate(_member))).order_by(_member.c.contact_id)


def _is_known(wire: Wire, segment: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row is a member of a segment."""
    return (_member.c.tenant == wire.tenant) & (_member.c.segment_id == segment)


def move_all(
    wire: Wire, is_true: ColumnElement[bool], move: MembershipMove, told: Mapping[str, Any]
) -> tuple[int, int]:
    """Let everybody enter for whom a rule is true, and every other member leave.

    Args:
        wire: The transaction; nobody else moves people of this segment until it ends.
        is_true: Whether the rule is true for an active contact.
        move: What the log says of each, apart from whom it moves and in which direction.
        told: What the event of each says.

    Returns:
        How many entered and how many left.
    """
    segment = literal(move.segment_id, _log.c.segment_id.type)
    given = {"segment": wire.codec.put_id(move.segment_id), "move_at": wire.codec.put_instant(move.at)}
    given["place"] = wire.last_number()
    entered = _append(wire, _log, _moves(wire, who_enters(wire, is_true, segment), move, has_entered=True))
    left = _append(wire, _log, _moves(wire, who_leaves(wire, is_true, segment), move, has_entered=False))
    if entered:
        wire.write(_ENTER, **given)
    if left:
        wire.write(_LEAVE, **given)
    if entered or left:
        _append(wire, _outbox, _events(wire, move, told, given))
    return entered, left


def _append(wire: Wire, table: Table, columns: Mapping[str, ColumnElement[Any]]) -> int:
    """Append what a query finds, with numbers in its order."""
    written = wire.change(insert(table).from_select(list(columns), select(*columns.values())))
    wire.has_numbered(written)
    return written


def _moves(
    wire: Wire, who: Select[Any], move: MembershipMove, *, has_entered: bool
) -> Mapping[str, ColumnElement[Any]]:
    found = who.subquery("found")
    return {
        "tenant": literal(wire.tenant, _log.c.tenant.type),
        "sequence": next_number(wire, found.c.contact_id),
        "contact_id": found.c.contact_id,
        "has_entered": literal(has_entered, _log.c.has_entered.type),
        **{name: literal(getattr(move, name), _log.c[name].type) for name in _SAID},
    }


def _events(
    wire: Wire, move: MembershipMove, told: Mapping[str, Any], given: Mapping[str, Any]
) -> Mapping[str, ColumnElement[Any]]:
    """An event for each move that was logged just now; the log is read before the outbox is written."""
    columns, place = _outbox.c, literal(given["place"], _log.c.sequence.type)
    own = (_log.c.tenant == wire.tenant) & (_log.c.segment_id == move.segment_id)
    just_now = own & (_log.c.at == move.at) & (_log.c.sequence > place)
    names = ("sequence", "contact_id", "has_entered")
    moved = select(*(_log.c[name] for name in names)).where(just_now).order_by(_log.c.sequence).subquery("moved")
    return {
        "tenant": literal(wire.tenant, columns.tenant.type),
        "id": new_id(wire),
        "sequence": next_number(wire, moved.c.sequence),
        "kind": case((moved.c.has_entered, literal(MOVED[0])), else_=literal(MOVED[1])),
        "entity": literal("contact", columns.entity.type),
        "entity_id": moved.c.contact_id,
        "version": literal(move.segment_version, columns.version.type),
        "at": literal(move.at, columns.at.type),
        "data": literal(dict(told), columns.data.type),
    }


_just_moved = owned(
    _log,
    _log.c.segment_id == bindparam("segment"),
    _log.c.at == bindparam("move_at"),
    _log.c.sequence > bindparam("place"),
)
_movers = select(_log.c.contact_id).where(_just_moved)
_ENTER = Prepared(
    insert(_member).from_select(
        ["tenant", "segment_id", "contact_id"],
        select(_log.c.tenant, _log.c.segment_id, _log.c.contact_id).where(_just_moved, _log.c.has_entered.is_(True)),
    )
)
_LEAVE = Prepared(
    delete(_member).where(
        owned(_member, _member.c.segment_id == bindparam("segment")),
        _member.c.contact_id.in_(_movers.where(_log.c.has_entered.is_(False))),
    )
)
