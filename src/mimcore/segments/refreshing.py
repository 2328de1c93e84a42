"""Bringing memberships up to date: everybody set by set inside the store, or only those about whom something changed.

A refresh is a row of transactions, each of which leaves the log, the set of members and the outbox in agreement. One
that dies in the middle leaves what it had committed; the next one finds those people where they belong and goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from mimcore.domain.membership import MembershipMove, MoveCause
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import InvalidValueError, NotFoundError, RuleError
from mimcore.repositories.collecting import uncollected
from mimcore.repositories.membership_port import RefreshState
from mimcore.repositories.moving import record_moves
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.interchange.document import from_data
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.rules.lowering.bound import Bound
from mimcore.segments.fingerprints import Making
from mimcore.segments.planning import CATCH_UP, STORE, Plan, plan_refresh
from mimcore.segments.reasons import Found, Truth, move_for_all, moves_of, true_among
from mimcore.segments.refreshed import Refresh, Tally
from mimcore.segments.standing import Answers, StandingIndex

__all__ = ["REFRESHER", "STORE", "refresh"]

REFRESHER = "refresh"
"""Who moves people when nobody does it by hand."""

_PORTION = 1000


def refresh(
    workspace: Workspace,
    standing: StandingIndex,
    at: datetime,
    *,
    keys: Sequence[str] = (),
    is_full: bool = False,
    catch_up: int = CATCH_UP,
) -> Refresh:
    """Bring memberships to an instant.

    Args:
        workspace: The store.
        standing: Its membership index.
        at: The instant; not in the future, and not before the newest refresh.
        keys: Only these segments, in full; all of them unless given.
        is_full: Whether everybody is asked about every segment.
        catch_up: How many contacts are asked when new rules on time can turn, beside those that are asked anyway.

    Raises:
        InvalidValueError: If the instant is out of range.
        NotFoundError: If there is no segment of a key.
    """
    if at > workspace.now():
        raise InvalidValueError("now", "lies in the future", "memberships are known up to the present")
    return _Run(workspace, standing, at, is_full=is_full).go(keys, catch_up)


class _Run:
    def __init__(self, workspace: Workspace, standing: StandingIndex, at: datetime, *, is_full: bool) -> None:
        self._workspace, self._standing, self._at, self._is_full = workspace, standing, at, is_full
        self._tally, self._asked, self._failed = Tally(), 0, dict[str, str]()

    def go(self, keys: Sequence[str], catch_up: int) -> Refresh:
        """Plan, then go step by step; each step is a transaction. A later refresh that has begun does the rest."""
        with self._opened() as work:
            plan = plan_refresh(work, self._at, keys, is_full=self._is_full, catch_up=catch_up)
        self._failed.update(plan.workings.failed)
        is_done = (
            all(self._ask_everybody(plan, one) for one in plan.full)
            and self._ask_some_or_everybody(plan)
            and self._is_finished(plan)
        )
        return Refresh(self._at, self._tally.segments(), self._asked, self._failed, not is_done)

    def _opened(self) -> UnitOfWork:
        return self._workspace.begin(actor=REFRESHER)

    # --- everybody, set by set ----------------------------------------------------------------------------------------

    def _ask_everybody(self, plan: Plan, segment_id: UUID) -> bool:
        """Ask everybody about a segment; False if a later refresh has begun."""
        making = plan.workings.makings[segment_id]
        try:
            with self._opened() as work:
                if not self._is_newest(work, plan):
                    return False
                now = work.transaction.segments.get_many([segment_id]).get(segment_id)
                if now is None or now.rule != making.segment.rule:
                    return True  # changed since the plan was made: the next refresh sees that
                self._move_in_full(work, plan, replace(making, segment=now))
        except (RuleError, NotFoundError) as error:
            self._failed[making.segment.key] = str(error)
        return True

    def _move_in_full(self, work: UnitOfWork, plan: Plan, making: Making) -> None:
        memberships, segment = work.transaction.memberships, making.segment
        state = memberships.state(segment.id)
        rule = segment.effective_rule
        bound = work.question(InSegment(segment=segment.key) if rule is None else rule, self._at)
        cause = _cause(making, state)
        self._tally.add(segment.key, "full")
        if cause is not None and _is_one_for_all(segment, state, cause) and memberships.try_alone(segment.id):
            move = move_for_all(making, self._at, REFRESHER, cause)
            self._tally.count_all(move, *memberships.move_all(bound, move))
        else:
            old = None if state is None or state.rule is None else from_data(state.rule)
            moves = self._moves_in_full(work, plan, making, bound, cause=cause, old=old)
            record_moves(work.transaction, moves)
            self._tally.count(moves)
        memberships.put_state(_refreshed(plan, making, state, self._at))

    def _moves_in_full(
        self, work: UnitOfWork, plan: Plan, making: Making, bound: Bound, *, cause: MoveCause | None, old: Rule | None
    ) -> list[MembershipMove]:
        """Find out of each mover why."""
        memberships, segment = work.transaction.memberships, making.segment
        entering, leaving = memberships.entering(segment.id, bound), memberships.leaving(segment.id, bound)
        pair = _ByHand.locked(work, {*entering, *leaving}).left_out(segment, entering, leaving)
        found = Found(making, *pair, self._at, REFRESHER, cause, plan.touched, plan.rules, old)
        return moves_of(work, found, true_among(work, self._at))

    # --- those about whom something changed ---------------------------------------------------------------------------

    def _ask_some_or_everybody(self, plan: Plan) -> bool:
        """One rule that cannot be evaluated keeps the index from being made: the others are asked of everybody then."""
        try:
            return self._ask_some(plan)
        except (RuleError, NotFoundError):
            others = {one: making for one, making in plan.workings.makings.items() if one not in plan.full}
            if plan.after is not None:
                plan.after = replace(plan.after, covered=0)
            return all(
                self._ask_everybody(plan, one) for one, making in others.items() if not making.segment.is_archived
            )

    def _ask_some(self, plan: Plan) -> bool:
        """Ask contacts about all segments; False if a later refresh has begun."""
        for portion in portions(plan.ids, _PORTION):
            with self._opened() as work, uncollected():
                if not self._is_newest(work, plan):
                    return False
                moves = self._moves_of_some(work, plan, portion)
                record_moves(work.transaction, moves)
            self._asked += len(portion)
            self._tally.count(moves)
        return True

    def _moves_of_some(self, work: UnitOfWork, plan: Plan, ids: Sequence[UUID]) -> list[MembershipMove]:
        found = work.transaction.contacts.get_many(ids)
        active = [one for one in found.values() if one.status is RecordStatus.ACTIVE]
        answers = self._standing.answers(work, active, self._at)
        entering, leaving = self._differences(work, plan, ids, answers)
        self._keep_due(work, plan, ids, answers)
        by_hand = _ByHand.locked(
            work, {one for movers in (entering, leaving) for ids in movers.values() for one in ids}
        )
        truth = _from_facts(work, answers.facts, self._at)
        moves: list[MembershipMove] = []
        for segment_id in sorted(entering.keys() | leaving.keys(), key=lambda one: one.int):
            making = plan.workings.makings[segment_id]
            pair = by_hand.left_out(making.segment, entering.get(segment_id, []), leaving.get(segment_id, []))
            told = Found(making, *pair, self._at, REFRESHER, None, plan.touched, plan.rules)
            moves += moves_of(work, told, truth)
        return moves

    def _differences(
        self, work: UnitOfWork, plan: Plan, ids: Sequence[UUID], answers: Answers
    ) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
        """Return who enters and who leaves, by segment; who is not active leaves all that are not archived."""
        segments = {one: making.segment for one, making in plan.workings.makings.items()}
        live = {segment.key: one for one, segment in segments.items() if not segment.is_archived}
        known = work.transaction.memberships.of(ids)
        entering: dict[UUID, list[UUID]] = {}
        leaving: dict[UUID, list[UUID]] = {}
        for one in ids:
            told = answers.memberships.get(one)
            mine = {live[key] for key in (() if told is None else told.members) if key in live}
            for segment_id in mine - known[one]:
                entering.setdefault(segment_id, []).append(one)
            for segment_id in known[one] - mine:
                if segment_id in segments and not segments[segment_id].is_archived:
                    leaving.setdefault(segment_id, []).append(one)
        return entering, leaving

    def _keep_due(self, work: UnitOfWork, plan: Plan, ids: Sequence[UUID], answers: Answers) -> None:
        """Note when time alone may move each of them next."""
        if plan.after is None or not plan.after.fingerprint:
            return
        instants = {one: answer.valid_until for one, answer in answers.memberships.items()}
        work.transaction.memberships.put_due(instants, plan.generation)
        work.transaction.memberships.drop_due([one for one in ids if one not in instants])

    # --- between the steps --------------------------------------------------------------------------------------------

    def _is_newest(self, work: UnitOfWork, plan: Plan) -> bool:
        """Tell whether no later refresh has begun; none does until the transaction ends."""
        work.transaction.memberships.lock()
        state = work.transaction.memberships.state(STORE)
        return plan.after is None or (state is not None and state.at == self._at)

    def _is_finished(self, plan: Plan) -> bool:
        """Keep what is known of the store now; False if a later refresh has begun."""
        if plan.after is None:
            return True
        with self._opened() as work:
            is_newest = self._is_newest(work, plan)
            if is_newest:
                work.transaction.memberships.put_state(plan.after)
        return is_newest


def _is_one_for_all(segment: Segment, state: RefreshState | None, cause: MoveCause) -> bool:
    """Tell whether the log says the same of all: there is no rule before, and nobody is in or out by hand."""
    return not segment.is_pinned and segment.is_dynamic and (cause is not MoveCause.RULE or _has_no_rule(state))


def _has_no_rule(state: RefreshState | None) -> bool:
    return state is None or state.rule is None


def _refreshed(plan: Plan, making: Making, state: RefreshState | None, at: datetime) -> RefreshState:
    """Return the state of a segment about which everybody was asked."""
    is_same = state is not None and state.fingerprint == making.fingerprint
    generation = (state.generation if state is not None and is_same else 0) or plan.generation
    rule = making.segment.rule
    plain = None if rule is None else rule.model_dump(mode="json", exclude_none=True)
    return RefreshState(making.segment.id, at, making.fingerprint, plain, generation=generation)


def _cause(making: Making, state: RefreshState | None) -> MoveCause | None:
    """Return why all movers of a segment move, if they do so for one reason."""
    if state is None or making.is_new_rule(state.fingerprint):
        return MoveCause.RULE
    return None if state.fingerprint == making.fingerprint else MoveCause.SETTING


@dataclass(frozen=True, slots=True)
class _ByHand:
    """What stands when nobody else can move certain contacts any more, and who of them is in or out by hand."""

    known: Mapping[UUID, frozenset[UUID]]
    lists: Mapping[UUID, frozenset[str]]
    active: frozenset[UUID]

    @classmethod
    def locked(cls, work: UnitOfWork, movers: Collection[UUID]) -> Self:
        """Lock contacts, and look again."""
        if not movers:
            return cls({}, {}, frozenset())
        transaction, nobody = work.transaction, frozenset[str]()
        transaction.contacts.lock(movers)
        found = transaction.segments.lists_of(movers)
        lists = {one: found.get(one, nobody) for one in movers}
        listed = transaction.contacts.get_many(one for one in movers if lists[one])
        active = frozenset(one for one, who in listed.items() if who.status is RecordStatus.ACTIVE)
        return cls(transaction.memberships.of(movers), lists, active)

    def left_out(
        self, segment: Segment, entering: Sequence[UUID], leaving: Sequence[UUID]
    ) -> tuple[list[UUID], list[UUID]]:
        """Return who still enters and leaves: not those whom somebody has moved by hand meanwhile."""
        included, excluded = segment.list_names()
        return (
            [one for one in entering if segment.id not in self.known[one] and excluded not in self.lists[one]],
            [
                one
                for one in leaving
                if segment.id in self.known[one] and not (included in self.lists[one] and one in self.active)
            ],
        )


def _from_facts(work: UnitOfWork, facts: Mapping[UUID, Facts], at: datetime) -> Truth:
    """Answer from the facts that the index was asked with."""

    def asked(rule: Rule, ids: Collection[UUID]) -> Collection[UUID]:
        test = evaluator(work.bind(rule, at))
        return frozenset(one for one in ids if one in facts and test(facts[one]) is True)

    return asked
