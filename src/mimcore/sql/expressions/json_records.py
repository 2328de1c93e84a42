"""Conditions on one record of a JSON list: its fields as typed values, whichever engine reads them."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Float, Text, and_, literal, literal_column, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType, TypeEngine

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import Op, Primitive
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.types import stored

__all__ = ["Where", "fitting"]

Where = Sequence[tuple[FieldSpec, Op, Primitive]]
"""Conditions on one record: which field, compared how, with what."""


class _Cell(Construct[Any]):
    """A field of the record `e.value`, by its name."""

    type: TypeEngine[Any] = NullType()
    inherit_cache = True
    name = "mim_cell"


class _TextCell(_Cell):
    """Text, a code, or a date."""

    type = Text()
    inherit_cache = True


class _WholeCell(_Cell):
    """A whole number, or an instant in microseconds."""

    type = BigInteger()
    inherit_cache = True


class _NumberCell(_Cell):
    """A number with a fraction."""

    type = Float()
    inherit_cache = True


class _BooleanCell(_Cell):
    """True or false."""

    type = Boolean()
    inherit_cache = True


def fitting(where: Where) -> ColumnElement[bool]:
    """Return whether the record `e.value` fits all conditions.

    Args:
        where: The conditions; none fits every record.
    """
    return and_(true(), *(_compared(inner, op, value) for inner, op, value in where))


def _compared(inner: FieldSpec, op: Op, value: Primitive) -> ColumnElement[bool]:
    if not _NAME.fullmatch(inner.short):
        raise AssertionError(inner.short)
    cell = _CELLS.get(inner.kind, _TextCell)(literal_column(f"'{inner.short}'", Text()))
    test: ColumnElement[bool] = getattr(operator, op)(cell, literal(stored(value), cell.type))
    return test


_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CELLS: dict[Kind, type[_Cell]] = {
    Kind.BOOLEAN: _BooleanCell,
    Kind.INTEGER: _WholeCell,
    Kind.INSTANT: _WholeCell,
    Kind.NUMBER: _NumberCell,
}


@compiles(_TextCell, "sqlite")
@compiles(_WholeCell, "sqlite")
@compiles(_NumberCell, "sqlite")
@compiles(_BooleanCell, "sqlite")
def _cell_sqlite(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract(e.value, '$.\"{_name(element, compiler, options)}\"')"


@compiles(_TextCell, "postgresql")
def _text_cell(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    return f"((e.value ->> '{_name(element, compiler, options)}') COLLATE \"C\")"


@compiles(_WholeCell, "postgresql")
def _whole_cell(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(e.value ->> '{_name(element, compiler, options)}' AS BIGINT)"


@compiles(_NumberCell, "postgresql")
def _number_cell(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(e.value ->> '{_name(element, compiler, options)}' AS DOUBLE PRECISION)"


@compiles(_BooleanCell, "postgresql")
def _boolean_cell(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(e.value ->> '{_name(element, compiler, options)}' AS BOOLEAN)"


def _name(element: _Cell, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    (name,) = element.clauses
    return compiler.process(name, **options).strip("'")
