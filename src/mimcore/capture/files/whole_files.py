"""Files that are there whole or not at all: written beside their place, renamed at the end, for their owner's eyes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from mimcore.errors import CaptureError

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Give the path of a new, empty file beside `path`; it takes that place if all goes well, and is removed if not.

    Only its owner can read it, since it is likely to hold personal data.

    Args:
        path: Where the file shall be; an existing one stands untouched until the end.

    Yields:
        The path to write to. It is closed when the block ends.

    Raises:
        CaptureError: If the system refuses, with its reason.
    """
    reason = ""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _flushed(temporary)
        temporary.replace(path)
        temporary = None
    except OSError as error:
        reason = _why(error, path)
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
    if reason:
        raise CaptureError(f"{path.name} cannot be written: {reason}")


def _why(error: OSError, path: Path) -> str:
    reason = error.strerror or "the system gave no reason"
    if path.parent.is_dir():
        return reason
    return f"{reason}: its folder does not exist — make the folder first, or give another path"


def _flushed(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
