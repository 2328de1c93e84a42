"""Rules over data frames against hand-written Polars and pandas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import polars as pl

import mimcore as mim
from benchmarks.people import NOW, rows
from benchmarks.the_rule import BORN_AFTER, BORN_BY, SINCE, VALUES, WANTED_COUNTRIES, WANTED_INTERESTS
from benchmarks.timing import Line, compare
from mimcore import fields as f

__all__ = ["measure"]
ROWS = 200_000
SCALARS = f.contact.country.is_in(*sorted(WANTED_COUNTRIES)) & f.contact.acquired_at.within_days(300)
WIDE = NOW - timedelta(days=300)


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    people = list(rows(int(ROWS * scale)))
    polars = pl.DataFrame(people, infer_schema_length=None)
    pandas = pd.DataFrame(people)
    pandas["birth_date"] = pd.to_datetime(pandas["birth_date"])
    return [
        _line("Polars, 4 conditions with a list and text", "hand-written Polars", polars, VALUES, _polars),
        _line(
            "Polars, its opposite, or missing", "hand-written Polars", polars, (~VALUES).or_missing(), _polars_opposite
        ),
        _line("Polars, 2 plain columns", "hand-written Polars", polars, SCALARS, _polars_plain),
        _line("pandas, 4 conditions with a list and text", "hand-written pandas", pandas, VALUES, _pandas),
        _line("pandas, 2 plain columns", "hand-written pandas", pandas, SCALARS, _pandas_plain),
    ]


def _line(case: str, baseline: str, frame: Any, rule: mim.Rule, by_hand: Callable[[Any], Any]) -> Line:
    def ours() -> Any:
        return mim.mask(frame, rule, columns={"email": f.contact.primary_email}, now=NOW)

    def hand() -> Any:
        return by_hand(frame)

    found = ours().to_list()
    assert found == hand().to_list()
    note = f"{sum(found)} of {len(found)} fit"
    return compare(case, baseline, len(found), ours=ours, hand=hand, note=note)


def _polars_rule() -> pl.Expr:
    born, since, interests = pl.col("birth_date"), pl.col("acquired_at"), pl.col("interests")
    overlap = pl.any_horizontal(*(interests.list.contains(word) for word in sorted(WANTED_INTERESTS)))
    return (
        pl.col("country").is_in(sorted(WANTED_COUNTRIES))
        & (born > BORN_AFTER)
        & (born <= BORN_BY)
        & (overlap | ((since >= SINCE) & (since <= NOW)))
        & pl.col("email").str.ends_with(".com")
    )


def _polars(frame: pl.DataFrame) -> pl.Series:
    return frame.select(_polars_rule().fill_null(value=False)).to_series()


def _polars_opposite(frame: pl.DataFrame) -> pl.Series:
    return frame.select(~_polars_rule().fill_null(value=False)).to_series()


def _polars_plain(frame: pl.DataFrame) -> pl.Series:
    since = pl.col("acquired_at")
    rule = pl.col("country").is_in(sorted(WANTED_COUNTRIES)) & (since >= WIDE) & (since <= NOW)
    return frame.select(rule.fill_null(value=False)).to_series()


def _pandas(frame: pd.DataFrame) -> pd.Series:
    born, since = frame["birth_date"], frame["acquired_at"]
    overlap = frame["interests"].map(lambda words: not WANTED_INTERESTS.isdisjoint(words))
    return (
        frame["country"].isin(WANTED_COUNTRIES)
        & (born > pd.Timestamp(BORN_AFTER))
        & (born <= pd.Timestamp(BORN_BY))
        & (overlap | since.between(SINCE, NOW))
        & frame["email"].str.endswith(".com").fillna(value=False).astype(bool)
    )


def _pandas_plain(frame: pd.DataFrame) -> pd.Series:
    return frame["country"].isin(WANTED_COUNTRIES) & frame["acquired_at"].between(WIDE, NOW)
