"""What an index answers about one contact: members, unknown, and until when it holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from mimcore.errors import UnknownFieldError, nearest
from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.indexing.atoms import Effect
from mimcore.rules.indexing.groups import Group, Parts
from mimcore.rules.indexing.moving_cells import earliest
from mimcore.rules.indexing.numbering import Numbering
from mimcore.rules.indexing.question import Question

__all__ = ["Memberships"]


class Memberships:
    """Which segments a contact is in, by an index as it was when it was asked."""

    def __init__(
        self,
        numbering: Numbering,
        masks: Effect,
        question: Question,
        parts: Parts,
        unlisted: frozenset[str] = frozenset(),
    ) -> None:
        """Made by an index.

        Args:
            numbering: Which bits are whose.
            masks: Alternatives that are not true, and those that are false.
            question: What was asked.
            parts: What each group of conditions did.
            unlisted: Keys of segments that are not told of.
        """
        self._numbering, self._masks, self._question, self._parts = numbering, masks, question, parts
        self._unlisted = unlisted

    @property
    def at(self) -> datetime | None:
        """The instant that was asked about."""
        return self._question.now

    @cached_property
    def members(self) -> frozenset[str]:
        """Keys of the segments whose rule is true."""
        return self._listed(self._masks[0])

    @cached_property
    def unknown(self) -> frozenset[str]:
        """Keys of the segments whose rule cannot be decided."""
        not_true, false = self._masks
        if not_true == false:
            return frozenset()
        return self._listed(false | ~not_true) - self.members

    def _listed(self, mask: int) -> frozenset[str]:
        keys = self._numbering.keys_outside(mask)
        return keys - self._unlisted if self._unlisted else keys

    def __getitem__(self, key: str) -> Answer:
        """Return the answer of one segment: True, False, or None where it cannot be decided.

        Raises:
            UnknownFieldError: If the index holds no such segment.
        """
        if key not in self._numbering or key in self._unlisted:
            raise UnknownFieldError(f"the index holds no segment '{key}'{nearest(key, self._numbering)}")
        return self._numbering.answer(key, *self._masks)

    @cached_property
    def valid_until(self) -> datetime | None:
        """An instant before which no answer changes by time alone; None where time changes nothing."""
        if self.at is None:
            return None
        instants = [group.until(self._question) for group in self._parts.groups if group.is_timed]
        return earliest([*instants, self._question.facts.permissions_end])

    def entered_since(self, before: Memberships) -> frozenset[str]:
        """Return the keys of the segments that the contact is a member of now, and was not before."""
        return self._entered(before)

    def left_since(self, before: Memberships) -> frozenset[str]:
        """Return the keys of the segments that the contact was a member of, and is not any more."""
        return before._entered(self)

    def _entered(self, before: Memberships) -> frozenset[str]:
        """Compare the bits, where they are the same segments'; only what differs is spelt out."""
        if self._numbering is not before._numbering:
            return self.members - before.members
        new = self._numbering.keys_outside(self._masks[0] | ~before._masks[0])
        return frozenset(key for key in new if not before._numbering.is_true(key, before._masks[0])) - self._unlisted

    def parts_of(self, numbering: Numbering, kept: Callable[[Group], bool]) -> dict[Group, Effect]:
        """Return what some groups of conditions did; nothing if the index was changed since.

        Args:
            numbering: The index's.
            kept: Which groups.
        """
        if numbering is not self._numbering:
            return {}
        return {group: effect for group, effect in zip(*self._parts, strict=True) if kept(group)}

    def __repr__(self) -> str:
        """How many there are."""
        return f"Memberships({len(self.members)} members, {len(self.unknown)} unknown)"
