"""Anything with rows and named columns, seen as rows of text: files, streams, frames, tables, queries, lists of dicts.

Frames are recognised by what they can do (pandas: `itertuples`; Polars: `iter_rows`; the rest: Arrow's stream); no
frame library is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from mimcore.capture.files.csv_reader import CsvSource, Row, clean_headers
from mimcore.capture.reading.columnar import ArrowRows, as_arrow
from mimcore.capture.reading.opening import open_file
from mimcore.capture.reading.plain_cells import cell_text, flattened
from mimcore.capture.reading.query import QueryRows
from mimcore.capture.reading.row_source import FileRows, NamedRows, RowSource, digest_of
from mimcore.errors import CaptureError, InvalidValueError, Problem

__all__ = ["TextRows", "as_text_rows"]


class TextRows:
    """Rows of an object in memory, as text; the first row is line 1.

    Attributes:
        name: What it is, for people.
        headers: Cleaned, distinct column names.
        notes: What was mended.
    """

    def __init__(self, name: str, headers: Sequence[object], rows: Callable[[], Iterable[Sequence[object]]]) -> None:
        """Take names and a way to go through the rows again and again."""
        self.name = name
        self.headers, notes = clean_headers([str(header) for header in headers])
        self.notes = tuple(notes)
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        """Give the rows with each cell as text.

        Yields:
            Rows; one with a cell that has no text carries a problem.
        """
        for number, cells in enumerate(self._rows(), start=1):
            try:
                row = Row(number, tuple(map(cell_text, cells)))
            except InvalidValueError as error:
                row = Row(number, (), Problem("", error.reason, error.remedy))
            yield row

    def sha256(self) -> str:
        """Return a hash of names and cells."""
        return digest_of(self)


def as_text_rows(source: object, *, encoding: str | None = None, delimiter: str | None = None) -> RowSource:
    """See any tabular source as rows of text.

    Args:
        source: A path, a binary or text stream, what a reader has opened, a pandas or Polars frame, an Arrow table,
            or mappings.
        encoding: As for `read_csv`, for paths and streams.
        delimiter: As for `read_csv`.

    Returns:
        Something with `name`, `headers`, `notes`, that can be gone through several times.

    Raises:
        CaptureError: If it is none of these, or cannot be read.

    Examples:
        >>> as_text_rows([{"name": "Ana", "age": 31}, {"name": "Bo"}]).headers
        ('name', 'age')
    """
    if isinstance(source, CsvSource | TextRows | FileRows | NamedRows | ArrowRows | QueryRows):
        return source
    if isinstance(source, str | os.PathLike) or hasattr(source, "readline"):
        return open_file(source, encoding=encoding, delimiter=delimiter)
    frame = cast("Any", source)
    if hasattr(frame, "itertuples"):
        return TextRows("frame", list(frame.columns), lambda: frame.itertuples(index=False, name=None))
    if hasattr(frame, "iter_rows"):
        return TextRows("frame", list(frame.columns), frame.iter_rows)
    if hasattr(frame, "__arrow_c_stream__"):
        return as_arrow(frame)
    if hasattr(frame, "collect_schema"):
        raise CaptureError("a lazy frame — collect it first, or write it to Parquet and give the file")
    if hasattr(frame, "selected_columns"):
        raise CaptureError("a query without a database — give read_query(select(…), connection)")
    return _from_mappings(source)


def _from_mappings(source: object) -> TextRows:
    is_many = isinstance(source, Iterable) and not isinstance(source, Mapping)
    rows = list(cast("Iterable[object]", source)) if is_many else []
    if not is_many or not all(isinstance(row, Mapping) for row in rows):
        raise CaptureError(
            "not something with rows — give a path, a stream, a pandas or Polars frame or a list of dicts"
        )
    records = [flattened(cast("Mapping[Any, object]", row)) for row in rows]
    names = list(dict.fromkeys(name for record in records for name in record))
    return TextRows("rows", names, lambda: ([record.get(name) for name in names] for record in records))
