"""The store as Parquet: one consistent state in a folder that Polars, DuckDB, Spark, pandas and pyarrow read.

Not here: a backup. Consent, history, leads and tasks stay in the database, and nothing reads a snapshot back into it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from mimcore.capture.snapshots.columns import (
    Batch,
    account_columns,
    contact_columns,
    event_columns,
    link_columns,
    point_columns,
)
from mimcore.capture.snapshots.files import EventParts, Parts, guarded, new_folder, sha256_of, write_manifest
from mimcore.capture.snapshots.manifest import Manifest, SnapshotFile, SnapshotTable, read_manifest
from mimcore.capture.snapshots.schema import arrow, schema_of
from mimcore.display import utc_minute
from mimcore.display.showing import Tabled
from mimcore.display.tables import Table
from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import CaptureError, UnknownFieldError, nearest
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.values.arguments import given_path

__all__ = ["Snapshot", "take_snapshot"]

_PORTION = 2000
"""Contacts that are read at once; their events come with them."""


@dataclass(frozen=True)
class Snapshot(Tabled):
    """A snapshot on the disk. Prints itself.

    Attributes:
        folder: Where it is.
        manifest: What it holds: format, instant, tables, columns, files.
    """

    folder: Path
    manifest: Manifest = field(repr=False)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a snapshot, and check its format and every file's hash.

        Args:
            folder: The snapshot.

        Raises:
            CaptureError: If it is none, is of another format, or a file is missing or changed.

        Examples:
            >>> import tempfile, mimcore as mim
            >>> with tempfile.TemporaryDirectory() as place:
            ...     _ = mim.connect("memory:").snapshot(f"{place}/today")
            ...     Snapshot.open(f"{place}/today").rows("contacts")
            0
        """
        place = given_path(folder, "folder").resolve()
        found = cls(place, read_manifest(place))
        found.verify()
        return found

    @property
    def taken_at(self) -> datetime:
        """The instant at which the store was as the snapshot shows it, in UTC."""
        return self.manifest.taken_at

    @property
    def size(self) -> int:
        """Bytes of all Parquet files."""
        return sum(one.size for table in self.manifest.tables for one in table.files)

    def rows(self, table: str) -> int:
        """Return the number of rows of a table: `contacts`, `accounts`, `events`, `points` or `links`.

        Raises:
            UnknownFieldError: If there is no such table.
        """
        return self._table(table).rows

    def files(self, table: str) -> tuple[Path, ...]:
        """Return the files of a table, in order.

        Args:
            table: contacts, accounts, events, points or links.

        Raises:
            UnknownFieldError: If there is no such table.
        """
        return tuple(self.folder / one.path for one in self._table(table).files)

    def verify(self) -> None:
        """Check the hash of every file.

        Raises:
            CaptureError: If a file is missing or changed, naming the first.
        """
        wrong = [one.path for table in self.manifest.tables for one in table.files if not self._is_whole(one)]
        if wrong:
            raise CaptureError(
                f"{self.folder.name} is damaged: {len(wrong)} files are missing or changed, the first is {wrong[0]}"
            )

    def _is_whole(self, one: SnapshotFile) -> bool:
        try:
            path = self.folder / one.path
            return path.stat().st_size == one.size and sha256_of(path) == one.sha256
        except OSError:
            return False

    def _table(self, name: str) -> SnapshotTable:
        known = {table.name: table for table in self.manifest.tables}
        if name not in known:
            raise UnknownFieldError(f"a snapshot has no table '{name}'{nearest(name, known)}")
        return known[name]

    def table(self) -> Table:
        """Return the tables with their rows, columns, files and size."""
        rows: list[tuple[str, int, int | None, int, float]] = [
            (one.name, one.rows, len(one.columns), len(one.files), sum(file.size for file in one.files) / 1e6)
            for one in self.manifest.tables
        ]
        rows.append(("all", sum(row[1] for row in rows), None, sum(row[3] for row in rows), self.size / 1e6))
        return Table.of(
            ("table", "rows", "columns", "files", "MB"),
            rows,
            title=f"Snapshot {self.folder.name}, taken {utc_minute(self.taken_at)}",
        )


def take_snapshot(
    workspace: Workspace,
    folder: str | os.PathLike[str],
    *,
    include_special_category: bool = False,
    replace: bool = False,
    on_progress: Callable[[int], object] | None = None,
) -> Snapshot:
    """Write the store as Parquet: active contacts and accounts, events, contact points and links, in one state.

    Everything is read in one transaction, a few thousand contacts at a time, and written beside the folder; the
    finished whole takes its place by one rename. If anything stops it, the folder is as it was.

    Args:
        workspace: The store.
        folder: Where the snapshot shall be: a new or empty folder, or with `replace` an older snapshot.
        include_special_category: Whether fields of special categories (beliefs) are written.
        replace: Whether an older snapshot in the folder is replaced.
        on_progress: Called with the number of contacts done since the last call, for example `Progress(...).advance`.

    Returns:
        The snapshot.

    Raises:
        MissingExtraError: If pyarrow is not installed.
        CaptureError: If the folder holds anything else, or the disk refuses.
        StoreError: If the store cannot be read.

    Examples:
        >>> import tempfile, mimcore as mim
        >>> store = mim.connect("memory:")
        >>> with store.begin() as work:
        ...     _ = work.add(mim.Contact(name="Ana Berg", country="DK"))
        >>> with tempfile.TemporaryDirectory() as place:
        ...     taken = take_snapshot(store, f"{place}/today")
        ...     [path.name for path in taken.files("contacts")]
        ['part-00000.parquet']
    """
    arrow()
    place = given_path(folder, "folder").resolve()
    with new_folder(place, is_replaced=replace) as made:

        def write() -> Manifest:
            return _written(workspace, made, on_progress, has_special=include_special_category)

        return Snapshot(place, guarded(place.name, write))


def _written(
    workspace: Workspace, root: Path, on_progress: Callable[[int], object] | None, *, has_special: bool
) -> Manifest:
    with workspace.read() as work:
        taking = _Taking(work, root, workspace.now(), has_special=has_special)
        try:
            taking.run(on_progress)
            manifest = taking.manifest(str(workspace.zone))
        finally:
            taking.abandon()
    write_manifest(root, manifest)
    return manifest


class _Taking:
    """One snapshot in the making."""

    def __init__(self, work: UnitOfWork, root: Path, taken_at: datetime, *, has_special: bool) -> None:
        self._transaction, self._taken_at = work.transaction, taken_at
        self._left_out: list[str] = []
        self._inactive = 0

        def shown(entity: str) -> tuple[FieldSpec, ...]:
            specs = work.catalogue.of(entity)
            kept = tuple(one for one in specs if has_special or not one.is_special_category)
            self._left_out += [one.short for one in specs if one not in kept]
            return kept

        accounts = shown("account")
        self._contact = contact_columns(shown("contact"))
        self._of_contact = account_columns(accounts, is_beside_contacts=True)
        self._account, self._event = account_columns(accounts), event_columns(shown("event"))
        self._point, self._link = point_columns(), link_columns()
        shapes = (*self._contact.shapes, *self._of_contact.shapes)
        self._shapes = {
            "contacts": shapes,
            "accounts": self._account.shapes,
            "events": self._event.shapes,
            "points": self._point.shapes,
            "links": self._link.shapes,
        }
        self._schema = schema_of(shapes)
        self._contacts = Parts(root, "contacts", self._schema)
        self._accounts = Parts(root, "accounts", self._account.schema)
        self._events = EventParts(root, self._event.schema, taken_at.year)
        self._points = Parts(root, "points", self._point.schema)
        self._links = Parts(root, "links", self._link.schema)

    def run(self, on_progress: Callable[[int], object] | None) -> None:
        """Write all tables."""
        for accounts in portions(self._active(self._transaction.accounts.all()), _PORTION):
            self._accounts.add(self._account.table(Batch(accounts)))
        for contacts in portions(self._active(self._transaction.contacts.all()), _PORTION):
            self._contacts.add(self._with_accounts(contacts))
            self._add_children(contacts)
            self._add_events(contacts)
            if on_progress is not None:
                on_progress(len(contacts))

    def _active(self, entities: Iterable[Any]) -> Iterator[Any]:
        for one in entities:
            if one.status is RecordStatus.ACTIVE:
                yield one
            else:
                self._inactive += 1

    def _with_accounts(self, contacts: Sequence[Contact]) -> Any:
        """Put the fields of the primary account, if it is active, beside the contacts."""
        pa, links = arrow(), [one.primary_account_id for one in contacts]
        texts = [None if one is None else str(one) for one in links]
        table = self._contact.table(Batch(contacts, account_id=texts))
        found = self._transaction.accounts.get_many({one for one in links if one is not None})
        active = [one for one in found.values() if one.status is RecordStatus.ACTIVE]
        place = {one.id: index for index, one in enumerate(active)}
        if not active:
            blanks = [pa.nulls(len(contacts), one.type) for one in self._of_contact.shapes]
            return pa.table([*table.columns, *blanks], schema=self._schema)
        indices = pa.array([None if one is None else place.get(one) for one in links], pa.int64())
        beside = self._of_contact.table(Batch(active)).take(indices)
        return pa.table([*table.columns, *beside.columns], schema=self._schema)

    def _add_children(self, contacts: Sequence[Contact]) -> None:
        points = [(contact.id, at, point) for contact in contacts for at, point in enumerate(contact.points)]
        self._points.add(self._point.table(_owned(points)))
        links = [(contact.id, at, link) for contact in contacts for at, link in enumerate(contact.accounts)]
        self._links.add(self._link.table(_owned(links)))

    def _add_events(self, contacts: Sequence[Contact]) -> None:
        years: defaultdict[int, list[tuple[str, str, Interaction]]] = defaultdict(list)
        for golden, events in self._transaction.interactions.of([one.id for one in contacts]).items():
            owner = str(golden) if events else ""
            for one in events:
                recorded = owner if one.contact_id == golden else str(one.contact_id)
                years[one.at.year].append((owner, recorded, one))
        for year, rows in years.items():
            owners, recorded_for, listed = map(list, zip(*rows, strict=True))
            self._events.add(year, self._event.table(Batch(listed, contact_id=owners, recorded_for=recorded_for)))

    def manifest(self, zone: str) -> Manifest:
        """End all files and say what was written."""
        parts = (self._contacts, self._accounts, self._events, self._points, self._links)
        tables = [
            SnapshotTable(
                name=name,
                rows=sum(one.rows for one in files),
                columns=tuple(one.column for one in shapes),
                files=tuple(files),
            )
            for (name, shapes), files in zip(self._shapes.items(), (one.finished() for one in parts), strict=True)
        ]
        return Manifest(
            mimcore_version=_version(),
            taken_at=self._taken_at,
            zone=zone,
            left_out=tuple(self._left_out),
            inactive=self._inactive,
            tables=tuple(tables),
        )

    def abandon(self) -> None:
        """Let open files go."""
        for one in (self._contacts, self._accounts, self._events, self._points, self._links):
            one.abandon()


def _version() -> str:
    # By name: the package's root knows all rooms, and a room below must not depend on those above it.
    return str(import_module("mimcore").__version__)


def _owned(rows: Sequence[tuple[UUID, int, Any]]) -> Batch:
    return Batch(
        [one for _, _, one in rows],
        contact_id=[str(owner) for owner, _, _ in rows],
        position=[at for _, at, _ in rows],
    )
