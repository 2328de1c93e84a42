"""SQL constructs that SQLAlchemy has no word for: long lists as one parameter, JSON lists, text without LIKE.

Every bound parameter is made outside the compiler hooks: a parameter made inside one is baked into SQLAlchemy's
statement cache, and the next call would silently answer with the previous call's values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, bindparam, func, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from mimcore.sql.types import Values, json_text
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


class _Sub(FunctionElement[Any]):
    """A subquery of one column that SQLAlchemy has no word for."""

    type = NullType()
    inherit_cache = True


class _IdList(_Sub):
    """The ids that are one parameter: joined bytes on SQLite, an array on PostgreSQL."""

    inherit_cache = True
    name = "mim_id_list"


class _WordList(_Sub):
    """The values that are one parameter."""

    inherit_cache = True
    name = "mim_word_list"


class _Test(FunctionElement[bool]):
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
    """A JSON list has a record with all the given values: column, a document of them, then path and value in turn."""

    inherit_cache = True
    name = "mim_has_record"


class _LacksRecord(_Test):
    """The opposite of `_HasRecord`."""

    inherit_cache = True
    name = "mim_lacks_record"


def _in(column: ColumnElement[Any], subquery: FunctionElement[Any]) -> ColumnElement[bool]:
    return column.op("IN", is_comparison=True)(subquery)


def in_ids(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test for membership in a list of ids of any length, given as one parameter.

    Args:
        column: Column of ids.
        name: Name of the parameter; its value is what `Codec.put_ids` makes of the ids.
    """
    return _in(column, _IdList(bindparam(name)))


def in_words(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test for membership in a list of texts of any length, given as one parameter.

    Args:
        column: Column of texts.
        name: Name of the parameter; its value is what `Codec.put_words` makes of the texts.
    """
    return _in(column, _WordList(bindparam(name, type_=Values(Text()))))


def in_list(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Test for membership in constants of a rule: written out where they are few, one parameter where they are many."""
    if len(values) <= SHORT_LIST:
        return column.in_(values)
    return _in(column, _WordList(literal(list(values), Values(column.type))))


def overlaps(column: ColumnElement[Any], values: Iterable[str], *, negated: bool = False) -> ColumnElement[bool]:
    """Test whether a JSON list shares an element with words; NULL shares none."""
    kind = _SharesNone if negated else _Overlaps
    return kind(column, literal(list(values), Values(Text())))


def has_elements(column: ColumnElement[Any], *, negated: bool = False) -> ColumnElement[bool]:
    """Test whether a JSON list is not empty; NULL is."""
    return (_IsEmpty if negated else _HasElements)(column)


def has_record(
    column: ColumnElement[Any], where: Iterable[tuple[str, Any]], *, negated: bool = False
) -> ColumnElement[bool]:
    """Test whether a JSON list of records has one with all the given values; NULL has none.

    Args:
        column: Column with the list; its texts are folded, its instants microseconds, its dates ISO texts.
        where: Declared names of the records' fields, with values.
        negated: Test for the opposite.
    """
    asked = [(name, _stored(value)) for name, value in where]
    pairs = [part for name, value in asked for part in (literal(f'$."{name}"', Text()), literal(value))]
    document = literal(json_text([dict(asked)]), Text())
    return (_LacksRecord if negated else _HasRecord)(column, document, *pairs)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_microseconds(value)
    return value.isoformat() if isinstance(value, date) else value


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


def _listed(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> str:
    return ", ".join(_parts(element, compiler, options))


@compiles(_IdList, "sqlite")
def _id_list_sqlite(element: _IdList, compiler: SQLCompiler, **options: Any) -> str:
    # Rendered twice, because each occurrence is a placeholder of its own.
    (first,), (again,) = _parts(element, compiler, options), _parts(element, compiler, options)
    steps = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 16 FROM n WHERE i + 16 <= length({first}))"  # noqa: S608 - compiled clauses only
    return f"({steps} SELECT substr({again}, i, 16) FROM n)"  # noqa: S608 - compiled clauses only


@compiles(_IdList, "postgresql")
def _id_list_postgresql(element: _IdList, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest(CAST({_listed(element, compiler, options)} AS UUID[])))"


@compiles(_WordList, "sqlite")
def _word_list_sqlite(element: _WordList, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT value FROM json_each({_listed(element, compiler, options)}))"  # noqa: S608 - compiled clauses only


@compiles(_WordList, "postgresql")
def _word_list_postgresql(element: _WordList, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest({_listed(element, compiler, options)}))"


@compiles(_Overlaps, "sqlite")
def _overlaps_sqlite(element: _Overlaps, compiler: SQLCompiler, **options: Any) -> str:
    column, words = _parts(element, compiler, options)
    shared = f"FROM json_each({column}) AS e WHERE e.value IN (SELECT w.value FROM json_each({words}) AS w)"  # noqa: S608 - compiled clauses only
    return f"EXISTS (SELECT 1 {shared})"


@compiles(_Overlaps, "postgresql")
def _overlaps_postgresql(element: _Overlaps, compiler: SQLCompiler, **options: Any) -> str:
    column, words = _parts(element, compiler, options)
    return f"({column} ?| {words})"


@compiles(_HasElements, "sqlite")
def _has_elements_sqlite(element: _HasElements, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXISTS (SELECT 1 FROM json_each({_listed(element, compiler, options)}))"  # noqa: S608 - compiled clauses only


@compiles(_HasElements, "postgresql")
def _has_elements_postgresql(element: _HasElements, compiler: SQLCompiler, **options: Any) -> str:
    return f"(jsonb_array_length({_listed(element, compiler, options)}) > 0)"


@compiles(_HasRecord, "sqlite")
def _has_record_sqlite(element: _HasRecord, compiler: SQLCompiler, **options: Any) -> str:
    clauses = list(element.clauses)
    column, *pairs = [compiler.process(clause, **options) for clause in (clauses[0], *clauses[2:])]
    tests = [f"json_extract(e.value, {path}) = {value}" for path, value in zip(pairs[::2], pairs[1::2], strict=True)]
    return f"EXISTS (SELECT 1 FROM json_each({column}) AS e WHERE {' AND '.join(tests)})"  # noqa: S608 - compiled clauses only


@compiles(_HasRecord, "postgresql")
def _has_record_postgresql(element: _HasRecord, compiler: SQLCompiler, **options: Any) -> str:
    column, document = [compiler.process(clause, **options) for clause in list(element.clauses)[:2]]
    return f"({column} @> CAST({document} AS JSONB))"


_OPPOSITES: dict[type[_Test], Any] = {_SharesNone: _Overlaps, _IsEmpty: _HasElements, _LacksRecord: _HasRecord}


def _negated_sqlite(element: _Test, compiler: SQLCompiler, **options: Any) -> str:
    plain = _OPPOSITES[type(element)](*element.clauses)
    return f"NOT {compiler.process(plain, **options)}"


def _negated_postgresql(element: _Test, compiler: SQLCompiler, **options: Any) -> str:
    plain = _OPPOSITES[type(element)](*element.clauses)
    return f"NOT coalesce({compiler.process(plain, **options)}, false)"


for _opposite in _OPPOSITES:
    compiles(_opposite, "sqlite")(_negated_sqlite)
    compiles(_opposite, "postgresql")(_negated_postgresql)


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
