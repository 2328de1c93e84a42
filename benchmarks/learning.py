"""Half-lives: fitting checks against the textbook's EM steps by hand, which must give the same rate."""

from __future__ import annotations

import math
from random import Random
from uuid import UUID

from benchmarks.timing import Line, compare
from mimcore.domain.evidence import Trigger
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, PRIOR_CHECKS
from mimcore.quality.learning.fitting import HalfLifeFit, fit_half_lives
from mimcore.repositories.records import PlannedCheck

__all__ = ["fitting"]

_DAY_US = 86_400_000_000
_POOL = "b2b.email"
_RATE = 0.0008


def fitting(count: int) -> Line:
    """Fit so many checks of one pool, a year apart on average.

    Args:
        count: How many.
    """
    checks = _checks(count)

    def ours() -> tuple[HalfLifeFit, ...]:
        return fit_half_lives(checks, DEFAULT_HALF_LIVES, DEFAULT_HALF_LIVES)

    (fit,) = ours()
    assert abs(fit.rate.rate / _by_hand(checks) - 1) < 1e-6
    return compare(
        "half-lives learnt from checks",
        "EM steps over ready gaps",
        count,
        ours=ours,
        hand=lambda: _by_hand(checks),
        note="ours also orders the checks of each value and tells the standard error",
    )


def _checks(count: int) -> list[PlannedCheck]:
    dice = Random(5)
    return [_check(UUID(int=number + 1), dice) for number in range(count)]


def _check(owner: UUID, dice: Random) -> PlannedCheck:
    days = dice.expovariate(1 / 365)
    is_valid = dice.random() < math.exp(-_RATE * days)
    at = max(1, round(days * _DAY_US))
    return PlannedCheck(
        owner,
        "contact.emails",
        owner,
        _POOL,
        "list",
        0,
        at,
        is_valid,
        Trigger.PLANNED,
        is_correction=False,
        incident="",
    )


def _by_hand(checks: list[PlannedCheck]) -> float:
    strength = PRIOR_CHECKS[_POOL]
    time = strength / (math.log(2) / DEFAULT_HALF_LIVES[_POOL])
    unchanged = sum(one.at for one in checks if one.is_valid) / _DAY_US
    changed = [one.at / _DAY_US for one in checks if not one.is_valid]
    rate, before = len(changed) / unchanged, 0.0
    while abs(rate / (before or 1) - 1) > 1e-9:
        before = rate
        expected = sum(1 / rate - gap / math.expm1(min(700.0, rate * gap)) for gap in changed)
        rate = (strength + len(changed)) / (time + unchanged + expected)
    return rate
