"""A rule that fails is a task for its owner: one at a time, closed with a remark when the rule passes again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mimcore.domain.quality_rules import QualityRule
from mimcore.domain.task import Task, TaskStatus
from mimcore.errors import InvalidValueError
from mimcore.repositories.quality_port import QualityResult
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["KIND", "cancel_tasks", "open_tasks", "rule_of_task", "severity_of_task", "tell_tasks"]

KIND = "data quality"
_RULE, _SEVERITY = "quality:", "severity:"


def rule_of_task(task: Task) -> str | None:
    """Return the key of the rule that a task is about; None if it is about none."""
    return _tagged(task, _RULE) if task.kind == KIND else None


def severity_of_task(task: Task) -> str | None:
    """Return how bad a task is."""
    return _tagged(task, _SEVERITY)


def _tagged(task: Task, prefix: str) -> str | None:
    return next((tag.removeprefix(prefix) for tag in task.tags if tag.startswith(prefix)), None)


def open_tasks(work: UnitOfWork) -> Mapping[str, list[Task]]:
    """Return the tasks that are not finished, by the rule that they are about."""
    found: defaultdict[str, list[Task]] = defaultdict(list)
    for task in work.tasks.all():
        rule = rule_of_task(task)
        if rule is not None and not task.is_finished:
            found[rule].append(task)
    return found


def tell_tasks(work: UnitOfWork, results: Iterable[QualityResult]) -> tuple[int, int]:
    """Let tasks follow from results, within a transaction that holds the lock of results.

    Args:
        work: Open unit of work that writes.
        results: One a rule.

    Returns:
        How many tasks were opened, and how many closed.
    """
    standing, opened, closed = open_tasks(work), 0, 0
    for one in results:
        tasks = standing.get(one.rule, [])
        if not one.passed and not tasks:
            work.add(_task(one))
            opened += 1
        for task in tasks:
            closed += _followed(work, task, one)
    return opened, closed


def _task(result: QualityResult) -> Task:
    return Task(
        title=f"Data quality: {result.rule} fails",
        kind=KIND,
        assignee=result.owner,
        notes=_line(result),
        tags=(f"{_RULE}{result.rule}", f"{_SEVERITY}{result.severity}"),
    )


def _followed(work: UnitOfWork, task: Task, result: QualityResult) -> bool:
    """Write into a task what a later check found; tell whether it was closed."""
    noted = _noted(task, result)
    may_close = not task.approvers or task.status is TaskStatus.IN_REVIEW
    if result.passed and may_close:
        work.update(noted.move(TaskStatus.DONE))
        return True
    if noted is not task:
        work.update(noted)
    return False


def _noted(task: Task, result: QualityResult) -> Task:
    """Add a line to the notes, unless the last one says the same; full notes stay as they are."""
    notes = task.notes or ""
    said = notes.rpartition("\n")[2].partition(": ")[2]
    if said == _words(result):
        return task
    try:
        return task.evolve(notes=f"{notes}\n{_line(result)}".strip())
    except InvalidValueError:
        return task


def _line(result: QualityResult) -> str:
    return f"{result.at:%Y-%m-%d}: {_words(result)}"


def _words(result: QualityResult) -> str:
    return result.note or "the rule passes again"


def cancel_tasks(work: UnitOfWork, rule: QualityRule) -> None:
    """Cancel the open tasks of a rule that is withdrawn.

    Args:
        work: Open unit of work that writes.
        rule: The rule.
    """
    for task in open_tasks(work).get(rule.key, []):
        work.update(task.evolve(notes=f"{task.notes or ''}\nthe rule was withdrawn".strip()).move(TaskStatus.CANCELLED))
