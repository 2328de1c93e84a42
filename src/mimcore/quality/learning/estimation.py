"""The decay rate of a pool from checks that say whether a value changed, never when: interval-censored data.

With gaps between being known right and being checked, the unchanged ones adding up to U and the changed ones Δ_j,
values that change at a constant rate λ have the log-likelihood

    log L(λ) = −λU + Σ ln(1 − e^(−λΔ_j))

(Cho and Garcia-Molina, Estimating Frequency of Change, TOIT 2003: irregular visits, existence of change only). Changes
whose instant is known add ln λ − λ·exposure each. The prior is λ ~ Gamma(κ, κ/λ0), which counts as κ changes seen at
the rate λ0, and the estimate is the mode of the posterior of ln λ: the root of

    score(ln λ) = κ − κλ/λ0 + d − λE − λU + Σ x/(e^x − 1),      x = λΔ_j,

which falls as λ grows and so has one root, found by Newton's method inside a bracket. The curvature there,

    information = λ(U + E + κ/λ0) + Σ x(xe^x − e^x + 1)/(e^x − 1)²,

gives the standard error of ln λ. Dividing changes by time instead takes the change to have happened at the check. Of
data that decays by 22.5 % a year that is 20 % too low where checks come irregularly, a year apart on average, and 34 %
for two years (12 and 22 % where they come exactly so far apart).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from mimcore.errors import InvalidValueError

__all__ = ["DecayRate", "Prior", "estimate", "from_equal_gaps"]

_STEPS = 200
_CLOSE = 1e-12
_HUGE = 700.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before anything was checked.

    Attributes:
        rate: λ0, changes per unit of time; positive.
        strength: κ, how many observed changes that belief is worth; 0 for none.
    """

    rate: float
    strength: float


NO_PRIOR = Prior(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class DecayRate:
    """An estimated rate of decay.

    Attributes:
        rate: λ, changes per unit of the time that gaps were given in.
        error: Standard error of ln λ.
    """

    rate: float
    error: float

    @property
    def half_life(self) -> float:
        """Ln 2 / λ, in that unit of time."""
        return math.log(2) / self.rate

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the rate, from the normal interval of its logarithm.

        Args:
            confidence: Between 0 and 1.
        """
        reach = math.exp(NormalDist().inv_cdf(0.5 + confidence / 2) * self.error)
        return self.rate / reach, self.rate * reach

    def half_life_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the half-life."""
        low, high = self.interval(confidence)
        return math.log(2) / high, math.log(2) / low


def estimate(
    unchanged: float,
    changed: Sequence[float],
    *,
    exact_changes: int = 0,
    exact_exposure: float = 0.0,
    prior: Prior = NO_PRIOR,
) -> DecayRate:
    """Estimate a rate of decay; formulas and their source stand at the top of the module.

    Args:
        unchanged: Sum of the gaps in which nothing changed.
        changed: Gaps in which the value changed at some instant; those of no length tell nothing.
        exact_changes: Changes whose instant is known.
        exact_exposure: Time watched until those changes, and until now where there was none.
        prior: What was believed before.

    Raises:
        InvalidValueError: If the data leaves the rate open and there is no prior: nothing changed, or everything.

    Examples:
        Two of ten values changed within a year.

        >>> round(estimate(8.0, [1.0, 1.0]).rate, 6)
        0.223144

        No data is the prior, with a standard error of 1/√κ.

        >>> estimate(0.0, [], prior=Prior(0.25, 4.0))
        DecayRate(rate=0.25, error=0.5)
    """
    gaps = sorted(gap for gap in changed if gap > 0)
    events = prior.strength + exact_changes
    time = unchanged + exact_exposure + prior.strength / prior.rate
    if not gaps:
        if events <= 0 or time <= 0:
            raise _open("nothing changed" if events <= 0 else "no time passed")
        return DecayRate(events / time, 1 / math.sqrt(events))
    if time <= 0:
        raise _open("everything changed")
    where = _root(events, time, gaps)
    return DecayRate(math.exp(where), 1 / math.sqrt(_score(where, events, time, gaps)[1]))


def from_equal_gaps(changed: int, checks: int, gap: float, *, is_bias_reduced: bool = False) -> float:
    """Return the rate from checks that are all equally far apart: −ln(1 − X/n)/τ (Cho and Garcia-Molina).

    Args:
        changed: X, how many found a change.
        checks: n, more than X unless bias is reduced.
        gap: τ, time between checks.
        is_bias_reduced: Whether to use −ln((n − X + ½)/(n + ½))/τ, which is less biased, and finite if all changed.

    Raises:
        InvalidValueError: If the counts make no sense.

    Examples:
        >>> round(from_equal_gaps(2, 10, 1.0), 6), round(from_equal_gaps(2, 10, 1.0, is_bias_reduced=True), 6)
        (0.223144, 0.211309)
    """
    if not 0 <= changed <= checks or checks < 1 or gap <= 0:
        raise InvalidValueError("changed", "is no count of changes among the checks", "give 0 ≤ changed ≤ checks")
    if is_bias_reduced:
        return -math.log((checks - changed + 0.5) / (checks + 0.5)) / gap
    if changed == checks:
        raise _open("everything changed")
    return -math.log1p(-changed / checks) / gap


def _open(what: str) -> InvalidValueError:
    return InvalidValueError("changed", f"leaves the rate open: {what}", "give a prior, or wait for more checks")


def _root(events: float, time: float, gaps: Sequence[float]) -> float:
    """Return ln λ where the score is 0, by Newton's method kept inside a bracket that shrinks."""
    # x/(e^x − 1) lies between 0 and 1 for each gap, so that the score is positive left of this and negative right.
    high = math.log((events + len(gaps)) / time)
    low = high - 1.0
    while _score(low, events, time, gaps)[0] < 0:
        low -= 2.0
    at = math.log((events + len(gaps)) / (time + sum(gaps) / 2))
    for _ in range(_STEPS):
        score, information = _score(at, events, time, gaps)
        low, high = (at, high) if score > 0 else (low, at)
        step = at + score / information
        new = step if low < step < high else (low + high) / 2
        if abs(new - at) < _CLOSE:
            return new
        at = new
    return at


def _score(ln_rate: float, events: float, time: float, gaps: Sequence[float]) -> tuple[float, float]:
    """Return the score with respect to ln λ, and minus its derivative."""
    rate = math.exp(ln_rate)
    score, information = events - rate * time, rate * time
    for gap in gaps:
        x = rate * gap
        if x > _HUGE:
            continue
        if x < 1e-4:
            score += 1 - x / 2
            information += x / 2
            continue
        grown = math.expm1(x)
        share = x / grown
        score += share
        information += share * (share * (grown + 1) - 1)
    return score, information
