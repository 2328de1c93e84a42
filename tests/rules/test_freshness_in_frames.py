"""How fresh values are, on every kind of frame: keys and pools computed by hand, and what cannot be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from tests.rules.test_frame_engines import KINDS, MAKE, NOW, answers

from mimcore import fields as f
from mimcore import frames
from mimcore.errors import InvalidValueError, MimcoreError, MissingFactsError
from mimcore.rules.language import nodes
from mimcore.values.instants import to_microseconds

c = f.contact
HALF_LIVES = {"slow": 10.0, "quick": 1.0}
FRESH = c.city.freshness() >= 0.5


def _key(days: float, more: int = 0) -> int:
    """The key of a value that was certain so many days ago."""
    return to_microseconds(NOW - timedelta(days=days)) + more


def people() -> pl.DataFrame:
    """At the edges of both pools; undated; never seen; without a value."""
    rows: list[tuple[str | None, int | None, str | None]] = [
        ("x", _key(10), "slow"),  # one half-life ago: exactly one half
        ("x", _key(10, -1), "slow"),
        ("x", _key(1), "quick"),
        ("x", _key(1, -1), "quick"),  # fresher than the slow ones, and stale
        ("x", None, "nobody knows"),  # of what is undated the pool does not matter
        ("x", None, None),
        (None, _key(0), "slow"),
        (None, None, None),
    ]
    schema = {"city": pl.String, "city_fresh_key": pl.Int64, "city_fresh_pool": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


@KINDS
def test_a_key_is_compared_with_the_cutoff_of_its_pool(kind: str) -> None:
    """At least one half means ten days of the slow pool and one day of the quick one; a quarter twice as many."""

    def ask(rule: nodes.Rule) -> list[bool | None]:
        return answers(kind, people(), rule, half_lives=HALF_LIVES)

    assert ask(FRESH) == [True, False, True, False, None, None, True, None]
    assert ask(~FRESH) == ask(c.city.freshness() < 0.5) == [False, True, False, True, None, None, False, None]
    assert ask(FRESH.or_missing()) == [True, False, True, False, True, True, True, True]
    assert ask(c.city.freshness() >= 0.25) == [True, True, True, True, None, None, True, None]
    assert ask(c.city.freshness() >= 1.0) == [False, False, False, False, None, None, True, None]
    assert ask(c.city.is_undated()) == [False, False, False, False, True, True, False, False]
    assert ask(~c.city.is_undated()) == [True, True, True, True, False, False, True, True]
    assert ask(FRESH & (c.city.freshness() < 1.0)) == [True, False, True, False, None, None, False, None]


@KINDS
def test_columns_without_any_value_tell_nothing(kind: str) -> None:
    """Nobody is fresh and nobody is stale; who has a value is undated."""
    gaps = pl.Series([None, None], dtype=pl.Int64), pl.Series([None, None], dtype=pl.String)
    frame = pl.DataFrame({"city": ["x", None], "city_fresh_key": gaps[0], "city_fresh_pool": gaps[1]})
    assert answers(kind, frame, FRESH) == [None, None]
    assert answers(kind, frame, c.city.is_undated()) == [True, False]


@KINDS
@pytest.mark.parametrize("missing", ["city_fresh_key", "city_fresh_pool"])
def test_a_missing_column_is_named_with_the_remedy(kind: str, missing: str) -> None:
    """And nothing is answered instead."""
    with pytest.raises(MissingFactsError, match=rf"'{missing}'.*contact\.demographic\.city.*freshness=True"):
        frames.filter(MAKE[kind](people().drop(missing)), FRESH, now=NOW, half_lives=HALF_LIVES)


@KINDS
def test_what_is_no_key_or_no_pool_is_refused(kind: str) -> None:
    """Before anything is evaluated."""
    for wrong in (pl.col("city_fresh_pool").alias("city_fresh_key"), pl.col("city_fresh_key").alias("city_fresh_pool")):
        with pytest.raises(InvalidValueError, match="column 'city_fresh_"):
            frames.filter(MAKE[kind](people().with_columns(wrong)), FRESH, now=NOW, half_lives=HALF_LIVES)


@KINDS
def test_a_pool_whose_half_life_is_not_known_is_no_answer(kind: str) -> None:
    """As in Python, and nobody falls silently into or out of a segment; no pool is quoted."""
    for pool in ("CANARY", None):
        frame = MAKE[kind](people().with_columns(city_fresh_pool=pl.lit(pool, dtype=pl.String)))
        with pytest.raises(MimcoreError) as caught:
            frames.count(frame, FRESH.or_missing(), now=NOW, half_lives=HALF_LIVES)
        assert "CANARY" not in str(caught.value)
        if kind != "duckdb":
            assert isinstance(caught.value, MissingFactsError)
            assert "half_lives=store.quality.half_lives()" in str(caught.value)


def test_a_relation_says_which_pool_it_misses() -> None:
    """DuckDB finds it when the relation is read, and says it in our words."""
    kept = frames.filter(MAKE["duckdb"](people()), FRESH, now=NOW, half_lives={"slow": 10.0})
    with pytest.raises(duckdb.Error, match=r"column 'city_fresh_pool' names pools .* half_lives="):
        kept.fetchall()


def test_published_half_lives_hold_unless_given() -> None:
    """A business address has 969 days; half of them is a probability of 0.707."""
    frame = pl.DataFrame({"primary_email_fresh_key": [_key(969 / 2)], "primary_email_fresh_pool": ["b2b.email"]})
    rules = [c.primary_email.freshness() >= one for one in (0.70, 0.71)]
    assert [frames.count(frame, one, now=NOW) for one in rules] == [1, 0]
    assert frames.count(frame, rules[1], now=NOW, half_lives={"b2b.email": 980.0}) == 0
    assert frames.count(frame, rules[1], now=NOW, half_lives={"b2b.email": 1000.0}) == 1
    wrong: Any = lambda: HALF_LIVES  # noqa: E731 - as a method is that somebody forgot to call
    with pytest.raises(InvalidValueError, match=r"store\.quality\.half_lives\(\)"):
        frames.count(frame, rules[0], now=NOW, half_lives=wrong)
    days: Any
    for days in (0, -1, float("inf"), float("nan"), "969"):
        with pytest.raises(InvalidValueError, match=r"half-life of .b2b\.email."):
            frames.count(frame, rules[0], now=NOW, half_lives={"b2b.email": days})


def test_keys_may_come_back_as_floats_and_pools_as_categories() -> None:
    """What pandas makes of gaps in a CSV file; a mapped column has its own beside it."""
    frame = pd.DataFrame(people().to_pandas()).rename(columns=lambda name: name.replace("city", "Stadt"))
    assert frame["Stadt_fresh_key"].dtype == "float64"
    frame["Stadt_fresh_pool"] = frame["Stadt_fresh_pool"].astype("category")
    options: dict[str, Any] = {"columns": {"Stadt": c.city}, "now": NOW, "half_lives": HALF_LIVES}
    assert frames.mask(frame, FRESH, **options).tolist() == [True, False, True, False, False, False, True, False]
    found = {one.column: one.sure for one in frames.match_columns(frame, columns=options["columns"]).columns}
    assert found == {"Stadt": "given", "Stadt_fresh_key": "beside", "Stadt_fresh_pool": "beside"}
