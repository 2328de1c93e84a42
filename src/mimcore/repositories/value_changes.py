"""Which values of a record are new, and which are gone: what its states follow. Made from the field declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.contact import Contact
from mimcore.domain.entity import Entity
from mimcore.domain.revision import Revision
from mimcore.rules.language.catalogue import FieldSpec

__all__ = ["gone_values", "new_values"]

_POINTS = (("emails", "contact.emails", "email"), ("phones", "contact.phones", "phone"))
_Declared = Mapping[str, tuple[str, str]]
"""By attribute of the holder: canonical name, base pool."""


def new_values(change: Revision[Entity], custom: Iterable[FieldSpec]) -> Iterator[tuple[str, UUID, str]]:
    """Yield (attribute, subject, base pool) of values that were not there before, or are others.

    Args:
        change: A record's beginning, or two versions of it.
        custom: Custom attributes that the new version has values of.
    """
    old, new, changed = change
    own_id = new.id
    for full, pool in _known(new, changed):
        yield full, own_id, pool
    for spec in custom if "custom" in changed else ():
        if (value := _value(spec, new)) is not None and (old is None or value != _value(spec, old)):
            yield spec.name, own_id, spec.pool
    for attribute, full, pool in _POINTS:
        if attribute in changed:
            known = {point.id for point in getattr(old, attribute, ())}
            for point in getattr(new, attribute):
                if point.id not in known:
                    yield full, point.id, pool


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


def _known(entity: Entity, changed: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield canonical name and base pool of the declared values that a version has, of those that differ."""
    own, groups = _declared(type(entity))
    values = entity.__dict__
    for name, inside in changed.items():
        if name in own:
            if values[name] is not None and values[name] != ():
                yield own[name]
        elif name in groups and values[name] is not None:
            declared, held = groups[name], values[name].__dict__
            for one in inside or declared:
                if one in declared and held[one] is not None and held[one] != ():
                    yield declared[one]


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
