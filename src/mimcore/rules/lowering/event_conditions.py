"""Conditions on events: measures, moments, sequences and rhythms of those that are visible at `now`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from mimcore.errors import InvalidValueError, RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.literals import INT64, minor_units
from mimcore.rules.lowering.belonging import mentions_others
from mimcore.rules.lowering.bound import Bound, EventLeaf, Follows, Op, Pattern, Regular, Restarted
from mimcore.rules.lowering.bound_events import Measure
from mimcore.rules.lowering.scope import Leaves, Scope, single
from mimcore.values.instants import MICROSECOND, as_instant

__all__ = ["Conditions", "event_condition"]

Conditions = Callable[["nodes.Rule | None"], "Bound | None"]
"""Lowers the condition on events, if there is one."""

_DAY_US = 86_400_000_000
_DECIMALS = 1000
"""An average of whole numbers is compared with up to three decimals."""


def event_condition(rule: nodes.Rule, scope: Scope, where: Conditions) -> Leaves:
    """Lower a condition on events.

    Args:
        rule: One condition.
        scope: Must be the contact's.
        where: Lowers a condition on one event.

    Raises:
        RuleError: If kind, field or literal do not fit.
    """
    if scope.entity != "contact":
        raise mentions_others(scope.entity)
    match rule:
        case nodes.EventTest():
            return single(_measured(rule, scope, where))
        case nodes.EventMoment():
            return single(_moment(rule, scope, where))
        case nodes.EventSequence():
            start, now = _window(rule.since_days, scope), _now(scope)
            first, then = _pattern(rule.first, scope, where), _pattern(rule.then, scope, where)
            return single(Follows(first, then, rule.within_days * _DAY_US, start, now))
        case nodes.EventRegularity():
            if rule.at_least > rule.of_periods:
                raise RuleTypeError(f"at least {rule.at_least} of {rule.of_periods} periods can never hold an event")
            events = _pattern(rule.events, scope, where)
            return single(Regular(events, rule.at_least, rule.of_periods, rule.period_days * _DAY_US, _now(scope)))
        case nodes.EventStart():
            return _started(_pattern(rule.events, scope, where), scope.since("events", rule.within_days), scope)
        case nodes.EventRestart():
            start = scope.since("events", rule.within_days)
            events = _pattern(rule.events, scope, where)
            return single(Restarted(events, rule.gap_days * _DAY_US, start, _now(scope)))
        case _:
            raise AssertionError(rule.shape)


def _now(scope: Scope) -> datetime:
    return scope.binding.instant("a condition on events")


def _window(days: int | None, scope: Scope) -> datetime | None:
    return None if days is None else scope.since("a condition on events", days)


def _pattern(pattern: nodes.EventPattern, scope: Scope, where: Conditions) -> Pattern:
    return Pattern(scope.binding.catalogue.event_kind(pattern.kind), where(pattern.where))


def _started(events: Pattern, start: datetime, scope: Scope) -> Leaves:
    """At least one event, and none before the window."""

    def count(end: datetime, value: int) -> EventLeaf:
        return EventLeaf("count", events.kind, None, end, events.where, "ge", value)

    return "all", [(count(_now(scope), 1), False), (count(start - MICROSECOND, 1), True)]


def _measured(rule: nodes.EventTest, scope: Scope, where: Conditions) -> EventLeaf:
    kind = scope.binding.catalogue.event_kind(rule.kind)
    now, start, op = _now(scope), _window(rule.within_days, scope), scope.op(rule.comparison)
    condition = where(rule.where)
    if rule.op == "event_count":
        if rule.of is not None:
            raise RuleTypeError("a count of events counts events: it has no 'of'")
        return EventLeaf("count", kind, start, now, condition, op, scope.number(rule.value, "a count of events"))
    measure: Measure = rule.op.removeprefix("event_")  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]
    of = _aggregated(rule, scope)
    value, scale = _literal(rule, of, measure, scope)
    currency = rule.value.currency if isinstance(rule.value, nodes.MoneyLiteral) else None
    return EventLeaf(measure, kind, start, now, condition, op, value, currency, of, scale)


def _aggregated(rule: nodes.EventTest, scope: Scope) -> FieldSpec:
    return scope.inside("event").spec(rule.of or "event.value", Kind.MONEY, Kind.INTEGER)


def _literal(rule: nodes.EventTest, of: FieldSpec, measure: Measure, scope: Scope) -> tuple[int, int]:
    """Return the constant in whole numbers, and by how much it is scaled."""
    what = f"{'an' if measure == 'average' else 'a'} {measure} of events"
    if of.kind is Kind.MONEY:
        if not isinstance(rule.value, nodes.MoneyLiteral):
            raise RuleTypeError(
                f"{what} is compared with money: mim.money('100', 'DKK'); a bare number has no currency"
            )
        return minor_units(what, rule.value), 1
    if isinstance(rule.value, nodes.MoneyLiteral):
        raise RuleTypeError(f"{what}: {of.name} is no money, compare it with a number")
    if measure == "average":
        return _thousandths(rule.value, what), _DECIMALS
    return scope.number(rule.value, what), 1


def _thousandths(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleTypeError(f"{what} is compared with a number")
    scaled = Decimal(str(value)) * _DECIMALS
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or abs(scaled) > INT64:
        raise RuleTypeError(f"{what} is compared with a number of at most three decimals")
    return int(scaled)


def _moment(rule: nodes.EventMoment, scope: Scope, where: Conditions) -> EventLeaf:
    kind = scope.binding.catalogue.event_kind(rule.kind)
    measure: Measure = "first" if rule.op == "first_event" else "last"
    start, condition = _window(rule.within_days, scope), where(rule.where)
    if rule.comparison in {"within_last_days", "older_than_days"}:
        days = scope.number(rule.value, "a number of days")
        if not 0 <= days <= 36_525:
            raise RuleTypeError("a window of events is 0 to 36 525 days")
        at = scope.since("a condition on events", days)
        op: Op = "ge" if rule.comparison == "within_last_days" else "lt"
        return EventLeaf(measure, kind, start, _now(scope), condition, op, at)
    return EventLeaf(measure, kind, start, _now(scope), condition, scope.op(rule.comparison), _instant(rule.value))


def _instant(value: object) -> datetime:
    problem = "the moment of an event is compared with an instant (give an aware datetime or ISO text with a zone)"
    if isinstance(value, str):
        try:
            return as_instant(value)
        except InvalidValueError as error:
            problem = f"the moment of an event is compared with an instant: the literal {error.reason}"
    raise RuleTypeError(problem)
