"""Seeded customers: e-mail, phone and twelve attributes each, and one account for every third of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import mimcore as mim
from benchmarks.people import COUNTRIES, FAMILY, GIVEN, INTERESTS
from mimcore.domain.contact import AccountLink
from mimcore.values.identifiers import uuid7

__all__ = [
    "LATER",
    "LATEST",
    "NOW",
    "SECRET",
    "SOURCE",
    "accounts",
    "changed",
    "contact",
    "customers",
    "dicts",
    "identified",
]

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
LATER, LATEST = NOW + timedelta(days=1), NOW + timedelta(days=2)
SOURCE = "list"
SECRET = b"only-for-benchmarks-0123456789"
TITLES = ("Buyer", "Head of Sales", "Engineer", "Teacher", "Nurse", "Director")
STAGES = ("subscriber", "lead", "marketing_qualified", "opportunity", "customer")
LANGUAGES = ("da", "de", "fr", "nl", "en", "sv")
CUSTOMERS_OF_AN_ACCOUNT = 10
_BORN = date(1940, 1, 1)
_MILLISECONDS = int(NOW.timestamp() * 1000)


def identified(random: Random) -> UUID:
    """Return an id as mimcore makes them, but the same in every run."""
    return uuid7(_MILLISECONDS + random.randrange(1000), random.randbytes(10))


def accounts(count: int) -> list[mim.Account]:
    """Make the accounts that customers of a list of that length belong to."""
    random = Random(3)
    return [
        mim.Account(id=identified(random), name=f"Company {number}")
        for number in range(count // (3 * CUSTOMERS_OF_AN_ACCOUNT) + 1)
    ]


def dicts(count: int, companies: Sequence[mim.Account], *, seed: int = 2026) -> Iterator[dict[str, Any]]:
    """Yield customers as dicts of typed values."""
    random = Random(seed)
    ids = sorted((identified(random) for _ in range(count)), key=lambda one: one.int)
    for number in range(count):
        yield {
            "id": ids[number],
            "given": random.choice(GIVEN),
            "family": random.choice(FAMILY),
            "email": f"Person{number}@mail{number % 400}.example.com",
            "phone": f"+{4_915_711_000_000 + number}",
            "country": random.choice(COUNTRIES),
            "city": f"Town {random.randrange(300)}",
            "postal_code": f"{random.randrange(1000, 9999)}",
            "birth_date": _BORN + timedelta(days=random.randrange(25_000)),
            "language": random.choice(LANGUAGES),
            "interests": random.sample(INTERESTS, 1 + random.randrange(3)),
            "title": random.choice(TITLES),
            "lifecycle_stage": random.choice(STAGES),
            "owner": random.choice(GIVEN),
            "acquired_at": NOW - timedelta(minutes=random.randrange(60 * 24 * 600)),
            "account_id": random.choice(companies).id if number % 3 == 0 else None,
        }


def contact(one: dict[str, Any]) -> mim.Contact:
    """Make a contact of a dict."""
    return mim.Contact(
        id=one["id"],
        name={"given": one["given"], "family": one["family"]},
        emails=[one["email"]],
        phones=[one["phone"]],
        country=one["country"],
        city=one["city"],
        postal_code=one["postal_code"],
        birth_date=one["birth_date"],
        language=one["language"],
        interests=one["interests"],
        title=one["title"],
        lifecycle_stage=one["lifecycle_stage"],
        owner=one["owner"],
        acquired_at=one["acquired_at"],
        accounts=[] if one["account_id"] is None else [AccountLink(account_id=one["account_id"])],
    )


def customers(count: int, companies: Sequence[mim.Account]) -> list[mim.Contact]:
    """Make contacts."""
    return [contact(one) for one in dicts(count, companies)]


def changed(people: Sequence[mim.Contact]) -> list[mim.Contact]:
    """Return the next state of stored contacts: city and owner are others, and every third one's e-mail address."""
    return [_changed(one.model_copy(update={"version": 1}), number) for number, one in enumerate(people)]


def _changed(stored: mim.Contact, number: int) -> mim.Contact:
    moved = {"city": f"Place {number % 170}", "owner": f"Agent {number % 40}"}
    if number % 3:
        return stored.evolve(**moved)
    return stored.evolve(**moved, emails=[f"person{number}@other{number % 300}.example.org"])
