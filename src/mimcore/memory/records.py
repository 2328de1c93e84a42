"""Imports with the outcome of every row, and the outbox, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mimcore.memory.session import Session
from mimcore.memory.tables import Tables
from mimcore.repositories.records import ImportRecord, ImportStatus, OutboxEvent, RowOutcome

__all__ = ["InMemoryImportRepository", "InMemoryOutboxRepository"]


class InMemoryImportRepository:
    """Imports: their checkpoints and the outcome of every row."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def put(self, record: ImportRecord) -> None:
        """Store or replace the record of an import."""
        self._session.put(self._tables.imports, record.id, record)

    def get(self, import_id: UUID) -> ImportRecord | None:
        """Return an import."""
        return self._session.get(self._tables.imports, import_id)

    def lock(self, fingerprint: str) -> None:
        """Nobody else writes anyway."""
        del fingerprint
        self._session.writing()

    def with_fingerprint(self, fingerprint: str) -> ImportRecord | None:
        """Return the newest import of the same file with the same mapping that was not undone."""
        same = [
            record
            for record in self.all()
            if record.fingerprint == fingerprint and record.status is not ImportStatus.UNDONE
        ]
        return same[-1] if same else None

    def all(self) -> list[ImportRecord]:
        """All imports, oldest first."""
        records = self._session.rows(self._tables.imports).values()
        return sorted(records, key=lambda record: (record.started_at, record.id.int))

    def add_outcomes(self, outcomes: Sequence[RowOutcome]) -> None:
        """Append outcomes of rows."""
        self._session.append_by(self._tables.outcomes, lambda outcome: outcome.import_id, outcomes)

    def outcomes(self, import_id: UUID) -> Iterator[RowOutcome]:
        """Outcomes of an import's rows in order of line, then of row."""
        outcomes = self._session.chain(self._tables.outcomes, import_id)
        return iter(sorted(outcomes, key=lambda outcome: (outcome.line, outcome.row)))

    def about(self, import_ids: Sequence[UUID], entity_ids: Sequence[UUID]) -> Iterator[tuple[UUID, UUID]]:
        """Pairs of an import and a record that its rows were about, among those named."""
        asked = set(entity_ids)
        for import_id in import_ids:
            outcomes = self._session.chain(self._tables.outcomes, import_id)
            for found in dict.fromkeys(one.entity_id for one in outcomes if one.entity_id in asked):
                if found is not None:
                    yield import_id, found


class InMemoryOutboxRepository:
    """Domain events, written in the same transaction as what they tell of."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def append(self, events: Sequence[OutboxEvent]) -> None:
        """Append events."""
        last = self._session.get(self._tables.counters, "outbox") or 0
        for number, event in enumerate(events, last + 1):
            self._session.put(self._tables.pending, event.id, (number, event))
        self._session.put(self._tables.counters, "outbox", last + len(events))

    def pending(self, limit: int) -> list[OutboxEvent]:
        """Return undelivered events, in the order of recording."""
        waiting = sorted(self._session.rows(self._tables.pending).values(), key=lambda entry: entry[0])
        return [event for _, event in waiting[:limit]]

    def claim(self, limit: int, *, now: datetime, until: datetime) -> list[OutboxEvent]:
        """Take undelivered events that no other worker holds, in the order of recording."""
        waiting = sorted(self._session.rows(self._tables.pending).values(), key=lambda entry: entry[0])
        held = {event.entity_id for _, event in waiting if event.claimed_until and event.claimed_until > now}
        free = [(number, event) for number, event in waiting if event.entity_id not in held][:limit]
        claimed = [(number, replace(event, claimed_until=until)) for number, event in free]
        for number, event in claimed:
            self._session.put(self._tables.pending, event.id, (number, event))
        return [event for _, event in claimed]

    def mark_delivered(self, ids: Iterable[UUID], at: datetime) -> None:
        """Mark events as delivered; those that are, or that do not exist, are let be."""
        for one in ids:
            entry = self._session.get(self._tables.pending, one)
            if entry is not None:
                self._session.drop(self._tables.pending, one)
                self._session.put(self._tables.delivered, one, (entry[0], replace(entry[1], delivered_at=at)))
