"""An order of contacts in SQL: the columns it sorts by, and what comes after a place. Missing values come last.

Text columns are compared byte for byte on every engine (collation C on PostgreSQL), which is the order of code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, false, literal, or_, select

from mimcore.repositories.ports import Query
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.ordering import ByEvents, ByField, Order, directions
from mimcore.sql.conditions.column_map import ColumnMap, ContactMap
from mimcore.sql.conditions.compiler import compile_condition
from mimcore.sql.types import Guid

__all__ = ["sorted_columns", "sorted_query"]


def sorted_columns(order: Order, columns: ContactMap) -> tuple[ColumnElement[Any], ...]:
    """Return the expressions of a place, in order.

    Args:
        order: Bound order.
        columns: Where the fields' values are.
    """
    found: list[ColumnElement[Any]] = []
    for term in order:
        if isinstance(term, ByEvents):
            found.append(columns.measure(term.leaf, compile_condition))
        else:
            found += _of_field(term, columns)
    return tuple(found)


def _of_field(term: ByField, columns: ContactMap) -> Sequence[ColumnElement[Any]]:
    if term.spec.entity == "account":
        parts = len(_parts(term.spec, columns.account_columns()))
        return [columns.of_account(lambda inner, at=at: _parts(term.spec, inner)[at]) for at in range(parts)]  # type: ignore[misc]
    return _parts(term.spec, columns)


def _parts(spec: FieldSpec, columns: ColumnMap) -> Sequence[ColumnElement[Any]]:
    match spec.kind:
        case Kind.MONEY:
            return [columns.currency(spec), columns.value(spec)]
        case Kind.AGE:
            return [columns.birth_bounds(spec)[0]]
        case _:
            return [columns.value(spec)]


def sorted_query(found: Select[Any], contact_id: ColumnElement[UUID], query: Query, columns: ContactMap) -> Select[Any]:
    """Put a query for the ids of contacts in order, behind the place where it goes on.

    Args:
        found: The query, with the id as its only column and no order.
        contact_id: That column.
        query: Order, place and limit.
        columns: Where the fields' values are.
    """
    keys = sorted_columns(query.order, columns)
    if any(isinstance(term, ByEvents) for term in query.order):
        # Worked out once a contact: the planner would count the events again for each place they are compared at.
        named = [key.label(f"key_{at}") for at, key in enumerate(keys)]
        placed = found.add_columns(*named).cte("placed").prefix_with("MATERIALIZED")
        contact_id, *rest = placed.c
        found, keys = select(contact_id), tuple(rest)
    if query.after is not None:
        found = found.where(_after(keys, query, contact_id))
    ups_and_downs = zip(keys, directions(query.order), strict=True)
    by = ((key.desc() if is_descending else key.asc()).nulls_last() for key, is_descending in ups_and_downs)
    found = found.order_by(*by, contact_id)
    return found if query.limit is None else found.limit(query.limit)


def _after(keys: Sequence[ColumnElement[Any]], query: Query, contact_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    test: ColumnElement[bool] = contact_id > literal(query.after, Guid())
    placed = list(zip(keys, directions(query.order), query.place, strict=True))
    for key, is_descending, value in reversed(placed):
        if value is None:
            test = and_(key.is_(None), test)
            continue
        bound = literal(value, Text() if isinstance(value, str) else key.type)
        behind = or_(false(), key < bound if is_descending else key > bound, key.is_(None))
        test = or_(behind, and_(key == bound, test))
    return test
