"""Columns derived from field declarations: one typed column a field, with the shadows that rules compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Index, text
from sqlalchemy.types import TypeEngine

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.sql.types import Json, UtcMicroseconds, word

__all__ = [
    "KEYED_FIELDS",
    "compared_column",
    "field_columns",
    "field_indexes",
    "freshness_columns",
    "stored_column",
    "unit_columns",
]

KEYED_FIELDS = (
    "contact.primary_email",
    "contact.primary_phone",
    "contact.employment.title",
    "contact.demographic.city",
)
"""The decaying attributes that applications filter by: their key stands on the contact too."""

_TYPES: dict[Kind, Callable[[], TypeEngine[Any]]] = {
    Kind.TEXT: word,
    Kind.CODE: word,
    Kind.BOOLEAN: Boolean,
    Kind.INTEGER: BigInteger,
    Kind.NUMBER: Float,
    Kind.MONEY: BigInteger,
    Kind.LOCATION: word,
    Kind.DATE: Date,
    Kind.INSTANT: UtcMicroseconds,
    Kind.TAGS: Json,
    Kind.CODES: Json,
    Kind.RECORDS: Json,
}
_FOLDED = frozenset({Kind.TEXT, Kind.TAGS, Kind.RECORDS})


def stored_column(spec: FieldSpec) -> str:
    """Return the name of the column that holds a field's value; for money, its minor units."""
    return f"{spec.short}_minor" if spec.kind is Kind.MONEY else spec.short


def compared_column(spec: FieldSpec) -> str:
    """Return the name of the column that rules compare: the folded shadow where there is one."""
    return f"{spec.short}_folded" if spec.kind in _FOLDED else stored_column(spec)


def unit_columns(spec: FieldSpec) -> tuple[str, str, str]:
    """Return the names of the columns with the whole numbers that a location's distances are measured with."""
    return f"{spec.short}_x", f"{spec.short}_y", f"{spec.short}_z"


def field_columns(specs: Iterable[FieldSpec]) -> Iterator[Column[object]]:
    """Make the columns of fields, in order; an age has none (it is `born_from` and `born_to`).

    Args:
        specs: Declarations of one entity.

    Yields:
        Nullable columns: missing is NULL, and so is an empty collection.
    """
    for spec in specs:
        if spec.kind is Kind.AGE:
            continue
        kind = _TYPES[spec.kind]
        yield Column(stored_column(spec), kind())
        if spec.kind is Kind.MONEY:
            yield Column(f"{spec.short}_currency", word())
        if spec.kind is Kind.LOCATION:
            for name in unit_columns(spec):
                yield Column(name, BigInteger())
        if spec.kind in _FOLDED:
            yield Column(compared_column(spec), kind())


def field_indexes(table: str, specs: Iterable[FieldSpec]) -> Iterator[Index]:
    """Make the indexes of the fields that are declared indexed; lists have one on PostgreSQL only.

    Args:
        table: Name of the table.
        specs: Declarations of one entity.
    """
    for spec in specs:
        if not spec.is_indexed:
            continue
        column = compared_column(spec)
        if spec.is_collection:
            yield Index(f"ix_{table}_{column}", column, postgresql_using="gin").ddl_if(dialect="postgresql")
        else:
            yield Index(f"ix_{table}_{column}", "tenant", column)


def index_where_known(table: str, column: str) -> Index:
    """Return an index of a reference that most rows lack: only those that have one are in it."""
    known = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", "tenant", column, sqlite_where=known, postgresql_where=known)


def freshness_columns(table: str) -> Iterator[Column[object] | Index]:
    """Make pool and key of the attributes in `KEYED_FIELDS`, with the index that a range of keys is read from.

    Args:
        table: Name of the table.
    """
    for name in KEYED_FIELDS:
        short = name.rpartition(".")[2]
        yield Column(f"{short}_pool", word())
        yield Column(f"{short}_key", BigInteger())
        yield Index(f"ix_{table}_{short}_key", "tenant", f"{short}_pool", f"{short}_key")
