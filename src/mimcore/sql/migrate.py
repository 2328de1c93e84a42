"""Creating, checking and upgrading the tables. Nothing here runs on import or on creating an engine.

The tables have a version table of their own, so that a host application's Alembic history is not disturbed. Such an
application may (A) let mimcore keep its own history and add `include_object=migrate.exclude_mimcore` to its env.py,
(B) add `migrate.migrations_path() / "versions"` to its version locations (branch label `mimcore`), or (C) put
`schema.metadata` into its own target metadata. `verify` accepts all three.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select

from mimcore.errors import SchemaOutOfDateError, StoreError
from mimcore.sql.dialects import in_transaction
from mimcore.sql.driver_errors import guarded
from mimcore.sql.schema import metadata
from mimcore.sql.schema_work import setting

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = [
    "HEAD",
    "VERSION_TABLE",
    "create",
    "create_once",
    "current",
    "downgrade",
    "exclude_mimcore",
    "has_tables",
    "head",
    "migrations_path",
    "upgrade",
    "verify",
]

HEAD = "mim_0001"
"""The revision that this version of mimcore works with; a test holds it to the newest revision file."""

VERSION_TABLE = "mimcore_alembic_version"
_HOST_VERSION_TABLE = "alembic_version"

_LOCK_NUMBER = 7_146_930_517_421_001
"""Of PostgreSQL's advisory lock: any number that nobody else uses."""

# Alembic keeps its context in module globals: two upgrades at once in one process destroy each other.
_one_at_a_time = threading.Lock()


def _version_table(name: str) -> Table:
    key = PrimaryKeyConstraint("version_num", name=f"{name}_pkc")
    return Table(name, MetaData(), Column("version_num", String(32), nullable=False), key)


def migrations_path() -> Path:
    """Return the folder of the migrations: inside the installed package, or beside `src` in a checkout.

    Raises:
        StoreError: If the installation has none.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "migrations", package.parents[1] / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("the migrations are missing from this installation: install mimcore again")


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # heavy, and only upgrades need it

    config = Config()  # no ini file: it would set up logging
    config.set_main_option("script_location", str(migrations_path()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = metadata
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to date, on the caller's connection and in its transaction; commit afterwards.

    Safe from several threads and processes at once: one upgrades, the others find nothing left to do.

    Args:
        connection: SQLAlchemy's connection.
        revision: Target; the newest unless given.

    Raises:
        StoreError: If the database refuses.
    """
    from alembic import command

    with _one_at_a_time:
        _lock(connection)
        guarded(command.upgrade, _config(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Go back to an older revision; `base` removes every table of mimcore, with all data.

    Args:
        connection: SQLAlchemy's connection; commit afterwards.
        revision: Target.
    """
    from alembic import command

    with _one_at_a_time:
        _lock(connection)
        guarded(command.downgrade, _config(connection), revision)


def _lock(connection: Connection) -> None:
    """Let nobody else upgrade until the transaction ends; one that is open already keeps the lock it has."""
    if connection.dialect.name == "postgresql":
        guarded(connection.exec_driver_sql, f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
    elif not in_transaction(connection):
        guarded(connection.exec_driver_sql, "BEGIN IMMEDIATE")


def create_once(connection: Connection) -> None:
    """Create the tables unless somebody else has done so meanwhile; commit afterwards.

    Args:
        connection: SQLAlchemy's connection, outside a transaction.
    """
    _lock(connection)
    if not has_tables(connection):
        create(connection)


def create(connection: Connection) -> None:
    """Create the tables in a database that has none, and note their revision; faster than `upgrade`, same result.

    Args:
        connection: SQLAlchemy's connection; commit afterwards.
    """
    version = _version_table(VERSION_TABLE)
    guarded(metadata.create_all, connection)
    guarded(version.create, connection)
    guarded(connection.execute, version.insert().values(version_num=HEAD))


def current(connection: Connection) -> str | None:
    """Return the revision of the tables, from mimcore's own version table; None where there is none."""
    return next(iter(sorted(_versions(connection, VERSION_TABLE))), None)


def head() -> str:
    """Return the newest revision among the migration files."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations_path()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return str(ScriptDirectory.from_config(config).get_current_head())


def has_tables(connection: Connection) -> bool:
    """Tell whether the database holds any table of mimcore."""
    return guarded(inspect(connection).has_table, setting.name) or current(connection) is not None


def verify(connection: Connection) -> None:
    """Check that the tables are those this version of mimcore works with.

    Accepted: mimcore's own version table at the newest revision; a host's version table that holds it; or tables that
    differ in nothing.

    Args:
        connection: SQLAlchemy's connection.

    Raises:
        SchemaOutOfDateError: Naming the command that mends it.
    """
    for table in (VERSION_TABLE, _HOST_VERSION_TABLE):
        if HEAD in _versions(connection, table):
            return
    if has_tables(connection) and current(connection) is None and not _differences(connection):
        return
    has = current(connection) or ("tables of an unknown revision" if has_tables(connection) else "no tables of mimcore")
    raise SchemaOutOfDateError(f"the database has {has}, this version needs {HEAD}: run `mimcore db upgrade --url …`")


def _versions(connection: Connection, name: str) -> set[str]:
    if not guarded(inspect(connection).has_table, name):
        return set()
    return {
        row[0] for row in guarded(lambda: connection.execute(select(_version_table(name).c.version_num)).fetchall())
    }


def _differences(connection: Connection) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(thing: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:  # noqa: FBT001 - Alembic's signature
        if kind == "index" and "gin" in thing.dialect_kwargs.values():
            return connection.dialect.name == "postgresql"
        return kind != "table" or name in metadata.tables

    with _one_at_a_time:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        return list(compare_metadata(context, metadata))


def exclude_mimcore(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Keep mimcore's tables out of a host's autogenerate: give it to `context.configure(include_object=…)` in env.py.

    Args:
        thing: What Alembic found.
        name: Its name.
        kind: `table`, `column`, `index` …
        reflected: Whether it was found in the database.
        compare_to: Its counterpart.

    Returns:
        False for the tables of mimcore and what belongs to them.

    Examples:
        >>> (
        ...     exclude_mimcore(None, "mim_contact", "table", True, None),
        ...     exclude_mimcore(None, "orders", "table", True, None),
        ... )
        (False, True)
    """
    del reflected, compare_to
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return table not in metadata.tables and table != VERSION_TABLE
