"""An application's own indexes on mimcore's tables, for the questions that it asks most: they are let be."""

from __future__ import annotations

import pytest
from sqlalchemy import Index, create_engine

from mimcore.errors import SchemaOutOfDateError
from mimcore.sql.migrating import migrate
from mimcore.sql.tables import schema


def verified_with(*statements: str) -> None:
    """Verify tables that a host's own migrations have made, with more indexes on them."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        for one in statements:
            connection.exec_driver_sql(one)
        migrate.verify(connection)
    engine.dispose()


def test_an_index_of_the_application_is_accepted() -> None:
    """Tables with an index `ix_app_…` are those of this version."""
    verified_with("CREATE INDEX ix_app_segment ON mim_contact (tenant, status, country, title_folded)")


def test_another_index_is_not() -> None:
    """An index of any other name is a difference: nobody knows whose it is."""
    with pytest.raises(SchemaOutOfDateError):
        verified_with("CREATE INDEX ix_segment ON mim_contact (tenant, status, country, title_folded)")


def test_autogenerate_keeps_them() -> None:
    """A host's autogenerate sees its own `ix_app_…`, but not those on mimcore's tables, which it would remove."""
    table = schema.metadata.tables["mim_contact"]
    ours = Index("ix_app_segment", "tenant", "country", _table=table.to_metadata(type(schema.metadata)()))
    assert migrate.exclude_declared_indexes(ours, "ix_app_segment", "index", True, None) is False
    assert migrate.exclude_declared_indexes(None, "ix_app_segment", "index", True, None) is True
