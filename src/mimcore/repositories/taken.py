"""Which record exists already: one sentence, whichever engine refused it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mimcore.domain.campaign import Campaign
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.errors import DuplicateKeyError
from mimcore.repositories.ports import Repository

__all__ = ["naming_the_taken"]

_Keyed = Segment | Source | Campaign


def naming_the_taken(
    port: Repository[Any], entities: Sequence[Entity], write: Callable[[], None], *, are_new: bool
) -> None:
    """Write, and name kind and key, or id, of the record that exists already where the engine refuses one of several.

    An engine stores all or none, and its transaction can go on: it is asked again here, which costs nothing as long as
    nothing is refused. What it does not find (another transaction's, or a part of a record) stays the engine's error.

    Args:
        port: The repository that writes them.
        entities: Entities of one type.
        write: Writes them.
        are_new: Whether they are added; else they replace what is stored.

    Raises:
        DuplicateKeyError: With the record and the way out, and without what the engine said.
    """
    refused: DuplicateKeyError | None = None
    try:
        write()
    except DuplicateKeyError as error:
        refused = error
    if refused is not None:  # outside of the handler: an error raised inside carries the engine's as its context
        raise (_stored(port, entities) if are_new else None) or _key_taken(port, entities) or refused


def _stored(port: Repository[Any], entities: Sequence[Entity]) -> DuplicateKeyError | None:
    met = port.get_many([one.id for one in entities])
    for entity in entities:
        if entity.id in met:
            return DuplicateKeyError(f"{_named(met[entity.id])} exists already: update it instead")
        met[entity.id] = entity
    return None


def _key_taken(port: Any, entities: Sequence[Entity]) -> DuplicateKeyError | None:
    owners: dict[str, Entity] = {}
    for entity in entities:
        if isinstance(entity, _Keyed):
            owner = owners.setdefault(entity.key, entity)
            stored = port.with_key(entity.key)
            if owner.id != entity.id or (stored is not None and stored.id != entity.id):
                return DuplicateKeyError(
                    f"{_named(entity)} exists already: update it instead, or give this one another key"
                )
    return None


def _named(entity: Entity) -> str:
    kind = type(entity).__name__.lower()
    return f"{kind} '{entity.key}'" if isinstance(entity, _Keyed) else f"{kind} {entity.id}"
