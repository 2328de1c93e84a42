"""Charts of steps: the waterfall of what is kept and lost, and the funnel of how many go on.

Each returns an `Svg`. How many there are at each step is counted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from mimcore.display.markup import element
from mimcore.display.numbers import count, percent
from mimcore.display.svg import WIDTH, Scale, Svg, finite, heading, key, label
from mimcore.errors import InvalidValueError

__all__ = ["steps_funnel", "waterfall"]

_ROW = 44.0
_BAR = 14.0


def waterfall(title: str, steps: Iterable[tuple[str, int]]) -> Svg:
    """Draw how many are left after each step: kept as a full bar, lost at this step as an outlined one.

    Args:
        title: What the chart shows.
        steps: Name of each step and how many are left after it, from all to those that remain.

    Raises:
        InvalidValueError: A count is negative, or more are left than before.

    Examples:
        >>> print(waterfall("Audience", [("members", 500), ("consented", 420), ("reachable", 400)]))
        Audience
        500 members → 420 consented (−80) → 400 reachable (−20)
    """
    rows = _checked(steps)
    if any(after > before for (_, before), (_, after) in pairwise(rows)):
        raise InvalidValueError("steps", "must not grow from step to step", "use steps_funnel for steps that may grow")
    if not rows:
        return _nothing(title)
    scale = Scale(0, max(1, rows[0][1]), 1, WIDTH - 1)
    before = [rows[0][1], *(left for _, left in rows)]
    body = [
        _fall(index * _ROW, name, left, held, scale)
        for index, ((name, left), held) in enumerate(zip(rows, before, strict=False))
    ]
    body.append(key(len(rows) * _ROW, [("mim-full", "kept"), ("mim-lost", "lost at this step")]))
    words = (f"{count(left)} {name}" + _lost(held - left) for (name, left), held in zip(rows, before, strict=False))
    return Svg(title, " → ".join(words), len(rows) * _ROW + 42, "".join(body))


def steps_funnel(title: str, steps: Iterable[tuple[str, int]]) -> Svg:
    """Draw a funnel: a centred bar for each step, with the share of the step before that came so far.

    Args:
        title: What the chart shows.
        steps: Name of each step and how many reached it. A step may have more than the one before.

    Raises:
        InvalidValueError: A count is negative.

    Examples:
        >>> print(steps_funnel("Leads", [("visit", 500), ("order", 50)]).desc.replace("\u202f", " "))
        visit 500; order 50 (10.0 % of the step before)
    """
    rows = _checked(steps)
    if not rows:
        return _nothing(title)
    shares = ["", *(_went_on(before, after) for (_, before), (_, after) in pairwise(rows))]
    widest = max(1, *(reached for _, reached in rows))
    body = [
        heading(index * _ROW + 14, name, count(reached) + (f" · {went}" if went else ""))
        + _centred(index * _ROW + 22, reached / widest)
        for index, ((name, reached), went) in enumerate(zip(rows, shares, strict=True))
    ]
    words = (
        f"{name} {count(reached)}" + (f" ({went} of the step before)" if went else "")
        for (name, reached), went in zip(rows, shares, strict=True)
    )
    note = label(0, len(rows) * _ROW + 12, "%: share of the step before", WIDTH, soft=True)
    return Svg(title, "; ".join(words), len(rows) * _ROW + 20, "".join([*body, note]))


def _checked(steps: Iterable[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """Return the steps as a list, none of them negative."""
    rows = list(steps)
    finite([left for _, left in rows])
    if any(left < 0 for _, left in rows):
        raise InvalidValueError("steps", "must not be negative", "give how many are left after each step")
    return rows


def _nothing(title: str) -> Svg:
    """Say that there is nothing to draw."""
    return Svg(title, "no data", 24, label(0, 16, "no data", WIDTH, soft=True))


def _lost(lost: int) -> str:
    """Say how many were lost, if any."""
    return f" ({count(-lost)})" if lost else ""


def _went_on(before: int, after: int) -> str:
    """Return the share that came from the step before; of none there is none."""
    return percent(after / before) if before else ""


def _fall(top: float, name: str, left: int, held: int, scale: Scale) -> str:
    """Draw one row of a waterfall."""
    kept = element("rect", x=1, y=top + 22, width=scale(left) - 1, height=_BAR, class_="mim-full") if left else ""
    lost = (
        element("rect", x=scale(left), y=top + 22, width=scale(held) - scale(left), height=_BAR, class_="mim-lost")
        if held > left
        else ""
    )
    return heading(top + 14, name, count(left) + _lost(held - left)) + lost + kept


def _centred(top: float, part: float) -> str:
    """Draw one bar of a funnel; nobody is a thin line."""
    width = max(1.0, part * (WIDTH - 2))
    return element("rect", x=(WIDTH - width) / 2, y=top, width=width, height=_BAR, class_="mim-full")
