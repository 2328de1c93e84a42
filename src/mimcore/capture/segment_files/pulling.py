"""Pulling: the segments of a store as files; what was edited there since is never overwritten unasked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mimcore.capture.segment_files.document import fingerprint_of, written
from mimcore.capture.segment_files.folder import Folder, FoundFile, read_folder, writing
from mimcore.display import Table
from mimcore.display.showing import Tabled
from mimcore.domain.segment import Segment
from mimcore.errors import CaptureError, ConflictError
from mimcore.repositories.workspace import Workspace

__all__ = ["Pulled", "pull"]


@dataclass(frozen=True, slots=True)
class Pulled(Tabled):
    """What pulling did; it prints itself.

    Attributes:
        folder: Where the files are.
        written: Keys of the segments whose files are new or other than before.
        removed: Keys of files whose segment is archived.
        unchanged: How many files were right already.
        kept: Keys of new files that were never pushed.
    """

    folder: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    kept: tuple[str, ...]

    def table(self) -> Table:
        """A line for each file that was written, removed, or is new."""
        lines = (("written", self.written), ("removed", self.removed), ("not pushed yet", self.kept))
        rows = [(key, what) for what, keys in lines for key in keys]
        return Table.of(("segment", "file"), rows, title="Pull", caption=f"{self.unchanged} unchanged")


def pull(workspace: Workspace, folder: Path, *, overwrite: bool) -> Pulled:
    """Write a file for each segment that is not archived.

    Args:
        workspace: The store.
        folder: Where; it is made if it is not there.
        overwrite: Whether files that were edited since they were pulled are written all the same.

    Raises:
        ConflictError: If there are such files; nothing is written then.
        CaptureError: If the system refuses.
    """
    _make(folder)
    with workspace.read() as work:
        found = read_folder(folder, work.catalogue)
        stored = {one.key: one for one in work.segments.all() if not one.is_archived}
    texts = {key: written(one, fingerprint_of(one)).encode() for key, one in stored.items()}
    gone = {key: one for key, one in found.files.items() if key not in stored and not _is_new(one)}
    if not overwrite:
        _refuse(found, stored, gone)
    new = {key: text for key, text in sorted(texts.items()) if key not in found.files or found.files[key].raw != text}
    with writing({found.file(key): text for key, text in new.items()}):
        pass
    for one in gone.values():
        one.path.unlink(missing_ok=True)
    kept = tuple(key for key in found.files if key not in stored and key not in gone)
    return Pulled(folder, tuple(new), tuple(gone), len(texts) - len(new), kept)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "the system gave no reason"
    else:
        return
    raise CaptureError(f"the folder of segments cannot be made: {reason}")


def _is_new(file: FoundFile) -> bool:
    """A file that was written by hand, and never pushed; one that cannot be read may be anything."""
    return file.says is None or file.says.base is None


def _refuse(found: Folder, stored: dict[str, Segment], gone: dict[str, FoundFile]) -> None:
    edited = [
        file.path.name
        for key, file in found.files.items()
        if (key in stored and _is_edited(file, fingerprint_of(stored[key]))) or (key in gone and _is_edited(file, None))
    ]
    if edited:
        raise ConflictError(
            f"edited in the folder since they were pulled: {', '.join(edited)}; push them first, "
            "or commit them to git and pull with overwrite"
        )


def _is_edited(file: FoundFile, held: str | None) -> bool:
    if file.says is None:
        return True
    own = fingerprint_of(file.says.segment)
    return own not in {held, file.says.base}
