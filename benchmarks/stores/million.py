"""A million contacts on SQLite: how long streaming and a snapshot take, and how much memory they need at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from benchmarks.memory import peak_megabytes
from benchmarks.stores.generated import generate, open_store
from benchmarks.timing import Line

__all__ = ["measure"]
CONTACTS = 1_000_000


def measure(scale: float) -> list[Line]:
    """Measure each job in a process of its own."""
    made = int(CONTACTS * scale)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "million.db"
        generate(path, made, has_points=True)
        return [
            _measured("stream of everybody", streamed, path, Path(folder) / "took", made),
            _measured("snapshot in Parquet", taken, path, Path(folder) / "took", made),
        ]


def _measured(case: str, job: Callable[..., Callable[[], object]], path: Path, took: Path, made: int) -> Line:
    peak = peak_megabytes(job, path, took)
    wall, used = map(float, took.read_text(encoding="utf-8").split())
    note = f"{used:.1f} s of the processor, {wall:.1f} s on the wall; memory grows by {peak:.0f} MB at most"
    return Line(f"SQLite: {case}", "", made, used / made * 1e6, None, None, rounds=1, note=note)


def streamed(path: Path, took: Path) -> Callable[[], object]:
    """Read everybody, keeping nobody."""
    store = open_store(path)
    store.contacts.find(limit=10)
    return lambda: _clocked(took, lambda: sum(1 for _ in store.contacts.stream()))


def taken(path: Path, took: Path) -> Callable[[], object]:
    """Take a snapshot."""
    store = open_store(path)
    store.contacts.find(limit=10)
    return lambda: _clocked(took, lambda: store.snapshot(took.with_name("snapshot")))


def _clocked(took: Path, run: Callable[[], object]) -> None:
    start, used = perf_counter(), process_time()
    run()
    took.write_text(f"{perf_counter() - start} {process_time() - used}", encoding="utf-8")
