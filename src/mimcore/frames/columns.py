"""Columns brought to the one form that conditions compare: folded text, microseconds, minor units, plain lists.

Every check is made on the frame's schema, before anything is evaluated; each refusal names the column. Written once for
every engine: what differs between them stands in their notation.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from typing import Any

import narwhals as nw

from mimcore.errors import InvalidValueError
from mimcore.frames.forms import Cell, comparable, compared, no_currency, normal_form
from mimcore.frames.naming import Naming
from mimcore.frames.notation import Change, FieldOf, Native
from mimcore.frames.tables import Table
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.currencies import CURRENCIES, exponent

__all__ = ["Columns"]

_WORDS = (nw.String, nw.Categorical, nw.Enum, nw.Unknown)
_UNUSUAL = {code: 10**decimals for code, decimals in CURRENCIES.items() if decimals != 2}
Where = tuple[tuple[FieldSpec, Any, Any], ...]


class Columns:
    """Collects the prepared columns that a rule needs of one frame."""

    def __init__(
        self, table: Table, naming: Naming, constants: Mapping[str, str] | None = None, prefix: str = ""
    ) -> None:
        """Start empty.

        Args:
            table: The frame.
            naming: Where its fields stand.
            constants: Short names of fields that have one value in every row.
            prefix: Tells the prepared columns of several frames apart.
        """
        self.table = table
        self.naming = naming
        self.constants = constants or {}
        self._prefix = prefix
        self.made: dict[str, Native] = {}
        self._names: dict[Hashable, str] = {}
        self._listed: set[str] = set()
        self.asked: dict[str, FieldSpec] = {}
        """The fields that were asked for, by name."""
        self._say = table.notation

    def prepared(self, key: Hashable, make: Callable[[], Native]) -> nw.Expr:
        """Return a prepared column, made on first use."""
        return nw.col(self.name_of(key, make))

    def name_of(self, key: Hashable, make: Callable[[], Native]) -> str:
        """Return the name of a prepared column, made on first use."""
        if key not in self._names:
            made = make()
            self._names[key] = f"__mim_{self._prefix}{len(self._names)}"
            self.made[self._names[key]] = made
        return self._names[key]

    def flag(self, value: bool | None) -> nw.Expr:  # noqa: FBT001 - a constant, not an option
        """Return the same answer in every row."""
        return self.prepared(("flag", value), lambda: self._say.flag(value))

    def compared(self, column: nw.Expr, op: str, value: Any) -> nw.Expr:
        """Compare a prepared column with a constant, or another one."""
        if isinstance(value, date) and not isinstance(value, datetime) and value.year < 1000:
            # Spark's bridge writes such a year with too few digits, and then does not understand it.
            value = self.prepared(("day", value), lambda: self._say.one_day(value))
        return compared(column, op, value)

    # --- single values ------------------------------------------------------------------------------------------------

    def scalar(self, spec: FieldSpec) -> nw.Expr:
        """Return a single-valued field in its comparable form; missing where it is missing."""
        return self.prepared(spec.name, lambda: self._scalar(spec))

    def _scalar(self, spec: FieldSpec) -> Native:
        self.asked[spec.name] = spec
        if spec.short in self.constants:
            return self._say.constant(self.constants[spec.short])
        folded = self._folded_text(spec)
        if folded is not None:
            return self._say.unless_empty(self._say.text(self._say.column(folded)))
        return self._raw(spec, spec.kind)

    def _folded_text(self, spec: FieldSpec) -> str | None:
        """Return the column that holds text folded before, or a code without white space."""
        if spec.kind not in {Kind.TEXT, Kind.CODE}:
            return None
        name = self.naming.beside(spec, "_folded")
        fits = name is not None and isinstance(self.table.dtype(name), nw.String | nw.Categorical | nw.Enum)
        return name if fits else None

    def _raw(self, spec: FieldSpec, kind: Kind) -> Native:
        return self.raw(self.naming.column(spec), spec, kind)

    def raw(self, name: str, spec: FieldSpec, kind: Kind) -> Native:
        """Return a column of the frame in the comparable form of a kind.

        Args:
            name: The column.
            spec: The field that it holds, for a refusal.
            kind: The form.
        """
        return normal_form(
            self._say, self._say.column(name), self.table.dtype(name), kind, Cell(self.table, name, spec)
        )

    def id_is_in(self, name: str, ids: list[Any]) -> nw.Expr:
        """Tell whether the id of a row is one of these; never missing."""
        is_text = isinstance(self.table.dtype(name), nw.String | nw.Categorical | nw.Enum)
        form = self._say.text if is_text else self._say.whole
        column = self.prepared(("id", name), lambda: form(self._say.column(name)))
        fitting = [one for one in ids if isinstance(one, str) is is_text]
        return column.is_in(fitting).fill_null(value=False) if fitting else self.flag(value=False)

    def clock(self, spec: FieldSpec, part: str, offsets: tuple[tuple[int, int], ...]) -> nw.Expr:
        """Return the local weekday or hour of an instant."""
        return self.prepared((spec.name, part, offsets), lambda: self._say.clock(self._scalar(spec), part, offsets))

    def block(self, spec: FieldSpec, end: int, length: int) -> nw.Expr:
        """Return how many whole lengths lie between an instant and the end."""
        return self.prepared((spec.name, end, length), lambda: self._say.block(self._scalar(spec), end, length))

    def is_text_known(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether text has content, which needs no folding."""
        if spec.short in self.constants or self._folded_text(spec) is not None:
            return ~self.scalar(spec).is_null()
        return ~self.prepared((spec.name, "content"), lambda: self._raw(spec, Kind.CODE)).is_null()

    def sample_key(self, id_column: str | None) -> nw.Expr:
        """Return the 31-bit key that samples are drawn by: a column of that name, or made of the ids.

        Args:
            id_column: The column of ids, if there is one.
        """
        return self.prepared("sample key", lambda: self._sample_key(id_column))

    def _sample_key(self, id_column: str | None) -> Native:
        if "sample_key" in self.table.names:
            dtype = self.table.dtype("sample_key")
            if dtype is None or dtype.is_integer():
                return self._say.whole(self._say.column("sample_key"))
            raise InvalidValueError("column 'sample_key'", f"is of type {dtype}", "give whole numbers")
        dtype = None if id_column is None else self.table.dtype(id_column)
        if id_column is None or not isinstance(dtype, nw.String):
            raise InvalidValueError(
                "the frame", "has neither a column 'id' with UUIDs nor a column 'sample_key'", "add one for samples"
            )
        return self._say.sample_key(self._say.text(self._say.column(id_column)), id_column)

    # --- money --------------------------------------------------------------------------------------------------------

    def amount(self, spec: FieldSpec, currency: str) -> nw.Expr:
        """Return a money field in minor units of one currency; missing where it is in another one."""
        return self.prepared((spec.name, currency), lambda: self._amount(spec, currency))

    def wide_amount(self, spec: FieldSpec, currency: str) -> nw.Expr:
        """Return the same, wide enough to be added up."""
        return self.prepared((spec.name, currency, "wide"), lambda: self._say.wide(self._amount(spec, currency)))

    def wide_number(self, spec: FieldSpec) -> nw.Expr:
        """Return a whole number, wide enough to be added up."""
        return self.prepared((spec.name, "wide"), lambda: self._say.wide(self._scalar(spec)))

    def wide_one(self) -> nw.Expr:
        """Return a 1 of that width, to count with."""
        return self.prepared("one", lambda: self._say.wide(self._say.number(1)))

    def _amount(self, spec: FieldSpec, currency: str) -> Native:
        units = self._units(spec, 10 ** exponent(currency))
        return self._say.where_equal(self._currency(spec), currency, units)

    def own_amount(self, spec: FieldSpec) -> tuple[nw.Expr, nw.Expr]:
        """Return a money field in minor units of its own currency, and that currency."""
        factor = self._say.choose(self._currency(spec), _UNUSUAL, 100)
        return (
            self.prepared((spec.name, "units"), lambda: self._units(spec, factor)),
            self.prepared((spec.name, "currency"), lambda: self._currency(spec)),
        )

    def has_amount(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether a money field has an amount and a currency."""
        amount, currency = self.own_amount(spec)
        return ~amount.is_null() & ~currency.is_null()

    def _units(self, spec: FieldSpec, factor: Native) -> Native:
        name, minor = self.naming.find(spec), self.naming.beside(spec, "_minor")
        if name is None and minor is not None:
            return self.raw(minor, spec, Kind.INTEGER)
        name = self.naming.column(spec)
        if isinstance(self.table.dtype(name), nw.Decimal):
            return self._say.minor_units(self._say.column(name), factor, is_decimal=True)
        return self._say.minor_units(self.raw(name, spec, Kind.NUMBER), factor, is_decimal=False)

    def _currency(self, spec: FieldSpec) -> Native:
        """Return the currency of every amount; what is none, taken for another one, would not be counted, unsaid."""
        if "currency" in self.constants:
            return self._say.constant(self.constants["currency"])
        self.asked[spec.name] = spec
        name = self.currency_column(spec)
        return self._say.one_of(self.raw(name, spec, Kind.CODE), list(CURRENCIES), no_currency(name))

    def currency_column(self, spec: FieldSpec) -> str:
        """Return the column with the currency of a money field.

        Raises:
            InvalidValueError: If there is none.
        """
        name = self.naming.beside(spec, "_currency")
        if name is None:
            column = self.naming.find(spec) or f"{spec.short}_minor"
            raise InvalidValueError(
                f"column '{column}'",
                "holds money without a currency",
                f"add a column '{column}_currency' with ISO codes",
            )
        return name

    # --- collections --------------------------------------------------------------------------------------------------

    def has_elements(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether a collection holds anything."""
        return self.prepared((spec.name, "known"), lambda: self._has_elements(spec))

    def _has_elements(self, spec: FieldSpec) -> Native:
        lists, _ = self._lists(spec, needs_form=False)
        if lists is None:
            return self._say.flag(value=False)
        return self._say.has_records(lists) if spec.kind is Kind.RECORDS else self._say.has_words(lists)

    def is_given(self, spec: FieldSpec) -> nw.Expr:
        """Tell whether the list itself is there; for accounts, an absent list means that there is no account."""
        name = self.naming.column(spec)
        self.table.dtype(name)
        return ~self.prepared((spec.name, "given"), lambda: self._say.column(name)).is_null()

    def overlap(self, spec: FieldSpec, words: tuple[str, ...]) -> nw.Expr:
        """Tell whether a collection shares a word with these."""
        return self.prepared((spec.name, words), lambda: self._overlap(spec, words))

    def _overlap(self, spec: FieldSpec, words: tuple[str, ...]) -> Native:
        lists, change = self._lists(spec)
        if lists is None:
            return self._say.flag(value=False)
        return self._say.overlaps(lists, words, change, self.naming.column(spec))

    def element_count(self, spec: FieldSpec, where: Where) -> nw.Expr:
        """Count the different words of a collection, or the records that fit."""
        return self.prepared((spec.name, "number", where), lambda: self._element_count(spec, where))

    def _element_count(self, spec: FieldSpec, where: Where) -> Native:
        lists, change = self._lists(spec)
        if lists is None:
            return self._say.number(0)
        if spec.kind is Kind.RECORDS:
            fits = self._fitting(spec, where) if where else None
            return self._say.record_count(lists, fits)
        return self._say.word_count(lists, change, self.naming.column(spec))

    def _fitting(self, spec: FieldSpec, where: Where) -> Callable[[FieldOf], Native]:
        """Return what tells of a record whether it has all these values."""
        name = self.naming.column(spec)
        inner: Any = getattr(self.table.dtype(name), "inner", None)
        types = {field.name: field.dtype for field in inner.fields}
        for one, _, _ in where:
            if one.short not in types:
                raise InvalidValueError(
                    f"column '{name}'", f"holds records without '{one.short}'", "add it to the records"
                )

        def fits(field_of: FieldOf) -> Native:
            tests: list[Native] = []
            for one, op, value in where:
                cell = normal_form(
                    self._say, field_of(one.short), types[one.short], one.kind, Cell(self.table, name, one)
                )
                tests.append(self._say.compared(cell, op, comparable(value)))
            return self._say.all_of(tests)

        return fits

    def folded(self, name: str, spec: FieldSpec) -> Native:
        """Return text or lists of words in their comparable form, made from the column as it was given.

        Args:
            name: The column.
            spec: Its field.
        """
        if not spec.is_collection:
            return self.raw(name, spec, spec.kind)
        lists, change = self._own_lists(name, spec)
        return self._say.normal_lists(lists, change, name)

    def words(self, spec: FieldSpec) -> Native:
        """Return text, a code or a list of words in its comparable form."""
        if not spec.is_collection:
            return self._scalar(spec)
        lists, change = self._lists(spec)
        if lists is None:
            return self._say.null("text")
        return lists if change == "none" else self._say.normal_lists(lists, change, spec.name)

    def _lists(self, spec: FieldSpec, *, needs_form: bool = True) -> tuple[Native | None, Change]:
        """Return the column of a collection (None where it never holds anything), and what its words still need.

        Args:
            spec: The collection.
            needs_form: Whether words are compared; else the column as it was given is enough.
        """
        self.asked[spec.name] = spec
        folded = self.naming.beside(spec, "_folded") if needs_form and spec.kind in {Kind.TAGS, Kind.CODES} else None
        if folded is not None and isinstance(getattr(self.table.dtype(folded), "inner", None), nw.String):
            return self._say.column(folded), "none"
        return self._own_lists(self.naming.column(spec), spec)

    def _own_lists(self, name: str, spec: FieldSpec) -> tuple[Native | None, Change]:
        dtype, separator = self.table.dtype(name), self.naming.separator(spec)
        change: Change = {Kind.TAGS: "fold", Kind.CODES: "strip"}.get(spec.kind, "none")  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]
        if dtype is None:
            return None, change
        if separator is not None and isinstance(dtype, nw.String):
            return self._say.split(self._say.column(name), separator), change
        self._check_list(name, spec, dtype)
        self._listed.add(name)
        column = self._say.column(name)
        return (column if change == "none" else self._say.text_lists(column)), change

    def _check_list(self, name: str, spec: FieldSpec, dtype: Any) -> None:
        inner = getattr(dtype, "inner", None)
        wanted: Any = nw.Struct if spec.kind is Kind.RECORDS else _WORDS
        if inner is None or not isinstance(inner() if isinstance(inner, type) else inner, wanted):
            raise InvalidValueError(f"column '{name}'", f"does not hold {_list_of(spec)}", _list_remedy(spec, dtype))

    def tell_of_gaps(self) -> None:
        """Warn of every column of lists that was asked for and has missing elements; once."""
        for name in sorted(self._listed):
            if gaps := self.table.missing_elements(name):
                warnings.warn(f"column '{name}': {gaps} missing elements of lists were left out", stacklevel=2)
        self._listed.clear()


def _list_of(spec: FieldSpec) -> str:
    return "lists of records" if spec.kind is Kind.RECORDS else "lists of words"


def _list_remedy(spec: FieldSpec, dtype: Any) -> str:
    if isinstance(dtype, nw.String) and spec.kind is not Kind.RECORDS:
        return f"say how the words are separated: columns={{'…': f.{spec.name}.split(';')}}"
    return "give a column of lists"
