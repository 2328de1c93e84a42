"""Scores of recency, frequency and monetary value: other people's codes, quintiles by hand, names, frames."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimcore as mim
from mimcore.errors import InvalidValueError, NotFoundError, StoreError, UnknownFieldError
from mimcore.segments.value.rfm import scored
from mimcore.segments.value.scheme import NAMES, RfmFigures, RfmScheme, RfmScore

CHARLES = Path(__file__).parents[3] / "outside" / "charles_book_club" / "charles_book_club_rfm.csv"
BOOK_CLUB = RfmScheme(recency=(2, 6, 12), frequency=(1, 2), monetary=(25, 50, 100, 200), is_recent_highest=False)
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("library", [pd, pl])
def test_charles_book_clubs_codes_are_reproduced_exactly(library) -> None:
    """All 4 000 readers: three supplied codes each, and the cell that they make."""
    with CHARLES.open(newline="") as file:
        supplied = {int(row["ID#"]): row for row in csv.DictReader(file)}
    assert len(supplied) == 4000
    frame = library.read_csv(CHARLES)
    found = mim.rfm_scores(frame, contact="ID#", recency="R", frequency="F", monetary="M", scheme=BOOK_CLUB)
    codes = {who: (score.recency, score.frequency, score.monetary) for who, score in found.scores.items()}
    assert codes == {who: tuple(int(row[f"{one}code"]) for one in "RFM") for who, row in supplied.items()}
    cells = Counter(row["Rcode"] + row["Fcode"] + row["Mcode"] for row in supplied.values())
    assert Counter(score.code for score in found.scores.values()) == cells
    assert len(found.members("111")) == cells["111"]
    assert found.left_out == {}


def test_quintiles_by_hand() -> None:
    """Ten customers; equal figures share a score, whatever the number of bands in between.

    Days 1..10: percent_rank from the worst is 0, 1/9 .. 1, so the bands of 4.999999 · rank are 1 1 2 2 3 3 4 4 5 5.
    Seven single buyers have rank 0: band 1; two with 2 rank 7/9: 1 + floor(3.88) = 4; the one with 9: band 5.
    """
    times = [1, 1, 1, 1, 1, 1, 1, 2, 2, 9]
    people = {n: RfmFigures(10 - n, times[n], Decimal(100 * n)) for n in range(10)}
    found = scored(people)
    assert [found.scores[n].recency for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [found.scores[n].frequency for n in range(10)] == [1, 1, 1, 1, 1, 1, 1, 4, 4, 5]
    assert [found.scores[n].monetary for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [found.segment_of(n) for n in (0, 4, 6, 7, 9)] == [
        "hibernating",
        "about to sleep",
        "promising",
        "loyal",
        "champions",
    ]


FIGURES = st.dictionaries(
    st.integers(0, 99),
    st.builds(RfmFigures, st.integers(0, 6), st.integers(1, 5), st.integers(0, 4).map(Decimal)),
    max_size=40,
)


@given(FIGURES, st.integers(1, 9))
def test_scores_follow_the_definition(people, bands) -> None:
    """Brute force: the share of the others who are worse; equal figures score alike; more is never less."""
    found = scored(people, RfmScheme(bands, bands, bands)).scores

    def band(mine, others):
        worse = sum(other < mine for other in others)
        return 1 + int((bands - 1e-6) * worse / max(1, len(others) - 1))

    for who, own in people.items():
        assert found[who] == RfmScore(
            band(-own.recency, [-one.recency for one in people.values()]),
            band(own.frequency, [one.frequency for one in people.values()]),
            band(own.monetary, [one.monetary for one in people.values()]),
        )


@given(FIGURES)
def test_fixed_bands_do_not_depend_on_the_others(people) -> None:
    """Each alone has the score that it has among all; the best is highest, or the most recent is 1."""
    fixed = RfmScheme(recency=(1, 3), frequency=(1, 2, 3), monetary=(0, 2))
    other_way = RfmScheme(recency=(1, 3), frequency=(1, 2, 3), monetary=(0, 2), is_recent_highest=False)
    for who, score in scored(people, fixed).scores.items():
        alone = people[who]
        assert fixed.score(alone) == score
        assert score.recency == 3 - (alone.recency > 1) - (alone.recency > 3)
        assert other_way.score(alone).recency == 4 - score.recency
        assert score.frequency == min(alone.frequency, 4)


def test_the_names_cover_the_grid() -> None:
    """Twenty-five cells, ten names; each segment's members are those of its cells, and all together are everybody."""
    assert set(NAMES) == {f"{r}{f}" for r in range(1, 6) for f in range(1, 6)}
    assert len(set(NAMES.values())) == 10
    found = scored({n: RfmFigures(n // 7, n % 7, n) for n in range(49)})
    groups = [found.members(name) for name in set(NAMES.values())]
    assert sorted(who for group in groups for who in group) == list(range(49))
    assert {found.segment_of(who) for who in found.members("champions")} == {"champions"}


def test_names_are_data_and_wrong_ones_are_refused() -> None:
    """Other names may be given; without five bands there are none unless given; a misspelt name is told."""
    people = {"a": RfmFigures(1, 9, 9), "b": RfmFigures(9, 1, 1)}
    own = scored(people, RfmScheme(2, 2, 2, names={"22": "friends"}))
    assert (own.members("friends"), own.segment_of("b"), own.of("c"), own.segment_of("c")) == (("a",), None, None, None)
    assert "friends" in str(own)
    bare = scored(people, RfmScheme(2, 2, 2))
    assert bare.segment_of("a") is None
    assert "222" in str(bare)
    with pytest.raises(NotFoundError, match="champions"):
        scored(people).members("champion")
    with pytest.raises(StoreError, match="to_rows"):
        bare.to_frame()
    assert [row["code"] for row in bare.to_rows()] == ["222", "111"]
    assert "<table" in bare._repr_html_()
    assert str(scored({})).startswith("Recency")


@pytest.mark.parametrize("bands", [{"recency": 0}, {"frequency": 10}, {"monetary": (2, 2)}, {"recency": range(9)}])
def test_bands_that_are_none_are_refused(bands) -> None:
    """At most nine, at least one, limits that increase."""
    with pytest.raises(InvalidValueError):
        RfmScheme(**bands)
    with pytest.raises(InvalidValueError, match="bands by rank"):
        RfmScheme().score(RfmFigures(1, 1, 1))


def test_a_store_scores_those_who_bought(everywhere) -> None:
    """Three customers in three bands by hand; who never bought has no score; frames come of it."""
    with everywhere.begin() as work:
        a, b, c, d = work.add(*(mim.Contact() for _ in range(4)))
        for who, ago, amount in ((a, 10, 10), (b, 6, 20), (b, 5, 20), (c, 9, 50), (c, 2, 50), (c, 1, 50)):
            work.record("purchase", contact=who, at=NOW - timedelta(days=ago), value=mim.money(amount, "DKK"))
    found = everywhere.value.rfm(scheme=RfmScheme(3, 3, 3))
    assert [found.of(one) and found.of(one).code for one in (a, b, c, d)] == ["111", "222", "333", None]
    assert found.members("333") == (c.id,)
    assert "3 customers, 3 bands by rank · in DKK, up to 2026-05-01" in str(found)
    frame = found.to_frame("polars")
    assert frame.filter(pl.col("contact") == str(c.id)).row(0, named=True) == {
        "contact": str(c.id), "recency": 1, "frequency": 3, "monetary": 150.0,
        "r": 3, "f": 3, "m": 3, "code": "333", "segment": None,
    }  # fmt: skip


def test_frames_of_every_kind_score_alike() -> None:
    """pandas, Polars eager and lazy, PyArrow, DuckDB: the same customers, the same scores."""
    import duckdb

    orders = pd.DataFrame(
        {
            "who": ["a", "a", "b", "c", "c"],
            "at": pd.to_datetime([NOW - timedelta(days=n) for n in (1, 40, 90, 5, 7)], utc=True),
            "paid": pd.array([100, 250, None, 20, 30], dtype="Int64"),
        }
    )
    polars = pl.from_pandas(orders)
    relation = duckdb.sql("select * from orders")
    for frame in (orders, polars, polars.lazy(), polars.to_arrow(), relation):
        bought = mim.events(frame, contact="who", at="at", kind="purchase", value="paid", currency="EUR")
        found = mim.rfm(bought, now=NOW)
        assert {who: score.code for who, score in found.scores.items()} == {"a": "515", "c": "111"}
        assert found.left_out == {"without a value": 1}
    assert list(found.to_frame().contact) == ["a", "c"]


def test_ready_figures_are_checked() -> None:
    """Rows that lack one are counted, a second row and a figure that is none are refused, a column is missed by name."""
    names = {"contact": "id", "recency": "r", "frequency": "f", "monetary": "m"}
    rows = pd.DataFrame({"id": [1, 2], "r": [3.0, None], "f": [1, 1], "m": [10, 20]})
    found = mim.rfm_scores(rows, **names)
    assert (set(found.scores), found.left_out) == ({1}, {"without a figure": 1})
    assert "left out: 1 without a figure" in str(found)
    with pytest.raises(InvalidValueError, match="row 2: is a customer's second one"):
        mim.rfm_scores(pd.DataFrame({"id": [1, 1], "r": [3, 3], "f": [1, 1], "m": [1, 2]}), **names)
    with pytest.raises(InvalidValueError, match="row 1: has a figure that is no number"):
        mim.rfm_scores(pd.DataFrame({"id": [1], "r": ["soon"], "f": [1], "m": [1]}), **names)
    with pytest.raises(UnknownFieldError, match="'rr'"):
        mim.rfm_scores(rows, **{**names, "recency": "rr"})
