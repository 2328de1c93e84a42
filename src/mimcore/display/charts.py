"""Charts of values: bars, a line over time, and estimates with their intervals.

Each returns an `Svg`; nothing is computed but places. What is kept and lost from step to step is drawn in `steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mimcore.display.markup import clean, element
from mimcore.display.numbers import MISSING, number
from mimcore.display.svg import WIDTH, Scale, Svg, finite, heading, key, label, text_width, ticks
from mimcore.errors import InvalidValueError

__all__ = ["Interval", "bars", "intervals", "line"]

_ROW = 44.0
_BAR = 14.0
_PLOT = 180.0
_MARGIN = WIDTH * 0.28
_MOST_DOTS = 40


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval it lies in.

    Args:
        name: What was estimated.
        value: The estimate.
        low: The lower end of the interval, at most the value.
        high: The upper end, at least the value.

    Raises:
        InvalidValueError: The value does not lie between the ends, or one of them is not finite.

    Examples:
        >>> Interval("spring", 0.051, 0.042, 0.060).high
        0.06
    """

    name: str
    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse an interval that does not hold its estimate."""
        finite([self.value, self.low, self.high])
        if not self.low <= self.value <= self.high:
            raise InvalidValueError("value", "must lie between low and high", "give low <= value <= high")


def bars(
    title: str,
    items: Iterable[tuple[str, float]],
    *,
    shown: Callable[[float], str] = number,
    target: float | None = None,
    target_name: str = "target",
) -> Svg:
    """Draw one horizontal bar for each value, from zero, in the order given.

    Args:
        title: What the chart shows.
        items: Name and value of each bar.
        shown: Writes a value, such as `percent`.
        target: A value to mark with a dashed line.
        target_name: What the line stands for.

    Raises:
        InvalidValueError: A value is not finite.

    Examples:
        >>> print(bars("Presumed wrong", [("e-mail", 0.25)], shown="{:.0%}".format, target=0.05))
        Presumed wrong
        e-mail 25%; target 5%
    """
    rows = list(items)
    values = [value for _, value in rows] + ([] if target is None else [target])
    finite(values)
    scale = Scale(min(0.0, *values, 0.0), max(0.0, *values, 0.0), 1, WIDTH - 1)
    body = [_bar(index * _ROW, name, value, shown(value), scale) for index, (name, value) in enumerate(rows)]
    body += [_halo(index * _ROW, value, target, scale) for index, (_, value) in enumerate(rows)]
    body += _marks(len(rows), target, scale)
    words = [f"{name} {shown(value)}" for name, value in rows]
    return _finished(title, words, body, len(rows) * _ROW, _target_words(target, target_name, shown))


def intervals(
    title: str,
    items: Iterable[Interval],
    *,
    shown: Callable[[float], str] = number,
    reference: float | None = None,
    reference_name: str = "reference",
) -> Svg:
    """Draw each estimate as a dot on its interval (a forest plot), all on one scale.

    Args:
        title: What the chart shows.
        items: The estimates.
        shown: Writes a value, such as `percent`.
        reference: A value to mark with a dashed line: no effect, or the control group.
        reference_name: What the line stands for.

    Raises:
        InvalidValueError: The reference is not finite.

    Examples:
        >>> print(intervals("Response", [Interval("spring", 0.05, 0.04, 0.07)], shown="{:.0%}".format))
        Response
        spring 5% (4% to 7%)
    """
    rows = list(items)
    ends = [end for row in rows for end in (row.low, row.high)] + ([] if reference is None else [reference])
    finite(ends)
    steps = ticks(min(ends, default=0.0), max(ends, default=1.0), 4)
    scale = Scale(steps[0], steps[-1], 8, WIDTH - 8)
    words = [f"{shown(row.value)} ({shown(row.low)} to {shown(row.high)})" for row in rows]
    body = [_forest(index * _ROW, row, text, scale) for index, (row, text) in enumerate(zip(rows, words, strict=True))]
    body += _marks(len(rows), reference, scale)
    bottom = len(rows) * _ROW
    body += [_axis(bottom, steps, scale, shown)] if rows else []
    spoken = [f"{row.name} {text}" for row, text in zip(rows, words, strict=True)]
    return _finished(title, spoken, body, bottom + 24, _target_words(reference, reference_name, shown))


def line(
    title: str,
    points: Iterable[tuple[str, float | None]],
    *,
    shown: Callable[[float], str] = number,
    target: float | None = None,
    target_name: str = "target",
) -> Svg:
    """Draw values over time as a line, from zero, with a gap where a value is missing.

    Args:
        title: What the chart shows.
        points: Name (such as a month) and value of each point, equally far apart; `None` is a gap.
        shown: Writes a value, such as `percent`.
        target: A value to mark with a dashed line, such as 0.05.
        target_name: What the line stands for.

    Raises:
        InvalidValueError: A value is not finite.

    Examples:
        >>> print(line("Presumed wrong", [("May", 0.08), ("June", None), ("July", 0.04)], shown="{:.0%}".format))
        Presumed wrong
        May 8%; June –; July 4%
    """
    rows = list(points)
    known = [value for _, value in rows if value is not None]
    values = known + ([] if target is None else [target])
    finite(values)
    steps = ticks(min(0.0, *values, 0.0), max(0.0, *values, 0.0), 4)
    left = min(_MARGIN, max(text_width(clean(shown(step))) for step in steps)) + 8
    right = min(_MARGIN, max((text_width(clean(shown(value))) for value in known[-1:]), default=0.0)) + 10
    down = Scale(steps[0], steps[-1], _PLOT, 12)
    across = Scale(0, max(1, len(rows) - 1), left + 6, WIDTH - right)
    places = [(across(index), None if value is None else down(value)) for index, (_, value) in enumerate(rows)]
    body = [
        _grid(steps, down, left, WIDTH - right, shown),
        _names([clean(name) for name, _ in rows], places),
        _path(places),
    ]
    if target is not None:
        body.append(element("line", x1=left, x2=WIDTH - right, y1=down(target), y2=down(target), class_="mim-target"))
    body += [
        label(x + 8, y + 4.5, shown(value), right - 8)
        for (x, y), (_, value) in zip(places[-1:], rows[-1:], strict=True)
        if y is not None and value is not None
    ]
    words = [f"{name} {MISSING if value is None else shown(value)}" for name, value in rows]
    return _finished(title, words, body if rows else [], _PLOT + 28, _target_words(target, target_name, shown))


def _finished(title: str, words: Sequence[str], body: Sequence[str], bottom: float, target: str) -> Svg:
    """Put the legend under the drawing, and say so if there is nothing to draw."""
    if not words:
        return Svg(title, "no data", 24, label(0, 16, "no data", WIDTH, soft=True))
    if not target:
        return Svg(title, "; ".join(words), bottom, "".join(body))
    legend = key(bottom, [("mim-target", target)])
    return Svg(title, "; ".join([*words, target]), bottom + 22, "".join([*body, legend]))


def _target_words(target: float | None, name: str, shown: Callable[[float], str]) -> str:
    """Say what a dashed line stands for."""
    return "" if target is None else f"{name} {shown(target)}"


def _bar(top: float, name: str, value: float, words: str, scale: Scale) -> str:
    """Draw one row of a bar chart."""
    near, far = sorted((scale(0), scale(value)))
    zero = element("line", x1=scale(0), x2=scale(0), y1=top + 20, y2=top + 24 + _BAR, class_="mim-axis")
    bar = element("rect", x=near, y=top + 22, width=far - near, height=_BAR, class_="mim-full")
    return heading(top + 14, name, words) + zero + (bar if value else "")


def _halo(top: float, value: float, target: float | None, scale: Scale) -> str:
    """Cut a bar open where the line of the target crosses it, so that the line is seen."""
    if target is None or not min(0.0, value) < target < max(0.0, value):
        return ""
    x = scale(target)
    return element("line", x1=x, x2=x, y1=top + 22, y2=top + 22 + _BAR, class_="mim-halo")


def _marks(rows: int, value: float | None, scale: Scale) -> list[str]:
    """Draw the dashed line of a target through each row, but not through its words."""
    if value is None:
        return []
    x = scale(value)
    tops = (index * _ROW + 19 for index in range(rows))
    return [element("line", x1=x, x2=x, y1=top, y2=top + _BAR + 6, class_="mim-target") for top in tops]


def _forest(top: float, row: Interval, words: str, scale: Scale) -> str:
    """Draw one row of a forest plot."""
    low, middle, high, y = scale(row.low), scale(row.value), scale(row.high), top + 29
    whiskers = f"M{low:.2f} {y - 5}V{y + 5}M{low:.2f} {y}H{high:.2f}M{high:.2f} {y - 5}V{y + 5}"
    dot = element("circle", cx=middle, cy=y, r=5, class_="mim-full")
    return heading(top + 14, row.name, words) + element("path", d=whiskers, class_="mim-line") + dot


def _axis(y: float, steps: Sequence[float], scale: Scale, shown: Callable[[float], str]) -> str:
    """Draw a horizontal axis with its first and last value and those between that have room."""
    places = [(scale(step), y) for step in steps]
    axis = element("line", x1=scale(steps[0]), x2=scale(steps[-1]), y1=y, y2=y, class_="mim-axis")
    return axis + _names([clean(shown(step)) for step in steps], places, y + 16)


def _grid(steps: Sequence[float], down: Scale, left: float, right: float, shown: Callable[[float], str]) -> str:
    """Draw the horizontal lines of a plot with their values."""
    lines = (element("line", x1=left, x2=right, y1=down(one), y2=down(one), class_="mim-axis") for one in steps)
    words = (label(left - 6, down(one) + 4.5, shown(one), left - 6, anchor="end", soft=True) for one in steps)
    return "".join((*lines, *words))


def _names(names: Sequence[str], places: Sequence[tuple[float, float | None]], y: float = _PLOT + 20) -> str:
    """Write the names (cleaned) under a plot: first, last, and those between that touch no other."""
    if len(names) < 2:
        return "".join(label(x, y, name, WIDTH / 2, soft=True) for (x, _), name in zip(places, names, strict=True))
    first, last = places[0][0], places[-1][0]
    room = (last - first - 8) / 2
    used = first + min(room, text_width(names[0])) + 8
    limit = last - min(room, text_width(names[-1])) - 8
    parts = [label(first, y, names[0], room, soft=True), label(last, y, names[-1], room, anchor="end", soft=True)]
    for (x, _), name in zip(places[1:-1], names[1:-1], strict=True):
        half = text_width(name) / 2
        if x - half >= used and x + half <= limit:
            parts.append(label(x, y, name, half * 2 + 1, anchor="middle", soft=True))
            used = x + half + 8
    return "".join(parts)


def _path(places: Sequence[tuple[float, float | None]]) -> str:
    """Draw the line, broken where a value is missing, with dots if they are few."""
    commands, pen_up = "", True
    for x, y in places:
        commands += "" if y is None else f"{'M' if pen_up else 'L'}{x:.2f} {y:.2f}"
        pen_up = y is None
    known = [(x, y) for x, y in places if y is not None]
    dotted = known if len(known) <= _MOST_DOTS else known[-1:]
    dots = (element("circle", cx=x, cy=y, r=3.5, class_="mim-full") for x, y in dotted)
    return (element("path", d=commands, class_="mim-line") if commands else "") + "".join(dots)
