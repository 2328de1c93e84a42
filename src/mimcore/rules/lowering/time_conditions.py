"""Conditions on time: rolling windows, calendar periods, anniversaries, and what a local clock shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mimcore.errors import InvalidValueError, RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import Clock, Comparison, MonthDay, Primitive
from mimcore.rules.lowering.scope import Leaves, Scope, single
from mimcore.values.instants import as_zone, day_of, start_of_day
from mimcore.values.zones import offsets_of

__all__ = ["timed"]

_MOMENTS = (Kind.DATE, Kind.INSTANT)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STEPS = {"last": -1, "this": 0, "next": 1}


def timed(
    rule: nodes.Window | nodes.Elapsed | nodes.CalendarWindow | nodes.Anniversary | nodes.ClockTest, scope: Scope
) -> Leaves:
    """Lower a condition on time.

    Args:
        rule: One condition.
        scope: Whose values.

    Raises:
        RuleError: If it does not fit its field.
    """
    match rule:
        case nodes.Window():
            return _window(rule, scope)
        case nodes.Elapsed(field=name, days=days):
            spec = scope.spec(name, *_MOMENTS)
            return single(Comparison(spec, "le", _shifted(spec, -days, scope)))
        case nodes.CalendarWindow():
            return _calendar(rule, scope)
        case nodes.Anniversary(field=name, days=days):
            spec = scope.spec(name, Kind.DATE)
            return single(MonthDay(spec, _yearly(scope.binding.today(spec.name), days)))
        case nodes.ClockTest():
            return single(_clock(rule, scope))


def _shifted(spec: FieldSpec, days: int, scope: Scope) -> date | datetime:
    """Return now, or the local today for dates, so many days later."""
    now = scope.binding.today(spec.name) if spec.kind is Kind.DATE else scope.binding.instant(spec.name)
    try:
        return now + timedelta(days=days)
    except OverflowError:
        raise RuleTypeError(f"{spec.name}: a window of {abs(days)} days reaches beyond the calendar") from None


def _window(rule: nodes.Window, scope: Scope) -> Leaves:
    spec = scope.spec(rule.field, *_MOMENTS)
    now, past, future = (_shifted(spec, days, scope) for days in (0, -rule.days, rule.days))
    match rule.op:
        case "within_last_days":
            return "all", [(Comparison(spec, "ge", past), False), (Comparison(spec, "le", now), False)]
        case "older_than_days":
            return single(Comparison(spec, "lt", past))
        case "within_next_days":
            return "all", [(Comparison(spec, "gt", now), False), (Comparison(spec, "le", future), False)]


def _calendar(rule: nodes.CalendarWindow, scope: Scope) -> Leaves:
    """Half-open: from the first moment of the period up to that of the one after it."""
    spec = scope.spec(rule.field, *_MOMENTS)
    if rule.week_start is not None and rule.unit != "week":
        raise RuleTypeError("week_start belongs to weeks")
    zone = _zone(rule.zone, scope)
    today = day_of(scope.binding.instant(spec.name), zone, "now")
    try:
        first, after = period(today, rule.unit, _STEPS[rule.period], rule.week_start or "monday")
    except (OverflowError, ValueError):
        raise RuleTypeError(f"{spec.name}: the period reaches beyond the calendar") from None
    low, high = (_beginning(spec, day, zone) for day in (first, after))
    return "all", [(Comparison(spec, "ge", low), False), (Comparison(spec, "lt", high), False)]


def _beginning(spec: FieldSpec, day: date, zone: ZoneInfo) -> Primitive:
    return day if spec.kind is Kind.DATE else start_of_day(day, zone)


def period(today: date, unit: str, step: int, week_start: str = "monday") -> tuple[date, date]:
    """Return the first day of a period and of the one after it.

    Args:
        today: A day of the present period.
        unit: day, week, month, quarter or year.
        step: 0 for the present period, −1 for the one before, 1 for the one after.
        week_start: The first day of a week.

    Examples:
        >>> period(date(2026, 3, 15), "quarter", -1)
        (datetime.date(2025, 10, 1), datetime.date(2026, 1, 1))
    """
    if unit == "day":
        return today + timedelta(days=step), today + timedelta(days=step + 1)
    if unit == "week":
        into = (today.weekday() - _WEEKDAYS.index(week_start)) % 7
        first = today - timedelta(days=into - 7 * step)
        return first, first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = (today.year * 12 + today.month - 1) // months + step
    return _month(index * months), _month((index + 1) * months)


def _month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _yearly(today: date, days: int) -> tuple[tuple[int, int], ...]:
    """Return the month-days of `[today, today + days]` as ranges; a skipped 29 February comes with 1 March."""
    if days >= 365:
        return ((101, 1231),)
    end = today + timedelta(days=days)
    first, last = today.month * 100 + today.day, end.month * 100 + end.day
    if first == 301 and not _is_leap(today.year):
        first = 229
    return ((first, last),) if end.year == today.year else ((101, last), (first, 1231))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _clock(rule: nodes.ClockTest, scope: Scope) -> Clock:
    is_weekday = rule.op == "weekday_is_in"
    spec = scope.spec(rule.field, *_MOMENTS) if is_weekday else scope.spec(rule.field, Kind.INSTANT)
    if is_weekday and not all(1 <= value <= 7 for value in rule.values):
        raise RuleTypeError(f"{spec.name}: weekdays are 1 (Monday) to 7 (Sunday)")
    zone = _zone(rule.zone, scope)
    offsets = () if spec.kind is Kind.DATE else offsets_of(zone)
    return Clock(spec, "weekday" if is_weekday else "hour", tuple(sorted(set(rule.values))), offsets)


def _zone(name: str | None, scope: Scope) -> ZoneInfo:
    if name is None:
        return scope.binding.zone
    try:
        return as_zone(name)
    except InvalidValueError as error:
        reason = error.reason
    raise RuleTypeError(f"the rule's zone {reason}: use an IANA name such as 'Europe/Copenhagen'")
