"""What conditions are about, seen without data: a variable holds what one field may still be after some conditions.

A variable's state is a set of possibilities that is never too small: what it rules out is impossible for every
contact. `is_certain` says whether a possibility is left that some contact really has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mimcore.rules.evaluation.value_tests import Answer
from mimcore.rules.lowering.bound import Leaf

__all__ = ["ANY", "FALSE", "TRUE", "UNKNOWN", "Budget", "Cell", "Cells", "Lazy", "State", "Test", "Variable", "bit"]

TRUE, FALSE, UNKNOWN = 1, 2, 4
ANY = TRUE | FALSE | UNKNOWN
State = Any
Test = tuple[int, int]
"""A condition of the variable by its number, and the answers it may give, as bits."""


class Budget:
    """How many steps may still be taken; what runs out is undecided."""

    def __init__(self, steps: int) -> None:
        """Start with a number of steps."""
        self.left = steps

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.left < 0


class Variable(Protocol):
    """One field, one kind of event or one condition that nothing is known about."""

    name: str
    is_account: bool
    joins: bool
    """Whether several tests may stand in one atom, any of which is enough."""

    def start(self) -> State:
        """Everything is possible."""
        ...

    def narrow(self, state: State, tests: tuple[Test, ...]) -> State | None:
        """What is left once one of the tests holds; None for nothing."""
        ...

    def view(self, state: State, tests: tuple[Test, ...]) -> bool | None:
        """Whether one of the tests holds in all of the state, in none of it, or here and there."""
        ...

    def with_account(self, state: State, *, is_linked: bool) -> State | None:
        """What is left if the contact has a primary account, or none."""
        ...

    def with_value(self, state: State, *, is_known: bool) -> State | None:
        """What is left if the field has a value, or none."""
        ...

    def is_certain(self, state: State) -> bool:
        """Whether some contact is really like that."""
        ...

    def say(self, state: State) -> str:
        """An example, in a few words."""
        ...


def bit(answer: Answer) -> int:
    """Return the bit of an answer."""
    return UNKNOWN if answer is None else TRUE if answer else FALSE


class Cell:
    """One representative value of a variable."""

    __slots__ = ("is_certain", "is_linked", "text", "value")

    text: str

    def __init__(self, value: Any, text: str, *, is_certain: bool = True, is_linked: bool | None = None) -> None:
        """Take a value, how it is shown, and whether a contact may have it.

        Args:
            value: What the conditions are asked about.
            text: Shown in an example.
            is_certain: Whether some contact really has such a value.
            is_linked: Whether it goes with an account or without one; None where that does not matter.
        """
        self.value, self.text, self.is_certain, self.is_linked = value, text, is_certain, is_linked


class Cells:
    """A variable with a few representative values: every other value behaves like one. A state is a bit set."""

    joins = True

    def __init__(
        self,
        name: str,
        cells: Sequence[Cell],
        tests: Sequence[Callable[[Any], Answer]],
        budget: Budget,
        *,
        is_account: bool = False,
    ) -> None:
        """Take the representatives and the conditions; the answers are worked out when they are needed."""
        self.name, self.is_account = name, is_account
        self._cells, self._tests, self._budget = cells, tests, budget
        self._answers: list[list[int] | None] = [None] * len(tests)
        self._masks: dict[tuple[Test, ...], int] = {}
        self._certain = self._mask(lambda cell: cell.is_certain)
        self._missing = self._mask(lambda cell: cell.value is None)
        self._linked = {
            True: self._mask(lambda cell: cell.is_linked is not False),
            False: self._mask(lambda cell: cell.is_linked is not True),
        }

    def _mask(self, wanted: Callable[[Cell], bool]) -> int:
        return sum(1 << index for index, cell in enumerate(self._cells) if wanted(cell))

    def start(self) -> State:
        """Every representative."""
        return (1 << len(self._cells)) - 1

    def _allowing(self, tests: tuple[Test, ...]) -> int:
        mask = self._masks.get(tests)
        if mask is None:
            mask = 0
            for number, allowed in tests:
                mask |= sum(
                    one
                    for answer, one in zip((TRUE, FALSE, UNKNOWN), self._asked(number), strict=True)
                    if answer & allowed
                )
            self._masks[tests] = mask
        return mask

    def _asked(self, number: int) -> list[int]:
        """Return the representatives that answer true, false and unknown, as bit sets."""
        found = self._answers[number]
        if found is None:
            answers = [bit(self._tests[number](cell.value)) for cell in self._cells]
            self._budget.left -= len(answers) // 16
            found = [
                sum(1 << index for index, answer in enumerate(answers) if answer == wanted)
                for wanted in (TRUE, FALSE, UNKNOWN)
            ]
            self._answers[number] = found
        return found

    def narrow(self, state: Any, tests: tuple[Test, ...]) -> State | None:
        """The representatives for which one of the tests holds."""
        return (state & self._allowing(tests)) or None

    def view(self, state: Any, tests: tuple[Test, ...]) -> bool | None:
        """Compare the two sets."""
        left = state & self._allowing(tests)
        return False if not left else True if left == state else None

    def with_account(self, state: Any, *, is_linked: bool) -> State | None:
        """Leave out what goes with an account, or without one."""
        return (state & self._linked[is_linked]) or None

    def with_value(self, state: Any, *, is_known: bool) -> State | None:
        """Leave out missing, or all else."""
        return (state & ~self._missing if is_known else state & self._missing) or None

    def is_certain(self, state: Any) -> bool:
        """Whether a representative is left that a contact may have."""
        return bool(state & self._certain)

    def say(self, state: Any) -> str:
        """Show the first certain representative."""
        best: int = (state & self._certain) or state
        return self._cells[(best & -best).bit_length() - 1].text


class Lazy(ABC):
    """A variable whose states are worked out by reasoning; every step is remembered."""

    joins = False

    def __init__(self, name: str, leaves: Sequence[Leaf], budget: Budget, *, is_account: bool = False) -> None:
        """Take the conditions about one thing."""
        self.name, self.leaves, self.is_account, self._budget = name, leaves, is_account, budget
        self._known: dict[tuple[State, tuple[Test, ...]], State | None] = {}

    @abstractmethod
    def reason(self, state: Any, number: int, allowed: int) -> State | None:
        """What is left once a condition gives one of the allowed answers."""

    def effort(self, state: Any) -> int:
        """How many steps a reasoning about a state is worth."""
        del state
        return 1

    def narrow(self, state: State, tests: tuple[Test, ...]) -> State | None:
        """Reason once for every state and test."""
        key = (state, tests)
        if key not in self._known:
            ((number, allowed),) = tests
            self._budget.left -= self.effort(state)
            self._known[key] = self.reason(state, number, allowed)
        return self._known[key]

    def view(self, state: State, tests: tuple[Test, ...]) -> bool | None:
        """Ask for the test and for its opposite."""
        ((number, allowed),) = tests
        if self.narrow(state, tests) is None:
            return False
        return True if self.narrow(state, ((number, ANY & ~allowed),)) is None else None

    def with_account(self, state: Any, *, is_linked: bool) -> State | None:
        """Accounts do not matter."""
        del is_linked
        return state

    def with_value(self, state: Any, *, is_known: bool) -> State | None:
        """There is no value that could be missing."""
        return state if is_known else None

    def is_certain(self, state: Any) -> bool:
        """Nothing is known about it."""
        del state
        return False

    def say(self, state: Any) -> str:
        """The name."""
        del state
        return self.name


class Opaque(Lazy):
    """A condition that nothing is known about: two equal ones give the same answer, and that is all."""

    def __init__(self, name: str, leaves: Sequence[Leaf], budget: Budget, *, is_two_valued: bool = False) -> None:
        """Take the condition, and whether it is never unknown."""
        super().__init__(name, leaves, budget)
        self._start = TRUE | FALSE if is_two_valued else ANY

    def start(self) -> State:
        """Every answer."""
        return self._start

    def reason(self, state: Any, number: int, allowed: int) -> State | None:
        """The answers that are left."""
        del number
        return (state & allowed) or None
