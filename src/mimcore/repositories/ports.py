"""What a store must be able to do. Narrow protocols per aggregate; no database, no frame, no file is known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.lead import Lead, LeadStage
from mimcore.domain.segment import ListKind, Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.versions.revision import Revision
from mimcore.repositories.audience_port import AudienceRepository
from mimcore.repositories.log_ports import (
    AttributeRepository,
    ConsentRepository,
    FreshnessRepository,
    HistoryRepository,
    ImportRepository,
    InteractionRepository,
    MergeRepository,
    OutboxRepository,
)
from mimcore.repositories.membership_port import MembershipRepository
from mimcore.repositories.past.moment import Past
from mimcore.repositories.points_port import PointReading
from mimcore.repositories.quality_port import QualityRepository
from mimcore.rules.evaluation.batches import Verdict
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import Bound, EventLeaf
from mimcore.rules.ordering import Order, Place

__all__ = [
    "AccountRepository",
    "AttributeRepository",
    "AudienceRepository",
    "Backend",
    "CampaignRepository",
    "ConsentRepository",
    "ContactRepository",
    "FreshnessRepository",
    "HistoryRepository",
    "ImportRepository",
    "InteractionRepository",
    "LeadRepository",
    "MembershipRepository",
    "MergeRepository",
    "OutboxRepository",
    "QualityRepository",
    "Query",
    "Repository",
    "SegmentRepository",
    "SourceRepository",
    "TaskRepository",
    "Transaction",
    "Verdict",
]

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Query:
    """Which active golden records, how many, and in which order; ties are broken by id.

    Attributes:
        where: Bound rule, with history and consent looked up (`looking_up.looked_up`), or None for everyone.
        limit: At most so many; None for all.
        after: Only those that come after this one in the order.
        order: What to sort by before the id; nothing for the order of ids.
        place: Where `after` stands in the order (`ContactRepository.place`); needed with an order.
        verdict: Whether the rule is true for them, false, or cannot be decided.
    """

    where: Bound | None = None
    limit: int | None = None
    after: UUID | None = None
    order: Order = ()
    place: Place = ()
    verdict: Verdict = "member"


class Repository(Protocol[E]):
    """Storage of one aggregate. Writes are whole objects with optimistic versions."""

    def get_many(self, ids: Iterable[UUID]) -> dict[UUID, E]:
        """Return the records that exist, archived and merged ones too, by id."""
        ...

    def add(self, entities: Sequence[E]) -> None:
        """Store new records as they are.

        Raises:
            DuplicateKeyError: If an id or key exists.
        """
        ...

    def update(self, entities: Sequence[E]) -> None:
        """Replace records; each must carry the stored version + 1.

        Raises:
            StaleVersionError: If a stored version is not one less.
        """
        ...

    def remove(self, ids: Iterable[UUID]) -> None:
        """Delete records and what belongs to them alone.

        For taking back a creation; erasing people is a plan of its own.
        """
        ...

    def all(self) -> Iterator[E]:
        """All records in order of their ids."""
        ...


class ContactRepository(Repository[Contact], PointReading, Protocol):
    """Contacts, with the questions that services ask."""

    def lock(self, ids: Iterable[UUID], *, with_merged: bool = False, if_active: bool = False) -> None:
        """Let nobody else change these contacts, or attach to them, until the transaction ends; in order of ids.

        Lock first, then read what the change depends on. A store with one writer at a time has nothing to do here.

        Args:
            ids: Contacts.
            with_merged: Lock what is merged into them too: for merging them, so that nothing attached stays behind.
            if_active: Pass over those that are no longer active when their turn comes: whoever goes on to the record
                they were merged into must not hold them, or the order of ids is broken.
        """
        ...

    def lock_matching(self) -> None:
        """Let nobody else create contacts because nobody was found, until the transaction ends.

        Whoever looks people up by key and adds those who are not there locks first, or two of them add one person
        twice. A store with one writer at a time has nothing to do here.
        """
        ...

    def store(
        self,
        revisions: Sequence[Revision[Contact]],
        *,
        gone: Sequence[tuple[str, UUID]],
        states: Sequence[FreshnessState],
    ) -> None:
        """Store contacts together with the states of their values: `add`, `update`, `drop` and `put` in one step.

        Args:
            revisions: What replaces what is stored; one that is new has no states yet.
            gone: States that are dropped first, by attribute and subject.
            states: States that are stored.

        Raises:
            DuplicateKeyError: If a new id exists; nothing is stored then.
            StaleVersionError: If a stored version is not one less; nothing is stored then.
        """
        ...

    def find(self, query: Query) -> list[UUID]:
        """Return ids of active contacts in the query's order."""
        ...

    def count(self, where: Bound | None = None, verdict: Verdict = "member") -> int:
        """Count active contacts for whom a bound rule is true, or false, or cannot be decided."""
        ...

    def place(self, contact_id: UUID, order: Order) -> Place | None:
        """Return the values by which a contact, active or not, is sorted now; None if it is not stored."""
        ...

    def tally(self, fields: Sequence[FieldSpec], where: Bound | None = None) -> list[tuple[tuple[Any, ...], int]]:
        """Count the active contacts for whom a bound rule is true by the values of some of their own fields.

        Args:
            fields: Fields of text, codes, words or dates.
            where: Bound rule, or None for everyone.

        Returns:
            Values as rules compare them (text folded, collections as tuples, None where there is none) with
            the number of contacts who have them, in no order.
        """
        ...

    def currencies(self, leaf: EventLeaf) -> frozenset[str]:
        """Return the currencies of the events that a measure adds up, over all contacts."""
        ...

    def stream(self, query: Query) -> Iterator[Contact]:
        """Yield the contacts of a query without an order, by id, while nobody writes in this transaction.

        A few thousand are held at a time.
        """
        ...

    def held(self, ids: Iterable[UUID]) -> Mapping[UUID, Contact]:
        """Return contacts that exist for later: as they stand now, made when they are asked for.

        That may be after the transaction has ended, and whoever is never asked for is never made.
        """
        ...

    def with_external_ids(self, source: str, values: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active contacts by their id in another system."""
        ...

    def in_account(self, account_id: UUID) -> list[UUID]:
        """Return active contacts with a current link to an account, ordered by id."""
        ...

    def uses(self, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return what each of some contacts is needed for; who is needed for nothing is left out.

        That is `interaction`, `lead` or `task` recorded under it, `verification` of its values, `list` that it is on,
        and `merge` if it is merged into a contact, or one into it.
        """
        ...


class AccountRepository(Repository[Account], Protocol):
    """Accounts."""

    def lock(self, ids: Iterable[UUID]) -> None:
        """Let nobody else change these accounts until the transaction ends; see `ContactRepository.lock`."""
        ...

    def with_domains(self, domains: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their domain, those of one domain ordered by id; absent domains are left out."""
        ...

    def with_names(self, names: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their name (`values.text.fold`), ordered by id; absent names are left out."""
        ...

    def with_external_ids(self, source: str, values: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return active accounts by their id in another system, ordered by id; absent values are left out."""
        ...

    def uses(self, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return what each of some accounts is needed for; which is needed for nothing is left out.

        That is `contact` with a link to it, whether current and active or not, `account` whose parent it is, and
        `interaction` that names it.
        """
        ...


class KeyedRepository(Repository[E], Protocol[E]):
    """An aggregate that people name by a key."""

    def with_key(self, key: str) -> E | None:
        """Return the record of that key."""
        ...


class LeadRepository(Repository[Lead], Protocol):
    """Leads."""

    def in_stage(self, stage: LeadStage) -> list[Lead]:
        """Return the leads that stand in a stage, ordered by id."""
        ...

    def of_contact(self, contact_id: UUID) -> list[Lead]:
        """Return a contact's leads, ordered by id."""
        ...


class SegmentRepository(KeyedRepository[Segment], Protocol):
    """Segments, the lists of static ones, and who is in or out of any by hand."""

    def stamp(self) -> tuple[int, int]:
        """Return how many segments there are, and the sum of their versions: any change adds to it."""
        ...

    def versions(self) -> dict[UUID, int]:
        """Return the version of every segment."""
        ...

    def put_on(self, segment_id: UUID, contact_ids: Iterable[UUID], kind: ListKind = "list") -> None:
        """Put contacts on a list of a segment; those already on it stay."""
        ...

    def take_off(self, segment_id: UUID, contact_ids: Iterable[UUID], kind: ListKind = "list") -> None:
        """Take contacts off a list of a segment."""
        ...

    def lists_of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return the names of the lists that each contact is on: of a static segment's own list that is its key."""
        ...


class SourceRepository(KeyedRepository[Source], Protocol):
    """The catalogue of sources."""

    def add_if_absent(self, source: Source) -> bool:
        """Store a source unless there is one of that key; whoever stores it meanwhile is waited for.

        Returns:
            Whether it was stored.
        """
        ...


class CampaignRepository(KeyedRepository[Campaign], Protocol):
    """Campaigns."""

    def active_on(self, day: date) -> list[Campaign]:
        """Return the campaigns whose period holds a local day."""
        ...


class TaskRepository(Repository[Task], Protocol):
    """Tasks."""

    def due_before(self, day: date) -> list[Task]:
        """Return unfinished tasks due before a local day, the earliest first."""
        ...


class Transaction(Protocol):
    """One transaction of a store: repositories that see and write the same state.

    Attributes:
        past: The past that it reads; None for the present.
    """

    past: Past | None
    contacts: ContactRepository
    accounts: AccountRepository
    leads: LeadRepository
    segments: SegmentRepository
    sources: SourceRepository
    campaigns: CampaignRepository
    tasks: TaskRepository
    interactions: InteractionRepository
    freshness: FreshnessRepository
    history: HistoryRepository
    consents: ConsentRepository
    merges: MergeRepository
    imports: ImportRepository
    outbox: OutboxRepository
    memberships: MembershipRepository
    audiences: AudienceRepository
    attributes: AttributeRepository
    quality: QualityRepository

    def commit(self) -> None:
        """Make everything durable and end."""
        ...

    def rollback(self) -> None:
        """Undo everything and end."""
        ...


class Backend(Protocol):
    """A store's engine: hands out transactions."""

    name: str

    def begin(self, *, is_read_only: bool = False) -> Transaction:
        """Open a transaction; a reading one never waits for writers and never blocks them."""
        ...

    def setting(self, name: str) -> str | None:
        """Return a stored setting of the database (not of the application)."""
        ...

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting of the database."""
        ...

    def add_setting(self, name: str, value: str) -> str:
        """Store a setting unless there is one, and return the one that stands: of two at once, one wins for both."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
