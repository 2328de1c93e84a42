"""The SQL back end: schema, column maps, rule compiler, repositories, transactions and migrations.

For a host application: `exclude_mimcore`, `exclude_mimcore_names`, `autogenerate_options` and `metadata` for its
env.py, `migrations_path`, `upgrade` and `verify` for its own history, `prepare_engine` for its SQLite engine.
"""

from __future__ import annotations

from mimcore.sql.connection.engines import prepare_engine
from mimcore.sql.migrating.host_migrations import autogenerate_options, exclude_mimcore_names
from mimcore.sql.migrating.migrate import exclude_mimcore, migrations_path, upgrade, verify
from mimcore.sql.tables import schema_segments, schema_work
from mimcore.sql.tables.schema import metadata

REGISTERING = (schema_segments, schema_work)
"""Modules that are imported so that their tables are in `metadata`."""

__all__ = [
    "autogenerate_options",
    "exclude_mimcore",
    "exclude_mimcore_names",
    "metadata",
    "migrations_path",
    "prepare_engine",
    "upgrade",
    "verify",
]
