"""The reference engine: a bound rule over `Facts`, with three answers (True, False, None for unknown).

The bound rule is compiled to closures once and may then be asked about any number of facts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from mimcore.errors import MissingFactsError
from mimcore.rules.bound import (
    BornBy,
    Bound,
    BoundAll,
    BoundAny,
    Comparison,
    Constant,
    Dated,
    EventLeaf,
    Fresh,
    IsKnown,
    Leaf,
    Listed,
    Literal,
    Member,
    Overlap,
    RecordMatch,
    TextMatch,
)
from mimcore.rules.catalogue import FieldSpec, Kind
from mimcore.rules.facts import Facts, require
from mimcore.rules.lowering import Binding, bind
from mimcore.rules.nodes import Rule
from mimcore.values.text import fold

__all__ = ["Answer", "evaluate", "evaluator"]

Answer = bool | None
Test = Callable[[Facts], Answer]
Read = Callable[[Facts], Any]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def evaluate(rule: Rule, facts: Facts, *, binding: Binding | None = None) -> Answer:
    """Answer whether a rule holds for one contact.

    Args:
        rule: Any rule.
        facts: What is known about the contact.
        binding: Zone, half-lives, segments; `facts.now` is used where it has no instant of its own.

    Returns:
        True, False, or None where it cannot be decided.

    Raises:
        RuleError: If the rule does not fit the fields, or facts that it needs are absent.

    Examples:
        >>> import mimcore as mim
        >>> ana = mim.Contact(name="Ana Berg", country="DK")
        >>> mim.evaluate(mim.fields.contact.country == "DK", mim.Facts(contact=ana))
        True
        >>> mim.evaluate(mim.fields.contact.city == "Aarhus", mim.Facts(contact=ana)) is None
        True
    """
    bound = bind(rule, binding or Binding(now=facts.now))
    require(bound, facts)
    return evaluator(bound)(facts)


def evaluator(bound: Bound) -> Test:
    """Compile a bound rule to one function of facts; check the facts with `require` first.

    Args:
        bound: What `bind` returned.

    Returns:
        A function that answers True, False or None.
    """
    match bound:
        case Constant(value):
            return lambda _facts: value
        case Literal():
            return _literal(bound)
        case BoundAll(parts):
            return _all([evaluator(part) for part in parts])
        case BoundAny(parts):
            return _any([evaluator(part) for part in parts])


def _all(tests: list[Test]) -> Test:
    def test(facts: Facts) -> Answer:
        answer: Answer = True
        for part in tests:
            one = part(facts)
            if one is False:
                return False
            if one is None:
                answer = None
        return answer

    return test


def _any(tests: list[Test]) -> Test:
    def test(facts: Facts) -> Answer:
        answer: Answer = False
        for part in tests:
            one = part(facts)
            if one is True:
                return True
            if one is None:
                answer = None
        return answer

    return test


def _literal(literal: Literal) -> Test:
    positive, negated, missing = _leaf(literal.leaf), literal.negated, literal.missing

    def test(facts: Facts) -> Answer:
        answer = positive(facts)
        if answer is None:
            return missing
        return answer is not negated

    return test


def _leaf(leaf: Leaf) -> Test:
    match leaf:
        case EventLeaf():
            return _events(leaf)
        case Listed(segment):
            return lambda facts: segment in facts.listed_in  # type: ignore[operator]
        case Fresh(spec, cutoffs):
            return _fresh(spec, dict(cutoffs))
        case Dated(spec):
            return lambda facts: _key(facts, spec) is not None
        case _ if leaf.spec.entity == "account":
            return _on_account(leaf)
        case _:
            test = value_test(leaf)
            return lambda facts: test(facts.contact)


def _on_account(leaf: Any) -> Test:
    test, without = value_test(leaf), (False if isinstance(leaf, IsKnown) else None)
    return lambda facts: without if facts.account is None else test(facts.account)


def value_test(leaf: Leaf) -> Callable[[Any], Answer]:
    """Return the test of a leaf that reads one object only (a contact, an account or an event)."""
    match leaf:
        case Comparison(spec, op, value, currency):
            return _comparison(spec, op, value, currency)
        case Member(spec, values):
            allowed = frozenset(values)
            return _scalar(spec, lambda value: value in allowed)
        case TextMatch(spec, mode, needle):
            compare = _TEXT[mode]
            return _scalar(spec, lambda value: compare(value, needle))
        case Overlap(spec, values):
            return _overlap(spec, frozenset(values))
        case RecordMatch(spec, where):
            tests = [_comparison(inner, "eq", value, None) for inner, value in where]
            return lambda owner: any(all(test(record) is True for test in tests) for record in spec.read(owner))
        case IsKnown(spec):
            return lambda owner: bool(spec.read(owner)) if spec.is_collection else spec.read(owner) is not None
        case BornBy(spec, cutoff):
            return lambda owner: _born(spec.read(owner), cutoff)
        case _:
            raise AssertionError(type(leaf).__name__)


def _normal(spec: FieldSpec) -> Callable[[Any], Any]:
    """Return how a field's value is read for comparison: folded text, minor units are handled by the caller."""
    if spec.kind is Kind.TEXT:
        return lambda owner: None if (value := spec.read(owner)) is None else fold(value)
    return spec.read


def _scalar(spec: FieldSpec, holds: Callable[[Any], bool]) -> Callable[[Any], Answer]:
    read = _normal(spec)
    return lambda owner: None if (value := read(owner)) is None else holds(value)


def _comparison(spec: FieldSpec, op: str, constant: Any, currency: str | None) -> Callable[[Any], Answer]:
    compare = _OPERATORS[op]
    if currency is None:
        return _scalar(spec, lambda value: compare(value, constant))

    def test(owner: Any) -> Answer:
        money = spec.read(owner)
        return None if money is None or money.currency != currency else compare(money.minor_units, constant)

    return test


def _overlap(spec: FieldSpec, wanted: frozenset[str]) -> Callable[[Any], Answer]:
    if spec.kind is Kind.TAGS:
        return lambda owner: any(fold(value) in wanted for value in spec.read(owner))
    return lambda owner: not wanted.isdisjoint(spec.read(owner))


def _born(bounds: tuple[date, date] | None, cutoff: date) -> Answer:
    if bounds is None:
        return None
    earliest, latest = bounds
    return True if latest <= cutoff else (False if earliest > cutoff else None)


def _key(facts: Facts, spec: FieldSpec) -> int | None:
    state = facts.states.get(spec.name)  # type: ignore[union-attr]
    return None if state is None else state.key


def _fresh(spec: FieldSpec, cutoffs: dict[str, int]) -> Test:
    def test(facts: Facts) -> Answer:
        key = _key(facts, spec)
        if key is None:
            return None
        pool = facts.states[spec.name].pool  # type: ignore[index]
        if pool not in cutoffs:
            raise MissingFactsError(f"the half-life of the pool '{pool}' is not known: give Binding(half_lives=…)")
        return key >= cutoffs[pool]

    return test


def _events(leaf: EventLeaf) -> Test:
    condition = None if leaf.where is None else _event_condition(leaf.where)
    compare = _OPERATORS[leaf.op]

    def test(facts: Facts) -> Answer:
        counted = (event for event in facts.events if _visible(event, leaf) and (condition is None or condition(event) is True))  # type: ignore[union-attr]
        return compare(_measure(counted, leaf), leaf.value)

    return test


def _visible(event: Any, leaf: EventLeaf) -> bool:
    return event.kind == leaf.kind and event.at <= leaf.end and (leaf.start is None or event.at >= leaf.start)


def _measure(events: Iterable[Any], leaf: EventLeaf) -> int:
    if leaf.measure == "count":
        return sum(1 for _ in events)
    return sum(event.value.minor_units for event in events if event.value is not None and event.value.currency == leaf.currency)


def _event_condition(where: Bound) -> Callable[[Any], Answer]:
    """An event's own fields are read from the event, which stands where the contact stands otherwise."""
    test = evaluator(where)
    return lambda event: test(Facts(contact=event))
