"""Seeded random rules and people: every kind of condition, a hostile alphabet, about a fifth of all values missing."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.domain.account import Account
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.custom_fields import attribute
from mimcore.domain.interaction import Interaction
from mimcore.domain.vocabularies import AgeBand
from mimcore.rules import nodes
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
)
PIECES = ("é", "SS", "ß", "%", "_", "\\", "'", '"', "🙂", "fi", "i", "σ", "b c", "0%_", "A")
COUNTRIES = ("DK", "SE", "DE", "NO")
KINDS = ("purchase", "visit", "download")
CHANNELS = ("email", "sms", "paid_search", "store")
DEVICES = ("smartphone", "tablet", "laptop")
CURRENCIES = ("DKK", "EUR", "JPY")
ZONES = ("UTC", "Europe/Copenhagen", "America/New_York", "Asia/Kolkata")
NOWS = (
    datetime(2026, 3, 1, 0, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2025, 2, 28, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
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


@dataclass(frozen=True)
class State:
    """What is known about the age of one value."""

    pool: str
    key: int | None


@dataclass(frozen=True)
class Person:
    """One contact with all its companions."""

    contact: Contact
    account: Account | None
    events: tuple[Interaction, ...]
    listed_in: frozenset[str]
    states: Mapping[str, State]


@dataclass(frozen=True, eq=False)
class Dataset:
    """People, and the circumstances of every question about them."""

    people: tuple[Person, ...]
    now: datetime
    zone: ZoneInfo
    segments: Mapping[str, nodes.Rule | None]
    has_custom: bool = False
    half_lives: Mapping[str, float] = field(default_factory=lambda: dict(HALF_LIVES))


# --- people ---------------------------------------------------------------------------------------------------------


def dataset(seed: int, size: int = 80, *, has_custom: bool = False) -> Dataset:
    """Make people for one seed, with values of custom attributes if those are wanted."""
    rng = random.Random(seed)
    now = NOWS[seed % len(NOWS)]
    people = tuple(_person(rng, now, has_custom=has_custom) for _ in range(size))
    inner = Rules(rng, now, segments=(), has_custom=has_custom).rule(2)
    segments = {
        "one": inner,
        "two": nodes.OrMissing(rule=nodes.Not(rule=nodes.InSegment(segment="one"))),
        "listed": None,
    }
    return Dataset(people, now, ZoneInfo(ZONES[seed % 3 if seed % 5 else 3]), segments, has_custom)


def _maybe(rng: random.Random, make: Callable[[], Any]) -> Any:
    return None if rng.random() < MISSING else make()


def _some(rng: random.Random, words: tuple[str, ...]) -> list[str]:
    return rng.sample(words, min(len(words), rng.choice((0, 0, 1, 2, 3))))


def _money(rng: random.Random) -> Money:
    return Money(minor_units=rng.choice((0, 100, 9_999, 10_000, 10_001, 55_500)), currency=rng.choice(CURRENCIES))


def _moment(rng: random.Random, now: datetime) -> datetime:
    """Instants on and beside the edges of windows, in the past and the future."""
    return now + rng.choice((-1, -1, -1, 1)) * timedelta(
        days=rng.choice((0, 1, 7, 30, 365)), microseconds=rng.choice((-1, 0, 0, 1, 3_600_000_000))
    )


def _day(rng: random.Random, now: datetime) -> date:
    return (now + timedelta(days=rng.choice((-400, -31, -30, -29, -8, -7, -6, -1, 0, 1, 6, 7, 8, 30)))).date()


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


def _device(rng: random.Random, now: datetime) -> dict[str, Any]:
    return {
        "kind": rng.choice(DEVICES),
        "browser": _maybe(rng, lambda: rng.choice(WORDS)),
        "last_seen_at": _maybe(rng, lambda: _moment(rng, now)),
    }


def _custom(rng: random.Random, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "loyalty_tier": _maybe(rng, lambda: rng.choice(TIERS)),
        "motto": _maybe(rng, lambda: rng.choice(WORDS)),
        "points": _maybe(rng, lambda: rng.choice((-1, 0, 7, 2**53))),
        "ratio": _maybe(rng, lambda: rng.choice((-0.0, 0.3, 0.1 + 0.2, 1.0))),
        "is_vip": _maybe(rng, lambda: rng.random() < 0.5),
        "joined_on": _maybe(rng, lambda: _day(rng, now)),
        "entered_at": _maybe(rng, lambda: _moment(rng, now)),
        "clubs": tuple(sorted(_some(rng, WORDS))) or None,
        "topics": tuple(_some(rng, CHANNELS)) or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _person(rng: random.Random, now: datetime, *, has_custom: bool) -> Person:
    account = _maybe(rng, lambda: _account(rng, has_custom=has_custom))
    contact = Contact(
        country=_maybe(rng, lambda: rng.choice(COUNTRIES)),
        city=_maybe(rng, lambda: rng.choice(WORDS)),
        occupation=_maybe(rng, lambda: rng.choice(WORDS)),
        gender=_maybe(rng, lambda: rng.choice(("female", "male", "other"))),
        lifecycle_stage=_maybe(rng, lambda: rng.choice(("lead", "customer"))),
        household_size=_maybe(rng, lambda: rng.randrange(5)),
        children=_maybe(rng, lambda: rng.choice((0, 1, 2**53))),
        annual_income=_maybe(rng, lambda: _money(rng)),
        is_decision_maker=_maybe(rng, lambda: rng.random() < 0.5),
        job_started_on=_maybe(rng, lambda: _day(rng, now)),
        acquired_at=_maybe(rng, lambda: _moment(rng, now)),
        interests=_some(rng, WORDS),
        hobbies=_some(rng, WORDS),
        preferred_channels=_some(rng, CHANNELS),
        devices=[_device(rng, now) for _ in range(rng.choice((0, 0, 1, 2)))],
        accounts=() if account is None else (AccountLink(account_id=account.id),),
        custom=_custom(rng, now) if has_custom else {},
        **_birth(rng, now),
    )
    states = {
        name: State(rng.choice(list(HALF_LIVES)), _maybe(rng, lambda: _key(rng, now)))
        for name in (*FRESH, *(FRESH_CUSTOM if has_custom else ()))
        if rng.random() > MISSING
    }
    events = tuple(_event(rng, now, contact) for _ in range(rng.choice((0, 0, 1, 2, 3, 5))))
    return Person(contact, account, events, frozenset(_some(rng, ("listed", "other"))), states)


FRESH = ("contact.demographic.country", "contact.demographic.city")
FRESH_CUSTOM = ("contact.custom.loyalty_tier", "contact.custom.joined_on")


def _key(rng: random.Random, now: datetime) -> int:
    return int((now - timedelta(days=rng.randrange(1200), seconds=17)).timestamp() * 1_000_000)


def _account(rng: random.Random, *, has_custom: bool) -> Account:
    return Account(
        name=rng.choice(WORDS),
        country=_maybe(rng, lambda: rng.choice(COUNTRIES)),
        industry=_maybe(rng, lambda: rng.choice(WORDS)),
        employees=_maybe(rng, lambda: rng.choice((1, 10, 250))),
        annual_revenue=_maybe(rng, lambda: _money(rng)),
        ideal_customer_fit=_maybe(rng, lambda: rng.choice((0.0, 0.3, 0.7, 0.1 + 0.2, 1.0))),
        stack=_some(rng, WORDS),
        custom={"grade": rng.choice(TIERS)} if has_custom and rng.random() > MISSING else {},
    )


def _event(rng: random.Random, now: datetime, contact: Contact) -> Interaction:
    return Interaction(
        kind=rng.choice(KINDS),
        at=_moment(rng, now),
        contact_id=contact.id,
        channel=_maybe(rng, lambda: rng.choice(CHANNELS)),
        product=_maybe(rng, lambda: rng.choice(WORDS)),
        quantity=_maybe(rng, lambda: rng.randrange(4)),
        value=_maybe(rng, lambda: _money(rng)),
        is_gift=_maybe(rng, lambda: rng.random() < 0.5),
    )


# --- rules ----------------------------------------------------------------------------------------------------------

CODES = {
    "contact.demographic.country": COUNTRIES,
    "contact.demographic.gender": ("female", "male", "non_binary"),
    "contact.lifecycle_stage": ("lead", "customer", "visitor"),
    "account.firmographic.country": COUNTRIES,
}
TEXTS = ("contact.demographic.city", "contact.demographic.occupation", "account.name", "account.firmographic.industry")
INTEGERS = {
    "contact.demographic.household_size": (-1, 0, 2, 4),
    "contact.demographic.children": (0, 1, 2**53),
    "account.firmographic.employees": (1, 10, 11),
}
MONEYS = ("contact.demographic.annual_income", "account.firmographic.annual_revenue")
TAGS = ("contact.psychographic.interests", "contact.psychographic.hobbies", "account.technology.stack")
ORDERS = ("at_least", "more_than", "at_most", "less_than")
EVENT_CODES = {"event.channel": CHANNELS}
AGE = "contact.demographic.age"


class Rules:
    """Makes random rules."""

    def __init__(
        self,
        rng: random.Random,
        now: datetime,
        *,
        segments: tuple[str, ...] = ("one", "two", "listed"),
        has_custom: bool = False,
    ) -> None:
        """Take a source of chance, the segments that may be mentioned, and whether custom attributes may."""
        self.rng = rng
        self.now = now
        self.segments = segments
        self.has_custom = has_custom

    def rule(self, depth: int = 3) -> nodes.Rule:
        """A rule of at most so many levels of groups."""
        if depth == 0 or self.rng.random() < 0.3:
            return self.condition()
        match self.rng.randrange(6):
            case 0 | 1:
                return nodes.AllOf(rules=tuple(self.rule(depth - 1) for _ in range(self.rng.choice((1, 2, 2, 3)))))
            case 2 | 3:
                return nodes.AnyOf(rules=tuple(self.rule(depth - 1) for _ in range(self.rng.choice((1, 2, 2, 3)))))
            case 4:
                return nodes.Not(rule=self.rule(depth - 1))
            case _:
                return nodes.OrMissing(rule=self.rule(depth - 1))

    def condition(self) -> nodes.Rule:
        """One condition on a contact."""
        makers = (
            self._code,
            self._code,
            self._text,
            self._text,
            self._integer,
            self._number,
            self._money,
            self._boolean,
            self._date,
            self._instant,
            self._age,
            self._age,
            self._collection,
            self._collection,
            self._record,
            self._known,
            self._events,
            self._events,
            self._odd,
        )
        if self.has_custom and self.rng.random() < 0.6:
            return self._on_custom()
        return self.rng.choice(makers)()

    def _on_custom(self) -> nodes.Rule:
        """One condition on a custom attribute."""
        custom = "contact.custom"
        codes = {f"{custom}.loyalty_tier": TIERS, "account.custom.grade": TIERS}
        makers: tuple[Callable[[], nodes.Rule], ...] = (
            lambda: self._code(codes),
            lambda: self._text((f"{custom}.motto",)),
            lambda: self._ordered(f"{custom}.points", lambda: self._of((-1, 0, 7, 2**53))),
            lambda: nodes.IsIn(field=f"{custom}.points", values=self._values((0, 7, 2**53, *range(100, 103)))),
            lambda: self._ordered(f"{custom}.ratio", lambda: self._of((0.0, 0.3, 1))),
            lambda: nodes.IsIn(field=f"{custom}.ratio", values=tuple(one / 10 for one in range(24))),
            lambda: nodes.Equals(field=f"{custom}.is_vip", value=self._of((True, False))),
            lambda: self._date(f"{custom}.joined_on"),
            lambda: self._instant(f"{custom}.entered_at"),
            lambda: nodes.Overlaps(
                op=self._of(("overlaps", "contains_all")), field=f"{custom}.clubs", values=self._values(WORDS)
            ),
            lambda: nodes.Overlaps(op="overlaps", field=f"{custom}.topics", values=self._values(CHANNELS)),
            lambda: nodes.Known(field=self._of(one.spec.name for one in ATTRIBUTES)),
            lambda: nodes.FreshnessTest(field=self._of(FRESH_CUSTOM), value=self._of((0.2, 0.5, 0.9))),
            lambda: nodes.Undated(field=self._of(FRESH_CUSTOM)),
        )
        return self._of(makers)()

    def _of(self, options: Any) -> Any:
        return self.rng.choice(list(options))

    def _values(self, options: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(self.rng.sample(options, self.rng.choice((0, 1, 1, 2, min(3, len(options))))))

    def _code(self, table: Mapping[str, tuple[str, ...]] = CODES) -> nodes.Rule:
        name = self._of(table)
        if self.rng.random() < 0.5:
            return nodes.Equals(field=name, value=self._of(table[name]))
        return nodes.IsIn(field=name, values=self._values(table[name]))

    def _text(self, names: tuple[str, ...] = TEXTS) -> nodes.Rule:
        name = self._of(names)
        match self.rng.randrange(4):
            case 0:
                return nodes.Equals(field=name, value=self._of(WORDS))
            case 1:
                return nodes.IsIn(field=name, values=self._values(WORDS))
            case _:
                return nodes.TextTest(
                    op=self._of(("contains", "starts_with", "ends_with")), field=name, value=self._of(PIECES)
                )

    def _ordered(self, name: str, literal: Callable[[], Any]) -> nodes.Rule:
        match self.rng.randrange(4):
            case 0:
                return nodes.Equals(field=name, value=literal())
            case 1:
                return nodes.Between(field=name, low=literal(), high=literal())
            case _:
                return nodes.Compare(op=self._of(ORDERS), field=name, value=literal())

    def _integer(self) -> nodes.Rule:
        name = self._of(INTEGERS)
        if self.rng.random() < 0.2:
            return nodes.IsIn(field=name, values=self._values(INTEGERS[name]))
        return self._ordered(name, lambda: self._of(INTEGERS[name]))

    def _number(self) -> nodes.Rule:
        name = "account.key_account.fit"
        if self.rng.random() < 0.2:
            return nodes.IsIn(field=name, values=self._values((0.0, -0.0, 0.3, 1)))
        return self._ordered(name, lambda: self._of((-0.0, 0.3, 0.7, 1)))

    def _money(self, names: tuple[str, ...] = MONEYS) -> nodes.Rule:
        name = self._of(names)

        def literal() -> nodes.MoneyLiteral:
            return nodes.MoneyLiteral(minor_units=self._of((0, 9_999, 10_000, 55_500)), currency=self._of(CURRENCIES))

        if self.rng.random() < 0.2:
            return nodes.IsIn(field=name, values=tuple(literal() for _ in range(self.rng.choice((0, 1, 2)))))
        return self._ordered(name, literal)

    def _boolean(self) -> nodes.Rule:
        return nodes.Equals(field="contact.employment.is_decision_maker", value=self._of((True, False)))

    def _date(self, custom: str = "") -> nodes.Rule:
        name = custom or self._of(("contact.employment.started_on", "contact.demographic.birth_date"))
        if self.rng.random() < 0.6:
            return nodes.Window(
                op=self._of(("within_last_days", "older_than_days", "within_next_days")),
                field=custom or "contact.employment.started_on",
                days=self._of((0, 1, 7, 30)),
            )
        return self._ordered(name, lambda: _day(self.rng, self.now).isoformat())

    def _instant(self, name: str = "contact.acquisition.at") -> nodes.Rule:
        if self.rng.random() < 0.6:
            return nodes.Window(
                op=self._of(("within_last_days", "older_than_days", "within_next_days")),
                field=name,
                days=self._of((0, 1, 7, 30)),
            )
        return self._ordered(name, lambda: _moment(self.rng, self.now).isoformat())

    def _age(self) -> nodes.Rule:
        return self._ordered(AGE, lambda: self._of((-1, 0, 18, 25, 26, 35, 60, 3000)))

    def _collection(self) -> nodes.Rule:
        op = self._of(("overlaps", "overlaps", "contains_all"))
        if self.rng.random() < 0.25:
            return nodes.Overlaps(op=op, field="contact.preferences.channels", values=self._values(CHANNELS))
        return nodes.Overlaps(op=op, field=self._of(TAGS), values=self._values(WORDS))

    def _record(self) -> nodes.Rule:
        where = [
            nodes.RecordCondition(name="kind", value=self._of(DEVICES)),
            nodes.RecordCondition(name="browser", value=self._of(WORDS)),
        ]
        return nodes.HasRecord(field="contact.technology.devices", where=tuple(where[: self.rng.choice((1, 1, 2))]))

    def _known(self) -> nodes.Rule:
        names = (
            *CODES,
            *TEXTS,
            *INTEGERS,
            *MONEYS,
            *TAGS,
            AGE,
            "contact.technology.devices",
            "contact.acquisition.at",
            "account.key_account.fit",
        )
        return nodes.Known(field=self._of(names))

    def _odd(self) -> nodes.Rule:
        makers: list[Callable[[], nodes.Rule]] = [
            nodes.Everyone,
            lambda: nodes.FreshnessTest(field=self._of(FRESH), value=self._of((0.05, 0.5, 0.8, 1.0))),
            lambda: nodes.Undated(field=self._of(FRESH)),
        ]
        if self.segments:
            makers += [lambda: nodes.InSegment(segment=self._of(self.segments))] * 3
        return self._of(makers)()

    def _events(self) -> nodes.Rule:
        common = {
            "kind": self._of(KINDS),
            "within_days": self._of((None, 0, 1, 7, 30)),
            "where": self._where() if self.rng.random() < 0.5 else None,
            "comparison": self._of((*ORDERS, "equals")),
        }
        if self.rng.random() < 0.6:
            return nodes.EventTest(op="event_count", value=self._of((0, 1, 2)), **common)
        total = nodes.MoneyLiteral(minor_units=self._of((0, 1, 10_000, 20_000)), currency=self._of(CURRENCIES))
        return nodes.EventTest(op="event_total", value=total, **common)

    def _where(self, depth: int = 2) -> nodes.Rule:
        """A condition on an event's own fields."""
        if depth and self.rng.random() < 0.4:
            inner = self._where(depth - 1)
            match self.rng.randrange(4):
                case 0:
                    return nodes.Not(rule=inner)
                case 1:
                    return nodes.OrMissing(rule=inner)
                case 2:
                    return nodes.AllOf(rules=(inner, self._where(depth - 1)))
                case _:
                    return nodes.AnyOf(rules=(inner, self._where(depth - 1)))
        makers: tuple[Callable[[], nodes.Rule], ...] = (
            lambda: self._code(EVENT_CODES),
            lambda: self._text(("event.product",)),
            lambda: self._ordered("event.quantity", lambda: self._of((0, 1, 2))),
            lambda: nodes.Equals(field="event.is_gift", value=self._of((True, False))),
            lambda: self._money(("event.value",)),
            lambda: self._instant("event.at"),
            lambda: nodes.Known(field="event.product"),
        )
        return self._of(makers)()


def rules(seed: int, how_many: int, now: datetime, *, has_custom: bool = False) -> list[nodes.Rule]:
    """Make rules for one seed."""
    maker = Rules(random.Random(1_000_003 * (seed + 1)), now, has_custom=has_custom)
    return [maker.rule() for _ in range(how_many)]
