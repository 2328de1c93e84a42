"""Excel workbooks, row by row: days as ISO dates, numbers as a sheet shows them, the stored results of formulas.

What a sheet does that a table does not is said in notes: titles above the header, merged cells, other sheets, formulas
without a stored result. Needs openpyxl. Not here: old `.xls` files, which are refused.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import IO, Any, BinaryIO
from zipfile import ZipFile

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.files.csv_text import Bytes
from mimcore.capture.reading.plain_cells import cell_text
from mimcore.capture.reading.row_source import FileRows, parsed_by, row_of
from mimcore.errors import CaptureError, MissingExtraError, Problem, nearest

__all__ = ["read_excel"]

_WHAT = "an Excel workbook"
_BATCH = 256
_LOOKED_AT = 20
_MOST_ROWS = 1_048_576
_MOST_UNPACKED = 4 << 30
_MOST_STRINGS = 256 << 20
_SURELY_HARMLESS = 16 << 20
_STEEPEST = 200
"""Sheets of very even rows shrink 30-fold; what shrinks 200-fold was made to fill a memory."""
_CHUNK = 1 << 20
_FORMULA = re.compile(rb"<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_ERRORS = frozenset({"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


def read_excel(
    path_or_stream: str | os.PathLike[str] | BinaryIO, *, sheet: str | None = None, header_row: int | None = None
) -> FileRows:
    """Open a sheet of an Excel workbook (.xlsx, .xlsm); its rows are read one after the other.

    The texts that cells share are held in memory (at most 256 MiB), the cells are not.

    Args:
        path_or_stream: A path or a binary stream.
        sheet: Name of the sheet; by default the first visible one that has cells.
        header_row: Number of the row with the column names; by default the first row that is about as wide as the
            table below it, so that titles above are passed over.

    Returns:
        The source: `headers`, `notes`, and rows by iteration, numbered as in the sheet.

    Raises:
        MissingExtraError: If openpyxl is not installed.
        CaptureError: If it is no workbook, is cut off or made to fill a memory, or has no such sheet.

    Examples:
        >>> import io, openpyxl
        >>> book, file = openpyxl.Workbook(), io.BytesIO()
        >>> for cells in (["Customers"], ["e-mail", "since"], ["ana@acme.dk", datetime(2026, 3, 1)]):
        ...     book.active.append(cells)
        >>> book.save(file)
        >>> source = read_excel(file)
        >>> source.headers, [(row.line, row.values) for row in source]
        (('e-mail', 'since'), [(3, ('ana@acme.dk', '2026-03-01'))])
    """
    if find_spec("openpyxl") is None:
        raise MissingExtraError(f"reading {_WHAT}", "excel")
    if header_row is not None and not 1 <= header_row <= _MOST_ROWS:
        raise CaptureError("header_row must be the number of a row, the first one is 1")
    data = Bytes(path_or_stream)
    notes = _checked(data)
    with _opened(data) as book:
        chosen, said = _sheet(book, sheet, data.name)
        first = [(number, cells) for number, cells in _numbered(book[chosen], data.name, header_row or _LOOKED_AT)]
    number = header_row or _header_row(first)
    cells = next((found for place, found in first if place == number), ())
    if number > 1 and header_row is None:
        said.append(f"the column names stand in row {number}; the rows above are left out")

    def rows(headers: tuple[str, ...]) -> Iterator[Row]:
        with _opened(data) as book:
            for place, values in _numbered(book[chosen], data.name, None):
                if place > number and values:
                    yield _row(place, values, headers)

    return FileRows(data, cells, rows, notes=(*notes, *said), part=f"{chosen}\0{number}")


def _checked(data: Bytes) -> list[str]:
    """Refuse an archive that unpacks to more than a sheet can be; tell of formulas and merged cells."""
    with parsed_by(_WHAT, data.name), data.opened() as file, ZipFile(file) as archive:
        parts = archive.infolist()
        steep = any(one.file_size > max(_SURELY_HARMLESS, one.compress_size * _STEEPEST) for one in parts)
        strings = sum(one.file_size for one in parts if one.filename.endswith("sharedStrings.xml"))
        if steep or sum(one.file_size for one in parts) > _MOST_UNPACKED:
            raise CaptureError(f"{data.name} unpacks to far more than it should — save it anew, or as CSV")
        if strings > _MOST_STRINGS:
            raise CaptureError(f"{data.name} holds over 256 MiB of different texts — save it as CSV")
        sheets = [one.filename for one in parts if re.fullmatch(r"xl/worksheets/[^/]+\.xml", one.filename)]
        found = [_oddities(archive, name) for name in sheets]
    formulas, has_merged = sum(one for one, _ in found), any(merged for _, merged in found)
    notes = [f"{formulas} formulas have no stored result and are read as empty; open and save the workbook in Excel"]
    merged = ["has merged cells: only the first cell of each group has the value"]
    return [*(notes if formulas else []), *(merged if has_merged else [])]


def _oddities(archive: ZipFile, name: str) -> tuple[int, bool]:
    """Count formulas without a result in a sheet, and tell whether it has merged cells."""
    count, has_merged, rest = 0, False, b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            whole = text.rfind(b"</c>") + 4
            count += len(_FORMULA.findall(text, 0, whole)) if whole > 4 and b"<f" in text else 0
            has_merged = has_merged or b"<mergeCell " in text
            rest = text[whole:] if whole >= 4 else text[-_CHUNK:]
    return count, has_merged


@contextmanager
def _opened(data: Bytes) -> Generator[Any]:
    """Give the workbook; openpyxl warns of what it leaves out, which is nothing that a table needs."""
    with data.opened() as file:
        book = _loaded(file, data.name)
        try:
            yield book
        finally:
            book.close()


def _loaded(file: IO[bytes], name: str) -> Any:
    with parsed_by(_WHAT, name), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("openpyxl").load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _sheet(book: Any, wanted: str | None, name: str) -> tuple[str, list[str]]:
    visible = [one.title for one in book.worksheets if one.sheet_state == "visible"]
    if wanted is not None:
        if wanted not in [one.title for one in book.worksheets]:
            raise CaptureError(f"{name} has no sheet of that name{nearest(wanted, visible)}")
        return wanted, []
    filled = [title for title in visible if next(_numbered(book[title], name, _LOOKED_AT), None) is not None]
    if not filled:
        raise CaptureError(f"{name} has no visible sheet with cells")
    others = ", ".join(f"'{title}'" for title in filled[1:4])
    said = [f"sheet '{filled[0]}' is read; others have cells too: {others} (read_excel(…, sheet=…))"]
    return filled[0], said if others else []


def _numbered(sheet: Any, name: str, limit: int | None) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the rows that have cells, each with its number, without empty cells at its end."""
    with parsed_by(_WHAT, name):
        sheet.reset_dimensions()  # what a workbook says of its own size is often wrong
        rows = iter(sheet.iter_rows(values_only=True))
    number = 0
    while batch := _pulled(rows, name):
        for cells in batch:
            number += 1
            if limit is not None and number > limit:
                return
            if number > _MOST_ROWS:
                raise CaptureError(f"{name} has a row beyond number {_MOST_ROWS}, which no sheet has")
            if filled := _trimmed(cells):
                yield number, filled


def _pulled(rows: Iterator[Sequence[object]], name: str) -> list[Sequence[object]]:
    with parsed_by(_WHAT, name), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(islice(rows, _BATCH))


def _trimmed(cells: Sequence[object]) -> tuple[str, ...]:
    values = [_text(cell) for cell in cells]
    while values and not values[-1].strip():
        values.pop()
    return tuple(values)


def _text(cell: object) -> str:
    """Write a cell as the sheet shows it: 15 digits of a number, a day without a time of day."""
    if isinstance(cell, datetime) and cell.time() == time(0):
        return cell.date().isoformat()
    if isinstance(cell, float):
        return cell_text(float(f"{cell:.15g}"))
    return cell_text(cell)


def _header_row(first: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    """Return the number of the first row that fills at least 60 % of the widest row's cells."""
    widths = [sum(bool(cell.strip()) for cell in cells) for _, cells in first]
    widest = max(widths, default=0)
    return next((number for (number, _), width in zip(first, widths, strict=True) if width * 5 >= widest * 3), 1)


def _row(number: int, values: tuple[str, ...], headers: tuple[str, ...]) -> Row:
    if len(values) > len(headers):
        reason = f"has {len(values)} values where the header has {len(headers)}"
        return Row(number, values, Problem("", reason, "give every filled column a name"))
    for place, value in enumerate(values):
        if value in _ERRORS:
            column = f"column {place + 1} '{headers[place]}'"
            return Row(number, values, Problem(column, "holds the error of a formula", "mend the formula"))
    return row_of(number, (*values, *("" for _ in headers[len(values) :])), headers)
