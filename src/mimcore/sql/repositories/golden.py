"""For whom a record's interactions, leads and tasks count: itself, or the golden record it was merged into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, case, null, or_, select, update

from mimcore.repositories.records import LinkAction, MergeLink
from mimcore.sql.connection.statements import listed_once, owned, read_columns
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables import schema, schema_work
from mimcore.sql.tables.schema import contact
from mimcore.sql.types import Guid

__all__ = ["SqlMergeRepository", "count_for_golden", "golden_ids"]

_FOLLOWING = (schema.interaction, schema_work.lead, schema_work.task)


def golden_ids(wire: Wire, record_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """Return where the given records count, for those that do not count for themselves.

    Where several transactions write at once, nobody can merge these records until this one ends: what is attached to
    them now would stay behind.

    Args:
        wire: The transaction.
        record_ids: Ids of contacts.
    """
    get = wire.codec.get_id
    if wire.has_many_writers:
        found = wire.rows_of_ids(_STEADY, sorted(set(record_ids), key=lambda one: one.bytes))
        return {get(one): get(golden) for one, golden in found if golden is not None}
    return {get(one): get(golden) for one, golden in wire.rows_of_ids(_MERGED, record_ids)}


def count_for_golden(wire: Wire, table: Table, golden: Mapping[UUID, UUID]) -> None:
    """Let rows that have just been written for merged records count for their golden records.

    Args:
        wire: The transaction.
        table: Leads or tasks.
        golden: From `golden_ids`, asked for before the rows were written: whoever merges locks contacts before leads.
    """
    for record, golden_id in golden.items():
        put = wire.codec.put_id
        wire.write(_COUNT[table.name], new_contact_id=put(golden_id), record=put(record))


def _count(table: Table) -> Prepared:
    own = owned(table, table.c.record_id == bindparam("record"))
    return Prepared(update(table).where(own).values(contact_id=bindparam("new_contact_id")))


def _move(table: Table) -> Prepared:
    own = owned(table, table.c.contact_id == bindparam("from_id"))
    return Prepared(update(table).where(own).values(contact_id=bindparam("to_id")))


_MERGED = Prepared(
    select(contact.c.id, contact.c.golden_id).where(
        owned(contact, in_ids(contact.c.id, "ids"), contact.c.golden_id.is_not(None))
    )
)
_itself, _member = contact.alias("itself"), contact.alias("member")
_with_golden = listed_once(
    "attached_to",
    select(_itself.c.id).where(_itself.c.tenant == bindparam("tenant"), in_ids(_itself.c.id, "ids")),
    select(_member.c.golden_id).where(_member.c.tenant == bindparam("tenant"), in_ids(_member.c.id, "ids")),
)
_STEADY = Prepared(
    select(contact.c.id, contact.c.golden_id)
    # The golden records too, which foreign keys lock at the commit: after that somebody else may hold one of the two.
    .where(owned(contact, contact.c.id.in_(_with_golden)))
    .order_by(contact.c.id)
    .with_for_update(read=True)
)
_COUNT = {table.name: _count(table) for table in _FOLLOWING}
_MOVE = {table.name: _move(table) for table in _FOLLOWING}
_MOVE_RECORD = Prepared(
    update(contact)
    .where(owned(contact, or_(contact.c.id == bindparam("from_id"), contact.c.golden_id == bindparam("from_id"))))
    .values(golden_id=case((contact.c.id == bindparam("to_id"), null()), else_=bindparam("to_id", type_=Guid())))
)
_MOVE_RECORD_BACK = Prepared(
    update(contact).where(owned(contact, contact.c.id == bindparam("record"))).values(golden_id=null())
)

_link = schema_work.merge_link
_LINK_COLUMNS = read_columns(_link)
_LINKS = Prepared(select(*_LINK_COLUMNS).where(owned(_link)).order_by(_link.c.at, _link.c.sequence))
_LINK = Prepared(select(*_LINK_COLUMNS).where(owned(_link, _link.c.id == bindparam("id"))))
_LINK_JOURNAL = Prepared(select(_link.c.sequence, *_LINK_COLUMNS).where(owned(_link)).order_by(_link.c.sequence))
_ADD_LINK = Prepared(_link.insert(), tuple(_link.c.keys()))


class SqlMergeRepository:
    """The append-only, reversible log of links between records."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._mapping: RecordMapping[MergeLink] = record_mapping(
            _link, MergeLink, wire.codec, enums={"action": LinkAction}
        )

    def append(self, links: Sequence[MergeLink]) -> None:
        """Append links, unlinks and cannot-links."""
        numbers = self._wire.next_numbers(len(links))
        self._wire.write_many(_ADD_LINK, self._mapping.rows(links, self._wire.tenant, numbers))

    def all(self) -> Iterator[MergeLink]:
        """The whole log, oldest first."""
        return map(self._mapping.record, self._wire.rows(_LINKS))

    def journal(self) -> Iterator[tuple[int, MergeLink]]:
        """The whole log in the order of recording, each entry with its place in it."""
        return ((row[0], self._mapping.record(row[1:])) for row in self._wire.rows(_LINK_JOURNAL))

    def get(self, link_id: UUID) -> MergeLink | None:
        """Return one entry."""
        rows = self._wire.rows(_LINK, id=self._wire.codec.put_id(link_id))
        return self._mapping.record(rows[0]) if rows else None

    def golden(self, record_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
        """Return the golden record of each merged one among some records; the others are left out."""
        get = self._wire.codec.get_id
        return {get(one): get(golden) for one, golden in self._wire.rows_of_ids(_MERGED, record_ids)}

    def move(self, from_id: UUID, to_id: UUID) -> None:
        """Let what counts for one contact count for another: what was recorded under it, and what was moved to it."""
        put = self._wire.codec.put_id
        ids: dict[str, Any] = {"from_id": put(from_id), "to_id": put(to_id)}
        # The records first: that waits for whoever attaches something to them just now, and what follows then sees it.
        for statement in (_MOVE_RECORD, *_MOVE.values()):
            self._wire.write(statement, **ids)

    def move_back(self, record_id: UUID) -> None:
        """Let everything that was recorded under a contact count for itself again."""
        record = self._wire.codec.put_id(record_id)
        self._wire.write(_MOVE_RECORD_BACK, record=record)
        for statement in _COUNT.values():
            self._wire.write(statement, new_contact_id=record, record=record)
