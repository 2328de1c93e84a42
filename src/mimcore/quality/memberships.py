"""How many segment memberships a check of a value could change.

What a rule says of an attribute is taken to be as favourable as it can be, then as unfavourable: whoever is a member in
the first case only could come in or drop out by what a check of that value finds. Nobody is left out so; a rule that
tests one attribute twice may count people whose membership cannot change after all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.explaining.needs import canonical, fields_of
from mimcore.rules.language.nodes import AllOf, AnyOf, InSegment, Not, OrMissing, Rule
from mimcore.rules.language.pools import attribute_of
from mimcore.rules.writing.builder import all_of, any_of, everyone

__all__ = ["changeable", "extreme", "opened", "values_behind"]

_TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "contact.demographic.age": (
        "contact.demographic.birth_date",
        "contact.demographic.birth_year",
        "contact.demographic.age_band",
    ),
}
"""Fields that are read from several others."""


def changeable(work: UnitOfWork, rules: Iterable[Rule], at: datetime) -> Counter[tuple[str, UUID]]:
    """Return how many memberships hang on each value, by attribute and contact.

    Two questions to the store for each rule and attribute; the ids that differ are held in memory.

    Args:
        work: Open unit of work.
        rules: Rules of segments.
        at: Instant of evaluation.
    """
    found: Counter[tuple[str, UUID]] = Counter()
    for rule in rules:
        whole = opened(rule, {one.key: one.rule for one in work.segments.all()})
        for attribute in _attributes_read(whole):
            best, worst = (extreme(whole, attribute, is_favourable=one) for one in (True, False))
            hanging = frozenset(work.contacts.ids(best, now=at)) - frozenset(work.contacts.ids(worst, now=at))
            found.update((attribute, one) for one in hanging)
    return found


def opened(rule: Rule, segments: Mapping[str, Rule | None]) -> Rule:
    """Return a rule with the rules of the segments that it refers to in their place; lists stay."""
    match rule:
        case InSegment(segment=key):
            inner = segments.get(key)
            return rule if inner is None else opened(inner, segments)
        case AllOf(rules=parts):
            return all_of(opened(part, segments) for part in parts)
        case AnyOf(rules=parts):
            return any_of(opened(part, segments) for part in parts)
        case Not(rule=inner):
            return ~opened(inner, segments)
        case OrMissing(rule=inner):
            return opened(inner, segments).or_missing()
        case _:
            return rule


def extreme(rule: Rule, attribute: str, *, is_favourable: bool) -> Rule:
    """Return a rule with every condition on an attribute as good, or as bad, for membership as it can be.

    Args:
        rule: Without references to segments that follow a rule.
        attribute: Attribute of states.
        is_favourable: Which of the two.
    """
    match rule:
        case AllOf(rules=parts):
            return all_of(extreme(part, attribute, is_favourable=is_favourable) for part in parts)
        case AnyOf(rules=parts):
            return any_of(extreme(part, attribute, is_favourable=is_favourable) for part in parts)
        case Not(rule=inner):
            return ~extreme(inner, attribute, is_favourable=not is_favourable)
        case OrMissing(rule=inner):
            return extreme(inner, attribute, is_favourable=is_favourable).or_missing()
        case _ if attribute in _attributes_read(rule):
            return everyone() if is_favourable else ~everyone()
        case _:
            return rule


def values_behind(field: str) -> tuple[str, ...]:
    """Return the attributes of states that a field is read from.

    Args:
        field: Its canonical name.
    """
    return _TOLD_BY.get(field) or (attribute_of(field),)


def _attributes_read(rule: Rule) -> tuple[str, ...]:
    """Return the attributes of a contact's states that a rule reads."""
    names = (values_behind(canonical(name)) for name in fields_of(rule))
    return tuple(dict.fromkeys(one for some in names for one in some if one.startswith("contact.")))
