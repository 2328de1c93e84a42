"""Importing a CSV file of 15 columns, planned and applied, against the leanest way to the very same rows.

At full scale a million rows go into SQLite once, and into PostgreSQL once (a topic of its own): about 25 minutes each,
and 15 GB of disk. `--scale 0.02` is 20,000 rows. What has been measured is told as it comes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import mimcore as mim
from benchmarks.identical_rows import Watch, copied, every_row, executed, same_rows
from benchmarks.memory import peak_and_seconds
from benchmarks.people import NOW, rows
from benchmarks.stores.server_clock import both_clock
from benchmarks.timing import Line, line, report
from mimcore.testing import PostgresServer

__all__ = ["measure", "measure_postgresql"]
ROWS = 1_000_000
FEW = 0.02
"""Share of the rows for what is not compared with anything."""
ONCE_FROM = 200_000
"""So many rows are imported once; fewer of them in three rounds."""
MAPPING = {
    "Customer": "contact.external_id",
    "Given name": "contact.given_name",
    "Family name": "contact.family_name",
    "E-mail": "contact.email",
    "Phone": "contact.phone",
    "Country": "contact.country",
    "City": "contact.city",
    "Postal code": "contact.postal_code",
    "Street": "contact.street",
    "Born": "contact.birth_date",
    "Interests": "contact.interests",
    "Customer since": "contact.acquired_at",
    "Job title": "contact.title",
    "Language": "contact.language",
    "Tags": "contact.tags",
}


def measure(scale: float) -> list[Line]:
    """Measure planning and applying, into SQLite and memory."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        size = int(ROWS * scale)
        path = write_file(folder / "people.csv", size)
        few = write_file(folder / "few.csv", max(100, int(size * FEW)))
        imported("memory:", few)  # loads what is loaded on first use
        return [_sqlite(folder, path, size), *_alone(folder, few, max(100, int(size * FEW)))]


def measure_postgresql(scale: float) -> list[Line]:
    """Measure planning and applying into PostgreSQL."""
    with TemporaryDirectory() as name:
        size = int(ROWS * scale)
        imported("memory:", write_file(Path(name) / "few.csv", 100))
        return [_postgresql(write_file(Path(name) / "people.csv", size), size)]


def _sqlite(folder: Path, path: Path, size: int) -> Line:
    ours, base, peak = Seconds(), Seconds(), 0.0
    numbers = count()
    for _ in range(_rounds(size)):
        made, target = (folder / f"{next(numbers)}.db" for _ in range(2))
        grown, seconds = peak_and_seconds(sqlite_job, path, made)
        print(f"SQLite: {seconds:.1f} s, memory grows by {grown:.0f} MB", file=sys.stderr, flush=True)
        ours.append(seconds)
        peak = max(peak, grown)
        _open(f"sqlite:///{target}").close()
        watch = Watch(process_time)
        executed(path, made, target, watch)
        print(f"by hand: {watch.seconds:.1f} s", file=sys.stderr, flush=True)
        base.append(watch.seconds)
        same_rows(every_row(made), every_row(target))
        made.unlink()
        target.unlink()
    case, baseline = "plan and apply, SQLite", "Polars read and raw executemany of the same rows into all tables"
    return line(case, baseline, size, ours, base, f"memory grows by {peak:.0f} MB at most")


def _postgresql(path: Path, size: int) -> Line:
    ours, base = Seconds(), Seconds()
    with PostgresServer() as server:
        clock = both_clock(server.url)
        for _ in range(_rounds(size)):
            made, target = server.new_database(), server.new_database()
            ours.append(_timed(made, path, clock))
            print(f"PostgreSQL: {ours[-1]:.1f} s", file=sys.stderr, flush=True)
            _open(target).close()
            watch = Watch(clock)
            copied(path, made, target, watch)
            base.append(watch.seconds)
            same_rows(every_row(made), every_row(target))
            server.drop_database(made)
            server.drop_database(target)
    case, baseline = "plan and apply, PostgreSQL", "Polars read and COPY of the same rows into all tables"
    return line(case, baseline, size, ours, base, "processor time of client and server")


Seconds = list[float]


def _rounds(size: int) -> int:
    return 1 if size >= ONCE_FROM else 3


def _timed(url: str, path: Path, clock: Callable[[], float]) -> float:
    """Import into a new store and return how long planning and applying take."""
    watch = Watch(clock)
    with _open(url) as store:
        with watch:
            done = plan_of(store, path).apply()
        assert done.counts == {"created": done.rows_done}, done.counts
    return watch.seconds


def _alone(folder: Path, path: Path, size: int) -> list[Line]:
    return [
        report("plan and apply, memory", size, lambda: imported("memory:", path)),
        report("plan only, memory", size, lambda: planned("memory:", path)),
        _again(folder, path, size),
        report("audit of the file", size, lambda: mim.audit(path)),
    ]


def _again(folder: Path, path: Path, size: int) -> Line:
    with _open(f"sqlite:///{folder / 'again.db'}") as store:
        plan_of(store, path).apply()
        return report(
            "the same file a second time",
            size,
            lambda: plan_of(store, path).apply(),
            note="recognised, nothing changes",
        )


def write_file(path: Path, size: int) -> Path:
    """Write the file: valid rows, five of a hundred cells missing."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(MAPPING)
        writer.writerows(_cells(number, row) for number, row in enumerate(rows(size)))
    return path


def _cells(number: int, row: dict[str, Any]) -> list[str]:
    since: datetime | None = row["acquired_at"]
    return [
        f"C{number}",
        row["given_name"],
        row["family_name"],
        row["email"] or "",
        f"+45 32 12 {number // 100 % 100:02d} {number % 100:02d}",
        row["country"] or "",
        row["city"],
        f"{1000 + number % 9000}",
        f"Long Road {number % 99}",
        "" if row["birth_date"] is None else row["birth_date"].isoformat(),
        ";".join(row["interests"]),
        "" if since is None else since.isoformat(),
        ("Buyer", "Engineer", "Head of IT")[number % 3],
        ("da", "en", "de")[number % 3],
        "summer;web" if number % 2 else "",
    ]


def _open(url: str) -> mim.Store:
    return mim.connect(url, clock=lambda: NOW, secret=b"s" * 32, actor="measuring")


def plan_of(store: mim.Store, path: Path) -> Any:
    """Plan the import of the file."""
    return store.plan_import(path, source="list", mapping=MAPPING, key="external_id")


def planned(url: str, path: Path) -> None:
    """Plan only."""
    with _open(url) as store:
        plan_of(store, path)


def imported(url: str, path: Path) -> None:
    """Plan and apply into a new store."""
    with _open(url) as store:
        done = plan_of(store, path).apply()
        assert done.counts["created"] == done.rows_done, done.counts


def sqlite_job(path: Path, target: Path) -> Callable[[], object]:
    """What is imported into SQLite, for its time and its memory, in a process that has imported before."""
    imported("memory:", write_file(target.with_name("tiny.csv"), 100))
    _open(f"sqlite:///{target}").close()
    return lambda: imported(f"sqlite:///{target}", path)
