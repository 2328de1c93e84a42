"""What a driver says, translated at one place into mimcore's errors: no statement, no parameter, no value passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mimcore.errors import ConflictError, DuplicateKeyError, MimcoreError, SchemaOutOfDateError, StoreError

__all__ = ["guarded", "translated"]

P = ParamSpec("P")
T = TypeVar("T")

_REASONS: dict[str, tuple[type[MimcoreError], str]] = {
    "SQLITE_CONSTRAINT_FOREIGNKEY": (
        ConflictError,
        "a record refers to another one that this store does not hold, or is removed while others refer to it",
    ),
    "SQLITE_BUSY": (StoreError, "somebody else has been writing to this database for too long: try again"),
    "SQLITE_LOCKED": (StoreError, "somebody else has been writing to this database for too long: try again"),
    "SQLITE_FULL": (StoreError, "the disk of the database is full"),
    "SQLITE_READONLY": (StoreError, "the database file cannot be written: check its permissions"),
    "SQLITE_CANTOPEN": (StoreError, "the database file cannot be opened: check that its folder exists and is writable"),
    "SQLITE_NOTADB": (StoreError, "the file is not a SQLite database"),
    "SQLITE_CORRUPT": (StoreError, "the database file is damaged: restore it from a backup"),
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
    except (SQLAlchemyError, OverflowError) as error:
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
    if not isinstance(error, DBAPIError) or error.orig is None:
        return StoreError(f"the database could not be asked ({type(error).__name__})")
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    text = str(error.orig)
    if name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        return DuplicateKeyError(f"a {_named(text)} exists already")
    if text.startswith(("no such table", "no such column")) or " has no column named " in text:
        return SchemaOutOfDateError("the tables are not those of this version: run `mimcore db upgrade --url …`")
    for prefix, (kind, reason) in _REASONS.items():
        if name.startswith(prefix):
            return kind(reason)
    return StoreError(f"the database refused a statement ({name or type(error.orig).__name__})")


def _named(text: str) -> str:
    """Describe the columns in `UNIQUE constraint failed: mim_source.tenant, mim_source.key`; they are names of ours."""
    columns = [part.strip().partition(".") for part in text.partition(": ")[2].split(",")]
    table = columns[0][0].removeprefix("mim_").replace("_", " ")
    keys = [column for _, _, column in columns if column != "tenant"]
    return f"{table} with the same {' and '.join(keys)}" if table and keys else "record with the same key"
