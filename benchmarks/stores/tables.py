"""Every row of every table: read as tuples, compared, and divided into what was added, changed and removed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from mimcore.sql.tables import schema, schema_work
from mimcore.sql.types import Json

__all__ = [
    "Change",
    "changes",
    "columns",
    "conninfo",
    "key_columns",
    "of_postgresql",
    "of_sqlite",
    "same_but_ids",
    "without_drawn_points",
]

Row = tuple[Any, ...]
Rows = Mapping[str, Sequence[Row]]
NAMES = tuple(
    table.name
    for table in (
        schema.account,
        schema.contact,
        schema.contact_point,
        schema.contact_account,
        schema.external_id,
        schema.attribute_state,
        schema_work.source,
        schema_work.change_set,
        schema_work.outbox,
        schema_work.setting,
    )
)
"""What the measured work writes to, parents before children; all other tables stay empty."""


def columns(table: str) -> list[str]:
    """Return the names of a table's columns in order."""
    return list(schema.metadata.tables[table].c.keys())


def key_columns(table: str) -> list[str]:
    """Return the names of a table's key."""
    return [column.name for column in schema.metadata.tables[table].primary_key.columns]


def conninfo(url: str) -> str:
    """Return an address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Unread(Mapping[str, Sequence[Row]]):
    """All rows by table, read a table at a time when they are asked for: four million rows fill gigabytes."""

    def __init__(self, read: Callable[[str], list[Row]]) -> None:
        """Read by a function of a table's name."""
        self._read = read

    def __getitem__(self, name: str) -> list[Row]:
        """Read a table."""
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the tables' names, parents before children."""
        return iter(NAMES)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(NAMES)


def of_sqlite(path: Path) -> Unread:
    """Return all rows of a file in the order in which they were written."""

    def read(name: str) -> list[Row]:
        with closing(sqlite3.connect(path)) as raw:
            return raw.execute(f"select * from {name} order by rowid").fetchall()

    return Unread(read)


def of_postgresql(url: str) -> Unread:
    """Return all rows of a database; JSON as text."""

    def read(name: str) -> list[Row]:
        with psycopg.connect(conninfo(url)) as raw:
            return raw.execute(_asked(name)).fetchall()

    return Unread(read)


def _asked(table: str) -> str:
    shown = (f'"{one.name}"::text' if isinstance(one.type, Json) else f'"{one.name}"' for one in _table(table).c)
    return f"select {', '.join(shown)} from {table}"


def _table(name: str) -> Any:
    return schema.metadata.tables[name]


@dataclass(slots=True)
class Change:
    """What happens to one table."""

    table: str
    added: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    """Keys only."""
    moved: list[Row] = field(default_factory=list)
    """Changed rows with the key at the end, as an update takes them."""
    sorts: dict[tuple[int, ...], list[Row]] = field(default_factory=dict[tuple[int, ...], list[Row]])
    """Changed rows by the places of the columns in which they differ."""

    def __bool__(self) -> bool:
        """Whether anything happens."""
        return bool(self.added or self.changed or self.gone)


def changes(before: Rows, after: Rows) -> list[Change]:
    """Return what leads from one state of all tables to another, as ready tuples."""
    return [found for name in NAMES if (found := _change(name, before[name], after[name]))]


def _change(table: str, before: Iterable[Row], after: Iterable[Row]) -> Change:
    key = _key_of(table)
    old = {key(row): row for row in before}
    found = Change(table)
    for row in after:
        known = old.pop(key(row), None)
        if known is None:
            found.added.append(row)
        elif known != row:
            found.changed.append(row)
            differing = tuple(at for at, (was, cell) in enumerate(zip(known, row, strict=True)) if was != cell)
            found.sorts.setdefault(differing, []).append(row)
    found.gone = list(old)
    return found


def _key_of(table: str) -> Callable[[Row], Row]:
    places = [columns(table).index(name) for name in key_columns(table)]
    return lambda row: tuple(row[place] for place in places)


_RANDOM = {"mim_change_set": ("id",), "mim_outbox": ("id",), "mim_source": ("id",)}
"""Ids that are drawn anew in every run."""


def same_but_ids(one: Rows, other: Rows) -> None:
    """Check that two databases hold the same rows, whatever the order and the ids that were drawn.

    Args:
        one: All rows of the one.
        other: All rows of the other.

    Raises:
        AssertionError: If a row differs; the message names the table.
    """
    for name in NAMES:
        out = {columns(name).index(column) for column in _RANDOM.get(name, ())}
        left, right = (_weight(rows[name], out) for rows in (one, other))
        assert left == right, f"{name}: {left[0]} and {right[0]} rows, {_differing(name, one[name], other[name], out)}"


def _differing(name: str, left: Sequence[Row], right: Sequence[Row], out: set[int]) -> str:
    """Name the columns in which the first rows of the same key differ."""
    key = _key_of(name)
    other = {key(row): row for row in right}
    for row in left:
        twin = other.get(key(row), ())
        if row != twin:
            names = [
                column
                for at, column in enumerate(columns(name))
                if at not in out and row[at : at + 1] != twin[at : at + 1]
            ]
            return ", ".join(names)
    return "no key of the first is another"


def without_drawn_points(rows: Rows) -> Rows:
    """Return rows without the ids of contact points, which both sides draw anew."""
    return {name: [*_blanked(name, some)] if name in _POINTS else some for name, some in rows.items()}


_POINTS = {
    "mim_contact": ("primary_email_id", "primary_phone_id"),
    "mim_contact_point": ("id",),
    "mim_attribute_state": ("subject_id",),
    "mim_change_set": ("after",),
}
_ID = re.compile(r'"id": ?"[0-9a-f-]{36}"')


def _blanked(table: str, rows: Iterable[Row]) -> Iterable[Row]:
    places = {columns(table).index(name) for name in _POINTS[table]}
    for row in rows:
        yield tuple(
            cell if at not in places else _ID.sub("", cell) if table == "mim_change_set" else None
            for at, cell in enumerate(row)
        )


def _weight(rows: Sequence[Row], out: set[int]) -> tuple[int, int]:
    """Return the number of rows and the sum of their hashes, which no order changes."""
    if out:
        return len(rows), sum(hash(tuple(cell for at, cell in enumerate(row) if at not in out)) for row in rows)
    return len(rows), sum(map(hash, rows))
