"""A condition that segments share: its answer by the one evaluator, and what each answer does to which alternatives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import EllipsisType

from mimcore.rules.evaluation.evaluator import Answer, evaluator
from mimcore.rules.evaluation.facts import needs
from mimcore.rules.evaluation.value_tests import Test
from mimcore.rules.indexing.question import Question
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.bound import Bound, Constant, Leaf, leaves

__all__ = ["Atom", "Effect", "joined"]

Effect = tuple[int, int]
"""Bits of the alternatives that an answer makes not true, and of those among them that it makes false.

Where nothing is undecided both are one object: much is then done once instead of twice.
"""


def joined(effects: Iterable[Effect]) -> Effect:
    """Return what several conditions do together."""
    decided = undecided = false = 0
    for not_true, other in effects:
        if not_true is other:
            decided |= not_true
        else:
            undecided |= not_true
            false |= other
    if undecided == false:
        both = decided | false
        return both, both
    return decided | undecided, decided | false


class Atom:
    """One condition, or a whole rule that is too wide.

    Attributes:
        node: The condition as it is written.
        bound: Bound at the index's own instant: its fields and companions are those of every instant.
        is_timed: Whether it is bound anew for each instant.
        elsewhere: The answer where nothing is that the condition names, once it is known.
        uses: In how many segments it stands.
        mentions: Bits of the alternatives that it stands in.
    """

    def __init__(self, node: nodes.Rule, bound: Bound, *, is_timed: bool) -> None:
        """Take a condition.

        Args:
            node: The condition.
            bound: Its bound form.
            is_timed: Whether it depends on the instant.
        """
        self.node, self.bound, self.is_timed = node, bound, is_timed
        self.needs = needs(bound)
        self.elsewhere: Answer | EllipsisType = ...
        self.uses = 0
        self.mentions = 0
        self._bits: dict[tuple[bool, bool | None], int] = {}
        self._effects: dict[Answer, Effect] = {}
        self._compiled: tuple[datetime | None, Test] | None = None

    @property
    def leaves(self) -> Iterator[Leaf]:
        """Its leaves, without those inside conditions on events or accounts."""
        return leaves(self.bound, outer=True)

    def stand_in(self, bits: int, *, negated: bool, missing: bool | None) -> None:
        """Take part in alternatives.

        Args:
            bits: Their bits.
            negated: Whether it is negated there.
            missing: What unknown counts as there.
        """
        sign = (negated, missing)
        self._bits[sign] = self._bits.get(sign, 0) | bits
        self.mentions |= bits
        self._effects.clear()

    def leave_all(self) -> None:
        """Stand in no alternative any more."""
        self._bits.clear()
        self._effects.clear()
        self.mentions = 0

    def effect(self, answer: Answer) -> Effect:
        """Return what an answer does."""
        found = self._effects.get(answer)
        if found is None:
            found = self._effects[answer] = self._effect(answer)
        return found

    def _effect(self, answer: Answer) -> Effect:
        if isinstance(self.bound, Constant) and self.bound.value is None:
            return self.mentions, 0  # what nobody collected yet stays undecided, also where missing counts as true
        not_true = false = 0
        for (negated, missing), bits in self._bits.items():
            signed = missing if answer is None else answer is not negated
            if signed is not True:
                not_true |= bits
            if signed is False:
                false |= bits
        return (not_true, not_true) if not_true == false else (not_true, false)

    def ask(self, question: Question) -> Answer:
        """Return the answer of the evaluator."""
        compiled = self._compiled
        if compiled is None or (self.is_timed and compiled[0] != question.now):
            bound = bind(self.node, question.binding) if self.is_timed else self.bound
            compiled = self._compiled = (question.now, evaluator(bound))
        return compiled[1](question.facts)
