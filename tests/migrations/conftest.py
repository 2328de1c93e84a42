"""An engine of a host application on a new database of each kind."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'app.db'}"
    return request.getfixturevalue("empty_postgres_url")


@pytest.fixture
def engine(address):
    """An engine on an empty database, as a host application makes it."""
    made = create_engine(address, pool_size=10)
    yield made
    made.dispose()
