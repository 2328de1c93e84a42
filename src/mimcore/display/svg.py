"""What every chart is drawn with: the picture, its colours, its measure of text, its scale.

Charts are narrow (400 units) and are shown at most 30 rem wide, so that their letters are readable on a telephone and
no larger than the text of a page. Every row of a chart puts its words on a line of their own above the bar; a word
that has no room is cut with `…`. There is no font to ask, so text is measured with the widths of a wide one (DejaVu
Sans) as the upper bound.

The two colours are the blue and the vermilion of Okabe and Ito's palette ("Color Universal Design", 2008), which stay
apart for every kind of colour blindness and have a contrast of at least 3 : 1 on white and on near-black (WCAG 2.2,
1.4.11). In grey they are close; what must be told apart is therefore told by shape as well: full or outlined, drawn
through or dashed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mimcore.display.markup import clean, element, escape
from mimcore.display.style import fragment
from mimcore.display.widths import clusters, width_of
from mimcore.errors import InvalidValueError

__all__ = ["BLUE", "VERMILION", "WIDTH", "Scale", "Svg", "finite", "heading", "key", "label", "text_width", "ticks"]

BLUE = "#0072b2"
VERMILION = "#d55e00"
WIDTH = 400.0
"""Units across; one unit is about one CSS pixel on a telephone."""

_SIZE = 13.0
_GAP = 12.0
_EMS = {
    **dict.fromkeys("il.,:;'|! jI\u202f", 0.36),
    **dict.fromkeys('()[]{}/ftr-"', 0.47),
    **dict.fromkeys("0123456789", 0.64),
    **dict.fromkeys("mMWOQ%@w—…+−<>=~^#&", 1.0),
}
_CSS = (
    f".mim-chart text{{font:{_SIZE:.0f}px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',"
    "sans-serif;"
    "fill:currentColor;font-variant-numeric:tabular-nums}"
    ".mim-chart .mim-soft{opacity:.75;font-size:12px}"
    ".mim-chart .mim-axis{stroke:#808080;stroke-opacity:.45;stroke-width:1}"
    f".mim-chart .mim-full{{fill:{BLUE};stroke:{BLUE}}}"
    f".mim-chart .mim-lost{{fill:{BLUE};fill-opacity:.2;stroke:{BLUE};stroke-dasharray:3 2}}"
    f".mim-chart .mim-line{{fill:none;stroke:{BLUE};stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}}"
    f".mim-chart .mim-target{{stroke:{VERMILION};stroke-width:2;stroke-dasharray:5 3}}"
    ".mim-chart .mim-halo{stroke:#fff;stroke-width:6}"
    "@media print{.mim-chart *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}"
)


@dataclass(frozen=True, slots=True)
class Svg:
    """A chart: a scalable picture with a title, and a description that holds every value in words.

    Args:
        title: What the chart shows.
        desc: The values in words, for readers who cannot see the picture and for terminals.
        height: Units down, at a width of 400.
        body: The drawing, as markup of this room.

    Examples:
        >>> from mimcore.display.charts import bars
        >>> print(bars("Clicks", [("Mon", 3), ("Tue", 4)]))
        Clicks
        Mon 3; Tue 4
    """

    title: str
    desc: str
    height: float
    body: str

    @property
    def svg(self) -> str:
        """The picture as one `<svg>` element that stands alone as a file and inside a page."""
        return element(
            "svg",
            element("title", escape(self.title)),
            element("desc", escape(self.desc)),
            element("style", _CSS),
            self.body,
            xmlns="http://www.w3.org/2000/svg",
            class_="mim-chart",
            viewBox=f"0 0 {WIDTH:.0f} {math.ceil(self.height)}",
            role="img",
            aria_label=f"{self.title}: {self.desc}",
        )

    def html(self) -> str:
        """Return the picture under its title, as a figure for a page."""
        return element("figure", element("figcaption", escape(self.title), dir="auto"), self.svg, class_="mim-figure")

    def _repr_html_(self) -> str:
        """Show the chart in a notebook."""
        return fragment(self.html())

    def __str__(self) -> str:
        """Return the title and the values, for a terminal."""
        return f"{clean(self.title)}\n{clean(self.desc)}"


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight mapping of values to places.

    Args:
        low: The value at `start`.
        high: The value at `end`, above `low`.
        start: A place in units.
        end: Another place in units.

    Examples:
        >>> Scale(0, 10, 100, 200)(5)
        150.0
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value, never outside start and end."""
        part = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return self.start + min(1.0, max(0.0, part)) * (self.end - self.start)


def text_width(text: str) -> float:
    """Return an upper estimate of the width of text in units, at the size charts are written in.

    Args:
        text: Cleaned text.

    Examples:
        >>> text_width("Wide") > text_width("thin")
        True
    """
    return sum(_SIZE * _ems(cluster) for cluster in clusters(text))


def label(x: float, y: float, text: str, room: float, *, anchor: str = "start", soft: bool = False) -> str:
    """Return one line of text, cut with `…` to its room.

    Args:
        x: Where it is anchored.
        y: The base line.
        text: Any text.
        room: Units it may take.
        anchor: `start`, `middle` or `end` of the text stands at `x`.
        soft: Write it smaller and paler.

    Examples:
        >>> label(0, 10, "Copenhagen", 40)
        '<text x="0" y="10" text-anchor="start">Co…</text>'
    """
    return element("text", escape(_cut(text, room)), x=x, y=y, text_anchor=anchor, class_="mim-soft" if soft else None)


def heading(y: float, name: str, value: str) -> str:
    """Return the words of one row: its name on the left, its value on the right, never over each other.

    Args:
        y: The base line.
        name: What the row is; cut where the value needs the room.
        value: Its value in words.

    Examples:
        >>> heading(14, "Mon", "3").count("<text")
        2
    """
    words = _cut(value, WIDTH * 0.6)
    room = WIDTH - text_width(words) - _GAP
    return label(0, y, name, room) + label(WIDTH, y, words, WIDTH * 0.6, anchor="end")


def key(y: float, entries: Iterable[tuple[str, str]]) -> str:
    """Return the legend under a chart: one line for each sign.

    Args:
        y: The top of the first line.
        entries: Class of the sign (`mim-full`, `mim-lost`, `mim-target`) and what it means.

    Examples:
        >>> key(0, [("mim-target", "5 %")]).count("<line")
        1
    """
    parts: list[str] = []
    for row, (kind, words) in enumerate(entries):
        middle = y + 20 * row + 10
        parts += [_sign(kind, middle), label(26, middle + 4, words, WIDTH - 26, soft=True)]
    return "".join(parts)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round values that cover low to high, in steps of 1, 2 or 5 times a power of ten.

    Args:
        low: The lowest value.
        high: The highest value; if it is not clearly above `low`, room is added.
        most: How many steps there may be, at least 1.

    Examples:
        >>> ticks(0, 7.3)
        [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    size = max(1.0, abs(low), abs(high))
    top = high if high - low > 1e-9 * size else low + max(1.0, 1e-3 * size)
    rough = (top - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10, 20) if power * times >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(top / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def finite(values: Sequence[float]) -> None:
    """Refuse values that cannot be drawn.

    Args:
        values: What is to be drawn.

    Raises:
        InvalidValueError: One is infinite, not a number, or above 1e15 in size.

    Examples:
        >>> finite([1, 2.5])
    """
    if not all(math.isfinite(value) and abs(value) <= 1e15 for value in values):
        raise InvalidValueError("values", "must be finite and at most 1e15", "leave out what is not known")


def _ems(cluster: str) -> float:
    """Return the width of one cluster in ems, as an upper bound."""
    known = _EMS.get(cluster)
    if known is not None:
        return known
    if width_of(cluster) == 2:
        return 1.3
    return 0.66 if cluster[0].islower() and cluster[0] < "\u0250" else 0.82 if cluster[0].isascii() else 0.95


def _cut(text: str, room: float) -> str:
    """Return cleaned text that takes at most `room` units."""
    limit = room - text_width("…")
    kept, used, whole = "", 0.0, ""
    for cluster in clusters(clean(text)):
        used += text_width(cluster)
        if used > room:
            return kept.rstrip() + "…"
        whole += cluster
        if used <= limit:
            kept = whole
    return whole


def _sign(kind: str, middle: float) -> str:
    """Draw what a legend explains."""
    if kind == "mim-target":
        return element("line", x1=0, x2=18, y1=middle, y2=middle, class_=kind)
    return element("rect", x=1, y=middle - 5, width=16, height=10, class_=kind)
