"""Contacts in memory: found by rule through the reference evaluation, by point, by external id, by account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast, get_args
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.points import ContactPoint, EmailPoint, PhonePoint
from mimcore.domain.versions.revision import Revision
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import InvalidValueError
from mimcore.memory.entities import InMemoryRepository, by_id
from mimcore.memory.evidence import facts_of
from mimcore.memory.logs import InMemoryFreshnessRepository
from mimcore.memory.references import contact_uses, drop_states
from mimcore.memory.session import Session
from mimcore.memory.tables import IndexKey, Tables
from mimcore.repositories.ports import Query, Verdict
from mimcore.rules.evaluation.batches import sifted
from mimcore.rules.evaluation.evaluator import object_test
from mimcore.rules.evaluation.event_tests import counted, measured
from mimcore.rules.evaluation.facts import needs
from mimcore.rules.evaluation.value_tests import compared
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import Bound, EventLeaf
from mimcore.rules.ordering import Order, Place, comes_after, in_order, place_reader, reading_of
from mimcore.values.match_keys import name_postal_key

__all__ = ["InMemoryContactRepository"]

MatchKind = Literal["email", "phone", "name"]


class InMemoryContactRepository(InMemoryRepository[Contact]):
    """Contacts, with the questions that services ask. "Everyone" means all whose status is active."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        super().__init__(session, tables.contacts, "contact")
        self._tables = tables

    def _keys(self, entity: Contact) -> Iterable[IndexKey]:
        linked = {link.account_id for link in entity.accounts}
        self._session.questioned_accounts |= linked
        yield from (("linked", one) for one in linked)
        if entity.status is not RecordStatus.ACTIVE:
            return
        yield from (("point", point.kind, point.match_key) for point in _active_points(entity))
        yield from (("external", outside.source, outside.value) for outside in entity.external_ids)
        yield from (("account", link.account_id) for link in entity.accounts if link.end_on is None)

    def remove(self, ids: Iterable[UUID]) -> None:
        """Delete contacts with their freshness states, checks and places on lists.

        At the commit no interaction, lead or task of theirs may be left: taking back a contact takes back no purchase.
        """
        gone = list(ids)
        self._session.questioned_contacts.update(gone)
        drop_states(self._session, self._tables, gone)
        for one in gone:
            self._drop_checks(one)
            self._session.drop(self._tables.listed, one)
        super().remove(gone)

    def _drop_checks(self, contact_id: UUID) -> None:
        for _, event in self._session.chain(self._tables.verifications, contact_id):
            if event.external_id is not None:
                self._session.drop(self._tables.checked, (event.source, event.external_id))
        self._session.drop(self._tables.verifications, contact_id)

    def lock(self, ids: Iterable[UUID], *, with_merged: bool = False, if_active: bool = False) -> None:
        """Nobody else writes anyway."""
        del ids, with_merged, if_active
        self._session.writing()

    def lock_matching(self) -> None:
        """Nobody else writes anyway."""
        self._session.writing()

    def store(
        self,
        revisions: Sequence[Revision[Contact]],
        *,
        gone: Sequence[tuple[str, UUID]],
        states: Sequence[FreshnessState],
    ) -> None:
        """Store contacts together with the states of their values."""
        self.add([one.new for one in revisions if one.old is None])
        self.update([one.new for one in revisions if one.old is not None])
        freshness = InMemoryFreshnessRepository(self._session, self._tables)
        freshness.drop(gone)
        freshness.put(states)

    def find(self, query: Query) -> list[UUID]:
        """Return ids of active contacts in the query's order."""
        if query.order:
            return self._sorted(query)
        return [contact.id for contact, _ in zip(self.stream(query), _times(query.limit), strict=False)]

    def stream(self, query: Query) -> Iterator[Contact]:
        """Yield the contacts of a query without an order, by id; the state is that of the first step."""
        return self._answering(query.where, query.verdict, -1 if query.after is None else query.after.int)

    def count(self, where: Bound | None = None, verdict: Verdict = "member") -> int:
        """Count active contacts for whom a bound rule is true, or false, or cannot be decided."""
        return sum(1 for _ in self._answering(where, verdict, -1))

    def place(self, contact_id: UUID, order: Order) -> Place | None:
        """Return the values by which a contact, active or not, is sorted now; None if it is not stored."""
        contact = self._session.get(self._table.rows, contact_id)
        return None if contact is None else self._places(order)(contact)

    def tally(self, fields: Sequence[FieldSpec], where: Bound | None = None) -> list[tuple[tuple[Any, ...], int]]:
        """Count the active contacts for whom a bound rule is true by the values of some of their own fields."""
        found = self._answering(where, "member", -1)
        return list(Counter(tuple(compared(spec, spec.read(one)) for spec in fields) for one in found).items())

    def currencies(self, leaf: EventLeaf) -> frozenset[str]:
        """Return the currencies of the events that a measure adds up, over all contacts."""
        counts = counted(leaf, object_test)
        events = self._session.rows(self._tables.interactions).values()
        return frozenset(event.value.currency for event in events if event.value is not None and counts(event))

    def _sorted(self, query: Query) -> list[UUID]:
        places = self._places(query.order)
        found = ((places(one), one.id) for one in self._answering(query.where, query.verdict, -1))
        if query.after is not None:
            last = query.place, query.after
            found = (one for one in found if comes_after(one, last, query.order))
        return [one for _, one in in_order(found, query.order)[: query.limit]]

    def _places(self, order: Order) -> Callable[[Contact], Place]:
        read, facts = (
            place_reader(order, lambda leaf: measured(leaf, object_test)),
            facts_of(self._session, self._tables, reading_of(order)),
        )
        return lambda contact: read(facts(contact))

    def with_points(self, kind: str, match_keys: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active contacts by the match key of an active contact point; absent keys are left out."""
        found = ((key, self._ids("point", kind, key)) for key in match_keys)
        return {key: ids for key, ids in found if ids}

    def points(self, kind: str) -> Iterator[tuple[UUID, Sequence[EmailPoint | PhonePoint]]]:
        """Active contacts' contact points in use, person by person; who has none is left out."""
        people = ((one.id, [point for point in _active_points(one) if point.kind == kind]) for one in self._active(-1))
        return ((contact_id, points) for contact_id, points in people if points)

    def points_of(self, kind: str, contact_ids: Iterable[UUID]) -> dict[UUID, Sequence[ContactPoint]]:
        """Return contacts' contact points in use, the preferred one first; who has none is left out."""
        people = self.get_many(contact_ids).values()
        found = ((one.id, [point for point in _active_points(one) if point.kind == kind]) for one in people)
        return {contact_id: points for contact_id, points in found if points}

    def held(self, ids: Iterable[UUID]) -> Mapping[UUID, Contact]:
        """Return contacts that exist for later; they are made already."""
        return self.get_many(ids)

    def with_external_ids(self, source: str, values: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active contacts by their id in another system; absent values are left out."""
        found = ((value, self._ids("external", source, value)) for value in values)
        return {value: ids for value, ids in found if ids}

    def in_account(self, account_id: UUID) -> list[UUID]:
        """Return active contacts with a current link to an account, ordered by id."""
        return list(self._ids("account", account_id))

    def uses(self, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return what each of some contacts is needed for; who is needed for nothing is left out."""
        return contact_uses(self._session, self._tables, ids)

    def match_keys(self, kind: str) -> Iterator[tuple[str, UUID]]:
        """All (match key, contact id) pairs of active contacts, in order of the contacts' ids.

        Args:
            kind: `email` or `phone` for the keys of active points, `name` for name and postal code together.

        Raises:
            InvalidValueError: If it is another kind.
        """
        if kind not in get_args(MatchKind):
            raise InvalidValueError(
                "kind", "is not a kind of match key", f"use one of {', '.join(get_args(MatchKind))}"
            )
        return ((key, contact.id) for contact in self._active(-1) for key in _match_keys(contact, kind))

    def _active(self, after: int) -> Iterator[Contact]:
        rows = sorted(self._session.rows(self._table.rows).values(), key=by_id)
        return (contact for contact in rows if contact.status is RecordStatus.ACTIVE and contact.id.int > after)

    def _answering(self, where: Bound | None, verdict: Verdict, after: int) -> Iterator[Contact]:
        if where is None:
            return self._active(after) if verdict == "member" else iter(())
        if not needs(where):
            return sifted(where, verdict, self._active(after), of_facts=False)
        facts = map(facts_of(self._session, self._tables, where), self._active(after))
        return (cast("Contact", one.contact) for one in sifted(where, verdict, facts, of_facts=True))


def _times(limit: int | None) -> Iterable[int]:
    return range(limit) if limit is not None else iter(int, 1)


def _active_points(contact: Contact) -> Iterator[EmailPoint | PhonePoint]:
    points: tuple[EmailPoint | PhonePoint, ...] = (*contact.emails, *contact.phones)
    return (point for point in points if not point.is_retired)


def _match_keys(contact: Contact, kind: str) -> Iterable[str]:
    if kind == "name":
        key = name_postal_key(contact.name, contact.demographic)
        return () if key is None else (key,)
    return dict.fromkeys(point.match_key for point in _active_points(contact) if point.kind == kind)
