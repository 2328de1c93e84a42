"""Alembic's environment: the shop's tables only; `exclude_mimcore_names` keeps autogenerate off mimcore's."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import create_engine

from mimcore.sql import exclude_mimcore_names
from shop import metadata

engine = create_engine(os.environ["DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, include_name=exclude_mimcore_names)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
