"""Segments of a store: who is in them and was, who came and went and why, by hand and by refresh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mimcore.display.numbers import count
from mimcore.domain.contact import Contact
from mimcore.domain.membership import MembershipMove
from mimcore.domain.segment import ListKind, Segment
from mimcore.errors import InvalidValueError
from mimcore.repositories.origin import Moment
from mimcore.repositories.reading import Records
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import asked_at
from mimcore.rules.language.nodes import Rule
from mimcore.segments.pinning import pin, release
from mimcore.segments.planning import CATCH_UP, STORE
from mimcore.segments.references import rule_of
from mimcore.segments.refreshed import Refresh
from mimcore.segments.refreshing import refresh
from mimcore.segments.standing import StandingIndex
from mimcore.store.reading import Stored
from mimcore.store.segments_looking import LookingAtSegments
from mimcore.values.identifiers import as_id

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["Members", "SegmentsAccessor"]


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a segment by its log.

    Attributes:
        key: The segment.
        at: As of when; None for now.
        refreshed_at: When the segment was last brought up to date; None if it never was.
        ids: Their ids, in order.
    """

    key: str
    at: datetime | None
    refreshed_at: datetime | None
    ids: tuple[UUID, ...]
    store: Store = field(repr=False, compare=False)

    def __str__(self) -> str:
        """How many there are, and as of when."""
        known = "never refreshed" if self.refreshed_at is None else f"refreshed {self.refreshed_at:%Y-%m-%d %H:%M} UTC"
        return f"Members of '{self.key}': {count(len(self.ids))} people, {known}"

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)

    def __iter__(self) -> Iterator[UUID]:
        """Their ids, in order."""
        return iter(self.ids)

    def __contains__(self, contact: object) -> bool:
        """Tell whether a contact, or its id, is among them."""
        return (contact.id if isinstance(contact, Contact) else contact) in self.ids

    def contacts(self) -> tuple[Contact, ...]:
        """Return the contacts as they are stored now, those left out that are not stored any more."""
        found = self.store.contacts.get_many(self.ids)
        return tuple(found[one] for one in self.ids if one in found)


class SegmentsAccessor(LookingAtSegments, Stored[Segment, Records[Segment]]):
    """Segments of a store, and their members.

    `members` and everything beside it tell what the log says: what the newest `refresh` found, and what was done by
    hand since. `store.members` asks the rule itself.

    Examples:
        >>> import mimcore as mim
        >>> from mimcore import fields as f
        >>> store = mim.connect("memory:")
        >>> with store.begin() as work:
        ...     (ana,) = work.add(mim.Contact(country="DK"))
        ...     _ = work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"))
        >>> store.segments.refresh().entered
        1
        >>> ana in store.segments.members("danes")
        True
    """

    def __init__(self, store: Store, standing: StandingIndex) -> None:
        """Look at a store.

        Args:
            store: An open store.
            standing: Its membership index.
        """
        super().__init__(store.read, lambda work: work.segments)
        self._store, self._standing = store, standing

    def refresh(
        self,
        *segments: Segment | str,
        now: datetime | None = None,
        full: bool = False,
        catch_up: int = CATCH_UP,
    ) -> Refresh:
        """Bring memberships up to date, and tell who entered and who left.

        Without a segment, only those are asked about whom something was recorded since the last time, or whom time
        may have moved; segments that are new, or whose rule was changed, are asked of everybody. The result is that
        of asking everybody about everything. Each move is one entry of the log and one event of the outbox, in one
        transaction.

        Args:
            *segments: Only these, asked of everybody; all of them unless given.
            now: The instant to bring them to, not before the newest refresh; the store's clock unless given.
            full: Whether everybody is asked about every segment.
            catch_up: After a rule on time was added or changed, everybody is asked once when it can turn. So many are
                asked with this refresh; until all have been, everybody is asked about that rule with every refresh.

        Raises:
            InvalidValueError: If the instant is out of range, or `catch_up` negative.
            NotFoundError: If there is no such segment.
        """
        if catch_up < 0:
            raise InvalidValueError("catch_up", "is negative", "give how many contacts are asked, 0 for none")
        at = asked_at(self._store, now)
        keys = [one.key if isinstance(one, Segment) else one for one in segments]
        return refresh(self._store, self._standing, at, keys=keys, is_full=full, catch_up=catch_up)

    def members(self, segment: Segment | str, *, at: Moment | None = None) -> Members:
        """Return the members by the log: now, or as of an instant.

        Args:
            segment: A segment or its key.
            at: An instant; a date means the end of that day in the store's zone.
        """
        with self._store.read() as work:
            found = work.segments.get(segment)
            then = None if at is None else work.origin.moment(at, "at")
            memberships = work.transaction.memberships
            states = (memberships.state(STORE), memberships.state(found.id))
            refreshed = max((one.at for one in states if one is not None), default=None)
            return Members(found.key, then, refreshed, tuple(memberships.members(found.id, then)), self._store)

    def count(self, segment: Segment | str) -> int:
        """Count the members by the log."""
        with self._store.read() as work:
            return work.transaction.memberships.count(work.segments.get(segment).id)

    def moves(self, segment: Segment | str, *, since: Moment | None = None) -> tuple[MembershipMove, ...]:
        """Return who entered and left, when and why, in the order of recording.

        Args:
            segment: A segment or its key.
            since: Only from this instant on; a date means its end.
        """
        with self._store.read() as work:
            start = None if since is None else work.origin.moment(since, "since")
            return tuple(work.transaction.memberships.moves(work.segments.get(segment).id, start))

    def history(self, contact: Contact | UUID | str) -> tuple[MembershipMove, ...]:
        """Return which segments a contact entered and left, when and why, in the order of recording."""
        with self._store.read() as work:
            return tuple(work.transaction.memberships.moves_of(as_id(contact, "contact")))

    def include(self, segment: Segment | str, *contacts: Contact | UUID, reason: str, actor: str | None = None) -> None:
        """Let contacts be members whatever the rule says, until they are released or excluded.

        That holds through refreshes, edits of the rule and merges of the contact, and for every rule that refers to
        the segment.

        Args:
            segment: A segment or its key.
            *contacts: Contacts or their ids.
            reason: Why, in a few words without personal data.
            actor: Who does it.
        """
        self._pin(segment, contacts, "include", reason, actor)

    def exclude(self, segment: Segment | str, *contacts: Contact | UUID, reason: str, actor: str | None = None) -> None:
        """Keep contacts out whatever the rule says, until they are released or included; see `include`.

        Args:
            segment: A segment or its key.
            *contacts: Contacts or their ids.
            reason: Why, in a few words without personal data.
            actor: Who does it.
        """
        self._pin(segment, contacts, "exclude", reason, actor)

    def release(
        self, segment: Segment | str, *contacts: Contact | UUID, reason: str = "", actor: str | None = None
    ) -> None:
        """Let the rule decide about contacts again; on a list kept by hand they stay as they are.

        Args:
            segment: A segment or its key.
            *contacts: Contacts or their ids.
            reason: Why, in a few words without personal data.
            actor: Who does it.
        """
        with self._store.begin(actor=actor) as work:
            release(work, work.segments.get(segment), _ids(work, contacts), reason)

    def freeze(self, key: str, segment: Segment | Rule | str, *, name: str | None = None) -> Segment:
        """Store a list of those who are members now, as a segment of its own that no refresh changes.

        Args:
            key: Key of the new segment.
            segment: A segment, its key, or a rule.
            name: Its name.

        Raises:
            DuplicateKeyError: If there is a segment of that key.
        """
        with self._store.begin() as work:
            ids = work.contacts.ids(rule_of(work, segment))
            (stored,) = work.add(Segment(key=key, name=name))
            work.put_on(stored, *ids)
        return stored

    def _pin(
        self,
        segment: Segment | str,
        contacts: Sequence[Contact | UUID],
        kind: ListKind,
        reason: str,
        actor: str | None,
    ) -> None:
        with self._store.begin(actor=actor) as work:
            pin(work, work.segments.get(segment), _ids(work, contacts), kind, reason)


def _ids(work: UnitOfWork, contacts: Sequence[Contact | UUID]) -> list[UUID]:
    return [one.id for one in work.contacts.get_all(contacts)]
