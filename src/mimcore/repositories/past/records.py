"""Records as they were known at an instant: what is stored, with everything undone that was recorded since.

Only the changes since then are read, the newest first. Where the clocks of two writers disagree, so that a record's
newest version is not the one recorded last, that record is put together from its beginning instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from mimcore.domain.declaring.entity import Entity
from mimcore.domain.interaction import Interaction
from mimcore.domain.segment import ListKind, listed_as
from mimcore.domain.versions.changes import ChangeKind, ChangeSet, built_from, restored
from mimcore.repositories.declared import Declarations
from mimcore.repositories.listing import LISTS
from mimcore.repositories.past.histories import KINDS, Held, histories
from mimcore.repositories.past.moment import Past
from mimcore.repositories.ports import Transaction
from mimcore.repositories.recording import repository_of

__all__ = ["Lists", "created_as", "events_then", "lists_then", "records_then", "replayed"]

E = TypeVar("E", bound=Entity)
Lists = dict[tuple[UUID, ListKind], set[UUID]]
"""Ids of contacts by id of the segment and kind of the list."""


def records_then(transaction: Transaction, past: Past, since: Sequence[ChangeSet], kind: type[E]) -> Held:
    """Return the records of a kind as they were known.

    Args:
        transaction: Open transaction.
        past: The instant.
        since: All changes recorded after it, the newest first.
        kind: The aggregate.

    Returns:
        Records by id.
    """
    later: dict[UUID, list[ChangeSet]] = {}
    for change in since:
        if KINDS.get(change.entity) is kind and not change.is_of_list:
            later.setdefault(change.entity_id, []).append(change)
    typed, found, unclear = Declarations(transaction.attributes).typed, dict[UUID, E](), set(later)
    for entity in repository_of(transaction, kind).all():
        changes = later.get(entity.id)
        if changes is None:
            found[entity.id] = entity
        elif _are_newest(changes, entity):
            unclear.discard(entity.id)
            if changes[-1].kind is not ChangeKind.CREATED:
                found[entity.id] = typed(_rewound(entity, changes))
    for one, placed in histories(transaction, sorted(unclear, key=lambda one: one.int)):
        known = replayed(kind, one, [change for _, change in placed if past.knows(change)])
        if known is not None:
            found[one] = typed(known)
    return found


def _are_newest(changes: Sequence[ChangeSet], entity: Entity) -> bool:
    """Tell whether changes, the newest first, are what made the stored version and the ones right before it."""
    expected = range(entity.version, entity.version - len(changes), -1)
    return [change.version for change in changes] == list(expected)


def _rewound(entity: E, changes: Sequence[ChangeSet]) -> E:
    values: dict[str, Any] = {}
    for change in changes:
        values.update(change.before)
    return restored(entity, values).model_copy(update={"version": changes[-1].version - 1})


def replayed(kind: type[E], entity_id: UUID, changes: Iterable[ChangeSet]) -> E | None:
    """Return a record put together from its changes, or None if it is not there after them.

    Args:
        kind: The aggregate.
        entity_id: Its id.
        changes: In the order of recording.
    """
    values: dict[str, Any] = {}
    version = 0
    for change in changes:
        if change.is_removal:
            values, version = {}, 0
        elif not change.is_of_list:
            values.update(change.after)
            version = max(version, change.version)
    return built_from(kind, entity_id, version, values) if version else None


def created_as(transaction: Transaction, kind: type[E], ids: Iterable[UUID]) -> Held:
    """Return records as they were created, for what refers to one that was not known yet.

    Args:
        transaction: Open transaction.
        kind: The aggregate.
        ids: Ids of records; those that never were are left out.
    """
    typed, found = Declarations(transaction.attributes).typed, dict[UUID, E]()
    for one, placed in histories(transaction, ids):
        first = next((change for _, change in placed if change.kind is ChangeKind.CREATED), None)
        if first is not None:
            found[one] = typed(built_from(kind, one, first.version, first.after))
    return found


def lists_then(
    transaction: Transaction, since: Iterable[ChangeSet], segments: Mapping[UUID, Any], contact_ids: Iterable[UUID]
) -> Lists:
    """Return whom each list of a segment held; a list changes when somebody changes it, under hindsight too.

    Args:
        transaction: Open transaction.
        since: All changes recorded after the instant, the newest first.
        segments: The segments that are stored now.
        contact_ids: The contacts that are stored now.

    Returns:
        Ids of contacts by id of the segment and kind of the list.
    """
    by_key = {segment.key: one for one, segment in segments.items()}
    lists: Lists = {}
    for contact_id, names in transaction.segments.lists_of(contact_ids).items():
        for key, kind in map(listed_as, names):
            lists.setdefault((by_key[key], kind), set()).add(contact_id)
    for change in since:
        if not change.is_of_list:
            continue
        for kind, name in LISTS.items():
            held = lists.setdefault((change.entity_id, kind), set())
            held.difference_update(map(UUID, change.after.get(name, ())))
            held.update(map(UUID, change.before.get(name, ())))
    return lists


def events_then(transaction: Transaction, past: Past, since: Iterable[ChangeSet]) -> list[Interaction]:
    """Return the interactions that were known; with hindsight, those that are known now and happened by then.

    What an import recorded that was taken back since was known as long as it stood. An interaction without a recorded
    time (stored by other means than a unit of work) counts from when it happened.

    Args:
        transaction: Open transaction.
        past: The instant.
        since: All changes recorded after it.
    """
    known = list(transaction.interactions.all())
    if not past.hindsight:
        gone = (change for change in since if change.entity == "interaction" and change.is_removal)
        known += [Interaction.model_validate(change.before["interaction"]) for change in gone]
    return [event for event in known if past.holds(event.recorded_at or event.at, event.at)]
