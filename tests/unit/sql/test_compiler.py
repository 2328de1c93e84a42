"""The compiled condition is true for the members and nobody else, and the planner can use its indexes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from tests.unit.sql.sql_samples import Chosen, account_objects, chosen_fields, contacts, interactions

from mimcore.domain import fields as f
from mimcore.domain.account import Account
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS, catalogue
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState, observed, pool_of
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.facts import facts_of
from mimcore.repositories.ports import Query
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import negate
from mimcore.rules.writing import fields as handles
from mimcore.sql.backend import SqlBackend
from mimcore.sql.conditions.column_map import ContactMap
from mimcore.sql.conditions.compiler import compile_rule
from mimcore.sql.tables import schema
from mimcore.values.money import Money

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BINDING = Binding(now=NOW, half_lives=DEFAULT_HALF_LIVES)
HANDLES: dict[Kind, Any] = {
    Kind.TEXT: handles.TextField, Kind.CODE: handles.CodeField, Kind.BOOLEAN: handles.BooleanField,
    Kind.INTEGER: handles.IntegerField, Kind.NUMBER: handles.NumberField, Kind.MONEY: handles.MoneyField,
    Kind.DATE: handles.DateField, Kind.INSTANT: handles.InstantField, Kind.AGE: handles.AgeField,
    Kind.LOCATION: handles.LocationField, Kind.TAGS: handles.TagsField, Kind.CODES: handles.CodesField, Kind.RECORDS: handles.RecordsField,
}  # fmt: skip
ORDERED = {Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.INSTANT, Kind.AGE}


@st.composite
def leaf_rules(draw: st.DrawFn, spec: FieldSpec, several: list) -> Rule:
    """One condition that fits the field, with values that occur."""
    field, one, other = HANDLES[spec.kind](spec), draw(st.sampled_from(several)), draw(st.sampled_from(several))
    if spec.kind is Kind.RECORDS:
        names = draw(st.sets(st.sampled_from(sorted(one[0])), min_size=1))
        rules = [field.is_known(), field.any(**{name: one[0][name] for name in names})]
    elif spec.is_collection:
        rules = [field.is_known(), field.overlaps(one[:1]), field.overlaps(one), field.contains_all([*one, *other])]
    else:
        rules = [field.is_known()]
    if spec.kind is Kind.LOCATION:
        rules += [field.within_km(one, 0), field.within_km(other, draw(st.sampled_from([1, 300, 10_000])))]
    elif not spec.is_collection and spec.kind is not Kind.AGE:
        rules += [field == one, field.is_in([one, other]), field.is_in([])]
    if spec.kind in ORDERED:
        rules += [field >= one, field > one, field < one, field <= one]
    if spec.kind is Kind.TEXT:
        rules += [field.contains(one.strip()[-1]), field.starts_with(one.strip()[0]), field.ends_with(one)]
    if spec.kind in {Kind.DATE, Kind.INSTANT}:
        days = draw(st.integers(0, 9000))
        rules += [field.within_days(days), field.older_than_days(days), field.within_next_days(days)]
    if spec.entity == "contact":
        rules += [field.freshness() >= draw(st.sampled_from([0.3, 0.7, 0.9])), field.is_undated()]
    return draw(st.sampled_from(rules))


@st.composite
def event_rules(draw: st.DrawFn, chosen: Chosen) -> Rule:
    """A count or sum of events, perhaps with a condition on them."""
    events = f.contact.events(draw(st.sampled_from(["purchase", "visit"])))
    if draw(st.booleans()):
        inner = draw(st.sampled_from(list(chosen.items())).flatmap(lambda item: leaf_rules(*item)))
        events = events.where(draw(st.sampled_from([inner, ~inner, inner.or_missing()])))
    days = draw(st.none() | st.integers(0, 9000))
    count, total = events.count(within_days=days), events.total(within_days=days)
    return draw(st.sampled_from([count >= 1, count == 0, count < 2, total > Money(minor_units=100, currency="DKK")]))


AGE, EMAIL, PHONE = (catalogue[f"contact.{name}"] for name in ("demographic.age", "primary_email", "primary_phone"))
CITY, JOB = catalogue["contact.demographic.city"], catalogue["contact.employment.title"]
ALWAYS = {
    AGE: [20, 40, 80],
    EMAIL: ["a@example.com", "b@example.com"],
    PHONE: ["+4532123456"],
    CITY: ["aarhus", "ÅBO"],
    JOB: ["CEO"],
}


def rules_over(chosen: Chosen, events: Chosen) -> st.SearchStrategy[Rule]:
    """Rules over the chosen fields, nested, negated, with and without `or_missing`."""
    single = st.one_of(
        st.sampled_from(list(chosen.items())).flatmap(lambda item: leaf_rules(*item)), event_rules(events)
    )
    return st.recursive(
        single,
        lambda inner: st.one_of(
            inner.map(lambda rule: ~rule),
            inner.map(lambda rule: rule.or_missing()),
            st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        ),
        max_leaves=4,
    )


@st.composite
def states(draw: st.DrawFn, contact: Contact, specs: list[FieldSpec]) -> list[FreshnessState]:
    """States of some of the contact's values and points, dated or not."""
    subjects = [
        (spec.name, contact.id, spec.pool) for spec in specs if spec not in {EMAIL, PHONE} and draw(st.booleans())
    ]
    subjects += [("contact.emails", point.id, "email") for point in contact.emails]
    subjects += [("contact.phones", point.id, "phone") for point in contact.phones]
    days = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
    made = []
    for name, subject, pool_name in subjects:
        pool = pool_of(pool_name, is_business=draw(st.booleans()))
        made.append(
            observed(
                name,
                contact.id,
                subject,
                pool=pool,
                source="s",
                reliability=0.95,
                observed_at=draw(days),
                half_life_days=DEFAULT_HALF_LIVES[pool],
            )
        )
    return made


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_members_and_non_members_are_those_of_the_reference_engine(data: st.DataObject) -> None:
    """Any field, any condition, any nesting: the SQL answers like the evaluation in Python; the rest is unknown."""
    own = {**ALWAYS, **data.draw(chosen_fields(CONTACT_FIELDS, 1, 4))}
    of_account, of_event = data.draw(chosen_fields(ACCOUNT_FIELDS, 1, 2)), data.draw(chosen_fields(EVENT_FIELDS, 1, 3))
    accounts = data.draw(st.lists(account_objects(of_account), min_size=1, max_size=3, unique_by=lambda one: one.id))
    stored = {spec: several for spec, several in own.items() if not spec.is_derived}
    person = contacts(accounts=tuple(one.id for one in accounts), chosen=stored)
    people = data.draw(st.lists(person, min_size=3, max_size=6, unique_by=lambda one: one.id))
    backend = SqlBackend.connect("sqlite://", durability="normal")
    work = backend.begin()
    work.accounts.add(accounts)
    work.contacts.add(people)
    for one in people:
        work.freshness.put(data.draw(states(one, list(own))))
    happened = st.lists(
        interactions(people[0].id, of_event), max_size=4, unique_by=lambda one: one.external_id or one.id
    )
    work.interactions.add([one for one in data.draw(happened) if one.at <= NOW])
    facts = facts_of(work, people, NOW)
    for rule in data.draw(st.lists(rules_over({**own, **of_account}, of_event), min_size=6, max_size=14)):
        bound = bind(rule, BINDING)
        active = [one for one in sorted(people, key=lambda one: one.id) if one.status is RecordStatus.ACTIVE]
        answers = {one.id: evaluator(bound)(facts[one.id]) for one in active}
        assert work.contacts.find(Query(where=bound)) == [key for key, answer in answers.items() if answer is True]
        assert work.contacts.find(Query(where=negate(bound))) == [
            key for key, answer in answers.items() if answer is False
        ]
        assert work.contacts.count(bound) == sum(answer is True for answer in answers.values())
    work.rollback()
    backend.close()


def _sql(rule: Rule) -> str:
    condition = compile_rule(bind(rule, BINDING), ContactMap("t"))
    text = str(select(schema.contact.c.id).where(condition).compile(dialect=sqlite.dialect()))
    return " ".join(text.split("WHERE", 1)[1].split()).replace("mim_contact.", "")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (f.contact.country == "DK", "country = ?"),
        (f.contact.country != "DK", "country != ?"),
        ((f.contact.country != "DK").or_missing(), "country != ? OR country IS NULL"),
        (~(f.contact.country == "DK").or_missing(), "country != ?"),
        (f.contact.country.is_in([]), "0 = 1"),
        (~f.contact.country.is_in([]), "country IS NOT NULL"),
        (~f.contact.city.contains("x"), "instr(city_folded, ?) = ?"),
        (f.contact.city.starts_with("Aa"), "substr(city_folded, ?, ?) = ?"),
        (f.contact.city.ends_with("Aa"), "substr(city_folded, -?) = ?"),
        (f.contact.age >= 18, "born_to <= ?"),
        (f.contact.age < 18, "born_from > ?"),
        (
            f.contact.annual_income < Money(minor_units=1, currency="DKK"),
            "annual_income_currency = ? AND annual_income_minor < ?",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_leaves_are_written_plainly(rule: Rule, expected: str) -> None:
    """No COALESCE, no LIKE, no lower(): a negated leaf is its plain opposite."""
    assert _sql(rule) == expected


def test_nothing_in_sql_folds_or_matches_patterns() -> None:
    """What back ends disagree on does not occur."""
    rule = (
        f.contact.city.contains("a") & ~f.contact.tags.overlaps("b") & (f.contact.devices.any(browser="x")).or_missing()
    )
    assert not any(word in _sql(rule).lower() for word in (" like ", "lower(", "coalesce", "regexp"))


def _plan(backend: SqlBackend, rule: Rule) -> list[str]:
    work = backend.begin(is_read_only=True)
    query = work.contacts._active(bind(rule, BINDING), "member", schema.contact.c.id)
    compiled = query.compile(dialect=backend.engine.dialect, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in work._wire.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    work.rollback()
    return plan


@pytest.mark.parametrize(
    ("rule", "index"),
    [
        (f.contact.country == "DK", "ix_mim_contact_country"),
        (f.contact.country.is_in(["DK", "SE"]), "ix_mim_contact_country"),
        (f.contact.title == "CEO", "ix_mim_contact_title_folded"),
        ((f.contact.country == "DK") & (f.contact.primary_email.freshness() >= 0.7), "ix_mim_contact_country"),
    ],
)
def test_indexed_conditions_are_searched_not_scanned(rule: Rule, index: str) -> None:
    """SQLite reads the index of the field; freshness is one range of keys a pool."""
    backend = SqlBackend.connect("sqlite://")
    plan = _plan(backend, rule)
    assert any("SEARCH mim_contact" in line and index in line for line in plan), plan
    assert not any(line.startswith("SCAN mim_contact") for line in plan)


def test_freshness_alone_is_one_range_of_keys_a_pool(tmp_path: Path) -> None:
    """Once SQLite has statistics (gathered when a store is closed), only the pools' ranges of the index are read."""
    address = f"sqlite:///{tmp_path / 'fresh.db'}"
    backend = SqlBackend.connect(address)
    people = [Contact(title="CEO", version=1) for _ in range(400)]
    work = backend.begin()
    work.contacts.add(people)
    work.freshness.put([_state(one.id, day) for day, one in enumerate(people)])
    work.commit()
    backend.close()
    backend = SqlBackend.connect(address)
    plan = _plan(backend, f.contact.title.freshness() >= 0.995)
    found, *ranges = (line for line in plan if line.startswith("SEARCH"))
    assert found == "SEARCH mim_contact USING INTEGER PRIMARY KEY (rowid=?)", plan
    assert ranges, plan
    assert all("ix_mim_contact_title_key (tenant=? AND title_pool=? AND title_key>?)" in line for line in ranges), plan
    backend.close()


def _state(contact_id: UUID, day: int) -> FreshnessState:
    seen, pool = NOW - timedelta(days=day), ("b2b.job_title", "b2c.address")[day % 2]
    return observed(
        "contact.employment.title", contact_id, contact_id, pool=pool, source="s", reliability=1.0, observed_at=seen,
        half_life_days=DEFAULT_HALF_LIVES[pool],
    )  # fmt: skip


def test_companions_are_searched() -> None:
    """Events, accounts and states of a contact are found by their keys, never by reading the whole table."""
    backend = SqlBackend.connect("sqlite://")
    rule = (f.contact.purchases.count() >= 1) & (f.account.employees > 5) & (f.contact.interests.freshness() >= 0.5)
    plan = [line for line in _plan(backend, rule) if "mim_" in line]
    assert len(plan) == 4
    assert all(line.startswith("SEARCH") for line in plan), plan
    assert any(
        "ix_mim_interaction_contact_id (tenant=? AND contact_id=? AND kind=? AND at<?)" in line for line in plan
    ), plan


@pytest.mark.parametrize("width", [39, 41, 400, 499])
@pytest.mark.parametrize("all_of", [True, False])
def test_wide_groups_stay_within_the_depth_of_sqlite(width: int, all_of: bool) -> None:
    """500 leaves, each with its or_missing, freshness over 18 pools among them: SQLite refuses depth 1,000."""
    parts = [(f.contact.city == f"x{number}").or_missing() for number in range(width)]
    parts[0] = (f.contact.primary_email.freshness() >= 0.5) | (f.contact.city == "aarhus")
    rule = parts[0]
    for part in parts[1:]:
        rule = (rule & part) if all_of else (rule | part)
    backend = SqlBackend.connect("sqlite://")
    work = backend.begin()
    work.contacts.add([Contact(city="Aarhus", version=1), Contact(city="x7", version=1), Contact(version=1)])
    assert work.contacts.count(bind(rule, BINDING)) == (0 if all_of else 3)
    assert work.contacts.count(negate(bind(rule, BINDING))) == (2 if all_of else 0)


def test_a_long_list_is_one_parameter_and_never_the_previous_one() -> None:
    """The statement cache must not answer with the values of the call before."""
    backend = SqlBackend.connect("sqlite://")
    work = backend.begin()
    people = [Contact(city=f"town {number}", interests=[f"i{number}"], version=1) for number in range(60)]
    work.contacts.add(people)
    for start in (0, 30):
        wanted = people[start : start + 25]
        towns = bind(f.contact.city.is_in([one.demographic.city for one in wanted]), BINDING)
        interests = bind(f.contact.interests.overlaps(*[one.psychographic.interests[0] for one in wanted]), BINDING)
        assert work.contacts.find(Query(where=towns)) == sorted(one.id for one in wanted)
        assert work.contacts.find(Query(where=negate(towns))) == sorted(
            {one.id for one in people} - {one.id for one in wanted}
        )
        assert work.contacts.find(Query(where=interests)) == sorted(one.id for one in wanted)
    table = schema.contact
    text = str(select(table.c.id).where(compile_rule(towns, ContactMap("t"))).compile(dialect=sqlite.dialect()))
    assert text.count("?") == 1


def test_long_lists_of_instants_and_dates_compare_as_stored() -> None:
    """A list of more than twenty travels as JSON: instants as microseconds, dates as ISO text."""
    backend = SqlBackend.connect("sqlite://")
    work = backend.begin()
    one = Contact(acquired_at="2025-01-05T00:00Z", birth_date="1990-01-05", version=1)
    work.contacts.add([one, Contact(acquired_at="2024-01-05T00:00Z", birth_date="1991-01-05", version=1)])
    instants = [datetime(2025, 1, day, tzinfo=UTC) for day in range(1, 25)]
    assert work.contacts.find(Query(where=bind(f.contact.acquired_at.is_in(instants), BINDING))) == [one.id]
    days = [f"1990-01-{day:02}" for day in range(1, 25)]
    assert work.contacts.find(Query(where=bind(f.contact.birth_date.is_in(days), BINDING))) == [one.id]


def test_every_field_of_the_catalogue_has_a_column() -> None:
    """No declared field is refused by mimcore's own tables."""
    for spec in catalogue:
        if spec.entity == "contact":
            compile_rule(bind(HANDLES[spec.kind](spec).is_known(), BINDING), ContactMap("t"))
    assert _sql(f.account.industry.is_known()).startswith("EXISTS (SELECT 1 FROM mim_account")
    assert Account(name="x").version == 0
