"""Domain events in the outbox: looked at, taken by a worker, delivered at least once, in order for each record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from mimcore.errors import InvalidValueError
from mimcore.repositories.records import OutboxEvent
from mimcore.values.arguments import whole_number

if TYPE_CHECKING:
    from mimcore.store.opening import OpenStore

__all__ = ["EventsAccessor", "PendingEvent"]


@dataclass(frozen=True)
class PendingEvent:
    """A domain event that waits for delivery. Call `done()` once it has been handed over; until then it comes again."""

    event: OutboxEvent
    _done: Callable[[Iterable[UUID]], None] = field(repr=False)

    def done(self) -> None:
        """Mark the event as delivered."""
        self._done([self.event.id])


class EventsAccessor:
    """Domain events in the outbox.

    An event is written in the same transaction as what it tells of, so none is lost and none tells of something that
    did not happen. The events of one record come in order.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:")
        >>> with store.begin() as work:
        ...     (ana,) = work.add(mim.Contact(country="DK"))
        >>> for event in store.events.claim(seconds=60):
        ...     print(event.event.kind)  # hand it over here
        ...     event.done()
        source_created
        contact_created
        >>> store.events.pending()
        ()
    """

    def __init__(self, store: OpenStore) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def pending(self, *, limit: int = 1000) -> tuple[PendingEvent, ...]:
        """Return events that wait for delivery, in the order of recording; nobody is kept from them.

        For one worker. Several of them use `claim`, or each would deliver every event.

        Args:
            limit: At most so many.
        """
        most = whole_number(limit, "limit", "give 0 or more", least=0)
        with self._store.read() as work:
            return tuple(PendingEvent(event, self._delivered) for event in work.transaction.outbox.pending(most))

    def claim(self, *, limit: int = 100, seconds: float = 60.0, actor: str | None = None) -> tuple[PendingEvent, ...]:
        """Take events that no other worker holds; nobody else gets a later one of the same record meanwhile.

        Args:
            limit: At most so many.
            seconds: How long you hold them. What is not `done()` by then comes again, to you or somebody else.
            actor: Who takes them; needed where the store has no default.
        """
        most = whole_number(limit, "limit", "give 1 or more")
        if seconds <= 0:
            raise InvalidValueError("seconds", "must be positive", "give some time")
        with self._store.begin(actor=actor) as work:
            now = work.origin.recorded_at
            taken = work.transaction.outbox.claim(most, now=now, until=now + timedelta(seconds=seconds))
        return tuple(PendingEvent(event, self._delivered) for event in taken)

    def done(self, events: Iterable[PendingEvent]) -> None:
        """Mark many events as delivered, in one transaction."""
        self._delivered([one.event.id for one in events])

    def _delivered(self, ids: Iterable[UUID]) -> None:
        with self._store.begin(actor=DELIVERY) as work:
            work.transaction.outbox.mark_delivered(ids, work.origin.recorded_at)


DELIVERY = "delivery"
"""Who marks events; nothing of it is recorded but the time."""
