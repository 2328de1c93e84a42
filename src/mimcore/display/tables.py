"""Tables that show themselves: as text for terminals and logs, as HTML for notebooks and reports.

A table is data: columns, rows, a title and a caption. It neither sorts nor computes; frames do that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from mimcore.display.markup import clean, element, escape
from mimcore.display.numbers import MISSING, count, number, plural, utc_minute
from mimcore.display.style import fragment
from mimcore.display.widths import Side, fit, truncate, width_of
from mimcore.errors import InvalidValueError

__all__ = ["ROWS_SHOWN", "Column", "Table", "cell_text"]

_GAP = 2
_NARROWEST = 6
ROWS_SHOWN = 50
_BRIEF = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Args:
        name: The heading.
        align: Where the cells stand. `auto` puts a column that holds nothing but numbers on the right.

    Examples:
        >>> Column("share", "right").align
        'right'
    """

    name: str
    align: Literal["auto", "left", "right", "center"] = "auto"


@dataclass(frozen=True)
class Table:
    """Columns and rows with a title and a caption; prints itself as text and shows itself in notebooks.

    Args:
        columns: The columns, at least one.
        rows: The cells of each row, as many as there are columns; any object, written by `cell_text`.
        title: What the table shows; may be empty.
        caption: What the reader should know about it (period, source, unit); may be empty.

    Raises:
        InvalidValueError: There is no column, or a row has too few or too many cells.

    Examples:
        >>> print(Table.of(["segment", "members"], [("lapsed", 412), ("best", 88)], title="Segments"))
        Segments
        segment  members
        ───────  ───────
        lapsed       412
        best          88
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    title: str = ""
    caption: str = ""

    def __post_init__(self) -> None:
        """Refuse a table whose rows do not fit its columns."""
        if not self.columns:
            raise InvalidValueError("columns", "must not be empty", "give at least one column")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise InvalidValueError("rows", "must have one cell for each column", f"give {len(self.columns)} cells")

    @classmethod
    def of(
        cls, columns: Iterable[str | Column], rows: Iterable[Iterable[object]], *, title: str = "", caption: str = ""
    ) -> Self:
        """Build a table from headings and any iterable of rows.

        Args:
            columns: Headings, or columns where the alignment matters.
            rows: The cells of each row.
            title: What the table shows.
            caption: What the reader should know about it.

        Raises:
            InvalidValueError: There is no column, or a row has too few or too many cells.

        Examples:
            >>> len(Table.of(["day", "clicks"], zip(["Mon", "Tue"], [3, 4])).rows)
            2
        """
        headings = tuple(one if isinstance(one, Column) else Column(one) for one in columns)
        return cls(headings, tuple(tuple(row) for row in rows), title, caption)

    def text(self, width: int = 80, *, max_rows: int | None = None) -> str:
        """Return the table as lines of at most `width` terminal columns.

        Text is cut with `…` where room is short; numbers are not, rather the last columns are left out and named.

        Args:
            width: Terminal columns, at least 20.
            max_rows: Show so many rows and tell how many more there are; all of them by default.

        Raises:
            InvalidValueError: The width is under 20.

        Examples:
            >>> print(Table.of(["page", "views"], [("a very long title", 12040)]).text(20).replace("\u202f", " "))
            page           views
            ────────────  ──────
            a very long…  12 040
        """
        if width < 20:
            raise InvalidValueError("width", "must be at least 20", "give the columns of the terminal")
        grid, sides = self._grid(max_rows), self._sides()
        widths = _widths(grid, sides, width)
        lines = [self._line(cells, widths, sides) for cells in grid]
        lines.insert(1, (" " * _GAP).join("─" * room for room in widths))
        above = [truncate(clean(self.title), width)] if self.title else []
        return "\n".join([*above, *lines, *self._below(len(widths), len(grid) - 1, width)])

    def html(self, *, max_rows: int | None = None) -> str:
        """Return the table as HTML that scrolls in its own box; class names only, everything escaped.

        Args:
            max_rows: Show so many rows and tell how many more there are; all of them by default.

        Examples:
            >>> "&lt;b&gt;" in Table.of(["name"], [("<b>",)]).html()
            True
        """
        head, *body = self._grid(max_rows)
        sides = self._sides()
        parts = [
            element("caption", escape(self.title)) if self.title else "",
            element("thead", _html_row("th", head, sides)),
            element("tbody", *(_html_row("td", cells, sides) for cells in body)),
        ]
        box = element(
            "div",
            element("table", *parts, class_="mim-table"),
            class_="mim-scroll",
            tabindex="0",
            role="region",
            aria_label=self.title or "table",
        )
        notes = [line for line in (self._rest(len(body)), self.caption) if line]
        return box + "".join(element("p", escape(line), class_="mim-caption", dir="auto") for line in notes)

    def _repr_html_(self) -> str:
        """Show the first rows in a notebook."""
        return fragment(self.html(max_rows=ROWS_SHOWN))

    def __str__(self) -> str:
        """Return the first rows as text, 80 columns wide."""
        return self.text(max_rows=ROWS_SHOWN)

    def _grid(self, max_rows: int | None) -> list[list[str]]:
        """Return the headings and the cells as cleaned text."""
        head = [clean(column.name) for column in self.columns]
        return [head, *([clean(cell_text(cell)) for cell in row] for row in self.rows[:max_rows])]

    def _sides(self) -> list[Side]:
        """Return where the cells of each column stand."""
        return [self._side(index, column) for index, column in enumerate(self.columns)]

    def _side(self, index: int, column: Column) -> Side:
        """Return where the cells of one column stand."""
        if column.align != "auto":
            return column.align
        known = [row[index] for row in self.rows if row[index] is not None]
        numeric = all(isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) for cell in known)
        return "right" if known and numeric else "left"

    @staticmethod
    def _line(cells: Sequence[str], widths: Sequence[int], sides: Sequence[Side]) -> str:
        """Write one line; cells beyond the widths are left out."""
        shown = (fit(cell, room, side) for cell, room, side in zip(cells, widths, sides, strict=False))
        return (" " * _GAP).join(shown).rstrip()

    def _below(self, columns_shown: int, rows_shown: int, width: int) -> list[str]:
        """Return what stands under the table: what was left out, and the caption."""
        hidden = [clean(column.name) for column in self.columns[columns_shown:]]
        notes = [
            self._rest(rows_shown),
            f"… {_more(len(hidden), 'column')}: {', '.join(hidden)}" if hidden else "",
            clean(self.caption),
        ]
        return [truncate(note, width) for note in notes if note]

    def _rest(self, rows_shown: int) -> str:
        """Tell how many rows are not shown."""
        rest = len(self.rows) - rows_shown
        return f"… {_more(rest, 'row')}" if rest else ""


def cell_text(value: object) -> str:
    """Return one cell as text: numbers grouped, truth as yes and no, a missing value as `–`.

    Args:
        value: Any object; what is not listed above is written by its own `str`. An aware instant is written in UTC
            to the minute.

    Examples:
        >>> [cell_text(value) for value in (None, True, 12, 0.25, "x")]
        ['–', 'yes', '12', '0.25', 'x']
    """
    match value:
        case None:
            return MISSING
        case bool():
            return "yes" if value else "no"
        case int():
            return count(value)
        case float() | Decimal():
            return number(value) if math.isfinite(value) else str(value)
        case datetime() if value.tzinfo is not None:
            return utc_minute(value)
        case _:
            return str(value)


def _html_row(tag: str, cells: Iterable[str], sides: Iterable[Side]) -> str:
    """Write one row of HTML."""
    scope = "col" if tag == "th" else None
    return element(
        "tr",
        *(
            element(tag, escape(cell), class_=_classes(tag, cell, side), scope=scope, dir=_direction(side))
            for cell, side in zip(cells, sides, strict=True)
        ),
    )


def _classes(tag: str, cell: str, side: Side) -> str:
    """Return the classes of a cell; a brief one (a date, a name) is not broken."""
    return f"mim-{side} mim-brief" if tag == "td" and width_of(cell) <= _BRIEF else f"mim-{side}"


def _direction(side: Side) -> str | None:
    """Let text run in its own direction, and leave figures alone."""
    return None if side == "right" else "auto"


def _more(rest: int, noun: str) -> str:
    """Say how many are not shown."""
    return plural(rest, f"more {noun}")


def _widths(grid: Sequence[Sequence[str]], sides: Sequence[Side], width: int) -> list[int]:
    """Return the widths of the columns that fit, the widest text columns shrunk first, numbers never."""
    natural = [max(map(width_of, cells), default=1) or 1 for cells in zip(*grid, strict=True)]
    least = [room if side == "right" else min(room, _NARROWEST) for room, side in zip(natural, sides, strict=True)]
    shown = len(natural)
    while shown > 1 and sum(least[:shown]) + _GAP * (shown - 1) > width:
        shown -= 1
    return _shrunk(natural[:shown], least, width - _GAP * (shown - 1))


def _shrunk(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Take columns from the widest until the sum is at most `room`."""
    widths = [min(one, max(room, floor)) for one, floor in zip(natural, least, strict=False)]
    while sum(widths) > room:
        candidates = [index for index, one in enumerate(widths) if one > least[index]]
        if not candidates:
            return [min(one, room) for one in widths]
        widths[max(candidates, key=widths.__getitem__)] -= 1
    return widths
