"""Port of contact points: read without the contacts that have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

from mimcore.domain.points import ContactPoint

__all__ = ["PointReading"]


class PointReading(Protocol):
    """Contact points in use: whose they are, and what they are matched by."""

    def with_points(self, kind: str, match_keys: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active contacts by the match key of an active contact point; absent keys are left out."""
        ...

    def points(self, kind: str) -> Iterator[tuple[UUID, Sequence[ContactPoint]]]:
        """Active contacts' contact points in use, person by person; who has none is left out.

        A few thousand people are held at a time.

        Args:
            kind: `email` or `phone`.
        """
        ...

    def points_of(self, kind: str, contact_ids: Iterable[UUID]) -> dict[UUID, Sequence[ContactPoint]]:
        """Return contacts' contact points in use, the preferred one first; who has none is left out.

        Args:
            kind: `email` or `phone`.
            contact_ids: Contacts, active or not.
        """
        ...

    def match_keys(self, kind: str) -> Iterator[tuple[str, UUID]]:
        """All (match key, contact id) pairs of active contacts, for finding duplicates.

        Args:
            kind: email, phone or name.
        """
        ...
