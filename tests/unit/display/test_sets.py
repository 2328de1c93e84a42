"""The chart of sets: what it says, and that it is well-formed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mimcore.display import combinations
from mimcore.errors import InvalidValueError

SETS = [("danes", 1200), ("<vips> & co", 3), ("guests with a very long name that has no room on the page at all", 0)]
ROWS = [(frozenset({0}), 1199), (frozenset({0, 1}), 1), (frozenset({0, 1, 2}), 0)]


def test_every_number_is_said():
    """In words, for those who do not see the picture."""
    chart = combinations("Overlap", SETS, ROWS)
    assert chart.desc.replace("\u202f", " ").endswith("only A 1 199; A and B 1; A and B and C 0")
    assert chart.desc.replace("\u202f", " ").startswith("A danes 1 200; B <vips> & co 3; ")


def test_it_is_one_well_formed_picture_inside_its_frame():
    """A dot for each set in each row; nothing outside the 400 units."""
    root = ET.fromstring(combinations("Overlap", SETS, ROWS).svg)
    circles = [one for one in root.iter() if one.tag.endswith("circle")]
    assert len(circles) == 9
    assert sum(one.get("class") == "mim-full" for one in circles) == 6
    for bar in (one for one in root.iter() if one.tag.endswith("rect")):
        assert float(bar.get("x")) + float(bar.get("width")) <= 400


def test_nothing_to_draw():
    """An empty chart says so."""
    assert combinations("Overlap", [], []).desc == "no data"
    assert combinations("Overlap", [("danes", 0)], []).desc == "A danes 0"


@pytest.mark.parametrize(
    ("sets", "rows"),
    [
        ([(f"s{number}", 1) for number in range(11)], []),
        ([("danes", -1)], []),
        ([("danes", 1)], [(frozenset({1}), 1)]),
        ([("danes", 1)], [(frozenset(), 1)]),
    ],
)
def test_what_cannot_be_drawn(sets, rows):
    """Too many, negative, a set that is not there, a combination of none."""
    with pytest.raises(InvalidValueError):
        combinations("Overlap", sets, rows)
