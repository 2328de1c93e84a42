"""The asynchronous store: the same answers as the synchronous one, many tasks at once, cancellation, hosts."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import textwrap
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Column, MetaData, Table, Text, event, func, insert, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.util import await_only

import mimcore as mim
from mimcore import errors
from mimcore import fields as f
from mimcore.sql import prepare_engine, upgrade
from mimcore.store import async_records, async_store, async_work
from mimcore.store.lifting import Driven, Lifted, Streamed
from mimcore.testing import FixedClock

SECRET = b"only-for-tests-0"
SLOW_SQLITE = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000) SELECT count(*) FROM n"
)
KINDS = ["memory", "sqlite-memory", "aiosqlite", "psycopg", "asyncpg"]
orders = Table("orders", MetaData(), Column("note", Text))


def _url(request, kind, folder):
    if kind in {"psycopg", "asyncpg"}:
        url = make_url(request.getfixturevalue("postgres_url"))
        return url.set(drivername=f"postgresql+{kind}").render_as_string(hide_password=False)
    return {"memory": "memory:", "sqlite-memory": "sqlite://"}.get(kind, f"sqlite:///{folder / 'a.db'}")


@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    """An empty database of each kind."""
    return _url(request, request.param, tmp_path)


@pytest.fixture(params=KINDS[1:])
def sql_url(request, tmp_path):
    """An empty database behind each asynchronous driver."""
    return _url(request, request.param, tmp_path)


@asynccontextmanager
async def opened(url, **options):
    """An open store whose clock stands."""
    clock = FixedClock("2026-05-01T10:00Z")
    async with await mim.connect_async(url, actor="tester", secret=SECRET, clock=clock, **options) as store:
        yield store


async def added(store, *entities):
    """Store entities in a unit of work of their own."""
    async with store.begin() as work:
        return await work.add(*entities)


def slow(work):
    """Ask something that takes long: some seconds on SQLite, ten on PostgreSQL."""
    wire = work.transaction._wire
    wire.run(SLOW_SQLITE if wire.connection.dialect.name == "sqlite" else "SELECT pg_sleep(10)")


# --- the same store ---


def test_a_unit_of_work_from_beginning_to_end(url):
    """Adding, changing, recording, consenting, confirming, listing, archiving; what was written is read again."""

    async def story():
        async with opened(url) as store:
            async with store.begin(source="call-centre", observed_at="2026-04-01") as work:
                assert (work.origin.actor, work.origin.source) == ("tester", "call-centre")
                people = [mim.Contact(name=f"Ana Berg{n}", emails=[f"p{n}@acme.dk"], country="DK") for n in range(3)]
                ana, bo, _ = await work.add(*people)
                acme, vips = await work.add(mim.Account(name="Acme", domain="acme.dk"), mim.Segment(key="vips"))
                ana = await work.change(ana, city="Odense", account=acme)
                ana = await work.update(ana.evolve(tags=["x"]))
                await work.record("purchase", contact=ana, at="2026-03-09", value=mim.money("249.00", "DKK"))
                consent = {"channel": "email", "purpose": "newsletter"}
                await work.grant(ana.primary_email, **consent, method="double_opt_in", notice="v3")
                assert await work.can_contact(ana.primary_email, **consent)
                await work.withdraw(ana.primary_email, **consent)
                assert not await work.can_contact(ana.primary_email, **consent)
                await work.suppress("nobody@acme.dk")
                await work.confirm(ana, f.contact.city, by="owner")
                await work.refute(bo, f.contact.country, by="owner")
                await work.put_on(vips, ana, bo)
                await work.take_off(vips, bo)
                assert await work.add_many(mim.Contact(country="SE") for _ in range(700)) == 700
                bo = await work.remove(bo)
                assert (await anext(work.contacts.stream(f.contact.country == "DK"))).id == ana.id
                assert await work.contacts.in_account(acme) == (await work.contacts.get(ana),)
                assert len(await work.history(ana)) == 3
                assert await work.run(lambda plain, rule: plain.contacts.count(rule), f.contact.city == "Odense") == 1
            assert await store.contacts.count() == 702
            assert len([one async for one in store.contacts.stream(f.contact.country == "SE")]) == 700
            assert [one.id for one in await store.members("vips")] == [ana.id]
            assert (await store.accounts.with_domain("acme.dk")).id == acme.id
            assert (await store.contacts.with_email("p0@acme.dk")).demographic.city == "Odense"
            assert (await store.preview(f.contact.purchases.count() == 1)).members == 1
            assert (await store.explain("vips", ana.id)).answer is True
            assert "Odense" in str(await store.card(ana.id))
            return [one.id for one in (await store.contacts.find(f.contact.country == "DK")).items]

    found = asyncio.run(story())
    if not url.startswith(("memory:", "sqlite://")) or url.startswith("sqlite:///"):
        plain = url.replace("+asyncpg", "+psycopg")
        with mim.connect(plain, actor="t", secret=SECRET) as store:
            assert [one.id for one in store.contacts.find(f.contact.country == "DK").items] == found


def test_every_lifted_method_is_one_of_its_twin():
    """A name that the synchronous class has, with its docstring; nothing there is a name of its own."""
    modules = (async_records, async_store, async_work)
    twins = {one for module in modules for one in vars(module).values() if inspect.isclass(one)}
    lifted = [
        (kind, name, value)
        for kind in twins
        if issubclass(kind, Driven)
        for name, value in vars(kind).items()
        if isinstance(value, Lifted | Streamed)
    ]
    assert len(lifted) > 60
    for _, name, value in lifted:
        assert value.__wrapped__.__name__ == name
        assert value.__doc__ == value.__wrapped__.__doc__
    bound = mim.AsyncUnitOfWork(lambda: None).record
    assert (bound.__name__, bound.__doc__) == ("record", mim.UnitOfWork.record.__doc__)


def test_nothing_of_a_unit_of_work_is_missing():
    """Whatever `work` and `store.contacts` offer is offered to be awaited, unless it asks no database."""
    plain = {"bind", "binding", "catalogue", "alive"}
    assert _public(mim.UnitOfWork) - plain <= _public(mim.AsyncUnitOfWork)
    assert _public(async_records.Contacts) <= _public(async_records.AsyncContacts)
    assert _public(async_records.StoredContacts) <= _public(async_records.AsyncStoredContacts)


def _public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


def test_rooms_without_a_twin_go_through_run(url):
    """Duplicates, merges, imports, the past, declared attributes, events."""

    async def story():
        async with opened(url) as store:
            await added(store, *(mim.Contact(name="Ana Berg", emails=["ana@acme.dk"]) for _ in range(2)))
            (pair,) = await store.run(lambda s, limit: s.duplicates.find(limit=limit), 5)
            merged = await store.run(lambda s: s.duplicates.plan(pair).apply())
            assert await store.contacts.count() == 1
            await store.run(lambda s: s.merges.undo(merged.id))
            assert await store.contacts.count() == 2
            plan = await store.plan_import([{"email": "bo@acme.dk"}], source="list")
            assert await store.contacts.count() == 2
            await store.run(lambda _: plan.apply())
            assert (await store.contacts.with_email("bo@acme.dk")).version == 1
            tier = mim.attribute("tier", options=["silver", "gold"])
            (declared,) = await store.attributes.declare(tier)
            assert (await store.attributes.get("tier"), await store.attributes.all()) == (declared, (declared,))
            then = await store.as_of("2026-04-30")
            assert await then.contacts.count() == 0
            events = await store.events.claim(limit=1)
            assert "source_created" in repr(events)
            await events[0].done()
            rest = await store.events.pending()
            await store.events.done(rest)
            assert await store.events.pending() == ()
            with pytest.raises(errors.InvalidValueError, match="is asynchronous"):
                await store.run(story)

    asyncio.run(story())


def test_what_left_the_greenlet_says_where_it_belongs(sql_url):
    """A plan that is applied without `run` is refused with the remedy, and nothing is written."""

    async def story():
        async with opened(sql_url) as store:
            plan = await store.plan_import([{"email": "bo@acme.dk"}], source="list")
            with pytest.raises(errors.StoreError, match=r"store\.run"):
                plan.apply()
            assert await store.contacts.count() == 0
            await store.run(lambda _: plan.apply())
            assert await store.contacts.count() == 1

    asyncio.run(story())


# --- transactions ---


def test_an_error_rolls_back_and_leaves_no_trace_of_the_driver(url):
    """Neither cause nor context holds what the driver said; the unit of work says how it ended."""

    async def story():
        async with opened(url) as store:
            (ana,) = await added(store, mim.Contact(country="DK"))
            with pytest.raises(errors.DuplicateKeyError) as caught:
                async with store.begin() as work:
                    await work.add(mim.Contact(country="SE"))
                    await work.add(ana)
            assert (caught.value.__cause__, caught.value.__context__) == (None, None)
            with pytest.raises(errors.ClosedError, match="conflict"):
                await work.contacts.count()
            with pytest.raises(errors.ClosedError):
                async with work:
                    pass
            with pytest.raises(errors.ClosedError, match="has not begun"):
                await store.begin().contacts.count()
            async with store.begin() as work:
                await work.add(mim.Contact(country="NO"))
                await work.rollback()
            async with store.begin() as work:
                await work.add(mim.Contact(country="FI"))
                await work.commit()
            async with store.read() as reading:
                assert [one.demographic.country async for one in reading.contacts.stream()] == ["DK", "FI"]

    asyncio.run(story())


@pytest.mark.parametrize("how", ["cancel", "timeout"])
def test_cancelled_in_the_middle_of_a_statement(sql_url, how):
    """Everything is rolled back, nothing is held up, the database is still there, no connection is left in a mess."""

    async def work_slowly(store, is_on):
        async with store.begin() as work:
            await work.add(mim.Contact(country="SE"))
            is_on.set()
            await work.run(slow)

    async def story():
        async with opened(sql_url) as store:
            await added(store, mim.Contact(country="DK"))
            for _ in range(3):
                await _cut_short(work_slowly, store, how)
            for number in range(1, 25):
                await added(store, mim.Contact(country="NO"))
                assert await store.contacts.count() == 1 + number
            assert await store.contacts.count(f.contact.country == "SE") == 0
            pool = store._store._backend.engine.pool
            assert pool.checkedout() == 0 if hasattr(pool, "checkedout") else True
            if "postgresql" in sql_url:
                asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND left(state, 7) = 'idle in'"
                async with store.read() as work:
                    found = await work.run(lambda w: w.transaction._wire.connection.exec_driver_sql(asked).scalar())
                assert found == 0

    asyncio.run(story())


async def _cut_short(work_slowly, store, how):
    is_on = asyncio.Event()
    if how == "timeout":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await work_slowly(store, is_on)
        return
    task = asyncio.create_task(work_slowly(store, is_on))
    await is_on.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_cancelled_at_any_moment(sql_url):
    """Cancelled after 0, 1, 2 … steps of the loop, in begin, in statements, in commits: all or nothing, and it goes on."""

    async def pair(store):
        async with store.begin() as work:
            await work.add(mim.Contact(country="SE"))
            await work.add(mim.Contact(country="SE"))

    async def story():
        async with opened(sql_url) as store:
            await pair(store)
            stored = 1
            for steps in range(60):
                task = asyncio.create_task(pair(store))
                for _ in range(steps):
                    await asyncio.sleep(0)
                if steps % 3 == 0:
                    await asyncio.sleep(steps / 5000)
                task.cancel()
                await asyncio.wait((task,))
                found, rest = divmod(await store.contacts.count(), 2)
                assert rest == 0
                assert stored <= found <= stored + 1
                stored = found
            async with asyncio.timeout(20):
                await pair(store)
            assert await store.contacts.count() == 2 * stored + 2

    asyncio.run(story())


def test_cancelled_while_many_are_written(sql_url):
    """In the middle of thousands of rows, wherever the driver copies them: all or nothing, and the next ones are written."""

    async def write(store):
        async with store.begin() as work:
            await work.add_many(mim.Contact(country="SE", emails=[f"p{n}@acme.dk"]) for n in range(600))

    async def story():
        async with opened(sql_url) as store:
            for portion in range(8):
                task = asyncio.create_task(write(store))
                await asyncio.wait((task,), timeout=0.02 + 0.06 * portion)
                task.cancel()
                await asyncio.wait((task,))
                assert task.cancelled() or task.exception() is None
            before = await store.contacts.count()
            await write(store)
            assert (before % 600, await store.contacts.count()) == (0, before + 600)

    asyncio.run(story())


def test_a_commit_that_has_begun_is_waited_for(url):
    """The task is cancelled afterwards, and everything is stored."""

    async def story():
        async with opened(url) as store:
            is_on = asyncio.Event()

            async def write():
                async with store.begin() as work:
                    await work.add(mim.Contact(country="DK"))
                    commit = work._work.transaction.commit

                    def slow_commit():
                        is_on.set()
                        await_only(asyncio.sleep(0.1))
                        commit()

                    work._work.transaction.commit = slow_commit

            task = asyncio.create_task(write())
            await is_on.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await store.contacts.count() == 1
            await added(store, mim.Contact(country="SE"))

    asyncio.run(story())


def test_streams_may_be_left(url):
    """The transaction behind a stream that is left early is closed; a wrong rule fails with the first contact."""

    async def story():
        async with opened(url) as store:
            async with store.begin() as work:
                await work.add_many(mim.Contact(country="DK") for _ in range(1200))
            stream = store.contacts.stream(f.contact.country == "DK")
            assert (await anext(stream)).version == 1
            await stream.aclose()
            with pytest.raises(errors.NotFoundError):
                await anext(store.contacts.stream(f.contact.in_segment("nobody")))
            seen = [one.id async for one in store.contacts.stream()]
            assert len(seen) == len(set(seen)) == 1200
            await added(store, mim.Contact())

    asyncio.run(story())


# --- many tasks ---


def test_fifty_tasks_use_one_store_at_once(url):
    """Read-modify-write by each of them: nothing is lost, readers are answered meanwhile."""

    async def story():
        async with opened(url) as store:
            (acme,) = await added(store, mim.Account(name="Acme", employees=0))

            async def tag(number):
                async def once(work):
                    stored = await work.accounts.get(acme.id)
                    return await work.change(stored, tags=[*stored.tags, f"t{number}"])

                await store.transact(once, attempts=200)
                return await store.contacts.count()

            answers = await asyncio.gather(*(tag(number) for number in range(50)))
            stored = await store.accounts.get(acme)
            assert answers == [0] * 50
            assert (stored.version, set(stored.tags)) == (51, {f"t{number}" for number in range(50)})

    asyncio.run(story())


def test_a_unit_of_work_is_one_tasks(sql_url):
    """A second task at the same time is refused; the first one goes on, and so does the second when it is alone."""

    async def story():
        async with opened(sql_url) as store, store.begin() as work:
            await work.add(mim.Contact(country="DK"))
            one, two = await asyncio.gather(work.contacts.count(), work.contacts.count(), return_exceptions=True)
            assert one == 1
            assert isinstance(two, errors.StoreError)
            assert "another task" in str(two)
            assert await work.contacts.count() == 1

    asyncio.run(story())


@pytest.mark.parametrize("kind", ["memory", "aiosqlite"])
def test_writers_queue_and_the_loop_goes_on(request, tmp_path, kind):
    """First come, first served; who is cancelled leaves; the same task is refused at once; the loop never stands."""

    async def story():
        async with opened(_url(request, kind, tmp_path)) as store:
            order, beats = [], 0

            async def write(name):
                async with store.begin():
                    order.append(name)

            async with store.begin():
                with pytest.raises(errors.StoreError, match="this task is writing already"):
                    async with store.begin():
                        pass
                tasks = [asyncio.create_task(write(name)) for name in "abc"]
                for _ in range(20):
                    await asyncio.sleep(0.005)
                    beats += 1
                assert await store.contacts.count() == 0
                tasks[1].cancel()
            await asyncio.wait(tasks)
            assert [one.cancelled() for one in tasks] == [False, True, False]
            assert (order, beats) == (["a", "c"], 20)

    asyncio.run(story())


def test_patience_ends():
    """A writer that waits too long is told so, and the next one is served."""

    async def story():
        turn = async_store.AsyncTurn(0.05)
        pass_on = await async_store.driven(turn.take)
        with pytest.raises(errors.StoreError, match=r"writing for 0\.05 s") as caught:
            await asyncio.create_task(async_store.driven(turn.take))
        assert caught.value.__context__ is None
        pass_on()
        (await asyncio.create_task(async_store.driven(turn.take)))()

    asyncio.run(story())


def test_a_store_belongs_to_its_loop():
    """Another loop is refused with the remedy."""
    store = asyncio.run(mim.connect_async("memory:"))
    assert asyncio.run(store.contacts.count()) == 0
    with pytest.raises(errors.StoreError, match="another event loop"):
        asyncio.run(store.contacts.count())
    assert repr(store) == "AsyncStore(memory)"


def test_after_a_fork_the_child_opens_its_own(tmp_path):
    """The parent's store is refused in the child, whose own works; the parent goes on."""
    script = """
        import asyncio, os, sys
        import mimcore as mim

        async def write(url, store=None):
            store = store or await mim.connect_async(url, secret=b"only-for-tests-0")
            async with store.begin() as work:
                await work.add(mim.Contact(country="DK"))
            return store

        async def parent(url):
            store = await write(url)
            child = os.fork()
            if not child:
                try:
                    try:
                        asyncio.run(write(url, store))
                    except mim.StoreError:
                        asyncio.run(own(url))
                        os._exit(0)
                finally:
                    os._exit(1)
            while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
                await asyncio.sleep(0.01)
            await write(url, store)
            print(done[1], await store.contacts.count())
            await store.close()

        async def own(url):
            await (await write(url)).close()

        asyncio.run(parent(sys.argv[1]))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), f"sqlite:///{tmp_path / 'a.db'}"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout.split(), done.stderr) == (["0", "3"], "")


# --- inside a host ---


@asynccontextmanager
async def host(url):
    """A host's engine on a database with the host's table and mimcore's."""
    address = make_url(url)
    names = {"sqlite": "sqlite+aiosqlite", "postgresql+psycopg": "postgresql+psycopg_async"}
    engine = create_async_engine(address.set(drivername=names.get(address.drivername, address.drivername)))
    prepare_engine(engine)
    async with engine.begin() as connection:
        await connection.run_sync(orders.create)
        if address.get_backend_name() == "sqlite":
            await connection.run_sync(upgrade)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _counts(engine):
    async with engine.connect() as connection:
        found = await connection.scalar(select(func.count()).select_from(orders))
    store = await mim.AsyncStore.over(engine, actor="t", secret=SECRET)
    people = await store.contacts.count()
    await store.close()
    return found, people


@pytest.fixture(params=["aiosqlite", "psycopg", "asyncpg"])
def host_url(request, tmp_path):
    """The address of a host's database."""
    return _url(request, request.param, tmp_path)


def test_one_host_transaction_commits_both_or_neither(host_url):
    """Inside an AsyncSession, whoever writes first; an error in the block leaves the host's transaction usable."""

    async def story():
        async with host(host_url) as engine:
            for ending, wanted in (("commit", (1, 1)), ("rollback", (1, 1))):
                async with AsyncSession(engine) as session:
                    async with mim.AsyncStore.using(await session.connection(), actor="shop", secret=SECRET) as work:
                        (ana,) = await work.add(mim.Contact(country="DK"))
                        assert await work.contacts.get(ana.id) == ana
                    await session.execute(insert(orders).values(note="one"))
                    await getattr(session, ending)()
                assert await _counts(engine) == wanted
            async with engine.begin() as connection:
                await connection.execute(insert(orders).values(note="before"))
                with pytest.raises(errors.NotFoundError):
                    async with mim.AsyncStore.using(connection, actor="shop", secret=SECRET) as work:
                        await work.add(mim.Contact(country="DK"))
                        await work.contacts.with_email("nobody@acme.dk")
                await connection.execute(insert(orders).values(note="after"))
            assert await _counts(engine) == (3, 1)

    asyncio.run(story())


def test_a_host_that_is_cancelled_keeps_nothing(host_url):
    """In the middle of a statement inside the host's transaction: its rows and ours are gone, its pool is sound."""

    async def story():
        async with host(host_url) as engine:
            is_on = asyncio.Event()

            async def request():
                async with AsyncSession(engine) as session:
                    await session.execute(insert(orders).values(note="one"))
                    async with mim.AsyncStore.using(await session.connection(), actor="shop", secret=SECRET) as work:
                        await work.add(mim.Contact(country="DK"))
                        is_on.set()
                        await work.run(slow)
                    await session.commit()

            task = asyncio.create_task(request())
            await is_on.wait()
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await _counts(engine) == (0, 0)

    asyncio.run(story())


def test_the_tables_are_verified_once_a_connection(host_url):
    """The second unit of work on a connection asks fewer questions."""

    async def story():
        async with host(host_url) as engine, engine.begin() as connection:
            asked = []
            event.listen(engine.sync_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
            numbers = []
            for _ in range(2):
                asked.clear()
                async with mim.AsyncStore.using(connection, actor="shop", secret=SECRET):
                    pass
                numbers.append(len(asked))
            assert numbers[1] < numbers[0]

    asyncio.run(story())


def test_a_host_gives_an_open_connection_and_a_key(host_url, monkeypatch):
    """Anything else is refused with the remedy; the key may come from the environment."""
    monkeypatch.delenv("MIMCORE_SECRET_KEY", raising=False)

    async def story():
        async with host(host_url) as engine:
            with pytest.raises(errors.InvalidValueError, match=r"await session\.connection"):
                mim.AsyncStore.using(AsyncSession(engine), actor="shop")
            async with engine.begin() as connection:
                with pytest.raises(errors.SecretKeyError, match="MIMCORE_SECRET_KEY"):
                    async with mim.AsyncStore.using(connection, actor="shop"):
                        pass
                monkeypatch.setenv("MIMCORE_SECRET_KEY", SECRET.decode())
                async with mim.AsyncStore.using(connection, actor="shop") as work:
                    await work.add(mim.Contact())
            assert await _counts(engine) == (0, 1)

    asyncio.run(story())


# --- opening ---


@pytest.mark.parametrize("missing", ["greenlet", "aiosqlite"])
def test_what_is_not_installed_is_named(tmp_path, monkeypatch, missing):
    """The message is the command that installs it."""
    for module in ("mimcore.store.async_store", "mimcore.sql.connection.engines"):
        monkeypatch.setattr(f"{module}.find_spec", lambda name: None if name == missing else True)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'mimcore\[async\]'"):
        asyncio.run(mim.connect_async(f"sqlite:///{tmp_path / 'a.db'}"))


@pytest.mark.parametrize("option", [{"zone": "Mars/Olympus"}, {"source": "Trade Fair"}])
def test_wrong_options_are_refused(option):
    """As by the synchronous twin."""
    with pytest.raises(errors.InvalidValueError):
        asyncio.run(mim.connect_async("memory:", **option))


def test_the_parameters_are_those_of_connect():
    """Same names, same defaults."""
    twins = (
        (mim.connect_async, mim.connect),
        (mim.AsyncStore.using, mim.Store.using),
        (mim.AsyncStore.begin, mim.Store.begin),
        (mim.AsyncUnitOfWork.change, mim.UnitOfWork.change),
        (mim.AsyncUnitOfWork.update, mim.UnitOfWork.update),
    )
    for twin, plain in twins:
        first, second = (inspect.signature(one).parameters for one in (twin, plain))
        assert [(one.name, one.kind, one.default) for one in first.values()] == [
            (one.name, one.kind, one.default) for one in second.values()
        ]
