"""Inserts that meet a row which is there already: one wording for all engines, since SQLAlchemy has one per dialect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

__all__ = ["PerDialect", "insert_or_ignore", "insert_or_replace"]

PerDialect = Callable[[str], ClauseElement]
"""Makes a statement for a dialect, by SQLAlchemy's name of it."""

_INSERTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_or_ignore(table: Table) -> PerDialect:
    """Insert rows; one whose key exists stays as it is.

    Args:
        table: The table.

    Returns:
        For `Prepared`.
    """

    def made(dialect: str) -> ClauseElement:
        statement: ClauseElement = _INSERTS[dialect](table).on_conflict_do_nothing()
        return statement

    return made


def insert_or_replace(table: Table, key: Sequence[str] | None = None) -> PerDialect:
    """Insert rows; one whose key exists takes the new values.

    Args:
        table: The table.
        key: Columns of the key; the primary key unless given.

    Returns:
        For `Prepared`. The same key twice in one statement is refused by PostgreSQL: give each once.
    """
    keys = list(key) if key is not None else [column.name for column in table.primary_key.columns]

    def made(dialect: str) -> ClauseElement:
        new = _INSERTS[dialect](table)
        kept = {column.name: new.excluded[column.name] for column in table.c if column.name not in keys}
        statement: ClauseElement = new.on_conflict_do_update(index_elements=keys, set_=kept)
        return statement

    return made
