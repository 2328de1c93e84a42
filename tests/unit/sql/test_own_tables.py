"""What may be mapped and how it is compared; what is refused, by name; text and parameters for every driver."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from benchmarks.own_tables import COLUMNS, CUSTOMER, HAND, RULES, fill
from benchmarks.people import NOW as ASKED
from sqlalchemy import (
    ARRAY,
    JSON,
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import CITEXT, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column

import mimcore as mim
from mimcore import fields as f
from mimcore.sql.types import UtcMicroseconds

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
SCORE = mim.attribute("score", kind="number")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path):
    """An empty database of either kind."""
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path / 'own.db'}")
    else:
        made = create_engine(request.getfixturevalue("empty_postgres_url"))
    yield made
    made.dispose()


def _table(kind: Any, name: str = "people") -> Table:
    return Table(name, MetaData(), Column("id", Integer, primary_key=True), Column("it", kind))


def _filled(engine: Any, table: Table, values: list[Any]) -> None:
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table), [{"id": number, "it": value} for number, value in enumerate(values)])


def _ids(engine: Any, table: Table, condition: Any) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(select(table.c.id).where(condition).order_by(table.c.id)))


def _answers(engine: Any, table: Table, rule: mim.Rule, columns: mim.TableColumns) -> dict[str, list[int]]:
    verdicts: Any = ("true", "false", "unknown")
    return {
        one: _ids(engine, table, mim.where(rule, columns, now=NOW, verdict=one, attributes=[SCORE])) for one in verdicts
    }


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "kind", "reason", "remedy"),
    [
        (f.contact.country, Integer(), "Integer", "codes"),
        (f.contact.city, Integer(), "Integer", "text"),
        (f.contact.country, Text(collation="NOCASE"), "collation", "collate"),
        (f.contact.country, CITEXT(), "CITEXT", "cast"),
        (f.contact.gender, Enum("F", "M", name="g"), "no codes", "case"),
        (f.contact.is_decision_maker, Integer(), "Integer", "expression"),
        (f.contact.children, Numeric(), "Numeric", "BigInteger"),
        (SCORE, REAL(), "32 bits", "Double"),
        (SCORE, Float(24), "32 bits", "Double"),
        (SCORE, Text(), "Text", "Double"),
        (f.contact.birth_date, DateTime(), "DateTime", "date itself"),
        (f.contact.acquired_at, DateTime(), "no time zone", "stored_as"),
        (f.contact.acquired_at, Date(), "Date", "DateTime"),
        (f.contact.acquired_at, BigInteger(), "BigInteger", "microseconds"),
        (f.contact.age, Text(), "Text", "date of birth"),
        (f.contact.interests, Text(), "Text", "JSON"),
        (f.contact.interests, ARRAY(Text()), "ARRAY", "to_jsonb"),
        (f.contact.annual_income, Double(), "binary float", "minor units"),
        (f.contact.annual_income, BigInteger(), "no currency", "currencies"),
    ],
    ids=lambda value: getattr(getattr(value, "spec", None), "short", None) or repr(value),
)
def test_a_column_that_cannot_be_compared_is_refused(field: Any, kind: Any, reason: str, remedy: str) -> None:
    """With field, column, reason and remedy."""
    people = _table(kind)
    with pytest.raises(mim.InvalidValueError, match=reason) as refused:
        mim.columns(people, {field: people.c.it})
    assert field.spec.name in str(refused.value)
    assert "people.it" in str(refused.value)
    assert remedy in str(refused.value)


def test_what_a_map_is_given_has_to_fit() -> None:
    """Not a field, not a column, not a table, a form that the kind has not, a description of what is not mapped."""
    people = _table(Text())
    own: Any = people.c.it
    not_a_column: Any = "it"
    with pytest.raises(mim.UnknownFieldError, match="not a field"):
        mim.columns(people, {"country": own})
    with pytest.raises(mim.UnknownFieldError, match="does not belong"):
        mim.columns(people, {f.event.channel: own})
    with pytest.raises(mim.InvalidValueError, match="not mapped to a column"):
        mim.columns(people, {f.contact.country: not_a_column})
    with pytest.raises(mim.InvalidValueError, match="is no table"):
        mim.columns("people", {f.contact.country: own})
    with pytest.raises(mim.InvalidValueError, match="cannot be stored as 'utc'"):
        mim.columns(people, {f.contact.country: own}, stored_as={f.contact.country: "utc"})
    with pytest.raises(mim.InvalidValueError, match="not compared folded"):
        mim.columns(people, {f.contact.country: own}, folded={f.contact.country: own})
    with pytest.raises(mim.UnknownFieldError, match="no column holds it"):
        mim.columns(people, {f.contact.country: own}, stored_as={f.contact.city: "folded"})
    with pytest.raises(mim.UnknownFieldError, match="did you mean 'purchase'"):
        mim.event_columns(people, contact=people.c.id, at=own, kind="purchas")
    with pytest.raises(mim.InvalidValueError, match="is no condition"):
        mim.account_columns(people, {f.account.country: own}, link=not_a_column)
    with pytest.raises(mim.InvalidValueError, match="no map of columns"):
        mim.where(f.contact.country == "DK", not_a_column)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (f.contact.city == "x", r"contact\.demographic\.city .*folded"),
        (f.contact.region == "x", r"contact\.demographic\.region has no column .*did you mean 'region_name'"),
        (f.contact.age > 3, r"contact\.demographic\.age"),
        (f.account.employees > 3, r"account\.firmographic\.employees"),
        (f.contact.any_account.employees > 3, "any account"),
        (f.contact.purchases.count() > 1, "kind purchase is held by no table"),
        (f.contact.country.freshness() >= 0.5, r"the freshness of contact\.demographic\.country"),
        (f.contact.annual_income > mim.money("5", "DKK"), "annual_income"),
        (f.contact.sample(percent=10, salt="x"), "the key of samples"),
        (f.contact.title.changed(within_days=3), "history"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_of_your_own_refuses_what_it_lacks(rule: mim.Rule, named: str) -> None:
    """Absent data is never treated as empty."""
    people = Table("people", MetaData(), *(Column(name, Text) for name in ("land", "town", "region_name")))
    fields: Any = {f.contact.country: people.c.land, f.contact.city: people.c.town}
    own = mim.columns(people, fields, key=people.c.town)
    with pytest.raises(mim.UnsupportedConditionError, match=named):
        mim.where(rule, own, now=NOW)


# --- what values are compared -----------------------------------------------------------------------------------------


def test_blank_codes_and_texts_are_missing(engine: Any) -> None:
    """Nothing, empty text and spaces; none of them is "not DK"."""
    people = _table(String(8))
    _filled(engine, people, ["DK", "SE", None, "", "  ", "dk"])
    own = mim.columns(people, {f.contact.country: people.c.it, f.contact.city: people.c.it})
    country = f.contact.country
    assert _answers(engine, people, country == "DK", own) == {"true": [0], "false": [1, 5], "unknown": [2, 3, 4]}
    assert _answers(engine, people, ~(country == "DK"), own)["true"] == [1, 5]
    assert _answers(engine, people, (country != "DK").or_missing(), own)["true"] == [1, 2, 3, 4, 5]
    assert _answers(engine, people, (country == "DK").or_missing(), own)["true"] == [0, 2, 3, 4]
    assert _answers(engine, people, country.is_known(), own) == {"true": [0, 1, 5], "false": [2, 3, 4], "unknown": []}
    assert _answers(engine, people, f.contact.city.is_missing(), own)["true"] == [2, 3, 4]


def test_numbers_that_are_none_are_missing(engine: Any) -> None:
    """PostgreSQL takes NaN for the greatest number of all; SQLite stores NULL."""
    people = _table(Double())
    _filled(engine, people, [0.7, 0.69, None, float("nan"), -0.0])
    own = mim.columns(people, {SCORE: people.c.it})
    assert _answers(engine, people, SCORE >= 0.7, own) == {"true": [0], "false": [1, 4], "unknown": [2, 3]}
    assert _answers(engine, people, SCORE != 0.0, own) == {"true": [0, 1], "false": [4], "unknown": [2, 3]}
    assert _answers(engine, people, (SCORE < 0.5).or_missing(), own)["true"] == [2, 3, 4]
    assert _answers(engine, people, SCORE.is_missing(), own)["true"] == [2, 3]


def test_whole_numbers_of_the_rule_may_be_greater_than_the_column(engine: Any) -> None:
    """A bound parameter takes 64 bits, whatever the column has."""
    people = _table(Integer())
    _filled(engine, people, [1, 2_000_000_000, None])
    own = mim.columns(people, {f.contact.children: people.c.it})
    assert _answers(engine, people, f.contact.children < 2**53, own)["true"] == [0, 1]
    assert _answers(engine, people, f.contact.children.is_in(1, 2**53), own)["true"] == [0]


def test_a_ready_age_and_a_year_of_birth(engine: Any) -> None:
    """A ready age is today's; a year decides where both of its ends do."""
    people = _table(Integer())
    _filled(engine, people, [25, 26, 24, None, 54])
    ready = mim.columns(people, {f.contact.age: people.c.it})
    rule = f.contact.age.is_between(25, 53)
    assert _answers(engine, people, rule, ready) == {"true": [0, 1], "false": [2, 4], "unknown": [3]}
    assert _answers(engine, people, (~rule).or_missing(), ready)["true"] == [2, 3, 4]
    assert _answers(engine, people, f.contact.age.is_missing(), ready)["true"] == [3]
    with engine.begin() as connection:
        connection.execute(people.update().values(it=2026 - people.c.it))
    year = mim.columns(people, {f.contact.birth_year: people.c.it})
    assert _answers(engine, people, f.contact.age >= 25, year) == {"true": [1, 4], "false": [2], "unknown": [0, 3]}
    assert _answers(engine, people, f.contact.age < 25, year) == {"true": [2], "false": [1, 4], "unknown": [0, 3]}
    both = mim.columns(people, {f.contact.birth_year: people.c.it, f.contact.birth_date: func.date(type_=Date())})
    with pytest.raises(mim.UnsupportedConditionError, match="map it to one of them"):
        mim.where(rule, both, now=NOW)


EDGE = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
"""Two days before NOW, to the microsecond."""


@pytest.mark.parametrize("text_of_edge", ["2026-02-27 12:00:00", "2026-02-27 12:00:00.000000"])
def test_both_ways_in_which_sqlite_holds_naive_utc(text_of_edge: str) -> None:
    """SQLAlchemy writes a fraction of zeros, Django none; the edges of a window fall the same way."""
    people = _table(DateTime())
    engine = create_engine("sqlite://")
    people.metadata.create_all(engine)
    times = ["2026-02-27 11:59:59.999999", text_of_edge, "2026-02-27 12:00:00.000001"]
    with engine.begin() as connection:
        for number, one in enumerate(times):
            connection.execute(text("insert into people values (:id, :it)"), {"id": number, "it": one})
    own = mim.columns(people, {f.contact.acquired_at: people.c.it}, stored_as={f.contact.acquired_at: "utc"})
    at = f.contact.acquired_at
    assert _answers(engine, people, at.within_days(2), own) == {"true": [1, 2], "false": [0], "unknown": []}
    assert _answers(engine, people, at.older_than_days(2), own)["true"] == [0]
    assert _answers(engine, people, at > EDGE, own)["true"] == [2]
    assert _answers(engine, people, at <= EDGE, own)["true"] == [0, 1]
    assert _answers(engine, people, at == EDGE, own) == {"true": [1], "false": [0, 2], "unknown": []}
    assert _answers(engine, people, at.is_in(EDGE), own)["true"] == [1]
    many = at.is_in([EDGE.replace(minute=one) for one in range(30)])
    assert _answers(engine, people, many, own) == {"true": [1], "false": [0, 2], "unknown": []}


def test_an_instant_with_a_zone_is_refused_on_sqlite(engine: Any) -> None:
    """There it has lost its offset; PostgreSQL keeps it. Said to be UTC, it is taken so on both."""
    people = _table(DateTime(timezone=True))
    _filled(engine, people, [EDGE, datetime(2026, 1, 1, tzinfo=UTC), None])
    rule = f.contact.acquired_at.within_days(2)
    zoned = mim.columns(people, {f.contact.acquired_at: people.c.it})
    if engine.dialect.name == "sqlite":
        with pytest.raises(mim.UnsupportedConditionError, match=r"people\.it.*drops the offset"):
            _ids(engine, people, mim.where(rule, zoned, now=NOW))
    else:
        assert _answers(engine, people, rule, zoned) == {"true": [0], "false": [1], "unknown": [2]}
    utc = mim.columns(people, {f.contact.acquired_at: people.c.it}, stored_as={f.contact.acquired_at: "utc"})
    assert _answers(engine, people, rule, utc) == {"true": [0], "false": [1], "unknown": [2]}


def test_instants_as_whole_microseconds(engine: Any) -> None:
    """The same answers, in lists of any length too."""
    people = _table(BigInteger())
    _filled(engine, people, [1_772_193_600_000_000, 1_772_193_599_999_999, None])
    at = f.contact.acquired_at
    own = mim.columns(people, {at: people.c.it}, stored_as={at: "microseconds"})
    assert _answers(engine, people, at.within_days(2), own) == {"true": [0], "false": [1], "unknown": [2]}
    assert _answers(engine, people, at == EDGE, own)["true"] == [0]
    assert _answers(engine, people, at.is_in([EDGE.replace(minute=one) for one in range(30)]), own)["true"] == [0]
    assert _answers(engine, people, at.hour().is_in(12), own)["true"] == [0]


def test_naive_utc_is_not_compared_with_another_column() -> None:
    """SQLite may hold one instant as two texts."""
    people = _table(DateTime())
    at, since = f.contact.acquired_at, mim.attribute("since", kind="instant")
    own = mim.columns(people, {at: people.c.it, since: people.c.it}, stored_as={at: "utc", since: "utc"})
    with pytest.raises(mim.UnsupportedConditionError, match="without an offset"):
        mim.where(at == since, own)


def test_decimal_money_is_compared_exactly_and_added_up_in_minor_units(engine: Any) -> None:
    """One currency for all, of two decimals or of none; another currency cannot be decided."""
    people = _table(Numeric(20, 2, asdecimal=False))
    _filled(engine, people, [249.10, 249.11, None, 0.1])
    income = f.contact.annual_income
    own = mim.columns(people, {income: people.c.it}, currencies={income: "DKK"})
    rule = income > mim.money("249.10", "DKK")
    assert _answers(engine, people, rule, own) == {"true": [1], "false": [0, 3], "unknown": [2]}
    assert _answers(engine, people, rule.or_missing(), own)["true"] == [1, 2]
    assert _answers(engine, people, income > mim.money("1", "EUR"), own)["unknown"] == [0, 1, 2, 3]
    yen = mim.columns(people, {income: people.c.it}, currencies={income: "JPY"})
    assert _answers(engine, people, income >= mim.money(249, "JPY"), yen)["true"] == [0, 1]
    paid = Table("paid", people.metadata, Column("who", Integer), Column("at", UtcMicroseconds), Column("sum", Numeric))
    paid.create(engine)
    with engine.begin() as connection:
        for amount in ("0.10", "0.10", "0.10"):
            connection.execute(text(f"insert into paid (who, sum) values (1, {Decimal(amount)})"))
        connection.execute(paid.update().values(at=EDGE))
    events = mim.event_columns(
        paid, contact=paid.c.who, at=paid.c.at, kind="purchase", value=paid.c.sum, currency="DKK"
    )
    bought = mim.columns(people, {f.contact.children: people.c.id}, events=events)
    total = f.contact.purchases.total()
    assert _answers(engine, people, total >= mim.money("0.30", "DKK"), bought)["true"] == [1]
    assert _answers(engine, people, total > mim.money("0.30", "DKK"), bought)["true"] == []


def test_the_json_null_is_an_empty_list(engine: Any) -> None:
    """SQLAlchemy writes it for None unless told otherwise."""
    for kind in (JSON(), JSON().with_variant(JSONB(), "postgresql")):
        people = _table(kind)
        people.metadata.drop_all(engine)
        _filled(engine, people, [["email"], [], None])
        own = mim.columns(people, {f.contact.preferred_channels: people.c.it})
        channels = f.contact.preferred_channels
        assert _answers(engine, people, channels.is_known(), own) == {"true": [0], "false": [1, 2], "unknown": []}
        assert _answers(engine, people, ~channels.overlaps("email"), own)["true"] == [1, 2]
        assert _answers(engine, people, channels.count() == 0, own)["true"] == [1, 2]


# --- models, aliases, joins -------------------------------------------------------------------------------------------


class Base(DeclarativeBase):
    """Of the models below."""


class Customer(Base):
    """A customer as an application has it."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    country_code: Mapped[str | None]
    born: Mapped[date | None]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))


class Company(Base):
    """Where a customer works."""

    __tablename__ = "company"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff: Mapped[int | None]


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    placed_at: Mapped[datetime] = mapped_column(UtcMicroseconds)
    is_paid: Mapped[bool] = mapped_column(Boolean)


def test_models_aliases_and_joins(engine: Any) -> None:
    """Attributes of mapped classes, of an alias, and columns of a table that the query joins."""
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Company(id=1, staff=300), Company(id=2, staff=3)])
        session.flush()
        session.add_all(
            Customer(id=number, country_code=land, born=date(1990, 1, 1), company_id=company)
            for number, land, company in ((1, "DK", 1), (2, "DK", 2), (3, "SE", 1), (4, None, None))
        )
        session.add_all(Order(customer_id=one, placed_at=EDGE, is_paid=True) for one in (1, 1, 3))
        session.flush()
        events = mim.event_columns(Order, contact=Order.customer_id, at=Order.placed_at, kind="purchase")
        company = mim.account_columns(
            Company, {f.account.employees: Company.staff}, link=Customer.company_id == Company.id
        )
        own = mim.columns(Customer, {f.contact.country: Customer.country_code}, events=events, account=company)
        danish, big = f.contact.country == "DK", f.account.employees >= 200
        often = f.contact.purchases.count() >= 2

        def ids(condition: Any, entity: Any = Customer) -> list[int]:
            return [one.id for one in session.scalars(select(entity).where(condition).order_by(entity.id))]

        assert ids(mim.where(danish & big, own)) == [1]
        assert ids(mim.where(big, own, verdict="false")) == [2]
        assert ids(mim.where(big, own, verdict="unknown")) == [4]
        assert ids(mim.where(often, own, now=NOW)) == [1]
        with_orders = select(Customer.id).join(Order, Order.customer_id == Customer.id).distinct()
        assert list(session.scalars(with_orders.where(mim.where(~often, own, now=NOW)))) == [3]
        other = aliased(Customer)
        again = mim.columns(other, {f.contact.country: other.country_code}, events=events)
        assert ids(mim.where(danish & often, again, now=NOW), other) == [1]
        joined = mim.columns(Customer, {f.contact.country: Customer.country_code, f.account.employees: Company.staff})
        query = select(Customer.id).outerjoin(Company, Customer.company_id == Company.id)
        assert list(session.scalars(query.where(mim.where(danish & big, joined)))) == [1]
        assert list(session.scalars(query.where(mim.where(~big.or_missing(), joined)))) == [2]


def test_a_map_prints_itself() -> None:
    """As text and for a notebook; it cannot be changed."""
    own = mim.columns(Customer, {f.contact.country: Customer.country_code, f.contact.age: Customer.born})
    assert "contact.demographic.age" in str(own)
    assert "customer.born" in str(own)
    assert "<table" in own._repr_html_()
    field: Any = "name"
    with pytest.raises(AttributeError):
        setattr(own, field, "x")


# --- every driver -----------------------------------------------------------------------------------------------------


def _shop(engine: Any) -> None:
    fill(engine, 400)


def test_text_for_drivers(engine: Any) -> None:
    """The driver's own connection gives the ids that SQLAlchemy's gives, in every style; no constant is in the text."""
    _shop(engine)
    dialect = engine.dialect.name
    styles: Any = ("format", "pyformat") if dialect == "postgresql" else ("qmark", "named")
    for name, rule in RULES.items():
        wanted = _ids(engine, CUSTOMER, mim.where(rule, COLUMNS, now=ASKED))
        with engine.connect() as connection:
            by_hand = connection.execute(text(f"select id from customer where {HAND[dialect][name]} order by id"))
            assert list(by_hand.scalars()) == wanted
        assert 0 < len(wanted) < 400
        for style in styles:
            condition, values = mim.to_sql(rule, COLUMNS, dialect=dialect, paramstyle=style, now=ASKED)
            assert ".com" not in condition
            assert "cycling" not in condition
            asked = f"select id from customer where {condition} order by id"
            assert _by_driver(engine, asked, values) == wanted
    with pytest.raises(mim.InvalidValueError, match="paramstyle"):
        mim.to_sql(rule, COLUMNS, dialect=dialect, paramstyle="numeric", now=ASKED)
    nonsense: Any = "postgres"
    with pytest.raises(mim.InvalidValueError, match="did you mean 'postgresql'"):
        mim.to_sql(rule, COLUMNS, dialect=nonsense, now=ASKED)


def _by_driver(engine: Any, asked: str, values: Any) -> list[int]:
    url = engine.url
    if engine.dialect.name == "sqlite":
        raw: Any = sqlite3.connect(url.database)
    else:
        raw = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    found = [one for (one,) in raw.execute(asked, values).fetchall()]
    raw.close()
    return found


def test_text_for_asyncpg(empty_postgres_url: str) -> None:
    """Numbered parameters, with their types in the text."""
    engine = create_engine(empty_postgres_url)
    _shop(engine)
    rule = RULES["its opposite"]
    condition, values = mim.to_sql(rule, COLUMNS, dialect="postgresql", paramstyle="numeric_dollar", now=ASKED)
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def ids() -> list[int]:
        raw = await asyncpg.connect(address)
        rows = await raw.fetch(f"select id from customer where {condition} order by id", *values)
        await raw.close()
        return [row["id"] for row in rows]

    assert asyncio.run(ids()) == _ids(engine, CUSTOMER, mim.where(rule, COLUMNS, now=ASKED))
    engine.dispose()


DJANGO = """
import json, sys
from django.conf import settings
settings.configure(DATABASES={"default": json.loads(sys.argv[1])}, USE_TZ=True, INSTALLED_APPS=[])
import django
django.setup()
from django.db import connection, models

class Customer(models.Model):
    class Meta:
        app_label, db_table, managed = "shop", "customer", False

from benchmarks.own_tables import COLUMNS, RULES
from benchmarks.people import NOW
import mimcore as mim
found = {}
for name, rule in RULES.items():
    sql, values = mim.to_sql(rule, COLUMNS, dialect=connection.vendor, paramstyle="format", now=NOW)
    by_orm = list(Customer.objects.extra(where=[sql], params=values).order_by("id").values_list("id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"select id from customer where {sql} order by id", values)
        assert by_orm == [one for (one,) in cursor.fetchall()]
    found[name] = by_orm
print(json.dumps(found))
"""


def test_text_for_django(engine: Any) -> None:
    """Django's cursor and its `extra(where=…)`, on both databases."""
    _shop(engine)
    url = engine.url
    if engine.dialect.name == "sqlite":
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": url.database}
    else:
        query = url.query
        database = {
            "ENGINE": "django.db.backends.postgresql", "NAME": url.database, "USER": url.username or "",
            "PASSWORD": url.password or "", "HOST": url.host or query.get("host", ""), "PORT": str(url.port or query.get("port", "")),
        }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DJANGO, json.dumps(database)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = {name: _ids(engine, CUSTOMER, mim.where(rule, COLUMNS, now=ASKED)) for name, rule in RULES.items()}
    assert json.loads(done.stdout) == wanted


# --- plans ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_the_plan_is_that_of_the_hand_written_query(engine: Any, name: str) -> None:
    """The same steps over the same index: a rule hides no column behind a function."""
    fill(engine, 5_000)
    dialect = engine.dialect.name
    condition, values = mim.to_sql(RULES[name], COLUMNS, dialect=dialect, now=ASKED)
    ours, hand = (f"select id from customer where {one}" for one in (condition, HAND[dialect][name]))
    found = _plan(engine, ours, values)
    assert found == _plan(engine, hand, ())
    if name == "6 conditions":
        assert any("ix_customer_country" in step for step in found)


def _plan(engine: Any, asked: str, values: Any) -> list[str]:
    """The steps of a plan, without what they cost."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            steps = [row[3] for row in raw.execute(f"explain query plan {asked}", values)]
            # The words of a list are one parameter, which is read once; and subqueries are numbered.
            return [step for step in steps if "SUBQUERY" not in step and "SCAN w " not in step]
        raw.execute("set enable_seqscan = off")
        plan = raw.execute(f"explain (format json, costs off) {asked}", values).fetchone()[0][0]["Plan"]
        return [*_steps(plan)]


def _steps(plan: dict[str, Any]) -> list[str]:
    own = f"{plan['Node Type']} {plan.get('Index Name', '')}"
    return [own, *(step for inner in plan.get("Plans", ()) for step in _steps(inner))]
