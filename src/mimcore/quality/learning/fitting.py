"""A store's own half-lives: what its checks say about each pool and its parts, applied to every key, and taken back.

A whole pool leans on the published rate. Its attributes lean on what the whole pool's checks say, and their sources on
what the attribute's say: each as if that were so many changes seen. A part with few checks gets no half-life of its
own, and its values keep that of the greater one; nor does a part that is all there is of the greater one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from mimcore.display import Table, count
from mimcore.display.style import fragment
from mimcore.domain.pools import DEFAULT_HALF_LIVES, PRIOR_CHECKS, divided, half_life_of
from mimcore.errors import InvalidValueError, StaleVersionError
from mimcore.quality.learning.estimation import DecayRate, Prior, estimate
from mimcore.quality.learning.gaps import Gaps, Group, gaps_by_group, gaps_together
from mimcore.repositories.records import OutboxEvent, PlannedCheck
from mimcore.repositories.rekeying import keep_half_lives
from mimcore.repositories.workspace import Workspace
from mimcore.values.identifiers import new_id

LEAST_CHECKS = 30
"""How many checks a part of a pool must have for a half-life of its own."""
PART_STRENGTH = 5.0
"""How many observed changes the greater pool's half-life is worth when that of a part is learnt."""

__all__ = ["LEAST_CHECKS", "HalfLifeFit", "HalfLifePlan", "fit_half_lives", "plan_half_lives"]


@dataclass(frozen=True, slots=True)
class HalfLifeFit:
    """What the checks of one pool, or of a part of one, say.

    Attributes:
        pool: Half-life pool, such as `b2b.email`, or a part: `b2b.email/contact.emails@fair`.
        checks: How many checks closed a gap.
        changes: How many of them found the value wrong.
        before_days: Half-life so far: of a part that had none of its own, the greater pool's.
        rate: Estimated changes per day, with its standard error.
        segment: Name of the segment that it is about; empty for everybody.
    """

    pool: str
    checks: int
    changes: int
    before_days: float
    rate: DecayRate
    segment: str = ""

    @property
    def after_days(self) -> float:
        """Estimated half-life."""
        return self.rate.half_life

    @property
    def interval_days(self) -> tuple[float, float]:
        """Where the half-life lies with 95 %."""
        return self.rate.half_life_interval()

    @property
    def is_news(self) -> bool:
        """Whether the half-life so far lies outside the interval."""
        low, high = self.interval_days
        return not low <= self.before_days <= high


@dataclass(slots=True)
class HalfLifePlan:
    """Half-lives learnt from checks, before and after they are applied.

    Attributes:
        fits: One for each pool, and for each part of one, that has checks enough; the others keep their half-life.
        by_segment: How fast the whole pools decay in each segment that was asked for: told, never applied.
    """

    fits: tuple[HalfLifeFit, ...]
    workspace: Workspace = field(repr=False)
    by_segment: tuple[HalfLifeFit, ...] = ()
    _replaced: dict[str, float | None] | None = field(default=None, init=False, repr=False)

    def __len__(self) -> int:
        """How many pools were fitted."""
        return len(self.fits)

    def __getitem__(self, pool: str) -> HalfLifeFit:
        """Return the fit of a pool; KeyError if nothing was checked there."""
        found = {fit.pool: fit for fit in self.fits}
        return found[pool]

    def table(self) -> Table:
        """Pools, what was checked, and the half-life before and after."""
        caption = "half-lives in days, with 95 % intervals; learnt from planned and random checks"
        rows = [(one.pool, *_row(one)) for one in self.fits]
        return Table.of(("pool", *_COLUMNS), rows, title="Half-lives learnt", caption=caption)

    def table_by_segment(self) -> Table:
        """Segments and pools, likewise."""
        rows = [(one.segment, one.pool, *_row(one)) for one in self.by_segment]
        caption = "to compare: a half-life is applied by pool, attribute and source"
        return Table.of(("segment", "pool", *_COLUMNS), rows, title="Half-lives by segment", caption=caption)

    def __str__(self) -> str:
        """The table as text, and that of the segments if there are some."""
        return "\n\n".join(map(str, self._tables()))

    def _repr_html_(self) -> str:
        return fragment("".join(one.html() for one in self._tables()))

    def _tables(self) -> list[Table]:
        return [self.table(), *([self.table_by_segment()] if self.by_segment else [])]

    def apply(self) -> int:
        """Store the half-lives, and recompute the keys of all values of these pools, in one transaction.

        Applying twice is applying once.

        Returns:
            How many values have a new key.

        Raises:
            StaleVersionError: If a half-life changed since they were learnt.
        """
        if self._replaced is not None:
            return 0
        wanted = {one.pool: one.after_days for one in self.fits}
        changed, before = self._keep({one.pool: one.before_days for one in self.fits}, wanted)
        # The default is stored as none at all, so that a later default of the library counts again.
        self._replaced = {pool: None if days == DEFAULT_HALF_LIVES.get(pool) else days for pool, days in before.items()}
        return changed

    def undo(self) -> int:
        """Let the half-lives of before hold again, and recompute the keys; nothing happens if they were not applied.

        Raises:
            StaleVersionError: If a half-life changed since.
        """
        if self._replaced is None:
            return 0
        changed, _ = self._keep({one.pool: one.after_days for one in self.fits}, self._replaced)
        self._replaced = None
        return changed

    def _keep(
        self, expected: Mapping[str, float], wanted: Mapping[str, float | None]
    ) -> tuple[int, dict[str, float | None]]:
        """Store half-lives; return how many values have a new key, and which half-lives the pools had of their own."""
        with self.workspace.begin() as work:
            now = dict(work.transaction.freshness.half_lives())
            for pool, days in expected.items():
                if half_life_of(pool, now) != days:
                    raise StaleVersionError(f"the half-life of {pool} changed in the meantime: learn it again")
            changed = keep_half_lives(work.transaction, wanted)
            told = {pool: [expected[pool], days] for pool, days in wanted.items()}
            at = work.origin.recorded_at
            event = OutboxEvent("half_lives_changed", "half_life", new_id(), 1, at, {"days": told})
            work.transaction.outbox.append([event])
        return changed, {pool: now.get(pool) for pool in wanted}


def plan_half_lives(
    workspace: Workspace, *, least_checks: int = LEAST_CHECKS, segments: Mapping[str, frozenset[UUID]] | None = None
) -> HalfLifePlan:
    """Learn half-lives from the planned and random checks of a store; nothing is written yet.

    Args:
        workspace: The store.
        least_checks: How many checks a part of a pool must have for a half-life of its own.
        segments: Ids of the contacts in segments to compare.

    Raises:
        InvalidValueError: If `least_checks` is not positive.
    """
    if least_checks < 1:
        raise InvalidValueError("least_checks", "must be positive", f"leave it out for {LEAST_CHECKS}")
    with workspace.read() as work:
        freshness, half_lives = work.transaction.freshness, work.transaction.freshness.half_lives()
        declared = {one.pool: one.half_life_days for one in work.transaction.attributes.all() if one.half_life_days}
        believed = {**DEFAULT_HALF_LIVES, **declared}
        checks = freshness.planned_checks() if segments is None else [*freshness.planned_checks()]
        fits = fit_half_lives(checks, half_lives, believed, least_checks=least_checks)
        compared = _compared(checks, fits, segments or {})
    return HalfLifePlan(fits, workspace, tuple(compared))


def fit_half_lives(
    checks: Iterable[PlannedCheck],
    half_lives: Mapping[str, float],
    believed: Mapping[str, float],
    *,
    least_checks: int = LEAST_CHECKS,
) -> tuple[HalfLifeFit, ...]:
    """Learn the half-life of each pool that was checked, and of each of its parts that was checked enough.

    Args:
        checks: Contact by contact.
        half_lives: Half-lives that hold now, in days, by pool.
        believed: Half-lives before anything was checked: the published and the declared ones.
        least_checks: How many checks a part must have for a half-life of its own.
    """
    learner = _Learner(half_lives, believed, least_checks)
    pools = _parted(gaps_by_group(checks), lambda group: group.pool)
    return tuple(fit for pool, groups in pools if pool in half_lives for fit in learner.of_pool(pool, groups))


_Groups = dict[Group, Gaps]


def _parted(groups: _Groups, by: Callable[[Group], str]) -> list[tuple[str, _Groups]]:
    parts: dict[str, _Groups] = {}
    for group, gaps in groups.items():
        parts.setdefault(by(group), {})[group] = gaps
    return sorted(parts.items())


@dataclass(frozen=True, slots=True)
class _Learner:
    half_lives: Mapping[str, float]
    believed: Mapping[str, float]
    least_checks: int

    def of_pool(self, pool: str, groups: _Groups) -> Iterator[HalfLifeFit]:
        prior = Prior(math.log(2) / self.believed.get(pool, self.half_lives[pool]), PRIOR_CHECKS.get(pool, 1.0))
        whole = self._fit(pool, gaps_together([*groups.values()]), prior)
        yield whole
        attributes = _parted(groups, lambda group: group.attribute)
        for attribute, own in attributes:
            found = [*self._parts([(divided(pool, attribute), own)] if len(attributes) > 1 else [], whole)]
            yield from found
            sources = _parted(own, lambda group: group.source)
            named = [(divided(pool, attribute, source), theirs) for source, theirs in sources]
            yield from self._parts(named if len(named) > 1 else [], (*found, whole)[0])

    def _parts(self, parts: Iterable[tuple[str, _Groups]], greater: HalfLifeFit) -> Iterator[HalfLifeFit]:
        """Yield the fits of those parts that have checks enough: they lean on the greater pool's."""
        for name, groups in parts:
            gaps = gaps_together([*groups.values()])
            if gaps.checks >= self.least_checks:
                yield self._fit(name, gaps, Prior(greater.rate.rate, PART_STRENGTH))

    def _fit(self, pool: str, gaps: Gaps, prior: Prior) -> HalfLifeFit:
        rate = estimate(gaps.unchanged_days, gaps.changed_days(), prior=prior)
        before = half_life_of(pool, self.half_lives)
        return HalfLifeFit(pool, gaps.checks, gaps.changes, rate.half_life if before is None else before, rate)


def _compared(
    checks: Iterable[PlannedCheck], fits: Iterable[HalfLifeFit], segments: Mapping[str, frozenset[UUID]]
) -> Iterator[HalfLifeFit]:
    """Yield how fast whole pools decay in segments; each leans on the pool's half-life among everybody."""
    known = {one.pool: one for one in fits}
    for name, ids in segments.items():
        inside = gaps_by_group(one for one in checks if one.contact_id in ids)
        for pool, groups in _parted(inside, lambda group: group.pool):
            if (everybody := known.get(pool)) is not None:
                gaps = gaps_together([*groups.values()])
                rate = estimate(
                    gaps.unchanged_days, gaps.changed_days(), prior=Prior(everybody.rate.rate, PART_STRENGTH)
                )
                yield HalfLifeFit(pool, gaps.checks, gaps.changes, everybody.after_days, rate, name)


_COLUMNS = ("checks", "changes", "half-life", "learnt", "from", "to")


def _row(one: HalfLifeFit) -> tuple[object, ...]:
    days = (one.before_days, one.after_days, *one.interval_days)
    return (one.checks, one.changes, *(count(round(each)) for each in days))
