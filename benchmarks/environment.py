"""What was measured with: versions, and the machine in general terms."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import create_engine

from mimcore.testing import PostgresServer

__all__ = ["environment"]

PACKAGES = (
    "mimcore",
    "pydantic",
    "sqlalchemy",
    "narwhals",
    "polars",
    "pandas",
    "pyarrow",
    "psycopg",
    "advanced-alchemy",
    "email-validator",
    "phonenumbers",
    "nameparser",
    "rule-engine",
    "panzi-json-logic",
    "business-rules",
    "zen-engine",
    "common-expression-language",
)


def environment(*, with_server: bool = False) -> dict[str, Any]:
    """Return versions by package, the interpreter, and the number of cores.

    Args:
        with_server: Whether a PostgreSQL server is asked for its version too.
    """
    versions = {name: found for name in PACKAGES if (found := _version(name))}
    if with_server:
        versions["postgresql"] = _server_version()
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {**versions, "sqlite": sqlite3.sqlite_version},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _server_version() -> str:
    with PostgresServer() as server:
        engine = create_engine(server.url)
        with engine.connect() as connection:
            found = connection.exec_driver_sql("show server_version").scalar_one()
        engine.dispose()
    return str(found).split()[0]
