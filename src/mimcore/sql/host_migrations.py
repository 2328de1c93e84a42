"""For applications whose own Alembic history makes mimcore's tables: what their env.py needs beside our metadata.

The other two ways need nothing from here: a history of our own beside theirs, and our revisions inside theirs. Both
use `mimcore.sql.migrate.exclude_mimcore`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect

from mimcore.sql.migrate import exclude_declared_indexes
from mimcore.sql.schema import metadata, numbers
from mimcore.sql.types import Guid, Json, UtcMicroseconds

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

__all__ = ["autogenerate_options"]

# Revision files live for years: they name SQLAlchemy's types, never ours.
_TYPES: dict[type[Any], str] = {
    Guid: 'sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")',
    UtcMicroseconds: 'sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")',
    Json: 'sa.Text().with_variant(postgresql.JSONB(), "postgresql")',
}


def autogenerate_options(connection: Connection) -> dict[str, Any]:
    """Return options of `context.configure` with which a host's autogenerate writes our tables, and is then quiet.

    Generate revisions on the engine that they are deployed on: PostgreSQL has a sequence and an index that SQLite has
    not.

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
