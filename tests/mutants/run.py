"""Removes one safeguard after the other in a scratch copy and runs what must notice: `python -m tests.mutants.run`.

`--only WORD` runs some. The table is kept in `benchmarks/results/mutants.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.environment import environment
from tests.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "mutants.json"
VERSIONS = environment()


def main() -> int:
    """Run them all; the exit status is 1 if one survives."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="")
    options.add_argument("--jobs", type=int, default=2)
    asked = options.parse_args()
    wanted = [one for one in MUTANTS if asked.only in f"{one.name} {one.file}"]
    with ThreadPoolExecutor(asked.jobs) as pool:
        failing = [line["by"] for line in pool.map(outcome, controls(wanted)) if line["outcome"] == "killed"]
        if failing:
            print(f"fails without any mutant, mend that first: {'; '.join(failing)}")
            return 2
        lines = []
        for line in pool.map(_told, wanted):
            lines.append(line)
            _keep(lines)
    survivors = [line for line in lines if line["outcome"] != "killed"]
    print(f"{len(lines) - len(survivors)} of {len(lines)} killed")
    return 1 if survivors else 0


def _keep(lines: list[dict[str, str]]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    before = json.loads(RESULTS.read_text(encoding="utf-8"))["mutants"] if RESULTS.exists() else []
    known = {line["mutant"]: line for line in (*before, *lines)}
    table = [known[one.name] for one in MUTANTS if one.name in known]
    text = json.dumps({"versions": VERSIONS, "mutants": table}, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def controls(wanted: Sequence[Mutant]) -> list[Mutant]:
    """The same trials with nothing removed: they must find nothing, or every kill would be worthless."""
    alike = {(one.engines, one.tests): one for one in wanted}
    return [replace(one, name="nothing", old="", new="") for one in alike.values()]


def _told(mutant: Mutant) -> dict[str, str]:
    line = outcome(mutant)
    print(f"{line['outcome']:8}  {mutant.name}  ({line['by']})", flush=True)
    return line


def outcome(mutant: Mutant) -> dict[str, str]:
    """What became of a mutant, and who noticed; a mutant whose text is gone is no mutant."""
    by = ", ".join(mutant.engines or mutant.tests)
    with tempfile.TemporaryDirectory(prefix="mimcore-mutant-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source)
        applied = mutant.old == mutant.new or mutate(source / "mimcore" / mutant.file, mutant)
        status = _run(mutant, source) if applied else None
    found = "absent" if status is None else "survived" if status == 0 else "killed"
    return {"mutant": mutant.name, "file": mutant.file, "by": by, "outcome": found}


def mutate(file: Path, mutant: Mutant) -> bool:
    """Put the new text in the place of the old one, which must stand there once."""
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return False
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    return True


def _run(mutant: Mutant, source: Path) -> int:
    path = f"{source}{os.pathsep}{ROOT}"
    command: Sequence[str] = (sys.executable, "-m", "tests.mutants.trial", "|".join(mutant.engines))
    if mutant.tests:
        told = ("-q", "-x", "-p", "no:randomly", "-o", f"pythonpath={source} {ROOT}")
        command = (sys.executable, "-m", "pytest", *told, *mutant.tests)
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, check=False
    ).returncode  # fmt: skip


if __name__ == "__main__":
    started = time.monotonic()
    status = main()
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(status)
