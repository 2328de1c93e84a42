"""React Query Builder's JSON: what it means, what is refused with its place, and what goes back to it unchanged."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import generate

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.interchange.query_builder_fields import OPERATORS
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import default_catalogue

c = f.contact


def leaf(field: str, operator: str, value: object = None, **more: object) -> dict[str, Any]:
    """One rule as the component exports it."""
    return {"field": field, "operator": operator, "valueSource": "value", "value": value, **more}


def group(*rules: object, combinator: str = "and", **more: object) -> dict[str, Any]:
    """One group as the component exports it."""
    return {"combinator": combinator, "not": False, "rules": list(rules), **more}


def read(*rules: object, **more: Any) -> nodes.Rule:
    """The rule of one group."""
    return mim.Rule.from_query_builder(group(*rules, **more))


DANE = leaf("country", "=", "DK")
ADULT = leaf("age", ">=", "18")

MEANING = {
    "equal": (leaf("country", "=", "DK"), c.country == "DK"),
    "not equal": (leaf("country", "!=", "DK"), c.country != "DK"),
    "less": (leaf("age", "<", 18), c.age < 18),
    "more": (leaf("age", ">", 18), c.age > 18),
    "at most": (leaf("age", "<=", 18), c.age <= 18),
    "at least": (leaf("age", ">=", 18), c.age >= 18),
    "contains": (leaf("city", "contains", "borg"), c.city.contains("borg")),
    "begins": (leaf("city", "beginsWith", "Aal"), c.city.starts_with("Aal")),
    "ends": (leaf("city", "endsWith", "borg"), c.city.ends_with("borg")),
    "does not contain": (leaf("city", "doesNotContain", "borg"), ~c.city.contains("borg")),
    "does not begin": (leaf("city", "doesNotBeginWith", "Aal"), ~c.city.starts_with("Aal")),
    "does not end": (leaf("city", "doesNotEndWith", "borg"), ~c.city.ends_with("borg")),
    "missing": (leaf("city", "null"), c.city.is_missing()),
    "known": (leaf("city", "notNull"), c.city.is_known()),
    "a stale value beside null": (leaf("city", "null", ["left", "over"]), c.city.is_missing()),
    "in, as an array": (leaf("country", "in", ["DK", "SE"]), c.country.is_in("DK", "SE")),
    "in, as text": (leaf("country", "in", "DK, SE"), c.country.is_in("DK", "SE")),
    "in, one value": (leaf("children", "in", 2), c.children.is_in(2)),
    "a comma inside a value": (leaf("city", "in", "a\\,b,c"), c.city.is_in("a,b", "c")),
    "an array keeps its commas": (leaf("city", "in", ["a,b", "c"]), c.city.is_in("a,b", "c")),
    "text with a comma": (leaf("city", "=", "a,b"), c.city == "a,b"),
    "not in": (leaf("country", "notIn", "DK,SE"), ~c.country.is_in("DK", "SE")),
    "between": (leaf("age", "between", [18, 30]), c.age.is_between(18, 30)),
    "between, as text": (leaf("age", "between", "18,30"), c.age.is_between(18, 30)),
    "not between": (leaf("age", "notBetween", "18,30"), ~c.age.is_between(18, 30)),
    "a number as text": (leaf("children", "=", " 2 "), c.children == 2),
    "a fraction as text": (leaf("account.ideal_customer_fit", ">", "0.5"), c.account.ideal_customer_fit > 0.5),
    "money as text": (leaf("annual_income", ">", "100.50 DKK"), c.annual_income > mim.money("100.50", "DKK")),
    "money as an object": (leaf("annual_income", ">", {"minor_units": 10050, "currency": "DKK"}), c.annual_income > mim.money("100.50", "DKK")),
    "money without decimals": (leaf("annual_income", "between", "1 JPY,2 JPY"), c.annual_income.is_between(mim.money(1, "JPY"), mim.money(2, "JPY"))),
    "a box that is ticked": (leaf("is_decision_maker", "=", True), c.is_decision_maker.is_true()),
    "a truth value as text": (leaf("is_decision_maker", "=", "false"), c.is_decision_maker.is_false()),
    "a date": (leaf("birth_date", "<", "1990-05-01"), c.birth_date < "1990-05-01"),
    "an instant": (leaf("acquired_at", ">=", "2026-03-01T00:00Z"), c.acquired_at >= "2026-03-01T00:00Z"),
    "tags share a value": (leaf("interests", "in", "golf,chess"), c.interests.overlaps("golf", "chess")),
    "tags hold a value": (leaf("interests", "contains", "golf"), c.interests.overlaps("golf")),
    "tags do not hold a value": (leaf("interests", "doesNotContain", "golf"), ~c.interests.overlaps("golf")),
    "no tags": (leaf("interests", "null"), c.interests.is_missing()),
    "codes share a value": (leaf("preferred_channels", "in", ["email", "sms"]), c.preferred_channels.overlaps("email", "sms")),
    "some devices": (leaf("devices", "notNull"), c.devices.is_known()),
    "the canonical name": (leaf("contact.demographic.country", "=", "DK"), c.country == "DK"),
    "entity and short name": (leaf("contact.country", "=", "DK"), c.country == "DK"),
    "the account's field": (leaf("account.country", "=", "DK"), c.account.country == "DK"),
    "screen keys": (leaf("country", "=", "DK", id="r-1", path=[0], disabled=True, muted=False), c.country == "DK"),
    "no value source": ({"field": "country", "operator": "=", "value": "DK"}, c.country == "DK"),
}  # fmt: skip


@pytest.mark.parametrize(("given_rule", "meant"), MEANING.values(), ids=MEANING)
def test_every_operator_has_its_meaning(given_rule: dict[str, Any], meant: nodes.Rule) -> None:
    """One rule in a group is that rule; what stands in a form is read as the field's kind."""
    assert read(given_rule) == meant


def test_groups_join_and_negate() -> None:
    """Groups of one part are that part; `not` negates the group; text and bytes are read as well."""
    dane, adult = c.country == "DK", c.age >= 18
    assert read(DANE, ADULT) == dane & adult
    assert read(DANE, ADULT, combinator="or") == dane | adult
    assert mim.Rule.from_query_builder({**group(DANE, ADULT), "not": True}) == ~(dane & adult)
    assert mim.Rule.from_query_builder({**group(leaf("country", "!=", "DK")), "not": True}) == dane
    assert read(group(group(DANE)), ADULT) == dane & adult
    assert read(group(DANE, ADULT), ADULT) == nodes.AllOf(rules=(dane & adult, adult))
    text = json.dumps(group(DANE, ADULT, id="root"))
    assert mim.Rule.from_query_builder(text) == mim.Rule.from_query_builder(text.encode()) == dane & adult


def test_independent_combinators_bind_as_in_sql() -> None:
    """`and` before `or`; brackets are groups; a single rule needs no combinator."""
    a, b, d = c.country == "DK", c.age >= 18, c.city == "Aarhus"
    rules = [DANE, ADULT, leaf("city", "=", "Aarhus")]

    def joined(*combinators: str) -> nodes.Rule:
        return mim.Rule.from_query_builder({"rules": [rules[0], combinators[0], rules[1], combinators[1], rules[2]]})

    assert joined("and", "or") == (a & b) | d
    assert joined("or", "and") == a | (b & d)
    assert joined("or", "or") == a | b | d
    assert mim.Rule.from_query_builder({"rules": [DANE], "not": True}) == ~a
    inner = {"rules": [rules[1], "or", rules[2]]}
    assert mim.Rule.from_query_builder({"rules": [rules[0], "and", inner]}) == a & (b | d)


def test_a_missing_value_stays_unknown_under_every_negation() -> None:
    """Nobody without a country is "not Danish", however that is written; `null` alone decides."""
    facts = mim.Facts(contact=mim.Contact())
    for rule in (leaf("country", "!=", "DK"), leaf("country", "notIn", "DK"), group(DANE, **{"not": True})):
        assert mim.evaluate(read(rule), facts) is None
    assert mim.evaluate(read(leaf("country", "null")), facts) is True
    assert mim.evaluate(read(leaf("interests", "notIn", "golf")), facts) is True


FORMAT, TYPE, FIELD = mim.RuleFormatError, mim.RuleTypeError, mim.UnknownFieldError
REFUSED = {
    "no group": ({"field": "country"}, FORMAT, (), "a group .* key 'rules'"),
    "nothing": ({}, FORMAT, (), "a group"),
    "an empty group": (group(), FORMAT, ("rules",), "empty, which would mean everybody"),
    "an empty group inside": (group(DANE, group()), FORMAT, ("rules", 1, "rules"), "empty"),
    "rules that are text": ({"combinator": "and", "rules": "abc"}, FORMAT, ("rules",), "empty"),
    "a rule that is text": (group("abc"), FORMAT, ("rules", 0), "JSON object"),
    "a rule that is null": (group(DANE, None), FORMAT, ("rules", 1), "JSON object"),
    "another combinator": (group(DANE, combinator="xor"), FORMAT, ("combinator",), "'and' or 'or'"),
    "a combinator that is null": (group(DANE, combinator=None), FORMAT, ("combinator",), "'and' or 'or'"),
    "not as text": (group(DANE, **{"not": "false"}), FORMAT, ("not",), "true or false"),
    "an unknown key of a group": (group(DANE, limit=3), FORMAT, ("limit",), "nothing is ever skipped"),
    "an unknown key of a rule": (group({**DANE, "lhs": {"kind": "field"}}), FORMAT, ("rules", 0, "lhs"), "nothing is ever skipped"),
    "a key that could be anything": (group({**DANE, "a b": 1}), FORMAT, ("rules", 0), "nothing is ever skipped"),
    "a muted rule": (group(DANE, {**DANE, "muted": True}), FORMAT, ("rules", 1, "muted"), "muted"),
    "a muted group": (group(DANE, group(DANE, muted=True)), FORMAT, ("rules", 1, "muted"), "muted"),
    "rules without combinators": ({"rules": [DANE, ADULT]}, FORMAT, ("rules", 1), "'and' or 'or'"),
    "a combinator at the end": ({"rules": [DANE, "and"]}, FORMAT, ("rules",), "ends with a combinator"),
    "a combinator at the start": ({"rules": ["and", DANE]}, FORMAT, ("rules", 0), "JSON object"),
    "two forms at once": (group(DANE, "and", ADULT), FORMAT, ("rules", 1), "JSON object"),
    "no field": (group({"operator": "=", "value": 1}), FORMAT, ("rules", 0, "field"), "missing"),
    "no field chosen": (group(leaf("~", "=", "")), FORMAT, ("rules", 0, "field"), "no field is chosen"),
    "an unknown field": (group(leaf("contry", "=", "DK")), FIELD, ("rules", 0, "field"), r"'contry' is not .* \(did you mean 'country'"),
    "a short name of accounts": (group(leaf("employees", ">", 1)), FIELD, ("rules", 0, "field"), r"account\.employees"),
    "an event's field": (group(leaf("event.product", "=", "x")), TYPE, ("rules", 0, "field"), "belongs to events"),
    "no operator": (group({"field": "country", "value": "DK"}), FORMAT, ("rules", 0, "operator"), "not an operator"),
    "an unknown operator": (group(leaf("country", "like", "D")), FORMAT, ("rules", 0, "operator"), "=, !=, in, notIn, null, notNull"),
    "order of codes": (group(leaf("country", "<", "DK")), TYPE, ("rules", 0, "operator"), "kind code"),
    "a list of ages": (group(leaf("age", "in", "1,2")), TYPE, ("rules", 0, "operator"), "kind age"),
    "equality of collections": (group(leaf("interests", "=", "golf")), TYPE, ("rules", 0, "operator"), "kind tags"),
    "an expression": (group(leaf("city", "=", "occupation", valueSource="expression")), FORMAT, ("rules", 0, "valueSource"), "expressions"),
    "no value": (group({"field": "country", "operator": "="}), FORMAT, ("rules", 0), "'value' is missing"),
    "null as a value": (group(leaf("country", "=", None)), FORMAT, ("rules", 0, "value"), "use 'null'"),
    "blank text": (group(leaf("city", "=", " ")), TYPE, ("rules", 0, "value"), "empty text"),
    "a wrong code": (group(leaf("gender", "=", "femal")), TYPE, ("rules", 0, "value"), "did you mean 'female'"),
    "a wrong code in an array": (group(leaf("gender", "in", ["male", "x"])), TYPE, ("rules", 0, "value", 1), "not one of"),
    "a wrong code in text": (group(leaf("gender", "in", "male,x")), TYPE, ("rules", 0, "value"), "not one of"),
    "a list for one value": (group(leaf("country", "=", ["DK"])), FORMAT, ("rules", 0, "value"), "takes one value"),
    "an empty list": (group(leaf("country", "in", [])), FORMAT, ("rules", 0, "value"), "list is empty"),
    "empty text as a list": (group(leaf("country", "in", "")), FORMAT, ("rules", 0, "value"), "list is empty"),
    "a hole in a list": (group(leaf("city", "in", "a,,b")), TYPE, ("rules", 0, "value"), "empty text"),
    "a range of one": (group(leaf("age", "between", "18")), FORMAT, ("rules", 0, "value"), "two values"),
    "a range of three": (group(leaf("age", "between", [1, 2, 3])), FORMAT, ("rules", 0, "value"), "two values"),
    "words as a number": (group(leaf("children", "=", "two")), TYPE, ("rules", 0, "value"), "str does not fit"),
    "a fraction as a whole number": (group(leaf("children", "=", "1.5")), TYPE, ("rules", 0, "value"), "str does not fit"),
    "NaN as text": (group(leaf("account.ideal_customer_fit", "=", "nan")), TYPE, ("rules", 0, "value"), "str does not fit"),
    "infinity as text": (group(leaf("account.ideal_customer_fit", "=", "1e999")), TYPE, ("rules", 0, "value"), "float does not fit"),
    "true as a number": (group(leaf("children", "=", True)), TYPE, ("rules", 0, "value"), "bool does not fit"),
    "yes as a truth value": (group(leaf("is_decision_maker", "=", "yes")), TYPE, ("rules", 0, "value"), "str does not fit"),
    "money without a currency": (group(leaf("annual_income", "=", "100")), TYPE, ("rules", 0, "value"), "100.00 DKK"),
    "money with half a cent": (group(leaf("annual_income", "=", "1.005 DKK")), TYPE, ("rules", 0, "value"), "more decimals"),
    "money in no currency": (group(leaf("annual_income", "=", "1 ZZZ")), TYPE, ("rules", 0, "value"), "currency"),
    "money as a number": (group(leaf("annual_income", "=", 100)), TYPE, ("rules", 0, "value"), "mim.money"),
    "money with more keys": (group(leaf("annual_income", "=", {"minor_units": 1, "currency": "DKK", "x": 1})), TYPE, ("rules", 0, "value"), "nothing else"),
    "money of true": (group(leaf("annual_income", "=", {"minor_units": True, "currency": "DKK"})), TYPE, ("rules", 0, "value"), "whole number"),
    "an object as text": (group(leaf("city", "=", {"minor_units": 1, "currency": "DKK"})), TYPE, ("rules", 0, "value"), "money amount does not fit"),
    "an instant without a zone": (group(leaf("acquired_at", ">", "2026-03-01T00:00")), TYPE, ("rules", 0, "value"), "no time zone"),
    "a long piece of text": (group(leaf("city", "contains", "x" * 501)), FORMAT, ("rules", 0, "value"), "too long"),
    "2,001 values": (group(leaf("city", "in", ["x"] * 2001)), FORMAT, ("rules", 0, "value"), "more than 2000 values"),
    "3,000 values in two lists": (group(*[leaf("city", "in", ["x"] * 1500)] * 2), FORMAT, (), "more than 2000 values"),
    "501 rules": (group(*[DANE] * 501), FORMAT, (), "more than 500 conditions"),
    "more than 64 KiB": (group(leaf("city", "=", "é" * 33_000)), FORMAT, (), "64 KiB"),
    "a value that is no JSON": (group(leaf("city", "=", object())), FORMAT, (), "plain JSON"),
    "NaN": (group(leaf("children", "=", float("nan"))), FORMAT, (), "NaN"),
    "a lone surrogate": (group(leaf("city", "=", "\ud800")), FORMAT, (), "UTF-8"),
    "text that is no JSON": ("hello", FORMAT, (), "not JSON"),
    "a JSON list": ("[1]", FORMAT, (), "a group"),
    "a list": ([1], FORMAT, (), "plain JSON"),
    "a key twice": ('{"rules": [], "rules": []}', FORMAT, (), "same key twice"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "error", "place", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_with_its_place(
    document: Any, error: type[mim.RuleError], place: tuple[str | int, ...], words: str
) -> None:
    """The kind of error, the JSON path as data and in the message, and the reason."""
    with pytest.raises(error, match=words) as caught:
        mim.Rule.from_query_builder(document)
    assert type(caught.value) is error
    assert caught.value.place == place
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("levels", [33, 150, 400, 1800])
def test_deep_nesting_is_refused(levels: int) -> None:
    """Whatever the depth, as text and as data, the error is ours."""
    text = '{"combinator":"and","rules":[' * levels + json.dumps(DANE) + "]}" * levels
    with pytest.raises(mim.RuleFormatError, match="nested"):
        mim.Rule.from_query_builder(text)
    data: Any = DANE
    for _ in range(levels):
        data = group(data)
    with pytest.raises(mim.RuleFormatError, match="nested"):
        mim.Rule.from_query_builder(data)


CANARY = "ana.canary@example.com"


def refusal(rule: object) -> str:
    """Everything the refusal of a rule says, or `none`."""
    try:
        read(rule)
    except mim.RuleError as error:
        return f"{error} {error!r} {error.place}"
    return "none"


@pytest.mark.parametrize("field", [one.name for one in default_catalogue() if one.entity != "event"])
def test_no_message_holds_a_value(field: str) -> None:
    """Every field, every operator, and names and keys as well: the canary is in no message."""
    for operator in (*OPERATORS[default_catalogue()[field].kind], CANARY):
        for value in (CANARY, [CANARY], {CANARY: CANARY}, f"{CANARY},", [CANARY, None]):
            assert "canary" not in refusal(leaf(field, operator, value))
    for wrong in (leaf(CANARY, "=", 1), {**DANE, CANARY: 1}, group(DANE, combinator=CANARY), CANARY):
        assert "canary" not in refusal(wrong) != "none"


class Expressible(generate.Rules):
    """Rules that React Query Builder can express, and now and then one that it cannot."""

    def rule(self, depth: int = 3) -> nodes.Rule:
        """Groups and negations."""
        if depth == 0 or self.rng.random() < 0.3:
            return self.condition()
        parts = tuple(self.rule(depth - 1) for _ in range(self.rng.choice((1, 2, 2, 3))))
        kind = self.rng.randrange(3)
        return nodes.Not(rule=parts[0]) if kind == 2 else (nodes.AllOf, nodes.AnyOf)[kind](rules=parts)

    def condition(self) -> nodes.Rule:
        """No events, records or odd ones."""
        makers = (
            self._code,
            self._text,
            self._integer,
            self._number,
            self._money,
            self._boolean,
            self._date,
            self._instant,
            self._age,
            self._collection,
            self._known,
        )
        return self.rng.choice(makers)()


def normal(rule: nodes.Rule) -> nodes.Rule:
    """The rule without groups of one part and without double negations."""
    match rule:
        case nodes.AllOf(rules=(one,)) | nodes.AnyOf(rules=(one,)):
            return normal(one)
        case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
            return type(rule)(rules=tuple(normal(one) for one in rules))
        case nodes.Not(rule=inner):
            return ~normal(inner)
        case _:
            return rule


def is_expressible(rule: nodes.Rule) -> bool:
    """What the docstring of `to_query_builder` says, in other words."""
    if isinstance(rule, nodes.Window) or (
        isinstance(rule, nodes.IsIn | nodes.Overlaps) and (not rule.values or rule.shape == "contains_all")
    ):
        return False
    return all(is_expressible(part) for part in rule.parts())


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 4))
def test_what_goes_out_comes_back_the_same(seed: int, depth: int) -> None:
    """Up to groups of one; through JSON text; and what cannot go out is refused."""
    rule = Expressible(random.Random(seed), generate.NOWS[0]).rule(depth)
    if not is_expressible(rule):
        with pytest.raises(mim.UnsupportedConditionError):
            rule.to_query_builder()
        return
    document = rule.to_query_builder()
    again = mim.Rule.from_query_builder(json.dumps(document, allow_nan=False))
    assert normal(again) == again == normal(rule)
    assert again.to_query_builder() == document


UNSUPPORTED = {
    "or_missing": ((c.country == "DK").or_missing(), "or_missing"),
    "event_count": (c.purchases.count() >= 1, "event_count"),
    "in_segment": (nodes.InSegment(segment="loyal"), "in_segment"),
    "within_last_days": (c.acquired_at.within_days(3), "within_last_days"),
    "has_record": (c.devices.any(kind="tablet"), "has_record"),
    "freshness": (c.city.freshness() >= 0.5, "freshness_at_least"),
    "undated": (c.city.is_undated(), "is_undated"),
    "everyone": (mim.everyone(), "everyone"),
    "contains_all": (c.interests.contains_all("a", "b"), "contains_all"),
    "an empty list": (c.country.is_in(), "list without values"),
    "an empty list of words": (c.interests.overlaps(), "overlaps"),
}


@pytest.mark.parametrize(("rule", "name"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_what_it_cannot_express_is_refused_by_name(rule: nodes.Rule, name: str) -> None:
    """With the place in mimcore's own JSON."""
    with pytest.raises(mim.UnsupportedConditionError, match=rf"at rule\.rules\[1\]\.rule: .*{name}"):
        ((c.age >= 18) & nodes.Not.model_validate({"rule": rule})).to_query_builder()


def test_an_exported_document_is_what_the_component_loads() -> None:
    """The outermost level is a group; negations use the component's own operators where it has one."""
    assert (c.country != "DK").to_query_builder() == group(leaf("contact.demographic.country", "!=", "DK"))
    assert (~(c.age >= 18)).to_query_builder() == {
        "combinator": "and",
        "not": True,
        "rules": [leaf("contact.demographic.age", ">=", 18)],
    }
    twice = nodes.Not(rule=nodes.Not(rule=nodes.Compare(op="at_least", field="contact.age", value=18)))
    assert (twice & (c.country == "DK")).to_query_builder()["rules"][0] == leaf("contact.age", ">=", 18)
    income = (c.annual_income == mim.money("-0.05", "DKK")) & (c.annual_income < mim.money(7, "JPY"))
    assert [one["value"] for one in income.to_query_builder()["rules"]] == ["-0.05 DKK", "7 JPY"]


def test_a_rule_that_fits_no_field_is_not_exported() -> None:
    """The same check as for JSON."""
    with pytest.raises(mim.UnknownFieldError, match="at rule"):
        nodes.Equals(field="contact.contry", value="DK").to_query_builder()


def test_the_configuration_offers_what_is_understood() -> None:
    """Every field of contacts and accounts once, as JSON; every operator it offers is read back for that field."""
    sample = {
        "text": "x",
        "integer": "1",
        "number": "1",
        "age": "1",
        "money": "1.00 DKK",
        "date": "2026-01-01",
        "instant": "2026-01-01T00:00Z",
        "boolean": True,
        "tags": "x",
    }
    offered = json.loads(json.dumps(mim.query_builder_fields()))
    assert [one["name"] for one in offered] == [one.name for one in default_catalogue() if one.entity != "event"]
    for one in offered:
        kind = default_catalogue()[one["name"]].kind.value
        value: Any = (
            one["values"][0]["name"]
            if one.get("values")
            else sample.get(kind, "x.dk" if "domain" in one["name"] else "spring")
        )
        for operator in one["operators"]:
            ends = [value, value] if "etween" in operator["name"] else value
            assert isinstance(read(leaf(one["name"], operator["name"], ends)), nodes.Rule)


def test_the_configuration_names_editors_and_options() -> None:
    """Select for one code, several for many, a box for yes and no; options by label."""
    fields = {one["name"]: one for one in mim.query_builder_fields()}
    assert fields["contact.demographic.country"]["values"][0] == {"name": "AF", "label": "Afghanistan"}
    assert fields["contact.demographic.country"]["valueEditorType"] == "select"
    assert fields["contact.preferences.channels"]["valueEditorType"] == "multiselect"
    assert {"name": "paid_search", "label": "Paid search"} in fields["contact.preferences.channels"]["values"]
    assert fields["contact.employment.is_decision_maker"]["valueEditorType"] == "checkbox"
    assert fields["contact.demographic.age"]["inputType"] == "number"
    assert fields["contact.demographic.birth_date"]["inputType"] == "date"
    assert fields["account.firmographic.annual_revenue"]["label"] == "Account: annual revenue"
    assert fields["account.firmographic.annual_revenue"]["placeholder"] == "100.00 DKK"


def test_another_catalogue_is_used() -> None:
    """A store's own attributes are read, written and offered like built-in ones."""
    spec = default_catalogue()["contact.demographic.city"]
    from dataclasses import replace

    more = default_catalogue().extended([replace(spec, name="contact.custom.club", short="club")])
    rule = mim.Rule.from_query_builder(group(leaf("club", "=", "chess")), catalogue=more)
    assert rule == nodes.Equals(field="contact.custom.club", value="chess")
    assert rule.to_query_builder(catalogue=more)["rules"][0]["field"] == "contact.custom.club"
    assert "contact.custom.club" in {one["name"] for one in mim.query_builder_fields(more)}
    with pytest.raises(mim.UnknownFieldError):
        mim.Rule.from_query_builder(group(leaf("club", "=", "chess")))
