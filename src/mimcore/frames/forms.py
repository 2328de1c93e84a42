"""The comparable form of a value, by the kind of its field and the type of its column; and what no form is made of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals as nw

from mimcore.errors import InvalidValueError
from mimcore.frames.notation import Native, Notation
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.instants import to_microseconds

if TYPE_CHECKING:
    from mimcore.frames.tables import Table

__all__ = ["CURRENCY_REMEDY", "Cell", "comparable", "compared", "joined", "no_currency", "normal_form"]

_INTEGERS = (nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32)
_ABREAST = 16
"""So many parts are joined at once: some engines nest a group of n parts n deep."""

CURRENCY_REMEDY = "write ISO 4217 codes in capitals, for example 'EUR'"
_NO_TIME = "give dates without a time: dt.date() in the right time zone"

_NULLS = {
    Kind.TEXT: "text",
    Kind.CODE: "text",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
    Kind.INSTANT: "integer",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands, for a refusal that names it."""

    table: Table
    name: str
    spec: FieldSpec

    def refuse(self, dtype: Any, remedy: str) -> InvalidValueError:
        """Describe a type that does not fit."""
        return InvalidValueError(
            f"column '{self.name}'", f"is of type {dtype}; {self.spec.name} is of kind {self.spec.kind.value}", remedy
        )


def no_currency(column: str) -> InvalidValueError:
    """Describe a column of currencies that holds something else.

    Args:
        column: Its name.
    """
    return InvalidValueError(f"column '{column}'", "holds what is no currency code", CURRENCY_REMEDY)


def comparable(value: Any) -> Any:
    """Return a constant as prepared columns hold it: an instant in microseconds.

    Args:
        value: Constant of a bound leaf.
    """
    return to_microseconds(value) if isinstance(value, datetime) else value


def compared(column: nw.Expr, op: str, value: Any) -> nw.Expr:
    """Compare a prepared column with a constant or another one.

    Args:
        column: The column.
        op: eq, lt, le, gt or ge.
        value: The constant, as a bound leaf holds it, or the other column.
    """
    compare: Callable[[nw.Expr, Any], nw.Expr] = getattr(operator, op)
    return compare(column, comparable(value))


def joined(parts: Sequence[nw.Expr], join: Callable[..., nw.Expr]) -> nw.Expr:
    """Join answers by Kleene's `and` or `or`, in groups of groups.

    Args:
        parts: One answer or more.
        join: `nw.all_horizontal` or `nw.any_horizontal`.
    """
    level = list(parts)
    while len(level) > 1:
        level = [
            join(*level[at : at + _ABREAST], ignore_nulls=False) if len(level[at : at + _ABREAST]) > 1 else level[at]
            for at in range(0, len(level), _ABREAST)
        ]
    return level[0]


def normal_form(say: Notation, column: Native, dtype: Any, kind: Kind, cell: Cell) -> Native:
    """Return a column in its comparable form.

    Args:
        say: The engine's notation.
        column: The raw column.
        dtype: Its type; None if it holds no value at all.
        kind: The field's kind.
        cell: Where it stands.

    Raises:
        InvalidValueError: If the type does not fit.
    """
    if dtype is None:
        return say.null(_NULLS[kind])
    match kind:
        case Kind.TEXT | Kind.CODE:
            if not isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
                raise cell.refuse(dtype, "cast it to text")
            text = say.text(column)
            return say.folded(text, cell.name) if kind is Kind.TEXT else say.stripped(text)
        case Kind.BOOLEAN:
            if isinstance(dtype, nw.Boolean):
                return column
            raise cell.refuse(dtype, "give true, false or missing")
        case Kind.INTEGER | Kind.NUMBER:
            return _number(say, column, dtype, kind, cell)
        case Kind.DATE:
            return _date(say, column, dtype, cell)
        case Kind.INSTANT:
            if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
                return say.microseconds(column)
            naive = "has no time zone; say which: dt.replace_time_zone('Europe/Copenhagen') or dt.tz_localize(...)"
            raise cell.refuse(dtype, naive if isinstance(dtype, nw.Datetime) else "give instants with a time zone")
        case _:
            raise cell.refuse(dtype, "this kind of field cannot be compared in a frame")


def _number(say: Notation, column: Native, dtype: Any, kind: Kind, cell: Cell) -> Native:
    if isinstance(dtype, nw.Float64):
        return say.finite(column)
    if isinstance(dtype, nw.Float32):
        raise cell.refuse(dtype, "32-bit floats compare wrongly (0.7 is not 0.7); cast it to Float64 and round")
    if isinstance(dtype, _INTEGERS):
        return say.real(column) if kind is Kind.NUMBER else say.whole(column)
    if isinstance(dtype, nw.Decimal) and kind is Kind.NUMBER:
        return say.real(column)
    raise cell.refuse(dtype, "give numbers: Int64 or Float64")


def _date(say: Notation, column: Native, dtype: Any, cell: Cell) -> Native:
    if isinstance(dtype, nw.Date):
        return column
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is None:
        has_times, refusal = cell.table.has_times(cell.name), cell.refuse(dtype, _NO_TIME)
        if has_times:
            raise refusal
        return say.checked_day(column, refusal) if has_times is None else say.day(column)
    if isinstance(dtype, nw.String):
        raise cell.refuse(dtype, "turn the text into dates first: str.to_date() in Polars, pd.to_datetime(…) in pandas")
    raise cell.refuse(dtype, _NO_TIME)
