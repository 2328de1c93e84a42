"""Rules over data frames against code written by hand for the same frames, null-safe and with equal results."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

import duckdb
import pandas as pd
import polars as pl

import mimcore as mim
from benchmarks.people import NOW, rows
from benchmarks.the_rule import BORN_AFTER, BORN_BY, SINCE, VALUES, WANTED_COUNTRIES, WANTED_INTERESTS
from benchmarks.timing import Line, compare
from mimcore import fields as f

__all__ = ["measure"]
MADE, TIMES = 200_000, 10
"""So many people are made, and stand so many times in the frame of two million rows."""

SIX = VALUES & (f.account.ideal_customer_fit >= 0.7)
SCALARS = f.contact.country.is_in(*sorted(WANTED_COUNTRIES)) & f.contact.acquired_at.within_days(300)
WIDE = NOW - timedelta(days=300)
COLUMNS = {"email": f.contact.primary_email}
BY_POLARS = "Polars by hand"


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    few = pl.DataFrame(list(rows(int(MADE * scale))), infer_schema_length=None)
    few = few.with_columns(ideal_customer_fit=(pl.int_range(pl.len()) * 37 % 100) / 100)
    many = pl.concat([few] * TIMES).rechunk()
    ready = mim.prepare(many, columns=COLUMNS)
    return [*_polars(many, ready), *_others(few, ready), *_first_use()]


def _polars(many: pl.DataFrame, ready: pl.DataFrame) -> list[Line]:
    folded, plain = _by_hand("email_folded"), _by_hand("email")
    opposite, either = (~SIX).or_missing(), pl.col("country").is_in(sorted(WANTED_COUNTRIES))
    recent = either & (pl.col("acquired_at") >= WIDE) & (pl.col("acquired_at") <= NOW)
    return [
        _line("Polars prepared, six conditions", ready, SIX, folded),
        _line("Polars prepared, its opposite, or missing", ready, opposite, ~folded.fill_null(value=False)),
        _line("Polars prepared, two plain columns", ready, SCALARS, recent),
        _line("Polars as it comes, six conditions", many, SIX, plain),
        _lazy(ready, folded),
    ]


def _by_hand(email: str) -> pl.Expr:
    born, since, interests = pl.col("birth_date"), pl.col("acquired_at"), pl.col("interests")
    overlap = pl.any_horizontal(*(interests.list.contains(word) for word in sorted(WANTED_INTERESTS)))
    return (
        pl.col("country").is_in(sorted(WANTED_COUNTRIES))
        & (born > BORN_AFTER)
        & (born <= BORN_BY)
        & (overlap | ((since >= SINCE) & (since <= NOW)))
        & pl.col(email).str.ends_with(".com")
        & (pl.col("ideal_customer_fit") >= 0.7)
    )


def _line(case: str, frame: pl.DataFrame, rule: mim.Rule, by_hand: pl.Expr) -> Line:
    def ours() -> Any:
        return mim.mask(frame, rule, columns=COLUMNS, now=NOW)

    def hand() -> Any:
        return frame.select(by_hand.fill_null(value=False)).to_series()

    return _compared(case, BY_POLARS, ours, hand, lambda found: found.to_list())


def _lazy(ready: pl.DataFrame, by_hand: pl.Expr) -> Line:
    def ours() -> Any:
        return mim.filter(ready.lazy(), SIX, columns=COLUMNS, now=NOW).collect()

    def hand() -> Any:
        return ready.lazy().filter(by_hand).collect()

    case = "Polars lazy and prepared, members collected"
    return _compared(case, BY_POLARS, ours, hand, lambda found: found["email"].to_list(), items=len(ready))


def _others(few: pl.DataFrame, ready: pl.DataFrame) -> list[Line]:
    table = ready.to_arrow()
    objects = pd.DataFrame(few.to_dicts())
    objects["birth_date"] = pd.to_datetime(objects["birth_date"])
    prepared = mim.prepare(objects, columns=COLUMNS)
    arrow_backed = ready.head(len(few)).to_pandas(use_pyarrow_extension_array=True)
    by_hand = _by_hand("email_folded").fill_null(value=False)
    return [
        _compared(
            "PyArrow prepared, six conditions",
            BY_POLARS,
            lambda: mim.mask(table, SIX, columns=COLUMNS, now=NOW),
            lambda: pl.from_arrow(table).select(by_hand).to_series(),
            lambda found: found.to_pylist() if hasattr(found, "to_pylist") else found.to_list(),
        ),
        _pandas("pandas prepared, lists as objects, six conditions", prepared),
        _pandas("pandas prepared, Arrow types, six conditions", arrow_backed),
        _pandas("pandas as it comes, six conditions", objects),
        _relation(table),
    ]


def _pandas(case: str, frame: pd.DataFrame) -> Line:
    def ours() -> Any:
        return mim.mask(frame, SIX, columns=COLUMNS, now=NOW)

    return _compared(case, "pandas by hand", ours, lambda: _pandas_by_hand(frame), lambda found: found.to_list())


def _pandas_by_hand(frame: pd.DataFrame) -> pd.Series:
    born, since = pd.to_datetime(frame["birth_date"]), frame["acquired_at"]
    overlap = frame["interests"].map(lambda words: not WANTED_INTERESTS.isdisjoint(words))
    return (
        frame["country"].isin(WANTED_COUNTRIES)
        & (born > pd.Timestamp(BORN_AFTER))
        & (born <= pd.Timestamp(BORN_BY))
        & (overlap | since.between(SINCE, NOW).fillna(value=False).astype(bool))
        & frame["email"].str.endswith(".com").fillna(value=False).astype(bool)
        & (frame["ideal_customer_fit"] >= 0.7)
    )


def _relation(table: Any) -> Line:
    connection = duckdb.connect()
    connection.execute("set threads = 1; set timezone = 'UTC'")
    connection.register("arrow_people", table)
    connection.execute("create table people as select * from arrow_people")
    relation = connection.table("people")
    countries, words = (", ".join(f"'{one}'" for one in sorted(of)) for of in (WANTED_COUNTRIES, WANTED_INTERESTS))
    sql = f"""select count(*) from people where country in ({countries})
        and birth_date > '{BORN_AFTER}' and birth_date <= '{BORN_BY}'
        and (list_has_any(interests, [{words}]) or (acquired_at >= '{SINCE}' and acquired_at <= '{NOW}'))
        and ends_with(email_folded, '.com') and ideal_customer_fit >= 0.7"""
    return _compared(
        "DuckDB prepared, six conditions, counted",
        "SQL by hand",
        lambda: mim.count(relation, SIX, columns=COLUMNS, now=NOW),
        lambda: connection.sql(sql).fetchall()[0][0],
        lambda found: found,
        items=table.num_rows,
    )


def _compared(
    case: str,
    baseline: str,
    ours: Callable[[], Any],
    hand: Callable[[], Any],
    plain: Callable[[Any], Any],
    *,
    items: int = 0,
) -> Line:
    found = plain(ours())
    assert found == plain(hand())
    fit = found if isinstance(found, int) else len(found) if items else sum(found)
    total = items or len(found)
    return compare(case, baseline, total, ours=ours, hand=hand, note=f"{fit} of {total} fit")


_FIRST = """
import time
import polars as pl
frame = pl.DataFrame({"country": ["DK", "SE", None] * 300})
frame.select(pl.col("country") == "DK")
begun = time.process_time()
import mimcore as mim
from mimcore import fields as f
imported = time.process_time()
mim.mask(frame, f.contact.country == "DK")
first = time.process_time()
mim.mask(frame, f.contact.country == "DK")
print(imported - begun, first - imported, time.process_time() - first)
"""


def _first_use() -> list[Line]:
    """What the first question of a process costs, on 900 rows, Polars being loaded already."""
    runs = [
        tuple(
            map(float, subprocess.run([sys.executable, "-c", _FIRST], check=True, capture_output=True).stdout.split())
        )
        for _ in range(5)
    ]
    cases = ("importing mimcore and its fields", "the first question, 900 rows", "the second question, 900 rows")
    taken = [median(one[at] for one in runs) for at in range(3)]
    return [Line(case, "", 1, used * 1e6, None, None) for case, used in zip(cases, taken, strict=True)]
