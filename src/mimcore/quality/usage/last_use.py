"""When data was last read: from the history of segments, whose rules of then are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.errors import MimcoreError
from mimcore.quality.usage.readers import Reader, reader_of_rule
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.interchange.document import from_data
from mimcore.rules.language.nodes import Rule

__all__ = ["LastUses", "last_uses"]

_RULE, _ARCHIVED = "segment.rule", "segment.is_archived"


@dataclass(frozen=True, slots=True)
class LastUses:
    """When a segment last ceased to read something.

    Attributes:
        attributes: By stored attribute.
        kinds: By kind of interaction.
    """

    attributes: dict[str, datetime]
    kinds: dict[str, datetime]


def last_uses(work: UnitOfWork) -> LastUses:
    """Return what segments read before their rules were changed, or they were archived or taken back.

    Args:
        work: Open unit of work.
    """
    known: dict[str, Rule | None] = {one.key: one.rule for one in work.segments.all()}
    found = LastUses({}, {})
    for segment in work.segments.all():
        for reader, at in _ended(segment.key, work.history(segment), known):
            for name in reader.attributes:
                found.attributes[name] = max(at, found.attributes.get(name, at))
            for kind in reader.event_kinds:
                found.kinds[kind] = max(at, found.kinds.get(kind, at))
    return found


def _ended(key: str, changes: Iterable[ChangeSet], known: dict[str, Rule | None]) -> Iterator[tuple[Reader, datetime]]:
    """Yield what a segment read until a change, with the time of the change."""
    rule: Any = None
    is_archived = False
    for change in changes:
        if change.is_of_list:
            continue
        touches = _RULE in change.after or _RULE in change.before or change.after.get(_ARCHIVED) is True
        if rule is not None and not is_archived and touches and change.kind is not ChangeKind.CREATED:
            read = _read(key, rule, known)
            if read is not None:
                yield read, change.recorded_at
        if _RULE in change.before or _RULE in change.after:
            rule = change.after.get(_RULE)
        if _ARCHIVED in change.before or _ARCHIVED in change.after:
            is_archived = bool(change.after.get(_ARCHIVED))


def _read(key: str, rule: Any, known: dict[str, Rule | None]) -> Reader | None:
    """Return what a stored rule read; None where it is of a language that is no longer understood."""
    try:
        return reader_of_rule("segment", key, [from_data(rule)], known)
    except MimcoreError:
        return None
