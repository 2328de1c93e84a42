"""Contacts with the states of their values, written in as few statements as it takes: what did not change stays.

A new contact gets its freshness keys with its row; a changed one has its children and keys written again only where
they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, insert

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.plain import same
from mimcore.sql import schema
from mimcore.sql.contact_mapping import ContactMapping
from mimcore.sql.elements import in_ids
from mimcore.sql.freshness_keys import KEYED_ATTRIBUTES, key_columns, keys_of, refresh_keys
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
        self._wire.write_rows(_insert(self._mapping.written), rows)
        self.add_children(contacts)

    def add_children(self, contacts: Iterable[Contact]) -> None:
        """Write contact points, account links and external ids."""
        some = list(contacts)
        for statement, _, rows, _ in self._children:
            self._wire.write_rows(statement, [row for one in some for row in rows(one, self._wire.tenant)])

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
            self._wire.write_rows(add, [row for one in changed for row in rows(one, self._wire.tenant)])

    def follow_states(self, pairs: Pairs, gone: Iterable[tuple[str, UUID]], states: Iterable[FreshnessState]) -> None:
        """Bring the key columns of changed contacts up to date, where a state or a primary point behind them changed.

        Args:
            pairs: What was stored, and what replaced it.
            gone: States that were dropped.
            states: States that were stored.
        """
        subjects = {one for attribute, one in gone if attribute in KEYED_ATTRIBUTES}
        owners = {one.contact_id for one in states if one.attribute in KEYED_ATTRIBUTES}
        refresh_keys(self._wire, [new.id for old, new in pairs if _is_keyed(old, new, owners, subjects)])


def _is_keyed(old: Contact, new: Contact, owners: Collection[UUID], subjects: Collection[UUID]) -> bool:
    if new.id in owners or new.id in subjects:
        return True
    if same(old.emails, new.emails) and same(old.phones, new.phones):
        return False
    return _primary(old) != _primary(new) or any(point.id in subjects for point in old.points)


def _primary(contact: Contact) -> tuple[UUID | None, UUID | None]:
    email, phone = contact.primary_email, contact.primary_phone
    return email and email.id, phone and phone.id


def _insert(written: tuple[str, ...]) -> Prepared:
    if written not in _INSERTS:
        _INSERTS[written] = Prepared(insert(schema.contact), (*written, *key_columns()))
    return _INSERTS[written]


def _remove(table: Table) -> Prepared:
    return Prepared(delete(table).where(owned(table, in_ids(table.c.contact_id, "ids"))))


_INSERTS: dict[tuple[str, ...], Prepared] = {}
_OWNED = (schema.contact_point, schema.contact_account, schema.external_id)
_PARTS = (("emails", "phones"), ("accounts",), ("external_ids",))
_ADD = tuple(Prepared(insert(table), tuple(table.c.keys())) for table in _OWNED)
_REMOVE = tuple(_remove(table) for table in _OWNED)
