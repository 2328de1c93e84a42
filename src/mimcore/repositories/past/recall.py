"""Everything a store held at an instant, put together from what it holds now and what was recorded since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.consent import ConsentEvent, Suppression
from mimcore.domain.contact import Contact
from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.task import Task
from mimcore.domain.versions.changes import ChangeSet, flatten
from mimcore.repositories.declared import Declarations
from mimcore.repositories.past.hindsight import folded, observations
from mimcore.repositories.past.histories import KINDS, Held, Placed, histories
from mimcore.repositories.past.moment import Past
from mimcore.repositories.past.records import Lists, created_as, events_then, lists_then, records_then
from mimcore.repositories.past.states import Ageing, StateReplay, reliabilities
from mimcore.repositories.ports import Transaction
from mimcore.repositories.recording import repository_of
from mimcore.repositories.records import ImportRecord, ImportStatus, LinkAction, MergeLink, Verification

__all__ = ["Recalled", "recall"]

_AGED = ("contact", "account")


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a store held.

    Attributes:
        records: Every aggregate's records by id, by the aggregate's name.
        lists: Ids of contacts by id of the segment and kind of the list.
        attributes: The declarations that the store has now.
    """

    past: Past
    records: Mapping[str, Held] = field(repr=False)
    lists: Lists = field(repr=False)
    events: Sequence[Interaction] = field(repr=False)
    states: Sequence[FreshnessState] = field(repr=False)
    checks: Sequence[Verification] = field(repr=False)
    links: Sequence[MergeLink] = field(repr=False)
    consents: Sequence[ConsentEvent] = field(repr=False)
    suppressions: Sequence[Suppression] = field(repr=False)
    imports: Sequence[ImportRecord] = field(repr=False)
    attributes: Sequence[CustomAttribute] = field(repr=False)
    half_lives: Mapping[str, float]


def recall(transaction: Transaction, past: Past) -> Recalled:
    """Return what a store held at an instant.

    Args:
        transaction: Open transaction on the store as it is now.
        past: The instant, and what counts as known at it.
    """
    since = list(transaction.history.since(past.at))
    remembered = _Memory(transaction, past, since)
    records, states = remembered.with_hindsight() if past.hindsight else remembered.as_known()
    segments, contacts = (
        {one.id: one for one in repository_of(transaction, kind).all()} for kind in (Segment, Contact)
    )
    lists = lists_then(transaction, since, segments, contacts)
    events = events_then(transaction, past, since)
    links = [link for _, link in remembered.links if link.at <= past.at]
    return Recalled(
        past,
        _with_mentioned(transaction, past, records, lists, events, links),
        lists,
        events,
        states,
        [check for _, check in remembered.checks if past.holds(check.recorded_at, check.at)],
        links,
        [act for act in transaction.consents.all() if past.holds(act.recorded_at, act.occurred_at)],
        [one for one in transaction.consents.suppressions() if one.since <= past.at],
        [_import_then(one, past) for one in transaction.imports.all() if one.started_at <= past.at],
        transaction.attributes.all(),
        transaction.freshness.half_lives(),
    )


def _import_then(record: ImportRecord, past: Past) -> ImportRecord:
    """Return an import as it stood; its counts are those of now."""
    if record.undone_at is not None and record.undone_at > past.at:
        record = replace(record, status=ImportStatus.FINISHED, undone_at=None)
    if record.finished_at is not None and record.finished_at > past.at:
        record = replace(record, status=ImportStatus.RUNNING, finished_at=None)
    return record


class _Memory:
    """Puts records and the states of their values together, person by person."""

    def __init__(self, transaction: Transaction, past: Past, since: Sequence[ChangeSet]) -> None:
        self._transaction, self._past, self._since = transaction, past, since
        self.links = list(transaction.merges.journal())
        self.checks = list(transaction.freshness.journal())
        self._half_lives, self._rates = transaction.freshness.half_lives(), reliabilities(transaction)
        self._pools = {one.field_name: one.pool for one in transaction.attributes.all()}
        self._partners = _partners(link for _, link in self.links)
        self._checks_of = _by_contact((place, one.contact_id, one) for place, one in self.checks)
        self._links_of = _by_contact((place, link.survivor_id, link) for place, link in self.links)

    def as_known(self) -> tuple[dict[str, Held], list[FreshnessState]]:
        """Undo what was recorded since; states that nothing has touched since are those of now."""
        found = {name: records_then(self._transaction, self._past, self._since, kind) for name, kind in KINDS.items()}
        aged = {**found["contact"], **found["account"]}
        touched = self._touched()
        now = self._transaction.freshness.of([one for one in aged if one not in touched])
        states = [state for known in now.values() for state in known]
        for person in self._people(touched):
            known = {one: [entry for entry in placed if self._past.knows(entry[1])] for one, placed in person.items()}
            states += [state for state in self._states(known, itemgetter(0)) if state.contact_id in aged]
        return found, states

    def with_hindsight(self) -> tuple[dict[str, Held], list[FreshnessState]]:
        """Weigh everything that was ever recorded by when it was observed."""
        found: dict[str, Held] = {name: {} for name in KINDS}
        states: list[FreshnessState] = []
        typed = Declarations(self._transaction.attributes).typed
        for name, kind in KINDS.items():
            if kind is Segment:  # a rule is no observation: it is the rule of then
                found[name] = records_then(self._transaction, self._past, self._since, kind)
                continue
            ids = [one.id for one in repository_of(self._transaction, kind).all()]
            for person in self._people(ids):
                known = {one: observations(placed, self._past) for one, placed in person.items()}
                made = {one: folded(kind, one, placed) for one, placed in known.items()}
                there = {one: typed(entity) for one, entity in made.items() if entity is not None}
                found[name].update(there)
                if name in _AGED:
                    replayed = self._states(known, lambda entry: (_counts_from(entry[1]), entry[0]))
                    values = {key for one in there.values() for key in _subjects(one)}
                    states += [state for state in replayed if (state.attribute, state.subject_id) in values]
        return found, states

    def _touched(self) -> set[UUID]:
        """Return whose values somebody changed, checked, merged or parted since, with all that is merged with them."""
        at = self._past.at
        touched = {change.entity_id for change in self._since if change.entity in _AGED}
        touched |= {check.contact_id for _, check in self.checks if check.recorded_at > at}
        touched |= {one for _, link in self.links if link.at > at for one in (link.survivor_id, link.other_id)}
        return {other for one in touched for other in self._partners.get(one, (one,))}

    def _people(self, ids: Iterable[UUID]) -> Iterator[dict[UUID, list[Placed]]]:
        """Yield changes person by person: alone, or all that were ever merged with each other."""
        wanted = sorted(ids, key=lambda one: one.int)
        alone = [one for one in wanted if one not in self._partners]
        yield from ({one: placed} for one, placed in histories(self._transaction, alone))
        for group in dict.fromkeys(self._partners[one] for one in wanted if one in self._partners):
            yield dict(histories(self._transaction, sorted(group, key=lambda one: one.int)))

    def _states(
        self, known: Mapping[UUID, Sequence[Placed]], order: Callable[[tuple[int, Ageing]], Any]
    ) -> Iterator[FreshnessState]:
        past = self._past
        placed: list[tuple[int, Ageing]] = [entry for changes in known.values() for entry in changes]
        for one in known:
            checks, links = self._checks_of.get(one, ()), self._links_of.get(one, ())
            placed += [(place, check) for place, check in checks if past.holds(check.recorded_at, check.at)]
            placed += [(place, link) for place, link in links if link.at <= past.at]
        return StateReplay(self._half_lives, self._rates, self._pools).run(sorted(placed, key=order))


def _counts_from(one: Ageing) -> Any:
    return one.counts_from if isinstance(one, ChangeSet) else one.at


def _by_contact(entries: Iterable[tuple[int, UUID, Any]]) -> dict[UUID, list[tuple[int, Any]]]:
    found: dict[UUID, list[tuple[int, Any]]] = {}
    for place, contact_id, one in entries:
        found.setdefault(contact_id, []).append((place, one))
    return found


def _partners(links: Iterable[MergeLink]) -> dict[UUID, frozenset[UUID]]:
    """Return, for every record that was ever merged, itself with all that were ever merged with it."""
    found: dict[UUID, frozenset[UUID]] = {}
    for link in links:
        if link.action is not LinkAction.CANNOT_LINK:
            both = (link.survivor_id, link.other_id)
            group = frozenset[UUID](both).union(*(found.get(one, frozenset()) for one in both))
            found.update(dict.fromkeys(group, group))
    return found


def _subjects(entity: Entity) -> Iterator[tuple[str, UUID]]:
    """Yield attribute and subject of everything that a record has a value of."""
    for name in flatten(entity):
        yield name, entity.id
    if isinstance(entity, Contact):
        yield from (("contact.emails", point.id) for point in entity.emails)
        yield from (("contact.phones", point.id) for point in entity.phones)


def _with_mentioned(  # noqa: PLR0917 - what refers, and what is referred to
    transaction: Transaction,
    past: Past,
    records: dict[str, Held],
    lists: Lists,
    events: Iterable[Interaction],
    links: Iterable[MergeLink],
) -> Mapping[str, Held]:
    """Add what something refers to that was not observed, or not recorded, by then.

    With hindsight a contact of whom nothing was observed yet is there with its id alone: somebody bought. Everything
    else is there as it was created.
    """
    owned: list[Lead | Task] = [*records["lead"].values(), *records["task"].values()]
    people = {event.contact_id for event in events}
    people.update(*lists.values(), *({link.survivor_id, link.other_id} for link in links))
    people |= {one.contact_id for one in owned if one.contact_id is not None}
    missing = people - records["contact"].keys()
    if past.hindsight:
        records["contact"].update({one: Contact(id=one, version=1) for one in missing})
    else:
        records["contact"].update(created_as(transaction, Contact, missing))
    accounts = {link.account_id for one in records["contact"].values() for link in one.accounts}
    records["account"].update(created_as(transaction, Account, accounts - records["account"].keys()))
    return records
