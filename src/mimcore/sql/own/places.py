"""Locations in somebody else's table: three columns of whole numbers, since no database's sines are another's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, Integer
from sqlalchemy import cast as as_type

from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.sql.own.columns import Stored, as_column, column_name

__all__ = ["stored_place"]

_REMEDY = "add three columns of whole numbers, fill them with mim.location(latitude, longitude).units, and map them all"


def stored_place(spec: FieldSpec, given: object) -> Stored:
    """Check the columns of a location.

    Args:
        spec: The field.
        given: Three columns, x, y and z.

    Raises:
        InvalidValueError: If they are not three columns of whole numbers.
    """
    if not isinstance(given, list | tuple) or len(cast("Sequence[object]", given)) != 3:
        raise InvalidValueError(spec.name, "is measured by three columns, (x, y, z)", _REMEDY)
    x, y, z = (_whole(spec, as_column(one, spec.name)) for one in cast("Sequence[object]", given))
    return Stored(spec, x, None, "x, y, z of a location", x, units=(x, y, z))


def _whole(spec: FieldSpec, column: ColumnElement[Any]) -> ColumnElement[int]:
    if not isinstance(column.type, Integer):
        raise InvalidValueError(
            f"{spec.name}: column '{column_name(column)}'", f"is of type {column.type!r}, and no whole number", _REMEDY
        )
    return column if isinstance(column.type, BigInteger) else as_type(column, BigInteger())
