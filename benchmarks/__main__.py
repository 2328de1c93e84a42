"""`python -m benchmarks [TOPIC …] [--scale 0.1]` measures; `--page` writes the table of docs/performance.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.environment import environment
from benchmarks.page import write_page

TOPICS = ("objects", "frames", "sqlite", "snapshot", "imports", "values", "starting", "reports")
RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure topics, each in a process of its own, and keep what was measured."""
    options = _options()
    if options.page:
        write_page(json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    if options.child:
        print(
            json.dumps([one.as_dict() for one in import_module(f"benchmarks.{options.child}").measure(options.scale)])
        )
        return
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"topics": {}}
    for topic in options.topics or TOPICS:
        lines = _measured(topic, options.scale)
        print(f"— {topic}")
        _show(lines)
        kept["topics"][topic] = lines
    if options.scale == 1:
        ordered = {name: kept["topics"][name] for name in TOPICS if name in kept["topics"]}
        RESULTS.write_text(json.dumps({**environment(), "topics": ordered}, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", choices=[*TOPICS, []], help="all unless given")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the data; results are kept at 1 only")
    parser.add_argument("--page", action="store_true", help="write the table of docs/performance.md")
    parser.add_argument("--child", choices=TOPICS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(topic: str, scale: float) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks", "--child", topic, "--scale", str(scale)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=RESULTS.parents[1])
    measured: list[dict[str, Any]] = json.loads(done.stdout)
    return measured


def _show(lines: list[dict[str, Any]]) -> None:
    for one in lines:
        ratio = "" if one["ratio"] is None else f"{one['ratio']:8.2f} × {one['baseline']}"
        used = "" if one["ours_us"] is None else f"{one['ours_us']:12.2f} µs"
        print(f"{one['case']:46} {used:>16} {ratio} {one['note']}", flush=True)


if __name__ == "__main__":
    main()
