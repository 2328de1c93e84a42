"""Engines for the addresses that people give, and what every SQLite connection must be told before it is used."""

from __future__ import annotations

from asyncio import CancelledError
from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.util.concurrency import await_only, in_greenlet

from mimcore.errors import MissingExtraError, StoreError, StoreUrlError
from mimcore.sql.connection.dialects import supported
from mimcore.sql.connection.driver_errors import guarded

__all__ = [
    "engine_options",
    "is_in_memory",
    "keep_log",
    "new_engine",
    "parsed_url",
    "prepare_engine",
    "require_greenlet",
]

_NAMES = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg_async": "postgresql+psycopg",  # one driver with two faces: the URL of an async store serves too
}
_ASYNC_NAMES = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+pysqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg_async",
    "postgres": "postgresql+psycopg_async",
    "postgresql+psycopg": "postgresql+psycopg_async",
}
_ONLY_ASYNC = frozenset({"sqlite+aiosqlite", "postgresql+asyncpg"})
_EXTRAS: dict[str, tuple[tuple[str, str], ...]] = {
    "sqlite+pysqlite": (),
    "sqlite+aiosqlite": (("aiosqlite", "async"), ("greenlet", "async")),
    "postgresql+psycopg": (("psycopg", "postgres"),),
    "postgresql+psycopg_async": (("psycopg", "postgres"), ("greenlet", "async")),
    "postgresql+asyncpg": (("asyncpg", "async"), ("greenlet", "async")),
}


def parsed_url(url: str | URL, *, is_async: bool = False) -> URL:
    """Read an address; the driver is chosen where it does not say one.

    Args:
        url: `sqlite:///file.db`, `sqlite://`, `postgresql://user@host/database` …
        is_async: Choose an asynchronous driver: aiosqlite, and psycopg unless asyncpg is asked for.

    Raises:
        StoreUrlError: If the address is not understood; the message does not repeat it.
        MissingExtraError: If the driver is not installed; the message names the command that installs it.

    Examples:
        >>> parsed_url("sqlite:///marketing.db").drivername
        'sqlite+pysqlite'
    """
    try:
        given = make_url(url)
    except (ArgumentError, ValueError, TypeError, AttributeError):
        given = None
    known = _ASYNC_NAMES if is_async else _NAMES
    name = None if given is None else known.get(given.drivername, given.drivername)
    if given is None or name not in _EXTRAS or (name in _ONLY_ASYNC and not is_async):
        what = "this is not the address of a database" if given is None else "this kind of database is not supported"
        raise StoreUrlError(f"{what}: use {' or '.join(repr(one) for one in supported())}")
    if given.get_backend_name() == "sqlite" and given.host:
        raise StoreUrlError(
            "url: names a host, and a SQLite file has none; write three slashes: sqlite:///path/to/file.db"
        )
    for module, extra in _EXTRAS[name]:
        if find_spec(module) is None:
            raise MissingExtraError(f"a store at such an address ({module})", extra)
    return given.set(drivername=name)


def is_in_memory(url: URL) -> bool:
    """Tell whether a SQLite database lives in memory."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def new_engine(url: URL, wait_seconds: float, durability: str = "full") -> Engine:
    """Make an engine of mimcore's own.

    Args:
        url: From `parsed_url`. That of an asynchronous driver gives the synchronous face of an asynchronous engine,
            which works within `sqlalchemy.util.greenlet_spawn` only, as does this function then.
        wait_seconds: How long a connection waits for a lock, and a pool for a connection.
        durability: For SQLite: `full` or `normal`.

    Raises:
        StoreError: If the database cannot be opened.
    """
    engine: Engine = guarded(_made, url, engine_options(url, wait_seconds))
    if engine.dialect.name == "sqlite":
        prepare_engine(engine, wait_seconds=wait_seconds, durability=durability)
        if is_in_memory(url):
            event.listen(engine, "handle_error", _keep_open)
        else:
            keep_log(engine)
    return engine


def _made(url: URL, options: dict[str, Any]) -> Engine:
    if not url.get_dialect().is_async:
        return create_engine(url, **options)
    from sqlalchemy.ext.asyncio import create_async_engine

    return create_async_engine(url, **options).sync_engine


def _keep_open(context: ExceptionContext) -> None:
    """Keep the one connection when a task is cancelled in a statement: the whole database would be lost with it."""
    context.is_disconnect = False


def engine_options(url: URL, wait_seconds: float) -> dict[str, Any]:
    """Return the options of an engine of mimcore's own, for `create_engine` or its asynchronous twin."""
    if url.get_backend_name() == "postgresql":
        return {"hide_parameters": True, "pool_pre_ping": True, "pool_timeout": wait_seconds, "max_overflow": 10}
    # Transactions are begun by us alone: SQLAlchemy's pysqlite begins none before a SELECT.
    arguments = {"timeout": wait_seconds}
    if url.get_driver_name() == "pysqlite":
        arguments["check_same_thread"] = False
    own: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": True, "connect_args": arguments}
    if not is_in_memory(url):
        return {**own, "max_overflow": -1}
    # One connection is shared: giving it back must not roll back what its other user is writing.
    return {**own, "poolclass": StaticPool, "pool_reset_on_return": None, "skip_autocommit_rollback": True}


def require_greenlet() -> None:
    """Refuse to ask an asynchronous driver outside a greenlet: nobody would await its answer.

    Raises:
        StoreError: Saying how to do it.
    """
    if not in_greenlet():
        raise StoreError("this belongs to an asynchronous store: do it within `await store.run(...)`")


def keep_log(engine: Engine) -> None:
    """Let the database write ahead: readers and the writer do not wait for each other. The file remembers it."""
    connection = guarded(engine.connect)
    try:
        guarded(connection.exec_driver_sql, "PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def pragmas(*, wait_seconds: float = 30.0, durability: str = "full") -> tuple[str, ...]:
    """Return what a SQLite connection is told: foreign keys on, how long to wait, how safe a commit is."""
    return (
        "foreign_keys=ON",
        f"busy_timeout={int(wait_seconds * 1000)}",
        f"synchronous={'FULL' if durability == 'full' else 'NORMAL'}",
    )


def prepare_engine(engine: Any, *, wait_seconds: float = 30.0, durability: str = "full") -> None:
    """Let every new connection of a host's SQLite engine keep foreign keys, wait for locks, and commit safely.

    PostgreSQL needs nothing. Connections that are open already stay as they are: call it right after `create_engine`.

    Args:
        engine: SQLAlchemy's `Engine` or `AsyncEngine`.
        wait_seconds: How long a connection waits for a lock.
        durability: `full` survives a loss of power, `normal` may lose the last transactions then.
    """
    sync = getattr(engine, "sync_engine", engine)
    if sync.dialect.name != "sqlite":
        return

    def tell(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for one in pragmas(wait_seconds=wait_seconds, durability=durability):
            cursor.execute(f"PRAGMA {one}")
        cursor.close()

    event.listen(sync, "connect", tell)
    if sync.dialect.is_async:
        event.listen(sync, "handle_error", _stop_statement)


def _stop_statement(context: ExceptionContext) -> None:
    """Stop the statement of a cancelled task, which runs in a thread, and keep the connection: it can be rolled back.

    SQLAlchemy would close it, and a closed connection keeps its write lock for as long as a cursor of it lives.
    """
    if isinstance(context.original_exception, CancelledError) and context.connection is not None:
        driver: Any = context.connection.connection.driver_connection
        await_only(driver.interrupt())
        context.is_disconnect = False
