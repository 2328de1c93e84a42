"""Values as an explanation says them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from mimcore.display import age_in_words, plural, utc_minute
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.money import MAX_MINOR_UNITS, Money

__all__ = ["called", "day", "joined", "minor", "old", "value_words", "years_old"]

_SHOWN = 6
_DAYS_TOLD = 99
"""Up to so many days an age is told in days."""


def called(spec: FieldSpec) -> str:
    """Return a field's name as it stands in a sentence."""
    words = spec.short.replace("_", " ")
    return f"the account's {words}" if spec.entity == "account" else words


def value_words(spec: FieldSpec, value: Any, today: date | None = None) -> str:
    """Return a value as it is read; personal values too, so for whoever may see them.

    Args:
        spec: The field.
        value: What it holds, as the field reads it; None where nothing is known.
        today: The local day, for ages.
    """
    if value is None:
        return "not known"
    match spec.kind:
        case Kind.TAGS | Kind.CODES:
            return joined([str(one) for one in value]) or "none known"
        case Kind.RECORDS:
            return joined([_record(spec, one) for one in value]) or "none known"
        case Kind.AGE:
            return _age(value, today)
        case _:
            return _single(value)


def _single(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Money():
            return value.format()
        case datetime():
            return utc_minute(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _record(spec: FieldSpec, record: Any) -> str:
    """The first thing known that says what the record is."""
    known = (one.read(record) for one in spec.record_fields if one.kind in {Kind.CODE, Kind.TEXT})
    return next((str(one) for one in known if one is not None), "one")


def _age(bounds: tuple[date, date], today: date | None) -> str:
    if today is None:
        return "known"
    oldest, youngest = (years_old(day, today) for day in bounds)
    return str(oldest) if oldest == youngest else f"between {youngest} and {oldest}"


def years_old(birth: date, today: date) -> int:
    """Return the age in whole years; born on 29 February one turns on 1 March.

    Examples:
        >>> years_old(date(2008, 2, 29), date(2026, 2, 28)), years_old(date(2008, 2, 29), date(2026, 3, 1))
        (17, 18)
    """
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def joined(words: Sequence[str]) -> str:
    """Return words as a list, the first few of many.

    Examples:
        >>> joined("abcdefgh")
        'a, b, c, d, e, f and 2 more'
    """
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def old(days: int) -> str:
    """Return the age of a value.

    Examples:
        >>> old(0), old(1), old(40), old(800)
        ('seen today', '1 day old', '40 days old', '2 years old')
    """
    if days < 1:
        return "seen today"
    return f"{plural(days, 'day')} old" if days <= _DAYS_TOLD else f"{age_in_words(days)} old"


def minor(minor_units: int, currency: str) -> str:
    """Return an amount of money; a sum may be larger than any single amount."""
    if abs(minor_units) > MAX_MINOR_UNITS:
        return f"more than {minor(MAX_MINOR_UNITS, currency)}"
    return Money(minor_units=minor_units, currency=currency).format()


def day(moments: Iterable[datetime]) -> str:
    """Return the day of the last of some moments; at least one."""
    return f"{max(moments):%Y-%m-%d}"
