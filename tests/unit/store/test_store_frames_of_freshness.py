"""`to_frame(freshness=True)`: keys computed by hand, and the same people as in the store."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.testing import FixedClock

KINDS = pytest.mark.parametrize("kind", ["pandas", "polars"])
RATING = mim.attribute("rating", options=["a", "b"], half_life_days=10)
FRESH = RATING.freshness() >= 0.25
COLUMNS = ["rating", "primary_email", "age"]
DAY_US = 86_400_000_000
START_US = 1_704_067_200_000_000  # 2024-01-01T00:00Z


@pytest.fixture
def clock() -> FixedClock:
    """The first of January 2024."""
    return FixedClock("2024-01-01T00:00Z")


@pytest.fixture
def store(clock: FixedClock) -> mim.Store:
    """Ana from a source that is right every second time, ten days before Bo; Eve undated; Kim without anything."""
    store = mim.connect("memory:", clock=clock)
    store.attributes.declare(RATING)
    with store.begin() as work:
        work.add(mim.Source(key="fair", reliability=0.5))
    with store.begin(source="fair") as work:
        work.add(mim.Contact(emails=["ana@example.com"], custom={"rating": "a"}))
    clock.advance(days=10)
    with store.begin(source="fair") as work:
        work.add(mim.Contact(custom={"rating": "b"}))
    with store.begin(source="fair", observed_at=mim.UNDATED) as work:
        work.add(mim.Contact(emails=["eve@example.com"], custom={"rating": "a"}))
    with store.begin(source="fair") as work:
        work.add(mim.Contact())
    return store


@KINDS
def test_keys_and_pools_stand_behind_the_columns(store: mim.Store, kind: str) -> None:
    """One half, and a half-life of ten days: the key lies ten days before the value was seen. An age has none."""
    frame = store.contacts.to_frame(columns=COLUMNS, kind=kind, freshness=True)
    assert list(frame.columns) == [
        "id", *COLUMNS, "rating_fresh_key", "rating_fresh_pool", "primary_email_fresh_key", "primary_email_fresh_pool",
    ]  # fmt: skip
    keys, pools = frame["rating_fresh_key"], frame["rating_fresh_pool"]
    assert [None if one is pd.NA else one for one in keys.to_list()] == [START_US - 10 * DAY_US, START_US, None, None]
    assert [one if isinstance(one, str) else None for one in pools.to_list()] == ["custom.rating"] * 3 + [None]
    assert str(keys.dtype) == "Int64"
    first = frame["primary_email_fresh_key"].to_list()[0]
    assert first == START_US - 1276 * DAY_US
    assert list(store.contacts.to_frame(columns=COLUMNS, kind=kind).columns) == ["id", *COLUMNS]


@KINDS
def test_the_same_people_as_in_the_store(store: mim.Store, clock: FixedClock, kind: str) -> None:
    """Before, at and after the instants at which somebody goes stale; checks move the keys."""
    with store.begin() as work:
        ana = work.contacts.with_email("ana@example.com")
        work.confirm(ana.primary_email, by="mailbox_check")
    rules = [FRESH, ~FRESH, RATING.is_undated(), f.contact.primary_email.freshness() >= 0.5]
    for _ in range(4):
        frame = store.contacts.to_frame(columns=["primary_email", "rating"], kind=kind, freshness=True)
        for rule in rules:
            kept = mim.filter(frame, rule, now=clock(), attributes=[RATING], half_lives=store.quality.half_lives())
            assert kept["id"].to_list() == [str(one) for one in store.contacts.ids(rule)]
        clock.advance(days=5)
    counts = [store.contacts.count(rule, now=clock()) for rule in rules]
    assert counts == [0, 2, 1, 1]


@KINDS
def test_a_pool_of_the_stores_own_needs_its_half_life(store: mim.Store, clock: FixedClock, kind: str) -> None:
    """It is in no published table; the refusal says where it is."""
    frame = store.contacts.to_frame(columns=["rating"], kind=kind, freshness=True)
    with pytest.raises(mim.MissingFactsError, match=r"rating_fresh_pool.*store\.quality\.half_lives\(\)"):
        mim.count(frame, FRESH, now=clock(), attributes=[RATING])
    assert store.quality.half_lives()["custom.rating"] == 10.0


@KINDS
def test_the_past_and_nobody(store: mim.Store, kind: str) -> None:
    """The frame of a past has the keys of then; one without rows has typed columns."""
    past = store.contacts.to_frame(columns=["rating"], kind=kind, freshness=True, as_of="2024-01-05T00:00Z")
    assert past["rating_fresh_key"].to_list() == [START_US - 10 * DAY_US]
    nobody = store.contacts.to_frame(
        mim.everyone() & (f.contact.city == "x"), columns=["rating"], kind=kind, freshness=True
    )
    assert len(nobody) == 0
    assert str(nobody["rating_fresh_key"].dtype) == "Int64"
    assert isinstance(nobody, pl.DataFrame if kind == "polars" else pd.DataFrame)
