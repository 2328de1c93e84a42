"""Records that are kept as they are ↔ rows: each column says by its type how its value is written and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import repeat
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Boolean, Date, Table, Text

from mimcore.sql.rows.codec import Codec
from mimcore.sql.types import Guid, Json, UtcMicroseconds

__all__ = ["RecordMapping", "record_mapping"]

R = TypeVar("R")
Convert = Callable[[Any], Any]


class RecordMapping(Generic[R]):
    """The two plain functions `row` and `record` of one kind of record, for one driver."""

    def __init__(
        self,
        table: Table,
        make: Callable[..., R],
        codec: Codec,
        *,
        enums: Mapping[str, type[StrEnum]] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare conversions.

        Args:
            table: Its columns, apart from tenant and sequence, are the record's fields.
            make: Makes a record from keyword arguments.
            codec: The driver's primitives.
            enums: Fields with a vocabulary.
            names: Columns that are called otherwise than the field.
        """
        self._make, self.table = make, table
        self.is_numbered = "sequence" in table.c
        self.written = tuple(table.c.keys())
        self.read = tuple(name for name in self.written if name not in {"tenant", "sequence"})
        self._fields = tuple((names or {}).get(name, name) for name in self.read)
        self._values: Callable[[R], tuple[Any, ...]] = attrgetter(*self._fields)
        puts = (_put(table.c[name].type, codec) for name in self.read)
        self._put = tuple((at, put) for at, put in enumerate(puts) if put is not None)
        self._put_json = codec.put_json
        self._number_at = self.written.index("sequence") - 1 if self.is_numbered else None
        self._get = tuple(
            _get(table.c[name].type, codec, (enums or {}).get(field))
            for name, field in zip(self.read, self._fields, strict=True)
        )

    def row(self, record: R, tenant: str, number: int | None = None) -> tuple[Any, ...]:
        """Return the values of the columns in `written`.

        Args:
            record: The record.
            tenant: Whose it is.
            number: Its place in the order of recording, for a table that keeps it.
        """
        return self.rows([record], tenant, [number])[0]

    def rows(
        self, records: Sequence[R], tenant: str, numbers: Iterable[int | None] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the values of the columns in `written` for many records, made column by column.

        Args:
            records: The records.
            tenant: Whose they are.
            numbers: Their places in the order of recording, for a table that keeps them.
        """
        if not records:
            return []
        columns: list[Iterable[Any]] = list(zip(*map(self._values, records), strict=True))
        for at, put in self._put:
            columns[at] = (_told_once if put is self._put_json else _converted)(columns[at], put)
        if self._number_at is not None:
            columns.insert(self._number_at, repeat(None, len(records)) if numbers is None else numbers)
        return list(zip(repeat(tenant, len(records)), *columns, strict=True))

    def record(self, row: Any) -> R:
        """Return the record of a row with the columns in `read`."""
        cells = zip(self._fields, self._get, row, strict=True)
        return self._make(**{field: None if cell is None else get(cell) for field, get, cell in cells})


def record_mapping(
    table: Table,
    make: Callable[..., R],
    codec: Codec,
    *,
    enums: Mapping[str, type[StrEnum]] | None = None,
    names: Mapping[str, str] | None = None,
) -> RecordMapping[R]:
    """Return the mapping of a table's records for a driver, made once: every transaction asks for it.

    Args:
        table: See `RecordMapping`, as for the rest; a table always comes with the same rest.
        make: Makes a record from keyword arguments.
        codec: The driver's primitives.
        enums: Fields with a vocabulary.
        names: Columns that are called otherwise than the field.
    """
    key = (table.name, codec)
    if key not in _MADE:
        _MADE[key] = RecordMapping(table, make, codec, enums=enums, names=names)
    return _MADE[key]


_MADE: dict[tuple[str, Codec], RecordMapping[Any]] = {}


def _put(kind: Any, codec: Codec) -> Convert | None:
    """Return how a column's values are written; None where the driver takes them as they are."""
    if isinstance(kind, Guid):
        return codec.put_id
    if isinstance(kind, UtcMicroseconds):
        return codec.put_instant
    if isinstance(kind, Json):
        return codec.put_json
    if isinstance(kind, Date):
        return codec.put_date
    return _plain if isinstance(kind, Text) else None


def _converted(values: Iterable[Any], put: Convert) -> Iterator[Any]:
    """Yield the values of a column as they are written; what stands in row after row is converted once."""
    last: Any = None
    raw: Any = None
    for value in values:
        if value is not last:
            last, raw = value, None if value is None else put(value)
        yield raw


def _told_once(values: Iterable[Any], put: Convert) -> Iterator[Any]:
    """Yield the documents of a column as they are written; one that several rows share is converted once.

    Args:
        values: They outlive the call, so that no two have the same address.
        put: The conversion.
    """
    known: dict[int, Any] = {}
    for value in values:
        raw = known.get(id(value))
        if raw is None and value is not None:
            raw = known[id(value)] = put(value)
        yield raw


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def _get(kind: Any, codec: Codec, enum: type[StrEnum] | None) -> Convert:
    if enum is not None:
        return enum
    if isinstance(kind, Guid):
        return codec.get_id
    if isinstance(kind, UtcMicroseconds):
        return codec.get_instant
    if isinstance(kind, Json):
        return codec.get_json
    if isinstance(kind, Date):
        return codec.get_date
    return bool if isinstance(kind, Boolean) else _plain
