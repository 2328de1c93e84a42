"""Which past is asked for: an instant, and what counts as known at it.

How records are put together again stands in `records` (as they were known) and `hindsight` (with everything that was
recorded since); the age of values in `states`; all of it together in `recall`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mimcore.display import utc_minute
from mimcore.domain.versions.changes import ChangeSet

__all__ = ["Past"]


@dataclass(frozen=True, slots=True)
class Past:
    """An instant, and what counts as known at it.

    Attributes:
        at: The instant.
        hindsight: False for what was recorded by then; True for everything recorded since that was observed by then.

    Examples:
        >>> from mimcore.values.instants import as_instant
        >>> Past(as_instant("2026-03-01T23:00Z")).words
        'as of 2026-03-01 23:00 UTC, as known then'
    """

    at: datetime
    hindsight: bool = False

    @property
    def words(self) -> str:
        """The instant and the mode, for people."""
        return f"as of {utc_minute(self.at)}, {'with hindsight' if self.hindsight else 'as known then'}"

    def holds(self, recorded_at: datetime, observed_at: datetime | None) -> bool:
        """Tell whether something counts.

        Args:
            recorded_at: When it was recorded.
            observed_at: When it happened or was observed; None counts from when it was recorded.
        """
        return (recorded_at if observed_at is None or not self.hindsight else observed_at) <= self.at

    def knows(self, change: ChangeSet) -> bool:
        """Tell whether a change counts; see `holds`."""
        return self.holds(change.recorded_at, change.observed_at)
