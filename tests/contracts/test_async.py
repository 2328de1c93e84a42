"""The SQL back end keeps the contract on asynchronous drivers, driven as an asynchronous store drives it."""

from __future__ import annotations

from shutil import copy

import pytest
from sqlalchemy import make_url
from tests.loops import LoopBackend, LoopThread

from mimcore.sql.backend import SqlBackend
from mimcore.store.async_turn import AsyncTurn
from mimcore.testing import RepositoryContract


@pytest.fixture(scope="module")
def loop():
    """The event loop of all tests here."""
    made = LoopThread()
    yield made
    made.close()


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    """A file that holds mimcore's empty tables; every test gets a copy."""
    file = tmp_path_factory.mktemp("original") / "empty.db"
    SqlBackend.connect(f"sqlite:///{file}").close()
    return file


class _OnLoop(RepositoryContract):
    """Each call is a task of one loop."""

    @pytest.fixture(autouse=True)
    def _loop(self, loop):
        self.loop = loop

    def opened(self, url, tenant="default"):
        """A back end that waits at most two seconds."""
        turn = AsyncTurn(2)
        return LoopBackend(
            self.loop, lambda: SqlBackend.connect(url, tenant=tenant, wait_seconds=2, turn=turn, is_async=True)
        )


class TestAiosqlite(_OnLoop):
    """Every test of the shipped suite, on a file through aiosqlite."""

    @pytest.fixture(autouse=True)
    def _database(self, empty_database):
        self.original = empty_database

    def make_backend(self, folder):
        """A new database file."""
        copy(self.original, folder / "contract.db")
        return self.opened(f"sqlite:///{folder / 'contract.db'}")


class TestPsycopgAsync(_OnLoop):
    """Every test of the shipped suite, as a tenant of its own on PostgreSQL, through psycopg's asynchronous face."""

    @pytest.fixture(autouse=True)
    def _database(self, shared_postgres_url, tenant):
        self.url, self.tenant = shared_postgres_url, tenant

    def make_backend(self, folder):
        """Records of the test's own among everybody else's."""
        return self.opened(self.url, self.tenant)


class TestAsyncpg(TestPsycopgAsync):
    """The same through asyncpg."""

    def make_backend(self, folder):
        """Records of the test's own among everybody else's."""
        address = make_url(self.url).set(drivername="postgresql+asyncpg")
        return self.opened(address.render_as_string(hide_password=False), self.tenant)
