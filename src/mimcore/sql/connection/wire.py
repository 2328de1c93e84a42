"""Statements compiled once, and the connection that runs them with primitives: SQLAlchemy's dialect, not its cost."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Dialect, Executable, bindparam, func, literal_column, select
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Insert

from mimcore.errors import ClosedError, MimcoreError, StoreError
from mimcore.repositories.portions import portions
from mimcore.sql.connection.copying import Bulk, write_bulk
from mimcore.sql.connection.dialects import Driving
from mimcore.sql.connection.driver_errors import guarded
from mimcore.sql.connection.upsert import Upsert, insert_or_ignore, insert_or_replace
from mimcore.sql.tables.schema import numbers
from mimcore.sql.tables.schema_work import setting

__all__ = ["GUEST", "PORTION", "Ends", "Prepared", "Wire"]

T = TypeVar("T")
PORTION = 2000
"""How many records are read or asked for at once."""

GUEST = "mimcore_guest"
"""Name of the savepoint in a host's transaction."""

SEQUENCE = "mimcore.sequence"
"""Name of the setting that holds the last number given to an appended record."""


class Prepared:
    """A statement that is compiled once per engine and then run with a tuple of primitives."""

    def __init__(
        self, statement: ClauseElement | Upsert, columns: Sequence[str] | None = None, *, bulk: Bulk | None = None
    ) -> None:
        """Keep a statement.

        Args:
            statement: Built with named parameters, or what builds it for a dialect; constants in it must be text or
                whole numbers, and no lists.
            columns: For an insert, the columns that rows give, in order.
            bulk: For an update of many rows, what it does; for an insert that is known.
        """
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self.bulk = bulk or _bulk(statement, columns)
        self._compiled: dict[tuple[str, str], tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    def text(self, dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return the SQL text, the names of its parameters in order, and the constants among them.

        Args:
            dialect: One whose parameters stand in order (`Driving.positional`).
        """
        key = (dialect.name, dialect.paramstyle)
        known = self._compiled.get(key)
        if known is None:
            given = self._statement
            built = given if isinstance(given, ClauseElement) else given.statement(dialect.name)
            compiled: Any = built.compile(dialect=dialect, column_keys=self._columns)
            constants = {name: value for name, value in compiled.params.items() if type(value) in {str, int}}
            known = self._compiled[key] = (str(compiled), tuple(compiled.positiontup), constants)
        return known


def _bulk(statement: ClauseElement | Upsert, columns: Sequence[str] | None) -> Bulk | None:
    """Return what an insert does to its table."""
    if columns is None:
        return None
    if isinstance(statement, Upsert):
        return Bulk(statement.table, tuple(columns), statement.key, statement.replaces)
    if not isinstance(statement, Insert):
        return None
    table: Any = statement.table
    return Bulk(table, tuple(columns))


class Ends(Enum):
    """What the end of a transaction means to the connection."""

    OWN = "own"
    """The transaction ends, and the connection is given back."""
    SHARED = "shared"
    """Somebody else writes on the connection, and ends it."""
    GUEST = "guest"
    """The transaction is the host's: only a savepoint in it is kept or undone, and the connection stays the host's."""


class Wire:
    """One transaction's connection: runs statements, counts what was written, translates errors."""

    def __init__(
        self, connection: Connection, driving: Driving, tenant: str, *, is_read_only: bool, ends: Ends = Ends.OWN
    ) -> None:
        """Wrap a connection on which a transaction has begun.

        Args:
            connection: SQLAlchemy's connection.
            driving: How its engine is driven.
            tenant: Whose records are seen.
            is_read_only: Whether writing is refused.
            ends: What ending means.
        """
        self.connection, self.codec, self.tenant = connection, driving.codec, tenant
        self.is_open, self._is_read_only, self._ends = True, is_read_only, ends
        self._driving, self._dialect = driving, driving.positional(connection.dialect)
        self._sequence: int | None = None
        self._sees_one_state = is_read_only and ends is Ends.OWN
        self._known: dict[Prepared, Sequence[Any]] = {}

    def rows(self, statement: Prepared, **parameters: Any) -> Sequence[Any]:
        """Return all rows of a prepared query; the tenant is given by itself."""
        self._require_open()
        sql, values = self._bound(statement, parameters)
        return guarded(lambda: self.connection.exec_driver_sql(sql, values).fetchall())

    def rows_once(self, statement: Prepared) -> Sequence[Any]:
        """Return all rows of a query that is asked again and again; whoever sees one state to the end asks it once."""
        if not self._sees_one_state or not self.is_open:
            return self.rows(statement)
        if statement not in self._known:
            self._known[statement] = self.rows(statement)
        return self._known[statement]

    def rows_of_ids(self, statement: Prepared, ids: Iterable[UUID], **parameters: Any) -> Iterator[Any]:
        """Yield the rows of a query with a parameter `ids`, asked in portions."""
        for portion in portions(dict.fromkeys(ids), PORTION):
            yield from self.rows(statement, ids=self.codec.put_ids(portion), **parameters)

    def rows_of_words(self, statement: Prepared, words: Iterable[str], **parameters: Any) -> Iterator[Any]:
        """Yield the rows of a query with a parameter `words`, asked in portions."""
        for portion in portions(dict.fromkeys(words), PORTION):
            yield from self.rows(statement, words=self.codec.put_words(portion), **parameters)

    def ask(self, query: Executable) -> Sequence[Any]:
        """Return all rows of a query that SQLAlchemy binds itself: a compiled rule."""
        self._require_open()
        return guarded(lambda: self.connection.execute(query).fetchall())

    def write(self, statement: Prepared, **parameters: Any) -> int:
        """Run one writing statement and return how many rows it touched."""
        self.require_writing()
        sql, values = self._bound(statement, parameters)
        return guarded(lambda: self.connection.exec_driver_sql(sql, values).rowcount)

    def change(self, statement: Executable) -> int:
        """Run a writing statement that SQLAlchemy binds itself, and return how many rows it touched."""
        self.require_writing()
        kept = {"preserve_rowcount": True}  # SQLAlchemy does not keep it for an insert
        return guarded(lambda: self.connection.execute(statement, execution_options=kept).rowcount)

    def write_ids(self, statement: Prepared, ids: Iterable[UUID], **parameters: Any) -> None:
        """Run a writing statement with a parameter `ids` for any number of them."""
        self.require_writing()
        for portion in portions(dict.fromkeys(ids), PORTION):
            self.write(statement, ids=self.codec.put_ids(portion), **parameters)

    def write_many(self, statement: Prepared, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a writing statement once a row.

        Args:
            statement: Its parameters stand in the order of the row's values; the tenant is among them.
            rows: Ready primitives.
        """
        self.require_writing()
        if not rows:
            return
        if self._in_bulk(statement, rows) is not None:
            return
        sql, _, _ = statement.text(self._dialect)
        guarded(self.connection.exec_driver_sql, sql, rows[0] if len(rows) == 1 else list(rows))

    def write_rows(self, statement: Prepared, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run a writing statement once a row and return how many rows it touched; where nobody asks, use `write_many`.

        Args:
            statement: Its parameters stand in the order of the row's values; the tenant is among them.
            rows: Ready primitives.
        """
        self.require_writing()
        if not rows:
            return 0
        touched = self._in_bulk(statement, rows)
        if touched is not None:
            return touched
        sql, _, _ = statement.text(self._dialect)
        if self._driving.counts_many:
            return guarded(lambda: self.connection.exec_driver_sql(sql, list(rows)).rowcount)
        return sum(guarded(self._touched, sql, row) for row in rows)

    def _in_bulk(self, statement: Prepared, rows: Sequence[tuple[Any, ...]]) -> int | None:
        """Write rows by COPY where that is faster, and return how many were touched; None where it is not."""
        if statement.bulk is None or not self._driving.copies or not statement.bulk.suits(rows):
            return None
        return write_bulk(self.connection, statement.bulk, rows)

    def _touched(self, sql: str, row: tuple[Any, ...]) -> int:
        return self.connection.exec_driver_sql(sql, row).rowcount

    @contextmanager
    def atomic(self) -> Generator[None]:
        """Let the writes of a block happen all or not at all, without ending the transaction."""
        self.require_writing()
        self.run("SAVEPOINT mim")
        try:
            yield
        except MimcoreError:
            if not self.connection.invalidated:  # a lost connection has undone everything, and can be asked nothing
                self.run("ROLLBACK TO mim")
                self.run("RELEASE mim")
            raise
        self.run("RELEASE mim")

    def lock_rows(self, statement: Prepared, ids: Iterable[UUID]) -> None:
        """Lock rows in order of ids, so that two transactions never wait for each other in a circle.

        A store with one writer at a time has nothing to do here.
        """
        self.require_writing()
        if self._driving.has_many_writers:
            for _ in self.rows_of_ids(statement, sorted(ids, key=lambda one: one.bytes)):
                continue

    @property
    def has_many_writers(self) -> bool:
        """Whether several transactions may write at once, so that rows must be locked."""
        return self._driving.has_many_writers

    def setting(self, name: str) -> str | None:
        """Return a stored setting of the database."""
        rows = self.rows(_SETTING, name=name)
        return str(rows[0][0]) if rows else None

    def keep_setting(self, name: str, value: str) -> None:
        """Store a setting of the database."""
        self.write(_KEEP_SETTING, name=name, value=value)

    def add_setting(self, name: str, value: str) -> str:
        """Store a setting of the database unless there is one, and return the one that stands."""
        self.write(_ADD_SETTING, name=name, value=value)
        return self.setting(name) or value

    def next_numbers(self, count: int) -> Sequence[int]:
        """Return the next numbers of the order of recording, over all appended records of the tenant."""
        if self._driving.has_many_writers:
            return [row[0] for row in self.rows(_NEXT_NUMBERS, count=count)]
        first = self.last_number() + 1
        self.has_numbered(count)
        return range(first, first + count)

    def last_number(self) -> int:
        """Return a number below those that this transaction will give out from here on."""
        if self._driving.has_many_writers:
            return int(self.next_numbers(1)[0])
        if self._sequence is None:
            self._sequence = int(self.setting(SEQUENCE) or 0)
        return self._sequence

    def has_numbered(self, count: int) -> None:
        """Take in how many rows a statement with `next_number` has written."""
        if not self._driving.has_many_writers:
            self._sequence = self.last_number() + count

    def commit(self) -> None:
        """Make everything durable and give the connection back.

        Raises:
            ClosedError: If it has ended.
            MimcoreError: If it could not be committed; nothing was written then.
        """
        self._require_open()
        try:
            if self._sequence is not None:
                self.keep_setting(SEQUENCE, str(self._sequence))
            self._commit()
        except BaseException:
            with suppress(MimcoreError):
                self._undo()
            raise
        finally:
            self._release()

    def rollback(self) -> None:
        """Undo everything and give the connection back.

        Raises:
            ClosedError: If it has ended.
        """
        self._require_open()
        try:
            self._undo()
        except StoreError:
            if self._ends is not Ends.OWN:
                raise
            # A connection that cannot roll back is lost: the database undoes what it had begun when it is gone.
            guarded(self.connection.invalidate)
        finally:
            self._release()

    def _commit(self) -> None:
        if self._ends is Ends.GUEST:
            self.run(f"RELEASE SAVEPOINT {GUEST}")
        elif self._ends is Ends.OWN:
            self._driving.commit(self.connection)

    def _undo(self) -> None:
        if self.connection.invalidated:
            return  # a task was cancelled in a statement: the connection is closed, and everything undone with it
        if self._ends is Ends.GUEST:
            self.run(f"ROLLBACK TO SAVEPOINT {GUEST}")
            self.run(f"RELEASE SAVEPOINT {GUEST}")
        elif self._ends is Ends.OWN:
            self._driving.rollback(self.connection)

    def _release(self) -> None:
        self.is_open = False
        if self._ends is not Ends.GUEST:
            guarded(self.connection.close)

    def run(self, sql: str) -> None:
        """Run a statement without parameters, such as BEGIN."""
        guarded(self.connection.exec_driver_sql, sql)

    def _bound(self, statement: Prepared, parameters: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        sql, names, constants = statement.text(self._dialect)
        values = {"tenant": self.tenant, **constants, **parameters}
        return sql, tuple(values[name] for name in names)

    def _require_open(self) -> None:
        if not self.is_open:
            raise ClosedError("the transaction has ended: begin another")

    def require_writing(self) -> None:
        """Refuse in a transaction that only reads, or that has ended."""
        self._require_open()
        if self._is_read_only:
            raise StoreError("the transaction only reads: begin one that writes")


_SETTING = Prepared(
    select(setting.c.value).where(setting.c.tenant == bindparam("tenant"), setting.c.name == bindparam("name"))
)
_KEEP_SETTING = Prepared(insert_or_replace(setting), ("tenant", "name", "value"))
_ADD_SETTING = Prepared(insert_or_ignore(setting), ("tenant", "name", "value"))
_NEXT_NUMBERS = Prepared(
    select(numbers.next_value()).select_from(
        func.generate_series(literal_column("1"), bindparam("count", type_=BigInteger())).alias()
    )
)
