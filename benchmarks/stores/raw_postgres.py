"""The baseline on PostgreSQL: COPY of ready tuples into a staging table and INSERT … ON CONFLICT, in one transaction.

Tables that only grow take their rows by COPY without a detour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from benchmarks.stores.tables import Change, columns, conninfo, key_columns

__all__ = ["apply"]
GROWING = frozenset({"mim_change_set", "mim_outbox"})


def apply(url: str, changes: Sequence[Change]) -> None:
    """Write changes and commit."""
    with psycopg.connect(conninfo(url)) as raw, raw.cursor() as cursor:
        for one in changes:
            if one.gone:
                _delete(cursor, one)
            rows = [*one.changed, *one.added] if one.changed else one.added
            if one.table in GROWING:
                _copy(cursor, one.table, columns(one.table), rows)
            elif rows:
                _upsert(cursor, one.table, rows)


def _copy(cursor: psycopg.Cursor[Any], table: str, names: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"copy {table} ({_list(names)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _upsert(cursor: psycopg.Cursor[Any], table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    names, key = columns(table), key_columns(table)
    cursor.execute(f"create temporary table staged_{table} (like {table}) on commit drop")
    _copy(cursor, f"staged_{table}", names, rows)
    kept = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
    cursor.execute(
        f"insert into {table} ({_list(names)}) select {_list(names)} from staged_{table}"
        f" on conflict ({_list(key)}) do update set {kept}"
    )


def _delete(cursor: psycopg.Cursor[Any], one: Change) -> None:
    key = key_columns(one.table)
    cursor.execute(f"create temporary table gone_{one.table} as select {_list(key)} from {one.table} limit 0")
    _copy(cursor, f"gone_{one.table}", key, one.gone)
    same = " and ".join(f'o."{name}" = g."{name}"' for name in key)
    cursor.execute(f"delete from {one.table} o using gone_{one.table} g where {same}")
    cursor.execute(f"drop table gone_{one.table}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
