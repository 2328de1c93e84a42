"""The outbox in SQL: events beside what they tell of, handed to any number of workers, each event to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, update

from mimcore.repositories.records import OutboxEvent
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.repositories.appending import Append, append_numbered
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables.schema_work import outbox

__all__ = ["SqlOutboxRepository"]


class SqlOutboxRepository:
    """Domain events, written in the same transaction as what they tell of."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._mapping: RecordMapping[OutboxEvent] = record_mapping(outbox, OutboxEvent, wire.codec)

    def append(self, events: Sequence[OutboxEvent]) -> None:
        """Append events."""
        append_numbered(self._wire, _ADD, self._mapping, events)

    def pending(self, limit: int) -> list[OutboxEvent]:
        """Return undelivered events in the order in which they were recorded."""
        return [self._mapping.record(row) for row in self._wire.rows(_PENDING, size=limit)]

    def claim(self, limit: int, *, now: datetime, until: datetime) -> list[OutboxEvent]:
        """Take undelivered events that no other worker holds, in the order of recording.

        Only the first undelivered event of a record can be taken, and with it those that follow: a worker that holds
        the first keeps the others from everybody else. Rows that another worker is taking just now are passed over.
        """
        put = self._wire.codec.put_instant
        heads = [row[0] for row in self._wire.rows(_HEADS, size=limit, now=put(now))]
        if not heads:
            return []
        wanted = [self._wire.codec.get_id(one) for one in heads]
        rows = sorted(self._wire.rows_of_ids(_WAITING, wanted, size=limit), key=lambda row: int(row[0]))[:limit]
        claimed = [self._mapping.record((*row[1:-1], put(until))) for row in rows]
        self._wire.write_ids(_CLAIM, [one.id for one in claimed], new_claimed_until=put(until))
        return claimed

    def mark_delivered(self, ids: Iterable[UUID], at: datetime) -> None:
        """Mark events as delivered; those that are, or that do not exist, are let be."""
        self._wire.write_ids(_DELIVERED, ids, new_delivered_at=self._wire.codec.put_instant(at))


_columns = read_columns(outbox)
_earlier = outbox.alias("earlier")
# A question of its own for each event, answered by a step in the index; NOT EXISTS would become a join of all pairs.
_is_first = outbox.c.sequence == (
    select(func.min(_earlier.c.sequence))
    .where(
        _earlier.c.tenant == outbox.c.tenant,
        _earlier.c.entity_id == outbox.c.entity_id,
        _earlier.c.delivered_at.is_(None),
    )
    .correlate(outbox)
    .scalar_subquery()
)
_is_free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= bindparam("now"))
_waits: Any = outbox.c.delivered_at.is_(None)
_ADD = Append(outbox)
_PENDING = Prepared(select(*_columns).where(owned(outbox, _waits)).order_by(outbox.c.sequence).limit(bindparam("size")))
_HEADS = Prepared(
    select(outbox.c.entity_id)
    .where(owned(outbox, _waits, _is_free, _is_first))
    .order_by(outbox.c.sequence)
    .limit(bindparam("size"))
    .with_for_update(skip_locked=True, of=outbox)
)
_WAITING = Prepared(
    select(outbox.c.sequence, *_columns)
    .where(owned(outbox, _waits, in_ids(outbox.c.entity_id, "ids")))
    .order_by(outbox.c.sequence)
    .limit(bindparam("size"))
)
_CLAIM = Prepared(
    update(outbox).where(owned(outbox, in_ids(outbox.c.id, "ids"))).values(claimed_until=bindparam("new_claimed_until"))
)
_DELIVERED = Prepared(
    update(outbox)
    .where(owned(outbox, in_ids(outbox.c.id, "ids"), _waits))
    .values(delivered_at=bindparam("new_delivered_at"))
)
