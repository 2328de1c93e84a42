"""Telling the story once, on the terminal and in the report, and keeping every figure for the recomputation."""

from __future__ import annotations

import time
from io import StringIO
from typing import Any

from demo.console import WIDTH, Console
from mimcore.display import Page, Progress, Svg, Table, Tree

__all__ = ["GENERATED", "Teller"]

GENERATED = "◇"
"""Marks whatever the recipe made up."""


_LONG = 2_000


class Teller:
    """Writes each sentence, figure, table and line of code in both places."""

    def __init__(self, console: Console, page: Page, *, real: str) -> None:
        """Tell on a console and in a page; `real` says where the figures without a mark come from."""
        self.real = real
        self.console, self.page = console, page
        self.measured: dict[str, Any] = {}
        self._chapters = 0

    def chapter(self, title: str, pain: str) -> None:
        """Begin a chapter with the trouble that it takes away."""
        self._chapters += 1
        heading = f"{self._chapters} {title}"
        self.console.line()
        self.console.line(f"── {heading} " + "─" * (WIDTH - len(heading) - 4))
        self.console.wrapped(pain)
        self.page.heading(title).sentence(pain)

    def say(self, text: str) -> None:
        """Say a sentence."""
        self.console.wrapped(text)
        self.page.sentence(text)

    def section(self, title: str) -> None:
        """Begin a part of a chapter."""
        self.console.line()
        self.console.line(title)
        self.page.heading(title, 3)

    def figure(self, value: str, label: str, note: str = "") -> None:
        """Show a figure."""
        self.console.wrapped(f"{value}  {label}{f' ({note})' if note else ''}", "  - ")
        self.page.figure(value, label, note)

    def code(self, text: str) -> None:
        """Show the line of code that did it."""
        for place, line in enumerate(text.splitlines()):
            self.console.line(f"  {'...' if place and line.startswith((' ', ')')) else '>>>'} {line}")
        self.page.code(text)

    def table(self, table: Table, *, max_rows: int | None = None) -> None:
        """Show a table."""
        self.console.block(table.text(WIDTH - 2, max_rows=max_rows))
        self.page.table(table, max_rows=max_rows)

    def tree(self, tree: Tree) -> None:
        """Show a tree."""
        self.console.block(tree.text(WIDTH - 2))
        self.page.tree(tree)

    def chart(self, chart: Svg, note: str = "") -> None:
        """Show a chart; the terminal has its words in the tables and figures."""
        self.page.chart(chart, note)

    def note(self, text: str) -> None:
        """Add a caution."""
        self.console.wrapped(text, "  ")
        self.page.note(text)

    def measure(self, name: str, value: Any) -> Any:
        """Keep a figure under its name, for the recomputation."""
        self.measured[name] = value
        return value

    def progress(self, total: int | None, label: str) -> Progress:
        """Show how a step gets on: a long one everywhere, a short one only where the line can be redrawn."""
        is_shown = self.console.stream.isatty() or (total or 0) >= _LONG
        return Progress(
            total, f"  {label}", stream=self.console.stream if is_shown else StringIO(), clock=time.monotonic
        )
