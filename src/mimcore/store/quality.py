"""How good the stored data is: what is presumed wrong, how fast it decays, what to check first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from mimcore.capture.forms.form import Form
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.domain.pools import attribute_of
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.quality.costs import Amount
from mimcore.quality.decay import TARGET, DecayReport, decay_report
from mimcore.quality.learning.fitting import LEAST_CHECKS, HalfLifePlan, plan_half_lives
from mimcore.quality.memberships import changeable
from mimcore.quality.observed import sampled
from mimcore.quality.profiling.questions import FRESH, NextQuestions, next_questions
from mimcore.quality.profiling.reasons import live_segments
from mimcore.quality.refresh import HORIZON_DAYS, RefreshPlan, Stake, refresh_plan
from mimcore.quality.rhythm import Rhythm, rhythm_of
from mimcore.quality.sending import PreSend, before_send
from mimcore.quality.tallies import tallied
from mimcore.quality.trend import DecayTrend
from mimcore.quality.worklist import take_back
from mimcore.repositories.origin import Moment
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import asked_at
from mimcore.rules.language.nodes import Rule
from mimcore.rules.writing.fields import Field
from mimcore.segments.references import rule_of
from mimcore.store.quality_checks import QualityChecks
from mimcore.store.stewardship import Stewardship
from mimcore.values.arguments import given_list

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["QualityAccessor", "Segments"]

Segments = Mapping[str, Segment | Rule | str] | Iterable[Segment | str]
"""Segments by the names they are to have, or segments and their keys."""
_PAGE = 2000


class QualityAccessor(QualityChecks, Stewardship):
    """How good the stored data is."""

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def report(
        self,
        *,
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
        segments: Segments = (),
        required: Iterable[Field | str] | None = None,
        observed_days: float = 365.0,
        target: float = TARGET,
    ) -> DecayReport:
        """Return how much is presumed wrong: the decayed share by attribute, source, pool, segment and age.

        Args:
            now: Instant; the store's clock unless given.
            as_of: Ask the past instead, see `Store.as_of`.
            hindsight: With `as_of`, whether later knowledge counts.
            segments: Segments to report on: their keys, or rules by a name for each.
            required: Attributes that count for the completeness; all that occur unless given.
            observed_days: How far back random checks count for the observed decay.
            target: Decayed share that is aimed at.

        Returns:
            A report that prints itself, and shows itself with a chart in a notebook.
        """
        store = self._store.then(as_of, hindsight=hindsight)
        at = asked_at(store, now)
        with store.read() as work:
            freshness = work.transaction.freshness
            return decay_report(
                freshness.all(),
                freshness.half_lives(),
                at,
                segments=_members(work, segments, at),
                samples=sampled(freshness.planned_checks(), at - timedelta(days=observed_days), at),
                contacts=work.contacts.count(now=at),
                required=None
                if required is None
                else [_attribute(work, one) for one in given_list(required, "required")],
                target=target,
            )

    def trend(self, moments: Sequence[Moment], *, hindsight: bool = False, target: float = TARGET) -> DecayTrend:
        """Return the decayed share on several days of the past, with the half-lives of now.

        Every day is put together from the history, see `Store.as_of` for what that costs.

        Args:
            moments: Days or instants, none in the future.
            hindsight: Whether later knowledge counts.
            target: Decayed share that is aimed at.
        """
        points: list[tuple[datetime, float | None]] = []
        for moment in moments:
            report = self.report(as_of=moment, hindsight=hindsight, target=target)
            points.append((report.at, report.decayed_share))
        return DecayTrend(tuple(points), target)

    def half_lives(self) -> Mapping[str, float]:
        """Return the half-life in days of every pool, as it holds in this store: published, declared or learnt.

        Rules about freshness are asked of frames with it: `mim.filter(frame, rule, half_lives=…)`.

        Examples:
            >>> import mimcore as mim
            >>> mim.connect("memory:").quality.half_lives()["b2b.email"]
            969.0
        """
        with self._store.read() as work:
            return dict(work.transaction.freshness.half_lives())

    def fit_half_lives(self, *, least_checks: int = LEAST_CHECKS, segments: Segments = ()) -> HalfLifePlan:
        """Learn from the store's planned and random checks how fast values decay: by pool, attribute and source.

        Nothing is written yet: print the plan, `apply` it, and `undo` it.

        Args:
            least_checks: How many checks an attribute of a pool, or a source of an attribute, must have for a half-life
                of its own; with fewer its values have the greater pool's.
            segments: Segments to compare: how fast whole pools decay there is told, not applied.
        """
        with self._store.read() as work:
            members = _members(work, segments, self._store.now())
        return plan_half_lives(self._store, least_checks=least_checks, segments=members or None)

    def refresh_plan(
        self,
        *,
        checks: int | None = None,
        budget: Amount | None = None,
        costs: Mapping[str, Amount] | Amount = 1.0,
        success_rate: float = 1.0,
        horizon_days: float = HORIZON_DAYS,
        for_segments: Segments | None = None,
        target: float = TARGET,
        now: datetime | None = None,
    ) -> RefreshPlan:
        """Return the values to check first for a budget, and what that does to the decayed share.

        Args:
            checks: At most so many.
            budget: What may be spent: money, or units of your own. Give one of the two, or both.
            costs: Of one check: by attribute such as `contact.emails` (others cost 1), or one for all.
            success_rate: Probability that the check of a wrong value finds the right one.
            horizon_days: How far ahead a check is meant to help.
            for_segments: Rank by how many memberships of these segments the answer could change; other values are
                left out.
            target: Decayed share that is aimed at.
            now: Instant; the store's clock unless given.

        Returns:
            A plan that prints itself, hands out tasks, and has the whole what-if curve.
        """
        with self._store.read() as work:
            freshness = work.transaction.freshness
            at = work.origin.asked_at(now)
            stake = None if for_segments is None else _stake(work, _rules(work, for_segments), at)
            return refresh_plan(
                freshness.all(),
                freshness.half_lives(),
                at,
                checks=checks,
                budget=budget,
                costs=costs,
                success_rate=success_rate,
                horizon_days=horizon_days,
                stake=stake,
                target=target,
                workspace=self._store,
            )

    def take_back(
        self,
        task: Task | UUID | str,
        *,
        is_right: bool,
        by: str = "call",
        new_value: Any = None,
        at: Moment | None = None,
        source: Source | str | None = None,
    ) -> Task:
        """Record what a task of a refresh plan found; the value is confirmed or refuted, and the task is done.

        Args:
            task: A task that `RefreshPlan.hand_out` made, or its id.
            is_right: Whether the value was right.
            by: Declared kind of check, see `UnitOfWork.confirm`.
            new_value: The right value, if it was found.
            at: When; the store's clock unless given.
            source: Who checked, if it is not the store's source.

        Returns:
            The task; one that was done before stays as it is.
        """
        return take_back(self._store, task, is_right=is_right, by=by, new_value=new_value, at=at, source=source)

    def next_questions(
        self,
        contact: Contact | UUID | str,
        *,
        segments: Segments | None = None,
        forms: Iterable[Form] = (),
        purposes: Mapping[str, str] | None = None,
        limit: int = 3,
        fresh: float = FRESH,
        costs: Mapping[str, float] | None = None,
        now: datetime | None = None,
    ) -> NextQuestions:
        """Return what is worth asking one person next: never what is fresh, never what nobody has a use for.

        A field has a use if its answer decides whether the person is in a segment, if one of the forms asks for it, or
        if a purpose is declared for it. Special categories, records, places and amounts of money are never among them.

        Args:
            contact: A stored contact, or its id.
            segments: Which segments count; all of the store that follow a rule and are not archived unless given.
            forms: Forms whose fields have a use.
            purposes: What else fields are for, by their names.
            limit: How many questions.
            fresh: From which probability on a value is not asked for again, 0-1.
            costs: Of asking, by the fields' names; 1 unless given.
            now: Instant; the store's clock unless given.

        Returns:
            Questions that print themselves with their reasons; `mim.form(*found.fields)` asks them.
        """
        with self._store.read() as work:
            at, known = work.origin.asked_at(now), work.catalogue
            asked_by = ((one.spec.name, f"asked by the form '{form.key}'") for form in forms for one in form.questions)
            declared = ((known[name].name, why) for name, why in (purposes or {}).items())
            return next_questions(
                work,
                work.contacts.get(contact),
                live_segments(work) if segments is None else _rules(work, segments),
                at,
                uses=(*asked_by, *declared),
                limit=limit,
                fresh=fresh,
                costs={known[name].name: cost for name, cost in (costs or {}).items()},
            )

    def before_send(
        self,
        segment: Segment | Rule | str,
        *,
        value: float,
        harm: float,
        cost: float,
        channel: Literal["email", "phone"] = "email",
        now: datetime | None = None,
    ) -> PreSend:
        """Say for each recipient whether to check the address first, to send, or to leave out.

        Consent is not asked here: make the audience of those to whom you send.

        Args:
            segment: A segment, its key, or a rule; contacts without an address are left out.
            value: Of a message that arrives.
            harm: Of a message to a wrong address.
            cost: Of a check.
            channel: Which first address or number is meant.
            now: Instant; the store's clock unless given.
        """
        with self._store.read() as work:
            at = work.origin.asked_at(now)
            found = _freshness_of(work, rule_of(work, segment), f"primary_{channel}", at)
            return before_send(found, value=value, harm=harm, cost=cost)

    def rhythm(self, *, target: float = TARGET) -> Rhythm:
        """Return how often each source must be refreshed, so that no more than the target share is wrong.

        Args:
            target: Decayed share, 0-1.
        """
        with self._store.read() as work:
            freshness = work.transaction.freshness
            half_lives = freshness.half_lives()
            cells, _ = tallied(freshness.all(), half_lives, self._store.now(), {})
            return rhythm_of(cells, half_lives, work.sources.all(), target)


def _stake(work: UnitOfWork, rules: Mapping[str, Rule], at: datetime) -> Stake:
    hanging = changeable(work, rules.values(), at)
    return lambda state: float(hanging[state.attribute, state.contact_id])


def _freshness_of(work: UnitOfWork, rule: Rule, name: str, at: datetime) -> Iterator[tuple[UUID, float | None]]:
    """Yield contacts with the probability that their first address or number is right."""
    freshness = work.transaction.freshness
    half_lives = freshness.half_lives()
    for page in portions(work.contacts.stream(rule, now=at), _PAGE):
        states = freshness.of([one.id for one in page])
        for contact in page:
            point = getattr(contact, name)
            if point is not None:
                own = (one for one in states.get(contact.id, ()) if one.subject_id == point.id)
                yield contact.id, next((_probability(one, half_lives, at) for one in own), None)


def _probability(state: FreshnessState, half_lives: Mapping[str, float], at: datetime) -> float | None:
    return None if state.key is None else freshness_at(state.key, at, half_lives[state.pool])


def _members(work: UnitOfWork, segments: Segments, at: datetime) -> dict[str, frozenset[UUID]]:
    return {name: frozenset(work.contacts.ids(rule, now=at)) for name, rule in _rules(work, segments).items()}


def _rules(work: UnitOfWork, segments: Segments) -> dict[str, Rule]:
    """Return the rules of segments by name."""
    if isinstance(segments, Mapping):
        named = cast("Mapping[str, Segment | Rule | str]", segments)
        return {name: rule_of(work, one) for name, one in named.items()}
    return {one if isinstance(one, str) else one.key: rule_of(work, one) for one in segments}


def _attribute(work: UnitOfWork, field: Field | str) -> str:
    """Return the attribute that a field's values stand under."""
    return attribute_of((field.spec if isinstance(field, Field) else work.catalogue[field]).name)
