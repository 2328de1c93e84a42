"""What is told of written records: a change set each, and an event beside it.

A batch writes thousands of records of a few sorts: what follows from the names of the fields alone is made once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from mimcore.domain.declaring.entity import Entity
from mimcore.domain.versions.changes import ChangeKind, ChangeSet, plain_changes
from mimcore.domain.versions.revision import SHAPES, Revision
from mimcore.repositories.origin import Origin
from mimcore.repositories.records import OutboxEvent
from mimcore.values.identifiers import new_ids
from mimcore.values.mapping import FrozenMapping

__all__ = ["change_sets", "events_of"]


def change_sets(kind: ChangeKind, writes: Sequence[tuple[Revision[Entity], Origin]]) -> list[ChangeSet]:
    """Return the change sets of written records.

    Args:
        kind: Why they were written.
        writes: What changed, each with its provenance.
    """
    ids = new_ids(len(writes))
    return [_change_set(kind, change, origin, own) for (change, origin), own in zip(writes, ids, strict=True)]


def events_of(changes: Sequence[ChangeSet]) -> list[OutboxEvent]:
    """Return the events that tell of changes.

    Args:
        changes: Change sets, in the order in which they happened.
    """
    return [
        OutboxEvent(
            f"{one.entity}_{one.kind}",
            one.entity,
            one.entity_id,
            one.version,
            one.recorded_at,
            _told(tuple(one.after)),
            id=own,
        )
        for one, own in zip(changes, new_ids(len(changes)), strict=True)
    ]


@lru_cache(SHAPES)
def _told(fields: tuple[str, ...]) -> Mapping[str, Any]:
    """Return what an event tells of the fields that differ: one mapping for all events of the same."""
    return FrozenMapping({"fields": sorted(fields)})


def _change_set(kind: ChangeKind, change: Revision[Entity], origin: Origin, own_id: UUID) -> ChangeSet:
    new = change.new
    before, after = plain_changes(change)
    return ChangeSet(
        type(new).__name__.lower(),
        new.id,
        new.version,
        kind,
        origin.actor,
        origin.source,
        observed_at=origin.observed_at,
        recorded_at=origin.recorded_at,
        before=before,
        after=after,
        import_id=origin.import_id,
        id=own_id,
    )
