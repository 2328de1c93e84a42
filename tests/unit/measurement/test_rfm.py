"""Recency, frequency, monetary value: other people's data recomputed, ties, refunds."""

from __future__ import annotations

import csv
import sqlite3
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.measurement import bands_by_cuts, bands_by_rank, rfm_bands, summarise_purchases

OUTSIDE = Path(__file__).parents[2] / "outside"
DAY = date(1997, 1, 1)


def cdnow() -> list[tuple[int, date, Decimal]]:
    """Read the purchases of the CDNOW sample."""
    rows: list[tuple[int, date, Decimal]] = []
    for line in (OUTSIDE / "cdnow" / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, amount = line.split()
        rows.append((int(customer), date(int(day[:4]), int(day[4:6]), int(day[6:])), Decimal(amount)))
    return rows


def test_cdnow_recency_and_frequency_are_recomputed_exactly() -> None:
    """All 2 357 customers have the frequency, recency and T (weeks, two decimals) that lifetimes ships."""
    summaries = summarise_purchases(cdnow(), end_on=date(1997, 9, 30))
    with (OUTSIDE / "cdnow" / "cdnow_customers_summary.csv").open(newline="") as file:
        expected = {int(row["ID"]): row for row in csv.DictReader(file)}
    assert len(expected) == 2357
    assert summaries.keys() == expected.keys()
    for customer, one in summaries.items():
        row = expected[customer]
        figures = (one.frequency, round(one.recency("weeks"), 2), round(one.age("weeks"), 2))
        assert figures == (int(row["frequency"]), float(row["recency"]), float(row["T"]))


def test_cdnow_totals_are_the_sum_of_the_file() -> None:
    """Nothing is lost or counted twice: totals add up to all 6 919 purchases of the full period."""
    rows = cdnow()
    summaries = summarise_purchases(rows, end_on=date(1998, 6, 30))
    assert len(rows) == 6919
    assert sum(one.total for one in summaries.values()) == sum(amount for _, _, amount in rows)


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


def test_the_summary_by_hand() -> None:
    """Two orders on one day are one purchase; a refund lowers the total only; a later order is not seen."""
    rows = [
        ("ana", DAY + timedelta(days=21), 30.1),
        ("ana", DAY, Decimal("20.00")),
        ("ana", DAY + timedelta(days=21), 5),
        ("ana", DAY + timedelta(days=30), -10),
        ("ana", DAY + timedelta(days=99), 1_000),
        ("bo", DAY + timedelta(days=7), 0),
        ("cy", DAY, -3),
    ]
    found = summarise_purchases(rows, end_on=DAY + timedelta(days=42))
    assert list(found) == ["ana", "bo"]
    ana, bo = found["ana"], found["bo"]
    assert (ana.purchase_days, ana.frequency, ana.recency_days, ana.age_days, ana.days_since_last) == (2, 1, 21, 42, 21)
    assert (ana.recency("weeks"), ana.age("weeks"), ana.recency(), ana.age()) == (3.0, 6.0, 21.0, 42.0)
    assert (ana.total, ana.repeat_average) == (Decimal("45.10"), Decimal("35.1"))
    assert (bo.frequency, bo.recency_days, bo.total, bo.repeat_average) == (0, 0, Decimal(0), None)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), Decimal("NaN"), True, "12", None])
def test_amounts_that_are_no_numbers_are_refused(amount: float) -> None:
    """The error names the row, never the amount."""
    with pytest.raises(InvalidValueError, match="row 2: needs a finite amount"):
        summarise_purchases([("ana", DAY, 1), ("ana", DAY, amount)], end_on=DAY)


def test_instants_are_refused_where_a_day_is_meant() -> None:
    """A datetime has a zone question that the caller must answer."""
    with pytest.raises(InvalidValueError, match="row 1"):
        summarise_purchases([("ana", datetime(1997, 1, 1), 1)], end_on=DAY)
    with pytest.raises(InvalidValueError, match="unit"):
        summarise_purchases([("ana", DAY, 1)], end_on=DAY)["ana"].age("months")  # type: ignore[arg-type]


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


def test_rfm_bands_by_hand() -> None:
    """Three customers in three bands: the recent, frequent, big buyer is 333, the old single one 111."""
    rows = [("a", DAY, 10), ("b", DAY + timedelta(days=5), 20), ("b", DAY + timedelta(days=6), 20)]
    rows += [("c", DAY + timedelta(days=day), 50) for day in (1, 8, 9)]
    found = rfm_bands(summarise_purchases(rows, end_on=DAY + timedelta(days=10)), bands=3)
    # percent_rank of the middle one of three is .5, and 1 + floor(2.999999 · .5) = 2
    assert {who: bands.code for who, bands in found.items()} == {"a": "111", "b": "222", "c": "333"}


def test_wrong_bands_and_cuts_are_refused() -> None:
    """No band at all, and cut points out of order, raise an error that says what would be right."""
    with pytest.raises(InvalidValueError, match="bands"):
        bands_by_rank([1, 2], bands=0)
    with pytest.raises(InvalidValueError, match="cuts"):
        bands_by_cuts([1], [2, 2])
