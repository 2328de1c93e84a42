"""Conditions on membership in other segments of the index: their answers stand in the bits already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        self._places: list[tuple[Reference, slice]] | None = None

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
            places = self._places = [(one, numbering.slice(one.key)) for one in self._references]
        return self._mostly.effect(_answers(places, numbering.text(not_true), numbering.text(false)))


def _answers(
    places: list[tuple[Reference, slice]], true_text: str, possible_text: str
) -> Iterator[tuple[Reference, Answer]]:
    """Yield those that are not false."""
    for reference, place in places:
        if "0" in possible_text[place]:
            yield reference, True if "0" in true_text[place] else None


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
