"""What stands in `manifest.json` of a snapshot: format, instant, tables, columns, and the hash of every file.

The tenant is not in it. File names are checked when a manifest is read, so that none leads out of its folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from mimcore.errors import CaptureError, InvalidValueError
from mimcore.values.instants import Instant
from mimcore.values.model import FrozenModel

__all__ = [
    "FORMAT_VERSION",
    "MANIFEST",
    "Manifest",
    "SnapshotColumn",
    "SnapshotFile",
    "SnapshotTable",
    "is_snapshot",
    "read_manifest",
]

FORMAT: Final = "mimcore-snapshot"
FORMAT_VERSION: Final = 1
"""Raised when a reader of the old version would read a new snapshot wrongly; new columns do not raise it."""
MANIFEST: Final = "manifest.json"

Count = Annotated[int, Field(ge=0)]


class SnapshotColumn(FrozenModel):
    """One column of a table.

    Attributes:
        name: Name in the Parquet files.
        kind: The field's kind (`text`, `money`, …), or `id`, `folded`, `currency`, `json`.
        field: Canonical name of the field it comes from; empty for ids and the like.
        is_personal: Whether it tells who somebody is.
        is_special_category: Whether it is of a special category (GDPR, article 9).
    """

    name: str
    kind: str
    field: str = ""
    is_personal: bool = False
    is_special_category: bool = False


class SnapshotFile(FrozenModel):
    """One Parquet file.

    Attributes:
        path: Its place in the folder, with forward slashes.
        rows: Number of rows.
        size: Bytes.
        sha256: Hash of its content, in hexadecimal.
    """

    path: Annotated[str, Field(pattern=r"^[a-z]+/(year=[0-9]{4}/)?part-[0-9]{5}\.parquet$")]
    rows: Count
    size: Count
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SnapshotTable(FrozenModel):
    """One table: a folder of Parquet files with the same columns."""

    name: str
    rows: Count
    columns: tuple[SnapshotColumn, ...]
    files: tuple[SnapshotFile, ...]


class Manifest(FrozenModel):
    """What a snapshot holds.

    Attributes:
        format: Always `mimcore-snapshot`.
        format_version: Version of this layout.
        mimcore_version: Version of the library that wrote it.
        taken_at: Instant at which the store was as the snapshot shows it.
        zone: The store's time zone, in which rules count local days.
        left_out: Names of special-category columns that were left out.
        inactive: Contacts and accounts that are archived, merged or erased, and therefore not in the tables.
        tables: The tables.
    """

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    mimcore_version: str
    taken_at: Instant
    zone: str
    left_out: tuple[str, ...] = ()
    inactive: Count = 0
    tables: tuple[SnapshotTable, ...]


def is_snapshot(folder: Path) -> bool:
    """Tell whether a folder holds a snapshot of any version, by its manifest."""
    try:
        found = _document(folder)
    except CaptureError:
        return False
    return found.get("format") == FORMAT


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest.

    Args:
        folder: The snapshot.

    Returns:
        The manifest.

    Raises:
        CaptureError: If there is none, it is damaged, or another version wrote it.
    """
    found = _document(folder)
    if found.get("format") != FORMAT:
        raise CaptureError(f"{folder.name} is no snapshot: {MANIFEST} is of another kind")
    if found.get("format_version") != FORMAT_VERSION:
        raise CaptureError(
            f"{folder.name} has another format than version {FORMAT_VERSION}, which this mimcore reads: take it anew"
        )
    try:
        return Manifest.model_validate(found)
    except InvalidValueError as error:
        field = error.field
    raise CaptureError(f"{folder.name} has a damaged manifest ({field}): take the snapshot anew")


def _document(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except OSError as error:
        reason = error.strerror or "the system gave no reason"
    except ValueError:
        reason = f"{MANIFEST} is no JSON"
    else:
        if isinstance(found, dict):
            return found  # pyright: ignore[reportUnknownVariableType] - JSON objects have text keys
        reason = f"{MANIFEST} is no JSON object"
    raise CaptureError(f"{folder.name} cannot be read as a snapshot: {reason}")
