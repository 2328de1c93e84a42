"""Which values to check first: the most wrongness taken out per check."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mimcore.display import Table, percent
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.errors import InvalidValueError
from mimcore.quality.decay import weight_of

__all__ = ["Check", "RefreshPlan", "refresh_plan"]

HORIZON_DAYS = 365.0
"""How far ahead a check is meant to help."""


@dataclass(frozen=True, slots=True)
class Check:
    """A value to check.

    Attributes:
        contact_id: The contact.
        attribute: Canonical field name.
        subject_id: The contact or the contact point.
        freshness: Probability that the value is right now.
        gain: Weighted wrongness that the check takes out, over the horizon, in value-years.
    """

    contact_id: UUID
    attribute: str
    subject_id: UUID
    freshness: float
    gain: float


@dataclass(frozen=True, slots=True)
class RefreshPlan:
    """The checks to make first, and what they do to the decayed share.

    Attributes:
        at: Instant.
        checks: Values to check, the most useful first.
        before: Decayed share now, 0-1.
        after: Decayed share once these values are checked and put right.
    """

    at: datetime
    checks: tuple[Check, ...]
    before: float
    after: float

    def table(self) -> Table:
        """How many checks each attribute gets."""
        tally = Counter(check.attribute for check in self.checks)
        caption = f"presumed wrong: {percent(self.before)} now, {percent(self.after)} after {len(self.checks)} checks"
        return Table.of(("attribute", "checks"), tally.most_common(), title="What to check first", caption=caption)

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().html()


def refresh_plan(
    states: Iterable[FreshnessState], half_lives: Mapping[str, float], now: datetime, *, checks: int
) -> RefreshPlan:
    """Choose the values to check first.

    gain = w · (1 − p) · (1 − e^(−λT)) / λ with the planning horizon T of one year: wrongness taken out, discounted by
    how soon the value decays again (Cho and Garcia-Molina). Every check costs the same here and finds the right value.

    Args:
        states: States of the values; undated ones cannot be ranked and are left out.
        half_lives: Half-life in days by pool.
        now: Aware instant.
        checks: At most so many, 0 or more.

    Raises:
        InvalidValueError: If `checks` is negative.

    Examples:
        >>> from datetime import UTC
        >>> refresh_plan([], {}, datetime(2026, 3, 1, tzinfo=UTC), checks=10).checks
        ()
    """
    if checks < 0:
        raise InvalidValueError("checks", "is negative", "give the number of checks that can be made")
    durable = {pool: _durability(days) for pool, days in half_lives.items()}
    total, wrong, candidates = 0.0, 0.0, list[Check]()
    for state in states:
        if state.key is None:
            continue
        weight, p = weight_of(state.attribute), freshness_at(state.key, now, half_lives[state.pool])
        total, wrong = total + weight, wrong + weight * (1 - p)
        candidates.append(
            Check(state.contact_id, state.attribute, state.subject_id, p, weight * (1 - p) * durable[state.pool])
        )
    chosen = heapq.nlargest(checks, candidates, key=lambda one: (one.gain, str(one.subject_id), one.attribute))
    mended = sum(weight_of(one.attribute) * (1 - one.freshness) for one in chosen)
    return RefreshPlan(now, tuple(chosen), wrong / total if total else 0.0, (wrong - mended) / total if total else 0.0)


def _durability(half_life_days: float) -> float:
    """Return (1 − e^(−λT))/λ in years."""
    rate = math.log(2) / half_life_days * 365
    return -math.expm1(-rate * HORIZON_DAYS / 365) / rate
