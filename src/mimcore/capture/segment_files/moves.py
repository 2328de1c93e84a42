"""Whom a set of new rules would move, all of them taken together: also in segments that only refer to a changed one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from mimcore.capture.segment_files.document import references
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError, Problem, nearest
from mimcore.quality.memberships import opened
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.nodes import Everyone, InSegment, Rule
from mimcore.segments.references import rule_of

__all__ = ["Moves", "World", "check_references"]


@dataclass(frozen=True, slots=True)
class Moves:
    """How many would enter and leave a segment.

    Attributes:
        before: Members now, by the rule.
        entering: How many would enter.
        leaving: How many would leave.
    """

    before: int
    entering: int
    leaving: int


@dataclass(frozen=True, slots=True)
class World:
    """The segments of a store as they are, and as they would be.

    Attributes:
        stored: Those of the store by key.
        new: Those that would be new or changed, by key.
    """

    work: UnitOfWork
    at: datetime
    stored: Mapping[str, Segment]
    new: Mapping[str, Segment]

    def touched(self) -> tuple[str, ...]:
        """Return the keys of all segments whose rule would differ, their own or one that they refer to, in order."""
        found = {
            key for key, one in self.new.items() if key not in self.stored or _rule(one) != _rule(self.stored[key])
        }
        after = self._after()
        grows = True
        while grows:
            more = {key for key, one in after.items() if key not in found and found & set(one.referred_segments())}
            found |= more
            grows = bool(more)
        return tuple(sorted(found))

    def moves(self, key: str, touched: Iterable[str]) -> Moves:
        """Count whom the new rules together would move in a segment.

        Args:
            key: The segment.
            touched: Keys of all whose rule would differ.
        """
        after = self._after()
        ahead = {one: self._new_rule(after[one]) for one in touched}
        new = opened(ahead[key], ahead)
        held = self.stored.get(key)
        if held is None or held.is_archived:
            return Moves(0, self._count(new), 0)
        old = rule_of(self.work, held)
        entering, leaving = self._count(new & (~old).or_missing()), self._count(old & (~new).or_missing())
        return Moves(self._count(old), entering, leaving)

    def _after(self) -> dict[str, Segment]:
        return {**{key: one for key, one in self.stored.items() if not one.is_archived}, **self.new}

    def _new_rule(self, segment: Segment) -> Rule:
        """A list that is not stored yet holds nobody."""
        rule = segment.effective_rule
        if rule is not None:
            return rule
        return InSegment(segment=segment.key) if segment.key in self.stored else ~Everyone()

    def _count(self, rule: Rule) -> int:
        return self.work.contacts.count(rule, now=self.at)


def _rule(segment: Segment) -> Rule | None:
    return None if segment.is_archived else segment.rule


def check_references(stored: Mapping[str, Segment], new: Mapping[str, Segment]) -> None:
    """Refuse rules that refer to segments which would not be there, or to each other in a circle.

    Args:
        stored: The segments of the store by key.
        new: Those that would be new or changed.

    Raises:
        InvalidValueError: Naming the files and the places in them.
    """
    after = {**stored, **new}
    problems = [
        Problem(
            f"{key}.json, {path}",
            f"refers to a segment that is neither in the folder nor in the store{nearest(other, after)}",
            "add its file, or correct the key",
        )
        for key, one in new.items()
        if one.rule is not None
        for other, path in references(one.rule)
        if other not in after
    ]
    if problems:
        raise InvalidValueError.of(problems)
    try:
        TopologicalSorter({key: one.referred_segments() for key, one in after.items()}).prepare()
    except CycleError as error:
        ring: list[str] = list(reversed(error.args[1]))
    else:
        return
    name = next((key for key in ring if key in new), ring[0])
    raise InvalidValueError(
        f"{name}.json, rule",
        f"refers to itself through others: {' → '.join(ring)}",
        "name the common part as a segment of its own",
    )
