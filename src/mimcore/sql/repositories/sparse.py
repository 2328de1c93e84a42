"""Statements that name only the columns a row fills, or changes: a wide row with few values goes faster by far.

An engine enters every index again whose column an update names, whether its value is another or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Dialect, Table, insert

from mimcore.sql.connection.copying import Bulk
from mimcore.sql.connection.wire import Prepared

__all__ = ["SparseInsert", "SparseUpdate"]

_NUMBER = re.compile(r"\$\d+")
"""A parameter by its number, as asyncpg has them."""


class SparseInsert(Prepared):
    """An insert of some columns, put together from the columns' own texts: there are too many choices to compile each.

    Examples:
        >>> from sqlalchemy.dialects.sqlite import dialect
        >>> from mimcore.sql.tables.schema import contact
        >>> SparseInsert(contact, ("tenant", "id")).text(dialect())[0]
        'INSERT INTO mim_contact (tenant, id) VALUES (?, ?)'
        >>> from sqlalchemy.dialects.postgresql.asyncpg import dialect
        >>> SparseInsert(contact, ("version", "id")).text(dialect())[0]
        'INSERT INTO mim_contact (version, id) VALUES ($1::INTEGER, $2::UUID)'
    """

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        """Choose columns.

        Args:
            table: The table.
            columns: Columns that the row gives, in order.
        """
        self._table, self._names, self.bulk = table, columns, Bulk(table, columns)

    def text(self, dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, object]]:
        """Return the SQL text, the names of its parameters in order, and no constants."""
        names, places = zip(*_written(self._table, self._names, dialect), strict=True)
        named, given = ", ".join(names), ", ".join(places)
        return f"INSERT INTO {self._table.name} ({named}) VALUES ({given})", self._names, {}  # noqa: S608 - names of ours only


class SparseUpdate(Prepared):
    """An update of some columns of the row of a tenant, an id and a version, put together as `SparseInsert` is.

    Examples:
        >>> from sqlalchemy.dialects.sqlite import dialect
        >>> from mimcore.sql.tables.schema import contact
        >>> SparseUpdate(contact, ("version", "city")).text(dialect())[0]
        'UPDATE mim_contact SET version = ?, city = ? WHERE tenant = ? AND id = ? AND version = ?'
    """

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        """Choose columns.

        Args:
            table: The table, with the key (tenant, id) and a version.
            columns: Columns that the row gives, in order; then come tenant, id and the version so far.
        """
        self._table, self._names = table, columns
        self.bulk = Bulk(table, (*columns, "tenant", "id"), ("tenant", "id"), replaces=True, version="version")

    def text(self, dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, object]]:
        """Return the SQL text, the names of its parameters in order, and no constants."""
        names = (*self._names, "tenant", "id", "version")
        same = [f"{name} = {place}" for name, place in _written(self._table, names, dialect)]
        given, found = ", ".join(same[:-3]), " AND ".join(same[-3:])
        return f"UPDATE {self._table.name} SET {given} WHERE {found}", names, {}  # noqa: S608 - names of ours only


def _written(table: Table, names: Iterable[str], dialect: Dialect) -> list[tuple[str, str]]:
    """Return how columns are written, each with its parameter; numbered in this order where they have numbers."""
    known = _texts(table, dialect)
    if not dialect.paramstyle.startswith("numeric"):
        return [known[name] for name in names]
    numbered = enumerate((known[name] for name in names), start=1)
    return [(name, _NUMBER.sub(f"${at}", place, count=1)) for at, (name, place) in numbered]


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
