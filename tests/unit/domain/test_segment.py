"""Segments: a rule or a list by hand, and what the rule speaks of."""

from __future__ import annotations

import pytest

from mimcore.domain import fields as f
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError, RuleError
from mimcore.values.money import money

RULE = (
    f.contact.country.is_in("DK", "SE")
    & (f.contact.age.is_between(25, 45) | ~f.contact.interests.overlaps("cycling"))
    & (f.contact.purchases.total(within_days=365) >= money(100, "DKK"))
    & f.contact.in_segment("loyal")
    & ~f.contact.in_segment("do-not-disturb")
)


def test_a_segment_with_a_rule_is_dynamic() -> None:
    """Without a rule it is a list kept by hand."""
    assert Segment(key="danes", rule=RULE).is_dynamic
    by_hand = Segment(key="vip")
    assert (by_hand.is_dynamic, by_hand.field_names(), by_hand.referred_segments()) == (False, (), ())


def test_a_segment_knows_what_its_rule_speaks_of() -> None:
    """Fields by canonical name, segments by key, each once."""
    segment = Segment(key="danes", rule=RULE & f.contact.in_segment("loyal"))
    assert set(segment.field_names()) >= {
        "contact.demographic.country",
        "contact.demographic.age",
        "contact.psychographic.interests",
    }
    assert segment.referred_segments() == ("loyal", "do-not-disturb")


@pytest.mark.parametrize(
    "rule", [f.contact.in_segment("danes"), ~f.contact.in_segment("danes"), RULE & f.contact.in_segment("danes")]
)
def test_a_segment_does_not_refer_to_itself(rule) -> None:
    """At no depth."""
    with pytest.raises(InvalidValueError, match="itself"):
        Segment(key="danes", rule=rule)


def test_the_rule_is_stored_and_read_back() -> None:
    """Plain values, JSON, and the rule's own part of a document are the same rule."""
    segment = Segment(key="danes", rule=RULE, tags=["nordic"])
    assert Segment.model_validate(segment.model_dump(mode="json")) == segment
    assert Segment.model_validate_json(segment.model_dump_json()) == segment
    assert Segment(id=segment.id, key="danes", rule=RULE.model_dump(), tags=["nordic"]) == segment
    assert hash(Segment.model_validate_json(segment.model_dump_json())) == hash(segment)
    assert segment.evolve(rule=f.contact.country == "NO").field_names() == ("contact.demographic.country",)


def test_what_is_no_rule_is_refused_with_its_place() -> None:
    """A dict that is no rule, and Python's traps."""
    with pytest.raises(InvalidValueError, match=r"rule.*'op'"):
        Segment(key="x", rule={"field": "contact.age"})
    with pytest.raises((InvalidValueError, RuleError)):
        Segment(key="x", rule=True)
    with pytest.raises((InvalidValueError, RuleError)):
        Segment(key="x", rule=f.contact.age)
