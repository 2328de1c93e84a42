"""The two JSON columns of custom attributes: the values as they are, and those forms that rules compare instead.

`custom` holds every value; a date or an instant stands in it as `{"date": "2026-03-01"}` or `{"instant": "…"}`, so that
reading needs no declaration. `custom_folded` holds what is compared, or may be stored, in another form: text and words
folded, dates as ISO text, instants as microseconds since 1970, numbers with a fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, cast

from mimcore.sql.rows.codec import Codec
from mimcore.values.instants import to_microseconds
from mimcore.values.mapping import FrozenMapping
from mimcore.values.text import fold

__all__ = ["custom_cells", "custom_values"]

_WRITTEN_OUT = 1e16
"""From here on PostgreSQL's JSON gives a number without a point, which would be read as a whole one."""


def custom_cells(custom: Mapping[str, Any], codec: Codec) -> tuple[Any, Any]:
    """Return the cells of `custom` and `custom_folded`; NULL for nothing.

    Args:
        custom: Values by name.
        codec: The driver's primitives.

    Examples:
        >>> from mimcore.sql.rows.codec import SQLITE
        >>> custom_cells({"club": "Élan", "points": 7, "since": date(2026, 3, 1)}, SQLITE)[1]
        '{"club":"élan","since":"2026-03-01"}'
    """
    if not custom:
        return None, None
    folded = dict(_compared(custom))
    plain = {name: _written(value) for name, value in custom.items()}
    return codec.put_json(plain), codec.put_json(folded) if folded else None


def custom_values(cell: Mapping[str, Any]) -> FrozenMapping[Any]:
    """Return the values of a `custom` cell.

    Args:
        cell: As the codec read it.
    """
    return FrozenMapping({name: _read(value) for name, value in cell.items()})


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, float) and abs(value) >= _WRITTEN_OUT:
        return {"number": repr(value)}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(cast("list[str]", value))
    if not isinstance(value, dict):
        return value
    ((kind, text),) = cast("dict[str, str]", value).items()
    return _READERS[kind](text)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "number": float,
}


def _compared(custom: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in custom.items():
        if isinstance(value, str):
            yield name, fold(value)
        elif isinstance(value, tuple):
            yield name, [fold(one) for one in cast("tuple[str, ...]", value)]
        elif isinstance(value, datetime):
            yield name, to_microseconds(value)
        elif isinstance(value, date):
            yield name, value.isoformat()
        elif isinstance(value, float):
            yield name, value
