"""The port of memberships: the log of who entered and left, the set that it adds up to, and what a refresh goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from mimcore.domain.membership import MembershipMove, MoveCause
from mimcore.rules.lowering.bound import Bound

__all__ = ["JournalPlace", "MembershipRepository", "RefreshState", "Touch"]

Touch = tuple[UUID, MoveCause]
"""A contact about which something was recorded, and what kind of change that was."""


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A place in the order of recording.

    Attributes:
        number: The last number that was given out.
        horizon: Every transaction that was open then is over once no transaction below this one is open; 0 where one
            transaction writes at a time.
    """

    number: int = 0
    horizon: int = 0


@dataclass(frozen=True, slots=True)
class RefreshState:
    """How far memberships are refreshed: one of the whole store, and one of every segment.

    Attributes:
        segment_id: The segment; for the store the id of nothing.
        at: The instant of the newest refresh.
        fingerprint: What the memberships were made by: rules, and what they are bound with.
        rule: The rule as plain data; None for a list.
        done: Everything up to this number of the order of recording is taken in.
        noted: A later place, below which transactions may still have been open when it was noted.
        generation: Counts the sets of rules on time; of a segment, the one that it came with.
        covered: Up to which generation the next instant of every active contact is known.
    """

    segment_id: UUID
    at: datetime
    fingerprint: str
    rule: Mapping[str, Any] | None = None
    done: int = 0
    noted: JournalPlace = JournalPlace()
    generation: int = 0
    covered: int = 0


class MembershipRepository(Protocol):
    """Memberships: append-only moves, and what they add up to."""

    def lock(self) -> None:
        """Let nobody else refresh memberships until the transaction ends."""
        ...

    def try_alone(self, segment_id: UUID) -> bool:
        """Let nobody else move people of a segment until the transaction ends; False if somebody is about to."""
        ...

    def share(self, segment_id: UUID) -> None:
        """Say that people of a segment are moved by hand, which waits for whoever has it alone."""
        ...

    def entering(self, segment_id: UUID, where: Bound) -> list[UUID]:
        """Return active contacts for whom a bound rule is true and who are no members, by id."""
        ...

    def leaving(self, segment_id: UUID, where: Bound) -> list[UUID]:
        """Return members who are not active, or for whom a bound rule is not true, by id."""
        ...

    def move_all(self, where: Bound, move: MembershipMove) -> tuple[int, int]:
        """Let everybody enter for whom a bound rule is true, and every other member leave, for one reason.

        Log, set of members and outbox follow; nobody else may move people of the segment meanwhile.

        Args:
            where: The rule.
            move: What is said of each, apart from whom it moves and in which direction.

        Returns:
            How many entered and how many left.
        """
        ...

    def write(self, moves: Sequence[MembershipMove]) -> None:
        """Append moves, and let the set of members follow; a contact moves once in a segment.

        Raises:
            DuplicateKeyError: If somebody enters who is a member.
        """
        ...

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return the ids of the segments that each contact is a member of; an empty set where there are none."""
        ...

    def members(self, segment_id: UUID, at: datetime | None = None) -> list[UUID]:
        """Return the members now, or by the log as of an instant, by id."""
        ...

    def count(self, segment_id: UUID) -> int:
        """Count the members."""
        ...

    def moves(self, segment_id: UUID, since: datetime | None = None) -> list[MembershipMove]:
        """Return the moves of a segment from an instant on, in the order of recording."""
        ...

    def moves_of(self, contact_id: UUID) -> list[MembershipMove]:
        """Return the moves of a contact, in the order of recording."""
        ...

    def state(self, segment_id: UUID) -> RefreshState | None:
        """Return how far a segment, or the store, is refreshed."""
        ...

    def states(self) -> dict[UUID, RefreshState]:
        """Return how far the store and all its segments are refreshed, by id."""
        ...

    def put_state(self, state: RefreshState) -> None:
        """Store or replace a state."""
        ...

    def place(self) -> JournalPlace:
        """Return the present place in the order of recording; ask before anything is written."""
        ...

    def has_settled(self, place: JournalPlace) -> bool:
        """Tell whether every transaction that may have drawn a number up to a place is over."""
        ...

    def touched(self, since: int) -> Iterator[Touch]:
        """Contacts about which something was recorded after a number; of merged ones the golden record too."""
        ...

    def put_due(self, instants: Mapping[UUID, datetime | None], generation: int) -> None:
        """Store from when on time alone may move a contact by a generation's rules; None where it never does."""
        ...

    def drop_due(self, contact_ids: Iterable[UUID]) -> None:
        """Forget the next instants of contacts."""
        ...

    def due(self, at: datetime) -> list[UUID]:
        """Return contacts whose next instant has come, by id."""
        ...

    def uncovered(self, generation: int, limit: int) -> list[UUID]:
        """Return so many active contacts whose next instant is not known for a generation's rules, by id."""
        ...
