"""The folder of segment files: read as a whole, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mimcore.capture.files.whole_files import replacing
from mimcore.capture.segment_files.document import SegmentFile, read_segment
from mimcore.errors import CaptureError, InvalidValueError, Problem
from mimcore.rules.language.catalogue import Catalogue

__all__ = ["Folder", "FoundFile", "read_folder", "writing"]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the folder.

    Attributes:
        raw: What is in it.
        says: What that says; None where it is refused.
        problems: Why it is refused.
    """

    path: Path
    raw: bytes = field(repr=False)
    says: SegmentFile | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a folder, by the key that is their name."""

    path: Path
    files: Mapping[str, FoundFile]

    def all(self) -> dict[str, FoundFile]:
        """Return the files, all of which must be good.

        Raises:
            InvalidValueError: With everything that is wrong in any of them.
        """
        problems = [problem for one in self.files.values() for problem in one.problems]
        if problems:
            raise InvalidValueError.of(problems)
        return dict(self.files)

    def file(self, key: str) -> Path:
        """Return the path of a segment's file."""
        return self.path / f"{key}.json"


def read_folder(path: Path, catalogue: Catalogue) -> Folder:
    """Read all `.json` files of a folder; hidden ones and folders inside are left alone.

    Args:
        path: The folder.
        catalogue: The fields that rules may mention.

    Raises:
        CaptureError: If it is no folder, or a file cannot be read.
    """
    reason = ""
    try:
        names = sorted(one for one in path.iterdir() if one.suffix == ".json" and not one.name.startswith("."))
        return Folder(path, {one.stem: _found(one, catalogue) for one in names})
    except OSError as error:
        reason = error.strerror or "the system gave no reason"
    raise CaptureError(f"the folder of segments cannot be read: {reason}")


def _found(path: Path, catalogue: Catalogue) -> FoundFile:
    raw = path.read_bytes()
    try:
        return FoundFile(path, raw, read_segment(raw, path.name, catalogue))
    except InvalidValueError as error:
        return FoundFile(path, raw, None, error.problems)


@contextmanager
def writing(texts: Mapping[Path, bytes]) -> Generator[None]:
    """Write files beside their places; they take them when the block ends well, and none of them otherwise.

    Args:
        texts: What is to be in each.

    Raises:
        CaptureError: If the system refuses.
    """
    with ExitStack() as files:
        for path, text in texts.items():
            temporary = files.enter_context(replacing(path))
            temporary.write_bytes(text)
        yield


def unchanged(files: Mapping[Path, bytes | None]) -> None:
    """Refuse to go on if a file is not as it was read; None stands for one that was not there.

    Raises:
        CaptureError: Naming them.
    """
    moved = [path.name for path, raw in files.items() if (path.read_bytes() if path.exists() else None) != raw]
    if moved:
        raise CaptureError(f"changed since they were read: {', '.join(moved)}; plan again")
