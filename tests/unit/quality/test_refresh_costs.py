"""What a refresh plan saves against checking the oldest first, over several set-ups: the table of the documentation."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from mimcore.domain.freshness import DEFAULT_HALF_LIVES, freshness_at, observed
from mimcore.quality.decay import weight_of
from mimcore.quality.refresh import refresh_plan

NOW = datetime(2026, 5, 1, tzinfo=UTC)
NAMES = ("contact.emails", "contact.phones", "contact.employment.title", "contact.demographic.city")
MIXES = {
    "one of 993 days": ("unknown", "unknown", "unknown", "unknown"),
    "as published, 710 to 3 036 days": ("b2b.email", "b2c.phone", "b2b.job_title", "b2b.address"),
    "wide, 365 to 12 532 days": ("survey", "b2b.email", "b2b.address", "b2b.company_name"),
}
COSTS = {"cost all alike": (1, 1, 1, 1), "cost 1 to 6": (1, 4, 2, 6), "cost 1 to 50": (1, 30, 5, 50)}
PAGE = Path(__file__).parents[3] / "docs" / "freshness.md"
TARGET = 0.05


def database(pools):
    """Four thousand values of four attributes, right when they came, 630 days old on average."""
    dice = random.Random(7)
    return [
        observed(NAMES[n % 4], UUID(int=n + 1), UUID(int=n + 1), pool=pools[n % 4], source="list", reliability=1.0,
                 observed_at=NOW - timedelta(days=dice.expovariate(1 / 630)), half_life_days=DEFAULT_HALF_LIVES[pools[n % 4]])
        for n in range(4000)
    ]  # fmt: skip


def wrong(state):
    """Weighted probability that a value is wrong."""
    return weight_of(state.attribute) * (1 - freshness_at(state.key, NOW, DEFAULT_HALF_LIVES[state.pool]))


def cost_until(order, states, costs):
    """What checking in an order costs until the expected share of wrong values is at most the target."""
    left, spent = sum(map(wrong, states)), 0.0
    least = TARGET * sum(weight_of(one.attribute) for one in states)
    for one in order:
        if left <= least:
            break
        spent += costs[one.attribute]
        left -= wrong(one)
    return spent


def ratio(pools, costs, horizon_days=365.0):
    """Cost of the plan by that of oldest first."""
    states = database(pools)
    plan = refresh_plan(states, DEFAULT_HALF_LIVES, NOW, checks=len(states), costs=costs, horizon_days=horizon_days)
    by_id = {one.subject_id: one for one in states}
    planned = [by_id[check.subject_id] for check in plan.checks]
    oldest = sorted(states, key=lambda one: one.observed_at)
    return cost_until(planned, states, costs) / cost_until(oldest, states, costs)


def documented():
    """The ratios that the page claims, by half-lives and costs."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, one in enumerate(lines) if one.startswith("| half-lives | cost all alike"))
    heads, _, *rows = (re.split(r"\s*\|\s*", one.strip("| ")) for one in lines[start : start + 2 + len(MIXES)])
    return {(row[0], head): float(cell) for row in rows for head, cell in zip(heads[1:], row[1:], strict=True)}


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("cost", COSTS)
def test_the_table_of_the_documentation(mix, cost):
    """What a plan costs, oldest first being 1: from next to nothing saved to three quarters."""
    found = ratio(MIXES[mix], dict(zip(NAMES, map(float, COSTS[cost]), strict=True)))
    assert found == pytest.approx(documented()[mix, cost], abs=0.006)


def test_looking_a_year_ahead_costs_next_to_nothing_today():
    """A horizon of a day is the cheapest way to a share of today; a year is at most two hundredths dearer."""
    for pools in MIXES.values():
        costs = dict(zip(NAMES, map(float, COSTS["cost 1 to 6"]), strict=True))
        today, year = ratio(pools, costs, 1.0), ratio(pools, costs)
        assert today - 1e-9 <= year <= 1.02 * today
