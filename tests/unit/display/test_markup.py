from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.display.markup import REPLACEMENT, clean, element, escape

ANYTHING = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b", f"a{REPLACEMENT}b"),
        ("\x1b[2J", f"{REPLACEMENT}[2J"),
        ("\x9b31m", f"{REPLACEMENT}31m"),
        ("a\u202eb", f"a{REPLACEMENT}b"),
        ("\ud800", REPLACEMENT),
        ("\uffff", REPLACEMENT),
        ("\U0001ffff", REPLACEMENT),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("שלום\u200f", "שלום\u200f"),
    ],
)
def test_clean_replaces_what_must_not_be_shown(text, expected):
    """Controls and direction overrides are replaced, breaks become spaces, letters of any script stay."""
    assert clean(text) == expected


def test_clean_can_keep_lines():
    """Code keeps its lines."""
    assert clean("a\r\n\tb\x00", keep_lines=True) == f"a\n    b{REPLACEMENT}"


def test_element_writes_both_html_and_xml():
    """Empty elements are closed so that both parsers accept them; what is None is left out."""
    assert element("line", x1=0.125, x2=10, class_=None) == '<line x1="0.12" x2="10"/>'
    assert element("p", class_='"><script>') == '<p class="&quot;&gt;&lt;script&gt;"></p>'
    assert element("meta", name="a", http_equiv="b") == '<meta name="a" http-equiv="b"/>'


@given(ANYTHING)
def test_whatever_is_escaped_is_well_formed_and_comes_back(text):
    """XML reads back exactly the cleaned text, from content and from an attribute."""
    node = ET.fromstring(element("p", escape(text), title=text))
    assert (node.text or "") == clean(text)
    assert node.get("title") == clean(text)


@given(ANYTHING)
def test_clean_text_is_one_line_without_controls_and_encodes(text):
    """Nothing that steers a terminal is left, and cleaning twice changes nothing."""
    cleaned = clean(text)
    cleaned.encode()
    assert not any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in cleaned)
    assert not any(
        unicodedata.bidirectional(one) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        for one in cleaned
    )
    assert clean(cleaned) == cleaned
