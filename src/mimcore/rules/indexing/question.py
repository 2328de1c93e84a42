"""One question: the facts of one contact at one instant, and what several conditions look up of them."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.lowering.binding import Binding
from mimcore.values.instants import to_microseconds

__all__ = ["Question"]

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
        return self.binding.instant("a membership index")

    @cached_property
    def microseconds(self) -> int:
        """The instant in microseconds since 1970."""
        return to_microseconds(self.instant)

    def today(self, zone: ZoneInfo) -> date:
        """Return the local date of the instant."""
        found = self._days.get(zone)
        if found is None:
            found = self._days[zone] = self.instant.astimezone(zone).date()
        return found

    def events(self, kind: str) -> tuple[list[datetime], list[Any]]:
        """Return the events of a kind in their order, and their instants."""
        return self._events.get(kind, _NONE)

    @cached_property
    def _events(self) -> dict[str, tuple[list[datetime], list[Any]]]:
        every: Any = self.facts.events
        kinds: dict[str, list[Any]] = {}
        for event in sorted(every, key=_at):
            kinds.setdefault(event.kind, []).append(event)
        return {kind: (list(map(_at, events)), events) for kind, events in kinds.items()}


_NONE: tuple[list[datetime], list[Any]] = ([], [])


def _at(event: Any) -> datetime:
    at: datetime = event.at
    return at
