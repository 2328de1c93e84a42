"""What a row changes in a record that exists, by the policy of each field.

Missing cells clear nothing, lists unite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from mimcore.capture.mapping.field_policies import Policies, Sight
from mimcore.domain.account import Account
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.declaring.attributes import is_listed
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import FreshnessState
from mimcore.repositories.overlaying import place, renamed, united
from mimcore.rules.language.catalogue import FieldSpec

__all__ = ["Seen", "linked", "seen_in", "seen_of", "updated"]

E = TypeVar("E", bound=Entity)
_FIELDS: Mapping[type[Entity], tuple[FieldSpec, ...]] = {Contact: CONTACT_FIELDS, Account: ACCOUNT_FIELDS}

Seen = dict[str, Sight]
"""Who said each stored value, and when it was last seen or confirmed, by field."""

Reliability = Callable[[str], float]
"""How reliable a source is, 0-1, by its key."""


def seen_of(states: Iterable[FreshnessState], entity_id: UUID, reliability: Reliability) -> Seen:
    """Return the newest evidence in favour of each value of one record.

    Args:
        states: States of its values.
        entity_id: The record.
        reliability: Of each source.
    """
    return {
        one.attribute: Sight(
            max((at for at in (one.observed_at, one.confirmed_at) if at is not None), default=None),
            reliability(one.source),
        )
        for one in states
        if one.subject_id == entity_id
    }


def seen_in(entity: Entity, sight: Sight) -> Seen:
    """Return the same sight for every value of a new record.

    Args:
        entity: The record.
        sight: Who said them, and when.
    """
    values = ((spec.name, spec.read(entity)) for spec in _FIELDS[type(entity)] if not spec.is_derived)
    known = {name: sight for name, value in values if value is not None and value != ()}
    return known | {_own_field(entity, f"custom.{name}"): sight for name in getattr(entity, "custom", {})}


def updated(stored: E, given: E, seen: Seen, sight: Sight, policies: Policies) -> E:
    """Return a stored record with what a row says about it, as far as the policies let it.

    Addresses, numbers, ids and lists are added to, never taken from; a retired address stays retired.

    Args:
        stored: The record.
        given: The row, as a record of its own.
        seen: Who said the stored values; brought up to date for the values that change.
        sight: Who says the row, and when it was observed.
        policies: What may be written where something is stored.

    Returns:
        The same record, perhaps changed, with the same version; equal to `stored` if the row says nothing new.

    Raises:
        InvalidValueError: If the values do not fit together.
    """
    changes: dict[str, Any] = {}
    for spec in _FIELDS[type(stored)]:
        new = None if spec.is_derived else spec.read(given)
        if new is None or new == ():
            continue
        old = spec.read(stored)
        if spec.is_collection:
            new = united(old, new) if policies.may_add(spec.name, is_empty=not old) else old
        elif not policies.may_set(spec.name, _stored_sight(old, seen.get(spec.name)), sight):
            continue
        if new != old:
            place(changes, spec.name, new)
            seen[spec.name] = sight
    changes.update(_added(stored, given, policies))
    if custom := _custom(stored, given, seen, sight, policies):
        changes["custom"] = custom
    if "name" in changes and isinstance(stored, Contact):
        changes["name"] = renamed(stored.name, changes["name"])
    return stored.evolve(**changes) if changes else stored


def linked(contact: Contact, account_id: UUID) -> Contact:
    """Return a contact with a link to an account; the first current link is primary, an ended one stays ended.

    Args:
        contact: The contact.
        account_id: The account.
    """
    if any(link.account_id == account_id for link in contact.accounts):
        return contact
    is_first = all(link.end_on is not None for link in contact.accounts)
    return contact.evolve(accounts=(*contact.accounts, AccountLink(account_id=account_id, is_primary=is_first)))


def _stored_sight(old: Any, seen: Sight | None) -> Sight | None:
    """Return who said a stored value; a value without a state is undated and trusted least."""
    return None if old is None else (seen or Sight(None, 0.0))


def _added(stored: Entity, given: Entity, policies: Policies) -> dict[str, Any]:
    """Return what is no declared field and only grows: contact points and external ids."""
    changes: dict[str, Any] = {}
    for name in ("emails", "phones"):
        points = getattr(stored, name, ())
        known = {point.match_key for point in points}
        new = [point for point in getattr(given, name, ()) if point.match_key not in known]
        current = tuple(point for point in points if not point.is_retired)
        if new and policies.may_add(f"contact.{name}", is_empty=not current):
            changes[name] = (*current, *new)
    ids: tuple[Any, ...] = getattr(stored, "external_ids", ())
    grown = united(ids, getattr(given, "external_ids", ()))
    if grown != ids and policies.may_add(_own_field(stored, "external_id"), is_empty=not ids):
        changes["external_ids"] = grown
    return changes


def _own_field(entity: Entity, name: str) -> str:
    return f"{type(entity).__name__.lower()}.{name}"


def _custom(stored: Entity, given: Entity, seen: Seen, sight: Sight, policies: Policies) -> dict[str, Any]:
    """Return the custom values that a row brings, by the same policies as the built-in ones."""
    held: Mapping[str, Any] = getattr(stored, "custom", {})
    changes: dict[str, Any] = {}
    brought: Mapping[str, Any] = getattr(given, "custom", {})
    for name, value in brought.items():
        field, old = _own_field(stored, f"custom.{name}"), held.get(name)
        if is_listed(value):
            new: Any = united(old or (), tuple(value))
            is_taken = policies.may_add(field, is_empty=not old)
        else:
            new, is_taken = value, policies.may_set(field, _stored_sight(old, seen.get(field)), sight)
        if is_taken and new != old:
            changes[name], seen[field] = new, sight
    return changes
