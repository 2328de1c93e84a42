"""Fixtures that every test may ask for."""

from __future__ import annotations

from tests.postgres import empty_postgres_url, postgres_server, postgres_url, shared_postgres_url, tenant

__all__ = ["empty_postgres_url", "postgres_server", "postgres_url", "shared_postgres_url", "tenant"]
