"""Dying at every statement and commit of rich units of work: what is found afterwards is a committed prefix, always.

On SQLite the process leaves with `os._exit` before the n-th statement or commit; on PostgreSQL the server ends the
connection there, or it breaks off while the answer to a commit is on its way. Afterwards the state equals that after the
units of work that were committed, and those that were not are done again without trouble.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
from contextlib import suppress

import pytest
from sqlalchemy import create_engine, event
from tests.concurrency.worlds import copy_tenant
from tests.crash.steps import KILLED, Steps, acting_at, ended, in_child, leaving_at

import mimcore as mim
from mimcore.errors import ClosedError, MimcoreError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.sql.backend import SqlBackend
from mimcore.sql.connection.engines import prepare_engine
from mimcore.sql.tables import schema
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids, uuid7

SECRET = b"only-for-tests-0"
NEWS = {"channel": "email", "purpose": "newsletter"}
AGAIN = 8
"""After so many deaths in a row a unit of work is done to its end."""
ROWS = [{"mail": "ana@acme.dk", "town": "Ribe"}, {"mail": "new@acme.dk", "town": "Ans"}, {"mail": "bad", "town": ""}]


def opened(engine, tenant):
    """Open a tenant's store."""
    backend = SqlBackend(engine, tenant=tenant, durability="normal")
    return mim.Store(backend, actor="tester", source="crm", clock=FixedClock("2026-05-01T10:00Z"), secret=SECRET)


def named(store, name):
    """Find somebody by address."""
    return store.contacts.with_email(f"{name}@acme.dk")


def begin_with_people(store):
    """People, an account, a lead, a task, a list."""
    with store.begin() as work:
        ana, bo, firm = work.add(
            mim.Contact(emails=["ana@acme.dk"], city="Odense"),
            mim.Contact(emails=["bo@acme.dk"], city="Ribe"),
            mim.Account(name="Acme"),
        )
        work.add(
            mim.Lead(contact_id=bo.id, captured_at="2026-04-01T10:00Z"),
            mim.Task(title="call", contact_id=bo.id),
            mim.Segment(key="vips"),
        )
        work.change(ana, account=firm)


def live_with_them(store):
    """A change, an event, a check, a consent, a place on a list."""
    ana, bo = named(store, "ana"), named(store, "bo")
    with store.begin() as work:
        ana = work.change(ana, city="Skagen", phones=["+4520304050"])
        work.record("purchase", contact=bo, at="2026-04-02", external_id="e")
        work.confirm(bo.primary_email, by="owner")
        work.grant(ana.primary_email, **NEWS, method="form", notice="v1")
        work.put_on("vips", ana)


def merge_them(store):
    """One of two."""
    store.duplicates.plan(DuplicatePair(named(store, "ana").id, named(store, "bo").id, 0.9, ())).apply()


def import_a_batch(store):
    """A row that changes, one that creates, one that is refused."""
    store.plan_import(ROWS, source="fair", mapping={"mail": "contact.emails", "town": "contact.city"}).apply()


UNITS = (begin_with_people, live_with_them, merge_them, import_a_batch)


def rows(engine, tenant):
    """Every row of a tenant, in an order of its own; ids count up from the same number in every run."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.exec_driver_sql(_select(table, tenant))))
            for table in schema.metadata.sorted_tables
            if table.name != "mim_setting"
        }


def _select(table, tenant):
    names = (f'"{name}"' for name in [one.name for one in table.c] if name not in {"tenant", "sequence"})
    return f"SELECT {', '.join(names)} FROM {table.name} WHERE tenant = '{tenant}'"


def without_notes(content):
    """Leave out the note that an import has failed before its first row: it says why, and holds nothing of the file."""
    return content | {
        "mim_import": [one for one in content["mim_import"] if "'running', 0, {}, 'rows', 'the " not in one]
    }


def forget_notes(engine, tenant):
    """Remove such notes."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM mim_import WHERE tenant = '{tenant}' AND next_row = 0")


def counting(number):
    """Ids of a unit of work: the same ones in every run."""
    numbers = iter(range(1_780_000_000_000 + number * 1_000_000, 1_790_000_000_000))
    return using_ids(lambda: uuid7(next(numbers), bytes(10)))


@pytest.fixture
def sqlite_engine(tmp_path):
    """A file with mimcore's tables."""
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    prepare_engine(engine, durability="normal")
    SqlBackend(engine, schema="auto")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_url):
    """A database with mimcore's tables."""
    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()


def prefixes(engine):
    """Return what is stored after each unit of work, as tenant `after-n`, and how many steps each unit takes."""
    states, counts = [rows(engine, "after-0")], []
    opened(engine, "after-0")
    for number, unit in enumerate(UNITS):
        copy_tenant(engine, f"after-{number}", f"after-{number + 1}")
        store = opened(engine, f"after-{number + 1}")
        with Steps(engine=engine) as steps, counting(number):
            unit(store)
        counts.append(steps.count)
        states.append(rows(engine, f"after-{number + 1}"))
    assert all(one != other for one, other in itertools.pairwise(states))
    return states, counts


class Trials:
    """Dies before every step of every unit of work and looks at what is left; every few steps the unit is done again."""

    def __init__(self, engine):
        self.engine = engine
        self.states, self.counts = prefixes(engine)

    def run(self, die):
        """Call `die(store, unit, step)` for each step."""
        for number, count in enumerate(self.counts):
            for first in range(1, count + 1, AGAIN):
                tenant = f"trial-{number}-{first}"
                copy_tenant(self.engine, f"after-{number}", tenant)
                store = opened(self.engine, tenant)
                for step in range(first, min(first + AGAIN, count + 1)):
                    die(store, number, step)
                left = without_notes(rows(self.engine, tenant))
                assert left == self.states[number], (number, first)  # nobody clears up after them
                forget_notes(
                    self.engine, tenant
                )  # an import that is gone on with has its id already: all others would shift
                with counting(number):
                    UNITS[number](store)
                assert rows(self.engine, tenant) == self.states[number + 1], (number, first)
        assert sum(self.counts) >= 250


def test_on_sqlite_every_crash_leaves_a_committed_prefix(sqlite_engine, tmp_path):
    """The process leaves before each statement and each commit; the file stays sound."""

    def die(store, number, step):
        def work():
            with Steps(leaving_at(step), sqlite_engine), counting(number):
                UNITS[number](store)

        assert ended(in_child(work)) == KILLED, (number, step)

    Trials(sqlite_engine).run(die)
    with sqlite3.connect(tmp_path / "store.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    plain.close()


def test_on_postgresql_every_broken_connection_leaves_a_committed_prefix(postgres_engine):
    """The server ends the connection before each statement and each commit; the caller is told, without a trace of it."""
    killer = create_engine(postgres_engine.url, isolation_level="AUTOCOMMIT").connect()

    def end(connection):
        pid = connection.connection.dbapi_connection.info.backend_pid
        killer.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    def die(store, number, step):
        with Steps(acting_at(step, end), postgres_engine), pytest.raises(MimcoreError) as told, counting(number):
            UNITS[number](store)
        assert told.value.__cause__ is None
        assert told.value.__context__ is None

    Trials(postgres_engine).run(die)
    killer.close()
    killer.engine.dispose()


def test_on_postgresql_a_commit_whose_answer_is_lost_is_whole(postgres_engine):
    """The connection breaks after the commit has been sent: the caller is told of an error, the work is there."""
    states, _ = prefixes(postgres_engine)
    copy_tenant(postgres_engine, "after-0", "trial")
    store = opened(postgres_engine, "trial")

    def break_off(connection):
        driver = connection.connection.dbapi_connection
        driver.commit()
        driver.close()

    event.listen(postgres_engine, "commit", break_off)
    with pytest.raises(MimcoreError), counting(0):
        begin_with_people(store)
    event.remove(postgres_engine, "commit", break_off)
    assert rows(postgres_engine, "trial") == states[1]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request, tmp_path):
    """An empty store of each kind."""
    urls = {"memory": lambda: "memory:", "sqlite": lambda: f"sqlite:///{tmp_path / 'store.db'}"}
    url = urls.get(request.param, lambda: request.getfixturevalue("postgres_url"))()
    with mim.connect(url, actor="tester", secret=SECRET, durability="normal") as store:
        yield store


def test_eight_threads_read_and_write_at_once(store):  # noqa: C901 - two kinds of threads
    """Readers see whole units of work: of two people who change together nobody is ahead."""
    with store.begin() as work:
        pair = [one.id for one in work.add(mim.Contact(household_size=0), mim.Contact(household_size=0))]
    errors, seen = [], []

    def write():
        def once(work):
            for person in work.contacts.get_many(pair).values():
                work.change(person, household_size=person.demographic.household_size + 1)

        for _ in range(10):
            store.transact(once, attempts=50)

    def read():
        for _ in range(25):
            with store.read() as work:
                seen.append({one.demographic.household_size for one in work.contacts.stream()})
            assert len(store.contacts.find().items) == 2

    def safely(call):
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [threading.Thread(target=safely, args=[call]) for call in [write, read] * 4]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert errors == []
    assert {len(one) for one in seen} == {1}
    assert {one.demographic.household_size for one in store.contacts.find().items} == {40}


def test_a_child_of_a_fork_has_connections_of_its_own(store):
    """Parent and child write at the same time; the child's end leaves the parent's transaction open and whole."""
    if repr(store) == "Store(memory)":
        return  # what is in memory is the process's own
    work = store.begin()
    work.add(mim.Contact(emails=["parent@acme.dk"]))
    work.commit()
    reader = store.read()
    assert reader.contacts.count() == 1
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            with store.begin() as work:
                work.add(mim.Contact(emails=["child@acme.dk"]))
            code = 0 if store.contacts.count() == 2 else 2
            store.close()
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert reader.contacts.count() == 1
    reader.rollback()
    assert store.contacts.count() == 2
    with store.begin() as work:
        work.add(mim.Contact(emails=["later@acme.dk"]))
    assert store.contacts.count() == 3


def test_after_the_end_everything_says_so(store):
    """Closing twice is harmless; a closed store, an ended unit of work and a half-read stream say that they are over."""
    with store.begin() as work:
        work.add(*(mim.Contact(city="Odense") for _ in range(3)))
    with pytest.raises(ClosedError):
        work.contacts.count()
    half = store.contacts.stream()
    next(half)
    half.close()
    store.close()
    store.close()
    for call in (
        store.begin,
        store.read,
        store.contacts.count,
        store.contacts.find,
        store.events.claim,
        store.imports.all,
    ):
        with pytest.raises(ClosedError):
            call()
