"""The records that rows are about, as the rows so far leave them; what is not needed now can be set aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.later_words import hear_later_words
from mimcore.capture.importing.rejects import Reject
from mimcore.capture.importing.row_changes import Reliability, Seen, seen_in, seen_of
from mimcore.capture.importing.rows import Candidate
from mimcore.capture.importing.shelf import Shelf
from mimcore.capture.mapping.field_policies import Sight
from mimcore.capture.mapping.match_key import key_words
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.versions.changes import built_from, flatten
from mimcore.errors import CaptureError
from mimcore.repositories.declared import Declarations
from mimcore.repositories.recording import repository_of
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["RecordBook"]

R = TypeVar("R", Contact, Account)
Reread = Callable[[int, Row], Candidate[R] | Reject]


class RecordBook(Generic[R]):
    """Contacts, or accounts, by key and by id. Keys are looked up once a batch; later rows see earlier ones."""

    def __init__(
        self, kind: type[R], anchor: str, source: str, reread: Reread[R], sight_of: Callable[[Candidate[R]], Sight]
    ) -> None:
        """Begin empty.

        Args:
            kind: What the records are.
            anchor: The part of the key that is looked up.
            source: Key of the source under whose ids the records are known.
            reread: Reads a row that was set aside.
            sight_of: Tells who says a row, and when it was observed.
        """
        self._anchor, self._source = anchor, source
        self._kind: type[R] = kind
        self._reread: Reread[R] = reread
        self._sight_of: Callable[[Candidate[R]], Sight] = sight_of
        self._records: dict[UUID, R] = {}
        self._seen: dict[UUID, Seen] = {}
        self._new: dict[UUID, tuple[R, Candidate[R]]] = {}
        self._by_key: dict[str, dict[UUID, None]] = {}
        self._looked_up: set[str] = set()
        self._changed: set[UUID] = set()

    def __len__(self) -> int:
        """Return how many records are in memory."""
        return len(self._records) + len(self._new)

    def fetch(
        self, work: UnitOfWork, rows: Sequence[Candidate[R]], reliability: Reliability, shelf: Shelf | None
    ) -> None:
        """Look up the records of rows, with the ages of their values.

        Args:
            work: The open unit of work.
            rows: The rows.
            reliability: Of each source.
            shelf: Where records were set aside.
        """
        asked = {one.key for one in rows} - self._looked_up
        self._looked_up |= asked
        found = self._find(work, asked)
        new = {record_id for ids in found.values() for record_id in ids} - self._records.keys()
        self._records.update(repository_of(work.transaction, self._kind).get_many(new))
        states = work.transaction.freshness.of(new)
        seen = {one: seen_of(states.get(one, ()), one, reliability) for one in new}
        hear_later_words(work, seen, (one.observed_at for one in rows))
        self._seen.update(seen)
        for key, ids in found.items():
            self._by_key.setdefault(key, {}).update(dict.fromkeys(ids))
        if shelf is not None:
            self._take_back(work, shelf, asked, new)

    def _find(self, work: UnitOfWork, keys: set[str]) -> dict[str, tuple[UUID, ...]]:
        contacts, accounts = work.transaction.contacts, work.transaction.accounts
        if self._anchor == "external_id":
            return (contacts if self._kind is Contact else accounts).with_external_ids(self._source, keys)
        if self._kind is Account:
            return accounts.with_domains(keys) if self._anchor == "domain" else accounts.with_names(keys)
        return contacts.with_points(self._anchor, keys)

    def ids(self, key: str) -> Iterable[UUID]:
        """Return the ids of the records under a key."""
        return self._by_key.get(key, ())

    def record(self, record_id: UUID) -> R:
        """Return a record as the rows so far leave it."""
        if record_id in self._new:
            record, row = self._new.pop(record_id)
            self._enter(record_id, record, seen_in(record, self._sight_of(row)))
            self._changed.add(record_id)
        return self._records[record_id]

    def seen(self, record_id: UUID) -> Seen:
        """Return a copy of who said the values of a record, and when."""
        return dict(self._seen[record_id])

    def add(self, record: R, row: Candidate[R]) -> None:
        """Let later rows see a new record.

        Args:
            record: The record.
            row: The row that brings it.
        """
        self._new[record.id] = (record, row)
        self._enter_keys(record)

    def change(self, stored: R, record: R) -> None:
        """Let later rows see what a row makes of a record.

        Args:
            stored: What it was.
            record: What it is.
        """
        self._records[record.id] = record.model_copy(update={"version": stored.version + 1})
        self._changed.add(record.id)
        self._enter_keys(record)

    def see(self, record_id: UUID, seen: Seen) -> None:
        """Keep who said the values of a record, and when."""
        self._seen[record_id] = seen

    def _enter(self, record_id: UUID, record: R, seen: Seen) -> None:
        self._records[record_id] = record.model_copy(update={"id": record_id, "version": record.version or 1})
        self._seen[record_id] = seen

    def _enter_keys(self, record: R) -> None:
        for key in self._keys(record):
            self._by_key.setdefault(key, {})[record.id] = None

    def _keys(self, record: R) -> Sequence[str]:
        """Return under which keys a record is found."""
        return key_words(self._anchor, record, self._source)

    def set_aside(self, shelf: Shelf) -> None:
        """Put what the rows so far have made on a shelf, and forget everything.

        Args:
            shelf: Where `fetch` will look for it.
        """
        made = [one for one, _ in self._new.values()] + [self._records[one] for one in self._changed]
        shelf.put(((key, one.id.bytes) for one in made for key in self._keys(one)), self._packed())
        for memory in (self._records, self._seen, self._new, self._by_key, self._looked_up, self._changed):
            memory.clear()

    def _packed(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield records with their names: a new one as its row, which is many times shorter than itself."""
        for record, row in self._new.values():
            if record is row.record and row.cells:
                yield record.id.bytes, json.dumps((row.number, row.line, row.cells)).encode()
            else:
                yield record.id.bytes, _text_of(record, seen_in(record, self._sight_of(row)))
        for one in self._changed:
            yield one.bytes, _text_of(self._records[one], self._seen[one])

    def _take_back(self, work: UnitOfWork, shelf: Shelf, keys: set[str], stored: set[UUID]) -> None:
        """Let records be as earlier rows left them."""
        declared = Declarations(work.transaction.attributes)
        names = shelf.names(keys) | {one.bytes for one in stored}
        for name, text in shelf.records(names).items():
            record_id = UUID(bytes=name)
            if record_id not in self._changed and record_id not in self._new:
                record, seen = self._unpacked(record_id, json.loads(text))
                self._enter(record_id, declared.typed(record), seen)
                self._enter_keys(self._records[record_id])

    def _unpacked(self, record_id: UUID, data: Any) -> tuple[R, Seen]:
        if isinstance(data, dict):
            return _read(self._kind, record_id, cast("dict[str, Any]", data))
        number, line, cells = data
        row = self._reread(number, Row(line, tuple(cells)))
        if isinstance(row, Reject):
            raise CaptureError("a row that was taken over is refused when it is read again: plan the import again")
        return row.record, seen_in(row.record, self._sight_of(row))


def _text_of(record: Contact | Account, seen: Seen) -> bytes:
    sights = {name: (None if one.at is None else one.at.isoformat(), one.reliability) for name, one in seen.items()}
    return json.dumps({"values": flatten(record), "version": record.version, "seen": sights}).encode()


def _read(kind: type[R], record_id: UUID, data: dict[str, Any]) -> tuple[R, Seen]:
    seen = {
        name: Sight(None if at is None else datetime.fromisoformat(at), reliability)
        for name, (at, reliability) in data["seen"].items()
    }
    return built_from(kind, record_id, data["version"], data["values"]), seen
