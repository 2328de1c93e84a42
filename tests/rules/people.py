"""Seeded random people with all their companions; about a fifth of all values is missing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tests.rules.alphabet import (
    CAMPAIGNS,
    CHANNELS,
    COUNTRIES,
    DEVICES,
    FRACTIONS,
    FRESH,
    FRESH_CUSTOM,
    HALF_LIVES,
    INTEGERS_64,
    KINDS,
    MISSING,
    PLACES,
    PURPOSES,
    TIERS,
    WORDS,
    day,
    maybe,
    moment,
    money,
    some,
)

from mimcore.domain.account import Account
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.points import EmailPoint
from mimcore.domain.vocabularies import AgeBand, RecordStatus
from mimcore.rules.evaluation.facts import PastValue
from mimcore.rules.language import nodes

REMEMBERED = {
    "contact.demographic.city": WORDS,
    "contact.demographic.country": COUNTRIES,
    "contact.demographic.household_size": (0, 1, 2, 3),
    "contact.employment.is_decision_maker": (True, False),
    "contact.employment.started_on": (date(2024, 2, 29), date(2026, 1, 1)),
}
"""Fields whose past is kept, with what they may have held."""


@dataclass(frozen=True)
class State:
    """What is known about the age of one value."""

    pool: str
    key: int | None


@dataclass(frozen=True)
class Person:
    """One contact with all its companions; `accounts` are the active ones that it is linked to, `account` the primary."""

    contact: Contact
    account: Account | None
    events: tuple[Interaction, ...]
    listed_in: frozenset[str]
    states: Mapping[str, State]
    accounts: tuple[Account, ...] = ()
    history: tuple[PastValue, ...] = ()
    permissions: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, eq=False)
class Dataset:
    """People, and the circumstances of every question about them.

    `outside` are archived: stores hold them, and no answer may contain them. `further` are accounts that nobody may be
    linked to now, the archived ones among them.
    """

    people: tuple[Person, ...]
    now: datetime
    zone: ZoneInfo
    segments: Mapping[str, nodes.Rule | None]
    has_custom: bool = False
    half_lives: Mapping[str, float] = field(default_factory=lambda: dict(HALF_LIVES))
    outside: tuple[Person, ...] = ()
    further: tuple[Account, ...] = ()

    @property
    def every_account(self) -> tuple[Account, ...]:
        """All accounts, once each, the archived ones included."""
        linked = [one for person in self.people for one in (*person.accounts, person.account) if one is not None]
        return tuple({one.id: one for one in (*linked, *self.further)}.values())


class People:
    """Makes people for one instant."""

    def __init__(self, rng: random.Random, now: datetime, *, has_custom: bool) -> None:
        """Take a source of chance, the instant, and whether custom attributes have values."""
        self.rng, self.now, self.has_custom = rng, now, has_custom
        self.accounts = [self._account() for _ in range(7)]
        self.archived = [self._account(status=RecordStatus.ARCHIVED) for _ in range(2)]

    def person(self, **more: Any) -> Person:
        """One person."""
        rng, now = self.rng, self.now
        linked = rng.sample([*self.accounts, *self.archived], rng.choice((0, 1, 1, 2, 3)))
        ended = rng.choice([*self.accounts, None, None])
        contact = Contact(
            **self._values(),
            emails=self._emails(),
            accounts=self._links(linked, ended),
            custom=self._custom() if self.has_custom else {},
            **more,
        )
        active = {one.id: one for one in linked if one.status is RecordStatus.ACTIVE}
        kept = (*FRESH, *(FRESH_CUSTOM if self.has_custom else ()))
        states = {
            name: State(rng.choice(list(HALF_LIVES)), maybe(rng, lambda: _key(rng, now)))
            for name in kept
            if rng.random() > MISSING
        }
        for place, point in enumerate(contact.emails):
            if not point.is_retired and rng.random() > MISSING:
                states[f"contact.emails.{place}"] = State(
                    rng.choice(list(HALF_LIVES)), maybe(rng, lambda: _key(rng, now))
                )
        return Person(
            contact,
            active.get(contact.primary_account_id),
            tuple(self._event(contact) for _ in range(rng.choice((0, 0, 1, 2, 3, 5, 7)))),
            frozenset(some(rng, ("listed", "other"))),
            states,
            tuple(active.values()),
            self._history(contact),
            frozenset((one, purpose) for one in ("email", "sms") for purpose in PURPOSES if rng.random() < 0.3),
        )

    def _emails(self) -> list[EmailPoint]:
        """Up to three addresses, now and then a retired one; nobody shares one."""
        rng = self.rng
        return [
            EmailPoint(email=f"p{rng.getrandbits(48):x}@example.com", is_retired=rng.random() < 0.3)
            for _ in range(rng.choice((0, 1, 1, 2, 3)))
        ]

    def _links(self, linked: list[Account], ended: Account | None) -> tuple[AccountLink, ...]:
        primary = self.rng.randrange(len(linked)) if linked else 0
        links = [AccountLink(account_id=one.id, is_primary=at == primary) for at, one in enumerate(linked)]
        if ended is not None:
            links.append(AccountLink(account_id=ended.id, is_primary=not links, end_on=date(2023, 12, 31)))
        self.rng.shuffle(links)
        return tuple(links)

    def _values(self) -> dict[str, Any]:
        rng, now = self.rng, self.now
        return {
            "country": maybe(rng, lambda: rng.choice(COUNTRIES)),
            "city": maybe(rng, lambda: rng.choice(WORDS)),
            "occupation": maybe(rng, lambda: rng.choice(WORDS)),
            "gender": maybe(rng, lambda: rng.choice(("female", "male", "other"))),
            "lifecycle_stage": maybe(rng, lambda: rng.choice(("lead", "customer"))),
            "household_size": maybe(rng, lambda: rng.randrange(5)),
            "children": maybe(rng, lambda: rng.choice((0, 1, 2**53))),
            "annual_income": maybe(rng, lambda: money(rng)),
            "is_decision_maker": maybe(rng, lambda: rng.random() < 0.5),
            "job_started_on": maybe(rng, lambda: day(rng, now)),
            "acquired_at": maybe(rng, lambda: moment(rng, now)),
            "acquisition_campaign": maybe(rng, lambda: rng.choice(CAMPAIGNS)),
            "interests": some(rng, WORDS),
            "hobbies": some(rng, WORDS),
            "preferred_channels": some(rng, CHANNELS),
            "location": maybe(rng, lambda: rng.choice(PLACES)),
            "devices": [self._device() for _ in range(rng.choice((0, 0, 1, 2, 3)))],
            **_birth(rng, now),
        }

    def _device(self) -> dict[str, Any]:
        rng = self.rng
        return {
            "kind": rng.choice(DEVICES),
            "browser": maybe(rng, lambda: rng.choice(WORDS)),
            "last_seen_at": maybe(rng, lambda: moment(rng, self.now)),
        }

    def _custom(self) -> dict[str, Any]:
        rng, now = self.rng, self.now
        values: dict[str, Any] = {
            "loyalty_tier": maybe(rng, lambda: rng.choice(TIERS)),
            "motto": maybe(rng, lambda: rng.choice(WORDS)),
            "points": maybe(rng, lambda: rng.choice(INTEGERS_64)),
            "ratio": maybe(rng, lambda: rng.choice(FRACTIONS)),
            "is_vip": maybe(rng, lambda: rng.random() < 0.5),
            "joined_on": maybe(rng, lambda: day(rng, now)),
            "entered_at": maybe(rng, lambda: moment(rng, now)),
            "clubs": tuple(sorted(some(rng, WORDS))) or None,
            "topics": tuple(some(rng, CHANNELS)) or None,
        }
        return {name: value for name, value in values.items() if value is not None}

    def _account(self, **more: Any) -> Account:
        rng = self.rng
        return Account(
            name=rng.choice(WORDS),
            country=maybe(rng, lambda: rng.choice(COUNTRIES)),
            industry=maybe(rng, lambda: rng.choice(WORDS)),
            employees=maybe(rng, lambda: rng.choice((1, 2, 10, 250))),
            annual_revenue=maybe(rng, lambda: money(rng)),
            ideal_customer_fit=maybe(rng, lambda: rng.choice((0.0, 0.3, 0.7, 0.1 + 0.2, 1.0))),
            stack=some(rng, WORDS),
            location=maybe(rng, lambda: rng.choice(PLACES)),
            custom={"grade": rng.choice(TIERS)} if self.has_custom and rng.random() > MISSING else {},
            **more,
        )

    def _event(self, contact: Contact) -> Interaction:
        rng = self.rng
        return Interaction(
            kind=rng.choice(KINDS),
            at=moment(rng, self.now),
            contact_id=contact.id,
            channel=maybe(rng, lambda: rng.choice(CHANNELS)),
            campaign=maybe(rng, lambda: rng.choice(CAMPAIGNS)),
            product=maybe(rng, lambda: rng.choice(WORDS)),
            quantity=maybe(rng, lambda: rng.randrange(4)),
            value=maybe(rng, lambda: money(rng)),
            is_gift=maybe(rng, lambda: rng.random() < 0.5),
        )

    def _history(self, contact: Contact) -> tuple[PastValue, ...]:
        """What the remembered fields held before, each value replaced or cleared by the one after it."""
        return tuple(one for name in REMEMBERED if self.rng.random() < 0.6 for one in self._past(name, contact))

    def _past(self, name: str, contact: Contact) -> list[PastValue]:
        rng = self.rng
        values = [maybe(rng, lambda: rng.choice(REMEMBERED[name])) for _ in range(rng.choice((1, 1, 2, 3)))]
        values.append(_current(name, contact))
        moments = sorted(moment(rng, self.now) for _ in values[1:])
        return [
            PastValue(name, before, after, at, is_change=rng.random() < 0.7)
            for (before, after), at in zip(pairwise(values), moments, strict=True)
            if before is not None and before != after
        ]


def _current(name: str, contact: Contact) -> Any:
    _, group, own = name.split(".")
    return getattr(getattr(contact, group), own)


def _key(rng: random.Random, now: datetime) -> int:
    return int((now - timedelta(days=rng.randrange(1200), seconds=17)).timestamp() * 1_000_000)


def _birth(rng: random.Random, now: datetime) -> dict[str, Any]:
    years = rng.choice((17, 18, 24, 25, 26, 34, 35, 60))
    match rng.randrange(5):
        case 0:
            return {
                "birth_date": rng.choice(
                    (
                        date(2000, 2, 29),
                        date(2004, 2, 29),
                        date(now.year - years, now.month, min(now.day, 28)),
                        date(1990, 5, 5),
                    )
                )
            }
        case 1:
            return {"birth_date": date(now.year - years, 3, 1) - timedelta(days=rng.choice((0, 1, 2)))}
        case 2:
            return {"birth_year": now.year - years}
        case 3:
            return {
                "age_band": rng.choice(list(AgeBand)),
                "age_band_on": rng.choice((now.date(), date(2024, 2, 29), date(2019, 7, 1))),
            }
        case _:
            return {}
