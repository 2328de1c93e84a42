"""Cells of measures of events: how many there were in a window, what they came to, when the last one was."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from mimcore.rules.evaluation.evaluator import object_test
from mimcore.rules.evaluation.event_tests import amounts, counted, measured
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.indexing.atoms import Atom
from mimcore.rules.indexing.cells import Cells, Limits
from mimcore.rules.indexing.moving_cells import earliest
from mimcore.rules.indexing.question import NO_EVENTS, Question
from mimcore.rules.lowering.bound import EventLeaf
from mimcore.values.instants import LATEST, MICROSECOND

__all__ = ["Measures", "Totals"]


class Measures(Cells):
    """One measure of the events of one kind in one rolling window, among the constants that it is compared with."""

    is_timed = True

    def __init__(self, leaf: EventLeaf, *, moves: bool) -> None:
        """Take the measure of a leaf; not an average, which is compared as a fraction.

        Args:
            leaf: Bound at some instant.
            moves: Whether it is a moment that is compared with the present one.
        """
        self._kind, self._moves, self._bound_at = leaf.kind, moves, leaf.end
        self._window = None if leaf.start is None else leaf.end - leaf.start
        self._limits = Limits()
        self._quick = leaf.measure if leaf.where is None else ""
        self._measure = measured(replace(leaf, start=None, end=LATEST), object_test)

    def learn(self, atom: Atom) -> None:
        """Know its constant."""
        for leaf in atom.leaves:
            one: Any = leaf
            self._limits.add([one.value - self._bound_at if self._moves else one.value])

    def _visible(self, question: Question) -> tuple[list[datetime], list[Any], int, int]:
        """Return the events of the kind, and which of them are visible in the window."""
        moments, events, after = question.events.get(self._kind, NO_EVENTS)
        window = self._window
        first = 0 if window is None else bisect_left(moments, question.instant - window, 0, after)
        return moments, events, first, after

    def _value(self, question: Question) -> Any:
        moments, events, first, after = self._visible(question)
        quick = self._quick
        if quick == "count":
            return after - first
        if quick in {"first", "last"}:
            return None if first == after else moments[first if quick == "first" else after - 1]
        return self._measure(Facts(contact=None, events=events[first:after]))

    def cell(self, question: Question) -> Hashable:
        """The place of the measure."""
        value = self._value(question)
        if value is None:
            return None
        return self._limits.place(value - question.instant if self._moves else value)

    def until(self, question: Question) -> datetime | None:
        """When an event leaves the window or comes into sight, or the moment passes a limit."""
        moments, _, first, after = self._visible(question)
        leaves = moments[first] + self._window + MICROSECOND if self._window is not None and first < after else None
        comes = moments[after] if after < len(moments) else None
        return earliest((leaves, comes, self._passes(question)))

    def _passes(self, question: Question) -> datetime | None:
        value = self._value(question) if self._moves else None
        if value is None:
            return None
        distance: timedelta = value - question.instant
        limit = self._limits.below(distance)
        if limit is None:
            return None
        at: datetime = value - limit
        return at + MICROSECOND if limit == distance else at


class Totals(Measures):
    """Totals of money: windows of any length are differences of what the first events come to."""

    def __init__(self, leaf: EventLeaf) -> None:
        """Take the measure of a leaf without a condition on the events; minor units add up exactly, in any order.

        Args:
            leaf: Bound at some instant.
        """
        super().__init__(leaf, moves=False)
        always = replace(leaf, start=None, end=LATEST)
        self._amounts = amounts(always, counted(always, object_test))
        self._key = (leaf.kind, leaf.currency, leaf.of and leaf.of.name)

    def _value(self, question: Question) -> int:
        _, events, first, after = self._visible(question)
        sums = question.sums.get(self._key)
        if sums is None:
            each = list(self._amounts(events))
            if len(each) < len(events):  # some have no amount, or one in another currency
                each = [sum(self._amounts((event,))) for event in events]
            sums = question.sums[self._key] = list(accumulate(each, initial=0))
        return sums[after] - sums[first]
