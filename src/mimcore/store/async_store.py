"""The asynchronous store: the same store, driven by the tasks of an event loop. One body of SQL, no second store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.util import find_spec
from inspect import iscoroutinefunction
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.capture.importing.plan import ImportPlan
from mimcore.domain.freshness import Undated
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.errors import InvalidValueError, MissingExtraError, SerializationError, StaleVersionError, StoreError
from mimcore.repositories.origin import Moment
from mimcore.store.async_events import AsyncEventsAccessor
from mimcore.store.async_records import (
    AsyncStored,
    AsyncStoredAccounts,
    AsyncStoredCampaigns,
    AsyncStoredContacts,
    AsyncStoredLeads,
    AsyncStoredTasks,
)
from mimcore.store.async_turn import AsyncTurn
from mimcore.store.async_work import AsyncUnitOfWork
from mimcore.store.attributes import AttributesAccessor
from mimcore.store.clock import system_clock
from mimcore.store.connecting import open_store
from mimcore.store.hosting import engine_and_key
from mimcore.store.keys import long_enough
from mimcore.store.lifting import Driven, Lifted, driven, to_the_end
from mimcore.store.store import Store
from mimcore.values.arguments import check_called, whole_number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["AsyncAttributesAccessor", "AsyncStore", "connect_async"]

P = ParamSpec("P")
T = TypeVar("T")
WAIT_SECONDS = 30.0
"""How long a task waits for another one that writes."""


class AsyncAttributesAccessor(Driven):
    """Declared custom attributes; see `AttributesAccessor`."""

    declare = Lifted(AttributesAccessor.declare)
    all = Lifted(AttributesAccessor.all)
    get = Lifted(AttributesAccessor.get)


class AsyncStore(Driven):
    """An open store whose methods are awaited. Made by `mim.connect_async`; `begin` opens a unit of work.

    It is `Store` itself, run in greenlets: the same SQL, the same answers, the same errors. Everything that has no
    method here goes through `run`: `await store.run(lambda s: s.quality.report())`.

    One store serves any number of tasks of one event loop at once; a unit of work is one task's. On SQLite and in
    memory one task writes at a time and the others wait for their turn without blocking the loop; readers wait for
    nobody. The store belongs to the loop on which it is used first: another loop, thread or forked process opens its
    own, and is refused here. A task that is cancelled, or runs out of time, in the middle of a statement loses its
    transaction and nothing else; a commit that has begun is waited for.

    What takes long without asking the database (matching columns, a large frame, rules on the store in memory) blocks
    the loop meanwhile, as any computation does: give such work a synchronous store in a thread of its own.

    Attributes:
        contacts: Finding, counting and streaming contacts; as frames too.
        accounts: Reading accounts; `leads`, `campaigns`, `tasks`, `segments` and `sources` alike.
        events: Domain events that wait for delivery.
        attributes: Declarations of custom attributes.
    """

    def __init__(self, store: Store) -> None:
        """Drive a store; `mim.connect_async` opens one.

        Args:
            store: A store over an asynchronous driver, or in memory, whose writers queue in an `AsyncTurn`.
        """
        super().__init__(self._on_loop, lambda: store)
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self.contacts = AsyncStoredContacts(self._on_loop, lambda: store.contacts)
        self.accounts = AsyncStoredAccounts(self._on_loop, lambda: store.accounts)
        self.leads = AsyncStoredLeads(self._on_loop, lambda: store.leads)
        self.campaigns = AsyncStoredCampaigns(self._on_loop, lambda: store.campaigns)
        self.tasks = AsyncStoredTasks(self._on_loop, lambda: store.tasks)
        self.segments = AsyncStored[Segment](self._on_loop, lambda: store.segments)
        self.sources = AsyncStored[Source](self._on_loop, lambda: store.sources)
        self.events = AsyncEventsAccessor(self._on_loop, lambda: store.events)
        self.attributes = AsyncAttributesAccessor(self._on_loop, lambda: store.attributes)

    @classmethod
    async def over(
        cls,
        engine: AsyncEngine,
        *,
        actor: str | None = None,
        source: str = "manual",
        zone: str | ZoneInfo = "UTC",
        clock: Callable[[], datetime] = system_clock,
        secret: bytes | None = None,
        schema: Literal["auto", "upgrade", "verify"] = "verify",
        tenant: str = "default",
    ) -> Self:
        """Open a store over an engine of your application, which stays yours and open; see `Store(engine)`.

        Args:
            engine: SQLAlchemy's `AsyncEngine` on aiosqlite, psycopg or asyncpg.
            actor: Who writes by default; on a server there is no default.
            source: Source of values by default.
            zone: Zone of the store, an IANA name.
            clock: Returns the present instant, aware.
            secret: Key of the suppression list; the environment's `MIMCORE_SECRET_KEY` unless given.
            schema: `verify` checks the tables, `auto` also creates them in an empty database, `upgrade` also brings
                older ones up to date.
            tenant: Whose data.
        """
        given = None if secret is None else long_enough(secret)
        turn = AsyncTurn(WAIT_SECONDS)

        def opened() -> Store:
            backend, key = engine_and_key(engine.sync_engine, given, schema=schema, tenant=tenant, turn=turn)
            return Store(backend, actor=actor, source=source, zone=zone, clock=clock, secret=key)

        return cls(await driven(opened))

    @classmethod
    def using(
        cls,
        connection: AsyncConnection,
        *,
        actor: str,
        source: str = "manual",
        zone: str | ZoneInfo = "UTC",
        clock: Callable[[], datetime] = system_clock,
        secret: bytes | None = None,
        tenant: str = "default",
    ) -> AsyncUnitOfWork:
        """Work inside a transaction of your application: its rows and mimcore's are committed or rolled back together.

        The unit of work stands over a savepoint: an error inside its block undoes what the block wrote and leaves your
        transaction usable; the commit stays yours.

        Args:
            connection: SQLAlchemy's asynchronous connection in a transaction, such as `await session.connection()`.
            actor: Who writes.
            source: Source of the values.
            zone: Zone in which dates are read.
            clock: Returns the present instant, aware.
            secret: Key of the suppression list; the environment's `MIMCORE_SECRET_KEY` unless given.
            tenant: Whose data.

        Returns:
            The unit of work, for an `async with` block; what `Store.using` raises is raised there.

        Raises:
            InvalidValueError: If it is no open asynchronous connection.
        """
        inner = getattr(connection, "sync_connection", None)
        if inner is None:
            raise InvalidValueError(
                "connection", "is no open AsyncConnection", "give `await session.connection()`, or an opened one"
            )
        return AsyncUnitOfWork(
            lambda: Store.using(inner, actor=actor, source=source, zone=zone, clock=clock, secret=secret, tenant=tenant)
        )

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return self._store.zone

    def now(self) -> datetime:
        """Return the present instant of the store's clock, in UTC."""
        return self._store.now()

    def __repr__(self) -> str:
        """Which kind of store it is."""
        return f"Async{self._store!r}"

    async def __aenter__(self) -> Self:
        """Use the store in an `async with` block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        await self.close()

    async def close(self) -> None:
        """Release files and connections. Closing twice is harmless."""
        await to_the_end(self._on_loop(self._store.close))

    def begin(
        self,
        *,
        actor: str | None = None,
        source: str | None = None,
        observed_at: Moment | Undated | None = None,
        import_id: UUID | None = None,
    ) -> AsyncUnitOfWork:
        """Describe a unit of work: one transaction that commits at the end of the block and rolls back on an error.

        Args:
            actor: Who writes.
            source: Key of the source that the values come from.
            observed_at: When the source saw them; the store's clock unless given, `mim.UNDATED` if nobody knows.
            import_id: The import that writes, if one does.

        Returns:
            The unit of work, for an `async with` block; it begins there.
        """
        return AsyncUnitOfWork(
            lambda: self._store.begin(actor=actor, source=source, observed_at=observed_at, import_id=import_id),
            self._on_loop,
        )

    def read(self) -> AsyncUnitOfWork:
        """Describe a unit of work that only reads; it neither waits for writers nor blocks them."""
        return AsyncUnitOfWork(self._store.read, self._on_loop)

    async def transact(
        self,
        function: Callable[[AsyncUnitOfWork], Awaitable[T]],
        *,
        attempts: int = 5,
        actor: str | None = None,
        source: str | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> T:
        """Await a function with a unit of work, and again from the beginning if another transaction came in between.

        Args:
            function: Gets the unit of work; what it returns is returned after the commit. It is called several times:
                it must read what it changes through the unit of work, and do nothing outside it.
            attempts: At most so many calls, 1 or more.
            actor: Who writes.
            source: Key of the source that the values come from.
            pause: Waits for so many seconds between two attempts: 10 ms, then twice as long each time, 0.64 s at most.

        Raises:
            SerializationError: If the last attempt was refused as well.
            StaleVersionError: The same.
        """
        check_called(function, "function", "give a function that takes the unit of work")
        attempts = whole_number(attempts, "attempts", "give 1 or more")
        for number in range(attempts - 1):
            try:
                return await self._once(function, actor, source)
            except (SerializationError, StaleVersionError):
                pass
            await pause(0.01 * 2 ** min(number, 6))
        return await self._once(function, actor, source)

    async def _once(
        self, function: Callable[[AsyncUnitOfWork], Awaitable[T]], actor: str | None, source: str | None
    ) -> T:
        async with self.begin(actor=actor, source=source) as work:
            return await function(work)

    async def run(self, function: Callable[Concatenate[Store, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a plain function with the synchronous store; what it asks of the database is awaited by this task.

        So every room works here: `await store.run(lambda s: s.duplicates.find())`. A plan, a pair or a report that
        comes out is an ordinary one; what writes goes through `run` again: `await store.run(lambda _: plan.apply())`.

        While the function waits for the database other tasks run; while it computes they do not. Between two statements
        of a long import the loop gets its turn.

        Args:
            function: Called as `function(store, *args, **kwargs)`; not a coroutine function.
            *args: Its arguments.
            **kwargs: Its keyword arguments.

        Examples:
            >>> import mimcore as mim
            >>> async def decayed() -> float | None:
            ...     async with await mim.connect_async("memory:") as store:
            ...         return (await store.run(lambda s: s.quality.report())).decayed_share
            >>> asyncio.run(decayed())
        """
        if iscoroutinefunction(function):
            raise InvalidValueError("function", "is asynchronous", "give a plain function; await the others yourself")
        return await self._on_loop(lambda: function(self._store, *args, **kwargs))

    async def as_of(self, moment: Moment, *, hindsight: bool = False) -> AsyncStore:
        """Return the store as it was at an instant; see `Store.as_of`.

        Args:
            moment: An instant that is not in the future; a date means the end of that day in the store's zone.
            hindsight: Whether later knowledge counts.
        """
        return AsyncStore(await self._on_loop(lambda: self._store.as_of(moment, hindsight=hindsight)))

    async def plan_import(self, data: Any, *, source: str, **options: Any) -> ImportPlan:
        """Plan an import; carry it out with `await store.run(lambda _: plan.apply())`. See `Store.plan_import`.

        Args:
            data: Path of a CSV file, a data frame, or a list of dicts.
            source: Key of the source that the rows come from.
            **options: See `mimcore.capture.plan_import`.
        """
        return await self._on_loop(lambda: self._store.plan_import(data, source=source, **options))

    preview = Lifted(Store.preview)
    members = Lifted(Store.members)
    explain = Lifted(Store.explain)
    segments_of = Lifted(Store.segments_of)
    card = Lifted(Store.card)
    audience = Lifted(Store.audience)
    snapshot = Lifted(Store.snapshot)

    async def _on_loop(self, call: Callable[[], T]) -> T:
        """Run on the store's loop; connections are useless on another one."""
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise StoreError(
                "this store belongs to another event loop: each loop, thread and process opens its own (connect_async)"
            )
        return await driven(call)


async def connect_async(
    url: str = "memory:",
    *,
    actor: str | None = None,
    source: str = "manual",
    zone: str | ZoneInfo = "UTC",
    clock: Callable[[], datetime] = system_clock,
    secret: bytes | None = None,
    schema: Literal["auto", "upgrade", "verify"] = "auto",
    durability: Literal["full", "normal"] = "full",
    tenant: str = "default",
) -> AsyncStore:
    """Open an asynchronous store; every parameter is that of `mim.connect`.

    Args:
        url: `memory:`, `sqlite:///path/to/file.db` (aiosqlite), `postgresql://user@host/database` (psycopg) or
            `postgresql+asyncpg://…`.
        actor: Who writes, unless `begin` says otherwise.
        source: Source that values come from, unless `begin` says otherwise.
        zone: Time zone of the store, an IANA name.
        clock: Returns the present instant, aware; the machine's clock unless given.
        secret: Key of the suppression list, at least 16 bytes; see `connect`.
        schema: `auto` creates in an empty database only; `upgrade` also brings an older one up to date; `verify` never
            changes anything.
        durability: For SQLite: `full` survives a power cut; `normal` may then lose the last commits.
        tenant: Whose data; part of every key.

    Returns:
        An open store; close it, or use it with `async with await mim.connect_async(…) as store:`.

    Raises:
        MissingExtraError: If greenlet or the driver is not installed; the message names the command.
        MimcoreError: What `connect` raises.

    Examples:
        >>> async def people() -> int:
        ...     async with await connect_async("memory:") as store:
        ...         return await store.contacts.count()
        >>> asyncio.run(people())
        0
    """
    if find_spec("greenlet") is None:
        raise MissingExtraError("an asynchronous store (greenlet)", "async")
    turn = AsyncTurn(WAIT_SECONDS)
    opened = await driven(
        lambda: open_store(
            url,
            turn=turn,
            actor=actor,
            source=source,
            zone=zone,
            clock=clock,
            secret=secret,
            schema=schema,
            durability=durability,
            tenant=tenant,
        )
    )
    return AsyncStore(opened)
