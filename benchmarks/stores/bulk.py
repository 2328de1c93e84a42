"""`upsert_many` of customers against ready tuples, and against a conversion by hand from the same dicts.

Ours and the baseline take turns, each on a fresh copy of the same database; the rows of all tables are compared.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, Protocol

import mimcore as mim
from benchmarks.stores import raw_sqlite
from benchmarks.stores.by_hand import COLUMNS, ByHand, micros
from benchmarks.stores.customers import LATER, LATEST, NOW, SECRET, SOURCE, accounts, changed, contact, customers, dicts
from benchmarks.stores.tables import Change, Unread, changes, of_sqlite, same_but_ids
from benchmarks.stores.tables import without_drawn_points as bare
from benchmarks.timing import Line, line

__all__ = ["measure", "portions_of", "raced"]
CUSTOMERS = 200_000
FROM_DICTS = 20_000
PORTION = 5000


class Engine(Protocol):
    """Where is measured, and by which clock."""

    name: str
    baseline: str
    clock: Callable[[], float]
    clock_name: str

    def copied(self, base: str) -> str:
        """Return the address of a fresh copy of a database to which nobody is connected."""
        ...

    def rows(self, url: str) -> Unread:
        """Read all rows."""
        ...

    def ready(self, given: Sequence[Change]) -> None:
        """Prepare tuples as the statements take them."""
        ...

    def apply(self, url: str, given: Sequence[Change]) -> None:
        """Write ready tuples."""
        ...

    def lean(self, given: Sequence[Change]) -> Callable[[str], None] | None:
        """Return what writes only the columns that are filled or differ; None if nobody has written that."""
        ...

    def write_by_hand(self, url: str, given: Iterable[dict[str, Any]]) -> None:
        """Convert dicts and write them."""
        ...

    def drop(self, url: str) -> None:
        """Remove a database."""
        ...


class Sqlite:
    """Files in a folder; processor time, since the disk is nobody's merit."""

    name, baseline = "SQLite", "sqlite3.executemany"
    clock, clock_name = staticmethod(process_time), "processor time"

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()

    def copied(self, base: str) -> str:
        path = self._folder / f"{next(self._numbers)}.db"
        if base:
            shutil.copy(_path(base), path)
        return f"sqlite:///{path}"

    def rows(self, url: str) -> Unread:
        return of_sqlite(_path(url))

    def ready(self, given: Sequence[Change]) -> None:
        raw_sqlite.ready(given)

    def apply(self, url: str, given: Sequence[Change]) -> None:
        raw_sqlite.apply(_path(url), given)

    def lean(self, given: Sequence[Change]) -> Callable[[str], None] | None:
        work = raw_sqlite.lean(given)
        return lambda url: raw_sqlite.run(_path(url), work)

    def write_by_hand(self, url: str, given: Iterable[dict[str, Any]]) -> None:
        hand = ByHand(lambda one: one.bytes, micros, lambda day: day.isoformat())
        raw = raw_sqlite.connect(_path(url))
        raw.execute("begin immediate")
        first = _last_number(raw) + 1
        for portion in portions_of(given):
            for table, rows in hand.rows(portion, first).items():
                names, marks = ", ".join(COLUMNS[table]), ", ".join("?" * len(COLUMNS[table]))
                raw.executemany(f"insert into {table} ({names}) values ({marks})".replace(" key", ' "key"'), rows)
            first += 2 * len(portion)
        raw.execute("update mim_setting set value = ? where name = 'mimcore.sequence'", (str(first - 1),))
        raw.execute("commit")
        raw.close()

    def drop(self, url: str) -> None:
        _path(url).unlink()


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _last_number(raw: sqlite3.Connection) -> int:
    return int(raw.execute("select value from mim_setting where name = 'mimcore.sequence'").fetchone()[0])


def measure(scale: float) -> list[Line]:
    """Measure on SQLite."""
    with TemporaryDirectory() as folder:
        return raced(Sqlite(Path(folder)), scale)


def raced(engine: Engine, scale: float) -> list[Line]:
    """Measure on a database."""
    made = int(CUSTOMERS * scale)
    companies = accounts(made)
    given = list(islice(dicts(made, companies), FROM_DICTS))
    return _Bulk(engine, given, customers(made, companies), companies).measured()


class _Bulk:
    def __init__(
        self,
        engine: Engine,
        given: list[dict[str, Any]],
        people: list[mim.Contact],
        companies: list[mim.Account],
    ) -> None:
        self._engine, self._given, self._people = engine, given, people
        self._base, self._is_new = engine.copied(""), True
        with self._open(self._base, NOW) as store, store.begin(source=SOURCE) as work:
            work.add(*companies)

    def _open(self, url: str, now: Any) -> mim.Store:
        return mim.connect(url, actor="bench", clock=lambda: now, secret=SECRET)

    def measured(self) -> list[Line]:
        inserted, lines = self._ready("insert", self._base, self._people)
        lines.append(self._from_dicts())
        self._people, self._is_new = changed(self._people), False
        updated, more = self._ready("update", inserted, self._people)
        for url in (inserted, updated, self._base):
            self._engine.drop(url)
        return lines + more

    def _ready(self, what: str, base: str, people: list[mim.Contact]) -> tuple[str, list[Line]]:
        """Race contacts against ready tuples; return the database with what ours wrote, and the line."""
        engine = self._engine
        ours, hand, spare = [], [], []
        kept, seconds = self._ours(base, people)
        ours.append(seconds)
        after = engine.rows(kept)
        tuples = changes(engine.rows(base), after)
        engine.ready(tuples)
        lean = engine.lean(tuples)
        for number in range(2 if len(people) < CUSTOMERS else 1):
            url = engine.copied(base)
            hand.append(self._clocked(lambda url=url: engine.apply(url, tuples)))
            if not number:
                same_but_ids(after, engine.rows(url))
            engine.drop(url)
            if lean is not None:
                url = engine.copied(base)
                spare.append(self._clocked(lambda url=url: lean(url)))
                if not number:
                    same_but_ids(after, engine.rows(url))
                engine.drop(url)
            if not number and len(people) < CUSTOMERS:
                url, seconds = self._ours(base, people)
                ours.append(seconds)
                engine.drop(url)
        note = f"{_told(tuples)}; {engine.clock_name}"
        case = f"{engine.name}: upsert_many, {what}"
        lines = [line(case, f"{engine.baseline}, ready tuples", len(people), ours, hand, note)]
        if spare:
            baseline = f"{engine.baseline}, ready tuples, only columns that are filled or differ"
            lines.append(line(case, baseline, len(people), ours, spare, engine.clock_name))
        return kept, lines

    def _ours(self, base: str, people: list[mim.Contact]) -> tuple[str, float]:
        url = self._engine.copied(base)
        with self._open(url, LATER if self._is_new else LATEST) as store:

            def run() -> None:
                with store.begin(source=SOURCE) as work:
                    done = work.upsert_many(people)
                assert done.created + done.updated == len(people), done

            seconds = self._clocked(run)
        return url, seconds

    def _from_dicts(self) -> Line:
        engine, ours, hand = self._engine, [], []
        for number in range(2):
            mine, theirs = engine.copied(self._base), engine.copied(self._base)
            with self._open(mine, LATER) as store:
                ours.append(self._clocked(lambda store=store: _upsert_dicts(store, self._given)))
            hand.append(self._clocked(lambda url=theirs: engine.write_by_hand(url, self._given)))
            if not number:
                same_but_ids(bare(engine.rows(mine)), bare(engine.rows(theirs)))
            engine.drop(mine)
            engine.drop(theirs)
        case = f"{engine.name}: dicts to contacts, upsert_many, insert"
        baseline = f"{engine.baseline}, converted by hand"
        note = f"ours also checks every value; {engine.clock_name}"
        return line(case, baseline, len(self._given), ours, hand, note)

    def _clocked(self, run: Callable[[], object]) -> float:
        gc.collect()
        gc.freeze()  # what was made before is nobody's garbage
        start = self._engine.clock()
        run()
        used = self._engine.clock() - start
        gc.unfreeze()
        return used


def _upsert_dicts(store: mim.Store, given: Iterable[dict[str, Any]]) -> None:
    with store.begin(source=SOURCE) as work:
        work.upsert_many(contact(one) for one in given)


def _told(tuples: Sequence[Change]) -> str:
    sizes = sorted(((len(one.added) + len(one.changed) + len(one.gone), one.table) for one in tuples), reverse=True)
    return ", ".join(f"{size} {name.removeprefix('mim_')}" for size, name in sizes if size > 10)


def portions_of(given: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(given)
    while portion := list(islice(iterator, PORTION)):
        yield portion
