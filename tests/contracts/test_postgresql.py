"""The SQL back end keeps the contract on PostgreSQL, row by row and by COPY."""

from __future__ import annotations

import pytest

from mimcore.sql.backend import SqlBackend
from mimcore.sql.connection import copying
from mimcore.testing import RepositoryContract
from mimcore.testing.contract_contacts import ContactContract
from mimcore.testing.contract_entities import KeyedContract
from mimcore.testing.contract_events import InteractionContract, MergeContract
from mimcore.testing.contract_freshness import FreshnessContract
from mimcore.testing.contract_records import ImportContract, OutboxContract


class _OnPostgresql:
    @pytest.fixture(autouse=True)
    def _database(self, shared_postgres_url, tenant):
        self.url, self.tenant = shared_postgres_url, tenant

    def make_backend(self, folder):
        """Records of the test's own among everybody else's."""
        return SqlBackend.connect(self.url, tenant=self.tenant, wait_seconds=2)


class TestPostgresql(_OnPostgresql, RepositoryContract):
    """Every test of the shipped suite, each as a tenant of its own in one database."""


class TestPostgresqlCopying(
    _OnPostgresql,
    ContactContract,
    KeyedContract,
    InteractionContract,
    MergeContract,
    FreshnessContract,
    ImportContract,
    OutboxContract,
):
    """What writes rows, with the path for many rows taken for one."""

    @pytest.fixture(autouse=True)
    def _always_copies(self, monkeypatch):
        monkeypatch.setattr(copying, "FEW", 0)
