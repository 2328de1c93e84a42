"""Conditions on membership in other segments of the index: their answers stand in the bits already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import repeat

from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.indexing.atoms import Atom, Effect
from mimcore.rules.indexing.mostly import Mostly
from mimcore.rules.indexing.numbering import Numbering
from mimcore.rules.indexing.spelling import Spelling
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bound import Bound

__all__ = ["Level", "Reference", "levels"]


class Reference(Atom):
    """A condition on membership in a segment with a rule.

    Attributes:
        key: The key of that segment.
    """

    def __init__(self, node: nodes.InSegment, bound: Bound) -> None:
        """Refer to a segment.

        Args:
            node: The condition.
            bound: What is never asked.
        """
        super().__init__(node, bound, is_timed=False)
        self.key = node.segment


class Level:
    """References to segments that are as deep as each other: once all below them is known, so are all of them."""

    def __init__(self, references: Sequence[Reference]) -> None:
        """Take references.

        Args:
            references: All of one level.
        """
        self._references = references
        self._bits: tuple[int, Spelling[Reference]] | None = None

    @cached_property
    def _mostly(self) -> Mostly:
        return Mostly([(one, False) for one in self._references])

    def effect(self, not_true: int, false: int, numbering: Numbering) -> Effect:
        """Return what the answers of the segments do to those that refer to them.

        Args:
            not_true: Alternatives that are not true, as far as they matter here.
            false: Those among them that are false.
            numbering: Which bits are whose.
        """
        bits = self._bits
        if bits is None:
            bits = self._bits = self._looked_up(numbering)
        mask, spelling = bits
        possible, true = mask ^ (false & mask), mask ^ (not_true & mask)
        answers: dict[Reference, Answer] = dict.fromkeys(spelling.of(possible)) if possible != true else {}
        if true:
            answers.update(zip(spelling.of(true), repeat(True)))
        return self._mostly.effect(answers.items())

    def _looked_up(self, numbering: Numbering) -> tuple[int, Spelling[Reference]]:
        """Return the bits of the segments that are referred to, and whose they are."""
        mask = sum(numbering.mask(one.key) for one in self._references)
        owners = [self._references[0]] * mask.bit_length()  # the bits of others are never asked for
        for one in self._references:
            for bit in numbering.bits(one.key):
                owners[bit] = one
        return mask, Spelling(owners)


def levels(references: Iterable[Reference], mentions: Mapping[str, tuple[str, ...]]) -> list[Level]:
    """Return references in levels: those to segments that refer to none first.

    Args:
        references: All of an index.
        mentions: By key of a segment the keys that its rule refers to; none leads back to itself.
    """
    known: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in known:
            known[key] = max((depth(inner) + 1 for inner in mentions[key]), default=0)
        return known[key]

    found: dict[int, list[Reference]] = {}
    for one in references:
        found.setdefault(depth(one.key), []).append(one)
    return [Level(found[level]) for level in sorted(found)]
