"""SQL constructs that SQLAlchemy has no word for: long lists as one parameter, text byte for byte.

Every bound parameter is made outside the compiler hooks: a parameter made inside one is baked into SQLAlchemy's
statement cache, and the next call would silently answer with the previous call's values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BinaryExpression, Boolean, ColumnElement, Integer, Text, bindparam, func, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.types import NullType

from mimcore.rules.language.wildcards import Wild, tokens
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.types import Ids, Values

__all__ = [
    "ONE",
    "among_ids",
    "contains",
    "ends_with",
    "in_ids",
    "in_list",
    "in_words",
    "matches",
    "starts_with",
]

ONE: ColumnElement[int] = literal_column("1", Integer())
"""What an EXISTS selects."""

SHORT_LIST = 20
"""Lists up to this length are written out, which lets the planner weigh them; longer ones are one parameter."""


class _Sub(Construct[Any]):
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


def _in(column: ColumnElement[Any], subquery: FunctionElement[Any]) -> ColumnElement[bool]:
    # Both operators are named: of one without its opposite SQLAlchemy writes NOT before it, without brackets before IS.
    return BinaryExpression(column, subquery, _IN, type_=Boolean(), negate=_NOT_IN)


_IN, _NOT_IN = (custom_op[Any](name, precedence=5, is_comparison=True) for name in ("IN", "NOT IN"))


def in_ids(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test for membership in a list of ids of any length, given as one parameter.

    Args:
        column: Column of ids.
        name: Name of the parameter; its value is what `Codec.put_ids` makes of the ids.
    """
    return _in(column, _IdList(bindparam(name)))


def among_ids(column: ColumnElement[Any], ids: bytes) -> ColumnElement[bool]:
    """Test for membership in ids that are constants of a rule, given as one parameter.

    Args:
        column: Column of ids, never missing.
        ids: 16 bytes each.
    """
    return _in(column, _IdList(literal(ids, Ids())))


def in_words(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test for membership in a list of texts of any length, given as one parameter.

    Args:
        column: Column of texts.
        name: Name of the parameter; its value is what `Codec.put_words` makes of the texts.
    """
    return _in(column, _WordList(bindparam(name, type_=Values(Text()))))


def in_list(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Test for membership in constants of a rule: written out where they are few, one parameter where they are many.

    A type that translates each constant for what is stored (`writes_lists_out`) has them all written out.
    """
    if len(values) <= SHORT_LIST or getattr(column.type, "writes_lists_out", False):
        return column.in_(values)
    return _in(column, _WordList(literal(list(values), Values(column.type))))


def contains(column: ColumnElement[Any], needle: str, *, negated: bool) -> ColumnElement[bool]:
    """Test whether text contains a piece, byte for byte; LIKE would ignore the case of ASCII letters."""
    position = _Position(column, literal(needle, Text()))
    return position == 0 if negated else position > 0


class _Matches(Construct[bool]):
    """Text matches a pattern of wildcards: column, the pattern for GLOB, the pattern for LIKE.

    Its type is none: a Boolean function would be rendered as `… = 1` on SQLite.
    """

    type = NullType()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType] - see above
    inherit_cache = True
    name = "mim_matches"


class _MatchesNot(_Matches):
    """The opposite, missing where the text is."""

    inherit_cache = True


def matches(column: ColumnElement[Any], pattern: str, *, negated: bool) -> ColumnElement[bool]:
    """Test whether text matches a pattern, character by character: GLOB on SQLite and LIKE on PostgreSQL know case.

    Args:
        column: Column of text.
        pattern: As a bound leaf holds it, see `rules.wildcards`.
        negated: Test for the opposite.
    """
    parts = tokens(pattern)
    glob = "".join(one.value if isinstance(one, Wild) else _GLOB_SPECIAL.sub(r"[\g<0>]", one) for one in parts)
    like = "".join(_LIKE[one] if isinstance(one, Wild) else _LIKE_SPECIAL.sub(r"\\\g<0>", one) for one in parts)
    return (_MatchesNot if negated else _Matches)(column, literal(glob, Text()), literal(like, Text()))


_GLOB_SPECIAL, _LIKE_SPECIAL = re.compile(r"[*?\[]"), re.compile(r"[%_\\]")
_LIKE = {Wild.ANY: "%", Wild.ONE: "_"}


class _Position(Construct[int]):
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


class _Tail(Construct[str]):
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


@compiles(_Matches, "sqlite")
@compiles(_MatchesNot, "sqlite")
def _matches_sqlite(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    column, glob, _ = element.clauses
    word = "NOT GLOB" if isinstance(element, _MatchesNot) else "GLOB"
    return f"({compiler.process(column, **options)} {word} {compiler.process(glob, **options)})"


@compiles(_Matches, "postgresql")
@compiles(_MatchesNot, "postgresql")
def _matches_postgresql(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    column, _, like = element.clauses
    word = "NOT LIKE" if isinstance(element, _MatchesNot) else "LIKE"
    return f"({compiler.process(column, **options)} {word} {compiler.process(like, **options)} ESCAPE '\\')"


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
