"""Rows that are about contacts: suppressed people are left alone, accounts come along, consent becomes stricter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from mimcore.capture.importing.account_book import AccountBook
from mimcore.capture.importing.consent import ConsentBook
from mimcore.capture.importing.record_import import RecordImport
from mimcore.capture.importing.row_changes import Reliability, linked
from mimcore.capture.importing.rows import Candidate, RowReader
from mimcore.capture.importing.shelf import Shelf
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.domain.contact import Contact
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["ContactImport"]


class ContactImport(RecordImport[Contact]):
    """Settles rows against the contacts of a store."""

    def __init__(
        self, reader: RowReader, mapping: ImportMapping, source: str, id_source: str, consents: ConsentBook | None
    ) -> None:
        """Begin with nothing looked up.

        Args:
            reader: Reads the rows.
            mapping: By what contacts are found, and what rows may do to them.
            source: Key of the import's source.
            id_source: Key of the source under whose ids the contacts are known.
            consents: What to do with consent columns, if the import opted in.
        """
        super().__init__(Contact, reader, mapping, source, id_source)
        self._consents, self._accounts = consents, AccountBook(self._policies)
        self._suppressed: frozenset[str] = frozenset()

    def store(self, work: UnitOfWork) -> None:
        """Write what was settled, and the consents.

        Args:
            work: An open unit of work that writes.
        """
        super().store(work)
        if self._consents is not None:
            self._consents.store(work)

    def _look_up(self, work: UnitOfWork, candidates: Sequence[Candidate[Contact]], reliability: Reliability) -> None:
        points = chain.from_iterable(one.record.points for one in candidates)
        identifiers = {work.gate.identifier(point) for point in points}
        self._suppressed = work.transaction.consents.suppressed(identifiers, channel=None)
        self._accounts.fetch(work, [one.account for one in candidates if one.account is not None], reliability)
        if self._consents is not None:
            self._consents.fetch(work, candidates, self._shelf)

    def _set_aside(self, shelf: Shelf) -> None:
        if self._consents is not None:
            self._consents.set_aside(shelf)

    def _is_suppressed(self, work: UnitOfWork, row: Candidate[Contact]) -> bool:
        if not self._suppressed:
            return False
        return any(work.gate.identifier(one) in self._suppressed for one in row.record.points)

    def _joined(self, row: Candidate[Contact], record: Contact) -> tuple[Contact, bool]:
        if row.account is None:
            return record, False
        account_id, is_new = self._accounts.settle(row.account, self._sight(row), self._writes)
        return linked(record, account_id), is_new

    def _adds(self, work: UnitOfWork, row: Candidate[Contact], record: Contact) -> bool:
        return self._consents is not None and self._consents.settle(work, row, record.id)
