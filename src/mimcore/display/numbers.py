"""Numbers as people read them: grouped counts, percentages, shares, durations, ages and instants.

Groups of three are parted by U+202F (narrow no-break space), which ISO 80000-1 asks for and no line breaks at; the
same space stands before a unit. The decimal sign is a point. Nothing here depends on a locale. Parsing numbers is
not done here.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal

from mimcore.errors import InvalidValueError

__all__ = ["MISSING", "THIN", "age_in_words", "count", "duration", "number", "percent", "plural", "share", "utc_minute"]

THIN = "\u202f"
"""The narrow no-break space between groups of digits and before units."""

MISSING = "–"
"""What is shown where there is no value."""

_MINUS = "\u2212"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def count(value: int | None) -> str:
    """Return a whole number with grouped digits.

    Args:
        value: The number; `None` is shown as `MISSING`.

    Examples:
        >>> count(12040).replace(THIN, " ")
        '12 040'
    """
    return MISSING if value is None else _signed(f"{value:,}")


def plural(value: int, noun: str) -> str:
    """Return a number of things.

    Args:
        value: How many.
        noun: What one of them is called; an s makes it many.

    Examples:
        >>> plural(1, "event"), plural(0, "event"), plural(1200, "event").replace(THIN, " ")
        ('1 event', '0 events', '1 200 events')
    """
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def number(value: float | Decimal | None, digits: int = 2) -> str:
    """Return a number with grouped digits and at most `digits` decimals, trailing zeros left out.

    Args:
        value: The number, finite; `None` is shown as `MISSING`.
        digits: The most decimals to show, 0 or more. Halves are rounded to even.

    Raises:
        InvalidValueError: The number is infinite or not a number.

    Examples:
        >>> number(1234.5).replace(THIN, " "), number(3.0), number(0.126)
        ('1 234.5', '3', '0.13')
    """
    if value is None:
        return MISSING
    text = f"{_finite(value):,.{digits}f}"
    return _signed(text.rstrip("0").rstrip(".") if "." in text else text)


def percent(rate: float | Decimal | None, digits: int = 1) -> str:
    """Return a rate (1 is all) as a percentage that never rounds something to nothing or nearly all to all.

    Args:
        rate: The rate, finite, usually 0 to 1; `None` is shown as `MISSING`.
        digits: Decimals of the percentage, 0 or more.

    Raises:
        InvalidValueError: The rate is infinite or not a number.

    Examples:
        >>> [percent(rate).replace(THIN, " ") for rate in (0.0512, 0.00001, 0.99999, 0, 1)]
        ['5.1 %', '< 0.1 %', '> 99.9 %', '0 %', '100 %']
    """
    if rate is None:
        return MISSING
    exact = _finite(rate)
    rounded = round(abs(exact) * 100, digits)
    smallest = Decimal(1).scaleb(-digits)
    if exact in {0, 1}:
        return f"{exact * 100:.0f}{THIN}%"
    if rounded == 0:
        return f"{'<' if exact > 0 else '>'}{THIN}{_MINUS if exact < 0 else ''}{smallest}{THIN}%"
    if rounded == 100 and abs(exact) < 1 and exact > 0:
        return f">{THIN}{100 - smallest}{THIN}%"
    return f"{_signed(f'{exact * 100:,.{digits}f}')}{THIN}%"


def share(part: int, whole: int, digits: int = 1) -> str:
    """Return a part of a whole as counts and as a percentage.

    Args:
        part: How many, 0 or more.
        whole: Of how many, 0 or more. Of none there is no percentage, and none is shown.
        digits: Decimals of the percentage.

    Examples:
        >>> share(616, 12040).replace(THIN, " ")
        '616 of 12 040 (5.1 %)'
        >>> share(0, 0)
        '0 of 0'
    """
    counts = f"{count(part)} of {count(whole)}"
    return f"{counts} ({percent(Decimal(part) / whole, digits)})" if whole else counts


def duration(seconds: float | None) -> str:
    """Return a span of time in the two units that matter.

    Args:
        seconds: Seconds, finite; `None` is shown as `MISSING`.

    Raises:
        InvalidValueError: The number of seconds is infinite or not a number.

    Examples:
        >>> [duration(s).replace(THIN, " ") for s in (0.0123, 4.2, 75, 7_800, 100_000)]
        ['12 ms', '4.2 s', '1 min 15 s', '2 h 10 min', '1 d 3 h']
    """
    if seconds is None:
        return MISSING
    sign, length = (_MINUS if _finite(seconds) < 0 else ""), abs(seconds)
    return sign + (_short(length) if length < _MINUTE - 0.5 else _long(round(length)))


def age_in_words(days: float | None) -> str:
    """Return an age in the largest unit that still says enough; whole units, rounded down.

    Days up to two weeks, weeks up to 60 days, months (of 30.44 days) up to two years, then years (of 365.25 days).

    Args:
        days: Days, finite; a negative age lies in the future. `None` is shown as "unknown".

    Raises:
        InvalidValueError: The number of days is infinite or not a number.

    Examples:
        >>> [age_in_words(days) for days in (0, 1, 45, 400, 800, -3)]
        ['less than a day', '1 day', '6 weeks', '13 months', '2 years', 'in 3 days']
    """
    if days is None:
        return "unknown"
    length = float(abs(_finite(days)))
    for limit, unit_days, unit in ((1, 0.0, ""), (14, 1.0, "day"), (60, 7.0, "week"), (730.5, 30.4375, "month")):
        if length < limit:
            words = _units(length, unit_days, unit) if unit else "less than a day"
            break
    else:
        words = _units(length, 365.25, "year")
    return f"in {words}" if days < 0 else words


def utc_minute(at: datetime) -> str:
    """Return an instant in UTC to the minute.

    Args:
        at: An aware instant.

    Examples:
        >>> utc_minute(datetime.fromisoformat("2026-03-01T13:00:59+01:00"))
        '2026-03-01 12:00 UTC'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _units(length: float, unit_days: float, unit: str) -> str:
    """Name a whole number of units."""
    return plural(int(length // unit_days), unit)


def _short(seconds: float) -> str:
    """Write less than a minute."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}{THIN}ms"
    return f"{seconds:.1f}{THIN}s" if seconds < 9.95 else f"{seconds:.0f}{THIN}s"


def _long(seconds: int) -> str:
    """Write a minute or more."""
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}{THIN}min {seconds % _MINUTE:02d}{THIN}s"
    if seconds < _DAY:
        return f"{seconds // _HOUR}{THIN}h {seconds % _HOUR // _MINUTE:02d}{THIN}min"
    return f"{count(seconds // _DAY)}{THIN}d {seconds % _DAY // _HOUR}{THIN}h"


def _signed(text: str) -> str:
    """Put our group and minus signs in place of Python's, and no sign before a zero."""
    unsigned = text.lstrip("-").replace(",", THIN)
    return _MINUS + unsigned if text.startswith("-") and unsigned.strip("0.") else unsigned


def _finite(value: float | Decimal) -> Decimal:
    """Return the value exactly, unless it is infinite or not a number."""
    if not math.isfinite(value):
        raise InvalidValueError("number", "must be finite", "NaN and infinities cannot be shown as figures")
    return Decimal(value)
