"""Which reader a file needs: its first bytes decide, then its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mimcore.capture.files.csv_reader import read_csv
from mimcore.capture.files.csv_text import Bytes
from mimcore.capture.reading.columnar import read_parquet
from mimcore.capture.reading.excel import read_excel
from mimcore.capture.reading.json_lines import read_json_lines
from mimcore.capture.reading.row_source import RowSource
from mimcore.capture.reading.vcard import read_vcards
from mimcore.errors import CaptureError

__all__ = ["open_file"]

_SEEN = 512
_BY_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "excel"),
    (b"PAR1", "parquet"),
    (b"BEGIN:VCARD", "vcard"),
    (b'{"', "json"),
)
_BY_SUFFIX = {
    **dict.fromkeys((".xlsx", ".xlsm"), "excel"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".vcf", ".vcard"), "vcard"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json"),
}
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old .xls workbook, or one with a password", "save it as .xlsx without a password"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it"),
    (b"BZh91AY", "compressed with bzip2", "unpack it"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it"),
    (b"(\xb5/\xfd", "compressed with zstd", "unpack it"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"{\\rtf", "a text document", "export the table as CSV"),
    *(
        (mark, "HTML or XML", "open it in Excel and save it as .xlsx")
        for mark in (b"<!", b"<?xml", b"<html", b"<table")
    ),
)


def open_file(given: Any, *, encoding: str | None = None, delimiter: str | None = None) -> RowSource:
    """Open a path or stream with the reader that it needs.

    Args:
        given: A path, a binary stream or a text stream; a text stream, or one that cannot seek, is read as CSV.
        encoding: As for `read_csv`, for files of text.
        delimiter: As for `read_csv`.

    Raises:
        CaptureError: If the file cannot be opened, or is of a kind that holds no table.
        MissingExtraError: If a reader needs a library that is not installed.

    Examples:
        >>> import io
        >>> open_file(io.BytesIO(b'{"email": "ana@acme.dk"}')).headers
        ('email',)
    """
    is_path = isinstance(given, str) or hasattr(given, "__fspath__")
    if not (is_path or _can_peek(given)):
        return read_csv(given, encoding=encoding, delimiter=delimiter, unguards=True)
    data = Bytes(given)
    with data.opened() as file:
        head = file.read(_SEEN)
        file.seek(-len(head), os.SEEK_CUR)
    kind = _kind(head, given, data.name)
    readers: Mapping[str, Callable[[], RowSource]] = {
        "excel": lambda: read_excel(given),
        "parquet": lambda: read_parquet(given),
        "vcard": lambda: read_vcards(given, encoding=encoding),
        "json": lambda: read_json_lines(given, encoding=encoding),
        "csv": lambda: read_csv(given, encoding=encoding, delimiter=delimiter, unguards=True),
    }
    return readers[kind]()


def _can_peek(stream: Any) -> bool:
    try:
        return isinstance(stream.read(0), bytes) and bool(stream.seekable())
    except (AttributeError, OSError, ValueError):
        return False


def _kind(head: bytes, given: Any, name: str) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, what, remedy in _REFUSED:
        if text[: len(mark)].lower() == mark.lower():
            raise CaptureError(f"{name} is {what} — {remedy}")
    found = next((kind for mark, kind in _BY_BYTES if text[: len(mark)].upper() == mark.upper()), None)
    suffix = Path(os.fspath(given)).suffix.lower() if isinstance(given, str | os.PathLike) else ""
    named = _BY_SUFFIX.get(suffix, "csv")
    if found is None and named in {"excel", "parquet"}:
        raise CaptureError(f"{name} is named {suffix}, but is no such file — is it cut off, or CSV under a wrong name?")
    if named == "json" and text.startswith(b"["):
        raise CaptureError(f"{name} is one JSON array — write one object a line (JSON Lines)")
    return found or named
