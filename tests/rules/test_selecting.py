"""`mim.select` and `mim.answers`: contacts, facts, and objects of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from math import nan
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel
from tests.rules import generate
from tests.rules.engines import binding, facts

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import (
    InvalidValueError,
    MissingFactsError,
    RuleSyntaxError,
    RuleTypeError,
    UnknownFieldError,
    UnsupportedConditionError,
)
from mimcore.rules.evaluation.batches import MANY
from mimcore.rules.evaluation.evaluator import evaluate
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import Binding

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
SCORE = mim.attribute("score", kind="number")
SEEN = mim.attribute("seen_at", kind="instant")
VIP = mim.attribute("vip", kind="boolean")


class Land(StrEnum):
    """Codes may be members of an enum of text."""

    DK = "DK"
    SE = "SE"


@dataclass(slots=True)
class Customer:
    """Everything that may be mapped."""

    land: str | None = None
    town: str | None = None
    age: int | None = None
    born: date | None = None
    hobbies: Any = None
    score: float | None = None
    seen: datetime | None = None
    vip: bool | None = None


MAPPED = {
    f.contact.country: "land",
    f.contact.city: "town",
    f.contact.birth_date: "born",
    f.contact.interests: "hobbies",
    SCORE: "score",
    SEEN: "seen",
    VIP: "vip",
}
FIELDS = mim.objects(Customer, MAPPED)
CUSTOMERS = [
    Customer("DK", "Aarhus", 30, date(1996, 3, 31), ["Golf", "Opera"], 0.5, NOW, vip=True),
    Customer(Land.SE, "  Malmö ", 29, date(1996, 4, 1), ("opera",), 0.7, NOW - timedelta(days=30), vip=False),
    Customer("", " ", None, None, (), nan, None, None),
    Customer(None, None, None, None, None, None, None, None),
    Customer("NO", "AARHUS", 31, date(1995, 1, 1), {"golf"}, -0.0, NOW.astimezone(timezone(timedelta(hours=5)))),
]
ASKED: list[tuple[mim.Rule, list[bool | None]]] = [
    (f.contact.country == "DK", [True, False, None, None, False]),
    (f.contact.country.is_in("DK", "SE"), [True, True, None, None, False]),
    (f.contact.country.is_not("DK", or_missing=True), [False, True, True, True, True]),
    (f.contact.country.is_known(), [True, True, False, False, True]),
    (f.contact.city == "aarhus", [True, False, None, None, True]),
    (f.contact.city.starts_with("malm"), [False, True, None, None, False]),
    (~f.contact.city.contains("hus"), [False, True, None, None, False]),
    (f.contact.city.is_missing(), [False, False, True, True, False]),
    (f.contact.age >= 30, [True, False, None, None, True]),
    (f.contact.age.is_between(30, 30), [True, False, None, None, False]),
    (f.contact.birth_date > date(1996, 1, 1), [True, True, None, None, False]),
    (f.contact.interests.overlaps("GOLF"), [True, False, False, False, True]),
    (~f.contact.interests.overlaps("golf"), [False, True, True, True, False]),
    (f.contact.interests.is_known(), [True, True, False, False, True]),
    (SCORE >= 0.6, [False, True, None, None, False]),
    (SCORE < 0.6, [True, False, None, None, True]),
    (SCORE == 0, [False, False, None, None, True]),
    (SCORE != 0.5, [False, True, None, None, True]),
    (SCORE.is_known(), [True, True, False, False, True]),
    (SEEN.within_days(30), [True, True, None, None, True]),
    (SEEN.older_than_days(29), [False, True, None, None, False]),
    (VIP.is_true(), [True, False, None, None, None]),
    ((SCORE >= 0.6) | (f.contact.country == "DK"), [True, True, None, None, False]),
    ((SCORE < 0.6) & (f.contact.city != "malmö"), [True, False, None, None, True]),
]


@pytest.mark.parametrize("times", [1, MANY])
@pytest.mark.parametrize("number", range(len(ASKED)))
def test_own_objects_are_asked(number: int, times: int) -> None:
    """None, blank text and NaN are missing, an absent collection is empty; few and many, hand-computed."""
    rule, expected = ASKED[number]
    assert mim.answers(rule, CUSTOMERS * times, objects=FIELDS, now=NOW) == expected * times
    opposite = [None if one is None else not one for one in expected]
    if not isinstance(rule, nodes.OrMissing):
        assert mim.answers(~rule, CUSTOMERS * times, objects=FIELDS, now=NOW) == opposite * times
    for verdict, answer in (("member", True), ("non_member", False), ("unknown", None)):
        found: list[Any] = mim.select(rule, CUSTOMERS * times, verdict=verdict, objects=FIELDS, now=NOW)  # type: ignore[arg-type]
        assert found == [one for one, told in zip(CUSTOMERS * times, expected * times, strict=True) if told is answer]


def test_an_age_in_whole_years_may_be_mapped() -> None:
    """Where the object has an age, no birth date is asked for."""
    fields = mim.objects(Customer, {f.contact.age: "age"})
    for times in (1, MANY):
        assert (
            mim.answers(f.contact.age >= 30, CUSTOMERS * times, objects=fields)
            == [True, False, None, None, True] * times
        )
        assert (
            mim.answers(f.contact.age < 30, CUSTOMERS * times, objects=fields)
            == [False, True, None, None, False] * times
        )


class Row(NamedTuple):
    """A named tuple."""

    land: str | None


class Person(BaseModel):
    """An application's own pydantic model."""

    land: str | None


class Plain:
    """Only its objects know its attributes."""

    def __init__(self, land: str | None) -> None:
        self.land = land


@pytest.mark.parametrize("make", [Row, lambda land: Person(land=land), Plain])
def test_any_class_will_do(make: Any) -> None:
    """Named tuples, pydantic models, plain classes."""
    people = [make("DK"), make(None)]
    fields = mim.objects(type(people[0]), {f.contact.country: "land"})
    assert mim.select(f.contact.country == "DK", people, objects=fields) == people[:1]


@pytest.mark.parametrize("owner", [Row, Person, Customer])
def test_an_attribute_that_is_not_there_is_refused(owner: Any) -> None:
    """With the nearest one."""
    with pytest.raises(InvalidValueError, match="land"):
        mim.objects(owner, {f.contact.country: "lnd"})


def test_what_cannot_stand_in_one_attribute_is_refused() -> None:
    """Records, fields of accounts and events, and keys that are no fields."""
    for field in (f.contact.devices, f.account.employees):
        with pytest.raises(RuleTypeError):
            mim.objects(Customer, {field: "land"})
    wrong: Any = {"contact.country": "land"}
    with pytest.raises(RuleSyntaxError):
        mim.objects(Customer, wrong)


def test_a_sample_is_not_drawn_of_own_objects() -> None:
    """They have no id of ours."""
    with pytest.raises(UnsupportedConditionError, match="sample"):
        mim.select(f.contact.sample(percent=10, salt="spring"), CUSTOMERS, objects=FIELDS)
    everybody = [mim.Contact() for _ in range(MANY)]
    assert 20 < len(mim.select(f.contact.sample(percent=10, salt="spring"), everybody)) < 140


def test_a_field_that_is_not_mapped_is_refused_by_name() -> None:
    """And what objects never carry."""
    with pytest.raises(UnknownFieldError, match=r"contact\.employment\.title is not mapped .* Customer"):
        mim.select(f.contact.title == "CTO", CUSTOMERS, objects=FIELDS)
    with pytest.raises(MissingFactsError, match="events"):
        mim.select(f.contact.purchases.count() >= 1, CUSTOMERS, objects=FIELDS, now=NOW)
    with pytest.raises(MissingFactsError, match="states"):
        mim.select(f.contact.city.freshness() >= 0.5, CUSTOMERS, objects=FIELDS, now=NOW)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("land", 7),
        ("town", b"Aarhus"),
        ("born", datetime(1996, 1, 1, tzinfo=UTC)),
        ("hobbies", "golf"),
        ("score", "secret"),
        ("score", True),
        ("seen", datetime(2026, 1, 1)),
        ("vip", 1),
    ],
)
def test_a_value_of_another_kind_is_named_and_not_told(attribute: str, value: Any) -> None:
    """Text where a collection belongs, a time without a zone: a rule would misread them."""
    wrong = Customer()
    setattr(wrong, attribute, value)
    with pytest.raises(InvalidValueError) as refused:
        mim.select(f.contact.country == "DK", [wrong, *CUSTOMERS], objects=FIELDS, now=NOW)
    assert attribute in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_value_that_python_stumbles_over_later_is_named_too() -> None:
    """Beyond the first hundred, where only some rules read it."""
    wrong = Customer(seen=datetime(2026, 1, 1))
    with pytest.raises(InvalidValueError, match="seen"):
        mim.select(SEEN.within_days(30), [*CUSTOMERS * MANY, wrong], objects=FIELDS, now=NOW)


def test_an_object_of_another_class_is_refused() -> None:
    """By the names of both."""
    with pytest.raises(RuleTypeError, match=r"Customer.*Row"):
        mim.select(f.contact.country == "DK", [Row("DK")], objects=FIELDS)


# --- contacts and facts -----------------------------------------------------------------------------------------------


def test_many_facts_are_answered_as_each_alone() -> None:
    """150 generated rules, each on 30 people and on many: what `evaluate` says of every one."""
    world = generate.dataset(21, size=30)
    known = [facts(person, world) for person in world.people]
    inputs = binding(world)
    for rule in generate.rules(21, 150, world.now):
        expected = [evaluate(rule, one, binding=inputs) for one in known]
        assert mim.answers(rule, known, binding=inputs) == expected
        assert mim.answers(rule, known * 22, binding=inputs) == expected * 22


def test_the_instant_of_the_facts_is_that_of_the_question() -> None:
    """Unless another is given; facts of several instants need one."""
    contact = mim.Contact(acquired_at=NOW - timedelta(days=5))
    rule = f.contact.acquired_at.within_days(7)
    now, later = mim.Facts(contact=contact, now=NOW), mim.Facts(contact=contact, now=NOW + timedelta(days=10))
    assert mim.answers(rule, [now]) == [True]
    assert mim.answers(rule, [later]) == [False]
    assert mim.answers(rule, [now, later], now=NOW) == [True, True]
    assert mim.answers(rule, [now, later], binding=Binding(NOW)) == [True, True]
    with pytest.raises(InvalidValueError, match="now"):
        mim.answers(rule, [now, later])
    with pytest.raises(MissingFactsError):
        mim.select(rule, [contact])


def test_absent_companions_are_refused_for_many_too() -> None:
    """Even where the last one alone lacks them, and no condition would come to them."""
    rule = (f.contact.country == "DK") & (f.contact.purchases.count() >= 1)
    person = mim.Contact(country="SE")
    complete, bare = mim.Facts(contact=person, events=(), now=NOW), mim.Facts(contact=person, now=NOW)
    assert mim.answers(rule, [complete] * MANY) == [False] * MANY
    for people in ([complete] * 3 + [bare], [complete] * MANY + [bare], [person]):
        with pytest.raises(MissingFactsError, match="events"):
            mim.answers(rule, people, now=NOW)


def test_facts_and_contacts_together_are_refused() -> None:
    """Which of them would be read?"""
    with pytest.raises(InvalidValueError, match="people"):
        mim.select(f.contact.country == "DK", [mim.Contact(), mim.Facts(contact=mim.Contact())])


def test_nobody_is_no_mistake_and_a_wrong_rule_is_one() -> None:
    """The rule is checked whether there are people or not; people may come from a generator."""
    assert mim.select(f.contact.country == "DK", []) == []
    assert mim.answers(f.contact.country == "DK", iter([mim.Contact(country="DK")])) == [True]
    with pytest.raises(UnknownFieldError):
        mim.select(SCORE >= 1, [])
    assert mim.select(SCORE >= 1, [mim.Contact()], attributes=[SCORE]) == []
    wrong: Any = "members"
    with pytest.raises(InvalidValueError, match="verdict"):
        mim.select(f.contact.country == "DK", [], verdict=wrong)


def test_custom_attributes_are_asked_of_contacts() -> None:
    """A read that is no path is called."""
    people = [mim.Contact(custom={"score": 0.9}), mim.Contact(custom={"score": 0.1}), mim.Contact()] * MANY
    assert mim.answers(SCORE >= 0.5, people, attributes=[SCORE]) == [True, False, None] * MANY
