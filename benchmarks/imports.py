"""Importing a CSV file of 15 columns against csv.reader with a raw executemany, which checks nothing."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mimcore as mim
from benchmarks.memory import peak_megabytes
from benchmarks.people import NOW, rows
from benchmarks.timing import Line, line, race, report

__all__ = ["measure"]
ROWS = 10_000
BASELINE = "csv.reader and raw executemany, no checks"
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
    """Measure planning and applying, into memory and into SQLite."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        size = int(ROWS * scale)
        path = write_file(folder / "people.csv", size)
        numbers = count()

        def raw() -> None:
            hand_written(path, folder / f"raw{next(numbers)}.db")

        def sqlite() -> None:
            imported(f"sqlite:///{folder / f'ours{next(numbers)}.db'}", path)

        imported("memory:", write_file(folder / "few.csv", 100))  # loads what is loaded on first use
        contenders = {"raw": raw, "memory": lambda: imported("memory:", path), "sqlite": sqlite}
        seconds = race(contenders, 5, is_warmed_up=False)
        peaks = {
            "sqlite": peak_megabytes(sqlite_job, path, folder / "peak.db"),
            "memory": peak_megabytes(memory_job, path),
            "raw": peak_megabytes(raw_job, path, folder / "peak-raw.db"),
        }
        return [
            *(
                line(
                    f"plan and apply, {where}",
                    BASELINE,
                    size,
                    seconds[where],
                    seconds["raw"],
                    _note(peaks, where),
                )
                for where in ("sqlite", "memory")
            ),
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


def _note(peaks: dict[str, float], where: str) -> str:
    return f"memory grows by {peaks[where]:.0f} MB at most; raw by {peaks['raw']:.0f} MB"


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


def hand_written(path: Path, target: Path) -> None:
    """Put the file's cells into one table as they stand, key unique, in one transaction."""
    connection = sqlite3.connect(target)
    connection.execute("pragma journal_mode = wal")
    columns = ", ".join(f"c{number} text" for number in range(len(MAPPING)))
    connection.execute(f"create table people ({columns}, primary key (c0))")
    with path.open(encoding="utf-8", newline="") as handle, connection:
        reader = csv.reader(handle)
        next(reader)
        connection.executemany(f"insert into people values ({', '.join('?' * len(MAPPING))})", reader)
    connection.close()


def _open(url: str) -> mim.Store:
    return mim.connect(url, clock=lambda: NOW)


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
        done = plan_of(store, path).apply(batch_size=1000)
        assert done.counts["created"] == done.rows_done, done.counts


def sqlite_job(path: Path, target: Path) -> Callable[[], object]:
    """What is imported into SQLite for its memory."""
    planned("memory:", path)
    return lambda: imported(f"sqlite:///{target}", path)


def memory_job(path: Path) -> Callable[[], object]:
    """What is imported into memory for its memory."""
    planned("memory:", path)
    return lambda: imported("memory:", path)


def raw_job(path: Path, target: Path) -> Callable[[], object]:
    """What is written by hand for its memory."""
    return lambda: hand_written(path, target)
