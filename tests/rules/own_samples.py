"""People of the generator in tables as somebody else might have made them, in two shapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Enum,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from tests.rules.generate import Dataset, Person

import mimcore as mim
from mimcore import fields as f
from mimcore.sql.types import UtcMicroseconds
from mimcore.values.instants import to_microseconds

BLANKS = (None, "", "   ")


class Shape:
    """Tables and their map. `plain` has microseconds, minor units, JSONB; the other what many databases have."""

    def __init__(self, *, plain: bool) -> None:
        """Make tables and map."""
        self.plain = plain
        self.metadata = MetaData()
        self.person, self.company, self.event = self._person(), self._company(), self._event()
        self.columns = self._map()

    def _instant(self, name: str) -> Column[Any]:
        return Column(name, UtcMicroseconds() if self.plain else DateTime())

    def _money(self, name: str) -> tuple[Column[Any], Column[Any]]:
        kind = BigInteger() if self.plain else Numeric(20, 4, asdecimal=False)
        return Column(name, kind), Column(f"{name}_currency", String(3))

    def _list(self, name: str) -> Column[Any]:
        return Column(name, JSON().with_variant(JSONB(), "postgresql") if self.plain else JSON())

    def _person(self) -> Table:
        gender = String(20) if self.plain else Enum("female", "male", "other", name="gender")
        return Table(
            "person", self.metadata,
            Column("id", String(40), primary_key=True), Column("company_id", String(40)),
            Column("land", String(8)), Column("town", Text), Column("town_folded", Text), Column("job_folded", Text),
            Column("gender", gender), Column("stage", Text), Column("household", Integer), Column("kids", BigInteger),
            *self._money("income"), Column("decides", Boolean), Column("started", Date), self._instant("acquired"),
            self._list("interests"), self._list("hobbies"), self._list("channels"), self._list("devices"),
            Column("born", Date), *_numbers("at_x", "at_y", "at_z"),
        )  # fmt: skip

    def _company(self) -> Table:
        return Table(
            "company", self.metadata,
            Column("id", String(40), primary_key=True), Column("name_folded", Text), Column("land", String(8)),
            Column("branch_folded", Text), Column("staff", Integer), *self._money("revenue"), Column("fit", Double),
            self._list("stack"), *_numbers("x", "y", "z"),
        )  # fmt: skip

    def _event(self) -> Table:
        return Table(
            "happening", self.metadata,
            Column("number", Integer, primary_key=True), Column("who", String(40), index=True), Column("what", Text),
            self._instant("at"), Column("channel", Text), Column("product_folded", Text), Column("quantity", Integer),
            *self._money("value"), Column("gift", Boolean),
        )  # fmt: skip

    def _map(self) -> mim.TableColumns:
        own, its, c = self.person.c, self.company.c, f.contact
        utc: Any = {} if self.plain else {c.acquired_at: "utc"}
        return mim.columns(
            self.person,
            {
                c.country: own.land, c.city: own.town, c.occupation: own.job_folded, c.gender: own.gender,
                c.lifecycle_stage: own.stage, c.household_size: own.household, c.children: own.kids,
                c.annual_income: own.income, c.is_decision_maker: own.decides, c.job_started_on: own.started,
                c.acquired_at: own.acquired, c.interests: own.interests, c.hobbies: own.hobbies,
                c.preferred_channels: own.channels, c.devices: own.devices, c.birth_date: own.born,
                c.location: (own.at_x, own.at_y, own.at_z),
            },
            folded={c.city: own.town_folded},
            currencies={c.annual_income: own.income_currency},
            stored_as={c.occupation: "folded", c.interests: "folded", c.hobbies: "folded", c.devices: "folded", **utc},
            events=self._events(),
            account=mim.account_columns(
                self.company,
                {
                    f.account.name: its.name_folded, f.account.country: its.land, f.account.industry: its.branch_folded,
                    f.account.employees: its.staff, f.account.annual_revenue: its.revenue,
                    f.account.ideal_customer_fit: its.fit, f.account.stack: its.stack,
                    f.account.location: (its.x, its.y, its.z),
                },
                link=own.company_id == its.id,
                currencies={f.account.annual_revenue: its.revenue_currency},
                stored_as={f.account.name: "folded", f.account.industry: "folded", f.account.stack: "folded"},
            ),
        )  # fmt: skip

    def _events(self) -> mim.EventColumns:
        own, e = self.event.c, f.event
        return mim.event_columns(
            self.event, contact=own.who, at=own.at, kind=own.what, value=own.value, currency=own.value_currency,
            mapping={e.channel: own.channel, e.product: own.product_folded, e.quantity: own.quantity, e.is_gift: own.gift},
            stored_as={e.product: "folded"} if self.plain else {e.product: "folded", e.at: "utc"},
        )  # fmt: skip

    def rows(self, dataset: Dataset) -> dict[Table, list[dict[str, Any]]]:
        """All rows of a dataset, by table."""
        accounts = {one.account.id: one.account for one in dataset.people if one.account is not None}
        events = [event for one in dataset.people for event in one.events]
        return {
            self.company: [self._company_row(one) for one in accounts.values()],
            self.person: [self._person_row(number, one) for number, one in enumerate(dataset.people)],
            self.event: [self._event_row(number, event) for number, event in enumerate(events)],
        }

    def _person_row(self, number: int, person: Person) -> dict[str, Any]:
        one = person.contact
        group, work = one.demographic, one.employment
        return {
            "id": str(one.id), "company_id": None if person.account is None else str(person.account.id),
            "land": _blank(group.country, number), "town": group.city, "town_folded": _folded(group.city, number),
            "job_folded": _folded(group.occupation, number),
            "gender": _blank(group.gender, number) if self.plain else group.gender,
            "stage": _blank(one.lifecycle_stage, number), "household": group.household_size, "kids": group.children,
            **self._amount("income", group.annual_income, number), "decides": work.is_decision_maker,
            "started": work.started_on, "acquired": self._at(one.acquisition.at),
            "interests": _words(one.psychographic.interests, number), "born": group.birth_date,
            "hobbies": _words(one.psychographic.hobbies, number),
            "channels": [*one.preferences.channels] or (None, [])[number % 2],
            **_units(("at_x", "at_y", "at_z"), group.location),
            "devices": [_device(device) for device in one.technology.devices] or (None, [])[number % 2],
        }  # fmt: skip

    def _company_row(self, one: Any) -> dict[str, Any]:
        group = one.firmographic
        return {
            "id": str(one.id), "name_folded": mim.fold(one.name), "land": group.country, "staff": group.employees,
            "branch_folded": _folded(group.industry, one.id.int), **self._amount("revenue", group.annual_revenue, 0),
            "fit": one.key_account.fit, "stack": _words(one.technology.stack, one.id.int),
            **_units(("x", "y", "z"), group.location),
        }  # fmt: skip

    def _event_row(self, number: int, one: Any) -> dict[str, Any]:
        return {
            "number": number, "who": str(one.contact_id), "what": one.kind, "at": self._at(one.at),
            "channel": _blank(one.channel, number), "product_folded": _folded(one.product, number),
            "quantity": one.quantity, **self._amount("value", one.value, number), "gift": one.is_gift,
        }  # fmt: skip

    def _at(self, at: datetime | None) -> datetime | None:
        return at if at is None or self.plain else at.astimezone(UTC).replace(tzinfo=None)

    def _amount(self, name: str, money: Any, number: int) -> dict[str, Any]:
        """Missing money has neither part, or only one of them."""
        if money is None:
            amount, currency = ((None, None), (None, "DKK"), (100, None), (100, ""))[number % 4]
        else:
            amount = money.minor_units if self.plain else float(money.amount)
            currency = money.currency
        return {name: amount, f"{name}_currency": currency}


def of_dates(dataset: Dataset) -> Dataset:
    """The same people; who is known by year or age band has no known birth."""
    gone: Any = {"birth_year": mim.CLEAR, "age_band": mim.CLEAR, "age_band_on": mim.CLEAR}
    people = tuple(
        one if one.contact.demographic.birth_date else replace(one, contact=one.contact.evolve(**gone))
        for one in dataset.people
    )
    return replace(dataset, people=people)


def _numbers(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer) for name in names]


def _units(names: tuple[str, ...], place: mim.Location | None) -> dict[str, int | None]:
    return dict.fromkeys(names) if place is None else dict(zip(names, place.units, strict=True))


def _blank(value: Any, number: int) -> Any:
    return BLANKS[number % 3] if value is None else value


def _folded(value: str | None, number: int) -> str | None:
    return (None, "")[number % 2] if value is None else mim.fold(value)


def _words(values: Any, number: int) -> Any:
    """An empty list is NULL or one; SQLAlchemy writes None as JSON's own null."""
    return [mim.fold(value) for value in values] or (None, [])[number % 2]


def _device(device: Any) -> dict[str, Any]:
    seen = device.last_seen_at
    return {
        "kind": device.kind,
        "browser": None if device.browser is None else mim.fold(device.browser),
        "last_seen_at": None if seen is None else to_microseconds(seen),
    }


def without_fraction(table: Table, column: str) -> Any:
    """A column of text on SQLite, to shorten what SQLAlchemy writes to what Django writes."""
    return type_coerce(table.c[column], Text())
