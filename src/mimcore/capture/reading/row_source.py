"""What an import reads: rows with headers that can be gone through again; and rows of a file behind a parser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from mimcore.capture.files.csv_reader import MAX_FIELD_BYTES, Row, clean_headers
from mimcore.capture.files.csv_text import Bytes
from mimcore.errors import CaptureError, MimcoreError, Problem

__all__ = ["FileRows", "NamedRows", "RowSource", "digest_of", "parsed_by", "row_of"]

_SURELY_SHORT = MAX_FIELD_BYTES // 4
"""A text of so few characters cannot be over the limit: UTF-8 has at most four octets a character."""


class RowSource(Protocol):
    """Anything with rows of text."""

    @property
    def name(self) -> str:
        """What it is, for people."""
        ...

    @property
    def headers(self) -> tuple[str, ...]:
        """Cleaned, distinct column names."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed or mended, in sentences for people."""
        ...

    def __iter__(self) -> Iterator[Row]:
        """Give the rows from the beginning."""
        ...

    def sha256(self) -> str:
        """Return a hash of the content, by which an import is recognised again."""
        ...


def digest_of(source: RowSource) -> str:
    """Return a hash of names and cells, for rows that stand in no file.

    Args:
        source: The rows; they are gone through once.
    """
    digest = hashlib.sha256(json.dumps(source.headers).encode())
    for row in source:
        digest.update(json.dumps(row.values).encode())
    return digest.hexdigest()


class FileRows:
    """Rows of a file that a parser gives out; read anew by each iteration.

    Attributes:
        name: File name, or "stream".
        headers: Cleaned, distinct column names.
        notes: What was assumed or mended.
    """

    def __init__(
        self,
        data: Bytes,
        headers: Sequence[str],
        rows: Callable[[tuple[str, ...]], Iterator[Row]],
        *,
        notes: Sequence[str] = (),
        part: str = "",
    ) -> None:
        """Take names and a way to read.

        Args:
            data: The file.
            headers: Column names as they stand in it.
            rows: Reads the rows anew, given the cleaned names.
            notes: What was assumed.
            part: Which part of the file is read (the sheet), so that another part is another content.
        """
        self.name = data.name
        self.headers, mended = clean_headers(headers)
        self.notes = (*notes, *mended)
        self._data, self._rows, self._part = data, rows, part

    def __iter__(self) -> Iterator[Row]:
        """Read the rows from the beginning.

        Yields:
            Rows; one that cannot be taken carries a `problem` and reading goes on.
        """
        return self._rows(self.headers)

    def sha256(self) -> str:
        """Return the SHA-256 of the bytes and of the part that is read, in hexadecimal."""
        whole = self._data.sha256()
        return hashlib.sha256(f"{whole}\0{self._part}".encode()).hexdigest() if self._part else whole

    def __repr__(self) -> str:
        """Name and number of columns."""
        return f"FileRows({self.name!r}, {len(self.headers)} columns)"


class NamedRows:
    """The same rows under a name that is part of their identity: delivered for another day they are another import."""

    def __init__(self, rows: RowSource, name: str) -> None:
        """Name rows.

        Args:
            rows: The rows.
            name: The name.
        """
        self.name, self.headers, self.notes = name, rows.headers, rows.notes
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        """Give the rows from the beginning."""
        return iter(self._rows)

    def sha256(self) -> str:
        """Return a hash of the content together with the name."""
        return hashlib.sha256(f"{self._rows.sha256()}\0{self.name}".encode()).hexdigest()


def row_of(line: int, values: Sequence[str], headers: Sequence[str]) -> Row:
    """Make a row, with the problem that a value may bring: too long, NUL, half a letter.

    Args:
        line: Number of its line, row or record.
        values: Its cells, as many as there are headers.
        headers: Names of the columns, for the problem.
    """
    for place, value in enumerate(values):
        problem = _problem(value)
        if problem is not None:
            column = f"column {place + 1} '{headers[place]}'"
            return Row(line, (), Problem(column, *problem))
    return Row(line, tuple(values))


def _problem(value: str) -> tuple[str, str] | None:
    if "\0" in value:
        return "holds a NUL character", "export the file again, as UTF-8 text"
    if value.isascii() and len(value) <= MAX_FIELD_BYTES:
        return None
    try:
        octets = value.encode("utf-8") if len(value) > _SURELY_SHORT or not value.isprintable() else b""
    except UnicodeEncodeError:
        return "holds half of a letter (a lone surrogate)", "export the file again, as UTF-8 text"
    if len(octets) > MAX_FIELD_BYTES:
        return "is longer than 32 KiB", "shorten it"
    return None


@contextmanager
def parsed_by(what: str, name: str) -> Generator[None]:
    """Translate whatever a parser raises, since a broken file can make it raise anything.

    Args:
        what: What the file should be, such as "an Excel workbook".
        name: Name of the file.

    Raises:
        CaptureError: With the kind of trouble; the parser's own text could hold cells and is left out.
    """
    kind = None
    try:
        yield
    except (MimcoreError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 (a parser of other people's files may raise anything)
        kind = type(error).__name__
    if kind is not None:
        raise CaptureError(f"{name} cannot be read as {what} ({kind}): it is broken or cut off — export it again")
