"""Stages of the lifecycle: a hand-written oracle, and that exactly one holds for everybody, on every engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import examples

import mimcore as mim
from mimcore.errors import InvalidValueError, NotFoundError, UnknownFieldError
from mimcore.segments.value.lifecycle import Lifecycle, Stage
from mimcore.testing import FixedClock

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
SHORT = Lifecycle(
    lead_kinds=("download", "login"), new_days=3, loyal_purchases=3, loyal_days=20, slipping_days=5, lapsed_days=9,
    won_back_days=4,
)  # fmt: skip
LIFECYCLES = (Lifecycle(), SHORT, SHORT.evolve(new_days=5, won_back_days=5, loyal_purchases=2, loyal_days=3))


def oracle(events, now, it):
    """Decide the stage by looking at the purchases, one question after the other, as the page tells it."""
    days = timedelta(days=1)
    seen = [(kind, at) for kind, at in events if at <= now]
    bought = sorted(at for kind, at in seen if kind == "purchase")
    if not bought:
        return "lead" if any(kind in it.lead_kinds for kind, _ in seen) else "visitor"
    silent = now - bought[-1]
    if silent > it.lapsed_days * days:
        return "lapsed"
    if silent > it.slipping_days * days:
        return "slipping"
    for before, after in pairwise(bought):
        if after - before > it.lapsed_days * days and now - after <= it.won_back_days * days:
            return "won_back"
    if len(bought) == 1:
        return "new" if silent <= it.new_days * days else "active"
    lately = [at for at in bought if now - at <= it.loyal_days * days]
    return "loyal" if len(lately) >= it.loyal_purchases else "repeat"


@st.composite
def histories(draw, it):
    """Events at the edges of every threshold, counted from now and from one another."""
    edges = sorted({it.new_days, it.loyal_days, it.slipping_days, it.lapsed_days, it.won_back_days, 0, 1})
    events, at = [], NOW
    for _ in range(draw(st.integers(0, 6))):
        near = draw(st.sampled_from([-TICK, timedelta(0), TICK]))
        base = draw(st.sampled_from([NOW, at]))
        at = base - draw(st.sampled_from(edges)) * DAY + near
        events.append((draw(st.sampled_from(["purchase", "purchase", "purchase", "download", "login", "visit"])), at))
    return events


@given(st.data())
@examples(300)
def test_exactly_one_stage_holds_and_it_is_the_oracles(data) -> None:
    """For any history, at any edge: the rules are two-valued, exclude each other, and leave nobody out."""
    it = data.draw(st.sampled_from(LIFECYCLES))
    events = data.draw(histories(it))
    contact = mim.Contact()
    interactions = [mim.Interaction(kind=kind, at=at, contact_id=contact.id) for kind, at in events]
    facts = mim.Facts(contact=contact, events=interactions, now=NOW)
    answers = {stage.value: mim.evaluate(rule, facts) for stage, rule in it.rules().items()}
    expected = oracle(events, NOW, it)
    assert answers == {stage.value: stage.value == expected for stage in Stage}
    assert it.stage_of(interactions, now=NOW) == expected


@given(data=st.data())
@examples(25)
def test_every_engine_says_the_same(data, tmp_path_factory) -> None:
    """In memory, SQLite, generated code and a frame: the members of each stage are the oracle's."""
    it = data.draw(st.sampled_from(LIFECYCLES[1:]))
    people = [mim.Contact() for _ in range(6)]
    told = {one.id: data.draw(histories(it)) for one in people}
    expected = {stage.value: set() for stage in Stage}
    for one in people:
        expected[oracle(told[one.id], NOW, it)].add(one.id)
    events = [mim.Interaction(kind=k, at=at, contact_id=who) for who, told_of in told.items() for k, at in told_of]
    for url in ("memory:", f"sqlite:///{tmp_path_factory.mktemp('life') / 'store.db'}"):
        with mim.connect(url, clock=FixedClock(NOW), secret=b"only-for-tests-0", actor="tester") as store:
            with store.begin() as work:
                work.add(*people)
                work.transaction.interactions.add(events)
            with store.read() as work:
                assert {s.value: set(work.contacts.ids(rule)) for s, rule in it.rules().items()} == expected
    facts = [mim.Facts(contact=one, events=[e for e in events if e.contact_id == one.id], now=NOW) for one in people]
    for stage, rule in it.rules().items():
        assert {one.contact.id for one in mim.select(rule, facts)} == expected[stage.value]
    frame = pl.DataFrame({"id": [str(one.id) for one in people]})
    rows = pl.DataFrame(
        {"who": [str(e.contact_id) for e in events], "at": [e.at for e in events], "kind": [e.kind for e in events]},
        schema={"who": pl.String, "at": pl.Datetime("us", "UTC"), "kind": pl.String},
    )
    happened = mim.events(rows, contact="who", at="at")
    found = mim.classify(frame, events=happened, now=NOW, **{s.value: rule for s, rule in it.rules().items()})
    for stage in Stage:
        assert {row["id"] for row in found.filter(pl.col(stage.value)).iter_rows(named=True)} == {
            str(one) for one in expected[stage.value]
        }


@pytest.mark.parametrize(
    ("ago", "stage"),
    [
        ([], "visitor"), ([0], "new"), ([30], "new"), ([31], "active"), ([90], "active"), ([91], "slipping"),
        ([365], "slipping"), ([366], "lapsed"), ([10, 400], "won_back"), ([30, 396], "won_back"), ([31, 397], "repeat"),
        ([10, 375], "repeat"), ([10, 200, 364, 365], "loyal"), ([10, 200, 364, 366], "repeat"),
        ([91, 92, 93, 94], "slipping"), ([0, 0], "repeat"), ([5, 10, 15, 20, 500], "won_back"),
    ],
)  # fmt: skip
def test_the_usual_lifecycle_by_hand(ago, stage) -> None:
    """Days since each purchase, and the stage under the usual thresholds."""
    who = mim.Contact().id
    bought = [mim.Interaction(kind="purchase", at=NOW - days * DAY, contact_id=who) for days in ago]
    assert Lifecycle().stage_of(bought, now=NOW) == stage
    asked = mim.Interaction(kind="demo_request", at=NOW, contact_id=who)
    assert Lifecycle().stage_of([*bought, asked], now=NOW) == ("lead" if stage == "visitor" else stage)


@pytest.mark.parametrize(
    "wrong",
    [
        {"slipping_days": 365}, {"new_days": 91}, {"won_back_days": 91}, {"loyal_purchases": 1}, {"lead_kinds": ()},
        {"new_days": 0}, {"lapsed_days": 40_000},
    ],
)  # fmt: skip
def test_thresholds_that_contradict_each_other_are_refused(wrong) -> None:
    """Stages would overlap, or nobody could be in one."""
    with pytest.raises(InvalidValueError):
        Lifecycle(**wrong)


def test_a_lifecycle_is_data_that_prints_itself() -> None:
    """It goes through JSON and back; a stage has a line; misspelt kinds and stages are told."""
    assert Lifecycle.model_validate_json(SHORT.model_dump_json()) == SHORT
    assert "bought last 5 to 9 days ago" in str(SHORT)
    assert "<table" in SHORT._repr_html_()
    assert str(SHORT.field == "lapsed")
    with pytest.raises(NotFoundError, match="lapsed"):
        SHORT.rule("lapse")
    with pytest.raises(UnknownFieldError, match="download"):
        Lifecycle(lead_kinds=("downlod",))
