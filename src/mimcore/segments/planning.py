"""What a refresh has to do: which segments are asked of everybody, and who is asked about all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from mimcore.domain.membership import MoveCause
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError
from mimcore.repositories.membership_port import JournalPlace, RefreshState
from mimcore.repositories.reading import not_found
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.nodes import Rule
from mimcore.segments.fingerprints import Making, Workings, workings
from mimcore.segments.reasons import causes

__all__ = ["CATCH_UP", "STORE", "Plan", "plan_refresh"]

STORE = UUID(int=0)
"""Under this id the state of the store as a whole is kept."""

CATCH_UP = 5000
"""So many contacts a refresh asks when new rules on time can turn, beside those that it asks anyway."""


@dataclass
class Plan:
    """What a refresh has to do.

    Attributes:
        full: Ids of the segments about which everybody is asked.
        ids: Contacts that are asked about all segments.
        touched: What was recorded about contacts since the last refresh.
        after: The state of the store once everything is done; None if only some segments are refreshed.
        generation: Which generation of rules that know of time this is.
    """

    workings: Workings
    full: list[UUID]
    ids: list[UUID] = field(default_factory=list[UUID])
    touched: Mapping[UUID, Collection[MoveCause]] = field(default_factory=dict[UUID, Collection[MoveCause]])
    after: RefreshState | None = None
    generation: int = 0

    @property
    def rules(self) -> Mapping[str, Rule | None]:
        """Rules of all segments by key."""
        return {one.segment.key: one.segment.rule for one in self.workings.makings.values()}


def plan_refresh(
    work: UnitOfWork, at: datetime, keys: Sequence[str], *, is_full: bool, catch_up: int = CATCH_UP
) -> Plan:
    """Plan a refresh; from here on an older one stops.

    Args:
        work: Open unit of work.
        at: The instant that memberships are brought to.
        keys: Only these segments, in full; all of them where there are none.
        is_full: Whether everybody is asked about every segment.
        catch_up: How many contacts are asked when new rules on time can turn, beside those that are asked anyway.

    Raises:
        InvalidValueError: If memberships are known for a later instant.
        NotFoundError: If there is no segment of a key.
    """
    memberships = work.transaction.memberships
    memberships.lock()
    place = memberships.place()
    states, made = memberships.states(), workings(work)
    state = states.get(STORE)
    chosen = [_known(work, key).id for key in keys]
    _require_later(at, state, *map(states.get, chosen))
    touched = causes(memberships.touched(state.done)) if state is not None else {}
    before = state or RefreshState(STORE, at, "")
    if state is not None or not chosen:
        before = _generated(before, made)
        memberships.put_state(replace(before, at=at))
    if chosen:
        return Plan(made, [one for one in chosen if one in made.makings], touched=touched, generation=before.generation)
    _forget_archived(work, made, states)
    plan = Plan(made, [], [], touched, _after(work, at, before, place), before.generation)
    if state is None or is_full:
        plan.full = [one for one, making in made.makings.items() if not making.segment.is_archived]
        memberships.drop_due(touched)
        plan.after = replace(plan.after or before, covered=0 if touched else before.covered)
        return plan
    _by_what_changed(work, plan, before, states, catch_up)
    return plan


def _generated(before: RefreshState, made: Workings) -> RefreshState:
    """Begin a new generation of next instants where another set of rules knows of time."""
    if before.fingerprint == made.timed:
        return before
    return replace(before, fingerprint=made.timed, generation=before.generation + 1)


def _forget_archived(work: UnitOfWork, made: Workings, states: Mapping[UUID, RefreshState]) -> None:
    """Let archived segments be asked in full when they come back: meanwhile nobody asks about them."""
    for one in (one for one, making in made.makings.items() if making.segment.is_archived):
        known = states.get(one)
        if known is not None and known.fingerprint:
            work.transaction.memberships.put_state(replace(known, fingerprint=""))


def _by_what_changed(
    work: UnitOfWork, plan: Plan, before: RefreshState, states: Mapping[UUID, RefreshState], catch_up: int
) -> None:
    """Choose the segments that are new or made anew, and the contacts that changed or that time may have moved.

    What time does to a new rule is known once everybody has been asked about it. Where these are too many for one
    refresh, it asks some of them, and everybody about the rule, set by set, until all have been.
    """
    memberships, found = work.transaction.memberships, set(plan.touched)
    for one, making in plan.workings.makings.items():
        if not making.segment.is_archived and _is_made_anew(states.get(one), making):
            plan.full.append(one)
    if not before.fingerprint or plan.after is None:
        plan.ids = _ordered(found)
        return
    found.update(memberships.due(plan.after.at))
    missing = _missing(work, before, found, catch_up + 1) if before.covered < before.generation else []
    found.update(missing[:catch_up])
    plan.ids = _ordered(found)
    if len(missing) <= catch_up:
        plan.after = replace(plan.after, covered=before.generation)
        return
    for one, making in plan.workings.makings.items():
        known = states.get(one)
        if one not in plan.full and making.is_timed and not making.segment.is_archived:
            plan.full += [one] if known is None or known.generation > before.covered else []


def _missing(work: UnitOfWork, before: RefreshState, asked: Collection[UUID], most: int) -> list[UUID]:
    """Return so many of those whose next instant is not known, beside those who are asked anyway."""
    found = work.transaction.memberships.uncovered(before.generation, most + len(asked))
    return [one for one in found if one not in asked][:most]


def _is_made_anew(state: RefreshState | None, making: Making) -> bool:
    return state is None or state.fingerprint != making.fingerprint


def _ordered(ids: Collection[UUID]) -> list[UUID]:
    return sorted(ids, key=lambda one: one.int)


def _known(work: UnitOfWork, key: str) -> Segment:
    found = work.transaction.segments.with_key(key)
    if found is None:
        raise not_found("segment", key, [one.key for one in work.segments.all()])
    return found


def _require_later(at: datetime, *states: RefreshState | None) -> None:
    if any(one is not None and one.at > at for one in states):
        raise InvalidValueError("now", "lies before the newest refresh", "memberships only go forward in time")


def _after(work: UnitOfWork, at: datetime, before: RefreshState, place: JournalPlace) -> RefreshState:
    """Return the store's state after this refresh: everything is taken in up to where nobody was still writing."""
    memberships = work.transaction.memberships
    done, noted = before.done, before.noted
    if memberships.has_settled(place):
        done, noted = place.number, JournalPlace()
    elif noted.number and memberships.has_settled(noted):
        done, noted = noted.number, place
    elif not noted.number:
        noted = place
    return replace(before, at=at, done=done, noted=noted)
