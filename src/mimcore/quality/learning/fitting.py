"""A store's own half-lives: what its checks say about each pool, applied to every key, and taken back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mimcore.display import Table, count
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, PRIOR_CHECKS
from mimcore.errors import StaleVersionError
from mimcore.quality.learning.estimation import DecayRate, Prior, estimate
from mimcore.quality.learning.gaps import Gaps, gaps_by_pool
from mimcore.repositories.records import OutboxEvent, PlannedCheck
from mimcore.repositories.rekeying import keep_half_lives
from mimcore.repositories.workspace import Workspace
from mimcore.values.identifiers import new_id

__all__ = ["HalfLifeFit", "HalfLifePlan", "fit_half_lives", "plan_half_lives"]


@dataclass(frozen=True, slots=True)
class HalfLifeFit:
    """What the checks of one pool say.

    Attributes:
        pool: Half-life pool.
        checks: How many checks closed a gap.
        changes: How many of them found the value wrong.
        before_days: Half-life so far.
        rate: Estimated changes per day, with its standard error.
    """

    pool: str
    checks: int
    changes: int
    before_days: float
    rate: DecayRate

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
        fits: One for each pool that has checks; the others keep their half-life.
    """

    fits: tuple[HalfLifeFit, ...]
    workspace: Workspace = field(repr=False)
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
        return Table.of(
            ("pool", "checks", "changes", "half-life", "learnt", "from", "to"),
            [
                (one.pool, one.checks, one.changes, *map(_days, (one.before_days, one.after_days, *one.interval_days)))
                for one in self.fits
            ],
            title="Half-lives learnt",
            caption=caption,
        )

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().html()

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
        changed = self._keep({one.pool: one.before_days for one in self.fits}, wanted)
        # The default is stored as none at all, so that a later default of the library counts again.
        self._replaced = {
            one.pool: None if one.before_days == DEFAULT_HALF_LIVES.get(one.pool) else one.before_days
            for one in self.fits
        }
        return changed

    def undo(self) -> int:
        """Let the half-lives of before hold again, and recompute the keys; nothing happens if they were not applied.

        Raises:
            StaleVersionError: If a half-life changed since.
        """
        if self._replaced is None:
            return 0
        changed = self._keep({one.pool: one.after_days for one in self.fits}, self._replaced)
        self._replaced = None
        return changed

    def _keep(self, expected: Mapping[str, float], wanted: Mapping[str, float | None]) -> int:
        with self.workspace.begin() as work:
            now = work.transaction.freshness.half_lives()
            for pool, days in expected.items():
                if now.get(pool) != days:
                    raise StaleVersionError(f"the half-life of {pool} changed in the meantime: learn it again")
            changed = keep_half_lives(work.transaction, wanted)
            told = {pool: [expected[pool], days] for pool, days in wanted.items()}
            at = work.origin.recorded_at
            event = OutboxEvent("half_lives_changed", "half_life", new_id(), 1, at, {"days": told})
            work.transaction.outbox.append([event])
        return changed


def plan_half_lives(workspace: Workspace) -> HalfLifePlan:
    """Learn half-lives from the planned and random checks of a store; nothing is written yet.

    Args:
        workspace: The store.
    """
    with workspace.read() as work:
        freshness, half_lives = work.transaction.freshness, work.transaction.freshness.half_lives()
        declared = {one.pool: one.half_life_days for one in work.transaction.attributes.all() if one.half_life_days}
        fits = fit_half_lives(freshness.planned_checks(), half_lives, {**DEFAULT_HALF_LIVES, **declared})
    return HalfLifePlan(fits, workspace)


def fit_half_lives(
    checks: Iterable[PlannedCheck], half_lives: Mapping[str, float], believed: Mapping[str, float]
) -> tuple[HalfLifeFit, ...]:
    """Learn the half-life of each pool that was checked.

    Args:
        checks: Contact by contact.
        half_lives: Half-lives that hold now, in days, by pool.
        believed: Half-lives before anything was checked: the published and the declared ones.
    """
    found = sorted(gaps_by_pool(checks).items())
    return tuple(_fit(pool, gaps, half_lives, believed) for pool, gaps in found if pool in half_lives)


def _fit(pool: str, gaps: Gaps, half_lives: Mapping[str, float], believed: Mapping[str, float]) -> HalfLifeFit:
    prior = Prior(math.log(2) / believed.get(pool, half_lives[pool]), PRIOR_CHECKS.get(pool, 1.0))
    rate = estimate(gaps.unchanged_days, gaps.changed_days(), prior=prior)
    return HalfLifeFit(pool, gaps.checks, gaps.changes, half_lives[pool], rate)


def _days(days: float) -> str:
    return count(round(days))
