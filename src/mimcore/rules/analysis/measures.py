"""Counts and totals of one kind of event without data: whole numbers, smaller in narrower windows and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mimcore.rules.analysis.variables import FALSE, TRUE, Budget, Lazy, State
from mimcore.rules.evaluation.value_tests import OPERATORS
from mimcore.rules.lowering.bound import Bound, BoundAll, EventLeaf, Leaf

__all__ = ["Measures", "Sort"]

_Compared = tuple[Any, bool]
"""A condition, and whether it is true."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What is known about the condition on the events of a measure."""

    can_occur: bool
    """False if no event can ever be counted."""
    is_certain: bool
    """Whether some event surely is."""


class Measures(Lazy):
    """All counts and totals of one kind of event. A state is the set of conditions with their answers."""

    def __init__(self, kind: str, leaves: Sequence[Leaf], budget: Budget, sort_of: Callable[[Bound], Sort]) -> None:
        """Take the kind and all conditions on its events."""
        super().__init__(f"{kind} events", leaves, budget)
        self._kind = kind
        self._measures = list(dict.fromkeys(map(_measure, leaves)))
        places = {one: place for place, one in enumerate(self._measures)}
        self._of = [places[_measure(leaf)] for leaf in leaves]
        self._sorts = [Sort(True, True) if one.where is None else sort_of(one.where) for one in self._measures]
        self._within: dict[tuple[int, int], bool] = {}

    def start(self) -> State:
        """Any numbers."""
        return frozenset[tuple[int, bool]]()

    def effort(self, state: Any) -> int:
        """Every measure is held against every other."""
        return 1 + len(state) ** 2 // 30

    def reason(self, state: Any, number: int, allowed: int) -> State | None:
        """Add the condition, if it decides anything; counts and totals are never unknown."""
        wanted = allowed & (TRUE | FALSE)
        if wanted in {0, TRUE | FALSE}:
            return state if wanted else None
        more = state | {(number, wanted == TRUE)}
        return more if self._solved(more) is not None else None

    def _is_inside(self, one: int, other: int) -> bool:
        key = (one, other)
        if key not in self._within:
            self._within[key] = one != other and _is_within(self._measures[one], self._measures[other])
        return self._within[key]

    def _solved(self, state: Any) -> dict[int, int] | None:
        """Return the least numbers that fit, by measure, or None if there are none."""
        tests: dict[int, list[_Compared]] = {}
        numbered: Iterable[tuple[int, bool]] = state
        for number, answer in numbered:
            tests.setdefault(self._of[number], []).append((self.leaves[number], answer))
        counts = [one for one in tests if self._measures[one].measure == "count"]
        found: dict[int, int] = {}
        for one in sorted(
            counts, key=lambda one: -sum(self._is_inside(one, other) for other in counts)
        ):  # what lies inside others comes first
            within = [value for other, value in found.items() if self._is_inside(other, one)]
            value = _least(tests[one], max(within, default=0))
            if value is None or (value and not self._sorts[one].can_occur):
                return None
            found[one] = value
        return self._totals(found, tests)

    def _totals(self, found: dict[int, int], tests: dict[int, list[_Compared]]) -> dict[int, int] | None:
        for one, compared in tests.items():
            if self._measures[one].measure == "total":
                value = _any_sum(compared)
                if value is None or (value and not self._may_be_nonzero(one, tests)):
                    return None
                found[one] = value
        return found

    def _may_be_nonzero(self, total: int, tests: dict[int, list[_Compared]]) -> bool:
        """Tell whether there may be an event: its condition can be true, and no wider count has to be 0."""
        return self._sorts[total].can_occur and all(
            _least(compared, 1) is not None for one, compared in tests.items() if self._is_inside(total, one)
        )

    def is_certain(self, state: Any) -> bool:
        """Whether some contact surely has such numbers: none at all, or several of one sort of event."""
        found = self._solved(state) or {}
        nonzero = [one for one, value in found.items() if value]
        if not nonzero:
            return True
        alike = len({(self._measures[one].where, self._measures[one].measure) for one in found}) == 1
        is_count = self._measures[nonzero[0]].measure == "count"
        return (
            alike
            and len({self._measures[one].end for one in found}) == 1
            and (is_count or (len(found) == 1 and found[nonzero[0]] > 0))
            and all(self._sorts[one].is_certain for one in nonzero)
        )

    def say(self, state: Any) -> str:
        """The least numbers."""
        found = self._solved(state) or {}
        shown = [
            f"{value}{' minor units' if self._measures[one].measure == 'total' else ''}"
            for one, value in found.items()
            if value
        ]
        return f"{self._kind} events: {', '.join(shown)}" if shown else f"no {self._kind} events"


def _measure(leaf: Leaf) -> EventLeaf:
    """Return what is measured, apart from what it is compared with."""
    if not isinstance(leaf, EventLeaf):
        raise TypeError(type(leaf).__name__)
    return replace(leaf, op="ge", value=0)


def _is_within(one: EventLeaf, other: EventLeaf) -> bool:
    """Tell whether every event that `one` counts is counted by `other`, a count, too."""
    if other.measure != "count" or one.end > other.end or not _parts(other.where) <= _parts(one.where):
        return False
    return other.start is None or (one.start is not None and other.start <= one.start)


def _parts(where: Bound | None) -> frozenset[Bound]:
    if where is None:
        return frozenset()
    return frozenset(where.parts) if isinstance(where, BoundAll) else frozenset({where})


def _fits(value: int, tests: Sequence[_Compared]) -> bool:
    return all(OPERATORS[leaf.op](value, leaf.value) is answer for leaf, answer in tests)


def _least(tests: Sequence[_Compared], least: int) -> int | None:
    """Return the least whole number from `least` on that fits: it is that one, or stands next to a constant."""
    near = {max(least, leaf.value + step) for leaf, _answer in tests for step in (-1, 0, 1)}
    return next((value for value in sorted({least, *near}) if _fits(value, tests)), None)


def _any_sum(tests: Sequence[_Compared]) -> int | None:
    """Return a sum that fits: none, else the least positive one, else a negative one."""
    near = {leaf.value + step for leaf, _answer in tests for step in (-1, 0, 1)}
    ordered = sorted({0, *near}, key=lambda value: (value < 0, abs(value)))
    return next((value for value in ordered if _fits(value, tests)), None)
