"""Which of ten thousand segments a contact is in: the index against asking every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mimcore as mim
from benchmarks.many_segments import BINDING, people, segments
from benchmarks.people import NOW
from benchmarks.timing import Line, line, race, report
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.generation import generated
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.bound import Bound
from mimcore.rules.lowering.references import referring

__all__ = ["measure"]
SEGMENTS, FEW, BATCH = 10_000, 20, 1_000
EVERY = "every rule by its closure, bound before"
COMPILED = "every rule by generated code over the batch, compiled before"
Test = Callable[[Any], bool | None]


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    rules, everybody = segments(int(SEGMENTS * scale)), people(BATCH)
    index = mim.MembershipIndex(rules, binding=BINDING)
    cold = report("cells not met before", BATCH, lambda: _cold(index, everybody), rounds=1)
    bound = _bound(rules)
    tests = {key: evaluator(one) for key, one in bound.items()}
    _compare(index, tests, everybody[:FEW])
    few = everybody[:FEW]
    return [
        *_one(index, tests, few),
        *_batch(index, bound, everybody),
        cold,
        *_alone(index, rules, everybody),
    ]


def _bound(rules: dict[str, mim.Rule | None]) -> dict[str, Bound]:
    known = replace(BINDING, now=NOW, segment=referring(rules))
    written = {key: nodes.InSegment(segment=key) if rule is None else rule for key, rule in rules.items()}
    return {key: bind(rule, known) for key, rule in written.items()}


def _compare(index: mim.MembershipIndex, tests: dict[str, Test], some: list[mim.Facts]) -> None:
    for facts in some:
        found, answers = index.members_of(facts), {key: test(facts) for key, test in tests.items()}
        assert found.members == {key for key, answer in answers.items() if answer is True}
        assert found.unknown == {key for key, answer in answers.items() if answer is None}


def _cold(index: mim.MembershipIndex, everybody: list[mim.Facts]) -> int:
    return sum(len(index.members_of(facts).members) for facts in everybody)


def _one(index: mim.MembershipIndex, tests: dict[str, Test], few: list[mim.Facts]) -> list[Line]:
    """One contact at a time, as a page is rendered or a field is edited."""
    before = [index.members_of(facts) for facts in few]
    edited = [replace(one, contact=one.contact.evolve(city="Town 7")) for one in few]  # type: ignore[attr-defined]
    pairs = list(zip(edited, before, strict=True))
    asked: dict[str, Callable[[], object]] = {
        "bits": lambda: [index.members_of(facts) for facts in few],
        "members": lambda: [index.members_of(facts).members for facts in few],
        "changed": lambda: [
            index.after_change(facts, ["contact.city"], old).entered_since(old) for facts, old in pairs
        ],
        "hand": lambda: [{key for key, test in tests.items() if test(facts) is True} for facts in few],
    }
    seconds = race(asked)
    size = sum(len(one.members) for one in before) // FEW
    cases = {
        "one contact, answer by key": ("bits", ""),
        "one contact, set of members": ("members", f"{size} of {len(index)} on average"),
        "one changed field, what was entered": ("changed", ""),
    }
    return [line(case, EVERY, FEW, seconds[name], seconds["hand"], note) for case, (name, note) in cases.items()]


def _batch(index: mim.MembershipIndex, bound: dict[str, Bound], everybody: list[mim.Facts]) -> list[Line]:
    """The hand-written side is timed on a tenth of the segments: each takes as long for itself.

    All contacts' facts are made before. The sets take part of the time, however they are found: that is measured as
    well, by making each of the list of its keys.
    """
    some = list(bound.items())[::10]
    compiled = {key: generated(one, "member", of_facts=True) for key, one in some}
    known = [list(one.members) for one in index.of_many(everybody)]
    seconds = race(
        {
            "ours": lambda: [one.members for one in index.of_many(everybody)],
            "bits": lambda: index.of_many(everybody),
            "sets": lambda: [frozenset(one) for one in known],
            "hand": lambda: {key: ask(everybody) for key, ask in compiled.items()},
        },
        rounds=3,
    )
    hand = [one * len(bound) / len(some) for one in seconds["hand"]]
    cases = {
        f"batch of {BATCH}": ("ours", "per contact"),
        f"batch of {BATCH}, answers by key": ("bits", "per contact"),
        f"batch of {BATCH}, only making the sets": ("sets", "per contact, of lists of their keys"),
    }
    return [line(case, COMPILED, BATCH, seconds[name], hand, note) for case, (name, note) in cases.items()]


def _all_of(found: mim.Memberships) -> object:
    return found.members, found.unknown, found.valid_until


def _alone(index: mim.MembershipIndex, rules: dict[str, mim.Rule | None], everybody: list[mim.Facts]) -> list[Line]:
    few, edits = everybody[:FEW], 10

    def edited() -> None:
        for number in range(edits):
            index.add("new", mim.fields.contact.children >= number)
            index.remove("new")

    return [
        report("members, unknown and until when", FEW, lambda: [_all_of(index.members_of(facts)) for facts in few]),
        report("adding or removing one segment", 2 * edits, edited),
        report(
            "building the index",
            len(rules),
            lambda: mim.MembershipIndex(rules, binding=BINDING),
            rounds=1,
            note="per segment",
        ),
    ]
