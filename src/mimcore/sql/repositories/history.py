"""Change sets in SQL: appended once; read by record, by import, by time, or by fields whose values they replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select, tuple_

from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.expressions.json_lists import holds_value
from mimcore.sql.repositories.appending import Append, append_numbered
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables import schema_work
from mimcore.sql.types import UtcMicroseconds
from mimcore.values.instants import EARLIEST, LATEST

__all__ = ["SqlHistoryRepository"]

_change = schema_work.change_set


class SqlHistoryRepository:
    """Change sets: append-only."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._mapping: RecordMapping[ChangeSet] = record_mapping(
            _change, ChangeSet, wire.codec, enums={"kind": ChangeKind}
        )

    def append(self, changes: Sequence[ChangeSet]) -> None:
        """Append change sets."""
        append_numbered(self._wire, _ADD_CHANGE, self._mapping, changes)

    def of(self, entity_id: UUID) -> list[ChangeSet]:
        """Return the changes of a record, oldest first."""
        rows = self._wire.rows(_CHANGES_OF, entity=self._wire.codec.put_id(entity_id))
        return [self._mapping.record(row) for row in rows]

    def of_import(self, import_id: UUID) -> list[ChangeSet]:
        """Return the changes that an import made, oldest first."""
        rows = self._wire.rows(_CHANGES_OF_IMPORT, import_id=self._wire.codec.put_id(import_id))
        return [self._mapping.record(row) for row in rows]

    def since(self, instant: datetime) -> Iterator[ChangeSet]:
        """All changes recorded after an instant, the newest first; read in pages."""
        at, last = self._wire.codec.put_instant(instant), self._wire.codec.put_instant(LATEST)
        return (change for _, change in self._paged(_SINCE, after_at=at, at=last, number=0))

    def journal(self, ids: Iterable[UUID] | None = None) -> Iterator[tuple[int, ChangeSet]]:
        """Changes with their places in the order of recording: of some records, or all; read in pages."""
        if ids is None:
            return self._paged(_JOURNAL, at=self._wire.codec.put_instant(EARLIEST), number=0)
        rows = self._wire.rows_of_ids(_JOURNAL_OF, ids)
        return ((row[0], self._mapping.record(row[2:])) for row in rows)

    def replaced(
        self,
        entity: str,
        fields: Collection[str],
        *,
        ids: Iterable[UUID] | None = None,
        since: datetime | None = None,
    ) -> Iterator[ChangeSet]:
        """Changes in which one of some fields had a value that was replaced or cleared; read in pages.

        Without ids every change of the tenant since then is looked at once, and only those that matter are read.
        """
        codec = self._wire.codec
        asked = {"entity": entity, "words": codec.put_words(fields), "counted": codec.put_instant(since or EARLIEST)}
        if ids is not None:
            rows = self._wire.rows_of_ids(_REPLACED_OF, ids, **asked)
            return (self._mapping.record(row[2:]) for row in rows)
        return (change for _, change in self._paged(_REPLACED, at=codec.put_instant(EARLIEST), number=0, **asked))

    def _paged(self, statement: Prepared, **after: Any) -> Iterator[tuple[int, ChangeSet]]:
        while rows := self._wire.rows(statement, size=PORTION, **after):
            yield from ((row[0], self._mapping.record(row[2:])) for row in rows)
            after |= {"number": rows[-1][0], "at": rows[-1][1]}


_ADD_CHANGE = Append(_change)
_changes = select(*read_columns(_change)).order_by(_change.c.recorded_at, _change.c.sequence)
_CHANGES_OF = Prepared(_changes.where(owned(_change, _change.c.entity_id == bindparam("entity"))))
_CHANGES_OF_IMPORT = Prepared(_changes.where(owned(_change, _change.c.import_id == bindparam("import_id"))))
_place = (_change.c.recorded_at, _change.c.sequence)
_placed = select(_change.c.sequence, _change.c.recorded_at, *read_columns(_change))
_here = (bindparam("at", type_=UtcMicroseconds()), bindparam("number", type_=BigInteger()))
_SINCE = Prepared(
    _placed.where(owned(_change, _change.c.recorded_at > bindparam("after_at"), tuple_(*_place) < tuple_(*_here)))
    .order_by(*(one.desc() for one in _place))
    .limit(bindparam("size"))
)
_JOURNAL = Prepared(
    _placed.where(owned(_change, tuple_(*_place) > tuple_(*_here))).order_by(*_place).limit(bindparam("size"))
)
_JOURNAL_OF = Prepared(
    _placed.where(owned(_change, in_ids(_change.c.entity_id, "ids"))).order_by(_change.c.entity_id, _change.c.sequence)
)

_replacing = _placed.where(
    owned(
        _change,
        _change.c.entity == bindparam("entity"),
        _change.c.kind != ChangeKind.CREATED.value,
        func.coalesce(_change.c.observed_at, _change.c.recorded_at) >= bindparam("counted", type_=UtcMicroseconds()),
        holds_value(_change.c.before, "words"),
    )
)
_REPLACED = Prepared(_replacing.where(tuple_(*_place) > tuple_(*_here)).order_by(*_place).limit(bindparam("size")))
_REPLACED_OF = Prepared(
    _replacing.where(in_ids(_change.c.entity_id, "ids")).order_by(_change.c.entity_id, _change.c.sequence)
)
