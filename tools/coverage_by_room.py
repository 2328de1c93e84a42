"""Writes which share of each room the suite runs, as `make coverage` measured: `python -m tools.coverage_by_room`."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.environment import environment

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / ".cache" / "coverage.json"
RESULTS = ROOT / "benchmarks" / "results" / "coverage.json"
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def main() -> int:
    """Add the files of a room up; loose files of the package stand under their own names."""
    files: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))["files"]
    rooms: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for path, measured in files.items():
        room = path.partition("mimcore/")[2].split("/")[0]
        for name in COUNTED:
            rooms[room][name] += measured["summary"][name]
            rooms["all"][name] += measured["summary"][name]
    table = {"versions": environment(), "rooms": dict(sorted(rooms.items()))}
    RESULTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    for room, found in table["rooms"].items():
        lines = 100 * found["covered_lines"] / found["num_statements"]
        branches = 100 * found["covered_branches"] / max(found["num_branches"], 1)
        print(f"{room:16} {lines:6.1f} % of lines {branches:6.1f} % of branches")
    return 0


if __name__ == "__main__":
    sys.exit(main())
