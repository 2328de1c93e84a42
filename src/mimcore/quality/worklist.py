"""Checks as tasks: handed out without any value, and taken back as findings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.points import ContactPoint
from mimcore.domain.source import Source
from mimcore.domain.task import Task, TaskStatus
from mimcore.errors import InvalidValueError, NotFoundError
from mimcore.repositories.origin import Moment
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.values.identifiers import as_id
from mimcore.values.instants import as_date

__all__ = ["asked_value", "hand_out", "take_back"]

KIND = "check a value"
_ATTRIBUTE, _SUBJECT = "attribute:", "subject:"


class Wanted(Protocol):
    """A value to check."""

    @property
    def contact_id(self) -> UUID:
        """The contact."""
        ...

    @property
    def attribute(self) -> str:
        """Canonical field name."""
        ...

    @property
    def subject_id(self) -> UUID:
        """The contact or the contact point."""
        ...


def hand_out(
    workspace: Workspace, checks: Iterable[Wanted], *, assignee: str | None, due_on: date | str | None
) -> tuple[Task, ...]:
    """Store a task for each value to check, unless one for it is open already.

    Args:
        workspace: The store.
        checks: What is to be checked, in order.
        assignee: Who does it.
        due_on: Until when.
    """
    until = None if due_on is None else as_date(due_on, "due_on")
    with workspace.begin() as work:
        standing = {one.tags for one in work.tasks.all() if one.kind == KIND and not one.is_finished}
        made = [_task(one, assignee, until) for one in checks]
        return work.add(*(one for one in made if one.tags not in standing))


def _task(check: Wanted, assignee: str | None, due_on: date | None) -> Task:
    return Task(
        title=f"Check {check.attribute.removeprefix('contact.')}",
        kind=KIND,
        assignee=assignee,
        due_on=due_on,
        contact_id=check.contact_id,
        tags=(f"{_ATTRIBUTE}{check.attribute}", f"{_SUBJECT}{check.subject_id}"),
    )


def take_back(
    workspace: Workspace,
    task: Task | UUID | str,
    *,
    is_right: bool,
    by: str,
    new_value: Any = None,
    at: Moment | None = None,
    source: Source | str | None = None,
) -> Task:
    """Record what a task found: the value is confirmed or refuted, perhaps replaced, and the task is done.

    Args:
        workspace: The store.
        task: A task that was handed out.
        is_right: Whether the value was right.
        by: Declared kind of check.
        new_value: The right value, if it was found; the check then counts for the old one.
        at: When; the store's clock unless given.
        source: Who checked, if it is not the store's source.

    Returns:
        The task, done. A task that is done already stays as it is.

    Raises:
        InvalidValueError: If it is no such task, or a new value is given for one that is right.
        NotFoundError: If the value is gone, or was replaced meanwhile.
    """
    if is_right and new_value is not None:
        raise InvalidValueError("new_value", "is given for a value that is right", "leave one of the two out")
    with workspace.begin() as work:
        stored = work.tasks.get(task)
        attribute, subject = _asked(stored)
        if stored.is_finished:
            return stored
        contact = work.contacts.get(stored.contact_id or subject)
        target, field = _target(contact, attribute, subject)
        if target is contact:  # a contact point that is replaced is another one
            _refuse_replaced(work, stored, contact, attribute)
        told: dict[str, Any] = {"by": by, "at": at, "source": source, "trigger": "planned"}
        (work.confirm if is_right else work.refute)(target, field, external_id=f"task:{stored.id}", **told)
        if new_value is not None:
            _replace(work, work.contacts.get(contact.id), attribute, subject, new_value, source)
        return work.update(stored.move(TaskStatus.DONE))


def asked_value(task: Task) -> tuple[str, UUID] | None:
    """Return the attribute and the subject that a task is about; None for a task about something else."""
    words = dict(tag.split(":", 1) for tag in task.tags if ":" in tag)
    if task.kind != KIND or not {"attribute", "subject"} <= words.keys():
        return None
    return words["attribute"], as_id(words["subject"], "task")


def _asked(task: Task) -> tuple[str, UUID]:
    """Return the attribute and the subject that a task is about."""
    asked = asked_value(task)
    if asked is None:
        raise InvalidValueError("task", "is none that checks a value", "give a task that `hand_out` made")
    return asked


def _target(contact: Contact, attribute: str, subject: UUID) -> tuple[ContactPoint | Contact, str | None]:
    if subject == contact.id:
        return contact, attribute
    found = next((point for point in contact.points if point.id == subject), None)
    if found is None:
        raise NotFoundError(f"the value of {attribute} that was to be checked is gone: cancel the task")
    return found, None


def _refuse_replaced(work: UnitOfWork, task: Task, contact: Contact, attribute: str) -> None:
    """Refuse what was found of a value that another one has replaced since the task was handed out.

    Raises:
        NotFoundError: If it was.
    """
    handed_out = work.history(task)[0].recorded_at
    if any(one.recorded_at > handed_out and attribute in one.after for one in work.history(contact)):
        raise NotFoundError(f"the value of {attribute} that was to be checked was replaced since: cancel the task")


def _replace(  # noqa: PLR0917 - which value of whom, and what stands in its place
    work: UnitOfWork, contact: Contact, attribute: str, subject: UUID, value: Any, source: Source | str | None
) -> None:
    if subject == contact.id:
        work.change(contact, source=source, **{work.catalogue[attribute].short: value})
        return
    name = attribute.removeprefix("contact.")
    points = [value if point.id == subject else point for point in getattr(contact, name)]
    changes: dict[str, Any] = {name: points}
    work.change(contact, source=source, **changes)
