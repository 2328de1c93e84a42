"""Many conditions of which most have their usual answer: their effect is prepared, only the others are put right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.indexing.atoms import Atom, Effect, joined

__all__ = ["Mostly"]


class Mostly:
    """The effect of conditions when each has its usual answer, to be put right for a few.

    In one layer at most one of the conditions stands in an alternative, so that what it does there can be taken back;
    where several stand in one alternative, the second one is in the second layer, and so on.
    """

    __slots__ = ("_layers",)

    def __init__(self, usual: Sequence[tuple[Atom, Answer]]) -> None:
        """Prepare.

        Args:
            usual: Every condition with its usual answer.
        """
        self._layers: list[_Layer] = []
        remaining = [(atom, answer, atom.mentions) for atom, answer in usual]
        while remaining:
            layer = _Layer()
            rest = ((atom, answer, layer.take(atom, answer, bits)) for atom, answer, bits in remaining)
            remaining = [one for one in rest if one[2]]
            self._layers.append(layer)

    def effect(self, unusual: Iterable[tuple[Atom, Answer]]) -> Effect:
        """Return the effect of all conditions.

        Args:
            unusual: Those that have perhaps another answer than the usual one, with that answer; each once.
        """
        others = list(unusual)
        if len(self._layers) == 1:
            return self._layers[0].effect(others)
        return joined(layer.effect(others) for layer in self._layers)


class _Layer:
    __slots__ = ("_false", "_not_true", "_parts", "_taken", "_turns")

    def __init__(self) -> None:
        self._taken = self._not_true = self._false = 0
        self._parts: dict[Atom, tuple[int, Answer]] = {}
        self._turns: dict[tuple[Atom, Answer], Effect] = {}

    def take(self, atom: Atom, answer: Answer, bits: int) -> int:
        """Let a condition stand in the alternatives that are free; return those that are not."""
        part = bits & ~self._taken
        if part:
            self._taken |= part
            self._parts[atom] = part, answer
            one = atom.effect(answer)
            self._not_true |= one[0] & part
            self._false |= one[1] & part
        return bits ^ part

    def effect(self, others: list[tuple[Atom, Answer]]) -> Effect:
        not_true, false, turns = self._not_true, self._false, self._turns
        for one in others:
            turn = turns.get(one)
            if turn is None:
                turn = turns[one] = self._turn(*one)
            if turn[0]:
                not_true ^= turn[0]
            if turn[1]:
                false ^= turn[1]
        return not_true, false

    def _turn(self, atom: Atom, answer: Answer) -> Effect:
        """Return the bits that another answer turns; no two conditions turn the same."""
        part, usual = self._parts.get(atom, (0, answer))
        one, other = atom.effect(usual), atom.effect(answer)
        return (one[0] ^ other[0]) & part, (one[1] ^ other[1]) & part
