"""The reference engine: a bound rule over `Facts`, with three answers (True, False, None for unknown).

The bound rule is compiled to closures once and may then be asked about any number of facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from mimcore.errors import MissingFactsError
from mimcore.rules.evaluation.companion_tests import account_test, companion_test
from mimcore.rules.evaluation.event_tests import event_test
from mimcore.rules.evaluation.facts import Facts, needs, require
from mimcore.rules.evaluation.value_tests import Answer, Test, on_account, value_test
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import (
    Among,
    AnyAccount,
    Bound,
    BoundAll,
    BoundAny,
    Changed,
    Constant,
    CountAccounts,
    Dated,
    Elements,
    EventLeaf,
    EverHeld,
    FieldPair,
    Follows,
    Fresh,
    FreshPoint,
    Leaf,
    Listed,
    Literal,
    Overlap,
    Permitted,
    RecordMatch,
    Regular,
    Restarted,
    Sampled,
    leaves,
)

__all__ = ["Answer", "binding_for", "cost", "evaluate", "evaluator", "flat", "object_test"]


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
    bound = bind(rule, binding_for(facts, binding, attributes))
    require(bound, facts)
    return evaluator(bound)(facts)


def binding_for(facts: Facts, binding: Binding | None, attributes: Iterable[Field]) -> Binding:
    """Return what a rule is bound with for these facts: their instant, where the binding has none of its own.

    Args:
        facts: What is known about the contact.
        binding: What the caller gave.
        attributes: Custom attributes that the rule may mention.
    """
    if not isinstance(facts, Facts):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise MissingFactsError(
            f"what was given beside the rule is no Facts ({type(facts).__name__}): write mim.Facts(contact=…), with "
            "events=…, account=… and now=… where the rule needs them"
        )
    given = binding or Binding()
    return (replace(given, now=facts.now) if given.now is None else given).knowing(attributes)


def evaluator(bound: Bound) -> Test:
    """Compile a bound rule to one function of facts; check the facts with `require` first.

    Parts of a group are asked in the order of their cost: leaves have no effects, and Kleene's `and` and `or` no order.

    Args:
        bound: What `bind` returned.

    Returns:
        A function that answers True, False or None.
    """
    if not needs(bound):
        test = object_test(bound)
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


def object_test(bound: Bound) -> Test:
    """Compile what reads one object alone.

    Args:
        bound: A condition on one contact, one account or one event.
    """
    match bound:
        case Constant(value):
            return lambda _owner: value
        case Literal(leaf):
            return _signed(value_test(leaf), bound)
        case BoundAll(parts):
            return _all([object_test(part) for part in sorted(flat(parts, BoundAll), key=cost)])
        case BoundAny(parts):
            return _any([object_test(part) for part in sorted(flat(parts, BoundAny), key=cost)])


def _gathered(parts: Sequence[Bound], group: type[BoundAll | BoundAny]) -> list[Bound]:
    """Join the parts that read the contact alone into one, and put it first."""
    every = flat(parts, group)
    alone = [part for part in every if not needs(part)]
    rest = sorted((part for part in every if needs(part)), key=cost)
    return [*([group(tuple(alone))] if alone else []), *rest]


def flat(parts: Sequence[Bound], group: type[BoundAll | BoundAny]) -> list[Bound]:
    """Take groups of the same kind apart: an `and` inside an `and` is one.

    Args:
        parts: The parts of a group.
        group: Which kind of group it is.
    """
    found: list[Bound] = []
    for part in parts:
        found += flat(part.parts, group) if isinstance(part, group) else [part]
    return found


def cost(bound: Bound) -> int:
    """Estimate what an answer costs: folding text and walking collections or events is dear.

    Args:
        bound: Any part of a bound rule.
    """
    return sum(_cost_of_leaf(leaf) for leaf in leaves(bound))


def _cost_of_leaf(leaf: Leaf) -> int:
    match leaf:
        case (
            EventLeaf() | Follows() | Regular() | Restarted() | AnyAccount() | CountAccounts() | Changed() | EverHeld()
        ):
            return 20
        case RecordMatch() | Elements():
            return 8
        case Overlap(spec):
            return 8 if spec.kind is Kind.TAGS else 3
        case Listed() | Fresh() | FreshPoint() | Dated() | Permitted() | Sampled() | Among():
            return 3
        case FieldPair(spec):
            return 8 if spec.kind is Kind.TEXT else 3
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
        case EventLeaf() | Follows() | Regular() | Restarted():
            return event_test(leaf, object_test)
        case AnyAccount() | CountAccounts():
            return account_test(leaf, object_test)
        case Changed() | EverHeld() | Permitted() | Listed() | Fresh() | FreshPoint() | Dated():
            return companion_test(leaf)
        case _:
            return on_account(leaf)
