"""The SQL engine of a store: opens the database, checks its tables, and hands out transactions.

On SQLite: write-ahead log, foreign keys on, `synchronous=FULL`. A writing transaction takes the one write lock at its
start (BEGIN IMMEDIATE), so it never fails half way because somebody else wrote; reading ones never wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, Self

from sqlalchemy import URL, Connection, Engine, StaticPool, bindparam, create_engine, make_url, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import ArgumentError

from mimcore.errors import ClosedError, MimcoreError, StoreError, StoreUrlError
from mimcore.sql import migrate
from mimcore.sql.codec import codec_of
from mimcore.sql.driver_errors import guarded
from mimcore.sql.schema import DEFAULT_TENANT
from mimcore.sql.schema_work import setting
from mimcore.sql.statements import owned
from mimcore.sql.transaction import SqlTransaction
from mimcore.sql.wire import Prepared, Wire

__all__ = ["SqlBackend"]

Durability = Literal["full", "normal"]
Schema = Literal["auto", "upgrade", "verify"]
_SUPPORTED = "use 'sqlite:///path/to/file.db', or 'sqlite://' for one in memory"
_READY = "mimcore_ready"


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
    ) -> None:
        """Use an engine of the application; it stays the application's, and its journal mode is left alone.

        Args:
            engine: SQLAlchemy's engine, on SQLite.
            tenant: Whose records are seen; part of every key.
            durability: `full` survives a loss of power, `normal` may lose the last transactions then.
            schema: `verify` checks the tables, `auto` also creates them in an empty database, `upgrade` also upgrades.
            wait_seconds: How long a writer waits for another one.

        Raises:
            StoreUrlError: If the engine is not on SQLite.
            SchemaOutOfDateError: If the tables are not those of this version.
        """
        if engine.dialect.name != "sqlite":
            raise StoreUrlError(f"databases of kind {engine.dialect.name} are not supported yet: {_SUPPORTED}")
        self.name = engine.dialect.name
        self.engine, self._codec, self._tenant = engine, codec_of(engine.dialect.name), tenant
        self._wait_seconds, self._durability = wait_seconds, durability
        self._is_single, self._is_own, self._is_closed = isinstance(engine.pool, StaticPool), False, False
        self._has_written = False
        self._turn, self._writers = threading.Lock(), set[int]()
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
    ) -> Self:
        """Open a database by its address; the tables are created if it is empty.

        Args:
            url: `sqlite:///file.db`, or `sqlite://` for a database in memory.
            tenant: Whose records are seen.
            durability: See the constructor.
            schema: See the constructor.
            wait_seconds: How long a writer waits for another one.

        Raises:
            StoreUrlError: If the address is not understood; the message does not repeat it.
            SchemaOutOfDateError: If the database was made by another version.
            StoreError: If it cannot be opened.
        """
        engine = _engine(_parsed(url), wait_seconds)
        try:
            backend = cls(engine, tenant=tenant, durability=durability, schema=schema, wait_seconds=wait_seconds)
        except MimcoreError:
            engine.dispose()
            raise
        backend._is_own = True
        return backend

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
            wire = self._wire(is_read_only=True)
            if not self._is_single:
                wire.run("BEGIN")
                wire.rows(_FIRST_LOOK)
            return SqlTransaction(wire, _nothing)
        end = self._take_turn()
        try:
            wire = self._wire(is_read_only=False)
            wire.run("BEGIN IMMEDIATE")
        except MimcoreError:
            end()
            raise
        return SqlTransaction(wire, end)

    def _wire(self, *, is_read_only: bool) -> Wire:
        shared = self._is_single and is_read_only
        return Wire(self._connection(), self._codec, self._tenant, is_read_only=is_read_only, is_shared=shared)

    def _connection(self) -> Connection:
        connection = guarded(self.engine.connect)
        if not self._is_own and not _is_autocommit(connection):
            # Only then does the driver leave BEGIN to us; SQLAlchemy restores the host's setting when it is given back.
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if _READY not in connection.info:
            for pragma in self._pragmas():
                guarded(connection.exec_driver_sql, f"PRAGMA {pragma}")
            connection.info[_READY] = True
        return connection

    def _pragmas(self) -> tuple[str, ...]:
        return (
            "foreign_keys=ON",
            f"busy_timeout={int(self._wait_seconds * 1000)}",
            f"synchronous={'FULL' if self._durability == 'full' else 'NORMAL'}",
        )

    def _take_turn(self) -> Callable[[], None]:
        """Queue in this process before the database is asked: its own waiting is not fair."""
        me = threading.get_ident()
        if me in self._writers:
            raise StoreError("this thread is writing already: end that transaction before another one begins")
        if not self._turn.acquire(timeout=self._wait_seconds):
            raise StoreError(f"another transaction has been writing for {self._wait_seconds:g} s: end it first")
        self._writers.add(me)

        def pass_on() -> None:
            self._writers.discard(me)
            self._has_written = True
            self._turn.release()

        return pass_on

    def _prepare(self, wanted: Schema) -> None:
        connection = self._connection()
        try:
            if wanted == "upgrade":
                migrate.upgrade(connection)
                guarded(connection.exec_driver_sql, "COMMIT")
            elif wanted == "auto" and not migrate.has_tables(connection):
                _create(connection)
            migrate.verify(connection)
        finally:
            _give_back(connection)

    def setting(self, name: str) -> str | None:
        """Return a stored setting of the database."""
        reading = self._read_wire()
        rows = reading.rows(_SETTING, name=name)
        reading.end("ROLLBACK")
        return str(rows[0][0]) if rows else None

    def _read_wire(self) -> Wire:
        self._require_open()
        wire = self._wire(is_read_only=True)
        if not self._is_single:
            wire.run("BEGIN")
        return wire

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting of the database, in a transaction of its own."""
        self._require_open()
        end = self._take_turn()
        try:
            wire = self._wire(is_read_only=False)
            wire.run("BEGIN IMMEDIATE")
            wire.write(_KEEP_SETTING, name=name, value=value)
            wire.end("COMMIT")
        finally:
            end()

    def close(self) -> None:
        """Let nothing begin any more; files and connections are released, unless the engine is the application's."""
        if self._is_own and not self._is_closed:
            self._gather_statistics()
            self.engine.dispose()
        self._is_closed = True

    def _gather_statistics(self) -> None:
        """Let SQLite look at a sample of each index, so that its planner knows which one is worth reading."""
        if self._is_single or self._writers or not self._has_written:
            return
        with suppress(StoreError):
            connection = self._connection()
            for statement in ("PRAGMA busy_timeout=0", "PRAGMA analysis_limit=400", "ANALYZE"):
                guarded(connection.exec_driver_sql, statement)
            _give_back(connection)

    def _require_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the store is closed: connect again")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError, TypeError, AttributeError):
        parsed = None
    if parsed is None:
        raise StoreUrlError(f"this is not the address of a database: {_SUPPORTED}")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StoreUrlError(f"databases of kind {parsed.get_backend_name()} are not supported yet: {_SUPPORTED}")
    return parsed


def _engine(url: URL, wait_seconds: float) -> Engine:
    """Make an engine whose transactions are begun by us alone: SQLAlchemy's pysqlite begins none before a SELECT."""
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": True}
    arguments = {"timeout": wait_seconds, "check_same_thread": False}
    if url.database in {None, "", ":memory:"}:
        # One connection is shared: giving it back must not roll back what its other user is writing.
        return create_engine(
            url,
            poolclass=StaticPool,
            pool_reset_on_return=None,
            skip_autocommit_rollback=True,
            connect_args=arguments,
            **options,
        )
    engine = create_engine(url, max_overflow=-1, connect_args=arguments, **options)
    connection = guarded(engine.connect)
    guarded(connection.exec_driver_sql, "PRAGMA journal_mode=WAL")
    connection.close()
    return engine


def _is_autocommit(connection: Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    return driver.isolation_level is None


def _create(connection: Connection) -> None:
    """Create the tables; whoever comes second finds them."""
    guarded(connection.exec_driver_sql, "BEGIN IMMEDIATE")
    try:
        if not migrate.has_tables(connection):
            migrate.create(connection)
    except MimcoreError:
        guarded(connection.exec_driver_sql, "ROLLBACK")
        raise
    guarded(connection.exec_driver_sql, "COMMIT")


def _give_back(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:
        guarded(connection.exec_driver_sql, "ROLLBACK")
    guarded(connection.close)


def _nothing() -> None:
    """A reader has nothing to pass on."""


def _keep_setting() -> Any:
    kept = insert(setting)
    return kept.on_conflict_do_update(index_elements=["tenant", "name"], set_={"value": kept.excluded.value})


_SETTING = Prepared(select(setting.c.value).where(owned(setting, setting.c.name == bindparam("name"))))
_KEEP_SETTING = Prepared(_keep_setting(), ("tenant", "name", "value"))
_FIRST_LOOK = Prepared(select(setting.c.name).where(owned(setting)).limit(1))
"""SQLite takes its snapshot at the first read, not at BEGIN."""
