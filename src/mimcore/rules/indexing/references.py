"""Conditions on membership in other segments of the index: their answers stand in the bits already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.indexing.atoms import Atom, Effect
from mimcore.rules.indexing.mostly import Mostly
from mimcore.rules.indexing.numbering import Numbering
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
        self._places: list[tuple[Reference, int, int]] | None = None

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
        places = self._places
        if places is None:
            places = self._places = [(one, *place) for one in self._references for place in numbering.places(one.key)]
        possible, true = numbering.outside(false), numbering.outside(not_true)
        answers: dict[Reference, Answer] = {one: None for one, at, bits in places if possible[at] & bits}
        answers.update([(one, True) for one, at, bits in places if true[at] & bits])
        return self._mostly.effect(answers.items())


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
