"""Cells that come back exactly: from a plain value to the text of a cell, and from that text to the field's value.

The one form is that of machines: ISO dates, instants in UTC, decimals with a point, JSON for lists and records. For
people, lists are parted by semicolons where that loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from mimcore.domain.custom.attributes import CustomSpec
from mimcore.domain.declaring.attributes import is_listed, is_mapping
from mimcore.domain.groups import Device, SocialProfile
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.email import EmailAddress
from mimcore.values.instants import as_date, as_instant
from mimcore.values.model import FrozenModel
from mimcore.values.money import money

__all__ = ["LIST_SIGN", "cell_of", "exact_reader", "json_of", "text_of"]

LIST_SIGN = "; "
"""What parts the words of a list in a cell for people."""

_RECORDS: Mapping[str, type[FrozenModel]] = {"devices": Device, "social_profiles": SocialProfile}


def json_of(value: Any) -> Any:
    """Return a plain value as JSON has it: dates and decimals are text, so that nothing is rounded.

    Args:
        value: A value of an export column.

    Examples:
        >>> json_of(Decimal("249.50")), json_of([date(2026, 3, 1)])
        ('249.50', ['2026-03-01'])
    """
    if is_listed(value):
        return [json_of(one) for one in value]
    if is_mapping(value):
        return {name: json_of(one) for name, one in value.items()}
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def cell_of(value: Any, *, is_for_people: bool) -> Any:
    """Return what a CSV file holds: numbers stay numbers, everything else is text.

    Args:
        value: A value of an export column.
        is_for_people: Whether a list may be parted by semicolons.

    Examples:
        >>> (
        ...     cell_of(["golf", "wine"], is_for_people=True),
        ...     cell_of(["a;b"], is_for_people=True),
        ...     cell_of(-5, is_for_people=True),
        ... )
        ('golf; wine', '["a;b"]', -5)
    """
    if is_listed(value):
        return _list_cell(value, is_for_people=is_for_people)
    return value.isoformat() if isinstance(value, date) else value


def _list_cell(value: Sequence[Any], *, is_for_people: bool) -> str | None:
    if not value:
        return None
    if is_for_people and all(isinstance(one, str) and ";" not in one for one in value) and value[0][0] != "[":
        return LIST_SIGN.join(value)
    return json.dumps(json_of(value), ensure_ascii=False, separators=(",", ":"))


def text_of(value: Any) -> str:
    """Return the text by which `exact_reader` knows a value that a file gave back: JSON, Arrow or text.

    Args:
        value: Text, a number, a list …; None is an empty text.

    Examples:
        >>> text_of(None), text_of(True), text_of(["golf"]), text_of(Decimal("1.50"))
        ('', 'true', '["golf"]', '1.50')
    """
    if value is None or (is_listed(value) and not value):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(json_of(value), ensure_ascii=False)
    return str(json_of(value))


def exact_reader(target: str, spec: FieldSpec | None) -> Callable[[str], Any]:
    """Return what reads the cells of a column that an export has written.

    Nothing is guessed: no word counts as missing, nothing is stripped, no order of dates is tried.

    Args:
        target: What the column becomes; see `mimcore.capture.mapping.targets`.
        spec: The field of that name, or None.
    """
    if target == "contact.emails":
        return lambda text: tuple(EmailAddress.parse(one, field="") for one in _words(text))
    if target == "contact.phones":
        return lambda text: tuple(_words(text))
    if spec is None:
        return lambda text: text
    read = _of_kind(spec)
    if isinstance(spec, CustomSpec) and spec.declaration is not None:
        declaration = spec.declaration
        return lambda text: declaration.value(read(text))
    return read


def _of_kind(spec: FieldSpec) -> Callable[[str], Any]:
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.BOOLEAN: _boolean,
        Kind.INTEGER: lambda text: _number(text, int, "a whole number"),
        Kind.NUMBER: lambda text: _number(text, float, "a number"),
        Kind.MONEY: _money,
        Kind.DATE: lambda text: as_date(text, ""),
        Kind.INSTANT: lambda text: as_instant(text, ""),
        Kind.TAGS: lambda text: tuple(_words(text)),
        Kind.CODES: lambda text: tuple(_words(text)),
        Kind.RECORDS: lambda text: _records(text, spec),
    }
    return readers.get(spec.kind, lambda text: text)


def _boolean(text: str) -> bool:
    if text in {"true", "false"}:
        return text == "true"
    raise InvalidValueError("", "is neither true nor false", "write true or false")


def _number(text: str, kind: type[int | float], what: str) -> int | float:
    try:
        return kind(text)
    except ValueError:
        pass
    raise InvalidValueError("", f"is not {what}", "write digits")


def _money(text: str) -> Any:
    amount, _, currency = text.partition(" ")
    if not currency:
        raise InvalidValueError("", "is an amount without a currency", "fill in the column of its currency")
    return money(amount, currency)


def _words(text: str) -> Sequence[str]:
    if not text.startswith("["):
        return text.split(LIST_SIGN)
    found = _json(text)
    if not is_listed(found) or not all(isinstance(one, str) for one in found):
        raise InvalidValueError("", "is not a list of words", 'write it as JSON, like ["golf","wine"]')
    return found


def _records(text: str, spec: FieldSpec) -> tuple[Any, ...]:
    model, found = _RECORDS[spec.short], _json(text)
    if not is_listed(found):
        raise InvalidValueError("", "is not a list of records", "write it as JSON")
    return tuple(model.model_validate(one) for one in found)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        pass
    raise InvalidValueError("", "is not JSON", "write it as an export writes it")
