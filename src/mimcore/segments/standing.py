"""A store's membership index: kept in memory, and brought to what each transaction sees before it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import InvalidValueError
from mimcore.repositories.facts import facts_of
from mimcore.repositories.ports import Transaction
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.indexing.index import MembershipIndex
from mimcore.rules.indexing.memberships import Memberships
from mimcore.rules.lowering.binding import Binding

__all__ = ["Answers", "StandingIndex"]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The segments that a transaction sees."""

    stamp: tuple[int, int]
    segments: Mapping[UUID, Segment]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What rules are bound with beside the instant; where it changes, all conditions do."""

    zone: str
    half_lives: Mapping[str, float]
    attributes: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What an index answers about contacts, and the facts that it was asked with."""

    memberships: Mapping[UUID, Memberships]
    facts: Mapping[UUID, Facts]


class StandingIndex:
    """One index for all transactions of a store.

    Nothing is read while the index is locked: a task that waits for a database must not hold what another task of the
    same thread waits for.
    """

    def __init__(self) -> None:
        """Start empty: the first question builds it."""
        self._lock = Lock()
        self._seen = _Seen((0, 0), {})
        self._index: MembershipIndex | None = None
        self._holds: tuple[_Seen, _Setting] | None = None

    def segments_of(self, work: UnitOfWork, contact: Contact, now: datetime | None) -> Memberships:
        """Return which segments a contact is in; see `Store.segments_of`.

        Args:
            work: Open unit of work.
            contact: A stored contact.
            now: Instant of evaluation; the unit of work's unless given.
        """
        if contact.status is not RecordStatus.ACTIVE:
            raise InvalidValueError("contact", f"is {contact.status.value}", "segments hold active contacts only")
        at = work.origin.asked_at(now)
        return self.answers(work, [contact], at).memberships[contact.id]

    def answers(self, work: UnitOfWork, contacts: Sequence[Contact], at: datetime) -> Answers:
        """Return which segments each of some active contacts is in, and what was known about them.

        Args:
            work: Open unit of work.
            contacts: Stored active contacts.
            at: Instant of evaluation.
        """
        # Made lasting before the index is locked: that reads what attributes the store has declared.
        binding, transaction = _lasting(work.binding(at)), work.transaction
        seen = self._seen_by(transaction)
        setting = _Setting(binding.zone.key, binding.half_lives, tuple(transaction.attributes.all()))
        with self._lock:
            companions = self._brought_to(seen, setting, binding).companions
        ends = frozenset({"permissions_end"})
        facts = facts_of(transaction, contacts, at, where=companions, beside=ends, gate=work.gate)
        with self._lock:
            index = self._brought_to(seen, setting, binding)
            return Answers({one: index.members_of(known) for one, known in facts.items()}, facts)

    def _seen_by(self, transaction: Transaction) -> _Seen:
        """Return the segments that a transaction sees, reading only those that were not seen before."""
        known, stamp = self._seen, transaction.segments.stamp()
        if known.stamp == stamp:
            return known
        versions = transaction.segments.versions()
        kept = {one: segment for one, segment in known.segments.items() if versions.get(one) == segment.version}
        new = transaction.segments.get_many(one for one in versions if one not in kept)
        found = self._seen = _Seen(stamp, {**kept, **new})
        return found

    def _brought_to(self, seen: _Seen, setting: _Setting, binding: Binding) -> MembershipIndex:
        """Return the index as a transaction sees the segments; usually it is so already."""
        index, holds = self._index, self._holds
        if index is not None and holds is not None and holds[0] is seen and holds[1] == setting:
            return index
        if index is None or holds is None or holds[1] != setting:
            index = MembershipIndex(binding=binding)
        self._holds = None
        segments = seen.segments.values()
        rules = {one.key: one.effective_rule for one in segments}
        by_hand = {name: None for one in segments if one.is_pinned for name in one.list_names()}
        archived = {one.key for one in segments if one.is_archived}
        index.sync({**rules, **by_hand}, unlisted=archived | by_hand.keys())
        self._index, self._holds = index, (seen, setting)
        return index


def _lasting(binding: Binding) -> Binding:
    """Return a binding that outlives its transaction: its fields are known, and its segments are those of the index."""
    return replace(binding, segment=None, catalogue=binding.catalogue.extended(()))
