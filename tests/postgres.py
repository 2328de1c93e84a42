"""A real PostgreSQL for every test that asks: never skipped, for a machine without one has it from a wheel.

The fixtures are known in all tests through `tests/conftest.py`: do not import them.
"""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from mimcore.testing.postgres import PostgresServer


def tables(url):
    """Make mimcore's tables in an empty database; called once in a session, every test gets a copy."""
    from mimcore.sql.migrating import migrate

    engine = create_engine(url)
    with engine.begin() as connection:
        migrate.create(connection)
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_server():
    """The server of this session, or of this worker."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server):
    """A database of this test's own that holds mimcore's empty tables."""
    with postgres_server.database(tables) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server):
    """A database of this test's own that holds nothing."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_server):
    """One database with mimcore's tables for many tests: each takes a tenant of its own, so that none sees another's."""
    with postgres_server.database(tables) as url:
        yield url


@pytest.fixture
def tenant():
    """A tenant that no other test has."""
    return uuid4().hex
