"""The order of recording inside statements: rows numbered by the database itself, and how far everybody has come."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal, literal_column, text

from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.tables.schema import numbers

__all__ = ["has_settled", "new_id", "next_number", "place"]


def next_number(wire: Wire, order: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the expression that numbers the rows of an ordered query.

    Args:
        wire: A transaction; tell it by `has_numbered` how many rows were written.
        order: What the query is ordered by.
    """
    if wire.has_many_writers:
        return numbers.next_value()
    return literal(wire.last_number(), BigInteger()) + func.row_number().over(order_by=order)


def new_id(wire: Wire) -> ColumnElement[Any]:
    """Return the expression that draws an id inside the database."""
    return func.gen_random_uuid() if wire.has_many_writers else func.randomblob(literal_column("16"))


def place(wire: Wire) -> tuple[int, int]:
    """Return the last number that was given out, and below which transaction's number others may be open.

    Where one transaction writes at a time, no other is.
    """
    if not wire.has_many_writers:
        return wire.last_number(), 0
    number = int(wire.rows(_LAST_NUMBER)[0][0])  # before the horizon: whoever drew it is below that then
    return number, int(wire.rows(_HORIZON)[0][0])


def has_settled(wire: Wire, horizon: int) -> bool:
    """Tell whether all transactions below a number are over."""
    return not wire.has_many_writers or int(wire.rows(_OLDEST)[0][0]) >= horizon


_LAST_NUMBER = Prepared(text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM mim_sequence"))
_HORIZON = Prepared(text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)"))
_OLDEST = Prepared(text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"))
