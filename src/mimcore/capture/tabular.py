"""Anything with rows and named columns, seen as rows of text: files, streams, data frames, lists of dicts.

Frames are recognised by what they can do (pandas: `itertuples`; Polars: `iter_rows`); no frame library is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from mimcore.capture.csv_reader import CsvSource, Row, clean_headers, read_csv
from mimcore.errors import CaptureError

__all__ = ["TextRows", "as_text_rows", "cell_text"]


class TextRows:
    """Rows of an object in memory, as text; the first row is line 1.

    Attributes:
        name: What it is, for people.
        headers: Cleaned, distinct column names.
        notes: What was mended.
    """

    delivery = ""
    """Which delivery of a source it is, if it is one: part of the identity of an import."""

    def __init__(self, name: str, headers: Sequence[object], rows: Callable[[], Iterable[Sequence[object]]]) -> None:
        """Take names and a way to go through the rows again and again."""
        self.name = name
        self.headers, notes = clean_headers([str(header) for header in headers])
        self.notes = tuple(notes)
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        """Give the rows with each cell as text.

        Yields:
            Rows without problems.
        """
        for number, cells in enumerate(self._rows(), start=1):
            yield Row(number, tuple(map(cell_text, cells)))


def cell_text(value: object) -> str:
    """Write one cell of a frame or dict as it would stand in a file.

    Args:
        value: Anything; None, NaN, NaT and NA are missing and give an empty text. A whole float (how pandas holds
            integers with gaps) is written without decimals, times as ISO 8601.

    Examples:
        >>> [cell_text(value) for value in ("Ana", None, float("nan"), 45.0, True, date(2026, 3, 1))]
        ['Ana', '', '', '45', 'true', '2026-03-01']
    """
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in {"NAType", "NaTType"} or (isinstance(value, float) and value != value):  # noqa: PLR0124
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def as_text_rows(source: object, *, encoding: str | None = None, delimiter: str | None = None) -> CsvSource | TextRows:
    """See any tabular source as rows of text.

    Args:
        source: A path, a binary or text stream, a source from `read_csv`, a pandas or Polars frame, or mappings.
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
    if isinstance(source, CsvSource | TextRows):
        return source
    if isinstance(source, str | os.PathLike) or hasattr(source, "readline"):
        return read_csv(cast("Any", source), encoding=encoding, delimiter=delimiter, unguards=True)
    frame = cast("Any", source)
    if hasattr(frame, "itertuples"):
        return TextRows("frame", list(frame.columns), lambda: frame.itertuples(index=False, name=None))
    if hasattr(frame, "iter_rows"):
        return TextRows("frame", list(frame.columns), frame.iter_rows)
    return _from_mappings(source)


def _from_mappings(source: object) -> TextRows:
    is_many = isinstance(source, Iterable) and not isinstance(source, Mapping)
    rows = list(cast("Iterable[object]", source)) if is_many else []
    if not is_many or not all(isinstance(row, Mapping) for row in rows):
        raise CaptureError(
            "not something with rows — give a path, a stream, a pandas or Polars frame or a list of dicts"
        )
    records = cast("list[Mapping[Any, object]]", rows)
    names = list(dict.fromkeys(name for record in records for name in record))
    return TextRows("rows", names, lambda: ([record.get(name) for name in names] for record in records))
