"""Conditions on single values, on their age and their past, and those that ask one fact about the contact."""

from __future__ import annotations

import math
from datetime import date, datetime
from hashlib import sha256
from typing import cast

from mimcore.errors import RuleTypeError, UnsupportedConditionError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.literals import primitive
from mimcore.rules.language.pools import attribute_of, concerns
from mimcore.rules.language.wildcards import simplest
from mimcore.rules.lowering.belonging import asks_about_a_contact, is_kept_for_contacts
from mimcore.rules.lowering.bound import (
    BornBy,
    Changed,
    Comparison,
    Dated,
    EverHeld,
    FieldPair,
    Fresh,
    FreshPoint,
    IsKnown,
    Leaf,
    Member,
    Near,
    Op,
    Permitted,
    Sampled,
    TextMatch,
)
from mimcore.rules.lowering.scope import ORDERED, Leaves, Scope, single
from mimcore.values.instants import to_microseconds
from mimcore.values.location import Location, circle

__all__ = ["SAMPLE_PRIME", "freshness_at", "freshness_cutoff", "valued"]

SAMPLE_PRIME = 2_147_483_647
"""2³¹ − 1: sampling keys are smaller, and so is what they are mapped to."""

_MICROSECONDS_PER_DAY = 86_400_000_000
_REMEMBERED = frozenset(
    {Kind.TEXT, Kind.CODE, Kind.BOOLEAN, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.INSTANT},
)


def valued(rule: nodes.Rule, scope: Scope) -> Leaves:
    """Lower a condition on a single value.

    Args:
        rule: One condition.
        scope: Whose values.

    Raises:
        RuleError: If it does not fit its field.
    """
    match rule:
        case nodes.Equals() | nodes.IsIn() | nodes.Compare() | nodes.Between() | nodes.CompareFields():
            return _comparison(rule, scope)
        case nodes.TextTest():
            return _text(rule, scope)
        case nodes.Known(field=name):
            return single(IsKnown(scope.spec(name)))
        case nodes.Distance(field=name):
            centre = Location(latitude=rule.latitude, longitude=rule.longitude)
            units, limit, is_outside = circle(centre, rule.km)
            return "all", [(Near(scope.spec(name, Kind.LOCATION), units, limit, centre, rule.km), is_outside)]
        case nodes.FreshnessTest(field=name, value=value):
            return single(_fresh(name, value, scope))
        case nodes.Undated(field=name):
            spec = _kept(name, scope, "freshness")
            return "all", [(IsKnown(spec), False), (Dated(spec), True)]
        case _:
            return _fact(rule, scope)


def _comparison(rule: nodes.Rule, scope: Scope) -> Leaves:
    match rule:
        case nodes.Equals(field=name, value=value):
            spec = scope.single_valued(name)
            if spec.kind is Kind.AGE:
                return "all", [_aged(spec, "ge", value, scope), _aged(spec, "le", value, scope)]
            return single(_compare(spec, "eq", value))
        case nodes.IsIn(field=name, values=values):
            return _member(scope.single_valued(name), values)
        case nodes.Compare(op=op, field=name, value=value):
            spec = scope.spec(name, *ORDERED)
            if spec.kind is Kind.AGE:
                return "all", [_aged(spec, scope.op(op), value, scope)]
            return single(_compare(spec, scope.op(op), value))
        case nodes.Between(field=name, low=low, high=high):
            spec = scope.spec(name, *ORDERED)
            if spec.kind is Kind.AGE:
                return "all", [_aged(spec, "ge", low, scope), _aged(spec, "le", high, scope)]
            return "all", [(_compare(spec, "ge", low), False), (_compare(spec, "le", high), False)]
        case nodes.CompareFields():
            return single(_pair(rule, scope))
        case _:
            raise AssertionError(rule.shape)


def _member(spec: FieldSpec, values: tuple[nodes.Scalar, ...]) -> Leaves:
    if spec.kind is Kind.AGE:
        raise RuleTypeError(f"{spec.name}: ages are compared with ranges; use .is_between(low, high)")
    if spec.kind is Kind.MONEY:
        return "any", [(_compare(spec, "eq", value), False) for value in values] or [(Member(spec, ()), False)]
    constants = dict.fromkeys(primitive(spec, value) for value in values)
    return single(Member(spec, tuple(constants)))


def _pair(rule: nodes.CompareFields, scope: Scope) -> FieldPair:
    spec, other = scope.single_valued(rule.field), scope.single_valued(rule.other)
    if spec.kind is not other.kind:
        raise RuleTypeError(
            f"{spec.name} is of kind {spec.kind.value} and {other.name} of kind {other.kind.value}: "
            "only fields of one kind are compared"
        )
    if spec.kind is Kind.AGE:
        raise RuleTypeError(f"{spec.name}: ages are compared with numbers; compare the birth dates instead")
    if rule.comparison != "equals" and spec.kind not in ORDERED:
        raise RuleTypeError(f"{spec.name} is of kind {spec.kind.value}, which has no order: use == or !=")
    return FieldPair(spec, scope.op(rule.comparison), other)


def _text(rule: nodes.TextTest, scope: Scope) -> Leaves:
    """Text, and codes without a vocabulary, which are compared exactly."""
    spec = scope.spec(rule.field, Kind.TEXT, Kind.CODE)
    if spec.kind is Kind.CODE and spec.options is not None:
        raise RuleTypeError(f"{spec.name} has a vocabulary: use .is_in(...) with its codes")
    if rule.op == "matches":
        mode, needle = simplest(spec, rule.value)
        return single(Comparison(spec, "eq", needle) if mode == "equals" else TextMatch(spec, mode, needle))
    return single(TextMatch(spec, rule.op, str(primitive(spec, rule.value))))


def _aged(spec: FieldSpec, op: Op, value: nodes.Scalar, scope: Scope) -> tuple[Leaf, bool]:
    """Years n or more: born on or before today n years ago; the other comparisons follow from that one."""
    years = cast("int", primitive(spec, value))
    at_least, is_less = years + (op in {"gt", "le"}), op in {"le", "lt"}
    today = scope.binding.today(spec.name)
    if at_least >= today.year:  # nobody was born before the first day of the calendar, everybody by its last one
        return BornBy(spec, date.max), not is_less
    return BornBy(spec, _years_before(today, at_least)), is_less


def _compare(spec: FieldSpec, op: Op, value: nodes.Scalar) -> Comparison:
    currency = value.currency if isinstance(value, nodes.MoneyLiteral) else None
    return Comparison(spec, op, primitive(spec, value), currency)


def _kept(name: str, scope: Scope, what: str) -> FieldSpec:
    spec = scope.spec(name)
    if spec.entity != "contact":
        raise is_kept_for_contacts(spec.name, what)
    return spec


def _fresh(name: str, threshold: float, scope: Scope) -> Fresh:
    spec = _kept(name, scope, "freshness")
    return Fresh(spec, _cutoffs(attribute_of(spec.name), threshold, scope))


def _cutoffs(attribute: str, threshold: float, scope: Scope) -> tuple[tuple[str, int], ...]:
    """One for each pool that values of the attribute may belong to."""
    now, pools = scope.binding.instant(f"freshness of {attribute}"), sorted(scope.binding.half_lives.items())
    own = ((pool, half_life) for pool, half_life in pools if concerns(pool, attribute))
    return tuple((pool, freshness_cutoff(now, half_life, threshold)) for pool, half_life in own)


def _fact(rule: nodes.Rule, scope: Scope) -> Leaves:
    if scope.entity != "contact":
        raise asks_about_a_contact(rule, scope.entity)
    match rule:
        case nodes.ChangedWithin(field=name, days=days):
            spec = _remembered(name, scope)
            return single(Changed(spec, scope.since(spec.name, days), scope.binding.instant(spec.name)))
        case nodes.EverBeen(field=name, value=value):
            spec = _remembered(name, scope)
            return single(EverHeld(spec, primitive(spec, value)))
        case nodes.AnyFreshness(points=points, value=value):
            return single(FreshPoint(f"contact.{points}", _cutoffs(f"contact.{points}", value, scope)))
        case nodes.MayReceive(channel=channel, purpose=purpose):
            known = scope.binding.catalogue
            return single(Permitted(known.word("channel", channel), known.word("purpose", purpose)))
        case nodes.Sample(percent=percent, salt=salt):
            return single(_sampled(percent, salt))
        case nodes.ScoreTest():
            raise UnsupportedConditionError(
                "no scores are kept yet: they come with lead scoring; leave the condition out until then"
            )
        case _:
            raise RuleTypeError(f"a node of type {type(rule).__name__} has no meaning here")


def _remembered(name: str, scope: Scope) -> FieldSpec:
    spec = _kept(name, scope, "history")
    if spec.is_derived or spec.kind not in _REMEMBERED:
        raise RuleTypeError(f"{spec.name}: the past is asked of single, stored values without a currency")
    return spec


def _sampled(percent: float, salt: str) -> Sampled:
    """The map is a·key + b modulo a prime, with a and b drawn from the salt: a permutation of the keys."""
    digest = sha256(salt.encode("utf-8", "surrogatepass")).digest()
    a = int.from_bytes(digest[:8]) % (SAMPLE_PRIME - 1) + 1
    b = int.from_bytes(digest[8:16]) % SAMPLE_PRIME
    return Sampled(a, b, round(SAMPLE_PRIME * percent / 100))


def freshness_cutoff(now: datetime, half_life_days: float, threshold: float) -> int:
    """Return the key that freshness ≥ threshold means: now + h·log2(θ), in whole microseconds, rounded once.

    Examples:
        >>> from datetime import UTC
        >>> freshness_cutoff(datetime(1970, 1, 3, tzinfo=UTC), 1.0, 0.5) == 86_400_000_000
        True
    """
    return to_microseconds(now) + round(half_life_days * _MICROSECONDS_PER_DAY * math.log2(threshold))


def freshness_at(key: int, now: datetime, half_life_days: float) -> float:
    """Return the probability that the value is right at `now`: 2^((K − now)/h), at most 1.

    Args:
        key: The value's key.
        now: Aware instant.
        half_life_days: Half-life of the value's pool.

    Examples:
        >>> from datetime import UTC
        >>> freshness_at(0, datetime(1970, 1, 11, tzinfo=UTC), 10.0)
        0.5
    """
    exponent = (key - to_microseconds(now)) / (half_life_days * _MICROSECONDS_PER_DAY)
    return min(1.0, math.exp2(max(-1000.0, exponent)))


def _years_before(today: date, years: int) -> date:
    """Return the latest birth date of somebody who is `years` old today; 29 February turns on 1 March."""
    year = today.year - years
    if year > 9999:
        return date.max
    try:
        return today.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
