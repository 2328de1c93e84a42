"""Inserts that meet a row which is there already: one wording for all engines, since SQLAlchemy has one per dialect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

__all__ = ["Upsert", "insert_or_ignore", "insert_or_replace"]

_INSERTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Upsert:
    """An insert that says what becomes of a row whose key exists.

    Attributes:
        key: Columns of the key.
        replaces: Whether the row takes the new values; otherwise it stays as it is.
    """

    table: Table
    key: tuple[str, ...]
    replaces: bool

    def statement(self, dialect: str) -> ClauseElement:
        """Return the statement for a dialect, by SQLAlchemy's name of it."""
        new = _INSERTS[dialect](self.table)
        kept = {column.name: new.excluded[column.name] for column in self.table.c if column.name not in self.key}
        made: ClauseElement = (
            new.on_conflict_do_update(index_elements=list(self.key), set_=kept)
            if self.replaces
            else new.on_conflict_do_nothing()
        )
        return made


def insert_or_ignore(table: Table) -> Upsert:
    """Insert rows; one whose key exists stays as it is.

    Args:
        table: The table.
    """
    return Upsert(table, _primary(table), replaces=False)


def insert_or_replace(table: Table, key: Sequence[str] | None = None) -> Upsert:
    """Insert rows; one whose key exists takes the new values.

    Args:
        table: The table.
        key: Columns of the key; the primary key unless given.
    """
    return Upsert(table, _primary(table) if key is None else tuple(key), replaces=True)


def _primary(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)
