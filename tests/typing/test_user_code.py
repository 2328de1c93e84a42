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
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
MARK = re.compile(r"#\s*E(?:\[(?P<only>mypy|pyright)\])?:")
FILES = ("user_code.py", "user_mistakes.py")
Report = dict[str, dict[int, str]]
"""Finding by line, by file."""


def _mypy(scratch: Path) -> Report:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary",
         "--no-color-output", "--output=json", f"--cache-dir={scratch / 'mypy'}", *(str(HERE / name) for name in FILES)],
        env={**os.environ, "MYPYPATH": str(SOURCE)}, cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return _report((item["file"], item["line"], item["message"]) for item in found if item["severity"] == "error")


def _pyright(scratch: Path) -> Report:
    config = scratch / "pyrightconfig.json"
    for name in FILES:
        shutil.copy(HERE / name, scratch)
    config.write_text(json.dumps({"include": list(FILES), "typeCheckingMode": "strict", "extraPaths": [str(SOURCE)]}))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(config)],
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}, cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(FILES), report
    return _report(
        (item["file"], item["range"]["start"]["line"] + 1, item["message"])
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    )


def _report(found: Iterable[tuple[str, int, str]]) -> Report:
    report: Report = {name: {} for name in FILES}
    for file, line, message in found:
        report[Path(file).name][line] = message  # a finding in any other file is a KeyError: there is none
    return report


CHECKERS: dict[str, Callable[[Path], Report]] = {"mypy": _mypy, "pyright": _pyright}


def _marked(file: Path, checker: str) -> set[int]:
    marks = (
        (number, MARK.search(line)) for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    )
    return {number for number, mark in marks if mark and mark["only"] in {None, checker}}


@pytest.mark.parametrize("checker", CHECKERS)
def test_user_code_is_clean_and_mistakes_are_reported(checker: str, tmp_path: Path) -> None:
    """Code as the documentation teaches it has no finding; of the mistakes every marked line has one, and no other."""
    report = CHECKERS[checker](tmp_path)
    assert report["user_code.py"] == {}
    marked, mistakes = _marked(HERE / "user_mistakes.py", checker), report["user_mistakes.py"]
    assert marked
    assert set(mistakes) == marked, {line: text for line, text in mistakes.items() if line not in marked}
