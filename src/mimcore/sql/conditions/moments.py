"""Dates and instants inside SQL: a month and day, what a local clock shows, an instant moved, blocks of time.

No engine's own time zones decide: offsets are constants of the statement. Whole numbers in the text of a statement are
written by this module alone, from numbers that binding has made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Text,
    literal,
    literal_column,
    not_,
    or_,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.lowering.bound import Clock
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.expressions.stored_forms import Microseconds, NaiveUtc
from mimcore.sql.types import UtcMicroseconds
from mimcore.values.instants import to_microseconds

__all__ = ["blocks_before", "clock", "comparable", "month_day", "shifted", "trimmed"]

_HOUR_US, _DAY_US = 3_600_000_000, 86_400_000_000
_WEEKS_US = 7 * _DAY_US * 104_360
"""Whole weeks that reach from before the year 1 to 1970: added, no instant is negative, and dividing rounds down."""


class _Whole(Construct[int]):
    type = BigInteger()
    inherit_cache = True


class _Microseconds(_Whole):
    """The microseconds since 1970 of a column that holds instants as its engine does."""

    inherit_cache = True
    name = "mim_microseconds"


class _Number(_Whole):
    """A column that holds microseconds as a number of any type; missing where it is none of 64 bits."""

    inherit_cache = True
    name = "mim_number"


class _Offset(_Whole):
    """The offset of a zone at an instant, in microseconds and with whole weeks added.

    One element, since a zone has had hundreds of offsets: built of comparisons, a condition took 50 ms.
    """

    inherit_cache = True
    name = "mim_offset"
    # What a remembered statement depends on, said in SQLAlchemy's way.
    _traverse_internals = [*_Whole._traverse_internals, ("offsets", InternalTraversal.dp_plain_obj)]  # noqa: RUF012, SLF001

    def __init__(self, at: ColumnElement[int], offsets: tuple[tuple[int, int], ...]) -> None:
        super().__init__(at)
        self.offsets = offsets


class _Shifted(Construct[datetime]):
    """An instant, so many microseconds later."""

    type = UtcMicroseconds()
    inherit_cache = True
    name = "mim_shifted"


class _Day(Construct[str]):
    """A date as ISO text."""

    type = Text()
    inherit_cache = True
    name = "mim_day"


class _MonthDay(Construct[str]):
    """Month and day of a date as `MM-DD`."""

    type = Text()
    inherit_cache = True
    name = "mim_month_day"


class _MonthDayOfText(_MonthDay):
    """The same of a date that is kept as ISO text on every engine."""

    inherit_cache = True


class _Weekday(Construct[int]):
    """Weekday of a date, from 1 (Monday) to 7 (Sunday)."""

    type = Integer()
    inherit_cache = True
    name = "mim_weekday"


class _WeekdayOfText(_Weekday):
    """The same of a date that is kept as ISO text on every engine."""

    inherit_cache = True


def _number(value: int) -> ColumnElement[int]:
    """Return a number that stands in the statement's text: there may be hundreds, and they change with a zone only."""
    return literal_column(str(int(value)), BigInteger())


def _microseconds(column: ColumnElement[Any]) -> ColumnElement[int]:
    _require_number(column)
    return (_Microseconds if isinstance(column.type, UtcMicroseconds) else _Number)(column)


def comparable(one: ColumnElement[Any], other: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return two columns of one kind in a form in which every engine compares them.

    Dates and instants of custom attributes are text and numbers, whatever the engine's types of columns are.

    Args:
        one: A column.
        other: A column of the same kind of field.
    """
    both = (one, other)
    for column in both:
        _require_number(column)
    if any(isinstance(column.type, UtcMicroseconds) for column in both) and type(one.type) is not type(other.type):
        return _microseconds(one), _microseconds(other)
    if any(isinstance(column.type, Date) for column in both) and type(one.type) is not type(other.type):
        first, second = (_Day(column) if isinstance(column.type, Date) else column for column in both)
        return first, second
    return both


def shifted(column: ColumnElement[Any], microseconds: int) -> ColumnElement[datetime]:
    """Return an instant, so many microseconds later, in the form of its column.

    Args:
        column: A column of instants in the engine's own type.
        microseconds: How many; negative for earlier.
    """
    _require_number(column)
    if isinstance(column.type, Microseconds):
        return type_coerce(type_coerce(column, BigInteger()) + _number(microseconds), Microseconds())
    return _Shifted(column, _number(microseconds))


def _require_number(column: ColumnElement[Any]) -> None:
    """Refuse instants that SQLite would hold as text, with which it cannot reckon."""
    if isinstance(column.type, NaiveUtc):
        raise UnsupportedConditionError(
            f"{column.type.what} holds UTC without an offset, which SQL compares but does not reckon with: for "
            "sequences of events and local clocks hold whole microseconds, or DateTime(timezone=True) on PostgreSQL"
        )


def blocks_before(column: ColumnElement[Any], end: datetime, length_us: int) -> ColumnElement[int]:
    """Return in which block of time before an end an instant lies: 0 for the last one.

    Args:
        column: A column of instants that are not after the end.
        end: The end, which belongs to block 0.
        length_us: Length of a block in microseconds.
    """
    return (literal(to_microseconds(end), BigInteger()) - _microseconds(column)) // literal(length_us, BigInteger())


def month_day(column: ColumnElement[Any], ranges: Sequence[tuple[int, int]], *, negated: bool) -> ColumnElement[bool]:
    """Test whether a date lies in yearly ranges; missing where the date is.

    Args:
        column: A column of dates.
        ranges: First and last month × 100 + day of each.
        negated: Test for the opposite.
    """
    day = (_MonthDay if isinstance(column.type, Date) else _MonthDayOfText)(column)
    inside = or_(*(day.between(_written(first), _written(last)) for first, last in ranges))
    return not_(inside) if negated else inside


def _written(month_day: int) -> ColumnElement[str]:
    return literal(f"{month_day // 100:02}-{month_day % 100:02}", Text())


def clock(leaf: Clock, column: ColumnElement[Any], *, negated: bool) -> ColumnElement[bool]:
    """Test what a local clock or calendar shows at a moment; missing where the moment is.

    Args:
        leaf: Which part is asked, and the values; its offsets are those of `trimmed`.
        column: A column of dates (without offsets) or instants.
        negated: Test for the opposite.
    """
    if not leaf.offsets:
        shown: ColumnElement[Any] = (_Weekday if isinstance(column.type, Date) else _WeekdayOfText)(column)
    else:
        at = _microseconds(column)
        local = at + _Offset(at, leaf.offsets)
        if leaf.part == "hour":
            shown = local // _number(_HOUR_US) % _number(24)
        else:
            # 1970 began on a Thursday, and whole weeks were added.
            shown = (local // _number(_DAY_US) + _number(3)) % _number(7) + _number(1)
    values = [_number(value) for value in leaf.values]
    return shown.not_in(values) if negated else shown.in_(values)


def trimmed(
    offsets: tuple[tuple[int, int], ...], start: datetime | None, end: datetime | None
) -> tuple[tuple[int, int], ...]:
    """Return the offsets that instants in a window can have; the first one counts for everything before it.

    Args:
        offsets: Pairs of microseconds and seconds, in order.
        start: First instant of the window, if it has one.
        end: Last instant of the window, if it has one.

    Examples:
        >>> from datetime import UTC
        >>> trimmed(((0, 3600), (100, 7200), (200, 3600)), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), None)
        ((200, 3600),)
    """
    low = None if start is None else to_microseconds(start)
    high = None if end is None else to_microseconds(end)
    kept = [pair for place, pair in enumerate(offsets) if place == 0 or high is None or pair[0] <= high]
    while low is not None and len(kept) > 1 and kept[1][0] <= low:
        del kept[0]
    return tuple(kept)


def _only(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> str:
    (clause,) = element.clauses
    return compiler.process(clause, **options)


@compiles(_Offset)
def _offset(element: _Offset, compiler: SQLCompiler, **options: Any) -> str:
    return _halved(_only(element, compiler, options), element.offsets)


def _halved(at: str, offsets: Sequence[tuple[int, int]]) -> str:
    if len(offsets) == 1:
        return str(int(offsets[0][1]) * 1_000_000 + _WEEKS_US)
    middle = len(offsets) // 2
    earlier, later = _halved(at, offsets[:middle]), _halved(at, offsets[middle:])
    return f"CASE WHEN ({at} < {int(offsets[middle][0])}) THEN {earlier} ELSE {later} END"


@compiles(_Microseconds, "sqlite")
@compiles(_Number, "sqlite")
@compiles(_Day, "sqlite")
def _as_it_is(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return _only(element, compiler, options)


@compiles(_Microseconds, "postgresql")
def _microseconds_postgresql(element: _Microseconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {_only(element, compiler, options)}) * 1000000 AS BIGINT)"


@compiles(_Number, "postgresql")
def _number_postgresql(element: _Number, compiler: SQLCompiler, **options: Any) -> str:
    # Rows of another tenant may be looked at first, where the name may stand for a number of any size.
    first, again = (_only(element, compiler, options) for _ in range(2))
    return f"CAST(CASE WHEN abs({first}) < 9e18 THEN {again} END AS BIGINT)"


@compiles(_Shifted, "sqlite")
def _shifted_sqlite(element: _Shifted, compiler: SQLCompiler, **options: Any) -> str:
    column, microseconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} + {microseconds})"


@compiles(_Shifted, "postgresql")
def _shifted_postgresql(element: _Shifted, compiler: SQLCompiler, **options: Any) -> str:
    column, microseconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} + INTERVAL '{microseconds} microseconds')"


@compiles(_Day, "postgresql")
def _day_postgresql(element: _Day, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({_only(element, compiler, options)}, 'YYYY-MM-DD') COLLATE \"C\""


@compiles(_MonthDay, "sqlite")
@compiles(_MonthDayOfText, "sqlite")
@compiles(_MonthDayOfText, "postgresql")
def _month_day_of_text(element: _MonthDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({_only(element, compiler, options)}, 6)"


@compiles(_MonthDay, "postgresql")
def _month_day_postgresql(element: _MonthDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"(to_char({_only(element, compiler, options)}, 'MM-DD') COLLATE \"C\")"


@compiles(_Weekday, "sqlite")
@compiles(_WeekdayOfText, "sqlite")
def _weekday_sqlite(element: _Weekday, compiler: SQLCompiler, **options: Any) -> str:
    return f"((CAST(strftime('%w', {_only(element, compiler, options)}) AS INTEGER) + 6) % 7 + 1)"


@compiles(_Weekday, "postgresql")
def _weekday_postgresql(element: _Weekday, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXTRACT(ISODOW FROM {_only(element, compiler, options)})"


@compiles(_WeekdayOfText, "postgresql")
def _weekday_of_text_postgresql(element: _Weekday, compiler: SQLCompiler, **options: Any) -> str:
    # Text of another tenant's attribute may be anything: only what looks like a date is read as one.
    text, month, day = (_only(element, compiler, options) for _ in range(3))
    looks_so = f"{text} ~ '^(?!0000)[0-9]{{4}}-(0[1-9]|1[0-2])-[0-9]{{2}}$'"
    first = f"CAST(substr({month}, 1, 8) || '01' AS DATE)"
    return f"CASE WHEN {looks_so} THEN EXTRACT(ISODOW FROM {first} + (CAST(substr({day}, 9, 2) AS INTEGER) - 1)) END"
