"""Interleaved rounds of processor time, and the line of a table that comes of them.

Every contender runs once per round, in an order that turns from round to round, in one process. A ratio is taken within
a round, so that a slow minute of the machine falls on both sides; the median of the rounds is what counts.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from time import process_time
from typing import Any

__all__ = ["Line", "compare", "line", "race", "report"]

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison: medians in microseconds per item, ratio as ours / baseline."""

    case: str
    baseline: str
    items: int
    ours_us: float | None
    baseline_us: float | None
    ratio: float | None
    low: float | None = None
    high: float | None = None
    rounds: int = 0
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As it is written to results.json."""
        return asdict(self)


def race(
    contenders: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    *,
    is_warmed_up: bool = True,
    clock: Callable[[], float] = process_time,
) -> dict[str, list[float]]:
    """Run every contender once per round and return seconds by name; one warm-up each by default.

    Args:
        contenders: What runs, by name.
        rounds: How often.
        is_warmed_up: Whether each runs once before.
        clock: Processor time unless given; time on the wall where another process does the work.
    """
    names = list(contenders)
    for run in contenders.values() if is_warmed_up else ():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            seconds[name].append(_timed(contenders[name], clock))
    return seconds


def _timed(run: Callable[[], object], clock: Callable[[], float]) -> float:
    gc.collect()
    start = clock()
    kept = run()
    used = clock() - start
    del kept
    return used


def line(  # noqa: PLR0917
    case: str, baseline: str, items: int, ours: list[float], base: list[float], note: str = ""
) -> Line:
    """Make a line from the seconds of two contenders of one race."""
    ratios = [one / other for one, other in zip(ours, base, strict=True)]
    return Line(
        case,
        baseline,
        items,
        median(ours) / items * 1e6,
        median(base) / items * 1e6,
        median(ratios),
        min(ratios),
        max(ratios),
        len(ratios),
        note,
    )


def compare(
    case: str,
    baseline: str,
    items: int,
    *,
    ours: Callable[[], object],
    hand: Callable[[], object],
    rounds: int = ROUNDS,
    note: str = "",
) -> Line:
    """Race two contenders."""
    seconds = race({"ours": ours, "hand": hand}, rounds)
    return line(case, baseline, items, seconds["ours"], seconds["hand"], note)


def report(case: str, items: int, run: Callable[[], object], *, rounds: int = 5, note: str = "") -> Line:
    """Time something that has nothing to be compared with."""
    seconds = race({"ours": run}, rounds)["ours"]
    return Line(case, "", items, median(seconds) / items * 1e6, None, None, rounds=rounds, note=note)
