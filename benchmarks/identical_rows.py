"""The leanest way to the rows that an import leaves behind: Polars reads the file, ready tuples are written unchecked.

The tuples come from the store that was imported into, table by table in the order in which they were written; getting
them ready costs the baseline nothing. What is timed is Polars, the writing, and one commit every 5,000 contacts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from benchmarks.stores import raw_sqlite
from benchmarks.stores.tables import columns, conninfo

__all__ = ["TABLES", "Watch", "copied", "every_row", "executed", "same_rows"]

PORTION = 5_000
AHEAD = 2_000
"""So many contacts come before what hangs on them: portions of the tables do not end with the same contact."""
FEW = ("mim_source", "mim_import", "mim_setting")
TABLES = (
    "mim_contact",
    "mim_contact_point",
    "mim_external_id",
    "mim_attribute_state",
    "mim_change_set",
    "mim_outbox",
    "mim_import_row",
)
Row = tuple[Any, ...]


class Watch:
    """Adds up the time of what is timed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Use a clock."""
        self._clock, self._since, self.seconds = clock, 0.0, 0.0

    def __enter__(self) -> None:
        """Begin."""
        self._since = self._clock()

    def __exit__(self, *failure: object) -> None:
        """End."""
        self.seconds += self._clock() - self._since


def executed(file: Path, made: Path, target: Path, watch: Watch) -> None:
    """Write the rows of one SQLite file into another one, which holds the empty tables."""
    _read(file, watch)
    with closing(sqlite3.connect(made)) as source, closing(raw_sqlite.connect(target)) as raw:
        for name in FEW:
            raw.execute(f"delete from {name}")
        for portion in _portions(_of_sqlite(source)):
            with watch:
                raw.execute("begin immediate")
                for name, rows in portion.items():
                    marks = ", ".join("?" * len(rows[0]))
                    raw.executemany(f"insert into {name} values ({marks})", rows)
                raw.execute("commit")


def copied(file: Path, made: str, target: str, watch: Watch) -> None:
    """Write the rows of one PostgreSQL database into another one, which holds the empty tables."""
    _read(file, watch)
    with psycopg.connect(conninfo(made)) as source, psycopg.connect(conninfo(target)) as raw, raw.cursor() as cursor:
        for name in FEW:
            cursor.execute(f"delete from {name}")
        for portion in _portions(_of_postgresql(source)):
            with watch:
                for name, rows in portion.items():
                    names = ", ".join(f'"{column}"' for column in columns(name))
                    with cursor.copy(f"copy {name} ({names}) from stdin") as copy:
                        for row in rows:
                            copy.write_row(row)
                raw.commit()


def _read(file: Path, watch: Watch) -> None:
    """Let Polars read the file and give its rows, as many at once as are written."""
    with watch:
        for part in pl.read_csv(file, infer_schema=False).iter_slices(PORTION):
            part.rows()


Cursors = Mapping[str, tuple[Any, int]]
"""What gives the rows of a table, and how many there are."""


def _of_sqlite(source: sqlite3.Connection) -> Cursors:
    def cursor(name: str) -> tuple[Any, int]:
        size = source.execute(f"select count(*) from {name}").fetchone()[0]
        return source.execute(f"select * from {name} order by rowid"), size

    return {name: cursor(name) for name in (*FEW, *TABLES)}


def _of_postgresql(source: Any) -> Cursors:
    def cursor(name: str) -> tuple[Any, int]:
        size = source.execute(f"select count(*) from {name}").fetchone()[0]
        shown = (f'"{column}"::text' if _is_json(name, column) else f'"{column}"' for column in columns(name))
        stream = source.cursor(name=f"of_{name}")
        stream.itersize = PORTION
        return stream.execute(f"select {', '.join(shown)} from {name} order by {_order(name)}"), size

    return {name: cursor(name) for name in (*FEW, *TABLES)}


def _order(name: str) -> str:
    """Return what the rows of a table follow: the contacts they belong to, whose ids count up, or their own."""
    known = columns(name)
    return next((f'"{one}"' for one in ("contact_id", "sequence", "id") if one in known), "1")


def _is_json(table: str, column: str) -> bool:
    from mimcore.sql.tables import schema
    from mimcore.sql.types import Json

    return isinstance(schema.metadata.tables[table].c[column].type, Json)


def _portions(cursors: Cursors) -> Iterator[dict[str, Sequence[Row]]]:
    """Yield what is written at once: of every table the share that 5,000 contacts have, contacts a little ahead."""
    few = {name: cursors[name][0].fetchall() for name in FEW}
    contacts = cursors["mim_contact"][1]
    parts = max(1, -(-contacts // PORTION))
    for number in range(parts + 1):
        portion: dict[str, Sequence[Row]] = few if number == 0 else {}
        for name in TABLES:
            cursor, size = cursors[name]
            extra = AHEAD if name == "mim_contact" and number == 0 else 0
            portion[name] = cursor.fetchmany(-(-size // parts) + extra)
        yield {name: rows for name, rows in portion.items() if rows}


def same_rows(one: Iterator[tuple[str, Row]], other: Iterator[tuple[str, Row]]) -> None:
    """Check that two databases hold the same rows.

    Raises:
        AssertionError: If they do not.
    """
    assert _weights(one) == _weights(other)


def _weights(rows: Iterator[tuple[str, Row]]) -> dict[str, tuple[int, int]]:
    """Return the number of rows of every table and the sum of their hashes, which no order changes."""
    found: dict[str, tuple[int, int]] = {}
    for name, row in rows:
        count, total = found.get(name, (0, 0))
        found[name] = count + 1, total + hash(row)
    return found


def every_row(database: Path | str) -> Iterator[tuple[str, Row]]:
    """Yield the rows of all tables that an import writes to."""
    is_file = isinstance(database, Path)
    with closing(sqlite3.connect(database) if is_file else psycopg.connect(conninfo(str(database)))) as source:
        for name, (cursor, _) in (_of_sqlite(source) if is_file else _of_postgresql(source)).items():
            while rows := cursor.fetchmany(PORTION):
                yield from ((name, row) for row in rows)
