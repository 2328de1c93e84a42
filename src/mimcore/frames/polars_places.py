"""Locations in Polars: each different one is brought to its whole numbers once, with the sines that Python has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from mimcore.errors import InvalidValueError
from mimcore.values.location import Location

__all__ = ["axes", "units_of_pair"]

Units = tuple[int, int, int]
Measure = Callable[[Any], Units | None]


def axes(measure: Measure, column: str) -> tuple[Callable[[pl.Series], pl.Series], ...]:
    """Return what makes the columns x, y and z of one column; what one has worked out, the others look up.

    Args:
        measure: Returns the whole numbers of a location; None where there is none.
        column: The frame's column, for a refusal.
    """
    known: dict[Any, Units | None] = {}
    return tuple(partial(_axis, axis=axis, measure=measure, known=known, name=column) for axis in range(3))


def units_of_pair(pair: tuple[float | None, float | None]) -> Units | None:
    """Return the whole numbers of a pair of degrees; None where one is missing.

    Args:
        pair: Latitude and longitude.

    Raises:
        InvalidValueError: If one is outside its bounds.
    """
    latitude, longitude = pair
    if latitude is None or longitude is None:
        return None
    return Location(latitude=latitude, longitude=longitude).units


def _axis(column: pl.Series, *, axis: int, measure: Measure, known: dict[Any, Units | None], name: str) -> pl.Series:
    values = [None if one is None else _plain(one) for one in column.to_list()]
    for value in set(values) - known.keys():
        known[value] = None if value is None else _measured(value, measure, name)
    found = [None if (units := known[value]) is None else units[axis] for value in values]
    return pl.Series(column.name, found, dtype=pl.Int64)


def _plain(value: Any) -> Any:
    return (value["latitude"], value["longitude"]) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType]


def _measured(value: Any, measure: Measure, name: str) -> Units | None:
    try:
        return measure(value)
    except InvalidValueError as error:
        reason = error.reason
    raise InvalidValueError(f"column '{name}'", f"holds a location that {reason}", "give degrees (WGS 84)")
