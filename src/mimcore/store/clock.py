"""The clock of stores that were given no other."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["system_clock"]


def system_clock() -> datetime:
    """Return the present instant in UTC: the only place in the library that reads the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251 - the store owns the clock
