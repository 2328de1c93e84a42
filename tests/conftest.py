"""Fixtures that every test may ask for."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings
from tests.postgres import empty_postgres_url, postgres_server, postgres_url, shared_postgres_url, tenant

__all__ = ["empty_postgres_url", "postgres_server", "postgres_url", "shared_postgres_url", "tenant"]

# How fast an example runs says something about the machine, nothing about the code; speed is measured in benchmarks/.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over ten thousand collected tests, which it would look through again and again."""
    gc.collect()
    gc.freeze()
