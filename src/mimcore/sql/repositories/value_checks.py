"""Checks of values in SQL: appended once, read by contact, by id in their source, and for learning half-lives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mimcore.domain.evidence import Trigger
from mimcore.repositories.records import PlannedCheck, Verification
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids, in_words
from mimcore.sql.repositories.appending import Append, append_numbered
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables.schema_work import verification as table
from mimcore.values.instants import to_microseconds

__all__ = ["SqlValueChecks"]


class SqlValueChecks:
    """The log of checks."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._checks: RecordMapping[Verification] = record_mapping(
            table, Verification, wire.codec, enums={"trigger": Trigger}
        )

    def verified(self, events: Sequence[Verification]) -> None:
        """Append verification events.

        Raises:
            DuplicateKeyError: If an external id of the same source exists.
        """
        append_numbered(self._wire, _ADD, self._checks, events)

    def checked(self, source: str, external_ids: Iterable[str]) -> dict[str, Verification]:
        """Return the verification events that a source's external ids already stand for."""
        rows = self._wire.rows_of_words(_CHECKED, external_ids, source=source)
        return {row[0]: self._checks.record(row[1:]) for row in rows}

    def verifications_of(self, contact_id: UUID) -> list[Verification]:
        """Return a contact's verification events, oldest first."""
        return self.verifications([contact_id])[contact_id]

    def verifications(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[Verification]]:
        """Return contacts' verification events, oldest first; an empty list where there are none."""
        wanted = list(contact_ids)
        found: dict[UUID, list[Verification]] = {one: [] for one in wanted}
        for row in self._wire.rows_of_ids(_CHECKS_OF, wanted):
            event = self._checks.record(row)
            found[event.contact_id].append(event)
        return found

    def journal(self) -> Iterator[tuple[int, Verification]]:
        """All verification events in the order of recording, each with its place in it."""
        return ((row[0], self._checks.record(row[1:])) for row in self._wire.rows(_JOURNAL))

    def planned_checks(self) -> Iterator[PlannedCheck]:
        """Planned and random checks, contact by contact; read in pages."""
        after = self._wire.codec.put_id(UUID(int=0))
        while owners := self._wire.rows(_OWNERS, after=after, size=PORTION):
            ids = [self._wire.codec.get_id(row[0]) for row in owners]
            yield from map(self._planned, self._wire.rows_of_ids(_PLANNED, ids))
            after = owners[-1][0]

    def _planned(self, row: Any) -> PlannedCheck:
        codec = self._wire.codec
        contact, attribute, subject, pool, source, since, at, is_valid, trigger, is_correction, incident = row
        seen = codec.get_optional_instant(since)
        return PlannedCheck(
            codec.get_id(contact),
            attribute,
            codec.get_id(subject),
            pool,
            source,
            None if seen is None else to_microseconds(seen),
            to_microseconds(codec.get_instant(at)),
            bool(is_valid),
            Trigger(trigger),
            bool(is_correction),
            incident,
        )


_own = table.c
_record = read_columns(table)
_is_planned = _own.trigger != Trigger.EVENT.value
_ADD = Append(table)
_CHECKED = Prepared(
    select(_own.external_id, *_record).where(
        owned(table, _own.source == bindparam("source"), in_words(_own.external_id, "words"))
    )
)
_CHECKS_OF = Prepared(
    select(*_record)
    .where(owned(table, in_ids(_own.contact_id, "ids")))
    .order_by(_own.contact_id, _own.at, _own.sequence)
)
_JOURNAL = Prepared(select(_own.sequence, *_record).where(owned(table)).order_by(_own.sequence))
_OWNERS = Prepared(
    select(_own.contact_id)
    .where(owned(table, _own.contact_id > bindparam("after")))
    .distinct()
    .order_by(_own.contact_id)
    .limit(bindparam("size"))
)
_PLANNED = Prepared(
    select(*(_own[name] for name in PlannedCheck._fields))
    .where(owned(table, in_ids(_own.contact_id, "ids"), _is_planned))
    .order_by(_own.contact_id, _own.at, _own.sequence)
)
