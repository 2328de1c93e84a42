"""When time alone turns an answer: by hand at every kind of edge, and by brute force over instants."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.rules import generate
from tests.rules.engines import binding as world_binding
from tests.rules.engines import facts as world_facts

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.errors import MissingFactsError
from mimcore.rules.evaluation.evaluator import evaluate
from mimcore.rules.evaluation.facts import Facts, PastValue
from mimcore.rules.explaining.flips.next_flip import next_flip
from mimcore.rules.language import nodes
from mimcore.rules.lowering.binding import Binding, SegmentReference
from mimcore.rules.lowering.value_conditions import freshness_cutoff
from mimcore.values.instants import to_microseconds
from mimcore.values.money import Money

US = timedelta(microseconds=1)
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COPENHAGEN = Binding(now=NOW, zone=ZoneInfo("Europe/Copenhagen"), half_lives={"slow": 100.0})


def _facts(contact: Contact | None = None, **companions: Any) -> Facts:
    return Facts(contact=contact or Contact(), now=NOW, **companions)


def _event(kind: str, at: datetime, **values: Any) -> Interaction:
    return Interaction(kind=kind, at=at, contact_id=Contact().id, **values)


ACQUIRED = _facts(Contact(acquired_at=NOW - 10 * DAY))
STARTED = _facts(Contact(job_started_on="2026-02-20"))
BOUGHT = _facts(events=[_event("purchase", NOW - 10 * DAY), _event("purchase", NOW - 3 * DAY)])
AT, ON = "contact.acquisition.at", "contact.employment.started_on"
BOUGHT_TWICE = nodes.EventTest(op="event_count", kind="purchase", within_days=30, comparison="at_least", value=2)
PURCHASES = nodes.EventPattern(kind="purchase")


@pytest.mark.parametrize(
    ("rule", "facts", "at", "answer"),
    [
        # Both ends of a rolling window belong to it: it is left one microsecond after.
        (nodes.Window(op="within_last_days", field=AT, days=30), ACQUIRED, NOW + 20 * DAY + US, False),
        (nodes.Window(op="older_than_days", field=AT, days=30), ACQUIRED, NOW + 20 * DAY + US, True),
        (nodes.Elapsed(field=AT, days=30), ACQUIRED, NOW + 20 * DAY, True),
        # Dates turn at the local midnight, which is 23:00 UTC in a Danish winter, 22:00 in summer.
        (nodes.Window(op="within_last_days", field=ON, days=30), STARTED, datetime(2026, 3, 22, 23, tzinfo=UTC), False),
        (nodes.Elapsed(field=ON, days=60), STARTED, datetime(2026, 4, 20, 22, tzinfo=UTC), True),
        # This month, for a moment in February, was over before; last month ends with March.
        (nodes.CalendarWindow(field=ON, period="this", unit="month"), STARTED, None, None),
        (
            nodes.CalendarWindow(field=ON, period="last", unit="month"),
            STARTED,
            datetime(2026, 3, 31, 22, tzinfo=UTC),
            False,
        ),
        (
            nodes.CalendarWindow(field=ON, period="last", unit="year", zone="America/New_York"),
            STARTED,
            datetime(2027, 1, 1, 5, tzinfo=UTC),
            True,
        ),
        # Eighteen from the first moment of the birthday on; born on 29 February, on 1 March.
        (
            nodes.Compare(op="at_least", field="contact.age", value=18),
            _facts(Contact(birth_date="2008-05-01")),
            datetime(2026, 4, 30, 22, tzinfo=UTC),
            True,
        ),
        (
            nodes.Compare(op="at_least", field="contact.age", value=19),
            _facts(Contact(birth_date="2008-02-29")),
            datetime(2027, 2, 28, 23, tzinfo=UTC),
            True,
        ),
        # Born in 2008, nobody knows when: undecided with the new year, decided a year later.
        (
            nodes.Compare(op="at_least", field="contact.age", value=19),
            _facts(Contact(birth_year=2008)),
            datetime(2026, 12, 31, 23, tzinfo=UTC),
            None,
        ),
        (
            nodes.Anniversary(field="contact.demographic.birth_date", days=7),
            _facts(Contact(birth_date="1990-05-01")),
            datetime(2026, 4, 23, 22, tzinfo=UTC),
            True,
        ),
        # Thirty days after the older purchase only one is left.
        (BOUGHT_TWICE, BOUGHT, NOW + 20 * DAY + US, False),
        (
            nodes.EventMoment(op="last_event", kind="purchase", comparison="older_than_days", value=5),
            BOUGHT,
            NOW + 2 * DAY + US,
            True,
        ),
        (nodes.EventStart(events=PURCHASES, within_days=30), BOUGHT, NOW + 20 * DAY + US, False),
        (nodes.EventRestart(events=PURCHASES, gap_days=5, within_days=4), BOUGHT, NOW + DAY + US, False),
        # Blocks are (now − (i+1)·7, now − i·7]: in 4 days both purchases lie in the second and third.
        (
            nodes.EventRegularity(events=PURCHASES, at_least=2, of_periods=2, period_days=7),
            BOUGHT,
            NOW + 4 * DAY,
            False,
        ),
        (
            nodes.EventSequence(first=PURCHASES, then=PURCHASES, within_days=8, since_days=12),
            BOUGHT,
            NOW + 2 * DAY + US,
            False,
        ),
        # An event that is still to come counts from its instant on.
        (
            nodes.EventTest(op="event_count", kind="visit", comparison="equals", value=1),
            _facts(events=[_event("visit", NOW + DAY)]),
            NOW + DAY,
            True,
        ),
        (
            nodes.ChangedWithin(field="contact.city", days=30),
            _facts(history=[PastValue("contact.demographic.city", "Odense", "Aarhus", NOW - 29 * DAY)]),
            NOW + DAY + US,
            False,
        ),
        (
            nodes.AccountTest(op="any_account", where=nodes.Equals(field="account.firmographic.country", value="DK")),
            _facts(accounts=[Account(name="Acme", country="DK")]),
            None,
            None,
        ),
        (nodes.Equals(field="contact.country", value="DK"), _facts(), None, None),
        (nodes.Everyone(), _facts(), None, None),
    ],
)
def test_by_hand(rule: nodes.Rule, facts: Facts, at: datetime | None, answer: bool | None) -> None:
    """The instant is exact to the microsecond."""
    found = next_flip(rule, facts, binding=COPENHAGEN)
    assert (None if found is None else (found.at, found.answer)) == (None if at is None else (at, answer))


def test_freshness_ends_with_its_key() -> None:
    """A key of now with a half-life of 100 days reaches 0.5 for exactly 100 days."""
    state = generate.State("slow", to_microseconds(NOW))
    rule = nodes.FreshnessTest(field="contact.city", value=0.5)
    facts = _facts(states={"contact.demographic.city": state})
    found = next_flip(rule, facts, binding=COPENHAGEN)
    assert found is not None
    assert (found.at, found.answer) == (NOW + 100 * DAY + US, False)
    assert freshness_cutoff(found.at - US, 100.0, 0.5) == state.key


def test_a_segment_is_looked_into() -> None:
    """What its rule waits for counts; circles are refused as everywhere."""
    inside = Binding(
        now=NOW,
        segment=lambda key: SegmentReference(key, nodes.Elapsed(field=AT, days=30)),
    )
    found = next_flip(~nodes.InSegment(segment="old"), ACQUIRED, binding=inside)
    assert found is not None
    assert str(found) == "false from 2026-03-21 12:00 UTC"


def test_it_needs_an_instant() -> None:
    """Nothing reads a clock."""
    with pytest.raises(MissingFactsError, match="now"):
        next_flip(nodes.Everyone(), Facts(contact=Contact()))


# --- brute force ------------------------------------------------------------------------------------------------------


def _condition(rng: random.Random) -> nodes.Rule:
    """One condition that depends on time."""
    days, name = rng.choice((0, 1, 3, 7, 20)), rng.choice((AT, ON, "contact.demographic.birth_date"))
    events = nodes.EventPattern(kind=rng.choice(("purchase", "visit")))
    unit = rng.choice(("day", "week", "month", "quarter", "year"))
    makers: tuple[Any, ...] = (
        lambda: nodes.Window(
            op=rng.choice(("within_last_days", "older_than_days", "within_next_days")), field=name, days=days
        ),
        lambda: nodes.Elapsed(field=name, days=days),
        lambda: nodes.CalendarWindow(
            field=name,
            period=rng.choice(("this", "last", "next")),
            unit=unit,
            week_start=rng.choice((None, "sunday")) if unit == "week" else None,
            zone=rng.choice((None, "America/New_York")),
        ),
        lambda: nodes.Anniversary(field=rng.choice((ON, "contact.demographic.birth_date")), days=days),
        lambda: nodes.Compare(
            op=rng.choice(("at_least", "at_most")), field="contact.age", value=rng.choice((17, 18, 26))
        ),
        lambda: nodes.EventTest(
            op="event_count",
            kind=events.kind,
            within_days=rng.choice((None, days)),
            comparison=rng.choice(("at_least", "equals")),
            value=rng.choice((0, 1, 2)),
            where=rng.choice((None, nodes.Window(op="within_last_days", field="event.at", days=days))),
        ),
        lambda: nodes.EventTest(
            op=rng.choice(("event_total", "event_minimum", "event_average")),
            kind=events.kind,
            within_days=days,
            comparison="at_least",
            value=nodes.MoneyLiteral(minor_units=rng.choice((100, 10_000)), currency="DKK"),
        ),
        lambda: nodes.EventMoment(
            op=rng.choice(("first_event", "last_event")),
            kind=events.kind,
            within_days=rng.choice((None, 20)),
            comparison=rng.choice(("within_last_days", "older_than_days")),
            value=days,
        ),
        lambda: nodes.EventSequence(
            first=events,
            then=nodes.EventPattern(kind="visit"),
            within_days=rng.choice((1, 7)),
            since_days=rng.choice((None, days)),
        ),
        lambda: nodes.EventRegularity(events=events, at_least=rng.choice((1, 2)), of_periods=3, period_days=7),
        lambda: nodes.EventStart(events=events, within_days=days),
        lambda: nodes.EventRestart(events=events, gap_days=rng.choice((1, 5)), within_days=days),
        lambda: nodes.ChangedWithin(field="contact.city", days=days),
        lambda: nodes.FreshnessTest(field="contact.city", value=rng.choice((0.5, 0.9))),
        lambda: nodes.HasRecord(
            field="contact.technology.devices",
            where=(nodes.RecordCondition(name="last_seen_at", comparison="within_last_days", value=days),),
        ),
        lambda: nodes.Equals(field="contact.country", value="DK"),
    )
    return rng.choice(makers)()


def _rule(rng: random.Random, depth: int = 2) -> nodes.Rule:
    if depth == 0 or rng.random() < 0.4:
        return _condition(rng)
    group = rng.choice((nodes.AllOf, nodes.AnyOf))
    made = group(rules=tuple(_rule(rng, depth - 1) for _ in range(2)))
    return rng.choice((made, nodes.Not(rule=made), nodes.OrMissing(rule=made)))


def _moment(rng: random.Random) -> datetime:
    return NOW + timedelta(days=rng.randrange(-25, 10), hours=rng.choice((0, 0, 11, 13)))


def _person(rng: random.Random) -> Facts:
    def day() -> date | None:
        return None if rng.random() < 0.2 else _moment(rng).date()

    contact = Contact(
        country=rng.choice(("DK", None)),
        acquired_at=rng.choice((None, _moment(rng))),
        job_started_on=day(),
        birth_date=rng.choice((date(2008, 2, 29), date(2008, 3, 20), date(2000, 3, 1), None)),
        devices=[{"kind": "tablet", "last_seen_at": _moment(rng)}],
    )
    events = [
        _event(
            rng.choice(("purchase", "visit")),
            _moment(rng),
            value=Money(minor_units=rng.choice((50, 20_000)), currency="DKK"),
        )
        for _ in range(rng.randrange(5))
    ]
    return _facts(
        contact,
        events=events,
        history=[PastValue("contact.demographic.city", "Odense", "Aarhus", _moment(rng))],
        states={"contact.demographic.city": generate.State("slow", to_microseconds(NOW) - rng.randrange(10**12))},
    )


def test_brute_force_over_instants() -> None:
    """Before the flip the answer is the same, up to the last microsecond; at the flip it is another."""
    rng, flips = random.Random(7), 0
    grid = [timedelta(hours=6 * step) for step in range(1, 4 * 40)] + [
        timedelta(days=9 * step) for step in range(5, 200)
    ]
    for _ in range(300):
        rule, facts = _rule(rng), _person(rng)
        found = next_flip(rule, facts, binding=COPENHAGEN)
        before = evaluate(rule, facts, binding=COPENHAGEN)

        def at(instant: datetime, rule: nodes.Rule = rule, facts: Facts = facts) -> bool | None:
            return evaluate(rule, facts, binding=replace(COPENHAGEN, now=instant))

        end = NOW + timedelta(days=2200) if found is None else found.at
        assert all(at(NOW + step) is before for step in rng.sample(grid, 80) if NOW + step < end), rule
        if found is not None:
            flips += 1
            assert found.answer is not before
            assert at(found.at - US) is before, rule
            assert at(found.at) is found.answer, rule
    assert flips > 90


def test_generated_rules_of_every_kind() -> None:
    """On the rules that all engines are compared with: what is said to flip does, and not a microsecond earlier."""
    for seed in range(300, 304):
        world = generate.dataset(seed, size=6)
        for rule in generate.rules(seed, 30, world.now):
            for person in world.people:
                facts, bound = world_facts(person, world), world_binding(world)
                found, before = next_flip(rule, facts, binding=bound), evaluate(rule, facts, binding=bound)
                if found is not None:
                    assert evaluate(rule, facts, binding=replace(bound, now=found.at - US)) is before
                    assert evaluate(rule, facts, binding=replace(bound, now=found.at)) is found.answer
