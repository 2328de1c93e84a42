from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mimcore.display import Mark, Tree
from mimcore.errors import InvalidValueError

ADULT = Tree("age ≥ 18", mark=Mark.TRUE)
RULE = Tree(
    "all of",
    (
        ADULT,
        Tree("any of", (Tree("bought twice", mark=Mark.FALSE), Tree("in Oslo", mark=Mark.UNKNOWN)), Mark.UNKNOWN),
        ADULT,
    ),
    Mark.UNKNOWN,
)


def test_text_as_worked_out_by_hand():
    """Lines join children to their parent, also where one child stands twice."""
    assert str(RULE) == ("? all of\n├─ ✓ age ≥ 18\n├─ ? any of\n│  ├─ ✗ bought twice\n│  └─ ? in Oslo\n└─ ✓ age ≥ 18")


def test_long_labels_are_wrapped_under_themselves():
    """The line to the children runs on beside a wrapped label."""
    tree = Tree("one two three four five", (Tree("six seven eight nine ten", mark=Mark.TRUE),))
    assert tree.text(10).splitlines() == [
        "one two three four",
        "│ five",
        "└─ ✓ six seven eight nine",
        "     ten",
    ]


def test_html_as_worked_out_by_hand():
    """Inner nodes fold, and marks are read aloud by their names."""
    tree = Tree("<all>", (Tree("x", mark=Mark.FALSE),))
    assert tree.html() == (
        '<ul class="mim-tree"><li><details open="open"><summary><span dir="auto">&lt;all&gt;</span></summary>'
        '<ul><li><span class="mim-mark mim-false" role="img" aria-label="false">✗</span><span dir="auto">x</span></li></ul>'
        "</details></li></ul>"
    )


def test_html_holds_every_node():
    """Each node is one list item."""
    assert len(list(ET.fromstring(RULE.html()).iter("li"))) == 6


@pytest.mark.parametrize(
    ("answer", "mark", "sign"), [(True, Mark.TRUE, "✓"), (False, Mark.FALSE, "✗"), (None, Mark.UNKNOWN, "?")]
)
def test_marks_of_three_answers(answer, mark, sign):
    """True, false and unknown have their marks."""
    assert Mark.of(answer) is mark
    assert mark.sign == sign


def test_a_tree_of_any_allowed_depth_can_be_shown_and_deeper_ones_are_refused():
    """A hundred levels can be walked, one more is an error."""
    tree = Tree("leaf")
    for _ in range(99):
        tree = Tree("node", (tree,))
    assert tree.depth == 100
    assert len(tree.text().splitlines()) == 100
    assert tree.html().count("<li>") == 100
    with pytest.raises(InvalidValueError, match="levels"):
        Tree("too deep", (tree,))


def test_hostile_labels_stay_on_their_line():
    """A line break in a label cannot forge a node."""
    assert Tree("a\n└─ ✓ forged").text() == "a └─ ✓ forged"
