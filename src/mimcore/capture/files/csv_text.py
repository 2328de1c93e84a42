"""From bytes to physical lines: which encoding a file has, and lines of bounded length with their true numbers.

Not here: what a line means (`csv_reader`).
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import tempfile
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, cast

from mimcore.errors import CaptureError

__all__ = ["Bytes", "Lines", "settle_encoding"]

SAMPLE_BYTES = 64 * 1024
_CHUNK = 1 << 20
_IN_MEMORY = 8 << 20

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_LONGEST_PATH = 4096


class Bytes:
    """A file or stream that can be read from its beginning several times."""

    def __init__(self, given: str | os.PathLike[str] | BinaryIO | TextIO) -> None:
        """Take a path, a binary stream or a text stream.

        A stream is read from where it stands; one that cannot seek (and every text stream) is copied to a temporary
        file, in memory up to 8 MiB. Streams are never closed here.

        Args:
            given: What to read.

        Raises:
            CaptureError: If a text stream cannot be read or cannot be encoded.
        """
        if isinstance(given, str) and ("\n" in given or len(given) > _LONGEST_PATH):
            raise CaptureError("what was given is a text, not the path of a file — give io.StringIO(text) to read it")
        self.name = _name_of(given) if isinstance(given, (str, os.PathLike)) else "stream"
        self._path = Path(given) if isinstance(given, (str, os.PathLike)) else None
        self._stream: IO[bytes] | None = None
        self._start = 0
        self.is_text = False
        if self._path is None:
            self._stream = self._seekable(given)
            self._start = self._stream.tell()

    def _seekable(self, given: Any) -> IO[bytes]:
        with _reading(self.name):
            self.is_text = isinstance(given.read(0), str)
            if not self.is_text and given.seekable():
                return cast("IO[bytes]", given)
            copy = _spooled(given, is_text=self.is_text)
            weakref.finalize(self, copy.close)
            return copy

    @contextmanager
    def opened(self) -> Generator[IO[bytes]]:
        """Give the bytes from the beginning; one reading at a time for a stream.

        Yields:
            A binary stream.

        Raises:
            CaptureError: If the file cannot be opened.
        """
        if self._stream is not None:
            self._stream.seek(self._start)
            yield self._stream
            return
        if cast("Path", self._path).is_dir():
            raise CaptureError(f"{self.name} cannot be read: Is a directory, not a file — give the path of one file")
        with _reading(self.name):
            file = cast("Path", self._path).open("rb")
        with file:
            yield file

    def sha256(self) -> str:
        """Return the SHA-256 of the bytes, in hexadecimal."""
        digest = hashlib.sha256()
        with self.opened() as file, _reading(self.name):
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                digest.update(chunk)
        return digest.hexdigest()


def _name_of(path: str | os.PathLike[str]) -> str:
    """Return the last name in a path; of `.` and the like, which have none, the path itself."""
    text = os.fspath(path)
    return Path(text).name or text or "an empty path"


@contextmanager
def _reading(name: str) -> Generator[None]:
    """Translate what the operating system raises."""
    try:
        yield
    except OSError as error:
        reason = f"{name} cannot be read: {error.strerror or 'the system gave no reason'} — check the path"
    else:
        return
    raise CaptureError(reason) from None


def _spooled(given: Any, *, is_text: bool) -> IO[bytes]:
    copy = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 (lives as long as the source)
    try:
        while chunk := given.read(_CHUNK):
            copy.write(chunk.encode("utf-8") if is_text else chunk)
    except UnicodeError:
        copy.close()
    if copy.closed:
        raise CaptureError("the text stream holds what its encoding cannot read — open the file in binary mode")
    copy.seek(0)
    return copy


def settle_encoding(source: Bytes, declared: str | None) -> tuple[str, tuple[str, ...]]:
    """Decide the encoding of a whole file before its first row is given out.

    A byte-order mark decides; else what the caller declared; else strict UTF-8; and if the file is not that,
    Windows-1252 with a note that says so and names the line.

    Args:
        source: The file.
        declared: Encoding given by the caller, or None.

    Returns:
        Name of the Python codec, and notes for people.

    Raises:
        CaptureError: If the encoding is unknown, or some bytes cannot be read with it; the line is named.
    """
    with source.opened() as file, _reading(source.name):
        head = file.read(4096)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    codec = marked or _codec("utf-8" if declared is None else declared)
    notes = () if declared is None or marked is None or _same(declared, marked) else (_mark_note(marked),)
    if marked is None and declared is None and head.count(0) * 4 >= len(head) > 0:
        raise CaptureError(
            f"{source.name} looks like UTF-16 without a byte-order mark — pass encoding='utf-16-le' or '-be'"
        )
    line = _first_undecodable_line(source, codec)
    if line is None:
        return codec, notes
    if marked is None and declared is None and _first_undecodable_line(source, "cp1252") is None:
        note = f"not UTF-8 (line {line}); read as Windows-1252 — pass encoding=... if letters look wrong"
        return "cp1252", (note,)
    wanted = codec if marked or declared else "UTF-8 nor Windows-1252"
    raise CaptureError(f"line {line}: bytes that are not {wanted} — pass the right encoding=...")


def _mark_note(codec: str) -> str:
    return (
        f"begins with the byte-order mark of {codec.removesuffix('-sig')}, which was followed instead of encoding=..."
    )


def _same(declared: str, codec: str) -> bool:
    return _codec(declared).split("-")[:2] == codec.split("-")[:2]


def _codec(name: str) -> str:
    """Return the Python name of a text encoding; UTF-8 always swallows a mark."""
    try:
        found = codecs.lookup(name)
        "".encode(name)  # LookupError for codecs that are no text encodings, such as 'hex'
    except (LookupError, ValueError):
        found = None
    if found is None:
        raise CaptureError("encoding is not known — use a Python codec name such as 'utf-8', 'cp1252' or 'utf-16'")
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _first_undecodable_line(source: Bytes, codec: str) -> int | None:
    """Return the number of the first line with bytes that the codec refuses, or None; reads the file in pieces."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    line, failure = 1, None
    with source.opened() as file, _reading(source.name):
        more = True
        while more and failure is None:
            chunk = file.read(_CHUNK)
            more = bool(chunk)
            try:
                line += decoder.decode(chunk, final=not more).count("\n")
            except UnicodeDecodeError as error:
                # Letters do not matter for counting lines, so any reading of the good part will do.
                failure = error.object[: error.start].decode(error.encoding, "replace")
            except UnicodeError:
                failure = ""
    if failure is None:
        return None
    return line + failure.replace("\r\n", "\n").replace("\r", "\n").count("\n")


class Lines:
    """Physical lines for `csv.reader`: bounded in length, counted, and kept until the record is complete."""

    def __init__(self, file: IO[bytes], codec: str, limit: int, name: str) -> None:
        """Read lines ending in LF, CR or CRLF, with their ends.

        Args:
            file: Binary stream at its beginning.
            codec: Encoding that the whole file was checked with.
            limit: Longest record in characters.
            name: Name of the file, for errors.
        """
        self._text = io.TextIOWrapper(file, encoding=codec, newline="")
        self._limit = limit
        self._name = name
        self.line = 0
        self.ended = False
        self.record: list[str] = []
        self.size = 0
        self.has_nul = False
        self._waiting: str | None = None
        self.feed = self._feed()

    def begin_record(self) -> int:
        """Forget the lines of the last record and return the number of the line where the next one begins."""
        self.record = []
        self.size = 0
        self.has_nul = False
        return self.line + 1

    def plain(self, most: int) -> str | None:
        """Return the next line as a record of its own, without its end; None if a reader of quotes must look at it.

        Args:
            most: Longest line that is surely in order.
        """
        text = self._waiting = self._next_text()
        if not 0 < len(text) <= most or '"' in text or "\0" in text:
            return None
        self._waiting = None
        self.line += 1
        self.size = len(text)
        self.record = [text]
        return text.rstrip("\r\n")

    def _feed(self) -> Generator[str]:
        """Give line after line; stop a record that grows past the limit."""
        while text := self._next_text():
            self.line += 1
            self.size += len(text)
            self.record.append(text)
            if "\0" in text:
                self.has_nul = True
            if self.size > self._limit:
                begun = self.line + 1 - len(self.record)
                raise CaptureError(f"line {begun}: a row over {self._limit} characters long — is a quote never closed?")
            yield text
        self.ended = True

    def _next_text(self) -> str:
        if self._waiting is not None:
            text, self._waiting = self._waiting, None
            return text
        try:
            return self._text.readline(self._limit + 1)
        except (OSError, UnicodeError):
            pass
        raise CaptureError(f"line {self.line + 1}: {self._name} changed or broke off while it was read")

    def detach(self) -> None:
        """Let go of the stream without closing it."""
        self._text.detach()
