"""What was asked of speed and memory, beside what was measured: the first table of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["targets"]


class Target(NamedTuple):
    """One figure that was asked for."""

    what: str
    most: float
    topic: str
    case: str
    against: str = ""
    """Beginning of the baseline; empty for a time of our own."""

    unit: str = "×"
    """`×` for a ratio; `ms` for a time per item, `s` for the time of all items."""


TARGETS = (
    Target(
        "rules over 200,000 own objects, against a comprehension", 1.2, "objects", "6 conditions, own objects", "comp"
    ),
    Target(
        "rules over contacts, against a comprehension", 1.2, "objects", "6 conditions, contacts and freshness", "comp"
    ),
    Target("Polars, 2 M rows, against Polars by hand", 1.1, "frames", "Polars prepared, six conditions", "Polars"),
    Target("SQL built each time, SQLite", 1.15, "own_tables", "SQLite: 6 conditions, where, built each time", "hand"),
    Target("SQL built before, SQLite", 1.05, "own_tables", "SQLite: 6 conditions, where, built before", "hand"),
    Target(
        "its opposite, built each time, SQLite",
        1.15,
        "own_tables",
        "SQLite: its opposite, where, built each time",
        "hand",
    ),
    Target(
        "SQL built each time, PostgreSQL",
        1.15,
        "own_tables",
        "PostgreSQL: 6 conditions, where, built each time",
        "hand",
    ),
    Target("SQL built before, PostgreSQL", 1.05, "own_tables", "PostgreSQL: 6 conditions, where, built before", "hand"),
    Target("import mimcore, against importing pydantic", 1.3, "starting", "import mimcore", "import pydantic"),
    Target(
        "upsert 200,000: insert, SQLite",
        1.5,
        "bulk",
        "SQLite: upsert_many, insert",
        "sqlite3.executemany, ready tuples",
    ),
    Target(
        "upsert 200,000: update, SQLite", 2, "bulk", "SQLite: upsert_many, update", "sqlite3.executemany, ready tuples"
    ),
    Target("upsert 200,000: insert, PostgreSQL", 1.5, "bulk_postgresql", "PostgreSQL: upsert_many, insert", "COPY"),
    Target("upsert 200,000: update, PostgreSQL", 1.5, "bulk_postgresql", "PostgreSQL: upsert_many, update", "COPY"),
    Target("one contact added and committed, SQLite", 2, "single", "SQLite: add and commit one contact", "Core"),
    Target(
        "one contact added and committed, PostgreSQL", 2, "single", "PostgreSQL: add and commit one contact", "Core"
    ),
    Target(
        "stream, against code that builds the same objects", 1.2, "streaming", "SQLite: stream of everybody", "hand"
    ),
    Target("stream, against Core tuples", 3, "streaming", "SQLite: stream of everybody", "Core"),
    Target("ids, against the driver's rows", 1.3, "streaming", "SQLite: ids of everybody", "the driver"),
    Target(
        "10 M contacts, six conditions, an index of each",
        1,
        "ten_million",
        "count, six conditions: mimcore's own indexes, one attribute each",
        unit="s",
    ),
    Target(
        "10 M contacts, six conditions, the application's index",
        1,
        "ten_million",
        "count, six conditions: the application's composite index",
        unit="s",
    ),
    Target(
        "10 M contacts, six conditions, scanned",
        10,
        "ten_million",
        "count, six conditions: no index serves a condition",
        unit="s",
    ),
    Target("1 M rows of CSV into SQLite", 3, "imports", "plan and apply, SQLite", "Polars"),
    Target("1 M rows of CSV into PostgreSQL", 3, "imports_postgresql", "plan and apply, PostgreSQL", "Polars"),
    Target("e-mail addresses, against the library", 0.2, "values", "e-mail address", "email-validator"),
    Target("freshness by index at 0.1 %: counted", 0.01, "freshness", "e-mail below, 0.1%: counted", "2^"),
    Target("freshness by index at 90 %: ids", 1, "freshness", "e-mail below, 90.0%: ids", "2^"),
    Target("10,000 segments: one contact", 1, "memberships", "one contact, set of members", unit="ms"),
    Target("10,000 segments: one changed field", 0.3, "memberships", "one changed field, what was entered", unit="ms"),
    Target("10,000 segments: batch of 1,000, a contact", 0.15, "memberships", "batch of 1000", unit="ms"),
    Target("50 segments of 1 M people, all asked, SQLite", 1.3, "refresh", "SQLite: full refresh, nobody moves", "SQL"),
    Target(
        "50 segments of 1 M people, all asked, PostgreSQL",
        1.3,
        "refresh_postgresql",
        "PostgreSQL: full refresh, nobody moves",
        "SQL",
    ),
    Target(
        "1,000 changed, against all asked, SQLite",
        0.01,
        "refresh",
        "SQLite: 1,000 of 1,000,000 changed, refresh",
        "full",
    ),
    Target(
        "1,000 changed, against all asked, PostgreSQL",
        0.01,
        "refresh_postgresql",
        "PostgreSQL: 1,000 of 1,000,000 changed, refresh",
        "full",
    ),
)

Lines = Sequence[Mapping[str, Any]]


def targets(results: Mapping[str, Lines]) -> str:
    """Return the table as Markdown.

    Args:
        results: Lines by topic. A target of which nothing was measured says so.
    """
    rows = list(_rows(results))
    met = sum(one.endswith("| met |") for one in rows)
    head = "| what | at most | measured | |\n|---|---:|---:|---|"
    return "\n".join([f"Of {len(rows)} targets {met} are met.", "", head, *rows])


def _rows(results: Mapping[str, Lines]) -> Iterator[str]:
    for one in TARGETS:
        line = next(filter(lambda line, one=one: _is_of(line, one), results.get(one.topic, ())), None)
        found = None if line is None else _figure(line, one.unit)
        verdict = "not measured" if found is None else "met" if found <= one.most else "**missed**"
        shown = "" if found is None else f"{found:.3g} {one.unit}"
        yield f"| {one.what} | {one.most:g} {one.unit} | {shown} | {verdict} |"


def _is_of(line: Mapping[str, Any], target: Target) -> bool:
    return line["case"] == target.case and str(line["baseline"]).startswith(target.against)


def _figure(line: Mapping[str, Any], unit: str) -> float:
    """Return the figure in the target's unit."""
    if unit == "×":
        return float(line["ratio"])
    return float(line["ours_us"]) / 1e3 if unit == "ms" else float(line["ours_us"]) * line["items"] / 1e6
