"""One import as data: its rows, its declaration, and the identity by which it is recognised again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.consent import ConsentBook, ConsentColumns
from mimcore.capture.importing.contact_import import ContactImport
from mimcore.capture.importing.interactions_import import EventImport
from mimcore.capture.importing.record_import import RecordImport
from mimcore.capture.importing.rows import RowReader
from mimcore.capture.importing.writes import RowImport
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.targets import check_declared, declared_in
from mimcore.capture.reading.row_source import RowSource
from mimcore.domain.account import Account
from mimcore.domain.freshness import Undated
from mimcore.errors import CaptureError
from mimcore.repositories.collecting import uncollected
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace

__all__ = ["ACCOUNTS", "CONTACTS", "EVENTS", "ImportRun"]

CONTACTS, ACCOUNTS = "contacts", "accounts"
EVENTS = "events"
"""Events of which each row says the kind."""


@dataclass(frozen=True, slots=True)
class ImportRun:
    """What an import needs, whether it is planned, applied or resumed.

    Attributes:
        id_source: Key of the source whose ids the rows bear; the import's own source unless given.
        fingerprint: SHA-256 over the bytes of the file, the mapping, the source, the kind and the consent declaration.
    """

    workspace: Workspace
    rows: RowSource
    mapping: ImportMapping
    source: str
    kind: str
    observed_at: Moment | Undated | None
    consent: ConsentColumns | None
    id_source: str | None = None
    fingerprint: str = ""

    def identified(self) -> ImportRun:
        """Return the same run with its fingerprint."""
        consent = None if self.consent is None else self.consent.model_dump(mode="json")
        parts = [
            self.rows.sha256(),
            self.mapping.to_json(),
            self.source,
            self.kind,
            json.dumps(consent, sort_keys=True),
            *([] if self.id_source is None else [self.id_source]),
        ]
        return replace(self, fingerprint=hashlib.sha256("\0".join(parts).encode()).hexdigest())

    def check_unchanged(self) -> None:
        """Refuse to apply a plan to a file that was changed since.

        Raises:
            CaptureError: If its bytes differ.
        """
        if self.identified().fingerprint != self.fingerprint:
            raise CaptureError(f"{self.rows.name} was changed since it was planned; plan the import again")

    def reader(self, work: UnitOfWork) -> RowReader:
        """Return what reads the rows; it remembers texts, and serves any number of importers.

        Args:
            work: An open unit of work, which knows the custom attributes.
        """
        declared = declared_in(work)
        check_declared([one.field for one in self.mapping.columns], declared)
        ids = self.id_source or self.source
        return RowReader(self.mapping, self.rows.headers, self.workspace.zone, ids, declared)

    def importer(self, reader: RowReader) -> RowImport:
        """Return what settles rows of this kind, with nothing looked up yet.

        Args:
            reader: Reads the rows.
        """
        ids = self.id_source or self.source
        if self.kind == ACCOUNTS:
            return RecordImport(Account, reader, self.mapping, self.source, ids)
        if self.kind != CONTACTS:
            return EventImport(reader, self.mapping, self.kind, self.source, ids)
        book = None if self.consent is None else ConsentBook(self.consent)
        return ContactImport(reader, self.mapping, self.source, ids, book)

    def observed(self, started_at: datetime) -> tuple[Origin, datetime | None]:
        """Return what reads instants of the file, and when the file as a whole was observed.

        Args:
            started_at: Start of the import: the time of observation unless one is given.
        """
        origin = Origin("import", self.source, started_at, self.workspace.now(), self.workspace.zone)
        return origin, origin.but(observed_at=self.observed_at).observed_at

    def batches(self, start: int, size: int) -> Iterator[tuple[list[tuple[int, Row]], bool]]:
        """Part the rows from a checkpoint on.

        Args:
            start: First row that is wanted.
            size: Rows a batch.

        Yields:
            Numbered rows, and whether they are the last ones. At least one batch, perhaps empty.
        """
        numbered = islice(enumerate(self.rows), start, None)

        def read() -> list[tuple[int, Row]]:
            with uncollected():  # or the collector walks all that the import remembers, once a batch
                return list(islice(numbered, size))

        batch = read()
        while True:
            following = read()
            yield batch, not following
            if not following:
                return
            batch = following
