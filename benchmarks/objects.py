"""Rules over objects in Python: compiled closures against a comprehension, and what comes before the first answer."""

from __future__ import annotations

import mimcore as mim
from benchmarks.many import SEGMENTS, many_rules
from benchmarks.peers import measure_peers
from benchmarks.people import NOW, contacts, facts
from benchmarks.the_rule import BINDING, FRESH, VALUES, by_hand, by_hand_fresh
from benchmarks.timing import Line, compare, report
from mimcore.rules.evaluation import evaluator
from mimcore.rules.lowering import bind

__all__ = ["measure"]
PEOPLE = 20_000
COMPREHENSION = "comprehension over the same objects"


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    people = contacts(int(PEOPLE * scale))
    known = facts(people)
    return [
        _values(people),
        _fresh(known),
        _negated(known),
        _one_call(known),
        *_before(),
        _segments(known),
        *measure_peers(people[: int(5_000 * scale)]),
    ]


def _values(people: list[mim.Contact]) -> Line:
    test = evaluator(bind(VALUES, BINDING))
    wrapped = [mim.Facts(contact=one, now=NOW) for one in people]

    def ours() -> list[mim.Facts]:
        return [one for one in wrapped if test(one) is True]

    found = by_hand(people)
    assert [one.contact for one in ours()] == found
    note = f"{len(found)} of {len(people)} fit"
    return compare("4 conditions", COMPREHENSION, len(people), ours=ours, hand=lambda: by_hand(people), note=note)


def _fresh(known: list[mim.Facts]) -> Line:
    test = evaluator(bind(FRESH, BINDING))

    def ours() -> list[mim.Facts]:
        return [one for one in known if test(one) is True]

    assert ours() == by_hand_fresh(known)
    note = f"{len(ours())} of {len(known)} fit"
    return compare(
        "4 conditions and freshness",
        COMPREHENSION,
        len(known),
        ours=ours,
        hand=lambda: by_hand_fresh(known),
        note=note,
    )


def _negated(known: list[mim.Facts]) -> Line:
    test = evaluator(bind((~FRESH).or_missing(), BINDING))

    def ours() -> list[mim.Facts]:
        return [one for one in known if test(one) is True]

    def hand() -> list[mim.Facts]:
        members = {id(one) for one in by_hand_fresh(known)}
        return [one for one in known if id(one) not in members]

    assert ours() == hand()
    return compare("its opposite, or missing", COMPREHENSION, len(known), ours=ours, hand=hand)


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
        report(
            "compile the bound rule",
            200,
            lambda: [evaluator(bound) for _ in range(200)],
        ),
    ]


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
