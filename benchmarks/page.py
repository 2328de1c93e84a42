"""The tables of docs/performance.md, written from results.json and results/ between two marks; the prose stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.targets import targets

__all__ = ["PAGE", "RESULTS", "STORES", "tables", "write_page"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
RESULTS = Path(__file__).with_name("results.json")
STORES = Path(__file__).with_name("results")
"""A file for each topic of stores, for own tables, memberships and freshness."""

BEGIN, END = "<!-- results: written by `python -m benchmarks --page` -->", "<!-- end of results -->"
TITLES = {
    "objects": "Rules over objects",
    "hostile": "Hostile documents",
    "frames": "Rules over data frames",
    "sqlite": "A store on SQLite",
    "snapshot": "A snapshot in Parquet",
    "imports": "Importing a file",
    "values": "Values",
    "starting": "Starting",
    "reports": "Reports and audiences",
}
OF_STORES = {
    "bulk": "Many contacts into a store on SQLite",
    "bulk_postgresql": "Many contacts into a store on PostgreSQL",
    "single": "One contact into a store",
    "streaming": "Everybody out of a store",
    "alchemy": "Beside advanced-alchemy",
    "million": "A million contacts",
    "ten_million": "Ten million contacts",
    "own_tables": "Rules on your own tables",
    "memberships": "Which of ten thousand segments a contact is in",
    "refresh": "Refreshing fifty segments of a million people on SQLite",
    "refresh_postgresql": "Refreshing fifty segments of a million people on PostgreSQL",
    "imports_postgresql": "Importing a file into PostgreSQL",
    "freshness": "Who has a value that is no longer fresh",
}


def write_page() -> None:
    """Replace what stands between the marks."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n\n{END}{after}", encoding="utf-8")


def tables(results: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    told = f"{results['python']}, {results['system']}; {versions}."
    parts = [_topic(TITLES[name], lines) for name, lines in results["topics"].items()]
    kept = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in _files()}
    asked = targets({**results["topics"], **{name: one["lines"] for name, one in kept.items()}})
    apart = (f"{_topic(OF_STORES[name], one['lines'])}\n\n{_versions(one)}" for name, one in kept.items())
    return "\n\n".join(["## What was asked for", asked, "## Results", told, *parts, *apart])


def _files() -> Iterator[tuple[str, Path]]:
    for name in OF_STORES:
        path = STORES / f"{name}.json"
        if path.exists():
            yield name, path


def _versions(results: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items() if name in _TOLD)
    return f"{results['python']}, {results['system']}; {versions}."


_TOLD = frozenset({"mimcore", "pydantic", "sqlalchemy", "sqlite", "postgresql", "psycopg", "advanced-alchemy"})


def _topic(title: str, lines: list[dict[str, Any]]) -> str:
    measured = [one for one in lines if one["items"]]
    notes = [one for one in lines if not one["items"]]
    if not measured:
        return "\n".join([f"### {title}", *_notes(notes)])
    head = "| what | per item | ratio | range | against | remark |\n|---|---:|---:|---:|---|---|"
    return "\n".join([f"### {title}", "", head, *map(_row, measured), *_notes(notes)])


def _row(one: dict[str, Any]) -> str:
    ratio = "" if one["ratio"] is None else f"**{_short(one['ratio'])}**"
    spread = "" if one["low"] is None else f"{_short(one['low'])}–{_short(one['high'])}"
    what = f"{one['case']} ({_spaced(one['items'])})"
    cells = (what, _time(one["ours_us"]), ratio, spread, one["baseline"])
    return f"| {' | '.join((*cells, one['note']))} |"


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _notes(notes: list[dict[str, Any]]) -> Iterable[str]:
    return [""] + [f"- {one['case']}: `{re.sub(r'[|`]', '', one['note'])}`" for one in notes] if notes else []


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 3 else f"{ratio:.2f}"


def _time(microseconds: float | None) -> str:
    if microseconds is None:
        return ""
    if microseconds >= 1_000:
        return f"{microseconds / 1_000:.3g} ms"
    return f"{microseconds:.3g} µs"
