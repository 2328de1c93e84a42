"""Values as a driver takes and gives them, for the bulk paths: ready primitives, without SQLAlchemy's bind processing.

`None` is never passed to these functions: callers keep it as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from mimcore.sql.types import json_text
from mimcore.values.identifiers import id_from_bytes
from mimcore.values.instants import from_microseconds, to_microseconds

__all__ = ["POSTGRESQL", "SQLITE", "Codec"]


@dataclass(frozen=True, slots=True)
class Codec:
    """Conversions to and from a driver's primitives, one pair a type that needs it."""

    put_id: Callable[[UUID], Any]
    get_id: Callable[[Any], UUID]
    put_instant: Callable[[datetime], Any]
    get_instant: Callable[[Any], datetime]
    put_date: Callable[[date], Any]
    get_date: Callable[[Any], date]
    put_json: Callable[[Any], Any]
    get_json: Callable[[Any], Any]
    put_ids: Callable[[Iterable[UUID]], Any]
    """Any number of ids as one parameter."""
    put_words: Callable[[Iterable[str]], Any]
    """Any number of texts as one parameter."""

    def put_optional_id(self, value: UUID | None) -> Any:
        """Convert an id that may be missing."""
        return None if value is None else self.put_id(value)

    def put_optional_instant(self, value: datetime | None) -> Any:
        """Convert an instant that may be missing."""
        return None if value is None else self.put_instant(value)

    def get_optional_instant(self, value: Any) -> datetime | None:
        """Read an instant that may be missing."""
        return None if value is None else self.get_instant(value)

    def put_optional_date(self, value: date | None) -> Any:
        """Convert a date that may be missing."""
        return None if value is None else self.put_date(value)

    def get_optional_date(self, value: Any) -> date | None:
        """Read a date that may be missing."""
        return None if value is None else self.get_date(value)


SQLITE = Codec(
    put_id=lambda value: value.bytes,
    get_id=id_from_bytes,
    put_instant=to_microseconds,
    get_instant=from_microseconds,
    put_date=date.isoformat,
    get_date=date.fromisoformat,
    put_json=json_text,
    get_json=json.loads,
    put_ids=lambda ids: b"".join(one.bytes for one in ids),
    put_words=lambda words: json.dumps(list(words), ensure_ascii=False),
)
"""SQLite: ids as 16 bytes (lists of them joined), instants as microseconds, dates as ISO text, JSON as text."""


def _plain_id(value: UUID) -> UUID:
    """Return an id of Python's own class; asyncpg has a class of its own."""
    return value if type(value) is UUID else UUID(int=value.int)


def _parsed(value: Any) -> Any:
    """Read JSON that the driver, as the host has set it up, may have read already; documents are never bare texts."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def _same(value: Any) -> Any:
    return value


POSTGRESQL = Codec(
    put_id=_same,
    get_id=_plain_id,
    put_instant=_same,
    get_instant=lambda value: value.astimezone(UTC),
    put_date=_same,
    get_date=_same,
    put_json=json_text,
    get_json=_parsed,
    put_ids=list,
    put_words=list,
)
"""PostgreSQL: the engine has types of its own for all but JSON, which travels as text; lists are arrays."""
