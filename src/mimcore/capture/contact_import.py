"""Rows that are about contacts: whom each one is about, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from typing import cast
from uuid import UUID

from mimcore.capture.account_book import AccountBook
from mimcore.capture.contact_book import ContactBook
from mimcore.capture.csv_reader import Row
from mimcore.capture.field_policies import Sight
from mimcore.capture.import_consent import ConsentBook
from mimcore.capture.import_writes import Settled, Write, write_all
from mimcore.capture.mapping import ImportMapping
from mimcore.capture.match_key import anchor_of, finds_same, missing_part, narrowing_of
from mimcore.capture.rejects import Reject, RowProblem
from mimcore.capture.row_changes import linked, updated
from mimcore.capture.rows import Candidate, Clamp, RowReader
from mimcore.capture.shelf import KEPT, Shelf
from mimcore.domain.contact import Contact
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.errors import InvalidValueError
from mimcore.repositories.records import Outcome
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["ContactImport"]


class ContactImport:
    """Settles rows against the contacts of a store. Keys are looked up once a batch; later rows see earlier ones."""

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
        self._reader, self._source, self._id_source, self._consents = reader, source, id_source, consents
        self._key, self._anchor, self._policies = mapping.key, anchor_of(mapping.key), mapping.policies()
        self._narrowing = narrowing_of(mapping.key)
        self._accounts = AccountBook(self._policies)
        self._reliabilities: dict[str, float] = {}
        self._own_reliability = DEFAULT_RELIABILITY
        self._book = ContactBook(self._anchor, id_source, self._reread, self._sight)
        self._shelf: Shelf | None = None
        self._reading: tuple[Clamp, datetime | None] | None = None
        self._suppressed: frozenset[str] = frozenset()
        self._writes: list[Write] = []

    def read(self, number: int, row: Row, clamp: Clamp, observed_at: datetime | None) -> Candidate | Reject:
        """Read one row; the store is not asked.

        Args:
            number: Number of the row, from 0.
            row: The row.
            clamp: Refuses instants in the future.
            observed_at: When the file was observed.
        """
        if self._reading is None:
            self._reading = clamp, observed_at
        return self._reader.read(number, row, clamp, observed_at)

    def _reread(self, number: int, row: Row) -> Candidate | Reject:
        clamp, observed_at = cast("tuple[Clamp, datetime | None]", self._reading)
        return self._reader.read(number, row, clamp, observed_at)

    def settle(self, work: UnitOfWork, items: Sequence[Candidate | Reject]) -> list[Settled]:
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
        if self._consents is not None:
            self._consents.store(work)

    def set_aside(self) -> None:
        """Give memory free after a batch that is not to be written; later batches still see what its rows say."""
        self._writes.clear()
        if len(self._book) > KEPT:
            self._shelf = self._shelf or Shelf()
            self._book.set_aside(self._shelf)
            if self._consents is not None:
                self._consents.set_aside(self._shelf)

    def _fetch(self, work: UnitOfWork, candidates: Sequence[Candidate]) -> None:
        """Look up contacts, their ages, accounts, suppression and consent for all rows at once."""
        reliability = self._reliability(work)
        self._own_reliability = reliability(self._source)
        self._book.fetch(work, candidates, reliability, self._shelf)
        points = chain.from_iterable(one.contact.points for one in candidates)
        identifiers = {work.gate.identifier(point) for point in points}
        self._suppressed = work.transaction.consents.suppressed(identifiers, channel=None)
        self._accounts.fetch(work, [one.account for one in candidates if one.account is not None], reliability)
        if self._consents is not None:
            self._consents.fetch(work, candidates, self._shelf)

    def _reliability(self, work: UnitOfWork) -> Callable[[str], float]:
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

    def _owners(self, row: Candidate) -> list[UUID]:
        """Return the contacts that a row is about."""
        found = self._book.ids(row.key)
        if not self._narrowing:
            return list(found)
        contact = self._book.contact
        return [one for one in found if finds_same(self._key, row.contact, contact(one), self._id_source)]

    def _sight(self, row: Candidate) -> Sight:
        return Sight(row.observed_at, self._own_reliability)

    def _settled(self, work: UnitOfWork, row: Candidate) -> Settled:
        if self._suppressed and any(work.gate.identifier(one) in self._suppressed for one in row.contact.points):
            return Settled(row.number, row.line, Outcome.SUPPRESSED)
        if self._narrowing and (lacking := missing_part(self._key, row.contact, self._id_source)):
            return Settled.refused(_incomplete(row, lacking))
        ids = self._owners(row)
        if len(ids) > 1:
            return Settled.refused(_ambiguous(row, len(ids)))
        stored = self._book.contact(ids[0]) if ids else None
        try:
            contact = self._new_version(row, stored)
        except InvalidValueError as error:
            problems = (RowProblem("", "invalid_value", one.reason, one.remedy) for one in error.problems)
            return Settled.refused(Reject(row.number, row.line, tuple(problems)))
        return Settled(row.number, row.line, self._outcome(work, row, stored, contact), contact.id)

    def _new_version(self, row: Candidate, stored: Contact | None) -> Contact:
        if stored is None:
            return row.contact
        # The book is brought up to date only if the row is taken over.
        seen = self._book.seen(stored.id)
        contact = updated(stored, row.contact, seen, self._sight(row), self._policies)
        self._book.see(stored.id, seen)
        return contact

    def _outcome(self, work: UnitOfWork, row: Candidate, stored: Contact | None, contact: Contact) -> Outcome:
        """Note what the row writes, and name it."""
        account_id, is_account_new = (None, False)
        if row.account is not None:
            account_id, is_account_new = self._accounts.settle(row.account, self._sight(row), self._writes)
        if account_id is not None:
            contact = linked(contact, account_id)
        is_changed = stored is None or contact != stored
        if is_changed:
            self._writes.append(Write(stored, contact, row.observed_at))
        if stored is None:
            self._book.add(contact, row)
        elif is_changed:
            self._book.change(stored, contact)
        is_news = self._consents is not None and self._consents.settle(work, row, contact.id)
        if stored is None:
            return Outcome.CREATED
        return Outcome.UPDATED if is_changed or is_news or is_account_new else Outcome.UNCHANGED


def _incomplete(row: Candidate, part: str) -> Reject:
    reason = f"has no {part.replace('_', ' ')}, and rows are matched by it too"
    problem = RowProblem(row.key_column, "missing_key", reason, "fill it in, or choose another key")
    return Reject(row.number, row.line, (problem,))


def _ambiguous(row: Candidate, how_many: int) -> Reject:
    reason = f"belongs to {how_many} contacts"
    remedy = "unify them first (store.duplicates), or import with another key"
    return Reject(row.number, row.line, (RowProblem(row.key_column, "ambiguous_key", reason, remedy),))
