"""`mimcore doctor`: Python, libraries, extras, and a store: can it be reached, is it of this version, is it set well.

It reads only. What is wrong is said below the table, with what mends it.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mimcore.cli.database import opened, require_file
from mimcore.display import Table
from mimcore.errors import MimcoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["doctor"]

Row = tuple[str, str, str]

_EXTRAS = {
    "postgres": ("psycopg",),
    "async": ("aiosqlite", "asyncpg", "greenlet"),
    "frames": ("polars", "pandas", "pyarrow"),
    "excel": ("openpyxl",),
    "testing": ("pytest", "hypothesis"),
    "notebook": ("IPython", "ipywidgets"),
    "match": ("rapidfuzz",),
}
_CORE = ("pydantic", "sqlalchemy", "alembic", "phonenumbers", "email-validator", "narwhals", "python-dateutil")
_OLDEST_POSTGRESQL = 130000
_OPTIONAL = "optional"


def doctor(options: argparse.Namespace) -> int:
    """Print what was found and what is to be done.

    Args:
        options: `url` of a store, or None.

    Returns:
        0 if everything is in order; extras that are not installed are.
    """
    rows = [*_machine(), *_extras()]
    if options.url:
        rows += _store(options.url)
    print(Table.of(("what", "found", "verdict"), [(what, found, _verdict(said)) for what, found, said in rows]))
    for what, _, said in rows:
        if said not in {"ok", _OPTIONAL}:
            print(f"{what}: {said}")
    absent = [what.removeprefix("extra ") for what, _, said in rows if said == _OPTIONAL]
    if absent:
        print(f"Extras bring optional libraries: pip install 'mimcore[{','.join(absent)}]'")
    return 0 if all(said in {"ok", _OPTIONAL} for _, _, said in rows) else 1


def _verdict(said: str) -> str:
    """Long sentences stand below the table, where no column cuts them off."""
    return said if said in {"ok", _OPTIONAL} else "see below"


def _machine() -> Iterator[Row]:
    python = "ok" if sys.version_info >= (3, 11) else "too old: 3.11 or newer is needed"
    yield "Python", platform.python_version(), python
    sqlite = "ok" if sqlite3.sqlite_version_info >= (3, 38) else "too old: 3.38 or newer is needed (JSON functions)"
    yield "SQLite", sqlite3.sqlite_version, sqlite
    for name in ("mimcore", *_CORE):
        found = _version(name)
        yield name, found or "not installed", "ok" if found else "install it: pip install mimcore"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _extras() -> Iterator[Row]:
    for name, modules in _EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        found = "installed" if not missing else "–" if len(missing) == len(modules) else f"without {', '.join(missing)}"
        yield f"extra {name}", found, _OPTIONAL if missing else "ok"


def _store(url: str) -> Iterator[Row]:
    """Look at the store; what cannot be looked at ends the list with the reason."""
    try:
        require_file(url)
        with opened(url) as connection:
            postgresql = connection.dialect.name == "postgresql"
            yield from _server(connection) if postgresql else _file(connection)
            schema = _schema(connection)
            yield schema
            if schema[2] == "ok":
                yield _contacts(connection)
                yield _key(url, connection)
    except MimcoreError as error:
        yield "store", "cannot be opened", str(error)


def _asked(connection: Connection, statement: str) -> Any:
    from mimcore.sql.connection.driver_errors import guarded

    return guarded(lambda: connection.exec_driver_sql(statement).scalar())


def _file(connection: Connection) -> Iterator[Row]:
    """Judge the settings of a SQLite database, as a store's own connections have them."""
    yield "store", f"SQLite {_asked(connection, 'SELECT sqlite_version()')}", "ok"
    mode = str(_asked(connection, "PRAGMA journal_mode"))
    advice = "readers and the writer wait for each other: open it once with mimcore.connect, which sets it to wal"
    yield "journal mode", mode, "ok" if mode in {"wal", "memory"} else advice
    keys = _asked(connection, "PRAGMA foreign_keys")
    yield "foreign keys", "on" if keys else "off", "ok" if keys else "this SQLite was built without foreign keys"
    try:
        _asked(connection, "SELECT exp(1)")
    except MimcoreError:
        yield "exp()", "not built in", "ok"  # freshness is compared as an instant: exp() is not needed
    else:
        yield "exp()", "built in", "ok"
    healthy = _asked(connection, "PRAGMA quick_check(1)")
    yield "file", "whole" if healthy == "ok" else "damaged", "ok" if healthy == "ok" else "restore it from a backup"


def _server(connection: Connection) -> Iterator[Row]:
    """Judge version, encoding and rights of a PostgreSQL database."""
    number = int(_asked(connection, "SELECT current_setting('server_version_num')"))
    old = "too old: 13 or newer is needed"
    yield (
        "store",
        f"PostgreSQL {_asked(connection, 'SHOW server_version')}",
        "ok" if number >= _OLDEST_POSTGRESQL else old,
    )
    encoding = str(_asked(connection, "SHOW server_encoding"))
    advice = "names of people do not fit: make the database with ENCODING 'UTF8'"
    yield "encoding", encoding, "ok" if encoding == "UTF8" else advice
    durable = str(_asked(connection, "SHOW fsync"))
    yield "fsync", durable, "ok" if durable == "on" else "a power cut destroys the database: set fsync = on"
    may = _asked(connection, "SELECT has_schema_privilege(current_schema(), 'CREATE')")
    yield "may create tables", "yes" if may else "no", "ok" if may else "upgrades need GRANT CREATE ON SCHEMA"
    replica = _asked(connection, "SELECT pg_is_in_recovery()")
    yield "may write", "no" if replica else "yes", "this is a replica: connect to the primary" if replica else "ok"


def _schema(connection: Connection) -> Row:
    from mimcore.sql.migrating import migrate

    has = migrate.applied(connection) or ("made by a host" if migrate.has_tables(connection) else "no tables")
    try:
        migrate.verify(connection)
    except MimcoreError as error:
        return "schema", has, str(error)
    return "schema", has, "ok"


def _contacts(connection: Connection) -> Row:
    return "contacts", str(_asked(connection, "SELECT count(*) FROM mim_contact")), "ok"


class _Settings:
    """The settings of a database that is only looked at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def setting(self, name: str) -> str | None:
        from sqlalchemy import select

        from mimcore.sql.connection.driver_errors import guarded
        from mimcore.sql.tables.schema_work import setting

        wanted = select(setting.c.value).where(setting.c.tenant == "default", setting.c.name == name)
        return guarded(lambda: self._connection.execute(wanted).scalar())

    def add_setting(self, name: str, value: str) -> str:
        """Store nothing, and say what stands."""
        return self.setting(name) or value


def _key(url: str, connection: Connection) -> Row:
    """Tell whether the key of the suppression list at hand is the one this database was made with."""
    from mimcore.store.keys import KEY_VARIABLE, environment_key, key_file, known_key

    settings = _Settings(connection)
    if settings.setting("suppression_key") is None:
        return "key", "none yet", "ok"
    where = KEY_VARIABLE if os.environ.get(KEY_VARIABLE) else "beside the file"
    is_embedded = connection.dialect.name == "sqlite"
    try:
        known_key(settings, environment_key(), key_file(url) if is_embedded else None, may_make=is_embedded)
    except MimcoreError as error:
        return "key", "not the right one", str(error)
    return "key", where, "ok"
