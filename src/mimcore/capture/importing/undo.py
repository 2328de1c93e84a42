"""Taking an import back, record by record, without touching what happened since.

A record that the import made, and that nobody changed or used since, is removed. Of a record that it changed, the
fields go back to what they were, unless a later change touched them: those are listed as conflicts and stay. A record
that was merged into another one stays as well. Events of the import are removed.

Freshness: a value that comes back has the source and the time of observation of the change that first brought it;
checks made before the import are not weighed again. Consent: see `undo_consents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from mimcore.capture.importing.apply import UNDOING
from mimcore.capture.importing.run import ACCOUNTS, CONTACTS
from mimcore.capture.importing.undo_consents import end_consents, permitted_by
from mimcore.display.numbers import count
from mimcore.display.tables import Table
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import UNDATED, FreshnessState
from mimcore.domain.versions.changes import ChangeKind, ChangeSet, restored
from mimcore.domain.versions.revision import first
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import NotFoundError
from mimcore.repositories.origin import Origin
from mimcore.repositories.portions import portions
from mimcore.repositories.recording import Recorder
from mimcore.repositories.records import ImportRecord, ImportStatus, OutboxEvent, Outcome
from mimcore.repositories.undo_fields import Past, past_of, touched_by_others
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace

__all__ = ["UndoConflict", "UndoReport", "undo_import"]

_BATCH = 200
_AGGREGATES: Mapping[str, type[Entity]] = {"contact": Contact, "account": Account}
_USES: Mapping[str, Mapping[str, str]] = {
    "contact": {
        "interaction": "has events",
        "lead": "has leads",
        "task": "has tasks",
        "verification": "has values that were checked",
        "list": "is on a list",
        "merge": "stands for a record that was merged into it",
    },
    "account": {
        "contact": "has contacts, perhaps former or archived ones",
        "account": "is the parent of another account",
        "interaction": "is named by events",
    },
}
_MERGED = "was merged since; take a merge back before the import that it rests on"


@dataclass(frozen=True, slots=True)
class UndoConflict:
    """Something that was not taken back, because it was changed or used since.

    Attributes:
        entity: `contact` or `account`.
        fields: Fields that stay as they are; empty if the whole record stays.
        reason: Why, without values.
    """

    entity: str
    entity_id: UUID
    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking an import back did.

    Attributes:
        removed: Contacts and accounts that the import had made, and that are gone.
        restored: Records whose fields are as they were before.
        events_removed: Purchases and other events that are gone.
        conflicts: What stays, because it was changed or used since.
        was_undone: Whether the import had been taken back before, so that nothing was done.
    """

    import_id: UUID
    removed: int = 0
    restored: int = 0
    events_removed: int = 0
    conflicts: tuple[UndoConflict, ...] = ()
    was_undone: bool = False

    def plus(self, other: UndoReport) -> UndoReport:
        """Return both reports as one."""
        return replace(
            self,
            removed=self.removed + other.removed,
            restored=self.restored + other.restored,
            events_removed=self.events_removed + other.events_removed,
            conflicts=(*self.conflicts, *other.conflicts),
        )

    def __str__(self) -> str:
        """Return the report as text."""
        if self.was_undone:
            return "This import was taken back before: nothing was changed."
        rows = [("removed", self.removed), ("restored", self.restored), ("events removed", self.events_removed)]
        text = str(Table.of(["records", "number"], rows, title="Import taken back"))
        if not self.conflicts:
            return text
        shown = [(one.entity, str(one.entity_id), ", ".join(one.fields) or "all", one.reason) for one in self.conflicts]
        title = f"{count(len(shown))} left as they are"
        return f"{text}\n\n{Table.of(['record', 'id', 'fields', 'why'], shown, title=title)}"


def undo_import(workspace: Workspace, import_id: UUID) -> UndoReport:
    """Take an import back; killed anywhere, the same call goes on.

    Args:
        workspace: The store.
        import_id: Id of the import, finished or not.

    Returns:
        What was done, and what stays because it was changed since.

    Raises:
        NotFoundError: If there is no such import.
    """
    report = UndoReport(import_id)
    record = _closed_to_importers(workspace, import_id)
    if record is None:
        return replace(report, was_undone=True)
    with workspace.read() as work:
        events, touched = _touched(work, record)
        permitted = permitted_by(work, import_id)
    for acts in portions(permitted, _BATCH):  # first: who has the addresses is told, and is still there
        with _writing(workspace, record) as work:
            end_consents(work, acts)
    for kind in _AGGREGATES:
        for batch in portions((one for entity, one in touched if entity == kind), _BATCH):
            with _writing(workspace, record) as work:
                report = report.plus(_Undo(work, import_id).records(kind, batch))
    with _writing(workspace, record) as work:
        _remove_events(work, record, events)
        _close(work, record)
    return replace(report, events_removed=len(events))


def _touched(work: UnitOfWork, record: ImportRecord) -> tuple[list[UUID], dict[tuple[str, UUID], None]]:
    """Return the events that an import recorded, and the records that it wrote to, the last ones first."""
    changes = reversed(work.transaction.history.of_import(record.id))
    records = dict.fromkeys((one.entity, one.entity_id) for one in changes)
    if record.kind in {CONTACTS, ACCOUNTS}:
        return [], records
    outcomes = work.transaction.imports.outcomes(record.id)
    return [one.entity_id for one in outcomes if one.entity_id and one.outcome is Outcome.CREATED], records


def _closed_to_importers(workspace: Workspace, import_id: UUID) -> ImportRecord | None:
    """Mark the import, so that a process that still applies it stops; None if it is undone already."""
    with workspace.begin() as work:
        record = work.transaction.imports.get(import_id)
        if record is None:
            raise NotFoundError("there is no import of that id in this store")
        work.transaction.imports.lock(record.fingerprint)
        record = work.transaction.imports.get(import_id) or record
        if record.status is ImportStatus.UNDONE:
            return None
        marked = replace(record, counts={**record.counts, UNDOING: 1})
        work.transaction.imports.put(marked)
    return marked


def _remove_events(work: UnitOfWork, record: ImportRecord, ids: Sequence[UUID]) -> None:
    """Remove what the import recorded; its past keeps it, since nothing else tells what was known before."""
    found = work.transaction.interactions.get_many(ids)
    work.transaction.interactions.remove(found)
    origin = work.origin
    work.transaction.history.append(
        [
            ChangeSet(
                "interaction",
                event.id,
                1,
                ChangeKind.IMPORT_UNDONE,
                origin.actor,
                origin.source,
                observed_at=None,
                recorded_at=origin.recorded_at,
                before={"interaction": event.model_dump(mode="json", exclude_defaults=True)},
                after={},
                import_id=record.id,
            )
            for event in found.values()
        ]
    )
    work.transaction.outbox.append(
        [
            OutboxEvent("interaction_removed", "contact", event.contact_id, 1, origin.recorded_at, {"kind": event.kind})
            for event in found.values()
        ]
    )


def _close(work: UnitOfWork, record: ImportRecord) -> None:
    counts = {name: number for name, number in record.counts.items() if name != UNDOING}
    undone_at = work.origin.recorded_at
    work.transaction.imports.put(replace(record, counts=counts, status=ImportStatus.UNDONE, undone_at=undone_at))
    event = OutboxEvent("import_undone", "import", record.id, 1, work.origin.recorded_at, {})
    work.transaction.outbox.append([event])


def _writing(workspace: Workspace, record: ImportRecord) -> UnitOfWork:
    return workspace.begin(source=record.source, observed_at=UNDATED, import_id=record.id)


class _Undo:
    """Takes back what an import did to some records, inside one transaction."""

    def __init__(self, work: UnitOfWork, import_id: UUID) -> None:
        self._work, self._transaction, self._import_id = work, work.transaction, import_id
        self._conflicts: list[UndoConflict] = []

    def records(self, kind: str, ids: Sequence[UUID]) -> UndoReport:
        """Take back what happened to records of one kind."""
        repository: Any = self._transaction.contacts if kind == "contact" else self._transaction.accounts
        repository.lock(ids)  # what is removed below carries no version: nobody may change it, or use it, from here on
        stored: dict[UUID, Entity] = repository.get_many(ids)
        made: list[Entity] = []
        pasts: list[tuple[Entity, Past]] = []
        for one in ids:
            entity, history = stored.get(one), self._transaction.history.of(one)
            if entity is None or any(self._is_undo(change) for change in history):
                continue
            if self._is_own(history[0]):
                made += [entity] if self._is_untouched(kind, entity, history) else []
            else:
                pasts += self._past(kind, entity, history)
        self._restore(pasts)
        removed = self._remove(kind, repository, made)
        return UndoReport(self._import_id, removed, len(pasts), conflicts=tuple(self._conflicts))

    def _is_own(self, change: ChangeSet) -> bool:
        return change.import_id == self._import_id and change.kind is not ChangeKind.IMPORT_UNDONE

    def _is_undo(self, change: ChangeSet) -> bool:
        return change.import_id == self._import_id and change.kind is ChangeKind.IMPORT_UNDONE

    def _is_untouched(self, kind: str, entity: Entity, history: Sequence[ChangeSet]) -> bool:
        """Tell whether nobody has changed a record since the import made it."""
        fields = touched_by_others(history, self._import_id)
        if fields is not None:
            reason = _MERGED if _is_merged(entity) else "was changed since"
            self._stays(kind, entity, fields, f"{reason}; the record stays")
        return fields is None

    def _stays(self, kind: str, entity: Entity, fields: Iterable[str], reason: str) -> None:
        self._conflicts.append(UndoConflict(kind, entity.id, tuple(sorted(fields)), reason))

    def _remove(self, kind: str, repository: Any, made: Sequence[Entity]) -> int:
        """Delete those records that are needed for nothing, and return how many."""
        left, uses = list(made), dict[UUID, frozenset[str]]()
        while left:  # again after each: an account may be needed by another one alone, which has just gone
            uses = repository.uses([one.id for one in left])
            gone = [one for one in left if one.id not in uses]
            if not gone:
                break
            self._delete(kind, repository, gone)
            left = [one for one in left if one.id in uses]
        for one in left:
            reason = next(words for use, words in _USES[kind].items() if use in uses[one.id])
            self._stays(kind, one, (), f"{reason}; the record stays")
        return len(made) - len(left)

    def _delete(self, kind: str, repository: Any, gone: Sequence[Entity]) -> None:
        """Delete records, leaving a change set without values and an event."""
        origin = self._work.origin
        repository.remove([one.id for one in gone])
        self._transaction.history.append([self._trace(kind, one) for one in gone])
        self._transaction.outbox.append(
            [OutboxEvent(f"{kind}_removed", kind, one.id, one.version + 1, origin.recorded_at, {}) for one in gone]
        )

    def _trace(self, kind: str, gone: Entity) -> ChangeSet:
        origin = self._work.origin
        return ChangeSet(
            kind,
            gone.id,
            gone.version + 1,
            ChangeKind.IMPORT_UNDONE,
            origin.actor,
            origin.source,
            observed_at=None,
            recorded_at=origin.recorded_at,
            before={},
            after={},
            import_id=self._import_id,
        )

    def _past(self, kind: str, entity: Entity, history: Sequence[ChangeSet]) -> list[tuple[Entity, Past]]:
        """Return a record with what it was, or nothing if all of it was changed since."""
        past = past_of(history, self._import_id)
        if _is_merged(entity):  # nobody sees it, and the golden record has what it had
            self._stays(kind, entity, past.kept | past.values.keys(), f"{_MERGED}; these fields stay")
            return []
        if past.kept:
            self._stays(kind, entity, past.kept, "was changed since; these fields stay")
        return [(entity, past)] if past.values else []

    def _restore(self, pasts: Sequence[tuple[Entity, Past]]) -> None:
        """Let records be what they were, all in one write."""
        recorder, origin = self._work.recorder, self._work.origin
        pairs = [(entity, restored(entity, past.values)) for entity, past in pasts]
        stored = recorder.changed(pairs, origin, ChangeKind.IMPORT_UNDONE)
        states = [
            state
            for one, (_, past) in zip(stored, pasts, strict=True)
            for seen, names in past.origins(origin).items()
            for state in _dated(recorder, one, seen, names)
        ]
        self._transaction.freshness.put(states)


def _is_merged(entity: Entity) -> bool:
    return isinstance(entity, Contact) and entity.status is RecordStatus.MERGED


def _dated(recorder: Recorder, stored: Entity, origin: Origin, names: Sequence[str]) -> Iterator[FreshnessState]:
    """Yield the states of values that came back; contact points stay out, since an import never takes one away."""
    for state in recorder.arrived(first(stored), origin):
        if state.attribute in names and state.subject_id == stored.id:
            yield state
