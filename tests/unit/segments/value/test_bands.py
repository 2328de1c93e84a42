"""Bands by rank and by cut points: other people's codes, SQL's own ranks, ties."""

from __future__ import annotations

import csv
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.segments.value.bands import bands_by_cuts, bands_by_rank

OUTSIDE = Path(__file__).parents[3] / "outside"


def test_charles_book_club_codes_are_recomputed_exactly() -> None:
    """The fixed cut points reproduce all 12 000 supplied R, F and M codes."""
    with (OUTSIDE / "charles_book_club" / "charles_book_club_rfm.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    checked = 0
    for figure, cuts in (("M", [25, 50, 100, 200]), ("R", [2, 6, 12]), ("F", [1, 2])):
        codes = bands_by_cuts([int(row[figure]) for row in rows], cuts)
        assert codes == tuple(int(row[f"{figure}code"]) for row in rows)
        checked += len(codes)
    assert checked == 12_000


@given(st.lists(st.integers(-5, 5), max_size=60), st.integers(1, 7), st.booleans())
def test_rank_bands_equal_the_sql_of_the_study(values: list[int], bands: int, highest_first: bool) -> None:
    """SQLite's own percent_rank gives the same bands."""
    order = "desc" if highest_first else "asc"
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (place integer, value integer)")
        connection.executemany("insert into t values (?, ?)", enumerate(values))
        rows = connection.execute(
            f"select 1 + cast((? - 0.000001) * percent_rank() over (order by value {order}) as integer) from t order by place",
            [bands],
        ).fetchall()
    connection.close()
    assert bands_by_rank(values, bands=bands, highest_first=highest_first) == tuple(row[0] for row in rows)


@given(st.lists(st.integers(0, 9), max_size=80), st.integers(1, 6))
def test_equal_values_share_a_band_and_order_is_kept(values: list[int], bands: int) -> None:
    """Ties are never split, bands never fall as values rise, and stay within range."""
    by_value: dict[int, set[int]] = defaultdict(set)
    for value, band in zip(values, bands_by_rank(values, bands=bands), strict=True):
        by_value[value].add(band)
    assert all(len(found) == 1 for found in by_value.values())
    ordered = [next(iter(by_value[value])) for value in sorted(by_value)]
    assert ordered == sorted(ordered)
    assert set(ordered) <= set(range(1, bands + 1))


def test_many_single_buyers_share_one_band() -> None:
    """Eighty customers with one purchase stay together (ntile puts them into four bands)."""
    assert set(bands_by_rank([1] * 80 + [2] * 20)[:80]) == {1}
    assert set(bands_by_rank([1] * 80 + [2] * 20)[80:]) == {5}
    assert bands_by_rank([3]) == (1,)
    assert bands_by_rank([]) == ()


def test_wrong_bands_and_cuts_are_refused() -> None:
    """No band at all, and cut points out of order, raise an error that says what would be right."""
    with pytest.raises(InvalidValueError, match="bands"):
        bands_by_rank([1, 2], bands=0)
    with pytest.raises(InvalidValueError, match="cuts"):
        bands_by_cuts([1], [2, 2])
