"""What people say of items: whose they are, until when they sleep, that they are done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mimcore.domain.task import TaskStatus
from mimcore.errors import InvalidValueError
from mimcore.quality.queue.items import QueueItem
from mimcore.repositories.quality_port import QueueMark
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.values.instants import as_date, as_instant, start_of_day
from mimcore.values.text import clean

__all__ = ["Marking"]

_REMEDIES = {
    "pair": "merge it with store.duplicates.plan(...), or say that they are two people with pair.not_same()",
    "value": "say what was found with store.quality.take_back(task, is_right=…), or hand out tasks first",
}


class Marking:
    """Writes down what is said of items: into the task where there is one, else as a mark."""

    def __init__(self, workspace: Workspace) -> None:
        """Write to a store.

        Args:
            workspace: The store.
        """
        self._workspace = workspace

    def assign(self, item: QueueItem, owner: str) -> QueueItem:
        """Name whose an item is.

        Args:
            item: An item of the queue.
            owner: Who takes care of it.

        Raises:
            InvalidValueError: If nobody is named.
        """
        name = clean(owner, "owner", 500)
        if name is None:
            raise InvalidValueError("owner", "is missing", "name who takes care of it")
        with self._workspace.begin() as work:
            task = _task_of(item)
            if task is None:
                _mark(work, item, owner=name)
            else:
                work.change(work.tasks.get(task), assignee=name)
        return replace(item, owner=name)

    def snooze(self, item: QueueItem, until: datetime | date | str) -> QueueItem:
        """Let an item sleep.

        Args:
            item: An item of the queue.
            until: An instant, or a day, from whose beginning on it is back.

        Raises:
            InvalidValueError: If that is past.
        """
        wakes = self._instant(until)
        if wakes <= self._workspace.now():
            raise InvalidValueError("until", "is past", "give a later day or instant")
        with self._workspace.begin() as work:
            _mark(work, item, snoozed_until=wakes)
        return replace(item, snoozed_until=wakes)

    def _instant(self, until: datetime | date | str) -> datetime:
        is_day = (isinstance(until, date) and not isinstance(until, datetime)) or (
            isinstance(until, str) and len(until) == len("2026-01-01")
        )
        if is_day:
            return start_of_day(as_date(until, "until"), self._workspace.zone)
        return as_instant(until, "until")

    def done(self, item: QueueItem) -> None:
        """Close an item.

        Args:
            item: An item of the queue.

        Raises:
            InvalidValueError: If it is not closed by saying so; the message names what does.
            TransitionError: If its task must be approved first.
        """
        if item.kind in _REMEDIES:
            raise InvalidValueError("item", f"is a {item.kind}, which is not closed by saying so", _REMEDIES[item.kind])
        with self._workspace.begin() as work:
            task = _task_of(item)
            if task is None:
                _mark(work, item, done_at=work.origin.recorded_at)
            else:
                work.update(work.tasks.get(task).move(TaskStatus.DONE))


def _task_of(item: QueueItem) -> UUID | None:
    return next((which for what, which in item.refers_to if what == "task"), None)


def _mark(work: UnitOfWork, item: QueueItem, **said: Any) -> None:
    """Add to what is known of an item; what was said before stays."""
    port, origin = work.transaction.quality, work.origin
    port.lock()
    known = next((one for one in port.marks() if one.item == item.key), None)
    mark = known or QueueMark(item.key, None, None, None, origin.actor, origin.recorded_at)
    port.put_mark(replace(mark, actor=origin.actor, at=origin.recorded_at, **said))
