"""Physical lines of a text file with their numbers; one that is too long to be held is told of, and passed over."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Literal

from mimcore.capture.files.csv_reader import MAX_COLUMNS, MAX_FIELD_BYTES
from mimcore.capture.files.csv_text import Bytes
from mimcore.capture.reading.row_source import parsed_by

__all__ = ["LONGEST_LINE", "text_lines"]

LONGEST_LINE = MAX_COLUMNS * MAX_FIELD_BYTES


def text_lines(data: Bytes, codec: str, what: str, newline: Literal["\n"] | None) -> Iterator[tuple[int, str | None]]:
    """Read a file line by line.

    Args:
        data: The file.
        codec: Encoding that the whole file was checked with.
        what: What the file should be, for an error.
        newline: What ends a line; None for LF, CR and CRLF alike.

    Yields:
        Number and text of each line with its end; None instead of one that is over 200 x 32 Ki characters long.

    Raises:
        CaptureError: If the file changed or broke off meanwhile.
    """
    with data.opened() as file:
        text = io.TextIOWrapper(file, encoding=codec, newline=newline)
        line = 0
        try:
            while True:
                with parsed_by(what, data.name):
                    content = _line(text)
                if content == "":
                    return
                line += 1
                yield line, content
        finally:
            text.detach()


def _line(text: io.TextIOWrapper) -> str | None:
    content = text.readline(LONGEST_LINE + 1)
    if len(content) <= LONGEST_LINE:
        return content
    while content and not content.endswith("\n"):
        content = text.readline(LONGEST_LINE)
    return None
