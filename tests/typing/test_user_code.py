"""User code under strict type checkers: right code is clean, and each marked mistake is reported.

A line marked `# E:` must be reported by both checkers, `# E[mypy]:` or `# E[pyright]:` by that one only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
MARK = re.compile(r"#\s*E(?:\[(?P<only>mypy|pyright)\])?:")
Report = dict[int, str]


def _mypy(file: Path, scratch: Path) -> Report:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary",
         "--no-color-output", "--output=json", f"--cache-dir={scratch / 'mypy'}", str(file)],
        env={**os.environ, "MYPYPATH": str(SOURCE)}, cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(Path(item["file"]).name == file.name for item in found), found
    return {item["line"]: item["message"] for item in found if item["severity"] == "error"}


def _pyright(file: Path, scratch: Path) -> Report:
    config = scratch / "pyrightconfig.json"
    shutil.copy(file, scratch)
    config.write_text(json.dumps({"include": [file.name], "typeCheckingMode": "strict", "extraPaths": [str(SOURCE)]}))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(config)],
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}, cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1, report
    return {
        item["range"]["start"]["line"] + 1: item["message"]
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    }


CHECKERS: dict[str, Callable[[Path, Path], Report]] = {"mypy": _mypy, "pyright": _pyright}


def _marked(file: Path, checker: str) -> set[int]:
    marks = (
        (number, MARK.search(line)) for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    )
    return {number for number, mark in marks if mark and mark["only"] in {None, checker}}


@pytest.mark.parametrize("checker", CHECKERS)
def test_user_code_is_clean(checker: str, tmp_path: Path) -> None:
    """Code as the documentation teaches it has no finding under a strict checker."""
    assert CHECKERS[checker](HERE / "user_code.py", tmp_path) == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_reported(checker: str, tmp_path: Path) -> None:
    """The checker reports every marked line, and no other."""
    file = HERE / "user_mistakes.py"
    report = CHECKERS[checker](file, tmp_path)
    marked = _marked(file, checker)
    assert marked
    assert set(report) == marked, {line: text for line, text in report.items() if line not in marked}
