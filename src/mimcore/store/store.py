"""The store: opens units of work, and answers the questions that need one short transaction of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Literal, Unpack
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.capture.exporting.writing import write_text_rows
from mimcore.capture.snapshots.snapshot import Snapshot, take_snapshot
from mimcore.domain.contact import Contact
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError, StoreError
from mimcore.quality.card import Card, card_of
from mimcore.repositories.facts import facts_of
from mimcore.repositories.origin import Moment
from mimcore.repositories.past.moment import Past
from mimcore.repositories.past.recall import recall
from mimcore.repositories.ports import Backend
from mimcore.repositories.reading import Records
from mimcore.rules.explaining.explanation import Explanation, explain
from mimcore.rules.indexing.memberships import Memberships
from mimcore.rules.language.nodes import Rule
from mimcore.segments.audience import Audience, make_audience
from mimcore.segments.personalisation import declared_fallbacks
from mimcore.segments.preview import Preview, PreviewOptions, preview
from mimcore.segments.references import key_of, rule_of
from mimcore.segments.standing import StandingIndex
from mimcore.store.accessors import (
    DuplicatesAccessor,
    ImportsAccessor,
    MergesAccessor,
    StoredContacts,
)
from mimcore.store.attributes import AttributesAccessor
from mimcore.store.audiences import AudiencesAccessor
from mimcore.store.clock import system_clock
from mimcore.store.events import EventsAccessor
from mimcore.store.hosting import backend_and_key
from mimcore.store.intake import Intake
from mimcore.store.past import PastBackend
from mimcore.store.quality import QualityAccessor
from mimcore.store.reading import Stored, StoredAccounts, StoredCampaigns, StoredLeads, StoredTasks
from mimcore.store.segments import SegmentsAccessor
from mimcore.store.value import ValueAccessor
from mimcore.store.visitors import VisitorsAccessor
from mimcore.values.arguments import check_probability
from mimcore.values.instants import as_zone

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["Store"]


class Store(Intake):
    """An open store. Made by `mim.connect`; every method opens its own short transaction, `begin` opens yours.

    A store may be used by any number of threads; a unit of work is one thread's. After a fork the child opens
    connections of its own.

    Attributes:
        contacts: Finding, counting and streaming contacts; as frames too.
        accounts: Reading accounts; `leads`, `campaigns`, `tasks` and `sources` alike.
        segments: Reading segments; refreshing them, their members, and who came and went.
        quality: How much is presumed wrong, how fast it decays, and what to check first.
        duplicates: Finding and planning merges.
        merges: Taking merges back.
        imports: Imports so far; taking them back.
        events: Domain events that wait for delivery.
        attributes: Declarations of custom attributes.
        audiences: Audiences that are frozen under a key, and their hand-overs.
        visitors: What visitors did of whom nobody knows who they are.
    """

    def __init__(
        self,
        backend: Backend | Engine,
        *,
        actor: str | None = None,
        source: str = "manual",
        zone: str | ZoneInfo = "UTC",
        clock: Callable[[], datetime] = system_clock,
        secret: bytes | None = None,
        schema: Literal["auto", "upgrade", "verify"] = "verify",
        tenant: str = "default",
    ) -> None:
        """Use an engine of your application, or a back end of your own; `mim.connect` opens one by its address.

        Args:
            backend: SQLAlchemy's engine on SQLite or PostgreSQL, which stays yours and open; or an open back end, which
                is closed with the store.
            actor: Who writes by default. On a server there is no default: say it here or in `begin`.
            source: Source of values by default.
            zone: Zone of the store, an IANA name.
            clock: Returns the present instant, aware.
            secret: Key of the suppression list; the environment's `MIMCORE_SECRET_KEY` unless given.
            schema: For an engine: `verify` checks the tables, `auto` also creates them in an empty database, `upgrade`
                also brings older ones up to date.
            tenant: For an engine: whose data.

        Raises:
            SchemaOutOfDateError: If the tables are not those of this version; the message names the command.
            SecretKeyError: If the key is missing, or not the one this database was made with.
        """
        opened, key = backend_and_key(backend, secret, schema=schema, tenant=tenant)
        super().__init__(opened, actor=actor, source=source, zone=as_zone(zone), clock=clock, secret=key)
        self.contacts = StoredContacts(self)
        self.accounts = StoredAccounts(self)
        self.leads = StoredLeads(self.read, lambda work: work.leads)
        self.campaigns = StoredCampaigns(self.read, lambda work: work.campaigns)
        self.tasks = StoredTasks(self.read, lambda work: work.tasks)
        self._standing = StandingIndex()
        self.segments = SegmentsAccessor(self, self._standing)
        self.sources = Stored[Source, Records[Source]](self.read, lambda work: work.sources)
        self.quality = QualityAccessor(self)
        self.duplicates = DuplicatesAccessor(self)
        self.merges = MergesAccessor(self)
        self.imports = ImportsAccessor(self)
        self.events = EventsAccessor(self)
        self.attributes = AttributesAccessor(self)
        self.visitors = VisitorsAccessor(self)
        self.audiences = AudiencesAccessor(self)
        self.value = ValueAccessor(self)

    def as_of(self, moment: Moment, *, hindsight: bool = False) -> Store:
        """Return the store as it was at an instant, to be asked everything that a store can be asked.

        It is what was known then: changes, interactions, consents, lists and checks that had been recorded. With
        hindsight, everything that was recorded since counts as well if it was observed by then; what is undated counts
        from when it was recorded, a merge and a place on a list from when they were made, and what an import brought
        that was taken back since does not count at all. For a field the observation with the greatest time wins.

        Segments have the rule of then, in both modes; half-lives and declarations of custom attributes are those of
        now, and the store's clock stands at the instant. The outbox of the past is empty, and the counts of an import
        that was running are those it ended with. Ask it several questions rather than calling `as_of` again: the whole
        past is put together in memory, by undoing what was recorded since (with hindsight, from the beginning).

        Args:
            moment: An instant that is not in the future; a date means the end of that day in the store's zone.
            hindsight: Whether later knowledge counts.

        Returns:
            A store that only reads: every attempt to write raises `StoreError`.

        Raises:
            InvalidValueError: If it lies in the future.
            StoreError: If this store is itself one with hindsight.

        Examples:
            >>> import mimcore as mim
            >>> from mimcore.testing import FixedClock
            >>> clock = FixedClock("2026-02-01T12:00Z")
            >>> store = mim.connect("memory:", clock=clock)
            >>> with store.begin() as work:
            ...     (ana,) = work.add(mim.Contact(city="Odense"))
            >>> clock.move_to("2026-03-01T12:00Z")
            >>> with store.begin() as work:
            ...     ana = work.change(ana, city="Aarhus")
            >>> then = store.as_of("2026-02-14")
            >>> then, then.contacts.get(ana).demographic.city
            (Store(memory, as of 2026-02-14 23:59 UTC, as known then), 'Odense')
        """
        with self.read() as work:
            past = Past(work.origin.moment(moment, "as_of", "give an instant up to now"), hindsight)
            if work.transaction.past is not None and work.transaction.past.hindsight:
                raise StoreError("a past with hindsight has no past of its own: ask the present store")
            recalled = recall(work.transaction, past)
        return Store(
            PastBackend(self._backend, recalled),
            actor=self._actor,
            source=self._source,
            zone=self._zone,
            clock=lambda: past.at,
            secret=self._secret,
        )

    def then(self, moment: Moment | None, *, hindsight: bool = False) -> Store:
        """Return the store as it was, or this store itself where no instant is given; see `as_of`.

        Raises:
            InvalidValueError: If hindsight is asked for without an instant.
        """
        if moment is not None:
            return self.as_of(moment, hindsight=hindsight)
        if hindsight:
            raise InvalidValueError("hindsight", "belongs to the past", "give as_of= with it")
        return self

    def preview(
        self,
        segment: Segment | Rule | str,
        *,
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
        **options: Unpack[PreviewOptions],
    ) -> Preview:
        """Count how a segment divides the active contacts, condition by condition.

        Args:
            segment: A segment, its key, or a rule.
            now: Instant of evaluation; the store's clock unless given.
            as_of: Ask the past instead, see `as_of`; a segment has the rule of then.
            hindsight: With `as_of`, whether later knowledge counts.
            **options: `overlap`, `reach`, `sample`, `seed`, `on_progress`; see `PreviewOptions`.

        Raises:
            StoppedError: If `on_progress` returned False.
        """
        with self.then(as_of, hindsight=hindsight).read() as work:
            return preview(work, rule_of(work, segment), now=now, itself=key_of(segment), **options)

    def members(
        self,
        segment: Segment | Rule | str,
        *,
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> tuple[Contact, ...]:
        """Return the contacts for whom a segment's rule is true, ordered by id.

        Args:
            segment: A segment, its key, or a rule.
            now: Instant of evaluation; the store's clock unless given.
            as_of: Ask the past instead, see `as_of`; a segment has the rule of then.
            hindsight: With `as_of`, whether later knowledge counts.
        """
        with self.then(as_of, hindsight=hindsight).read() as work:
            return tuple(work.contacts.stream(rule_of(work, segment), now=now))

    def explain(
        self,
        segment: Segment | Rule | str,
        contact: Contact | UUID,
        *,
        now: datetime | None = None,
        as_of: Moment | None = None,
        hindsight: bool = False,
    ) -> Explanation:
        """Tell why a contact is in a segment, or not, or cannot be decided.

        Args:
            segment: A segment, its key, or a rule.
            contact: A contact or its id.
            now: Instant of evaluation; the store's clock unless given.
            as_of: Ask the past instead, see `as_of`; a segment has the rule of then.
            hindsight: With `as_of`, whether later knowledge counts.
        """
        with self.then(as_of, hindsight=hindsight).read() as work:
            stored = work.contacts.get(contact)
            at = work.origin.asked_at(now)
            rule = rule_of(work, segment)
            where, beside = work.bind(rule, at), frozenset({"states"})  # a value's source and age are told with it
            facts = facts_of(work.transaction, [stored], at, where=where, beside=beside, gate=work.gate)
            return explain(rule, facts[stored.id], binding=work.binding(at))

    def segments_of(self, contact: Contact | UUID, *, now: datetime | None = None) -> Memberships:
        """Return which of the store's segments a contact is in: thousands of them in about a millisecond.

        The store keeps an index of all segments; whatever anybody changed in them is taken in first, and what is read
        is of one transaction. Archived segments are left out. Past memberships: `store.as_of(...).segments_of(...)`.

        Args:
            contact: An active contact or its id.
            now: Instant of evaluation; the store's clock unless given.

        Returns:
            Keys of the segments whose rule is true, of those that cannot be decided, and until when that holds.

        Raises:
            NotFoundError: If there is no such contact.
            InvalidValueError: If it is not active: it is in no segment, and not outside of one either.
            RuleError: If the rule of a segment cannot be evaluated.
        """
        with self.read() as work:
            return self._standing.segments_of(work, work.contacts.get(contact), now)

    def card(self, contact: Contact | UUID, *, now: datetime | None = None) -> Card:
        """Return one person on one card: every value with source and age, every consent, every interaction.

        Args:
            contact: A contact or its id.
            now: Instant at which ages are counted; the store's clock unless given.
        """
        with self.read() as work:
            return card_of(work, work.contacts.get(contact), work.origin.asked_at(now))

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
        check_probability(least_freshness, "least_freshness")
        with self.read() as work:
            return make_audience(
                work,
                rule_of(work, segment),
                channel=channel,
                purpose=purpose,
                least_freshness=least_freshness,
                fallbacks=declared_fallbacks(fallbacks),
                write=write_text_rows,
                workspace=self,
                now=now,
            )

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
