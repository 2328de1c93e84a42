"""Contacts in SQL: the wide row with its children, and the questions that rules and services ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, false, func, select, true, type_coerce
from sqlalchemy.types import NullType

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.versions.revision import Revision
from mimcore.repositories.ports import Query, Verdict
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import Bound, EventLeaf, Fresh, Literal, negate
from mimcore.rules.ordering import Order, Place
from mimcore.sql.conditions.column_map import ContactMap, EventMap
from mimcore.sql.conditions.compiler import compile_condition, compile_rule
from mimcore.sql.conditions.freshness_tests import FreshnessTests, few_in
from mimcore.sql.conditions.ordering import sorted_columns, sorted_query
from mimcore.sql.connection.named_locks import lock_name
from mimcore.sql.connection.statements import listed_once, owned
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids, in_words
from mimcore.sql.repositories.contact_writing import ContactWriter
from mimcore.sql.repositories.entities import SqlRepository
from mimcore.sql.repositories.evidence import SqlFreshnessRepository
from mimcore.sql.repositories.freshness_keys import fill_keys, pools_present, refresh_keys
from mimcore.sql.repositories.points import POINT_COLUMNS, SqlContactPoints, grouped
from mimcore.sql.repositories.uses import contact_uses
from mimcore.sql.rows.contact_mapping import Children, ContactMapping
from mimcore.sql.rows.held import Held
from mimcore.sql.tables import schema

__all__ = ["SqlContactRepository"]

_contact, _point, _link, _outside = schema.contact, schema.contact_point, schema.contact_account, schema.external_id
_RAW_ID: ColumnElement[Any] = type_coerce(_contact.c.id, NullType())


class _ContactRows:
    """The contact's mapping as the shared repository sees it; children are read beside it."""

    table = _contact

    def __init__(self, mapping: ContactMapping) -> None:
        self._mapping = mapping
        self.written, self.read, self.row = mapping.written, mapping.read, mapping.row

    def entity(self, row: Any) -> Contact:
        """Return a contact without children."""
        return self._mapping.contact(row, Children({}, {}, {}))


class SqlContactRepository(SqlRepository[Contact], SqlContactPoints):
    """Contacts. "Everyone" means all whose status is active."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        SqlContactPoints.__init__(self, wire)
        super().__init__(wire, _ContactRows(self._contacts), "contact")
        self._writer, self._states = ContactWriter(wire, self._contacts), SqlFreshnessRepository(wire)
        pools, few = partial(pools_present, wire), (few_in(wire, is_alone=one) for one in (False, True))
        self._columns, self._of_freshness = (
            ContactMap(wire.tenant, fresh=FreshnessTests(wire.tenant, schema.contact, pools, one)) for one in few
        )

    def lock(self, ids: Iterable[UUID], *, with_merged: bool = False, if_active: bool = False) -> None:
        """Let nobody else change these contacts, or attach to them, until the transaction ends; in order of ids."""
        self._wire.lock_rows(_LOCK_WITH_MERGED if with_merged else _LOCK_ACTIVE if if_active else _LOCK, ids)

    def lock_matching(self) -> None:
        """Let nobody else create contacts because nobody was found, until the transaction ends."""
        lock_name(self._wire, f"mimcore matching {self._wire.tenant}")

    def find(self, query: Query) -> list[UUID]:
        """Return ids of active contacts in the query's order."""
        found = self._active(query.where, query.verdict, _RAW_ID)
        return list(map(self._wire.codec.get_id, self._first(sorted_query(found, _RAW_ID, query, self._columns))))

    def _first(self, query: Any) -> Iterator[Any]:
        return (row[0] for row in self._wire.ask(query))

    def count(self, where: Bound | None = None, verdict: Verdict = "member") -> int:
        """Count active contacts for whom a bound rule is true, or false, or cannot be decided."""
        return int(self._wire.ask(self._active(where, verdict, func.count()))[0][0])

    def place(self, contact_id: UUID, order: Order) -> Place | None:
        """Return the values by which a contact, active or not, is sorted now; None if it is not stored."""
        own = (_contact.c.tenant == self._wire.tenant) & (_contact.c.id == contact_id)
        columns = [key.label(f"key_{at}") for at, key in enumerate(sorted_columns(order, self._columns))]
        rows = self._wire.ask(select(_contact.c.id, *columns).where(own))
        return tuple(int(one) if isinstance(one, Decimal) else one for one in rows[0][1:]) if rows else None

    def tally(self, fields: Sequence[FieldSpec], where: Bound | None = None) -> list[tuple[tuple[Any, ...], int]]:
        """Count the active contacts for whom a bound rule is true by the values of some of their own fields."""
        values = [self._columns.value(spec).label(f"value_{at}") for at, spec in enumerate(fields)]
        inner = self._active(where, "member", *values).subquery()
        counted = select(*inner.c, func.count()).group_by(*inner.c)
        return [(tuple(map(_listed, row[:-1])), row[-1]) for row in self._wire.ask(counted)]

    def currencies(self, leaf: EventLeaf) -> frozenset[str]:
        """Return the currencies of the events that a measure adds up, over all contacts."""
        event = schema.interaction.alias()
        since = true() if leaf.start is None else event.c.at >= leaf.start
        found = (
            select(event.c.value_currency)
            .distinct()
            .where(
                event.c.tenant == self._wire.tenant,
                event.c.kind == leaf.kind,
                event.c.at <= leaf.end,
                since,
                event.c.value_currency.is_not(None),
                compile_condition(leaf.where, EventMap(event)),
            )
        )
        return frozenset(self._first(found))

    def stream(self, query: Query) -> Iterator[Contact]:
        """Yield the contacts of a query without an order, by id, while nobody writes in this transaction."""
        found = self._active(query.where, query.verdict, *_raw(self._contacts.read)).order_by(_contact.c.id)
        after = query.after
        while True:
            page = found if after is None else found.where(_contact.c.id > after)
            rows = self._wire.ask(page.limit(PORTION))
            yield from self._entities(rows)
            if len(rows) < PORTION:
                return
            after = self._wire.codec.get_id(rows[-1][0])

    def _active(self, where: Bound | None, verdict: Verdict, *columns: Any) -> Any:
        active = select(*columns).select_from(_contact)
        active = active.where(_contact.c.tenant == self._wire.tenant, _contact.c.status == "active")
        if where is None:
            return active if verdict == "member" else active.where(false())
        if verdict != "unknown":
            return active.where(compile_rule(where if verdict == "member" else negate(where), self._map_for(where)))
        decided = (compile_rule(one, self._columns) for one in (where, negate(where)))
        return active.where(*(one.is_not(true()) for one in decided))

    def _map_for(self, where: Bound) -> ContactMap:
        return self._of_freshness if isinstance(where, Literal) and isinstance(where.leaf, Fresh) else self._columns

    def with_points(self, kind: str, match_keys: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active contacts by the match key of an active contact point; absent keys are left out."""
        return self._by_word(self._wire.rows_of_words(_WITH_POINTS, match_keys, kind=kind))

    def with_external_ids(self, source: str, values: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active contacts by their id in another system; absent values are left out."""
        return self._by_word(self._wire.rows_of_words(_WITH_EXTERNAL_IDS, values, source=source))

    def in_account(self, account_id: UUID) -> list[UUID]:
        """Return active contacts with a current link to an account, ordered by id."""
        rows = self._wire.rows(_IN_ACCOUNT, account=self._wire.codec.put_id(account_id))
        return [self._wire.codec.get_id(row[0]) for row in rows]

    def uses(self, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return what each of some contacts is needed for; who is needed for nothing is left out."""
        return contact_uses(self._wire, ids)

    def _entities(self, rows: Sequence[Any]) -> Iterable[Contact]:
        ids = [self._wire.codec.get_id(row[0]) for row in rows]
        children = self._children(ids)
        return (self._contacts.contact(row, children) for row in rows)

    def _children(self, ids: Sequence[UUID]) -> Children:
        return Children(*(grouped(self._wire.rows_of_ids(statement, ids)) for statement in _CHILDREN))

    def held(self, ids: Iterable[UUID]) -> Mapping[UUID, Contact]:
        """Return contacts that exist for later: as they stand now, made when they are asked for."""
        rows = {self._wire.codec.get_id(row[0]): row for row in self._wire.rows_of_ids(self._sql.get, ids)}
        children = self._children(list(rows))
        return Held(rows, lambda row: self._contacts.contact(row, children))

    def store(
        self,
        revisions: Sequence[Revision[Contact]],
        *,
        gone: Sequence[tuple[str, UUID]],
        states: Sequence[FreshnessState],
    ) -> None:
        """Store contacts together with the states of their values."""
        changed = [one for one in revisions if one.old is not None]
        with self._wire.atomic():
            self._writer.insert([one for one in revisions if one.old is None], states)
            if changed:
                self._replace(
                    [one.new for one in changed],
                    lambda: self._writer.change_children(changed),
                    lambda: self._writer.update(changed, gone, states),
                )
            self._states.drop_rows(gone)
            self._states.put_rows(_each_once(states, revisions))
            self._writer.refresh_unclear()

    def _after_adding(self, entities: Sequence[Contact]) -> None:
        self._writer.add_children(entities)
        fill_keys(self._wire, [one.id for one in entities])

    def _after_updating(self, entities: Sequence[Contact]) -> None:
        self._writer.replace_children(entities)
        refresh_keys(self._wire, [one.id for one in entities])


def _listed(value: Any) -> Any:
    return (tuple(value) or None) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _each_once(states: Sequence[FreshnessState], revisions: Sequence[Revision[Contact]]) -> Iterable[FreshnessState]:
    """Return the newest states; only a contact that is written twice can have two of an attribute."""
    if len({one.new.id.int for one in revisions}) == len(revisions):
        return states
    return {(one.attribute, one.subject_id): one for one in states}.values()


def _raw(names: Iterable[str]) -> Iterator[ColumnElement[Any]]:
    """Return columns whose values come as the driver gives them: the mapping reads them itself."""
    return (type_coerce(_contact.c[name], NullType()).label(f"raw_{name}") for name in names)


def _children(table: Table, *columns: str) -> Prepared:
    own = owned(table, in_ids(table.c.contact_id, "ids"))
    return Prepared(
        select(*(table.c[name] for name in columns)).where(own).order_by(table.c.contact_id, table.c.position)
    )


def _found(table: Table, word: str, *conditions: Any) -> Prepared:
    """Find active contacts by a word of one of their children."""
    active = (_contact.c.tenant == table.c.tenant) & (_contact.c.id == table.c.contact_id)
    return Prepared(
        select(table.c[word], table.c.contact_id)
        .join_from(table, _contact, active)
        .where(owned(table, in_words(table.c[word], "words"), _contact.c.status == "active", *conditions))
        .order_by(table.c.contact_id)
    )


_CHILDREN = (
    _children(_point, *POINT_COLUMNS),
    _children(_link, "contact_id", "account_id", "role", "is_primary", "start_on", "end_on"),
    _children(_outside, "contact_id", "source", "value"),
)
_WITH_POINTS = _found(_point, "match_key", _point.c.kind == bindparam("kind"), _point.c.is_retired.is_(False))
_WITH_EXTERNAL_IDS = _found(_outside, "value", _outside.c.source == bindparam("source"))
_IN_ACCOUNT = Prepared(
    select(_contact.c.id)
    .join_from(_link, _contact, (_contact.c.tenant == _link.c.tenant) & (_contact.c.id == _link.c.contact_id))
    .where(
        owned(
            _link, _link.c.account_id == bindparam("account"), _link.c.end_on.is_(None), _contact.c.status == "active"
        )
    )
    .distinct()
    .order_by(_contact.c.id)
)
_LOCK = Prepared(
    select(_contact.c.id).where(owned(_contact, in_ids(_contact.c.id, "ids"))).order_by(_contact.c.id).with_for_update()
)
# After a wait PostgreSQL judges the row anew: one that was merged meanwhile is not locked.
_LOCK_ACTIVE = Prepared(
    select(_contact.c.id)
    .where(owned(_contact, in_ids(_contact.c.id, "ids"), _contact.c.status == "active"))
    .order_by(_contact.c.id)
    .with_for_update()
)
_itself, _merged = _contact.alias("itself"), _contact.alias("merged")
_with_merged = listed_once(
    "to_lock",
    select(_itself.c.id).where(_itself.c.tenant == bindparam("tenant"), in_ids(_itself.c.id, "ids")),
    select(_merged.c.id).where(_merged.c.tenant == bindparam("tenant"), in_ids(_merged.c.golden_id, "ids")),
)
_LOCK_WITH_MERGED = Prepared(
    select(_contact.c.id)
    .where(owned(_contact, _contact.c.id.in_(_with_merged)))
    .order_by(_contact.c.id)
    .with_for_update()
)
