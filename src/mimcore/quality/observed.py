"""The observed decay: what a random sample of checks found, with the interval that its size leaves open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from mimcore.display import percent
from mimcore.domain.evidence import Trigger
from mimcore.repositories.records import PlannedCheck
from mimcore.values.instants import to_microseconds
from mimcore.values.rates import Interval, wilson_interval

__all__ = ["ObservedDecay", "Sample", "observed_decay", "sampled"]


@dataclass(frozen=True, slots=True)
class ObservedDecay:
    """Failures among random checks.

    Attributes:
        failures: Values that were found wrong.
        checks: Values that were checked.
        confidence: Of the interval.
    """

    failures: int
    checks: int
    confidence: float = 0.95

    @property
    def share(self) -> float:
        """Share of the checked values that were wrong."""
        return self.failures / self.checks

    @property
    def interval(self) -> Interval:
        """Where the share of all values lies (Wilson)."""
        return wilson_interval(self.failures, self.checks, confidence=self.confidence)

    @property
    def words(self) -> str:
        """The share with its interval, short."""
        low, high = (f"{100 * end:.0f}" for end in (self.interval.lower, self.interval.upper))
        return f"{percent(self.share)} ({low}–{high})"

    def __str__(self) -> str:
        """The share with its interval and the size of the sample."""
        low, high = percent(self.interval.lower), percent(self.interval.upper)
        return f"{percent(self.share)} ({low} to {high}) of {self.checks} random checks"


class Sample(NamedTuple):
    """The newest random check of a value."""

    contact_id: UUID
    attribute: str
    source: str
    pool: str
    is_valid: bool


def sampled(checks: Iterable[PlannedCheck], since: datetime, until: datetime) -> list[Sample]:
    """Return the newest random check of each value within a span of time.

    Args:
        checks: See `FreshnessRepository.planned_checks`.
        since: Begin of the span, not in it.
        until: End of the span.
    """
    first, last = to_microseconds(since), to_microseconds(until)
    newest: dict[tuple[str, UUID], tuple[int, Sample]] = {}
    for one in checks:
        if one.trigger is Trigger.RANDOM and first < one.at <= last:
            key = (one.attribute, one.subject_id)
            if key not in newest or newest[key][0] <= one.at:
                made = Sample(one.contact_id, one.attribute, one.value_source, one.pool, one.is_valid)
                newest[key] = (one.at, made)
    return [sample for _, sample in newest.values()]


def observed_decay(
    samples: Iterable[Sample], segments: Mapping[str, frozenset[UUID]]
) -> dict[tuple[str, str], ObservedDecay]:
    """Return the observed decay of the whole and of each attribute, source, pool and segment that was sampled.

    Args:
        samples: Random checks.
        segments: Ids of the contacts in each segment.
    """
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in samples:
        inside = (("segment", name) for name, ids in segments.items() if one.contact_id in ids)
        own = (("all", "all"), ("attribute", one.attribute), ("source", one.source), ("pool", one.pool))
        for group in (*own, *inside):
            counts[group][0] += not one.is_valid
            counts[group][1] += 1
    return {group: ObservedDecay(failures, checks) for group, (failures, checks) in counts.items()}
