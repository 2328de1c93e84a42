"""Records at an instant with hindsight: everything that was recorded since counts if it was observed by then.

For each field the observation with the greatest time of observation wins, of several with the same time the one that
was recorded last. A record is there as soon as one observation of it is. What an import brought that was taken back
since never counts: with hindsight it is known to be wrong. Merges count from when they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from mimcore.domain.declaring.entity import Entity
from mimcore.domain.versions.changes import ChangeKind, ChangeSet, built_from
from mimcore.errors import InvalidValueError
from mimcore.repositories.past.histories import Placed
from mimcore.repositories.past.moment import Past

__all__ = ["folded", "observations", "replacements"]

E = TypeVar("E", bound=Entity)


def observations(placed: Sequence[Placed], past: Past) -> list[Placed]:
    """Return a record's changes that count with hindsight, in the order in which they win.

    Args:
        placed: All its changes, in the order of recording.
        past: The instant.
    """
    removed = max((index for index, (_, change) in enumerate(placed) if change.is_removal), default=-1)
    known = [entry for entry in _without_undone(placed[removed + 1 :]) if past.knows(entry[1])]
    return sorted(known, key=lambda entry: (entry[1].counts_from, entry[0]))


def replacements(known: Sequence[Placed]) -> Iterator[ChangeSet]:
    """Yield a record's observations as changes of what was observed before them, whenever each was recorded.

    Args:
        known: What `observations` returned.
    """
    held: dict[str, Any] = {}
    for _, change in known:
        if not change.is_of_list:
            yield replace(change, before={name: held.get(name) for name in change.after})
            held.update(change.after)


def _without_undone(placed: Sequence[Placed]) -> list[Placed]:
    """Leave out what imports brought that were taken back, and the taking back."""
    annulled: dict[UUID | None, set[str]] = {}
    kept: list[Placed] = []
    for number, change in reversed(placed):
        if change.kind is ChangeKind.IMPORT_UNDONE:
            annulled.setdefault(change.import_id, set()).update(change.after)
            continue
        gone = annulled.get(change.import_id, set()) if change.import_id is not None else set[str]()
        after = {name: value for name, value in change.after.items() if name not in gone}
        if after or not gone:
            kept.append((number, replace(change, after=after) if gone else change))
    return kept[::-1]


def folded(kind: type[E], entity_id: UUID, known: Sequence[Placed]) -> E | None:
    """Return a record made of observations, or None if it is not there yet.

    A value that only makes sense together with one that was observed later (a title without a name) waits for it; and
    so does a whole record that lacks what it must have (an account its name).

    Args:
        kind: The aggregate.
        entity_id: Its id.
        known: Its observations, the one that wins last.
    """
    values: dict[str, Any] = {}
    version = 0
    for _, change in known:
        if not change.is_of_list:
            values.update(change.after)
            version = max(version, change.version)
    return _made(kind, entity_id, version, values) if version else None


def _made(kind: type[E], entity_id: UUID, version: int, values: Mapping[str, Any]) -> E | None:
    groups = dict.fromkeys(".".join(name.split(".")[:2]) for name in values)
    for waiting in ("", *groups):
        rest = {name: value for name, value in values.items() if ".".join(name.split(".")[:2]) != waiting}
        try:
            return built_from(kind, entity_id, version, rest)
        except InvalidValueError:
            continue
    return None
