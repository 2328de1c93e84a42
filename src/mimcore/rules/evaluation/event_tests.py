"""What a leaf on events means: measures, moments, sequences and rhythms of a contact's visible events."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mimcore.rules.evaluation.value_tests import OPERATORS, Answer, Test
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.lowering.bound import Bound, EventLeaf, Follows, Pattern, Regular, Restarted
from mimcore.values.instants import MICROSECOND

__all__ = ["amounts", "counted", "event_test", "measured"]

ObjectTest = Callable[[Bound], Test]
"""Compiles a condition on one event: `evaluation.object_test`."""


def event_test(leaf: EventLeaf | Follows | Regular | Restarted, compile_object: ObjectTest) -> Test:
    """Compile a leaf to a test of facts.

    Args:
        leaf: A leaf on events.
        compile_object: Compiles the condition on one event.
    """
    match leaf:
        case EventLeaf():
            return _compared(leaf, compile_object)
        case Follows():
            return _follows(leaf, compile_object)
        case Regular():
            return _regular(leaf, compile_object)
        case Restarted():
            return _restarted(leaf, compile_object)


def _compared(leaf: EventLeaf, compile_object: ObjectTest) -> Test:
    compare, measure = OPERATORS[leaf.op], measured(leaf, compile_object)
    if leaf.measure == "average":
        return _average(leaf, compile_object)

    def test(facts: Any) -> Answer:
        value = measure(facts)
        return None if value is None else compare(value, leaf.value)

    return test


def measured(leaf: EventLeaf, compile_object: ObjectTest) -> Callable[[Any], Any]:
    """Compile the measure of a leaf: a number, minor units or an instant; None where there is nothing to measure.

    Args:
        leaf: What is measured; what it is compared with does not matter here. An average is not measured exactly.
        compile_object: Compiles the condition on one event.
    """
    counts = counted(leaf, compile_object)
    if leaf.measure == "count":
        return lambda facts: sum(map(counts, facts.events))
    if leaf.measure in {"first", "last"}:
        pick = min if leaf.measure == "first" else max
        return lambda facts: pick((event.at for event in facts.events if counts(event)), default=None)
    known = amounts(leaf, counts)
    if leaf.measure == "total":
        return lambda facts: sum(known(facts.events))
    least = min if leaf.measure == "minimum" else max
    return lambda facts: least(known(facts.events), default=None)


def amounts(leaf: EventLeaf, counts: Callable[[Any], bool]) -> Callable[[Iterable[Any]], Iterable[int]]:
    """Return what yields the known amounts of the events that count; money in the leaf's currency.

    Args:
        leaf: What is measured; not a count, nor a moment.
        counts: What `counted` returned.
    """
    of = leaf.of
    if of is None:
        raise AssertionError(leaf.measure)
    read = of.read
    if of.kind is Kind.MONEY:
        return lambda events: (
            money.minor_units
            for event in events
            if counts(event) and (money := read(event)) is not None and money.currency == leaf.currency
        )
    return lambda events: (value for event in events if counts(event) and (value := read(event)) is not None)


def _average(leaf: EventLeaf, compile_object: ObjectTest) -> Test:
    """Compare without dividing: total · scale with value · number."""
    compare, known = OPERATORS[leaf.op], amounts(leaf, counted(leaf, compile_object))
    value: Any = leaf.value

    def test(facts: Any) -> Answer:
        found = list(known(facts.events))
        return compare(sum(found) * leaf.scale, value * len(found)) if found else None

    return test


def counted(leaf: EventLeaf, compile_object: ObjectTest) -> Callable[[Any], bool]:
    """Compile which events a leaf counts: of its kind, inside its window, with its condition true.

    Args:
        leaf: What is measured.
        compile_object: Compiles the condition on one event.
    """
    of_pattern = _fits(Pattern(leaf.kind, leaf.where), compile_object)
    start, end = leaf.start, leaf.end
    return lambda event: event.at <= end and (start is None or event.at >= start) and of_pattern(event)


def _fits(pattern: Pattern, compile_object: ObjectTest) -> Callable[[Any], bool]:
    kind, where = pattern.kind, pattern.where
    if where is None:
        return lambda event: event.kind == kind
    condition = compile_object(where)
    return lambda event: event.kind == kind and condition(event) is True


def _microseconds(pattern: Pattern, leaf: Any, compile_object: ObjectTest) -> Callable[[Any], list[int]]:
    """Return what gives the moments of a pattern's visible events, in order, as microseconds before the leaf's end."""
    fits, start, end = _fits(pattern, compile_object), getattr(leaf, "start", None), leaf.end

    def moments(facts: Any) -> list[int]:
        events: Sequence[Any] = facts.events
        return sorted(
            (event.at - end) // MICROSECOND
            for event in events
            if event.at <= end and (start is None or event.at >= start) and fits(event)
        )

    return moments


def _follows(leaf: Follows, compile_object: ObjectTest) -> Test:
    first, then = (_microseconds(one, leaf, compile_object) for one in (leaf.first, leaf.then))

    def test(facts: Any) -> Answer:
        later = then(facts)
        return any(bisect_right(later, at) < bisect_right(later, at + leaf.within_us) for at in first(facts))

    return test


def _regular(leaf: Regular, compile_object: ObjectTest) -> Test:
    moments = _microseconds(leaf.events, leaf, compile_object)

    def test(facts: Any) -> Answer:
        blocks = {-at // leaf.period_us for at in moments(facts)}
        return sum(block < leaf.periods for block in blocks) >= leaf.at_least

    return test


def _restarted(leaf: Restarted, compile_object: ObjectTest) -> Test:
    fits, end = _fits(leaf.events, compile_object), leaf.end
    since = (leaf.start - end) // MICROSECOND

    def test(facts: Any) -> Answer:
        every = sorted({(event.at - end) // MICROSECOND for event in facts.events if event.at <= end and fits(event)})
        inside = bisect_left(every, since)
        return any(
            at - before > leaf.gap_us
            for before, at in zip(every[max(0, inside - 1) :], every[max(1, inside) :], strict=False)
        )

    return test
