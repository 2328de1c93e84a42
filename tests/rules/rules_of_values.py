"""Random conditions on single values, collections and time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.rules.alphabet import (
    AMOUNTS,
    ATTRIBUTES,
    CAMPAIGNS,
    CHANNELS,
    COUNTRIES,
    CURRENCIES,
    DEVICES,
    DISTANCES,
    FRACTIONS,
    FRESH_CUSTOM,
    INTEGERS_64,
    PATTERNS,
    PIECES,
    PLACES,
    TIERS,
    WORDS,
    ZONES,
    day,
    moment,
)

from mimcore.domain.catalogue import catalogue
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Kind

_FIELDS = catalogue.extended(one.spec for one in ATTRIBUTES)
CODES = {
    "contact.demographic.country": COUNTRIES,
    "contact.demographic.gender": ("female", "male", "non_binary"),
    "contact.lifecycle_stage": ("lead", "customer", "visitor"),
    "contact.acquisition.campaign": (*CAMPAIGNS, "spring"),
    "account.firmographic.country": COUNTRIES,
}
TEXTS = ("contact.demographic.city", "contact.demographic.occupation", "account.name", "account.firmographic.industry")
INTEGERS = {
    "contact.demographic.household_size": (-1, 0, 2, 4),
    "contact.demographic.children": (0, 1, 2**53, 2**63 - 1),
    "account.firmographic.employees": (1, 10, 11),
}
MONEYS = ("contact.demographic.annual_income", "account.firmographic.annual_revenue")
TAGS = ("contact.psychographic.interests", "contact.psychographic.hobbies", "account.technology.stack")
DATES = ("contact.employment.started_on", "contact.demographic.birth_date")
AT = "contact.acquisition.at"
LOCATIONS = ("contact.demographic.location", "account.firmographic.location")
DEVICE = "contact.technology.devices"
ORDERS = ("at_least", "more_than", "at_most", "less_than")
AGE = "contact.demographic.age"
CUSTOM = "contact.custom"
ALIKE: tuple[tuple[str, ...], ...] = (
    TEXTS,
    MONEYS,
    DATES,
    (*INTEGERS, "contact.demographic.birth_year"),
    ("contact.demographic.country", "account.firmographic.country", "contact.acquisition.campaign"),
)
"""Fields of one kind, which may be compared with each other."""
ALIKE_CUSTOM: tuple[tuple[str, ...], ...] = (
    (f"{CUSTOM}.motto", "contact.demographic.city", "account.name"),
    (f"{CUSTOM}.joined_on", "contact.employment.started_on"),
    (f"{CUSTOM}.entered_at", AT),
    (f"{CUSTOM}.points", "contact.demographic.children", "contact.demographic.household_size"),
    (f"{CUSTOM}.ratio", "account.key_account.fit"),
    (f"{CUSTOM}.is_vip", "contact.employment.is_decision_maker"),
    (f"{CUSTOM}.loyalty_tier", "account.custom.grade"),
)


class Chance:
    """A source of chance, and what every maker draws from it."""

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

    def _of(self, options: Any) -> Any:
        return self.rng.choice(list(options))

    def _values(self, options: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(self.rng.sample(options, self.rng.choice((0, 1, 1, 2, min(3, len(options))))))

    def _ordered(self, name: str, literal: Callable[[], Any]) -> nodes.Rule:
        match self.rng.randrange(4):
            case 0:
                return nodes.Equals(field=name, value=literal())
            case 1:
                return nodes.Between(field=name, low=literal(), high=literal())
            case _:
                return nodes.Compare(op=self._of(ORDERS), field=name, value=literal())

    def _money_literal(self) -> nodes.MoneyLiteral:
        return nodes.MoneyLiteral(minor_units=self._of(AMOUNTS), currency=self._of(CURRENCIES))

    def _comparing(self) -> str:
        return str(self._of((*ORDERS, "equals")))

    def _zone(self) -> str | None:
        return self._of((None, None, *ZONES))


class ValueRules(Chance):
    """Makes conditions on what a contact or its account is."""

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

    def _pattern(self, names: tuple[str, ...] = TEXTS) -> nodes.Rule:
        """Wildcards; in a code without a vocabulary nothing is folded."""
        if self.rng.random() < 0.2:
            name = "contact.acquisition.campaign"
            pattern = self._of(("spring?2026", "*2*", "SPRING*", "s*g*", "autumn.2025", "*_s?le"))
            return nodes.TextTest(op="matches", field=name, value=pattern)
        return nodes.TextTest(op="matches", field=self._of(names), value=self._of(PATTERNS))

    def _integer(self, table: Mapping[str, tuple[int, ...]] = INTEGERS) -> nodes.Rule:
        name = self._of(table)
        if self.rng.random() < 0.2:
            return nodes.IsIn(field=name, values=self._values(table[name]))
        return self._ordered(name, lambda: self._of(table[name]))

    def _number(self) -> nodes.Rule:
        name = "account.key_account.fit"
        if self.rng.random() < 0.2:
            return nodes.IsIn(field=name, values=self._values((0.0, -0.0, 0.3, 1)))
        return self._ordered(name, lambda: self._of((-0.0, 0.3, 0.7, 1)))

    def _money(self, names: tuple[str, ...] = MONEYS) -> nodes.Rule:
        name = self._of(names)
        if self.rng.random() < 0.2:
            return nodes.IsIn(field=name, values=tuple(self._money_literal() for _ in range(self._of((0, 1, 2)))))
        return self._ordered(name, self._money_literal)

    def _boolean(self) -> nodes.Rule:
        return nodes.Equals(field="contact.employment.is_decision_maker", value=self._of((True, False)))

    def _window(self, name: str) -> nodes.Rule:
        op = self._of(("within_last_days", "older_than_days", "within_next_days"))
        return nodes.Window(op=op, field=name, days=self._of((0, 1, 7, 30)))

    def _date(self, custom: str = "") -> nodes.Rule:
        if self.rng.random() < 0.6:
            return self._window(custom or DATES[0])
        return self._ordered(custom or self._of(DATES), lambda: day(self.rng, self.now).isoformat())

    def _instant(self, name: str = AT) -> nodes.Rule:
        if self.rng.random() < 0.6:
            return self._window(name)
        return self._ordered(name, lambda: moment(self.rng, self.now).isoformat())

    def _elapsed(self, names: tuple[str, ...] = (*DATES, AT)) -> nodes.Rule:
        return nodes.Elapsed(field=self._of(names), days=self._of((0, 1, 7, 8, 30, 365, 7305)))

    def _calendar(self, names: tuple[str, ...] = (DATES[0], AT, AT)) -> nodes.Rule:
        unit = self._of(("day", "week", "month", "quarter", "year"))
        start = self._of((None, "sunday", "saturday", "wednesday")) if unit == "week" else None
        return nodes.CalendarWindow(
            field=self._of(names),
            period=self._of(("this", "this", "last", "next")),
            unit=unit,
            week_start=start,
            zone=self._zone(),
        )

    def _anniversary(self) -> nodes.Rule:
        names = (*DATES, *((f"{CUSTOM}.joined_on",) if self.has_custom else ()))
        return nodes.Anniversary(field=self._of(names), days=self._of((0, 1, 2, 7, 30, 200, 364, 366)))

    def _clock(self, instants: tuple[str, ...] = (AT,), dates: tuple[str, ...] = DATES) -> nodes.Rule:
        """Zones with hundreds of clock changes come seldom: in SQL each change is an expression of its own."""
        if self.rng.random() < 0.5:
            return self._calendar((*instants, *dates))
        zone = self._zone() if self.rng.random() < 0.3 else self._of(("UTC", "Asia/Kolkata"))
        if self.rng.random() < 0.5:
            days = tuple(self.rng.sample(range(1, 8), self._of((1, 2, 4))))
            return nodes.ClockTest(op="weekday_is_in", field=self._of((*instants, *dates)), values=days, zone=zone)
        hours = tuple(self.rng.sample(range(24), self._of((1, 6, 12))))
        return nodes.ClockTest(op="hour_is_in", field=self._of(instants), values=hours, zone=zone)

    def _pair(self, alike: tuple[tuple[str, ...], ...] = ALIKE) -> nodes.Rule:
        """One field compared with another, or now and then with itself."""
        if alike is ALIKE and self.has_custom:
            alike = (*ALIKE, *ALIKE_CUSTOM)
        names = self._of(alike)
        has_order = _FIELDS[names[0]].kind in {Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.INSTANT}
        return nodes.CompareFields(
            field=self._of(names), comparison=self._comparing() if has_order else "equals", other=self._of(names)
        )

    def _age(self) -> nodes.Rule:
        return self._ordered(AGE, lambda: self._of((-1, 0, 18, 25, 26, 35, 60, 3000)))

    def _collection(self, names: tuple[str, ...] = TAGS) -> nodes.Rule:
        op = self._of(("overlaps", "overlaps", "contains_all"))
        if names is TAGS and self.rng.random() < 0.25:
            return nodes.Overlaps(op=op, field="contact.preferences.channels", values=self._values(CHANNELS))
        return nodes.Overlaps(op=op, field=self._of(names), values=self._values(WORDS))

    def _about_device(self) -> tuple[nodes.RecordCondition, ...]:
        seen = (
            nodes.RecordCondition(name="last_seen_at", comparison="within_last_days", value=self._of((0, 1, 7, 30)))
            if self.rng.random() < 0.6
            else nodes.RecordCondition(
                name="last_seen_at", comparison=self._comparing(), value=moment(self.rng, self.now).isoformat()
            )
        )
        where = [
            nodes.RecordCondition(name="kind", value=self._of(DEVICES)),
            nodes.RecordCondition(name="browser", value=self._of(WORDS)),
            seen,
        ]
        return tuple(self.rng.sample(where, self._of((1, 1, 2, 3))))

    def _record(self) -> nodes.Rule:
        return nodes.HasRecord(field=DEVICE, where=self._about_device())

    def _elements(self, names: tuple[str, ...] = (*TAGS, DEVICE, DEVICE)) -> nodes.Rule:
        name = self._of(names)
        where = self._about_device() if name == DEVICE and self.rng.random() < 0.6 else ()
        return nodes.ElementCount(
            field=name, where=where, comparison=self._comparing(), value=self._of((-1, 0, 1, 2, 3))
        )

    def _distance(self) -> nodes.Rule:
        latitude, longitude = self._of(PLACES)
        return nodes.Distance(field=self._of(LOCATIONS), latitude=latitude, longitude=longitude, km=self._of(DISTANCES))

    def _known(self) -> nodes.Rule:
        names = (*CODES, *TEXTS, *INTEGERS, *MONEYS, *TAGS, AGE, DEVICE, AT, *LOCATIONS, "account.key_account.fit")
        return nodes.Known(field=self._of(names))

    def _on_custom(self) -> nodes.Rule:
        """One condition on a custom attribute."""
        codes = {f"{CUSTOM}.loyalty_tier": TIERS, "account.custom.grade": TIERS}
        makers: tuple[Callable[[], nodes.Rule], ...] = (
            lambda: self._code(codes),
            lambda: self._text((f"{CUSTOM}.motto",)),
            lambda: self._pattern((f"{CUSTOM}.motto",)),
            lambda: self._integer({f"{CUSTOM}.points": INTEGERS_64}),
            lambda: nodes.IsIn(field=f"{CUSTOM}.points", values=self._values((0, 7, 2**53, *range(100, 103)))),
            lambda: self._ordered(f"{CUSTOM}.ratio", lambda: self._of((*FRACTIONS, 1))),
            lambda: nodes.IsIn(field=f"{CUSTOM}.ratio", values=tuple(one / 10 for one in range(24))),
            lambda: nodes.Equals(field=f"{CUSTOM}.is_vip", value=self._of((True, False))),
            lambda: self._date(f"{CUSTOM}.joined_on"),
            lambda: self._instant(f"{CUSTOM}.entered_at"),
            lambda: self._elapsed((f"{CUSTOM}.joined_on", f"{CUSTOM}.entered_at")),
            lambda: self._calendar((f"{CUSTOM}.joined_on", f"{CUSTOM}.entered_at")),
            lambda: self._clock((f"{CUSTOM}.entered_at",), (f"{CUSTOM}.joined_on",)),
            lambda: self._pair(ALIKE_CUSTOM),
            lambda: self._collection((f"{CUSTOM}.clubs",)),
            lambda: self._elements((f"{CUSTOM}.clubs", f"{CUSTOM}.topics")),
            lambda: nodes.Overlaps(op="overlaps", field=f"{CUSTOM}.topics", values=self._values(CHANNELS)),
            lambda: nodes.Known(field=self._of(one.spec.name for one in ATTRIBUTES)),
            lambda: nodes.FreshnessTest(field=self._of(FRESH_CUSTOM), value=self._of((0.2, 0.5, 0.9))),
            lambda: nodes.Undated(field=self._of(FRESH_CUSTOM)),
        )
        return self._of(makers)()
