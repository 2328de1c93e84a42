"""Mutants of any line, drawn by chance: `python -m tests.mutants.sampled --each 20`.

mutmut changes one operator, constant or argument at a time in the files that `[tool.mutmut]` names, and runs the tests
that reach the changed function. Whole, that takes a night; a sample says how much goes unnoticed. The table, with every
survivor, is kept in `benchmarks/results/mutation.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.environment import environment

ROOT = Path(__file__).resolve().parents[2]
MUTATED = ROOT / "mutants" / "src"
RESULTS = ROOT / "benchmarks" / "results" / "mutation.json"
OUTCOMES = {"🎉": "killed", "🙁": "survived", "🫥": "no tests", "⏰": "timeout", "🤔": "suspicious"}
"""A mutant that makes a test run for ever has been noticed too."""


def main() -> int:
    """Draw, run file by file, keep the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--each", type=int, default=20, help="mutants drawn of every file")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--only", default="", help="part of a module's name; the others keep what was found before")
    asked = options.parse_args()
    _run("nothing*", jobs=asked.jobs)  # writes the mutants, and learns which tests reach what
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if asked.only and RESULTS.exists() else {}
    files, unnoticed = kept.get("files", {}), kept.get("unnoticed", {})
    for module, names in _drawn(asked.each, random.Random(asked.seed)):
        if asked.only not in module:
            continue
        told = _run(*names, jobs=asked.jobs)
        found = dict(_outcomes(told))
        if len(found) != len(names):
            print(f"{module}: mutmut ended early\n{told[-2000:]}")
            return 1
        files[module] = dict(Counter(found.values()))
        unnoticed |= {name: how for name, how in found.items() if how not in {"killed", "timeout"}}
        print(f"{module}: {files[module]}", flush=True)
        table = {
            "versions": environment(),
            "each": asked.each,
            "seed": asked.seed,
            "files": files,
            "unnoticed": unnoticed,
        }
        RESULTS.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _run(*names: str, jobs: int) -> str:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs), *names]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def _drawn(each: int, chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    for file in sorted(MUTATED.rglob("*.py")):
        names = sorted(set(re.findall(r"def (x[^\s(]*__mutmut_\d+)\(", file.read_text(encoding="utf-8"))))
        if names:
            module = ".".join(file.relative_to(MUTATED).with_suffix("").parts)
            yield module, [f"{module}.{name}" for name in chance.sample(names, min(each, len(names)))]


def _outcomes(told: str) -> Iterator[tuple[str, str]]:
    for line in told.replace("\r", "\n").splitlines():
        mark, _, name = line.partition(" ")
        if mark in OUTCOMES and "__mutmut_" in name:
            yield name.strip(), OUTCOMES[mark]


if __name__ == "__main__":
    sys.exit(main())
