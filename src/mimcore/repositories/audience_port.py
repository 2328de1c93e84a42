"""The port of frozen audiences: append-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate, HandOver

__all__ = ["AudienceRepository"]


class AudienceRepository(Protocol):
    """Frozen audiences with what became of each member, and their hand-overs."""

    def lock(self, key: str) -> None:
        """Let nobody else freeze an audience under a key until the transaction ends."""
        ...

    def add(self, audience: AudienceRecord, members: Sequence[AudienceMember]) -> None:
        """Store an audience.

        Raises:
            DuplicateKeyError: If its key is taken, or a contact stands in it twice.
        """
        ...

    def with_key(self, key: str) -> AudienceRecord | None:
        """Return the audience of a key."""
        ...

    def all(self) -> list[AudienceRecord]:
        """All audiences, oldest first, then by key."""
        ...

    def members(self, audience_id: UUID) -> list[AudienceMember]:
        """Return what became of each member, ordered by contact."""
        ...

    def tally(self, audience_id: UUID) -> Mapping[tuple[Fate, str], int]:
        """Count the members by fate and group."""
        ...

    def add_hand_over(self, done: HandOver) -> None:
        """Append a hand-over."""
        ...

    def hand_overs(self, audience_id: UUID | None = None, since: datetime | None = None) -> list[HandOver]:
        """Return hand-overs, oldest first: of one audience or of all, perhaps only from an instant on."""
        ...
