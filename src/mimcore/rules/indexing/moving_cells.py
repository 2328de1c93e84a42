"""Cells that a contact leaves by time alone: what is compared is how far a moment lies from the present one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from mimcore.rules.indexing.atoms import Atom
from mimcore.rules.indexing.cells import Cells, Limits, constants, value_of
from mimcore.rules.indexing.question import Question
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import Fresh
from mimcore.rules.lowering.time_conditions import period
from mimcore.values.instants import MICROSECOND, day_of, from_microseconds, start_of_day, to_microseconds

__all__ = ["Birthdays", "Days", "Freshness", "Periods", "Rolling", "Yearly", "earliest"]

T = TypeVar("T", datetime, date)
_DAY = timedelta(days=1)
_FURTHEST = date(8999, 1, 1)


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """Return the earliest instant; None where there is none."""
    return min((one for one in instants if one is not None), default=None)


def _left(value: T, distance: timedelta, limits: Limits, step: timedelta) -> T | None:
    """Return when a moment that comes nearer, or goes further into the past, leaves its place among the distances."""
    limit: timedelta | None = limits.below(distance)
    if limit is None:
        return None
    try:
        at = value - limit
    except OverflowError:
        return None
    return at + step if limit == distance else at


class Rolling(Cells):
    """Windows of days of 86 400 s on an instant: how long ago it was, among the lengths of the windows."""

    is_timed = True

    def __init__(self, spec: FieldSpec, now: datetime) -> None:
        """Read a field.

        Args:
            spec: The field.
            now: The instant at which conditions are bound that are learnt.
        """
        self._value, self._now, self._limits = value_of(spec), now, Limits()

    def learn(self, atom: Atom) -> None:
        """Know the lengths of its windows."""
        self._limits.add(constant - self._now for constant in constants(atom))

    def cell(self, question: Question) -> Hashable:
        """The place of the distance."""
        value = self._value(question.facts)
        return None if value is None else self._limits.place(value - question.instant)

    def until(self, question: Question) -> datetime | None:
        """When a window ends or begins."""
        value = self._value(question.facts)
        return None if value is None else _left(value, value - question.instant, self._limits, MICROSECOND)


class Days(Cells):
    """Windows of local days on a date."""

    is_timed = True

    def __init__(self, spec: FieldSpec, now: datetime, zone: ZoneInfo) -> None:
        """Read a field.

        Args:
            spec: The field.
            now: The instant at which conditions are bound that are learnt.
            zone: The zone of local days.
        """
        self._value, self._zone, self._limits = value_of(spec), zone, Limits()
        self._today = day_of(now, zone, "now")

    def learn(self, atom: Atom) -> None:
        """Know the lengths of its windows."""
        self._limits.add(constant - self._today for constant in constants(atom))

    def cell(self, question: Question) -> Hashable:
        """The place of the distance."""
        value = self._value(question.facts)
        return None if value is None else self._limits.place(value - question.today(self._zone))

    def until(self, question: Question) -> datetime | None:
        """The first moment of the day on which a window ends or begins."""
        value = self._value(question.facts)
        if value is None:
            return None
        day = _left(value, value - question.today(self._zone), self._limits, _DAY)
        return None if day is None or day > _FURTHEST else start_of_day(day, self._zone)


class Periods(Cells):
    """Calendar periods of one unit: in the last, this or the next one, before or after them."""

    is_timed = True

    def __init__(self, spec: FieldSpec, unit: str, week_start: str, zone: ZoneInfo) -> None:
        """Read a field.

        Args:
            spec: The field.
            unit: Of the periods.
            week_start: The first day of weeks.
            zone: Whose calendar.
        """
        self._value, self._unit, self._week_start, self._zone = value_of(spec), unit, week_start, zone
        self._is_date = spec.kind is Kind.DATE
        self._of_day: tuple[date, tuple[Any, ...]] | None = None

    def _bounds(self, today: date) -> tuple[Any, ...]:
        """Return the beginnings of the last period, this, the next one and the one after it; kept for a day."""
        kept = self._of_day
        if kept is None or kept[0] != today:
            days = [period(today, self._unit, step, self._week_start)[0] for step in (-1, 0, 1, 2)]
            bounds = tuple(days) if self._is_date else tuple(start_of_day(day, self._zone) for day in days)
            kept = self._of_day = (today, bounds)
        return kept[1]

    def cell(self, question: Question) -> Hashable:
        """How many of the periods have begun by the moment."""
        value = self._value(question.facts)
        return None if value is None else sum(value >= bound for bound in self._bounds(question.today(self._zone)))

    def until(self, question: Question) -> datetime | None:
        """When the present period ends; what lies before the last one stays there."""
        if self.cell(question) in {None, 0}:
            return None
        day = period(question.today(self._zone), self._unit, 1, self._week_start)[0]
        return start_of_day(day, self._zone)


class Yearly(Cells):
    """The yearly return of a date: in how many days."""

    is_timed = True

    def __init__(self, spec: FieldSpec, zone: ZoneInfo) -> None:
        """Read a field.

        Args:
            spec: The field.
            zone: The zone of local days.
        """
        self._value, self._zone, self._windows = value_of(spec), zone, Limits()

    def learn(self, atom: Atom) -> None:
        """Know the lengths of its windows."""
        if isinstance(atom.node, nodes.Anniversary):
            self._windows.add([atom.node.days])

    def cell(self, question: Question) -> Hashable:
        """The place of the number of days among the lengths of windows."""
        value = self._value(question.facts)
        return None if value is None else self._windows.place(self._days(value, question.today(self._zone)))

    def _days(self, value: date, today: date) -> int:
        return (_next_return(value, today) - today).days

    def until(self, question: Question) -> datetime | None:
        """The first moment of the day on which a window begins, or after the return."""
        value = self._value(question.facts)
        if value is None:
            return None
        today = question.today(self._zone)
        days = self._days(value, today)
        window = self._windows.below(days - 1)
        ahead = days + 1 if window is None else days - window
        return start_of_day(today + timedelta(days=ahead), self._zone)


def _next_return(value: date, today: date) -> date:
    this_year = _in_year(value, today.year)
    return this_year if this_year >= today else _in_year(value, today.year + 1)


def _in_year(value: date, year: int) -> date:
    """Return the return of a date in a year; 29 February returns on 1 March of a common year."""
    try:
        return value.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


class Birthdays(Cells):
    """Ages: the whole years since the earliest and since the latest possible birth date."""

    is_timed = True

    def __init__(self, spec: FieldSpec, zone: ZoneInfo) -> None:
        """Read a field.

        Args:
            spec: The field.
            zone: The zone of local days.
        """
        self._value, self._zone = value_of(spec), zone

    def cell(self, question: Question) -> Hashable:
        """Both numbers of years."""
        bounds = self._value(question.facts)
        if bounds is None:
            return None
        first, last = bounds
        today = question.today(self._zone)
        years = _years(first, today)
        return years if first == last else (years, _years(last, today))

    def until(self, question: Question) -> datetime | None:
        """The first moment of the next birthday."""
        bounds = self._value(question.facts)
        if bounds is None:
            return None
        tomorrow = question.today(self._zone) + _DAY
        return start_of_day(min(_next_return(one, tomorrow) for one in bounds), self._zone)


def _years(born: date, today: date) -> int | date:
    """Return the whole years; the first day of the calendar is a case of its own, since no birthday lies before it."""
    if born.year == 1:
        return born
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class Freshness(Cells):
    """Keys of freshness: how far the key lies ahead, among the thresholds of its pool."""

    is_timed = True

    def __init__(self, spec: FieldSpec, now: datetime) -> None:
        """Read the state of a field.

        Args:
            spec: The field.
            now: The instant at which conditions are bound that are learnt.
        """
        self._name, self._now, self._pools = spec.name, to_microseconds(now), dict[str, Limits]()

    def learn(self, atom: Atom) -> None:
        """Know its thresholds."""
        cutoffs = (leaf.cutoffs for leaf in atom.leaves if isinstance(leaf, Fresh))
        for pool, cutoff in chain.from_iterable(cutoffs):
            self._pools.setdefault(pool, Limits()).add([cutoff - self._now])

    def _found(self, question: Question) -> Iterator[tuple[str, int, Limits]]:
        states: Any = question.facts.states
        state = states.get(self._name)
        if state is not None and state.key is not None:
            yield state.pool, state.key, self._pools.get(state.pool, _NONE)

    def cell(self, question: Question) -> Hashable:
        """The pool and the place of the distance; a pool that is not known is a cell that the evaluator refuses."""
        for pool, key, limits in self._found(question):
            return pool, limits.place(key - question.microseconds)
        return None

    def until(self, question: Question) -> datetime | None:
        """When a threshold is passed."""
        for _, key, limits in self._found(question):
            distance = key - question.microseconds
            limit = limits.below(distance)
            if limit is not None:
                return from_microseconds(key - limit + (limit == distance))
        return None


_NONE = Limits()
