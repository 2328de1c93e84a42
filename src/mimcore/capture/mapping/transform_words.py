"""The words for transformations that a declared mapping uses: `read_dates("DMY")`, `split(";")`, `constant("DK")`.

Not here: what each does to a cell (`transforms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from mimcore.capture.mapping.transforms import (
    AsKey,
    Constant,
    DaysBefore,
    Default,
    Filled,
    First,
    MapValues,
    ReadDate,
    ReadMoney,
    Split,
    SplitName,
    Without,
)
from mimcore.values.currencies import currency_code
from mimcore.values.instants import as_date
from mimcore.values.mapping import FrozenMapping

__all__ = [
    "as_key",
    "constant",
    "days_before",
    "default",
    "filled",
    "first",
    "map_values",
    "read_dates",
    "read_money",
    "split",
    "split_name",
    "without",
]


def split_name() -> SplitName:
    """Parse a full name into its parts; what `contact.name` does anyway.

    Examples:
        >>> split_name().apply("Fru Ana Berg").title
        'mrs'
    """
    return SplitName()


def read_dates(order: Literal["DMY", "MDY", "YMD"]) -> ReadDate:
    """Read dates whose day, month and year stand in a declared order.

    Args:
        order: DMY for 31.12.2026, MDY for 12/31/2026, YMD for 2026-12-31, which the others read as well.

    Examples:
        >>> read_dates("DMY").apply("31.12.2026").isoformat()
        '2026-12-31'
    """
    return ReadDate(order=order)


def days_before(day: date | str) -> DaysBefore:
    """Read a number of days and count them back from a day, such as the day on which the file was made.

    Args:
        day: The day from which is counted, a date or YYYY-MM-DD.

    Examples:
        >>> days_before("2026-03-31").apply("30").isoformat()
        '2026-03-01'
    """
    return DaysBefore(day=as_date(day, "day"))


def map_values(values: Mapping[str, str], *, is_closed: bool = True) -> MapValues:
    """Replace words of the file by codes.

    Args:
        values: Code by word; an empty code means a missing value.
        is_closed: Whether words that are not listed are refused.

    Examples:
        >>> map_values({"Kvinde": "female", "?": ""}).apply("kvinde ")
        'female'
    """
    return MapValues(values=FrozenMapping(values), is_closed=is_closed)


def split(separator: str = ";") -> Split:
    """Cut one cell into several values.

    Args:
        separator: What stands between them.

    Examples:
        >>> split(";").apply("cycling; skiing;")
        ('cycling', 'skiing')
    """
    return Split(separator=separator)


def first(separator: str = ";") -> First:
    """Take the first of several values in one cell, such as the first contact of a deal.

    Args:
        separator: What stands between them.

    Examples:
        >>> first().apply("101; 102")
        '101'
    """
    return First(separator=separator)


def read_money(currency: str | None = None, decimal: Literal[".", ","] = ".") -> ReadMoney:
    """Read amounts of one currency, in major units.

    Args:
        currency: ISO 4217 code; left out where a column names it by row, or where the import's `currency=` does.
        decimal: The decimal sign; the other of comma and point groups thousands.

    Examples:
        >>> read_money("DKK", ",").apply("1.249,50").minor_units
        124950
    """
    return ReadMoney(currency=None if currency is None else currency_code(currency, "currency"), decimal=decimal)


def constant(value: str) -> Constant:
    """Give every row the same value.

    Args:
        value: The value, as text.

    Examples:
        >>> constant("DK").apply("")
        'DK'
    """
    return Constant(value=value)


def default(value: str) -> Default:
    """Stand in for a cell that says nothing.

    Args:
        value: The value, as the field takes it.

    Examples:
        >>> default("DK").apply("")
        'DK'
    """
    return Default(value=value)


def filled(value: str) -> Filled:
    """Give one value wherever the cell says anything.

    Args:
        value: The value, as text.

    Examples:
        >>> filled("no").apply("2026-03-01 09:30:00")
        'no'
    """
    return Filled(value=value)


def without(prefix: str) -> Without:
    """Take a mark off the beginning of a cell.

    Args:
        prefix: The mark.

    Examples:
        >>> without("p:").apply("p:+4520123456")
        '+4520123456'
    """
    return Without(prefix=prefix)


def as_key() -> AsKey:
    """Make a key of a title, such as the name of a campaign.

    Examples:
        >>> as_key().apply("Spring Sale: Été 2026")
        'spring-sale-ete-2026'
    """
    return AsKey()
