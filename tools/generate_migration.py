"""Write the first migration from the tables, while everything is squashed to one revision (until the first release).

Run from the checkout: `python tools/generate_migration.py`. It writes `migrations/versions/mim_0001_initial.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Text, create_engine

from mimcore.sql.tables import schema_segments, schema_work  # noqa: F401 - they register their tables
from mimcore.sql.tables.schema import metadata
from mimcore.sql.types import Guid, Json, UtcMicroseconds

TARGET = Path(__file__).resolve().parents[1] / "migrations" / "versions" / "mim_0001_initial.py"
HEAD = '''"""The tables of mimcore, squashed to one revision until the first release.

Revision: mim_0001. Imports only alembic and sqlalchemy; written by tools/generate_migration.py.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "mim_0001"
down_revision = None
branch_labels = ("mimcore",)
depends_on = None


def _guid() -> Any:
    """Sixteen bytes, or the engine's own type of id."""
    return sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def _instant() -> Any:
    """Microseconds since 1970 UTC, or the engine's own instant."""
    return sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def _json() -> Any:
    """Canonical JSON text, or the engine's own JSON."""
    return sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def _word() -> Any:
    """Text, ordered by code points whatever the database's language is."""
    return sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def upgrade() -> None:  # noqa: PLR0915 - one statement a table
'''
MAKE_NUMBERS = 'if _is_postgresql():\n        op.execute("CREATE SEQUENCE mim_sequence")'
DROP_NUMBERS = 'if _is_postgresql():\n        op.execute("DROP SEQUENCE mim_sequence")'
NAMES = {Guid: "_guid()", UtcMicroseconds: "_instant()", Json: "_json()"}


def _rendered(kind: str, thing: Any, _: Any) -> str | bool:
    if kind == "type" and isinstance(thing, Text):
        return "_word()"
    return NAMES.get(type(thing), False) if kind == "type" else False


def _on_postgresql(line: str) -> str:
    """Let an index of list elements be made where there is such a thing."""
    return f"    if _is_postgresql():\n    {line}" if "postgresql_using='gin'" in line else line


def main() -> None:
    """Compare the tables with an empty database and write what is missing."""
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        made = produce_migrations(context, metadata)
    parts = [
        render_python_code(ops, render_as_batch=False, render_item=_rendered)
        for ops in (made.upgrade_ops, made.downgrade_ops)
    ]
    bodies = [
        "\n".join(_on_postgresql(line) for line in part.splitlines() if "Alembic" not in line).strip() for part in parts
    ]
    back = "def downgrade() -> None:  # noqa: PLR0915 - one statement a table"
    text = f"{HEAD}    {MAKE_NUMBERS}\n    {bodies[0]}\n\n\n{back}\n    {bodies[1]}\n    {DROP_NUMBERS}\n"
    TARGET.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(TARGET)], check=True)


if __name__ == "__main__":
    main()
