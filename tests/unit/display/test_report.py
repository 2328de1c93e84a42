from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.display import (
    Interval,
    Mark,
    Page,
    Table,
    Tree,
    bars,
    intervals,
    line,
    steps_funnel,
    waterfall,
)
from mimcore.display.markup import clean

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "div", "header", "nav", "main", "h1", "h2", "h3", "p", "a", "ol",
    "ul", "li", "dl", "dt", "dd", "pre", "code", "table", "caption", "thead", "tbody", "tr", "th", "td", "details",
    "summary", "span", "figure", "figcaption", "svg", "desc", "rect", "line", "circle", "path", "text",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "dir", "role", "tabindex", "scope",
    "open", "xmlns", "viewbox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "width", "height",
    "text-anchor", "aria-label", "aria-labelledby",
}  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onload="alert(1)" x=\'',
    "]]><!-- & &amp; &#60;",
    "a\u202eb\u2066c\x00d\x1b[31me\r\nf\ud800\uffff",
    "שלום עולם مرحبا",
    "x" * 5000,
    "W\u0301" * 300,
    "",
]


class Reader(HTMLParser):
    """Checks while it reads: known elements, known attributes, all closed in order; collects the text."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text, self.links, self.ids = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        self.open.append(tag)
        self.note(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        """Note an empty element."""
        self.note(tag, attrs)

    def note(self, tag, attrs):
        """Check one element."""
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= ATTRIBUTES
        self.seen.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        """Close the innermost element."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Collect text."""
        self.text.append(data)


def read(markup):
    """Read markup to its end."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader


def full_page(words):
    """Return a page that has every kind of block, with these words everywhere."""
    rows = [(words, 3), (words, 2)]
    page = (
        Page(words, words, language="en").heading(words).heading(words, 3).sentence(words).figure(words, words, words)
    )
    page.table(Table.of([words, "n"], rows, title=words, caption=words)).heading(words)
    for chart in (
        bars(words, rows, target=1, target_name=words),
        waterfall(words, rows),
        steps_funnel(words, rows),
        line(words, rows, target=1, target_name=words),
        intervals(words, [Interval(words, 2, 1, 3)], reference=1, reference_name=words),
    ):
        page.chart(chart, words)
    return page.code(words).tree(Tree(words, (Tree(words, mark=Mark.FALSE),), Mark.UNKNOWN)).note(words)


HARMLESS = read(full_page("harmless").html()).seen


def assert_sound(words):
    """Check the page as HTML and XML, and its elements against those of a harmless page."""
    page = full_page(words)
    document = page.html()
    document.encode()
    reader = read(document)
    ET.fromstring(document.removeprefix("<!DOCTYPE html>\n"))
    assert clean(words) in "".join(reader.text)
    optional = {"p", "dd"} if not words else set()
    assert [tag for tag in reader.seen if tag not in optional | {"text", "caption"}] == [
        tag for tag in HARMLESS if tag not in optional | {"text", "caption"}
    ]
    read(page._repr_html_())


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_change_nothing_but_the_text(words):
    """The page has exactly the elements of a harmless one, parses as HTML and as XML, and shows the words."""
    assert_sound(words)


@given(st.text(st.characters(), max_size=60))
def test_any_words_change_nothing_but_the_text(words):
    """The same for whatever Hypothesis thinks of."""
    assert_sound(words)


@given(st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=20), min_size=1, max_size=3))
def test_fragments_for_notebooks_are_sound_on_their_own(words):
    """Tables, trees and charts show themselves as well-formed fragments."""
    for shown in (Table.of(words, [words]), Tree(words[0]), bars(words[0], [(words[-1], 1)])):
        markup = shown._repr_html_()
        read(markup)
        ET.fromstring(f"<div>{markup}</div>")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e]", str(shown))


def test_the_page_loads_and_runs_nothing():
    """No script, no address of anything outside, and a policy that forbids both."""
    document = full_page("x").html()
    assert not re.search(r"<script|<link|<img|@import|url\(|javascript:| on\w+=", document)
    assert set(re.findall(r"https?://[^\"'<> ]+", document)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in document.replace("&#x27;", "'")
    assert "@media print" in document
    assert "prefers-color-scheme:dark" in document


def test_contents_link_to_the_parts():
    """Every link leads to a heading of the page, and no id stands twice."""
    reader = read(full_page("x").html())
    assert reader.links == ["#part-1", "#part-2"]
    assert {"part-1", "part-2", "contents"} == set(reader.ids)
    assert len(reader.ids) == 3


def test_one_part_needs_no_contents():
    """A table of contents of one line says nothing."""
    assert "<nav" not in Page("x").heading("only").html()


def test_figures_that_follow_each_other_share_a_grid():
    """Two and one figures, parted by a sentence, are two grids."""
    page = Page("x").figure("1", "a").figure("2", "b").sentence("and").figure("1 234 567 890", "c")
    assert page.html().count('class="mim-figures"') == 2
    assert page.html().count('class="mim-value mim-long"') == 1


def test_the_main_part_as_worked_out_by_hand():
    """Words stand in the elements that mean what they are."""
    page = Page("T", "S").heading("H").sentence("A < B").note("N").code("f(x)\n  y")
    assert page._header() + page._main() == (
        '<header><h1 dir="auto">T</h1><p class="mim-subtitle" dir="auto">S</p></header>'
        '<main><h2 id="part-1" dir="auto">H</h2><p dir="auto">A &lt; B</p>'
        '<p class="mim-note" role="note" dir="auto">N</p>'
        '<pre class="mim-code" tabindex="0" role="region" aria-label="code"><code>f(x)\n  y</code></pre></main>'
    )


def test_the_same_page_is_written_twice_alike():
    """Nothing in it depends on a clock or on chance; repr tells no content."""
    assert full_page("x").html() == full_page("x").html()
    assert repr(Page("secret").sentence("secret")) == "<Page of 1 blocks>"
