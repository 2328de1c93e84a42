"""Contacts with the states of their values, written in as few statements as it takes: what did not change stays.

A new contact gets its freshness keys with its row; a changed one has its children and keys written again only where
they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Table, bindparam, delete, insert, select, update

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.plain import same
from mimcore.sql import schema
from mimcore.sql.contact_mapping import ContactMapping
from mimcore.sql.copying import FEW, Bulk
from mimcore.sql.elements import in_ids
from mimcore.sql.freshness_keys import KEYED_ATTRIBUTES, KeyChange, KeyChanges, key_columns, keys_of, refresh_keys
from mimcore.sql.sparse import SparseInsert
from mimcore.sql.statements import owned
from mimcore.sql.wire import Prepared, Wire

__all__ = ["ContactWriter"]

Pairs = Sequence[tuple[Contact, Contact]]
Rows = Callable[[Contact, str], Iterable[tuple[Any, ...]]]


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

    def insert(self, contacts: Sequence[Contact], states: Iterable[FreshnessState]) -> None:
        """Write new contacts with their children and the keys of their states.

        Args:
            contacts: New contacts.
            states: The states of their values.
        """
        if not contacts:
            return
        known = {(one.attribute, one.subject_id.int): one for one in states if one.attribute in KEYED_ATTRIBUTES}
        row, tenant = self._mapping.row, self._wire.tenant
        rows = [(*row(one, tenant), *keys_of(one, known)) for one in contacts]
        if len(rows) == 1:
            self._insert_one(rows[0])
        else:
            self._wire.write_many(_insert(self._mapping.written), rows)
        self.add_children(contacts)

    def _insert_one(self, row: Sequence[Any]) -> None:
        """Write a row without the columns that it leaves empty, which are most."""
        named = zip((*self._mapping.written, *key_columns()), row, strict=True)
        filled = {name: cell for name, cell in named if cell is not None}
        self._wire.write_many(SparseInsert(schema.contact, tuple(filled)), [tuple(filled.values())])

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

    def change_children(self, pairs: Pairs) -> None:
        """Write those children again that differ.

        Args:
            pairs: What is stored, and what replaces it.
        """
        for add, remove, rows, names in self._children:
            changed = [new for old, new in pairs if not all(same(getattr(old, n), getattr(new, n)) for n in names)]
            self._wire.write_ids(remove, [one.id for one in changed])
            self._wire.write_many(add, [row for one in changed for row in rows(one, self._wire.tenant)])

    def update(self, pairs: Pairs, gone: Iterable[tuple[str, UUID]], states: Iterable[FreshnessState]) -> int:
        """Replace the rows of contacts, with the keys of the states that change; return how many were touched.

        Args:
            pairs: What is stored, and what replaces it, in order of ids.
            gone: States that are dropped.
            states: States that are stored.
        """
        news, touched = KeyChanges(gone, states), 0
        changes = [(news.of(old, new), new) for old, new in pairs]
        for columns, some in groupby(self._arranged(changes), lambda one: one[0].columns):
            rows = [self._changed(new, keys.values) for keys, new in some]
            touched += self._wire.write_rows(_update(self._mapping.written, columns), rows)
        self._unclear = [new.id for keys, new in changes if keys.is_unclear]
        return touched

    def _arranged(self, changes: list[tuple[KeyChange, Contact]]) -> list[tuple[KeyChange, Contact]]:
        """Put many changes of the same columns together, their rows locked in order of ids; few stay as they are."""
        ids = {new.id for _, new in changes}
        if not FEW < len(changes) == len(ids):
            return changes
        self._wire.lock_rows(_LOCK, ids)
        return sorted(changes, key=lambda one: one[0].columns)

    def _changed(self, new: Contact, keys: Sequence[Any]) -> tuple[Any, ...]:
        tenant, key, *values = self._mapping.row(new, self._wire.tenant)
        return (*values, *keys, tenant, key, new.version - 1)

    def refresh_unclear(self) -> None:
        """Look up the keys of the updated contacts whose primary point is another one that was there before."""
        refresh_keys(self._wire, self._unclear)
        self._unclear = []


def _insert(written: tuple[str, ...]) -> Prepared:
    if written not in _INSERTS:
        _INSERTS[written] = Prepared(insert(schema.contact), (*written, *key_columns()))
    return _INSERTS[written]


def _update(written: tuple[str, ...], keys: tuple[str, ...]) -> Prepared:
    """Return the statement that replaces a row: its parameters stand in the order of the table's columns."""
    if (written, keys) not in _UPDATES:
        table = schema.contact
        given: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in (*written[2:], *keys)}
        at_version = owned(table, table.c.id == bindparam("at_id"), table.c.version == bindparam("at_version"))
        bulk = Bulk(table, (*written[2:], *keys, "tenant", "id"), ("tenant", "id"), replaces=True, version="version")
        _UPDATES[written, keys] = Prepared(update(table).where(at_version).values(given), bulk=bulk)
    return _UPDATES[written, keys]


def _remove(table: Table) -> Prepared:
    return Prepared(delete(table).where(owned(table, in_ids(table.c.contact_id, "ids"))))


_INSERTS: dict[tuple[str, ...], Prepared] = {}
_UPDATES: dict[tuple[tuple[str, ...], tuple[str, ...]], Prepared] = {}
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
