"""SQL constructs that SQLAlchemy has no word for: long lists as one parameter, JSON lists, text without LIKE.

Every bound parameter is made outside the compiler hooks: a parameter made inside one is baked into SQLAlchemy's
statement cache, and the next call would silently answer with the previous call's values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Text, UnaryExpression, bindparam, func, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from mimcore.values.instants import to_microseconds

__all__ = [
    "ONE",
    "contains",
    "ends_with",
    "has_elements",
    "has_record",
    "in_ids",
    "in_list",
    "in_words",
    "overlaps",
    "starts_with",
]

ONE: ColumnElement[int] = literal_column("1", Integer())
"""What an EXISTS selects."""

SHORT_LIST = 20
"""Lists up to this length are written out, which lets the planner weigh them; longer ones are one parameter."""


class _IdList(FunctionElement[Any]):
    """The ids that are joined in one parameter, 16 bytes each, as a subquery."""

    type = NullType()
    inherit_cache = True
    name = "mim_id_list"


class _WordList(FunctionElement[Any]):
    """The elements of a JSON list that is one parameter, as a subquery."""

    type = NullType()
    inherit_cache = True
    name = "mim_word_list"


class _SharedWords(FunctionElement[Any]):
    """The elements that two JSON lists share, as a subquery."""

    type = NullType()
    inherit_cache = True
    name = "mim_shared_words"


class _Elements(FunctionElement[Any]):
    """The elements of a JSON list, as a subquery."""

    type = NullType()
    inherit_cache = True
    name = "mim_elements"


class _Records(FunctionElement[Any]):
    """The records of a JSON list with all the given values, as a subquery: column, then path and value in turn."""

    type = NullType()
    inherit_cache = True
    name = "mim_records"


def _exists(subquery: FunctionElement[Any]) -> ColumnElement[bool]:
    """Test for rows. A Boolean function would be rendered as `… = 1`, which hides it from the planner."""
    return UnaryExpression(subquery, operator=operators.exists, type_=Boolean())


def _in(column: ColumnElement[Any], subquery: FunctionElement[Any]) -> ColumnElement[bool]:
    return column.op("IN", is_comparison=True)(subquery)


def in_ids(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test for membership in a list of ids of any length, given as one parameter.

    Args:
        column: Column of ids.
        name: Name of the parameter; its value is the ids' bytes, joined (`Codec.put_ids`).
    """
    return _in(column, _IdList(bindparam(name)))


def in_words(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test for membership in a list of texts of any length, given as one parameter.

    Args:
        column: Column of texts.
        name: Name of the parameter; its value is a JSON list.
    """
    return _in(column, _WordList(bindparam(name)))


def in_list(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Test for membership in constants of a rule: written out where they are few, one parameter where they are many."""
    if len(values) <= SHORT_LIST:
        return column.in_(values)
    words = json.dumps([_stored(value) for value in values], ensure_ascii=False)
    return _in(column, _WordList(literal(words, Text())))


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_microseconds(value)
    return value.isoformat() if isinstance(value, date) else value


def overlaps(column: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Test whether a JSON list shares an element with words; false for NULL."""
    return _exists(_SharedWords(column, literal(json.dumps(list(values), ensure_ascii=False), Text())))


def has_elements(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Test whether a JSON list is not empty; false for NULL."""
    return _exists(_Elements(column))


def has_record(column: ColumnElement[Any], where: Iterable[tuple[str, Any]]) -> ColumnElement[bool]:
    """Test whether a JSON list of records has one with all the given values; false for NULL.

    Args:
        column: Column with the list; its texts are folded, its instants microseconds.
        where: Declared names of the records' fields, with values.
    """
    pairs = [part for name, value in where for part in (literal(f'$."{name}"', Text()), literal(_stored(value)))]
    return _exists(_Records(column, *pairs))


def contains(column: ColumnElement[Any], needle: str, *, negated: bool) -> ColumnElement[bool]:
    """Test whether text contains a piece, byte for byte; LIKE would ignore the case of ASCII letters."""
    position = _Position(column, literal(needle, Text()))
    return position == 0 if negated else position > 0


class _Position(FunctionElement[int]):
    """Position of a piece in a text, from 1; 0 where it is not found."""

    type = Integer()
    inherit_cache = True
    name = "mim_position"


def starts_with(column: ColumnElement[Any], needle: str, *, negated: bool) -> ColumnElement[bool]:
    """Test whether text starts with a piece."""
    head = func.substr(column, 1, len(needle), type_=Text())
    return head != needle if negated else head == needle


def ends_with(column: ColumnElement[Any], needle: str, *, negated: bool) -> ColumnElement[bool]:
    """Test whether text ends with a piece."""
    tail = _Tail(column, literal(len(needle), Integer()))
    return tail != needle if negated else tail == needle


class _Tail(FunctionElement[str]):
    """The last letters of a text, all of it where it is shorter."""

    type = Text()
    inherit_cache = True
    name = "mim_tail"


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(_IdList, "sqlite")
def _id_list_sqlite(element: _IdList, compiler: SQLCompiler, **options: Any) -> str:
    # Rendered twice, because each occurrence is a placeholder of its own.
    (first,), (again,) = _parts(element, compiler, options), _parts(element, compiler, options)
    steps = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 16 FROM n WHERE i + 16 <= length({first}))"  # noqa: S608 - compiled clauses only
    return f"({steps} SELECT substr({again}, i, 16) FROM n)"  # noqa: S608 - compiled clauses only


@compiles(_WordList, "sqlite")
def _word_list_sqlite(element: _WordList, compiler: SQLCompiler, **options: Any) -> str:
    (words,) = _parts(element, compiler, options)
    return f"(SELECT value FROM json_each({words}))"  # noqa: S608 - compiled clauses only


@compiles(_SharedWords, "sqlite")
def _shared_words_sqlite(element: _SharedWords, compiler: SQLCompiler, **options: Any) -> str:
    column, words = _parts(element, compiler, options)
    return f"(SELECT 1 FROM json_each({column}) AS e WHERE e.value IN (SELECT w.value FROM json_each({words}) AS w))"  # noqa: S608 - compiled clauses only


@compiles(_Elements, "sqlite")
def _elements_sqlite(element: _Elements, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = _parts(element, compiler, options)
    return f"(SELECT 1 FROM json_each({column}))"  # noqa: S608 - compiled clauses only


@compiles(_Records, "sqlite")
def _records_sqlite(element: _Records, compiler: SQLCompiler, **options: Any) -> str:
    column, *pairs = _parts(element, compiler, options)
    tests = [f"json_extract(e.value, {path}) = {value}" for path, value in zip(pairs[::2], pairs[1::2], strict=True)]
    return f"(SELECT 1 FROM json_each({column}) AS e WHERE {' AND '.join(tests)})"  # noqa: S608 - compiled clauses only


@compiles(_Position, "sqlite")
def _position_sqlite(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({', '.join(_parts(element, compiler, options))})"


@compiles(_Position, "postgresql")
def _position_postgresql(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({', '.join(_parts(element, compiler, options))})"


@compiles(_Tail, "sqlite")
def _tail_sqlite(element: _Tail, compiler: SQLCompiler, **options: Any) -> str:
    column, length = _parts(element, compiler, options)
    return f"substr({column}, -{length})"


@compiles(_Tail, "postgresql")
def _tail_postgresql(element: _Tail, compiler: SQLCompiler, **options: Any) -> str:
    return f"right({', '.join(_parts(element, compiler, options))})"
