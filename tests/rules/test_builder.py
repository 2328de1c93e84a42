"""Rules as they are written in Python: what the operators build, and the traps that are refused with the right spelling."""

from __future__ import annotations

import pytest

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.errors import RuleSyntaxError, RuleTypeError, UnknownFieldError
from mimcore.rules.language import nodes
from mimcore.rules.writing.events import EventsField
from mimcore.rules.writing.fields import (
    AgeField,
    BooleanField,
    CodeField,
    InstantField,
    IntegerField,
    MoneyField,
    RecordsField,
    TagsField,
    TextField,
)
from mimcore.values.money import money

AGE = AgeField("contact.age")
COUNTRY = CodeField("contact.country")
CITY = TextField("contact.city")
INTERESTS = TagsField("contact.interests")
DEVICES = RecordsField("contact.devices")
DECIDES = BooleanField("contact.is_decision_maker")
CHILDREN = IntegerField("contact.children")
PURCHASES = EventsField()("purchase")
A, B, C = COUNTRY == "DK", CITY == "Aarhus", AGE >= 18

TRAPS = {
    "precedence of &": (lambda: A & PURCHASES.count() >= 3, "put brackets round each comparison"),
    "precedence of & on the right": (lambda: PURCHASES.count() >= 3 & A, "put brackets"),
    "precedence of |": (lambda: A | AGE >= 3, "put brackets round each comparison"),
    "a field where a rule belongs": (lambda: A & DECIDES, "not a rule"),
    "a field on the left": (lambda: DECIDES & A, "put brackets"),
    "two fields": (lambda: AGE | CHILDREN, "put brackets"),
    "chained comparison": (lambda: 18 <= AGE <= 30, r"is_between\(18, 30\)"),
    "chained count": (lambda: 1 < PURCHASES.count() < 3, r"is_between\(18, 30\)"),
    "and": (lambda: A and B, r"`a & b` instead of `a and b`"),
    "or": (lambda: A or B, r"`a \| b` instead of `a or b`"),
    "not": (lambda: not A, "`~a` instead of `not a`"),
    "if": (lambda: 1 if A else 2, "instead of `if rule`"),
    "while on a field": (lambda: bool(AGE), "no truth value"),
    "not on a field": (lambda: not DECIDES, "no truth value"),
    "~ on a field": (lambda: ~DECIDES, "is_missing"),
    "a plain True": (lambda: A & True, "mim.everyone"),
    "a plain False on the left": (lambda: False | A, "mim.everyone"),
    "equal to None": (lambda: COUNTRY == None, r"\.is_missing\(\)"),  # noqa: E711
    "unequal to None": (lambda: COUNTRY != None, r"\.is_known\(\)"),  # noqa: E711
    "at least None": (lambda: AGE >= None, r"\.is_missing\(\)"),
    "in a list of values": (lambda: COUNTRY in ["DK", "SE"], "no truth value"),
    "a number": (lambda: A | 3, "not a rule"),
    "any() of nothing": (DEVICES.any, r"\.is_known\(\)"),
    "where with a field": (lambda: PURCHASES.where(AGE), "not a rule"),
    "sum of rules": (lambda: all([A, B]), "no truth value"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_refused_with_the_right_spelling(name: str) -> None:
    """Python would quietly mean something else; the message says what to write."""
    write, spelling = TRAPS[name]
    with pytest.raises(RuleSyntaxError, match=spelling):
        write()


WRONG = {
    "a collection is equal": (lambda: INTERESTS == "golf", RuleTypeError, "overlaps"),
    "a collection is unequal": (lambda: INTERESTS != "golf", RuleTypeError, "overlaps"),
    "records are equal": (lambda: DEVICES == "tablet", RuleTypeError, "any"),
    "a misspelt code": (lambda: COUNTRY == "DKK", RuleTypeError, "country"),
    "a bool as an age": (lambda: AGE >= True, RuleTypeError, "bool"),
    "a bare number as money": (lambda: MoneyField("contact.annual_income") >= 5, RuleTypeError, "mim.money"),
    "a bare number as a total": (lambda: PURCHASES.total() >= 5, RuleTypeError, "no currency"),
    "a fraction as a count": (lambda: PURCHASES.count() >= 1.5, RuleTypeError, "whole number"),
    "a naive instant": (lambda: InstantField("contact.acquired_at") >= "2026-01-01T00:00", RuleTypeError, "time zone"),
    "NaN": (lambda: float("nan") <= CHILDREN, RuleTypeError, "float"),
    "an object": (lambda: object() == CITY, RuleTypeError, "cannot hold"),
    "empty text": (lambda: CITY.contains(" "), RuleTypeError, "is_missing"),
    "a freshness of 2": (lambda: CITY.freshness() >= 2, RuleTypeError, "probability"),
    "an unknown field": (lambda: TextField("contact.cty"), UnknownFieldError, "did you mean 'contact.city'"),
    "an unknown record field": (lambda: DEVICES.any(knd="tablet"), UnknownFieldError, "did you mean 'kind'"),
    "an unknown kind of event": (lambda: EventsField()("purchas"), UnknownFieldError, "did you mean 'purchase'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_nonsense_cannot_be_written(name: str) -> None:
    """Literals and operators are checked where they are written."""
    write, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        write()


def test_operators_build_flat_groups() -> None:
    """`a & b & c` is one group of three; brackets of the other kind are kept; `~~a` is `a`."""
    assert (A & B & C) == nodes.AllOf(rules=(A, B, C)) == (A & (B & C))
    assert nodes.AnyOf(rules=(A, B, C)) == (A | B | C)
    assert (A & (B | C)).rules == (A, B | C)
    assert ~~A == A
    assert nodes.Not(rule=A) == (~A)
    assert A.or_missing().or_missing() == A.or_missing() == nodes.OrMissing(rule=A)


def test_rules_compare_by_structure_and_can_be_keys() -> None:
    """Equal structure is one rule, another order is another rule; rules are keys and members of sets."""
    assert (COUNTRY == "DK") == (COUNTRY == "DK")
    assert hash(COUNTRY == "DK") == hash(COUNTRY == "DK")
    assert {A & B: 1}[A & B] == 1
    assert len({A, B, A & B, B & A, COUNTRY == "DK"}) == 4
    assert A != B
    assert (A == B) is False
    assert A != "DK"


def test_fields_build_the_nodes_they_promise() -> None:
    """One line for each spelling."""
    country, age = "contact.demographic.country", "contact.demographic.age"
    assert COUNTRY.is_in("DK", "SE") == COUNTRY.is_in(["DK", "SE"]) == nodes.IsIn(field=country, values=("DK", "SE"))
    assert COUNTRY.is_in() == nodes.IsIn(field=country, values=())
    assert (COUNTRY != "DK") == nodes.Not(rule=nodes.Equals(field=country, value="DK"))
    assert COUNTRY.is_not("DK", or_missing=True) == (COUNTRY != "DK").or_missing()
    assert (AGE > 18) == nodes.Compare(op="more_than", field=age, value=18) == (18 < AGE)  # noqa: SIM300
    assert AGE.is_between(18, 30) == nodes.Between(field=age, low=18, high=30)
    assert CITY.is_missing() == nodes.Not(rule=nodes.Known(field="contact.demographic.city"))
    assert DECIDES.is_true() == nodes.Equals(field="contact.employment.is_decision_maker", value=True)
    assert INTERESTS.overlaps(["a", "b"]) == INTERESTS.overlaps("a", "b")
    assert DEVICES.any(kind="tablet", browser="x").where[0].name == "browser"
    assert (PURCHASES.count(within_days=7) != 2) == nodes.Not(
        rule=nodes.EventTest(op="event_count", kind="purchase", within_days=7, comparison="equals", value=2)
    )
    assert (PURCHASES.total() < money(5, "JPY")).value == nodes.MoneyLiteral(minor_units=5, currency="JPY")
    product = TextField("event.product")
    assert PURCHASES.where(product == "a").where(product != "b").condition == (product == "a") & (product != "b")
    assert PURCHASES.lapsed(days=30) == (PURCHASES.count() >= 1) & (PURCHASES.count(within_days=30) == 0)
    assert CITY.same_as(TextField("contact.demographic.city"))
    assert not CITY.same_as(COUNTRY)


def test_rules_are_frozen() -> None:
    """A rule that is a key somewhere cannot change."""
    with pytest.raises(ValueError, match="frozen"):
        A.field = "contact.city"
