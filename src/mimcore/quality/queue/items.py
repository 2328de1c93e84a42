"""What waits for a person: one item of the queue, with owner, age, severity and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Protocol, get_args
from uuid import UUID

from mimcore.domain.quality_rules import Severity
from mimcore.errors import InvalidValueError, StoreError, nearest

if TYPE_CHECKING:
    from mimcore.repositories.origin import Moment

__all__ = ["ItemKind", "QueueItem", "Steward", "as_kind"]

ItemKind = Literal["pair", "reject", "check", "value"]
"""A pair that may be one person; rows that an import refused; a rule that fails; values presumed wrong."""


def as_kind(name: str) -> ItemKind:
    """Return a kind of item by its name.

    Raises:
        InvalidValueError: If it is none, with the nearest one.
    """
    known: tuple[ItemKind, ...] = get_args(ItemKind)
    for one in known:
        if one == name:
            return one
    raise InvalidValueError("kind", f"is no kind of item{nearest(name, known)}", f"use one of {', '.join(known)}")


class Steward(Protocol):
    """Who writes down what is said of items."""

    def assign(self, item: QueueItem, owner: str) -> QueueItem:
        """Name the owner."""
        ...

    def snooze(self, item: QueueItem, until: Moment) -> QueueItem:
        """Let it sleep."""
        ...

    def done(self, item: QueueItem) -> None:
        """Close it."""
        ...


@dataclass(frozen=True, slots=True)
class QueueItem:
    """Something that waits for a person. No personal value is in it; `refers_to` says where to look.

    Attributes:
        key: Its name in the queue, which stays the same.
        kind: What it is.
        what: What waits, in words.
        severity: How bad it is.
        since: Since when it waits.
        owner: Whose it is; None as long as nobody was named.
        refers_to: Ids of what it is about, each with what it is: contact, import, task.
        snoozed_until: Until when it sleeps.
    """

    key: str
    kind: ItemKind
    what: str
    severity: Severity
    since: datetime
    owner: str | None = None
    refers_to: tuple[tuple[str, UUID], ...] = ()
    snoozed_until: datetime | None = None
    steward: Steward | None = field(default=None, repr=False, compare=False)

    def age_days(self, now: datetime) -> int:
        """Return for how many whole days it has been waiting."""
        return max(0, (now - self.since).days)

    def assign(self, owner: str) -> QueueItem:
        """Name whose it is; of a task, its assignee.

        Args:
            owner: Who takes care of it.
        """
        return self._steward.assign(self, owner)

    def snooze(self, until: datetime | date | str) -> QueueItem:
        """Let it sleep: it is left out of the queue until then.

        Args:
            until: An instant, or a day, from whose beginning on it is back.
        """
        return self._steward.snooze(self, until)

    def done(self) -> None:
        """Close it: a task is done, refused rows are let go.

        Raises:
            InvalidValueError: If it is not closed by saying so; the message names what does.
        """
        self._steward.done(self)

    @property
    def _steward(self) -> Steward:
        if self.steward is None:
            raise StoreError("the item was made without a store: ask store.quality.queue()")
        return self.steward

    def held_by(self, steward: Steward) -> QueueItem:
        """Return the item with who writes down what is said of it."""
        return replace(self, steward=steward)
