"""The in-memory back end keeps the contract."""

from __future__ import annotations

from mimcore.memory import InMemoryBackend
from mimcore.testing import RepositoryContract


class TestInMemoryBackend(RepositoryContract):
    """Every test of the shipped suite, on the back end in memory."""

    def make_backend(self, folder):
        """A new one; nothing is kept in files."""
        return InMemoryBackend()
