"""What changed between two versions of an entity, by field, in plain JSON values; and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from mimcore.domain.attributes import is_mapping
from mimcore.domain.entity import Entity
from mimcore.rules.nodes import Rule
from mimcore.values.identifiers import new_id

__all__ = ["ChangeKind", "ChangeSet", "differences", "flatten", "restored"]

E = TypeVar("E", bound=Entity)
_IDENTITY = frozenset({"id", "version"})


class ChangeKind(StrEnum):
    """Why a record changed."""

    CREATED = "created"
    CHANGED = "changed"
    CORRECTED = "corrected"
    ARCHIVED = "archived"
    MERGED = "merged"
    UNMERGED = "unmerged"
    IMPORT_UNDONE = "import_undone"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One change of one record: who, when recorded, when observed, from which source, fields before and after.

    `before` and `after` hold only the fields that differ; a field absent before is None there.
    """

    entity: str
    entity_id: UUID
    version: int
    kind: ChangeKind
    actor: str
    source: str
    observed_at: datetime | None
    recorded_at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    import_id: UUID | None = None
    id: UUID = field(default_factory=new_id)


def flatten(entity: Entity) -> dict[str, Any]:
    """Return an entity as plain values by canonical field name.

    Parts of groups stand on their own; what is missing or at its default is left out.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> flatten(Contact(country="DK"))["contact.demographic.country"]
        'DK'
    """
    prefix = type(entity).__name__.lower()
    flat: dict[str, Any] = {}
    for name, value in _plain(entity).items():
        if name in _IDENTITY:
            continue
        if is_mapping(value) and name not in {"custom", "rule"}:
            flat.update({f"{prefix}.{name}.{part}": inner for part, inner in value.items()})
        else:
            flat[f"{prefix}.{name}"] = value
    return flat


def _plain(entity: Entity) -> dict[str, Any]:
    """Return what is not at its default. A rule is whole: what names its conditions are defaults."""
    plain: dict[str, Any] = entity.model_dump(mode="json", exclude_defaults=True)
    rule: object = getattr(entity, "rule", None)
    return plain | {"rule": rule.model_dump(mode="json", exclude_none=True)} if isinstance(rule, Rule) else plain


def differences(before: Entity | None, after: Entity) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields that differ, before and after.

    Args:
        before: The old version; None for a new record.
        after: The new version.
    """
    old = {} if before is None else flatten(before)
    new = flatten(after)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old.get(name) for name in changed}, {name: new.get(name) for name in changed}


def restored(entity: E, values: Mapping[str, Any]) -> E:
    """Return an entity with some fields set back to plain values.

    Args:
        entity: The present version.
        values: Plain values by canonical field name, None for "was missing", as in a change set.

    Returns:
        The same record, same version, with those fields as they were.
    """
    data: dict[str, Any] = {**_plain(entity), "id": entity.id, "version": entity.version}
    for name, value in values.items():
        _, _, path = name.partition(".")
        head, _, tail = path.partition(".")
        holder: dict[str, Any] = data.setdefault(head, {}) if tail else data
        if value is None:
            holder.pop(tail or head, None)
        else:
            holder[tail or head] = value
        if tail and not holder:
            data.pop(head)
    return type(entity).model_validate(data)
