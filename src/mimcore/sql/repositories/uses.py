"""What contacts and accounts are needed for, asked about many of them in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, String, Table, literal_column, select, union

from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.tables import schema, schema_segments, schema_work

__all__ = ["account_uses", "contact_uses"]


def contact_uses(wire: Wire, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return what each of some contacts is needed for; see `ContactRepository.uses`."""
    return _uses(wire, _OF_CONTACTS, ids)


def account_uses(wire: Wire, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return what each of some accounts is needed for; see `AccountRepository.uses`."""
    return _uses(wire, _OF_ACCOUNTS, ids)


def _uses(wire: Wire, statement: Prepared, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for raw_id, kind in wire.rows_of_ids(statement, ids):
        found[wire.codec.get_id(raw_id)].add(kind)
    return {one: frozenset(kinds) for one, kinds in found.items()}


def _named(kind: str, table: Table, column: Column[Any], *conditions: Any) -> Select[Any, str]:
    """Return which ids a column names, each beside the kind of use."""
    word = literal_column(f"'{kind}'", String())
    return select(column.label("id"), word.label("kind")).where(owned(table, in_ids(column, "ids"), *conditions))


_contact, _link, _event = schema.contact, schema.contact_account, schema.interaction
_lead, _task, _check = schema_work.lead, schema_work.task, schema_work.verification
_listed = schema_segments.segment_member
_OF_CONTACTS = Prepared(
    union(
        _named("interaction", _event, _event.c.record_id),
        _named("lead", _lead, _lead.c.record_id),
        _named("task", _task, _task.c.record_id),
        _named("verification", _check, _check.c.contact_id),
        _named("list", _listed, _listed.c.contact_id),
        _named("merge", _contact, _contact.c.golden_id),
        _named("merge", _contact, _contact.c.id, _contact.c.golden_id.is_not(None)),
    )
)
_OF_ACCOUNTS = Prepared(
    union(
        _named("contact", _link, _link.c.account_id),
        _named("account", schema.account, schema.account.c.parent_id),
        _named("interaction", _event, _event.c.account_id),
    )
)
