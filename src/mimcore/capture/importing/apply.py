"""Applying an import: batch by batch, each one transaction that holds rows, outcomes, events and the checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.log import noting_failure
from mimcore.capture.importing.reject_pile import RejectPile
from mimcore.capture.importing.rejects import Reject, RejectList
from mimcore.capture.importing.run import ImportRun
from mimcore.capture.importing.writes import RowImport
from mimcore.capture.mapping.field_policies import FieldPolicy
from mimcore.display.numbers import count
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.domain.freshness import UNDATED
from mimcore.errors import CaptureError
from mimcore.repositories.collecting import uncollected
from mimcore.repositories.records import ImportRecord, ImportStatus, OutboxEvent, Outcome
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.arguments import whole_number
from mimcore.values.identifiers import new_id

__all__ = ["BATCH", "UNDOING", "ImportResult", "apply_import", "status_of"]

BATCH = 5_000
"""Rows a transaction, and rows that are looked up at once."""

UNDOING = "undoing"
"""Mark among the counts of an import that is being taken back, so that nobody goes on with it."""


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        id: Id of the import, for `store.imports.undo(id)`.
        counts: Rows by outcome over the whole import, earlier runs included.
        rows_done: Rows that this call has done; 0 if the file was imported before.
        resumed_at: Row at which this call went on; 0 for an import from its beginning.
        rejects: Rows that this call refused.
    """

    id: UUID
    counts: Mapping[str, int]
    rows_done: int
    resumed_at: int
    rejects: RejectList = field(repr=False)

    @property
    def changed_nothing(self) -> bool:
        """Whether this call had nothing to do, because the file was imported before with this mapping."""
        return self.rows_done == 0

    def __str__(self) -> str:
        """Return what was done, as text."""
        return f"{self._title()}\n\n{self._table()}"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return fragment(replace(self._table(), title=self._title()).html())

    def _title(self) -> str:
        if self.changed_nothing:
            return "This file was imported before, with this mapping: nothing was changed."
        begun = f", going on after {count(self.resumed_at)}" if self.resumed_at else ""
        return f"{count(self.rows_done)} rows imported{begun}"

    def _table(self) -> Table:
        return Table.of(["outcome", "rows"], [(name.value, self.counts.get(name, 0)) for name in Outcome])


def status_of(work: UnitOfWork, run: ImportRun) -> ImportRecord | None:
    """Return the import of the same file that was begun before, or None.

    Args:
        work: An open unit of work.
        run: The import.

    Raises:
        CaptureError: If it is just being taken back.
    """
    record = work.transaction.imports.with_fingerprint(run.fingerprint)
    if record is not None and UNDOING in record.counts:
        raise CaptureError("this import is being taken back; finish that first with store.imports.undo(...)")
    return record


def apply_import(run: ImportRun, *, batch_size: int, on_progress: Callable[[int], object] | None) -> ImportResult:
    """Apply an import from its checkpoint on.

    Args:
        run: The import.
        batch_size: Rows a transaction, 1 to 10 000.
        on_progress: Called with the number of rows done since the last call.

    Raises:
        CaptureError: If the file was changed since it was planned, or another process applies the same import.
    """
    batch_size = whole_number(batch_size, "batch_size", "give 1 to 10 000", most=10_000)
    with run.workspace.read() as work:
        found = status_of(work, run)
        if found is not None and found.status is ImportStatus.FINISHED:
            return ImportResult(found.id, dict(found.counts), 0, 0, RejectList((), run.rows, run.rows.headers))
        reader = run.reader(work)
    run.check_unchanged()
    record, start, rejects = found or _begun(run), 0 if found is None else found.next_row, RejectPile()
    is_stored = found is not None
    for batch, is_last in run.batches(start, batch_size):
        with noting_failure(run, record), uncollected():
            importer = run.importer(reader)
            record, refused = _apply_batch(run, importer, record, batch, is_last=is_last, is_stored=is_stored)
        rejects.add(refused)
        is_stored = True
        if on_progress is not None:
            on_progress(len(batch))
    done = record.next_row - start
    return ImportResult(record.id, record.counts, done, start, RejectList(rejects, run.rows, run.rows.headers))


def _begun(run: ImportRun) -> ImportRecord:
    now, fields = run.workspace.now(), [one.field for one in run.mapping.columns]
    policies = run.mapping.policies()
    return ImportRecord(
        id=new_id(),
        fingerprint=run.fingerprint,
        kind=run.kind,
        source=run.source,
        actor="",
        started_at=now,
        status=ImportStatus.RUNNING,
        next_row=0,
        counts={},
        file_name=run.rows.name,
        observed_at=None if "observed_at" in fields else run.observed(now)[1],
        fields=tuple(one for one in fields if policies.of(one) is FieldPolicy.NEWEST_WINS),
    )


def _apply_batch(
    run: ImportRun,
    importer: RowImport,
    record: ImportRecord,
    batch: list[tuple[int, Row]],
    *,
    is_last: bool,
    is_stored: bool,
) -> tuple[ImportRecord, list[Reject]]:
    """Read rows first, so that the transaction that writes them is short."""
    origin, observed_at = run.observed(record.started_at)
    items = [importer.read(number, row, origin.moment, observed_at) for number, row in batch]
    seen = UNDATED if observed_at is None else observed_at
    with run.workspace.begin(source=run.source, observed_at=seen, import_id=record.id) as work:
        _claim(work, run, record, is_stored=is_stored)
        settled = importer.settle(work, items)
        counts = Counter(record.counts) + Counter(one.outcome.value for one in settled)
        advanced = replace(
            record,
            actor=record.actor or work.origin.actor,
            next_row=record.next_row + len(batch),
            counts=dict(counts),
            status=ImportStatus.FINISHED if is_last else ImportStatus.RUNNING,
            finished_at=work.origin.recorded_at if is_last else None,
            failure="",
        )
        work.transaction.imports.put(advanced)
        importer.store(work)
        work.transaction.imports.add_outcomes([one.outcome_of(record.id) for one in settled])
        if is_last:
            event = OutboxEvent("import_finished", "import", record.id, 1, work.origin.recorded_at, dict(counts))
            work.transaction.outbox.append([event])
    return advanced, [one.reject for one in settled if one.reject is not None]


def _claim(work: UnitOfWork, run: ImportRun, record: ImportRecord, *, is_stored: bool) -> None:
    """Refuse to go on where somebody else has: the checkpoint must stand where this process left it.

    Raises:
        CaptureError: If it does not.
    """
    work.transaction.imports.lock(run.fingerprint)
    work.transaction.contacts.lock_matching()
    found = work.transaction.imports.with_fingerprint(run.fingerprint)
    stands = None if found is None else (found.id, found.next_row, found.status, UNDOING in found.counts)
    if stands != ((record.id, record.next_row, ImportStatus.RUNNING, False) if is_stored else None):
        raise CaptureError(
            "another process applies this import; no row was taken over twice — plan it again to see where it stands"
        )
