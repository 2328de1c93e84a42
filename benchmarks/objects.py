"""Rules over objects in Python: generated code against comprehensions, closures, and what comes before an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import mimcore as mim
from benchmarks import customers
from benchmarks.many import SEGMENTS, many_rules
from benchmarks.peers import measure_peers
from benchmarks.people import NOW, contacts, facts
from benchmarks.the_rule import BINDING, FRESH, VALUES, by_hand, by_hand_fresh
from benchmarks.timing import Line, compare, report
from mimcore.rules.evaluation.batches import MANY
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.generation import compiled, generated
from mimcore.rules.lowering.bind import bind

__all__ = ["measure"]
OWN, PEOPLE = 200_000, 100_000
COMPREHENSION = "comprehension over the same objects"


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    own = customers.customers(int(OWN * scale))
    lines = [*_own(own), *measure_peers(own[: int(5_000 * scale)])]
    people = contacts(int(PEOPLE * scale))
    known = facts(people)
    return [
        *lines,
        _values(people),
        _fresh(known),
        _negated(known),
        _closures(known[: int(20_000 * scale)]),
        _store(people[: int(20_000 * scale)]),
        _one_call(known),
        *_before(),
        _segments(known),
    ]


def _own(people: list[customers.Customer]) -> list[Line]:
    """Slotted objects with a declared set of fields; the time includes binding and generating."""
    rule, fields = customers.RULE, customers.FIELDS
    hands: dict[str, Callable[[list[customers.Customer]], list[customers.Customer]]] = {
        "comprehension in the order of the rule": customers.by_hand,
        "comprehension, the cheap conditions first": customers.by_hand_sorted,
        "comprehension that ignores case, as the rule does": customers.by_hand_folded,
    }

    def ours() -> list[customers.Customer]:
        return mim.select(rule, people, objects=fields, now=NOW)

    found = ours()
    assert all(hand(people) == found for hand in hands.values())
    note = f"{len(found)} of {len(people)} fit"
    case, count = "6 conditions, own objects", len(people)
    return [
        compare(case, name, count, ours=ours, hand=partial(hand, people), note=note) for name, hand in hands.items()
    ]


def _values(people: list[mim.Contact]) -> Line:
    def ours() -> list[mim.Contact]:
        return mim.select(VALUES, people, binding=BINDING)

    found = by_hand(people)
    assert ours() == found
    note = f"{len(found)} of {len(people)} fit"
    case = "5 conditions, contacts"
    return compare(case, COMPREHENSION, len(people), ours=ours, hand=lambda: by_hand(people), note=note)


def _fresh(known: list[mim.Facts]) -> Line:
    def ours() -> list[mim.Facts]:
        return mim.select(FRESH, known, binding=BINDING)

    found = by_hand_fresh(known)
    assert ours() == found
    note = f"{len(found)} of {len(known)} fit"
    case = "6 conditions, contacts and freshness"
    return compare(case, COMPREHENSION, len(known), ours=ours, hand=lambda: by_hand_fresh(known), note=note)


def _negated(known: list[mim.Facts]) -> Line:
    rule = (~FRESH).or_missing()

    def ours() -> list[mim.Facts]:
        return mim.select(rule, known, binding=BINDING)

    def hand() -> list[mim.Facts]:
        members = {id(one) for one in by_hand_fresh(known)}
        return [one for one in known if id(one) not in members]

    assert ours() == hand()
    return compare("their opposite, or missing", COMPREHENSION, len(known), ours=ours, hand=hand)


def _closures(known: list[mim.Facts]) -> Line:
    test = evaluator(bind(FRESH, BINDING))

    def ours() -> list[mim.Facts]:
        return [one for one in known if test(one) is True]

    assert ours() == by_hand_fresh(known)
    note = f"what answers fewer than {MANY}"
    case = "6 conditions, closures"
    return compare(case, COMPREHENSION, len(known), ours=ours, hand=lambda: by_hand_fresh(known), note=note)


def _store(people: list[mim.Contact]) -> Line:
    """The in-memory store asks the same way, and keeps the active ones in order."""
    store = mim.connect("memory:", actor="benchmark", source="list")
    with store.begin() as work:
        work.add_many(people)

    def ours() -> int:
        return store.contacts.count(VALUES, now=NOW)

    assert ours() == len(by_hand(people))
    case = "5 conditions, count in memory"
    return compare(case, COMPREHENSION, len(people), ours=ours, hand=lambda: len(by_hand(people)))


def _one_call(known: list[mim.Facts]) -> Line:
    """`mim.evaluate` binds and compiles at every call: fine for one person, not for a loop."""
    few = known[:200]
    return report(
        "mim.evaluate, one person", len(few), lambda: [mim.evaluate(FRESH, one, binding=BINDING) for one in few]
    )


def _before() -> list[Line]:
    text, bound = FRESH.to_json(), bind(FRESH, BINDING)
    return [
        report("read the rule from JSON", 50, lambda: [mim.Rule.from_json(text) for _ in range(50)]),
        report("bind the rule", 200, lambda: [bind(FRESH, BINDING) for _ in range(200)]),
        report("make closures of the bound rule", 200, lambda: [evaluator(bound) for _ in range(200)]),
        report("generate code, a rule of a new shape", 50, lambda: [_generated(bound, is_new=True) for _ in range(50)]),
        report("generate code, a shape seen before", 200, lambda: [_generated(bound) for _ in range(200)]),
    ]


def _generated(bound: Any, *, is_new: bool = False) -> object:
    if is_new:
        compiled.cache_clear()
    return generated(bound, "member", of_facts=True)


def _segments(known: list[mim.Facts]) -> Line:
    """No index of membership is built yet: every segment is asked."""
    tests = [evaluator(bind(rule, BINDING)) for rule in many_rules(SEGMENTS)]
    some = known[:100]
    return report(
        f"{SEGMENTS} segments for one person",
        len(some),
        lambda: [[number for number, test in enumerate(tests) if test(one) is True] for one in some],
        note="every rule asked; an index of membership comes later",
    )
