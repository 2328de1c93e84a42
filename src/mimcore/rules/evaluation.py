"""The reference engine: a bound rule over `Facts`, with three answers (True, False, None for unknown).

The bound rule is compiled to closures once and may then be asked about any number of facts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
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
    leaves,
)
from mimcore.rules.catalogue import FieldSpec, Kind
from mimcore.rules.facts import Facts, needs, require
from mimcore.rules.handles import Field
from mimcore.rules.lowering import Binding, bind
from mimcore.rules.nodes import Rule
from mimcore.values.text import fold

__all__ = ["Answer", "counted", "evaluate", "evaluator", "measured"]

Answer = bool | None
Test = Callable[[Any], Answer]
"""A test of facts, or of one object alone: a contact, an account, an event."""

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_MIRRORED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.gt,
    "le": operator.ge,
    "gt": operator.lt,
    "ge": operator.le,
}
"""The same comparison with the constant on the left, where `partial` can hold it."""
_TEXT = {"contains": "__contains__", "starts_with": "startswith", "ends_with": "endswith"}


def evaluate(rule: Rule, facts: Facts, *, binding: Binding | None = None, attributes: Iterable[Field] = ()) -> Answer:
    """Answer whether a rule holds for one contact.

    Args:
        rule: Any rule.
        facts: What is known about the contact.
        binding: Zone, half-lives, segments; `facts.now` is used where it has no instant of its own.
        attributes: Custom attributes that the rule may mention, as `mim.attribute` returned them.

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
    bound = bind(rule, (binding or Binding(now=facts.now)).knowing(attributes))
    require(bound, facts)
    return evaluator(bound)(facts)


def evaluator(bound: Bound) -> Test:
    """Compile a bound rule to one function of facts; check the facts with `require` first.

    Parts of a group are asked in the order of their cost: leaves have no effects, and Kleene's `and` and `or` no order.

    Args:
        bound: What `bind` returned.

    Returns:
        A function that answers True, False or None.
    """
    if not needs(bound):
        test = _object_test(bound)
        return lambda facts: test(facts.contact)
    match bound:
        case BoundAll(parts):
            return _all([evaluator(part) for part in _gathered(parts, BoundAll)])
        case BoundAny(parts):
            return _any([evaluator(part) for part in _gathered(parts, BoundAny)])
        case Literal(leaf):
            return _signed(_leaf(leaf), bound)
        case Constant():
            raise AssertionError(bound)


def _object_test(bound: Bound) -> Test:
    """Compile what reads one object alone."""
    match bound:
        case Constant(value):
            return lambda _owner: value
        case Literal(leaf):
            return _signed(value_test(leaf), bound)
        case BoundAll(parts):
            return _all([_object_test(part) for part in sorted(_flat(parts, BoundAll), key=_cost)])
        case BoundAny(parts):
            return _any([_object_test(part) for part in sorted(_flat(parts, BoundAny), key=_cost)])


def _gathered(parts: Sequence[Bound], group: type[BoundAll | BoundAny]) -> list[Bound]:
    """Join the parts that read the contact alone into one, and put it first."""
    flat = _flat(parts, group)
    alone = [part for part in flat if not needs(part)]
    rest = sorted((part for part in flat if needs(part)), key=_cost)
    return [*([group(tuple(alone))] if alone else []), *rest]


def _flat(parts: Sequence[Bound], group: type[BoundAll | BoundAny]) -> list[Bound]:
    """Take groups of the same kind apart: an `and` inside an `and` is one."""
    flat: list[Bound] = []
    for part in parts:
        flat += _flat(part.parts, group) if isinstance(part, group) else [part]
    return flat


def _cost(bound: Bound) -> int:
    """Estimate what an answer costs: folding text and walking collections or events is dear."""
    return sum(_cost_of_leaf(leaf) for leaf in leaves(bound))


def _cost_of_leaf(leaf: Leaf) -> int:
    match leaf:
        case EventLeaf():
            return 20
        case RecordMatch():
            return 8
        case Overlap(spec):
            return 8 if spec.kind is Kind.TAGS else 3
        case Listed() | Fresh() | Dated():
            return 3
        case _:
            return 4 if leaf.spec.kind in {Kind.TEXT, Kind.AGE} else 2


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(owner: Any) -> Answer:
        answer: Answer = True
        for part in tests:
            one = part(owner)
            if one is False:
                return False
            if one is None:
                answer = None
        return answer

    return test


def _any(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(owner: Any) -> Answer:
        answer: Answer = False
        for part in tests:
            one = part(owner)
            if one is True:
                return True
            if one is None:
                answer = None
        return answer

    return test


def _signed(positive: Test, literal: Literal) -> Test:
    negated, missing = literal.negated, literal.missing
    if not negated and missing is None:
        return positive

    def test(owner: Any) -> Answer:
        answer = positive(owner)
        if answer is None:
            return missing
        return answer is not negated

    return test


def _leaf(leaf: Leaf) -> Test:
    """Compile a leaf that reads more than the contact."""
    match leaf:
        case EventLeaf():
            return _events(leaf)
        case Listed(segment):
            return lambda facts: segment in facts.listed_in
        case Fresh(spec, cutoffs):
            return _fresh(spec, dict(cutoffs))
        case Dated(spec):
            return _dated(spec)
        case _:
            return _on_account(leaf)


def _on_account(leaf: Any) -> Test:
    test, without = value_test(leaf), (False if isinstance(leaf, IsKnown) else None)
    return lambda facts: without if facts.account is None else test(facts.account)


def value_test(leaf: Leaf) -> Test:
    """Return the test of a leaf that reads one object only (a contact, an account or an event)."""
    match leaf:
        case Comparison():
            return _comparison(leaf.spec, leaf.op, leaf.value, leaf.currency)
        case Member(spec, values):
            return _scalar(spec, frozenset(values).__contains__)
        case TextMatch(spec, mode, needle):
            return _scalar(spec, operator.methodcaller(_TEXT[mode], needle))
        case Overlap(spec, values):
            return _overlap(spec, frozenset(values))
        case RecordMatch(spec, where):
            return _record(spec, [_comparison(inner, "eq", value, None) for inner, value in where])
        case IsKnown(spec):
            return _known(spec)
        case BornBy(spec, cutoff):
            return _born(spec, cutoff)
        case _:
            raise AssertionError(type(leaf).__name__)


def _scalar(spec: FieldSpec, holds: Callable[[Any], bool]) -> Test:
    """Test one value, text folded; money is handled by the caller."""
    read = spec.read
    if spec.kind is Kind.TEXT:
        return lambda owner: None if (value := read(owner)) is None else holds(fold(value))
    return lambda owner: None if (value := read(owner)) is None else holds(value)


def _comparison(spec: FieldSpec, op: str, constant: Any, currency: str | None) -> Test:
    holds = partial(_MIRRORED[op], constant)
    if currency is None:
        return _scalar(spec, holds)

    def test(owner: Any) -> Answer:
        money = spec.read(owner)
        return None if money is None or money.currency != currency else holds(money.minor_units)

    return test


def _overlap(spec: FieldSpec, wanted: frozenset[str]) -> Test:
    read = spec.read
    if spec.kind is Kind.TAGS:
        return lambda owner: any(fold(value) in wanted for value in read(owner))
    return lambda owner: not wanted.isdisjoint(read(owner))


def _record(spec: FieldSpec, tests: list[Test]) -> Test:
    return lambda owner: any(all(test(record) is True for test in tests) for record in spec.read(owner))


def _known(spec: FieldSpec) -> Test:
    read = spec.read
    if spec.is_collection:
        return lambda owner: bool(read(owner))
    return lambda owner: read(owner) is not None


def _born(spec: FieldSpec, cutoff: date) -> Test:
    read = spec.read

    def test(owner: Any) -> Answer:
        bounds = read(owner)
        if bounds is None:
            return None
        earliest, latest = bounds
        return True if latest <= cutoff else (False if earliest > cutoff else None)

    return test


def _dated(spec: FieldSpec) -> Test:
    name = spec.name
    return lambda facts: (state := facts.states.get(name)) is not None and state.key is not None


def _fresh(spec: FieldSpec, cutoffs: dict[str, int]) -> Test:
    name = spec.name

    def test(facts: Any) -> Answer:
        state = facts.states.get(name)
        if state is None or state.key is None:
            return None
        cutoff = cutoffs.get(state.pool)
        if cutoff is None:
            raise MissingFactsError(
                f"the half-life of the pool '{state.pool}' is not known: give Binding(half_lives=…)"
            )
        return bool(state.key >= cutoff)

    return test


def _events(leaf: EventLeaf) -> Test:
    compare, measure = _OPERATORS[leaf.op], measured(leaf)
    return lambda facts: compare(measure(facts), leaf.value)


def measured(leaf: EventLeaf) -> Callable[[Any], int]:
    """Compile the measure of a leaf: how many of the facts' events count, or the sum of their money.

    Args:
        leaf: What is counted or added up; what it is compared with does not matter here.
    """
    counts = counted(leaf)
    return lambda facts: _measure(filter(counts, facts.events), leaf)


def counted(leaf: EventLeaf) -> Callable[[Any], bool]:
    """Compile which events a leaf counts: of its kind, inside its window, with its condition true.

    Args:
        leaf: What is counted or added up.
    """
    condition = None if leaf.where is None else _object_test(leaf.where)
    return lambda event: _visible(event, leaf) and (condition is None or condition(event) is True)


def _visible(event: Any, leaf: EventLeaf) -> bool:
    return event.kind == leaf.kind and event.at <= leaf.end and (leaf.start is None or event.at >= leaf.start)


def _measure(events: Iterable[Any], leaf: EventLeaf) -> int:
    if leaf.measure == "count":
        return sum(1 for _ in events)
    return sum(
        event.value.minor_units for event in events if event.value is not None and event.value.currency == leaf.currency
    )
