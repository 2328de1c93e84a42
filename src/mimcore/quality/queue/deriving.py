"""Items of the queue, put together from where they live: tasks, imports, and the freshness of values.

Pairs of contacts come from whoever finds duplicates; a room that has something else for people adds an `ItemSource`
where the store is put together (`mimcore.store.stewardship`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mimcore.display import count
from mimcore.domain.quality_rules import Severity
from mimcore.domain.task import Task
from mimcore.quality.checks.tasks import rule_of_task, severity_of_task
from mimcore.quality.queue.items import ItemKind, QueueItem
from mimcore.quality.worklist import asked_value
from mimcore.repositories.records import ImportRecord, ImportStatus, Outcome
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.instants import MICROSECOND, from_microseconds, to_microseconds

__all__ = ["SOURCES", "ItemSource", "begun", "rejects", "stale_values", "tasks"]


@dataclass(frozen=True, slots=True)
class ItemSource:
    """Where items come from.

    Attributes:
        kinds: The kinds that it yields.
        items: Yields the items as of an instant, with the owners that are known where they live.
    """

    kinds: frozenset[ItemKind]
    items: Callable[[UnitOfWork, datetime], Iterable[QueueItem]]


def begun(work: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when records were stored first, read at once."""
    found: dict[UUID, datetime] = {}
    for _, change in work.transaction.history.journal(ids):
        found.setdefault(change.entity_id, change.recorded_at)
    return found


def tasks(work: UnitOfWork, now: datetime) -> Iterator[QueueItem]:
    """Yield open tasks about rules that fail, and about values to check."""
    waiting = [one for one in work.tasks.all() if not one.is_finished]
    since = begun(work, [one.id for one in waiting])
    for one in waiting:
        if rule_of_task(one) is not None:
            severity = Severity(severity_of_task(one) or Severity.WARNING)
            yield _task(one, "check", severity, since.get(one.id, now))
        elif asked_value(one) is not None:
            yield _task(one, "value", Severity.NOTICE, since.get(one.id, now))


def _task(task: Task, kind: ItemKind, severity: Severity, since: datetime) -> QueueItem:
    about = () if task.contact_id is None else (("contact", task.contact_id),)
    return QueueItem(f"task:{task.id}", kind, task.title, severity, since, task.assignee, (("task", task.id), *about))


def rejects(work: UnitOfWork, now: datetime) -> Iterator[QueueItem]:
    """Yield what imports refused, one item for each column and reason of an import."""
    del now
    owners = {one.key: one.owner for one in work.sources.all()}
    for record in work.transaction.imports.all():
        if record.status is not ImportStatus.UNDONE and record.counts.get(Outcome.REJECTED, 0):
            yield from _rejected(work, record, owners.get(record.source) or record.actor)


def _rejected(work: UnitOfWork, record: ImportRecord, owner: str) -> Iterator[QueueItem]:
    numbers, words = Counter[tuple[str, str]](), dict[tuple[str, str], str]()
    for row in work.transaction.imports.outcomes(record.id):
        if row.outcome is Outcome.REJECTED:
            numbers[row.column, row.code] += 1
            words.setdefault((row.column, row.code), row.reason)
    for (column, code), number in sorted(numbers.items()):
        rows = "1 row was" if number == 1 else f"{count(number)} rows were"
        what = f"{rows} refused: {column or 'row'} {words[column, code]}"
        key = f"reject:{record.id}:{code}:{column}"
        about = (("import", record.id),)
        yield QueueItem(key, "reject", what, Severity.WARNING, record.started_at, owner, about)


@dataclass(slots=True)
class _Pile:
    number: int
    since: int


def stale_values(work: UnitOfWork, now: datetime) -> Iterator[QueueItem]:
    """Yield values that are wrong rather than right, one item an attribute; those that are a task are left out.

    A value of half-life h whose key is K is right with probability ½ at the instant K + h, and less from then on.
    """
    handed_out = {asked for one in work.tasks.all() if not one.is_finished and (asked := asked_value(one)) is not None}
    freshness, piles, at = work.transaction.freshness, dict[str, _Pile](), to_microseconds(now)
    spans = {pool: timedelta(days=days) // MICROSECOND for pool, days in freshness.half_lives().items()}
    for state in freshness.all():
        if state.key is None or state.ref_at is None or (state.attribute, state.subject_id) in handed_out:
            continue
        doubtful = max(state.key + spans[state.pool], to_microseconds(state.ref_at))
        if doubtful < at:
            pile = piles.setdefault(state.attribute, _Pile(0, doubtful))
            pile.number, pile.since = pile.number + 1, min(doubtful, pile.since)
    for attribute, pile in sorted(piles.items()):
        values = "1 value is" if pile.number == 1 else f"{count(pile.number)} values are"
        what = f"{values} wrong rather than right: {attribute.removeprefix('contact.')}"
        yield QueueItem(f"stale:{attribute}", "value", what, Severity.NOTICE, from_microseconds(pile.since))


SOURCES: tuple[ItemSource, ...] = (
    ItemSource(frozenset({"check", "value"}), tasks),
    ItemSource(frozenset({"reject"}), rejects),
    ItemSource(frozenset({"value"}), stale_values),
)
"""What this room knows of."""
