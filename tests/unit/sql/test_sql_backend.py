"""Opening, closing, transactions: what holds on SQLite beyond the contract of repositories."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine

from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.source import Source
from mimcore.errors import (
    ClosedError,
    ConflictError,
    DuplicateKeyError,
    MimcoreError,
    SchemaOutOfDateError,
    StaleVersionError,
    StoreError,
    StoreUrlError,
)
from mimcore.sql.backend import SqlBackend

CANARY = "canary-7f3a@example.com"


@pytest.fixture
def address(tmp_path: Path) -> str:
    """The address of a new file."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def backend(address: str):
    """A back end on a new file."""
    made = SqlBackend.connect(address, wait_seconds=2)
    yield made
    made.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+pg8000://maria:secret-word@host/db",
        "mysql://secret-word",
        "secret-word",
        "",
        "sqlite+aiosqlite:///x",
        "://",
        "duckdb:///secret-word",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(url: str) -> None:
    """The message says what is supported, and holds no password."""
    with pytest.raises(StoreUrlError, match=r"sqlite:///path/to/file\.db") as caught:
        SqlBackend.connect(url)
    assert "secret-word" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Neither the address nor the password is in the message."""
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        SqlBackend.connect(f"postgresql://maria:secret-word@/db?host={tmp_path}")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert not {"secret-word", "maria"} & set("".join(traceback.format_exception(caught.value)).split())


def test_a_file_that_cannot_be_opened_is_said_so(tmp_path: Path) -> None:
    """No driver error leaves."""
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        SqlBackend.connect(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    (tmp_path / "text.db").write_text("this is not a database at all, it is text " * 40)
    with pytest.raises(StoreError, match="not a SQLite database"):
        SqlBackend.connect(f"sqlite:///{tmp_path / 'text.db'}")


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
def test_every_connection_is_safe(address: str, durability, level: int) -> None:
    """Write-ahead log, foreign keys, and the wanted durability."""
    backend = SqlBackend.connect(address, durability=durability)
    work = backend.begin()
    pragmas = {
        name: work._wire.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        for name in ("journal_mode", "foreign_keys", "synchronous")
    }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": level}
    work.rollback()
    backend.close()


def test_a_reader_is_never_blocked_and_sees_one_state(backend: SqlBackend) -> None:
    """It sees what was committed when it began, whatever a writer does meanwhile."""
    reader = backend.begin(is_read_only=True)
    writer = backend.begin()
    writer.contacts.add([Contact(version=1)])
    assert reader.contacts.count() == 0
    writer.commit()
    assert reader.contacts.count() == 0
    with pytest.raises(StoreError, match="only reads"):
        reader.contacts.add([Contact(version=1)])
    reader.rollback()
    later = backend.begin(is_read_only=True)
    assert later.contacts.count() == 1
    later.commit()
    with pytest.raises(ClosedError):
        later.contacts.count()


def test_one_thread_writes_once_at_a_time(backend: SqlBackend) -> None:
    """A second writing transaction of the same thread could only wait for itself."""
    work = backend.begin()
    with pytest.raises(StoreError, match="writing already"):
        backend.begin()
    work.rollback()
    backend.begin().rollback()


def test_another_process_that_writes_too_long_is_an_error(backend: SqlBackend, address: str) -> None:
    """After `wait_seconds` the caller may try again."""
    other = sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    quick = SqlBackend.connect(address, wait_seconds=0.05)
    with pytest.raises(StoreError, match="try again") as caught:
        quick.begin()
    assert caught.value.__context__ is None
    other.execute("ROLLBACK")
    other.close()
    quick.begin().rollback()
    quick.close()


def test_a_closed_back_end_says_so(address: str) -> None:
    """Closing twice is harmless."""
    backend = SqlBackend.connect(address)
    backend.close()
    backend.close()
    with pytest.raises(ClosedError):
        backend.begin()
    with pytest.raises(ClosedError):
        backend.setting("x")


def test_tenants_do_not_see_each_other(address: str) -> None:
    """The same id and the same key may exist in both."""
    one, two = SqlBackend.connect(address, tenant="one"), SqlBackend.connect(address, tenant="two")
    contact = Contact(id=UUID(int=1), emails=["a@example.com"], version=1)
    for backend in (one, two):
        work = backend.begin()
        work.contacts.add([contact])
        work.sources.add([Source(key="crm", version=1)])
        work.commit()
    work = one.begin()
    work.contacts.update([contact.evolve(city="X").model_copy(update={"version": 2})])
    work.contacts.add([Contact(version=1)])
    work.commit()
    one.set_setting("name", "a")
    reader = two.begin(is_read_only=True)
    assert list(reader.contacts.all()) == [contact]
    assert reader.contacts.count() == 1
    assert two.setting("name") is None
    reader.rollback()
    for backend in (one, two):
        backend.close()


def test_in_memory_a_reader_does_not_disturb_the_writer() -> None:
    """There is one connection: the reader joins it, and its end ends nothing."""
    backend = SqlBackend.connect("sqlite://")
    work = backend.begin()
    work.contacts.add([Contact(version=1)])
    backend.begin(is_read_only=True).rollback()
    reader = backend.begin(is_read_only=True)
    assert reader.contacts.count() == 1
    reader.commit()
    work.commit()
    assert backend.begin(is_read_only=True).contacts.count() == 1


def test_an_engine_of_the_application_can_be_used(tmp_path: Path) -> None:
    """Its tables are checked, not made by surprise; it stays open and keeps its own ways."""
    engine = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    with pytest.raises(SchemaOutOfDateError, match="mimcore db upgrade"):
        SqlBackend(engine)
    backend = SqlBackend(engine, schema="auto")
    work = backend.begin()
    work.contacts.add([Contact(version=1)])
    work.commit()
    backend.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM mim_contact").scalar() == 1
        assert connection.connection.dbapi_connection.isolation_level == ""
    engine.dispose()


def _leaks(error: BaseException) -> bool:
    return (
        CANARY in "".join(traceback.format_exception(error))
        or CANARY in repr(error.args)
        or error.__context__ is not None
    )


def _duplicate_point(backend: SqlBackend) -> None:
    person = Contact(emails=[CANARY], version=1)
    work = backend.begin()
    try:
        work.contacts.add([person, person])
    finally:
        work.rollback()


def _unknown_contact(backend: SqlBackend) -> None:
    work = backend.begin()
    work.interactions.add([Interaction(kind="visit", at="2026-01-01T00:00Z", contact_id=UUID(int=9), product=CANARY)])
    work.commit()


def _too_large(backend: SqlBackend) -> None:
    work = backend.begin()
    try:
        work.contacts.add([Contact(emails=[CANARY], version=2**70)])
    finally:
        work.rollback()


def _no_table(backend: SqlBackend) -> None:
    work = backend.begin()
    work._wire.connection.exec_driver_sql("DROP TABLE mim_outbox")
    work._wire.connection.exec_driver_sql("ALTER TABLE mim_contact DROP COLUMN notes")
    try:
        work.contacts.add([Contact(emails=[CANARY], version=1)])
    finally:
        work.rollback()


@pytest.mark.parametrize(
    ("fail", "kind"),
    [
        (_duplicate_point, DuplicateKeyError),
        (_unknown_contact, ConflictError),
        (_too_large, StoreError),
        (_no_table, SchemaOutOfDateError),
    ],
)
def test_no_error_holds_a_value(backend: SqlBackend, fail, kind: type[MimcoreError]) -> None:
    """Neither the message nor the chain of causes knows the personal value that was being written."""
    with pytest.raises(kind) as caught:
        fail(backend)
    assert not _leaks(caught.value)
    reader = backend.begin(is_read_only=True)
    assert reader.contacts.count() == 0
    reader.rollback()


def test_a_refused_portion_leaves_nothing(backend: SqlBackend) -> None:
    """Of a list in which one record is refused none is stored, and the transaction can go on."""
    known = Contact(version=1)
    work = backend.begin()
    work.contacts.add([known])
    with pytest.raises(DuplicateKeyError, match="a contact with the same id exists already"):
        work.contacts.add([Contact(version=1), known])
    assert work.contacts.count() == 1
    changed = [Contact(version=1).model_copy(update={"version": 2}), known.model_copy(update={"version": 2})]
    with pytest.raises(StaleVersionError, match=str(changed[0].id)):
        work.contacts.update(changed)
    assert next(iter(work.contacts.all())).version == 1
    work.commit()


def test_no_update_is_lost_between_threads(address: str) -> None:
    """4 threads × 50 read-modify-writes, each by optimistic version with retries: 200 of 200 are kept."""
    backend = SqlBackend.connect(address, durability="normal")
    contact = Contact(household_size=0, version=1)
    work = backend.begin()
    work.contacts.add([contact])
    work.commit()
    errors: list[BaseException] = []

    def once() -> None:
        reader = backend.begin(is_read_only=True)
        seen = reader.contacts.get_many([contact.id])[contact.id]
        reader.rollback()
        new = seen.evolve(household_size=(seen.demographic.household_size or 0) + 1)
        writer = backend.begin()
        try:
            writer.contacts.update([new.model_copy(update={"version": seen.version + 1})])
        except StaleVersionError:
            writer.rollback()
            once()
        else:
            writer.commit()

    def many() -> None:
        try:
            for _ in range(50):
                once()
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            errors.append(error)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    reader = backend.begin(is_read_only=True)
    stored = reader.contacts.get_many([contact.id])[contact.id]
    reader.rollback()
    assert (stored.demographic.household_size, stored.version) == (200, 201)
    backend.close()


def test_a_killed_writer_leaves_the_old_state(backend: SqlBackend, address: str) -> None:
    """Kill -9 in the middle of a transaction that has written thousands of rows."""
    work = backend.begin()
    work.contacts.add([Contact(version=1)])
    work.commit()
    script = (
        "import sys, time\n"
        "from mimcore.domain.contact import Contact\n"
        "from mimcore.sql.backend import SqlBackend\n"
        "work = SqlBackend.connect(sys.argv[1]).begin()\n"
        "work._wire.connection.exec_driver_sql('PRAGMA cache_size=10')\n"
        "work.contacts.add([Contact(notes='x' * 500, version=1) for _ in range(2000)])\n"
        "print('written', flush=True)\n"
        "time.sleep(60)\n"
    )
    source = Path(__file__).resolve().parents[3] / "src"
    with subprocess.Popen(
        [sys.executable, "-c", script, address],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(source)}, text=True,
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.send_signal(signal.SIGKILL)
    again = backend.begin()
    assert again.contacts.count() == 1
    again.contacts.add([Contact(version=1)])
    again.commit()
    with sqlite3.connect(address.removeprefix("sqlite:///")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        assert plain.execute("SELECT count(*) FROM mim_contact").fetchone() == (2,)
    plain.close()
