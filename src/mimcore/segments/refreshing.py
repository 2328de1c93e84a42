"""Bringing memberships up to date: everybody set by set inside the store, or only those about whom something changed.

A refresh is a row of transactions, each of which leaves the log, the set of members and the outbox in agreement. One
that dies in the middle leaves what it had committed; the next one finds those people where they belong and goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from mimcore.domain.membership import MembershipMove, MoveCause
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import InvalidValueError, NotFoundError, RuleError
from mimcore.repositories.membership_port import JournalPlace, RefreshState
from mimcore.repositories.moving import record_moves
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.interchange.document import from_data
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.segments.fingerprints import Making, Workings, workings
from mimcore.segments.reasons import Found, Truth, causes, moves_of, true_among
from mimcore.segments.refreshed import Refresh, Tally
from mimcore.segments.standing import StandingIndex

__all__ = ["REFRESHER", "STORE", "refresh"]

STORE = UUID(int=0)
"""Under this id the state of the store as a whole is kept."""

REFRESHER = "refresh"
"""Who moves people when nobody does it by hand."""

_PORTION = 1000


def refresh(
    workspace: Workspace, standing: StandingIndex, at: datetime, *, keys: Sequence[str] = (), is_full: bool = False
) -> Refresh:
    """Bring memberships to an instant.

    Args:
        workspace: The store.
        standing: Its membership index.
        at: The instant; not in the future, and not before the newest refresh.
        keys: Only these segments, in full; all of them unless given.
        is_full: Whether everybody is asked about every segment.

    Raises:
        InvalidValueError: If the instant is out of range.
        NotFoundError: If there is no segment of a key.
    """
    if at > workspace.now():
        raise InvalidValueError("now", "lies in the future", "memberships are known up to the present")
    return _Run(workspace, standing, at, is_full=is_full).go(keys)


@dataclass
class _Plan:
    """What a refresh has to do.

    Attributes:
        full: Ids of the segments about which everybody is asked.
        ids: Contacts that are asked about all segments.
        touched: What was recorded about contacts since the last refresh.
        after: The state of the store once everything is done; None if only some segments are refreshed.
    """

    workings: Workings
    full: list[UUID]
    ids: list[UUID] = field(default_factory=list[UUID])
    touched: Mapping[UUID, Collection[MoveCause]] = field(default_factory=dict[UUID, Collection[MoveCause]])
    after: RefreshState | None = None

    @property
    def rules(self) -> Mapping[str, Rule | None]:
        """Rules of all segments by key."""
        return {one.segment.key: one.segment.rule for one in self.workings.makings.values()}


class _SupersededError(Exception):
    """A later refresh has begun."""


class _Run:
    def __init__(self, workspace: Workspace, standing: StandingIndex, at: datetime, *, is_full: bool) -> None:
        self._workspace, self._standing, self._at, self._is_full = workspace, standing, at, is_full
        self._tally, self._asked, self._failed = Tally(), 0, dict[str, str]()

    def go(self, keys: Sequence[str]) -> Refresh:
        """Plan, then go step by step; each step is a transaction."""
        with self._opened() as work:
            plan = self._planned(work, keys)
        self._failed.update(plan.workings.failed)
        try:
            for segment_id in plan.full:
                self._ask_everybody(plan, segment_id)
            self._ask_some_or_everybody(plan)
            self._finish(plan)
        except _SupersededError:
            return self._report(is_superseded=True)
        return self._report()

    def _report(self, *, is_superseded: bool = False) -> Refresh:
        return Refresh(self._at, self._tally.segments(), self._asked, self._failed, is_superseded)

    def _opened(self) -> UnitOfWork:
        return self._workspace.begin(actor=REFRESHER)

    # --- planning -----------------------------------------------------------------------------------------------------

    def _planned(self, work: UnitOfWork, keys: Sequence[str]) -> _Plan:
        memberships = work.transaction.memberships
        memberships.lock()
        place = memberships.place()
        state = memberships.state(STORE)
        made = workings(work)
        chosen = [self._known(work, key).id for key in keys]
        self._require_later(state, *(memberships.state(one) for one in chosen))
        if state is not None:
            memberships.put_state(replace(state, at=self._at))  # from here on an older refresh stops
        touched = causes(memberships.touched(state.done)) if state is not None else {}
        if chosen:
            return _Plan(made, [one for one in chosen if one in made.makings], touched=touched)
        after = self._after(work, state, place, made)
        is_first = state is None
        full = [one for one in made.makings if self._is_asked_in_full(work, made.makings[one], is_first=is_first)]
        if state is None or self._is_full:
            memberships.drop_due(touched)
            memberships.put_state(after if state is None else replace(state, at=self._at))
            return _Plan(made, full, [], touched, replace(after, is_covered=False))
        return _Plan(made, full, self._concerned(work, state, after, touched), touched, replace(after, is_covered=True))

    def _known(self, work: UnitOfWork, key: str) -> Segment:
        found = work.transaction.segments.with_key(key)
        if found is None:
            raise NotFoundError(f"there is no segment '{key}' in this store")
        return found

    def _require_later(self, *states: RefreshState | None) -> None:
        if any(one is not None and one.at > self._at for one in states):
            raise InvalidValueError("now", "lies before the newest refresh", "memberships only go forward in time")

    def _after(self, work: UnitOfWork, state: RefreshState | None, place: JournalPlace, made: Workings) -> RefreshState:
        """Return the store's state after this refresh: everything is taken in up to where nobody was still writing."""
        memberships = work.transaction.memberships
        done, noted = (0, JournalPlace()) if state is None else (state.done, state.noted)
        if memberships.has_settled(place):
            done, noted = place.number, JournalPlace()
        elif noted.number and memberships.has_settled(noted):
            done, noted = noted.number, place
        elif not noted.number:
            noted = place
        return RefreshState(STORE, self._at, made.timed, None, done, noted)

    def _is_asked_in_full(self, work: UnitOfWork, making: Making, *, is_first: bool) -> bool:
        """Nobody tells whom an act of consent concerns, so a rule about consent is asked of everybody."""
        if making.segment.is_archived:
            return False
        if is_first or self._is_full or "permissions" in making.needs:
            return True
        state = work.transaction.memberships.state(making.segment.id)
        return state is None or state.fingerprint != making.fingerprint

    def _concerned(
        self, work: UnitOfWork, state: RefreshState, after: RefreshState, touched: Collection[UUID]
    ) -> list[UUID]:
        """Return those about whom something changed, and those whom time may have moved."""
        memberships = work.transaction.memberships
        found = set(touched)
        if after.fingerprint and after.fingerprint == state.fingerprint and state.is_covered:
            found.update(memberships.due(self._at))
        elif after.fingerprint:
            if after.fingerprint != state.fingerprint:
                memberships.drop_due()
                memberships.put_state(replace(state, at=self._at, fingerprint=after.fingerprint, is_covered=False))
            found.update(memberships.due(self._at), memberships.uncovered())
        return sorted(found, key=lambda one: one.int)

    # --- everybody, set by set ----------------------------------------------------------------------------------------

    def _ask_everybody(self, plan: _Plan, segment_id: UUID) -> None:
        making = plan.workings.makings[segment_id]
        try:
            with self._continued(plan) as work:
                now = work.transaction.segments.get_many([segment_id]).get(segment_id)
                if now is None or now.rule != making.segment.rule:
                    return  # changed since the plan was made: the next refresh sees that
                making = replace(making, segment=now)
                moves = self._moves_in_full(work, plan, making)
                record_moves(work.transaction, moves)
                rule = now.rule
                plain = None if rule is None else rule.model_dump(mode="json", exclude_none=True)
                work.transaction.memberships.put_state(RefreshState(segment_id, self._at, making.fingerprint, plain))
        except (RuleError, NotFoundError) as error:
            self._failed[making.segment.key] = str(error)
            return
        self._tally.add(making.segment.key, "full")
        self._tally.count(moves)

    def _moves_in_full(self, work: UnitOfWork, plan: _Plan, making: Making) -> list[MembershipMove]:
        memberships, segment = work.transaction.memberships, making.segment
        rule = segment.effective_rule
        bound = work.question(InSegment(segment=segment.key) if rule is None else rule, self._at)
        entering, leaving = memberships.entering(segment.id, bound), memberships.leaving(segment.id, bound)
        entering, leaving = _settled(work, segment, entering, leaving)
        state = memberships.state(segment.id)
        found = Found(
            making,
            entering,
            leaving,
            self._at,
            REFRESHER,
            _cause(making, state),
            plan.touched,
            plan.rules,
            None if state is None or state.rule is None else from_data(state.rule),
        )
        return moves_of(work, found, true_among(work, self._at))

    # --- those about whom something changed ---------------------------------------------------------------------------

    def _ask_some_or_everybody(self, plan: _Plan) -> None:
        """One rule that cannot be evaluated keeps the index from being made: the others are asked of everybody then."""
        try:
            self._ask_some(plan)
        except (RuleError, NotFoundError):
            for segment_id, making in plan.workings.makings.items():
                if segment_id not in plan.full and not making.segment.is_archived:
                    self._ask_everybody(plan, segment_id)
            if plan.after is not None:
                plan.after = replace(plan.after, is_covered=False)

    def _ask_some(self, plan: _Plan) -> None:
        for portion in portions(plan.ids, _PORTION):
            with self._continued(plan) as work:
                moves = self._moves_of_some(work, plan, portion)
                record_moves(work.transaction, moves)
            self._asked += len(portion)
            self._tally.count(moves)

    def _moves_of_some(self, work: UnitOfWork, plan: _Plan, ids: Sequence[UUID]) -> list[MembershipMove]:
        memberships = work.transaction.memberships
        found = work.transaction.contacts.get_many(ids)
        active = [one for one in found.values() if one.status is RecordStatus.ACTIVE]
        answers = self._standing.answers(work, active, self._at)
        makings = {one.segment.key: one for one in plan.workings.makings.values() if not one.segment.is_archived}
        known = memberships.of(ids)
        entering: dict[str, list[UUID]] = {}
        leaving: dict[str, list[UUID]] = {}
        for one in ids:
            mine = answers.memberships[one].members if one in answers.memberships else frozenset[str]()
            for key in mine & makings.keys():
                if makings[key].segment.id not in known[one]:
                    entering.setdefault(key, []).append(one)
            for key, making in makings.items() if known[one] else ():
                if making.segment.id in known[one] and key not in mine:
                    leaving.setdefault(key, []).append(one)
        self._keep_due(work, plan, ids, {one: answer.valid_until for one, answer in answers.memberships.items()})
        truth = _from_facts(work, answers.facts, self._at)
        moves: list[MembershipMove] = []
        for key in sorted(entering.keys() | leaving.keys()):
            making = makings[key]
            pair = _settled(work, making.segment, entering.get(key, []), leaving.get(key, []))
            told = Found(making, *pair, self._at, REFRESHER, None, plan.touched, plan.rules)
            moves += moves_of(work, told, truth)
        return moves

    def _keep_due(
        self, work: UnitOfWork, plan: _Plan, ids: Sequence[UUID], instants: Mapping[UUID, datetime | None]
    ) -> None:
        if plan.after is not None and plan.after.fingerprint:
            work.transaction.memberships.put_due(instants)
            work.transaction.memberships.drop_due([one for one in ids if one not in instants])

    # --- between the steps --------------------------------------------------------------------------------------------

    def _continued(self, plan: _Plan) -> UnitOfWork:
        """Open the next step, unless a later refresh has begun."""
        work = self._opened()
        try:
            self._require_newest(work, plan)
        except BaseException:
            work.rollback()
            raise
        return work

    def _require_newest(self, work: UnitOfWork, plan: _Plan) -> None:
        work.transaction.memberships.lock()
        state = work.transaction.memberships.state(STORE)
        if plan.after is not None and (state is None or state.at != self._at):
            raise _SupersededError

    def _finish(self, plan: _Plan) -> None:
        if plan.after is not None:
            with self._continued(plan) as work:
                work.transaction.memberships.put_state(plan.after)


def _cause(making: Making, state: RefreshState | None) -> MoveCause | None:
    """Return why all movers of a segment move, if they do so for one reason."""
    if state is None or making.is_new_rule(state.fingerprint):
        return MoveCause.RULE
    return None if state.fingerprint == making.fingerprint else MoveCause.SETTING


def _settled(
    work: UnitOfWork, segment: Segment, entering: Sequence[UUID], leaving: Sequence[UUID]
) -> tuple[list[UUID], list[UUID]]:
    """Leave out whom somebody has moved by hand meanwhile; nobody else can from here on."""
    movers = [*entering, *leaving]
    if not movers:
        return [], []
    work.transaction.contacts.lock(movers)
    known, lists = work.transaction.memberships.of(movers), work.transaction.segments.lists_of(movers)
    included, excluded = segment.list_names()
    return (
        [one for one in entering if segment.id not in known[one] and excluded not in lists[one]],
        [one for one in leaving if segment.id in known[one] and not _is_held(work, one, included, lists[one])],
    )


def _is_held(work: UnitOfWork, contact_id: UUID, included: str, lists: Collection[str]) -> bool:
    """Tell whether an active contact is in by hand."""
    if included not in lists:
        return False
    found = work.transaction.contacts.get_many([contact_id]).get(contact_id)
    return found is not None and found.status is RecordStatus.ACTIVE


def _from_facts(work: UnitOfWork, facts: Mapping[UUID, Facts], at: datetime) -> Truth:
    """Answer from the facts that the index was asked with."""

    def asked(rule: Rule, ids: Collection[UUID]) -> Collection[UUID]:
        test = evaluator(work.bind(rule, at))
        return frozenset(one for one in ids if one in facts and test(facts[one]) is True)

    return asked
