"""How trustworthy each value was at an instant: what arrived, was checked and was merged by then, done again.

Exact as long as half-lives are as they were: those a store uses now are taken. A source's reliability is the one that
it had when the value arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS
from mimcore.domain.freshness import FreshnessState, observed, resettled
from mimcore.domain.pools import pool_for
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.repositories.past.histories import histories
from mimcore.repositories.plain_states import SETTLED, read_state
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import MergeLink, Verification
from mimcore.repositories.undo_fields import past_of
from mimcore.repositories.verifying import weighed_in

__all__ = ["Ageing", "Reliabilities", "StateReplay", "reliabilities"]

Key = tuple[str, UUID]
Ageing = ChangeSet | Verification | MergeLink
"""What changes how trustworthy values are."""
Reliabilities = Callable[[str, int], float]
"""A source's reliability at a place in the order of recording."""

_POINTS = {"contact.emails": "email", "contact.phones": "phone"}
_POOLS = {spec.name: spec.pool for spec in (*CONTACT_FIELDS, *ACCOUNT_FIELDS) if not spec.is_derived}


def reliabilities(transaction: Transaction) -> Reliabilities:
    """Return how reliable each source was, at any place in the order of recording.

    Args:
        transaction: Open transaction.
    """
    now = {source.id: source for source in transaction.sources.all()}
    known: dict[str, list[tuple[int, float]]] = {}
    for one, placed in histories(transaction, now):
        values: dict[str, Any] = {}
        for number, change in placed:
            values.update(change.after)
            rate = values.get("source.reliability")
            known.setdefault(values.get("source.key") or now[one].key, []).append(
                (number, DEFAULT_RELIABILITY if rate is None else rate)
            )

    def at(key: str, number: int) -> float:
        earlier = [rate for place, rate in known.get(key, ()) if place <= number]
        return earlier[-1] if earlier else DEFAULT_RELIABILITY

    return at


class StateReplay:
    """The states of one person's records, and of those merged with them, from the beginning.

    Attributes:
        states: By attribute and subject.
    """

    def __init__(self, half_lives: Mapping[str, float], rates: Reliabilities, pools: Mapping[str, str]) -> None:
        """Begin with nothing known.

        Args:
            half_lives: Half-life in days by pool.
            rates: Reliability of sources.
            pools: Pools of custom attributes, by canonical field name.
        """
        self.states: dict[Key, FreshnessState] = {}
        self._half_lives, self._rates, self._pools = half_lives, rates, {**_POOLS, **pools}
        self._values: dict[UUID, dict[str, Any]] = {}
        self._history: dict[UUID, list[ChangeSet]] = {}
        self._checks: dict[tuple[UUID, str, UUID], list[Verification]] = {}

    def run(self, placed: Iterable[tuple[int, Ageing]]) -> Iterator[FreshnessState]:
        """Do everything again, and yield the states that are left.

        Args:
            placed: What happened, with places in the order of recording, in the order in which it counts.
        """
        for number, one in placed:
            if isinstance(one, ChangeSet):
                self._change(number, one)
            elif isinstance(one, Verification):
                self._check(number, one)
            else:
                self._put(resettled(read_state(state), self._half_lives) for state in one.before.get(SETTLED, ()))
        return iter(self.states.values())

    def _put(self, states: Iterable[FreshnessState]) -> None:
        self.states.update(((state.attribute, state.subject_id), state) for state in states)

    def _change(self, number: int, change: ChangeSet) -> None:
        one, history = change.entity_id, self._history.setdefault(change.entity_id, [])
        if change.is_removal:
            self._values.pop(one, None)
            self.states = {key: state for key, state in self.states.items() if state.contact_id != one}
        elif not change.is_of_list:
            before = dict(self._values.setdefault(one, {}))
            self._values[one].update(change.after)
            arrivals = list(self._arrivals(one, before, change.after))
            self._gone(one, before, change.after)
            self._put(self._state(number, change, change, *arrival) for arrival in arrivals)
            if change.kind is ChangeKind.IMPORT_UNDONE and change.import_id is not None:
                self._put(self._come_back(number, change, history))
        history.append(change)

    def _come_back(self, number: int, change: ChangeSet, history: Sequence[ChangeSet]) -> Iterator[FreshnessState]:
        """A value that comes back has the source and the time of the change that first brought it."""
        past = past_of(history, change.import_id) if change.import_id else None
        for name, brought in past.brought_by.items() if past else ():
            if brought is not None and name in self._pools and self._values[change.entity_id].get(name) is not None:
                yield self._state(number, change, brought, name, change.entity_id, self._pools[name])

    def _arrivals(
        self, one: UUID, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Iterator[tuple[str, UUID, str]]:
        """Yield attribute, subject and pool of values that are new or different."""
        for name, value in after.items():
            if name in _POINTS:
                new = _ids(value) - _ids(before.get(name))
                yield from ((name, point, _POINTS[name]) for point in new)
            elif name in self._pools and value is not None:
                yield name, one, self._pools[name]

    def _gone(self, one: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        for name, value in after.items():
            if name in _POINTS:
                keys = [(name, point) for point in _ids(before.get(name)) - _ids(value)]
            else:
                keys = [(name, one)] if value is None else []
            for key in keys:
                self.states.pop(key, None)

    def _state(  # noqa: PLR0917 - the last three are one arrival
        self, number: int, change: ChangeSet, brought: ChangeSet, attribute: str, subject: UUID, base: str
    ) -> FreshnessState:
        is_business = change.entity == "account" or self._is_linked(change.entity_id)
        pool = pool_for(
            base, is_business=is_business, attribute=attribute, source=brought.source, known=self._half_lives
        )
        return observed(
            attribute,
            change.entity_id,
            subject,
            pool=pool,
            source=brought.source,
            reliability=self._rates(brought.source, number),
            observed_at=brought.observed_at,
            half_life_days=self._half_lives[pool],
        )

    def _is_linked(self, contact_id: UUID) -> bool:
        links = self._values[contact_id].get("contact.accounts") or ()
        return any(link.get("end_on") is None for link in links)

    def _check(self, number: int, event: Verification) -> None:
        state = self.states.get((event.attribute, event.subject_id))
        if state is None:
            return
        known = self._checks.setdefault((event.contact_id, event.attribute, event.subject_id), [])
        half_life = self._half_lives[state.pool]
        earlier = sorted(known, key=lambda one: one.at)
        self._put([weighed_in(state, earlier, event, half_life, lambda: self._rates(state.source, number))])
        known.append(event)


def _ids(points: Sequence[Mapping[str, Any]] | None) -> set[UUID]:
    return {UUID(str(point["id"])) for point in points or ()}
