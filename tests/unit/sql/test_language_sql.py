"""The SQL of the later leaves: plain opposites, offsets cut to their window, indexes of events, and exact patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from mimcore.domain.catalogue import catalogue
from mimcore.domain.contact import Contact
from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.errors import UnsupportedConditionError
from mimcore.repositories.ports import Query
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import Bound, Clock, Literal, TextMatch, negate
from mimcore.sql.backend import SqlBackend
from mimcore.sql.conditions import moments
from mimcore.sql.conditions.column_map import AccountMap, ContactMap
from mimcore.sql.conditions.compiler import compile_rule
from mimcore.sql.tables import schema
from mimcore.values.instants import from_microseconds, to_microseconds
from mimcore.values.zones import local_microseconds

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
_BOUGHT = nodes.EventPattern(kind="purchase")
_AT = "contact.acquisition.at"


@pytest.fixture(scope="module")
def backend() -> Iterator[SqlBackend]:
    """One database for the examples; each takes back what it wrote."""
    made = SqlBackend.connect("sqlite://")
    yield made
    made.close()


def _condition(rule: Rule | Bound, dialect: Any = None) -> str:
    bound = bind(rule, Binding(now=NOW)) if isinstance(rule, Rule) else rule
    query = select(schema.contact.c.id).where(compile_rule(bound, ContactMap("t")))
    text = str(query.compile(dialect=dialect or sqlite.dialect()))
    return " ".join(text.split("WHERE", 1)[1].split()).replace("mim_contact.", "")


def _hour(*values: int, field: str = _AT) -> nodes.ClockTest:
    return nodes.ClockTest(op="hour_is_in", field=field, values=values, zone="Europe/Copenhagen")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (nodes.TextTest(op="matches", field="contact.demographic.city", value="a*b"), "(city_folded GLOB ?)"),
        (~nodes.TextTest(op="matches", field="contact.demographic.city", value="a*b"), "(city_folded NOT GLOB ?)"),
        (
            nodes.TextTest(op="matches", field="contact.demographic.city", value="a*b").or_missing(),
            "(city_folded GLOB ?) OR city_folded IS NULL",
        ),
        (
            nodes.CompareFields(
                field="contact.demographic.city", comparison="equals", other="contact.demographic.region"
            ),
            "city_folded = region_folded",
        ),
        (
            ~nodes.CompareFields(
                field="contact.demographic.city", comparison="equals", other="contact.demographic.region"
            ).or_missing(),
            "city_folded != region_folded",
        ),
        (
            nodes.Anniversary(field="contact.demographic.birth_date", days=1),
            "substr(birth_date, 6) BETWEEN ? AND ?",
        ),
        (
            ~nodes.Anniversary(field="contact.demographic.birth_date", days=1),
            "substr(birth_date, 6) NOT BETWEEN ? AND ?",
        ),
        (nodes.Sample(percent=10, salt="x"), "(? * CAST(sample_key AS BIGINT) + ?) % ? < ?"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_leaves_are_written_plainly(rule: Rule, expected: str) -> None:
    """No COALESCE, no NOT around what has an opposite."""
    assert _condition(rule) == expected


@pytest.mark.parametrize("is_negated", [False, True])
def test_a_window_beside_a_clock_cuts_its_offsets(is_negated: bool) -> None:
    """A rule that names both has two offsets at most; without a window all of two centuries count."""
    window = nodes.Window(op="within_last_days", field=_AT, days=30)

    def offsets(rule: Rule) -> int:
        bound = bind(rule, Binding(now=NOW))
        return _condition(negate(bound) if is_negated else bound).count("WHEN")

    assert offsets(_hour(3)) > 150
    assert offsets(window & _hour(3)) == 1  # 29 March
    assert offsets(window & (_hour(3) | ~_hour(4))) == 2
    assert offsets(window | _hour(3)) > 150
    assert offsets(nodes.Window(op="within_last_days", field=_AT, days=2) & _hour(3)) == 0


def test_the_window_of_events_cuts_the_offsets_of_their_clock() -> None:
    """An event outside the window is not looked at."""
    where = _hour(3, field="event.at")
    counted = nodes.EventTest(
        op="event_count", kind="purchase", within_days=30, where=where, comparison="at_least", value=1
    )
    assert _condition(counted).count("WHEN") == 1
    assert _condition(counted.model_copy(update={"within_days": 2})).count("WHEN") == 0
    assert _condition(counted.model_copy(update={"within_days": None})).count("WHEN") < 250


def test_a_remembered_statement_keeps_to_its_zone(backend: SqlBackend) -> None:
    """Offsets stand in the text: two zones, and two windows, are never taken for one statement."""
    work = backend.begin()
    work.contacts.add([Contact(acquired_at=datetime(2026, 3, 20, 12, tzinfo=UTC), version=1)])
    for zone, holds in (("Europe/Copenhagen", 1), ("Asia/Tokyo", 0), ("Europe/Berlin", 1), ("America/New_York", 0)):
        bound = bind(_hour(13).model_copy(update={"zone": zone}), Binding(now=NOW))
        assert (work.contacts.count(bound), work.contacts.count(negate(bound))) == (holds, 1 - holds), zone
    work.rollback()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8, unique=True), st.data())
def test_trimmed_offsets_say_the_same_inside_the_window(starts: list[int], data: st.DataObject) -> None:
    """Brute force: every instant of the window has the offset that it had among all."""
    pairs = tuple((start, 60 * number) for number, start in enumerate(sorted(starts)))
    low, high = sorted(data.draw(st.tuples(st.integers(-1200, 1200), st.integers(-1200, 1200))))
    cut = moments.trimmed(pairs, from_microseconds(low), from_microseconds(high))
    for at in range(low, high + 1, 7):
        assert local_microseconds(from_microseconds(at), cut) == local_microseconds(from_microseconds(at), pairs)
    assert set(cut) <= set(pairs)


TEXTS = st.text("ab*?[]%_\\^-é😀", min_size=1, max_size=6).map(str.strip).filter(bool)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8, unique=True), st.text("ab*?[]%_\\^-é😀", min_size=2, max_size=6))
def test_patterns_match_as_in_python(backend: SqlBackend, texts: list[str], pattern: str) -> None:
    """Whatever stands in text and pattern: GLOB finds whom the reference evaluation finds."""
    pattern = pattern.rstrip("\\") + "*a"
    spec = catalogue["contact.demographic.city"]
    leaf = Literal(TextMatch(spec, "matches", pattern))
    work = backend.begin()
    people = [Contact(city=text, version=1) for text in texts]
    work.contacts.add(people)
    holds = evaluator(leaf)
    expected = sorted(one.id for one in people if holds(Facts(contact=one)) is True)
    assert work.contacts.find(Query(leaf)) == expected
    assert work.contacts.find(Query(negate(leaf))) == sorted({one.id for one in people} - {*expected})
    work.rollback()


@settings(max_examples=150, deadline=None)
@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    st.sampled_from(["hour", "weekday"]),
    st.sampled_from([-86399, -3600, 0, 3600, 20700, 86399]),
)
def test_a_clock_before_1970_rounds_down(backend: SqlBackend, at: datetime, part: Any, offset: int) -> None:
    """From the year 1 to the year 9999, in any offset, SQLite shows what Python shows."""
    spec = catalogue[_AT]
    shown = (to_microseconds(at) + offset * 1_000_000) // (3_600_000_000 if part == "hour" else 86_400_000_000)
    value = shown % 24 if part == "hour" else (shown + 3) % 7 + 1
    leaf = Literal(Clock(spec, part, (value,), ((0, offset),)))
    work = backend.begin()
    work.contacts.add([Contact(acquired_at=at, version=1)])
    assert work.contacts.count(leaf) == 1
    assert work.contacts.count(negate(leaf)) == 0
    assert evaluator(leaf)(Facts(contact=Contact(acquired_at=at))) is True
    work.rollback()


def _plan(rule: Rule) -> list[str]:
    backend = SqlBackend.connect("sqlite://")
    work = backend.begin(is_read_only=True)
    query = work.contacts._active(bind(rule, Binding(now=NOW)), "member", schema.contact.c.id)
    compiled = query.compile(dialect=backend.engine.dialect, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in work._wire.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    work.rollback()
    backend.close()
    return plan


_RANGE = re.compile(
    r"SEARCH \w+ USING (COVERING )?INDEX ix_mim_interaction_contact_id \(tenant=\? AND contact_id=\? AND kind=\? AND at[<>]"
)


@pytest.mark.parametrize(
    ("rule", "searches"),
    [
        (nodes.EventTest(op="event_average", kind="purchase", of="event.quantity", within_days=9, comparison="at_least", value=2), 1),
        (nodes.EventMoment(op="last_event", kind="purchase", comparison="within_last_days", value=3), 1),
        (nodes.EventSequence(first=_BOUGHT, then=_BOUGHT, within_days=3), 2),
        (nodes.EventRegularity(events=_BOUGHT, at_least=2, of_periods=3, period_days=30), 1),
        (nodes.EventStart(events=_BOUGHT, within_days=3), 2),
        (nodes.EventRestart(events=_BOUGHT, gap_days=30, within_days=3), 3),
    ],
    ids=lambda value: value.op if isinstance(value, Rule) else None,
)  # fmt: skip
def test_questions_about_events_read_their_index(rule: Rule, searches: int) -> None:
    """One contact's events of one kind, between two moments; never the whole table."""
    of_events = [line for line in _plan(rule) if "mim_interaction" in line]
    assert len(of_events) == searches, of_events
    assert all(_RANGE.match(line) for line in of_events), of_events


def test_accounts_are_found_by_their_links() -> None:
    """The links of one contact by its id, the accounts by theirs."""
    big = nodes.Compare(op="at_least", field="account.firmographic.employees", value=100)
    plan = _plan(nodes.AccountTest(op="any_account", where=big))
    own = [line for line in plan if "mim_account" in line or "mim_contact_account" in line]
    assert len(own) == 2
    assert all(line.startswith("SEARCH") for line in own), plan


def test_records_that_equal_are_asked_of_the_index() -> None:
    """PostgreSQL's GIN index serves containment; a comparison of one field leaves it to the records."""
    kind = nodes.RecordCondition(name="kind", value="tablet")
    seen = nodes.RecordCondition(name="last_seen_at", comparison="within_last_days", value=30)
    dialect = postgresql.dialect()
    plain = _condition(nodes.HasRecord(field="contact.technology.devices", where=(kind,)), dialect)
    assert plain.startswith("(devices_folded @> CAST(")
    compared = _condition(nodes.HasRecord(field="contact.technology.devices", where=(kind, seen)), dialect)
    assert compared.startswith("EXISTS (SELECT 1 FROM jsonb_array_elements(devices_folded) AS e WHERE")


def test_custom_moments_compare_with_columns() -> None:
    """A date or an instant of a custom attribute is brought to one form with the engine's own."""
    since = CustomAttribute(name="since", kind="date").spec
    seen = CustomAttribute(name="seen_on", kind="instant").spec
    known = catalogue.extended([since, seen])
    pairs = [("contact.custom.since", "contact.demographic.birth_date"), (_AT, "contact.custom.seen_on")]
    people = [
        Contact(custom={"since": "1990-05-05"}, birth_date="1990-05-04", version=1),
        Contact(custom={"seen_on": NOW - timedelta(microseconds=1)}, acquired_at=NOW, version=1),
    ]
    backend = SqlBackend.connect("sqlite://")
    work = backend.begin()
    people = [one.model_copy(update={"custom": _typed(one, since, seen)}) for one in people]
    work.contacts.add(people)
    for at, (field, other) in enumerate(pairs):
        rule = nodes.CompareFields(field=field, comparison="more_than", other=other)
        bound = bind(rule, Binding(now=NOW, catalogue=known))
        assert work.contacts.find(Query(bound)) == [people[at].id]
        assert work.contacts.find(Query(negate(bound))) == []
        text = _condition(bound, postgresql.dialect())
        assert "to_char(birth_date" in text or "EXTRACT(EPOCH" in text
    work.rollback()
    backend.close()


def _typed(contact: Contact, *specs: Any) -> Any:
    values = {spec.short: spec.declaration.value(contact.custom.get(spec.short)) for spec in specs}
    return type(contact.custom)({name: value for name, value in values.items() if value is not None})


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (nodes.EventSequence(first=_BOUGHT, then=_BOUGHT, within_days=3), "the sequence of events"),
        (nodes.EventMoment(op="last_event", kind="purchase", comparison="older_than_days", value=3), "the count of events"),
        (nodes.AccountTest(op="any_account", where=nodes.Known(field="account.name")), "the accounts"),
        (nodes.AccountTest(op="account_count", where=nodes.Known(field="account.name"), comparison="at_least", value=1), "the accounts"),
        (nodes.Sample(percent=1, salt="x"), "the key of samples"),
        (nodes.ChangedWithin(field="contact.demographic.city", days=3), "history and consent"),
    ],
    ids=lambda value: value.op if isinstance(value, Rule) else None,
)  # fmt: skip
def test_a_map_without_companions_refuses_what_it_lacks(rule: Rule, named: str) -> None:
    """By name, when the rule is compiled."""
    with pytest.raises(UnsupportedConditionError, match=named):
        compile_rule(bind(rule, Binding(now=NOW)), AccountMap(schema.account))
