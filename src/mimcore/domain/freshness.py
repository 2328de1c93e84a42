"""How probable it is that a stored value is still right, and how that changes with time and evidence.

A value's state is a probability `p_ref` at an instant `ref_at` and a half-life pool. Between events it decays:
p(t) = p_ref · 2^(−(t − ref_at)/h). Evidence is a Bayes step with the evidence's sensitivity and false-confirmation rate
(a two-state absorbing hidden Markov filter). The state is stored as one time-invariant key K = ref_at + h·log2(p_ref),
so that "fresh enough now" is a comparison of K with a constant. Recording a check stands in `repositories`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from mimcore.domain.evidence import EVIDENCE, Evidence, evidence_by
from mimcore.domain.pools import DEFAULT_HALF_LIVES, PRIOR_CHECKS, pool_of, settled_pool
from mimcore.rules.lowering.value_conditions import freshness_at
from mimcore.values.instants import to_microseconds

__all__ = [
    "CLOCK_SKEW",
    "DEFAULT_HALF_LIVES",
    "EVIDENCE",
    "PRIOR_CHECKS",
    "UNDATED",
    "Evidence",
    "FreshnessState",
    "Undated",
    "evidence_by",
    "freshness_at",
    "freshness_key",
    "observed",
    "pool_of",
    "resettled",
    "weigh",
]

DAY_US = 86_400_000_000
CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future a stamp may lie and still count as now."""

_LEAST_LOG2 = -40.0


class FreshnessState(NamedTuple):
    """Provenance and trust of one stored value; every value of every contact has one, so it is a mere tuple.

    Attributes:
        attribute: Canonical field name; `contact.emails` and `contact.phones` for contact points.
        contact_id: The contact.
        subject_id: The contact, or the contact point.
        pool: Half-life pool.
        source: Key of the source that brought the value.
        observed_at: When the source saw the value; None for an undated value.
        confirmed_at: Newest evidence in favour.
        p_ref: Probability, 0-1, at `ref_at`.
        ref_at: Instant that `p_ref` belongs to; None for an undated value.
        key: K in microseconds; None for an undated value.
    """

    attribute: str
    contact_id: UUID
    subject_id: UUID
    pool: str
    source: str
    observed_at: datetime | None
    confirmed_at: datetime | None
    p_ref: float
    ref_at: datetime | None
    key: int | None


def freshness_key(p_ref: float, ref_at: datetime, half_life_days: float) -> int:
    """Return K = ref_at + h·log2(p_ref) in whole microseconds, rounded once; p_ref is clamped to [2⁻⁴⁰, 1].

    Args:
        p_ref: Probability at `ref_at`.
        ref_at: Aware instant.
        half_life_days: Positive.

    Examples:
        >>> from datetime import UTC
        >>> freshness_key(0.5, datetime(1970, 1, 11, tzinfo=UTC), 10.0)
        0
    """
    exponent = max(_LEAST_LOG2, math.log2(p_ref)) if p_ref > 0 else _LEAST_LOG2
    return to_microseconds(ref_at) + round(half_life_days * DAY_US * min(0.0, exponent))


def observed(
    attribute: str,
    contact_id: UUID,
    subject_id: UUID,
    *,
    pool: str,
    source: str,
    reliability: float,
    observed_at: datetime | None,
    half_life_days: float,
) -> FreshnessState:
    """Return the state of a value that has just arrived: it starts at its source's reliability.

    Args:
        attribute: Canonical field name.
        contact_id: The contact.
        subject_id: The contact or the contact point.
        pool: Half-life pool.
        source: Key of the source.
        reliability: Probability that the source is right, 0-1.
        observed_at: When the source saw it, or None if nobody knows.
        half_life_days: Half-life of the pool.
    """
    key = None if observed_at is None else freshness_key(reliability, observed_at, half_life_days)
    return FreshnessState(
        attribute, contact_id, subject_id, pool, source, observed_at, None, reliability, observed_at, key
    )


def resettled(state: FreshnessState, half_lives: Mapping[str, float]) -> FreshnessState:
    """Return a state as it stands with the half-lives that hold now: in its pool, with the key that follows from it.

    A state that was put aside (a merge remembers those it may have to restore) may come from before half-lives changed.

    Args:
        state: The state.
        half_lives: Half-life in days by pool.
    """
    pool = settled_pool(state.pool, state.attribute, state.source, half_lives)
    key = None if state.ref_at is None else freshness_key(state.p_ref, state.ref_at, half_lives[pool])
    return state._replace(pool=pool, key=key)


def weigh(
    state: FreshnessState, evidence: Evidence, *, is_valid: bool, at: datetime, half_life_days: float
) -> FreshnessState:
    """Return the state after a check: decay to the check, then a Bayes step.

    says valid:   p ← p·se / (p·se + (1−p)·fc);   says wrong:   p ← p(1−se) / (p(1−se) + (1−p)(1−fc)).

    Args:
        state: The state so far; an undated value is dated by its first check, starting from its `p_ref`.
        evidence: Rates of the check.
        is_valid: What the check said.
        at: When; a check older than the state is taken at the state's instant (its decay has been counted).
        half_life_days: Half-life of the state's pool.

    Examples:
        The worked chain of the reference: λ = 0.2614 a year, p 0.95, one year later confirmed (0.97, 0.10).

        >>> from datetime import UTC
        >>> start, h = datetime(2024, 1, 1, tzinfo=UTC), math.log(2) / 0.2614 * 365
        >>> one = UUID(int=1)
        >>> new = observed("a", one, one, pool="p", source="s", reliability=0.95, observed_at=start, half_life_days=h)
        >>> round(
        ...     weigh(new, Evidence(0.97, 0.10), is_valid=True, at=start + timedelta(days=365), half_life_days=h).p_ref,
        ...     4,
        ... )
        0.9635
    """
    if evidence.is_silent:
        return state
    moment = at if state.ref_at is None else max(at, state.ref_at)
    p = state.p_ref if state.key is None else freshness_at(state.key, moment, half_life_days)
    right, wrong = (
        (evidence.sensitivity, evidence.false_confirmation)
        if is_valid
        else (1 - evidence.sensitivity, 1 - evidence.false_confirmation)
    )
    total = p * right + (1 - p) * wrong
    posterior = p * right / total if total > 0 else p
    confirmed = max(state.confirmed_at or at, at) if is_valid else state.confirmed_at
    return FreshnessState(
        state.attribute,
        state.contact_id,
        state.subject_id,
        state.pool,
        state.source,
        state.observed_at,
        confirmed,
        posterior,
        moment,
        freshness_key(posterior, moment, half_life_days),
    )


class Undated:
    """The mark of values of which nobody knows when they were seen: `begin(observed_at=UNDATED)`."""

    def __repr__(self) -> str:
        """Its name."""
        return "UNDATED"


UNDATED: Final = Undated()
