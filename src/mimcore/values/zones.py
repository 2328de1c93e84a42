"""A time zone as plain numbers: from when on it was how far ahead of UTC, for engines that know no zones."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mimcore.values.instants import to_microseconds

__all__ = ["local_microseconds", "offsets_of"]

_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=3)
"""No zone was ever changed back so soon: Freetown's clocks of 1939 stood apart for four days, Gaza's for a week."""


@lru_cache(maxsize=64)
def offsets_of(zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """Return the offsets of a zone from 1900 to 2100, in order.

    Args:
        zone: A time zone.

    Returns:
        Pairs of microseconds since 1970 and seconds ahead of UTC from then on. The first offset counts for everything
        before 1900, too, and the last for everything after 2100.

    Examples:
        >>> offsets_of(ZoneInfo("UTC"))
        ((-2208988800000000, 0),)
        >>> [seconds for _, seconds in offsets_of(ZoneInfo("Europe/Copenhagen"))[-3:]]
        [3600, 7200, 3600]
    """
    found = [(to_microseconds(_FIRST), _offset(_FIRST, zone))]
    at = _FIRST
    while at < _LAST:
        after = at + _STEP
        if _offset(after, zone) != found[-1][1]:
            change = _change(at, after, zone)
            found.append((to_microseconds(change), _offset(change, zone)))
        at = after
    return tuple(found)


def _offset(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second between two instants at which the offset changes."""
    old = _offset(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=1) // 2)
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def local_microseconds(instant: datetime, offsets: tuple[tuple[int, int], ...]) -> int:
    """Return the microseconds that a local clock shows since its own 1970-01-01.

    Args:
        instant: Aware.
        offsets: What `offsets_of` returned.
    """
    at = to_microseconds(instant)
    place = max(0, bisect_right(offsets, at, key=lambda pair: pair[0]) - 1)
    return at + offsets[place][1] * 1_000_000
