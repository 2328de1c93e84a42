"""Many rows at once on PostgreSQL: COPY, inside the same transaction; through a staging table where rows may exist.

The staging table is a temporary one of the connection, without constraints, and gone with the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table

from mimcore.sql.connection.driver_errors import guarded

__all__ = ["FEW", "Bulk", "write_bulk"]

FEW = 50
"""Up to so many rows are written by single statements: a staging table would cost more."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Bulk:
    """What a statement does to a table, for many rows.

    Attributes:
        columns: Columns that a row gives, in order.
        key: Columns of the key that decides whether a row exists; empty for a plain insert.
        replaces: Whether a row that exists takes the new values; otherwise it stays as it is.
        version: For an update of rows that exist: the column whose old value the last cell of a row holds.
    """

    table: Table
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    replaces: bool = False
    version: str = ""

    def suits(self, rows: Sequence[Row]) -> bool:
        """Tell whether there are enough rows, and none of them twice."""
        if len(rows) <= FEW:
            return False
        places = [self.columns.index(name) for name in self.key]
        return not places or len({tuple(row[place] for place in places) for row in rows}) == len(rows)


def write_bulk(connection: Connection, bulk: Bulk, rows: Sequence[Row]) -> int:
    """Write rows and return how many were touched.

    Args:
        connection: In a transaction, on PostgreSQL.
        bulk: What to do.
        rows: Ready primitives; no key twice.

    Raises:
        MimcoreError: What the database refused.
    """
    if not bulk.key:
        guarded(_copy, connection, bulk.table.name, bulk.columns, rows)
        return len(rows)
    stage, columns = f"{bulk.table.name}_stage", (*bulk.columns, *(["stage_version"] if bulk.version else []))
    _make_stage(connection, bulk, stage)
    guarded(_copy, connection, stage, columns, rows)
    statement = _update(bulk, stage) if bulk.version else _upsert(bulk, stage)
    touched = guarded(lambda: connection.exec_driver_sql(statement).rowcount)
    guarded(connection.exec_driver_sql, f"TRUNCATE {stage}")
    return touched


def _make_stage(connection: Connection, bulk: Bulk, stage: str) -> None:
    version = ", stage_version INTEGER" if bulk.version else ""
    made = f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (LIKE {bulk.table.name}{version}) ON COMMIT DROP"
    guarded(connection.exec_driver_sql, "SET LOCAL client_min_messages = warning")  # else it notices what exists
    guarded(connection.exec_driver_sql, made)
    required = [column.name for column in bulk.table.c if not column.nullable and column.name not in bulk.columns]
    for name in required:
        guarded(connection.exec_driver_sql, f"ALTER TABLE {stage} ALTER COLUMN {_quoted([name])} DROP NOT NULL")


def _upsert(bulk: Bulk, stage: str) -> str:
    names = _quoted(bulk.columns)
    kept = ", ".join(f'"{name}" = excluded."{name}"' for name in bulk.columns if name not in bulk.key)
    on_conflict = f"({_quoted(bulk.key)}) DO UPDATE SET {kept}" if bulk.replaces else "DO NOTHING"
    # In order of the key, so that two transactions never wait for each other in a circle.
    return (
        f"INSERT INTO {bulk.table.name} ({names}) SELECT {names} FROM {stage} ORDER BY {_quoted(bulk.key)} "  # noqa: S608 - names of ours only
        f"ON CONFLICT {on_conflict}"
    )


def _update(bulk: Bulk, stage: str) -> str:
    kept = ", ".join(f'"{name}" = s."{name}"' for name in bulk.columns if name not in bulk.key)
    same = " AND ".join(f't."{name}" = s."{name}"' for name in bulk.key)
    return (
        f"UPDATE {bulk.table.name} AS t SET {kept} FROM {stage} AS s "  # noqa: S608 - names of ours only
        f'WHERE {same} AND t."{bulk.version}" = s.stage_version'
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    raw: Any = connection.connection.driver_connection
    if connection.dialect.driver == "asyncpg":
        _awaited(raw.copy_records_to_table(table, records=rows, columns=list(columns)))
        return
    statement = f"COPY {table} ({_quoted(columns)}) FROM STDIN"
    if getattr(connection.dialect, "is_async", False):
        _awaited(_copy_awaiting(raw, statement, rows))
        return
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        _write(copy.write_row, rows)


def _write(write_row: Callable[[Row], None], rows: Iterable[Row]) -> None:
    for row in rows:
        write_row(row)


async def _copy_awaiting(raw: Any, statement: str, rows: Iterable[Row]) -> None:
    async with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


def _awaited(work: Any) -> None:
    from sqlalchemy.util import await_only  # asynchronous drivers only: it needs greenlet

    await_only(work)
