"""Who may import whom: the contracts of pyproject.toml hold, and they do catch what they are there for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.argv = ['lint-imports', '--no-cache']; lint_imports_command()"
STRAYS = {
    "a stray module": ("helpers.py", '"""Stray."""\n', "Rooms look downward only"),
    "a stray package": ("helpers/__init__.py", '"""Stray."""\n', "Rooms look downward only"),
    "an upward import": ("values/stray.py", "from mimcore.repositories import stray_target\n", "Rooms look downward only"),
    "an upward import in a function": (
        "values/stray.py", "def late() -> None:\n    import mimcore.repositories.stray_target\n", "Rooms look downward only",
    ),
    "a way up through the public names": ("values/stray.py", "import mimcore\n", "Rooms look downward only"),
    "an upward import inside the rules": (
        "rules/language/stray.py", "from mimcore.rules.evaluation import facts\n", "Inside the rules",
    ),
    "an upward import inside the domain": (
        "domain/declaring/stray.py", "from mimcore.domain import contact\n", "Inside the domain",
    ),
    "a stray module inside the domain": ("domain/stray.py", '"""Stray."""\n', "Inside the domain"),
    "an upward import inside the SQL back end": (
        "sql/tables/stray.py", "from mimcore.sql.conditions import compiler\n", "Inside the SQL back end",
    ),
    "a stray module inside the SQL back end": ("sql/stray.py", '"""Stray."""\n', "Inside the SQL back end"),
    "an upward import inside capture": (
        "capture/mapping/stray.py", "from mimcore.capture.importing import plan\n", "Inside capture",
    ),
    "a database in the core": ("values/stray.py", "import sqlalchemy\n", "no database and no data frame"),
    "a data frame in the core": ("rules/stray.py", "def late() -> None:\n    import polars\n", "no database and no data frame"),
    "a database in the in-memory store": ("memory/stray.py", "from sqlalchemy import select\n", "no database and no data frame"),
    "a database in a feature room": ("quality/stray.py", "from sqlalchemy.orm import Session\n", "no database and no data frame"),
}  # fmt: skip


def _lint(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(project / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources that a test may spoil."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "src" / "mimcore", tmp_path / "src" / "mimcore", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def test_the_contracts_hold() -> None:
    """Imports point downward only, there is no other room, and the core knows no storage."""
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("case", STRAYS)
def test_the_contracts_catch(copy: Path, case: str) -> None:
    """A stray module, an upward import or a database in the core breaks the contract that is meant for it."""
    name, text, contract = STRAYS[case]
    place = copy / "src" / "mimcore" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    for room in (place.parent, copy / "src" / "mimcore" / "repositories"):
        room.mkdir(exist_ok=True)
        (room / "__init__.py").touch()
    (copy / "src" / "mimcore" / "repositories" / "stray_target.py").touch()
    (copy / "src" / "mimcore" / "__init__.py").write_text(
        "import mimcore.repositories.stray_target\n", encoding="utf-8"
    )
    place.write_text(text, encoding="utf-8")
    done = _lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(contract in line and "BROKEN" in line for line in done.stdout.splitlines()), done.stdout


@pytest.mark.parametrize("room", ["sql/connection", "frames", "capture/reading", "store"])
def test_the_contracts_let_storage_be_where_it_belongs(copy: Path, room: str) -> None:
    """The rooms above the ports may use the database and the frames."""
    place = copy / "src" / "mimcore" / room
    place.mkdir(exist_ok=True)
    (place / "__init__.py").touch()
    (place / "stray.py").write_text("import sqlalchemy\nimport narwhals\nimport mimcore.errors\n", encoding="utf-8")
    done = _lint(copy)
    assert done.returncode == 0, done.stdout
