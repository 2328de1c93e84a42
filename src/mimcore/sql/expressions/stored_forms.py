"""How somebody else's columns hold what rules compare: each is a type whose comparisons translate the rule's constant.

The column itself stays bare on its side of the comparison, so that an index on it is used as it would be by hand.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Float, Integer, Numeric, Text, literal, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from mimcore.errors import UnsupportedConditionError
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.types import UtcMicroseconds
from mimcore.values.instants import from_microseconds, to_microseconds

__all__ = [
    "BARE",
    "AwareInstant",
    "BirthYear",
    "IsNan",
    "JsonList",
    "MajorUnits",
    "Microseconds",
    "NaiveUtc",
    "ReadyAge",
]


BARE = "mim_bare"
"""Option of compiling: a test that no scalar passes asks for the list as it is, so that an index on it is used."""


class Microseconds(TypeDecorator[datetime]):
    """An instant as whole microseconds since 1970-01-01 UTC, on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write it."""
        del dialect
        return to_microseconds(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read it."""
        del dialect
        return None if value is None else from_microseconds(int(value))


class AwareInstant(Construct[datetime]):
    """A `DateTime(timezone=True)`: an instant on PostgreSQL; refused on SQLite, where it drops the offset."""

    inherit_cache = True
    name = "mim_aware_instant"
    type = UtcMicroseconds()

    def __init__(self, column: ColumnElement[Any], what: str) -> None:
        """Hold a field's values.

        Args:
            column: The column.
            what: Field and column, for the refusal.
        """
        super().__init__(column)
        self.what = what


class _Translated(TypeDecorator.Comparator[Any]):
    """Asks the type of the column how a comparison is written for what is stored."""

    def operate(self, op: Any, *other: Any, **options: Any) -> Any:
        """Translate a comparison with a constant; anything else goes through as it is."""
        kind: Any = self.type
        if other and isinstance(other[0], date | list | tuple):
            return kind.compared(self.expr, op, other[0])
        return super().operate(op, *other, **options)


class _UtcText(TypeDecorator[datetime]):
    """A constant beside naive UTC; SQLite has it as text, with its fraction or without."""

    impl = DateTime
    cache_ok = True

    def __init__(self, *, has_zone: bool, has_fraction: bool) -> None:
        super().__init__()
        self.has_zone, self.has_fraction = has_zone, has_fraction

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_server = dialect.name == "postgresql"
        return dialect.type_descriptor(TIMESTAMP(timezone=self.has_zone) if is_server else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        at = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return at if self.has_zone else at.replace(tzinfo=None)
        fraction = f".{at.microsecond:06}" if self.has_fraction or at.microsecond else ""
        return f"{at.replace(tzinfo=None, microsecond=0).isoformat(' ')}{fraction}"


class NaiveUtc(TypeDecorator[datetime]):
    """Instants without an offset that are declared to be UTC.

    SQLite holds them as text: `2026-03-01 09:00:00.000000` if SQLAlchemy wrote it, `2026-03-01 09:00:00` if Django did.
    The shorter one sorts first, so each comparison takes the form of the constant that is right for both.
    """

    impl = DateTime
    cache_ok = True
    comparator_factory = _Translated  # pyright: ignore[reportAssignmentType] - SQLAlchemy's way
    writes_lists_out = True
    """One parameter for a whole list could not have both forms of each constant."""

    def __init__(self, what: str, *, has_zone: bool) -> None:
        """Hold a field's values.

        Args:
            what: Field and column, for a refusal.
            has_zone: Whether the column has a zone on engines that know one.
        """
        super().__init__(timezone=has_zone)
        self.what, self.has_zone = what, has_zone

    def compared(self, column: Any, op: Any, value: Any) -> Any:
        """Write a comparison with an instant, or with a list of them."""
        if isinstance(value, list | tuple):
            return self._listed(column, op, value)  # pyright: ignore[reportUnknownArgumentType]
        if op in {operator.eq, operator.ne}:
            return self._listed(column, operators.in_op if op is operator.eq else operators.not_in_op, [value])
        (constant,) = self._forms([value], (op in {operator.gt, operator.le},))
        return _bare(column, self.has_zone).operate(op, constant)

    def _listed(self, column: Any, op: Any, values: Iterable[datetime]) -> Any:
        return _bare(column, self.has_zone).operate(op, self._forms(values, (False, True)))

    def _forms(self, values: Iterable[datetime], fractions: tuple[bool, ...]) -> list[Any]:
        kinds = [_UtcText(has_zone=self.has_zone, has_fraction=one) for one in fractions]
        return [literal(value, kind) for value in values for kind in kinds]


def _bare(column: Any, has_zone: bool) -> Any:  # noqa: FBT001 - private
    return type_coerce(column, DateTime(timezone=has_zone))


class ReadyAge(TypeDecorator[date]):
    """Whole years of age, computed by somebody else and taken as today's, where rules compare a date of birth."""

    impl = Integer
    cache_ok = True
    comparator_factory = _Translated  # pyright: ignore[reportAssignmentType] - SQLAlchemy's way

    def __init__(self, today: date) -> None:
        """Take ages as those of a day.

        Args:
            today: The local date of the question.
        """
        super().__init__()
        self.today = today

    def compared(self, column: Any, op: Any, value: Any) -> Any:
        """Born on or before a day that lies whole years back means: at least so old."""
        years = self.today.year - value.year
        return _ORDER[op](type_coerce(column, BigInteger()), years)


_ORDER: dict[Any, Callable[[Any, Any], Any]] = {operator.le: operator.ge, operator.gt: operator.lt}


class BirthYear(TypeDecorator[date]):
    """A year of birth as the first or the last day of it."""

    impl = Integer
    cache_ok = True
    comparator_factory = _Translated  # pyright: ignore[reportAssignmentType] - SQLAlchemy's way

    def __init__(self, *, is_last: bool) -> None:
        """Stand for one end of the year.

        Args:
            is_last: Whether it is 31 December.
        """
        super().__init__()
        self.is_last = is_last

    def compared(self, column: Any, op: Any, value: Any) -> Any:
        """Compare years: the last day comes by a date only if the date is that day or in a later year."""
        is_short = self.is_last and (value.month, value.day) != (12, 31)
        return op(type_coerce(column, BigInteger()), value.year - is_short)


class MajorUnits(TypeDecorator[int]):
    """An amount of one currency as a decimal number of major units; constants come in minor units."""

    impl = Numeric
    cache_ok = True

    def __init__(self, decimals: int) -> None:
        """Hold amounts of a currency.

        Args:
            decimals: How many decimals the currency has.
        """
        super().__init__()
        self.decimals = decimals

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite has no decimals: equal amounts are equal floats there."""
        return dialect.type_descriptor(Numeric() if dialect.name == "postgresql" else Float())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        """Turn minor units into major ones, exactly."""
        if value is None:
            return None
        amount = Decimal(value).scaleb(-self.decimals)
        return amount if dialect.name == "postgresql" else float(amount)


class JsonList(Construct[Any]):
    """A JSON list of somebody else's table, where the JSON `null` that SQLAlchemy writes for None is no list."""

    type = NullType()
    inherit_cache = True
    name = "mim_json_list"


class IsNan(Construct[bool]):
    """A float is no number, which only PostgreSQL can store."""

    type = NullType()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType] - see elements._Test
    inherit_cache = True
    name = "mim_is_nan"


@compiles(AwareInstant)
def _aware(element: AwareInstant, compiler: SQLCompiler, **options: Any) -> str:
    if compiler.dialect.name != "sqlite":
        (column,) = element.clauses
        return compiler.process(column, **options)
    raise UnsupportedConditionError(
        f"{element.what} is DateTime(timezone=True), which drops the offset on SQLite: hold whole microseconds and say "
        "stored_as={…: 'microseconds'}, or, if all its values are UTC, stored_as={…: 'utc'}"
    )


@compiles(JsonList, "sqlite")
def _list_sqlite(element: JsonList, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return f"nullif({compiler.process(column, **options)}, 'null')"


@compiles(JsonList, "postgresql")
def _list_postgresql(element: JsonList, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    is_bare = options.pop(BARE, False)
    written = compiler.process(column, **options)
    if not isinstance(column.type.dialect_impl(compiler.dialect), JSONB):
        written = f"CAST({written} AS JSONB)"
    return written if is_bare else f"(CASE WHEN jsonb_typeof({written}) = 'array' THEN {written} END)"


@compiles(IsNan, "sqlite")
def _nan_sqlite(element: IsNan, compiler: SQLCompiler, **options: Any) -> str:
    del element, compiler, options
    return "0"


@compiles(IsNan, "postgresql")
def _nan_postgresql(element: IsNan, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return f"({compiler.process(column, **options)} = 'NaN')"
