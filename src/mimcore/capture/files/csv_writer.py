"""Writing CSV files: safe to open in a spreadsheet and reversible, or exact for machines; never half a file.

A cell that begins like a formula makes a spreadsheet run it. Guarding follows OWASP ASVS 5.0 V1.2.10 (a leading single
quote), widened by line breaks and full-width forms, and can be taken off again without loss. Not here: whom a file
may hold (the consent gate).
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Literal

from mimcore.capture.files.whole_files import replacing
from mimcore.errors import CaptureError

__all__ = ["guard", "unguard", "write_csv"]

# Quotes already there, then anything a spreadsheet may skip, then a formula sign in any width or a control character.
_RISKY = re.compile("'*[\\s\0\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\t\r\n\0]")


def guard(cell: str) -> str:
    """Put a single quote before text that a spreadsheet would take for a formula.

    Args:
        cell: Any text.

    Returns:
        The text, with one more leading quote if it begins, after quotes and white space, with = + - @ (also
        full-width), tab, CR, LF or NUL.

    Examples:
        >>> guard("+4532123456"), guard("=1+1"), guard("Ana")
        ("'+4532123456", "'=1+1", 'Ana')
    """
    return "'" + cell if _RISKY.match(cell) else cell


def unguard(cell: str) -> str:
    """Take off the quote that `guard` put on; any other text comes back as it is.

    Args:
        cell: Text from a file written for spreadsheets.

    Returns:
        What `guard` was given.

    Examples:
        >>> unguard("'+4532123456"), unguard("'t Hooft")
        ('+4532123456', "'t Hooft")
    """
    return cell[1:] if cell[:1] == "'" and _RISKY.match(cell) else cell


def write_csv(
    path: str | os.PathLike[str],
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    for_: Literal["spreadsheet", "machine"] = "spreadsheet",
    delimiter: str = ",",
) -> int:
    """Write a CSV file whole or not at all (RFC 4180: quotes doubled, CRLF).

    The file is written beside its place and renamed at the end, readable by its owner only, since it is likely to
    hold personal data.

    Args:
        path: Where the file shall be; an existing one is replaced at the end.
        headers: Column names.
        rows: Cells by row, as many as headers. None is an empty cell; numbers are written as numbers, booleans as true
            and false, everything else by its `str`.
        for_: "spreadsheet" guards text cells (`guard`), quotes every cell and marks UTF-8 for Excel; "machine" writes
            text exactly as it is, in UTF-8 without a mark.
        delimiter: One character; spreadsheets in most of Europe expect ";".

    Returns:
        Number of rows written.

    Raises:
        CaptureError: If the file cannot be written, or a row has another number of cells than the header, a number that
            is not finite, or text that is not Unicode; the row's number is named. The old file is then untouched.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = write_csv(Path(folder, "a.csv"), ["phone"], [["+4532123456"]])
        ...     print(Path(folder, "a.csv").read_text("utf-8-sig").strip())
        "phone"
        "'+4532123456"
    """
    if for_ not in ("spreadsheet", "machine"):
        raise CaptureError("for_ must be 'spreadsheet' or 'machine'")
    is_guarded = for_ == "spreadsheet"
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise CaptureError("delimiter must be one character and no quote or line break")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if is_guarded else csv.QUOTE_MINIMAL
    written = 0
    encoding = "utf-8-sig" if is_guarded else "utf-8"
    with replacing(Path(path)) as place, place.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
        for number, row in enumerate(chain([headers], rows)):
            if len(row) != len(headers):
                raise CaptureError(f"row {number}: {len(row)} cells where the header has {len(headers)}")
            writer.writerow([_cell(value, number, is_guarded=is_guarded) for value in row])
            written = number
    return written


def _cell(value: object, number: int, *, is_guarded: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        if not math.isfinite(value):
            raise CaptureError(f"row {number}: a number that is not finite — leave the cell empty")
        return str(value)
    text = str(value)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise CaptureError(f"row {number}: text that is not Unicode (an unpaired surrogate)")
    return guard(text) if is_guarded else text
