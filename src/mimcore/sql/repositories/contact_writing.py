"""Contacts with the states of their values, written in as few statements as it takes: what did not change stays.

A new contact gets its freshness keys with its row; a changed one has its children and keys written again only where
they differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, delete, insert, select

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.versions.revision import Revision
from mimcore.sql.connection.copying import FEW
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.repositories.freshness_keys import (
    KEYED_ATTRIBUTES,
    KeyChange,
    KeyChanges,
    key_columns,
    keys_of,
    refresh_keys,
)
from mimcore.sql.repositories.sparse import SparseInsert, SparseUpdate
from mimcore.sql.rows.contact_mapping import ContactMapping
from mimcore.sql.tables import schema

__all__ = ["ContactWriter"]

Revisions = Sequence[Revision[Contact]]
Rows = Callable[[Contact, str], Iterable[tuple[Any, ...]]]


class _Change(NamedTuple):
    """What an update writes of one contact."""

    contact: Contact
    keys: KeyChange
    columns: tuple[str, ...]
    row: tuple[Any, ...]
    """The values of the columns; then tenant, id and the version so far."""


class ContactWriter:
    """Writes the rows that hang on contacts within a transaction."""

    def __init__(self, wire: Wire, mapping: ContactMapping) -> None:
        """Write through a transaction.

        Args:
            wire: The transaction.
            mapping: Rows of contacts.
        """
        self._wire, self._mapping = wire, mapping
        self._unclear: list[UUID] = []
        rows: tuple[Rows, ...] = (mapping.point_rows, mapping.link_rows, mapping.external_id_rows)
        self._children = tuple(zip(_ADD, _REMOVE, rows, _PARTS, strict=True))

    def insert(self, beginnings: Revisions, states: Iterable[FreshnessState]) -> None:
        """Write new contacts with their children and the keys of their states.

        Args:
            beginnings: New contacts.
            states: The states of their values.
        """
        if not beginnings:
            return
        known = {(one.attribute, one.subject_id.int): one for one in states if one.attribute in KEYED_ATTRIBUTES}
        row, tenant = self._mapping.first_row, self._wire.tenant
        self._insert_filled([[*row(one, tenant), *keys_of(one.new, known)] for one in beginnings])
        self.add_children([one.new for one in beginnings])

    def _insert_filled(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows without the columns that all of them leave empty, which are most."""
        named = zip((*self._mapping.written, *key_columns()), zip(*rows, strict=True), strict=True)
        filled = {name: cells for name, cells in named if cells.count(None) < len(cells)}
        self._wire.write_many(SparseInsert(schema.contact, tuple(filled)), list(zip(*filled.values(), strict=True)))

    def add_children(self, contacts: Iterable[Contact]) -> None:
        """Write contact points, account links and external ids."""
        some = list(contacts)
        for statement, _, rows, _ in self._children:
            self._wire.write_many(statement, [row for one in some for row in rows(one, self._wire.tenant)])

    def replace_children(self, contacts: Sequence[Contact]) -> None:
        """Write contact points, account links and external ids again."""
        for _, statement, _, _ in self._children:
            self._wire.write_ids(statement, [one.id for one in contacts])
        self.add_children(contacts)

    def change_children(self, changes: Revisions) -> None:
        """Write those children again that differ.

        Args:
            changes: What is stored, and what replaces it.
        """
        for add, remove, rows, names in self._children:
            changed = [one.new for one in changes if any(name in one.changed for name in names)]
            self._wire.write_ids(remove, [one.id for one in changed])
            self._wire.write_many(add, [row for one in changed for row in rows(one, self._wire.tenant)])

    def update(self, changes: Revisions, gone: Iterable[tuple[str, UUID]], states: Iterable[FreshnessState]) -> int:
        """Replace the rows of contacts, with the keys of the states that change; return how many were touched.

        Args:
            changes: What is stored, and what replaces it, in order of ids.
            gone: States that are dropped.
            states: States that are stored.
        """
        news = KeyChanges(gone, states)
        found = [self._change(one, news.of(one)) for one in changes]
        self._unclear = [one.contact.id for one in found if one.keys.is_unclear]
        return sum(
            self._wire.write_rows(SparseUpdate(schema.contact, columns), [one.row for one in some])
            for columns, some in groupby(self._arranged(found), lambda one: one.columns)
        )

    def _change(self, change: Revision[Contact], keys: KeyChange) -> _Change:
        """Return the columns that change, with the row of their values as an update takes it."""
        old, new, _ = change
        columns, values = self._mapping.changes(change)
        at_version = old.version if old is not None and new.version == old.version + 1 else _NO_VERSION
        found = (self._wire.tenant, self._wire.codec.put_id(new.id), at_version)
        return _Change(new, keys, (*columns, *keys.columns), (*values, *keys.values, *found))

    def _arranged(self, changes: list[_Change]) -> list[_Change]:
        """Put many changes of the same columns together, their rows locked in order of ids; few stay as they are."""
        ids = {one.contact.id for one in changes}
        if not FEW < len(changes) == len(ids):
            return changes
        self._wire.lock_rows(_LOCK, ids)
        count = Counter(one.columns for one in changes)
        many = [one if count[one.columns] > FEW else self._whole(one) for one in changes]
        return sorted(many, key=lambda one: one.columns)

    def _whole(self, change: _Change) -> _Change:
        """Return a change of every column: changes of all sorts would take as many statements as there are sorts."""
        _, _, *values = self._mapping.row(change.contact, self._wire.tenant)
        found = change.row[-3:]
        columns = (*self._mapping.written[2:], *change.keys.columns)
        return change._replace(columns=columns, row=(*values, *change.keys.values, *found))

    def refresh_unclear(self) -> None:
        """Look up the keys of the updated contacts whose primary point is another one that was there before."""
        refresh_keys(self._wire, self._unclear)
        self._unclear = []


def _remove(table: Table) -> Prepared:
    return Prepared(delete(table).where(owned(table, in_ids(table.c.contact_id, "ids"))))


_NO_VERSION = -1
"""No row has it: what was made from another version than the one it is compared with is stale."""
_OWNED = (schema.contact_point, schema.contact_account, schema.external_id)
_PARTS = (("emails", "phones"), ("accounts",), ("external_ids",))
_ADD = tuple(Prepared(insert(table), tuple(table.c.keys())) for table in _OWNED)
_REMOVE = tuple(_remove(table) for table in _OWNED)
_LOCK = Prepared(
    select(schema.contact.c.id)
    .where(owned(schema.contact, in_ids(schema.contact.c.id, "ids")))
    .order_by(schema.contact.c.id)
    .with_for_update()
)
