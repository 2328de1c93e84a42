"""Interactions in SQL: appended once, read under the contact they were recorded for, counted for its golden record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, select, tuple_

from mimcore.domain.interaction import Interaction
from mimcore.repositories.records import Amount
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids, in_words
from mimcore.sql.repositories.golden import golden_ids
from mimcore.sql.rows.entity_mapping import interaction_mapping
from mimcore.sql.tables.schema import interaction
from mimcore.values.instants import EARLIEST

__all__ = ["SqlInteractionRepository"]


class SqlInteractionRepository:
    """Interactions: append-only."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire, self._mapping = wire, interaction_mapping(wire.codec)
        self._sql = _statements(self._mapping.read)

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Append interactions; none is appended if one is refused.

        Raises:
            DuplicateKeyError: If an id exists, or an external id of the same source.
        """
        golden, tenant = golden_ids(self._wire, [event.contact_id for event in interactions]), self._wire.tenant
        rows = [self._mapping.row(one, tenant, golden.get(one.contact_id, one.contact_id)) for one in interactions]
        with self._wire.atomic():
            self._wire.write_many(_ADD, rows)

    def remove(self, ids: Iterable[UUID]) -> None:
        """Take back interactions; those that do not exist are let be."""
        self._wire.write_ids(_REMOVE, ids)

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, Interaction]:
        """Return the interactions that exist, by id."""
        events = map(self._mapping.event, self._wire.rows_of_ids(self._sql["by_id"], ids))
        return {event.id: event for event in events}

    def of(self, contact_ids: Iterable[UUID]) -> dict[UUID, list[Interaction]]:
        """Return the interactions that count for each contact, oldest first; an empty list where there are none."""
        wanted = list(contact_ids)
        found: dict[UUID, list[Interaction]] = {one: [] for one in wanted}
        for golden, *row in self._wire.rows_of_ids(self._sql["of"], wanted):
            found[self._wire.codec.get_id(golden)].append(self._mapping.event(row))
        return found

    def known(self, source: str, external_ids: Iterable[str]) -> dict[str, Interaction]:
        """Return the interactions that a source's external ids already stand for."""
        rows = self._wire.rows_of_words(self._sql["known"], external_ids, source=source)
        return {outside: self._mapping.event(row) for outside, *row in rows}

    def kinds(self) -> list[tuple[str, str, int, datetime]]:
        """Return each kind with a source that brought it, how many there are, and when the newest happened."""
        get = self._wire.codec.get_instant
        return [(kind, source, count, get(newest)) for kind, source, count, newest in self._wire.rows(_KINDS)]

    def all(self, *, kind: str | None = None) -> Iterator[Interaction]:
        """All interactions, oldest first, perhaps of one kind only; read in pages."""
        statement = self._sql["page" if kind is None else "page_of_kind"]
        after: dict[str, Any] = {
            "after_at": self._wire.codec.put_instant(EARLIEST),
            "after_id": self._wire.codec.put_id(UUID(int=0)),
            "kind": kind,
        }
        while rows := self._wire.rows(statement, size=PORTION, **after):
            yield from (self._mapping.event(row[2:]) for row in rows)
            after |= {"after_at": rows[-1][0], "after_id": rows[-1][1]}

    def amounts(self, kinds: Collection[str], *, until: datetime) -> Iterator[Amount]:
        """Money of all interactions of some kinds up to an instant, in order of time; read in pages."""
        codec = self._wire.codec
        after = {"after_at": codec.put_instant(EARLIEST), "after_id": codec.put_id(UUID(int=0))}
        asked = {"words": codec.put_words(sorted(kinds)), "until": codec.put_instant(until), "size": PORTION}
        while rows := self._wire.rows(_AMOUNTS, **asked, **after):
            for at, _, who, kind, minor_units, currency in rows:
                yield Amount(codec.get_id(who), kind, codec.get_instant(at), minor_units, currency)
            after = {"after_at": rows[-1][0], "after_id": rows[-1][1]}


def _statements(read: tuple[str, ...]) -> dict[str, Prepared]:
    known = _STATEMENTS.get(read)
    if known is None:
        known = _STATEMENTS[read] = _built(read)
    return known


def _built(read: tuple[str, ...]) -> dict[str, Prepared]:
    own = interaction.c
    columns = [own[name] for name in read]
    page = _page(columns)
    of = select(own.contact_id, *columns).where(owned(interaction, in_ids(own.contact_id, "ids")))
    outside = in_words(own.external_id, "words")
    return {
        "by_id": Prepared(select(*columns).where(owned(interaction, in_ids(own.id, "ids")))),
        "of": Prepared(of.order_by(own.contact_id, own.at, own.id)),
        "known": Prepared(
            select(own.external_id, *columns).where(owned(interaction, own.source == bindparam("source"), outside))
        ),
        "page": Prepared(page),
        "page_of_kind": Prepared(page.where(own.kind == bindparam("kind"))),
    }


def _page(columns: Sequence[ColumnElement[Any]], *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return what reads the next rows in order of time, which instant and id go before."""
    own = interaction.c
    later = tuple_(own.at, own.id) > tuple_(bindparam("after_at"), bindparam("after_id"))
    page = select(own.at, own.id, *columns).where(owned(interaction, later, *conditions)).order_by(own.at, own.id)
    return page.limit(bindparam("size"))


_STATEMENTS: dict[tuple[str, ...], dict[str, Prepared]] = {}
_KINDS = Prepared(
    select(interaction.c.kind, interaction.c.source, func.count(), func.max(interaction.c.at))
    .where(owned(interaction))
    .group_by(interaction.c.kind, interaction.c.source)
    .order_by(interaction.c.kind, interaction.c.source)
)
_AMOUNTS = Prepared(
    _page(
        [interaction.c.contact_id, interaction.c.kind, interaction.c.value_minor, interaction.c.value_currency],
        in_words(interaction.c.kind, "words"),
        interaction.c.at <= bindparam("until"),
    )
)
_ADD = Prepared(insert(interaction), tuple(interaction.c.keys()))
_REMOVE = Prepared(delete(interaction).where(owned(interaction, in_ids(interaction.c.id, "ids"))))
