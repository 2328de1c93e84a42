"""The key columns of the contact: a copy of the states of the few attributes that every application filters by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, bindparam, exists, func, select, update

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.versions.revision import Revision
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import ONE, in_ids, in_words
from mimcore.sql.tables.columns import KEYED_FIELDS
from mimcore.sql.tables.schema import attribute_state as state
from mimcore.sql.tables.schema import contact

__all__ = [
    "KEYED_ATTRIBUTES",
    "KeyChanges",
    "fill_keys",
    "follow_keys",
    "key_columns",
    "keys_of",
    "pools_present",
    "refresh_keys",
]

_POINTS: dict[str, tuple[str, Column[UUID]]] = {
    "contact.primary_email": ("contact.emails", contact.c.primary_email_id),
    "contact.primary_phone": ("contact.phones", contact.c.primary_phone_id),
}
"""Fields whose state is that of a contact point: the attribute of the state, and whose it is."""

_WHOSE = tuple(list(_POINTS).index(name) + 1 if name in _POINTS else 0 for name in KEYED_FIELDS)
"""Whose id each key belongs to: the contact's own, its primary e-mail address's, or its primary phone's."""
_POINTS_OF = frozenset({"emails", "phones"})
_IN_ORDER = tuple(_POINTS[name][0] if name in _POINTS else name for name in KEYED_FIELDS)
KEYED_ATTRIBUTES = frozenset(_IN_ORDER)
"""Attributes of states that stand on the contact too."""


def key_columns() -> tuple[str, ...]:
    """Return the names of the key columns of a contact, in order."""
    return tuple(f"{name.rpartition('.')[2]}_{part}" for name in KEYED_FIELDS for part in ("pool", "key"))


def keys_of(contact: Contact, states: Mapping[tuple[str, int], FreshnessState]) -> list[Any]:
    """Return the values of a contact's key columns, in order.

    Args:
        contact: The contact.
        states: The states of its values, by attribute and the number of the subject's id.
    """
    found: list[Any] = []
    for attribute, subject in zip(_IN_ORDER, _subjects(contact), strict=True):
        state = None if subject is None else states.get((attribute, subject))
        if state is None:
            found += _BLANK
        else:
            found += (state.pool, state.key)
    return found


_BLANK = (None, None)


class KeyChange(NamedTuple):
    """What becomes of a contact's key columns: which change, to what; and whether more must be looked up."""

    columns: tuple[str, ...]
    values: tuple[Any, ...]
    is_unclear: bool


_UNTOUCHED = KeyChange((), (), is_unclear=False)


class KeyChanges:
    """What becomes of key columns when states are dropped and stored."""

    def __init__(self, gone: Iterable[tuple[str, UUID]], states: Iterable[FreshnessState]) -> None:
        """Index the states that matter.

        Args:
            gone: States that are dropped first, by attribute and subject.
            states: States that are stored.
        """
        self._new = {(one.attribute, one.subject_id.int): one for one in states if one.attribute in KEYED_ATTRIBUTES}
        self._owners = {one.contact_id.int for one in self._new.values()}
        self._gone = {(name, one.int) for name, one in gone if name in KEYED_ATTRIBUTES}

    def of(self, change: Revision[Contact]) -> KeyChange:
        """Return what becomes of the key columns of one contact."""
        has_states = bool(self._gone) or change.new.id.int in self._owners
        if not has_states and _POINTS_OF.isdisjoint(change.changed):
            return _UNTOUCHED
        columns: list[str] = []
        values: list[Any] = []
        is_unclear = False
        now = _subjects(change.new)
        then = _subjects(change.old) if change.old and not _POINTS_OF.isdisjoint(change.changed) else now
        for field, attribute, before, after in zip(KEYED_FIELDS, _IN_ORDER, then, now, strict=True):
            state = None if after is None else self._new.get((attribute, after))
            if state is None and before == after and (attribute, after) not in self._gone:
                continue
            if state is None and after is not None and (attribute, after) not in self._gone:
                is_unclear = True
                continue
            short = field.rpartition(".")[2]
            columns += (f"{short}_pool", f"{short}_key")
            values += (None, None) if state is None else (state.pool, state.key)
        return KeyChange(tuple(columns), tuple(values), is_unclear)


def _subjects(contact: Contact) -> tuple[int | None, ...]:
    """Return the number of the id that each key belongs to: a primary point's, or the contact's own."""
    email, phone, own = contact.primary_email, contact.primary_phone, contact.id.int
    numbers = (own, None if email is None else email.id.int, None if phone is None else phone.id.int)
    return tuple([numbers[whose] for whose in _WHOSE])


def refresh_keys(wire: Wire, contact_ids: Iterable[UUID]) -> None:
    """Copy pool and key of the states to their contacts, in one statement for all of them.

    Args:
        wire: The transaction.
        contact_ids: Contacts whose states or primary points have changed.
    """
    wire.write_ids(_REFRESH, contact_ids)


def fill_keys(wire: Wire, contact_ids: Iterable[UUID]) -> None:
    """Copy the states of contacts that have just been added, if any came before them.

    Args:
        wire: The transaction.
        contact_ids: The new contacts.
    """
    wire.write_ids(_FILL, contact_ids)


def follow_keys(wire: Wire, moved: Iterable[tuple[str, str]]) -> None:
    """Copy the states to the contacts whose keys stand in pools that were moved, in one statement a field.

    Args:
        wire: The transaction.
        moved: Attributes with the pools that their values were in.
    """
    pools: dict[str, list[str]] = {}
    for attribute, pool in sorted(moved):
        pools.setdefault(attribute, []).append(pool)
    for name, attribute in zip(KEYED_FIELDS, _IN_ORDER, strict=True):
        if attribute in pools:
            wire.write(_FOLLOW[name], words=wire.codec.put_words(pools[attribute]))


def pools_present(wire: Wire, spec: FieldSpec) -> frozenset[str]:
    """Return the half-life pools among the states of a field: a few steps along the index, not a scan.

    A rule then has one branch a pool that occurs; with a branch for every declared pool SQLite would not use the index.

    Args:
        wire: The transaction.
        spec: The field.
    """
    if spec.name in KEYED_FIELDS:
        return frozenset(row[0] for row in wire.rows(_KEYED_POOLS[spec.name]))
    return frozenset(row[0] for row in wire.rows(_POOLS, attribute=spec.name))


def _steps(table: Table, pool: ColumnElement[str], *conditions: ColumnElement[bool]) -> Prepared:
    """Walk from each pool to the next greater one."""
    first = select(func.min(pool).label("pool")).where(owned(table, *conditions))
    found = first.cte("found", recursive=True)
    following = select(func.min(pool)).where(owned(table, *conditions, pool > found.c.pool)).scalar_subquery()
    steps = found.union_all(select(following).where(found.c.pool.is_not(None)))
    return Prepared(select(steps.c.pool).where(steps.c.pool.is_not(None)))


def _copies() -> dict[str, ColumnElement[object]]:
    found: dict[str, ColumnElement[object]] = {}
    for name in KEYED_FIELDS:
        attribute, subject = _POINTS.get(name, (name, contact.c.id))
        own = (state.c.tenant == contact.c.tenant) & (state.c.attribute == attribute) & (state.c.subject_id == subject)
        for part in ("pool", "key"):
            copied = select(state.c[part]).where(own).correlate(contact).scalar_subquery()
            found[f"{name.rpartition('.')[2]}_{part}"] = copied
    return found


def _has_states() -> ColumnElement[bool]:
    own = (state.c.tenant == contact.c.tenant) & (state.c.contact_id == contact.c.id)
    return exists(select(ONE).select_from(state).where(own).correlate(contact))


def _follow(name: str) -> Prepared:
    short = name.rpartition(".")[2]
    own = {column: copied for column, copied in _copies().items() if column in {f"{short}_pool", f"{short}_key"}}
    there = in_words(contact.c[f"{short}_pool"], "words")
    return Prepared(update(contact).where(owned(contact, there)).values(own))


_FOLLOW = {name: _follow(name) for name in KEYED_FIELDS}
_KEYED_POOLS = {name: _steps(contact, contact.c[f"{name.rpartition('.')[2]}_pool"]) for name in KEYED_FIELDS}
_POOLS = _steps(state, state.c.pool, state.c.attribute == bindparam("attribute"))
_REFRESH = Prepared(update(contact).where(owned(contact, in_ids(contact.c.id, "ids"))).values(_copies()))
_FILL = Prepared(update(contact).where(owned(contact, in_ids(contact.c.id, "ids"), _has_states())).values(_copies()))
