"""What rules ask of a contact's events, in SQL: measures, sequences, rhythms. Each subquery reads one index.

The index of mimcore's own events is that of contact, kind and time, so that a question reads the events of one contact
and kind, and of those only the ones inside its window, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Numeric,
    and_,
    cast,
    distinct,
    exists,
    func,
    literal,
    not_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import FromClause

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import Bound, EventLeaf, Follows, Pattern, Regular, Restarted
from mimcore.sql.conditions.moments import blocks_before, shifted
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.expressions.elements import ONE
from mimcore.values.instants import MICROSECOND

if TYPE_CHECKING:
    from mimcore.sql.conditions.column_map import ColumnMap

__all__ = ["Condition", "EventQuestions", "EventRows", "Window"]

Test = ColumnElement[bool]
Condition = Callable[["Bound | None", "ColumnMap"], Test]
"""Compiles a condition on one event or one account; none is true."""

Window = tuple[datetime | None, datetime]


class EventRows(Protocol):
    """A table of events under one alias: no subquery stands inside another one over the same alias."""

    @property
    def table(self) -> FromClause:
        """The alias."""
        ...

    @property
    def contact(self) -> ColumnElement[Any]:
        """The id of the contact."""
        ...

    @property
    def at(self) -> ColumnElement[Any]:
        """The instant."""
        ...

    def is_of(self, kind: str) -> Test:
        """Return whether an event is of a kind, and one that counts."""
        ...

    def whole(self, spec: FieldSpec, currency: str | None) -> ColumnElement[int]:
        """Return whole numbers of a field; of money in a currency, its minor units."""
        ...

    def is_in(self, currency: str) -> Test:
        """Return whether the money of an event is of a currency."""
        ...

    def columns(self, window: Window) -> ColumnMap:
        """Return a map of an event's columns; told between which instants the event lies."""
        ...


_EVENT, _SECOND, _THIRD = range(3)


class EventQuestions:
    """The questions about the events of the contact at hand."""

    def __init__(self, contact_id: ColumnElement[Any], rows: Callable[[str, int], EventRows]) -> None:
        """Look into events.

        Args:
            contact_id: The column of the contact's id, outside the subquery.
            rows: Returns the events of a kind, under the first, the second or the third alias.
        """
        self._contact_id, self._rows = contact_id, rows

    def measure(self, leaf: EventLeaf, condition: Condition) -> ColumnElement[Any]:
        """Return what a leaf measures; of an average, the sign of its difference from the leaf's value.

        Args:
            leaf: What is measured.
            condition: Compiles the condition on an event.
        """
        event = self._rows(leaf.kind, _EVENT)
        found = self._of(event, Pattern(leaf.kind, leaf.where), (leaf.start, leaf.end), condition)
        if leaf.of is not None and leaf.of.kind is Kind.MONEY:
            found = and_(found, event.is_in(str(leaf.currency)))
        return select(_measured(leaf, event)).select_from(event.table).where(found).scalar_subquery()

    def _of(
        self,
        event: EventRows,
        pattern: Pattern,
        window: Window,
        condition: Condition,
        *,
        of_one: EventRows | None = None,
    ) -> Test:
        """Return the condition on the events of a pattern inside a window, of the contact or of another event's."""
        start, end = window
        since = true() if start is None else event.at >= start
        return and_(
            event.is_of(pattern.kind),
            event.contact == (self._contact_id if of_one is None else of_one.contact),
            event.at <= end,
            since,
            condition(pattern.where, event.columns(window)),
        )

    def happened(self, leaf: Follows | Regular | Restarted, condition: Condition) -> Test:
        """Return whether events follow each other as a leaf says; never missing.

        Args:
            leaf: What is asked.
            condition: Compiles the condition on an event.
        """
        match leaf:
            case Follows():
                return self._follows(leaf, condition)
            case Regular():
                return self._regular(leaf, condition)
            case Restarted():
                return self._restarted(leaf, condition)

    def _follows(self, leaf: Follows, condition: Condition) -> Test:
        first, then = self._rows(leaf.first.kind, _EVENT), self._rows(leaf.then.kind, _SECOND)
        window = (leaf.start, leaf.end)
        later = and_(
            self._of(then, leaf.then, window, condition, of_one=first),
            then.at > first.at,
            then.at <= shifted(first.at, leaf.within_us),
        )
        return _exists(first, self._of(first, leaf.first, window, condition), _exists(then, later))

    def _regular(self, leaf: Regular, condition: Condition) -> Test:
        event, window = self._rows(leaf.events.kind, _EVENT), (_beginning(leaf), leaf.end)
        blocks = func.count(distinct(blocks_before(event.at, leaf.end, leaf.period_us)))
        found = self._of(event, leaf.events, window, condition)
        return select(blocks).select_from(event.table).where(found).scalar_subquery() >= leaf.at_least

    def _restarted(self, leaf: Restarted, condition: Condition) -> Test:
        """An event in the window with one before its gap, and none inside the gap."""
        event, before, between = (self._rows(leaf.events.kind, place) for place in (_EVENT, _SECOND, _THIRD))
        ever = (None, leaf.end)
        gap = shifted(event.at, -leaf.gap_us)
        older = and_(self._of(before, leaf.events, ever, condition, of_one=event), before.at < gap)
        inside = and_(
            self._of(between, leaf.events, ever, condition, of_one=event),
            between.at >= gap,
            between.at < event.at,
        )
        found = self._of(event, leaf.events, (leaf.start, leaf.end), condition)
        return _exists(event, found, _exists(before, older), not_(_exists(between, inside)))


def _exists(event: EventRows, *tests: Test) -> Test:
    return exists(select(ONE).select_from(event.table).where(*tests))


def _beginning(leaf: Regular) -> datetime | None:
    """Return the first instant of the earliest block, if the calendar reaches so far."""
    try:
        return leaf.end - timedelta(microseconds=leaf.periods * leaf.period_us) + MICROSECOND
    except OverflowError:
        return None


def _measured(leaf: EventLeaf, event: EventRows) -> ColumnElement[Any]:
    if leaf.measure == "count":
        return func.count()
    if leaf.measure in {"first", "last"}:
        return func.min(event.at) if leaf.measure == "first" else func.max(event.at)
    amount = event.whole(_of(leaf), leaf.currency)
    match leaf.measure:
        case "total":
            return func.coalesce(func.sum(amount), 0)
        case "average":
            return _sign(leaf, amount)
        case _:
            return func.min(amount) if leaf.measure == "minimum" else func.max(amount)


def _of(leaf: EventLeaf) -> FieldSpec:
    if leaf.of is None:
        raise AssertionError(leaf.measure)
    return leaf.of


_HALF = 32
_LOW = (1 << _HALF) - 1


class _Sign(Construct[int]):
    """The sign of total · scale − value · count, missing where there is nothing.

    Amount, scale, value, and the value's upper and lower half: SQLite would go over to inexact numbers, or fail, where
    a sum or a product needs more than 64 bits, so it adds up the halves. PostgreSQL's sums have no such bound.
    """

    type = Integer()
    inherit_cache = True
    name = "mim_average_sign"


def _sign(leaf: EventLeaf, amount: ColumnElement[Any]) -> ColumnElement[int]:
    value: Any = leaf.value
    halves = (literal(value >> _HALF, BigInteger()), literal(value & _LOW, BigInteger()))
    return _Sign(amount, literal(leaf.scale, BigInteger()), cast(literal(value, BigInteger()), Numeric), *halves)


@compiles(_Sign, "sqlite")
def _sign_sqlite(element: _Sign, compiler: SQLCompiler, **options: Any) -> str:
    amount, scale, _, high, low = element.clauses

    def part(of_amount: str, of_value: Any) -> str:
        column, by = compiler.process(amount, **options), compiler.process(scale, **options)
        return f"({by} * sum({column} {of_amount}) - count({column}) * {compiler.process(of_value, **options)})"

    def upper() -> str:
        return f"({part(f'>> {_HALF}', high)} + ({lower()} >> {_HALF}))"

    def lower() -> str:
        return part(f"& {_LOW}", low)

    return (
        f"CASE WHEN {upper()} < 0 THEN -1 WHEN {upper()} > 0 THEN 1 "
        f"WHEN ({lower()} & {_LOW}) > 0 THEN 1 WHEN ({lower()} & {_LOW}) = 0 THEN 0 END"
    )


@compiles(_Sign, "postgresql")
def _sign_postgresql(element: _Sign, compiler: SQLCompiler, **options: Any) -> str:
    amount, scale, value, _, _ = element.clauses
    first, again = (compiler.process(amount, **options) for _ in range(2))
    by, compared = compiler.process(scale, **options), compiler.process(value, **options)
    return f"sign(sum({first}) * {by} - {compared} * count({again}))"
