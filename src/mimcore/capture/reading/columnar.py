"""Parquet files and Arrow tables, one batch of rows at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, BinaryIO

from mimcore.capture.files.csv_reader import Row, clean_headers
from mimcore.capture.files.csv_text import Bytes
from mimcore.capture.reading.plain_cells import cell_text
from mimcore.capture.reading.row_source import FileRows, digest_of, parsed_by, row_of
from mimcore.errors import InvalidValueError, MissingExtraError, Problem

__all__ = ["ArrowRows", "as_arrow", "read_parquet"]

_BATCH = 2_000
_WHAT = "a Parquet file"


def read_parquet(path_or_stream: str | os.PathLike[str] | BinaryIO) -> FileRows:
    """Open a Parquet file; it is read in batches, never whole.

    Objects inside columns become columns with dots in their names, lists of plain values are joined with semicolons.
    Rows are numbered from 1.

    Args:
        path_or_stream: A path or a binary stream.

    Returns:
        The source: `headers`, `notes`, and rows by iteration.

    Raises:
        MissingExtraError: If pyarrow is not installed.
        CaptureError: If it is no Parquet file, or is cut off.

    Examples:
        >>> import io, pyarrow as pa, pyarrow.parquet as pq
        >>> file = io.BytesIO()
        >>> pq.write_table(pa.table({"mail": ["ana@acme.dk"], "age": [31.0]}), file)
        >>> [row.values for row in read_parquet(file)]
        [('ana@acme.dk', '31')]
    """
    parquet = _module("pyarrow.parquet", _WHAT)
    data = Bytes(path_or_stream)
    with parsed_by(_WHAT, data.name), data.opened() as file:
        names = _flat(parquet.ParquetFile(file).schema_arrow.empty_table()).column_names

    def batches() -> Iterator[Any]:
        with data.opened() as file, parsed_by(_WHAT, data.name):
            yield from parquet.ParquetFile(file, pre_buffer=False).iter_batches(batch_size=_BATCH)

    return FileRows(data, names, lambda headers: _rows(batches, headers, data.name))


class ArrowRows:
    """Rows of an Arrow table in memory; the first row is line 1.

    Attributes:
        name: What it is, for people.
        headers: Cleaned, distinct column names.
        notes: What was mended.
    """

    def __init__(self, table: Any) -> None:
        """Take a table.

        Args:
            table: A `pyarrow.Table`.
        """
        self.name = "table"
        names = _flat(table.schema.empty_table()).column_names
        self.headers, notes = clean_headers(names)
        self.notes = tuple(notes)
        self._table = table

    def __iter__(self) -> Iterator[Row]:
        """Give the rows with each cell as text."""
        return _rows(lambda: self._table.to_batches(max_chunksize=_BATCH), self.headers, self.name)

    def sha256(self) -> str:
        """Return a hash of names and cells."""
        return digest_of(self)


def as_arrow(given: Any) -> ArrowRows:
    """See anything that speaks the Arrow stream protocol as rows: tables, readers, relations of DuckDB.

    Args:
        given: An object with `__arrow_c_stream__`.

    Raises:
        MissingExtraError: If pyarrow is not installed.
        CaptureError: If it gives no table.

    Examples:
        >>> import pyarrow as pa
        >>> as_arrow(pa.table({"mail": ["ana@acme.dk"]})).headers
        ('mail',)
    """
    pyarrow = _module("pyarrow", "an Arrow table")
    with parsed_by("an Arrow table", "the object"):
        return ArrowRows(given if isinstance(given, pyarrow.Table) else pyarrow.table(given))


def _module(name: str, what: str) -> Any:
    if find_spec("pyarrow") is None:
        raise MissingExtraError(f"reading {what}", "frames")
    return import_module(name)


def _flat(table: Any) -> Any:
    """Bring structs to columns with dots, and nanoseconds to what Python's instants hold."""
    types: Any = import_module("pyarrow").types
    while any(types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    for place, field in enumerate(table.schema):
        if types.is_timestamp(field.type) and field.type.unit == "ns":
            micro = import_module("pyarrow").timestamp("us", field.type.tz)
            table = table.set_column(place, field.name, table.column(place).cast(micro, safe=False))
    return table


def _rows(batches: Callable[[], Iterable[Any]], headers: tuple[str, ...], name: str) -> Iterator[Row]:
    table_of: Any = import_module("pyarrow").Table.from_batches
    number = 0
    with parsed_by(_WHAT, name):
        for batch in batches():
            columns = [column.to_pylist() for column in _flat(table_of([batch])).columns]
            for cells in zip(*columns, strict=True):
                number += 1
                yield _row(number, cells, headers)


def _row(number: int, cells: tuple[object, ...], headers: tuple[str, ...]) -> Row:
    values: list[str] = []
    for place, cell in enumerate(cells):
        try:
            values.append(cell_text(cell))
        except InvalidValueError as error:
            return Row(number, (), Problem(f"column {place + 1} '{headers[place]}'", error.reason, error.remedy))
    return row_of(number, values, headers)
