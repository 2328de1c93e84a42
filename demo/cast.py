"""The cast: what is real comes from Tayko; all else is drawn by a seeded recipe and marked ◇ wherever it shows.

The result is the truth that the messy files are made from (`files`) and the figures recomputed from (`figures`).
No part of mimcore is used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from demo import recipe_words as words

__all__ = ["MAILED_ON", "NOW", "SEED", "TODAY", "Cast", "Company", "Customer", "Purchase", "caller", "make_cast"]

SEED = 20260331
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
"""The demo's today: fixed, so that every run gives the same figures."""
TODAY = NOW.date()
MAILED_ON = date(2026, 1, 15)
FIVE_YEARS = timedelta(days=1825)
_MOVIE_NUMBERS = {"GB": "+4420794600{:02d}", "DE": "+493023125{:03d}", "SE": "+468465004{:02d}", "CA": "+1416555{:04d}"}
"""Numbers that regulators keep free for films, by country; the United States have 555-0100 to 555-0199 in each area."""
_AREAS = (
    201,
    202,
    203,
    205,
    206,
    207,
    208,
    209,
    210,
    212,
    213,
    214,
    215,
    216,
    217,
    218,
    219,
    224,
    225,
    228,
    229,
    231,
    234,
)


@dataclass(frozen=True, slots=True)
class Company:
    """◇ A company of the business part."""

    name: str
    domain: str
    employees: int
    stack: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase. The answers to the mailing have real amounts; the dates are ◇, and so is all about the others."""

    number: str
    at: datetime
    cents: int
    is_answer: bool
    is_gift: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as they really are. Everything below `spending` is ◇."""

    number: str
    is_us: bool
    list_name: str
    orders: int
    last_update_days: int
    first_update_days: int
    web_order: bool
    is_male: bool
    is_residential: bool
    answered: bool
    spending: int
    title: str = ""
    given: str = ""
    family: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    city: str = ""
    street: str = ""
    postal_code: str = ""
    birth_date: date | None = None
    interests: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    job: tuple[str, str] | None = None
    company: Company | None = None
    newsletter: bool | None = None
    free_plan: bool = False
    purchases: tuple[Purchase, ...] = ()
    visits: tuple[datetime, ...] = ()

    @property
    def updated_on(self) -> date:
        """The day on which the real record was updated last: the age of every value."""
        return TODAY - timedelta(days=self.last_update_days)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, and what happens to some of them."""

    customers: tuple[Customer, ...]
    companies: tuple[Company, ...]
    withdrawn: frozenset[str]
    suppressed: frozenset[str]
    bounced: frozenset[str]


def make_cast(rows: Sequence[dict[str, str]]) -> Cast:
    """Make the cast from rows with Tayko's columns; the same rows always give the same cast."""
    draw = Random(SEED)
    companies = tuple(_companies(draw))
    people = [_with_profile(draw, place, _real(row), companies) for place, row in enumerate(rows)]
    customers = tuple(_with_behaviour(draw, person) for person in people)
    asked = [person.number for person in customers if person.newsletter]
    draw.shuffle(asked)
    part = max(2, len(asked) // 40)
    return Cast(
        customers,
        companies,
        frozenset(asked[:part]),
        frozenset(asked[part : 2 * part]),
        frozenset(asked[2 * part : 4 * part]),
    )


def caller(cast: Cast) -> Customer:
    """Choose who calls: if possible somebody with a wish to travel who has not bought for five years."""
    reachable = [one for one in cast.customers if one.phone]
    lapsed = [
        one
        for one in reachable
        if one.orders and one.newsletter and all(bought.at < NOW - FIVE_YEARS for bought in one.purchases)
    ]
    travellers = [one for one in lapsed if one.birth_date and "travel" in one.interests and one.is_us]
    return (travellers or lapsed or reachable)[0]


def _real(row: dict[str, str]) -> Customer:
    lists = [name.removeprefix("source_") for name, value in row.items() if name.startswith("source_") and value == "1"]
    return Customer(
        number=row["sequence_number"],
        is_us=row["US"] == "1",
        list_name=f"list {lists[0]}" if lists else "",
        orders=int(row["Freq"]),
        last_update_days=int(row["last_update_days_ago"]),
        first_update_days=int(row["1st_update_days_ago"]),
        web_order=row["Web order"] == "1",
        is_male=row["Gender=male"] == "1",
        is_residential=row["Address_is_res"] == "1",
        answered=row["Purchase"] == "1",
        spending=int(row["Spending"]),
    )


def _companies(draw: Random) -> list[Company]:
    names = [f"{start} {end}" for start in words.COMPANY_STARTS for end in words.COMPANY_ENDS]
    return [
        Company(
            name,
            f"{name.lower().replace(' ', '-')}.example.com",
            draw.choice((12, 45, 120, 260, 800, 2400)),
            tuple(sorted(draw.sample(words.STACK, draw.randint(0, 3)))),
        )
        for name in names
    ]


def _with_profile(draw: Random, place: int, real: Customer, companies: Sequence[Company]) -> Customer:
    given = draw.choice(words.MEN if real.is_male else words.WOMEN)
    family = draw.choice(words.FAMILIES)
    title = "" if draw.random() < 0.1 else "mr" if real.is_male else draw.choice(("mrs", "mrs", "ms"))
    country = "US" if real.is_us else draw.choices(("GB", "DE", "CA", "SE"), (35, 25, 25, 10))[0]
    company = draw.choice(companies) if not real.is_residential and draw.random() < 0.3 else None
    domain = company.domain if company else draw.choice(("example.com", "example.org", "example.net"))
    birth = date(1946, 1, 1) + timedelta(days=draw.randrange(59 * 365))
    return replace(
        real,
        title=title,
        given=given,
        family=family,
        email=f"{given}.{family}{place + 1}@{domain}".lower(),
        phone=_phone(country, place) if draw.random() < 0.75 else "",
        country=country,
        city=words.FORMULA if place % 40 == 7 else draw.choice(words.CITIES[country]) if draw.random() < 0.9 else "",
        street=f"{draw.randint(1, 99)} {draw.choice(words.STREETS)}",
        postal_code=f"{10000 + place}",
        birth_date=birth if draw.random() < 0.75 else None,
        interests=tuple(sorted(draw.sample(words.INTERESTS, draw.randint(0, 4)))),
        devices=tuple(
            sorted(draw.sample(("desktop", "feature_phone", "laptop", "smartphone", "tablet"), draw.randint(0, 2)))
        ),
        job=draw.choice(words.JOBS) if company else None,
        company=company,
        newsletter=draw.choices((True, False, None), (62, 10, 28))[0],
        free_plan=real.web_order and draw.random() < 0.4,
    )


def _phone(country: str, place: int) -> str:
    """Return a number that belongs to nobody; a country whose free numbers are used up gets none."""
    if country == "US":
        return f"+1{_AREAS[place // 100 % len(_AREAS)]}5550{100 + place % 100}"
    if country == "GB":
        return f"+44207946{place % 1000:04d}" if place < 1000 else ""
    if country == "DE":
        return f"+493023125{place % 1000:03d}" if place < 1000 else ""
    if country == "CA":
        return f"+1{416 if place < 1000 else 604}5550{100 + place % 100}" if place % 1000 < 100 else ""
    return f"+468465004{place:02d}" if place < 100 else ""


def _with_behaviour(draw: Random, person: Customer) -> Customer:
    """Add purchases and visits. The first and the last purchase lie on the real days of first and last update."""
    span = person.first_update_days - person.last_update_days
    ago = sorted(
        {
            person.first_update_days,
            person.last_update_days,
            *(person.last_update_days + draw.randint(0, span) for _ in range(8)),
        }
    )
    ago = ago[: max(0, person.orders - 1)] + ago[-1:] if person.orders else []
    earlier = [
        Purchase(
            f"{person.number}-{index}",
            _at(draw, TODAY - timedelta(days=days)),
            draw.randint(900, 15_000),
            False,
            draw.random() < 0.1,
        )
        for index, days in enumerate(sorted(ago, reverse=True), start=1)
    ]
    answer_on = MAILED_ON + timedelta(days=draw.randint(3, 40))
    answer = (
        [Purchase(f"{person.number}-m", _at(draw, answer_on), person.spending * 100, True)] if person.answered else []
    )
    many = draw.randint(0, 14) if person.web_order else draw.choice((0, 0, 0, 1, 2))
    visits = sorted(_at(draw, TODAY - timedelta(days=draw.randint(1, 150))) for _ in range(many))
    return replace(person, purchases=(*earlier, *answer), visits=tuple(visits))


def _at(draw: Random, day: date) -> datetime:
    return datetime(
        day.year, day.month, day.day, draw.randint(7, 20), draw.randrange(60), draw.randrange(60), tzinfo=UTC
    )
