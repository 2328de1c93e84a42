"""Lists of segments: who is put on and taken off, and the trace of it in history, outbox and membership log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mimcore.domain.membership import MembershipMove, MoveCause, MoveOrigin
from mimcore.domain.segment import ListKind, Segment, list_name
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import InvalidValueError
from mimcore.repositories.moving import record_moves
from mimcore.repositories.origin import Origin
from mimcore.repositories.portions import portions
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.touches import LISTING, told_of_list

__all__ = ["LISTS", "put_on_list", "refuse_pinned", "static", "take_off_list"]

LISTS: Mapping[ListKind, str] = {
    "list": "segment.members",
    "include": "segment.included",
    "exclude": "segment.excluded",
}
"""Names under which a change set tells whom a list gained or lost."""

_PORTION = 1000


def static(segment: Segment) -> Segment:
    """Return a segment without a rule.

    Raises:
        InvalidValueError: If it follows one.
    """
    if segment.is_dynamic:
        raise InvalidValueError(
            "segment", "follows a rule", "only a segment without a rule is a list that people are put on"
        )
    return segment


def put_on_list(
    transaction: Transaction,
    segment: Segment,
    contact_ids: Iterable[UUID],
    origin: Origin,
    kind: ListKind = "list",
    *,
    reason: str = "",
) -> None:
    """Put contacts on a list of a segment; those already on it stay, and are not told of again.

    Whoever is put on the list of a static segment is a member at once.

    Args:
        transaction: An open transaction.
        segment: A stored segment; for its own list, one without a rule.
        contact_ids: Stored contacts.
        origin: Provenance of the write.
        kind: Which of its lists.
        reason: Why, in a few words without personal data.
    """
    _listed(transaction, _Listing(segment, kind, ChangeKind.LISTED, origin, reason), contact_ids)


def take_off_list(
    transaction: Transaction,
    segment: Segment,
    contact_ids: Iterable[UUID],
    origin: Origin,
    kind: ListKind = "list",
    *,
    reason: str = "",
) -> None:
    """Take contacts off a list of a segment; see `put_on_list`.

    Args:
        transaction: An open transaction.
        segment: A stored segment; for its own list, one without a rule.
        contact_ids: Contacts; those that are not on the list are let be.
        origin: Provenance of the write.
        kind: Which of its lists.
        reason: Why, in a few words without personal data.
    """
    _listed(transaction, _Listing(segment, kind, ChangeKind.UNLISTED, origin, reason), contact_ids)


def refuse_pinned(transaction: Transaction, segment: Segment, contact_ids: Sequence[UUID], *, is_on: bool) -> None:
    """Refuse to put on a list whom somebody excluded by hand, or to take off whom somebody included.

    Args:
        transaction: An open transaction.
        segment: A stored segment without a rule.
        contact_ids: Contacts.
        is_on: Whether they are to be put on the list.

    Raises:
        InvalidValueError: Naming the first of them.
    """
    if not segment.is_pinned:
        return
    kind: ListKind = "exclude" if is_on else "include"
    lists, name = transaction.segments.lists_of(contact_ids), list_name(segment.key, kind)
    held = next((one for one in contact_ids if name in lists.get(one, frozenset())), None)
    if held is not None:
        raise InvalidValueError(
            "contact",
            f"{held} is {kind}d by hand from '{segment.key}'" if is_on else f"{held} is {kind}d by hand",
            "release it first",
        )


@dataclass(frozen=True, slots=True)
class _Listing:
    """A change of a list: whose, which one, in which direction."""

    segment: Segment
    list_kind: ListKind
    change: ChangeKind
    origin: Origin
    reason: str

    @property
    def is_on(self) -> bool:
        return self.change is ChangeKind.LISTED


def _listed(transaction: Transaction, listing: _Listing, contact_ids: Iterable[UUID]) -> None:
    wanted = list(dict.fromkeys(contact_ids))
    transaction.memberships.share(listing.segment.id)
    transaction.contacts.lock(wanted)  # two writers would each tell of the same change
    lists = transaction.segments.lists_of(wanted)
    name = list_name(listing.segment.key, listing.list_kind)
    ids = [one for one in wanted if (name in lists.get(one, frozenset())) is not listing.is_on]
    repository = transaction.segments
    (repository.put_on if listing.is_on else repository.take_off)(listing.segment.id, ids, listing.list_kind)
    _log(transaction, listing, ids)
    if not listing.segment.is_dynamic and listing.list_kind == "list":
        _move(transaction, listing, ids)


def _log(transaction: Transaction, listing: _Listing, ids: Sequence[UUID]) -> None:
    """Tell of it in portions; it is an act and no observation, so it has no time of observation."""
    changes: list[ChangeSet] = []
    events: list[OutboxEvent] = []
    segment, origin = listing.segment, listing.origin
    for portion in portions(ids, _PORTION):
        told: Mapping[str, Any] = {LISTS[listing.list_kind]: [str(one) for one in portion]}
        before, after = ({}, told) if listing.is_on else (told, {})
        changes.append(
            ChangeSet(
                "segment",
                segment.id,
                segment.version,
                listing.change,
                origin.actor,
                origin.source,
                observed_at=None,
                recorded_at=origin.recorded_at,
                before=before,
                after=after,
                import_id=origin.import_id,
            )
        )
        kind = LISTING[0 if listing.is_on else 1]
        events.append(
            OutboxEvent(kind, "segment", segment.id, segment.version, origin.recorded_at, told_of_list(portion))
        )
    transaction.history.append(changes)
    transaction.outbox.append(events)


def _move(transaction: Transaction, listing: _Listing, ids: Sequence[UUID]) -> None:
    """Let those who are put on a static list enter, and those who are taken off leave."""
    segment, origin = listing.segment, listing.origin
    known, found = transaction.memberships.of(ids), transaction.contacts.get_many(ids)
    moving = [
        one
        for one in ids
        if (segment.id in known[one]) is not listing.is_on
        and (not listing.is_on or (one in found and found[one].status is RecordStatus.ACTIVE))
    ]
    cause = MoveCause.MANUAL if origin.import_id is None else MoveCause.LIST
    by = MoveOrigin.LIST if origin.import_id is None else MoveOrigin.IMPORT
    record_moves(
        transaction,
        [
            MembershipMove(
                segment.id,
                segment.key,
                one,
                listing.is_on,
                origin.recorded_at,
                cause,
                listing.reason,
                origin.actor,
                by,
                segment.version,
                "",
            )
            for one in moving
        ],
    )
