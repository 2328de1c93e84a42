"""A store as it was: what was recalled, held in memory, read through the same questions as the present; nothing writes.

Cost, measured on SQLite with 20 000 contacts and 100 000 changes, all contacts changed since the instant, on a busy
machine: 23 s of one core and 140 MB as known then, as much with hindsight; 12 s for an instant before all of them. What
was not touched since is copied as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from mimcore.domain.audience import AudienceMember, AudienceRecord, HandOver
from mimcore.domain.membership import MembershipMove
from mimcore.domain.quality_rules import QualityRule
from mimcore.domain.versions.changes import ChangeSet
from mimcore.errors import StoreError
from mimcore.identity.link_log import LinkLog
from mimcore.memory.audiences import InMemoryAudienceRepository
from mimcore.memory.backend import InMemoryBackend, InMemoryTransaction
from mimcore.memory.ledger import Ledger
from mimcore.memory.memberships import InMemoryMembershipRepository
from mimcore.memory.quality import InMemoryQualityRepository
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables
from mimcore.repositories.membership_port import RefreshState
from mimcore.repositories.past.hindsight import observations, replacements
from mimcore.repositories.past.histories import histories
from mimcore.repositories.past.moment import Past
from mimcore.repositories.past.recall import Recalled
from mimcore.repositories.ports import Backend, ContactRepository, Transaction
from mimcore.repositories.quality_port import QualityResult

__all__ = ["PastBackend"]

T = TypeVar("T")


class PastBackend:
    """A store's engine as it was at an instant: it hands out transactions that only read.

    Everything but the history of changes is held in memory; histories are read from the present store when somebody
    asks for one, so that store must still be open then.
    """

    def __init__(self, present: Backend, recalled: Recalled) -> None:
        """Hold what was recalled.

        Args:
            present: The engine that it was recalled from.
            recalled: What the store held.
        """
        self._present, self._past = present, recalled.past
        self._memory = InMemoryBackend(half_lives=recalled.half_lives)
        self.name = f"{present.name}, {recalled.past.words}"
        work = self._memory.begin()
        _fill(work, recalled)
        work.commit()

    def begin(self, *, is_read_only: bool = False) -> Transaction:
        """Open a transaction that reads.

        Raises:
            StoreError: If it is to write: the past only reads.
        """
        if not is_read_only:
            raise StoreError(f"this store is {self._past.words}, and the past only reads: write to the present store")
        work = self._memory.begin(is_read_only=True)
        work.past, work.history = self._past, _PastHistory(self._present, self._past, work.contacts)
        work.quality = _PastQuality(self._present, self._past)
        work.audiences = _PastAudiences(self._present, self._past)
        work.memberships = _PastMemberships(self._present, self._past, work)
        return work

    def setting(self, name: str) -> str | None:
        """Return a stored setting: there is none."""
        return self._memory.setting(name)

    def set_setting(self, name: str, value: str) -> None:  # noqa: ARG002 - the port's names
        """Refuse: the past only reads.

        Raises:
            StoreError: Always.
        """
        raise StoreError("the past only reads: write to the present store")

    def add_setting(self, name: str, value: str) -> str:  # noqa: ARG002 - the port's names
        """Refuse: the past only reads.

        Raises:
            StoreError: Always.
        """
        raise StoreError("the past only reads: write to the present store")

    def close(self) -> None:
        """Forget what was held; the present store stays open."""
        self._memory.close()


def _fill(work: InMemoryTransaction, recalled: Recalled) -> None:
    for attribute in recalled.attributes:
        for version in range(1, attribute.version + 1):  # a declaration is stored version by version
            work.attributes.put(attribute.model_copy(update={"version": version}))
    records = recalled.records
    work.sources.add(list(records["source"].values()))
    work.accounts.add(list(records["account"].values()))
    work.contacts.add(list(records["contact"].values()))
    work.leads.add(list(records["lead"].values()))
    work.segments.add(list(records["segment"].values()))
    work.campaigns.add(list(records["campaign"].values()))
    work.tasks.add(list(records["task"].values()))
    for (segment_id, kind), contact_ids in recalled.lists.items():
        if contact_ids:
            work.segments.put_on(segment_id, contact_ids, kind)
    work.interactions.add(recalled.events)
    work.merges.append(recalled.links)
    for record_id, golden_id in LinkLog(recalled.links).golden().items():
        work.merges.move(record_id, golden_id)
    work.freshness.put(recalled.states)
    work.freshness.verified(recalled.checks)
    work.consents.append(recalled.consents)
    work.consents.suppress(recalled.suppressions)
    for one in recalled.imports:
        work.imports.put(one)


class _PastQuality(InMemoryQualityRepository):
    """The rules of quality of now, and the results that had come out by then; the queue's marks are not kept."""

    def __init__(self, present: Backend, past: Past) -> None:
        super().__init__(Session(Ledger(), is_read_only=True), Tables())
        self._present, self._at = present, past.at

    def rules(self) -> list[QualityRule]:
        """Return the rules of now."""
        return _asked(self._present, lambda work: work.quality.rules())

    def results(
        self, *, rule: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[QualityResult]:
        """Return results that had come out by then."""
        end = self._at if until is None else min(until, self._at)
        return _asked(self._present, lambda work: work.quality.results(rule=rule, since=since, until=end))


class _PastAudiences(InMemoryAudienceRepository):
    """The audiences that had been frozen by then, and their hand-overs by then, read from the present store."""

    def __init__(self, present: Backend, past: Past) -> None:
        super().__init__(Session(Ledger(), is_read_only=True), Tables())
        self._present, self._at = present, past.at

    def with_key(self, key: str) -> AudienceRecord | None:
        """Return the audience of a key."""
        found = _asked(self._present, lambda work: work.audiences.with_key(key))
        return found if found is not None and found.at <= self._at else None

    def all(self) -> list[AudienceRecord]:
        """All audiences, oldest first, then by key."""
        return [one for one in _asked(self._present, lambda work: work.audiences.all()) if one.at <= self._at]

    def members(self, audience_id: UUID) -> list[AudienceMember]:
        """Return what became of each member, ordered by contact."""
        return _asked(self._present, lambda work: work.audiences.members(audience_id))

    def hand_overs(self, audience_id: UUID | None = None, since: datetime | None = None) -> list[HandOver]:
        """Return hand-overs, oldest first."""
        found = _asked(self._present, lambda work: work.audiences.hand_overs(audience_id, since))
        return [one for one in found if one.at <= self._at]


class _PastMemberships(InMemoryMembershipRepository):
    """The moves up to then, and what they add up to, read from the present store's log."""

    def __init__(self, present: Backend, past: Past, work: InMemoryTransaction) -> None:
        session = Session(Ledger(), is_read_only=True)
        super().__init__(session, Tables(), work.contacts, work.outbox)
        self._present, self._at = present, past.at

    def members(self, segment_id: UUID, at: datetime | None = None) -> list[UUID]:
        """Return the members then, or by the log as of an earlier instant, by id."""
        then = self._at if at is None else min(at, self._at)
        return _asked(self._present, lambda work: work.memberships.members(segment_id, then))

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return the ids of the segments that each contact was a member of."""
        return {one: self._held(self.moves_of(one)) for one in contact_ids}

    @staticmethod
    def _held(moves: Iterable[MembershipMove]) -> frozenset[UUID]:
        sums: Counter[UUID] = Counter()
        for move in moves:
            sums[move.segment_id] += 1 if move.has_entered else -1
        return frozenset(one for one, number in sums.items() if number > 0)

    def moves(self, segment_id: UUID, since: datetime | None = None) -> list[MembershipMove]:
        """Return the moves of a segment up to then, in the order of recording."""
        found = _asked(self._present, lambda work: work.memberships.moves(segment_id, since))
        return [one for one in found if one.at <= self._at]

    def moves_of(self, contact_id: UUID) -> list[MembershipMove]:
        """Return the moves of a contact up to then, in the order of recording."""
        found = _asked(self._present, lambda work: work.memberships.moves_of(contact_id))
        return [one for one in found if one.at <= self._at]

    def state(self, segment_id: UUID) -> RefreshState | None:
        """Return how far a segment, or the store, was refreshed; if it was again since, by the last move until then."""
        found = _asked(self._present, lambda work: work.memberships.state(segment_id))
        if found is None or found.at <= self._at:
            return found
        last = max((one.at for one in self.moves(segment_id)), default=None)
        return None if last is None else replace(found, at=last)


def _asked(present: Backend, ask: Callable[[Transaction], T]) -> T:
    work = present.begin(is_read_only=True)
    try:
        return ask(work)
    finally:
        work.rollback()


class _PastHistory:
    """The changes that count at an instant, read from the present store."""

    def __init__(self, present: Backend, past: Past, contacts: ContactRepository) -> None:
        self._present, self._past, self._contacts = present, past, contacts

    def append(self, changes: Sequence[ChangeSet]) -> None:  # noqa: ARG002 - the port's names
        """Refuse: the past only reads."""
        raise StoreError("the past only reads: write to the present store")

    def of(self, entity_id: UUID) -> list[ChangeSet]:
        """Return the changes of a record, oldest first."""
        return self._known(lambda work: work.history.of(entity_id))

    def of_import(self, import_id: UUID) -> list[ChangeSet]:
        """Return the changes that an import made, oldest first."""
        return self._known(lambda work: work.history.of_import(import_id))

    def since(self, instant: datetime) -> Iterator[ChangeSet]:
        """All changes recorded after an instant, the newest first."""
        return iter(self._known(lambda work: work.history.since(instant)))

    def journal(self, ids: Iterable[UUID] | None = None) -> Iterator[tuple[int, ChangeSet]]:
        """Changes with their places in the order of recording."""
        work = self._present.begin(is_read_only=True)
        try:
            return iter([entry for entry in work.history.journal(ids) if self._past.knows(entry[1])])
        finally:
            work.rollback()

    def replaced(
        self,
        entity: str,
        fields: Collection[str],
        *,
        ids: Iterable[UUID] | None = None,
        since: datetime | None = None,
    ) -> Iterator[ChangeSet]:
        """Changes in which one of some fields had a value that was replaced or cleared.

        With hindsight, one value replaces another in the order in which they were observed.
        """
        if not self._past.hindsight:
            wanted = None if ids is None else list(ids)
            return iter(self._known(lambda work: work.history.replaced(entity, fields, ids=wanted, since=since)))
        people = [one.id for one in self._contacts.all()] if ids is None else ids
        found = self._seen_again(people)
        return (one for one in found if one.entity == entity and (since is None or one.counts_from >= since))

    def _seen_again(self, ids: Iterable[UUID]) -> Iterator[ChangeSet]:
        work = self._present.begin(is_read_only=True)
        try:
            for _, placed in histories(work, ids):
                yield from replacements(observations(placed, self._past))
        finally:
            work.rollback()

    def _known(self, ask: Callable[[Transaction], Iterable[ChangeSet]]) -> list[ChangeSet]:
        work = self._present.begin(is_read_only=True)
        try:
            return [change for change in ask(work) if self._past.knows(change)]
        finally:
            work.rollback()
