"""What a cell can be, judged by its text alone: dates in their three orders, numbers, money, yes and no, addresses.

Every check answers for one cell and shows it to nobody. Not here: what a whole column is (`sniff`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from functools import partial

from mimcore.errors import InvalidValueError
from mimcore.values.codes import country, language
from mimcore.values.email import EmailAddress
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber
from mimcore.values.text import fold

__all__ = [
    "CHECKS",
    "NOTHING",
    "NOTHING_BUT_NAMES",
    "NO_WORDS",
    "YES_WORDS",
    "ColumnKind",
    "DateOrder",
    "best_date_order",
    "is_blank",
    "is_phone",
    "is_placeholder",
    "is_web_address",
    "read_date",
]


class ColumnKind(StrEnum):
    """What the cells of a column are."""

    EMAIL = "email"
    PHONE = "phone"
    PERSON_NAME = "person_name"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    DATE = "date"
    INSTANT = "instant"
    COUNTRY = "country"
    LANGUAGE = "language"
    MONEY = "money"
    NUMBER = "number"
    DAYS_AGO = "days_ago"
    BOOLEAN = "boolean"
    URL = "url"
    POSTAL_CODE = "postal_code"
    CODE = "code"
    FREE_TEXT = "free_text"
    IDENTIFIER = "identifier"
    EXTERNAL_ID = "external_id"
    EMPTY = "empty"


class DateOrder(StrEnum):
    """In which order day, month and year are written; the last says that the data leave two orders open."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    DMY_OR_MDY = "dmy_or_mdy"


NOTHING = frozenset({"n/a", "#n/a", "-", "--", "---"})
"""What says nothing in any column: an import takes it for a missing value."""
NOTHING_BUT_NAMES = frozenset({"null", "none", "nan", "nil", "nat", "(none)", "(blank)", "unknown"})
"""What says nothing in any column but one of names, since people are called Null and None."""
_PLACEHOLDERS = (
    NOTHING
    | NOTHING_BUT_NAMES
    | {
        *("na", ".", "?", "??", "tbd", "not set", "xxx", "undefined"),
        *("unbekannt", "ukendt", "inconnu", "desconocido", "onbekend"),
    }
)
"""What an audit points out. An import keeps those that are in neither of the two above: nothing is lost on a guess."""
YES_WORDS = frozenset(
    [
        *("yes", "y", "true", "t", "1", "on", "ja", "j", "oui", "o", "si", "sí", "s", "sì", "sim", "tak", "kyllä", "x"),
        *("wahr", "sand", "sandt", "sant", "sann", "vrai", "verdadero", "vero", "waar", "verdadeiro", "prawda", "tosi"),
    ]
)
NO_WORDS = frozenset(
    [
        *("no", "n", "false", "f", "0", "off", "nein", "nej", "nei", "nee", "non", "não", "nao", "nie", "ei"),
        *("falsch", "falsk", "falskt", "usann", "usant", "faux", "falso", "onwaar", "fałsz", "falsz", "epätosi"),
    ]
)
_YES_NO = YES_WORDS | NO_WORDS
_NUMBER = re.compile(r"[-+−]?(?:\d+(?:[.,]\d+)?|\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d+)?)(?:[eE][-+]?\d+)?%?")
_CURRENCY = re.compile(r"(?:[€$£¥]|[A-Z]{3}|kr\.?|zł|Kč|Fr\.)", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[^\s.]+(?:\.[^\s.]+)+", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?:[/:?#]\S*)?", re.IGNORECASE)
_POSTAL = re.compile(r"(?=.{3,10}$)(?=.*\d)[A-Z0-9]{1,5}(?:[- ]?[A-Z0-9]{1,5})?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ]) ?(\d{1,2})\2 ?(\d{4})")
_TIME = re.compile(r"(?:T|,? )\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|UTC|[AaPp][Mm]|[+-]\d{2}:?\d{2})?$")


def is_blank(text: str) -> bool:
    """Tell whether a cell is missing: empty or white space."""
    return not text or text.isspace()


def is_placeholder(text: str) -> bool:
    """Tell whether a cell is filled with a word that says nothing, such as 'n/a' or 'NULL'.

    Examples:
        >>> is_placeholder(" N/A "), is_placeholder("Ana")
        (True, False)
    """
    return len(text) <= 20 and text.strip().casefold() in _PLACEHOLDERS


def read_date(text: str, order: DateOrder) -> date | None:
    """Read the date of a date or date-time cell.

    Args:
        text: The cell, for example '31.12.2026', '12/31/2026 10:00', '2026-12-31'.
        order: The order of the column; year-first cells are read in any order, and dots always mean day first.

    Returns:
        The date as written (no time zone is applied), or None if it is none.

    Examples:
        >>> read_date("31.12.2026", DateOrder.DMY), read_date("31/12/2026", DateOrder.MDY)
        (datetime.date(2026, 12, 31), None)
    """
    day_part = _TIME.sub("", text.strip(), count=1) if len(text) <= 40 else ""
    if found := _YEAR_FIRST.fullmatch(day_part):
        if not found[2] and len(day_part) != 8:
            return None
        return _date(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(day_part):
        if order is DateOrder.YMD:
            return None
        is_month_first = order is DateOrder.MDY and found[2] != "."
        day, month = (found[3], found[1]) if is_month_first else (found[1], found[3])
        return _date(found[4], month, day)
    return None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def has_time(text: str) -> bool:
    """Tell whether a cell ends in a time of day, such as '10:30' or 'T10:30:00Z'."""
    return len(text) <= 40 and _TIME.search(text.strip()) is not None


def best_date_order(cells: Iterable[str]) -> tuple[DateOrder, float]:
    """Find the order in which most cells are dates.

    Args:
        cells: Filled cells of a column.

    Returns:
        The order, `DMY_OR_MDY` if both read equally many and the dates would differ; and the share of cells that it
        reads, 0-1.

    Examples:
        >>> best_date_order(["03/04/2026", "25/12/2026"]), best_date_order(["03/04/2026"])
        ((<DateOrder.DMY: 'dmy'>, 1.0), (<DateOrder.DMY_OR_MDY: 'dmy_or_mdy'>, 1.0))
    """
    texts = list(cells)
    read = {
        order: [read_date(text, order) for text in texts] for order in (DateOrder.YMD, DateOrder.DMY, DateOrder.MDY)
    }
    hits = {order: sum(day is not None for day in days) for order, days in read.items()}
    best = max(hits, key=hits.__getitem__)
    if best is not DateOrder.YMD and hits[DateOrder.DMY] == hits[DateOrder.MDY]:
        is_open = read[DateOrder.DMY] != read[DateOrder.MDY]
        best = DateOrder.DMY_OR_MDY if is_open else DateOrder.DMY
    return best, max(hits.values()) / max(len(texts), 1)


def read_days(text: str) -> int | None:
    """Read a whole number of days, or None if it is none.

    Args:
        text: The cell, for example '366'; '366.0' as frames write integers with gaps is read too.

    Examples:
        >>> read_days(" 366 "), read_days("366.5"), read_days("soon")
        (366, None, None)
    """
    found = re.fullmatch(r"\s*(-?\d{1,7})(?:\.0+)?\s*", text)
    return int(found[1]) if found else None


def _accepts(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except InvalidValueError:
        return False
    return True


def is_phone(text: str, region: str | None) -> bool | None:
    """Tell whether a cell is a valid phone number; None for a national number of an unknown country.

    Args:
        text: The cell.
        region: ISO country of national numbers, or None.

    Examples:
        >>> is_phone("+45 32 12 34 56", None), is_phone("32 12 34 56", None), is_phone("1", "DK")
        (True, None, False)
    """
    if region is None and not text.lstrip().startswith(("+", "\uff0b", "tel:+")):
        return None if sum(letter.isdigit() for letter in text) >= 5 else False
    return _accepts(partial(PhoneNumber.parse, region=region), text)


def _is_phone_like(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return 7 <= digits <= 15 and re.fullmatch(r"(?:tel:)?[+\uff0b]?[\d\s()./-]+", text.strip()) is not None


def _is_money(text: str) -> bool:
    rest, found = _CURRENCY.subn("", text, count=1)
    return bool(found) and _NUMBER.fullmatch(rest.strip(" \u00a0\u202f-,.")) is not None


def is_web_address(text: str) -> bool:
    """Tell whether a cell is beyond doubt an address on the web; a bare domain could be the name of a file."""
    return _URL.match(text.strip()) is not None


def is_instant(text: str) -> bool:
    """Tell whether a cell is a date with a time."""
    if not has_time(text):
        return False
    return read_date(text, DateOrder.DMY) is not None or read_date(text, DateOrder.MDY) is not None


CHECKS: dict[ColumnKind, Callable[[str], bool]] = {
    ColumnKind.EMAIL: partial(_accepts, EmailAddress.parse),
    ColumnKind.PHONE: _is_phone_like,
    ColumnKind.PERSON_NAME: partial(_accepts, PersonName.parse),
    ColumnKind.COUNTRY: partial(_accepts, country),
    ColumnKind.LANGUAGE: partial(_accepts, language),
    ColumnKind.INSTANT: is_instant,
    ColumnKind.MONEY: lambda text: _is_money(text) or _NUMBER.fullmatch(text.strip()) is not None,
    ColumnKind.NUMBER: lambda text: _NUMBER.fullmatch(text.strip()) is not None,
    ColumnKind.DAYS_AGO: lambda text: read_days(text) is not None,
    ColumnKind.BOOLEAN: lambda text: fold(text) in _YES_NO,
    ColumnKind.URL: lambda text: is_web_address(text) or _DOMAIN.fullmatch(text.strip()) is not None,
    ColumnKind.POSTAL_CODE: lambda text: _POSTAL.fullmatch(text.strip()) is not None,
}
"""Checks of one filled cell by kind; kinds that are not here cannot be wrong. Dates need an order: `read_date`."""
