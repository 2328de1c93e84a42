"""Looking for a contact in whom a formula holds: narrow what follows, then try the alternatives, within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mimcore.rules.analysis.formula import Atom, Every, Formula, Some, opposite, some
from mimcore.rules.analysis.theory import States, Theory
from mimcore.rules.analysis.variables import Budget, State, Variable

__all__ = ["Found", "Outcome", "search"]


class Outcome(Enum):
    """What a search came to."""

    IMPOSSIBLE = "no contact"
    CERTAIN = "some contact"
    UNCERTAIN = "some contact only if conditions can be combined in a way that is not known"
    EXHAUSTED = "no answer within the budget"


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome, with an example or with what stood in the way."""

    outcome: Outcome
    example: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


_States = dict[str, tuple[Variable, State]]
Branch = tuple[_States, list[Some], list[Formula]]


def search(formula: Formula, theory: Theory, budget: Budget) -> Found:
    """Look for a contact in whom a formula holds.

    Args:
        formula: What shall hold.
        theory: The variables it is about.
        budget: Steps that may be taken.
    """
    return _Search(theory, budget).run(formula)


class _Search:
    def __init__(self, theory: Theory, budget: Budget) -> None:
        self.theory, self.budget = theory, budget
        self.clashes: dict[str, None] = {}

    def run(self, formula: Formula) -> Found:
        stack: list[Branch] = [({}, [], [formula])]
        is_possible = False
        while stack:
            states, alternatives, todo = stack.pop()
            settled = self._settled(states, alternatives, todo)
            if self.budget.is_spent:
                return Found(Outcome.EXHAUSTED)
            if settled is None or not self.theory.fits(states):
                continue
            if settled:
                stack += self._branches(states, settled)
                continue
            example = self.theory.example(states)
            if example is not None:
                return Found(Outcome.CERTAIN, tuple(example))
            is_possible = True
        return Found(Outcome.UNCERTAIN if is_possible else Outcome.IMPOSSIBLE, clashes=tuple(self.clashes))

    def _settled(self, states: _States, known: list[Some], todo: list[Formula]) -> list[Some] | None:
        """Narrow the states by all that must hold; return the alternatives still open, or None if nothing fits.

        An alternative is looked at again only if a variable that it is about has changed.
        """
        while todo and not self.budget.is_spent:
            new: list[Some] = []
            changed = self._narrowed(states, new, todo)
            if changed is None:
                return None
            waiting = [*new, *(one for one in known if not one.names.isdisjoint(changed))]
            known = [one for one in known if one.names.isdisjoint(changed)]
            for one in waiting:
                if self.budget.is_spent:
                    break
                left = self._left(one, states)
                if left is None:
                    continue
                if not left:
                    self._clash(one)
                    return None
                rest = one if len(left) == len(one.parts) else some(tuple(left))
                (known if isinstance(rest, Some) else todo).append(rest)  # type: ignore[arg-type]
        return known

    def _narrowed(self, states: _States, new: list[Some], todo: list[Formula]) -> set[str] | None:
        """Narrow by what holds without alternatives; return the variables that have changed, None if nothing fits."""
        changed: set[str] = set()
        while todo:
            part = todo.pop()
            match part:
                case Every(parts):
                    todo += parts
                case Some():
                    new.append(part)
                case Atom(variable, tests):
                    self.budget.left -= 1
                    before = self._state(variable, states)
                    left = variable.narrow(before, tests)
                    if left is None:
                        self.clashes[variable.name] = None
                        return None
                    states[variable.name] = variable, left
                    if left != before:
                        changed.add(variable.name)
        return changed

    @staticmethod
    def _state(variable: Variable, states: States) -> State:
        known = states.get(variable.name)
        return variable.start() if known is None else known[1]

    def _left(self, alternative: Some, states: States) -> list[Formula] | None:
        """Return the parts that may still hold; None if one of them does anyway."""
        left: list[Formula] = []
        for part in alternative.parts:
            view = self._view(part, states)
            if view is True:
                return None
            if view is None:
                left.append(part)
        return left

    def _view(self, formula: Formula, states: States) -> bool | None:
        match formula:
            case Atom(variable, tests):
                self.budget.left -= 1
                return variable.view(self._state(variable, states), tests)
            case Every(parts):
                return self._joint(parts, states, decisive=False)
            case Some(parts):
                return self._joint(parts, states, decisive=True)

    def _joint(self, parts: tuple[Formula, ...], states: States, *, decisive: bool) -> bool | None:
        is_open = False
        for part in parts:
            view = self._view(part, states)
            if view is decisive:
                return decisive
            is_open = is_open or view is None
        return None if is_open else not decisive

    def _clash(self, alternative: Some) -> None:
        for part in alternative.parts:
            if isinstance(part, Atom):
                self.clashes[part.variable.name] = None

    @staticmethod
    def _branches(states: _States, alternatives: list[Some]) -> list[Branch]:
        """Take the shortest alternative apart: a part holds, and no condition before it does."""
        chosen = min(alternatives, key=lambda one: len(one.parts))
        rest = [one for one in alternatives if one is not chosen]
        branches: list[Branch] = []
        excluded: list[Formula] = []
        for part in chosen.parts:
            branches.append((dict(states), list(rest), [*excluded, part]))
            if isinstance(part, Atom):
                excluded += opposite(part)
        return branches[::-1]
