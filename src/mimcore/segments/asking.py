"""Counting contacts by rules: all of them, or a seeded sample that stands for all, until somebody says stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from mimcore.errors import InvalidValueError, StoppedError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.companion_nodes import Sample
from mimcore.rules.language.nodes import Everyone, Rule
from mimcore.rules.writing.builder import all_of
from mimcore.values.arguments import check_called, whole_number
from mimcore.values.rates import wilson_interval

__all__ = ["Asked", "OnProgress", "Sampling", "asking", "undecided"]

OnProgress = Callable[[int], object]
"""Called with the number of counts done since the last call; returns False, or raises, to stop."""

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an estimate was made.

    Attributes:
        size: How many contacts were asked.
        everyone: How many there are.
        seed: Which draw it was; the same seed asks the same contacts.
    """

    size: int
    everyone: int
    seed: int

    def scaled(self, number: int) -> int:
        """Return what a number of the sample stands for among everyone."""
        return round(number * self.everyone / self.size) if self.size else 0

    def between(self, number: int) -> tuple[int, int]:
        """Return the 95 % interval of what a number of the sample stands for (Wilson 1927), in whole contacts."""
        if not self.size:
            return 0, self.everyone
        share = wilson_interval(number, self.size, confidence=_CONFIDENCE)
        return math.floor(share.lower * self.everyone), math.ceil(share.upper * self.everyone)


@dataclass(frozen=True)
class Asked:
    """The contacts that are asked, in one transaction, at one instant.

    Attributes:
        sampling: How they were drawn; None if everybody is asked.
    """

    work: UnitOfWork
    at: datetime
    on_progress: OnProgress | None = None
    share: Rule | None = None
    sampling: Sampling | None = None

    @cached_property
    def size(self) -> int:
        """How many are asked."""
        return self.count(Everyone()) if self.sampling is None else self.sampling.size

    def count(self, rule: Rule) -> int:
        """Count those of them for whom a rule is true."""
        found = self.work.contacts.count(self._among(rule), now=self.at)
        self.advance()
        return found

    def ids(self, rule: Rule) -> list[UUID]:
        """Return those of them for whom a rule is true, by id."""
        found = self.work.contacts.ids(self._among(rule), now=self.at)
        self.advance()
        return found

    def first(self, rule: Rule, limit: int) -> tuple[UUID, ...]:
        """Return the first few of them for whom a rule is true, by id."""
        found = self.work.contacts.find(self._among(rule), limit=limit, now=self.at)
        self.advance()
        return tuple(contact.id for contact in found.items)

    def scaled(self, number: int) -> int:
        """Return what a number of those asked stands for among everyone."""
        return number if self.sampling is None else self.sampling.scaled(number)

    def parts(self, *numbers: int) -> tuple[int, ...]:
        """Return what several numbers stand for, so that they add up to what their sum stands for."""
        ends = [self.scaled(sum(numbers[:end])) for end in range(len(numbers) + 1)]
        return tuple(ends[index + 1] - ends[index] for index in range(len(numbers)))

    def between(self, number: int) -> tuple[int, int] | None:
        """Return the interval of what a number stands for; None where it was counted."""
        return None if self.sampling is None else self.sampling.between(number)

    def advance(self) -> None:
        """Tell that a count was done.

        Raises:
            StoppedError: If whoever is told says stop.
        """
        if self.on_progress is not None and self.on_progress(1) is False:
            raise StoppedError("this was stopped by on_progress, which returned False; nothing was written")

    def _among(self, rule: Rule) -> Rule:
        return rule if self.share is None else all_of((self.share, rule))


def asking(
    work: UnitOfWork, at: datetime, *, sample: int | None, seed: int, on_progress: OnProgress | None = None
) -> Asked:
    """Ask everybody, or draw a sample.

    Each contact is drawn by a hash of its id with the seed, independently of what the rule asks for: whom a rule with
    `sample` of that salt would hold. So its size is about what was asked for.

    Args:
        work: Open unit of work.
        at: Instant of evaluation.
        sample: About how many to ask; None for everybody, who are asked as well where there are no more.
        seed: Which draw.
        on_progress: Told of each count.

    Raises:
        InvalidValueError: If the sample is smaller than 100, or a number is none.
    """
    if on_progress is not None:
        check_called(on_progress, "on_progress", "give a function that takes the number of counts done")
    everybody = Asked(work, at, on_progress)
    if sample is None:
        return everybody
    sample = whole_number(sample, "sample", "give 100 or more, such as 2000")
    seed = whole_number(seed, "seed", "give any whole number", least=-(2**63))
    if sample < 100:
        raise InvalidValueError("sample", "is too small for an estimate", "give 100 or more, such as 2000")
    everyone = everybody.size
    if sample >= everyone:
        return everybody
    share = Sample(percent=100 * sample / everyone, salt=f"preview:{seed}")
    return Asked(work, at, on_progress, share, Sampling(everybody.count(share), everyone, seed))


def undecided(rule: Rule) -> Rule:
    """Return the rule that is true for those for whom a rule cannot be decided, and false for all others."""
    return all_of((rule.or_missing(), (~rule).or_missing()))
