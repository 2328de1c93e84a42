"""Named transformations of cells: what a column needs so that its text becomes a value. Plain data, hence storable.

Not here: what a field makes of its text without any (`cells`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from mimcore.capture.mapping.column_kinds import DateOrder, has_time, read_date
from mimcore.errors import InvalidValueError
from mimcore.values.currencies import currency_code
from mimcore.values.instants import LocalDate
from mimcore.values.mapping import FrozenMapping
from mimcore.values.match_keys import plain_letters
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money, money
from mimcore.values.names import PersonName
from mimcore.values.text import fold

__all__ = [
    "AsKey",
    "Constant",
    "DaysBefore",
    "Default",
    "Exact",
    "Filled",
    "First",
    "MapValues",
    "ReadDate",
    "ReadMoney",
    "Split",
    "SplitName",
    "Transform",
    "Without",
    "as_transforms",
]

_AMOUNT = re.compile(r"[+-]?[0-9.]+")
_DAYS = re.compile(r"\d{1,6}(?:\.0+)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}\S*?)\s?([AaPp][Mm]|)((?:Z|UTC|[+-]\d{2}:?\d{2})?)$")
SIGNS: Mapping[str, str] = {"EUR": "€", "GBP": "£", "PLN": "zł", "CZK": "Kč"}
"""Signs that one currency has; dollars and crowns have several, so that their signs name none."""
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


class First(FrozenModel):
    """Take the first of several values in one cell."""

    do: Literal["first"] = "first"
    separator: Annotated[str, Field(min_length=1, max_length=5)] = ";"

    def apply(self, text: str) -> str | None:
        """Return the first part that is not empty."""
        return next((part for part in (one.strip() for one in text.split(self.separator)) if part), None)


class ReadMoney(FrozenModel):
    """Read amounts of one currency, given in major units; without one, a column of its own names it by row."""

    do: Literal["money"] = "money"
    currency: str | None = None
    decimal: Literal[".", ","] = "."

    def apply(self, text: str) -> Money | str:
        """Return the amount, as text where its currency is not known here."""
        plain = self.plain(text)
        return plain if self.currency is None else money(plain, currency_code(self.currency, ""))

    def plain(self, text: str) -> str:
        """Return the digits; the other of comma and point, spaces and apostrophes group thousands."""
        grouping = "," if self.decimal == "." else "."
        bare = text.strip() if self.currency is None else _without_currency(text.strip(), self.currency)
        plain = re.sub(rf"[\s'’{re.escape(grouping)}]", "", bare).replace(self.decimal, ".")
        # What parts no group of three is the decimal sign of another land: '10,00' is not one thousand.
        is_other = re.search(rf"{re.escape(grouping)}\d{{0,2}}(?:\D*$|{re.escape(self.decimal)})", bare)
        if is_other or not _AMOUNT.fullmatch(plain):
            raise InvalidValueError("", "is not an amount", "write it like '1249.50', in the currency of the column")
        return plain


class Constant(FrozenModel):
    """Give every row the same value; the mapping names no column then."""

    do: Literal["constant"] = "constant"
    value: str

    def apply(self, text: str) -> str:
        """Return the value, whatever the text."""
        del text
        return self.value


class Default(FrozenModel):
    """Stand in for a cell that says nothing; one that says something stays as it is."""

    do: Literal["default"] = "default"
    value: Annotated[str, Field(min_length=1, max_length=200)]

    def apply(self, text: str) -> str:
        """Return the text; the value stands in only where there is none."""
        return text or self.value


class Filled(FrozenModel):
    """Give one value wherever the cell says anything, such as the instant at which somebody unsubscribed."""

    do: Literal["filled"] = "filled"
    value: Annotated[str, Field(min_length=1, max_length=200)]

    def apply(self, text: str) -> str | None:
        """Return the value; None for a cell that is empty."""
        return self.value if text.strip() else None


class Without(FrozenModel):
    """Take a mark off the beginning of a cell, such as the `p:` that Meta puts before phone numbers."""

    do: Literal["without"] = "without"
    prefix: Annotated[str, Field(min_length=1, max_length=20)]

    def apply(self, text: str) -> str:
        """Return the text without the mark, wherever it has it."""
        return text.removeprefix(self.prefix).strip()


class AsKey(FrozenModel):
    """Make a key of a title: small letters and digits, parted by hyphens."""

    do: Literal["key"] = "key"

    def apply(self, text: str) -> str:
        """Return the key."""
        words = (plain_letters(word) for word in re.split(r"[\W_]+", text))
        key = "-".join("".join(letter for letter in word if letter.isascii()) for word in words if word)[:80].strip("-")
        if not key:
            raise InvalidValueError("", "has no letter for a key", "write it in Latin letters")
        return key


class Exact(FrozenModel):
    """Take the cell as an export wrote it: nothing is guessed, stripped or taken for missing; see `read_export`."""

    do: Literal["exact"] = "exact"

    def apply(self, text: str) -> str:
        """Return the text as it is; what it means is for the field to say."""
        return text


Transform = Annotated[
    SplitName
    | ReadDate
    | DaysBefore
    | MapValues
    | Split
    | First
    | ReadMoney
    | Constant
    | Exact
    | Default
    | Filled
    | Without
    | AsKey,
    Field(discriminator="do"),
]
"""Any transformation."""

_READER: TypeAdapter[Any] = TypeAdapter(Transform)
_NAMES = tuple(str(one.model_fields["do"].default) for one in get_args(get_args(Transform)[0]))


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


def _without_currency(text: str, currency: str) -> str:
    """Take the column's own currency off an amount, as code or as a sign that only it has."""
    for sign in (currency, SIGNS.get(currency, currency)):
        if text.upper().startswith(sign.upper()):
            return text[len(sign) :]
        if text.upper().endswith(sign.upper()):
            return text[: -len(sign)]
    return text


def _clock(text: str) -> Any:
    found = _CLOCK.search(text.strip())
    if found is not None:
        hour, rest, half, zone = int(found[1]), found[2], found[3].upper(), found[4].replace("UTC", "Z")
        is_twelve = bool(half) and 1 <= hour <= 12
        hour = hour % 12 + 12 * (half == "PM") if is_twelve else hour
        try:
            return datetime.fromisoformat(f"2000-01-01 {hour:02}:{rest}{zone}").timetz()
        except ValueError:
            pass
    raise InvalidValueError("", "has a time that is not understood", "write it like 09:30 or 09:30:00+02:00")
