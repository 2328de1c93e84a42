"""Lists of static segments: who is put on and taken off, and the trace of it in the segment's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from mimcore.domain.changes import ChangeKind, ChangeSet
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError
from mimcore.repositories.origin import Origin
from mimcore.repositories.ports import Transaction

__all__ = ["LISTED", "put_on_list", "static", "take_off_list"]

LISTED = "segment.members"
"""Name under which a change set tells whom a list gained or lost."""

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


def put_on_list(transaction: Transaction, segment: Segment, contact_ids: Iterable[UUID], origin: Origin) -> None:
    """Put contacts on a static segment's list; those already on it stay, and are not told of again.

    Args:
        transaction: An open transaction.
        segment: A stored segment without a rule.
        contact_ids: Stored contacts.
        origin: Provenance of the write.
    """
    wanted = list(dict.fromkeys(contact_ids))
    transaction.contacts.lock(wanted)  # two writers would each tell of the same change
    lists = transaction.segments.lists_of(wanted)
    new = [one for one in wanted if segment.key not in lists.get(one, frozenset())]
    transaction.segments.put_on(segment.id, new)
    _log(transaction, ChangeKind.LISTED, segment, new, origin)


def take_off_list(transaction: Transaction, segment: Segment, contact_ids: Iterable[UUID], origin: Origin) -> None:
    """Take contacts off a static segment's list; see `put_on_list`.

    Args:
        transaction: An open transaction.
        segment: A stored segment without a rule.
        contact_ids: Contacts; those that are not on the list are let be.
        origin: Provenance of the write.
    """
    wanted = list(dict.fromkeys(contact_ids))
    transaction.contacts.lock(wanted)  # two writers would each tell of the same change
    lists = transaction.segments.lists_of(wanted)
    gone = [one for one in wanted if segment.key in lists.get(one, frozenset())]
    transaction.segments.take_off(segment.id, gone)
    _log(transaction, ChangeKind.UNLISTED, segment, gone, origin)


def _log(transaction: Transaction, kind: ChangeKind, segment: Segment, ids: Sequence[UUID], origin: Origin) -> None:
    """Tell of it in portions; it is an act and no observation, so it has no time of observation."""
    changes: list[ChangeSet] = []
    for start in range(0, len(ids), _PORTION):
        told: Mapping[str, Any] = {LISTED: [str(one) for one in ids[start : start + _PORTION]]}
        before, after = ({}, told) if kind is ChangeKind.LISTED else (told, {})
        changes.append(
            ChangeSet(
                "segment",
                segment.id,
                segment.version,
                kind,
                origin.actor,
                origin.source,
                observed_at=None,
                recorded_at=origin.recorded_at,
                before=before,
                after=after,
                import_id=origin.import_id,
            )
        )
    transaction.history.append(changes)
