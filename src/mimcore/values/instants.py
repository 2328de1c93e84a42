"""Instants and dates: instants are aware and kept in UTC with microseconds, dates have no zone; the two never mix."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from mimcore.errors import InvalidValueError

__all__ = [
    "EARLIEST",
    "LATEST",
    "MICROSECOND",
    "Instant",
    "LocalDate",
    "as_date",
    "as_instant",
    "as_zone",
    "day_of",
    "end_of_day",
    "from_microseconds",
    "iso_moment",
    "start_of_day",
    "to_microseconds",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
"""From one instant to the next."""
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""The first and the last instant there is."""
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 60  # ISO text with an offset to the microsecond has 42 characters; some write more digits of a second
_IN_CALENDAR = "give an instant of the years 1 to 9999"
_REMEDY = "give an aware datetime, or ISO text with a zone such as '2026-03-02T09:00Z'"


def as_instant(value: object, field: str = "instant", *, zone: ZoneInfo | None = None) -> datetime:
    """Read an instant and return it in UTC.

    Args:
        value: An aware datetime, or ISO 8601 text with an offset. A date (or date text) is accepted only with `zone`
            and means the end of that local day, or the last instant there is: '9999-12-31' never comes.
        field: Name used in an error.
        zone: Zone of dates.

    Returns:
        An aware datetime in UTC.

    Raises:
        InvalidValueError: If it is naive, not a time, a date without a zone, or outside the years 1 to 9999 in UTC.

    Examples:
        >>> as_instant("2026-03-02T09:00+01:00").isoformat()
        '2026-03-02T08:00:00+00:00'
    """
    if isinstance(value, str):
        value = _parse(value, field)
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise InvalidValueError(field, "has no time zone", _REMEDY)
        return _in_utc(value, field)
    if isinstance(value, date):
        if zone is None:
            raise InvalidValueError(field, "is a date, not an instant", _REMEDY)
        return end_of_day(value, zone)
    raise InvalidValueError(field, "is not an instant", _REMEDY)


def _in_utc(value: datetime, field: str) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        pass
    raise InvalidValueError(field, "lies beyond the calendar in UTC", _IN_CALENDAR)


def iso_moment(text: str) -> datetime | date:
    """Read ISO 8601 text: a date, or a time with or without a zone.

    Raises:
        ValueError: If it is neither.
    """
    text = text.strip()
    if _DATE_ONLY.fullmatch(text):
        return date.fromisoformat(text)
    if len(text) > _LONGEST:
        raise ValueError
    return datetime.fromisoformat(text)


def _parse(text: str, field: str) -> datetime | date:
    try:
        return iso_moment(text)
    except ValueError:
        pass
    raise InvalidValueError(field, "is not an instant", _REMEDY)


def as_date(value: object, field: str = "date") -> date:
    """Read a date from a date or from text YYYY-MM-DD; a datetime is refused, since its date depends on a zone.

    Raises:
        InvalidValueError: If it is not a date.

    Examples:
        >>> as_date("1990-05-01")
        datetime.date(1990, 5, 1)
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE_ONLY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise InvalidValueError(field, "is not a date", "give a date, or text like '1990-05-01'")


def as_zone(value: str | ZoneInfo | None, field: str = "zone") -> ZoneInfo:
    """Return a time zone by its IANA name; None means UTC.

    Raises:
        InvalidValueError: If there is no such zone.
    """
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value or "UTC")
    except (ValueError, OSError, KeyError):
        pass
    raise InvalidValueError(field, "is not a known time zone", "use an IANA name such as 'Europe/Copenhagen'")


def day_of(instant: datetime, zone: ZoneInfo, field: str) -> date:
    """Return the local date of an instant.

    Args:
        instant: An aware datetime.
        zone: Whose calendar.
        field: Name used in an error.

    Raises:
        InvalidValueError: If that calendar has no such day: it is the year 0 or 10000 there.

    Examples:
        >>> day_of(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Copenhagen"), "now")
        datetime.date(2026, 3, 2)
    """
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        pass
    raise InvalidValueError(field, "lies beyond the calendar of its zone", _IN_CALENDAR)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in UTC.

    A local midnight that a clock change skips is the first instant after it; one that occurs twice is the earlier. The
    first day of the calendar, east of UTC, begins with the first instant there is.

    Examples:
        >>> start_of_day(date(2026, 3, 29), ZoneInfo("Europe/Copenhagen")).isoformat()
        '2026-03-28T23:00:00+00:00'
    """
    wall = datetime.combine(day, time(), tzinfo=zone)
    try:
        instant = wall.astimezone(UTC)
    except OverflowError:
        return EARLIEST
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # A skipped midnight: with the new offset it lies before the change, with the old one at the change or after it.
    before, after = wall.replace(fold=1).astimezone(UTC), instant
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        is_early = middle.astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None)
        before, after = (middle, after) if is_early else (before, middle)
    return after


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last microsecond of a local day, in UTC; of the calendar's last, west of UTC, the last there is.

    Examples:
        >>> end_of_day(date(2026, 3, 2), ZoneInfo("Europe/Copenhagen")).isoformat()
        '2026-03-02T22:59:59.999999+00:00'
    """
    if day == date.max:
        try:
            return datetime.max.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError:
            return LATEST
    return start_of_day(day + timedelta(days=1), zone) - MICROSECOND


def to_microseconds(instant: datetime) -> int:
    """Return whole microseconds since 1970-01-01 UTC.

    Examples:
        >>> to_microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
        1000000
    """
    return (instant - _EPOCH) // MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """Return the instant of whole microseconds since 1970-01-01 UTC; the inverse of `to_microseconds`."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _instant_or_none(value: object) -> object:
    return value if value is None else as_instant(value, "")


def _date_or_none(value: object) -> object:
    return value if value is None else as_date(value, "")


Instant = Annotated[datetime, BeforeValidator(_instant_or_none)]
"""An aware datetime in UTC; ISO text with an offset is read."""

LocalDate = Annotated[date, BeforeValidator(_date_or_none)]
"""A date without a zone; text YYYY-MM-DD is read."""
