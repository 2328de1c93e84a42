"""Frozen audiences in SQL: one row an audience, one a member, one a hand-over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select

from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate, HandOver
from mimcore.sql.connection.named_locks import lock_name
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.repositories.appending import Append, append_numbered
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables.schema_segments import audience as _audience
from mimcore.sql.tables.schema_segments import audience_hand_over as _done
from mimcore.sql.tables.schema_segments import audience_member as _member
from mimcore.values.instants import EARLIEST

__all__ = ["SqlAudienceRepository"]


class SqlAudienceRepository:
    """Frozen audiences with what became of each member, and their hand-overs."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._audiences: RecordMapping[AudienceRecord] = record_mapping(_audience, AudienceRecord, wire.codec)
        self._members: RecordMapping[AudienceMember] = record_mapping(
            _member, AudienceMember, wire.codec, enums={"fate": Fate}, names={"split_group": "group"}
        )
        self._done: RecordMapping[HandOver] = record_mapping(
            _done, _hand_over, wire.codec, names={"split_groups": "groups", "row_count": "rows"}
        )

    def lock(self, key: str) -> None:
        """Let nobody else freeze an audience under a key until the transaction ends."""
        lock_name(self._wire, f"mimcore audience {self._wire.tenant} {key}")

    def add(self, audience: AudienceRecord, members: Sequence[AudienceMember]) -> None:
        """Store an audience.

        Raises:
            DuplicateKeyError: If its key is taken, or a contact stands in it twice.
        """
        with self._wire.atomic():
            self._wire.write_many(_ADD, [self._audiences.row(audience, self._wire.tenant)])
            self._wire.write_many(_ADD_MEMBER, self._members.rows(members, self._wire.tenant))

    def with_key(self, key: str) -> AudienceRecord | None:
        """Return the audience of a key."""
        rows = self._wire.rows(_WITH_KEY, key=key)
        return self._audiences.record(rows[0]) if rows else None

    def all(self) -> list[AudienceRecord]:
        """All audiences, oldest first, then by key."""
        return list(map(self._audiences.record, self._wire.rows(_ALL)))

    def members(self, audience_id: UUID) -> list[AudienceMember]:
        """Return what became of each member, ordered by contact."""
        rows = self._wire.rows(_MEMBERS, audience=self._wire.codec.put_id(audience_id))
        return list(map(self._members.record, rows))

    def tally(self, audience_id: UUID) -> Mapping[tuple[Fate, str], int]:
        """Count the members by fate and group."""
        rows = self._wire.rows(_TALLY, audience=self._wire.codec.put_id(audience_id))
        return {(Fate(fate), group): int(number) for fate, group, number in rows}

    def add_hand_over(self, done: HandOver) -> None:
        """Append a hand-over."""
        append_numbered(self._wire, _ADD_DONE, self._done, [done])

    def hand_overs(self, audience_id: UUID | None = None, since: datetime | None = None) -> list[HandOver]:
        """Return hand-overs, oldest first: of one audience or of all, perhaps only from an instant on."""
        start = self._wire.codec.put_instant(since or EARLIEST)
        if audience_id is None:
            rows = self._wire.rows(_DONE, since=start)
        else:
            rows = self._wire.rows(_DONE_OF, since=start, audience=self._wire.codec.put_id(audience_id))
        return list(map(self._done.record, rows))


def _hand_over(groups: Sequence[str], **others: Any) -> HandOver:
    return HandOver(groups=tuple(groups), **others)


_ADD = Prepared(insert(_audience), tuple(_audience.c.keys()))
_ADD_MEMBER = Prepared(insert(_member), tuple(_member.c.keys()))
_ADD_DONE = Append(_done)
_audiences = select(*read_columns(_audience)).order_by(_audience.c.at, _audience.c.key)
_WITH_KEY = Prepared(_audiences.where(owned(_audience, _audience.c.key == bindparam("key"))))
_ALL = Prepared(_audiences.where(owned(_audience)))
_of_audience = owned(_member, _member.c.audience_id == bindparam("audience"))
_MEMBERS = Prepared(select(*read_columns(_member)).where(_of_audience).order_by(_member.c.contact_id))
_TALLY = Prepared(
    select(_member.c.fate, _member.c.split_group, func.count())
    .where(_of_audience)
    .group_by(_member.c.fate, _member.c.split_group)
)
_dones = select(*read_columns(_done)).order_by(_done.c.sequence)
_lately = _done.c.at >= bindparam("since")
_DONE = Prepared(_dones.where(owned(_done, _lately)))
_DONE_OF = Prepared(_dones.where(owned(_done, _lately, _done.c.audience_id == bindparam("audience"))))
