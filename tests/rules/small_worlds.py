"""Small worlds for the analysis: every contact that a few conditions can tell apart, and random rules about them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain, combinations, product
from math import prod
from typing import Any

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.references import referring
from mimcore.rules.writing.builder import all_of, any_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEGMENTS: dict[str, Rule | None] = {"guests": None, "danes": f.contact.country == "DK"}
c = f.contact
LARGEST = 2500
ACCOUNT_ID = "01890000-0000-7000-8000-000000000001"


def subsets(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every subset."""
    return list(chain.from_iterable(combinations(words, size) for size in range(len(words) + 1)))


def _purchase(days: int, *, is_gift: bool | None = None, yen: int | None = None) -> mim.Interaction:
    return mim.Interaction(
        kind="purchase",
        at=NOW - timedelta(days=days),
        contact_id=ACCOUNT_ID,
        value=None if yen is None else mim.money(yen, "JPY"),
        is_gift=is_gift,
    )


def _gifts(recent_gifts: int, recent: int, old_gifts: int, old: int) -> tuple[mim.Interaction, ...]:
    return (
        *(_purchase(1, is_gift=True) for _ in range(recent_gifts)),
        *(_purchase(1) for _ in range(recent)),
        *(_purchase(60, is_gift=True) for _ in range(old_gifts)),
        *(_purchase(60, is_gift=False) for _ in range(old)),
    )


class State:
    """A dated value."""

    def __init__(self, days: float) -> None:
        """Half of the certainty is lost after 365 days."""
        self.pool = ""
        self.key = int((NOW.timestamp() - days * 86_400) * 1_000_000)


PIECES = ("", "a", "b", "ab", "ba")
TEXTS = tuple(
    dict.fromkeys(
        (
            *("".join(letters) for size in (1, 2, 3) for letters in product("abz", repeat=size)),
            *(f"{start}z{middle}z{end}" for start, middle, end in product(PIECES, repeat=3)),
            *(f"{one}z{other}" for one, other in product(PIECES, repeat=2) if one or other),
        )
    )
)

DIMENSIONS: dict[str, list[dict[str, Any]]] = {
    "country": [{"country": one} for one in (None, "DK", "SE", "NO")],
    "children": [{"children": one} for one in (None, 0, 1, 2, 3, 4)],
    "interests": [{"interests": one} for one in subsets(("golf", "chess", "x"))],
    "income": [
        {"annual_income": None if one is None else mim.money(*one)}
        for one in (None, *product(range(5), ("JPY", "KRW")), (1, "VND"))
    ],
    "born": [
        *({"birth_date": date(2026 - age, 3, 1)} for age in (17, 18, 19, 20, 21)),
        *({"birth_date": date(2026 - age, 3, 2)} for age in (18, 19, 20, 21)),
        *({"birth_year": year} for year in (2004, 2005, 2006, 2007, 2008, 2009)),
        {"age_band": "18-24", "age_band_on": date(2026, 3, 1)},
        {},
    ],
    "city": [{"city": one} for one in (None, *TEXTS)],
    "account": [
        {"account": None},
        *(
            {"account": {"employees": size, "tags": tags, "country": country}}
            for size in (None, 0, 1, 2, 3, 4)
            for tags in subsets(("a", "b", "x"))
            for country in (None, "DK", "SE", "NO")
        ),
    ],
    "gifts": [{"events": _gifts(*numbers)} for numbers in product(range(5), repeat=4) if sum(numbers) <= 6],
    "spent": [
        {"events": (*(_purchase(1, yen=yen) for yen in spent), *(_purchase(60) for _ in range(old)))}
        for old in range(5)
        for spent in (
            (),
            (None,),
            (0,),
            (1,),
            (2,),
            (3,),
            (4,),
            (1, 1),
            (1, 2),
            (2, 2),
            (1, 1, 1),
            (1, 1, 1, 1),
            (None,) * 3,
            (4, 0, 0, 0),
        )
    ],
    "guests": [{"listed_in": frozenset(one)} for one in ((), ("guests",))],
    "fresh": [
        {"region": None, "states": {}},
        {"region": "x", "states": {}},
        *({"region": None, "states": {"contact.demographic.region": State(days)}} for days in (0, 250, 800)),
        *({"region": "x", "states": {"contact.demographic.region": State(days)}} for days in (0, 100, 250, 800)),
    ],
}
"""Per dimension the ways in which contacts differ; together with the constants of the conditions they cover every cell."""


@cache
def people(*dimensions: str) -> tuple[Facts, ...]:
    """Every combination."""
    return tuple(
        _facts(dict(chain.from_iterable(part.items() for part in parts)))
        for parts in product(*(DIMENSIONS[one] for one in dimensions))
    )


def _facts(values: dict[str, Any]) -> Facts:
    own = {"account", "events", "listed_in", "states"}
    account = values.get("account")
    return Facts(
        contact=mim.Contact(**{name: value for name, value in values.items() if name not in own}),
        account=None if account is None else mim.Account(name="x", **account),
        events=values.get("events", ()),
        listed_in=values.get("listed_in", frozenset()),
        states=values.get("states", {}),
        now=NOW,
    )


def members(rule: Rule, *dimensions: str) -> frozenset[int]:
    """Numbers of the people for whom a rule is true, by brute force."""
    binding = Binding(now=NOW, half_lives={"": 365.0}, segment=referring(SEGMENTS))
    test = evaluator(bind(rule, binding))
    return frozenset(number for number, facts in enumerate(people(*dimensions)) if test(facts) is True)


def conditions(rng: random.Random, dimension: str) -> Rule:
    """One random condition on a dimension."""
    number = rng.choice((1, 2, 3))
    return rng.choice(_CONDITIONS[dimension])(number, rng)


def _subset(rng: random.Random, words: tuple[str, ...]) -> list[str]:
    return rng.sample(words, rng.randint(1, len(words)))


_CONDITIONS: dict[str, list[Any]] = {
    "country": [
        lambda _n, rng: c.country == rng.choice(("DK", "SE")),
        lambda _n, rng: c.country.is_in(*_subset(rng, ("DK", "SE"))),
        lambda _n, _rng: c.country.is_known(),
        lambda _n, _rng: c.in_segment("danes"),
    ],
    "children": [
        lambda n, _rng: c.children >= n,
        lambda n, _rng: c.children > n,
        lambda n, _rng: c.children <= n,
        lambda n, _rng: c.children == n,
        lambda n, rng: c.children.is_between(n, rng.choice((1, 2, 3))),
        lambda n, _rng: c.children.is_in(n, 3),
        lambda _n, _rng: c.children.is_missing(),
    ],
    "interests": [
        lambda _n, rng: c.interests.overlaps(*_subset(rng, ("golf", "chess"))),
        lambda _n, rng: c.interests.contains_all(*_subset(rng, ("golf", "chess"))),
        lambda _n, _rng: c.interests.is_known(),
    ],
    "income": [
        lambda n, rng: c.annual_income >= mim.money(n, rng.choice(("JPY", "KRW"))),
        lambda n, _rng: c.annual_income < mim.money(n, "JPY"),
        lambda n, _rng: c.annual_income == mim.money(n, "JPY"),
        lambda _n, _rng: c.annual_income.is_known(),
    ],
    "born": [
        lambda n, _rng: c.age >= 17 + n,
        lambda n, _rng: c.age < 17 + n,
        lambda n, _rng: c.age == 17 + n,
        lambda n, _rng: c.age.is_between(18, 17 + n),
        lambda _n, _rng: c.age.is_known(),
    ],
    "city": [
        lambda _n, rng: c.city == rng.choice(("ab", "a", "ba")),
        lambda _n, rng: c.city.contains(rng.choice(("a", "b", "ab"))),
        lambda _n, rng: c.city.starts_with(rng.choice(("a", "b", "ab"))),
        lambda _n, rng: c.city.ends_with(rng.choice(("a", "b", "ab"))),
        lambda _n, _rng: c.city.is_known(),
    ],
    "account": [
        lambda n, _rng: c.account.employees >= n,
        lambda n, _rng: c.account.employees == n,
        lambda _n, rng: c.account.tags.overlaps(*_subset(rng, ("a", "b"))),
        lambda _n, _rng: c.account.tags.is_known(),
        lambda _n, rng: c.account.country == rng.choice(("DK", "SE")),
        lambda _n, _rng: c.account.employees.is_known(),
    ],
    "gifts": [
        lambda n, _rng: c.purchases.count() >= n,
        lambda n, _rng: c.purchases.count() == n,
        lambda n, _rng: c.purchases.count(within_days=30) >= n,
        lambda n, _rng: c.purchases.count(within_days=30) < n,
        lambda n, _rng: c.purchases.where(f.event.is_gift.is_true()).count() >= n,
        lambda n, _rng: c.purchases.where(f.event.is_gift.is_true()).count(within_days=30) < n,
    ],
    "spent": [
        lambda n, _rng: c.purchases.count() >= n,
        lambda n, _rng: c.purchases.count(within_days=30) == n,
        lambda n, _rng: c.purchases.total() >= mim.money(n, "JPY"),
        lambda n, _rng: c.purchases.total() < mim.money(n, "JPY"),
        lambda n, _rng: c.purchases.total(within_days=30) > mim.money(n, "JPY"),
    ],
    "guests": [lambda _n, _rng: c.in_segment("guests")],
    "fresh": [
        lambda n, _rng: c.region.freshness() >= n / 4,
        lambda n, _rng: c.region.freshness() < n / 4,
        lambda _n, _rng: c.region.is_undated(),
        lambda _n, _rng: c.region.is_known(),
    ],
}


def rules(rng: random.Random, dimensions: tuple[str, ...], depth: int = 3) -> Rule:
    """A random rule about some dimensions."""
    roll = rng.random()
    if depth == 0 or roll < 0.2:
        return conditions(rng, rng.choice(dimensions))
    if roll < 0.32:
        return ~rules(rng, dimensions, depth - 1)
    if roll < 0.4:
        return rules(rng, dimensions, depth - 1).or_missing()
    parts = [rules(rng, dimensions, depth - 1) for _ in range(rng.randint(2, 3))]
    return all_of(parts) if rng.random() < 0.5 else any_of(parts)


def choices(rng: random.Random) -> Iterator[tuple[str, ...]]:
    """Endless choices of one or two dimensions whose people are not too many."""
    while True:
        chosen = tuple(sorted(rng.sample(sorted(DIMENSIONS), rng.choice((1, 2, 2, 2)))))
        has_events_twice = {"gifts", "spent"} <= set(chosen)
        if prod(len(DIMENSIONS[one]) for one in chosen) <= LARGEST and not has_events_twice:
            yield chosen
