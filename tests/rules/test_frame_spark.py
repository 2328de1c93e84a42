"""Rules on Spark: the same kind back, unread; every operator; what was prepared elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from tests.rules import generate
from tests.rules.engines import Oracle
from tests.rules.frame_engines import SPARK, spark_frame
from tests.rules.test_frame_engines import OF_OP, orders, told

from mimcore import fields as f
from mimcore import frames
from mimcore.errors import InvalidValueError, UnsupportedConditionError
from mimcore.frames.capabilities import capabilities
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule
from mimcore.values.money import money

pytestmark = pytest.mark.spark
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
c = f.contact


def answers(frame: pl.DataFrame, *rules: Rule, **options: Any) -> list[list[bool | None]]:
    """The verdicts on each row, in the order of the ids."""
    named = {f"answer_{at}": rule for at, rule in enumerate(rules)}
    found = frames.classify(spark_frame(frame), now=NOW, **options, **named)
    rows = sorted(found.collect(), key=lambda row: row["id"])
    return [[row[name] for row in rows] for name in named]


def test_a_spark_frame_comes_back_unread() -> None:
    """Filtered, classified, counted; no series of answers; a missing folded column is refused by name."""
    people = spark_frame(pl.DataFrame({"id": [1, 2, 3], "country": ["DK", None, "SE"], "city": ["x", "y", None]}))
    rule = c.country == "DK"
    kept = frames.filter(people, rule)
    assert type(kept) is type(people)
    assert kept.columns == ["id", "country", "city"]
    assert [tuple(row) for row in kept.collect()] == [(1, "DK", "x")]
    assert frames.count(people, ~rule) == 1
    for verb in (frames.mask, frames.verdict):
        with pytest.raises(InvalidValueError, match=r"spark.*classify"):
            verb(people, rule)
    with pytest.raises(UnsupportedConditionError, match=r"city_folded.*mim\.prepare"):
        frames.filter(people, c.city == "x")


def test_values_lists_and_patterns() -> None:
    """Hand-computed corners: NaN, minus zero, the year 1, signs of regular expressions, a patient pattern, empty lists."""
    frame = frames.prepare(
        pl.DataFrame(
            {
                "id": [1, 2, 3, 4],
                "city": ["A.b+C\\d'e", " straße ", "a" * 400, None],
                "account_ideal_customer_fit": [-0.0, float("nan"), 0.7, None],
                "birth_date": [date(2000, 2, 29), date(1, 1, 1), date(1969, 12, 31), None],
                "acquired_at": [NOW, NOW - timedelta(days=30), NOW + timedelta(microseconds=1), None],
                "interests": [["Golf", "GOLF"], [], [" "], None],
                "preferred_channels": [["email", "sms"], ["sms"], [], None],
            }
        )
    )
    hard = nodes.TextTest(op="matches", field="contact.city", value="*a*a*a*a*a*a*a*a*ab?")
    found = answers(
        frame,
        c.city.contains("b+c\\d'"),
        c.city == "STRASSE",
        hard,
        f.account.ideal_customer_fit == 0.0,
        c.birth_date <= date(1, 1, 1),
        c.birth_date.anniversary(within_days=0),
        c.acquired_at.within_days(30),
        c.interests.count() == 1,
        c.preferred_channels.contains_all("sms", "email"),
        c.age >= 1100,  # the year 926, which Spark's bridge alone would misread
    )
    assert found == [
        [True, False, False, None],
        [False, True, False, None],
        [False, False, False, None],
        [True, None, False, None],
        [False, True, False, None],
        [True, False, False, None],
        [True, True, False, None],
        [True, False, False, False],
        [True, False, False, False],
        [False, True, False, None],
    ]


def test_events_are_joined_natively() -> None:
    """Totals beyond 64 bits, sequences with ties, and who has no events."""
    beside = frames.events(spark_frame(orders()), contact="contact", at="at")
    found = answers(
        pl.DataFrame({"id": [1, 2, 3]}),
        c.purchases.count() == 3,
        c.purchases.total() > money("9000000000000000", "DKK"),
        c.purchases.average() >= money(10, "DKK"),
        c.events("download").then("demo_request", within_days=14),
        c.purchases.restarted(gap_days=396, within_days=5),
        c.purchases.regularly(at_least=2, of_periods=5, period_days=100),
        events=beside,
    )
    assert found == [
        [True, False, False],
        [True, False, False],
        [True, True, None],
        [True, False, False],
        [True, False, False],
        [True, False, False],
    ]


def test_samples_are_those_of_python() -> None:
    """A sample by the ids is the one that Polars draws."""
    ids = pl.DataFrame(
        {"id": [str(UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + 977 * at)) for at in range(40)]}
    )
    rule = c.sample(percent=30, salt="spring")
    (drawn,) = answers(ids, rule)
    assert drawn == frames.mask(ids.sort("id"), rule).to_list()
    with pytest.raises(InvalidValueError):
        frames.count(spark_frame(pl.DataFrame({"id": ["ana"]})), rule)


def test_the_table_of_operators_is_true() -> None:
    """Every operator, with and without folded columns."""
    assert set(OF_OP) == {one.op for one in capabilities()}
    assert {one.op: told(one, "spark", spark_frame) for one in capabilities()} == {
        one.op: one.answers["spark"] for one in capabilities()
    }


def test_generated_rules_are_answered_as_the_oracle_does() -> None:
    """A dozen of the generated rules, on twenty people; the differential test asks many more."""
    world = generate.dataset(3, size=20)
    rules = [one for one in generate.rules(3, 16, world.now) if SPARK.supports(one, world)]
    assert len(rules) >= 8
    for rule, found in zip(rules, SPARK.verdicts(rules, world), strict=True):
        assert found == list(Oracle().answer(rule, world).values()), rule.to_json()
