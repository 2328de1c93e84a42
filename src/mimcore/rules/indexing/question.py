"""One question: the facts of one contact at one instant, and what several conditions look up of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.lowering.binding import Binding
from mimcore.values.instants import day_of, to_microseconds

__all__ = ["NO_EVENTS", "Question"]

Events = tuple[list[datetime], list[Any], int]
NO_EVENTS: Events = ([], [], 0)
_PLAIN_YEARS = range(1000, 8999)


class Question:
    """What is asked about, with the binding of its instant.

    Attributes:
        facts: What is known about the contact.
        binding: With the instant.
        now: The instant, or None.
        is_plain: Whether all windows end within the calendar; near its ends no two values are taken for alike.
    """

    def __init__(self, facts: Facts, binding: Binding) -> None:
        """Ask about facts.

        Args:
            facts: What is known about the contact.
            binding: With the instant.
        """
        self.facts, self.binding, self.now = facts, binding, binding.now
        self.is_plain = binding.now is None or binding.now.year in _PLAIN_YEARS
        self._days: dict[ZoneInfo, date] = {}

    @cached_property
    def instant(self) -> datetime:
        """The instant; a condition on time is asked only where there is one."""
        return self.binding.instant("a membership index") if self.now is None else self.now

    @cached_property
    def microseconds(self) -> int:
        """The instant in microseconds since 1970."""
        return to_microseconds(self.instant)

    def today(self, zone: ZoneInfo) -> date:
        """Return the local date of the instant."""
        found = self._days.get(zone)
        if found is None:
            found = self._days[zone] = day_of(self.instant, zone, "now")
        return found

    @cached_property
    def sums(self) -> dict[Hashable, list[int]]:
        """What the first events of a kind come to together, for each number of them, as conditions work it out."""
        return {}

    def forget(self) -> None:
        """Keep nothing that can be worked out again: an answer may be kept for long, and is seldom asked more."""
        self.__dict__.pop("events", None)
        self.__dict__.pop("sums", None)

    @cached_property
    def events(self) -> dict[str, Events]:
        """By kind the instants of the events in their order, the events, and how many of them are visible."""
        every: Any = self.facts.events
        kinds: dict[str, list[Any]] = {}
        for event in sorted(every, key=_at):
            kinds.setdefault(event.kind, []).append(event)
        moments = {kind: list(map(_at, events)) for kind, events in kinds.items()}
        return {
            kind: (moments[kind], events, bisect_right(moments[kind], self.instant)) for kind, events in kinds.items()
        }


_at = attrgetter("at")
