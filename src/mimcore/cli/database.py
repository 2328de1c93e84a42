"""`mimcore db`: the tables of a store, looked at and brought up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from mimcore.display import Table
from mimcore.errors import MimcoreError, StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["add_commands", "missing_file", "opened", "require_file"]

_WAIT_SECONDS = 30.0


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add `upgrade`, `verify` and `history` to the parser of `mimcore db`.

    Args:
        parser: The parser of `mimcore db`.
    """
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    upgrade = actions.add_parser("upgrade", help="create the tables, or bring them up to date")
    upgrade.add_argument("--sql", action="store_true", help="print the statements instead of running them")
    upgrade.set_defaults(run=_upgrade)
    verify = actions.add_parser("verify", help="check that the tables are those of this version; changes nothing")
    verify.set_defaults(run=_verify)
    history = actions.add_parser("history", help="the revisions, which one the database has, what upgrade would do")
    history.set_defaults(run=_history)
    for action in (upgrade, verify, history):
        action.add_argument("--url", required=True, help="sqlite:///file.db or postgresql://user@host/database")


@contextmanager
def opened(url: str) -> Generator[Connection]:
    """Connect to the database of a store to look at it, whatever its tables are; writing is refused.

    Args:
        url: Its address.

    Raises:
        StoreUrlError: If the address is not understood; the message does not repeat it.
        MissingExtraError: If the driver is not installed.
        StoreError: If it cannot be reached.
    """
    from sqlalchemy import create_engine

    from mimcore.sql.connection.driver_errors import guarded
    from mimcore.sql.connection.engines import engine_options, parsed_url, prepare_engine

    parsed = parsed_url(url)
    engine = create_engine(parsed, **engine_options(parsed, _WAIT_SECONDS))
    prepare_engine(engine)
    try:
        connection = guarded(engine.connect)
        try:
            yield _reading(connection)
        finally:
            guarded(connection.close)
    finally:
        engine.dispose()


def _reading(connection: Connection) -> Connection:
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    connection.exec_driver_sql("PRAGMA query_only=ON")
    return connection


def missing_file(url: str) -> str | None:
    """Return the name of a SQLite file that is not there; None for anything else, such as an address of no database.

    Args:
        url: Address of a store.
    """
    from pathlib import Path

    from mimcore.sql.connection.engines import is_in_memory, parsed_url

    try:
        parsed = parsed_url(url)
    except MimcoreError:  # connecting says what is wrong with it
        return None
    if parsed.get_backend_name() != "sqlite" or is_in_memory(parsed):
        return None
    path = Path(str(parsed.database))
    return None if path.exists() else path.name


def require_file(url: str) -> None:
    """Refuse a SQLite file that is not there: looking at it must not make it.

    Args:
        url: Address of a store.

    Raises:
        StoreError: If it is not there.
    """
    name = missing_file(url)
    if name is not None:
        raise StoreError(
            f"there is no such file: {name} — check --url; `mimcore import` or `mimcore db upgrade --url …` makes one"
        )


def _upgrade(options: argparse.Namespace) -> int:
    if options.sql:
        return _print_script(options.url)
    from mimcore.sql.backend import SqlBackend
    from mimcore.sql.migrating import migrate

    SqlBackend.connect(options.url, schema="upgrade").close()
    print(f"the schema is up to date: {migrate.HEAD}")
    return 0


def _print_script(url: str) -> int:
    """Print what an upgrade from here would run; of a SQLite file that is not there yet, everything."""
    from mimcore.sql.connection.engines import parsed_url
    from mimcore.sql.migrating import migrate

    is_sqlite = parsed_url(url).get_backend_name() == "sqlite"
    dialect: Literal["postgresql", "sqlite"] = "sqlite" if is_sqlite else "postgresql"
    start: str | None = None
    if missing_file(url) is None:
        with opened(url) as connection:
            start = migrate.applied(connection)
    print(migrate.script(dialect, start), end="")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from mimcore.sql.migrating import migrate

    require_file(options.url)
    with opened(options.url) as connection:
        migrate.verify(connection)
    print(f"the schema is up to date: {migrate.HEAD}")
    return 0


def _history(options: argparse.Namespace) -> int:
    from mimcore.errors import SchemaOutOfDateError
    from mimcore.sql.migrating import migrate

    require_file(options.url)
    problem = ""
    with opened(options.url) as connection:
        has = migrate.applied(connection)
        try:
            migrate.verify(connection)
        except SchemaOutOfDateError as error:
            problem = str(error)
    rows = [(one.name, one.summary, _state(one.name, has)) for one in migrate.history()]
    if has is None and not problem:
        rows = [(name, summary, "made by the host itself") for name, summary, _ in rows]
    print(Table.of(("revision", "what it does", "this database"), rows, title="mimcore db history"))
    if problem:
        print(f"mimcore: {problem}", file=sys.stderr)
    return 1 if problem else 0


def _state(name: str, has: str | None) -> str:
    """Say what a revision is for a database; the names sort in the order of the steps."""
    if name == has:
        return "has it"
    return "applied earlier" if has is not None and name < has else "upgrade would apply it"
