from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.display import Column, Table, percent
from mimcore.display.tables import cell_text
from mimcore.display.widths import width_of
from mimcore.errors import InvalidValueError


def plain(text):
    """Put plain spaces for narrow ones."""
    return text.replace("\u202f", " ")


SEGMENTS = Table.of(
    ["segment", "members", Column("share", "right"), "note"],
    [
        ("Lapsed", 12040, percent(0.4), "bought more than twice, then nothing for 180 days"),
        ("東京", None, percent(0.00001), None),
    ],
    title="Segments",
    caption="Source: Tayko",
)


def test_text_as_worked_out_by_hand():
    """Numbers stand right, wide letters count twice, missing values show as a dash."""
    assert plain(SEGMENTS.text()) == (
        "Segments\n"
        "segment  members    share  note\n"
        "───────  ───────  ───────  " + "─" * 49 + "\n"
        "Lapsed    12 040   40.0 %  bought more than twice, then nothing for 180 days\n"
        "東京           –  < 0.1 %  –\n"
        "Source: Tayko"
    )


def test_narrow_text_shrinks_words_and_keeps_figures():
    """At 40 columns the note is cut and no figure is."""
    assert plain(SEGMENTS.text(40)).splitlines() == [
        "Segments",
        "segment  members    share  note",
        "───────  ───────  ───────  ─────────────",
        "Lapsed    12 040   40.0 %  bought more…",
        "東京           –  < 0.1 %  –",
        "Source: Tayko",
    ]


def test_columns_without_room_are_named():
    """Where figures would have to be cut, whole columns are left out and named instead."""
    assert plain(SEGMENTS.text(22)).splitlines() == [
        "Segments",
        "segment  members",
        "───────  ───────",
        "Lapsed    12 040",
        "東京           –",
        "… 2 more columns: sha…",
        "Source: Tayko",
    ]


def test_rows_beyond_the_limit_are_counted():
    """A shortened table tells how many rows it does not show, on paper and in print()."""
    table = Table.of(["n"], [(n,) for n in range(51)])
    assert table.text(max_rows=2).splitlines()[-1] == "… 49 more rows"
    assert str(table).endswith("… 1 more row")
    assert "… 1 more row<" in table._repr_html_()
    assert "more row" not in table.html()


def test_html_as_worked_out_by_hand():
    """A table is one scrolling box; cells carry their side as a class and are escaped."""
    table = Table.of(["a", "n"], [("<b>", 1000)], title="T & U")
    assert plain(table.html()) == (
        '<div class="mim-scroll" tabindex="0" role="region" aria-label="T &amp; U"><table class="mim-table">'
        "<caption>T &amp; U</caption>"
        '<thead><tr><th class="mim-left" scope="col" dir="auto">a</th><th class="mim-right" scope="col">n</th></tr></thead>'
        '<tbody><tr><td class="mim-left mim-brief" dir="auto">&lt;b&gt;</td><td class="mim-right mim-brief">1 000</td></tr></tbody>'
        "</table></div>"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        (False, "no"),
        (1234, "1 234"),
        (0.5, "0.5"),
        (Decimal("2.50"), "2.5"),
        (float("nan"), "nan"),
        (date(2026, 7, 1), "2026-07-01"),
        (datetime(2026, 7, 1, 12, 30, 59, tzinfo=UTC), "2026-07-01 12:30 UTC"),
        (datetime(2026, 7, 1, 12, 30), "2026-07-01 12:30:00"),
        ("text", "text"),
    ],
)
def test_cells_are_written_for_people(value, expected):
    """Every kind of cell has its spelling."""
    assert plain(cell_text(value)) == expected


def test_truth_is_not_a_number():
    """A column of yes and no stands left; so does one that is empty."""
    assert Table.of(["a", "b"], [(True, None)])._sides() == ["left", "left"]


@pytest.mark.parametrize(("columns", "rows"), [([], []), (["a"], [(1, 2)]), (["a", "b"], [(1,)])])
def test_rows_that_do_not_fit_are_refused(columns, rows):
    """No column, or a row of another length, is an error."""
    with pytest.raises(InvalidValueError):
        Table.of(columns, rows)


def test_a_width_without_room_is_refused():
    """Twenty columns are the least."""
    with pytest.raises(InvalidValueError, match="width"):
        SEGMENTS.text(19)


def test_a_table_is_frozen():
    """Tables are values."""
    with pytest.raises(FrozenInstanceError):
        SEGMENTS.title = "x"
    assert len({SEGMENTS, SEGMENTS}) == 1


CELLS = st.one_of(st.none(), st.integers(-(10**9), 10**9), st.text(max_size=40))


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.lists(st.text(max_size=12), min_size=n, max_size=n), st.lists(st.tuples(*[CELLS] * n), max_size=5)
        )
    ),
    st.integers(20, 100),
    st.text(max_size=120),
)
def test_no_line_is_wider_than_asked(table, width, words):
    """Whatever the cells, every line fits the terminal, and there is one line for each row."""
    lines = Table.of(*table, title=words, caption=words).text(width).split("\n")
    assert all(width_of(line) <= width for line in lines)
    assert len(lines) >= len(table[1]) + 2
