"""Tests of JSON lists: shared words, records that fit, how many there are. NULL is an empty list.

Every bound parameter is made outside the compiler hooks; see `elements`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.expressions.json_records import Where, fitting
from mimcore.sql.expressions.stored_forms import BARE
from mimcore.sql.types import Values, json_text, stored

__all__ = ["count_elements", "has_elements", "has_record", "holds_value", "overlaps"]


class _Test(Construct[bool]):
    """A test that is false, never missing, where its column is NULL.

    Its type is none: a Boolean function would be rendered as `… = 1` on SQLite, which hides it from the planner. The
    plain and the negated form are classes of their own, because an index serves only the plain one.
    """

    type = NullType()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType] - see above
    inherit_cache = True


class _Overlaps(_Test):
    """A JSON list shares an element with the values that are one parameter."""

    inherit_cache = True
    name = "mim_overlaps"


class _SharesNone(_Test):
    """The opposite of `_Overlaps`."""

    inherit_cache = True
    name = "mim_shares_none"


class _HasElements(_Test):
    """A JSON list is not empty."""

    inherit_cache = True
    name = "mim_has_elements"


class _IsEmpty(_Test):
    """The opposite of `_HasElements`."""

    inherit_cache = True
    name = "mim_is_empty"


class _HasRecord(_Test):
    """A JSON list has a record with all the given values: column, a document of them, and the test of one record.

    PostgreSQL asks whether the list contains the document, which a GIN index serves.
    """

    inherit_cache = True
    name = "mim_has_record"


class _LacksRecord(_Test):
    """The opposite of `_HasRecord`."""

    inherit_cache = True
    name = "mim_lacks_record"


class _FitsRecord(_Test):
    """A JSON list has a record for which a test is true: column, test."""

    inherit_cache = True
    name = "mim_fits_record"


class _FitsNoRecord(_Test):
    """The opposite of `_FitsRecord`."""

    inherit_cache = True
    name = "mim_fits_no_record"


class _HoldsValue(_Test):
    """A JSON document may hold a value, other than null, under one of the names that are one parameter."""

    inherit_cache = True
    name = "mim_holds_value"


class _Count(Construct[int]):
    """How many records of a JSON list a test is true for: column, test."""

    type = BigInteger()
    inherit_cache = True
    name = "mim_count_records"


class _CountWords(Construct[int]):
    """How many different words a JSON list holds."""

    type = BigInteger()
    inherit_cache = True
    name = "mim_count_words"


def overlaps(column: ColumnElement[Any], values: Iterable[str], *, negated: bool = False) -> ColumnElement[bool]:
    """Test whether a JSON list shares an element with words; NULL shares none."""
    kind = _SharesNone if negated else _Overlaps
    return kind(column, literal(list(values), Values(Text())))


def holds_value(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test whether a JSON document may hold a value under one of some names; PostgreSQL does not look for null.

    Args:
        column: Column with the document, never missing.
        name: Name of the parameter; its value is what `Codec.put_words` makes of the names.
    """
    return _HoldsValue(column, bindparam(name, type_=Values(Text())))


def has_elements(column: ColumnElement[Any], *, negated: bool = False) -> ColumnElement[bool]:
    """Test whether a JSON list is not empty; NULL is."""
    return (_IsEmpty if negated else _HasElements)(column)


def has_record(column: ColumnElement[Any], where: Where, *, negated: bool = False) -> ColumnElement[bool]:
    """Test whether a JSON list of records has one that fits; NULL has none.

    Args:
        column: Column with the list; its texts are folded, its instants microseconds, its dates ISO texts.
        where: Conditions on one record, all of which must be true.
        negated: Test for the opposite.
    """
    test, names = fitting(where), {inner.short for inner, _, _ in where}
    if len(names) < len(where) or any(op != "eq" for _, op, _ in where):
        return (_FitsNoRecord if negated else _FitsRecord)(column, test)
    document = literal(json_text([{inner.short: stored(value) for inner, _, value in where}]), Text())
    return (_LacksRecord if negated else _HasRecord)(column, document, test)


def count_elements(column: ColumnElement[Any], spec: FieldSpec, where: Where) -> ColumnElement[int]:
    """Count different words, or records that fit, of a JSON list; NULL has none.

    Args:
        column: Column with the list, as rules compare it.
        spec: Its field.
        where: Conditions on one record; none counts all.
    """
    return _Count(column, fitting(where)) if spec.kind is Kind.RECORDS else _CountWords(column)


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(_Overlaps, "sqlite")
def _overlaps_sqlite(element: _Overlaps, compiler: SQLCompiler, **options: Any) -> str:
    column, words = _parts(element, compiler, options)
    shared = f"FROM json_each({column}) AS e WHERE e.value IN (SELECT w.value FROM json_each({words}) AS w)"  # noqa: S608 - compiled clauses only
    return f"EXISTS (SELECT 1 {shared})"


@compiles(_Overlaps, "postgresql")
def _overlaps_postgresql(element: _Overlaps, compiler: SQLCompiler, **options: Any) -> str:
    column, words = _parts(element, compiler, {**options, BARE: True})
    return f"({column} ?| {words})"


@compiles(_HasElements, "sqlite")
def _has_elements_sqlite(element: _HasElements, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXISTS (SELECT 1 FROM json_each({', '.join(_parts(element, compiler, options))}))"  # noqa: S608 - compiled clauses only


@compiles(_HasElements, "postgresql")
def _has_elements_postgresql(element: _HasElements, compiler: SQLCompiler, **options: Any) -> str:
    return f"(coalesce(jsonb_array_length({', '.join(_parts(element, compiler, options))}), 0) > 0)"


@compiles(_HasRecord, "sqlite")
def _has_record_sqlite(element: _HasRecord, compiler: SQLCompiler, **options: Any) -> str:
    column, _, test = element.clauses
    return _exists(compiler.process(column, **options), compiler.process(test, **options), "json_each")


@compiles(_HasRecord, "postgresql")
def _has_record_postgresql(element: _HasRecord, compiler: SQLCompiler, **options: Any) -> str:
    bare = {**options, BARE: True}
    column, document = [compiler.process(clause, **bare) for clause in list(element.clauses)[:2]]
    return f"({column} @> CAST({document} AS JSONB))"


@compiles(_FitsRecord, "sqlite")
def _fits_record_sqlite(element: _FitsRecord, compiler: SQLCompiler, **options: Any) -> str:
    column, test = _parts(element, compiler, options)
    return _exists(column, test, "json_each")


@compiles(_FitsRecord, "postgresql")
def _fits_record_postgresql(element: _FitsRecord, compiler: SQLCompiler, **options: Any) -> str:
    column, test = _parts(element, compiler, options)
    return _exists(column, test, "jsonb_array_elements")


def _exists(column: str, test: str, function: str) -> str:
    return f"EXISTS (SELECT 1 FROM {function}({column}) AS e WHERE {test})"  # noqa: S608 - compiled clauses only


@compiles(_HoldsValue, "sqlite")
def _holds_value_sqlite(element: _HoldsValue, compiler: SQLCompiler, **options: Any) -> str:
    column, names = _parts(element, compiler, options)
    asked = f"e.key IN (SELECT w.value FROM json_each({names}) AS w) AND e.type <> 'null'"  # noqa: S608 - compiled clauses only
    return _exists(column, asked, "json_each")


@compiles(_HoldsValue, "postgresql")
def _holds_value_postgresql(element: _HoldsValue, compiler: SQLCompiler, **options: Any) -> str:
    column, names = _parts(element, compiler, options)
    return f"({column} ?| {names})"


@compiles(_Count, "sqlite")
def _count_sqlite(element: _Count, compiler: SQLCompiler, **options: Any) -> str:
    column, test = _parts(element, compiler, options)
    return f"(SELECT count(*) FROM json_each({column}) AS e WHERE {test})"  # noqa: S608 - compiled clauses only


@compiles(_Count, "postgresql")
def _count_postgresql(element: _Count, compiler: SQLCompiler, **options: Any) -> str:
    column, test = _parts(element, compiler, options)
    return f"(SELECT count(*) FROM jsonb_array_elements({column}) AS e WHERE {test})"  # noqa: S608 - compiled clauses only


@compiles(_CountWords, "sqlite")
def _count_words_sqlite(element: _CountWords, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = _parts(element, compiler, options)
    return f"(SELECT count(DISTINCT e.value) FROM json_each({column}) AS e)"  # noqa: S608 - compiled clauses only


@compiles(_CountWords, "postgresql")
def _count_words_postgresql(element: _CountWords, compiler: SQLCompiler, **options: Any) -> str:
    # Another tenant's attribute of the same name may hold no list, and its rows may be looked at first.
    first, again = (_parts(element, compiler, options)[0] for _ in range(2))
    words = f"CASE WHEN jsonb_typeof({first}) = 'array' THEN {again} END"
    return f"(SELECT count(DISTINCT e.value) FROM jsonb_array_elements({words}) AS e)"  # noqa: S608 - compiled clauses only


_OPPOSITES: dict[type[_Test], Any] = {
    _SharesNone: _Overlaps,
    _IsEmpty: _HasElements,
    _LacksRecord: _HasRecord,
    _FitsNoRecord: _FitsRecord,
}


def _negated_sqlite(element: _Test, compiler: SQLCompiler, **options: Any) -> str:
    plain = _OPPOSITES[type(element)](*element.clauses)
    return f"(NOT {compiler.process(plain, **options)})"


def _negated_postgresql(element: _Test, compiler: SQLCompiler, **options: Any) -> str:
    plain = _OPPOSITES[type(element)](*element.clauses)
    return f"(NOT coalesce({compiler.process(plain, **options)}, false))"


for _opposite in _OPPOSITES:
    compiles(_opposite, "sqlite")(_negated_sqlite)
    compiles(_opposite, "postgresql")(_negated_postgresql)
