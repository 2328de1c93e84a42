"""What generated people and rules are made of: a hostile alphabet, and instants on the edges of windows and calendars."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.domain.custom.fields import attribute
from mimcore.values.money import Money

MISSING = 0.2
WORDS = (
    "Élan",
    "ÉLAN",
    "straße",
    "STRASSE",
    "İzmir",
    "izmir",
    "ﬁn",
    "FIN",
    "50%_o",
    "50%xo",
    "a_b\\c",
    "O'Neil",
    'say "hi"',
    "🙂x",
    "ΟΔΟΣ",
    "οδος",
    "ab  cd",
    "A",
    "a*b?",
    "👩‍👩‍👧",
)
PIECES = ("é", "E\u0301", "SS", "ß", "%", "_", "\\", "'", '"', "🙂", "fi", "i", "σ", "b c", "0%_", "A", "*b?")
PATTERNS = (
    "é*",
    "*SS*",
    "stra??e",
    "STRA*e",
    "?zmir",
    "f?n",
    "50%_?",
    "50%*o",
    "*_b\\\\?",
    "a\\*b\\?",
    "*'n*l",
    '*"??"',
    "🙂?",
    "ο*ς",
    "ab *",
    "a*d ",
    "a?*c*",
    "straße",
    "*a*",
)
COUNTRIES = ("DK", "SE", "DE", "NO")
CAMPAIGNS = ("spring-2026", "spring_sale", "autumn.2025")
KINDS = ("purchase", "visit", "download")
CHANNELS = ("email", "sms", "paid_search", "store")
PURPOSES = ("newsletter", "offers")
DEVICES = ("smartphone", "tablet", "laptop")
CURRENCIES = ("DKK", "EUR", "JPY")
AMOUNTS = (0, 100, 9_999, 10_000, 10_001, 55_500)
INTEGERS_64 = (-(2**63) + 1, -1, 0, 7, 2**53, 2**53 + 1, 2**63 - 1)
FRACTIONS = (-0.0, 0.0, 0.3, 0.1 + 0.2, 1.0, -1e308, 5e-324)
ZONES = (
    "UTC",
    "Europe/Copenhagen",
    "America/New_York",
    "Asia/Kolkata",
    "America/Havana",  # its clocks change at midnight: one day begins at 1 o'clock, another has two midnights
    "Asia/Beirut",
)
NOWS = (
    datetime(2026, 3, 1, 0, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2025, 2, 28, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 30, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 28, 22, 30, tzinfo=UTC),
)
HALF_LIVES = {"slow": 400.0, "quick": 30.0}
TIERS = ("none", "Silver", "gold", "gold plus")
ATTRIBUTES = (
    attribute("loyalty_tier", options=TIERS, indexed=True),
    attribute("motto", indexed=True),
    attribute("points", kind="integer", indexed=True),
    attribute("ratio", kind="number"),
    attribute("is_vip", kind="boolean"),
    attribute("joined_on", kind="date", indexed=True),
    attribute("entered_at", kind="instant", indexed=True),
    attribute("clubs", kind="tags", indexed=True),
    attribute("topics", kind="codes", options=CHANNELS),
    attribute("grade", options=TIERS, entity="account"),
)
"""One custom attribute of every kind."""

PLACES = (
    (55.676, 12.568),
    (55.676, 12.569),
    (56.162, 10.204),
    (90.0, 0.0),
    (90.0, 77.5),
    (-90.0, 0.0),
    (0.0, 180.0),
    (0.0, -180.0),
    (-17.5, 179.9),
    (-17.5, -179.9),
    (-55.676, -167.432),
    (0.0, 0.0),
)
"""Near neighbours; both poles, one under two names; both sides of the antimeridian; the other end of the globe."""
DISTANCES = (0, 0.05, 0.07, 22, 25, 157, 158, 10_000, 20_015, 20_016)

FRESH = ("contact.demographic.country", "contact.demographic.city")
FRESH_CUSTOM = ("contact.custom.loyalty_tier", "contact.custom.joined_on")


def maybe(rng: random.Random, make: Callable[[], Any]) -> Any:
    """A value, or nothing in about a fifth of all cases."""
    return None if rng.random() < MISSING else make()


def some(rng: random.Random, words: tuple[str, ...]) -> list[str]:
    """Up to three of the words."""
    return rng.sample(words, min(len(words), rng.choice((0, 0, 1, 2, 3))))


def money(rng: random.Random) -> Money:
    """An amount in one of three currencies."""
    return Money(minor_units=rng.choice(AMOUNTS), currency=rng.choice(CURRENCIES))


def day(rng: random.Random, now: datetime) -> date:
    """Dates on and beside the edges of windows and months, and leap days."""
    if rng.random() < 0.15:
        return rng.choice((date(2000, 2, 29), date(2024, 2, 29), date(2023, 3, 1), date(2025, 12, 31)))
    return (now + timedelta(days=rng.choice((-400, -365, -31, -30, -29, -8, -7, -6, -1, 0, 1, 6, 7, 8, 30)))).date()


def moment(rng: random.Random, now: datetime) -> datetime:
    """Instants on and beside the edges of rolling windows and of calendar periods, in the past and the future."""
    tick = timedelta(microseconds=rng.choice((-1, 0, 0, 1)))
    if rng.random() < 0.3:
        return rng.choice(_midnights(now)) + tick
    late = timedelta(hours=1) if rng.random() < 0.2 else tick
    return now + rng.choice((-1, -1, -1, 1)) * timedelta(days=rng.choice((0, 1, 7, 8, 30, 365))) + late


@lru_cache(maxsize=16)
def _midnights(now: datetime) -> tuple[datetime, ...]:
    """The first moments of days at which periods begin, in every zone, and the clock changes beside `now`."""
    found = []
    for name in ZONES:
        zone = ZoneInfo(name)
        today = now.astimezone(zone).date()
        monday, month = today - timedelta(days=today.weekday()), today.replace(day=1)
        days = (today, today + timedelta(1), monday, monday + timedelta(7), month, date(today.year, 1, 1))
        found += [datetime(one.year, one.month, one.day, tzinfo=zone).astimezone(UTC) for one in days]
    return tuple(found)
