"""JsonLogic: the part that means the same, in and out, against an independent evaluator; all else refused by name."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.language import nodes

c = f.contact
COUNTRY, AGE, CHILDREN, CITY = ({"var": name} for name in ("country", "age", "children", "city"))
CHANNELS, BOSS, BORN, WORDS = (
    {"var": name} for name in ("preferred_channels", "is_decision_maker", "birth_date", "interests")
)

MEANING: dict[str, tuple[Any, nodes.Rule]] = {
    "strictly equal": ({"===": [COUNTRY, "DK"]}, c.country == "DK"),
    "not equal": ({"!==": [COUNTRY, "DK"]}, c.country != "DK"),
    "equal, of one type": ({"==": [CHILDREN, 2]}, c.children == 2),
    "the value first": ({"!=": ["DK", COUNTRY]}, c.country != "DK"),
    "less": ({"<": [CHILDREN, 2]}, c.children < 2),
    "mirrored": ({"<": [2, CHILDREN]}, c.children > 2),
    "between": ({"<=": [1, CHILDREN, 3]}, (c.children >= 1) & (c.children <= 3)),
    "an age": ({">=": [AGE, 18]}, c.age >= 18),
    "a date": ({"<": [BORN, "1990-05-01"]}, c.birth_date < "1990-05-01"),
    "in a list": ({"in": [COUNTRY, ["DK", "SE"]]}, c.country.is_in("DK", "SE")),
    "in a collection": ({"in": ["email", CHANNELS]}, c.preferred_channels.overlaps("email")),
    "some": ({"some": [CHANNELS, {"in": [{"var": ""}, ["email", "sms"]]}]}, c.preferred_channels.overlaps("email", "sms")),
    "none": ({"none": [CHANNELS, {"===": [{"var": ""}, "email"]}]}, ~c.preferred_channels.overlaps("email")),
    "null": ({"===": [CITY, None]}, c.city.is_missing()),
    "not null": ({"!=": [CITY, None]}, c.city.is_known()),
    "missing": ({"missing": ["city", "country"]}, c.city.is_missing() | c.country.is_missing()),
    "a flag": (BOSS, c.is_decision_maker.is_true()),
    "twice not": ({"!!": [BOSS]}, c.is_decision_maker.is_true()),
    "not": ({"!": BOSS}, ~c.is_decision_maker.is_true()),
    "a collection that is not empty": ({"!!": [CHANNELS]}, c.preferred_channels.is_known()),
    "joined": ({"or": [{"and": [BOSS, {"===": [COUNTRY, "DK"]}]}, True]}, (c.is_decision_maker.is_true() & (c.country == "DK")) | mim.everyone()),
    "a canonical name": ({"===": [{"var": ["contact.demographic.country"]}, "DK"]}, c.country == "DK"),
    "an account's field": ({">": [{"var": "account.employees"}, 9]}, c.account.employees > 9),
}  # fmt: skip


@pytest.mark.parametrize(("document", "meant"), MEANING.values(), ids=MEANING)
def test_every_construct_has_its_meaning(document: Any, meant: nodes.Rule) -> None:
    """One construct, one rule."""
    assert mim.Rule.from_json_logic(document) == meant


def test_text_is_read_only_where_folding_is_meant() -> None:
    """JsonLogic compares letter by letter, mimcore folded."""
    document = {
        "and": [{"in": ["arh", CITY]}, {"===": [CITY, "Aarhus"]}, {"some": [WORDS, {"===": [{"var": ""}, "golf"]}]}]
    }
    with pytest.raises(mim.RuleTypeError, match=r"at and\[0\].in: text is compared there letter by letter"):
        mim.Rule.from_json_logic(document)
    meant = c.city.contains("arh") & (c.city == "Aarhus") & c.interests.overlaps("golf")
    assert mim.Rule.from_json_logic(document, folded_text=True) == meant


REFUSED: dict[str, tuple[Any, type[mim.RuleError], str]] = {
    "a converting comparison": ({"==": [CHILDREN, "1"]}, mim.RuleTypeError, r"at ==: .* a str does not fit"),
    "a boolean for a number": ({"==": [CHILDREN, True]}, mim.RuleTypeError, "a bool does not fit"),
    "order across types": ({"<": [CHILDREN, "2"]}, mim.RuleTypeError, r"at <: "),
    "order with null": ({"<": [CHILDREN, None]}, mim.RuleTypeError, "null is taken for 0"),
    "order of codes": ({"<": [COUNTRY, "SE"]}, mim.RuleTypeError, "has no order"),
    "order of instants": ({"<": [{"var": "acquired_at"}, "2026-01-01T00:00Z"]}, mim.RuleTypeError, "compared there as text"),
    "a date of another form": ({"<": [BORN, "19900501"]}, mim.RuleTypeError, "YYYY-MM-DD"),
    "money": ({">": [{"var": "annual_income"}, 5]}, mim.RuleTypeError, "no money"),
    "arithmetic": ({">": [{"+": [CHILDREN, 1]}, 2]}, mim.RuleFormatError, r"at >: one side is a field"),
    "arithmetic alone": ({"and": [{"%": [CHILDREN, 2]}]}, mim.RuleFormatError, r"at and\[0\].%: rules do not calculate"),
    "cat": ({"cat": ["a", CITY]}, mim.RuleFormatError, "put texts together"),
    "substr": ({"substr": [CITY, 1]}, mim.RuleFormatError, "put texts together"),
    "if": ({"if": [BOSS, True, False]}, mim.RuleFormatError, "no branches"),
    "all": ({"all": [CHANNELS, {"===": [{"var": ""}, "email"]}]}, mim.RuleFormatError, "empty list is false"),
    "missing some": ({"missing_some": [1, ["city"]]}, mim.RuleFormatError, "write it with"),
    "filter": ({"!!": [{"filter": [CHANNELS, True]}]}, mim.RuleFormatError, "do not make lists"),
    "an unknown operator": ({"regexp": [CITY, "("]}, mim.RuleFormatError, "at …: this operator is not known"),
    "two operators": ({"and": [True], "or": [True]}, mim.RuleFormatError, "one operator"),
    "an empty group": ({"and": []}, mim.RuleFormatError, "has no condition"),
    "a default": ({"===": [{"var": ["country", "DK"]}, "DK"]}, mim.RuleFormatError, "without a default"),
    "two fields": ({"===": [COUNTRY, COUNTRY]}, mim.RuleFormatError, "one value"),
    "a number as a condition": ({"or": [1, True]}, mim.RuleFormatError, r"at or\[0\]"),
    "a text as a condition": ({"and": [CITY]}, mim.RuleTypeError, "no condition by itself"),
    "a field nobody declared": ({"===": [{"var": "contry"}, "DK"]}, mim.UnknownFieldError, "country"),
    "a code that is none": ({"===": [COUNTRY, "XX"]}, mim.RuleTypeError, "at ===: "),
    "an event's field": ({"===": [{"var": "event.kind"}, "visit"]}, mim.UnknownFieldError, "not a declared field"),
    "a test with more": ({"some": [CHANNELS, {"!==": [{"var": ""}, "email"]}]}, mim.RuleFormatError, r"at some\[1\]"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_all_else_is_refused_with_path_and_reason(document: Any, error: type[mim.RuleError], words: str) -> None:
    """Nothing is converted, calculated or skipped."""
    with pytest.raises(error, match=words):
        mim.Rule.from_json_logic(document)


# --- an evaluator of its own ------------------------------------------------------------------------------------------


def truthy(value: Any) -> bool:
    """As JsonLogic: an empty list is false."""
    return bool(value)


def apply(logic: Any, data: Any) -> Any:  # noqa: C901 - one case for each operator
    """JsonLogic by its description, for the operators that are read; null is 0 in an order, as in JavaScript."""
    if not isinstance(logic, dict):
        return logic
    ((operator, given),) = logic.items()
    given = given if isinstance(given, list) else [given]
    if operator == "var":
        return data if given[0] == "" else data.get(given[0])
    if operator in {"some", "none"}:
        held = any(truthy(apply(given[1], one)) for one in apply(given[0], data) or [])
        return held is (operator == "some")
    values = [apply(one, data) for one in given]
    match operator:
        case "and":
            return all(map(truthy, values))
        case "or":
            return any(map(truthy, values))
        case "!" | "!!":
            return truthy(values[0]) is (operator == "!!")
        case "===" | "==":
            return type(values[0]) is type(values[1]) and values[0] == values[1]
        case "!==" | "!=":
            return not (type(values[0]) is type(values[1]) and values[0] == values[1])
        case "in":
            return values[1] is not None and values[0] in values[1]
        case "<" | "<=" | ">" | ">=":
            return all(_in_order(operator, one, two) for one, two in pairwise(values))
        case _:
            raise AssertionError(operator)


def _in_order(operator: str, one: Any, two: Any) -> bool:
    first, second = (0 if value is None else value for value in (one, two))
    return {"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}[operator]


def _logic(rng: random.Random, depth: int = 3) -> Any:
    if depth and rng.random() < 0.6:
        operator = rng.choice(("and", "or", "!"))
        return {operator: [_logic(rng, depth - 1) for _ in range(1 if operator == "!" else rng.randint(1, 3))]}
    number = rng.randint(0, 3)
    return rng.choice(
        (
            {rng.choice(("===", "!==", "==", "!=")): [COUNTRY, rng.choice(("DK", "SE"))]},
            {rng.choice(("<", "<=", ">", ">=")): rng.choice(([CHILDREN, number], [number, CHILDREN]))},
            {rng.choice(("<", "<=")): [number, CHILDREN, 3]},
            {"in": [COUNTRY, rng.choice((["DK"], ["SE", "NO"], []))]},
            {"in": ["email", CHANNELS]},
            {rng.choice(("some", "none")): [CHANNELS, {"in": [{"var": ""}, ["sms", "store"]]}]},
            BOSS,
        )
    )


def _person(rng: random.Random, *, missing: float) -> tuple[mim.Contact, dict[str, Any]]:
    values: dict[str, Any] = {
        "country": rng.choice(("DK", "SE", "NO")),
        "children": rng.randint(0, 4),
        "preferred_channels": rng.sample(("email", "sms", "store"), rng.randint(0, 3)),
        "is_decision_maker": rng.random() < 0.5,
    }
    known = {name: value for name, value in values.items() if name == "preferred_channels" or rng.random() >= missing}
    names = {name: mim.Rule.from_json_logic({"===": [{"var": name}, None]}).rule.field for name in values}  # type: ignore[attr-defined]
    data = {**{name: known.get(name) for name in values}, **{names[name]: known.get(name) for name in values}}
    return mim.Contact(**known), data


def test_where_all_is_known_the_answer_is_that_of_jsonlogic() -> None:
    """400 random rules, 25 people each."""
    rng = random.Random(7)
    people = [_person(rng, missing=0) for _ in range(25)]
    for _ in range(400):
        logic = _logic(rng)
        rule = mim.Rule.from_json_logic({"and": [logic]})
        for contact, data in people:
            assert mim.evaluate(rule, mim.Facts(contact=contact)) is truthy(apply(logic, data)), logic


def test_what_is_written_is_true_for_exactly_the_members() -> None:
    """300 random rules with people of whom little is known: JsonLogic selects the members, and reading it back too."""
    rng = random.Random(8)
    people = [_person(rng, missing=0.4) for _ in range(25)]
    for _ in range(300):
        rule = mim.Rule.from_json_logic({"and": [_logic(rng)]})
        rule = rule.or_missing() if rng.random() < 0.3 else rule
        written = rule.to_json_logic()
        for contact, data in people:
            answer = mim.evaluate(rule, mim.Facts(contact=contact)) is True
            assert truthy(apply(written, data)) is answer, written
        assert mim.are_equivalent(mim.Rule.from_json_logic(written), rule).is_yes


def test_what_has_no_counterpart_is_not_written() -> None:
    """By name and path."""
    for rule, words in (
        (c.purchases.count() > 2, "event_count"),
        (c.in_segment("danes"), "in_segment"),
        ((c.country == "DK") & c.acquired_at.within_days(3), r"at rule.rules\[1\]: .*instant"),
        (c.city == "Aarhus", "folded_text"),
        (c.annual_income > mim.money(5, "DKK"), "money"),
        (c.account.tags.overlaps("a"), "collections of accounts"),
    ):
        with pytest.raises(mim.UnsupportedConditionError, match=words):
            rule.to_json_logic()
    assert (c.city == "Aarhus").to_json_logic(folded_text=True) == {
        "===": [{"var": "contact.demographic.city"}, "Aarhus"]
    }
    assert mim.everyone().to_json_logic() == {"!!": [True]}
    assert mim.Rule.from_json_logic({"!!": [True]}) == mim.everyone()
