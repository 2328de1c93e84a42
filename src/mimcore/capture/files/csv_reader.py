"""Reading CSV files of unknown manners: bounded memory, true line numbers, no value in any error.

What is accepted: UTF-8 with or without a byte-order mark, UTF-16 and UTF-32 with one, a declared encoding, else
Windows-1252 with a note; comma, semicolon, tab or bar as delimiter, or a declared one; LF, CR and CRLF; line breaks
inside quotes; Excel's `sep=;` line. Not here: what the columns mean (`sniff`) and what becomes of the rows.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, BinaryIO, NamedTuple, TextIO

from mimcore.capture.files.csv_text import SAMPLE_BYTES, Bytes, Lines, settle_encoding
from mimcore.capture.files.csv_writer import unguard
from mimcore.errors import CaptureError, Problem

__all__ = ["CsvSource", "Row", "clean_headers", "read_csv"]

MAX_COLUMNS = 200
MAX_FIELD_BYTES = 32 * 1024
_MAX_RECORD = MAX_COLUMNS * MAX_FIELD_BYTES
_SURELY_SHORT = MAX_FIELD_BYTES // 4
"""A record of so few characters cannot hold a value over the limit: UTF-8 has at most four octets a character."""
_AFTER_QUOTE = Problem("", "has text after a closing quote", 'write a quote inside a value as ""')
_DELIMITERS = ",;\t|"
_SNIFFED_ROWS = 50
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\x00-\x1f\x7f]+")
_DATA_LIKE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+[\d\s().-]{7,}")


class Row(NamedTuple):
    """One record of a file.

    Attributes:
        line: Number of the physical line where it begins; the first line of the file is 1.
        values: Its cells as text, as many as the file gave. Empty for a row that was refused outright (NUL, a value
            that is too long).
        problem: Why it must not be taken over, or None. `problem.field` is the column, or empty for the whole row.
    """

    line: int
    values: tuple[str, ...]
    problem: Problem | None = None

    def __repr__(self) -> str:
        """The line and the number of values, never a value."""
        trouble = f", problem={str(self.problem)!r}" if self.problem else ""
        return f"Row(line={self.line}, {len(self.values)} values{trouble})"


class CsvSource:
    """A CSV file whose header is read and whose rows are read anew by each iteration.

    Attributes:
        name: File name, or "stream".
        headers: Cleaned, distinct column names.
        encoding: Python codec in use.
        delimiter: Delimiter in use.
        notes: What was assumed or mended, in sentences for people.
    """

    def __init__(self, data: Bytes, encoding: str, delimiter: str, notes: Sequence[str], *, unguards: bool) -> None:
        """Read the header; use `read_csv`."""
        self._data = data
        self._unguards = unguards
        self.name = data.name
        self.encoding = encoding
        self.delimiter = delimiter
        with data.opened() as file:
            self.headers, mended = self._read_headers(file)
        self.notes = (*notes, *mended)

    def _read_headers(self, file: IO[bytes]) -> tuple[tuple[str, ...], list[str]]:
        lines = Lines(file, self.encoding, _MAX_RECORD, self.name)
        try:
            line, cells, problem = next(self._records(lines), (1, (), None))
        finally:
            lines.detach()
        if problem is not None:
            raise CaptureError(f"line {line}: the header {problem.reason}")
        return clean_headers(cells, f"line {line}")

    def __iter__(self) -> Iterator[Row]:
        """Read the rows from the beginning; blank lines are passed over.

        Yields:
            Rows; one that does not fit carries a `problem` and reading goes on.

        Raises:
            CaptureError: If a quote is never closed or the file broke off; the line is named.
        """
        with self._data.opened() as file:
            lines, width = Lines(file, self.encoding, _MAX_RECORD, self.name), len(self.headers)
            try:
                for line, cells, problem in islice(self._records(lines), 1, None):
                    if problem is None and len(cells) == width and lines.size <= _SURELY_SHORT:
                        is_guarded = self._unguards and "'" in "".join(lines.record)
                        yield Row(line, tuple(map(unguard, cells)) if is_guarded else tuple(cells))
                    else:
                        yield self._doubtful(line, cells, problem)
            finally:
                lines.detach()

    def _records(self, lines: Lines) -> Iterator[tuple[int, Sequence[str], Problem | None]]:
        reader = csv.reader(lines.feed, delimiter=self.delimiter, strict=True)
        while True:
            line, cells, problem = lines.begin_record(), None, None
            text = lines.plain(_SURELY_SHORT)
            try:
                cells = next(reader, None) if text is None else text.split(self.delimiter) if text else ()
            except csv.Error:
                problem = _AFTER_QUOTE
            if problem is not None:
                cells = self._read_leniently(lines, line)
            if cells is None:
                return
            if lines.has_nul:
                problem = _nul_problem(cells, self)
            if cells and not (line == 1 and _SEPARATOR_LINE.fullmatch(lines.record[0].strip())):
                yield line, cells, problem

    def _read_leniently(self, lines: Lines, line: int) -> list[str]:
        """Read a record once more that has text after a closing quote; a quote that is never closed is an error."""
        cells = None
        if not lines.ended:
            try:
                cells = next(csv.reader(chain(list(lines.record), lines.feed), delimiter=self.delimiter), None)
            except csv.Error:
                cells = None
        if cells is None or lines.ended:
            raise CaptureError(
                f"line {line}: a quote is opened and never closed (or a value is far too long) — double quotes "
                "inside a value"
            )
        return cells

    def _doubtful(self, line: int, cells: Sequence[str], problem: Problem | None) -> Row:
        """Make a row that is ragged, long, or has a problem already; one refused outright has no values."""
        problem = problem or _length_problem(cells, self)
        if problem is not None and problem.field:
            return Row(line, (), problem)
        if problem is None and len(cells) != len(self.headers):
            problem = _ragged(len(cells), len(self.headers))
        return Row(line, tuple(map(unguard, cells)) if self._unguards else tuple(cells), problem)

    def column(self, place: int) -> str:
        """Name a column for people: its number, and its name once the header is known.

        Args:
            place: Index of the column, from 0.
        """
        headers = getattr(self, "headers", ())
        return f"column {place + 1}" + (f" '{headers[place]}'" if place < len(headers) else "")

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes, the key of an import that must not run twice."""
        return self._data.sha256()

    def __repr__(self) -> str:
        """Name, columns, encoding and delimiter."""
        return f"CsvSource({self.name!r}, {len(self.headers)} columns, {self.encoding}, delimiter {self.delimiter!r})"


def _nul_problem(cells: Sequence[str], source: CsvSource) -> Problem:
    place = next((place for place, cell in enumerate(cells) if "\0" in cell), 0)
    return Problem(source.column(place), "holds a NUL character", "export the file again, as UTF-8 text")


def _length_problem(cells: Sequence[str], source: CsvSource) -> Problem | None:
    for place, cell in enumerate(cells):
        if len(cell) > _SURELY_SHORT and len(cell.encode("utf-8", "replace")) > MAX_FIELD_BYTES:
            return Problem(source.column(place), "is longer than 32 KiB", "shorten it, or look for a missing quote")
    return None


def _ragged(found: int, expected: int) -> Problem:
    return Problem("", f"has {found} values where the header has {expected}", "quote values that hold the delimiter")


def clean_headers(cells: Sequence[str], where: str = "the header") -> tuple[tuple[str, ...], list[str]]:
    """Make column names clean and distinct, and say what was mended.

    Args:
        cells: The names as they stand in the source.
        where: Where they stand, for errors.

    Returns:
        The names, and notes for people.

    Raises:
        CaptureError: If there are none or too many, or one looks like a person's e-mail address or phone number.

    Examples:
        >>> clean_headers([" Name ", "", "name"])[0]
        ('Name', 'column 2', 'name (2)')
    """
    if not cells:
        raise CaptureError("the file has no header line — the first line names the columns; is the file empty?")
    if len(cells) > MAX_COLUMNS:
        raise CaptureError(f"{where}: {len(cells)} columns, at most {MAX_COLUMNS} are read")
    notes: list[str] = []
    taken: Counter[str] = Counter()
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = _clean_name(cell)
        if _DATA_LIKE.fullmatch(name):
            raise CaptureError(f"{where}, column {number}: looks like data, not a column name — add a header line")
        names.append(_distinct(name, number, taken, notes))
    return tuple(names), notes


def _clean_name(cell: str) -> str:
    name = " ".join(_INVISIBLE.sub(" ", unguard(cell)).split())
    return unicodedata.normalize("NFC", name)[:120]


def _distinct(name: str, number: int, taken: Counter[str], notes: list[str]) -> str:
    """Number empty and repeated names, as people expect from spreadsheets; never let two columns share one."""
    wanted = name or f"column {number}"
    result, again = wanted, 1
    while result.casefold() in taken:
        again += 1
        result = f"{wanted} ({again})"
    taken[result.casefold()] += 1
    if not name:
        notes.append(f"column {number} has no name; it is called '{result}'")
    elif result != name:
        notes.append(f"column {number} repeats the name '{name}'; it is called '{result}'")
    return result


def read_csv(
    path_or_stream: str | os.PathLike[str] | BinaryIO | TextIO,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    unguards: bool = False,
) -> CsvSource:
    r"""Open a CSV file for reading, in bounded memory.

    The encoding of the whole file is settled before the first row is given out. Limits: 200 columns, 32 KiB a value
    (UTF-8 octets), no NUL. Empty and repeated column names are numbered, with a note.

    Args:
        path_or_stream: A path, a binary stream, or a text stream. Streams are read from where they stand, not closed.
        encoding: Python codec name; by default the byte-order mark, then UTF-8, then Windows-1252 with a note decide.
        delimiter: One character; by default comma, semicolon, tab or bar, whichever fits the first 64 KiB best.
        unguards: Whether to take off the quote that `write_csv(for_="spreadsheet")` puts before `=`, `+`, `-`, `@`.

    Returns:
        The source: `headers`, `notes`, and rows by iteration.

    Raises:
        CaptureError: If the file cannot be opened or decoded, has no header, too many columns, or begins with data.

    Examples:
        >>> source = read_csv(io.BytesIO(b"e-mail;city\nana@acme.dk;Aarhus\n"))
        >>> source.headers, [row.line for row in source]
        (('e-mail', 'city'), [2])
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise CaptureError("delimiter must be one character and no quote or line break")
    data = Bytes(path_or_stream)
    codec, notes = settle_encoding(data, "utf-8" if data.is_text else encoding)
    chosen = delimiter or _sniff_delimiter(_sample(data, codec))
    return CsvSource(data, codec, chosen, notes, unguards=unguards)


def _sample(data: Bytes, codec: str) -> list[str]:
    """Return the complete lines of the first 64 KiB."""
    with data.opened() as file:
        head = file.read(SAMPLE_BYTES)
    text = io.StringIO(head.decode(codec, "ignore"), newline="")
    lines = list(text)
    return lines[:-1] if len(head) == SAMPLE_BYTES and len(lines) > 1 else lines


def _sniff_delimiter(lines: Sequence[str]) -> str:
    """Choose the delimiter that splits most rows into as many columns as the header, and the header into most."""
    declared = _SEPARATOR_LINE.fullmatch(lines[0].strip()) if lines else None
    if declared:
        return declared.group(1)
    return max(_DELIMITERS, key=lambda candidate: _fit(lines, candidate))


def _fit(lines: Iterable[str], delimiter: str) -> tuple[float, int]:
    widths: list[int] = []
    try:
        records = (cells for cells in csv.reader(lines, delimiter=delimiter) if cells)
        widths += [len(cells) for cells in islice(records, _SNIFFED_ROWS)]
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] == 1:
        return 0.0, 0
    return widths.count(widths[0]) / len(widths), widths[0]
