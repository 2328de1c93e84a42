"""Ten thousand segments as a large company has them, and people who meet them: seeded, all conditions of a shop's data.

Of the segments half have two or three parts, half four or five; of the conditions about seven in ten are on values, two
on what was bought and visited, one on consent, freshness, lists or other segments. Constants come from short menus,
popular ones more often, as in a user interface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import TypeVar

import mimcore as mim
from benchmarks.people import COUNTRIES, NOW, contacts, states
from mimcore import fields as f
from mimcore.domain.freshness import DEFAULT_HALF_LIVES
from mimcore.rules.lowering.binding import Binding

__all__ = ["BINDING", "people", "segments"]

BINDING = Binding(half_lives=dict(DEFAULT_HALF_LIVES))
T = TypeVar("T")
INTERESTS = ("books", "cycling", "films", "food", "garden", "golf", "music", "opera", "running", "sailing", "travel")
CAMPAIGNS = tuple(f"{season}-{year}" for year in (2023, 2024, 2025, 2026) for season in ("spring", "summer", "autumn"))
DAYS = (7, 14, 30, 60, 90, 180, 365)
LISTS = tuple(f"list-{number}" for number in range(20))
CHANNELS, PURPOSES = ("email", "sms", "phone"), ("newsletter", "offers")
STAGES = ("lead", "customer", "visitor")
c = f.contact


def segments(count: int) -> dict[str, mim.Rule | None]:
    """Make segments by key; a twentieth of them refers to an earlier one."""
    random = Random(5)
    made: dict[str, mim.Rule | None] = dict.fromkeys(LISTS)
    for number in range(count - len(LISTS)):
        made[f"segment-{number}"] = _rule(random, list(made))
    return made


def _rule(random: Random, keys: list[str]) -> mim.Rule:
    """An `and` of conditions; of six parts one is an `or` of two or three, one of twelve is negated."""
    parts = [_part(random) for _ in range(random.choice((2, 3, 4, 5)))]
    if random.random() < 0.05:
        parts[-1] = c.in_segment(_popular(random, keys))
    rule = parts[0]
    for part in parts[1:]:
        rule &= part
    return rule


def _part(random: Random) -> mim.Rule:
    if random.random() < 1 / 6:
        rule = _condition(random)
        for _ in range(random.choice((1, 2))):
            rule |= _condition(random)
        return rule
    return ~_condition(random) if random.random() < 1 / 12 else _condition(random)


def _condition(random: Random) -> mim.Rule:
    return random.choices(_MAKERS, _WEIGHTS)[0](random)


def _popular(random: Random, options: Sequence[T]) -> T:
    """Half the time the first ones are chosen more often, else any."""
    if random.random() < 0.5:
        return options[random.randrange(len(options))]
    return options[min(int(random.paretovariate(0.6)) - 1, len(options) - 1)]


_MAKERS: tuple[Callable[[Random], mim.Rule], ...] = (
    lambda random: c.country.is_in(*random.sample(COUNTRIES, random.choice((1, 1, 2, 3)))),
    lambda random: c.age.is_between(low := random.randrange(18, 70), low + random.choice((5, 10, 20, 40))),
    lambda random: c.interests.overlaps(*random.sample(INTERESTS, random.choice((1, 2, 3)))),
    lambda random: c.city.is_in(*(f"Town {random.randrange(300)}" for _ in range(random.choice((1, 3, 5))))),
    lambda random: c.acquired_at.within_days(_popular(random, DAYS)),
    lambda random: c.acquisition_campaign == _popular(random, CAMPAIGNS),
    lambda random: c.lifecycle_stage == random.choice(STAGES),
    lambda random: c.children >= random.choice((1, 2, 3)),
    lambda random: c.annual_income >= mim.money(str(random.randrange(1, 40) * 25_000), "DKK"),
    lambda random: c.birth_date.anniversary(within_days=random.choice((0, 7, 14, 30))),
    lambda random: f.account.employees >= random.choice((1, 10, 50, 250, 1000)),
    lambda random: c.purchases.count(within_days=_popular(random, DAYS)) >= random.choice((1, 1, 2, 3, 5, 10)),
    lambda random: (
        c.purchases.total(within_days=_popular(random, DAYS))
        >= mim.money(str(random.choice((100, 500, 1000, 5000))), "DKK")
    ),
    lambda random: c.purchases.lapsed(days=_popular(random, DAYS)),
    lambda random: c.events("visit").count(within_days=_popular(random, DAYS)) >= random.choice((1, 3, 10)),
    lambda random: c.may_receive(channel=random.choice(CHANNELS), purpose=random.choice(PURPOSES)),
    lambda random: c.primary_email.freshness() >= random.choice((0.5, 0.7, 0.8, 0.9)),
    lambda random: c.in_segment(random.choice(LISTS)),
)
_WEIGHTS = (16, 12, 12, 8, 8, 6, 6, 4, 4, 1, 3, 7, 4, 3, 4, 4, 3, 3)


def people(count: int) -> list[mim.Facts]:
    """Make people with events, accounts, permissions, lists and states."""
    random, made = Random(6), contacts(count)
    known = {state.contact_id: {"contact.primary_email": state} for state in states(made)}
    return [_facts(random, one, known.get(one.id, {})) for one in made]


def _facts(random: Random, contact: mim.Contact, known: dict[str, object]) -> mim.Facts:
    contact = contact.evolve(
        acquisition_campaign=random.choice((None, *CAMPAIGNS)),
        lifecycle_stage=random.choice(STAGES),
        children=random.choice((None, 0, 1, 2, 3)),
        annual_income=random.choice((None, mim.money(str(random.randrange(20_000, 900_000)), "DKK"))),
    )
    pairs = frozenset((channel, purpose) for channel in CHANNELS for purpose in PURPOSES if random.random() < 0.4)
    account = mim.Account(name="Acme", employees=random.randrange(1, 2000)) if random.random() < 0.3 else None
    events = [_event(random, contact) for _ in range(random.randrange(30))]
    lists = frozenset(random.sample(LISTS, random.randrange(3)))
    return mim.Facts(
        contact=contact, events=events, account=account, listed_in=lists, states=known, permissions=pairs, now=NOW
    )  # type: ignore[arg-type]


def _event(random: Random, contact: mim.Contact) -> mim.Interaction:
    kind, at = random.choice(("purchase", "visit", "visit")), NOW - timedelta(minutes=random.randrange(60 * 24 * 400))
    value = mim.money(str(random.randrange(10, 2000)), "DKK") if kind == "purchase" else None
    return mim.Interaction(kind=kind, at=at, contact_id=contact.id, value=value)
