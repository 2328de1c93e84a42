"""The smallest change that turns membership: by hand for every sort of change, and by brute force on small worlds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.rules import generate
from tests.rules.engines import binding as world_binding
from tests.rules.engines import facts as world_facts

import mimcore as mim
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.rules.evaluation.evaluator import evaluate, evaluator
from mimcore.rules.evaluation.facts import Facts, PastValue
from mimcore.rules.explaining.flips.nearest_change import NearestChange, nearest_change
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding, SegmentReference
from mimcore.values.instants import to_microseconds
from mimcore.values.money import Money

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BINDING = Binding(now=NOW, zone=ZoneInfo("UTC"), half_lives={"slow": 100.0})
c = mim.fields.contact
ANA = Contact(country="DK", city="Odense", interests=["Golf"], household_size=2, birth_date="1990-05-01")


def _events(*days: int, kind: str = "purchase", **values: Any) -> list[Interaction]:
    return [Interaction(kind=kind, at=NOW - day * DAY, contact_id=ANA.id, **values) for day in days]


def _near(rule: nodes.Rule, contact: Contact = ANA, **companions: Any) -> NearestChange:
    return nearest_change(rule, Facts(contact=contact, now=NOW, **companions), binding=BINDING)


DKK = [
    Interaction(kind="purchase", at=NOW - 5 * DAY, contact_id=ANA.id, value=Money(minor_units=24_900, currency="DKK"))
]


@pytest.mark.parametrize(
    ("rule", "companions", "text"),
    [
        (c.country == "DK", {}, "would leave if country were not DK"),
        (c.country != "DK", {}, "would enter if country were not DK"),
        (c.country == "SE", {}, "would enter if country were SE"),
        (c.country.is_in("SE", "NO"), {}, "would enter if country were SE or NO"),
        (c.country.is_in("SE", "DK"), {}, "would leave if country were neither SE nor DK"),
        ((c.country == "SE") & (c.city == "Malmö"), {}, "would enter if country were SE and city were Malmö"),
        ((c.country == "SE") | (c.city == "Malmö"), {}, "would enter if country were SE"),
        (c.city.contains("hus"), {}, "would enter if city were such as “hus”"),
        (c.household_size >= 4, {}, "would enter if household size were at least 4"),
        (c.household_size.is_between(4, 6), {}, "would enter if household size were between 4 and 6"),
        ((c.household_size > 2) & (c.household_size < 5), {}, "would enter if household size were between 3 and 4"),
        (c.children >= 2, {}, "would enter if children were at least 2"),
        (c.education.is_missing(), {}, "would leave if education were known"),
        (c.city.is_known(), {}, "would leave if city were not known"),
        (c.interests.overlaps("Sailing"), {}, "would enter if interests included Sailing"),
        (~c.interests.overlaps("golf"), {}, "would enter if interests did not include Golf"),
        (c.interests.contains_all("golf", "chess"), {}, "would enter if interests included chess"),
        (c.devices.any(kind="tablet"), {}, "would enter if devices included one with kind tablet"),
        # Ninety days after the older of two purchases, one more is no longer enough.
        (
            c.purchases.count(within_days=90) >= 3,
            {"events": _events(51, 9)},
            "would enter with 1 more purchase before 9 April 2026",
        ),
        (c.purchases.count() >= 3, {"events": []}, "would enter with 3 more purchases"),
        (
            c.purchases.total(within_days=365) >= mim.money(1_000, "DKK"),
            {"events": DKK},
            "would enter with 1 more purchase of DKK 751.00 before 24 February 2027",
        ),
        (
            c.events("purchase").where(mim.fields.event.channel == "store").count() >= 1,
            {"events": _events(5)},
            "would enter with 1 more purchase with channel store",
        ),
        (mim.fields.account.employees >= 300, {"account": None}, "nothing that can change would make it enter"),
        (
            mim.fields.account.employees >= 300,
            {"account": Account(name="Acme", employees=12)},
            "would enter if the account's employees were at least 300",
        ),
        (
            nodes.AccountTest(op="any_account", where=mim.fields.account.employees >= 300),
            {"accounts": [Account(name="Acme", employees=12)]},
            "would enter with 1 more account with employees 300",
        ),
        (
            nodes.MayReceive(channel="email", purpose="newsletter"),
            {"permissions": frozenset()},
            "would enter with consent to newsletter by email",
        ),
        (
            nodes.FreshnessTest(field="contact.city", value=0.5),
            {"states": {"contact.demographic.city": generate.State("slow", to_microseconds(NOW - 400 * DAY))}},
            "would enter if city were confirmed today before 9 June 2026",
        ),
        # A new city is a change on record.
        (
            nodes.ChangedWithin(field="contact.city", days=30),
            {"history": []},
            "would enter if city were known",
        ),
        (
            nodes.EverBeen(field="contact.city", value="Malmö"),
            {"history": [PastValue("contact.demographic.city", "Skive", "Odense", NOW - DAY)]},
            "would enter if city were Malmö",
        ),
        (
            nodes.EventSequence(
                first=nodes.EventPattern(kind="download"), then=nodes.EventPattern(kind="demo_request"), within_days=14
            ),
            {"events": _events(4, kind="download")},
            "would enter with 1 more demo request before 11 March 2026",
        ),
        # A birth date and the past are left alone as long as time does it.
        (c.age >= 40, {}, "would enter by time alone on 1 May 2030"),
        (c.age < 36, {}, "would leave by time alone on 1 May 2026"),
        (c.age < 18, {}, "would enter if birth date were on or after 2008-03-02 before 2 March 2026"),
        (c.purchases.count() == 0, {"events": _events(3)}, "would enter with 1 fewer purchase in the past"),
        (
            c.purchases.lapsed(days=30),
            {"events": _events(10)},
            "would enter by time alone on 21 March 2026",
        ),
        (
            (c.country == "SE") | (c.age >= 40),
            {},
            "would enter if country were SE, or by time alone on 1 May 2030",
        ),
        ((c.city == "x") & (c.city == "y"), {}, "nothing that can change would make it enter"),
        (mim.everyone(), {}, "nothing that can change would make it leave"),
        (~mim.everyone(), {}, "nothing that can change would make it enter"),
    ],
)
def test_by_hand(rule: nodes.Rule, companions: dict[str, Any], text: str) -> None:
    """One sentence that says it all."""
    found = _near(rule, **companions)
    assert str(found) == text
    assert found.is_exact


def test_a_list_is_one_change() -> None:
    """A static segment is entered by standing on its list."""
    known = Binding(now=NOW, segment=lambda key: SegmentReference(key, None))
    facts = Facts(contact=ANA, listed_in=frozenset[str](), now=NOW)
    found = nearest_change(nodes.InSegment(segment="guests"), facts, binding=known)
    assert str(found) == "would enter if the contact stood on the list “guests”"


def test_what_is_told_and_what_is_not() -> None:
    """The change has field, before and after; no repr shows a value."""
    found = _near(c.city == "Aarhus")
    (change,) = found.changes
    assert (change.field, change.before, change.after) == ("contact.demographic.city", "Odense", "Aarhus")
    assert "Odense" not in repr(found)
    assert "Aarhus" not in repr(found)


def test_one_field_must_satisfy_all_its_conditions() -> None:
    """At least 4, and odd ones excluded: the same number must do for both."""
    rule = (c.household_size >= 4) & ~c.household_size.is_in(4, 5) & (c.household_size <= 6)
    assert str(_near(rule)) == "would enter if household size were 6"
    assert not _near((c.household_size > 4) & (c.household_size < 5)).changes


def test_one_change_that_turns_many_conditions_beats_two_that_turn_few() -> None:
    """What is counted first is what changes, then how many conditions that turns."""
    rule = (
        (c.country.is_in("SE", "NO") | (c.household_size >= 4))
        & (c.country.is_in("SE", "FI") | (c.city == "Ribe"))
        & ((c.country == "SE") | (c.household_size >= 4))
    )
    assert str(_near(rule)) == "would enter if country were SE"


def test_fields_that_are_compared_with_each_other() -> None:
    """One of them moves past the other."""
    rule = nodes.CompareFields(field="contact.children", comparison="more_than", other="contact.household_size")
    found = _near(rule, Contact(children=1, household_size=2))
    assert len(found.changes) == 1
    children, size = 1, 2
    (change,) = found.changes
    children, size = (change.after, size) if change.field.endswith("children") else (children, change.after)
    assert children > size


def test_more_than_sixteen_fields_are_not_promised() -> None:
    """Seventeen kinds of change: still proposed, marked as not exact."""
    pages = [mim.attribute(f"page_{number}", kind="integer") for number in range(17)]
    rule = pages[0] == 1
    for page in pages[1:]:
        rule = rule & (page == 1)
    found = nearest_change(rule, Facts(contact=ANA, now=NOW), attributes=pages)
    assert (len(found.changes), found.is_exact) == (17, False)
    found = nearest_change(rule.parts()[0] & rule.parts()[1], Facts(contact=ANA, now=NOW), attributes=pages)
    assert (len(found.changes), found.is_exact) == (2, True)


# --- brute force ------------------------------------------------------------------------------------------------------

COUNTRIES, CITIES, SIZES, TRUTHS = (
    (None, "DK", "SE", "NO"),
    (None, "Aarhus", "Ab", "Odense", "Oslo", "Ribe"),
    (None, 0, 1, 2, 3, 4),
    (None, True, False),
)
INTERESTS = ((), ("golf",), ("chess",), ("golf", "chess"))
AMOUNTS = (None, 100, 200)
SHORT = {
    "contact.demographic.country": "country",
    "contact.demographic.city": "city",
    "contact.demographic.household_size": "household_size",
    "contact.employment.is_decision_maker": "is_decision_maker",
    "contact.psychographic.interests": "interests",
}


def _condition(rng: random.Random) -> nodes.Rule:
    kinds = ("at_least", "more_than", "at_most", "less_than", "equals")
    money = nodes.MoneyLiteral(minor_units=rng.choice((100, 200)), currency="DKK")
    makers: tuple[Any, ...] = (
        lambda: c.country.is_in(*rng.sample(("DK", "SE", "NO"), rng.choice((1, 2)))),
        lambda: c.city == rng.choice(("Aarhus", "Odense")),
        lambda: c.city.starts_with(rng.choice("ao")),
        lambda: nodes.Compare(op=rng.choice(kinds[:4]), field="contact.household_size", value=rng.choice((1, 2, 3))),
        lambda: c.household_size == rng.choice((1, 2, 3)),
        lambda: c.is_decision_maker == rng.choice((True, False)),
        lambda: c.interests.overlaps(*rng.sample(("golf", "chess"), rng.choice((1, 2)))),
        lambda: c.interests.contains_all("golf", "chess"),
        lambda: rng.choice((c.city, c.country, c.household_size, c.interests)).is_known(),
        lambda: nodes.EventTest(
            op="event_count", kind="purchase", comparison=rng.choice(kinds), value=rng.choice((1, 2))
        ),
        lambda: nodes.EventTest(op="event_total", kind="purchase", comparison=rng.choice(kinds[:2]), value=money),
    )
    return rng.choice(makers)()


def _rule(rng: random.Random, depth: int = 3) -> nodes.Rule:
    if depth == 0 or rng.random() < 0.2:
        return _condition(rng)
    group = rng.choice((nodes.AllOf, nodes.AnyOf))
    made = group(rules=tuple(_rule(rng, depth - 1) for _ in range(rng.choice((2, 3)))))
    return rng.choice((made, made, nodes.Not(rule=made), nodes.OrMissing(rule=made)))


def _purchases(amounts: tuple[int | None, ...]) -> list[Interaction]:
    values = [None if one is None else Money(minor_units=one, currency="DKK") for one in amounts]
    return [Interaction(kind="purchase", at=NOW, contact_id=ANA.id, value=value) for value in values]


def _worlds() -> Iterator[tuple[tuple[Any, ...], Contact]]:
    for values in product(COUNTRIES, CITIES, SIZES, TRUTHS, INTERESTS):
        yield values, Contact(**dict(zip(SHORT.values(), values, strict=True)))


ADDED = [_purchases(one) for number in range(4) for one in product(AMOUNTS, repeat=number)]


def test_no_smaller_change_does_and_this_one_really_does() -> None:
    """On worlds of five fields and the purchases, against every world there is."""
    rng, worlds, turned = random.Random(11), list(_worlds()), 0
    for _ in range(45):
        rule = _rule(rng)
        start, contact = worlds[rng.randrange(len(worlds))]
        bought = _purchases(tuple(rng.choice(AMOUNTS) for _ in range(rng.choice((0, 0, 1)))))
        facts = Facts(contact=contact, events=bought, now=NOW)
        found, test = nearest_change(rule, facts, binding=BINDING), evaluator(bind(rule, BINDING))
        belongs = test(facts) is True

        by_size: dict[int, bool] = {}
        for values, other in worlds:
            size = sum(one != another for one, another in zip(values, start, strict=True))
            for more in ADDED if _asks_for_events(rule) else ADDED[:1]:
                number = size + bool(more)
                if not by_size.get(number) and min(by_size, default=9) > number:
                    answer = test(Facts(contact=other, events=[*bought, *more], now=NOW))
                    if (answer is True) is not belongs:
                        by_size[number] = True

        fewest = min(by_size, default=None)
        if found.is_past or not found.changes:
            assert fewest is None, rule
            continue
        turned += 1
        assert fewest == len(found.changes), (rule, str(found))
        assert found.is_exact or len(found.changes) > 1
        assert (test(_applied(found, start, bought)) is True) is not belongs, (rule, str(found))
    assert turned > 30


def _asks_for_events(rule: nodes.Rule) -> bool:
    return isinstance(rule, nodes.EventTest) or any(_asks_for_events(part) for part in rule.parts())


def _applied(found: NearestChange, start: tuple[Any, ...], bought: list[Interaction]) -> Facts:
    """Make the change for real, on a contact and events of the ordinary kind."""
    values, events = dict(zip(SHORT.values(), start, strict=True)), list(bought)
    for change in found.changes:
        if change.part == "events":
            events += _purchases(
                tuple(value.minor_units if (value := one.get("event.value")) else None for one in change.after)
            )
        else:
            values[SHORT[change.field]] = change.after
    return Facts(contact=Contact(**values), events=events, now=NOW)


def test_generated_rules_of_every_kind() -> None:
    """Whatever is proposed has a sentence, and the same answer at its start as the evaluation."""
    proposed = 0
    for seed in range(400, 404):
        world = generate.dataset(seed, size=4)
        for rule in generate.rules(seed, 25, world.now):
            for person in world.people:
                facts, bound = world_facts(person, world), world_binding(world)
                found = nearest_change(rule, facts, binding=bound)
                assert found.answer is evaluate(rule, facts, binding=bound)
                assert str(found)
                proposed += bool(found.changes)
    assert proposed > 200


def test_dates_that_have_been_stay() -> None:
    """A job that began last month did; one that begins next month may be moved."""
    rule = mim.fields.contact.job_started_on < "2026-01-01"
    began = _near(rule, Contact(job_started_on=date(2026, 2, 1)))
    begins = _near(rule, Contact(job_started_on=date(2026, 4, 1)))
    assert (began.is_past, begins.is_past) == (True, False)
