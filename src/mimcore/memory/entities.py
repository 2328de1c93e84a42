"""Repositories of the aggregates other than contacts: rows by id, an index by key, optimistic versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.lead import Lead, LeadStage
from mimcore.domain.segment import ListKind, Segment, list_name
from mimcore.domain.source import Source
from mimcore.domain.task import Task, TaskStatus
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import ConflictError, DuplicateKeyError, StaleVersionError
from mimcore.memory.evidence import records_of
from mimcore.memory.references import account_uses, drop_states
from mimcore.memory.session import Session, grouped
from mimcore.memory.tables import EntityTable, IndexKey, Tables
from mimcore.values.text import fold

__all__ = [
    "InMemoryAccountRepository",
    "InMemoryCampaignRepository",
    "InMemoryLeadRepository",
    "InMemoryRepository",
    "InMemorySegmentRepository",
    "InMemorySourceRepository",
    "InMemoryTaskRepository",
    "by_id",
]

E = TypeVar("E", bound=Entity)
Keyed = TypeVar("Keyed", Segment, Source, Campaign)

_ENDED = frozenset({TaskStatus.DONE, TaskStatus.CANCELLED})


def by_id(entity: Entity) -> int:
    """Order of ids: by their bytes, which for a UUID is the order of its number."""
    return entity.id.int


class InMemoryRepository(Generic[E]):
    """Storage of one aggregate."""

    def __init__(self, session: Session, table: EntityTable[E], kind: str) -> None:
        """Stand over a table within a transaction.

        Args:
            session: The transaction.
            table: The aggregate's table.
            kind: The aggregate's name, for errors.
        """
        self._session, self._table, self._kind = session, table, kind

    def _keys(self, entity: E) -> Iterable[IndexKey]:  # noqa: ARG002 - an aggregate with keys says which
        """Return what the record is found by."""
        return ()

    def _unique(self, entity: E) -> Iterable[IndexKey]:  # noqa: ARG002 - as above
        """Return the keys that no other record may have."""
        return ()

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, E]:
        """Return the records that exist, by id."""
        found = ((one, self._session.get(self._table.rows, one)) for one in ids)
        return {one: entity for one, entity in found if entity is not None}

    def all(self) -> Iterator[E]:
        """All records in order of their ids."""
        return iter(sorted(self._session.rows(self._table.rows).values(), key=by_id))

    def add(self, entities: Sequence[E]) -> None:
        """Store new records; none is stored if one is refused.

        Raises:
            DuplicateKeyError: If an id or key exists.
        """
        new: set[UUID] = set()
        for entity in entities:
            if entity.id in new or self._session.get(self._table.rows, entity.id) is not None:
                raise DuplicateKeyError(f"{self._kind} {entity.id} exists already: update it instead")
            new.add(entity.id)
        self._refuse_taken_keys(entities)
        self._write([(None, entity) for entity in entities])

    def update(self, entities: Sequence[E]) -> None:
        """Replace records; none is replaced if one is refused.

        Raises:
            StaleVersionError: If a stored version is not one less.
            DuplicateKeyError: If a key belongs to another record.
        """
        stored: dict[UUID, E] = {}
        pairs: list[tuple[E | None, E]] = []
        for entity in entities:
            before = stored.get(entity.id) or self._session.get(self._table.rows, entity.id)
            if before is None or before.version != entity.version - 1:
                raise StaleVersionError(f"{self._kind} {entity.id} was changed in the meantime: read it again")
            stored[entity.id] = entity
            pairs.append((before, entity))
        self._refuse_taken_keys(list(stored.values()))
        self._write(pairs)

    def remove(self, ids: Iterable[UUID]) -> None:
        """Delete records; those that do not exist are let be."""
        gone = self.get_many(ids)
        self._reindex((key, one, False) for one, entity in gone.items() for key in self._all_keys(entity))
        for one in gone:
            self._session.drop(self._table.rows, one)

    def _refuse_taken_keys(self, entities: Sequence[E]) -> None:
        taken: dict[IndexKey, UUID] = {}
        for entity in entities:
            for key in self._unique(entity):
                others = (self._session.get(self._table.index, key) or frozenset()) - {one.id for one in entities}
                if others or taken.setdefault(key, entity.id) != entity.id:
                    raise DuplicateKeyError(
                        f"the key of {self._kind} {entity.id} belongs to another {self._kind} already"
                    )

    def _write(self, pairs: Sequence[tuple[E | None, E]]) -> None:
        changes: list[tuple[IndexKey, UUID, bool]] = []
        for before, after in pairs:
            old: set[IndexKey] = set() if before is None else set(self._all_keys(before))
            new = set(self._all_keys(after))
            changes += [(key, after.id, False) for key in old - new] + [(key, after.id, True) for key in new - old]
            self._session.put(self._table.rows, after.id, after)
        self._reindex(changes)

    def _all_keys(self, entity: E) -> Iterable[IndexKey]:
        return (*self._keys(entity), *self._unique(entity))

    def _reindex(self, changes: Iterable[tuple[IndexKey, UUID, bool]]) -> None:
        """Apply changes to the index, key by key, so that a key with many ids is copied once."""
        for key, wanted in grouped((key, (one, is_in)) for key, one, is_in in changes).items():
            ids = set(self._session.get(self._table.index, key) or ())
            for one, is_in in wanted:
                (ids.add if is_in else ids.discard)(one)
            if ids:
                self._session.put(self._table.index, key, frozenset(ids))
            else:
                self._session.drop(self._table.index, key)

    def _ids(self, *key: str | UUID) -> tuple[UUID, ...]:
        """Return the ids under a key, in order."""
        return tuple(sorted(self._session.get(self._table.index, key) or (), key=lambda one: one.int))

    def _where(self, holds: Callable[[E], bool]) -> list[E]:
        return [entity for entity in self.all() if holds(entity)]


class _KeyedRepository(InMemoryRepository[Keyed]):
    def _unique(self, entity: Keyed) -> Iterable[IndexKey]:
        return (("key", entity.key),)

    def with_key(self, key: str) -> Keyed | None:
        """Return the record of that key."""
        ids = self._ids("key", key)
        return self._session.get(self._table.rows, ids[0]) if ids else None


class InMemoryAccountRepository(InMemoryRepository[Account]):
    """Accounts."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        super().__init__(session, tables.accounts, "account")
        self._tables = tables

    def _keys(self, entity: Account) -> Iterable[IndexKey]:
        if entity.parent_id is not None:
            yield "parent", entity.parent_id
        if entity.status is not RecordStatus.ACTIVE:
            return
        if entity.domain is not None:
            yield "domain", entity.domain
        if entity.name is not None:
            yield "name", fold(entity.name)
        yield from (("external", one.source, one.value) for one in entity.external_ids)

    def remove(self, ids: Iterable[UUID]) -> None:
        """Delete accounts with their freshness states; at the commit no contact may link to them any more."""
        gone = list(ids)
        self._session.questioned_accounts.update(gone)
        drop_states(self._session, self._tables, gone)
        super().remove(gone)

    def uses(self, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return what each of some accounts is needed for; which is needed for nothing is left out."""
        return account_uses(self._session, self._tables, ids)

    def lock(self, ids: Iterable[UUID]) -> None:
        """Nobody else writes anyway."""
        del ids
        self._session.writing()

    def with_domains(self, domains: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their domain, those of one domain ordered by id; absent domains are left out."""
        return self._by_word(domains, "domain")

    def with_names(self, names: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their folded name, those of one name ordered by id; absent names are left out."""
        return self._by_word(names, "name")

    def with_external_ids(self, source: str, values: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their id in another system, ordered by id; absent values are left out."""
        return self._by_word(values, "external", source)

    def _by_word(self, words: Iterable[str], *key: str) -> dict[str, tuple[UUID, ...]]:
        found = ((word, self._ids(*key, word)) for word in words)
        return {word: ids for word, ids in found if ids}


def _of_contact(session: Session, contact_id: UUID | None) -> Iterable[IndexKey]:
    """Return the key of what belongs to a contact, and note that the contact must be there."""
    if contact_id is None:
        return ()
    session.questioned_contacts.add(contact_id)
    return (("contact", contact_id),)


class InMemoryLeadRepository(InMemoryRepository[Lead]):
    """Leads."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables; a merge decides for whom a lead counts."""
        super().__init__(session, tables.leads, "lead")
        self._tables = tables

    def _keys(self, entity: Lead) -> Iterable[IndexKey]:
        return _of_contact(self._session, entity.contact_id)

    def in_stage(self, stage: LeadStage) -> list[Lead]:
        """Return the leads that stand in a stage, ordered by id."""
        return self._where(lambda lead: lead.stage is stage)

    def of_contact(self, contact_id: UUID) -> list[Lead]:
        """Return the leads that count for a contact, ordered by id."""
        records = records_of(self._session, self._tables, contact_id)
        ids = [one for record in records for one in self._ids("contact", record)]
        return sorted(self.get_many(ids).values(), key=by_id)


class InMemorySegmentRepository(_KeyedRepository[Segment]):
    """Segments, and the lists of static ones."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        super().__init__(session, tables.segments, "segment")
        self._listed = tables.listed

    def stamp(self) -> tuple[int, int]:
        """Return how many segments there are, and the sum of their versions."""
        found = self.versions()
        return len(found), sum(found.values())

    def versions(self) -> dict[UUID, int]:
        """Return the version of every segment."""
        return {one: segment.version for one, segment in self._session.rows(self._table.rows).items()}

    def put_on(self, segment_id: UUID, contact_ids: Iterable[UUID], kind: ListKind = "list") -> None:
        """Put contacts on a list of a segment; those already on it stay.

        Raises:
            ConflictError: If there is no such segment.
        """
        if self._session.get(self._table.rows, segment_id) is None:
            raise ConflictError(f"there is no segment {segment_id} to put contacts on")
        place: tuple[UUID, ListKind] = (segment_id, kind)
        for contact_id in contact_ids:
            lists = self._session.get(self._listed, contact_id) or frozenset()
            self._session.questioned_contacts.add(contact_id)
            self._session.put(self._listed, contact_id, lists | {place})

    def take_off(self, segment_id: UUID, contact_ids: Iterable[UUID], kind: ListKind = "list") -> None:
        """Take contacts off a list of a segment."""
        for contact_id in contact_ids:
            lists = self._session.get(self._listed, contact_id)
            if lists is not None and (segment_id, kind) in lists:
                self._session.put(self._listed, contact_id, lists - {(segment_id, kind)})

    def lists_of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return the names of the lists that each contact is on; an empty set where there is none."""
        keys = {one: segment.key for one, segment in self._session.rows(self._table.rows).items()}
        lists = ((one, self._session.get(self._listed, one) or frozenset()) for one in contact_ids)
        return {one: frozenset(list_name(keys[segment], kind) for segment, kind in listed) for one, listed in lists}

    def remove(self, ids: Iterable[UUID]) -> None:
        """Delete segments with their lists."""
        gone = frozenset(ids)
        for contact_id, lists in self._session.rows(self._listed).items():
            left = frozenset(one for one in lists if one[0] not in gone)
            if left != lists:
                self._session.put(self._listed, contact_id, left)
        super().remove(gone)


class InMemorySourceRepository(_KeyedRepository[Source]):
    """The catalogue of sources."""

    def add_if_absent(self, source: Source) -> bool:
        """Store a source unless there is one of that key; tell whether it was stored."""
        if self.with_key(source.key) is not None:
            return False
        self.add([source])
        return True


class InMemoryCampaignRepository(_KeyedRepository[Campaign]):
    """Campaigns."""

    def active_on(self, day: date) -> list[Campaign]:
        """Return the campaigns whose period holds a local day, ordered by id."""
        return self._where(lambda campaign: campaign.is_active_on(day))


class InMemoryTaskRepository(InMemoryRepository[Task]):
    """Tasks."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        super().__init__(session, tables.tasks, "task")

    def _keys(self, entity: Task) -> Iterable[IndexKey]:
        return _of_contact(self._session, entity.contact_id)

    def due_before(self, day: date) -> list[Task]:
        """Return unfinished tasks due before a local day, the earliest first."""
        due = self._where(lambda task: task.status not in _ENDED and task.due_on is not None and task.due_on < day)
        return sorted(due, key=lambda task: task.due_on or date.max)
