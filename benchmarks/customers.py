"""An application's own slotted objects; six conditions, as mimcore has them and as somebody writes them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import mimcore as mim
from benchmarks.people import COUNTRIES, ENDINGS, INTERESTS, NOW
from benchmarks.the_rule import SINCE, THRESHOLD, WANTED_COUNTRIES, WANTED_INTERESTS
from mimcore import fields as f

__all__ = ["FIELDS", "RULE", "Customer", "by_hand", "by_hand_folded", "by_hand_sorted", "customers"]

MISSING = 0.05
LAST_SEEN = mim.attribute("last_seen", kind="instant")
FRESHNESS = mim.attribute("freshness", kind="number")


@dataclass(slots=True)
class Customer:
    """Five of a hundred values are missing, in every attribute."""

    number: int
    country: str | None
    age: int | None
    interests: tuple[str, ...] | None
    last_seen: datetime | None
    email: str | None
    freshness: float | None


FIELDS = mim.objects(
    Customer,
    {
        f.contact.country: "country",
        f.contact.age: "age",
        f.contact.interests: "interests",
        LAST_SEEN: "last_seen",
        f.contact.primary_email: "email",
        FRESHNESS: "freshness",
    },
)
RULE = (
    f.contact.country.is_in(*sorted(WANTED_COUNTRIES))
    & f.contact.age.is_between(25, 54)
    & (f.contact.interests.overlaps(*sorted(WANTED_INTERESTS)) | LAST_SEEN.within_days(30))
    & f.contact.primary_email.ends_with(".com")
    & (FRESHNESS >= THRESHOLD)
)


def customers(count: int, *, seed: int = 2026) -> list[Customer]:
    """Make customers."""
    random = Random(seed)
    return [_customer(random, number) for number in range(count)]


def _customer(random: Random, number: int) -> Customer:
    made = Customer(
        number,
        random.choice(COUNTRIES),
        random.randrange(16, 90),
        tuple(random.sample(INTERESTS, random.randrange(5))),
        NOW - timedelta(minutes=random.randrange(60 * 24 * 600)),
        f"person{number}@mail{number % 400}.example.{random.choice(ENDINGS)}",
        random.random(),
    )
    for name in ("country", "age", "interests", "last_seen", "email", "freshness"):
        if random.random() < MISSING:
            setattr(made, name, None)
    return made


def by_hand(people: list[Customer]) -> list[Customer]:
    """The members; right for addresses in small letters only, which all of these are."""
    return [
        one
        for one in people
        if one.country in WANTED_COUNTRIES
        and one.age is not None
        and 25 <= one.age <= 54
        and (
            (one.interests is not None and not WANTED_INTERESTS.isdisjoint(one.interests))
            or (one.last_seen is not None and SINCE <= one.last_seen <= NOW)
        )
        and one.email is not None
        and one.email.endswith(".com")
        and one.freshness is not None
        and one.freshness >= THRESHOLD
    ]


def by_hand_sorted(people: list[Customer]) -> list[Customer]:
    """The members, as `by_hand`, with the cheap conditions before the dear ones."""
    return [
        one
        for one in people
        if one.country in WANTED_COUNTRIES
        and one.age is not None
        and 25 <= one.age <= 54
        and one.freshness is not None
        and one.freshness >= THRESHOLD
        and one.email is not None
        and one.email.endswith(".com")
        and (
            (one.last_seen is not None and SINCE <= one.last_seen <= NOW)
            or (one.interests is not None and not WANTED_INTERESTS.isdisjoint(one.interests))
        )
    ]


def by_hand_folded(people: list[Customer]) -> list[Customer]:
    """The members, whatever the case of letters, as the rule has it."""
    return [
        one
        for one in people
        if one.country in WANTED_COUNTRIES
        and one.age is not None
        and 25 <= one.age <= 54
        and (
            (one.interests is not None and any(word.casefold() in WANTED_INTERESTS for word in one.interests))
            or (one.last_seen is not None and SINCE <= one.last_seen <= NOW)
        )
        and one.email is not None
        and one.email.casefold().endswith(".com")
        and one.freshness is not None
        and one.freshness >= THRESHOLD
    ]
