"""The SQL back end keeps the contract on SQLite: on a file, and in memory where it promises the same."""

from __future__ import annotations

from mimcore.sql.backend import SqlBackend
from mimcore.testing import RepositoryContract


class TestSqliteFile(RepositoryContract):
    """Every test of the shipped suite, on a file."""

    def make_backend(self, folder):
        """A new database file."""
        return SqlBackend.connect(f"sqlite:///{folder / 'contract.db'}", wait_seconds=2)
