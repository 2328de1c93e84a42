"""Taking an import back, record by record, without touching what happened since.

A record that the import made, and that nobody changed or used since, is removed. Of a record that it changed, the
fields go back to what they were, unless a later change touched them: those are listed as conflicts and stay. Events of
the import are removed.

Freshness: a value that comes back has the source and the time of observation of the change that first brought it;
checks made before the import are not weighed again. Consent: what the import permitted is closed by an act `expired`,
what it forbade stays: taking an import back never permits contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from mimcore.capture.importing.apply import UNDOING
from mimcore.capture.importing.run import ACCOUNTS, CONTACTS
from mimcore.display.numbers import count
from mimcore.display.tables import Table
from mimcore.domain.account import Account
from mimcore.domain.consent import ConsentAction
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import UNDATED, FreshnessState
from mimcore.domain.versions.changes import ChangeKind, ChangeSet, restored
from mimcore.domain.versions.revision import first
from mimcore.errors import NotFoundError
from mimcore.repositories.origin import Origin
from mimcore.repositories.portions import portions
from mimcore.repositories.recording import Recorder
from mimcore.repositories.records import ImportRecord, ImportStatus, OutboxEvent, Outcome
from mimcore.repositories.undo_fields import Past, past_of
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.values.identifiers import new_id

__all__ = ["UndoConflict", "UndoReport", "undo_import"]

_BATCH = 200
_AGGREGATES: Mapping[str, type[Entity]] = {"contact": Contact, "account": Account}


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
    outcomes = [one for one in work.transaction.imports.outcomes(record.id) if one.entity_id is not None]
    changes = reversed(work.transaction.history.of_import(record.id))
    records = dict.fromkeys((one.entity, one.entity_id) for one in changes)
    if record.kind not in {CONTACTS, ACCOUNTS}:
        return [one.entity_id for one in outcomes if one.entity_id and one.outcome is Outcome.CREATED], records
    # Rows that changed nothing but a consent have left no change set.
    told = "contact" if record.kind == CONTACTS else "account"
    return [], records | {(told, one.entity_id): None for one in outcomes if one.entity_id}


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
        removed: list[Entity] = []
        pasts: list[tuple[Entity, Past]] = []
        for one in ids:
            entity, history = stored.get(one), self._transaction.history.of(one)
            if entity is None or any(self._is_undo(change) for change in history):
                continue
            self._end_consents(entity)
            if self._is_own(history[0]):
                removed += [entity] if self._may_go(kind, entity, history) else []
            else:
                pasts += self._past(kind, entity, history)
        self._restore(pasts)
        self._remove(kind, repository, removed)
        return UndoReport(self._import_id, len(removed), len(pasts), conflicts=tuple(self._conflicts))

    def _is_own(self, change: ChangeSet) -> bool:
        return change.import_id == self._import_id and change.kind is not ChangeKind.IMPORT_UNDONE

    def _is_undo(self, change: ChangeSet) -> bool:
        return change.import_id == self._import_id and change.kind is ChangeKind.IMPORT_UNDONE

    def _may_go(self, kind: str, entity: Entity, history: Sequence[ChangeSet]) -> bool:
        """Tell whether nobody has changed or used a record since the import made it."""
        later = [change for change in history if not self._is_own(change)]
        reason = "was changed since" if later else self._use_of(kind, entity.id)
        if reason:
            fields = tuple(sorted({name for change in later for name in change.after}))
            self._conflicts.append(UndoConflict(kind, entity.id, fields, f"{reason}; the record stays"))
        return not reason

    def _use_of(self, kind: str, entity_id: UUID) -> str:
        """Return for what a record is needed, or an empty text."""
        transaction = self._transaction
        if kind == "account":
            return "has contacts" if transaction.contacts.in_account(entity_id) else ""
        uses = (
            (transaction.interactions.of([entity_id]).get(entity_id), "has events"),
            (transaction.leads.of_contact(entity_id), "has leads"),
            (transaction.freshness.verifications_of(entity_id), "has values that were checked"),
            (transaction.segments.lists_of([entity_id]).get(entity_id), "is on a list"),
        )
        return next((reason for found, reason in uses if found), "")

    def _remove(self, kind: str, repository: Any, gone: Sequence[Entity]) -> None:
        """Delete records, leaving a change set without values and an event."""
        if not gone:
            return
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
        if past.kept:
            reason = "was changed since; these fields stay"
            self._conflicts.append(UndoConflict(kind, entity.id, tuple(sorted(past.kept)), reason))
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

    def _end_consents(self, entity: Entity) -> None:
        """Close what the import permitted; what it forbade stays."""
        for point in entity.points if isinstance(entity, Contact) else ():
            acts = self._transaction.consents.of_identifier(self._work.gate.identifier(point))
            own = [act for act in acts if act.import_id == self._import_id]
            is_closed = any(act.action is ConsentAction.EXPIRED for act in own)
            given = [] if is_closed else [act for act in own if act.is_positive]
            ended = [
                act.evolve(
                    id=new_id(),
                    action=ConsentAction.EXPIRED,
                    occurred_at=self._work.origin.recorded_at,
                    recorded_at=self._work.origin.recorded_at,
                    actor=self._work.origin.actor,
                )
                for act in given
            ]
            self._work.gate.append([(act, point) for act in ended])


def _dated(recorder: Recorder, stored: Entity, origin: Origin, names: Sequence[str]) -> Iterator[FreshnessState]:
    """Yield the states of values that came back; contact points stay out, since an import never takes one away."""
    for state in recorder.arrived(first(stored), origin):
        if state.attribute in names and state.subject_id == stored.id:
            yield state
