"""Rows that are about records, contacts or accounts: which one each is about, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, cast
from uuid import UUID

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.record_book import R, RecordBook
from mimcore.capture.importing.rejects import Reject, RowProblem
from mimcore.capture.importing.row_changes import Reliability, updated
from mimcore.capture.importing.rows import Candidate, Clamp, RowReader
from mimcore.capture.importing.shelf import KEPT, Shelf
from mimcore.capture.importing.writes import Settled, Write, write_all
from mimcore.capture.mapping.field_policies import Sight
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.match_key import anchor_of, finds_same, missing_part, narrowing_of
from mimcore.domain.contact import Contact
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.errors import InvalidValueError
from mimcore.repositories.records import Outcome
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["RecordImport"]


class _Reading(Generic[R]):
    """How rows are read and weighed.

    The book asks this, not the importer: a circle of the two, with all the rows that they hold, would outlive its batch
    until somebody collects it.
    """

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self.moment: tuple[Clamp, datetime | None] | None = None
        self.reliability = DEFAULT_RELIABILITY

    def row(self, number: int, row: Row) -> Candidate[R] | Reject:
        clamp, observed_at = cast("tuple[Clamp, datetime | None]", self.moment)
        return cast("Candidate[R] | Reject", self._reader.read(number, row, clamp, observed_at))

    def sight(self, row: Candidate[R]) -> Sight:
        return Sight(row.observed_at, self.reliability)


class RecordImport(Generic[R]):
    """Settles rows against the records of a store. Keys are looked up once a batch; later rows see earlier ones."""

    def __init__(self, kind: type[R], reader: RowReader, mapping: ImportMapping, source: str, id_source: str) -> None:
        """Begin with nothing looked up.

        Args:
            kind: What the records are.
            reader: Reads the rows.
            mapping: By what records are found, and what rows may do to them.
            source: Key of the import's source.
            id_source: Key of the source under whose ids the records are known.
        """
        self._reading: _Reading[R] = _Reading(reader)
        self._source, self._id_source = source, id_source
        self._key, self._policies = mapping.key, mapping.policies()
        self._narrowing = narrowing_of(mapping.key)
        self._reliabilities: dict[str, float] = {}
        book: RecordBook[R] = RecordBook(
            kind, anchor_of(mapping.key), id_source, self._reading.row, self._reading.sight
        )
        self._book: RecordBook[R] = book
        self._shelf: Shelf | None = None
        self._writes: list[Write] = []

    def read(self, number: int, row: Row, clamp: Clamp, observed_at: datetime | None) -> Candidate[R] | Reject:
        """Read one row; the store is not asked.

        Args:
            number: Number of the row, from 0.
            row: The row.
            clamp: Refuses instants in the future.
            observed_at: When the file was observed.
        """
        if self._reading.moment is None:
            self._reading.moment = clamp, observed_at
        return self._reading.row(number, row)

    def settle(self, work: UnitOfWork, items: Sequence[Candidate[R] | Reject]) -> list[Settled]:
        """Decide what becomes of rows; nothing is written.

        Args:
            work: An open unit of work.
            items: Rows as `read` gave them.
        """
        candidates = [one for one in items if isinstance(one, Candidate)]
        self._fetch(work, candidates)
        return [Settled.refused(one) if isinstance(one, Reject) else self._settled(work, one) for one in items]

    def store(self, work: UnitOfWork) -> None:
        """Write what was settled.

        Args:
            work: An open unit of work that writes.
        """
        write_all(work, self._writes)

    def set_aside(self) -> None:
        """Give memory free after a batch that is not to be written; later batches still see what its rows say."""
        self._writes.clear()
        if len(self._book) > KEPT:
            self._shelf = self._shelf or Shelf()
            self._book.set_aside(self._shelf)
            self._set_aside(self._shelf)

    def _fetch(self, work: UnitOfWork, candidates: Sequence[Candidate[R]]) -> None:
        """Look up records, their ages and what else the rows need, for all rows at once."""
        reliability = self._reliability(work)
        self._reading.reliability = reliability(self._source)
        self._book.fetch(work, candidates, reliability, self._shelf)
        self._look_up(work, candidates, reliability)

    def _look_up(self, work: UnitOfWork, candidates: Sequence[Candidate[R]], reliability: Reliability) -> None:
        """Look up what rows of this kind need beside the records themselves."""

    def _set_aside(self, shelf: Shelf) -> None:
        """Put what was looked up beside the records on a shelf."""

    def _is_suppressed(self, work: UnitOfWork, row: Candidate[R]) -> bool:  # noqa: ARG002 - a person may be
        """Tell whether a row is to be left alone."""
        return False

    def _joined(self, row: Candidate[R], record: R) -> tuple[R, bool]:  # noqa: ARG002 - a contact joins its account
        """Join a record with others that its row names; tell whether those are new or changed."""
        return record, False

    def _adds(self, work: UnitOfWork, row: Candidate[R], record: R) -> bool:  # noqa: ARG002 - a contact adds consent
        """Note what a row says beside the record; tell whether it says anything new."""
        return False

    def _reliability(self, work: UnitOfWork) -> Reliability:
        """Return what knows how reliable a source is; it is asked only if a policy wants to know."""
        if not self._policies.weigh_sources:
            return lambda _: DEFAULT_RELIABILITY
        known, sources = self._reliabilities, work.transaction.sources

        def of(key: str) -> float:
            if key not in known:
                found = sources.with_key(key)
                known[key] = DEFAULT_RELIABILITY if found is None else found.reliability
            return known[key]

        return of

    def _owners(self, row: Candidate[R]) -> list[UUID]:
        """Return the records that a row is about."""
        found = self._book.ids(row.key)
        if not self._narrowing:
            return list(found)
        record = self._book.record
        return [one for one in found if finds_same(self._key, row.record, record(one), self._id_source)]

    def _sight(self, row: Candidate[R]) -> Sight:
        return self._reading.sight(row)

    def _settled(self, work: UnitOfWork, row: Candidate[R]) -> Settled:
        if self._is_suppressed(work, row):
            return Settled(row.number, row.line, Outcome.SUPPRESSED)
        if self._narrowing and (lacking := missing_part(self._key, row.record, self._id_source)):
            return Settled.refused(_incomplete(row, lacking))
        ids = self._owners(row)
        if len(ids) > 1:
            return Settled.refused(_ambiguous(row, len(ids)))
        stored = self._book.record(ids[0]) if ids else None
        try:
            record = self._new_version(row, stored)
        except InvalidValueError as error:
            problems = (RowProblem("", "invalid_value", one.reason, one.remedy) for one in error.problems)
            return Settled.refused(Reject(row.number, row.line, tuple(problems)))
        return Settled(row.number, row.line, self._outcome(work, row, stored, record), record.id)

    def _new_version(self, row: Candidate[R], stored: R | None) -> R:
        if stored is None:
            return row.record
        # The book is brought up to date only if the row is taken over.
        seen = self._book.seen(stored.id)
        record = updated(stored, row.record, seen, self._sight(row), self._policies)
        self._book.see(stored.id, seen)
        return record

    def _outcome(self, work: UnitOfWork, row: Candidate[R], stored: R | None, record: R) -> Outcome:
        """Note what the row writes, and name it."""
        record, is_more = self._joined(row, record)
        is_changed = stored is None or record != stored
        if is_changed:
            self._writes.append(Write(stored, record, row.observed_at))
        if stored is None:
            self._book.add(record, row)
        elif is_changed:
            self._book.change(stored, record)
        is_news = self._adds(work, row, record)
        if stored is None:
            return Outcome.CREATED
        return Outcome.UPDATED if is_changed or is_news or is_more else Outcome.UNCHANGED


def _incomplete(row: Candidate[Any], part: str) -> Reject:
    reason = f"has no {part.replace('_', ' ')}, and rows are matched by it too"
    problem = RowProblem(row.key_column, "missing_key", reason, "fill it in, or choose another key")
    return Reject(row.number, row.line, (problem,))


def _ambiguous(row: Candidate[Any], how_many: int) -> Reject:
    is_person = isinstance(row.record, Contact)
    reason = f"belongs to {how_many} {'contacts' if is_person else 'accounts'}"
    first = (
        "unify them first (store.duplicates)" if is_person else "add a part that tells them apart, as in domain+name"
    )
    remedy = f"{first}, or import with another key"
    return Reject(row.number, row.line, (RowProblem(row.key_column, "ambiguous_key", reason, remedy),))
