"""What every SQL repository of an aggregate does, and accounts: prepared rows; the database compares the versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, select

from mimcore.domain.account import Account
from mimcore.domain.declaring.entity import Entity
from mimcore.errors import StaleVersionError
from mimcore.sql.connection.statements import owned, statements
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids, in_words
from mimcore.sql.repositories.uses import account_uses
from mimcore.sql.rows.entity_mapping import account_mapping
from mimcore.sql.tables import schema

__all__ = ["EntityMapping", "SqlAccountRepository", "SqlRepository"]

E = TypeVar("E", bound=Entity)


class EntityMapping(Protocol[E]):
    """What a repository needs to know about an aggregate's rows."""

    @property
    def table(self) -> Table:
        """The aggregate's table."""
        ...

    @property
    def written(self) -> tuple[str, ...]:
        """Columns that `row` fills, tenant and id first."""
        ...

    @property
    def read(self) -> tuple[str, ...]:
        """Columns that `entity` reads."""
        ...

    def row(self, entity: E, tenant: str) -> tuple[Any, ...]:
        """Return an entity's row."""
        ...

    def entity(self, row: Any) -> E:
        """Return a row's entity."""
        ...


class SqlRepository(Generic[E]):
    """Storage of one aggregate in its table."""

    def __init__(self, wire: Wire, mapping: EntityMapping[E], kind: str) -> None:
        """Stand over a table within a transaction.

        Args:
            wire: The transaction.
            mapping: Rows of the aggregate.
            kind: The aggregate's name, for errors.
        """
        self._wire, self._mapping, self._kind = wire, mapping, kind
        self._sql = statements(mapping.table, mapping.written, mapping.read)

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, E]:
        """Return the records that exist, archived and merged ones too, by id."""
        rows = self._wire.rows_of_ids(self._sql.get, ids)
        return {entity.id: entity for entity in self._entities(list(rows))}

    def all(self) -> Iterator[E]:
        """All records in order of their ids, read in pages."""
        after: Any = self._wire.codec.put_id(UUID(int=0))
        while rows := self._wire.rows(self._sql.page, after=after, size=PORTION):
            yield from self._entities(rows)
            after = rows[-1][0]

    def add(self, entities: Sequence[E]) -> None:
        """Store new records; none is stored if one is refused.

        Raises:
            DuplicateKeyError: If an id or key exists.
        """
        with self._wire.atomic():
            self._wire.write_many(self._sql.insert, [self._mapping.row(one, self._wire.tenant) for one in entities])
            self._after_adding(entities)

    def update(self, entities: Sequence[E]) -> None:
        """Replace records, each of which must carry the stored version + 1; none is replaced if one is refused.

        Raises:
            StaleVersionError: If a stored version is not one less.
            DuplicateKeyError: If a key belongs to another record.
        """
        newest = list({one.id: one for one in entities}.values())
        self._replace(entities, lambda: self._after_updating(newest))

    def _replace(self, entities: Sequence[E], then: Callable[[], None], write: Callable[[], int] | None = None) -> None:
        """Replace records and write what hangs on them, all or nothing; `write` replaces them in its own way."""
        try:
            with self._wire.atomic():
                if (write or partial(self._rewrite, entities))() < len(entities):
                    raise StaleVersionError  # noqa: TRY301 - leaves the block, which undoes it
                then()
        except StaleVersionError:
            stale = self._stale(entities)
        else:
            return
        raise StaleVersionError(f"{self._kind} {stale} was changed in the meantime: read it again")

    def remove(self, ids: Iterable[UUID]) -> None:
        """Delete records and what belongs to them alone; those that do not exist are let be."""
        gone = list(ids)
        self._wire.write_ids(self._sql.remove, gone)
        if self._mapping.table in _AGEING:
            self._wire.write_ids(_REMOVE_STATES, gone)

    def _rewrite(self, entities: Sequence[E]) -> int:
        return self._wire.write_rows(self._sql.update, [self._changed(one) for one in entities])

    def _changed(self, entity: E) -> tuple[Any, ...]:
        tenant, key, *values = self._mapping.row(entity, self._wire.tenant)
        return (*values, tenant, key, entity.version - 1)

    def _stale(self, entities: Sequence[E]) -> UUID:
        get_id = self._wire.codec.get_id
        rows = self._wire.rows_of_ids(self._sql.versions, [one.id for one in entities])
        stored = {get_id(key): version for key, version in rows}
        for one in entities:
            if stored.get(one.id) != one.version - 1:
                return one.id
            stored[one.id] = one.version
        return entities[0].id

    def _entities(self, rows: Sequence[Any]) -> Iterable[E]:
        return map(self._mapping.entity, rows)

    def _after_adding(self, entities: Sequence[E]) -> None:
        """Write what hangs on new records."""

    def _after_updating(self, entities: Sequence[E]) -> None:
        """Write again what hangs on changed records."""

    def _by_word(self, rows: Iterable[Any]) -> dict[str, tuple[UUID, ...]]:
        """Return ids by the word that stands before each of them."""
        found: defaultdict[str, dict[UUID, None]] = defaultdict(dict)
        for word, raw_id in rows:
            found[word][self._wire.codec.get_id(raw_id)] = None
        return {word: tuple(ids) for word, ids in found.items()}

    def _one(self, statement: Prepared, **parameters: Any) -> E | None:
        return next(iter(self._entities(self._wire.rows(statement, **parameters))), None)

    def _some(self, statement: Prepared, **parameters: Any) -> list[E]:
        return list(self._entities(self._wire.rows(statement, **parameters)))


class SqlAccountRepository(SqlRepository[Account]):
    """Accounts."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table."""
        super().__init__(wire, account_mapping(wire.codec), "account")

    def lock(self, ids: Iterable[UUID]) -> None:
        """Let nobody else change these accounts until the transaction ends; in order of ids."""
        self._wire.lock_rows(_LOCK_ACCOUNTS, ids)

    def with_domains(self, domains: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their domain, those of one domain ordered by id; absent domains are left out."""
        return self._by_word(self._wire.rows_of_words(_WITH_DOMAINS, domains))

    def with_names(self, names: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their folded name, those of one name ordered by id; absent names are left out."""
        return self._by_word(self._wire.rows_of_words(_WITH_NAMES, names))

    def with_external_ids(self, source: str, values: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their id in another system, ordered by id; absent values are left out."""
        return self._by_word(self._wire.rows_of_words(_WITH_EXTERNAL_IDS, values, source=source))

    def uses(self, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return what each of some accounts is needed for; which is needed for nothing is left out."""
        return account_uses(self._wire, ids)

    def _after_adding(self, entities: Sequence[Account]) -> None:
        tenant, put = self._wire.tenant, self._wire.codec.put_id
        rows = [(tenant, put(one.id), *pair) for one in entities for pair in _pairs(one)]
        self._wire.write_many(_ADD_EXTERNAL_IDS, rows)

    def _after_updating(self, entities: Sequence[Account]) -> None:
        self._wire.write_ids(_REMOVE_EXTERNAL_IDS, [one.id for one in entities])
        self._after_adding(entities)


def _pairs(account: Account) -> Iterable[tuple[str, str]]:
    return dict.fromkeys((one.source, one.value) for one in account.external_ids)


def _found(words: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Prepared:
    """Find active accounts by words of their own, in order of ids."""
    active = owned(schema.account, in_words(words, "words"), _account.status == "active", *conditions)
    return Prepared(select(words, _account.id).where(active).order_by(_account.id))


_AGEING = (schema.contact, schema.account)
_state = schema.attribute_state
_REMOVE_STATES = Prepared(delete(_state).where(owned(_state, in_ids(_state.c.contact_id, "ids"))))
_account = schema.account.c
_LOCK_ACCOUNTS = Prepared(
    select(_account.id).where(owned(schema.account, in_ids(_account.id, "ids"))).order_by(_account.id).with_for_update()
)
_WITH_DOMAINS, _WITH_NAMES = _found(_account.domain), _found(_account.account_name_folded)
_outside = schema.account_external_id.c
_WITH_EXTERNAL_IDS = _found(
    _outside.value,
    _outside.tenant == _account.tenant,
    _outside.account_id == _account.id,
    _outside.source == bindparam("source"),
)
_ADD_EXTERNAL_IDS = Prepared(insert(schema.account_external_id), tuple(_outside.keys()))
_REMOVE_EXTERNAL_IDS = Prepared(
    delete(schema.account_external_id).where(owned(schema.account_external_id, in_ids(_outside.account_id, "ids")))
)
