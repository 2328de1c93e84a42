"""Rows that are about events: purchases, visits, mailings, deals …, of contacts that the store has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.rejects import Reject, RowProblem
from mimcore.capture.importing.rows import Clamp, RowReader, RowValues
from mimcore.capture.importing.shelf import KEPT, Shelf
from mimcore.capture.importing.writes import Settled
from mimcore.capture.mapping.amounts import amount_of
from mimcore.capture.mapping.deals import deal_event, is_same_deal
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.domain.interaction import Interaction
from mimcore.errors import InvalidValueError
from mimcore.repositories.records import OutboxEvent, Outcome
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.values.mapping import FrozenMapping

__all__ = ["EventImport", "EventRow"]

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event whose contact is not looked up yet."""

    number: int
    line: int
    event: Interaction = field(repr=False)
    key: str = field(repr=False)
    key_column: str


class EventImport:
    """Settles rows against the contacts and the known external ids of a store."""

    def __init__(self, reader: RowReader, mapping: ImportMapping, kind: str, source: str, id_source: str) -> None:
        """Begin with nothing looked up.

        Args:
            reader: Reads the rows.
            mapping: Which column becomes what.
            kind: Kind of the events whose row names none.
            source: Key of the import's source.
            id_source: Key of the source under whose ids the contacts are known.
        """
        self._id_source, self._is_of_deals = id_source, mapping.is_of_deals
        self._reader, self._mapping, self._kind, self._source = reader, mapping, kind, source
        self._contacts: dict[str, tuple[UUID, ...]] = {}
        self._known: dict[str, Interaction] = {}
        self._looked_up: set[str] = set()
        self._new: list[Interaction] = []
        self._golden: dict[UUID, UUID] = {}
        self._shelf: Shelf | None = None

    def read(self, number: int, row: Row, clamp: Clamp, observed_at: datetime | None) -> EventRow | Reject:
        """Read one row; the store is not asked.

        Args:
            number: Number of the row, from 0.
            row: The row.
            clamp: Refuses instants in the future.
            observed_at: When the file was observed.
        """
        values = self._reader.values(number, row, clamp, observed_at)
        if isinstance(values, Reject):
            return values
        key_column = ", ".join(values.columns[self._mapping.key_field])
        key = self._reader.key_of(values)
        if key is None:
            return Reject(number, row.line, (self._keyless(key_column),))
        try:
            event = self._event(values, clamp)
        except InvalidValueError as error:
            return values.reject(error.problems)
        return EventRow(number, row.line, event, key, key_column)

    def settle(self, work: UnitOfWork, items: Sequence[EventRow | Reject]) -> list[Settled]:
        """Decide what becomes of rows; nothing is written.

        Args:
            work: An open unit of work.
            items: Rows as `read` gave them.
        """
        rows = [one for one in items if isinstance(one, EventRow)]
        keys = {one.key for one in rows} - self._contacts.keys()
        self._contacts.update(dict.fromkeys(keys, ()) | self._find(work, keys))
        ids = {one.event.external_id for one in rows if one.event.external_id} - self._looked_up
        self._looked_up |= ids
        self._known.update(work.transaction.interactions.known(self._source, ids))
        if self._shelf is not None:
            found = self._shelf.records(one.encode() for one in ids)
            self._known.update((name.decode(), _event_of(text)) for name, text in found.items())
        if met := {self._known[one].contact_id for one in ids & self._known.keys()}:
            self._golden.update(work.transaction.merges.golden(met))
        return [Settled.refused(one) if isinstance(one, Reject) else self._settled(one) for one in items]

    def set_aside(self) -> None:
        """Give memory free after a batch that is not to be written; later batches still see what its rows say."""
        self._contacts.clear()
        self._new.clear()
        if len(self._known) > KEPT:
            self._shelf = self._shelf or Shelf()
            self._shelf.put((), ((name.encode(), _text_of(one)) for name, one in self._known.items()))
            self._known.clear()
            self._looked_up.clear()

    def store(self, work: UnitOfWork) -> None:
        """Write what was settled.

        Args:
            work: An open unit of work that writes.
        """
        if not self._new:
            return
        work.recorder.source(work.origin)
        at = work.origin.recorded_at
        work.transaction.interactions.add([one.model_copy(update={"recorded_at": at}) for one in self._new])
        work.transaction.outbox.append(
            [OutboxEvent("interaction_recorded", "interaction", one.id, 1, at, {"kind": one.kind}) for one in self._new]
        )

    def _keyless(self, key_column: str) -> RowProblem:
        if self._is_of_deals:
            reason = "is empty, and a deal is recorded with a contact, never with a company alone"
            return RowProblem(key_column, "missing_key", reason, "name its contact")
        reason = f"is empty, and rows are matched by {self._mapping.key}"
        return RowProblem(key_column, "missing_key", reason, "fill it in")

    def _event(self, values: RowValues, clamp: Clamp) -> Interaction:
        if self._is_of_deals:
            given = deal_event(values.by_field, clamp, values.observed_at)
            properties = given.pop("properties")
        else:
            told = values.by_field.items()
            given = {name.removeprefix("event."): value for name, value in told if name.startswith("event.")}
            named = [name for name in given if name.startswith("properties.")]
            properties = {name.removeprefix("properties."): given.pop(name) for name in named}
            if given.pop("currency", None) is not None or "value" in given:
                given["value"] = amount_of(values.by_field, "event.value")
        kind = given.pop("kind", self._kind)
        if kind not in default_catalogue().event_kinds:
            is_empty = "event.kind" not in values.by_field
            reason = "is empty, and kind= is not given" if is_empty else "is not a declared kind of event"
            raise InvalidValueError("event.kind", reason, "use a declared kind, such as purchase")
        return Interaction(
            kind=kind, contact_id=_NOBODY, source=self._source, properties=FrozenMapping(properties), **given
        )

    def _find(self, work: UnitOfWork, keys: set[str]) -> dict[str, tuple[UUID, ...]]:
        contacts = work.transaction.contacts
        if self._mapping.key == "external_id":
            return contacts.with_external_ids(self._id_source, keys)
        return contacts.with_points(self._mapping.key, keys)

    def _settled(self, row: EventRow) -> Settled:
        ids = self._contacts[row.key]
        if len(ids) != 1:
            return Settled.refused(_nobody(row, len(ids)))
        event = row.event.model_copy(update={"contact_id": ids[0]})
        known = None if event.external_id is None else self._known.get(event.external_id)
        if known is None:
            self._new.append(event)
            if event.external_id is not None:
                self._known[event.external_id] = event
            return Settled(row.number, row.line, Outcome.CREATED, event.id)
        is_theirs = self._is_of_deals or self._golden.get(known.contact_id, known.contact_id) == event.contact_id
        is_same = is_same_deal(known, event, self._reader.zone) if self._is_of_deals else known.tells_of_the_same(event)
        if is_same and is_theirs:
            return Settled(row.number, row.line, Outcome.UNCHANGED, known.id)
        other = "with another content" if is_theirs else "for somebody else"
        reason = f"bears the id of an event that is stored {other}"
        problem = RowProblem(
            "", "conflicting_event", reason, "an event never changes; record a correction as an event of its own"
        )
        return Settled.refused(Reject(row.number, row.line, (problem,)))


def _text_of(event: Interaction) -> bytes:
    return event.model_dump_json().encode()


def _event_of(text: bytes) -> Interaction:
    return Interaction.model_validate_json(text)


def _nobody(row: EventRow, how_many: int) -> Reject:
    if how_many:
        code, reason, remedy = "ambiguous_key", f"belongs to {how_many} contacts", "unify them first (store.duplicates)"
    else:
        code, reason, remedy = "unknown_contact", "belongs to no contact in this store", "import the contact first"
    return Reject(row.number, row.line, (RowProblem(row.key_column, code, reason, remedy),))
