"""From the text of one cell to the value that a target takes. Errors tell reason and remedy, never the cell.

Not here: which column goes where (`mapping`), and what a row of values makes (`rows`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from itertools import chain
from typing import Any, cast
from zoneinfo import ZoneInfo

from mimcore.capture.mapping.amounts import CURRENCY_OF
from mimcore.capture.mapping.column_kinds import NO_WORDS, NOTHING, NOTHING_BUT_NAMES, YES_WORDS, is_blank
from mimcore.capture.mapping.column_mapping import ColumnMapping
from mimcore.capture.mapping.custom_cells import custom_reader
from mimcore.capture.mapping.exact_cells import exact_reader
from mimcore.capture.mapping.targets import DEAL_MOMENTS, LOCATION_HALVES, Declared, spec_of
from mimcore.capture.mapping.transforms import Constant, Default, Exact
from mimcore.domain.groups import Device, SocialProfile
from mimcore.domain.vocabularies import DeviceKind
from mimcore.errors import InvalidValueError, nearest
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.currencies import currency_code
from mimcore.values.email import EmailAddress
from mimcore.values.instants import as_date, iso_moment
from mimcore.values.names import PersonName
from mimcore.values.text import clean, fold

__all__ = ["CellReader", "is_missing", "moment_of", "yes_or_no"]

_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0+)?")
_REMEMBERED = 4096
_ISO = frozenset({"country", "language"})
"""Vocabularies that the field itself reads in many spellings."""
_DECLARED = ("contact.custom.", "account.custom.")
_DEVICES = frozenset(one.value for one in DeviceKind)


def is_missing(text: str, target: str) -> bool:
    """Tell whether a cell says nothing: blank, or a word for nothing; 'Null' and 'None' are names of people, too.

    Args:
        text: The cell.
        target: What the column becomes.

    Examples:
        >>> is_missing(" n/a ", "contact.name"), is_missing("Null", "contact.name"), is_missing("NULL", "contact.city")
        (True, False, True)
    """
    if is_blank(text):
        return True
    if len(text) > 12:
        return False
    word = text.strip().casefold()
    return word in NOTHING or (word in NOTHING_BUT_NAMES and not target.startswith("contact.name"))


def yes_or_no(text: str) -> bool:
    """Read a word for yes or no in common European languages.

    Raises:
        InvalidValueError: If it is neither.

    Examples:
        >>> yes_or_no("Ja"), yes_or_no("0")
        (True, False)
    """
    word = fold(text)
    if word in YES_WORDS or word in NO_WORDS:
        return word in YES_WORDS
    raise InvalidValueError("", "is neither yes nor no", "write yes or no, true or false, 1 or 0")


def moment_of(value: object, zone: ZoneInfo) -> datetime | date:
    """Read a date or a time of a file; a time without a zone is one of the store's zone.

    Args:
        value: ISO text, a date or a datetime.
        zone: The store's zone.

    Raises:
        InvalidValueError: If it is neither.

    Examples:
        >>> moment_of("2026-03-02 09:00", ZoneInfo("Europe/Copenhagen")).isoformat()
        '2026-03-02T09:00:00+01:00'
    """
    found = value
    if isinstance(value, str):
        try:
            found = iso_moment(value)
        except ValueError:
            found = None
        if isinstance(found, datetime) and len(value.strip()) == 10:
            found = found.date()
    if isinstance(found, datetime):
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)
    if isinstance(found, date):
        return found
    raise InvalidValueError("", "is not a date or time", "write it like 2026-03-02, or declare the order of dates")


class CellReader:
    """Reads the cells of one column. Remembers what it has read, since most columns repeat themselves."""

    def __init__(self, column: ColumnMapping, zone: ZoneInfo, declared: Declared | None = None) -> None:
        """Prepare for a column.

        Args:
            column: The column and its target.
            zone: The store's zone.
            declared: Custom attributes of the store.
        """
        self.column = column
        spec = spec_of(column.field, declared)
        self._read = custom_reader(spec, _of_kind(spec, zone), zone) or _default_of(column.field, spec, zone)
        self._words = frozenset(map(fold, (spec and spec.options) or ()))
        self._default = next((one.value for one in column.transforms if isinstance(one, Default)), None)
        self._is_constant = any(isinstance(one, Constant) for one in column.transforms)
        is_exact = any(isinstance(one, Exact) for one in column.transforms)
        self._exact = exact_reader(column.field, spec) if is_exact else None
        self._known: dict[str, Any] = {}

    def __call__(self, text: str) -> Any:
        """Return the value of a cell, or None where it is missing.

        Args:
            text: The cell.

        Raises:
            InvalidValueError: If it is refused; its field is empty.
        """
        if text in self._known:
            return self._known[text]
        value = self.fresh(text)
        if len(self._known) < _REMEMBERED:
            self._known[text] = value
        return value

    def fresh(self, text: str) -> Any:
        """Return the value of a cell without remembering it.

        Args:
            text: The cell.

        Raises:
            InvalidValueError: If it is refused; its field is empty.
        """
        if self._exact is not None:
            return self._exact(text) if text else None
        if not self._is_constant and is_missing(text, self.column.field) and fold(text) not in self._words:
            return None if self._default is None else self._read(self._default)
        value: Any = text.strip()
        for transform in self.column.transforms:
            if isinstance(value, str):
                value = transform.apply(value)
        if isinstance(value, tuple):
            return tuple(chain.from_iterable(map(self._read, cast("tuple[str, ...]", value))))
        return None if value is None else self._read(value)


Reader = Callable[[Any], Any]


def _default_of(target: str, spec: FieldSpec | None, zone: ZoneInfo) -> Reader:
    """Return what a field makes of text, or of what a transformation has made of it."""
    special: dict[str, Reader] = {
        "contact.name": lambda value: value if isinstance(value, PersonName) else PersonName.parse(value, field=""),
        "contact.emails": lambda value: (EmailAddress.parse(value, field=""),),
        "contact.phones": lambda value: (value,),
        "contact.external_id": lambda value: clean(value, "", 200),
        "account.external_id": lambda value: clean(value, "", 200),
        "contact.social_profiles": _profiles,
        "account.social_profiles": _profiles,
        "observed_at": lambda value: moment_of(value, zone),
        "deal.is_won": yes_or_no,
        "event.value": _plain,  # text is of the currency that the row names, which another cell holds
        **dict.fromkeys(CURRENCY_OF.values(), lambda value: currency_code(value, "")),
        **dict.fromkeys((*DEAL_MOMENTS, "deal.closed_at"), lambda value: moment_of(value, zone)),
    }
    if target in special:
        return special[target]
    if target.startswith("consent."):
        return yes_or_no
    if target.endswith(LOCATION_HALVES):
        return _number
    if ".social_profiles." in target:
        network = target.rpartition(".")[2]
        return lambda value: (_profile(network, value),)
    return _of_kind(spec, zone)


def _profiles(_value: Any) -> Any:
    raise InvalidValueError("", "is a list of profiles", "map one network, such as contact.social_profiles.linkedin")


def _plain(value: Any) -> Any:
    return clean(value, "", 500) if isinstance(value, str) else value


def _of_kind(spec: FieldSpec | None, zone: ZoneInfo) -> Reader:
    if spec is None:
        return _plain
    readers: dict[Kind, Reader] = {
        Kind.BOOLEAN: yes_or_no,
        Kind.INTEGER: _whole,
        Kind.NUMBER: _number,
        Kind.DATE: _day,
        Kind.INSTANT: lambda value: moment_of(value, zone),
        Kind.CODE: lambda value: _word(value, spec),
        Kind.CODES: lambda value: (_word(value, spec),),
        Kind.TAGS: lambda value: (value,),
        Kind.RECORDS: lambda value: (Device(kind=_code(value, _DEVICES)),),
        Kind.MONEY: _money,
    }
    return readers.get(spec.kind, _plain)


def _whole(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value.partition(".")[0])
    raise InvalidValueError("", "is not a whole number", "write digits only")


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    raise InvalidValueError("", "is not a number", "write it like 0.25")


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    text = value[:10] if isinstance(value, str) and len(value) > 10 and value[10] in "T " else value
    return as_date(text, "")


def _code(value: Any, options: frozenset[str] | None) -> Any:
    """Bring 'Non binary' to `non_binary` where the vocabulary is ours; leave the rest to the field itself."""
    if not isinstance(value, str):
        return value
    plain = re.sub(r"[\s-]+", "_", fold(value))
    return plain if options is not None and plain in options else value


def _word(value: Any, spec: FieldSpec) -> Any:
    """Read a word of a vocabulary of ours; the nearest one is proposed, the cell is not shown."""
    word = _code(value, spec.options)
    is_ours = spec.options is not None and spec.vocabulary not in _ISO and not spec.name.startswith(_DECLARED)
    if not is_ours or not isinstance(word, str) or word in (spec.options or ()):
        return word
    known = sorted(spec.options or ())
    reason = f"is not a value of {spec.short}{nearest(re.sub(r'[^a-z]+', '_', fold(word)), known)}"
    raise InvalidValueError("", reason, f"use one of {', '.join(known)}, or map the words of the file")


def _money(value: Any) -> Any:
    if isinstance(value, str):
        raise InvalidValueError("", "is an amount without a currency", "declare it, for example read_money('DKK')")
    return value


def _profile(network: str, value: Any) -> SocialProfile:
    part = "url" if "/" in value else "handle"
    return SocialProfile.model_validate({"network": network, part: value})
