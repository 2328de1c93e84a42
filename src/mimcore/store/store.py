"""The store: opens units of work, and answers the questions that need one short transaction of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.capture.csv_writer import write_csv
from mimcore.capture.import_plan import ImportPlan, plan_import
from mimcore.capture.snapshot import Snapshot, take_snapshot
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import Undated
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.vocabularies import Channel
from mimcore.errors import ClosedError, InvalidValueError, NotFoundError
from mimcore.quality.card import Card, card_of
from mimcore.repositories.facts import facts_of
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.ports import Backend
from mimcore.repositories.reading import Records
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules import nodes
from mimcore.rules.catalogue import default_catalogue
from mimcore.rules.explanation import Explanation, explain
from mimcore.rules.nodes import Rule
from mimcore.segments.audience import Audience, make_audience
from mimcore.segments.preview import Preview, preview
from mimcore.store.accessors import (
    DuplicatesAccessor,
    EventsAccessor,
    ImportsAccessor,
    MergesAccessor,
    QualityAccessor,
    StoredContacts,
)
from mimcore.store.attributes import AttributesAccessor
from mimcore.store.reading import Stored, StoredAccounts, StoredCampaigns, StoredLeads, StoredTasks
from mimcore.values.identifiers import check_key
from mimcore.values.instants import as_instant

__all__ = ["Store"]


class Store:
    """An open store. Made by `mim.connect`; every method opens its own short transaction, `begin` opens yours.

    Attributes:
        contacts: Finding, counting and streaming contacts; as frames too.
        accounts: Reading accounts; `leads`, `campaigns`, `tasks`, `segments` and `sources` alike.
        quality: How much is presumed wrong, and what to check first.
        duplicates: Finding and planning merges.
        merges: Taking merges back.
        imports: Imports so far; taking them back.
        events: Domain events that wait for delivery.
        attributes: Declarations of custom attributes.
    """

    def __init__(
        self, backend: Backend, *, actor: str, source: str, zone: ZoneInfo, clock: Callable[[], datetime], secret: bytes
    ) -> None:
        """Use a back end; `mim.connect` does this.

        Args:
            backend: Open back end; the store closes it.
            actor: Who writes by default.
            source: Source of values by default.
            zone: Zone of the store.
            clock: Returns the present instant, aware.
            secret: Key of the suppression list.
        """
        self._backend, self._actor, self._source = backend, actor, check_key(source, "source")
        self._zone, self._clock, self._secret = zone, clock, secret
        self._is_closed = False
        self.contacts = StoredContacts(self)
        self.accounts = StoredAccounts(self.read, lambda work: work.accounts)
        self.leads = StoredLeads(self.read, lambda work: work.leads)
        self.campaigns = StoredCampaigns(self.read, lambda work: work.campaigns)
        self.tasks = StoredTasks(self.read, lambda work: work.tasks)
        self.segments = Stored[Segment, Records[Segment]](self.read, lambda work: work.segments)
        self.sources = Stored[Source, Records[Source]](self.read, lambda work: work.sources)
        self.quality = QualityAccessor(self)
        self.duplicates = DuplicatesAccessor(self)
        self.merges = MergesAccessor(self)
        self.imports = ImportsAccessor(self)
        self.events = EventsAccessor(self)
        self.attributes = AttributesAccessor(self)

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return self._zone

    def now(self) -> datetime:
        """Return the present instant of the store's clock, in UTC."""
        return as_instant(self._clock(), "clock")

    def __repr__(self) -> str:
        """Which kind of store it is."""
        return f"Store({self._backend.name})"

    def __enter__(self) -> Self:
        """Use the store in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Release files and connections. Closing twice is harmless."""
        if not self._is_closed:
            self._is_closed = True
            self._backend.close()

    def begin(
        self,
        *,
        actor: str | None = None,
        source: str | None = None,
        observed_at: Moment | Undated | None = None,
        import_id: UUID | None = None,
    ) -> UnitOfWork:
        """Open a unit of work: one transaction that commits at the end of the block and rolls back on an error.

        Args:
            actor: Who writes.
            source: Key of the source that the values come from.
            observed_at: When the source saw them; the store's clock unless given, `mim.UNDATED` if nobody knows.
            import_id: The import that writes, if one does.

        Returns:
            The unit of work, for a `with` block.
        """
        now = self.now()
        origin = Origin(actor or self._actor, self._source, now, now, self._zone, import_id).but(
            source=source, observed_at=observed_at
        )
        return self._work(origin, is_read_only=False)

    def read(self) -> UnitOfWork:
        """Open a unit of work that only reads; it neither waits for writers nor blocks them."""
        now = self.now()
        return self._work(Origin(self._actor, self._source, now, now, self._zone), is_read_only=True)

    def _work(self, origin: Origin, *, is_read_only: bool) -> UnitOfWork:
        if self._is_closed:
            raise ClosedError("this store is closed; open it again with mim.connect(...)")
        transaction = self._backend.begin(is_read_only=is_read_only)
        return UnitOfWork(
            transaction, origin, secret=self._secret, catalogue=default_catalogue(), is_reading=is_read_only
        )

    def preview(self, segment: Segment | Rule | str, *, now: datetime | None = None) -> Preview:
        """Count how a segment divides the active contacts, condition by condition.

        Args:
            segment: A segment, its key, or a rule.
            now: Instant of evaluation; the store's clock unless given.
        """
        with self.read() as work:
            return preview(work, rule_of(work, segment), now=now)

    def members(self, segment: Segment | Rule | str, *, now: datetime | None = None) -> tuple[Contact, ...]:
        """Return the contacts for whom a segment's rule is true, ordered by id.

        Args:
            segment: A segment, its key, or a rule.
            now: Instant of evaluation; the store's clock unless given.
        """
        with self.read() as work:
            return tuple(work.contacts.stream(rule_of(work, segment), now=now))

    def explain(
        self, segment: Segment | Rule | str, contact: Contact | UUID, *, now: datetime | None = None
    ) -> Explanation:
        """Tell why a contact is in a segment, or not, or cannot be decided.

        Args:
            segment: A segment, its key, or a rule.
            contact: A contact or its id.
            now: Instant of evaluation; the store's clock unless given.
        """
        with self.read() as work:
            stored = work.contacts.get(contact)
            at = self.now() if now is None else now
            facts = facts_of(work.transaction, [stored], at)[stored.id]
            return explain(rule_of(work, segment), facts, binding=work.binding(at))

    def card(self, contact: Contact | UUID, *, now: datetime | None = None) -> Card:
        """Return one person on one card: every value with source and age, every consent, every interaction.

        Args:
            contact: A contact or its id.
            now: Instant at which ages are counted; the store's clock unless given.
        """
        with self.read() as work:
            return card_of(work, work.contacts.get(contact), self.now() if now is None else now)

    def audience(
        self,
        segment: Segment | Rule | str,
        *,
        channel: Channel | str,
        purpose: str,
        least_freshness: float = 0.0,
        fallbacks: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> Audience:
        """Lead a segment through the consent gate: only people who may be contacted are left.

        Args:
            segment: A segment, its key, or a rule.
            channel: email, sms or phone.
            purpose: Declared purpose, such as newsletter.
            least_freshness: Addresses must be right with at least this probability, 0-1; 0 asks for nothing.
            fallbacks: What stands for a merge field that is doubtful, stale or missing, by field.
            now: Instant of the decision; the store's clock unless given.
        """
        if not 0 <= least_freshness <= 1:
            raise InvalidValueError("least_freshness", "is out of range", "give a probability between 0 and 1")
        with self.read() as work:
            return make_audience(
                work,
                rule_of(work, segment),
                channel=channel,
                purpose=purpose,
                least_freshness=least_freshness,
                fallbacks=fallbacks or {},
                write=_write,
                now=now,
            )

    def plan_import(self, data: Any, *, source: str, **options: Any) -> ImportPlan:
        """Plan an import: what it would create, update, leave, suppress and reject; nothing is written yet.

        Args:
            data: Path of a CSV file, a data frame, or a list of dicts.
            source: Key of the source that the rows come from.
            **options: See `mimcore.capture.plan_import`.
        """
        return plan_import(self, data, source=source, **options)

    def snapshot(
        self,
        folder: str | PathLike[str],
        *,
        include_special_category: bool = False,
        replace: bool = False,
        on_progress: Callable[[int], object] | None = None,
    ) -> Snapshot:
        """Write the store as Parquet, in one consistent state, for Polars, DuckDB, Spark, pandas and pyarrow.

        Args:
            folder: Where it shall be: a new or empty folder, or with `replace` an older snapshot.
            include_special_category: Whether fields of special categories (beliefs) are written.
            replace: Whether an older snapshot in the folder is replaced.
            on_progress: Called with the number of contacts done since the last call.

        Raises:
            MissingExtraError: If pyarrow is not installed.
            CaptureError: If the folder holds anything else, or the disk refuses.
        """
        return take_snapshot(
            self,
            folder,
            include_special_category=include_special_category,
            replace=replace,
            on_progress=on_progress,
        )


def rule_of(work: UnitOfWork, segment: Segment | Rule | str) -> Rule:
    """Return the rule of a segment, of its key, or the rule itself; a static segment's rule asks for its list.

    Raises:
        NotFoundError: If there is no segment of that key.
    """
    if isinstance(segment, Rule):
        return segment
    found = work.segments.find_one(segment) if isinstance(segment, str) else segment
    if found is None:
        raise NotFoundError(f"there is no segment '{segment}' in this store")
    return nodes.InSegment(segment=found.key) if found.rule is None else found.rule


def _write(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], for_: str) -> None:
    if for_ not in {"spreadsheet", "machine"}:
        raise InvalidValueError("for_", "is not a form of file", "use 'spreadsheet' or 'machine'")
    write_csv(path, headers, rows, for_="machine" if for_ == "machine" else "spreadsheet")
