"""What the oracle writes out once more: Kleene's tables, folding, ages, wildcards, calendar periods, local days."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Answer = bool | None
ANY, ONE, SKIP = "\ue000", "\ue001", "\\"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def kleene_and(answers: list[Answer]) -> Answer:
    """False wins, then unknown."""
    return False if any(one is False for one in answers) else None if any(one is None for one in answers) else True


def kleene_or(answers: list[Answer]) -> Answer:
    """True wins, then unknown."""
    return True if any(one is True for one in answers) else None if any(one is None for one in answers) else False


def kleene_not(one: Answer) -> Answer:
    """Unknown stays unknown."""
    return {True: False, False: True, None: None}[one]


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Comparable text."""
    once = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def great_circle_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two points in radians, by the haversine formula."""
    (latitude, longitude), (its_latitude, its_longitude) = one, other
    across = math.cos(latitude) * math.cos(its_latitude) * math.sin((its_longitude - longitude) / 2) ** 2
    haversine = math.sin((its_latitude - latitude) / 2) ** 2 + across
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, haversine)))


def same(text: str) -> str:
    """Text of codes, as it is."""
    return text


@lru_cache(maxsize=4096)
def wild(pattern: str, *, is_code: bool) -> str:
    """A pattern with its wildcards marked, and its literal text folded; codes are not folded."""
    marked, characters = "", iter(pattern)
    for one in characters:
        marked += next(characters) if one == SKIP else {"*": ANY, "?": ONE}.get(one, one)
    return marked if is_code else folded(marked)


def fits(pattern: str, text: str) -> bool:
    """Whether a marked pattern covers the whole text: all ways are tried."""
    if not pattern:
        return not text
    if pattern[0] == ANY:
        return any(fits(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in {ONE, text[0]} and fits(pattern[1:], text[1:])


def age(born: date, day: date) -> int:
    """Whole years; who was born on 29 February grows older on 1 March in common years."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)


def returns_on(born: date, day: date) -> bool:
    """Whether a day is the anniversary; 29 February returns on 1 March in common years."""
    if (day.month, day.day) == (born.month, born.day):
        return True
    is_common = (date(day.year, 3, 1) - date(day.year, 2, 28)).days == 1
    return is_common and (born.month, born.day) == (2, 29) and (day.month, day.day) == (3, 1)


def _of_period(day: date, unit: str, week_start: str) -> Any:
    """What all days of one period share, and no other day."""
    if unit == "week":
        while WEEKDAYS[day.weekday()] != week_start:
            day -= timedelta(days=1)
        return day
    return {
        "day": day,
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
    }[unit]


@lru_cache(maxsize=4096)
def period(today: date, which: str, unit: str, week_start: str) -> tuple[date, date]:
    """The first day of this, the last or the next period, and the first day after it: walked day by day."""
    first = _first(today, unit, week_start)
    if which == "last":
        first = _first(first - timedelta(days=1), unit, week_start)
    elif which == "next":
        first = _after(first, unit, week_start)
    return first, _after(first, unit, week_start)


def _first(day: date, unit: str, week_start: str) -> date:
    own = _of_period(day, unit, week_start)
    while _of_period(day - timedelta(days=1), unit, week_start) == own:
        day -= timedelta(days=1)
    return day


def _after(day: date, unit: str, week_start: str) -> date:
    own = _of_period(day, unit, week_start)
    while _of_period(day, unit, week_start) == own:
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=4096)
def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The first instant at which a local calendar shows the day: minutes are tried, from 26 hours before noon UTC."""
    at = datetime.combine(day, time(12), UTC) - timedelta(hours=26)
    while at.astimezone(zone).date() < day:
        at += timedelta(hours=1)
    at -= timedelta(hours=1)
    while at.astimezone(zone).date() < day:
        at += timedelta(minutes=1)
    return at
