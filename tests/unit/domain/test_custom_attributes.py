"""Declarations of custom attributes, and what their values must be."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import mimcore as mim
from mimcore.domain.custom.attributes import CUSTOM_KINDS, checked, widened
from mimcore.domain.custom.fields import declaration_of, handle_of
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.writing import fields

TIER = mim.attribute("tier", options=["none", "silver", "gold"], group="acquisition", half_life_days=365)


@pytest.mark.parametrize(
    ("kind", "handle"),
    [
        ("text", fields.TextField), ("boolean", fields.BooleanField), ("integer", fields.IntegerField),
        ("number", fields.NumberField), ("date", fields.DateField), ("instant", fields.InstantField),
        ("tags", fields.TagsField),
    ],
)  # fmt: skip
def test_each_kind_has_its_handle(kind: str, handle: type) -> None:
    """The handle has the operators of its kind, under the canonical name."""
    made = mim.attribute("x1", kind=kind)  # type: ignore[call-overload]
    assert type(made) is handle
    assert made.spec.name == "contact.custom.x1"
    assert declaration_of(made).kind == kind


def test_options_make_codes() -> None:
    """`code` unless `codes` is said; a handle can be made again from the declaration."""
    assert type(TIER) is fields.CodeField
    assert type(mim.attribute("t", options=["a"], kind="codes")) is fields.CodesField
    assert handle_of(declaration_of(TIER)).same_as(TIER)
    assert (TIER == "gold").to_json() == (handle_of(declaration_of(TIER)) == "gold").to_json()


def test_a_literal_outside_the_options_is_refused_while_the_rule_is_written() -> None:
    """With the nearest option, before any store is asked."""
    with pytest.raises(mim.RuleTypeError, match="did you mean 'gold'"):
        _ = TIER == "golt"


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": "Loyalty"}, "name", "is not a name"),
        ({"name": "1st"}, "name", "is not a name"),
        ({"name": "a" * 41}, "name", "is not a name"),
        ({"name": "x'); drop"}, "name", "is not a name"),
        ({"name": "country"}, "name", "taken by a built-in field"),
        ({"name": "emails"}, "name", "taken by a built-in field"),
        ({"name": "id"}, "name", "taken by a built-in field"),
        ({"name": "industry", "entity": "account"}, "name", "taken by a built-in field"),
        ({"name": "t", "kind": "money"}, "kind", "for built-in fields only"),
        ({"name": "t", "kind": "records"}, "kind", "for built-in fields only"),
        ({"name": "t", "kind": "code"}, "options", "do not go with the kind code"),
        ({"name": "t", "options": ["a"], "kind": "integer"}, "options", "do not go with the kind integer"),
        ({"name": "t", "options": ["a", "a"]}, "options", "empty or a repeated"),
        ({"name": "t", "options": ["a", " "]}, "options", "empty or a repeated"),
        ({"name": "t", "options": [str(one) for one in range(501)]}, "options", "too long"),
        ({"name": "t", "group": "firmographic"}, "group", "not a group of the contact"),
        ({"name": "t", "half_life_days": 0}, "half_life_days", "more than 0"),
        ({"name": "t", "half_life_days": float("inf")}, "half_life_days", ""),
        ({"name": "t", "entity": "lead"}, "entity", ""),
    ],
)
def test_a_bad_description_is_refused_with_field_and_reason(given: dict, field: str, words: str) -> None:
    """Names are plain, short and free; kinds, options and groups go together."""
    with pytest.raises(mim.InvalidValueError) as refused:
        mim.attribute(**given)
    assert refused.value.field == field
    assert words in str(refused.value)


def test_an_account_may_use_a_name_that_only_contacts_have() -> None:
    """`city` is taken on both, `hobbies` only on contacts."""
    assert mim.attribute("hobbies", kind="tags", entity="account").spec.name == "account.custom.hobbies"


def test_what_is_no_custom_attribute_cannot_be_declared() -> None:
    """A built-in field or a text is not one."""
    for wrong in (mim.fields.contact.country, "tier"):
        with pytest.raises(mim.InvalidValueError, match="is no custom attribute"):
            declaration_of(wrong)  # type: ignore[arg-type]


GOOD = [
    ("text", " Élan ", "Élan"), ("text", "  ", None), ("text", "two\nlines", "two\nlines"),
    ("boolean", False, False),
    ("integer", -(2**63) + 1, -(2**63) + 1), ("integer", 0, 0),
    ("number", 3, 3.0), ("number", -0.0, 0.0),
    ("date", "2026-03-01", date(2026, 3, 1)), ("date", date(1, 1, 1), date(1, 1, 1)),
    ("instant", "2026-03-01T09:00+01:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
    ("tags", ["b", " a ", "b", ""], ("a", "b")), ("tags", "alone", ("alone",)), ("tags", [], None),
    ("tags", frozenset({"x"}), ("x",)), ("text", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "stored"), GOOD)
def test_values_are_typed_and_cleaned(kind: str, given: object, stored: object) -> None:
    """Text is cleaned, dates and instants are read, collections are sorted without repeats; nothing is None."""
    found = mim.CustomAttribute(name="x1", kind=Kind(kind)).value(given)
    assert found == stored
    assert type(found) is type(stored)


BAD = [
    ("text", 7), ("text", "a\x00b"), ("text", "\ud800"), ("text", "x" * 2001),
    ("boolean", 1), ("boolean", "yes"),
    ("integer", True), ("integer", 1.0), ("integer", 2**63), ("integer", "7"),
    ("number", float("nan")), ("number", float("inf")), ("number", True), ("number", 10**400),
    ("date", "1.3.2026"), ("date", datetime(2026, 3, 1, tzinfo=UTC)),
    ("instant", datetime(2026, 3, 1)), ("instant", "2026-03-01"), ("instant", date(2026, 3, 1)),
    ("tags", 7), ("tags", [7]), ("tags", [str(one) for one in range(1001)]), ("tags", {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given"), BAD)
def test_values_of_another_kind_are_refused(kind: str, given: object) -> None:
    """With the attribute's name and without the value."""
    with pytest.raises(mim.InvalidValueError) as refused:
        mim.CustomAttribute(name="x1", kind=Kind(kind)).value(given)
    assert refused.value.field == "custom.x1"
    if len(str(given)) > 3:
        assert str(given) not in str(refused.value)


def test_codes_are_options() -> None:
    """One, or several in the order of declaration; the message lists what is accepted and hides what was given."""
    tier = declaration_of(TIER)
    assert tier.value(" gold ") == "gold"
    topics = mim.CustomAttribute(name="t", kind=Kind.CODES, options=("b", "a"))
    assert topics.value(["a", "b", "a"]) == ("b", "a")
    for attribute, wrong in ((tier, "Jane-Doe"), (topics, ["a", "Jane-Doe"])):
        with pytest.raises(mim.InvalidValueError) as refused:
            attribute.value(wrong)
        assert "Jane-Doe" not in str(refused.value)
        assert refused.value.remedy.startswith("use ")


def test_only_declared_names_are_accepted() -> None:
    """The nearest declared name is told; nothing is left out silently but what is nothing."""
    declared = {"tier": declaration_of(TIER)}
    assert checked({"tier": "gold"}, declared, "contact") == {"tier": "gold"}
    assert checked({"tier": " "}, declared, "contact") == {}
    with pytest.raises(mim.InvalidValueError, match=r"custom: .*declared for contacts.*'tier'.*attributes\.declare"):
        checked({"teir": "gold"}, declared, "contact")
    with pytest.raises(mim.InvalidValueError, match=r"entity=\"account\""):
        checked({"\n" * 3: "gold"}, {}, "account")


def test_a_declaration_only_ever_grows() -> None:
    """Options, an index, a description and protection are added; the version counts."""
    stored = declaration_of(TIER).evolve(version=3, declared_at="2026-01-01T00:00Z")
    assert widened(stored, declaration_of(TIER)) is stored
    wider = mim.attribute(
        "tier", options=["none", "silver", "gold", "black"], group="acquisition", half_life_days=365, indexed=True,
        is_personal=True, description="Of the club.",
    )  # fmt: skip
    found = widened(stored, declaration_of(wider))
    assert (found.version, found.declared_at) == (4, stored.declared_at)
    assert (found.options[-1], found.is_indexed, found.is_personal, found.description) == (
        "black", True, True, "Of the club.",
    )  # fmt: skip
    back = mim.attribute("tier", options=list(found.options), group="acquisition", half_life_days=365)
    assert widened(found, declaration_of(back)) is found


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (mim.attribute("tier", group="acquisition", half_life_days=365), "kind"),
        (mim.attribute("tier", options=["none", "gold"], group="acquisition", half_life_days=365), "options"),
        (mim.attribute("tier", options=["none", "silver", "gold"], half_life_days=365), "group"),
        (mim.attribute("tier", options=["none", "silver", "gold"], group="acquisition", half_life_days=30),
         "half_life_days"),
        (mim.attribute("tier", options=["none", "silver", "gold"], group="acquisition"), "half_life_days"),
    ],
)  # fmt: skip
def test_a_contradiction_names_what_contradicts(other: fields.Field, field: str) -> None:
    """Kind, group, half-life and accepted options stay."""
    with pytest.raises(mim.InvalidValueError) as refused:
        widened(declaration_of(TIER).evolve(version=1), declaration_of(other))
    assert refused.value.field == field


def test_kinds_are_those_of_the_page() -> None:
    """Nine kinds; money and records are not among them."""
    assert {one.value for one in CUSTOM_KINDS} == {
        "text", "code", "boolean", "integer", "number", "date", "instant", "tags", "codes",
    }  # fmt: skip


def test_none_does_not_erase_a_custom_value() -> None:
    """As for built-in fields: None says nothing, CLEAR erases."""
    ana = mim.Contact(custom={"tier": "gold", "points": 7})
    with pytest.raises(mim.InvalidValueError, match="says nothing"):
        ana.evolve(custom={"tier": None})
    assert dict(ana.evolve(custom={"tier": mim.CLEAR}).custom) == {"points": 7}
