"""Fields that hold a date or an instant: windows round `now`, calendars, anniversaries, clocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeVar

from mimcore.errors import RuleTypeError, nearest
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field, Handle
from mimcore.rules.language.rule import Rule
from mimcore.rules.writing.scalar_fields import OrderedField, ScalarField

__all__ = ["ClockMeasure", "DateField", "ElapsedMeasure", "InstantField", "MomentField", "WeekdayMeasure"]

V = TypeVar("V")
Unit = Literal["day", "week", "month", "quarter", "year"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class MomentField(OrderedField[V]):
    """A date or an instant, with rolling windows round `now`."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def _window(self, op: Any, days: int) -> Rule:
        return nodes.Window(op=op, field=self.spec.name, days=days)

    def within_days(self, days: int) -> Rule:
        """In `[now − days, now]`, both included."""
        return self._window("within_last_days", days)

    def older_than_days(self, days: int) -> Rule:
        """Before `now − days`."""
        return self._window("older_than_days", days)

    def within_next_days(self, days: int) -> Rule:
        """In `(now, now + days]`."""
        return self._window("within_next_days", days)

    def before(self, moment: V | ScalarField[V]) -> Rule:
        """Before this moment, which is not included; the same as `<`."""
        return self < moment

    def after(self, moment: V | ScalarField[V]) -> Rule:
        """After this moment, which is not included; the same as `>`."""
        return self > moment

    def elapsed_days(self) -> ElapsedMeasure:
        """How many days have passed since; compare with `>=` or `<`: `f.contact.acquired_at.elapsed_days() >= 365`."""
        return ElapsedMeasure(self.spec.name)

    def in_this(self, unit: Unit, *, week_start: Weekday | None = None, zone: str | None = None) -> Rule:
        """In the local day, week, month, quarter or year that `now` lies in.

        Args:
            unit: Kind of period.
            week_start: First day of a week; Monday unless given.
            zone: IANA name; the zone that the rule is bound with unless given.
        """
        return self._calendar("this", unit, week_start, zone)

    def in_last(self, unit: Unit, *, week_start: Weekday | None = None, zone: str | None = None) -> Rule:
        """In the complete local period before the present one; parameters as in `in_this`."""
        return self._calendar("last", unit, week_start, zone)

    def in_next(self, unit: Unit, *, week_start: Weekday | None = None, zone: str | None = None) -> Rule:
        """In the local period after the present one; parameters as in `in_this`."""
        return self._calendar("next", unit, week_start, zone)

    def _calendar(self, period: Any, unit: Any, week_start: Any, zone: str | None) -> Rule:
        return nodes.CalendarWindow(field=self.spec.name, period=period, unit=unit, week_start=week_start, zone=zone)

    def weekday(self, *, zone: str | None = None) -> WeekdayMeasure:
        """The local day of the week: `f.event.at.weekday().is_in("saturday", "sunday")`."""
        return WeekdayMeasure(self.spec.name, zone)


class DateField(MomentField[date | str]):
    """A date without a time; windows count local days in the rule's zone."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def anniversary(self, *, within_days: int) -> Rule:
        """The yearly return falls in the local days `[today, today + within_days]`; 29 February returns on 1 March."""
        return nodes.Anniversary(field=self.spec.name, days=within_days)


class InstantField(MomentField[datetime | str]):
    """An instant; windows count days of 86 400 seconds."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def hour(self, *, zone: str | None = None) -> ClockMeasure:
        """The local hour, 0 to 23: `f.event.at.hour(zone="Europe/Copenhagen").is_between(18, 22)`."""
        return ClockMeasure(self.spec.name, zone)


@dataclass(frozen=True, eq=False)
class ElapsedMeasure(Handle):
    """Days that have passed since a moment: of 86 400 s for instants, local ones for dates."""

    name: str
    _comparing: ClassVar[str] = ">= or <, such as (x >= low) & (x < high)"

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.{self.name}.elapsed_days()"

    def __ge__(self, days: int) -> Rule:
        """At least so many."""
        return nodes.Elapsed(field=self.name, days=days)

    def __lt__(self, days: int) -> Rule:
        """Fewer than so many; a moment to come has passed by none."""
        return ~(self >= days)


@dataclass(frozen=True, eq=False)
class ClockMeasure(Handle):
    """The hour that a local clock shows at a moment."""

    name: str
    zone: str | None
    _comparing: ClassVar[str] = ".is_in(...) or .is_between(...)"

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.{self.name}.hour()"

    def is_in(self, *hours: int | Iterable[int]) -> Rule:
        """One of these hours, 0 to 23."""
        return nodes.ClockTest(op="hour_is_in", field=self.name, values=_whole(hours), zone=self.zone)

    def is_between(self, first: int, last: int) -> Rule:
        """From the first hour to the end of the last; over midnight where the last is smaller.

        Examples:
            >>> from mimcore import fields as f
            >>> f.event.at.hour().is_between(22, 1).values
            (22, 23, 0, 1)
        """
        span = range(first, last + 1) if first <= last else [*range(first, 24), *range(last + 1)]
        return self.is_in(span)


@dataclass(frozen=True, eq=False)
class WeekdayMeasure(Handle):
    """The local day of the week at a moment."""

    name: str
    zone: str | None
    _comparing: ClassVar[str] = ".is_in(...)"

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.{self.name}.weekday()"

    def is_in(self, *days: Weekday) -> Rule:
        """One of these days.

        Raises:
            RuleTypeError: If one is no day of the week; with the nearest.
        """
        wrong = [day for day in days if day not in _WEEKDAYS]
        if wrong:
            raise RuleTypeError(f"this is no day of the week{nearest(str(wrong[0]), _WEEKDAYS)}")
        values = tuple(_WEEKDAYS.index(day) + 1 for day in days)
        return nodes.ClockTest(op="weekday_is_in", field=self.name, values=values, zone=self.zone)


def _whole(values: Iterable[int | Iterable[int]]) -> tuple[int, ...]:
    return tuple(one for value in values for one in ((value,) if isinstance(value, int) else value))
