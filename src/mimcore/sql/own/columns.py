"""Columns of somebody else's table, checked against the fields that they hold, and brought to what rules compare.

A column whose values would be compared differently from one engine to the next is refused here, when the map is made,
with field, column, reason and remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    REAL,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    Integer,
    Numeric,
    String,
    Text,
    case,
    cast,
    func,
    literal,
    literal_column,
    type_coerce,
)
from sqlalchemy.sql import coercions, roles
from sqlalchemy.types import TypeDecorator, TypeEngine

from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.sql.expressions.stored_forms import AwareInstant, IsNan, JsonList, MajorUnits, Microseconds, NaiveUtc
from mimcore.sql.types import Json, UtcMicroseconds
from mimcore.values.currencies import CURRENCIES, currency_code, exponent

__all__ = ["ColumnLike", "Stored", "StoredAs", "as_column", "as_currency", "column_name", "stored"]

ColumnLike = roles.ExpressionElementRole[Any]
"""A column of a table, an attribute of a mapped class, or any expression over them."""
_ROLE: Any = roles.ExpressionElementRole
StoredAs = Literal["folded", "utc", "microseconds"]

_EMPTY: ColumnElement[str] = literal_column("''", Text())
_ODD = {
    decimals: [literal_column(f"'{code}'", Text()) for code, own in CURRENCIES.items() if own == decimals]
    for decimals in sorted({*CURRENCIES.values()} - {2})
}
"""Currencies that have not two decimals, by how many they have."""
_SHORT_MANTISSA = 24
_DOUBLE: TypeEngine[float] = Double()
_SAME_EVERYWHERE = frozenset({None, "C", "POSIX", "BINARY", "ucs_basic"})


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A field's column."""

    spec: FieldSpec
    column: ColumnElement[Any]
    """As it was given."""
    compared: ColumnElement[Any] | None
    """As rules compare it; None for text that is not folded."""
    form: str
    """What it holds, in words."""
    presence: ColumnElement[Any]
    """NULL (of a collection: or empty) where there is no value."""
    blank: ColumnElement[bool] | None = None
    """Where something is stored that counts as missing; None where that cannot be."""
    currency: ColumnElement[str] | None = None
    units: tuple[ColumnElement[int], ...] = ()
    """The whole numbers of a location."""

    def adapted(self, adapt: Callable[[Any], Any]) -> Stored:
        """Return the same under an alias of the table."""
        parts = ("column", "compared", "presence", "blank", "currency")
        given = {name: getattr(self, name) for name in parts}
        adapted = {name: adapt(part) for name, part in given.items() if part is not None}
        return replace(self, **adapted, units=tuple(adapt(one) for one in self.units))

    def amount(self, currency: str) -> ColumnElement[Any]:
        """Return an amount of money so that it is compared with minor units of a currency."""
        if isinstance(_kind(self.column), Integer):
            return type_coerce(self.column, BigInteger())
        return type_coerce(self.column, MajorUnits(exponent(currency)))

    def minor_units(self, currency: str) -> ColumnElement[int]:
        """Return an amount that is in a currency in minor units."""
        if isinstance(_kind(self.column), Integer):
            return type_coerce(self.column, BigInteger())
        return _minor(self.column, literal(currency, Text()))


def as_column(given: object, what: str) -> ColumnElement[Any]:
    """Return what was given as a column.

    Args:
        given: A column, an attribute of a mapped class or an expression.
        what: What it is for, for an error.

    Raises:
        InvalidValueError: If it is none of these.
    """
    made: Any = coercions.expect(roles.ExpressionElementRole, given) if isinstance(given, _ROLE) else None
    if isinstance(made, ColumnElement):
        return made  # pyright: ignore[reportUnknownVariableType]
    raise InvalidValueError(what, "is not mapped to a column", "give Customer.country, or table.c.country")


def column_name(column: ColumnElement[Any]) -> str:
    """Return how a column is called: its table and its name, or the expression."""
    table = getattr(getattr(column, "table", None), "name", None)
    name = getattr(column, "name", None) or str(column)
    return f"{table}.{name}" if table else str(name)


def as_currency(given: object, what: str) -> ColumnElement[str]:
    """Return a column of currency codes, or one currency as a constant.

    Raises:
        InvalidValueError: If it is neither.
    """
    if isinstance(given, str):
        return literal(currency_code(given, f"currency of {what}"), Text())
    column = as_column(given, f"currency of {what}")
    if not isinstance(_kind(column), String):
        raise InvalidValueError(
            f"currency of {what}", f"column '{column_name(column)}' holds no text", "give a column of ISO 4217 codes"
        )
    return column


def stored(
    spec: FieldSpec,
    column: ColumnElement[Any],
    *,
    folded: ColumnElement[Any] | None = None,
    currency: ColumnElement[str] | None = None,
    form: StoredAs | None = None,
) -> Stored:
    """Check a column against its field.

    Args:
        spec: The field.
        column: What holds its values.
        folded: The column with its folded text, if it has one.
        currency: The currency of its money.
        form: What was said of how the values are stored.

    Raises:
        InvalidValueError: If the column cannot be compared as the field is; with the remedy.
    """
    checked = _Checked(spec, column, form)
    if folded is not None:
        checked.require(spec.kind in _FOLDED, "is not compared folded", "leave it out of folded={…}")
    if form is not None:
        checked.require(form in _FORMS.get(spec.kind, ()), f"cannot be stored as '{form}'", "leave stored_as= out")
    if spec.kind is Kind.MONEY:
        return checked.money(currency)
    return _READERS[spec.kind](checked, folded)


_FOLDED = frozenset({Kind.TEXT, Kind.TAGS, Kind.RECORDS})
_FORMS: dict[Kind, tuple[str, ...]] = {**dict.fromkeys(_FOLDED, ("folded",)), Kind.INSTANT: ("utc", "microseconds")}


def _kind(column: ColumnElement[Any]) -> TypeEngine[Any]:
    """Return the type of a column; of a decorated one, what it decorates."""
    kind = column.type
    while isinstance(kind, TypeDecorator) and not isinstance(kind, UtcMicroseconds | Json):
        kind = kind.impl_instance  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return kind  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    spec: FieldSpec
    column: ColumnElement[Any]
    form: StoredAs | None

    def require(self, holds: bool, reason: str, remedy: str) -> None:  # noqa: FBT001 - private
        if not holds:
            raise InvalidValueError(f"{self.spec.name}: column '{column_name(self.column)}'", reason, remedy)

    def of(self, *kinds: type[TypeEngine[Any]], remedy: str) -> TypeEngine[Any]:
        """Return the column's type, which must be one of these."""
        kind = _kind(self.column)
        self.require(isinstance(kind, kinds), f"is of type {kind!r}, and the field is of kind {self._wanted}", remedy)
        return kind

    @property
    def _wanted(self) -> str:
        return self.spec.kind.value

    def plain(self, form: str, compared: ColumnElement[Any] | None = None, **more: Any) -> Stored:
        made = self.column if compared is None else compared
        return Stored(
            self.spec,
            self.column,
            made,
            form,
            self.column if self.spec.kind is not Kind.INSTANT and not self.spec.is_collection else made,
            **more,
        )

    # --- by kind ------------------------------------------------------------------------------------------------------

    def text(self, folded: ColumnElement[Any] | None) -> Stored:
        kind = self.of(String, remedy="map a column of text")
        self._ordinary(kind)
        if folded is not None:
            companion = _Checked(self.spec, folded, "folded")
            return companion.text(None)
        if self.form == "folded":
            return self.plain("folded text", blank=self.column == _EMPTY)
        return Stored(self.spec, self.column, None, "text, not folded", self.column, _is_blank(self.column))

    def code(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        kind = self.of(String, remedy="map a column of text with the codes")
        if isinstance(kind, Enum):
            unknown = set(kind.enums) - (self.spec.options or set(kind.enums))
            told = f"holds words that are no codes of {self.spec.vocabulary or 'the field'}"
            self.require(not unknown, told, "map an expression: case({'F': 'female', …}, value=column)")
            return self.plain("codes", cast(self.column, Text()) if kind.native_enum else self.column)
        self._ordinary(kind)
        return self.plain("codes", blank=_is_blank(self.column))

    def _ordinary(self, kind: TypeEngine[Any]) -> None:
        """Refuse text that the database does not compare letter by letter."""
        is_own = getattr(kind, "collation", None) not in _SAME_EVERYWHERE
        told = "has a collation of its own, under which different words may be equal"
        self.require(not is_own, told, "map collate(column, 'BINARY') on SQLite or collate(column, 'C') on PostgreSQL")
        is_loose = type(kind).__name__ == "CITEXT"
        self.require(not is_loose, "is CITEXT, which compares without regard to case", "map cast(column, Text)")

    def boolean(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        self.of(Boolean, remedy="map an expression such as column == 1")
        return self.plain("yes or no")

    def integer(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        self.of(Integer, remedy="map cast(column, BigInteger)")
        return self.plain("whole numbers", type_coerce(self.column, BigInteger()))

    def number(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        kind = self.of(Float, Numeric, Integer, remedy="map cast(column, Double)")
        bits = getattr(kind, "precision", None)
        is_short = isinstance(kind, REAL) or (isinstance(kind, Float) and bits is not None and bits <= _SHORT_MANTISSA)
        told = "is REAL, which has 32 bits on PostgreSQL: 0.7 stored there is less than 0.7"
        self.require(not is_short, told, "map cast(column, Double); on SQLite, type_coerce(column, Double)")
        return self.plain(
            "numbers", type_coerce(self.column, _DOUBLE), blank=IsNan(self.column) if isinstance(kind, Float) else None
        )

    def date(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        self.of(Date, remedy="map the column with the date itself")
        return self.plain("dates")

    def age(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        kind = self.of(Date, Integer, remedy="map a date of birth, or a whole number of years")
        return self.plain("dates of birth" if isinstance(kind, Date) else "whole years")

    def instant(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        if isinstance(self.column.type, UtcMicroseconds):
            return self.plain("instants")
        if self.form == "microseconds":
            self.of(Integer, remedy="microseconds are whole numbers")
            return self.plain("microseconds since 1970 UTC", type_coerce(self.column, Microseconds()))
        kind = self.of(DateTime, remedy="map a DateTime, or say stored_as={…: 'microseconds'} of whole numbers")
        has_zone, what = (
            bool(getattr(kind, "timezone", False)),
            f"{self.spec.name}: column '{column_name(self.column)}'",
        )
        if self.form == "utc":
            return self.plain("UTC", type_coerce(self.column, NaiveUtc(what, has_zone=has_zone)))
        told, remedy = "has no time zone", "if all its values are UTC, say so: stored_as={…: 'utc'}"
        self.require(has_zone, told, remedy)
        return self.plain("instants with a zone", AwareInstant(self.column, what))

    def words(self, folded: ColumnElement[Any] | None) -> Stored:
        remedy = "map a JSON list; of an array, func.to_jsonb(column, type_=JSONB)"
        self.of(JSON, Json, remedy=remedy)
        if folded is not None:
            return _Checked(self.spec, folded, "folded").words(None)
        compared = JsonList(self.column)
        if self.form == "folded":
            return self.plain("a JSON list, folded", compared)
        return Stored(self.spec, self.column, None, "a JSON list, not folded", compared)

    def codes(self, folded: ColumnElement[Any] | None) -> Stored:
        del folded
        self.of(JSON, Json, remedy="map a JSON list; of an array, func.to_jsonb(column, type_=JSONB)")
        return self.plain("a JSON list", JsonList(self.column))

    def money(self, currency: ColumnElement[str] | None) -> Stored:
        kind = _kind(self.column)
        told = "is a binary float, which cannot hold money exactly"
        self.require(not isinstance(kind, Float), told, "use whole minor units or Numeric")
        self.of(Integer, Numeric, remedy="map whole minor units, or a Numeric of major units")
        if currency is None:
            self.require(
                holds=False,
                reason="has no currency beside it",
                remedy="say currencies={field: column} or {field: 'DKK'}",
            )
            raise AssertionError(self.spec.name)
        missing: ColumnElement[bool] = self.column.is_(None)
        if not isinstance(currency, BindParameter):
            missing = missing | currency.is_(None) | _is_blank(currency)
        if isinstance(kind, Integer):
            return self.plain("minor units", type_coerce(self.column, BigInteger()), blank=missing, currency=currency)
        return self.plain("major units", _minor(self.column, currency), blank=missing, currency=currency)


def _is_blank(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.trim(column) == _EMPTY


def _minor(column: ColumnElement[Any], currency: ColumnElement[str]) -> ColumnElement[int]:
    """Return whole minor units of a decimal number of major ones."""
    if isinstance(currency, BindParameter):
        return cast(func.round(column * 10 ** exponent(str(currency.value))), BigInteger())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    factors = [(currency.in_(codes), literal_column(str(10**decimals), Integer())) for decimals, codes in _ODD.items()]
    return cast(func.round(column * case(*factors, else_=literal_column("100", Integer()))), BigInteger())


_READERS: dict[Kind, Callable[[_Checked, ColumnElement[Any] | None], Stored]] = {
    Kind.TEXT: _Checked.text,
    Kind.CODE: _Checked.code,
    Kind.BOOLEAN: _Checked.boolean,
    Kind.INTEGER: _Checked.integer,
    Kind.NUMBER: _Checked.number,
    Kind.DATE: _Checked.date,
    Kind.AGE: _Checked.age,
    Kind.INSTANT: _Checked.instant,
    Kind.TAGS: _Checked.words,
    Kind.CODES: _Checked.codes,
    Kind.RECORDS: _Checked.words,
}
