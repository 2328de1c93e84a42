"""Alembic's environment of mimcore: no ini file, the caller's connection, a version table of its own."""

from __future__ import annotations

from alembic import context

VERSION_TABLE = "mimcore_alembic_version"

config = context.config
connection = config.attributes.get("connection")
options = {
    "target_metadata": config.attributes.get("target_metadata"),
    "version_table": VERSION_TABLE,
    "render_as_batch": True,
}

if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True, **options)
else:
    context.configure(connection=connection, **options)

with context.begin_transaction():
    context.run_migrations()
