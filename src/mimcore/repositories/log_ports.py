"""Ports of what is appended and never rewritten: interactions, states, history, consent, merges, imports, outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mimcore.domain.consent import Act, ConsentEvent, Suppression
from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.interaction import Interaction
from mimcore.domain.versions.changes import ChangeSet
from mimcore.domain.vocabularies import Channel
from mimcore.repositories.records import (
    Amount,
    Arrivals,
    ImportRecord,
    MergeLink,
    OutboxEvent,
    PlannedCheck,
    RowOutcome,
    Verification,
)

__all__ = [
    "AttributeRepository",
    "ConsentRepository",
    "FreshnessRepository",
    "HistoryRepository",
    "ImportRepository",
    "InteractionRepository",
    "MergeRepository",
    "OutboxRepository",
]


class AttributeRepository(Protocol):
    """Declarations of custom attributes."""

    def all(self) -> list[CustomAttribute]:
        """Return all declarations, in order of their field names."""
        ...

    def put(self, attribute: CustomAttribute) -> None:
        """Store a declaration: version 1 is new, a later one replaces the version before it.

        Its half-life pool counts from now on, and a database makes the index that it asks for.

        Raises:
            StaleVersionError: If somebody else declared it, or changed its declaration, meanwhile.
        """
        ...


class InteractionRepository(Protocol):
    """Interactions: append-only."""

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Append interactions."""
        ...

    def remove(self, ids: Iterable[UUID]) -> None:
        """Take back interactions that an import brought."""
        ...

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, Interaction]:
        """Return the interactions that exist, by id."""
        ...

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[Interaction]]:
        """Return the interactions of contacts (of their golden records), oldest first."""
        ...

    def known(self, source: str, external_ids: Iterable[str]) -> dict[str, Interaction]:
        """Return the interactions that a source's external ids already stand for."""
        ...

    def kinds(self) -> list[tuple[str, str, int, datetime]]:
        """Return each kind with a source that brought it, how many there are, and when the newest happened."""
        ...

    def all(self, *, kind: str | None = None) -> Iterator[Interaction]:
        """All interactions, oldest first, perhaps of one kind only."""
        ...

    def amounts(self, kinds: Collection[str], *, until: datetime) -> Iterator[Amount]:
        """Money of all interactions of some kinds up to an instant, without the rest of them, in any order."""
        ...


class FreshnessRepository(Protocol):
    """How trustworthy every stored value is."""

    def put(self, states: Sequence[FreshnessState]) -> None:
        """Store states, replacing those of the same attribute and subject."""
        ...

    def drop(self, subjects: Iterable[tuple[str, UUID]]) -> None:
        """Remove states by attribute and subject."""
        ...

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[FreshnessState]]:
        """Return the states of contacts' values and contact points."""
        ...

    def held(self, contact_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[FreshnessState]]:
        """Return the states of contacts' own values, not of their points, by attribute: as they stand now, for later.

        They are made when they are asked for, which may be after the transaction has ended.
        """
        ...

    def all(self) -> Iterator[FreshnessState]:
        """All states of active contacts' values."""
        ...

    def half_lives(self) -> Mapping[str, float]:
        """Half-life in days of every pool."""
        ...

    def keep_half_lives(self, days: Mapping[str, float | None]) -> None:
        """Store half-lives of pools; with None the default holds again. Keys of states are not touched."""
        ...

    def checked_in_pools(self, pools: Iterable[str]) -> Iterator[list[FreshnessState]]:
        """Pages of the states of checked values in pools, whosever they are.

        A page may be stored anew before the next is read.
        """
        ...

    def arrivals(self, pools: Iterable[str]) -> list[Arrivals]:
        """Return which kinds of values in pools stand as they arrived, whosever they are."""
        ...

    def settle(self, moves: Iterable[tuple[Arrivals, str, int]]) -> int:
        """Let values that stand as they arrived have another pool, and keys shifted by so many microseconds.

        Returns:
            How many values that are.
        """
        ...

    def verified(self, events: Sequence[Verification]) -> None:
        """Append verification events.

        Raises:
            DuplicateKeyError: If an external id of the same source exists.
        """
        ...

    def checked(self, source: str, external_ids: Iterable[str]) -> dict[str, Verification]:
        """Return the verification events that a source's external ids already stand for."""
        ...

    def verifications_of(self, contact_id: UUID) -> list[Verification]:
        """Return a contact's verification events, oldest first."""
        ...

    def verifications(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[Verification]]:
        """Return contacts' verification events, oldest first; an empty list where there are none."""
        ...

    def planned_checks(self) -> Iterator[PlannedCheck]:
        """Planned and random checks, contact by contact, each contact's in the order in which they were made."""
        ...

    def journal(self) -> Iterator[tuple[int, Verification]]:
        """All verification events in the order of recording, each with its place in it (see `HistoryRepository`)."""
        ...


class HistoryRepository(Protocol):
    """Change sets: append-only.

    A place in the order of recording is a number that counts up over change sets, verification events and links
    between records alike; there may be gaps.
    """

    def append(self, changes: Sequence[ChangeSet]) -> None:
        """Append change sets."""
        ...

    def of(self, entity_id: UUID) -> list[ChangeSet]:
        """Return the changes of a record, oldest first."""
        ...

    def of_import(self, import_id: UUID) -> list[ChangeSet]:
        """Return the changes that an import made, oldest first."""
        ...

    def since(self, instant: datetime) -> Iterator[ChangeSet]:
        """All changes recorded after an instant, the newest first; those of one instant, the last one first."""
        ...

    def journal(self, ids: Iterable[UUID] | None = None) -> Iterator[tuple[int, ChangeSet]]:
        """Changes with their places in the order of recording.

        Args:
            ids: Of these records only, each record's in order; without it all changes by recorded time, then place.
        """
        ...

    def replaced(
        self,
        entity: str,
        fields: Collection[str],
        *,
        ids: Iterable[UUID] | None = None,
        since: datetime | None = None,
    ) -> Iterator[ChangeSet]:
        """Changes in which one of some fields had a value that was replaced or cleared; perhaps others among them.

        Args:
            entity: Kind of record, such as `contact`.
            fields: Canonical names.
            ids: Of these records only.
            since: Only what counts from this instant on.
        """
        ...


class ConsentRepository(Protocol):
    """Consent acts (append-only) and the suppression list."""

    def append(self, events: Sequence[ConsentEvent]) -> None:
        """Append consent acts."""
        ...

    def of(self, identifiers: Iterable[str], *, channel: Channel, purpose: str) -> dict[str, list[ConsentEvent]]:
        """Return acts by identifier for a channel and a purpose."""
        ...

    def acts(self, identifiers: Iterable[str], *, channel: Channel, purpose: str) -> Mapping[str, Sequence[Act]]:
        """Return what the gate reads of acts, by identifier, oldest first; who has none for it is left out."""
        ...

    def of_identifier(self, identifier: str) -> list[ConsentEvent]:
        """Return all acts of one identifier, oldest first."""
        ...

    def of_import(self, import_id: UUID) -> list[ConsentEvent]:
        """Return the acts that an import brought, and those that ended them; of one identifier, as recorded."""
        ...

    def all(self) -> Iterator[ConsentEvent]:
        """All acts; those of one identifier in the order of recording."""
        ...

    def suppress(self, entries: Sequence[Suppression]) -> None:
        """Put identifiers on the suppression list; entries that exist stay as they are."""
        ...

    def suppressed(self, identifiers: Iterable[str], *, channel: Channel | None) -> frozenset[str]:
        """Return which identifiers are suppressed for a channel (or for any, with None)."""
        ...

    def suppressions(self) -> Iterator[Suppression]:
        """The whole suppression list."""
        ...


class MergeRepository(Protocol):
    """The append-only, reversible log of links between records."""

    def append(self, links: Sequence[MergeLink]) -> None:
        """Append links, unlinks and cannot-links."""
        ...

    def all(self) -> Iterator[MergeLink]:
        """The whole log, oldest first."""
        ...

    def journal(self) -> Iterator[tuple[int, MergeLink]]:
        """The whole log in the order of recording, each entry with its place in it (see `HistoryRepository`)."""
        ...

    def get(self, link_id: UUID) -> MergeLink | None:
        """Return one entry."""
        ...

    def golden(self, record_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
        """Return the golden record of each merged one among some records; the others are left out."""
        ...

    def move(self, from_id: UUID, to_id: UUID) -> None:
        """Let interactions, leads and tasks recorded under one contact count for another (its golden record)."""
        ...

    def move_back(self, record_id: UUID) -> None:
        """Let everything that was recorded under a contact count for itself again."""
        ...


class ImportRepository(Protocol):
    """Imports: their checkpoints and the outcome of every row."""

    def put(self, record: ImportRecord) -> None:
        """Store or replace the record of an import."""
        ...

    def get(self, import_id: UUID) -> ImportRecord | None:
        """Return an import."""
        ...

    def lock(self, fingerprint: str) -> None:
        """Let nobody else apply or take back imports of that fingerprint until the transaction ends."""
        ...

    def with_fingerprint(self, fingerprint: str) -> ImportRecord | None:
        """Return the newest import of the same file with the same mapping that was not undone."""
        ...

    def all(self) -> list[ImportRecord]:
        """All imports, oldest first."""
        ...

    def add_outcomes(self, outcomes: Sequence[RowOutcome]) -> None:
        """Append outcomes of rows."""
        ...

    def outcomes(self, import_id: UUID) -> Iterator[RowOutcome]:
        """Outcomes of an import's rows in order of line."""
        ...

    def about(self, import_ids: Sequence[UUID], entity_ids: Sequence[UUID]) -> Iterator[tuple[UUID, UUID]]:
        """Pairs of an import and a record that its rows were about, among those named."""
        ...


class OutboxRepository(Protocol):
    """Domain events, written in the same transaction as what they tell of."""

    def append(self, events: Sequence[OutboxEvent]) -> None:
        """Append events."""
        ...

    def pending(self, limit: int) -> list[OutboxEvent]:
        """Return undelivered events, oldest first."""
        ...

    def claim(self, limit: int, *, now: datetime, until: datetime) -> list[OutboxEvent]:
        """Take undelivered events that no other worker holds, in the order of recording.

        Of one record, the events are taken in order and by one worker at a time: while one of them is held, or waits,
        nobody else gets a later one.

        Args:
            limit: At most so many.
            now: Claims that ended before this instant do not count any more.
            until: When this claim ends, unless the events are marked as delivered before.
        """
        ...

    def mark_delivered(self, ids: Iterable[UUID], at: datetime) -> None:
        """Mark events as delivered."""
        ...
