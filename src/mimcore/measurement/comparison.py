"""Two rates side by side, and what may be said about them in plain words.

Not here: why one did better, attribution, and comparisons of money or time.
"""

from __future__ import annotations

from typing import Literal

from mimcore.display import count, percent
from mimcore.errors import InvalidValueError
from mimcore.measurement.intervals import newcombe_interval, probability_better, two_proportion_p
from mimcore.values.model import FrozenModel
from mimcore.values.rates import Interval, check_counts, wilson_interval

__all__ = ["Rate", "RateComparison", "compare_rates"]

_FEW = 5
"""Cochran's rule of thumb: with an expected cell below five the normal approximation is not to be trusted."""


class Rate(FrozenModel):
    """A share of n, with its uncertainty.

    Attributes:
        label: What it belongs to, for example a campaign's key.
        successes: How many of the n succeeded.
        n: How many there were.
        rate: successes / n, 0-1.
        interval: Wilson score interval of the rate.
    """

    label: str
    successes: int
    n: int
    rate: float
    interval: Interval

    @classmethod
    def of(cls, successes: int, n: int, *, label: str = "", confidence: float = 0.95) -> Rate:
        """Build a rate from counts.

        Args:
            successes: How many of the n succeeded.
            n: How many there were, at least 1.
            label: What it belongs to.
            confidence: Coverage of the interval.

        Returns:
            The rate with its Wilson interval.

        Raises:
            InvalidValueError: If the counts or the confidence make no sense.

        Examples:
            >>> str(Rate.of(250, 10_000, label="B")).replace("\u202f", " ")
            'B 2.5 % of 10 000 (2.2 … 2.8)'
        """
        check_counts(successes, n, label or "counts")
        interval = wilson_interval(successes, n, confidence=confidence)
        return cls(label=label, successes=successes, n=n, rate=successes / n, interval=interval)

    def __str__(self) -> str:
        """The rate in per cent, n, and the interval."""
        ends = f"{self.interval.lower * 100:.1f} … {self.interval.upper * 100:.1f}"
        return f"{self.label} {percent(self.rate)} of {count(self.n)} ({ends})".strip()


class RateComparison(FrozenModel):
    """What the data say about two rates.

    Attributes:
        a: The first rate.
        b: The second rate.
        difference: Rate B − rate A (0.01 is one percentage point).
        interval: Newcombe interval of the difference.
        p: Two-sided p of the z-test.
        probability_b_better: Probability that B's true rate is above A's, with uniform priors.
        assignment: Whether people were assigned at random. Only then may a difference be called an effect.
        confidence: Coverage of all intervals.
    """

    a: Rate
    b: Rate
    difference: float
    interval: Interval
    p: float
    probability_b_better: float
    assignment: Literal["random", "observed"]
    confidence: float

    @property
    def shown(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        return 0.0 not in self.interval

    @property
    def few_data(self) -> bool:
        """Whether an expected count is below five, so that the verdict should not be relied on."""
        pooled = (self.a.successes + self.b.successes) / (self.a.n + self.b.n)
        return min(self.a.n, self.b.n) * min(pooled, 1 - pooled) < _FEW

    @property
    def verdict(self) -> str:
        """One line in plain words; figures are percentage points in favour of the better one.

        Where nothing is shown the difference is B − A.
        """
        if not self.shown:
            text = f"no difference shown, {_points(self.difference, self.interval)}"
        elif self.difference > 0:
            text = f"{self.b.label} better, {_points(self.difference, self.interval)}"
        else:
            turned = Interval(-self.interval.upper, -self.interval.lower)
            text = f"{self.a.label} better, {_points(-self.difference, turned)}"
        return text + self._cautions()

    def _cautions(self) -> str:
        few = "; too few data to rely on" if self.few_data else ""
        observed = "; not randomised: an association, not an effect" if self.assignment == "observed" else ""
        return few + observed

    def __str__(self) -> str:
        """The verdict, then both rates, a line each."""
        return f"{self.verdict}\n{self.a}\n{self.b}\np = {self.p:.2g}"


def _points(difference: float, interval: Interval) -> str:
    """Write a difference and its interval in percentage points, with real minus signs."""
    sign = "+" if difference >= 0 else ""
    text = f"{sign}{_point(difference)} pp ({_point(interval.lower)} … {_point(interval.upper)})"
    return text.replace("-", "−")


def _point(value: float) -> str:
    """Round to one decimal of a percentage point, to more only where one decimal would show a false zero."""
    points = value * 100
    for digits in (1, 2, 3):
        if round(points, digits):
            return f"{points:.{digits}f}"
    return "0.0"


def compare_rates(
    a: tuple[int, int],
    b: tuple[int, int],
    *,
    labels: tuple[str, str] = ("A", "B"),
    assignment: Literal["random", "observed"] = "observed",
    confidence: float = 0.95,
) -> RateComparison:
    """Compare two rates: intervals, difference, p, and a verdict in plain words.

    Args:
        a: Successes and n of A.
        b: Successes and n of B.
        labels: Names used in the verdict.
        assignment: "random" if chance decided who got A and who got B; otherwise the verdict says "association".
        confidence: Coverage of the intervals, strictly between 0 and 1.

    Returns:
        The comparison.

    Raises:
        InvalidValueError: If counts or confidence make no sense, or both labels are the same.

    Examples:
        >>> compare_rates((200, 10_000), (250, 10_000), assignment="random").verdict
        'B better, +0.5 pp (0.1 … 0.9)'
    """
    if labels[0] == labels[1]:
        raise InvalidValueError("labels", "must differ", "the verdict names the better one by its label")
    left = Rate.of(*a, label=labels[0], confidence=confidence)
    right = Rate.of(*b, label=labels[1], confidence=confidence)
    return RateComparison(
        a=left,
        b=right,
        difference=right.rate - left.rate,
        interval=newcombe_interval(*a, *b, confidence=confidence),
        p=two_proportion_p(*a, *b),
        probability_b_better=probability_better(*a, *b),
        assignment=assignment,
        confidence=confidence,
    )
