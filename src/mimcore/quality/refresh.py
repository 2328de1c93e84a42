"""Which values to check first: the most wrongness taken out for the money, for as long as it lasts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from mimcore.display import Table, percent
from mimcore.display.style import fragment
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.domain.task import Task
from mimcore.errors import InvalidValueError, StoreError
from mimcore.quality.costs import Amount, Prices, prices
from mimcore.quality.decay import TARGET, weight_of
from mimcore.quality.what_if import Curve
from mimcore.quality.worklist import hand_out
from mimcore.repositories.workspace import Workspace

__all__ = ["Check", "RefreshPlan", "Stake", "refresh_plan"]

HORIZON_DAYS = 365.0
"""How far ahead a check is meant to help."""
Stake = Callable[[FreshnessState], float]
"""How much depends on a value; nothing is checked for which it is 0."""


@dataclass(frozen=True, slots=True)
class Check:
    """A value to check.

    Attributes:
        contact_id: The contact.
        attribute: Canonical field name.
        subject_id: The contact or the contact point.
        freshness: Probability that the value is right now.
        gain: Weighted wrongness that the check takes out, over the horizon, in value-years.
        cost: What the check costs.
    """

    contact_id: UUID
    attribute: str
    subject_id: UUID
    freshness: float
    gain: float
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class RefreshPlan:
    """The checks to make first, and what they do to the decayed share.

    Attributes:
        at: Instant.
        checks: Values to check, the most useful for its cost first.
        before: Decayed share now, 0-1.
        after: Decayed share once these values are checked, and those that could be found put right.
        curve: The decayed share after any number of checks of all values, in that order.
        prices: What checks cost.
    """

    at: datetime
    checks: tuple[Check, ...]
    before: float
    after: float
    curve: Curve = field(repr=False, compare=False)
    prices: Prices = field(repr=False)
    target: float = TARGET
    workspace: Workspace | None = field(default=None, repr=False, compare=False)

    @property
    def cost(self) -> float:
        """What the checks cost together, in units of the given costs."""
        return sum(check.cost for check in self.checks)

    def what_if(self, checks: Iterable[int] | None = None) -> Table:
        """What the decayed share would become after other numbers of checks.

        Args:
            checks: Numbers; some that are evenly far apart unless given.
        """
        return self.curve.table(checks)

    def hand_out(
        self, *, limit: int | None = None, assignee: str | None = None, due_on: date | str | None = None
    ) -> tuple[Task, ...]:
        """Store a task for each check, unless one for the same value is open already.

        The tasks name the contact and the field, never a value; `store.quality.take_back` takes the answers.

        Args:
            limit: At most so many, the most useful first.
            assignee: Who does them.
            due_on: Until when.

        Returns:
            The new tasks.

        Raises:
            StoreError: If the plan was not made by a store.
        """
        if self.workspace is None:
            raise StoreError("the plan was made without a store: use store.quality.refresh_plan(...)")
        return hand_out(self.workspace, self.checks[:limit], assignee=assignee, due_on=due_on)

    def table(self) -> Table:
        """How many checks each attribute gets, and what they cost."""
        tally, costs = Counter(check.attribute for check in self.checks), Counter[str]()
        for check in self.checks:
            costs[check.attribute] += check.cost  # type: ignore[assignment]
        rows = [(name, number, self.prices.shown(costs[name])) for name, number in tally.most_common()]
        caption = f"decayed share: {percent(self.before)} now, {percent(self.after)} after {len(self.checks)} checks"
        return Table.of(("attribute", "checks", "cost"), rows, title="What to check first", caption=caption)

    def __str__(self) -> str:
        """The table as text, and how far it is to the target."""
        point = self.curve.reaching(self.target)
        aim = f"a decayed share of {percent(self.target)}"
        if point is None:
            return f"{self.table()}\n{aim} is out of reach of checks alone"
        return f"{self.table()}\n{aim} takes {point.checks} checks at a cost of {self.prices.shown(point.cost)}"

    def _repr_html_(self) -> str:
        return fragment(self.table().html() + self.curve.chart(self.target).html())


def refresh_plan(
    states: Iterable[FreshnessState],
    half_lives: Mapping[str, float],
    now: datetime,
    *,
    checks: int | None = None,
    budget: Amount | None = None,
    costs: Mapping[str, Amount] | Amount = 1.0,
    success_rate: float = 1.0,
    horizon_days: float = HORIZON_DAYS,
    stake: Stake | None = None,
    target: float = TARGET,
    workspace: Workspace | None = None,
) -> RefreshPlan:
    """Choose the values to check first, by gain for cost.

    gain = w · (1 − p) · ρ · (1 − e^(−λT)) / λ: the wrongness that a check takes out, over the planning horizon T,
    discounted by how soon the value decays again (Cho and Garcia-Molina). Taking the best ratio first is optimal up to
    the last check, since gains add up. All candidates are held in memory.

    Args:
        states: States of the values; undated ones cannot be ranked and are left out.
        half_lives: Half-life in days by pool.
        now: Aware instant.
        checks: At most so many, 0 or more.
        budget: What may be spent; what is too dear is passed over. Give one of the two, or both.
        costs: Of one check: by attribute (others cost 1), or one for all.
        success_rate: ρ, probability that the check of a wrong value finds the right one.
        horizon_days: T, how far ahead a check is meant to help.
        stake: How much depends on a value, 1 for each unless given.
        target: Decayed share that is aimed at.
        workspace: The store, which hands out tasks.

    Raises:
        InvalidValueError: If a number makes no sense, or neither checks nor budget is given.

    Examples:
        >>> from datetime import UTC
        >>> refresh_plan([], {}, datetime(2026, 3, 1, tzinfo=UTC), checks=10).checks
        ()
    """
    _refuse(checks, budget, success_rate, horizon_days)
    priced = prices(costs, budget)
    durable = {pool: success_rate * _durability(days, horizon_days) for pool, days in half_lives.items()}
    total, wrong, candidates = 0.0, 0.0, list[Check]()
    for state in states:
        if state.key is None:
            continue
        weight, p = weight_of(state.attribute), freshness_at(state.key, now, half_lives[state.pool])
        total, wrong = total + weight, wrong + weight * (1 - p)
        depends = 1.0 if stake is None else stake(state)
        if depends > 0:
            gain, cost = depends * weight * (1 - p) * durable[state.pool], priced.price(state.attribute)
            candidates.append(Check(state.contact_id, state.attribute, state.subject_id, p, gain, cost))
    candidates.sort(key=lambda one: (one.gain / one.cost, one.subject_id.int, one.attribute), reverse=True)
    chosen = tuple(_affordable(candidates, checks, priced.budget))
    before = wrong / total if total else 0.0

    def lowers(one: Check) -> float:
        return success_rate * weight_of(one.attribute) * (1 - one.freshness) / total

    curve = Curve(before, ((one.cost, lowers(one)) for one in candidates))
    after = max(0.0, before - sum(map(lowers, chosen)))
    return RefreshPlan(now, chosen, before, after, curve, priced, target, workspace)


def _refuse(checks: int | None, budget: Amount | None, success_rate: float, horizon_days: float) -> None:
    if checks is None and budget is None:
        raise InvalidValueError("checks", "is missing", "give the number of checks that can be made, or a budget")
    if checks is not None and checks < 0:
        raise InvalidValueError("checks", "is negative", "give the number of checks that can be made")
    if not 0 < success_rate <= 1:
        raise InvalidValueError("success_rate", "is no probability", "give how often a check finds the right value")
    if not horizon_days > 0:
        raise InvalidValueError("horizon_days", "must be positive", "give how far ahead a check is meant to help")


def _affordable(candidates: Iterable[Check], checks: int | None, budget: float | None) -> Iterator[Check]:
    spent, taken = 0.0, 0
    for one in candidates:
        if checks is not None and taken >= checks:
            return
        if budget is None or spent + one.cost <= budget + 1e-9:
            spent, taken = spent + one.cost, taken + 1
            yield one


def _durability(half_life_days: float, horizon_days: float) -> float:
    """Return (1 − e^(−λT))/λ in years."""
    rate = math.log(2) / half_life_days * 365
    return -math.expm1(-rate * horizon_days / 365) / rate
