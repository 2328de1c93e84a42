"""Exports as Arrow: the type of every column, and batches of rows as tables. Needs pyarrow, loaded when it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mimcore.capture.exporting.columns import ExportColumn
from mimcore.errors import CaptureError, MissingExtraError
from mimcore.rules.language.catalogue import Kind

__all__ = ["arrow_batches", "arrow_schema", "one_table", "read_parquet_rows", "write_arrow", "write_parquet"]

_MONEY_DIGITS = (23, 4)
"""Every int64 of minor units fits, in every currency (ISO 4217 has at most 4 decimals)."""


def _module(name: str) -> Any:
    if find_spec("pyarrow") is None:
        raise MissingExtraError("an Arrow table or a Parquet file", "frames")
    return import_module(name)


def arrow_schema(columns: Iterable[ExportColumn]) -> Any:
    """Return the Arrow schema of columns.

    Args:
        columns: Columns of an export.

    Raises:
        MissingExtraError: If pyarrow is not installed.
    """
    return _module("pyarrow").schema([(one.name, _type(one)) for one in columns])


def _type(column: ExportColumn) -> Any:
    pa = _module("pyarrow")
    simple = {
        "boolean": pa.bool_(),
        "integer": pa.int64(),
        "age": pa.int64(),
        "number": pa.float64(),
        "money": pa.decimal128(*_MONEY_DIGITS),
        "date": pa.date32(),
        "instant": pa.timestamp("us", "UTC"),
        "words": pa.list_(pa.string()),
        "tags": pa.list_(pa.string()),
        "codes": pa.list_(pa.string()),
    }
    return _records(column) if column.kind == "records" else simple.get(column.kind, pa.string())


def _records(column: ExportColumn) -> Any:
    pa = _module("pyarrow")
    if column.spec is None:
        return pa.list_(pa.struct([("source", pa.string()), ("value", pa.string())]))
    kinds = {Kind.INTEGER: pa.int64(), Kind.INSTANT: pa.timestamp("us", "UTC")}
    inner = [(one.name.rpartition(".")[2], kinds.get(one.kind, pa.string())) for one in column.spec.record_fields]
    return pa.list_(pa.struct(inner))


def arrow_batches(columns: Sequence[ExportColumn], groups: Iterable[Sequence[Sequence[Any]]]) -> Iterable[Any]:
    """Turn groups of rows into tables.

    Args:
        columns: Columns of the export.
        groups: Rows, some thousands at a time.

    Yields:
        One Arrow table a group.
    """
    pa, schema = _module("pyarrow"), arrow_schema(columns)
    for rows in groups:
        cells = zip(*rows, strict=True)
        arrays = [pa.array(values, one.type) for values, one in zip(cells, schema, strict=True)]
        yield pa.table(arrays, schema=schema)


def one_table(columns: Sequence[ExportColumn], groups: Iterable[Sequence[Sequence[Any]]]) -> Any:
    """Return groups of rows as one table, which may be empty; see `arrow_batches`."""
    empty = arrow_schema(columns).empty_table()
    return _module("pyarrow").concat_tables([empty, *arrow_batches(columns, groups)])


def write_parquet(place: Path, columns: Sequence[ExportColumn], tables: Iterable[Any]) -> int:
    """Write tables as the row groups of one Parquet file, and return the number of rows."""
    parquet, written = _module("pyarrow.parquet"), 0
    with parquet.ParquetWriter(place, arrow_schema(columns), compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
            written += table.num_rows
    return written


def write_arrow(place: Path, columns: Sequence[ExportColumn], tables: Iterable[Any]) -> int:
    """Write tables as the batches of one Arrow file (IPC, version 2 of Feather), and return the number of rows."""
    ipc, written = _module("pyarrow.ipc"), 0
    with ipc.new_file(str(place), arrow_schema(columns)) as writer:
        for table in tables:
            writer.write_table(table)
            written += table.num_rows
    return written


def read_parquet_rows(path: Path) -> tuple[list[str], Iterable[list[Any]]]:
    """Return the columns of a Parquet file, and its rows, read a few thousand at a time.

    Args:
        path: The file.

    Raises:
        CaptureError: If it is none.
    """
    parquet = _module("pyarrow.parquet")
    try:
        names = list(parquet.read_schema(path).names)
    except _module("pyarrow").ArrowException:
        names = None
    if names is None:
        raise CaptureError(f"{path.name} is not a Parquet file")
    return names, _rows(path, names)


def _rows(path: Path, names: Sequence[str]) -> Iterable[list[Any]]:
    with _module("pyarrow.parquet").ParquetFile(path) as file:
        for batch in file.iter_batches(5_000):
            for row in batch.to_pylist():
                yield [row[name] for name in names]
