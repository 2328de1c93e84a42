"""How many statements a unit of work takes: what costs most of the time that a service waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

import mimcore as mim
from mimcore.sql.repositories.sparse import SparseInsert

SECRET = b"only-for-tests-0123456789"


@contextmanager
def statements_of(store: mim.Store) -> Iterator[list[tuple[str, int]]]:
    """Collect the statements of a store, each with the number of its parameter sets."""
    told: list[tuple[str, int]] = []
    backend: Any = store._backend

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, is_many: bool) -> None:
        told.append((statement, len(parameters) if is_many else 1))

    event.listen(backend.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(backend.engine, "before_cursor_execute", note)


def person(number: int = 0) -> mim.Contact:
    """Make a contact with an address and three values."""
    return mim.Contact(emails=[f"ana{number}@acme.dk"], country="DK", city="Odense", title="Buyer")


def first_words(told: list[tuple[str, int]]) -> list[str]:
    """Return what each statement does, and to which table."""
    return [" ".join(one.split()[:3]) if one.startswith("INSERT") else one.split()[0] for one, _ in told]


@pytest.fixture
def opened(tmp_path: Any) -> Iterator[Callable[[str], mim.Store]]:
    """Open stores that know their source already."""
    stores: list[mim.Store] = []

    def opened(url: str) -> mim.Store:
        store = mim.connect(url or f"sqlite:///{tmp_path / 'people.db'}", actor="test", secret=SECRET)
        stores.append(store)
        with store.begin() as work:
            work.add(person())
        return store

    yield opened
    for store in stores:
        store.close()


INSERTS = [
    "INSERT INTO mim_contact",
    "INSERT INTO mim_contact_point",
    "INSERT INTO mim_attribute_state",
]


def test_one_contact_on_sqlite(opened: Callable[[str], mim.Store]) -> None:
    """Twelve statements: one an insert of rows that are needed, and no savepoint around a single one."""
    store = opened("")
    with statements_of(store) as told, store.begin() as work:
        work.add(person(1))
    assert first_words(told) == [
        "BEGIN",
        "SELECT",
        "SELECT",
        "SAVEPOINT",
        *INSERTS,
        "RELEASE",
        "SELECT",
        "INSERT INTO mim_change_set",
        "INSERT INTO mim_outbox",
        "INSERT INTO mim_setting",
        "COMMIT",
    ]


def test_one_contact_on_postgresql(opened: Callable[[str], mim.Store], postgres_url: str) -> None:
    """The numbers of the order of recording are drawn by the inserts themselves."""
    store = opened(postgres_url)
    with statements_of(store) as told, store.begin() as work:
        work.add(person(1))
    assert first_words(told) == [
        "SELECT",
        "SELECT",
        "SAVEPOINT",
        *INSERTS,
        "RELEASE",
        "INSERT INTO mim_change_set",
        "INSERT INTO mim_outbox",
    ]
    assert all("nextval" in statement for statement, _ in told[-2:])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_half_lives_are_looked_up_once_or_not_at_all(
    opened: Callable[[str], mim.Store], engine: str, request: pytest.FixtureRequest
) -> None:
    """Whoever binds no rule and writes no value does not ask for them; who reads asks once, whatever is read."""
    store = opened("" if engine == "sqlite" else request.getfixturevalue("postgres_url"))
    danes = mim.fields.contact.country == "DK"
    (ana,) = store.contacts.find(danes).items
    asked: dict[str, int] = {}
    for name, ask in {
        "get": lambda: store.contacts.get(ana),
        "count": lambda: store.contacts.count(danes),
        "find": lambda: store.contacts.find(danes),
        "explain": lambda: store.explain(danes, ana),
        "audience": lambda: store.audience(danes, channel="email", purpose="newsletter"),
        "preview": lambda: store.preview(danes),
    }.items():
        with statements_of(store) as told:
            ask()
        asked[name] = sum("mim_half_life" in one for one, _ in told)
    with statements_of(store) as told, store.begin() as work:
        work.record("login", contact=ana, at="2026-01-01T12:00Z")
        work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form", notice="v1")
    asked["record and grant"] = sum("mim_half_life" in one for one, _ in told)
    with statements_of(store) as told, store.begin() as work:
        work.add(person(7))
        work.change(ana, city="Ribe")
    asked["add and change"] = sum("mim_half_life" in one for one, _ in told)
    assert asked == {
        "get": 0,
        "count": 1,
        "find": 1,
        "explain": 1,
        "audience": 1,
        "preview": 1,
        "record and grant": 0,
        "add and change": 1,
    }


def test_an_import_looks_before_it_writes_and_no_more(opened: Callable[[str], mim.Store], tmp_path: Path) -> None:
    """A plan reads one state, after the columns were guessed; applying it reads once, and writes a batch."""
    store, file = opened(""), tmp_path / "people.csv"
    file.write_text("email,city\nbo@acme.dk,Odense\ncy@acme.dk,Ribe\n", encoding="utf-8")
    counted: list[tuple[int, int]] = []
    with statements_of(store) as told:
        planned = store.plan_import(file, source="fair")
    counted.append((first_words(told).count("BEGIN"), sum("mim_attribute_declaration" in one for one, _ in told)))
    with statements_of(store) as told:
        planned.apply()
    counted.append((first_words(told).count("BEGIN"), sum("mim_attribute_declaration" in one for one, _ in told)))
    with statements_of(store) as told:
        assert planned.apply().changed_nothing
    counted.append((first_words(told).count("BEGIN"), sum("mim_attribute_declaration" in one for one, _ in told)))
    assert counted == [(2, 2), (2, 1), (1, 0)]


def test_many_contacts_are_copied_on_postgresql(opened: Callable[[str], mim.Store], postgres_url: str) -> None:
    """Nothing is inserted row by row: COPY, which no event tells of, takes all of them."""
    store = opened(postgres_url)
    with statements_of(store) as told, store.begin() as work:
        work.add_many(person(number) for number in range(1, 200))
    assert store.contacts.count() == 200
    assert max(sets for _, sets in told) == 1


def test_the_order_of_recording_is_that_of_the_changes(opened: Callable[[str], mim.Store], postgres_url: str) -> None:
    """Numbers that inserts draw count up as the records were given, for few and for many."""
    store = opened(postgres_url)
    with store.begin() as work:
        ana = work.add(person(1))[0]
        for number in range(3):
            ana = work.change(ana, city=f"Town {number}")
    with store.read() as work:
        assert [one.version for one in work.history(ana)] == [1, 2, 3, 4]


def test_an_insert_of_some_columns_names_them_alone() -> None:
    """Reserved words are quoted, and numbered parameters are numbered anew."""
    from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg
    from sqlalchemy.dialects.sqlite import dialect as sqlite

    from mimcore.sql.tables.schema import attribute_state as table

    few = SparseInsert(table, ("tenant", "key"))
    assert few.text(sqlite())[0] == 'INSERT INTO mim_attribute_state (tenant, "key") VALUES (?, ?)'
    sql, names, constants = few.text(asyncpg())
    assert sql == 'INSERT INTO mim_attribute_state (tenant, key) VALUES ($1::VARCHAR COLLATE "C", $2::BIGINT)'
    assert (names, constants) == (("tenant", "key"), {})
