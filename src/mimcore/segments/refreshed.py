"""What a refresh did, segment by segment; it prints itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from mimcore.display import Table, count, utc_minute
from mimcore.display.showing import Tabled
from mimcore.domain.membership import MembershipMove

__all__ = ["Refresh", "SegmentRefresh", "Way"]

Way = Literal["full", "incremental"]


@dataclass(frozen=True, slots=True)
class SegmentRefresh:
    """How one segment came out of a refresh.

    Attributes:
        key: Its key.
        entered: How many entered.
        left: How many left.
        way: Whether everybody was asked, or only those about whom something changed.
        reasons: How many moved for each kind of change with its condition.
    """

    key: str
    entered: int
    left: int
    way: Way
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Refresh(Tabled):
    """What a refresh did.

    Attributes:
        at: The instant that memberships were brought to.
        segments: Those that were asked in full, and those in which somebody moved.
        asked: How many contacts were asked one by one.
        failed: Why a segment could not be refreshed, by key; its members stay as they were.
        is_superseded: Whether a later refresh began meanwhile and does the rest.
    """

    at: datetime
    segments: tuple[SegmentRefresh, ...]
    asked: int
    failed: Mapping[str, str]
    is_superseded: bool = False

    @property
    def entered(self) -> int:
        """How many entered, over all segments."""
        return sum(one.entered for one in self.segments)

    @property
    def left(self) -> int:
        """How many left, over all segments."""
        return sum(one.left for one in self.segments)

    def __getitem__(self, key: str) -> SegmentRefresh:
        """Return how a segment came out; one in which nobody moved says so."""
        found = (one for one in self.segments if one.key == key)
        return next(found, SegmentRefresh(key, 0, 0, "incremental", {}))

    def table(self) -> Table:
        """A line for each segment, and below it why people moved."""
        rows: list[tuple[object, ...]] = []
        for one in self.segments:
            rows.append((one.key, one.entered, one.left, one.way))
            rows += [(f"  {reason}", number, "", "") for reason, number in one.reasons.items()]
        rows += [(key, "–", "–", why) for key, why in self.failed.items()]
        caption = f"{count(self.asked)} contacts asked one by one · {utc_minute(self.at)}"
        return Table.of(("segment", "entered", "left", "how"), rows, title="Refresh", caption=caption)


class Tally:
    """Counts moves while a refresh runs."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._ways: dict[str, Way] = {}
        self._moves: Counter[tuple[str, bool]] = Counter()
        self._reasons: dict[str, Counter[str]] = {}

    def add(self, key: str, way: Way) -> None:
        """Note that a segment was asked."""
        self._ways.setdefault(key, way)

    def count(self, moves: Iterable[MembershipMove]) -> None:
        """Count moves."""
        for one in moves:
            self._add(one, 1)

    def count_all(self, move: MembershipMove, entered: int, left: int) -> None:
        """Count moves of which the log says the same.

        Args:
            move: What it says.
            entered: How many entered.
            left: How many left.
        """
        for number, has_entered in ((entered, True), (left, False)):
            if number:
                self._add(replace(move, has_entered=has_entered), number)

    def _add(self, move: MembershipMove, number: int) -> None:
        self._ways.setdefault(move.segment, "incremental")
        self._moves[move.segment, move.has_entered] += number
        reason = f"{'entered' if move.has_entered else 'left'}: {move.cause}"
        told = f"{reason}, {move.because}" if move.because else reason
        self._reasons.setdefault(move.segment, Counter())[told] += number

    def segments(self) -> tuple[SegmentRefresh, ...]:
        """Return what was counted, in alphabetical order of keys."""
        return tuple(
            SegmentRefresh(
                key, self._moves[key, True], self._moves[key, False], way, dict(self._reasons.get(key, Counter()))
            )
            for key, way in sorted(self._ways.items())
        )
