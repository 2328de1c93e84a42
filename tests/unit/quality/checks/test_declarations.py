"""Declarations of rules of quality: written as JSON and read again, and refused by name when they cannot be right."""

from __future__ import annotations

import json

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.quality_rules import Complete, Severity, Vocabulary
from mimcore.errors import InvalidValueError, UnknownFieldError

c, Rule = f.contact, mim.QualityRule
ALL = (
    Rule.complete("a", c.phones, within=c.country == "DK", at_least=0.5, owner="ana", severity="critical"),
    Rule.complete("b", "account.employees", within="customers", description="Needed for sales."),
    Rule.valid("c", c.age.is_between(0, 115)),
    Rule.valid("d", c.emails),
    Rule.unique("e", "name"),
    Rule.consistent("f", "postal_code_country"),
    Rule.consistent("g", c.employment.started_on.after(c.birth_date)),
    Rule.vocabulary("h", c.interests, ["running", "cycling", "running"], most_new=3),
    Rule.vocabulary("i", mim.attribute("tier", options=["gold", "silver"])),
    *mim.default_quality_rules(owner="ana"),
)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.key)
def test_a_rule_is_data(rule):
    """It is hashable, and JSON tells all of it."""
    assert Rule.from_json(rule.to_json()) == rule
    assert json.loads(rule.to_json()).keys() <= set(Rule.model_fields)
    assert hash(rule) == hash(Rule.from_json(rule.to_json().encode()))


def test_what_a_rule_says():
    """Names are canonical, words sorted and each once, the fields of its scope told."""
    a, b, *_, h, i = ALL[:9]
    assert a.check == Complete(field="contact.primary_phone")
    assert a.severity is Severity.CRITICAL
    assert a.field_names() == ("contact.primary_phone", "contact.demographic.country")
    assert (
        b.within == c.in_segment("customers") == Rule.complete("x", c.city, within=mim.Segment(key="customers")).within
    )
    assert h.check == Vocabulary(field="contact.psychographic.interests", words=("cycling", "running"), most_new=3)
    assert (i.check.field, i.check.words) == ("contact.custom.tier", None)
    assert [one.dimension for one in ALL[:9]] == [
        "completeness",
        "completeness",
        "validity",
        "validity",
        "uniqueness",
        "consistency",
        "consistency",
        "vocabulary",
        "vocabulary",
    ]
    assert [one.rank for one in Severity] == [0, 1, 2]
    assert len({one.key for one in ALL}) == len(ALL)


REFUSED = {
    "a field that nobody declared": (
        lambda: Rule.complete("a", "contact.contry"),
        "'contact.contry' is not a declared",
    ),
    "a field of events": (lambda: Rule.complete("a", "event.kind"), "'event.kind' is not a declared field"),
    "no field at all": (lambda: Rule.complete("a", 7), "field: is not a field"),
    "a key with capitals": (lambda: Rule.unique("A", "email"), "key: is not a key"),
    "a share above one": (lambda: Rule.unique("a", "email", at_least=1.5), "at_least: must be at most 1"),
    "a share of nothing": (lambda: Rule.unique("a", "email", at_least=0), "at_least: must be more than 0"),
    "a severity": (lambda: Rule.unique("a", "email", severity="bad"), "severity: is not one of 'notice', 'warning'"),
    "an option misspelt": (lambda: Rule.unique("a", "email", ownr="ana"), r"did you mean 'owner'"),
    "a key to be unique by": (lambda: Rule.unique("a", "emails"), "key: is not one of 'email', 'phone' or 'name'"),
    "a pair": (lambda: Rule.consistent("a", "city_country"), "pair: is not one of 'phone_country'"),
    "a field for a rule": (lambda: Rule.valid("a", c.city), "what: is no rule"),
    "a personal field": (lambda: Rule.vocabulary("a", c.postal_code), "field: is personal"),
    "a field of beliefs": (lambda: Rule.vocabulary("a", c.beliefs), "field: is personal"),
    "a field of numbers": (lambda: Rule.vocabulary("a", c.household_size), "field: has no words"),
    "an account's field": (lambda: Rule.vocabulary("a", f.account.industry), "field: has no words"),
    "no words": (lambda: Rule.vocabulary("a", c.city, []), "words: is too short"),
    "an empty word": (lambda: Rule.vocabulary("a", c.city, ["x", " "]), "words: hold an empty one"),
    "a word that is no code": (
        lambda: Rule.vocabulary("a", c.country, ["DX"]),
        "no code of contact.demographic.country",
    ),
    "a custom code": (
        lambda: Rule.vocabulary("a", mim.attribute("tier", options=["gold"]), ["glod"]),
        r"did you mean 'gold'",
    ),
    "too many words": (lambda: Rule.vocabulary("a", c.city, map(str, range(1001))), "words: is too long"),
    "fewer than no new values": (lambda: Rule.vocabulary("a", c.city, most_new=-1), "most_new: must be at least 0"),
    "a segment's key": (lambda: Rule.complete("a", c.city, within="Two words"), "within: is not a key"),
    "a kind of check": (
        lambda: Rule.from_json('{"key": "a", "check": {"kind": "xx"}}'),
        "check: is not one of 'complete', 'holds'",
    ),
    "a rule in JSON": (
        lambda: Rule.from_json('{"key": "a", "check": {"kind": "holds", "rule": {"op": "xx"}}}'),
        "check.rule: is not a rule",
    ),
    "a personal field in JSON": (
        lambda: Rule.from_json('{"key": "a", "check": {"kind": "vocabulary", "field": "contact.street"}}'),
        "field: is personal",
    ),
    "a check without a kind": (lambda: Rule.from_json('{"key": "a", "check": {}}'), "check: does not say what it is"),
    "no check": (lambda: Rule.from_json('{"key": "a"}'), "check: is required"),
    "no JSON": (lambda: Rule.from_json("key: a"), "is not JSON"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_refused_by_name(name):
    """Each with the field that is wrong, and what would be right."""
    make, message = REFUSED[name]
    with pytest.raises((InvalidValueError, UnknownFieldError), match=message.replace(".", r"\.").replace("(", r"\(")):
        make()
