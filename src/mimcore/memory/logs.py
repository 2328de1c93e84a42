"""What is known about values and people over time, in memory: freshness, checks, history, consent, suppression."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

from mimcore.domain.consent import ConsentEvent, Suppression
from mimcore.domain.evidence import Trigger
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState
from mimcore.domain.versions.changes import ChangeSet
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.errors import DuplicateKeyError
from mimcore.memory.session import Session, grouped
from mimcore.memory.tables import StateKey, Tables
from mimcore.repositories.records import Arrivals, PlannedCheck, Verification
from mimcore.values.instants import to_microseconds

__all__ = ["InMemoryConsentRepository", "InMemoryFreshnessRepository", "InMemoryHistoryRepository"]


class InMemoryFreshnessRepository:
    """How trustworthy every stored value is."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def put(self, states: Sequence[FreshnessState]) -> None:
        """Store states, replacing those of the same attribute and subject, under whichever contact they stand."""
        newest = {(state.attribute, state.subject_id): state for state in states}
        self.drop(newest)
        for contact_id, new in grouped((state.contact_id, state) for state in newest.values()).items():
            known = self._states_of(contact_id)
            added = {(state.attribute, state.subject_id): state for state in new}
            self._session.put(self._tables.states, contact_id, {**known, **added})
        for key, state in newest.items():
            self._session.put(self._tables.state_owner, key, state.contact_id)

    def drop(self, subjects: Iterable[StateKey]) -> None:
        """Remove states by attribute and subject; those that do not exist are let be."""
        owners = [(self._session.get(self._tables.state_owner, key), key) for key in dict.fromkeys(subjects)]
        for contact_id, keys in grouped((owner, key) for owner, key in owners if owner is not None).items():
            left = dict(self._states_of(contact_id))
            for key in keys:
                left.pop(key, None)
                self._session.drop(self._tables.state_owner, key)
            self._session.put(self._tables.states, contact_id, left)

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[FreshnessState]]:
        """Return the states of contacts' values and contact points; an empty list where there are none."""
        return {one: _in_order(self._states_of(one)) for one in contact_ids}

    def held(self, contact_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[FreshnessState]]:
        """Return the states of contacts' own values, not of their points, by attribute; they are made already."""
        return {one: [state for state in own if state.subject_id == one] for one, own in self.of(contact_ids).items()}

    def all(self) -> Iterator[FreshnessState]:
        """All states of active contacts' values, in order of the contacts' ids."""
        contacts = self._session.rows(self._tables.contacts.rows)
        states = self._session.rows(self._tables.states)
        active = (one for one in states if one in contacts and contacts[one].status is RecordStatus.ACTIVE)
        return (state for one in sorted(active, key=lambda one: one.int) for state in _in_order(states[one]))

    def _states_of(self, contact_id: UUID) -> dict[StateKey, FreshnessState]:
        known = self._session.get(self._tables.states, contact_id)
        return {} if known is None else known

    def half_lives(self) -> Mapping[str, float]:
        """Half-life in days of every pool: the defaults, and those of custom attributes."""
        declared = self._session.rows(self._tables.attributes).values()
        own = {one.pool: one.half_life_days for one in declared if one.half_life_days is not None}
        own |= self._session.rows(self._tables.half_lives)
        return {**DEFAULT_HALF_LIVES, **own} if own else DEFAULT_HALF_LIVES

    def keep_half_lives(self, days: Mapping[str, float | None]) -> None:
        """Store half-lives of pools; with None the default holds again."""
        for pool, one in days.items():
            if one is None:
                self._session.drop(self._tables.half_lives, pool)
            else:
                self._session.put(self._tables.half_lives, pool, one)

    def checked_in_pools(self, pools: Iterable[str]) -> Iterator[list[FreshnessState]]:
        """Pages of the states of checked values in pools; a page may be stored anew before the next is read."""
        wanted = frozenset(pools)
        for states in self._session.rows(self._tables.states).values():
            page = [one for one in states.values() if one.pool in wanted and one.ref_at != one.observed_at]
            if page:
                yield page

    def arrivals(self, pools: Iterable[str]) -> list[Arrivals]:
        """Return which kinds of values in pools stand as they arrived."""
        wanted = frozenset(pools)
        every = chain.from_iterable(states.values() for states in self._session.rows(self._tables.states).values())
        return sorted({_arrived(one) for one in every if one.pool in wanted and one.ref_at == one.observed_at})

    def settle(self, moves: Iterable[tuple[Arrivals, str, int]]) -> int:
        """Let values that stand as they arrived have another pool, and keys shifted by so many microseconds."""
        targets = {kind: (pool, shift) for kind, pool, shift in moves}
        every = chain.from_iterable(states.values() for states in self._session.rows(self._tables.states).values())
        old = [one for one in every if one.ref_at == one.observed_at and _arrived(one) in targets]
        self.put([_shifted(one, *targets[_arrived(one)]) for one in old])
        return len(old)

    def verified(self, events: Sequence[Verification]) -> None:
        """Append verification events.

        Raises:
            DuplicateKeyError: If an external id of the same source exists.
        """
        for event in events:
            self._keep_external_id(event)
        placed = self._session.numbered(self._tables.counters, events)
        self._session.append_by(self._tables.verifications, lambda entry: entry[1].contact_id, placed)

    def _keep_external_id(self, event: Verification) -> None:
        if event.external_id is None:
            return
        key = (event.source, event.external_id)
        if self._session.get(self._tables.checked, key) is not None:
            raise DuplicateKeyError("a check with this external id of the source exists already")
        self._session.put(self._tables.checked, key, event)

    def checked(self, source: str, external_ids: Iterable[str]) -> dict[str, Verification]:
        """Return the verification events that a source's external ids already stand for."""
        found = ((one, self._session.get(self._tables.checked, (source, one))) for one in external_ids)
        return {outside: event for outside, event in found if event is not None}

    def verifications_of(self, contact_id: UUID) -> list[Verification]:
        """Return a contact's verification events, oldest first."""
        events = (event for _, event in self._session.chain(self._tables.verifications, contact_id))
        return sorted(events, key=lambda event: event.at)

    def verifications(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[Verification]]:
        """Return contacts' verification events, oldest first; an empty list where there are none."""
        return {one: self.verifications_of(one) for one in contact_ids}

    def planned_checks(self) -> Iterator[PlannedCheck]:
        """Planned and random checks, contact by contact."""
        for one in sorted(self._session.rows(self._tables.verifications), key=lambda one: one.int):
            events = self.verifications_of(one)
            yield from (_planned(event) for event in events if event.trigger is not Trigger.EVENT)

    def journal(self) -> Iterator[tuple[int, Verification]]:
        """All verification events in the order of recording, each with its place in it."""
        return iter(sorted(self._session.chains(self._tables.verifications), key=_place))


def _arrived(state: FreshnessState) -> Arrivals:
    return Arrivals(state.pool, state.attribute, state.source, state.p_ref)


def _shifted(state: FreshnessState, pool: str, shift: int) -> FreshnessState:
    return state._replace(pool=pool, key=None if state.key is None else state.key + shift)


def _planned(event: Verification) -> PlannedCheck:
    return PlannedCheck(
        event.contact_id,
        event.attribute,
        event.subject_id,
        event.pool,
        event.value_source,
        None if event.since is None else to_microseconds(event.since),
        to_microseconds(event.at),
        event.is_valid,
        event.trigger,
        event.is_correction,
        event.incident,
    )


def _in_order(states: Mapping[StateKey, FreshnessState]) -> list[FreshnessState]:
    return sorted(states.values(), key=lambda state: (state.attribute, state.subject_id.int))


class InMemoryHistoryRepository:
    """Change sets: append-only."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def append(self, changes: Sequence[ChangeSet]) -> None:
        """Append change sets."""
        placed = self._session.numbered(self._tables.counters, changes)
        self._session.append_by(self._tables.log, lambda entry: entry[1].entity_id, placed)
        imported = grouped((change.import_id, change) for change in changes if change.import_id is not None)
        for import_id, made in imported.items():
            self._session.append(self._tables.log_by_import, import_id, made)

    def of(self, entity_id: UUID) -> list[ChangeSet]:
        """Return the changes of a record, oldest first."""
        return _oldest_first([change for _, change in self._session.chain(self._tables.log, entity_id)])

    def of_import(self, import_id: UUID) -> list[ChangeSet]:
        """Return the changes that an import made, oldest first."""
        return _oldest_first(self._session.chain(self._tables.log_by_import, import_id))

    def since(self, instant: datetime) -> Iterator[ChangeSet]:
        """All changes recorded after an instant, the newest first."""
        later = (entry for entry in self._session.chains(self._tables.log) if entry[1].recorded_at > instant)
        return (change for _, change in sorted(later, key=_moment, reverse=True))

    def journal(self, ids: Iterable[UUID] | None = None) -> Iterator[tuple[int, ChangeSet]]:
        """Changes with their places in the order of recording: of some records, or all by recorded time."""
        if ids is None:
            return iter(sorted(self._session.chains(self._tables.log), key=_moment))
        return (entry for one in dict.fromkeys(ids) for entry in self._session.chain(self._tables.log, one))

    def replaced(
        self,
        entity: str,
        fields: Collection[str],
        *,
        ids: Iterable[UUID] | None = None,
        since: datetime | None = None,
    ) -> Iterator[ChangeSet]:
        """Changes in which one of some fields had a value that was replaced or cleared."""
        return (
            change
            for _, change in self.journal(ids)
            if change.entity == entity
            and (since is None or change.counts_from >= since)
            and any(change.before.get(name) is not None for name in fields)
        )


def _place(entry: tuple[int, object]) -> int:
    return entry[0]


def _moment(entry: tuple[int, ChangeSet]) -> tuple[datetime, int]:
    return entry[1].recorded_at, entry[0]


def _oldest_first(changes: list[ChangeSet]) -> list[ChangeSet]:
    """Order by recorded time; changes of one instant stay in the order in which they were appended."""
    return sorted(changes, key=lambda change: change.recorded_at)


class InMemoryConsentRepository:
    """Consent acts (append-only) and the suppression list."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def append(self, events: Sequence[ConsentEvent]) -> None:
        """Append consent acts."""
        self._session.append_by(self._tables.consents, lambda event: event.identifier, events)

    def of(self, identifiers: Iterable[str], *, channel: Channel, purpose: str) -> dict[str, list[ConsentEvent]]:
        """Return acts by identifier for a channel and a purpose, oldest first; an empty list if none."""
        return {
            one: [act for act in self.of_identifier(one) if act.channel is channel and act.purpose == purpose]
            for one in identifiers
        }

    def acts(self, identifiers: Iterable[str], *, channel: Channel, purpose: str) -> dict[str, list[ConsentEvent]]:
        """Return what the gate reads of acts, by identifier, oldest first; who has none for it is left out."""
        found = self.of(identifiers, channel=channel, purpose=purpose)
        return {one: acts for one, acts in found.items() if acts}

    def of_identifier(self, identifier: str) -> list[ConsentEvent]:
        """Return all acts of one identifier, oldest first by the time of the act."""
        acts = self._session.chain(self._tables.consents, identifier)
        return sorted(acts, key=lambda act: (act.occurred_at, act.recorded_at))  # then as recorded

    def of_import(self, import_id: UUID) -> list[ConsentEvent]:
        """Return the acts that an import brought, and those that ended them; of one identifier, as recorded."""
        return [act for act in self._session.chains(self._tables.consents) if act.import_id == import_id]

    def all(self) -> Iterator[ConsentEvent]:
        """All acts; those of one identifier in the order of recording."""
        return iter(self._session.chains(self._tables.consents))

    def suppressions(self) -> Iterator[Suppression]:
        """The whole suppression list."""
        lists = self._session.rows(self._tables.suppressions).values()
        return (entry for entries in lists for entry in entries.values())

    def suppress(self, entries: Sequence[Suppression]) -> None:
        """Put identifiers on the suppression list; entries that exist stay as they are."""
        for entry in entries:
            known = self._session.get(self._tables.suppressions, entry.identifier) or {}
            if entry.channel not in known:
                self._session.put(self._tables.suppressions, entry.identifier, {**known, entry.channel: entry})

    def suppressed(self, identifiers: Iterable[str], *, channel: Channel | None) -> frozenset[str]:
        """Return which identifiers are suppressed for a channel, or for any with None.

        An entry without a channel is for all channels.
        """
        known = ((one, self._session.get(self._tables.suppressions, one) or {}) for one in identifiers)
        return frozenset(
            one for one, entries in known if entries and (channel is None or None in entries or channel in entries)
        )
