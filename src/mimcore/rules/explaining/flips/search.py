"""The fewest changes that turn a rule: a bounded search over what its conditions do not tell apart.

To make an `and` true, some false part of it must turn; to make an `or` true, one of its parts. So only units that a
failing condition reads are tried, and a lower bound cuts what cannot get there with the changes that are left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.explaining.flips.options import Choice, Option, Unit
from mimcore.rules.lowering.bound import Bound, BoundAll, BoundAny, Constant, Literal

__all__ = ["Problem", "Search", "literals"]

MOST_STEPS = 40_000
MOST_SOLUTIONS = 400
Lower = tuple[float, frozenset[int]]
"""At least so many changes, of these units."""


class Problem:
    """A bound rule with what could be changed.

    Attributes:
        root: The rule.
        units: What may change.
        options: The ways to change each.
        reads: By the number of a literal, the places of the units that it reads; equal literals share a number.
    """

    def __init__(
        self,
        root: Bound,
        units: Sequence[Unit],
        options: Sequence[Sequence[Option]],
        reads: Mapping[Literal, tuple[int, ...]],
        ask: Callable[[int, Choice], Answer],
    ) -> None:
        """Take a rule apart.

        Args:
            root: The rule.
            units: What may change.
            options: The ways to change each.
            reads: By literal, the places of the units that it reads.
            ask: Answers a literal, by its place in `reads`, in the world that a choice makes.
        """
        self.root, self.units, self.options = root, units, options
        self.reads = list(reads.values())
        self._ask = ask
        numbers = {literal: number for number, literal in enumerate(reads)}
        # Hashing a literal costs more than answering it, so that the search goes by identity.
        self._numbers = {id(literal): numbers[literal] for literal in literals(root)}
        self._known: dict[tuple[int, tuple[tuple[int, int], ...]], Answer] = {}

    def number(self, literal: Literal) -> int:
        """Return the number of a literal of the root."""
        return self._numbers[id(literal)]

    def answer(self, number: int, choice: Choice) -> Answer:
        """Answer a literal; each is asked once for what it reads."""
        own = tuple((unit, choice[unit]) for unit in self.reads[number] if unit in choice)
        key = (number, own)
        if key not in self._known:
            self._known[key] = self._ask(number, dict(own))
        return self._known[key]

    def flips(self, choice: Choice) -> int:
        """Count the conditions that a choice gives another answer."""
        return sum(self.answer(one, choice) is not self.answer(one, {}) for one in range(len(self.reads)))


def literals(bound: Bound) -> Iterator[Literal]:
    """Yield the literals of a bound rule."""
    match bound:
        case Literal():
            yield bound
        case BoundAll(parts) | BoundAny(parts):
            for part in parts:
                yield from literals(part)
        case Constant():
            return


class Search:
    """Finds the smallest choices for which the root is true, or is not."""

    def __init__(self, problem: Problem, *, is_goal_true: bool, has_past: bool) -> None:
        """Prepare a search.

        Args:
            problem: What may change.
            is_goal_true: Whether the rule shall become true, or shall no longer be.
            has_past: Whether the past may be changed as well.
        """
        self.problem, self.goal = problem, is_goal_true
        self.steps = 0
        self.found: list[dict[int, int]] = []
        self.allowed = {
            place: [
                number
                for number, option in enumerate(options)
                if has_past or not (option.is_past or problem.units[place].is_past)
            ]
            for place, options in enumerate(problem.options)
        }
        self._reachable = [self._reach(one) for one in range(len(problem.reads))]

    def _reach(self, literal: int) -> frozenset[int]:
        """The units that can make a literal what is wanted; all that it reads, where it reads several."""
        reads = [unit for unit in self.problem.reads[literal] if self.allowed[unit]]
        if len(self.problem.reads[literal]) != 1:
            return frozenset(reads)
        return frozenset(
            unit for unit in reads if any(self._fits(literal, {unit: option}) for option in self.allowed[unit])
        )

    def smallest(self) -> list[dict[int, int]]:
        """Return choices of the smallest size, several if there are; none if nothing turns the rule."""
        for budget in range(len(self.problem.units) + 1):
            least, _ = self._lower(self.problem.root, {}, frozenset())
            if least == math.inf:
                return []
            if least <= budget:
                self._try({}, frozenset(), budget)
            if self.found or self.is_exhausted:
                return self.found
        return []

    @property
    def is_exhausted(self) -> bool:
        """Whether it gave up before it had looked at everything."""
        return self.steps > MOST_STEPS

    def holds(self, node: Bound, choice: Choice) -> bool:
        """Tell whether a part of the rule is what is wanted."""
        match node:
            case Literal():
                return self._fits(self.problem.number(node), choice)
            case BoundAll(parts) | BoundAny(parts):
                some = all if isinstance(node, BoundAll) is self.goal else any
                return some(self.holds(part, choice) for part in parts)
            case Constant(value):
                return (value is True) is self.goal

    def _fits(self, literal: int, choice: Choice) -> bool:
        return (self.problem.answer(literal, choice) is True) is self.goal

    def _try(self, choice: dict[int, int], kept: frozenset[int], budget: int) -> None:
        self.steps += 1
        if self.is_exhausted or len(self.found) >= MOST_SOLUTIONS:
            return
        if self.holds(self.problem.root, choice):
            self.found.append(choice)
            return
        if self._lower(self.problem.root, choice, kept)[0] > budget:
            return
        failing = self._failing(self.problem.root, choice, kept)
        for unit in dict.fromkeys(unit for one in failing for unit in sorted(self._reachable[one])):
            if unit in choice or unit in kept:
                continue
            for option in self._useful(unit, failing, choice):
                self._try({**choice, unit: option}, kept, budget - 1)
            kept |= {unit}

    def _useful(self, unit: int, failing: list[int], choice: dict[int, int]) -> Iterator[int]:
        """The options that turn one of the failing literals; any, where it reads several units."""
        own = [one for one in failing if unit in self._reachable[one]]
        is_shared = any(len(self.problem.reads[one]) > 1 for one in own)
        for option in self.allowed[unit]:
            if is_shared or any(self._fits(one, {**choice, unit: option}) for one in own):
                yield option

    def _lower(self, node: Bound, choice: Choice, kept: frozenset[int]) -> Lower:
        """Return how many changes are needed at least, and of which units."""
        match node:
            case Literal():
                number = self.problem.number(node)
                if self._fits(number, choice):
                    return 0, frozenset()
                free = self._reachable[number] - kept - choice.keys()
                return (1 if free else math.inf), free
            case Constant():
                return (0 if self.holds(node, choice) else math.inf), frozenset()
            case BoundAll(parts) | BoundAny(parts):
                bounds = [self._lower(part, choice, kept) for part in parts]
                if isinstance(node, BoundAll) is self.goal:
                    return _together(bounds)
                units = frozenset[int]().union(*(units for _, units in bounds))
                return min(least for least, _ in bounds), units

    def _failing(self, node: Bound, choice: Choice, kept: frozenset[int]) -> list[int]:
        """Return literals of which at least one must turn."""
        match node:
            case Literal():
                return [self.problem.number(node)]
            case Constant():
                return []
            case BoundAll(parts) | BoundAny(parts):
                failing = [
                    self._failing(part, choice, kept)
                    for part in parts
                    if not self.holds(part, choice) and self._lower(part, choice, kept)[0] < math.inf
                ]
                if isinstance(node, BoundAll) is self.goal:
                    return min(failing, key=len) if failing else []
                return [one for some in failing for one in some]


def _together(bounds: list[Lower]) -> Lower:
    """Changes of different units add up; of shared ones, the most demanding part counts."""
    total, used = 0.0, frozenset[int]()
    for least, units in sorted(bounds, key=lambda one: -one[0]):
        if not units & used or least == math.inf:
            total, used = total + least, used | units
    return total, frozenset[int]().union(*(units for _, units in bounds))
