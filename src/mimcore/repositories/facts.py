"""From stored records to the facts that the Python engine reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.ports import Transaction
from mimcore.rules.facts import Facts

__all__ = ["facts_of", "states_by_field"]


def facts_of(transaction: Transaction, contacts: Sequence[Contact], now: datetime) -> dict[UUID, Facts]:
    """Return everything a rule may read about each contact.

    Args:
        transaction: Open transaction.
        contacts: Stored contacts.
        now: Instant of evaluation.
    """
    ids = [contact.id for contact in contacts]
    events, states = transaction.interactions.of(ids), transaction.freshness.of(ids)
    lists = transaction.segments.lists_of(ids)
    accounts = transaction.accounts.get_many({link for contact in contacts if (link := contact.primary_account_id)})
    active = {key: account for key, account in accounts.items() if account.status is RecordStatus.ACTIVE}
    return {
        contact.id: Facts(
            contact=contact,
            events=events.get(contact.id, []),
            account=active.get(contact.primary_account_id) if contact.primary_account_id else None,
            listed_in=lists.get(contact.id, frozenset()),
            states=states_by_field(contact, states.get(contact.id, [])),
            now=now,
        )
        for contact in contacts
    }


def states_by_field(contact: Contact, states: Iterable[FreshnessState]) -> Mapping[str, FreshnessState]:
    """Return the states by field name; `contact.primary_email` has the state of the primary contact point."""
    found: dict[str, FreshnessState] = {}
    points = {
        point.id: name for name in ("primary_email", "primary_phone") if (point := getattr(contact, name)) is not None
    }
    for state in states:
        if state.subject_id == contact.id:
            found[state.attribute] = state
        elif state.subject_id in points:
            found[f"contact.{points[state.subject_id]}"] = state
    return found
