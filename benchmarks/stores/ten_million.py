"""Ten million contacts on SQLite: a segment of six conditions, along an application's own index and without one.

mimcore has an index for every declared attribute, of that attribute alone: with one segment of all an application
knows better. So its index is the application's own (`ix_app_…`); mimcore lets it be. Answers are compared with SQL
written by hand.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, NamedTuple

import mimcore as mim
from benchmarks.stores.generated import AFTER, POINTS, generate, open_store
from benchmarks.timing import Line
from mimcore import fields as f

__all__ = ["measure"]
CONTACTS = 10_000_000
_DAY = 86_400_000_000
INDEX = (
    "create index ix_app_segment on mim_contact (tenant, status, lifecycle_stage, title_folded, country, acquired_at)"
)
INDEXED = (
    (f.contact.lifecycle_stage == "customer")
    & (f.contact.title == "Buyer")
    & f.contact.country.is_in("DE", "FR", "NL")
    & f.contact.acquired_at.within_days(100)
    & f.contact.interests.overlaps("cycling", "opera")
    & (POINTS >= 50)
)
SCANNED = (
    (f.contact.language == "de")
    & (f.contact.city == "Town 7")
    & f.contact.age.is_between(25, 54)
    & f.contact.acquired_at.within_days(100)
    & f.contact.interests.overlaps("cycling", "opera")
    & (POINTS >= 50)
)
_SHARED = (
    f" and acquired_at >= {AFTER - 100 * _DAY} and acquired_at <= {AFTER}"
    " and exists (select 1 from json_each(interests_folded) where value in ('cycling', 'opera'))"
    " and custom ->> '$.points' >= 50"
)
_ACTIVE = "from mim_contact where tenant = 'default' and status = 'active'"
HAND = {
    "indexed": f"{_ACTIVE} and lifecycle_stage = 'customer' and title_folded = 'buyer'"
    f" and country in ('DE', 'FR', 'NL'){_SHARED}",
    "scanned": f"{_ACTIVE} and language = 'de' and city_folded = 'town 7'"
    f" and born_from > '1971-04-01' and born_to <= '2001-04-01'{_SHARED}",
}


def measure(scale: float) -> list[Line]:
    """Make the database and ask; about 20 minutes and 7 GB of disk at full scale."""
    made = int(CONTACTS * scale)
    with TemporaryDirectory(dir=os.environ.get("MIMCORE_BENCH_FOLDER")) as folder:
        path = Path(folder) / "ten_million.db"
        start = perf_counter()
        generate(path, made, has_points=False)
        generated = f"{perf_counter() - start:.0f} s, {path.stat().st_size / 1e9:.1f} GB with mimcore's indexes"
        raw = sqlite3.connect(path)
        lines = [_told("database", generated), *_asked(path, raw, made)]
        raw.close()
        return lines


def _asked(path: Path, raw: sqlite3.Connection, made: int) -> list[Line]:
    with open_store(path) as store:
        lines = [
            _compared(store, raw, "scanned", SCANNED, "no index serves a condition", made),
            _compared(store, raw, "indexed", INDEXED, "mimcore's own indexes, one attribute each", made),
        ]
    start = perf_counter()
    raw.execute(INDEX)
    raw.execute("pragma analysis_limit = 400")
    raw.execute("analyze")
    raw.commit()
    lines.append(_told("index of the application", f"{perf_counter() - start:.0f} s: {INDEX}"))
    with open_store(path) as store:
        lines.append(_compared(store, raw, "indexed", INDEXED, "the application's composite index", made))
        found = store.contacts.ids(INDEXED)
        assert len(found) == store.contacts.count(INDEXED)
        lines.append(_line("ids, the application's composite index", made, _times(lambda: store.contacts.ids(INDEXED))))
    return lines


def _compared(  # noqa: PLR0917
    store: mim.Store, raw: sqlite3.Connection, kind: str, rule: mim.Rule, case: str, made: int
) -> Line:
    def hand() -> int:
        return int(raw.execute(f"select count(*) {HAND[kind]}").fetchone()[0])

    found = store.contacts.count(rule)
    assert found == hand() > 0, (found, hand())
    ours, theirs = _times(lambda: store.contacts.count(rule)), _times(hand)
    return _line(f"count, six conditions: {case}", made, ours, theirs, f"{found} of {made} fit")


class _Times(NamedTuple):
    wall: list[float]
    processor: list[float]


def _times(run: Callable[[], Any]) -> _Times:
    found = _Times([], [])
    for _ in range(3):
        start, used = perf_counter(), process_time()
        run()
        found.processor.append(process_time() - used)
        found.wall.append(perf_counter() - start)
    return found


def _line(case: str, made: int, times: _Times, others: _Times | None = None, note: str = "") -> Line:
    ours, hand = times.processor, None if others is None else others.processor
    wall = f"{median(times.wall):.3f} s on the wall"
    told = f"{median(ours):.3f} s of the processor, {wall}" + (f"; {note}" if note else "")
    if hand is None:
        return Line(case, "", made, median(ours) / made * 1e6, None, None, rounds=len(ours), note=told)
    ratios = sorted(one / other for one, other in zip(ours, hand, strict=True))
    by_hand = median(hand) / made * 1e6
    return Line(
        case,
        "hand-written SQL",
        made,
        median(ours) / made * 1e6,
        by_hand,
        median(ratios),
        ratios[0],
        ratios[-1],
        len(ours),
        told,
    )


def _told(case: str, note: str) -> Line:
    return Line(case, "", 0, None, None, None, note=note)
