"""What differs between the engines: how a transaction begins and ends, how parameters are written, who may write.

SQLite: a writer takes the one write lock at its start (BEGIN IMMEDIATE), readers see the state of their first read.
PostgreSQL: writers work READ COMMITTED under row locks taken in order of ids, readers REPEATABLE READ, READ ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Dialect

from mimcore.errors import StoreError, StoreUrlError
from mimcore.sql.connection.driver_errors import guarded
from mimcore.sql.rows.codec import POSTGRESQL, SQLITE, Codec

__all__ = ["Driving", "driving_of", "in_transaction", "supported"]


class Driving(Protocol):
    """How one engine is driven."""

    @property
    def codec(self) -> Codec:
        """The driver's primitives."""
        ...

    @property
    def counts_many(self) -> bool:
        """Whether the driver tells how many rows a statement with many parameter sets touched."""
        ...

    @property
    def copies(self) -> bool:
        """Whether many rows go faster by COPY."""
        ...

    @property
    def has_many_writers(self) -> bool:
        """Whether several transactions may write at once."""
        ...

    def positional(self, dialect: Dialect) -> Dialect:
        """Return the dialect that statements are compiled with: its parameters stand in order."""
        ...

    def begin(self, connection: Connection, *, is_read_only: bool) -> Connection:
        """Begin a transaction and return the connection to use."""
        ...

    def commit(self, connection: Connection) -> None:
        """Make everything durable."""
        ...

    def rollback(self, connection: Connection) -> None:
        """Undo everything."""
        ...

    def join(self, connection: Connection) -> None:
        """See to it that the host's transaction has really begun, before a savepoint is set in it."""
        ...


def in_transaction(connection: Connection) -> bool:
    """Tell whether the driver has begun a transaction on a SQLite connection."""
    driver: Any = connection.connection.dbapi_connection
    return bool(driver.in_transaction if hasattr(driver, "in_transaction") else driver.driver_connection.in_transaction)


@dataclass(frozen=True, slots=True)
class _Sqlite:
    """The connection is in the driver's autocommit mode: transactions are begun and ended by us alone."""

    codec: Codec = SQLITE
    counts_many: bool = True
    copies: bool = False
    has_many_writers: bool = False

    def positional(self, dialect: Dialect) -> Dialect:
        """It is positional already."""
        return dialect

    def begin(self, connection: Connection, *, is_read_only: bool) -> Connection:
        """Take the write lock now, or only promise to read."""
        guarded(connection.exec_driver_sql, "BEGIN" if is_read_only else "BEGIN IMMEDIATE")
        return connection

    def commit(self, connection: Connection) -> None:
        """Commit."""
        guarded(connection.exec_driver_sql, "COMMIT")

    def rollback(self, connection: Connection) -> None:
        """Undo, if SQLite has not done so by itself, or a cancelled task has closed the connection."""
        if connection.invalidated or not in_transaction(connection):
            return
        try:
            guarded(connection.exec_driver_sql, "ROLLBACK")
        except StoreError:
            if in_transaction(connection):  # otherwise a cancelled statement, stopped in its thread, has just undone it
                raise

    def join(self, connection: Connection) -> None:
        """Python's driver begins before the first write only: a savepoint before that would commit when released."""
        if not in_transaction(connection):
            guarded(connection.exec_driver_sql, "BEGIN IMMEDIATE")


@dataclass(frozen=True, slots=True)
class _Postgresql:
    """SQLAlchemy begins and ends the transactions."""

    counts_many: bool
    codec: Codec = POSTGRESQL
    copies: bool = True
    has_many_writers: bool = True

    def positional(self, dialect: Dialect) -> Dialect:
        """Psycopg takes parameters by place as well as by name."""
        return dialect if dialect.positional else _by_place(cast("Any", type(dialect)))

    def begin(self, connection: Connection, *, is_read_only: bool) -> Connection:
        """Begin: one snapshot for a reader, the newest committed rows for each statement of a writer."""
        level = "REPEATABLE READ" if is_read_only else "READ COMMITTED"
        connection = connection.execution_options(isolation_level=level, postgresql_readonly=is_read_only)
        guarded(connection.begin)
        return connection

    def commit(self, connection: Connection) -> None:
        """Commit."""
        guarded(connection.commit)

    def rollback(self, connection: Connection) -> None:
        """Undo."""
        guarded(connection.rollback)

    def join(self, connection: Connection) -> None:
        """Every statement is in a transaction."""
        del connection


@cache
def _by_place(kind: Any) -> Dialect:
    dialect: Dialect = kind(paramstyle="format")
    return dialect


_DRIVING: dict[str, Driving] = {
    "sqlite": _Sqlite(),
    "psycopg": _Postgresql(counts_many=True),
    "asyncpg": _Postgresql(counts_many=False),
}
_DRIVERS = {"sqlite": ("pysqlite", "aiosqlite"), "postgresql": ("psycopg", "psycopg_async", "asyncpg")}


def supported() -> Sequence[str]:
    """Return the addresses that are understood, as examples."""
    return ("sqlite:///path/to/file.db", "sqlite://", "postgresql://user@host/database")


def driving_of(dialect: Dialect) -> Driving:
    """Return how an engine is driven.

    Args:
        dialect: SQLAlchemy's dialect of its connections.

    Raises:
        StoreUrlError: If it is another database, or a driver that is not tested.
    """
    if dialect.driver not in _DRIVERS.get(dialect.name, ()):
        raise StoreUrlError(
            f"databases of kind {dialect.name} with the driver {dialect.driver} are not supported: "
            f"use {' or '.join(repr(one) for one in supported())}"
        )
    if dialect.name == "sqlite":
        return _DRIVING["sqlite"]
    return _DRIVING["asyncpg" if dialect.driver == "asyncpg" else "psycopg"]
