"""What the env.py of a host application needs, beside our metadata and `migrate.exclude_mimcore`.

`exclude_mimcore_names` is for hosts that leave mimcore's tables to mimcore's revisions, `autogenerate_options` for
those whose own revisions make them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect

from mimcore.sql.migrating.migrate import VERSION_TABLE, exclude_declared_indexes
from mimcore.sql.tables.schema import metadata, numbers
from mimcore.sql.types import Guid, Json, UtcMicroseconds

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

__all__ = ["autogenerate_options", "exclude_mimcore_names"]

# Revision files live for years: they name SQLAlchemy's types, never ours.
_TYPES: dict[type[Any], str] = {
    Guid: 'sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")',
    UtcMicroseconds: 'sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")',
    Json: 'sa.Text().with_variant(postgresql.JSONB(), "postgresql")',
}


def exclude_mimcore_names(name: str | None, kind: str, _parents: object) -> bool:
    """Keep a host's autogenerate from reading mimcore's tables: give it to `context.configure(include_name=…)`.

    It does what `exclude_mimcore` does as `include_object`, and earlier: the tables are not read at all, which is
    quicker, and quiet about indexes of custom attributes that SQLAlchemy cannot read on SQLite.

    Args:
        name: A name found in the database.
        kind: `table`, `column`, `index` …

    Returns:
        False for the names of mimcore's tables.

    Examples:
        >>> exclude_mimcore_names("mim_contact", "table", {}), exclude_mimcore_names("orders", "table", {})
        (False, True)
    """
    return kind != "table" or (name not in metadata.tables and name != VERSION_TABLE)


def autogenerate_options(connection: Connection) -> dict[str, Any]:
    """Return options of `context.configure` with which a host's autogenerate writes our tables, and is then quiet.

    Generate revisions on the engine that they are deployed on: PostgreSQL has a sequence and an index that SQLite has
    not. On SQLite, SQLAlchemy's warning about indexes of custom attributes, which it cannot read, is switched off in
    this process.

    Args:
        connection: The connection that env.py configures.

    Returns:
        `render_item`, `include_object` and `process_revision_directives`.

    Examples:
        >>> from sqlalchemy import create_engine
        >>> with create_engine("sqlite://").connect() as connection:
        ...     sorted(autogenerate_options(connection))
        ['include_object', 'process_revision_directives', 'render_item']
    """
    is_postgresql = connection.dialect.name == "postgresql"
    if not is_postgresql:
        warnings.filterwarnings("ignore", r"Skipped unsupported reflection of expression-based index ix_mim_")

    def belongs(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001 - Alembic's signature
        is_ours_here = is_postgresql or kind != "index" or "gin" not in thing.dialect_kwargs.values()
        return is_ours_here and exclude_declared_indexes(thing, name, kind, reflected, compare_to)

    return {
        "render_item": _rendered,
        "include_object": belongs,
        "process_revision_directives": _with_numbers(connection) if is_postgresql else None,
    }


def _rendered(kind: str, thing: Any, context: AutogenContext) -> str | bool:
    code = next((code for ours, code in _TYPES.items() if kind == "type" and isinstance(thing, ours)), False)
    if code and "postgresql." in str(code):
        context.imports.add("from sqlalchemy.dialects import postgresql")
    return code


def _with_numbers(connection: Connection) -> Callable[[Any, Any, list[Any]], None]:
    """Add the sequence, which Alembic does not look for, to the revision that makes the tables."""

    def add(_context: Any, _revision: Any, directives: list[Any]) -> None:
        from alembic.operations.ops import CreateTableOp, ExecuteSQLOp

        script = directives[0]
        makes = any(
            isinstance(one, CreateTableOp) and one.table_name in metadata.tables for one in script.upgrade_ops.ops
        )
        if makes and not inspect(connection).has_sequence(numbers.name):
            script.upgrade_ops.ops.insert(0, ExecuteSQLOp(f"CREATE SEQUENCE {numbers.name}"))
            script.downgrade_ops.ops.append(ExecuteSQLOp(f"DROP SEQUENCE {numbers.name}"))

    return add
