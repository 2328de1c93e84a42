"""Named transformations of cells: what a column needs so that its text becomes a value. Plain data, hence storable.

Not here: what a field makes of its text without any (`cells`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from mimcore.capture.column_kinds import DateOrder, has_time, read_date
from mimcore.errors import InvalidValueError
from mimcore.values.currencies import currency_code
from mimcore.values.instants import LocalDate, as_date
from mimcore.values.mapping import FrozenMapping
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money, money
from mimcore.values.names import PersonName
from mimcore.values.text import fold

__all__ = [
    "Constant",
    "DaysBefore",
    "Exact",
    "MapValues",
    "ReadDate",
    "ReadMoney",
    "Split",
    "SplitName",
    "Transform",
    "as_transforms",
    "constant",
    "days_before",
    "map_values",
    "read_dates",
    "read_money",
    "split",
    "split_name",
]

_AMOUNT = re.compile(r"[+-]?[0-9.]+")
_DAYS = re.compile(r"\d{1,6}(?:\.0+)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}.*$")
_ORDERS: Mapping[str, DateOrder] = {"DMY": DateOrder.DMY, "MDY": DateOrder.MDY, "YMD": DateOrder.YMD}


class SplitName(FrozenModel):
    """Parse a full name into its parts."""

    do: Literal["split_name"] = "split_name"

    def apply(self, text: str) -> PersonName:
        """Return the name."""
        return PersonName.parse(text, field="")


class ReadDate(FrozenModel):
    """Read dates whose day, month and year stand in a declared order; a time of day may follow."""

    do: Literal["date"] = "date"
    order: Literal["DMY", "MDY", "YMD"] = "YMD"

    def apply(self, text: str) -> date | datetime:
        """Return the date; a naive time if the cell has one."""
        day = read_date(text, _ORDERS[self.order])
        if day is None:
            raise InvalidValueError("", f"is not a date in the order {self.order}", "change the cell, or the order")
        return datetime.combine(day, _clock(text)) if has_time(text) else day


class DaysBefore(FrozenModel):
    """Read a number of days and count them back from a day."""

    do: Literal["days_before"] = "days_before"
    day: LocalDate

    def apply(self, text: str) -> date:
        """Return the day that lies so many days before."""
        if not _DAYS.fullmatch(text):
            raise InvalidValueError("", "is not a number of days", "write digits only")
        days = int(text.partition(".")[0])
        if days >= self.day.toordinal():
            raise InvalidValueError("", "is too long ago", "give days, not another unit")
        return self.day - timedelta(days=days)


class MapValues(FrozenModel):
    """Replace words of the file by codes; letter case and outer spaces do not count."""

    do: Literal["map"] = "map"
    values: FrozenMapping[str]
    is_closed: bool = True
    """Whether a word that is not listed is refused; otherwise it passes."""

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {fold(word): code for word, code in self.values.items()}

    def apply(self, text: str) -> str | None:
        """Return the code; an empty one means a missing value."""
        found = self._folded.get(fold(text))
        if found is None and self.is_closed:
            raise InvalidValueError("", "is a word that the map does not have", "add it to the map of this column")
        return text if found is None else (found or None)


class Split(FrozenModel):
    """Cut one cell into several values."""

    do: Literal["split"] = "split"
    separator: Annotated[str, Field(min_length=1, max_length=5)] = ";"

    def apply(self, text: str) -> tuple[str, ...]:
        """Return the parts that are not empty."""
        return tuple(part for part in (one.strip() for one in text.split(self.separator)) if part)


class ReadMoney(FrozenModel):
    """Read amounts of one currency, given in major units."""

    do: Literal["money"] = "money"
    currency: str
    decimal: Literal[".", ","] = "."

    def apply(self, text: str) -> Money:
        """Return the amount; the other of comma and point, spaces and apostrophes group thousands."""
        grouping = "," if self.decimal == "." else "."
        plain = re.sub(rf"[\s'’{re.escape(grouping)}]", "", text.strip()).replace(self.decimal, ".")
        if not _AMOUNT.fullmatch(plain):
            raise InvalidValueError("", "is not an amount", "write it like '1249.50', without the currency")
        return money(plain, currency_code(self.currency, ""))


class Constant(FrozenModel):
    """Give every row the same value; the mapping names no column then."""

    do: Literal["constant"] = "constant"
    value: str

    def apply(self, text: str) -> str:
        """Return the value, whatever the text."""
        del text
        return self.value


class Exact(FrozenModel):
    """Take the cell as an export wrote it: nothing is guessed, stripped or taken for missing; see `read_export`."""

    do: Literal["exact"] = "exact"

    def apply(self, text: str) -> str:
        """Return the text as it is; what it means is for the field to say."""
        return text


Transform = Annotated[
    SplitName | ReadDate | DaysBefore | MapValues | Split | ReadMoney | Constant | Exact, Field(discriminator="do")
]
"""Any transformation."""

_READER: TypeAdapter[Any] = TypeAdapter(Transform)
_NAMES = ("split_name", "date", "days_before", "map", "split", "money", "constant", "exact")


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


def read_money(currency: str, decimal: Literal[".", ","] = ".") -> ReadMoney:
    """Read amounts of one currency, in major units.

    Args:
        currency: ISO 4217 code.
        decimal: The decimal sign; the other of comma and point groups thousands.

    Examples:
        >>> read_money("DKK", ",").apply("1.249,50").minor_units
        124950
    """
    return ReadMoney(currency=currency_code(currency, "currency"), decimal=decimal)


def constant(value: str) -> Constant:
    """Give every row the same value.

    Args:
        value: The value, as text.

    Examples:
        >>> constant("DK").apply("")
        'DK'
    """
    return Constant(value=value)


def as_transforms(given: object, column: str) -> tuple[Any, ...]:
    """Read transformations from plain data.

    Args:
        given: One or several: an object, its dict (`{"do": "date", "order": "DMY"}`), or the name of one that has no
            options.
        column: The column they are for, for an error.

    Raises:
        InvalidValueError: If it is none of the known ones.

    Examples:
        >>> as_transforms({"do": "split", "separator": "|"}, "tags")[0].separator
        '|'
    """
    listed: list[Any] = list(given) if isinstance(given, list | tuple) else [] if given is None else [given]  # pyright: ignore[reportUnknownArgumentType]
    return tuple(_as_transform(one, column) for one in listed)


def _as_transform(given: object, column: str) -> Any:
    data = {"do": given} if isinstance(given, str) else given
    try:
        return _READER.validate_python(data)
    except (ValidationError, InvalidValueError):
        pass
    raise InvalidValueError(
        f"transforms of '{column}'", "are not known or lack an option", f"use one of {', '.join(_NAMES)}"
    )


def _clock(text: str) -> Any:
    found = _CLOCK.search(text.strip())
    try:
        return datetime.fromisoformat(f"2000-01-01 {found[0] if found else ''}").timetz()
    except ValueError:
        pass
    raise InvalidValueError("", "has a time that is not understood", "write it like 09:30 or 09:30:00+02:00")
