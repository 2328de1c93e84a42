"""A million people with events and fifty segments: in a file of SQLite, and the same rows on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Table

import mimcore as mim
from benchmarks.segments.fifty import RULES
from benchmarks.stores.customers import LATER, SECRET
from benchmarks.stores.generated import AFTER, generate, open_store
from benchmarks.stores.tables import conninfo
from mimcore.sql.tables.schema import contact, interaction
from mimcore.sql.types import Guid, Json, UtcMicroseconds
from mimcore.testing import PostgresServer
from mimcore.values.instants import from_microseconds

__all__ = ["filled", "to_postgresql"]

_EVENTS = """
with drawn as (
    select id, row_number() over (order by id) as n from mim_contact
), events as (
    select id, n, n * 2 as k from drawn union all select id, n, n * 2 + 1 from drawn where n % 3 < 2
    union all select id, n, 5000000 + n * 2 from drawn where n % 4 = 0
)
insert into mim_interaction (tenant, id, contact_id, record_id, source, recorded_at, kind, at, external_id)
select 'default', event_id(k), id, id, 'shop', :now, case when k % 5 = 0 then 'visit' else 'purchase' end,
    :now - (k * 40503 % 300 + 1) * :day - k % 86400 * 1000000, 'e' || k
from events
"""


def filled(path: Path, people: int) -> Path:
    """Make a file of people, events and segments.

    Args:
        path: A new file.
        people: How many.
    """
    generate(path, people, has_points=False)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000")
    first = 0x019E_0000_0000_7000_8000 << 48
    raw.create_function("event_id", 1, lambda number: (first + number).to_bytes(16, "big"), deterministic=True)
    raw.execute("begin")
    raw.execute(_EVENTS, {"now": AFTER, "day": 86_400_000_000})
    raw.execute("commit")
    raw.execute("pragma analysis_limit = 400")
    raw.execute("analyze")
    raw.execute("pragma journal_mode = wal")
    raw.close()
    _add_segments(open_store(path))
    return path


def _add_segments(store: mim.Store) -> None:
    with store, store.begin() as work:
        work.add(*(mim.Segment(key=key, rule=rule) for key, rule in RULES.items()))


def to_postgresql(server: PostgresServer, path: Path, people: int) -> str:
    """Copy people and events to a new database, and give it the same segments.

    Args:
        server: A running server.
        path: What `filled` made.
        people: How many.
    """
    url = server.new_database()
    with mim.connect(url, actor="bench", clock=lambda: LATER, secret=SECRET) as store:
        store.attributes.declare(mim.attribute("points", kind="integer"))
        _add_segments(store)
    base = sqlite3.connect(path)
    with psycopg.connect(conninfo(url)) as raw:
        for table in (contact, interaction):
            names = [column.name for column in table.c if _is_filled(base, table, column.name)]
            listed = ", ".join(f'"{name}"' for name in names)
            with raw.cursor() as cursor, cursor.copy(f"copy {table.name} ({listed}) from stdin") as copy:
                for row in _rows(base, table, names):
                    copy.write_row(row)
        raw.commit()
    with psycopg.connect(conninfo(url), autocommit=True) as raw:
        raw.execute("vacuum analyze")
    base.close()
    assert people
    return url


def _is_filled(base: sqlite3.Connection, table: Table, name: str) -> bool:
    known = {row[1] for row in base.execute(f"pragma table_info({table.name})")}
    found = f'select 1 from {table.name} where "{name}" is not null limit 1'
    return name in known and base.execute(found).fetchone() is not None


def _rows(base: sqlite3.Connection, table: Table, names: list[str]) -> Iterator[tuple[Any, ...]]:
    reads = [_read(table.c[name].type) for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    for row in base.execute(f"select {listed} from {table.name}"):
        yield tuple(None if cell is None else read(cell) for read, cell in zip(reads, row, strict=True))


def _read(kind: Any) -> Any:
    if isinstance(kind, Guid):
        return lambda cell: UUID(bytes=cell)
    if isinstance(kind, UtcMicroseconds):
        return from_microseconds
    if isinstance(kind, Json):
        return str
    name = type(kind).__name__
    if name == "Date":
        return date.fromisoformat
    return bool if name == "Boolean" else lambda cell: cell
