"""JSON Lines: one object a line, nested objects flattened with dots. A broken line is refused, and reading goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn, TextIO

from mimcore.capture.files.csv_reader import MAX_COLUMNS, Row
from mimcore.capture.files.csv_text import Bytes, settle_encoding
from mimcore.capture.reading.plain_cells import cell_text, flattened
from mimcore.capture.reading.row_source import FileRows, row_of
from mimcore.capture.reading.text_lines import LONGEST_LINE, text_lines
from mimcore.errors import CaptureError, InvalidValueError, Problem

__all__ = ["read_json_lines"]


def read_json_lines(
    path_or_stream: str | os.PathLike[str] | BinaryIO | TextIO, *, encoding: str | None = None
) -> FileRows:
    r"""Open a file with one JSON object a line.

    The file is gone through once for the names; names of nested objects are joined with dots, lists of plain values
    with semicolons, lists of objects are numbered from 1. `null` and names that a line lacks are missing.

    Args:
        path_or_stream: A path, a binary stream or a text stream.
        encoding: Python codec name; by default the byte-order mark, then UTF-8 decide.

    Returns:
        The source: `headers`, `notes`, and rows by iteration. A line that is no object is a row with a problem.

    Raises:
        CaptureError: If the file cannot be opened, no line is an object, or there are more than 200 names.

    Examples:
        >>> import io
        >>> source = read_json_lines(io.BytesIO(b'{"email": "ana@acme.dk", "name": {"given": "Ana"}}\n{broken\n'))
        >>> source.headers, [row.line for row in source if row.problem]
        (('email', 'name.given'), [2])
    """
    data = Bytes(path_or_stream)
    codec, notes = settle_encoding(data, "utf-8" if data.is_text else encoding)
    names: dict[str, int] = {}
    for line, record in _records(data, codec):
        if not isinstance(record, Problem):
            for name in record:
                names.setdefault(name, len(names))
        if len(names) > MAX_COLUMNS:
            raise CaptureError(f"line {line}: over {MAX_COLUMNS} different names, more are not read")
    if not names:
        raise CaptureError(f"{data.name} has no line that is a JSON object — write one object a line (JSON Lines)")

    def rows(headers: tuple[str, ...]) -> Iterator[Row]:
        return (_row(line, record, names, headers) for line, record in _records(data, codec))

    return FileRows(data, list(names), rows, notes=notes)


def _records(data: Bytes, codec: str) -> Iterator[tuple[int, dict[str, object] | Problem]]:
    """Yield each line that is not blank with its number."""
    for line, content in text_lines(data, codec, "JSON Lines", "\n"):
        if content is None:
            yield line, Problem("", f"is longer than {LONGEST_LINE} characters", "write one object a line")
        elif not content.isspace():
            yield line, _record(content)


def _record(content: str) -> dict[str, object] | Problem:
    try:
        found = json.loads(content, object_pairs_hook=_object, parse_constant=_no_number)
    except InvalidValueError as error:
        return Problem("", error.reason, error.remedy)
    except RecursionError:
        return Problem("", "is nested too deep", "bring it to fewer levels")
    except ValueError:
        return Problem("", "is not valid JSON", "write one complete object on the line")
    if not isinstance(found, dict):
        return Problem("", "is no JSON object", "write one object a line, {…}")
    try:
        return flattened(found)  # pyright: ignore[reportUnknownArgumentType]
    except InvalidValueError as error:
        return Problem("", error.reason, error.remedy)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidValueError("", "has two values of one name", "rename one of them")
    return found


def _no_number(_: str) -> NoReturn:
    raise InvalidValueError("", "holds NaN or Infinity, which JSON does not know", "write null")


def _row(line: int, record: dict[str, object] | Problem, names: dict[str, int], headers: tuple[str, ...]) -> Row:
    if isinstance(record, Problem):
        return Row(line, (), record)
    values = [""] * len(headers)
    for name, value in record.items():
        place = names[name]
        try:
            values[place] = cell_text(value)
        except InvalidValueError as error:
            return Row(line, (), Problem(f"column {place + 1} '{headers[place]}'", error.reason, error.remedy))
    return row_of(line, values, headers)
