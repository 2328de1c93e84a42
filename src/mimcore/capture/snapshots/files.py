"""The files of a snapshot: written beside its place, in row groups, and put there whole by one rename.

Not here: what is in them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from mimcore.capture.snapshots.manifest import MANIFEST, Manifest, SnapshotFile, is_snapshot, read_manifest
from mimcore.capture.snapshots.schema import arrow, parquet
from mimcore.errors import CaptureError

__all__ = ["GROUP_ROWS", "EventParts", "Parts", "guarded", "new_folder", "sha256_of", "write_manifest"]

T = TypeVar("T")
GROUP_ROWS: Final = 20_000
"""Rows of a row group: what is held in memory before it is written."""
FILE_ROWS: Final = 500_000
"""Rows of a file: several files are read side by side."""
OPEN_FILES: Final = 32
"""Files that are open at once, and row groups that are held at once: one a year of events, seldom more than ten."""


def guarded(name: str, act: Callable[[], T]) -> T:
    """Run an act; errors of the disk and of pyarrow, which may quote values, become ours and leave no trace.

    Args:
        name: The snapshot's folder, for the message.
        act: What to do.

    Raises:
        CaptureError: With the system's reason.
    """
    try:
        return act()
    except OSError as error:
        reason = error.strerror or "the disk or the file system refused it"
    except arrow().ArrowException as error:
        reason = f"a table cannot be made ({type(error).__name__})"
    raise CaptureError(f"snapshot {name}: {reason}")


class Parts:
    """The files of one folder: rows come in portions and are written a row group at a time."""

    def __init__(self, root: Path, folder: str, schema: Any) -> None:
        """Write nothing yet.

        Args:
            root: Folder of the snapshot in the making.
            folder: The table's folder in it.
            schema: Arrow schema.
        """
        self._root, self._folder, self._schema = root, folder, schema
        self._held: list[Any] = []
        self._writer: Any = None
        self._path, self._in_file = "", 0
        self.held_rows = 0
        self.files: list[SnapshotFile] = []

    @property
    def is_open(self) -> bool:
        """Whether a file is open."""
        return self._writer is not None

    def add(self, table: Any) -> None:
        """Take rows, and write them when there is a row group of them.

        Args:
            table: Arrow table of the schema.
        """
        self._held.append(table)
        self.held_rows += table.num_rows
        if self.held_rows >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if not self.held_rows:
            return
        table = arrow().concat_tables(self._held)
        self._held, self.held_rows = [], 0
        self._open()
        self._writer.write_table(table, row_group_size=2 * GROUP_ROWS)
        self._in_file += table.num_rows
        if self._in_file >= FILE_ROWS:
            self.close()

    def close(self) -> None:
        """Write what is held and end the file; more rows would begin another one."""
        self.flush()
        if self._writer is None:
            return
        self._writer.close()
        path, self._writer = self._root / self._path, None
        self.files.append(
            SnapshotFile(
                path=self._path, rows=self._in_file, size=path.stat().st_size, sha256=sha256_of(path, sync=True)
            )
        )

    def finished(self) -> list[SnapshotFile]:
        """End the last file and return all of them; a table without rows has one file without rows."""
        if not self.files and not self.held_rows:
            self._open()
        self.close()
        return self.files

    def abandon(self) -> None:
        """Let the open file go."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()

    def _open(self) -> None:
        if self._writer is not None:
            return
        self._path, self._in_file = f"{self._folder}/part-{len(self.files):05}.parquet", 0
        target = self._root / self._path
        target.parent.mkdir(parents=True, exist_ok=True)
        self._writer = parquet().ParquetWriter(target, self._schema, compression="zstd")


class EventParts:
    """Events, in one folder a year."""

    def __init__(self, root: Path, schema: Any, year: int) -> None:
        """Write nothing yet.

        Args:
            root: Folder of the snapshot in the making.
            schema: Arrow schema.
            year: The year of an empty file, if there are no events at all.
        """
        self._root, self._schema, self._year = root, schema, year
        self._years: dict[int, Parts] = {}

    def add(self, year: int, table: Any) -> None:
        """Take events of one year, in UTC."""
        self._parts(year).add(table)
        for most in ("held_rows", "is_open"):
            self._make_room(most)

    def _parts(self, year: int) -> Parts:
        if year not in self._years:
            self._years[year] = Parts(self._root, f"events/year={year:04}", self._schema)
        return self._years[year]

    def _make_room(self, what: str) -> None:
        """Events of very many years, mixed, cost small files rather than memory or open files."""
        parts = list(self._years.values())
        if what == "held_rows" and sum(one.held_rows for one in parts) > OPEN_FILES * GROUP_ROWS:
            max(parts, key=lambda one: one.held_rows).flush()
        elif what == "is_open" and len(opened := [one for one in parts if one.is_open]) > OPEN_FILES:
            opened[0].close()

    def finished(self) -> list[SnapshotFile]:
        """End the last files and return all of them."""
        if not self._years:
            self._parts(self._year)
        return [one for year in sorted(self._years) for one in self._years[year].finished()]

    def abandon(self) -> None:
        """Let the open files go."""
        for one in self._years.values():
            one.abandon()


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Write the manifest, the last file of a snapshot."""
    with (root / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path, *, sync: bool = False) -> str:
    """Return the hash of a file, in hexadecimal.

    Args:
        path: The file.
        sync: Whether to see to it that the file is on the disk.
    """
    with path.open("rb") as file:
        if sync:
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_folder(folder: Path, *, is_replaced: bool) -> Generator[Path]:
    """Give an empty folder beside the wanted one; it takes its place if all goes well and is removed if not.

    It is readable by its owner only, since it holds personal data.

    Args:
        folder: Where the snapshot shall be.
        is_replaced: Whether an older snapshot may stand there.

    Raises:
        CaptureError: If something else stands there, or the disk refuses.
    """
    made = guarded(folder.name, lambda: _beside(folder, is_replaced=is_replaced))
    try:
        yield made
        guarded(folder.name, lambda: _put(made, folder))
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _beside(folder: Path, *, is_replaced: bool) -> Path:
    _restored(folder)
    _require_free(folder, is_replaced=is_replaced)
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))


def _previous(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.previous")


def _restored(folder: Path) -> None:
    """Put an old snapshot back, if a process died between the two renames of `_put`."""
    previous = _previous(folder)
    if previous.exists() and not folder.exists():
        previous.rename(folder)


def _require_free(folder: Path, *, is_replaced: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir() or not is_snapshot(folder):
        raise CaptureError(f"{folder.name} exists and is no snapshot of mimcore: give another folder")
    if not is_replaced:
        raise CaptureError(f"{folder.name} holds a snapshot already: give replace=True, or another folder")
    if strangers := sum(1 for _ in _strangers(folder)):
        raise CaptureError(f"{folder.name} also holds {strangers} files that no snapshot wrote: move them away first")


def _strangers(folder: Path) -> Iterator[Path]:
    """Files that replacing would destroy although no snapshot made them; hidden ones do not count."""
    known = {MANIFEST, *(one.path for table in read_manifest(folder).tables for one in table.files)}
    for path in folder.rglob("*"):
        place = path.relative_to(folder)
        if path.is_file() and place.as_posix() not in known and not place.name.startswith("."):
            yield path


def _put(made: Path, folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        if folder.exists():
            folder.rmdir()  # Windows renames onto nothing, not even onto an empty folder
        made.rename(folder)
        return
    previous = _previous(folder)
    shutil.rmtree(previous, ignore_errors=True)
    folder.rename(previous)
    try:
        made.rename(folder)
    except BaseException:
        previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)
