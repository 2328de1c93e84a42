"""Imports with the outcome of every row, in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from mimcore.repositories.records import ImportRecord, ImportStatus, Outcome, RowOutcome
from mimcore.sql.connection.named_locks import lock_name
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.upsert import insert_or_replace
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables import schema_work

__all__ = ["SqlImportRepository"]

_import, _row = schema_work.imports, schema_work.import_row


class SqlImportRepository:
    """Imports: their checkpoints and the outcome of every row."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._imports: RecordMapping[ImportRecord] = record_mapping(
            _import, _import_of, wire.codec, enums={"status": ImportStatus}
        )
        self._rows: RecordMapping[RowOutcome] = record_mapping(
            _row,
            RowOutcome,
            wire.codec,
            enums={"outcome": Outcome},
            names={"row_number": "row", "column_name": "column"},
        )

    def put(self, record: ImportRecord) -> None:
        """Store or replace the record of an import."""
        self._wire.write_many(_PUT_IMPORT, [self._imports.row(record, self._wire.tenant)])

    def get(self, import_id: UUID) -> ImportRecord | None:
        """Return an import."""
        rows = self._wire.rows(_IMPORT, id=self._wire.codec.put_id(import_id))
        return self._imports.record(rows[0]) if rows else None

    def lock(self, fingerprint: str) -> None:
        """Let nobody else apply or take back imports of that fingerprint until the transaction ends."""
        lock_name(self._wire, f"mimcore import {self._wire.tenant} {fingerprint}")

    def with_fingerprint(self, fingerprint: str) -> ImportRecord | None:
        """Return the newest import of the same file with the same mapping that was not undone."""
        rows = self._wire.rows(_SAME_IMPORT, fingerprint=fingerprint)
        return self._imports.record(rows[-1]) if rows else None

    def all(self) -> list[ImportRecord]:
        """All imports, oldest first."""
        return [self._imports.record(row) for row in self._wire.rows(_IMPORTS)]

    def add_outcomes(self, outcomes: Sequence[RowOutcome]) -> None:
        """Append outcomes of rows."""
        self._wire.write_many(_ADD_ROW, self._rows.rows(outcomes, self._wire.tenant))

    def outcomes(self, import_id: UUID) -> Iterator[RowOutcome]:
        """Outcomes of an import's rows in order of line, then of row; read in pages."""
        key, at = self._wire.codec.put_id(import_id), 0
        while rows := self._wire.rows(_ROWS, import_id=key, size=PORTION, at=at):
            yield from map(self._rows.record, rows)
            at += len(rows)

    def about(self, import_ids: Sequence[UUID], entity_ids: Sequence[UUID]) -> Iterator[tuple[UUID, UUID]]:
        """Pairs of an import and a record that its rows were about, among those named."""
        codec = self._wire.codec
        for import_id in import_ids:
            for row in self._wire.rows_of_ids(_ABOUT, entity_ids, import_id=codec.put_id(import_id)):
                yield import_id, codec.get_id(row[0])


def _import_of(fields: Sequence[str], **others: Any) -> ImportRecord:
    return ImportRecord(fields=tuple(fields), **others)


_imports = select(*read_columns(_import)).order_by(_import.c.started_at, _import.c.id)
_PUT_IMPORT = Prepared(insert_or_replace(_import), tuple(_import.c.keys()))
_IMPORT = Prepared(_imports.where(owned(_import, _import.c.id == bindparam("id"))))
_IMPORTS = Prepared(_imports.where(owned(_import)))
_SAME_IMPORT = Prepared(
    _imports.where(
        owned(
            _import,
            _import.c.fingerprint == bindparam("fingerprint"),
            _import.c.status != ImportStatus.UNDONE.value,
        )
    )
)
_ADD_ROW = Prepared(insert(_row), tuple(_row.c.keys()))
_ABOUT = Prepared(
    select(_row.c.entity_id)
    .where(owned(_row, _row.c.import_id == bindparam("import_id"), in_ids(_row.c.entity_id, "ids")))
    .distinct()
)
_ROWS = Prepared(
    select(*read_columns(_row))
    .where(owned(_row, _row.c.import_id == bindparam("import_id")))
    .order_by(_row.c.line, _row.c.row_number)
    .limit(bindparam("size"))
    .offset(bindparam("at"))
)
