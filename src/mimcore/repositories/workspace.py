"""What feature rooms need of a store: a way to open units of work, and the time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.domain.freshness import Undated
from mimcore.repositories.origin import Moment
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.instants import as_instant

__all__ = ["Workspace", "asked_at"]


class Workspace(Protocol):
    """Opens units of work. `Store` is one; feature rooms know no more of it than this."""

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        ...

    def now(self) -> datetime:
        """The store's clock."""
        ...

    def begin(
        self,
        *,
        actor: str | None = None,
        source: str | None = None,
        observed_at: Moment | Undated | None = None,
        import_id: UUID | None = None,
    ) -> UnitOfWork:
        """Open a unit of work that writes."""
        ...

    def read(self) -> UnitOfWork:
        """Open a unit of work that only reads."""
        ...


def asked_at(workspace: Workspace, now: datetime | None) -> datetime:
    """Return the instant at which a store is asked: `now` if it is given, else its clock.

    Where a unit of work is open, its `origin.asked_at` is the same without a second look at the clock.

    Args:
        workspace: The store.
        now: What the caller gave.

    Raises:
        InvalidValueError: If it is not an aware instant.
    """
    return workspace.now() if now is None else as_instant(now, "now")
