"""Tiers and the best so many: by hand, ties, brute force, and the rule that says the same on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import examples

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, NotFoundError
from mimcore.segments.value.payments import purchases_of
from mimcore.segments.value.tiers import above_share, most_valuable, tiers_of
from mimcore.testing import FixedClock

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
HALVES = {"better": 0.5, "worse": 0.5}


def spent(totals, ago=None):
    """Return purchases of customers who spent so much, the last one so many days ago."""
    rows = [("purchase", who, total) for who, total in totals.items()]
    days = ago or {}
    payments = [(who, kind, NOW - timedelta(days=days.get(who, 1)), Decimal(total), "DKK") for kind, who, total in rows]
    return purchases_of(payments, now=NOW, zone=ZoneInfo("UTC"))


def test_tiers_by_hand() -> None:
    """Ten customers: the top tenth is one, the next two tenths two, and so on; each total and limit is told."""
    found = tiers_of(spent({n: 10 * n for n in range(1, 11)}))
    assert [(one.name, one.members, one.least, one.total) for one in found] == [
        ("top", (10,), 100, 100),
        ("high", (9, 8), 80, 170),
        ("middle", (7, 6, 5), 50, 180),
        ("low", (4, 3, 2, 1), 10, 100),
    ]
    assert [found.of(n) for n in (10, 8, 5, 1, 99)] == ["top", "high", "middle", "low", None]
    assert found.members("high") == (9, 8)
    assert "share of total" in str(found)
    assert "<table" in found._repr_html_()
    assert found.to_rows()[1] == {
        "contact": 9, "total": 90.0, "purchase_days": 1, "last_on": NOW.date() - timedelta(days=1), "tier": "high",
    }  # fmt: skip
    with pytest.raises(NotFoundError, match="middle"):
        found.members("midle")


def test_equal_values_share_the_better_tier() -> None:
    """Three of four spent 50: half of the customers are four then, and nobody is left for the other half."""
    found = tiers_of(spent({"a": 100, "b": 50, "c": 50, "d": 50}), HALVES)
    assert [one.members for one in found] == [("a", "b", "c", "d"), ()]
    assert found["worse"].least is None
    found = tiers_of(spent({"a": 100, "b": 60, "c": 50, "d": 50}), HALVES)
    assert [one.members for one in found] == [("a", "b"), ("c", "d")]
    assert [one.members for one in tiers_of(spent({}), HALVES)] == [(), ()]
    assert "better" in str(tiers_of(spent({}), HALVES))


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": 0.5, "b": 0.6}, {"a": float("nan")}])
def test_shares_must_be_a_whole(shares) -> None:
    """Positive, and 1 together; three times a tenth and seven tenths are exactly that."""
    with pytest.raises(InvalidValueError, match="add up to 1"):
        tiers_of(spent({"a": 1}), shares)
    assert tiers_of(spent({"a": 1}), {"a": 0.1, "b": 0.2, "c": Decimal("0.7")}).of("a") == "a"


TOTALS = st.dictionaries(st.integers(0, 99), st.integers(0, 6), max_size=30)


@given(TOTALS, st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_tiers_follow_the_definition(totals, weights) -> None:
    """Brute force in whole numbers: the first tier whose end lies above the share of those who spent more."""
    shares = {f"t{place}": Decimal(one) / 20 for place, one in enumerate(weights[:-1])}
    shares["rest"] = 1 - sum(shares.values())
    found = tiers_of(spent(totals), shares)
    for who, total in totals.items():
        better, end = sum(other > total for other in totals.values()), Decimal(0)
        for name, one in shares.items():
            end += one
            if better < end * len(totals):
                assert found.of(who) == name
                assert who in found.members(name)
                break
    assert sorted(who for one in found for who in one.members) == sorted(totals)
    best = {one.customer for one in above_share(spent(totals), 0.3)}
    assert best == {who for who in totals if sum(t > totals[who] for t in totals.values()) * 10 < 3 * len(totals)}


def test_the_best_are_exactly_so_many_and_always_the_same() -> None:
    """Of equals who bought later comes first, then the smaller id; how many more spent as much is told."""
    totals = {"e": 9, "d": 5, "c": 5, "b": 5, "a": 5}
    purchases = spent(totals, ago={"a": 3, "b": 3, "c": 1, "d": 9})
    found = most_valuable(purchases, 3)
    assert (found.members(), found.tied) == (("e", "c", "a"), 2)
    assert "2 more spent as much as the last" in str(found)
    assert [row["rank"] for row in found.to_rows()] == [1, 2, 3]
    assert "<table" in found._repr_html_()
    assert most_valuable(purchases, 99).members() == ("e", "c", "a", "b", "d")
    assert most_valuable(spent({}), 1).members() == ()
    with pytest.raises(InvalidValueError, match="number"):
        most_valuable(purchases, 0)
    with pytest.raises(InvalidValueError, match="top_share"):
        above_share(purchases, 0)


ORDERS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from([0, 5, 40]), st.sampled_from([None, "EUR", 0, 1, 2, 3])), max_size=40
)


@given(ORDERS, st.sampled_from([None, 30]))
@examples(40)
def test_the_rule_of_a_tier_holds_for_its_customers(orders, within_days) -> None:
    """For nobody else: not for those without a purchase, in another currency, before the window, or from elsewhere."""
    with mim.connect("memory:", clock=FixedClock(NOW)) as store:
        with store.begin() as work:
            people = work.add(*(mim.Contact(country="DK" if n % 3 else "SE") for n in range(10)))
            for who, ago, amount in orders:
                code = "EUR" if amount == "EUR" else "DKK"
                value = None if amount is None else mim.money(1 if amount == "EUR" else amount, code)
                work.record("purchase", contact=people[who], at=NOW - timedelta(days=ago), value=value)
        for among in (None, f.contact.country == "DK"):
            tiers = store.value.tiers(currency="DKK", within_days=within_days, among=among, shares=HALVES)
            for tier in tiers:
                if tier.members:
                    with store.read() as work:
                        assert set(work.contacts.ids(tiers.rule(tier.name))) == set(tier.members)
                else:
                    with pytest.raises(InvalidValueError, match="is empty"):
                        tiers.rule(tier.name)


def test_a_rule_is_refused_where_refunds_were_subtracted(everywhere) -> None:
    """What a rule cannot say is not said nearly; the list can be kept, and is brought to exactly these people."""
    with everywhere.begin() as work:
        people = work.add(*(mim.Contact() for _ in range(4)))
        for n, who in enumerate(people):
            work.record("purchase", contact=who, at=NOW, value=mim.money(10 + n, "DKK"))
        work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"))
    tiers = everywhere.value.tiers(shares=HALVES)
    with everywhere.read() as work:
        assert (
            set(work.contacts.ids(tiers.rule("better"))) == {people[3].id, people[2].id} == set(tiers.members("better"))
        )
    everywhere.value.keep("best", tiers.members("better"), name="The better half")
    with everywhere.begin() as work:
        work.record("refund", contact=people[3], at=NOW, value=mim.money(9, "DKK"))
    tiers = everywhere.value.tiers(shares=HALVES)
    assert tiers.members("better") == (people[2].id, people[1].id)
    with pytest.raises(InvalidValueError, match="refunds"):
        tiers.rule("better")
    for _ in range(2):
        segment = everywhere.value.keep("best", tiers.members("better"))
    assert (segment.name, set(everywhere.segments.members("best"))) == ("The better half", set(tiers.members("better")))
    moves = [(move.contact_id, move.has_entered) for move in everywhere.segments.moves("best")]
    assert sorted(moves) == sorted(
        [(people[2].id, True), (people[3].id, True), (people[3].id, False), (people[1].id, True)]
    )
    with pytest.raises(InvalidValueError, match="follows a rule"):
        everywhere.value.keep("danes", people)


def test_what_was_decided_by_hand_stands(store) -> None:
    """Keeping a list neither puts an excluded person on it nor takes an included one off."""
    with store.begin() as work:
        ana, bo, cy = work.add(*(mim.Contact() for _ in range(3)))
    store.value.keep("vips", [ana])
    store.segments.include("vips", bo, reason="a friend of the house")
    store.segments.exclude("vips", cy, reason="asked not to be")
    store.value.keep("vips", [cy, ana])
    assert set(store.segments.members("vips")) == {ana.id, bo.id}
    store.value.keep("vips", [])
    assert set(store.segments.members("vips")) == {bo.id}
