"""Tasks: who does what until when, after which other tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Annotated, Self, Unpack
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from mimcore.domain.declaring.attributes import LongText, Tags, Text
from mimcore.domain.declaring.entity import Entity, Key, Reference
from mimcore.errors import InvalidValueError, TransitionError
from mimcore.values.instants import LocalDate
from mimcore.values.text import clean

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_entities import TaskArguments

__all__ = ["Task", "TaskStatus", "in_order", "ready"]


class TaskStatus(StrEnum):
    """Life of a task."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    DONE = "done"
    CANCELLED = "cancelled"


_STEPS: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.OPEN: frozenset({TaskStatus.IN_PROGRESS, TaskStatus.DONE, TaskStatus.CANCELLED}),
    TaskStatus.IN_PROGRESS: frozenset({TaskStatus.OPEN, TaskStatus.IN_REVIEW, TaskStatus.DONE, TaskStatus.CANCELLED}),
    TaskStatus.IN_REVIEW: frozenset({TaskStatus.IN_PROGRESS, TaskStatus.DONE, TaskStatus.CANCELLED}),
    TaskStatus.DONE: frozenset({TaskStatus.OPEN}),
    TaskStatus.CANCELLED: frozenset({TaskStatus.OPEN}),
}


class Task(Entity):
    """A piece of work.

    Attributes:
        approvers: People who must approve before it is done; it then passes through review.
        depends_on: Ids of tasks that must be done first.
        repeats: Recurrence as an RFC 5545 RRULE text, such as `FREQ=WEEKLY;BYDAY=MO`.
    """

    title: Annotated[str, BeforeValidator(lambda value: clean(value, "", 300) or ""), Field(min_length=1)]
    kind: Text = None
    assignee: Text = None
    approvers: Tags = ()
    status: TaskStatus = TaskStatus.OPEN
    start_on: LocalDate | None = None
    due_on: LocalDate | None = None
    depends_on: tuple[Reference, ...] = ()
    repeats: Text = None
    campaign: Key | None = None
    contact_id: Reference | None = None
    notes: LongText = None
    tags: Tags = ()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[TaskArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.start_on and self.due_on and self.due_on < self.start_on:
            raise InvalidValueError("due_on", "is before the start", "give a later day")
        if self.id in self.depends_on:
            raise InvalidValueError("depends_on", "names the task itself", "leave it out")
        return self

    def move(self, status: TaskStatus | str) -> Task:
        """Return the task in another status.

        Raises:
            TransitionError: If the step is not allowed, or approval is still needed.
        """
        target = TaskStatus(status) if status in set(TaskStatus) else None
        if target is None or target not in _STEPS[self.status]:
            raise TransitionError(
                f"a task that is {self.status} cannot step there; allowed: {', '.join(sorted(_STEPS[self.status]))}"
            )
        if target is TaskStatus.DONE and self.approvers and self.status is not TaskStatus.IN_REVIEW:
            raise TransitionError("the task has approvers: move it to in_review first")
        return self.evolve(status=target)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do: it is done, or was cancelled."""
        return self.status in {TaskStatus.DONE, TaskStatus.CANCELLED}

    def is_overdue(self, today: date) -> bool:
        """Tell whether the task should have been done before `today`."""
        return not self.is_finished and self.due_on is not None and self.due_on < today


def in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return tasks so that each comes after those it depends on; dependencies outside the list are ignored.

    Raises:
        InvalidValueError: If tasks wait for each other in a circle; the message names their titles' count.
    """
    known: dict[UUID, Task] = {task.id: task for task in tasks}
    graph = {task.id: [other for other in task.depends_on if other in known] for task in known.values()}
    try:
        ordered = tuple(known[key] for key in TopologicalSorter(graph).static_order())
    except CycleError as error:
        length = len(set(error.args[1]))
    else:
        return ordered
    raise InvalidValueError(
        "depends_on", f"lets {length} tasks wait for each other in a circle", "remove one of the dependencies"
    )


def ready(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return the open tasks whose dependencies are all done, the earliest due first.

    Args:
        tasks: All tasks of a project; a dependency that is not among them counts as not done.
    """
    known = {task.id: task for task in tasks}
    done = {key for key, task in known.items() if task.status is TaskStatus.DONE}
    free = [task for task in known.values() if task.status is TaskStatus.OPEN and done.issuperset(task.depends_on)]
    return tuple(sorted(free, key=lambda task: (task.due_on or date.max, str(task.id))))
