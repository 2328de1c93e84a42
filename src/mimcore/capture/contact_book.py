"""The contacts that rows are about, as the rows so far leave them; what is not needed now can be set aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from mimcore.capture.csv_reader import Row
from mimcore.capture.field_policies import Sight
from mimcore.capture.later_words import hear_later_words
from mimcore.capture.rejects import Reject
from mimcore.capture.row_changes import Reliability, Seen, seen_in, seen_of
from mimcore.capture.rows import Candidate
from mimcore.capture.shelf import Shelf
from mimcore.domain.changes import built_from, flatten
from mimcore.domain.contact import Contact
from mimcore.errors import CaptureError
from mimcore.repositories.declared import Declarations
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["ContactBook"]

Reread = Callable[[int, Row], Candidate | Reject]


class ContactBook:
    """Contacts by key and by id. Keys are looked up once a batch; later rows see earlier ones."""

    def __init__(self, anchor: str, source: str, reread: Reread, sight_of: Callable[[Candidate], Sight]) -> None:
        """Begin empty.

        Args:
            anchor: The part of the key that is looked up.
            source: Key of the source under whose ids the contacts are known.
            reread: Reads a row that was set aside.
            sight_of: Tells who says a row, and when it was observed.
        """
        self._anchor, self._source, self._reread, self._sight_of = anchor, source, reread, sight_of
        self._contacts: dict[UUID, Contact] = {}
        self._seen: dict[UUID, Seen] = {}
        self._new: dict[UUID, tuple[Contact, Candidate]] = {}
        self._by_key: dict[str, dict[UUID, None]] = {}
        self._looked_up: set[str] = set()
        self._changed: set[UUID] = set()

    def __len__(self) -> int:
        """Return how many contacts are in memory."""
        return len(self._contacts) + len(self._new)

    def fetch(self, work: UnitOfWork, rows: Sequence[Candidate], reliability: Reliability, shelf: Shelf | None) -> None:
        """Look up the contacts of rows, with the ages of their values.

        Args:
            work: The open unit of work.
            rows: The rows.
            reliability: Of each source.
            shelf: Where contacts were set aside.
        """
        asked = {one.key for one in rows} - self._looked_up
        self._looked_up |= asked
        found = self._find(work, asked)
        new = {contact_id for ids in found.values() for contact_id in ids} - self._contacts.keys()
        self._contacts.update(work.transaction.contacts.get_many(new))
        states = work.transaction.freshness.of(new)
        seen = {one: seen_of(states.get(one, ()), one, reliability) for one in new}
        hear_later_words(work, seen, (one.observed_at for one in rows))
        self._seen.update(seen)
        for key, ids in found.items():
            self._by_key.setdefault(key, {}).update(dict.fromkeys(ids))
        if shelf is not None:
            self._take_back(work, shelf, asked, new)

    def _find(self, work: UnitOfWork, keys: set[str]) -> dict[str, tuple[UUID, ...]]:
        contacts = work.transaction.contacts
        if self._anchor == "external_id":
            return contacts.with_external_ids(self._source, keys)
        return contacts.with_points("email" if self._anchor == "email" else "phone", keys)

    def ids(self, key: str) -> Iterable[UUID]:
        """Return the ids of the contacts under a key."""
        return self._by_key.get(key, ())

    def contact(self, contact_id: UUID) -> Contact:
        """Return a contact as the rows so far leave it."""
        if contact_id in self._new:
            contact, row = self._new.pop(contact_id)
            self._enter(contact_id, contact, seen_in(contact, self._sight_of(row)))
            self._changed.add(contact_id)
        return self._contacts[contact_id]

    def seen(self, contact_id: UUID) -> Seen:
        """Return a copy of who said the values of a contact, and when."""
        return dict(self._seen[contact_id])

    def add(self, contact: Contact, row: Candidate) -> None:
        """Let later rows see a new contact.

        Args:
            contact: The contact.
            row: The row that brings it.
        """
        self._new[contact.id] = (contact, row)
        self._enter_keys(contact)

    def change(self, stored: Contact, contact: Contact) -> None:
        """Let later rows see what a row makes of a contact.

        Args:
            stored: What it was.
            contact: What it is.
        """
        self._contacts[contact.id] = contact.model_copy(update={"version": stored.version + 1})
        self._changed.add(contact.id)
        self._enter_keys(contact)

    def see(self, contact_id: UUID, seen: Seen) -> None:
        """Keep who said the values of a contact, and when."""
        self._seen[contact_id] = seen

    def _enter(self, contact_id: UUID, contact: Contact, seen: Seen) -> None:
        self._contacts[contact_id] = contact.model_copy(update={"id": contact_id, "version": contact.version or 1})
        self._seen[contact_id] = seen

    def _enter_keys(self, contact: Contact) -> None:
        for key in self._keys(contact):
            self._by_key.setdefault(key, {})[contact.id] = None

    def _keys(self, contact: Contact) -> list[str]:
        """Return under which keys a contact is found."""
        if self._anchor == "external_id":
            return [one.value for one in contact.external_ids if one.source == self._source]
        points = contact.emails if self._anchor == "email" else contact.phones
        return [point.match_key for point in points if not point.is_retired]

    def set_aside(self, shelf: Shelf) -> None:
        """Put what the rows so far have made on a shelf, and forget everything.

        Args:
            shelf: Where `fetch` will look for it.
        """
        made = [one for one, _ in self._new.values()] + [self._contacts[one] for one in self._changed]
        shelf.put(((key, one.id.bytes) for one in made for key in self._keys(one)), self._packed())
        for memory in (self._contacts, self._seen, self._new, self._by_key, self._looked_up, self._changed):
            memory.clear()

    def _packed(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield contacts with their names: a new one as its row, which is many times shorter than itself."""
        for contact, row in self._new.values():
            if contact is row.contact and row.cells:
                yield contact.id.bytes, json.dumps((row.number, row.line, row.cells)).encode()
            else:
                yield contact.id.bytes, _text_of(contact, seen_in(contact, self._sight_of(row)))
        for one in self._changed:
            yield one.bytes, _text_of(self._contacts[one], self._seen[one])

    def _take_back(self, work: UnitOfWork, shelf: Shelf, keys: set[str], stored: set[UUID]) -> None:
        """Let contacts be as earlier rows left them."""
        declared = Declarations(work.transaction.attributes)
        names = shelf.names(keys) | {one.bytes for one in stored}
        for name, text in shelf.records(names).items():
            contact_id = UUID(bytes=name)
            if contact_id not in self._changed and contact_id not in self._new:
                contact, seen = self._unpacked(contact_id, json.loads(text))
                self._enter(contact_id, declared.typed(contact), seen)
                self._enter_keys(self._contacts[contact_id])

    def _unpacked(self, contact_id: UUID, data: Any) -> tuple[Contact, Seen]:
        if isinstance(data, dict):
            return _read(contact_id, cast("dict[str, Any]", data))
        number, line, cells = data
        row = self._reread(number, Row(line, tuple(cells)))
        if isinstance(row, Reject):
            raise CaptureError("a row that was taken over is refused when it is read again: plan the import again")
        return row.contact, seen_in(row.contact, self._sight_of(row))


def _text_of(contact: Contact, seen: Seen) -> bytes:
    sights = {name: (None if one.at is None else one.at.isoformat(), one.reliability) for name, one in seen.items()}
    return json.dumps({"values": flatten(contact), "version": contact.version, "seen": sights}).encode()


def _read(contact_id: UUID, data: dict[str, Any]) -> tuple[Contact, Seen]:
    seen = {
        name: Sight(None if at is None else datetime.fromisoformat(at), reliability)
        for name, (at, reliability) in data["seen"].items()
    }
    return built_from(Contact, contact_id, data["version"], data["values"]), seen
