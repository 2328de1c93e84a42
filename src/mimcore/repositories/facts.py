"""From stored records to the facts that the Python engine reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.errors import MissingFactsError
from mimcore.repositories.consenting import Gate
from mimcore.repositories.past.values import past_values
from mimcore.repositories.ports import Transaction
from mimcore.repositories.reaching import points_for, reachable
from mimcore.rules.evaluation.facts import Facts, PastValue, needs
from mimcore.rules.lowering.bound import Bound, Changed, EverHeld, Leaf, Permitted, leaves

__all__ = ["facts_of", "linked_accounts", "states_by_field"]

_UNLESS_TOLD = frozenset({"events", "account", "accounts", "listed_in", "states"})


def facts_of(
    transaction: Transaction,
    contacts: Sequence[Contact],
    now: datetime,
    *,
    where: Bound | None = None,
    beside: frozenset[str] = frozenset(),
    gate: Gate | None = None,
) -> dict[UUID, Facts]:
    """Return what a rule may read about each contact.

    Args:
        transaction: Open transaction, of the present or of a past.
        contacts: Stored contacts.
        now: Instant of evaluation.
        where: The bound rule; what it does not read stays absent. Without it, everything is there but history and
            permissions, which are read for the fields and purposes of a rule only.
        beside: What is wanted beside what the rule reads, by its names in `Facts`; `permissions_end` is of what the
            rule asks for.
        gate: Consent and suppression in the transaction, for rules that ask who may be written to.

    Raises:
        MissingFactsError: If the rule asks for consent, and there is no gate.
        InvalidValueError: If it asks for a channel that uses no contact points.
    """
    wanted = _UNLESS_TOLD if where is None else needs(where) | beside
    reading = _Reading(transaction, contacts, now, () if where is None else tuple(leaves(where, outer=True)), gate)
    parts = {name: _PARTS[name](reading) for name in sorted(wanted)}
    bare = {contact.id: Facts(contact=contact, now=now) for contact in contacts}
    return {one: replace(facts, **{name: found[one] for name, found in parts.items()}) for one, facts in bare.items()}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read, and for what."""

    transaction: Transaction
    contacts: Sequence[Contact]
    now: datetime
    asked: tuple[Leaf, ...]
    gate: Gate | None

    @property
    def ids(self) -> list[UUID]:
        return [contact.id for contact in self.contacts]

    def events(self) -> Mapping[UUID, Sequence[Any]]:
        return self.transaction.interactions.of(self.ids)

    def account(self) -> Mapping[UUID, Account | None]:
        primary = {contact.id: contact.primary_account_id for contact in self.contacts}
        found = self.transaction.accounts.get_many({one for one in primary.values() if one is not None})
        active = {key: account for key, account in found.items() if account.status is RecordStatus.ACTIVE}
        return {one: None if key is None else active.get(key) for one, key in primary.items()}

    def accounts(self) -> Mapping[UUID, Sequence[Account]]:
        linked = {link.account_id for contact in self.contacts for link in contact.accounts if link.end_on is None}
        found = self.transaction.accounts.get_many(linked)
        return {contact.id: linked_accounts(contact, found) for contact in self.contacts}

    def listed_in(self) -> Mapping[UUID, frozenset[str]]:
        lists = self.transaction.segments.lists_of(self.ids)
        return {one: lists.get(one, frozenset()) for one in self.ids}

    def states(self) -> Mapping[UUID, Mapping[str, FreshnessState]]:
        found = self.transaction.freshness.of(self.ids)
        return {contact.id: states_by_field(contact, found.get(contact.id, ())) for contact in self.contacts}

    def history(self) -> Mapping[UUID, Sequence[PastValue]]:
        specs = {leaf.spec for leaf in self.asked if isinstance(leaf, Changed | EverHeld)}
        found: dict[UUID, list[PastValue]] = {one: [] for one in self.ids}
        for one, past in past_values(self.transaction, specs, ids=self.ids):
            found[one].append(past)
        return found

    def permissions(self) -> Mapping[UUID, frozenset[tuple[str, str]]]:
        found: dict[UUID, set[tuple[str, str]]] = {one: set() for one in self.ids}
        for channel, purpose in self._permitted:
            people = ((contact.id, points_for(contact, channel)) for contact in self.contacts)
            for one in reachable(self._gate, people, channel=channel, purpose=purpose, at=self.now):
                found[one].add((channel, purpose))
        return {one: frozenset(pairs) for one, pairs in found.items()}

    def permissions_end(self) -> Mapping[UUID, datetime | None]:
        found: dict[UUID, datetime | None] = dict.fromkeys(self.ids)
        for channel, purpose in self._permitted:
            people = ((contact.id, points_for(contact, channel)) for contact in self.contacts)
            for one, end in self._gate.ends(people, channel=Channel(channel), purpose_key=purpose, at=self.now).items():
                found[one] = min(end, found[one] or end)
        return found

    @property
    def _gate(self) -> Gate:
        if self.gate is None:
            raise MissingFactsError("the rule asks who may be written to: ask a store, which knows of consent")
        return self.gate

    @property
    def _permitted(self) -> set[tuple[str, str]]:
        return {(leaf.channel, leaf.purpose) for leaf in self.asked if isinstance(leaf, Permitted)}


_PARTS: Mapping[str, Callable[[_Reading], Mapping[UUID, Any]]] = {
    "events": _Reading.events,
    "account": _Reading.account,
    "accounts": _Reading.accounts,
    "listed_in": _Reading.listed_in,
    "states": _Reading.states,
    "history": _Reading.history,
    "permissions": _Reading.permissions,
    "permissions_end": _Reading.permissions_end,
}


def linked_accounts(contact: Contact, accounts: Mapping[UUID, Account]) -> list[Account]:
    """Return the active accounts of a contact's current links, each once.

    Args:
        contact: The contact.
        accounts: Stored accounts by id, its own among them.
    """
    linked = dict.fromkeys(link.account_id for link in contact.accounts if link.end_on is None)
    found = (accounts.get(one) for one in linked)
    return [one for one in found if one is not None and one.status is RecordStatus.ACTIVE]


def states_by_field(contact: Contact, states: Iterable[FreshnessState]) -> Mapping[str, FreshnessState]:
    """Return the states by field name; `contact.primary_email` has the state of the primary contact point.

    Each current contact point has one under its place, such as `contact.emails.0`.
    """
    found: dict[str, FreshnessState] = {}
    places = {
        point.id: f"contact.{name}.{place}"
        for name in ("emails", "phones")
        for place, point in enumerate(getattr(contact, name))
        if not point.is_retired
    }
    points = {
        point.id: name for name in ("primary_email", "primary_phone") if (point := getattr(contact, name)) is not None
    }
    for state in states:
        if state.subject_id == contact.id:
            found[state.attribute] = state
            continue
        if state.subject_id in places:
            found[places[state.subject_id]] = state
        if state.subject_id in points:
            found[f"contact.{points[state.subject_id]}"] = state
    return found
