"""Which values are alike to all conditions on one field: the cell that a contact lies in, and until when it does.

Two contacts in one cell get the same answers from every condition that was learnt; that is all that is decided here.
What the answers are, the evaluator says.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, cast

from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.indexing.atoms import Atom
from mimcore.rules.indexing.question import Question
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import IsKnown, Overlap, TextMatch
from mimcore.values.text import fold

__all__ = ["Amounts", "Cells", "Limits", "NamedIn", "Ranges", "Values", "Words", "value_of"]


class Cells(ABC):
    """The cells of one field, or of one thing else that conditions ask about."""

    is_timed = False
    """Whether a contact may change its cell by time alone."""

    def learn(self, atom: Atom) -> None:  # noqa: B027 - cells whose values are all different have nothing to learn
        """Take a condition into account.

        Args:
            atom: A condition of the kind that these cells are for.
        """

    def names(self, atom: Atom) -> frozenset[Hashable] | None:  # noqa: ARG002 - cells of names say which
        """Return what a condition names: with a cell that holds none of it, the answer is always the same.

        Args:
            atom: A condition that was learnt.

        Returns:
            None for a condition that is not of names only.
        """
        return None

    def held(self, cell: Hashable) -> Iterable[Hashable] | None:  # noqa: ARG002 - as above
        """Return the names that a cell holds; None where a value is missing."""
        return None

    @abstractmethod
    def cell(self, question: Question) -> Hashable:
        """Return the cell of a contact."""

    def until(self, question: Question) -> datetime | None:  # noqa: ARG002 - as above
        """Return an instant before which the contact stays in its cell; None where time changes nothing."""
        return None


def value_of(spec: FieldSpec) -> Callable[[Facts], Any]:
    """Return what reads a single value of facts; None where it is missing, or where there is no account."""
    read = spec.read
    if spec.entity == "account":
        return lambda facts: None if facts.account is None else read(facts.account)
    return lambda facts: read(facts.contact)


class Limits:
    """Constants in order, and where a value lies between them: an even number between two, an odd one on one."""

    __slots__ = ("_sorted",)

    def __init__(self) -> None:
        """Start with none."""
        self._sorted: list[Any] = []

    def add(self, constants: Iterable[Any]) -> None:
        """Add constants."""
        for constant in constants:
            at = bisect_left(self._sorted, constant)
            if at == len(self._sorted) or self._sorted[at] != constant:
                insort(self._sorted, constant)

    def place(self, value: Any) -> int:
        """Return where a value lies."""
        return bisect_left(self._sorted, value) + bisect_right(self._sorted, value)

    def below(self, value: Any) -> Any:
        """Return the greatest constant that is not greater than a value; None where there is none."""
        at = bisect_right(self._sorted, value)
        return self._sorted[at - 1] if at else None


class Values(Cells):
    """Each value is a cell of its own: codes, truth values, text. Equality names values."""

    def __init__(self, spec: FieldSpec) -> None:
        """Read a field."""
        self._value, self._folds = value_of(spec), spec.kind is Kind.TEXT

    def names(self, atom: Atom) -> frozenset[Hashable] | None:
        """The values that equality asks for."""
        if any(isinstance(leaf, TextMatch | IsKnown) for leaf in atom.leaves):
            return None
        return frozenset(constants(atom))

    def held(self, cell: Hashable) -> Iterable[Hashable] | None:
        """The value."""
        return None if cell is None else (cell,)

    def cell(self, question: Question) -> Hashable:
        """The value, folded if it is text."""
        value = self._value(question.facts)
        return fold(value) if self._folds and value is not None else value


class Ranges(Cells):
    """Values between two neighbouring constants are alike."""

    def __init__(self, spec: FieldSpec) -> None:
        """Read a field."""
        self._value, self._limits = value_of(spec), Limits()

    def learn(self, atom: Atom) -> None:
        """Know its constants."""
        self._limits.add(constants(atom))

    def cell(self, question: Question) -> Hashable:
        """The place among the constants."""
        value = self._value(question.facts)
        return None if value is None else self._limits.place(value)


class Amounts(Ranges):
    """Money: the same, currency by currency."""

    def cell(self, question: Question) -> Hashable:
        """The currency and the place of the minor units among the constants of all currencies."""
        money = self._value(question.facts)
        return None if money is None else (money.currency, self._limits.place(money.minor_units))


def constants(atom: Atom) -> Iterable[Any]:
    """Yield what a condition compares a single value with."""
    for leaf in atom.leaves:
        one: Any = leaf
        if hasattr(one, "values"):
            yield from one.values
        elif hasattr(one, "value"):
            yield one.value


def _names_in(cell: Hashable) -> Iterable[Hashable] | None:
    return cast("frozenset[Hashable]", cell) if isinstance(cell, frozenset) else None


class Words(Cells):
    """A collection of words: which of those that conditions name are in it, and whether it holds any."""

    def __init__(self, spec: FieldSpec) -> None:
        """Read a field."""
        self._read, self._of_account = spec.read, spec.entity == "account"
        self._folds, self._named = spec.kind is Kind.TAGS, set[str]()

    def learn(self, atom: Atom) -> None:
        """Know its words."""
        for leaf in atom.leaves:
            if isinstance(leaf, Overlap):
                self._named.update(leaf.values)

    def names(self, atom: Atom) -> frozenset[Hashable] | None:
        """The words that it asks for."""
        leaves = list(atom.leaves)
        if not all(isinstance(leaf, Overlap) for leaf in leaves):
            return None
        return frozenset(word for leaf in leaves if isinstance(leaf, Overlap) for word in leaf.values)

    def held(self, cell: Hashable) -> Iterable[Hashable] | None:
        """The words."""
        return _names_in(cell)

    def cell(self, question: Question) -> Hashable:
        """The named words, or that it holds others only; None without an account, which is not an empty collection."""
        facts = question.facts
        owner = facts.account if self._of_account else facts.contact
        if owner is None:
            return None
        words = self._read(owner)
        if not words:
            return False
        return frozenset(self._named.intersection(map(fold, words) if self._folds else words))


class NamedIn(Cells):
    """Lists that name the contact, or permissions that it gave: which of those that conditions ask for are there."""

    def __init__(self, companion: str, names: Callable[[Any], Hashable]) -> None:
        """Read a companion.

        Args:
            companion: Its name in `Facts`; it holds a frozen set.
            names: Returns what a leaf looks for in it.
        """
        self._companion, self._names, self._named = companion, names, set[Hashable]()

    def learn(self, atom: Atom) -> None:
        """Know what it looks for."""
        self._named.update(self._names(leaf) for leaf in atom.leaves)

    def names(self, atom: Atom) -> frozenset[Hashable] | None:
        """What it looks for."""
        return frozenset(map(self._names, atom.leaves))

    def held(self, cell: Hashable) -> Iterable[Hashable] | None:
        """What is there."""
        return _names_in(cell)

    def cell(self, question: Question) -> Hashable:
        """What is there of what is looked for."""
        there: frozenset[Hashable] = getattr(question.facts, self._companion)
        return there.intersection(self._named)
