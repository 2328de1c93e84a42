"""A store on an application's engine, and inside its transaction: committed together, rolled back together."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, MetaData, Table, Text, create_engine, func, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

import mimcore as mim
from mimcore import errors
from mimcore.sql import prepare_engine, upgrade

SECRET = b"only-for-tests-0"
orders = Table("orders", MetaData(), Column("note", Text))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    """A host's engine on a database with the host's table and mimcore's."""
    url = f"sqlite:///{tmp_path / 'app.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = create_engine(url)
    prepare_engine(made)
    with made.begin() as connection:
        orders.create(connection)
        if request.param == "sqlite":
            upgrade(connection)
    yield made
    made.dispose()


def _counts(engine):
    with engine.connect() as connection, mim.Store(engine, actor="t", secret=SECRET) as store:
        return connection.scalar(select(func.count()).select_from(orders)), store.contacts.count()


def test_a_store_on_an_engine_leaves_the_engine_open(engine):
    """Closing the store closes nothing of the application's."""
    with mim.Store(engine, actor="shop", secret=SECRET) as store, store.begin() as work:
        work.add(mim.Contact(country="DK"))
    assert _counts(engine) == (0, 1)


def test_one_transaction_commits_both(engine):
    """The host's own row and the contact stand together."""
    with engine.begin() as connection:
        connection.execute(insert(orders).values(note="first"))
        with mim.Store.using(connection, actor="shop", secret=SECRET) as work:
            work.add(mim.Contact(name="Ana Berg", emails=["ana@acme.dk"]))
            assert work.contacts.with_email("ana@acme.dk").name.given == "Ana"
    assert _counts(engine) == (1, 1)


@pytest.mark.parametrize("is_first", [True, False])
def test_one_rollback_undoes_both(engine, is_first):
    """Whether mimcore or the host was first to write in the transaction."""
    with engine.connect() as connection:
        if not is_first:
            connection.execute(insert(orders).values(note="first"))
        with mim.Store.using(connection, actor="shop", secret=SECRET) as work:
            work.add(mim.Contact(country="DK"))
        if is_first:
            connection.execute(insert(orders).values(note="first"))
        connection.rollback()
    assert _counts(engine) == (0, 0)


def test_an_error_in_the_block_leaves_the_hosts_transaction_usable(engine):
    """What the block wrote is gone; what the host wrote before and after it stays."""
    with engine.begin() as connection:
        connection.execute(insert(orders).values(note="before"))
        with (
            pytest.raises(errors.NotFoundError),
            mim.Store.using(connection, actor="shop", secret=SECRET) as work,
        ):
            work.add(mim.Contact(country="DK"))
            work.contacts.with_email("nobody@acme.dk")
        connection.execute(insert(orders).values(note="after"))
    assert _counts(engine) == (2, 0)


def test_a_conflict_in_the_block_leaves_the_hosts_transaction_usable(engine):
    """The database's own refusal is undone to the savepoint as well."""
    contact = mim.Contact(country="DK")
    with engine.begin() as connection:
        connection.execute(insert(orders).values(note="before"))
        with mim.Store.using(connection, actor="shop", secret=SECRET) as work:
            work.add(contact)
        with (
            pytest.raises(errors.DuplicateKeyError),
            mim.Store.using(connection, actor="shop", secret=SECRET) as work,
        ):
            work.add(mim.Contact(country="SE"), contact)
    assert _counts(engine) == (1, 1)


def test_a_block_after_a_block(engine):
    """History and outbox of both are numbered on."""
    with engine.begin() as connection:
        for country in ("DK", "SE"):
            with mim.Store.using(connection, actor="shop", secret=SECRET) as work:
                work.add(mim.Contact(country=country))
    with mim.Store(engine, actor="t", secret=SECRET) as store:
        kinds = [one.event.kind for one in store.events.pending()]
    assert kinds == ["source_created", "contact_created", "contact_created"]


def test_without_tables_the_command_is_named(tmp_path):
    """Nothing is created behind the application's back."""
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    prepare_engine(engine)
    with pytest.raises(errors.SchemaOutOfDateError, match="mimcore db upgrade"):
        mim.Store(engine, secret=SECRET)
    with (
        engine.connect() as connection,
        pytest.raises(errors.SchemaOutOfDateError, match="mimcore db upgrade"),
    ):
        mim.Store.using(connection, actor="shop", secret=SECRET)
    engine.dispose()


def test_sqlite_must_keep_foreign_keys(tmp_path):
    """Else a removed contact would leave its addresses behind."""
    engine = create_engine(f"sqlite:///{tmp_path / 'app.db'}")
    with engine.begin() as connection:
        upgrade(connection)
    with engine.connect() as connection, pytest.raises(errors.StoreError, match="prepare_engine"):
        mim.Store.using(connection, actor="shop", secret=SECRET)
    engine.dispose()


def test_a_key_is_asked_for_and_checked(engine, monkeypatch):
    """A missing key, or another one than before, opens nothing."""
    monkeypatch.delenv("MIMCORE_SECRET_KEY", raising=False)
    with pytest.raises(errors.SecretKeyError, match="MIMCORE_SECRET_KEY"):
        mim.Store(engine, actor="shop")
    mim.Store(engine, actor="shop", secret=SECRET).close()
    with pytest.raises(errors.SecretKeyError, match="not the one"):
        mim.Store(engine, actor="shop", secret=b"another-key-of-16")
    with engine.connect() as connection, pytest.raises(errors.SecretKeyError, match="not the one"):
        mim.Store.using(connection, actor="shop", secret=b"another-key-of-16")
    monkeypatch.setenv("MIMCORE_SECRET_KEY", SECRET.decode())
    mim.Store(engine, actor="shop").close()


def test_on_a_server_somebody_must_write(postgres_url):
    """Reading needs no name."""
    with mim.connect(postgres_url, secret=SECRET) as store:
        assert store.contacts.count() == 0
        with pytest.raises(errors.InvalidValueError, match="say who writes"):
            store.begin()
        with store.begin(actor="maria@acme") as work:
            work.add(mim.Contact(country="DK"))
        assert store.contacts.count() == 1


def test_other_engines_are_refused():
    """An asynchronous one by the name of what takes it, others by what is supported."""
    with pytest.raises(errors.StoreUrlError, match="AsyncStore"):
        mim.Store(create_async_engine("sqlite+aiosqlite://"), secret=SECRET)
    with pytest.raises(errors.StoreUrlError, match="AsyncStore"):
        mim.Store("sqlite://", secret=SECRET)


def test_transact_repeats_from_the_beginning(engine):
    """The function is called again with a new unit of work; other errors pass at once."""
    waits, calls = [], []
    with mim.Store(engine, actor="t", secret=SECRET) as store:

        def work_on(work):
            calls.append(work)
            if len(calls) < 4:
                raise errors.SerializationError("another one came in between")
            return work.add(mim.Contact(country="DK"))

        (added,) = store.transact(work_on, pause=waits.append)
        assert (len(calls), waits, store.contacts.get(added)) == (4, [0.01, 0.02, 0.04], added)

        def refused(work):
            calls.append(work)
            raise errors.StaleVersionError("always")

        calls.clear()
        with pytest.raises(errors.StaleVersionError):
            store.transact(refused, attempts=3, pause=waits.append)
        assert len(calls) == 3
        calls.clear()
        with pytest.raises(ZeroDivisionError):
            store.transact(lambda work: calls.append(work) or 1 / 0)
        assert len(calls) == 1
        with pytest.raises(errors.InvalidValueError):
            store.transact(refused, attempts=0)


def test_claimed_events_come_again_when_the_claim_ends(engine):
    """Two workers share the events; what the dead one held comes to the other later."""
    clock = mim.testing.FixedClock("2026-05-01T10:00Z")
    with mim.Store(engine, actor="t", secret=SECRET, clock=clock) as store:
        with store.begin() as work:
            work.add(*(mim.Contact(country="DK") for _ in range(4)))
        dead, alive = store.events.claim(limit=3, seconds=60), store.events.claim(seconds=60)
        assert (len(dead), len(alive)) == (3, 2)
        store.events.done(alive)
        assert store.events.claim() == ()
        clock.advance(seconds=60)
        again = store.events.claim()
        assert [one.event.id for one in again] == [one.event.id for one in dead]
        for one in again:
            one.done()
        assert store.events.pending() == ()
        with pytest.raises(errors.InvalidValueError):
            store.events.claim(seconds=0)
