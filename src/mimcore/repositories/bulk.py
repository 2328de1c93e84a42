"""Writing many records: in batches, each looked up and written at once, with the result of single writes.

Everything goes through the one `Recorder`: versions, change sets, states of values and events are as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import is_listed
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.versions.revision import Revision
from mimcore.errors import AmbiguousError, InvalidValueError
from mimcore.repositories.collecting import uncollected
from mimcore.repositories.origin import Origin
from mimcore.repositories.overlaying import overlaid
from mimcore.repositories.portions import portions
from mimcore.repositories.recording import Recorder, successor
from mimcore.values.identifiers import check_key

__all__ = ["Finder", "UpsertKey", "Upserted", "add_in_batches", "finder_by", "upsert_in_batches"]

T = TypeVar("T")
BATCH = 5000
UpsertKey = Literal["id", "email", "phone"] | tuple[Literal["external_id"], str]
"""By what a given contact is found among the stored ones."""


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of the given contacts. The three numbers add up to all of them."""

    created: int
    updated: int
    unchanged: int


def add_in_batches(recorder: Recorder, entities: Iterable[Entity], origin: Origin) -> int:
    """Store new records of any kind; see `UnitOfWork.add_many`."""
    count = 0
    for batch in _batches(entities):
        count += len(recorder.created(batch, origin))
    return count


def upsert_in_batches(recorder: Recorder, contacts: Iterable[Contact], finder: Finder, origin: Origin) -> Upserted:
    """Store contacts, on top of those that are there already; see `UnitOfWork.upsert_many`."""
    total = Upserted(0, 0, 0)
    if finder.is_matching:
        recorder.transaction.contacts.lock_matching()
    for batch in _batches(contacts):
        done = _Batch(recorder, finder, origin).settle(batch)
        total = Upserted(total.created + done.created, total.updated + done.updated, total.unchanged + done.unchanged)
    return total


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    for batch in portions(items, BATCH):
        with uncollected():
            yield batch


@dataclass(frozen=True)
class Finder:
    """How contacts are found, and what is made of one that is there."""

    keys: Callable[[Contact], Iterable[Any]]
    find: Callable[[Iterable[Any]], Mapping[Any, tuple[UUID, ...]]]
    combined: Callable[[Contact, Contact], Contact]
    is_matching: bool = True
    """Whether a contact that is not found may be there under another id."""


def finder_by(recorder: Recorder, key: object) -> Finder:
    """Return how contacts are found by a key.

    Raises:
        InvalidValueError: If the key is none of the declared ones.
    """
    port = recorder.transaction.contacts
    if key == "id":
        return Finder(lambda one: (one.id,), lambda ids: {one: (one,) for one in ids}, successor, is_matching=False)
    if key in ("email", "phone"):
        kind = str(key)
        return Finder(lambda one: _active_keys(one, kind), partial(port.with_points, kind), overlaid)
    if is_listed(key) and len(key) == 2 and key[0] == "external_id":
        source = check_key(key[1], "key.1")
        return Finder(lambda one: _ids_in(one, source), partial(port.with_external_ids, source), overlaid)
    raise InvalidValueError(
        "key", "is not a way to find contacts", "use 'id', 'email', 'phone' or ('external_id', source)"
    )


def _active_keys(contact: Contact, kind: str) -> Iterator[str]:
    points = contact.emails if kind == "email" else contact.phones
    return (point.match_key for point in points if not point.is_retired)


def _ids_in(contact: Contact, source: str) -> Iterator[str]:
    return (one.value for one in contact.external_ids if one.source == source)


class _Batch:
    """Contacts that are looked up and written together. One that meets an earlier one waits until that is written."""

    def __init__(self, recorder: Recorder, finder: Finder, origin: Origin) -> None:
        self._recorder, self._finder, self._origin = recorder, finder, origin
        self._new: list[Contact] = []
        self._changed: list[Revision[Contact]] = []
        self._touched: set[Any] = set()
        self._counts = {"created": 0, "updated": 0, "unchanged": 0}

    def settle(self, given: Sequence[Contact]) -> Upserted:
        """Write contacts and count what became of them."""
        found, stored = self._look_up(given)
        for contact in given:
            keys = list(self._finder.keys(contact))
            ids = {one for key in keys for one in found.get(key, ())}
            if not self._touched.isdisjoint((*keys, *ids, contact.id)):
                self._write()
                found_again, stored_again = self._look_up([contact])
                ids = {one for key in keys for one in found_again.get(key, ())}
                self._settle_one(contact, ids, stored_again)
            else:
                self._settle_one(contact, ids, stored)
        self._write()
        return Upserted(**self._counts)

    def _look_up(self, given: Sequence[Contact]) -> tuple[Mapping[Any, tuple[UUID, ...]], Mapping[UUID, Contact]]:
        keys = dict.fromkeys(key for contact in given for key in self._finder.keys(contact))
        found = self._finder.find(keys)
        ids = dict.fromkeys(one for some in found.values() for one in some)
        return found, self._recorder.transaction.contacts.get_many(ids)

    def _settle_one(self, given: Contact, ids: set[UUID], stored: Mapping[UUID, Contact]) -> None:
        there = [stored[one] for one in ids if one in stored]
        if len(there) > 1:
            raise AmbiguousError(
                f"a given contact has the keys of {len(there)} stored ones: unify them first (store.duplicates)"
            )
        new = given
        if there:
            change = self._recorder.revised(there[0], self._finder.combined(there[0], given))
            if change is None:
                self._counts["unchanged"] += 1
                return
            self._changed.append(change)
            new = change.new
        else:
            self._new.append(given)
        self._touched.update((*self._finder.keys(given), *self._finder.keys(new), new.id))

    def _write(self) -> None:
        """Write what waits."""
        if self._new:
            self._counts["created"] += len(self._recorder.created(self._new, self._origin))
        self._counts["updated"] += len(self._recorder.write(self._changed, self._origin))
        self._new, self._changed = [], []
