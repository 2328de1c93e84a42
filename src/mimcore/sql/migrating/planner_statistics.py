"""What SQLite's planner is told of the tables: of small ones that they will grow, of grown ones what is in them.

Without statistics SQLite takes "the same tenant" for ten rows, and would rather walk a whole tenant in the order that
is asked for than look up what is asked for: every lookup then costs as much as the table is long, until somebody
gathers statistics. Statistics of a table of five rows are no better once it has a million. So tables with few rows, or
none, are described as they will be: https://sqlite.org/fileformat2.html#the_sqlite_stat1_table
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mimcore.sql.connection.driver_errors import guarded
from mimcore.sql.tables.schema import metadata

__all__ = ["describe_grown", "expect_growth", "is_described"]

FEW = 10_000
"""A table with fewer rows is described as it will be; its own statistics tell of more."""
_LOOKED_AT = 400
"""So many rows of an index are looked at, about."""

_ROWS = 1_000_000
_TENANTS = 10
"""Few, so that nobody thinks a tenant's rows soon found; more than one, so that the others' are not read."""
_ALIKE = 10
"""Rows that have a value of most columns: an address, an id, a city."""
_KINDS = 30
_OF_A_KIND = frozenset({"attribute", "audience_id", "import_id", "kind", "pool", "rule", "segment_id", "source"})
"""Columns of which a value belongs to a whole part of the table; the pools of a contact's keys are more of them."""

_INDEXES = """
    select one.name, index_of.name, index_of."unique",
           (select group_concat(coalesce(name, '')) from pragma_index_info(index_of.name))
    from sqlite_schema as one, pragma_index_list(one.name) as index_of
    where one.type = 'table' and one.name like 'mim\\_%' escape '\\'
"""


class _Index(NamedTuple):
    table: str
    name: str
    is_unique: int
    columns: str


def is_described(connection: Connection) -> bool:
    """Tell whether the planner of a SQLite database has been told of all tables; `ANALYZE` passes over empty ones.

    Args:
        connection: Of SQLite.
    """
    there = _asked(connection, "select 1 from sqlite_schema where name = 'sqlite_stat1'")
    return bool(there) and metadata.tables.keys() <= _known(connection)


def expect_growth(connection: Connection) -> None:
    """Describe tables of which nothing is known as they will be.

    Args:
        connection: Of SQLite; commit afterwards.
    """
    guarded(connection.exec_driver_sql, "analyze sqlite_schema")  # makes the table of statistics
    known = _known(connection)
    told = list(_described(_Index(*row) for row in _asked(connection, _INDEXES) if row[0] not in known))
    if told:
        guarded(connection.exec_driver_sql, "insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)", told)
    guarded(connection.exec_driver_sql, "analyze sqlite_schema")  # the planner reads them again


def describe_grown(connection: Connection) -> None:
    """Look at a sample of each index of the tables that have grown.

    Args:
        connection: Of SQLite.
    """
    sizes = " union all ".join(f"select '{one}', (select max(rowid) from {one})" for one in sorted(metadata.tables))  # noqa: S608 - our own names
    grown = [table for table, rows in _asked(connection, sizes) if (rows or 0) >= FEW]
    if grown:
        guarded(connection.exec_driver_sql, f"pragma analysis_limit = {_LOOKED_AT}")
    for table in grown:
        guarded(connection.exec_driver_sql, f"analyze {table}")


def _described(indexes: Iterable[_Index]) -> Iterator[tuple[str, str, str]]:
    for one in indexes:
        yield one.table, one.name, " ".join(map(str, [_ROWS, *_found(one)]))


def _found(index: _Index) -> list[int]:
    """Return how many rows the first column of an index finds, the first two, and so on."""
    rows, found = _ROWS, list[int]()
    for column in index.columns.split(","):
        if column in _OF_A_KIND or column.endswith("_pool"):
            rows = max(_ALIKE, rows // _KINDS)
        else:
            rows = rows // _TENANTS if column == "tenant" else _ALIKE
        found.append(rows)
    return [*found[:-1], 1] if index.is_unique else found


def _known(connection: Connection) -> set[str]:
    return {row[0] for row in _asked(connection, "select distinct tbl from sqlite_stat1")}


def _asked(connection: Connection, sql: str) -> list[Any]:
    return guarded(lambda: list(connection.exec_driver_sql(sql)))
