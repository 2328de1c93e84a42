"""A unit of work to be awaited: one transaction, committed at the end of an `async with` block or rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, Unpack, overload
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import Undated
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.errors import ClosedError, StoreError
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.store.async_records import (
    AsyncAccounts,
    AsyncCampaigns,
    AsyncContacts,
    AsyncLeads,
    AsyncRecords,
    AsyncTasks,
)
from mimcore.store.lifting import Drive, Driven, Lifted, driven, to_the_end

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures import AccountArguments, ContactArguments

__all__ = ["AsyncUnitOfWork"]

E = TypeVar("E", bound=Entity)
P = ParamSpec("P")
T = TypeVar("T")
Party = TypeVar("Party", Contact, Account)
Plain = TypeVar("Plain", Lead, Segment, Source, Campaign, Task)


class AsyncUnitOfWork(Driven):
    """Work inside one transaction of an asynchronous store, in an `async with` block; see `AsyncStore.begin`.

    Every method is that of `UnitOfWork`, awaited. A unit of work is one task's: another task that uses it at the same
    time is refused. If its task is cancelled in the middle of a statement, everything is rolled back; a commit that has
    begun is waited for.

    Attributes:
        contacts: Reading contacts by rule, by e-mail, by page …; `async for` reads `contacts.stream(rule)`.
        accounts: Reading accounts; `leads`, `segments`, `sources`, `campaigns` and `tasks` alike.

    Examples:
        >>> import asyncio
        >>> import mimcore as mim
        >>> async def city_of_ana() -> str | None:
        ...     async with await mim.connect_async("memory:") as store:
        ...         async with store.begin(source="call-centre") as work:
        ...             (ana,) = await work.add(mim.Contact(name="Ana Berg", emails=["ana@acme.dk"]))
        ...             ana = await work.change(ana, city="Odense", observed_at="2026-04-01")
        ...         return (await store.contacts.with_email("ana@acme.dk")).demographic.city
        >>> asyncio.run(city_of_ana())
        'Odense'
    """

    def __init__(self, opened: Callable[[], UnitOfWork], drive: Drive = driven) -> None:
        """Describe a unit of work; it begins with the block.

        Args:
            opened: Opens the synchronous one.
            drive: Runs it.
        """
        super().__init__(self._alone, self._entered)
        self._opened, self._way = opened, drive
        self._work: UnitOfWork | None = None
        self._lock = asyncio.Lock()
        self.contacts = AsyncContacts(self._alone, lambda: self._entered().contacts)
        self.accounts = AsyncAccounts(self._alone, lambda: self._entered().accounts)
        self.leads = AsyncLeads(self._alone, lambda: self._entered().leads)
        self.segments = AsyncRecords[Segment](self._alone, lambda: self._entered().segments)
        self.sources = AsyncRecords[Source](self._alone, lambda: self._entered().sources)
        self.campaigns = AsyncCampaigns(self._alone, lambda: self._entered().campaigns)
        self.tasks = AsyncTasks(self._alone, lambda: self._entered().tasks)

    async def __aenter__(self) -> Self:
        """Begin.

        Raises:
            StoreError: If this task is writing already, or somebody else writes for too long.
        """
        if self._work is not None:
            raise ClosedError("this unit of work has begun already: open another one with store.begin()")
        async with self._lock:
            self._work = await self._way(self._opened)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or roll back if an error or a cancellation passes."""
        await to_the_end(self._finished(lambda: self._entered().__exit__(kind, error, trace)))

    async def _finished(self, end: Callable[[], None]) -> None:
        async with self._lock:
            await self._way(end)

    async def _alone(self, call: Callable[[], T]) -> T:
        if self._lock.locked():
            raise StoreError("another task is using this unit of work: let each task begin its own")
        async with self._lock:
            return await self._way(call)

    def _entered(self) -> UnitOfWork:
        if self._work is None:
            raise ClosedError("this unit of work has not begun: use it as `async with store.begin() as work:`")
        return self._work

    @property
    def origin(self) -> Origin:
        """Actor, source and times that every write carries unless a call says otherwise."""
        return self._entered().origin

    async def run(self, function: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a plain function with the synchronous unit of work; what it asks of the database is awaited.

        Args:
            function: Called as `function(work, *args, **kwargs)`.
            *args: Its arguments.
            **kwargs: Its keyword arguments.
        """
        return await self._drive(lambda: function(self._entered(), *args, **kwargs))

    async def commit(self) -> None:
        """Make everything durable; the unit of work is over. The end of the block does this by itself."""
        await to_the_end(self._finished(lambda: self._entered().commit()))

    async def rollback(self) -> None:
        """Undo everything; the unit of work is over."""
        await to_the_end(self._finished(lambda: self._entered().rollback()))

    async def add(self, *entities: E) -> tuple[E, ...]:
        """Store new records of any kind, in one call; see `UnitOfWork.add`.

        Args:
            *entities: New objects.

        Returns:
            The stored objects, as version 1, in the given order.
        """
        return await self._drive(lambda: self._entered().add(*entities))

    @overload
    async def change(
        self,
        record: Contact | UUID,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Unpack[ContactArguments],
    ) -> Contact: ...

    @overload
    async def change(
        self,
        record: Account,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Unpack[AccountArguments],
    ) -> Account: ...

    @overload
    async def change(
        self,
        record: Plain,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Any,
    ) -> Plain: ...

    async def change(
        self,
        record: Any,
        *,
        source: Source | str | None = None,
        observed_at: Moment | Undated | None = None,
        **changes: Any,
    ) -> Any:
        """Change a record; a part of a group changes and the rest stays; see `UnitOfWork.change`.

        Args:
            record: The newest version at hand, or the id of a contact.
            source: Source of this change, if it is not the unit of work's.
            observed_at: When the source saw the new values.
            **changes: New values by field name or short name.

        Returns:
            The stored object with version + 1; the stored one if nothing differs.
        """
        given: dict[str, Any] = {"source": source, "observed_at": observed_at, **changes}
        return await self._drive(lambda: self._entered().change(record, **given))

    async def update(
        self, record: E, *, source: Source | str | None = None, observed_at: Moment | Undated | None = None
    ) -> E:
        """Store a changed object, made with `evolve` from the newest version; see `UnitOfWork.update`.

        Args:
            record: The changed object; its version is the one it was made from.
            source: Source of this change, if it is not the unit of work's.
            observed_at: When the source saw the new values.
        """
        return await self._drive(lambda: self._entered().update(record, source=source, observed_at=observed_at))

    async def remove(self, record: Party) -> Party:
        """Archive a contact or an account; see `UnitOfWork.remove`.

        Args:
            record: The newest version at hand.
        """
        return await self._drive(lambda: self._entered().remove(record))

    question = Lifted(UnitOfWork.question)
    add_many = Lifted(UnitOfWork.add_many)
    upsert_many = Lifted(UnitOfWork.upsert_many)
    record = Lifted(UnitOfWork.record)
    confirm = Lifted(UnitOfWork.confirm)
    refute = Lifted(UnitOfWork.refute)
    grant = Lifted(UnitOfWork.grant)
    withdraw = Lifted(UnitOfWork.withdraw)
    suppress = Lifted(UnitOfWork.suppress)
    can_contact = Lifted(UnitOfWork.can_contact)
    put_on = Lifted(UnitOfWork.put_on)
    take_off = Lifted(UnitOfWork.take_off)
    history = Lifted(UnitOfWork.history)
    not_collected = Lifted(UnitOfWork.not_collected)
