"""The SQL engine of a store: opens the database, checks its tables, and hands out transactions.

On SQLite: write-ahead log, foreign keys on, `synchronous=FULL`. A writing transaction takes the one write lock at its
start (BEGIN IMMEDIATE), so it never fails half way because somebody else wrote; reading ones never wait. On PostgreSQL
writers lock the rows that they change, in order of ids, and readers see one snapshot.

A back end may be used by any number of threads, each transaction by one at a time. After a fork the child opens
connections of its own; a transaction that was open at the fork stays the parent's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, Self

from sqlalchemy import Connection, Engine, StaticPool

from mimcore.errors import ClosedError, StoreError
from mimcore.repositories.turn import ThreadTurn, Turn
from mimcore.sql.connection.dialects import driving_of
from mimcore.sql.connection.driver_errors import guarded
from mimcore.sql.connection.engines import new_engine, parsed_url, pragmas, require_greenlet
from mimcore.sql.connection.wire import GUEST, Ends, Wire
from mimcore.sql.migrating import migrate
from mimcore.sql.migrating.planner_statistics import describe_grown, expect_growth, is_described
from mimcore.sql.tables.schema import DEFAULT_TENANT
from mimcore.sql.transaction import SqlTransaction

__all__ = ["Durability", "Schema", "SqlBackend", "guest_transaction"]

Durability = Literal["full", "normal"]
Schema = Literal["auto", "upgrade", "verify"]
_TOLD, _VERIFIED = "mimcore_told", "mimcore_verified"
"""What a connection remembers: that it keeps foreign keys and waits; that the tables behind it are right."""


class SqlBackend:
    """A store's engine on a SQL database.

    A database in memory is one connection: its readers see what an open writer has written so far. Everything else is
    the same as on a file. Every transaction must be ended by `commit` or `rollback`.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> from mimcore.repositories.ports import Query
        >>> backend = SqlBackend.connect("sqlite://")
        >>> work = backend.begin()
        >>> work.contacts.add([Contact(country="DK", version=1)])
        >>> work.commit()
        >>> len(backend.begin(is_read_only=True).contacts.find(Query()))
        1
    """

    def __init__(
        self,
        engine: Engine,
        *,
        tenant: str = DEFAULT_TENANT,
        durability: Durability = "full",
        schema: Schema = "verify",
        wait_seconds: float = 30.0,
        turn: Turn | None = None,
        is_own: bool = False,
    ) -> None:
        """Use an engine of the application; it stays the application's, and its journal mode is left alone.

        Args:
            engine: SQLAlchemy's engine, on SQLite or PostgreSQL.
            tenant: Whose records are seen; part of every key.
            durability: For SQLite: `full` survives a loss of power, `normal` may lose the last transactions then.
            schema: `verify` checks the tables, `auto` also creates them in an empty database, `upgrade` also upgrades.
            wait_seconds: How long a writer waits for another one.
            turn: The queue of SQLite's writers in this process; one among threads unless given.
            is_own: Whether the engine is closed with the back end.

        Raises:
            StoreUrlError: If the engine is on another database.
            SchemaOutOfDateError: If the tables are not those of this version.
        """
        self._driving = driving_of(engine.dialect)
        self.name = engine.dialect.name
        self.engine, self._tenant = engine, tenant
        self._wait_seconds, self._durability = wait_seconds, durability
        self._is_sqlite, self._is_single = self.name == "sqlite", isinstance(engine.pool, StaticPool)
        self._is_own, self._is_closed, self._has_written = is_own, False, False
        self._turn: Turn = turn or ThreadTurn(wait_seconds)
        self._given_turn, self._process = turn, os.getpid()
        self._prepare(schema)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        tenant: str = DEFAULT_TENANT,
        durability: Durability = "full",
        schema: Schema = "auto",
        wait_seconds: float = 30.0,
        turn: Turn | None = None,
        is_async: bool = False,
    ) -> Self:
        """Open a database by its address; the tables are created if it is empty.

        Args:
            url: `sqlite:///file.db`, `sqlite://` for a database in memory, or `postgresql://user@host/database`.
            tenant: Whose records are seen.
            durability: See the constructor.
            schema: See the constructor.
            wait_seconds: How long a writer waits for another one.
            turn: See the constructor.
            is_async: Whether to use an asynchronous driver; this call and all others then belong into
                `sqlalchemy.util.greenlet_spawn`.

        Raises:
            StoreUrlError: If the address is not understood; the message does not repeat it.
            MissingExtraError: If its driver is not installed.
            SchemaOutOfDateError: If the database was made by another version.
            StoreError: If it cannot be opened.
        """
        engine = new_engine(parsed_url(url, is_async=is_async), wait_seconds, durability)
        try:
            return cls(
                engine,
                tenant=tenant,
                durability=durability,
                schema=schema,
                wait_seconds=wait_seconds,
                turn=turn,
                is_own=True,
            )
        except BaseException:
            engine.dispose()
            raise

    def begin(self, *, is_read_only: bool = False) -> SqlTransaction:
        """Open a transaction.

        Args:
            is_read_only: A reading one sees the state that was committed when it began, and never waits for a writer.

        Raises:
            StoreError: If this thread is writing already, or somebody else writes for longer than `wait_seconds`.
            ClosedError: If the back end was closed.
        """
        self._require_open()
        if is_read_only:
            return SqlTransaction(self._reading(), _nothing)
        wire, end = self._writing()
        return SqlTransaction(wire, end)

    def _reading(self) -> Wire:
        if self._is_single:
            return Wire(self._connection(), self._driving, self._tenant, is_read_only=True, ends=Ends.SHARED)
        wire = Wire(self._begun(is_read_only=True), self._driving, self._tenant, is_read_only=True)
        try:
            wire.setting("")  # SQLite takes its snapshot at the first read, not at BEGIN; so does PostgreSQL
        except BaseException:
            wire.rollback()
            raise
        return wire

    def _writing(self) -> tuple[Wire, Callable[[], None]]:
        pass_on = _nothing if self._driving.has_many_writers else self._turn.take()
        try:
            wire = Wire(self._begun(is_read_only=False), self._driving, self._tenant, is_read_only=False)
        except BaseException:
            pass_on()
            raise
        self._has_written = True
        return wire, pass_on

    def _begun(self, *, is_read_only: bool) -> Connection:
        connection = self._connection()
        try:
            if self._is_single and self._is_own:
                self._driving.rollback(connection)  # one that a task had begun when it was cancelled
            return self._driving.begin(connection, is_read_only=is_read_only)
        except BaseException:
            connection.close()
            raise

    def _connection(self) -> Connection:
        self._notice_fork()
        if self.engine.dialect.is_async:
            require_greenlet()
        connection = guarded(self.engine.connect)
        if not self._is_sqlite:
            return connection
        if not self._is_own and not _is_autocommit(connection):
            # Only then does the driver leave BEGIN to us; SQLAlchemy restores the host's setting when it is given back.
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not self._is_own and _TOLD not in connection.info:
            for pragma in pragmas(wait_seconds=self._wait_seconds, durability=self._durability):
                guarded(connection.exec_driver_sql, f"PRAGMA {pragma}")
            connection.info[_TOLD] = True
        return connection

    def _notice_fork(self) -> None:
        """Leave the parent's connections to the parent: two processes on one connection destroy each other's work."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._turn = self._given_turn or ThreadTurn(self._wait_seconds)
            if not self._is_single:
                self.engine.dispose(close=False)

    def _prepare(self, wanted: Schema) -> None:
        connection = self._connection()
        try:
            if wanted == "upgrade":
                migrate.upgrade(connection)
                self._driving.commit(connection)
            elif wanted == "auto" and not migrate.has_tables(connection):
                self._create(connection)
            migrate.verify(connection)
            if self._is_sqlite and not is_described(connection):
                self._describe(connection)
        finally:
            self._give_back(connection)

    def _describe(self, connection: Connection) -> None:
        """Tell SQLite's planner of tables that a host's own migrations have made, if the file may be written to now."""
        with suppress(StoreError):
            guarded(connection.exec_driver_sql, "PRAGMA busy_timeout=0")
            expect_growth(connection)
        guarded(connection.exec_driver_sql, f"PRAGMA busy_timeout={int(self._wait_seconds * 1000)}")

    def _create(self, connection: Connection) -> None:
        """Create the tables; whoever comes second finds them."""
        self._driving.rollback(connection)
        migrate.create_once(connection)
        self._driving.commit(connection)

    def _give_back(self, connection: Connection) -> None:
        self._driving.rollback(connection)
        guarded(connection.close)

    def setting(self, name: str) -> str | None:
        """Return a stored setting of the database."""
        self._require_open()
        wire = self._reading()
        try:
            return wire.setting(name)
        finally:
            wire.rollback()

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting of the database, in a transaction of its own."""
        self._require_open()
        wire, pass_on = self._writing()
        try:
            wire.keep_setting(name, value)
            wire.commit()
        finally:
            pass_on()

    def add_setting(self, name: str, value: str) -> str:
        """Store a setting unless there is one, and return the one that stands, in a transaction of its own."""
        self._require_open()
        wire, pass_on = self._writing()
        try:
            standing = wire.add_setting(name, value)
            wire.commit()
        finally:
            pass_on()
        return standing

    def close(self) -> None:
        """Let nothing begin any more; files and connections are released, unless the engine is the application's."""
        if self._is_own and not self._is_closed:
            self._gather_statistics()
            self.engine.dispose()
        self._is_closed = True

    def _gather_statistics(self) -> None:
        """Let SQLite look at a sample of each index, so that its planner knows which one is worth reading."""
        if not self._is_sqlite or self._is_single or not self._has_written:
            return
        with suppress(StoreError):
            connection = self._connection()
            try:
                guarded(connection.exec_driver_sql, "PRAGMA busy_timeout=0")
                describe_grown(connection)
            finally:
                self._give_back(connection)

    def _require_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the store is closed: connect again")


def guest_transaction(connection: Connection, *, tenant: str = DEFAULT_TENANT) -> SqlTransaction:
    """Work inside a host's open transaction: what is written is committed or rolled back with the host's own rows.

    Args:
        connection: The host's connection. It stays the host's, and so does its transaction.
        tenant: Whose records are seen.

    Returns:
        A transaction over a savepoint: its `commit` keeps the savepoint, its `rollback` undoes to it.

    Raises:
        SchemaOutOfDateError: If the database has no tables of this version; looked up once a connection.
        StoreError: If SQLite does not keep foreign keys on this connection: `mimcore.sql.prepare_engine`
            makes an engine's connections keep them.
    """
    driving = driving_of(connection.dialect)
    driving.join(connection)
    if _VERIFIED not in connection.info:
        migrate.verify(connection)
        _require_foreign_keys(connection)
        connection.info[_VERIFIED] = True
    wire = Wire(connection, driving, tenant, is_read_only=False, ends=Ends.GUEST)
    wire.run(f"SAVEPOINT {GUEST}")
    return SqlTransaction(wire, _nothing)


def _require_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if guarded(lambda: connection.exec_driver_sql("PRAGMA foreign_keys").scalar()) != 1:
        raise StoreError(
            "this SQLite connection does not keep foreign keys: call mimcore.sql.prepare_engine(engine) "
            "right after create_engine"
        )


def _is_autocommit(connection: Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    return driver.isolation_level is None


def _nothing() -> None:
    """There is nothing to pass on."""
