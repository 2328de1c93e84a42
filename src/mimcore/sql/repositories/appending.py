"""Appending records with their place in the order of recording: the tables that only grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, insert

from mimcore.sql.connection.copying import FEW
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.rows.record_mapping import RecordMapping
from mimcore.sql.tables.schema import numbers

__all__ = ["Append", "append_numbered"]

R = TypeVar("R")


class Append:
    """The inserts of a table that only grows: with numbers that were drawn before, and drawing them as it goes."""

    def __init__(self, table: Table) -> None:
        """Prepare both.

        Args:
            table: With a column `sequence`.
        """
        names: list[str] = table.c.keys()
        self.place = names.index("sequence")
        given: dict[str, Any] = {name: bindparam(name) for name in names}
        self.numbered = Prepared(insert(table), names)
        self.counting = Prepared(insert(table).values({**given, "sequence": numbers.next_value()}))


def append_numbered(wire: Wire, append: Append, mapping: RecordMapping[R], records: Sequence[R]) -> None:
    """Append records with their place in the order of recording.

    A few of them take their numbers from the server's sequence as they are inserted, which saves asking for numbers.

    Args:
        wire: The transaction.
        append: The inserts.
        mapping: Rows of the records.
        records: In the order in which they happened.
    """
    if wire.has_many_writers and len(records) <= FEW:
        at = append.place
        rows = mapping.rows(records, wire.tenant)
        _write(wire, append.counting, [(*row[:at], *row[at + 1 :]) for row in rows])
        return
    drawn = wire.next_numbers(len(records))
    _write(wire, append.numbered, mapping.rows(records, wire.tenant, drawn))


def _write(wire: Wire, statement: Prepared, rows: Sequence[tuple[Any, ...]]) -> None:
    if len(rows) == 1:
        wire.write_many(statement, rows)  # one statement happens or not: it needs no savepoint
        return
    with wire.atomic():
        wire.write_many(statement, rows)
