"""Creating, checking and upgrading the tables. Nothing here runs on import or on creating an engine.

The tables have a version table of their own, so that a host application's Alembic history is not disturbed. Such an
application may (A) let mimcore keep its own history and add `include_object=migrate.exclude_mimcore` to its env.py,
(B) add `migrate.migrations_path() / "versions"` to its version locations (branch label `mimcore`), or (C) put
`schema.metadata` into its own target metadata. `verify` accepts all three.
"""

from __future__ import annotations

import threading
import warnings
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select

from mimcore.errors import InvalidValueError, SchemaOutOfDateError, StoreError
from mimcore.sql.connection.dialects import in_transaction
from mimcore.sql.connection.driver_errors import guarded
from mimcore.sql.migrating.planner_statistics import expect_growth
from mimcore.sql.tables.custom_elements import INDEX_PREFIXES
from mimcore.sql.tables.schema import metadata
from mimcore.sql.tables.schema_work import setting

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

__all__ = [
    "APPLICATION_PREFIX",
    "HEAD",
    "VERSION_TABLE",
    "Revision",
    "applied",
    "create",
    "create_once",
    "current",
    "downgrade",
    "exclude_declared_indexes",
    "exclude_mimcore",
    "has_tables",
    "head",
    "history",
    "migrations_path",
    "script",
    "upgrade",
    "verify",
]

HEAD = "mim_0001"
"""The revision that this version of mimcore works with; a test holds it to the newest revision file."""

VERSION_TABLE = "mimcore_alembic_version"
_HOST_VERSION_TABLE = "alembic_version"

APPLICATION_PREFIX = "ix_app_"
"""What the names of an application's own indexes on mimcore's tables begin with: they are let be."""

_LOCK_NUMBER = 7_146_930_517_421_001
"""Of PostgreSQL's advisory lock: any number that nobody else uses."""

# Alembic keeps its context in module globals: two upgrades at once in one process destroy each other.
_one_at_a_time = threading.RLock()


class Revision(NamedTuple):
    """One step of the tables' history."""

    name: str
    """Such as `mim_0001`; they sort in the order of the steps."""

    summary: str
    """What it does, in one sentence."""


def _version_table(name: str) -> Table:
    key = PrimaryKeyConstraint("version_num", name=f"{name}_pkc")
    return Table(name, MetaData(), Column("version_num", String(32), nullable=False), key)


def migrations_path() -> Path:
    """Return the folder of the migrations: inside the installed package, or beside `src` in a checkout.

    Raises:
        StoreError: If the installation has none.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "migrations", package.parents[1] / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("the migrations are missing from this installation: install mimcore again")


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config  # heavy, and only upgrades need it

    config = Config()  # no ini file: it would set up logging
    config.set_main_option("script_location", str(migrations_path()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = metadata
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # heavy, as above

    return ScriptDirectory.from_config(_config())


def history() -> tuple[Revision, ...]:
    """Return the revisions of this version of mimcore, the oldest first.

    Examples:
        >>> history()[0].name
        'mim_0001'
    """
    steps = reversed(list(_scripts().walk_revisions()))
    return tuple(Revision(one.revision, one.doc.rstrip(".")) for one in steps)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to date, on the caller's connection and in its transaction; commit afterwards.

    Safe from several threads and processes at once: one upgrades, the others find nothing left to do. Tables that a
    host's own migrations have made are left to them.

    Args:
        connection: SQLAlchemy's connection.
        revision: Target; the newest unless given.

    Raises:
        InvalidValueError: If there is no such revision.
        SchemaOutOfDateError: If the tables are of a newer version, or a host's and not those of this one.
        StoreError: If the database refuses, or the connection commits every statement by itself.
    """
    from alembic import command

    _require_known(revision)
    with _one_at_a_time:
        _lock(connection)
        found = current(connection)
        if found is None and has_tables(connection):
            verify(connection)
            return
        if found is not None and found not in _names():
            raise SchemaOutOfDateError(_what_is_wrong(connection))
        guarded(command.upgrade, _config(connection), revision)
        _describe(connection)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Go back to an older revision; `base` removes every table of mimcore, with all data.

    Args:
        connection: SQLAlchemy's connection; commit afterwards.
        revision: Target.

    Raises:
        InvalidValueError: If there is no such revision.
        SchemaOutOfDateError: If the tables are of a newer version, whose way back is not known here.
        StoreError: If the database refuses, or the connection commits every statement by itself.
    """
    from alembic import command

    _require_known(revision)
    with _one_at_a_time:
        _lock(connection)
        if current(connection) not in {None, *_names()}:
            raise SchemaOutOfDateError(_what_is_wrong(connection))
        guarded(command.downgrade, _config(connection), revision)


def script(dialect: Literal["postgresql", "sqlite"], start: str | None = None) -> str:
    """Return the SQL that `upgrade` would run, for whoever runs it by hand; no database is asked.

    Args:
        dialect: Whose SQL.
        start: The revision that the database has; None for an empty one.

    Raises:
        InvalidValueError: If there is no such revision.

    Examples:
        >>> "CREATE TABLE mim_contact" in script("postgresql")
        True
    """
    from alembic import command

    _require_known(start or "base")
    config, written = _config(), StringIO()
    config.set_main_option("sqlalchemy.url", f"{dialect}://")
    config.output_buffer = written
    with _one_at_a_time:
        command.upgrade(config, f"{start or 'base'}:head", sql=True)
    return written.getvalue()


def _names() -> tuple[str, ...]:
    return tuple(one.name for one in history())


def _require_known(revision: str) -> None:
    if revision not in {"base", "head", *_names()}:
        raise InvalidValueError("revision", "is not one of mimcore's", "take one that history() names")


def _lock(connection: Connection) -> None:
    """Let nobody else upgrade until the transaction ends; one that is open already keeps the lock it has."""
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.dbapi_connection
        if connection.dialect.detect_autocommit_setting(driver):
            raise StoreError("this connection commits every statement by itself: an upgrade is all or nothing")
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
    _describe(connection)


def _describe(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        expect_growth(connection)


def current(connection: Connection) -> str | None:
    """Return the revision of the tables, from mimcore's own version table; None where there is none."""
    return next(iter(sorted(_versions(connection, VERSION_TABLE))), None)


def applied(connection: Connection) -> str | None:
    """Return the revision of the tables, from mimcore's version table or else from a host's that holds our revisions.

    Args:
        connection: SQLAlchemy's connection.

    Returns:
        None where there are no tables, or a host made them in its own way.
    """
    theirs = _versions(connection, _HOST_VERSION_TABLE) & set(_names())
    return current(connection) or max(theirs, default=None)


def head() -> str:
    """Return the newest revision among the migration files."""
    return str(_scripts().get_current_head())


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
    raise SchemaOutOfDateError(_what_is_wrong(connection))


def _what_is_wrong(connection: Connection) -> str:
    own, needed = current(connection), f"this version needs {HEAD}"
    found = own or applied(connection)
    if found is not None and found > HEAD:
        return f"the database has {found}, {needed}: it was made by a newer version of mimcore; install that one"
    if own is None and has_tables(connection):
        how = "run its upgrade to `mimcore@head`" if found else "compare them with mimcore.sql.metadata there"
        has = found or "tables of an unknown revision"
        return f"the database has {has}, {needed}: the host's own migrations have made them; {how}"
    return f"the database has {found or 'no tables of mimcore'}, {needed}: run `mimcore db upgrade --url …`"


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
        if kind == "index" and str(name).startswith((*INDEX_PREFIXES, APPLICATION_PREFIX)):
            return False
        if kind == "index" and "gin" in thing.dialect_kwargs.values():
            return connection.dialect.name == "postgresql"
        return kind != "table" or name in metadata.tables

    with _one_at_a_time, warnings.catch_warnings():
        # SQLAlchemy cannot read SQLite's indexes of custom attributes, and says so.
        warnings.filterwarnings("ignore", r"Skipped unsupported reflection of expression-based index ix_mim_")
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        return list(compare_metadata(context, metadata))


def exclude_declared_indexes(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Let a host's autogenerate keep the indexes that custom attributes have asked for, and the application's own.

    The application's own are those on mimcore's tables whose names begin with `ix_app_`.

    For a host that has `schema.metadata` among its own tables: give it to `context.configure(include_object=…)`, or no
    declared index outlives the next revision.

    Args:
        thing: What Alembic found.
        name: Its name.
        kind: `table`, `column`, `index` …
        reflected: Whether it was found in the database.
        compare_to: Its counterpart.

    Returns:
        False for those indexes.

    Examples:
        >>> exclude_declared_indexes(None, "ix_mim_contact_custom_tier", "index", True, None)
        False
    """
    del reflected, compare_to
    if kind != "index" or name is None:
        return True
    is_on_ours = getattr(getattr(thing, "table", None), "name", None) in metadata.tables
    return not (name.startswith(INDEX_PREFIXES) or (is_on_ours and name.startswith(APPLICATION_PREFIX)))


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
