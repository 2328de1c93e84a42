"""The SQL back end keeps the contract on PostgreSQL."""

from __future__ import annotations

import pytest

from mimcore.sql.backend import SqlBackend
from mimcore.testing import RepositoryContract


class TestPostgresql(RepositoryContract):
    """Every test of the shipped suite, on a database of its own."""

    @pytest.fixture(autouse=True)
    def _database(self, postgres_url):
        self.url = postgres_url

    def make_backend(self, folder):
        """A new database."""
        return SqlBackend.connect(self.url, wait_seconds=2)
