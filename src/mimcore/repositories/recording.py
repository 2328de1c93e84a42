"""Writing entities: versions, change sets, the state of every value, and the outbox, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar, cast
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import FreshnessState, freshness_key
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.pools import pool_for
from mimcore.domain.segment import Segment
from mimcore.domain.source import DEFAULT_RELIABILITY, Source
from mimcore.domain.task import Task
from mimcore.domain.versions.changes import ChangeKind
from mimcore.domain.versions.revision import Revision, first, revision
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import (
    DuplicateKeyError,
    InvalidValueError,
    NotFoundError,
    StaleVersionError,
    TransitionError,
)
from mimcore.repositories.change_sets import change_sets, events_of
from mimcore.repositories.declared import Declarations
from mimcore.repositories.origin import Origin
from mimcore.repositories.ports import Repository, Transaction
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.taken import naming_the_taken
from mimcore.repositories.value_changes import gone_values, new_values

__all__ = ["Recorder", "record_once", "repository_of", "successor"]

E = TypeVar("E", bound=Entity)
_PORTS: dict[type[Entity], str] = {
    Source: "sources",
    Account: "accounts",
    Contact: "contacts",
    Lead: "leads",
    Segment: "segments",
    Campaign: "campaigns",
    Task: "tasks",
}


def repository_of(transaction: Transaction, kind: type[E]) -> Repository[E]:
    """Return the repository of an aggregate.

    Raises:
        InvalidValueError: If there is none for this type.
    """
    if kind not in _PORTS:
        known = ", ".join(one.__name__ for one in _PORTS)
        raise InvalidValueError(kind.__name__, "is not an aggregate", f"give one of {known}")
    return cast("Repository[E]", getattr(transaction, _PORTS[kind]))


_Start = tuple[str, float, int | None]
SeenAt = Mapping[UUID, datetime | None]
"""When each of several records was observed, by its id; None if nobody knows."""


class Recorder:
    """Writes entities together with everything that tells where they came from."""

    def __init__(self, transaction: Transaction) -> None:
        """Write through a transaction.

        Args:
            transaction: An open transaction.
        """
        self.transaction = transaction
        self.declared = Declarations(transaction.attributes)
        self._sources: dict[str, Source] = {}
        self._starts: dict[tuple[object, ...], dict[str, _Start]] = {}
        self._saved: set[UUID] = set()

    @cached_property
    def half_lives(self) -> Mapping[str, float]:
        """Half-lives by pool, read with the first value that is written."""
        return dict(self.transaction.freshness.half_lives())

    def source(self, origin: Origin) -> Source:
        """Return the source of an origin; one that nobody has described yet is entered into the catalogue."""
        found = self._sources.get(origin.source) or self.transaction.sources.with_key(origin.source)
        if found is None:
            found = self._entered(Source(key=origin.source, reliability=DEFAULT_RELIABILITY, version=1), origin)
        self._sources[origin.source] = found
        return found

    def _entered(self, new: Source, origin: Origin) -> Source:
        """Enter a source into the catalogue, or return the one that somebody else has entered meanwhile."""
        if self.transaction.sources.add_if_absent(new):
            self._log(ChangeKind.CREATED, [(first(new), origin)])
            return new
        return self.transaction.sources.with_key(new.key) or new

    def created(self, entities: Sequence[E], origin: Origin, *, seen_at: SeenAt | None = None) -> list[E]:
        """Store new entities as version 1: sources first, and accounts before the contacts that link to them.

        Args:
            entities: New objects of any aggregates.
            origin: Provenance of the write. Its source is entered into the catalogue unless it is among the entities.
            seen_at: When each of them was observed, by id, where that is not the origin's time for all.

        Returns:
            The stored objects, in the given order.

        Raises:
            InvalidValueError: If one of them is no aggregate; nothing is written then.
            DuplicateKeyError: If an id or key exists.
        """
        ports = {kind: repository_of(self.transaction, kind) for kind in dict.fromkeys(type(one) for one in entities)}
        self._described(entities)
        self.source(origin)
        stored: dict[UUID, E] = {}
        for kind in sorted(ports, key=list(_PORTS).index):
            batch = [first(self.declared.typed(one)).next() for one in entities if type(one) is kind]
            self._write(ChangeKind.CREATED, batch, origin, seen_at)
            stored.update((one.new.id, one.new) for one in batch)
        return [stored[entity.id] for entity in entities]

    def changed(
        self,
        pairs: Sequence[tuple[E, E]],
        origin: Origin,
        kind: ChangeKind = ChangeKind.CHANGED,
        *,
        seen_at: SeenAt | None = None,
    ) -> list[E]:
        """Store new versions of entities of one type; a pair that does not differ is no write, no version, no event.

        Args:
            pairs: The stored version and the one that replaces it.
            origin: Provenance of the write.
            kind: Why they change.
            seen_at: When each of them was observed, by id, where that is not the origin's time for all.

        Returns:
            The stored objects, in the given order.

        Raises:
            StaleVersionError: If a stored version is another one.
        """
        found = [self.revised(old, new) for old, new in pairs]
        stored = {
            one.id: one for one in self.write([one for one in found if one is not None], origin, kind, seen_at=seen_at)
        }
        return [stored.get(old.id, old) for old, _ in pairs]

    def revised(self, old: E, new: E) -> Revision[E] | None:
        """Return what a new version of a stored entity changes, its custom values typed; None if that is nothing.

        Args:
            old: The stored version.
            new: The version that replaces it.
        """
        if new is old:
            return None
        found = revision(old, self.declared.typed(new))
        return found if found.changed else None

    def write(
        self,
        revisions: Sequence[Revision[E]],
        origin: Origin,
        kind: ChangeKind = ChangeKind.CHANGED,
        *,
        seen_at: SeenAt | None = None,
    ) -> list[E]:
        """Store what revisions of entities of one type change; see `changed`.

        Args:
            revisions: As `revised` found them.
            origin: Provenance of the write.
            kind: Why they change.
            seen_at: When each of them was observed, by id, where that is not the origin's time for all.

        Returns:
            The stored objects, in order of ids.

        Raises:
            StaleVersionError: If a stored version is another one.
        """
        # Rows are locked in one order, so that writers never wait for each other in a circle.
        differing = sorted((one.next() for one in revisions), key=lambda one: one.new.id.int)
        if differing:
            self.source(origin)
            self._described([one.new for one in differing])
            self._write(kind, differing, origin, seen_at)
        return [one.new for one in differing]

    def saved(self, new: E, origin: Origin, kind: ChangeKind = ChangeKind.CHANGED) -> E:
        """Store a version against the one that is stored, so that the change set tells the whole difference.

        Args:
            new: The changed object, with the version that it was made from.
            origin: Provenance of the write.
            kind: Why it changes.

        Returns:
            The stored object.

        Raises:
            NotFoundError: If it was never stored.
            StaleVersionError: If it was made from another version than the stored one. Whoever counts up a number that
                somebody else has counted up meanwhile brings the stored value, and must count again; only what this
                unit of work itself has saved may be saved again without a difference.
            TransitionError: If it was merged, or would be merged or erased by a plain change.
        """
        name = type(new).__name__.lower()
        stored = repository_of(self.transaction, type(new)).get_many([new.id]).get(new.id)
        if stored is None:
            raise NotFoundError(f"{name} {new.id} is not in this store: add it first")
        if new.version != stored.version and new.id not in self._saved:
            _check_status(stored, new)
            raise _stale(new)
        saved = self.changed([(stored, successor(stored, new))], origin, kind)[0]
        self._saved.add(new.id)
        return saved

    def _described(self, entities: Iterable[Entity]) -> None:
        """Know sources as they are now: their reliability is where the values that they bring begin."""
        described = {one.key: one for one in entities if isinstance(one, Source)}
        if described:
            self._sources.update(described)
            self._starts.clear()

    def _write(
        self,
        kind: ChangeKind,
        revisions: Sequence[Revision[Entity]],
        origin: Origin,
        seen_at: SeenAt | None = None,
    ) -> None:
        """Store entities of one type, all new or none, with the states of their values, change sets and events."""
        writes = [
            (one, origin if seen_at is None else replace(origin, observed_at=seen_at[one.new.id])) for one in revisions
        ]
        known = self.declared.specs
        gone = [gone for one in revisions if one.old is not None for gone in gone_values(one, known(one.old))]
        states = [state for write in writes for state in self.arrived(*write)]
        first_of = revisions[0]
        port = repository_of(self.transaction, type(first_of.new))
        written, are_new = [one.new for one in revisions], first_of.old is None
        naming_the_taken(port, written, lambda: self._store(revisions, gone, states), are_new=are_new)
        self._log(kind, writes)

    def _store(
        self,
        revisions: Sequence[Revision[Entity]],
        gone: Sequence[tuple[str, UUID]],
        states: Sequence[FreshnessState],
    ) -> None:
        is_new, kind = revisions[0].old is None, type(revisions[0].new)
        if kind is Contact:
            people = cast("Sequence[Revision[Contact]]", revisions)
            self.transaction.contacts.store(people, gone=gone, states=states)
            return
        port = repository_of(self.transaction, kind)
        (port.add if is_new else port.update)([one.new for one in revisions])
        if gone:
            self.transaction.freshness.drop(gone)
        if states:
            self.transaction.freshness.put(states)

    def _log(self, kind: ChangeKind, writes: Sequence[tuple[Revision[Entity], Origin]]) -> None:
        changes = change_sets(kind, writes)
        self.transaction.history.append(changes)
        self.transaction.outbox.append(events_of(changes))

    def arrived(self, change: Revision[Entity], origin: Origin) -> list[FreshnessState]:
        """Return the state of every value that is new or different: it starts at its source's reliability."""
        new, source, seen = change.new, origin.source, origin.observed_at
        own_id = new.id
        is_business = type(new) is Account or _is_linked(new)
        starts = self._starts.setdefault((is_business, source, seen), {})  # most of a batch begin alike
        found: list[FreshnessState] = []
        for attribute, subject_id, base in new_values(change, self.declared.specs(new)):
            start = starts.get(attribute)
            if start is None:
                start = starts[attribute] = self._start(attribute, base, origin, is_business=is_business)
            pool, reliability, key = start
            found.append(
                FreshnessState(attribute, own_id, subject_id, pool, source, seen, None, reliability, seen, key)
            )
        return found

    def _start(self, attribute: str, base: str, origin: Origin, *, is_business: bool) -> _Start:
        """Return pool, probability and key with which values of an attribute begin."""
        pool = pool_for(base, is_business=is_business, attribute=attribute, source=origin.source, known=self.half_lives)
        reliability, seen = self.source(origin).reliability, origin.observed_at
        return pool, reliability, None if seen is None else freshness_key(reliability, seen, self.half_lives[pool])


def record_once(recorder: Recorder, new: Interaction, origin: Origin) -> Interaction:
    """Store an interaction, or return the one that stands under its source's id already.

    Args:
        recorder: Writes through the open transaction.
        new: The interaction.
        origin: Provenance of the write.

    Raises:
        DuplicateKeyError: If the source's id stands for another event, or for an event of somebody else.
    """
    known = _recorded(recorder, new)
    if known is None:
        recorder.source(origin)
        new = new.model_copy(update={"recorded_at": origin.recorded_at})
        try:
            recorder.transaction.interactions.add([new])
        except DuplicateKeyError:
            known = _recorded(recorder, new)  # another transaction has recorded it in the meantime
            if known is None:
                raise
    if known is None:
        told = OutboxEvent("interaction_recorded", "interaction", new.id, 1, origin.recorded_at, {"kind": new.kind})
        recorder.transaction.outbox.append([told])
        return new
    counted = recorder.transaction.interactions.of([new.contact_id]).get(new.contact_id, [])
    is_theirs = known.contact_id == new.contact_id or any(one.id == known.id for one in counted)
    if is_theirs and known.tells_of_the_same(new):
        return known
    raise DuplicateKeyError(
        f"the source '{new.source}' recorded another event under this external id; a correction is an event of its own"
    )


def successor(stored: E, new: E) -> E:
    """Return a given version as what replaces the stored one, or the stored one if nothing differs.

    Raises:
        StaleVersionError: If it was made from another version than the stored one, and differs from it.
        TransitionError: If it was merged, or would be merged or erased by a plain change.
    """
    _check_status(stored, new)
    if new.version == stored.version:
        return new
    if new == stored.model_copy(update={"version": new.version}):
        return stored
    raise _stale(new)


def _stale(new: Entity) -> StaleVersionError:
    return StaleVersionError(f"{type(new).__name__.lower()} {new.id} was changed in the meantime: read it again")


def _recorded(recorder: Recorder, new: Interaction) -> Interaction | None:
    """Return what stands under the external id already."""
    if new.external_id is None:
        return None
    return recorder.transaction.interactions.known(new.source, [new.external_id]).get(new.external_id)


def _check_status(stored: Entity, new: Entity) -> None:
    """Refuse to change what was merged, and to merge or erase by a plain change."""
    before, after = getattr(stored, "status", None), getattr(new, "status", None)
    if before == RecordStatus.MERGED:
        raise TransitionError("this record was merged into another one: change that one, or take the merge back")
    if before != after and after in {RecordStatus.MERGED, RecordStatus.ERASED}:
        raise TransitionError("a record is merged or erased by its own plan: change the status to active or archived")


def _is_linked(entity: Entity) -> bool:
    """Tell whether a contact belongs to an account now."""
    return isinstance(entity, Contact) and any(link.end_on is None for link in entity.accounts)
