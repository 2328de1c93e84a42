"""Which fields of a record an import can give back: read from its history, newest change first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.repositories.origin import Origin

__all__ = ["Past", "past_of", "touched_by_others"]


@dataclass(frozen=True, slots=True)
class Past:
    """What a record was before an import.

    Attributes:
        values: Plain values by field, None for "was missing", as `restored` takes them.
        brought_by: The change that first brought each of these values, or None.
        kept: Fields that stay, because a later change touched them.
    """

    values: Mapping[str, Any] = field(repr=False)
    brought_by: Mapping[str, ChangeSet | None] = field(repr=False)
    kept: frozenset[str]

    def origins(self, origin: Origin) -> dict[Origin, list[str]]:
        """Return the fields by source and time of observation of the values that come back.

        Args:
            origin: Origin of the undo, for everything else.
        """
        found: dict[Origin, list[str]] = {}
        for name, change in self.brought_by.items():
            if change is not None:
                own = replace(origin, source=change.source, observed_at=change.observed_at)
                found.setdefault(own, []).append(name)
        return found


def past_of(history: Sequence[ChangeSet], import_id: UUID) -> Past:
    """Return what goes back to which value, and what stays because it was touched since.

    Other imports that were taken back count as if they had never been.

    Args:
        history: Changes of one record, oldest first.
        import_id: The import that is taken back.
    """
    values: dict[str, Any] = {}
    brought_by: dict[str, ChangeSet | None] = {}
    kept: set[str] = set()
    touched: set[str] = set()
    for change, fields in _standing(history):
        brought_by.update({name: change for name in fields if brought_by.get(name, change) is None})
        if change.import_id == import_id:
            back = {name: value for name, value in change.before.items() if name not in touched}
            values.update(back)
            brought_by.update(dict.fromkeys(back))
            kept |= {name for name in change.before if name in touched and name not in values}
        else:
            touched |= fields
    return Past(values, brought_by, frozenset(kept))


def touched_by_others(history: Sequence[ChangeSet], import_id: UUID) -> frozenset[str] | None:
    """Return the fields that others than an import changed, or None if nobody else changed anything.

    Other imports that were taken back count as if they had never been.

    Args:
        history: Changes of one record, oldest first.
        import_id: The import that made the record.
    """
    others = [fields for change, fields in _standing(history) if change.import_id != import_id]
    return frozenset[str]().union(*others) if others else None


def _standing(history: Sequence[ChangeSet]) -> Iterator[tuple[ChangeSet, AbstractSet[str]]]:
    """Yield the changes, newest first, each with the fields that no undo of its import has given back since."""
    annulled: dict[UUID | None, set[str]] = {}
    for change in reversed(history):
        if change.kind is ChangeKind.IMPORT_UNDONE:
            annulled.setdefault(change.import_id, set()).update(change.after)
            continue
        fields = change.after.keys() - annulled.get(change.import_id, set())
        if fields or not change.after:
            yield change, fields
