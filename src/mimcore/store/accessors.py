"""What hangs on a store: its contacts, duplicates, merges and imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn
from uuid import UUID

from mimcore.capture.importing.log import ImportList, OutcomeList, all_imports, as_outcome, outcomes_of
from mimcore.capture.importing.undo import UndoReport, undo_import
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.errors import InvalidValueError
from mimcore.identity.duplicates import DuplicatePair, declare_different, find_duplicates
from mimcore.identity.merging import MergePlan, MergeUndo, plan_merge, undo_merge
from mimcore.repositories.origin import Moment
from mimcore.repositories.paging import Page
from mimcore.repositories.ports import Verdict
from mimcore.repositories.queries import Verdicts
from mimcore.repositories.records import Outcome
from mimcore.repositories.workspace import asked_at
from mimcore.rules.language.nodes import Rule
from mimcore.rules.ordering import Sort
from mimcore.store.exporting import ContactExports
from mimcore.store.framing import contact_frame
from mimcore.values.arguments import given_list
from mimcore.values.identifiers import as_id
from mimcore.values.instants import day_of
from mimcore.values.unknown_names import SaysWhatItHas

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = [
    "DuplicatesAccessor",
    "ImportsAccessor",
    "MergesAccessor",
    "StoredContacts",
]


class StoredContacts(ContactExports, SaysWhatItHas):
    """Reading contacts; each call is a short transaction of its own. Inside yours, use `work.contacts`.

    What takes a rule takes `as_of` and `hindsight` as well and then asks the past: see `Store.as_of`, which is the
    better way to ask it several questions.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("add", "save", "create"), "with store.begin() as work: work.add(...)"),
        **dict.fromkeys(("change", "update", "remove", "delete"), "with store.begin() as work: work.change(...)"),
        **dict.fromkeys(("all", "list", "items"), "store.contacts.stream()"),
        **dict.fromkeys(("filter", "where", "select", "query", "first"), "store.contacts.find(rule)"),
        **dict.fromkeys(("to_pandas", "to_polars", "to_df"), "store.contacts.to_frame(kind='polars')"),
    }

    def __init__(self, store: Store) -> None:
        """Read from a store.

        Args:
            store: An open store.
        """
        self._store = store

    if not TYPE_CHECKING:  # Python's own words for it name no way out

        def _refused(self, *_: object) -> NoReturn:
            raise InvalidValueError(
                "contacts",
                "are no list",
                "store.contacts.stream() yields them, .count() counts them, .get(id) has one",
            )

        __iter__ = __len__ = __getitem__ = _refused

    def get(self, reference: Contact | UUID | str) -> Contact:
        """Return the stored contact of an object or id."""
        with self._store.read() as work:
            return work.contacts.get(reference)

    def get_many(self, references: Iterable[Contact | UUID | str]) -> dict[UUID, Contact]:
        """Return the stored contacts of objects or ids by id, archived ones too; what is not stored is left out."""
        with self._store.read() as work:
            return work.contacts.get_many(references)

    def find(
        self,
        rule: Rule | None = None,
        *,
        sort: Sort | Sequence[Sort] | None = None,
        limit: int = 100,
        after: str | UUID | None = None,
        verdict: Verdict = "member",
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> Page[Contact]:
        """Return a page of contacts for whom a rule is true, ordered by id or as `sort` says.

        Args:
            rule: Any rule; None for everyone.
            sort: One key or several: `f.contact.city`, `-f.contact.purchases.count()`; missing values come last.
            limit: Page size, 1 to 10 000.
            after: `next` of the page before; or the id of a contact to go on behind.
            verdict: `member`, `non_member` or `unknown`.
            now: Instant of evaluation; the cursor's, else the store's clock unless given.
            as_of: Ask the past instead, see `Store.as_of`.
            hindsight: With `as_of`, whether later knowledge counts.
        """
        with self._store.then(as_of, hindsight=hindsight).read() as work:
            return work.contacts.find(rule, sort=sort, limit=limit, after=after, verdict=verdict, now=now)

    def count(
        self,
        rule: Rule | None = None,
        *,
        verdict: Verdict = "member",
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> int:
        """Count the contacts for whom a rule is true."""
        with self._store.then(as_of, hindsight=hindsight).read() as work:
            return work.contacts.count(rule, verdict=verdict, now=now)

    def verdicts(
        self, rule: Rule, *, now: datetime | None = None, as_of: Moment | None = None, hindsight: bool = False
    ) -> Verdicts:
        """Count members, non-members and those for whom the rule cannot be decided."""
        with self._store.then(as_of, hindsight=hindsight).read() as work:
            return work.contacts.verdicts(rule, now=now)

    def ids(
        self,
        rule: Rule | None = None,
        *,
        verdict: Verdict = "member",
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> list[UUID]:
        """Return the ids of all contacts for whom a rule is true, ordered."""
        with self._store.then(as_of, hindsight=hindsight).read() as work:
            return work.contacts.ids(rule, verdict=verdict, now=now)

    def stream(
        self,
        rule: Rule | None = None,
        *,
        verdict: Verdict = "member",
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> Iterator[Contact]:
        """Yield contacts for whom a rule is true, ordered by id, a few thousand held at a time.

        A wrong rule fails here, at the call. What is yielded is one committed state: a read transaction is open from
        the first contact to the last one, or until the iterator is closed; it blocks no writer.
        """
        store = self._store.then(as_of, hindsight=hindsight)
        at = asked_at(store, now)
        if rule is not None:
            with store.read() as work:
                work.bind(rule, at)
        return _streamed(store, rule, verdict, at)

    def with_phone(self, number: str, *, region: str | None = None) -> Contact:
        """Return the one contact with a phone number; NotFoundError or AmbiguousError otherwise."""
        with self._store.read() as work:
            return work.contacts.with_phone(number, region=region)

    def all_with_phone(self, number: str, *, region: str | None = None) -> tuple[Contact, ...]:
        """Return the contacts with a phone number, ordered by id."""
        with self._store.read() as work:
            return work.contacts.all_with_phone(number, region=region)

    def with_external_id(self, source: str, value: str) -> Contact:
        """Return the one contact with an id in another system; NotFoundError or AmbiguousError otherwise."""
        with self._store.read() as work:
            return work.contacts.with_external_id(source, value)

    def all_with_external_id(self, source: str, value: str) -> tuple[Contact, ...]:
        """Return the contacts with an id in another system, ordered by id."""
        with self._store.read() as work:
            return work.contacts.all_with_external_id(source, value)

    def in_account(self, account: Account | UUID | str) -> tuple[Contact, ...]:
        """Return the contacts with a current link to an account, ordered by id."""
        with self._store.read() as work:
            return work.contacts.in_account(account)

    def with_email(self, address: str) -> Contact:
        """Return the one contact with an e-mail address; NotFoundError or AmbiguousError otherwise."""
        with self._store.read() as work:
            return work.contacts.with_email(address)

    def all_with_email(self, address: str) -> tuple[Contact, ...]:
        """Return the contacts with an e-mail address, ordered by id."""
        with self._store.read() as work:
            return work.contacts.all_with_email(address)

    def to_frame(
        self,
        rule: Rule | None = None,
        *,
        columns: Sequence[str] = (),
        kind: str = "pandas",
        freshness: bool = False,
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> Any:
        """Return contacts as a data frame, one row a contact, ordered by id.

        Args:
            rule: Any rule; None for everyone.
            columns: Short names of fields, custom attributes among them; all without special-category data unless
                given.
            kind: pandas or polars.
            freshness: Whether rules about freshness shall be asked of the frame: behind the columns then stand, for
                each but an age, `<column>_fresh_key` (microseconds, null where undated) and `<column>_fresh_pool`.
            now: Instant of evaluation.
            as_of: Ask the past instead, see `Store.as_of`.
            hindsight: With `as_of`, whether later knowledge counts.

        Returns:
            A frame. Shape: (contacts, columns + 1), with freshness two more for each; the first column `id` is text,
            missing values are null.

        Raises:
            UnknownFieldError: If a column is no field.
            MissingExtraError: If the frame library is not installed.
        """
        store = self._store.then(as_of, hindsight=hindsight)
        today = day_of(asked_at(store, now), store.zone, "now")
        with store.read() as work:
            fields = work.catalogue
            names = list(given_list(columns, "columns")) or [
                one.short for one in fields.of("contact") if not one.is_special_category
            ]
            specs = [fields[f"contact.{name}"] for name in names]
            found = work.contacts.stream(rule, now=now)
            return contact_frame(work, found, specs, names, kind=kind, today=today, freshness=freshness)


def _streamed(store: Store, rule: Rule | None, verdict: Verdict, at: datetime) -> Iterator[Contact]:
    with store.read() as work:
        yield from work.contacts.stream(rule, verdict=verdict, now=at)


class DuplicatesAccessor:
    """Records that look like one person."""

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def find(self, *, limit: int | None = None) -> tuple[DuplicatePair, ...]:
        """Return pairs of active contacts that share an identifying key, the surest first."""
        with self._store.read() as work:
            return find_duplicates(work, limit=limit)

    def plan(self, pair: DuplicatePair) -> MergePlan:
        """Plan to unify a pair, field by field; nothing is written yet."""
        return plan_merge(self._store, pair)

    def not_same(self, pair: DuplicatePair) -> None:
        """Remember that a pair are two people: it is not proposed again, in whatever order the two are found.

        Args:
            pair: A pair that `find` proposed.

        Raises:
            NotFoundError: If one of the two records is not in this store.
        """
        with self._store.begin() as work:
            declare_different(work, pair)


class MergesAccessor:
    """Merges that were made."""

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def undo(self, merge_id: UUID | str) -> MergeUndo:
        """Take a merge back: both people stand as before, with what was changed since kept on the survivor."""
        return undo_merge(self._store, as_id(merge_id, "merge_id"))


class ImportsAccessor:
    """Imports that were made, what became of their rows, and taking them back."""

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def all(self) -> ImportList:
        """Return all imports, oldest first; `.unfinished` are those that can be gone on with."""
        return all_imports(self._store)

    def rows(self, import_id: UUID | str, outcome: Outcome | str | None = None) -> OutcomeList:
        """Return what became of the rows of an import: places and reasons, never values.

        Args:
            import_id: The import.
            outcome: Only rows with this outcome, such as `rejected`.

        Raises:
            NotFoundError: If there is no such import.
            InvalidValueError: If the id or the outcome is none.
        """
        wanted = None if outcome is None else as_outcome(outcome)
        return outcomes_of(self._store, as_id(import_id, "import_id"), wanted)

    def undo(self, import_id: UUID | str) -> UndoReport:
        """Take an import back; what was changed since is reported, not overwritten."""
        return undo_import(self._store, as_id(import_id, "import_id"))
