"""What changed between two versions of an entity, by field, in plain JSON values; and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from mimcore.domain.declaring.entity import Entity, as_stored
from mimcore.domain.versions.plain import known_parts, parts_of, plain, plain_part
from mimcore.domain.versions.revision import SHAPES, Revision, Shape, first, is_group, revision
from mimcore.rules.language.nodes import Rule
from mimcore.values.identifiers import new_id
from mimcore.values.mapping import FrozenMapping, is_frozen_mapping
from mimcore.values.model import FrozenModel

__all__ = ["ChangeKind", "ChangeSet", "built_from", "differences", "flatten", "plain_changes", "restored"]

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
    LISTED = "listed"
    UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One change of one record: who, when recorded, when observed, from which source, fields before and after.

    `before` and `after` hold only the fields that differ; a field absent before is None there. They are personal, and
    in no repr. `listed` and `unlisted` tell whom a static segment listed and no longer lists, as `segment.members`:
    the segment's version stays.
    """

    entity: str
    entity_id: UUID
    version: int
    kind: ChangeKind
    actor: str
    source: str
    observed_at: datetime | None
    recorded_at: datetime
    before: Mapping[str, Any] = field(repr=False)
    after: Mapping[str, Any] = field(repr=False)
    import_id: UUID | None = None
    id: UUID = field(default_factory=new_id)

    def __str__(self) -> str:
        """When, by whom and from where which fields changed; their values are in `before` and `after`."""
        fields = ", ".join(sorted(self.before.keys() | self.after.keys()))
        by = f"by {self.actor} ({self.source}), version {self.version}"
        return f"{self.recorded_at:%Y-%m-%d %H:%M} UTC {self.entity} {self.kind.value} {by}: {fields}"

    @property
    def is_removal(self) -> bool:
        """Whether the record is gone since: an import that had made it was taken back."""
        return self.kind is ChangeKind.IMPORT_UNDONE and not self.after

    @property
    def is_of_list(self) -> bool:
        """Whether it tells of a static segment's list and not of the record itself."""
        return self.kind in _OF_LISTS

    @property
    def counts_from(self) -> datetime:
        """When it was observed; an undated one counts from when it was recorded."""
        return self.recorded_at if self.observed_at is None else self.observed_at


_OF_LISTS = frozenset({ChangeKind.LISTED, ChangeKind.UNLISTED})


def flatten(entity: Entity) -> dict[str, Any]:
    """Return an entity as plain values by canonical field name.

    Parts of groups stand on their own; what is missing or at its default is left out.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> flatten(Contact(country="DK"))["contact.demographic.country"]
        'DK'
    """
    return _flat(entity, first(entity).changed)


def _flat(entity: Entity, shape: Shape) -> dict[str, Any]:
    """Return some fields of a record, of groups some parts, as plain values; a default is None or left out."""
    flat: dict[str, Any] = {}
    inside, own, names = _named(type(entity), shape)
    values = entity.__dict__
    for full, holder, name in inside:
        flat[full] = plain_part(values[holder], name)
    for name in known_parts(entity, own):
        part = values[name]
        if type(part) is tuple:
            flat[names[name]] = plain(part)
        else:
            flat.update(_whole(name, names[name], part))
    return flat


@lru_cache(SHAPES)
def _named(
    kind: type[Entity], shape: Shape
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...], Mapping[str, str]]:
    """Return the parts of groups that a shape names, by canonical name; its other fields, and their names."""
    names = _names(kind)
    own = tuple(name for name, inside in shape.items() if not inside and name not in _IDENTITY)
    parts = ((f"{names[name]}.{one}", name, one) for name, inside in shape.items() for one in inside)
    return tuple(parts), own, names


def _whole(name: str, full: str, part: Any) -> Iterable[tuple[str, Any]]:
    """Return a field in plain values: one by one what stands in a group or a mapping."""
    if is_group(name, part):
        group: FrozenModel = part
        inside = _names(type(group), full)
        return [(inside[inner], plain(one)) for inner, one in parts_of(group).items()]
    if type(part) is not tuple and is_frozen_mapping(part):
        return [(f"{full}.{inner}", plain(one)) for inner, one in part.items()]
    return [(full, _plain_part(name, part))]


@cache
def _names(kind: type[FrozenModel], holder: str | None = None) -> dict[str, str]:
    """Return the canonical name of every field; of a group's in its holder."""
    prefix = kind.__name__.lower() if holder is None else holder
    return {name: f"{prefix}.{name}" for name in kind.model_fields}


def _plain(entity: Entity) -> dict[str, Any]:
    """Return what is not at its default."""
    return {name: _plain_part(name, part) for name, part in parts_of(entity).items()}


def _plain_part(name: str, part: Any) -> Any:
    """Return a part in plain values. A rule is whole: what names its conditions are defaults."""
    return part.model_dump(mode="json", exclude_none=True) if name == "rule" and isinstance(part, Rule) else plain(part)


def differences(before: Entity | None, after: Entity) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the fields that differ, before and after.

    Args:
        before: The old version; None for a new record.
        after: The new version.
    """
    return plain_changes(first(after) if before is None else revision(before, after))


def plain_changes(change: Revision[Entity]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what differs in a revision, before and after.

    Args:
        change: A record's beginning, or two versions of it.
    """
    new = _flat(change.new, change.changed)
    if change.old is None:
        return _nothing(tuple(new)), new
    old = _flat(change.old, change.changed)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old.get(name) for name in changed}, {name: new.get(name) for name in changed}


@lru_cache(SHAPES)
def _nothing(names: tuple[str, ...]) -> Mapping[str, None]:
    """Return what was before the first version: one mapping for all records that begin with the same fields."""
    return FrozenMapping(dict.fromkeys(names))


def restored(entity: E, values: Mapping[str, Any]) -> E:
    """Return an entity with some fields set back to plain values.

    Args:
        entity: The present version.
        values: Plain values by canonical field name, None for "was missing", as in a change set.

    Returns:
        The same record, same version, with those fields as they were.
    """
    whole = _nested(_plain(entity), values) | {"id": entity.id, "version": entity.version}
    with as_stored():
        return type(entity).model_validate(whole)


def built_from(kind: type[E], entity_id: UUID, version: int, values: Mapping[str, Any]) -> E:
    """Return a record made of plain values alone; the inverse of `flatten`.

    Args:
        kind: The aggregate.
        entity_id: Its id.
        version: Its version.
        values: Plain values by canonical field name, None for what is missing.

    Raises:
        InvalidValueError: If they do not make a record: a name or key is missing, or values contradict each other.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> built_from(Contact, UUID(int=1), 3, {"contact.demographic.city": "Odense"}).demographic.city
        'Odense'
    """
    with as_stored():
        return kind.model_validate(_nested({}, values) | {"id": entity_id, "version": version})


def _nested(data: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put plain values by canonical field name into a record's plain values."""
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
    return data
