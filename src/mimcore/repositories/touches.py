"""What an event of the outbox says about memberships: which contacts it concerns, and as what kind of change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from mimcore.domain.membership import MoveCause

__all__ = ["LISTING", "MOVED", "cause_of", "listed_contacts", "told_of_list"]

MOVED = ("segment_entered", "segment_left")
"""Events about memberships themselves."""

LISTING = ("segment_listed", "segment_unlisted")
"""Events about lists of segments; they hold the contacts' ids."""

_CONTACT: Mapping[str, MoveCause] = {
    "contact_merged": MoveCause.MERGE,
    "contact_unmerged": MoveCause.MERGE,
    "interaction_removed": MoveCause.EVENT,
    "value_checked": MoveCause.CHECK,
    "consent_recorded": MoveCause.CONSENT,
    "address_suppressed": MoveCause.CONSENT,
}


def cause_of(entity: str, kind: str) -> MoveCause | None:
    """Return what kind of change an event tells of; None where it changes no membership of a contact by itself.

    Args:
        entity: Kind of record.
        kind: Kind of event.

    Examples:
        >>> cause_of("contact", "contact_merged"), cause_of("lead", "lead_created")
        (<MoveCause.MERGE: 'merge'>, None)
    """
    if entity == "contact":
        return None if kind in MOVED else _CONTACT.get(kind, MoveCause.EDIT)
    if entity == "segment":
        return MoveCause.LIST if kind in LISTING else None
    return {"account": MoveCause.ACCOUNT, "interaction": MoveCause.EVENT}.get(entity)


def told_of_list(contact_ids: Iterable[UUID]) -> Mapping[str, Any]:
    """Return what an event about a list holds."""
    return {"contacts": [str(one) for one in contact_ids]}


def listed_contacts(data: Mapping[str, Any]) -> Iterator[UUID]:
    """Return the contacts that an event about a list is about."""
    return map(UUID, data.get("contacts", ()))
