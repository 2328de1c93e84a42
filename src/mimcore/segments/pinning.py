"""Including and excluding people by hand, whatever the rule says: they stay so until they are released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from mimcore.domain.membership import MembershipMove, MoveCause, MoveOrigin
from mimcore.domain.segment import ListKind, Segment
from mimcore.repositories.listing import put_on_list, take_off_list
from mimcore.repositories.moving import record_moves
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.segments.fingerprints import content_hash
from mimcore.segments.reasons import true_among

__all__ = ["pin", "release"]

_OTHER: dict[ListKind, ListKind] = {"include": "exclude", "exclude": "include"}


def pin(work: UnitOfWork, segment: Segment, contact_ids: Iterable[UUID], kind: ListKind, reason: str) -> None:
    """Include or exclude contacts by hand; they enter or leave at once.

    Args:
        work: Open unit of work.
        segment: A stored segment.
        contact_ids: Stored contacts.
        kind: `include` or `exclude`.
        reason: Why, in a few words without personal data.
    """
    ids = list(contact_ids)
    marked = segment if segment.is_pinned else work.change(segment, is_pinned=True)
    take_off_list(work.transaction, marked, ids, work.origin, _OTHER[kind], reason=reason)
    put_on_list(work.transaction, marked, ids, work.origin, kind, reason=reason)
    if marked.is_dynamic:
        _move(work, marked, ids, MoveOrigin(kind), reason)
    else:
        (put_on_list if kind == "include" else take_off_list)(work.transaction, marked, ids, work.origin, reason=reason)


def release(work: UnitOfWork, segment: Segment, contact_ids: Iterable[UUID], reason: str) -> None:
    """Let the rule decide about contacts again; on a list kept by hand they stay as they are.

    Args:
        work: Open unit of work.
        segment: A stored segment.
        contact_ids: Stored contacts.
        reason: Why, in a few words without personal data.
    """
    ids = list(contact_ids)
    for kind in _OTHER:
        take_off_list(work.transaction, segment, ids, work.origin, kind, reason=reason)
    if segment.is_dynamic:
        _move(work, segment, ids, MoveOrigin.RULE, reason)


def _move(work: UnitOfWork, segment: Segment, ids: Sequence[UUID], origin: MoveOrigin, reason: str) -> None:
    """Bring the membership of a few contacts to what the rule and the hand say now."""
    rule = segment.effective_rule
    if rule is None:
        return
    at = work.origin.recorded_at
    true, known = frozenset(true_among(work, at)(rule, ids)), work.transaction.memberships.of(ids)
    moving = [one for one in ids if (one in true) is not (segment.id in known[one])]
    record_moves(
        work.transaction,
        [
            MembershipMove(
                segment.id,
                segment.key,
                one,
                one in true,
                at,
                MoveCause.MANUAL,
                reason,
                work.origin.actor,
                origin,
                segment.version,
                content_hash(segment.rule),
            )
            for one in moving
        ],
    )
