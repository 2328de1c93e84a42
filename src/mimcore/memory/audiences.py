"""Frozen audiences in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate, HandOver
from mimcore.errors import DuplicateKeyError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables

__all__ = ["InMemoryAudienceRepository"]


class InMemoryAudienceRepository:
    """Frozen audiences with what became of each member, and their hand-overs."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def lock(self, key: str) -> None:
        """Nobody else writes anyway."""
        del key
        self._session.writing()

    def add(self, audience: AudienceRecord, members: Sequence[AudienceMember]) -> None:
        """Store an audience.

        Raises:
            DuplicateKeyError: If its key is taken, or a contact stands in it twice.
        """
        self._session.writing()
        if self.with_key(audience.key) is not None:
            raise DuplicateKeyError(f"there is an audience '{audience.key}' already")
        if len({one.contact_id for one in members}) < len(members):
            raise DuplicateKeyError(f"a contact stands in the audience '{audience.key}' twice")
        self._session.put(self._tables.audiences, audience.key, audience)
        ordered = tuple(sorted(members, key=lambda one: one.contact_id.int))
        self._session.put(self._tables.audience_members, audience.id, ordered)

    def with_key(self, key: str) -> AudienceRecord | None:
        """Return the audience of a key."""
        return self._session.get(self._tables.audiences, key)

    def all(self) -> list[AudienceRecord]:
        """All audiences, oldest first, then by key."""
        return sorted(self._session.rows(self._tables.audiences).values(), key=lambda one: (one.at, one.key))

    def members(self, audience_id: UUID) -> list[AudienceMember]:
        """Return what became of each member, ordered by contact."""
        found = self._session.get(self._tables.audience_members, audience_id)
        return [] if found is None else list(found)

    def tally(self, audience_id: UUID) -> Mapping[tuple[Fate, str], int]:
        """Count the members by fate and group."""
        return Counter((one.fate, one.group) for one in self.members(audience_id))

    def add_hand_over(self, done: HandOver) -> None:
        """Append a hand-over."""
        self._session.append(self._tables.hand_overs, None, self._session.numbered(self._tables.counters, [done]))

    def hand_overs(self, audience_id: UUID | None = None, since: datetime | None = None) -> list[HandOver]:
        """Return hand-overs, oldest first: of one audience or of all, perhaps only from an instant on."""
        return [
            one
            for _, one in self._session.chain(self._tables.hand_overs, None)
            if audience_id in {None, one.audience_id} and (since is None or one.at >= since)
        ]
