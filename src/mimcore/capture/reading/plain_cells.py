"""From what a frame, a JSON object or a database holds to the text that would stand in a file.

Objects inside objects become columns with dots in their names; lists of plain values are joined with semicolons.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, cast

from mimcore.errors import InvalidValueError
from mimcore.values.text import is_absent

__all__ = ["cell_text", "flattened"]

SEPARATOR = ";"
_MAX_DEPTH = 8


def cell_text(value: object) -> str:
    """Write one cell of a frame, dict or document as it would stand in a file.

    Args:
        value: Anything; None, NaN, NaT and NA are missing and give an empty text. A whole float (how pandas holds
            integers with gaps) is written without decimals, times as ISO 8601, lists with semicolons.

    Raises:
        InvalidValueError: If it has no text: bytes that are not UTF-8, a list whose items hold a semicolon.

    Examples:
        >>> [cell_text(value) for value in ("Ana", None, float("nan"), 45.0, True, date(2026, 3, 1), ["a", "b"])]
        ['Ana', '', '', '45', 'true', '2026-03-01', 'a;b']
    """
    if isinstance(value, str):
        return value
    if is_absent(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return _other(value)


def _other(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else ""
    if isinstance(value, bytes | bytearray):
        return _decoded(bytes(value))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=cell_text)
    if isinstance(value, list | tuple | set | frozenset) or type(value).__name__ == "ndarray":
        return _joined([cell_text(item) for item in cast("Any", value)])
    return str(value)


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    raise InvalidValueError("", "holds bytes that are no text", "leave the column out, or write it as text")


def _joined(items: list[str]) -> str:
    if any(SEPARATOR in item for item in items):
        raise InvalidValueError("", "is a list whose items hold a semicolon", "write one column an item")
    return SEPARATOR.join(item for item in items if item)


def flattened(record: Mapping[Any, object]) -> dict[str, object]:
    """Bring a document of objects in objects to one level.

    Args:
        record: Its names and values.

    Returns:
        Value by dotted name; lists of objects are numbered from 1, lists of plain values stay lists.

    Raises:
        InvalidValueError: If it is nested more than eight deep, or two of its paths have the same dotted name.

    Examples:
        >>> flattened({"name": {"given": "Ana"}, "tags": ["a", "b"], "phones": [{"no": "1"}, {"no": "2"}]})
        {'name.given': 'Ana', 'tags': ['a', 'b'], 'phones.1.no': '1', 'phones.2.no': '2'}
    """
    found: dict[str, object] = {}
    for name, value in _leaves(record, "", 1):
        if name in found:
            raise InvalidValueError("", "has two values of one name", "rename one of them")
        found[name] = value
    return found


def _leaves(record: Mapping[Any, object], before: str, depth: int) -> Iterator[tuple[str, object]]:
    if depth > _MAX_DEPTH:
        raise InvalidValueError("", f"is nested more than {_MAX_DEPTH} deep", "bring it to fewer levels")
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from _leaves(cast("Mapping[Any, object]", value), f"{name}.", depth + 1)
        elif _holds_objects(value):
            numbered = {str(place): item for place, item in enumerate(cast("list[object]", value), start=1)}
            yield from _leaves(numbered, f"{name}.", depth + 1)
        else:
            yield name, value


def _holds_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping | list) for item in cast("list[object]", value))
