"""Which value survives a merge: the newest by the time it was seen; empty never wins, nor an initial; lists unite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.points import ContactPoint, PointState
from mimcore.domain.versions.changes import flatten, restored
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.values.instants import EARLIEST
from mimcore.values.names import is_initial_of

__all__ = ["Survival", "golden_record", "seen_at", "survivals"]

_LED_BY = {"contact.demographic.age_band_on": "contact.demographic.age_band"}
"""A day that means nothing without its band goes where the band goes."""

_WRITTEN_OUT = frozenset({"contact.name.given", "contact.name.middle", "contact.name.family"})
"""Names of which an initial is no news."""

_CAUTION = (PointState.UNVERIFIED, PointState.VERIFIED, PointState.BOUNCED, PointState.INVALID)
P = TypeVar("P", bound=ContactPoint)


@dataclass(frozen=True, slots=True)
class Survival:
    """Where the value of one field comes from, and why.

    Attributes:
        field: Canonical field name.
        from_other: Whether it comes from the record that is merged into the survivor.
        why: The rule that decided, in words, without values.
        is_united: Whether the values of both records are kept.
    """

    field: str
    from_other: bool
    why: str
    is_united: bool = False


States = Mapping[str, FreshnessState]


def survivals(survivor: Contact, other: Contact, mine: States, theirs: States) -> tuple[Survival, ...]:
    """Decide field by field which value survives; only fields in which the records differ.

    Args:
        survivor: The record that keeps its id.
        other: The record that is merged into it.
        mine: States of the survivor's values by field.
        theirs: States of the other's values by field.
    """
    decided: dict[str, Survival] = {}
    for spec in CONTACT_FIELDS:
        left, right = spec.read(survivor), spec.read(other)
        if not spec.is_derived and left != right and right not in {None, ()}:
            leader = decided.get(_LED_BY.get(spec.name, ""))
            decided[spec.name] = _led(spec, leader) or _decided(spec.name, left, right, mine, theirs)
    for name, right in other.custom.items():
        field, left = f"contact.custom.{name}", survivor.custom.get(name)
        if left != right:
            decided[field] = _decided(field, left, right, mine, theirs)
    return tuple(decided.values())


def _led(spec: FieldSpec, leader: Survival | None) -> Survival | None:
    return None if leader is None else Survival(spec.name, leader.from_other, leader.why)


def _decided(name: str, left: object, right: object, mine: States, theirs: States) -> Survival:
    if left in {None, ()}:
        return Survival(name, from_other=True, why="only this record has a value")
    if isinstance(right, tuple):
        return Survival(name, from_other=True, why="both lists, united", is_united=True)
    if name in _WRITTEN_OUT and (shorter := _initial(str(left), str(right))):
        return Survival(name, from_other=shorter == left, why="the same name, written out")
    is_newer = seen_at(theirs.get(name)) > seen_at(mine.get(name))
    why = "seen more recently" if is_newer else "seen at least as recently here"
    return Survival(name, from_other=is_newer, why=why)


def _initial(left: str, right: str) -> str | None:
    """Return the one of two names that is the other's initial."""
    if is_initial_of(left, right):
        return left
    return right if is_initial_of(right, left) else None


def seen_at(state: FreshnessState | None) -> datetime:
    """Return when a value was last seen or confirmed; an undated one was seen before every other."""
    return (state.confirmed_at or state.observed_at or EARLIEST) if state is not None else EARLIEST


def golden_record(survivor: Contact, other: Contact, decided: Sequence[Survival]) -> Contact:
    """Return the survivor with the values that survive, and with the contact points, links and ids of both.

    Args:
        survivor: The record that keeps its id.
        other: The record that is merged into it.
        decided: What `survivals` decided.
    """
    mine, theirs = flatten(survivor), flatten(other)
    values = {one.field: _united(mine.get(one.field), theirs[one.field]) for one in decided if one.from_other}
    golden = restored(survivor, values)
    return golden.model_copy(
        update={
            "emails": _joined(survivor.emails, other.emails),
            "phones": _joined(survivor.phones, other.phones),
            "accounts": _links(survivor.accounts, other.accounts),
            "external_ids": tuple(dict.fromkeys((*survivor.external_ids, *other.external_ids))),
        }
    )


def _united(left: Any, right: Any) -> Any:
    if not isinstance(left, list):
        return right
    return [*left, *(one for one in right if one not in left)]


def _joined(mine: tuple[P, ...], theirs: tuple[P, ...]) -> tuple[P, ...]:
    """Keep every address once: with the survivor's id, in use if it is in use anywhere, and as doubtful as anywhere."""
    other = {point.match_key: point for point in theirs}
    known = {point.match_key for point in mine}
    kept = (_agreed(point, other.get(point.match_key)) for point in mine)
    return (*kept, *(point for point in theirs if point.match_key not in known))


def _agreed(mine: P, theirs: P | None) -> P:
    if theirs is None or theirs.is_retired:
        return mine
    states = {theirs.state} if mine.is_retired else {mine.state, theirs.state}
    return mine.evolve(state=max(states, key=_CAUTION.index), is_retired=False)


def _links(mine: tuple[AccountLink, ...], theirs: tuple[AccountLink, ...]) -> tuple[AccountLink, ...]:
    known = {link.account_id for link in mine if link.end_on is None}
    has_primary = any(link.is_primary and link.end_on is None for link in mine)
    added = [link for link in theirs if link not in mine and (link.end_on is not None or link.account_id not in known)]
    return (*mine, *(link.evolve(is_primary=link.is_primary and not has_primary) for link in added))
