"""What a value of a custom attribute must be, by kind: typed and cleaned once, when it is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any, cast

from mimcore.domain.declaring.attributes import is_listed
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Kind
from mimcore.values.instants import as_date, as_instant
from mimcore.values.text import clean

__all__ = ["MAX_ELEMENTS", "checked_value"]

MAX_ELEMENTS = 1000
"""Most elements of one collection."""

_LIMIT = 2000
_INT64 = 2**63


def checked_value(kind: Kind, options: Sequence[str], given: object, field: str) -> Any:
    """Return a value as it is stored; None for nothing.

    Args:
        kind: Kind of the attribute.
        options: Accepted codes, for codes.
        given: What somebody wants to store.
        field: Name used in an error.

    Raises:
        InvalidValueError: If it does not fit; the message never repeats it.

    Examples:
        >>> checked_value(Kind.DATE, (), "2026-03-01", "custom.since")
        datetime.date(2026, 3, 1)
        >>> checked_value(Kind.TAGS, (), ["skiing", " golf "], "custom.clubs")
        ('golf', 'skiing')
    """
    if given is None:
        return None
    if kind in {Kind.TAGS, Kind.CODES}:
        return _collection(kind, options, given, field)
    if kind in {Kind.CODE, Kind.TEXT, Kind.DATE, Kind.INSTANT} and isinstance(given, str) and not given.strip():
        return None
    return _code(options, given, field) if kind is Kind.CODE else _SCALARS[kind](given, field)


def _code(options: Sequence[str], given: object, field: str) -> str:
    text = clean(given, field, 200)
    if text in options:
        return str(text)
    listed = ", ".join(options) if len(options) <= 20 else f"one of the {len(options)} that are declared"
    raise InvalidValueError(field, "is not one of the options", f"use {listed}")


def _collection(kind: Kind, options: Sequence[str], given: object, field: str) -> tuple[str, ...] | None:
    words = list(cast("AbstractSet[object]", given)) if isinstance(given, AbstractSet) else given
    words = [words] if isinstance(words, str) else words
    if not is_listed(words):
        raise InvalidValueError(field, "must be a list of texts", "give a list, a tuple or a set of str")
    if len(words) > MAX_ELEMENTS:
        raise InvalidValueError(field, f"is too long (at most {MAX_ELEMENTS} elements)", "keep long lists elsewhere")
    texts = {text for one in words if (text := clean(one, field, 200)) is not None}
    if kind is Kind.CODES:
        checked = {_code(options, text, field) for text in texts}
        return tuple(option for option in options if option in checked) or None
    return tuple(sorted(texts)) or None


def _boolean(given: object, field: str) -> bool:
    if isinstance(given, bool):
        return given
    raise InvalidValueError(field, "must be true or false", "give a bool")


def _integer(given: object, field: str) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and -_INT64 < given < _INT64:
        return given
    raise InvalidValueError(field, "must be a whole number of 64 bits", "give an int")


def _number(given: object, field: str) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and _is_finite(given):
        return float(given) + 0.0
    raise InvalidValueError(field, "must be a finite number", "give a float or an int")


def _is_finite(given: float) -> bool:
    try:
        return math.isfinite(given)
    except OverflowError:
        return False


def _date(given: object, field: str) -> date:
    return as_date(given, field)


def _instant(given: object, field: str) -> datetime:
    return as_instant(given, field)


def _text(given: object, field: str) -> str | None:
    return clean(given, field, _LIMIT, multiline=True)


_SCALARS: dict[Kind, Callable[[object, str], Any]] = {
    Kind.TEXT: _text,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
}
