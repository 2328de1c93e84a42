"""Where a write comes from: actor, source, times. Every write has one; that is what provenance is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.domain.declaring.entity import check_source
from mimcore.domain.freshness import CLOCK_SKEW, Undated
from mimcore.domain.source import Source
from mimcore.errors import InvalidValueError
from mimcore.values.instants import as_instant, end_of_day

__all__ = ["Moment", "Origin"]

Moment = datetime | date | str
"""An instant; a date (or its text) means the end of that day in the store's zone."""


_IN_TIME = "give the time at which it happened, at most five minutes ahead of the clock"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes, on whose word, and when it was seen and is recorded.

    Attributes:
        actor: Who opened the unit of work.
        source: Key of the source the values come from.
        observed_at: When the source saw them; None means nobody knows.
        recorded_at: The store's clock.
        zone: The store's zone, in which dates given as instants are read.
        import_id: The import that writes, if one does.
    """

    actor: str
    source: str
    observed_at: datetime | None
    recorded_at: datetime
    zone: ZoneInfo
    import_id: UUID | None = None

    def but(self, *, source: Source | str | None = None, observed_at: Moment | Undated | None = None) -> Origin:
        """Return this origin with another source or time of observation for one call.

        Args:
            source: Source or its key; this origin's unless given.
            observed_at: When the source saw the values; this origin's unless given, `UNDATED` if nobody knows.
        """
        changed = self if source is None else replace(self, source=check_source(source))
        if observed_at is None:
            return changed
        return replace(
            changed, observed_at=None if isinstance(observed_at, Undated) else self.moment(observed_at, "observed_at")
        )

    def asked_at(self, now: datetime | None) -> datetime:
        """Return the instant at which a question is asked here: `now` if it is given, else the unit of work's clock.

        Args:
            now: What the caller gave.

        Raises:
            InvalidValueError: If it is not an aware instant.
        """
        return self.recorded_at if now is None else as_instant(now, "now")

    def moment(self, value: Moment, field: str, remedy: str = _IN_TIME) -> datetime:
        """Read an instant that must not lie in the future.

        A stamp up to five minutes ahead of the clock counts as now; a date means the end of that local day, and
        today's means now.

        Args:
            value: Aware datetime, date, or the text of one.
            field: Name used in an error.
            remedy: What would be right, for an error.

        Raises:
            InvalidValueError: If it is later than that, or not an instant.
        """
        instant = as_instant(value, field, zone=self.zone)
        if instant <= self.recorded_at:
            return instant
        today = self.recorded_at.astimezone(self.zone).date()
        is_today = instant == end_of_day(today, self.zone)
        if is_today or instant <= self.recorded_at + CLOCK_SKEW:
            return self.recorded_at
        raise InvalidValueError(field, "lies in the future", remedy)
