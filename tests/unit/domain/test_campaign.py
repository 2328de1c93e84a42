"""Campaigns: period, budget, pacing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.domain.campaign import Campaign, CampaignStatus, Period
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.values.money import money

SPRING = Campaign(key="spring", runs=("2026-03-01", "2026-04-15"), budget=money(40_000, "DKK"), status="approved")


def test_the_example_of_the_guide() -> None:
    """Period as a pair, channels as text, expectations by KPI."""
    spring = Campaign(
        key="spring", goal="more-good-leads", channels=["email", "paid_search", "email"], runs=("2026-03-01", "2026-04-15"),
        budget=money(40_000, "DKK"), expects={"orders": 300}, because=["autumn-2025"],
    )  # fmt: skip
    assert spring.channels == (Channel.EMAIL, Channel.PAID_SEARCH)
    assert spring.runs == Period(start_on=date(2026, 3, 1), end_on=date(2026, 4, 15))
    assert spring.runs.days == 31 + 15
    assert spring.expects["orders"] == 300.0


def test_active_days_are_both_ends_and_between() -> None:
    """A cancelled campaign and one without a period are never active."""
    days = {date(2026, 2, 28): False, date(2026, 3, 1): True, date(2026, 4, 15): True, date(2026, 4, 16): False}
    assert {day: SPRING.is_active_on(day) for day in days} == days
    assert not SPRING.evolve(status="cancelled").is_active_on(date(2026, 3, 1))
    assert not Campaign(key="x").is_active_on(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"runs": ("2026-04-15", "2026-03-01")}, "runs.end_on"),
        ({"runs": ("2026-04-15",)}, "runs"),
        ({"budget": money(-1, "DKK")}, "budget"),
        ({"status": "running"}, "runs"),
        ({"status": CampaignStatus.ENDED}, "runs"),
        ({"because": ["spring"]}, "because"),
        ({"expects": {"orders": float("inf")}}, "expects"),
        ({"key": "Spring 2026"}, "key"),
        ({"channels": ["telepathy"]}, "channels.0"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object], place: str) -> None:
    """Backward periods, negative budgets, running without dates, resting on itself."""
    with pytest.raises(InvalidValueError) as caught:
        Campaign(**{"key": "spring", **fields})
    assert caught.value.field == place


def test_pacing_published_value() -> None:
    """The usual budget-pacing formula: 75 % of the budget after 50 % of the time is a pace of 150 %."""
    plan = Campaign(key="x", runs=("2026-01-01", "2026-01-20"), budget=money(20_000, "DKK"))
    assert plan.pacing(money(15_000, "DKK"), date(2026, 1, 10)) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("spent", "day", "pace"),
    [
        (0, date(2026, 1, 1), 0.0),
        (1_000, date(2026, 1, 1), 1.0),
        (20_000, date(2026, 1, 20), 1.0),
        (10_000, date(2026, 1, 20), 0.5),
        (30_000, date(2026, 1, 20), 1.5),
        (20_000, date(2027, 1, 1), 1.0),
        (0, date(2025, 12, 31), None),
    ],
)
def test_pacing_by_hand(spent: int, day: date, pace: float | None) -> None:
    """20 000 over 20 days is 1 000 a day; after the end all time has passed, before the start there is no pace."""
    plan = Campaign(key="x", runs=("2026-01-01", "2026-01-20"), budget=money(20_000, "DKK"))
    assert plan.pacing(money(spent, "DKK"), day) == pace


def test_pacing_needs_a_plan_in_one_currency() -> None:
    """No period, no budget, a budget of nothing: no pace. Another currency is an error."""
    nothing, day = money(0, "DKK"), date(2026, 3, 1)
    assert Campaign(key="x", budget=money(1, "DKK")).pacing(nothing, day) is None
    assert Campaign(key="x", runs=("2026-03-01", "2026-03-02")).pacing(nothing, day) is None
    assert Campaign(key="x", runs=("2026-03-01", "2026-03-02"), budget=nothing).pacing(nothing, day) is None
    with pytest.raises(InvalidValueError, match="convert it to DKK"):
        SPRING.pacing(money(1, "EUR"), day)


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 800), st.data())
def test_spending_evenly_is_a_pace_of_one(start: date, length: int, data: st.DataObject) -> None:
    """Whoever spends 1 a day of a budget of 1 a day is on plan on each day."""
    begun = data.draw(st.integers(0, length))
    plan = Campaign(key="x", runs=(start, start + timedelta(days=length)), budget=money(length + 1, "DKK"))
    assert plan.pacing(money(begun + 1, "DKK"), start + timedelta(days=begun)) == pytest.approx(1.0)
