"""Alembic's environment: the shop's tables and mimcore's, all in the shop's own revisions."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import create_engine

from mimcore import sql
from shop import metadata

engine = create_engine(os.environ["DATABASE_URL"])
with engine.connect() as connection:
    options = sql.autogenerate_options(connection)
    context.configure(connection=connection, target_metadata=[metadata, sql.metadata], **options)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
