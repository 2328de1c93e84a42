"""The PostgreSQL among the engines stands on the server of the session."""

from __future__ import annotations

import pytest
from tests.rules.store_engines import ON_POSTGRESQL


@pytest.fixture(autouse=True)
def _engines_have_a_server(postgres_server):
    ON_POSTGRESQL.use(postgres_server)
