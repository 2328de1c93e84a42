"""What SQLite reads to answer each prepared statement, in a database that has not grown yet: never all there is."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

import mimcore.sql
from mimcore import Contact, Store, connect
from mimcore.sql.connection.wire import Prepared
from mimcore.sql.migrating import planner_statistics

WHOLE = {
    "freshness_keys._KEYED_POOLS": "the pools that occur",
    "freshness_keys._POOLS": "the pools that occur",
    "golden._LINKS": "all merges",
    "golden._LINK_JOURNAL": "all merges",
    "half_lives._ARRIVALS": "what arrived in the past, for a half-life learnt from it",
    "half_lives._HALF_LIVES": "all half-lives",
    "attributes._ALL": "all declarations",
    "audiences._ALL": "all audiences",
    "events._KINDS": "the kinds that occur",
    "evidence._ALL_ACTS": "all acts, a page at a time",
    "evidence._ALL_SUPPRESSIONS": "the whole list",
    "imports._IMPORTS": "all imports",
    "memberships._STATES": "all segments' states",
    "memberships._UNCOVERED": "a page of those nobody has asked about",
    "outbox._HEADS": "what is pending, by an index of nothing else",
    "outbox._PENDING": "what is pending, by an index of nothing else",
    "quality._MARKS": "all marks",
    "quality._NEWEST": "the newest result of every rule",
    "quality._RULES": "all rules",
    "work._ACTIVE_ON": "all campaigns",
    "work._STAMP": "all segments",
    "work._VERSIONS": "all segments",
    "value_checks._JOURNAL": "all checks, a page at a time",
}
"""Statements that are about all there is, with what they are for."""
NOT_SQLITE = {"named_locks", "numbering", "wire._NEXT_NUMBERS"}


def _statements() -> Iterator[tuple[str, Prepared]]:
    seen = set[int]()
    for module in pkgutil.walk_packages(mimcore.sql.__path__, "mimcore.sql."):
        for name, value in vars(importlib.import_module(module.name)).items():
            several = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else [value]
            for one in several:
                if isinstance(one, Prepared) and id(one) not in seen:
                    seen.add(id(one))
                    yield f"{module.name.rpartition('.')[2]}.{name}", one


USABLE = [(name, one) for name, one in _statements() if not {name, name.partition(".")[0]} & NOT_SQLITE]


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A database that has just been made."""
    path = tmp_path_factory.mktemp("plans") / "new.db"
    with connect(f"sqlite:///{path}"), closing(sqlite3.connect(path)) as raw:
        yield raw


def _walks(raw: sqlite3.Connection, statement: Prepared) -> list[str]:
    """Return the steps that walk a table, or all that a tenant has in it."""
    sql, _, _ = statement.text(create_engine("sqlite://").dialect)
    steps = [row[3] for row in raw.execute(f"explain query plan {sql}", ["[]"] * sql.count("?"))]
    return [one for one in steps if one.startswith("SCAN mim_") or one.rstrip().endswith("(tenant=?)")]


def test_lookups_do_not_walk_what_a_tenant_has(new: sqlite3.Connection) -> None:
    """An index finds what is asked for by id, key or word, though nobody has gathered statistics."""
    assert len(USABLE) > 150
    assert {name: walks for name, one in USABLE if name not in WHOLE and (walks := _walks(new, one))} == {}


def test_the_exceptions_are_real(new: sqlite3.Connection) -> None:
    """Nothing is excused that has no need of it."""
    plain = {"freshness_keys._POOLS", "evidence._ALL_ACTS"}  # walk a subquery, a range of places
    assert {name for name, one in USABLE if name in WHOLE and _walks(new, one)} | plain == set(WHOLE)


def test_a_few_rows_do_not_mislead_the_planner(tmp_path: Path) -> None:
    """A store that was closed when it held three contacts is described as one that will grow."""
    url = f"sqlite:///{tmp_path / 'small.db'}"
    with connect(url) as store, store.begin() as work:
        work.add_many([Contact(title="CEO"), Contact(title="CTO"), Contact(title="CFO")])
    with closing(sqlite3.connect(tmp_path / "small.db")) as raw:
        walking = {name for name, one in USABLE if name not in WHOLE and _walks(raw, one)}
        assert walking == set()
        assert _stat(raw, "ix_mim_contact_country") == "1000000 100000 10"


def test_tables_that_have_grown_keep_their_own_statistics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What SQLite has counted is better than what is expected."""
    monkeypatch.setattr(planner_statistics, "FEW", 3)
    with connect(f"sqlite:///{tmp_path / 'grown.db'}") as store, store.begin() as work:
        work.add_many([Contact(title="CEO"), Contact(title="CTO"), Contact(title="CFO")])
    with closing(sqlite3.connect(tmp_path / "grown.db")) as raw:
        assert _stat(raw, "ix_mim_contact_title_folded") == "3 3 1"
        assert _stat(raw, "ix_mim_account_domain") == "1000000 100000 10"


def test_what_somebody_else_has_analysed_is_completed(tmp_path: Path) -> None:
    """`ANALYZE` forgets the tables that are empty; the next store that is opened knows them again."""
    url = f"sqlite:///{tmp_path / 'analysed.db'}"
    with connect(url) as store, store.begin() as work:
        work.add_many([Contact(title="CEO"), Contact(title="CTO")])
    with closing(sqlite3.connect(tmp_path / "analysed.db")) as raw:
        raw.execute("analyze")
        assert raw.execute("select 1 from sqlite_stat1 where tbl = 'mim_membership'").fetchone() is None
    connect(url).close()
    with closing(sqlite3.connect(tmp_path / "analysed.db")) as raw:
        assert raw.execute("select 1 from sqlite_stat1 where tbl = 'mim_membership'").fetchone() == (1,)


def test_tables_of_a_host_are_described_when_a_store_stands_over_them(tmp_path: Path) -> None:
    """Whoever made the tables."""
    from mimcore.sql.tables.schema import metadata

    path = tmp_path / "hosted.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with Store(engine, secret=b"s" * 32), closing(sqlite3.connect(path)) as raw:
        assert _stat(raw, "ix_mim_contact_country") == "1000000 100000 10"
    engine.dispose()


def _stat(raw: sqlite3.Connection, index: str) -> Any:
    return raw.execute("select stat from sqlite_stat1 where idx = ?", [index]).fetchone()[0]
