"""The statements that every aggregate needs, built once per table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    union_all,
    update,
)

from mimcore.sql.connection.copying import Bulk
from mimcore.sql.connection.wire import Prepared
from mimcore.sql.expressions.elements import in_ids

__all__ = ["Statements", "listed_once", "owned", "read_columns", "statements"]


def read_columns(table: Table) -> list[Any]:
    """Return the columns that a record is read from: all but tenant and place in the order of recording."""
    return [column for column in table.c if column.name not in {"tenant", "sequence"}]


@dataclass(frozen=True, slots=True)
class Statements:
    """Prepared statements of one table."""

    insert: Prepared
    update: Prepared
    """Parameters: the written columns without tenant and id, then tenant, id and the version so far."""
    remove: Prepared
    get: Prepared
    page: Prepared
    """Records after an id, in order of ids; parameters `after` and `size`."""
    versions: Prepared


def owned(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a row is the tenant's, and more conditions."""
    return and_(table.c.tenant == bindparam("tenant"), *conditions)


def listed_once(name: str, *parts: Select[Any]) -> Select[Any]:
    """Return several lists of ids as one, to stand behind IN.

    Not an OR of lists, for which PostgreSQL would read the whole table for each row asked for. It is made before use:
    without statistics a tenant is taken for a dozen rows, and each of thousands would have it made anew.

    Args:
        name: Of the list, in the statement.
        parts: What it is made of, each one column; the first is called `id`.
    """
    listed = union_all(*parts).cte(name).prefix_with("MATERIALIZED", dialect="postgresql")
    return select(listed.c.id)


@cache
def statements(table: Table, written: tuple[str, ...], read: tuple[str, ...]) -> Statements:
    """Build the statements of an aggregate's table.

    Args:
        table: With the key (tenant, id) and a version.
        written: Columns that are written; tenant and id first.
        read: Columns that are read.
    """
    columns = [table.c[name] for name in read]
    given: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in written[2:]}
    at_version = owned(table, table.c.id == bindparam("at_id"), table.c.version == bindparam("at_version"))
    after = select(*columns).where(owned(table, table.c.id > bindparam("after")))
    return Statements(
        insert=Prepared(insert(table), written),
        update=Prepared(
            update(table).where(at_version).values(given),
            bulk=Bulk(table, (*written[2:], "tenant", "id"), ("tenant", "id"), replaces=True, version="version"),
        ),
        remove=Prepared(delete(table).where(owned(table, in_ids(table.c.id, "ids")))),
        get=Prepared(select(*columns).where(owned(table, in_ids(table.c.id, "ids")))),
        page=Prepared(after.order_by(table.c.id).limit(bindparam("size"))),
        versions=Prepared(select(table.c.id, table.c.version).where(owned(table, in_ids(table.c.id, "ids")))),
    )
