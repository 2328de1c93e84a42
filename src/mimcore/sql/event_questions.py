"""What rules ask of a contact's events, in SQL: measures, sequences, rhythms. Each subquery reads one index.

The index is that of contact, kind and time, so that a question reads the events of one contact and kind, and of those
only the ones inside its window, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

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
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromClause

from mimcore.rules.bound import Bound, EventLeaf, Follows, Pattern, Regular, Restarted
from mimcore.rules.catalogue import FieldSpec, Kind
from mimcore.sql import schema
from mimcore.sql.columns import stored_column
from mimcore.sql.elements import ONE
from mimcore.sql.moments import blocks_before, shifted

if TYPE_CHECKING:
    from mimcore.sql.column_map import ColumnMap

__all__ = ["Condition", "EventQuestions"]

Test = ColumnElement[bool]
Condition = Callable[["Bound | None", "ColumnMap"], Test]
"""Compiles a condition on one event or one account; none is true."""

Window = tuple[datetime | None, datetime]
_US = timedelta(microseconds=1)

# Made once: an alias makes an object for every column. No subquery stands inside another one over the same alias.
_EVENT, _SECOND, _THIRD = (schema.interaction.alias() for _ in range(3))


class EventQuestions:
    """The questions about the events of the contact at hand."""

    def __init__(
        self, tenant: str, contact_id: ColumnElement[Any], columns: Callable[[FromClause, Window], ColumnMap]
    ) -> None:
        """Look into a tenant's interactions.

        Args:
            tenant: Whose records count.
            contact_id: The column of the contact's id, outside the subquery.
            columns: Makes a map of an event's columns; told between which instants the event lies.
        """
        self._tenant, self._contact_id, self._columns = tenant, contact_id, columns

    def measure(self, leaf: EventLeaf, condition: Condition) -> ColumnElement[Any]:
        """Return what a leaf measures; of an average, the sign of its difference from the leaf's value.

        Args:
            leaf: What is measured.
            condition: Compiles the condition on an event.
        """
        event = _EVENT
        found = self._of(event, Pattern(leaf.kind, leaf.where), (leaf.start, leaf.end), condition)
        if leaf.of is not None and leaf.of.kind is Kind.MONEY:
            found = and_(found, event.c.value_currency == leaf.currency)
        return select(_measured(leaf, event)).select_from(event).where(found).scalar_subquery()

    def _of(self, event: Any, pattern: Pattern, window: Window, condition: Condition, *, of_one: Any = None) -> Test:
        """Return the condition on the events of a pattern inside a window, of the contact or of another event's."""
        start, end = window
        since = true() if start is None else event.c.at >= start
        return and_(
            event.c.tenant == self._tenant,
            event.c.contact_id == (self._contact_id if of_one is None else of_one.c.contact_id),
            event.c.kind == pattern.kind,
            event.c.at <= end,
            since,
            condition(pattern.where, self._columns(event, window)),
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
        first, then, window = _EVENT, _SECOND, (leaf.start, leaf.end)
        later = and_(
            self._of(then, leaf.then, window, condition, of_one=first),
            then.c.at > first.c.at,
            then.c.at <= shifted(first.c.at, leaf.within_us),
        )
        return _exists(first, self._of(first, leaf.first, window, condition), _exists(then, later))

    def _regular(self, leaf: Regular, condition: Condition) -> Test:
        event, window = _EVENT, (_beginning(leaf), leaf.end)
        blocks = func.count(distinct(blocks_before(event.c.at, leaf.end, leaf.period_us)))
        found = self._of(event, leaf.events, window, condition)
        return select(blocks).select_from(event).where(found).scalar_subquery() >= leaf.at_least

    def _restarted(self, leaf: Restarted, condition: Condition) -> Test:
        """An event in the window with one before its gap, and none inside the gap."""
        event, before, between, ever = _EVENT, _SECOND, _THIRD, (None, leaf.end)
        gap = shifted(event.c.at, -leaf.gap_us)
        older = and_(self._of(before, leaf.events, ever, condition, of_one=event), before.c.at < gap)
        inside = and_(
            self._of(between, leaf.events, ever, condition, of_one=event),
            between.c.at >= gap,
            between.c.at < event.c.at,
        )
        found = self._of(event, leaf.events, (leaf.start, leaf.end), condition)
        return _exists(event, found, _exists(before, older), not_(_exists(between, inside)))


def _exists(event: FromClause, *tests: Test) -> Test:
    return exists(select(ONE).select_from(event).where(*tests))


def _beginning(leaf: Regular) -> datetime | None:
    """Return the first instant of the earliest block, if the calendar reaches so far."""
    try:
        return leaf.end - timedelta(microseconds=leaf.periods * leaf.period_us) + _US
    except OverflowError:
        return None


def _measured(leaf: EventLeaf, event: Any) -> ColumnElement[Any]:
    if leaf.measure == "count":
        return func.count()
    if leaf.measure in {"first", "last"}:
        return func.min(event.c.at) if leaf.measure == "first" else func.max(event.c.at)
    amount = event.c[stored_column(_of(leaf))]
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


class _Sign(FunctionElement[int]):
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
