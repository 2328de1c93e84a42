"""A snapshot in Parquet against a hand-written dump of the same tables, row by row from sqlite3 into pyarrow."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

import mimcore as mim
from benchmarks.memory import peak_megabytes
from benchmarks.people import NOW, contacts
from benchmarks.timing import Line, compare
from mimcore.domain.interaction import Interaction

__all__ = ["measure"]
PEOPLE = 100_000
EVENTS_EACH = 3
BATCH = 2_000
GROUP_ROWS = 20_000
TABLES = {"contacts": "mim_contact", "events": "mim_interaction", "points": "mim_contact_point"}


def measure(scale: float) -> list[Line]:
    """Measure; the numbers of rows are compared first."""
    with TemporaryDirectory() as name:
        path, people = Path(name) / "people.db", int(PEOPLE * scale)
        _fill(path, people)
        with _open(path) as store:
            taken = store.snapshot(Path(name) / "ours")
            by_hand = dump(path, Path(name) / "hand")
            assert {table: taken.rows(table) for table in TABLES} == by_hand
            lines = [_raced(store, path, Path(name), people, taken.size)]
        return [*lines, _peaks(path, Path(name), people)]


def _raced(store: mim.Store, path: Path, folder: Path, people: int, size: int) -> Line:
    return compare(
        f"snapshot: contacts with {EVENTS_EACH} events each",
        "sqlite3 rows to pyarrow, same tables",
        people,
        ours=lambda: store.snapshot(folder / "ours", replace=True),
        hand=lambda: dump(path, folder / "hand"),
        rounds=3,
        note=f"{size / 1e6:.0f} MB; ours adds folded, account and age columns, hashes, year folders",
    )


def _peaks(path: Path, folder: Path, people: int) -> Line:
    ours, hand = peak_megabytes(taken, path, folder / "peak"), peak_megabytes(dumped, path, folder / "hand")
    note = f"snapshot {ours:.0f} MB, by hand {hand:.0f} MB"
    return Line(f"peak memory, snapshot of {people} contacts", "", people, None, None, None, note=note)


def _open(path: Path) -> mim.Store:
    return mim.connect(f"sqlite:///{path}", actor="bench", clock=lambda: NOW, durability="normal")


def _fill(path: Path, count: int) -> None:
    random, people = Random(8), contacts(count)
    with _open(path) as store:
        for start in range(0, count, BATCH):
            portion = people[start : start + BATCH]
            with store.begin(source="list") as work:
                work.add(*portion)
                work.transaction.interactions.add(
                    [_purchase(one, random) for one in portion for _ in range(EVENTS_EACH)]
                )


def _purchase(one: mim.Contact, random: Random) -> Interaction:
    return Interaction(
        kind="purchase",
        at=NOW - timedelta(minutes=random.randrange(60 * 24 * 900)),
        contact_id=one.id,
        source="shop",
        product=f"product {random.randrange(60)}",
        value=mim.Money(minor_units=random.randrange(100_000), currency="DKK"),
    )


def dump(path: Path, folder: Path) -> dict[str, int]:
    """Write all columns of the tables as the database has them, in row groups; return the rows by table."""
    folder.mkdir(exist_ok=True)
    with sqlite3.connect(path) as raw:
        return {name: _dumped(raw, table, folder / f"{name}.parquet") for name, table in TABLES.items()}


_TYPES = {
    "BLOB": pa.binary(),
    "INTEGER": pa.int64(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.int64(),
    "FLOAT": pa.float64(),
}


def _dumped(raw: sqlite3.Connection, table: str, path: Path) -> int:
    columns = raw.execute(f"pragma table_info({table})").fetchall()
    schema = pa.schema([(name, _TYPES.get(kind.upper(), pa.string())) for _, name, kind, *_ in columns])
    cursor, rows = raw.execute(f"select * from {table}"), 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while portion := cursor.fetchmany(GROUP_ROWS):
            cells = zip(*portion, strict=True)
            arrays = [pa.array(values, one.type) for values, one in zip(cells, schema, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))
            rows += len(portion)
    return rows


def taken(path: Path, folder: Path) -> Callable[[], object]:
    """Take a snapshot once."""
    store = _open(path)
    store.contacts.count()
    return lambda: store.snapshot(folder)


def dumped(path: Path, folder: Path) -> Callable[[], object]:
    """Dump once."""
    return lambda: dump(path, folder)
