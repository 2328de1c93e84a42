"""Interactions and merges in memory: what was recorded under whom, and for whom it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mimcore.domain.interaction import Interaction
from mimcore.errors import DuplicateKeyError
from mimcore.memory.evidence import counting_for, oldest_first
from mimcore.memory.session import Session, grouped
from mimcore.memory.tables import Tables
from mimcore.repositories.records import Amount, MergeLink

__all__ = ["InMemoryInteractionRepository", "InMemoryMergeRepository"]


class InMemoryInteractionRepository:
    """Interactions: append-only."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Append interactions; none is appended if one is refused.

        Raises:
            DuplicateKeyError: If an id exists, or an external id of the same source.
        """
        self._refuse_known(interactions)
        for event in interactions:
            self._session.put(self._tables.interactions, event.id, event)
            if event.external_id is not None:
                self._session.put(self._tables.recorded, (event.source, event.external_id), event.id)
        for contact_id, events in grouped((event.contact_id, event) for event in interactions).items():
            known = self._session.get(self._tables.timelines, contact_id) or ()
            self._session.questioned_contacts.add(contact_id)
            self._session.put(self._tables.timelines, contact_id, tuple(sorted((*known, *events), key=oldest_first)))

    def _refuse_known(self, interactions: Sequence[Interaction]) -> None:
        ids: set[object] = set()
        for event in interactions:
            outside = None if event.external_id is None else (event.source, event.external_id)
            known = self._session.get(self._tables.interactions, event.id) is not None
            recorded = outside is not None and self._session.get(self._tables.recorded, outside) is not None
            if known or recorded or event.id in ids or outside in ids:
                raise DuplicateKeyError(f"interaction {event.id}, or its external id in its source, exists already")
            ids.update({event.id} if outside is None else {event.id, outside})

    def remove(self, ids: Iterable[UUID]) -> None:
        """Take back interactions; those that do not exist are let be."""
        found = (self._session.get(self._tables.interactions, one) for one in ids)
        gone = {event.id: event for event in found if event is not None}
        for event in gone.values():
            self._session.drop(self._tables.interactions, event.id)
            if event.external_id is not None:
                self._session.drop(self._tables.recorded, (event.source, event.external_id))
        for contact_id in {event.contact_id for event in gone.values()}:
            left = self._session.get(self._tables.timelines, contact_id) or ()
            self._session.put(self._tables.timelines, contact_id, tuple(one for one in left if one.id not in gone))

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, Interaction]:
        """Return the interactions that exist, by id."""
        found = ((one, self._session.get(self._tables.interactions, one)) for one in ids)
        return {one: event for one, event in found if event is not None}

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[Interaction]]:
        """Return the interactions that count for each contact, oldest first; an empty list where there are none."""
        golden, members = self._session.rows(self._tables.golden), self._session.rows(self._tables.members)
        wanted = list(contact_ids)
        records = {record for one in wanted for record in (*members.get(one, ()), one)}
        timelines = {one: self._session.get(self._tables.timelines, one) or () for one in records}
        return {one: counting_for(one, timelines, golden, members) for one in wanted}

    def known(self, source: str, external_ids: Iterable[str]) -> dict[str, Interaction]:
        """Return the interactions that a source's external ids already stand for."""
        ids = ((outside, self._session.get(self._tables.recorded, (source, outside))) for outside in external_ids)
        found = (
            (outside, self._session.get(self._tables.interactions, one)) for outside, one in ids if one is not None
        )
        return {outside: event for outside, event in found if event is not None}

    def kinds(self) -> list[tuple[str, str, int, datetime]]:
        """Return each kind with a source that brought it, how many there are, and when the newest happened."""
        found = grouped(
            ((one.kind, one.source), one.at) for one in self._session.rows(self._tables.interactions).values()
        )
        return [(kind, source, len(times), max(times)) for (kind, source), times in sorted(found.items())]

    def all(self, *, kind: str | None = None) -> Iterator[Interaction]:
        """All interactions, oldest first, perhaps of one kind only."""
        events = sorted(self._session.rows(self._tables.interactions).values(), key=oldest_first)
        return (event for event in events if kind is None or event.kind == kind)

    def amounts(self, kinds: Collection[str], *, until: datetime) -> Iterator[Amount]:
        """Money of all interactions of some kinds up to an instant, in any order."""
        golden = self._session.rows(self._tables.golden)
        for event in self._session.rows(self._tables.interactions).values():
            if event.kind in kinds and event.at <= until:
                who, value = golden.get(event.contact_id, event.contact_id), event.value
                money = (None, None) if value is None else (value.minor_units, value.currency)
                yield Amount(who, event.kind, event.at, *money)


class InMemoryMergeRepository:
    """The append-only, reversible log of links between records."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def append(self, links: Sequence[MergeLink]) -> None:
        """Append links, unlinks and cannot-links."""
        self._session.append(self._tables.merge_log, None, self._session.numbered(self._tables.counters, links))
        for link in links:
            self._session.put(self._tables.links, link.id, link)

    def all(self) -> Iterator[MergeLink]:
        """The whole log, oldest first; entries of one instant in the order of recording."""
        return iter(sorted((link for _, link in self.journal()), key=lambda link: link.at))

    def journal(self) -> Iterator[tuple[int, MergeLink]]:
        """The whole log in the order of recording, each entry with its place in it."""
        return iter(self._session.chain(self._tables.merge_log, None))

    def get(self, link_id: UUID) -> MergeLink | None:
        """Return one entry."""
        return self._session.get(self._tables.links, link_id)

    def golden(self, record_ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
        """Return the golden record of each merged one among some records; the others are left out."""
        found = ((one, self._session.get(self._tables.golden, one)) for one in record_ids)
        return {one: golden for one, golden in found if golden is not None}

    def move(self, from_id: UUID, to_id: UUID) -> None:
        """Let what counts for one contact count for another: what was recorded under it, and what was moved to it."""
        for record in (*(self._session.get(self._tables.members, from_id) or ()), from_id):
            self._count_for(record, to_id)

    def move_back(self, record_id: UUID) -> None:
        """Let everything that was recorded under a contact count for itself again."""
        self._count_for(record_id, record_id)

    def _count_for(self, record: UUID, golden: UUID) -> None:
        before = self._session.get(self._tables.golden, record)
        if before is not None:
            self._session.drop(self._tables.golden, record)
            left = (self._session.get(self._tables.members, before) or frozenset()) - {record}
            self._session.put(self._tables.members, before, left)
        if golden != record:
            self._session.put(self._tables.golden, record, golden)
            members = self._session.get(self._tables.members, golden) or frozenset()
            self._session.put(self._tables.members, golden, members | {record})
