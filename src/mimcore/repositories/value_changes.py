"""Which values of a record are new, and which are gone: what its states follow. Made from the field declarations.

Most groups of most records are empty or as they were; those are passed over in one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.contact import Contact
from mimcore.domain.entity import Entity
from mimcore.rules.language.catalogue import FieldSpec

__all__ = ["gone_values", "new_values"]

_POINTS = (("emails", "contact.emails", "email"), ("phones", "contact.phones", "phone"))
_Parts = tuple[tuple[str, str, str], ...]
"""Attribute of the holder, canonical name, base pool."""


def new_values(old: Entity | None, new: Entity, custom: Iterable[FieldSpec]) -> Iterator[tuple[str, UUID, str]]:
    """Yield (attribute, subject, base pool) of values that were not there before, or are others.

    Args:
        old: The version before; None for a new record.
        new: The version now.
        custom: Custom attributes that the new version has values of.
    """
    own_id = new.id
    for before, after, parts in _differing(old, new):
        for name, full, pool in parts:
            value = after[name]
            if value is not None and value != () and (before is None or value != before[name]):
                yield full, own_id, pool
    for spec in custom:
        if (value := _known(spec, new)) is not None and (old is None or value != _known(spec, old)):
            yield spec.name, new.id, spec.pool
    if isinstance(new, Contact):
        for attribute, full, pool in _POINTS:
            known = {point.id for point in getattr(old, attribute, ())}
            for point in getattr(new, attribute):
                if point.id not in known:
                    yield full, point.id, pool


def gone_values(old: Entity, new: Entity, custom: Iterable[FieldSpec]) -> Iterator[tuple[str, UUID]]:
    """Yield (attribute, subject) of values that are no longer there.

    Args:
        old: The version before.
        new: The version now.
        custom: Custom attributes that the old version has values of.
    """
    for after, before, parts in _differing(new, old):
        for name, full, _ in parts:
            if before[name] not in _NOTHING and (after is None or after[name] in _NOTHING):
                yield full, new.id
    for spec in custom:
        if _known(spec, old) is not None and _known(spec, new) is None:
            yield spec.name, new.id
    if isinstance(new, Contact):
        for attribute, full, _ in _POINTS:
            kept = {point.id for point in getattr(new, attribute)}
            yield from ((full, point.id) for point in getattr(old, attribute) if point.id not in kept)


_NOTHING: tuple[Any, ...] = (None, ())


def _differing(
    base: Entity | None, other: Entity
) -> Iterator[tuple[Mapping[str, Any] | None, Mapping[str, Any], _Parts]]:
    """Yield the values of every holder that is not the same in both: of the base (None: it is empty), of the other."""
    for holder, empty, parts in _holders(type(other)):
        if not holder:
            yield (None if base is None else base.__dict__), other.__dict__, parts
            continue
        here = other.__dict__[holder]
        if here is None or here is empty:
            continue
        there = None if base is None else base.__dict__[holder]
        if there is None or there is empty:
            yield None, here.__dict__, parts
        elif there is not here and there.__dict__ != here.__dict__:
            yield there.__dict__, here.__dict__, parts


@cache
def _holders(kind: type[Entity]) -> tuple[tuple[str, Any, _Parts], ...]:
    """Return the holders of an entity's declared values: itself (no name) and its groups, with their empty form."""
    specs = CONTACT_FIELDS if kind is Contact else ACCOUNT_FIELDS if kind is Account else ()
    own = [spec for spec in specs if not spec.is_derived]
    return tuple(
        (holder, kind.model_fields[holder].default if holder else None, tuple(_part(spec) for spec in inside))
        for holder, inside in groupby(own, _holder)
    )


def _holder(spec: FieldSpec) -> str:
    parts = spec.name.split(".")
    return parts[1] if len(parts) > 2 else ""


def _part(spec: FieldSpec) -> tuple[str, str, str]:
    return spec.name.rpartition(".")[2], spec.name, spec.pool


def _known(spec: FieldSpec, entity: Entity) -> Any:
    value = spec.read(entity)
    return None if spec.is_collection and not value else value
