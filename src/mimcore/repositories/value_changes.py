"""Which values of a record are new, and which are gone: what its states follow. Made from the field declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.versions.revision import SHAPES, Revision, Shape
from mimcore.rules.language.catalogue import FieldSpec

__all__ = ["gone_values", "new_values"]

_POINTS = (("emails", "contact.emails", "email"), ("phones", "contact.phones", "phone"))
_Declared = Mapping[str, tuple[str, str]]
"""By attribute of the holder: canonical name, base pool."""


def new_values(change: Revision[Entity], custom: Iterable[FieldSpec]) -> list[tuple[str, UUID, str]]:
    """Return (attribute, subject, base pool) of values that were not there before, or are others.

    Args:
        change: A record's beginning, or two versions of it.
        custom: Custom attributes that the new version has values of.
    """
    old, new, changed = change
    own_id = new.id
    found = [(full, own_id, pool) for full, pool in _known(new, changed)]
    found += [
        (spec.name, own_id, spec.pool)
        for spec in (custom if "custom" in changed else ())
        if (value := _value(spec, new)) is not None and (old is None or value != _value(spec, old))
    ]
    for attribute, full, pool in _POINTS:
        if attribute in changed:
            known = {point.id.int for point in getattr(old, attribute, ())}
            found += [(full, one.id, pool) for one in getattr(new, attribute) if one.id.int not in known]
    return found


def gone_values(change: Revision[Entity], custom: Iterable[FieldSpec]) -> Iterator[tuple[str, UUID]]:
    """Yield (attribute, subject) of values that are no longer there; of a new record there are none.

    Args:
        change: A record's beginning, or two versions of it.
        custom: Custom attributes that the old version has values of.
    """
    old, new, changed = change
    if old is None:
        return
    kept = {full for full, _ in _known(new, changed)}
    yield from ((full, new.id) for full, _ in _known(old, changed) if full not in kept)
    for spec in custom if "custom" in changed else ():
        if _value(spec, old) is not None and _value(spec, new) is None:
            yield spec.name, new.id
    for attribute, full, _ in _POINTS:
        if attribute in changed:
            left = {point.id for point in getattr(new, attribute)}
            yield from ((full, point.id) for point in getattr(old, attribute) if point.id not in left)


def _known(entity: Entity, shape: Shape) -> list[tuple[str, str]]:
    """Return canonical name and base pool of the declared values that a version has, of those that differ."""
    values: Mapping[str, Any] = entity.__dict__
    known: list[tuple[str, str]] = []
    for holder, fields in _asked(type(entity), shape):
        held: Mapping[str, Any] = values if not holder else {} if values[holder] is None else values[holder].__dict__
        known += [told for name, told in fields if (value := held.get(name)) is not None and value != ()]
    return known


@lru_cache(SHAPES)
def _asked(kind: type[Entity], shape: Shape) -> tuple[tuple[str, tuple[tuple[str, tuple[str, str]], ...]], ...]:
    """Return the declared values among the fields of a shape: by holder, nothing for the entity itself."""
    own, groups = _declared(kind)
    found = {name: shape[name] or groups[name] for name in shape if name not in own and name in groups}
    return (
        ("", tuple((name, own[name]) for name in shape if name in own)),
        *(
            (name, tuple((one, groups[name][one]) for one in some if one in groups[name]))
            for name, some in found.items()
        ),
    )


@cache
def _declared(kind: type[Entity]) -> tuple[_Declared, Mapping[str, _Declared]]:
    """Return the declared values that an entity holds itself, and those that its groups hold."""
    specs = CONTACT_FIELDS if kind is Contact else ACCOUNT_FIELDS if kind is Account else ()
    groups: dict[str, dict[str, tuple[str, str]]] = {}
    for spec in specs:
        if not spec.is_derived:
            _, *holder, name = spec.name.split(".")
            groups.setdefault(".".join(holder), {})[name] = (spec.name, spec.pool)
    return groups.pop("", {}), groups


def _value(spec: FieldSpec, entity: Entity) -> Any:
    value = spec.read(entity)
    return None if spec.is_collection and not value else value
