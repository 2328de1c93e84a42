"""The outbox of an asynchronous store."""

from __future__ import annotations

from collections.abc import Iterable

from mimcore.repositories.records import OutboxEvent
from mimcore.store.events import EventsAccessor, PendingEvent
from mimcore.store.lifting import Drive, Driven

__all__ = ["AsyncEventsAccessor", "AsyncPendingEvent"]


class AsyncPendingEvent:
    """A domain event that waits for delivery. Await `done()` once it has been handed over; until then it comes again.

    Attributes:
        event: The event.
    """

    def __init__(self, pending: PendingEvent, drive: Drive) -> None:
        """Stand for an event.

        Args:
            pending: Its synchronous twin.
            drive: Runs what marks it.
        """
        self.event: OutboxEvent = pending.event
        self._pending, self._drive = pending, drive

    def __repr__(self) -> str:
        """Which event it is."""
        return f"AsyncPendingEvent({self.event!r})"

    async def done(self) -> None:
        """Mark the event as delivered."""
        await self._drive(self._pending.done)


class AsyncEventsAccessor(Driven):
    """Domain events in the outbox; see `EventsAccessor`."""

    async def pending(self, *, limit: int = 1000) -> tuple[AsyncPendingEvent, ...]:
        """Return events that wait for delivery, in the order of recording; for one worker, several use `claim`.

        Args:
            limit: At most so many.
        """
        return self._lifted(await self._ask(lambda events: _pending(events, limit)))

    async def claim(
        self, *, limit: int = 100, seconds: float = 60.0, actor: str | None = None
    ) -> tuple[AsyncPendingEvent, ...]:
        """Take events that no other worker holds; nobody else gets a later one of the same record meanwhile.

        Args:
            limit: At most so many.
            seconds: How long you hold them. What is not `done()` by then comes again, to you or somebody else.
            actor: Who takes them; needed where the store has no default.
        """
        return self._lifted(await self._ask(lambda events: _claimed(events, limit, seconds, actor)))

    async def done(self, events: Iterable[AsyncPendingEvent]) -> None:
        """Mark many events as delivered, in one transaction."""
        marked = [one._pending for one in events]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        await self._ask(lambda twin: _done(twin, marked))

    def _lifted(self, events: Iterable[PendingEvent]) -> tuple[AsyncPendingEvent, ...]:
        return tuple(AsyncPendingEvent(one, self._drive) for one in events)


def _pending(events: EventsAccessor, limit: int) -> tuple[PendingEvent, ...]:
    return events.pending(limit=limit)


def _claimed(events: EventsAccessor, limit: int, seconds: float, actor: str | None) -> tuple[PendingEvent, ...]:
    return events.claim(limit=limit, seconds=seconds, actor=actor)


def _done(events: EventsAccessor, marked: list[PendingEvent]) -> None:
    events.done(marked)
