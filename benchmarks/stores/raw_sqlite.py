"""The baseline on SQLite: sqlite3.executemany of ready tuples, with the store's own safety, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.stores.tables import Change, columns, key_columns

__all__ = ["apply", "connect", "lean", "ready", "run"]


def connect(path: Path) -> sqlite3.Connection:
    """Open a file as a store does: foreign keys on, every commit safe."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("pragma foreign_keys = on")
    raw.execute("pragma synchronous = full")
    return raw


Work = list[tuple[str, list[tuple[Any, ...]]]]
"""Statements with their rows."""


def lean(changes: Sequence[Change]) -> Work:
    """Return statements that name only what is filled in some row, and of an update what differs: every named column
    costs, and so does every index on it.
    """
    work: Work = []
    for one in changes:
        names, key = columns(one.table), key_columns(one.table)
        if one.gone:
            work.append((_delete(one.table), one.gone))
        for places, rows in one.sorts.items():
            order = (*places, *(names.index(name) for name in key))
            kept = ", ".join(f'"{names[at]}" = ?' for at in places)
            statement = f"update {one.table} set {kept} where {_same(one.table)}"
            work.append((statement, [tuple(row[at] for at in order) for row in rows]))
        if one.added:
            filled = [at for at, cells in enumerate(zip(*one.added, strict=True)) if cells.count(None) < len(cells)]
            named, marks = ", ".join(f'"{names[at]}"' for at in filled), ", ".join("?" * len(filled))
            statement = f"insert into {one.table} ({named}) values ({marks})"
            work.append((statement, [tuple(row[at] for at in filled) for row in one.added]))
    return work


def run(path: Path, work: Work) -> None:
    """Write ready statements and commit."""
    raw = connect(path)
    raw.execute("begin immediate")
    for statement, rows in work:
        raw.executemany(statement, rows)
    raw.execute("commit")
    raw.close()


def apply(path: Path, changes: Sequence[Change]) -> None:
    """Write changes, every column of every row, and commit."""
    raw = connect(path)
    raw.execute("begin immediate")
    for one in changes:
        if one.gone:
            raw.executemany(_delete(one.table), one.gone)
        if one.changed:
            raw.executemany(_update(one.table), one.moved)
        if one.added:
            marks = ", ".join("?" * len(one.added[0]))
            raw.executemany(f"insert into {one.table} values ({marks})", one.added)
    raw.execute("commit")
    raw.close()


def ready(changes: Sequence[Change]) -> None:
    """Bring the tuples of updates into the order of the statement: that is part of having them ready."""
    for one in changes:
        key = [columns(one.table).index(name) for name in key_columns(one.table)]
        rest = [at for at in range(len(columns(one.table))) if at not in key]
        one.moved = [tuple(row[at] for at in (*rest, *key)) for row in one.changed]


def _delete(table: str) -> str:
    return f"delete from {table} where {_same(table)}"


def _update(table: str) -> str:
    kept = ", ".join(f'"{name}" = ?' for name in columns(table) if name not in key_columns(table))
    return f"update {table} set {kept} where {_same(table)}"


def _same(table: str) -> str:
    return " and ".join(f'"{name}" = ?' for name in key_columns(table))
