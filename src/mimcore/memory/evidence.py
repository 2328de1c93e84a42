"""The facts about a contact, put together from the tables: only what the rule reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.interaction import Interaction
from mimcore.domain.segment import list_name
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import UnsupportedConditionError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables
from mimcore.repositories.facts import linked_accounts, states_by_field
from mimcore.rules.evaluation.facts import Facts, needs
from mimcore.rules.lowering.bound import Bound

__all__ = ["counting_for", "facts_of", "oldest_first", "records_of"]


def facts_of(session: Session, tables: Tables, where: Bound) -> Callable[[Contact], Facts]:
    """Return what puts together the facts about a contact that a rule reads.

    Args:
        session: The transaction.
        tables: The tables.
        where: The bound rule; what it does not read stays absent.

    Returns:
        A function from a contact to its facts; it reads the state at the time of this call.

    Raises:
        UnsupportedConditionError: If the rule asks for what is looked up before (`repositories.looking_up`).
    """
    wanted = needs(where)
    if not wanted <= _PARTS.keys():
        raise UnsupportedConditionError(
            "conditions on history and consent are looked up before a store's contacts are asked: ask a unit of work"
        )
    parts = {name: _PARTS[name](session, tables) for name in wanted}

    def facts(contact: Contact) -> Facts:
        bare = Facts(contact=contact)
        return replace(bare, **{name: part(contact) for name, part in parts.items()}) if parts else bare

    return facts


def counting_for(
    contact_id: UUID,
    timelines: Mapping[UUID, tuple[Interaction, ...]],
    golden: Mapping[UUID, UUID],
    members: Mapping[UUID, Iterable[UUID]],
) -> list[Interaction]:
    """Return the interactions that count for a contact, oldest first.

    Args:
        contact_id: The contact; one that was merged into another has none.
        timelines: Interactions by the contact they were recorded under.
        golden: Where a record's interactions count instead.
        members: The other way round.
    """
    others = members.get(contact_id, ())
    records = (*others, contact_id) if contact_id not in golden else others
    events = [event for record in records for event in timelines.get(record, ())]
    return sorted(events, key=oldest_first) if others else events


def records_of(session: Session, tables: Tables, contact_id: UUID) -> tuple[UUID, ...]:
    """Return the records that count for a contact: itself unless it counts for another one, and those moved to it."""
    own = () if session.get(tables.golden, contact_id) is not None else (contact_id,)
    return (*own, *(session.get(tables.members, contact_id) or ()))


def oldest_first(event: Interaction) -> tuple[object, int]:
    """Order of interactions: by time, then by id."""
    return event.at, event.id.int


def _events(session: Session, tables: Tables) -> Callable[[Contact], list[Interaction]]:
    timelines, golden = session.rows(tables.timelines), session.rows(tables.golden)
    members = session.rows(tables.members)
    return lambda contact: counting_for(contact.id, timelines, golden, members)


def _account(session: Session, tables: Tables) -> Callable[[Contact], Account | None]:
    rows = session.rows(tables.accounts.rows)
    active = {one: account for one, account in rows.items() if account.status is RecordStatus.ACTIVE}

    def account(contact: Contact) -> Account | None:
        primary = contact.primary_account_id
        return None if primary is None else active.get(primary)

    return account


def _accounts(session: Session, tables: Tables) -> Callable[[Contact], list[Account]]:
    rows = session.rows(tables.accounts.rows)
    return lambda contact: linked_accounts(contact, rows)


def _listed_in(session: Session, tables: Tables) -> Callable[[Contact], frozenset[str]]:
    listed, segments = session.rows(tables.listed), session.rows(tables.segments.rows)
    return lambda contact: frozenset(list_name(segments[one].key, kind) for one, kind in listed.get(contact.id, ()))


def _states(session: Session, tables: Tables) -> Callable[[Contact], Mapping[str, FreshnessState]]:
    states = session.rows(tables.states)
    return lambda contact: states_by_field(contact, states[contact.id].values() if contact.id in states else ())


_PARTS: Mapping[str, Callable[[Session, Tables], Callable[[Contact], Any]]] = {
    "events": _events,
    "account": _account,
    "accounts": _accounts,
    "listed_in": _listed_in,
    "states": _states,
}
