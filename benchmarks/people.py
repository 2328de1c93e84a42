"""Seeded people: five of a hundred values are missing, one person in fifty fits the rule that is measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import mimcore as mim
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState, observed

__all__ = ["COUNTRIES", "INTERESTS", "NOW", "contacts", "facts", "rows", "states"]

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
COUNTRIES = ("DE", "FR", "NL", "BE", "AT", "DK", "SE", "NO", "FI", "PL", "CZ", "IT")
INTERESTS = ("books", "cycling", "films", "food", "garden", "golf", "music", "opera", "running", "sailing", "travel")
ENDINGS = ("com", "com", "com", "de", "dk", "org")
GIVEN = ("Ana", "Bo", "Chris", "Dina", "Emil", "Freja", "Goran", "Hanne", "Ines", "Jonas")
FAMILY = ("Berg", "Holm", "Field", "Lund", "Moreau", "Novak", "Olsen", "Peters", "Quist", "Rossi")
_EARLIEST_BIRTH = date(1940, 1, 1)


def rows(count: int, *, seed: int = 2026) -> Iterator[dict[str, Any]]:
    """Yield people as dicts of typed values; None where a value is missing."""
    random = Random(seed)
    for number in range(count):
        row = {
            "given_name": random.choice(GIVEN),
            "family_name": random.choice(FAMILY),
            "email": f"person{number}@mail{number % 400}.example.{random.choice(ENDINGS)}",
            "country": random.choice(COUNTRIES),
            "city": f"Town {random.randrange(300)}",
            "birth_date": _EARLIEST_BIRTH + timedelta(days=random.randrange(25_000)),
            "interests": random.sample(INTERESTS, random.randrange(5)),
            "acquired_at": NOW - timedelta(minutes=random.randrange(60 * 24 * 600)),
        }
        for name in ("email", "country", "birth_date", "acquired_at"):
            if random.random() < 0.05:
                row[name] = None
        yield row


def contacts(count: int) -> list[mim.Contact]:
    """Make contacts of the rows."""
    return [_contact(row) for row in rows(count)]


def _contact(row: dict[str, Any]) -> mim.Contact:
    email, given, family = row["email"], row["given_name"], row["family_name"]
    rest = {name: row[name] for name in ("country", "city", "birth_date", "interests", "acquired_at")}
    return mim.Contact(name=f"{given} {family}", emails=[] if email is None else [email], **rest)


def states(people: list[mim.Contact]) -> list[FreshnessState]:
    """Make one dated state per e-mail address."""
    random = Random(7)
    return [_state(one, NOW - timedelta(hours=random.randrange(24 * 1500))) for one in people if one.primary_email]


def _state(one: mim.Contact, seen: datetime) -> FreshnessState:
    assert one.primary_email is not None
    return observed(
        "contact.emails",
        one.id,
        one.primary_email.id,
        pool="b2c.email",
        source="list",
        reliability=0.95,
        observed_at=seen,
        half_life_days=DEFAULT_HALF_LIVES["b2c.email"],
    )


def facts(people: list[mim.Contact]) -> list[mim.Facts]:
    """Put states beside the contacts, as the store does for the Python engine."""
    known = {state.contact_id: {"contact.primary_email": state} for state in states(people)}
    return [mim.Facts(contact=one, states=known.get(one.id, {}), now=NOW) for one in people]
