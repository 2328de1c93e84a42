"""Inserts that name only the columns a row fills: a wide row with few values goes faster, above all over a network."""

from __future__ import annotations

import re

from sqlalchemy import Dialect, Table, insert

from mimcore.sql.wire import Prepared

__all__ = ["SparseInsert"]

_NUMBER = re.compile(r"\$\d+")
"""A parameter by its number, as asyncpg has them."""


class SparseInsert(Prepared):
    """An insert of some columns, put together from the columns' own texts: there are too many choices to compile each.

    Examples:
        >>> from sqlalchemy.dialects.sqlite import dialect
        >>> from mimcore.sql.schema import contact
        >>> SparseInsert(contact, ("tenant", "id")).text(dialect())[0]
        'INSERT INTO mim_contact (tenant, id) VALUES (?, ?)'
        >>> from sqlalchemy.dialects.postgresql.asyncpg import dialect
        >>> SparseInsert(contact, ("version", "id")).text(dialect())[0]
        'INSERT INTO mim_contact (version, id) VALUES ($1::INTEGER, $2::UUID)'
    """

    bulk = None

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        """Choose columns.

        Args:
            table: The table.
            columns: Columns that the row gives, in order.
        """
        self._table, self._names = table, columns

    def text(self, dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, object]]:
        """Return the SQL text, the names of its parameters in order, and no constants."""
        known = _texts(self._table, dialect)
        names, places = zip(*(known[name] for name in self._names), strict=True)
        if dialect.paramstyle.startswith("numeric"):
            places = tuple(_NUMBER.sub(f"${at}", place, count=1) for at, place in enumerate(places, start=1))
        named, given = ", ".join(names), ", ".join(places)
        return f"INSERT INTO {self._table.name} ({named}) VALUES ({given})", self._names, {}  # noqa: S608 - names of ours only


def _texts(table: Table, dialect: Dialect) -> dict[str, tuple[str, str]]:
    """Return how every column and its parameter are written, found by compiling an insert of all of them once."""
    key = (dialect.name, dialect.paramstyle, table.name)
    if key not in _KNOWN:
        names: list[str] = table.c.keys()
        whole = str(insert(table).compile(dialect=dialect, column_keys=names))
        columns, _, places = whole.partition("(")[2].rpartition(")")[0].partition(") VALUES (")
        _KNOWN[key] = dict(zip(names, zip(columns.split(", "), places.split(", "), strict=True), strict=True))
    return _KNOWN[key]


_KNOWN: dict[tuple[str, str, str], dict[str, tuple[str, str]]] = {}
