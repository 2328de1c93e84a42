"""Valuable and slipping: own habits by hand, the fixed rule on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

import mimcore as mim
from mimcore.errors import InvalidValueError
from mimcore.segments.value.payments import purchases_of
from mimcore.segments.value.slipping import slipping_of

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


def bought(**days):
    """Return the purchases of customers who bought so many days ago, for 100 each time."""
    rows = [
        (who, "purchase", NOW - timedelta(days=ago), Decimal(100), "DKK") for who, agos in days.items() for ago in agos
    ]
    return purchases_of(rows, now=NOW, zone=ZoneInfo("UTC"))


def test_everybody_is_measured_by_their_own_habit() -> None:
    """Monthly buyers are late after two months, yearly ones are not; two purchases are no habit; the edge is in time.

    Gaps 30, 30, 40: the median is 30, so 60 days are allowed; 61 are too many. Gaps 10, 30: the median is 20.
    """
    found = slipping_of(
        bought(
            monthly=[61, 91, 121, 161],
            in_time=[60, 90, 120, 160],
            yearly=[300, 665, 1030],
            even=[41, 51, 81],
            twice=[181, 191],
            twice_in_time=[180, 190],
        ),
        top_share=1,
    )
    assert found.members() == ("monthly", "even", "twice")
    assert [one.limit_days for one in found.customers] == [60.0, 40.0, 180.0]
    assert "typical days" in str(found)
    assert found.to_rows()[0]["typical_gap_days"] == 30.0
    assert "<table" in found._repr_html_()


def test_only_the_valuable_are_listed_the_most_valuable_first() -> None:
    """The best share by what they ever spent, equal ones among them."""
    people = bought(a=[400] * 1, b=[400, 410], c=[400, 410, 420], d=[400, 410, 420, 430])
    assert slipping_of(people, top_share=0.25).members() == ("d",)
    assert slipping_of(people, top_share=0.5).members() == ("d", "c")
    assert slipping_of(people, top_share=1, times=100, days=401).members() == ()
    for wrong in ({"times": 0}, {"days": 0}, {"top_share": 1.1}):
        with pytest.raises(InvalidValueError, match="out of range"):
            slipping_of(people, **wrong)


def test_the_fixed_rule_on_every_store(everywhere) -> None:
    """Spent enough and silent: not the one who bought since, who spent less, or who spent in another currency."""
    with everywhere.begin() as work:
        people = work.add(*(mim.Contact() for _ in range(5)))
        for who, ago, amount, code in (
            (0, 181, 5_000, "DKK"), (1, 181, 5_000, "DKK"), (1, 179, 1, "DKK"), (2, 181, 4_999, "DKK"),
            (3, 181, 9_000, "EUR"), (4, 800, 2_500, "DKK"), (4, 200, 2_500, "DKK"),
        ):  # fmt: skip
            work.record("purchase", contact=people[who], at=NOW - timedelta(days=ago), value=mim.money(amount, code))
    rule = mim.valuable_and_slipping(mim.money(5_000, "DKK"), days=180)
    lately = mim.valuable_and_slipping(mim.money(5_000, "DKK"), days=180, within_days=365)
    with everywhere.read() as work:
        assert set(work.contacts.ids(rule)) == {people[0].id, people[4].id}
        assert work.contacts.ids(lately) == [people[0].id]
    found = everywhere.value.slipping(currency="DKK", top_share=1)
    assert set(found.members()) == {people[0].id, people[2].id, people[4].id}
    assert len(found.to_frame()) == 3
