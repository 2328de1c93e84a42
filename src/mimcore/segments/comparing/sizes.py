"""How a segment grew and shrank, day by day, by its log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from mimcore.display import Svg, Table, count, line
from mimcore.display.style import fragment
from mimcore.domain.membership import MembershipMove
from mimcore.errors import InvalidValueError
from mimcore.values.instants import as_instant, day_of

__all__ = ["Every", "Size", "Sizes", "sizes_of"]

Every = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Size:
    """A segment at the end of a day, and what happened since the line before.

    Attributes:
        day: The day, in the store's zone.
        members: How many there were at its end; on the last day, now.
        entered: How many entered since the end of the day before in the list.
        left: How many left.
    """

    day: date
    members: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of a segment over time; it prints itself as text and HTML.

    Attributes:
        key: The segment.
        every: How far the days are apart.
        days: The sizes, oldest first.
    """

    key: str
    every: Every
    days: tuple[Size, ...]

    def __iter__(self) -> Iterator[Size]:
        """Each day."""
        return iter(self.days)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.days)

    def table(self) -> Table:
        """A line for each day."""
        rows = [(one.day.isoformat(), one.members, one.entered, one.left) for one in self.days]
        return Table.of(("end of", "members", "entered", "left"), rows, title=f"{self.key}, size by its log")

    def chart(self) -> Svg:
        """The members as a line."""
        points = [(one.day.isoformat(), one.members) for one in self.days]
        return line(f"{self.key}, members", points, shown=lambda value: count(round(value)))

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return fragment(self.chart().html() + self.table().html())


def sizes_of(
    key: str,
    moves: Sequence[MembershipMove],
    *,
    since: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    every: Every,
) -> Sizes:
    """Return the sizes of a segment from its log.

    Args:
        key: The segment.
        moves: All its moves.
        since: From the day of this instant on; from that of the first move unless given.
        now: Up to this instant.
        zone: In whose days.
        every: A line for every day, or for the last of every week (Sunday) or month, and for today.

    Raises:
        InvalidValueError: If it begins in the future, or `every` is none of these.
    """
    if every not in {"day", "week", "month"}:
        raise InvalidValueError("every", "is not known", "use 'day', 'week' or 'month'")
    steps = sorted((one.at, 1 if one.has_entered else -1) for one in moves if one.at <= now)
    start = since if since is not None else steps[0][0] if steps else now
    if start > now:
        raise InvalidValueError("since", "lies in the future", "give an earlier day")
    began = start.astimezone(zone).date()
    days = list(_days(began, day_of(now, zone, "now"), every))
    instants = [at for at, _ in steps]
    first = as_instant(began - timedelta(days=1), "since", zone=zone)
    ends = [
        bisect_right(instants, min(end, now)) for end in (first, *(as_instant(day, "day", zone=zone) for day in days))
    ]
    gains = [0]
    for _, step in steps:
        gains.append(gains[-1] + (step > 0))
    sizes = [
        Size(day, 2 * gains[end] - end, gains[end] - gains[begin], (end - begin) - (gains[end] - gains[begin]))
        for day, begin, end in zip(days, ends[:-1], ends[1:], strict=True)
    ]
    return Sizes(key, every, tuple(sizes))


def _days(first: date, last: date, every: Every) -> Iterator[date]:
    day = first
    while day < last:
        after = day + timedelta(days=1)
        if every == "day" or (every == "week" and after.weekday() == 0) or (every == "month" and after.day == 1):
            yield day
        day = after
    yield last
