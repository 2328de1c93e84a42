"""`python -m benchmarks [TOPIC …] [--scale 0.1]` measures; `--page` writes the table of docs/performance.md.

`stores` stands for all that is measured of stores; `own_tables`, `memberships`, `refresh`, `freshness` and each of them
have a file of results of their own.
`ten_million` needs 20 minutes and 7 GB and runs only by its name.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from benchmarks.environment import environment
from benchmarks.page import RESULTS, STORES, write_page
from benchmarks.stores import TOPICS as OF_STORES

TOPICS = ("objects", "hostile", "frames", "sqlite", "snapshot", "imports", "values", "starting", "reports")
BY_NAME = (*OF_STORES, "ten_million")
APART = (*BY_NAME, "own_tables", "memberships", "refresh", "refresh_postgresql", "freshness", "imports_postgresql")
"""Topics with a file of results of their own."""
PLACES = dict.fromkeys(("refresh", "refresh_postgresql"), "benchmarks.segments")


def main() -> None:
    """Measure topics, each in a process of its own, and keep what was measured."""
    options = _options()
    if options.page:
        write_page()
        return
    if options.child:
        place = PLACES.get(options.child, "benchmarks.stores" if options.child in BY_NAME else "benchmarks")
        measure = import_module(f"{place}.{options.child}").measure
        print(json.dumps([one.as_dict() for one in measure(options.scale)]))
        return
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"topics": {}}
    for topic in _each(options.topics or TOPICS):
        lines = _measured(topic, options.scale)
        print(f"— {topic}")
        _show(lines)
        if topic in APART:
            _keep(topic, lines, options.scale)
        else:
            kept["topics"][topic] = lines
    if options.scale == 1 and not set(options.topics or TOPICS) <= {"stores", *APART}:
        ordered = {name: kept["topics"][name] for name in TOPICS if name in kept["topics"]}
        RESULTS.write_text(json.dumps({**environment(), "topics": ordered}, indent=1) + "\n", encoding="utf-8")


def _each(topics: Iterable[str]) -> Iterator[str]:
    for topic in topics:
        yield from OF_STORES if topic == "stores" else (topic,)


def _keep(topic: str, lines: list[dict[str, Any]], scale: float) -> None:
    """Keep what was measured in a file of its own, with the versions."""
    if scale == 1:
        STORES.mkdir(exist_ok=True)
        text = json.dumps({**environment(with_server=True), "topic": topic, "lines": lines}, indent=1)
        (STORES / f"{topic}.json").write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "topics", nargs="*", choices=[*TOPICS, "stores", *APART, []], help="all but stores unless given"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="share of the data; results are kept at 1 only")
    parser.add_argument("--page", action="store_true", help="write the table of docs/performance.md")
    parser.add_argument("--child", choices=(*TOPICS, *APART), help=argparse.SUPPRESS)
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
