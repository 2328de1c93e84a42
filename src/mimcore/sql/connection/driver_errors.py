"""What a driver says, translated at one place into mimcore's errors: no statement, no parameter, no value passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from mimcore.errors import (
    ConflictError,
    DuplicateKeyError,
    MimcoreError,
    SchemaOutOfDateError,
    SerializationError,
    StoreError,
)

__all__ = ["guarded", "translated"]

P = ParamSpec("P")
T = TypeVar("T")
Reason = tuple[type[MimcoreError], str]

_REFERENCE: Reason = (
    ConflictError,
    "a record refers to another one that this store does not hold, or is removed while others refer to it",
)
_OUTDATED: Reason = (
    SchemaOutOfDateError,
    "the tables are not those of this version: run `mimcore db upgrade --url …`",
)
_BUSY: Reason = (StoreError, "somebody else has been writing to this database for too long: try again")
_AGAIN = "another transaction changed the same records at the same time: repeat the unit of work (store.transact does)"
_UNREACHABLE: Reason = (
    StoreError,
    "the database cannot be reached: check its address, that it runs, and that user and password are right",
)

_SQLITE: dict[str, Reason] = {
    "SQLITE_CONSTRAINT_FOREIGNKEY": _REFERENCE,
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": (StoreError, "the disk of the database is full"),
    "SQLITE_READONLY": (StoreError, "the database file cannot be written: check its permissions"),
    "SQLITE_CANTOPEN": (StoreError, "the database file cannot be opened: check that its folder exists and is writable"),
    "SQLITE_NOTADB": (StoreError, "the file is not a SQLite database: check the path in the address of the store"),
    "SQLITE_CORRUPT": (StoreError, "the database file is damaged: restore it from a backup"),
}

# SQLSTATE, by its longest known beginning: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, Reason] = {
    "08": _UNREACHABLE,
    "22003": (StoreError, "a number does not fit its column"),
    "22021": (StoreError, "a text holds a character that the database cannot store"),
    "22P05": (StoreError, "a text holds a character that the database cannot store"),
    "23503": _REFERENCE,
    "25P02": (StoreError, "an earlier statement of this transaction failed: end it and begin another"),
    "25006": (StoreError, "the transaction only reads: begin one that writes"),
    "28": _UNREACHABLE,
    "3D": (StoreError, "there is no database of that name: create it first"),
    "40001": (SerializationError, _AGAIN),
    "40P01": (SerializationError, _AGAIN),
    "42501": (StoreError, "the database user lacks a right: let it create and use tables in its schema"),
    "42703": _OUTDATED,
    "42P01": _OUTDATED,
    "53": (StoreError, "the database is out of disk, memory or connections: try again later"),
    "55P03": (SerializationError, _AGAIN),
    "57": (StoreError, "the database stopped the statement or is shutting down: try again"),
}


def guarded(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Call a driver; whatever it raises is translated, and raised where no trace of the original remains.

    Args:
        call: What talks to the database.
        *arguments: Its arguments.
        **options: Its keyword arguments.

    Raises:
        MimcoreError: The translated error; neither `__cause__` nor `__context__` holds the driver's.
    """
    try:
        return call(*arguments, **options)
    except (SQLAlchemyError, OverflowError, UnicodeError, OSError) as error:
        failure = translated(error)
    except Exception as error:
        if not type(error).__module__.startswith(("asyncpg.", "psycopg.", "sqlite3", "aiosqlite")):
            raise
        failure = translated(error)
    raise failure


def translated(error: Exception) -> MimcoreError:
    """Return mimcore's error for a driver's.

    Args:
        error: What SQLAlchemy or the driver raised.

    Returns:
        An error that names tables and columns of ours at most.
    """
    if isinstance(error, OverflowError):
        return StoreError("a whole number does not fit 64 bits")
    if isinstance(error, UnicodeError):  # half a character; the error holds the whole text
        return _made(_POSTGRESQL["22021"])
    if isinstance(error, PoolTimeoutError):
        return StoreError("no connection became free in time: end the units of work that are open")
    if isinstance(error, OSError):
        return _made(_UNREACHABLE)
    driver = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if state := _first(driver, "sqlstate", "pgcode"):
        return _from_postgresql(driver, state)
    if name := _first(driver, "sqlite_errorname"):
        return _from_sqlite(str(driver), name)
    return _nameless(error, driver)


def _from_postgresql(driver: BaseException, state: str) -> MimcoreError:
    if state == "23505":
        name = next((found for one in _chain(driver) if (found := _constraint(one))), "")
        return DuplicateKeyError(f"a {_keyed(name)} exists already: update that one instead")
    for length in (5, 2):
        if state[:length] in _POSTGRESQL:
            return _made(_POSTGRESQL[state[:length]])
    return StoreError(f"the database refused a statement (SQLSTATE {state})")


def _from_sqlite(text: str, name: str) -> MimcoreError:
    if name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        return DuplicateKeyError(f"a {_named(text)} exists already: update that one instead")
    if text.startswith(("no such table", "no such column")) or " has no column named " in text:
        return _made(_OUTDATED)
    for prefix, reason in _SQLITE.items():
        if name.startswith(prefix):
            return _made(reason)
    return StoreError(f"the database refused a statement ({name})")


def _nameless(error: Exception, driver: BaseException) -> MimcoreError:
    """Errors without a code: most often a connection that could not be made, or was lost."""
    is_lost = isinstance(error, DBAPIError) and (
        error.connection_invalidated or type(error).__name__ == "OperationalError"
    )
    if is_lost or type(driver).__name__ in {"OperationalError", "InterfaceError", "ConnectionDoesNotExistError"}:
        return _made(_UNREACHABLE)
    if isinstance(error, DBAPIError):
        return StoreError(f"the database refused a statement ({type(driver).__name__})")
    return StoreError(f"the database could not be asked ({type(error).__name__})")


def _made(reason: Reason) -> MimcoreError:
    kind, message = reason
    return kind(message)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it was made from: SQLAlchemy wraps asyncpg's in errors of its own."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _first(error: BaseException, *names: str) -> str:
    found = (getattr(one, name, None) for one in _chain(error) for name in names)
    return next((str(value) for value in found if value), "")


def _constraint(error: BaseException) -> str:
    """Return the name of the violated constraint: a name of ours, never its detail, which holds the values."""
    return str(
        getattr(error, "constraint_name", None) or getattr(getattr(error, "diag", None), "constraint_name", "") or ""
    )


def _keyed(constraint: str) -> str:
    """Describe a unique constraint by its name, such as `uq_mim_source_tenant_key` or `pk_mim_contact`."""
    from mimcore.sql.tables.schema import metadata  # it would be a circle: tables are made where errors are known

    for table in metadata.tables.values():
        for unique in table.constraints:
            if unique.name == constraint:
                keys = [column.name for column in getattr(unique, "columns", ()) if column.name != "tenant"]
                return f"{table.name.removeprefix('mim_').replace('_', ' ')} with the same {' and '.join(keys)}"
    return "record with the same key"


def _named(text: str) -> str:
    """Describe the columns in `UNIQUE constraint failed: mim_source.tenant, mim_source.key`; they are names of ours."""
    columns = [part.strip().partition(".") for part in text.partition(": ")[2].split(",")]
    table = columns[0][0].removeprefix("mim_").replace("_", " ")
    keys = [column for _, _, column in columns if column != "tenant"]
    return f"{table} with the same {' and '.join(keys)}" if table and keys else "record with the same key"
