"""Columns brought to the one form that conditions compare: folded text, UTC instants, minor units, dates of birth.

Every check is made on the frame's schema, before anything is evaluated; each refusal names the column.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import narwhals as nw
import polars as pl

from mimcore.errors import InvalidValueError
from mimcore.frames.lists import any_element, folded, is_one_of, plain
from mimcore.frames.naming import Naming
from mimcore.frames.tables import Table
from mimcore.rules.catalogue import FieldSpec, Kind
from mimcore.values.currencies import exponent

__all__ = ["Columns"]

_FORMS: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.CODE: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
}
_INTEGERS = frozenset({pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32})


class Columns:
    """Collects the prepared columns that a rule needs of one frame."""

    def __init__(self, table: Table, naming: Naming, constants: dict[str, str] | None = None) -> None:
        """Start empty.

        Args:
            table: The frame.
            naming: Where its fields stand.
            constants: Short names of fields that have one value in every row.
        """
        self.table = table
        self.naming = naming
        self.constants = constants or {}
        self.made: dict[str, pl.Expr] = {}
        self._names: dict[Hashable, str] = {}

    def prepared(self, key: Hashable, make: Callable[[], pl.Expr]) -> nw.Expr:
        """Return a prepared column, made on first use."""
        if key not in self._names:
            expression = make()
            name = self._names[key] = f"__mim_{len(self._names)}"
            self.made[name] = expression.alias(name)
        return nw.col(self._names[key])

    def scalar(self, spec: FieldSpec) -> nw.Expr:
        """Return a single-valued field in its comparable form; missing where it is missing."""
        return self.prepared(spec.name, lambda: self._scalar(spec))

    def _scalar(self, spec: FieldSpec) -> pl.Expr:
        if spec.short in self.constants:
            return pl.lit(self.constants[spec.short])
        name = self.naming.column(spec)
        return normal_form(pl.col(name), self.table.dtype(name), spec.kind, Cell(self.table, name, spec))

    def amount(self, spec: FieldSpec, currency: str) -> nw.Expr:
        """Return a money field in minor units of one currency; missing where it is in another one."""
        return self.prepared((spec.name, currency), lambda: self._amount(spec, currency))

    def _amount(self, spec: FieldSpec, currency: str) -> pl.Expr:
        value, is_minor = self._money(spec)
        factor = 1 if is_minor else 10 ** exponent(currency)
        units = (value * factor).round(0, mode="half_to_even") if not is_minor else value
        return pl.when(self._currency(spec) == currency).then(units.cast(pl.Int64)).otherwise(None)

    def has_amount(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether a money field has an amount and a currency."""
        return self.prepared(
            (spec.name, "known"), lambda: self._money(spec)[0].is_not_null() & self._currency(spec).is_not_null()
        )

    def _money(self, spec: FieldSpec) -> tuple[pl.Expr, bool]:
        name, minor = self.naming.find(spec), self.naming.beside(spec, "_minor")
        if name is None and minor is not None:
            return normal_form(
                pl.col(minor), self.table.dtype(minor), Kind.INTEGER, Cell(self.table, minor, spec)
            ), True
        name = self.naming.column(spec)
        dtype = self.table.dtype(name)
        if isinstance(dtype, pl.Decimal):
            return pl.col(name), False
        return normal_form(pl.col(name), dtype, Kind.NUMBER, Cell(self.table, name, spec)), False

    def _currency(self, spec: FieldSpec) -> pl.Expr:
        if "currency" in self.constants:
            return pl.lit(self.constants["currency"])
        name = self.naming.beside(spec, "_currency")
        if name is None:
            column = self.naming.find(spec) or f"{spec.short}_minor"
            raise InvalidValueError(
                f"column '{column}'",
                "holds money without a currency",
                f"add a column '{column}_currency' with ISO codes",
            )
        return normal_form(pl.col(name), self.table.dtype(name), Kind.CODE, Cell(self.table, name, spec))

    def has_elements(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether a collection holds anything."""
        return self.prepared((spec.name, "known"), lambda: self._elements(spec, _some(spec)))

    def is_given(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether the list itself is there; for accounts, an absent list means that there is no account."""
        return self.prepared((spec.name, "given"), lambda: pl.col(self.naming.column(spec)).is_not_null())

    def overlap(self, spec: FieldSpec, words: tuple[str, ...]) -> nw.Expr:
        """Tell whether a collection shares a word with these."""
        test = is_one_of(words, folded if spec.kind is Kind.TAGS else plain)
        return self.prepared((spec.name, words), lambda: self._elements(spec, test))

    def record(self, spec: FieldSpec, where: tuple[tuple[FieldSpec, Any, Any], ...]) -> nw.Expr:
        """Tell whether a record has all these values."""
        return self.prepared(
            (spec.name, where), lambda: self._elements(spec, partial(self._matches, where=where), where)
        )

    def _elements(self, spec: FieldSpec, test: Callable[[pl.Series], pl.Series], where: Any = ()) -> pl.Expr:
        name = self.naming.column(spec)
        dtype, column, separator = self.table.dtype(name), pl.col(name), self.naming.separator(spec)
        if isinstance(dtype, pl.Null):
            return pl.lit(value=False)
        if separator is not None and isinstance(dtype, pl.String):
            return any_element(column.str.split(separator), test)
        inner = getattr(dtype, "inner", None)
        wanted = pl.Struct if spec.kind is Kind.RECORDS else (pl.String, pl.Categorical, pl.Enum, pl.Null)
        if inner is None or not isinstance(inner, wanted):
            raise InvalidValueError(f"column '{name}'", f"does not hold {_list_of(spec)}", _list_remedy(spec, dtype))
        if isinstance(inner, pl.Struct):
            self._check_records(name, inner, where)
            return any_element(column, test)
        return any_element(column.cast(pl.List(pl.String)), test)

    def _check_records(self, name: str, inner: pl.Struct, where: tuple[tuple[FieldSpec, Any, Any], ...]) -> None:
        types = {field.name: field.dtype for field in inner.fields}
        for spec, _, _ in where:
            if spec.short not in types:
                raise InvalidValueError(
                    f"column '{name}'", f"holds records without '{spec.short}'", "add it to the records"
                )
            normal_form(pl.col(name), types[spec.short], spec.kind, Cell(self.table, name, spec))  # type: ignore[arg-type]

    def _matches(self, records: pl.Series, where: tuple[tuple[FieldSpec, Any, Any], ...]) -> pl.Series:
        fields = records.struct.unnest()
        cells = [
            normal_form(pl.col(spec.short), fields[spec.short].dtype, spec.kind, Cell(self.table, spec.short, spec))
            for spec, _, _ in where
        ]
        tests = [cell == pl.lit(value) for cell, (_, _, value) in zip(cells, where, strict=True)]
        return fields.select(pl.all_horizontal(tests).fill_null(value=False).alias("hit"))["hit"]


class Cell:
    """Where a value stands, for a refusal that names it."""

    def __init__(self, table: Table, name: str, spec: FieldSpec) -> None:
        """Name a column.

        Args:
            table: The frame.
            name: The column.
            spec: The field it holds.
        """
        self.table = table
        self.name = name
        self.spec = spec

    def refuse(self, dtype: pl.DataType, remedy: str) -> InvalidValueError:
        """Describe a type that does not fit."""
        return InvalidValueError(
            f"column '{self.name}'", f"is of type {dtype}; {self.spec.name} is of kind {self.spec.kind.value}", remedy
        )


def normal_form(column: pl.Expr, dtype: pl.DataType, kind: Kind, cell: Cell) -> pl.Expr:
    """Return a column in its comparable form.

    Args:
        column: The raw column.
        dtype: Its type.
        kind: The field's kind.
        cell: Where it stands.

    Raises:
        InvalidValueError: If the type does not fit.
    """
    if isinstance(dtype, pl.Null):
        return pl.lit(None, dtype=_FORMS[kind])
    match kind:
        case Kind.TEXT | Kind.CODE:
            if not isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
                raise cell.refuse(dtype, "cast it to text")
            change = folded if kind is Kind.TEXT else plain
            return column.cast(pl.String).map_batches(change, return_dtype=pl.String, is_elementwise=True)
        case Kind.BOOLEAN:
            if isinstance(dtype, pl.Boolean):
                return column
            raise cell.refuse(dtype, "give true, false or missing")
        case Kind.INTEGER | Kind.NUMBER:
            return _number(column, dtype, kind, cell)
        case Kind.DATE:
            return _date(column, dtype, cell)
        case Kind.INSTANT:
            if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
                return column.dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
            naive = "has no time zone; say which: dt.replace_time_zone('Europe/Copenhagen') or dt.tz_localize(...)"
            raise cell.refuse(dtype, naive if isinstance(dtype, pl.Datetime) else "give instants with a time zone")
        case _:
            raise cell.refuse(dtype, "this kind of field cannot be compared in a frame")


def _number(column: pl.Expr, dtype: pl.DataType, kind: Kind, cell: Cell) -> pl.Expr:
    if isinstance(dtype, pl.Float64):
        return column.fill_nan(None) + 0.0
    if isinstance(dtype, pl.Float32):
        raise cell.refuse(dtype, "32-bit floats compare wrongly (0.7 is not 0.7); cast it to Float64 and round")
    if type(dtype) in _INTEGERS:
        return column.cast(pl.Float64 if kind is Kind.NUMBER else pl.Int64)
    if isinstance(dtype, pl.Decimal) and kind is Kind.NUMBER:
        return column.cast(pl.Float64)
    raise cell.refuse(dtype, "give numbers: Int64 or Float64")


def _date(column: pl.Expr, dtype: pl.DataType, cell: Cell) -> pl.Expr:
    if isinstance(dtype, pl.Date):
        return column
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None and not cell.table.has_times(cell.name):
        return column.dt.date()
    raise cell.refuse(dtype, "give dates without a time: dt.date() in the right time zone")


def _some(spec: FieldSpec) -> Callable[[pl.Series], pl.Series]:
    """Return the test that any element passes: for words, one with content."""
    if spec.kind is Kind.RECORDS:
        return lambda elements: elements.is_not_null()
    return lambda elements: plain(elements).is_not_null()


def _list_of(spec: FieldSpec) -> str:
    return "lists of records" if spec.kind is Kind.RECORDS else "lists of words"


def _list_remedy(spec: FieldSpec, dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.String) and spec.kind is not Kind.RECORDS:
        return f"say how the words are separated: columns={{'…': f.{spec.name}.split(';')}}"
    return "give a column of lists"
