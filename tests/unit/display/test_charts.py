from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.display import Interval, bars, intervals, line, percent, steps_funnel, waterfall
from mimcore.display.style import PAGE_CSS
from mimcore.display.svg import BLUE, VERMILION, WIDTH, Scale, text_width, ticks
from mimcore.errors import InvalidValueError

SVG = "{http://www.w3.org/2000/svg}"


def parsed(chart):
    """Read the picture as XML."""
    return ET.fromstring(chart.svg)


def rects(chart):
    """Return class, left and width of every bar, legends left out."""
    found = parsed(chart).iter(f"{SVG}rect")
    return [
        (one.get("class"), float(one.get("x")), float(one.get("width"))) for one in found if one.get("height") == "14"
    ]


def extents(chart):
    """Left, right and base line of each text, by the library's own upper estimate."""
    for one in parsed(chart).iter(f"{SVG}text"):
        x, y, wide = float(one.get("x")), float(one.get("y")), text_width(one.text or "")
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[one.get("text-anchor")]
        yield left, left + wide, y


def assert_no_text_touches_another(chart):
    """Check that texts stay in the picture and apart from each other."""
    for left, right, _ in extents(chart):
        assert left >= -0.02
        assert right <= WIDTH + 0.02
    for (left, right, y), (other_left, other_right, other_y) in itertools.combinations(extents(chart), 2):
        assert abs(y - other_y) >= 12 or right <= other_left + 0.02 or other_right <= left + 0.02


def test_bars_are_as_long_as_their_values():
    """398 units are the largest value; the others are in proportion, by hand."""
    chart = bars("Clicks", [("Mon", 4), ("Tue", 3), ("Wed", 0)])
    assert rects(chart) == [("mim-full", 1.0, 398.0), ("mim-full", 1.0, 298.5)]
    assert str(chart) == "Clicks\nMon 4; Tue 3; Wed 0"


def test_bars_below_zero_go_the_other_way():
    """Zero lies where the values need it: −1 … 3 puts it at a quarter."""
    assert rects(bars("Change", [("a", -1), ("b", 3)])) == [("mim-full", 1.0, 99.5), ("mim-full", 100.5, 298.5)]


def test_a_target_is_drawn_through_every_row_and_explained():
    """The dashed line stands at its value in each row and once in the legend; a bar it crosses is cut open."""
    root = parsed(bars("x", [("a", 0.10), ("b", 0.02)], shown=percent, target=0.05))
    found = [one.get("x1") for one in root.iter(f"{SVG}line") if one.get("class") == "mim-target"]
    assert found == ["200", "200", "0"]
    assert len([one for one in root.iter(f"{SVG}line") if one.get("class") == "mim-halo"]) == 1
    assert "target 5.0\u202f%" in root.find(f"{SVG}desc").text


def test_waterfall_keeps_and_loses():
    """Of 400, 300 are kept and 100 lost; then 200 and 100; lost bars begin where kept ones end."""
    chart = waterfall("Audience", [("members", 400), ("consented", 300), ("reachable", 200)])
    assert rects(chart) == [
        ("mim-full", 1.0, 398.0),
        ("mim-lost", 299.5, 99.5),
        ("mim-full", 1.0, 298.5),
        ("mim-lost", 200.0, 99.5),
        ("mim-full", 1.0, 199.0),
    ]
    assert chart.desc == "400 members → 300 consented (−100) → 200 reachable (−100)"


def test_funnel_is_centred_and_tells_the_share_of_the_step_before():
    """Half as many is half as wide, in the middle; nobody is a thin line without a division by zero."""
    chart = steps_funnel("Leads", [("visit", 200), ("demo", 100), ("order", 0), ("gift", 5)])
    assert rects(chart) == [
        ("mim-full", 1.0, 398.0),
        ("mim-full", 100.5, 199.0),
        ("mim-full", 199.5, 1.0),
        ("mim-full", 195.03, 9.95),
    ]
    assert chart.desc.replace("\u202f", " ") == (
        "visit 200; demo 100 (50.0 % of the step before); order 0 (0 % of the step before); gift 5"
    )


def test_a_line_is_broken_where_a_value_is_missing():
    """Two pieces: the path moves twice and draws once in each."""
    chart = line("x", [("a", 1), ("b", 2), ("c", None), ("d", 2), ("e", 1)])
    path = parsed(chart).find(f"{SVG}path").get("d")
    assert re.sub(r"[-\d. ]+", "", path) == "MLML"
    assert len(list(parsed(chart).iter(f"{SVG}circle"))) == 4
    assert chart.desc == "a 1; b 2; c –; d 2; e 1"


def test_a_line_starts_at_zero_and_holds_its_target():
    """Values 2 and 4 with a target of 6 lie on a scale from 0 to 6, steps of 2; 4 is two thirds up."""
    root = parsed(line("x", [("a", 2), ("b", 4)], target=6))
    target = next(one for one in root.iter(f"{SVG}line") if one.get("class") == "mim-target")
    assert target.get("y1") == "12"
    assert [float(one.get("cy")) for one in root.iter(f"{SVG}circle")] == [124.0, 68.0]


def test_intervals_stand_where_their_values_are():
    """0.2 to 0.6 on a scale of 0.2 to 0.6: the estimate of 0.4 lies in the middle."""
    root = parsed(intervals("x", [Interval("a", 0.4, 0.2, 0.6)], reference=0.2))
    assert root.find(f"{SVG}circle").get("cx") == "200"
    assert root.find(f"{SVG}path").get("d").startswith("M8.00 24.0V34.0M8.00 29.0H392.00")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 7.3, [0, 2, 4, 6, 8]),
        (0, 0.05, [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (-3, 4, [-4, -2, 0, 2, 4]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0, 12040, [0, 5000, 10000, 15000]),
    ],
)
def test_ticks_are_round(low, high, expected):
    """Steps are 1, 2 or 5 times a power of ten."""
    assert ticks(low, high) == pytest.approx(expected)


@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15), st.integers(1, 8))
def test_ticks_cover_the_values(one, other, most):
    """The first is not above the lowest, the last not below the highest, and they are few."""
    low, high = sorted((one, other))
    found = ticks(low, high, most)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert 2 <= len(found) <= most + 2
    assert found == sorted(found)


def test_scale_keeps_to_its_ends():
    """Values outside stay at the end, and a scale of one value does not divide by zero."""
    assert [Scale(0, 10, 0, 100)(value) for value in (-5, 5, 50)] == [0, 50, 100]
    assert Scale(1, 1, 3, 9)(1) == 3


@pytest.mark.parametrize(
    "make",
    [
        lambda: bars("x", [("a", float("nan"))]),
        lambda: bars("x", [("a", 1)], target=float("inf")),
        lambda: line("x", [("a", float("inf"))]),
        lambda: waterfall("x", [("a", 1), ("b", 2)]),
        lambda: waterfall("x", [("a", -1)]),
        lambda: steps_funnel("x", [("a", -1)]),
        lambda: Interval("a", 1, 2, 3),
        lambda: Interval("a", float("nan"), 2, 3),
    ],
)
def test_what_cannot_be_drawn_is_refused(make):
    """Numbers that are none, and steps that do not fit, are errors with a remedy."""
    with pytest.raises(InvalidValueError):
        make()


@pytest.mark.parametrize("draw", [bars, line, intervals, waterfall, steps_funnel])
def test_nothing_to_draw_is_said(draw):
    """An empty chart says so instead of failing."""
    assert parsed(draw("Title", [])).find(f"{SVG}text").text == "no data"


VALUES = st.floats(-1e12, 1e12)
NAMES = st.text(max_size=50) | st.text(st.sampled_from("\x80\x00\ud800 W<0"), max_size=20)
WORDS = st.sampled_from([percent, "{:,.3f}".format, lambda value: "a very long way to write a value " * 3])


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.none() | VALUES, WORDS)
def test_texts_of_bars_never_overlap(items, target, shown):
    """Whatever the names and values, no text touches another or leaves the picture."""
    assert_no_text_touches_another(bars("x", items, shown=shown, target=target))


@given(st.lists(st.tuples(NAMES, st.none() | VALUES), max_size=20), st.none() | VALUES, WORDS)
def test_texts_of_lines_never_overlap(points, target, shown):
    """Axis, names, last value and legend keep apart."""
    assert_no_text_touches_another(line("x", points, shown=shown, target=target))


@given(st.lists(st.tuples(NAMES, st.tuples(VALUES, VALUES, VALUES).map(sorted)), max_size=8), WORDS)
def test_texts_of_intervals_never_overlap(items, shown):
    """Words and axis keep apart."""
    rows = [Interval(name, middle, low, high) for name, (low, middle, high) in items]
    assert_no_text_touches_another(intervals("x", rows, shown=shown))


@given(st.lists(st.tuples(NAMES, st.integers(0, 10**12)), max_size=8))
def test_texts_of_steps_never_overlap(items):
    """Both charts of steps keep names and counts apart."""
    falling = sorted(items, key=lambda item: -item[1])
    assert_no_text_touches_another(waterfall("x", falling))
    assert_no_text_touches_another(steps_funnel("x", items))


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Contrast ratio, WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_by_the_published_example():
    """WCAG: black on white is 21 : 1, #777 on white is 4.48 : 1."""
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.005)


def palettes():
    """Read the colours of the page in light, in dark and on paper."""
    light, dark, paper = re.findall(r":root\{([^}]*--page[^}]*)\}", PAGE_CSS)
    return [dict(re.findall(r"--(\w+):(#\w+)", rules)) for rules in (light, dark, paper)]


@pytest.mark.parametrize("colours", palettes())
def test_colours_can_be_told_from_the_page(colours):
    """Text has 4.5 : 1, shapes 3 : 1, in light, in dark and on paper."""
    for ink, ground in itertools.product(("ink", "soft", "link"), ("page", "panel")):
        assert contrast(colours[ink], colours[ground]) >= 4.5
    for shape in (BLUE, VERMILION):
        assert contrast(shape, colours["page"]) >= 3
