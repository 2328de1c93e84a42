"""What was measured with: versions, and the machine in general terms."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from typing import Any

__all__ = ["environment"]

PACKAGES = (
    "mimcore",
    "pydantic",
    "sqlalchemy",
    "narwhals",
    "polars",
    "pandas",
    "pyarrow",
    "email-validator",
    "phonenumbers",
    "nameparser",
    "rule-engine",
    "panzi-json-logic",
    "business-rules",
)


def environment() -> dict[str, Any]:
    """Return versions by package, the interpreter, and the number of cores."""
    versions = {name: found for name in PACKAGES if (found := _version(name))}
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
