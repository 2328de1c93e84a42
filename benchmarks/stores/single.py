"""One contact, added and committed: against hand-written SQLAlchemy Core that inserts the same rows and commits.

Twice: from a ready contact against ready parameters, and from a dict against parameters made by hand of the same dict.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, insert, select, text, update

import mimcore as mim
from benchmarks.stores.by_hand import COLUMNS, ByHand
from benchmarks.stores.customers import LATER, NOW, SECRET, SOURCE, accounts, contact, dicts
from benchmarks.stores.tables import of_postgresql, of_sqlite, same_but_ids, without_drawn_points
from benchmarks.timing import Line, line
from mimcore.sql import prepare_engine
from mimcore.sql.tables import schema
from mimcore.sql.tables.schema_work import setting
from mimcore.testing import PostgresServer

__all__ = ["measure"]
ADDED = 150
ROUNDS = 7
READY = "Core inserts of ready parameters"
BY_HAND = "Core inserts, parameters made by hand"
TABLES = {name: schema.metadata.tables[name] for name in COLUMNS}


def measure(scale: float) -> list[Line]:
    """Measure on both databases."""
    each = max(5, int(ADDED * scale))
    companies = accounts(each * ROUNDS)
    given = list(dicts(each * ROUNDS, companies))
    with TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / name}.db" for name in ("a", "b", "c", "d")]
        lines = _raced("SQLite", urls, given, each, companies)
    with PostgresServer() as server:
        urls = [server.new_database() for _ in range(4)]
        return lines + _raced("PostgreSQL", urls, given, each, companies)


def _raced(
    name: str, urls: Sequence[str], given: list[dict[str, Any]], each: int, companies: list[mim.Account]
) -> list[Line]:
    stores = [_store(url, companies) for url in urls]
    engines = [_engine(url) for url in urls]
    hand = ByHand(_same, _same, _same, _same)
    people = [contact(one) for one in given]
    ready = [_parameters(hand.rows([one], 1)) for one in given]
    contenders: dict[str, Callable[[int], object]] = {
        "ours": lambda at: _add(stores[0], people[at]),
        "ready": lambda at: _insert(engines[1], ready[at]),
        "ours from dicts": lambda at: _add(stores[2], contact(given[at])),
        "by hand": lambda at: _insert(engines[3], _parameters(hand.rows([given[at]], 1))),
    }
    seconds = _race(contenders, each)
    for store in stores:
        store.close()
    _compare(name, urls)
    for engine in engines:
        engine.dispose()
    told = "synchronous=FULL on both" if name == "SQLite" else "fsync off on both"
    made = []
    for clock, times in seconds.items():
        note = f"{clock}; {told}"
        pair = f"{name}: add and commit one contact"
        made += [
            line(pair, READY, each, times["ours"], times["ready"], note),
            line(f"{pair}, from a dict", BY_HAND, each, times["ours from dicts"], times["by hand"], note),
        ]
    return made


def _store(url: str, companies: list[mim.Account]) -> mim.Store:
    with mim.connect(url, actor="bench", clock=lambda: NOW, secret=SECRET) as store, store.begin(source=SOURCE) as work:
        work.add(mim.Source(id=companies[0].id, key=SOURCE), *companies)
    return mim.connect(url, actor="bench", clock=lambda: LATER, secret=SECRET)


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    prepare_engine(engine)
    return engine


def _race(contenders: dict[str, Callable[[int], object]], each: int) -> dict[str, dict[str, list[float]]]:
    """Let every contender take the same portion of people in every round; by clock and name."""
    found: dict[str, dict[str, list[float]]] = {
        clock: {name: [] for name in contenders} for clock in ("wall time", "processor time")
    }
    names = list(contenders)
    for number in range(ROUNDS):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            gc.collect()
            run, wall, used = contenders[name], perf_counter(), process_time()
            for at in range(number * each, (number + 1) * each):
                run(at)
            found["processor time"][name].append(process_time() - used)
            found["wall time"][name].append(perf_counter() - wall)
    return found


def _add(store: mim.Store, one: mim.Contact) -> None:
    with store.begin(source=SOURCE) as work:
        work.add(one)


def _parameters(rows: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(zip(COLUMNS[table], row, strict=True)) for row in some] for table, some in rows.items() if some
    }


_NEXT = text("select nextval('mim_sequence') from generate_series(1, 2)")
_LAST = select(setting.c.value).where(setting.c.tenant == "default", setting.c.name == "mimcore.sequence")
_KEEP = update(setting).where(setting.c.tenant == "default", setting.c.name == "mimcore.sequence")


def _insert(engine: Engine, parameters: dict[str, list[dict[str, Any]]]) -> None:
    with engine.begin() as connection:
        first = _numbers(connection)
        parameters["mim_change_set"][0]["sequence"] = first
        parameters["mim_outbox"][0]["sequence"] = first + 1
        for table, rows in parameters.items():
            connection.execute(insert(TABLES[table]), rows if len(rows) > 1 else rows[0])


def _numbers(connection: Connection) -> int:
    """Take two numbers of the order of recording, as every writer must."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(_NEXT).scalars().first() or 0)
    last = int(connection.execute(_LAST).scalar_one())
    connection.execute(_KEEP.values(value=str(last + 2)))
    return last + 1


def _compare(name: str, urls: Iterable[str]) -> None:
    read = (lambda url: of_sqlite(Path(url.removeprefix("sqlite:///")))) if name == "SQLite" else of_postgresql
    ours, ready, from_dicts, by_hand = (without_drawn_points(read(url)) for url in urls)
    same_but_ids(ours, ready)
    same_but_ids(from_dicts, by_hand)


def _same(value: Any) -> Any:
    return value
