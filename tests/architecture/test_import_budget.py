"""`import mimcore` loads pydantic and nothing heavier."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
HEAVY = {
    "alembic", "asyncpg", "dateutil", "dns", "email_validator", "IPython", "narwhals", "numpy", "pandas", "phonenumbers",
    "polars", "psycopg", "pyarrow", "pyspark", "pytest", "scipy", "sqlalchemy", "sqlite3",
}  # fmt: skip
PROBE = "import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"


def _modules_after(module: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["mimcore", "mimcore.errors"])
def test_importing_loads_no_heavy_library(module: str) -> None:
    """A service that only checks consent does not pay for a database driver or a data frame library."""
    loaded = _modules_after(module)
    assert module in loaded
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


def test_importing_loads_no_room_with_storage() -> None:
    """The rooms that hold databases and frames are loaded when they are first asked for."""
    rooms = {".".join(name.split(".")[:2]) for name in _modules_after("mimcore") if name.startswith("mimcore.")}
    assert rooms & {"mimcore.sql", "mimcore.frames", "mimcore.capture", "mimcore.notebook", "mimcore.cli"} == set()


def test_the_probe_would_see_a_heavy_library() -> None:
    """The test is not blind: a module that does load sqlite3 is caught."""
    assert "sqlite3" in _modules_after("sqlite3")
