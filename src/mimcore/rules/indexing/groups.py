"""Conditions that are looked up together, with what each cell does to the alternatives of all segments."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from datetime import datetime
from typing import NamedTuple

from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.explaining.flips.edges import edges
from mimcore.rules.indexing.atoms import Atom, Effect, joined
from mimcore.rules.indexing.cells import Cells
from mimcore.rules.indexing.mostly import Mostly
from mimcore.rules.indexing.moving_cells import earliest
from mimcore.rules.indexing.question import Question
from mimcore.rules.indexing.sorting import reads_of

__all__ = ["Alone", "Group", "Parts", "Together"]

_MOST_CELLS = 4096
"""A field with values without end starts again."""


class Group:
    """Conditions that are asked together.

    Attributes:
        key: What tells it apart.
        atoms: The conditions.
        reads: What their answers depend on.
        mentions: Bits of the alternatives that they stand in.
        is_timed: Whether time alone may change their answers.
    """

    def __init__(self, key: Hashable) -> None:
        """Start without conditions.

        Args:
            key: What tells it apart.
        """
        self.key = key
        self.atoms: list[Atom] = []
        self.reads: frozenset[str] = frozenset()
        self.mentions = 0
        self.is_timed = False

    def add(self, atom: Atom) -> None:
        """Take a condition in."""
        self.atoms.append(atom)
        self.reads |= reads_of(atom)
        self.is_timed = self.is_timed or atom.is_timed

    def drop(self, atom: Atom) -> None:
        """Leave a condition out; the alternatives that it stood in are gone."""
        self.atoms.remove(atom)

    def touch(self) -> None:
        """Notice that conditions stand in other alternatives now."""
        self.mentions = 0
        for atom in self.atoms:
            self.mentions |= atom.mentions

    def effect(self, question: Question) -> Effect:
        """Return what the contact's answers do."""
        return joined(atom.effect(atom.ask(question)) for atom in self.atoms)

    def until(self, question: Question) -> datetime | None:
        """Return an instant before which time alone changes none of the answers; None if it never does."""
        timed = (atom.node for atom in self.atoms if atom.is_timed)
        found = (edges(node, question.facts, question.binding) for node in timed)
        return earliest(one[0] for one in found if one)


class Parts(NamedTuple):
    """What groups of conditions did, each in its place; several contacts share the groups.

    Attributes:
        groups: The groups.
        effects: What each did.
    """

    groups: tuple[Group, ...]
    effects: list[Effect]


class Alone(Group):
    """One condition without cells."""


class Together(Group):
    """Conditions with the same cells."""

    def __init__(self, key: Hashable, cells: Cells) -> None:
        """Remember by cell.

        Args:
            key: What tells it apart.
            cells: What tells contacts apart.
        """
        super().__init__(key)
        self._cells, self._cell = cells, cells.cell
        self._answers: dict[Hashable, tuple[Answer, ...]] = {}
        self._known: dict[Hashable, Effect] = {}
        self._unnamed: list[Atom] = []
        self._naming: dict[Hashable, list[Atom]] = {}
        self._mostly: Mostly | None = None

    def add(self, atom: Atom) -> None:
        """Take a condition in; cells may be divided by it."""
        super().add(atom)
        self._cells.learn(atom)
        names = self._cells.names(atom)
        for place in [self._unnamed] if names is None else [self._naming.setdefault(one, []) for one in names]:
            place.append(atom)
        self._answers = {}

    def drop(self, atom: Atom) -> None:
        """Leave a condition out."""
        super().drop(atom)
        for place in (self._unnamed, *self._naming.values()):
            if atom in place:
                place.remove(atom)
        self._answers = {}

    def touch(self) -> None:
        """Forget what cells do; what their answers are stays known."""
        super().touch()
        self._known, self._mostly = {}, None

    def effect(self, question: Question) -> Effect:
        """Look the contact's cell up, or ask and remember."""
        if not question.is_plain:
            return super().effect(question)
        known, cell = self._known, self._cell(question)
        found = known.get(cell)
        if found is None:
            found = self._found(cell, question)
            if len(known) >= _MOST_CELLS:
                known.clear()
            known[cell] = found
        return found

    def _found(self, cell: Hashable, question: Question) -> Effect:
        held = self._cells.held(cell)
        if held is None or not self._naming:
            return self._of_all(cell, question)
        asked = dict.fromkeys([*self._unnamed, *(atom for name in held for atom in self._naming.get(name, ()))])
        if self._mostly is None:
            self._mostly = self._usual(asked, question)
        if self._mostly is None:
            return super().effect(question)
        return self._mostly.effect((atom, atom.ask(question)) for atom in asked)

    def _usual(self, asked: Collection[Atom], question: Question) -> Mostly | None:
        """Learn answers to what names nothing that is here; None as long as some condition was never asked so."""
        usual: list[tuple[Atom, Answer]] = []
        for atom in self.atoms:
            if atom.elsewhere is ... and atom not in asked:
                atom.elsewhere = atom.ask(question)
            if atom.elsewhere is not ...:
                usual.append((atom, atom.elsewhere))
            elif atom in self._unnamed:
                usual.append((atom, None))
            else:
                return None
        return Mostly(usual)

    def _of_all(self, cell: Hashable, question: Question) -> Effect:
        answers = self._answers.get(cell)
        if answers is None:
            answers = tuple(atom.ask(question) for atom in self.atoms)
            if len(self._answers) >= _MOST_CELLS:
                self._answers.clear()
            self._answers[cell] = answers
        return joined(atom.effect(answer) for atom, answer in zip(self.atoms, answers, strict=True))

    def until(self, question: Question) -> datetime | None:
        """Ask the cells."""
        return self._cells.until(question) if question.is_plain else super().until(question)
