"""What a row changes in a record that exists: the newest observation wins per field.

Missing cells clear nothing, lists unite.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.attributes import is_listed
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.entity import Entity
from mimcore.domain.freshness import FreshnessState
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.values.names import PersonName

__all__ = ["Seen", "linked", "seen_in", "seen_of", "updated"]

E = TypeVar("E", bound=Entity)
_FIELDS: Mapping[type[Entity], tuple[FieldSpec, ...]] = {Contact: CONTACT_FIELDS, Account: ACCOUNT_FIELDS}

Seen = dict[str, datetime | None]
"""When each stored value was last seen or confirmed, by field; None for an undated value."""


def seen_of(states: Iterable[FreshnessState], entity_id: UUID) -> Seen:
    """Return the newest evidence in favour of each value of one record.

    Args:
        states: States of its values.
        entity_id: The record.
    """
    return {
        one.attribute: max((at for at in (one.observed_at, one.confirmed_at) if at is not None), default=None)
        for one in states
        if one.subject_id == entity_id
    }


def seen_in(entity: Entity, observed_at: datetime | None) -> Seen:
    """Return the same time of observation for every value of a new record.

    Args:
        entity: The record.
        observed_at: When its row was observed.
    """
    values = ((spec.name, spec.read(entity)) for spec in _FIELDS[type(entity)] if not spec.is_derived)
    known = {name: observed_at for name, value in values if value is not None and value != ()}
    return known | {_custom_field(entity, name): observed_at for name in getattr(entity, "custom", {})}


def updated(stored: E, given: E, seen: Seen, observed_at: datetime | None) -> E:
    """Return a stored record with what a row says about it.

    A value replaces another one if it was observed at the same time or later, or if nobody knows when the stored one
    was seen; an undated value replaces undated values only. Addresses, numbers, ids and lists are added to, never taken
    from; a retired address stays retired.

    Args:
        stored: The record.
        given: The row, as a record of its own.
        seen: When the stored values were seen; brought up to date for the values that change.
        observed_at: When the row was observed; None if nobody knows.

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
            new = _united(old, new)
        elif old is not None and not _replaces(seen.get(spec.name), observed_at):
            continue
        if new != old:
            _place(changes, spec.name, new)
            seen[spec.name] = observed_at
    changes.update(_added(stored, given))
    if custom := _newer_custom(stored, given, seen, observed_at):
        changes["custom"] = custom
    if "name" in changes and isinstance(stored, Contact):
        changes["name"] = _renamed(stored.name, changes["name"])
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


def _replaces(stored_at: datetime | None, observed_at: datetime | None) -> bool:
    return stored_at is None or (observed_at is not None and observed_at >= stored_at)


def _united(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    added = tuple(one for one in new if one not in old)
    return (*old, *added) if added else old


def _place(changes: dict[str, Any], name: str, value: Any) -> None:
    """Put a value where `evolve` expects it: in its group, or on its own."""
    _, head, *inner = name.split(".")
    if inner:
        changes.setdefault(head, {})[inner[0]] = value
    else:
        changes[head] = value


def _renamed(stored: PersonName | None, parts: Mapping[str, Any]) -> PersonName:
    known = {} if stored is None else {name: getattr(stored, name) for name in type(stored).model_fields}
    return PersonName(**{**known, **parts})


def _added(stored: Entity, given: Entity) -> dict[str, Any]:
    """Return what is no declared field and only grows: contact points and external ids."""
    changes: dict[str, Any] = {}
    for name in ("emails", "phones"):
        points = getattr(stored, name, ())
        known = {point.match_key for point in points}
        new = [point for point in getattr(given, name, ()) if point.match_key not in known]
        if new:
            changes[name] = (*(point for point in points if not point.is_retired), *new)
    ids = _united(getattr(stored, "external_ids", ()), getattr(given, "external_ids", ()))
    if ids != getattr(stored, "external_ids", ()):
        changes["external_ids"] = ids
    return changes


def _custom_field(entity: Entity, name: str) -> str:
    return f"{type(entity).__name__.lower()}.custom.{name}"


def _newer_custom(stored: Entity, given: Entity, seen: Seen, observed_at: datetime | None) -> dict[str, Any]:
    """Return the custom values that a row brings, by the same rule as the built-in ones."""
    held: Mapping[str, Any] = getattr(stored, "custom", {})
    changes: dict[str, Any] = {}
    brought: Mapping[str, Any] = getattr(given, "custom", {})
    for name, value in brought.items():
        field, old = _custom_field(stored, name), held.get(name)
        is_many = is_listed(value)
        new: Any = _united(old or (), tuple(value)) if is_listed(value) else value
        is_kept = not is_many and old is not None and not _replaces(seen.get(field), observed_at)
        if new != old and not is_kept:
            changes[name], seen[field] = new, observed_at
    return changes
