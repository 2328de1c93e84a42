"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import datetime, timedelta

from mimcore.values.instants import as_instant

__all__ = ["DEFAULT_START", "FixedClock"]

DEFAULT_START = "2026-04-01T12:00:00+00:00"


class FixedClock:
    """A clock for tests: call it for the present instant, move it with `advance`.

    Examples:
        >>> clock = FixedClock("2026-04-01T12:00Z")
        >>> clock.advance(days=2)
        >>> clock().isoformat()
        '2026-04-03T12:00:00+00:00'
    """

    def __init__(self, start: datetime | str = DEFAULT_START) -> None:
        """Stand at an instant.

        Args:
            start: An aware datetime, or ISO text with an offset.

        Raises:
            InvalidValueError: If it is not an instant.
        """
        self._now = as_instant(start, "start")

    def __call__(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return self._now

    def __repr__(self) -> str:
        """Where it stands."""
        return f"FixedClock({self._now.isoformat()!r})"

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the clock; negative amounts move it back.

        Args:
            days: Days of 86 400 seconds.
            hours: Hours.
            minutes: Minutes.
            seconds: Seconds.
        """
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def move_to(self, instant: datetime | str) -> None:
        """Set the clock.

        Args:
            instant: An aware datetime, or ISO text with an offset.
        """
        self._now = as_instant(instant, "instant")
