"""A report: one self-contained HTML page built from sentences, figures, tables, charts, trees and code.

The page loads nothing and runs nothing (a content security policy in it says so), reads well on a telephone, on a
desk, in light and dark, and on paper. Writing it to a file is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Self

from mimcore.display.markup import element, escape
from mimcore.display.style import FRAGMENT_CSS, PAGE_CSS, fragment
from mimcore.display.svg import Svg
from mimcore.display.tables import Table
from mimcore.display.trees import Tree

__all__ = ["Page"]

_LONG = 8
_Kind = Literal["heading", "figure", "other"]


@dataclass(frozen=True, slots=True)
class _Block:
    """A piece of the page as markup; a heading of the second level has its anchor and words as well."""

    kind: _Kind
    markup: str
    anchor: str = ""
    words: str = ""


class Page:
    """A report that is written from top to bottom; every method returns the page.

    All text is taken as it is: it is escaped, and it is never markup.

    Examples:
        >>> page = Page("Spring", "What worked").heading("Response").sentence("Two of five answered.")
        >>> '<h2 id="part-1"' in page.html()
        True
    """

    def __init__(self, title: str, subtitle: str = "", *, language: str = "en") -> None:
        """Begin an empty page.

        Args:
            title: What the report is about.
            subtitle: Period, source, author; may be empty.
            language: The language its text is in, as a BCP 47 tag.
        """
        self._title = title
        self._subtitle = subtitle
        self._language = language
        self._blocks: list[_Block] = []
        self._parts = 0

    def heading(self, text: str, level: Literal[2, 3] = 2) -> Self:
        """Add a heading; those of level 2 stand in the table of contents.

        Args:
            text: The words.
            level: 2 for a part, 3 for a section in it.
        """
        if level != 2:
            return self._add(element("h3", escape(text), dir="auto"), "heading")
        self._parts += 1
        anchor = f"part-{self._parts}"
        markup = element("h2", escape(text), id=anchor, dir="auto")
        self._blocks.append(_Block("heading", markup, anchor, text))
        return self

    def sentence(self, text: str) -> Self:
        """Add a paragraph.

        Args:
            text: One or more sentences.
        """
        return self._add(element("p", escape(text), dir="auto"))

    def figure(self, value: str, label: str, note: str = "") -> Self:
        """Add one figure, large; figures that follow each other stand side by side.

        Args:
            value: The figure as it is to be read, such as `count(12040)`.
            label: What it counts.
            note: What to know about it (interval, source); may be empty.
        """
        parts = [
            element("dt", escape(label), dir="auto"),
            element("dd", escape(value), class_="mim-value mim-long" if len(value) > _LONG else "mim-value"),
            element("dd", escape(note), class_="mim-remark", dir="auto") if note else "",
        ]
        return self._add(element("dl", *parts, class_="mim-number"), "figure")

    def table(self, table: Table, *, max_rows: int | None = None) -> Self:
        """Add a table; a wide one scrolls in its own box.

        Args:
            table: The table.
            max_rows: Show so many rows and tell how many more there are; all of them by default.
        """
        return self._add(table.html(max_rows=max_rows))

    def chart(self, chart: Svg, note: str = "") -> Self:
        """Add a chart under its title.

        Args:
            chart: The chart.
            note: What to see in it; may be empty.
        """
        return self._add(chart.html() + (element("p", escape(note), class_="mim-caption", dir="auto") if note else ""))

    def code(self, text: str) -> Self:
        """Add one or more lines of code, as they were run.

        Args:
            text: The code.
        """
        code = element("code", escape(text, keep_lines=True))
        return self._add(element("pre", code, class_="mim-code", tabindex="0", role="region", aria_label="code"))

    def tree(self, tree: Tree) -> Self:
        """Add a tree whose nodes fold.

        Args:
            tree: The tree.
        """
        return self._add(tree.html())

    def note(self, text: str) -> Self:
        """Add a remark that stands back from the text: a source, a limit, a caution.

        Args:
            text: One or more sentences.
        """
        return self._add(element("p", escape(text), class_="mim-note", role="note", dir="auto"))

    def html(self) -> str:
        """Return the whole page as one HTML document without any reference to anything outside it."""
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("title", escape(self._title)),
            element("style", FRAGMENT_CSS, PAGE_CSS),
        )
        body = element("body", element("div", self._header(), self._main(), class_="mim-page"))
        return f"<!DOCTYPE html>\n{element('html', head, body, lang=self._language)}\n"

    def _repr_html_(self) -> str:
        """Show the content in a notebook."""
        return fragment(self._header() + self._main())

    def __repr__(self) -> str:
        """Tell how long the page is, not what it says."""
        return f"<Page of {len(self._blocks)} blocks>"

    def _add(self, markup: str, kind: _Kind = "other") -> Self:
        """Add a block."""
        self._blocks.append(_Block(kind, markup))
        return self

    def _header(self) -> str:
        """Write the title and, if there are several parts, the table of contents."""
        title = element("h1", escape(self._title), dir="auto")
        subtitle = element("p", escape(self._subtitle), class_="mim-subtitle", dir="auto") if self._subtitle else ""
        parts = [block for block in self._blocks if block.anchor]
        links = (element("li", element("a", escape(one.words), href=f"#{one.anchor}", dir="auto")) for one in parts)
        contents = element("h2", "Contents", id="contents") + element("ol", *links)
        nav = element("nav", contents, class_="mim-contents", aria_labelledby="contents") if len(parts) > 1 else ""
        return element("header", title, subtitle) + nav

    def _main(self) -> str:
        """Write the blocks, each run of figures in one grid."""
        runs = ((kind, [block.markup for block in run]) for kind, run in groupby(self._blocks, lambda one: one.kind))
        written = (
            element("div", *markup, class_="mim-figures") if kind == "figure" else "".join(markup)
            for kind, markup in runs
        )
        return element("main", *written)
