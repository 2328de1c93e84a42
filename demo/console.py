"""Writing to any terminal: 80 columns, plain lines, and plain letters where the terminal has no others."""

from __future__ import annotations

import sys
import textwrap
from typing import TextIO

__all__ = ["Console"]

WIDTH = 80
# One letter for one, so that columns stay where they are.
_PLAIN = str.maketrans("◇→─·…–−—✓✗├└│█≥≤’“”×\u202f\u00a0", '*>--~---+x|`|#><\'""x  ', "\u200e")


class Console:
    """Writes lines to a stream, in the letters that it has."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to a stream; standard output unless given."""
        self.stream = sys.stdout if stream is None else stream

    def line(self, text: str = "") -> None:
        """Write one line as it is."""
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        if encoding.lower().replace("-", "") != "utf8":
            text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
        self.stream.write(text + "\n")
        self.stream.flush()

    def wrapped(self, text: str, indent: str = "") -> None:
        """Write text in lines of at most 80 columns; what follows the first stands under it."""
        under = " " * len(indent)
        for line in textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=under) or [""]:
            self.line(line)

    def block(self, text: str, indent: str = "  ") -> None:
        """Write lines as they are, indented."""
        for line in text.splitlines():
            self.line(f"{indent}{line}".rstrip())
