"""Counting for an audit: what is tallied per column and per key while the rows go by; no cell is kept, only hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from mimcore.capture.mapping.column_kinds import (
    CHECKS,
    ColumnKind,
    DateOrder,
    is_blank,
    is_phone,
    is_placeholder,
    read_date,
    read_days,
)
from mimcore.capture.mapping.sniff import ColumnGuess
from mimcore.errors import InvalidValueError
from mimcore.values.codes import country
from mimcore.values.email import EmailAddress
from mimcore.values.match_keys import name_key
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber

__all__ = ["ColumnTally", "KeyTally", "RowReader"]

_REMEMBERED = 20_000
_YEAR_DAYS = 365
_DATES = frozenset({ColumnKind.DATE, ColumnKind.INSTANT})


class ColumnTally:
    """Counts of one column; see `ColumnAudit` for their meaning."""

    def __init__(self, guess: ColumnGuess, today: date | None) -> None:
        """Start at nothing.

        Args:
            guess: What the column is.
            today: The day that ages refer to, or None.
        """
        self.guess = guess
        self._today = today
        self.is_checked = guess.kind in CHECKS or guess.kind in _DATES
        is_dated = guess.kind in _DATES and today is not None and guess.field != "contact.demographic.birth_date"
        self.has_ages = is_dated or guess.kind is ColumnKind.DAYS_AGO
        self.filled = self.missing = self.placeholders = 0
        self.valid = self.invalid = self.unchecked = self.over_a_year = self.future = 0
        self.values: set[int] = set()
        check = CHECKS.get(guess.kind)
        self._check = lru_cache(_REMEMBERED)(check) if check else None
        self._phone = lru_cache(_REMEMBERED)(is_phone)

    def add(self, cell: str, region: str | None) -> None:
        """Count one cell.

        Args:
            cell: The cell as text.
            region: Country of the row, for phone numbers.
        """
        if is_blank(cell):
            self.missing += 1
            return
        if is_placeholder(cell):
            self.placeholders += 1
            return
        self.filled += 1
        self.values.add(hash(cell.strip()))
        if self.is_checked:
            self._judge(cell, region)

    def _judge(self, cell: str, region: str | None) -> None:
        verdict = self._verdict(cell, region)
        if verdict is None:
            self.unchecked += 1
        elif verdict:
            self.valid += 1
        else:
            self.invalid += 1

    def _verdict(self, cell: str, region: str | None) -> bool | None:
        if self.guess.kind is ColumnKind.PHONE:
            return self._phone(cell, region)
        if self.guess.kind in _DATES:
            day = read_date(cell, self.guess.date_order or DateOrder.YMD)
            if day is not None and self._today is not None and self.has_ages:
                self._age((self._today - day).days)
            return day is not None
        if self.guess.kind is ColumnKind.DAYS_AGO:
            days = read_days(cell)
            self._age(days or 0)
            return days is not None
        return None if self._check is None else self._check(cell)

    def _age(self, days: int) -> None:
        self.over_a_year += days > _YEAR_DAYS
        self.future += days < 0


class KeyTally:
    """How many rows have each key of one kind."""

    def __init__(self, by: str, places: Sequence[int], key: Callable[..., str | None]) -> None:
        """Start at nothing.

        Args:
            by: What the key is, for people.
            places: Columns whose cells make the key; none if the source lacks them.
            key: Makes the key from these cells and the region, or None.
        """
        self.by = by
        self.is_used = bool(places)
        self.counts: Counter[int] = Counter()
        self._places = tuple(places)
        self._key = key

    def add(self, cells: Sequence[str], region: str | None) -> None:
        """Count the key of one row, if it has one."""
        if self.is_used:
            key = self._key([cells[place] for place in self._places], region)
            if key is not None:
                self.counts[hash(key)] += 1


class RowReader:
    """Passes each row to the columns and keys that count it."""

    def __init__(self, guesses: Sequence[ColumnGuess], today: date | None, region: str | None) -> None:
        """Prepare the tallies.

        Args:
            guesses: What the columns are.
            today: The day that ages refer to, or None.
            region: Country of phone numbers in rows without one.
        """
        self.columns = [ColumnTally(guess, today) for guess in guesses]
        kinds = [guess.kind for guess in guesses]
        fields = [guess.field for guess in guesses]
        self._country = fields.index("contact.demographic.country") if "contact.demographic.country" in fields else None
        self._region = region
        self._code = lru_cache(_REMEMBERED)(_country_code)
        whole = _first(kinds, ColumnKind.PERSON_NAME)
        halves = _first(fields, "contact.name.given") + _first(fields, "contact.name.family")
        self.keys = (
            KeyTally("e-mail", _first(kinds, ColumnKind.EMAIL), _email_key),
            KeyTally("phone", _first(kinds, ColumnKind.PHONE), _phone_key),
            KeyTally("name", halves if len(halves) > 1 else whole, _name_key),
        )

    def add(self, cells: Sequence[str]) -> None:
        """Count one row, as wide as there are columns."""
        region = self._region
        if self._country is not None:
            region = self._code(cells[self._country]) or region
        for tally, cell in zip(self.columns, cells, strict=True):
            tally.add(cell, region)
        for key in self.keys:
            key.add(cells, region)


def _first(given: Sequence[object], wanted: object) -> list[int]:
    return [given.index(wanted)] if wanted in given else []


def _country_code(cell: str) -> str | None:
    try:
        return country(cell)
    except InvalidValueError:
        return None


def _email_key(cells: Sequence[str], _region: str | None) -> str | None:
    try:
        return EmailAddress.parse(cells[0]).match_key
    except InvalidValueError:
        return None


def _phone_key(cells: Sequence[str], region: str | None) -> str | None:
    try:
        return PhoneNumber.parse(cells[0], region=region).match_key
    except InvalidValueError:
        return None


def _name_key(cells: Sequence[str], _region: str | None) -> str | None:
    """One cell is parsed as a whole name; two are given and family name. Half a name is no key."""
    try:
        name = PersonName.parse(cells[0]) if len(cells) == 1 else PersonName(given=cells[0], family=cells[1])
    except InvalidValueError:
        return None
    return name_key(name)
