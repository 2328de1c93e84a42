"""The in-memory engine: one writer at a time; readers see the state that was committed when they began.

How transactions stay apart is written, with the reason why it is correct, in `ledger`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mimcore.errors import ClosedError, ConflictError
from mimcore.memory.attributes import InMemoryAttributeRepository
from mimcore.memory.audiences import InMemoryAudienceRepository
from mimcore.memory.contacts import InMemoryContactRepository
from mimcore.memory.entities import (
    InMemoryAccountRepository,
    InMemoryCampaignRepository,
    InMemoryLeadRepository,
    InMemorySegmentRepository,
    InMemorySourceRepository,
    InMemoryTaskRepository,
)
from mimcore.memory.events import InMemoryInteractionRepository, InMemoryMergeRepository
from mimcore.memory.ledger import Ledger
from mimcore.memory.logs import InMemoryConsentRepository, InMemoryFreshnessRepository, InMemoryHistoryRepository
from mimcore.memory.memberships import InMemoryMembershipRepository
from mimcore.memory.quality import InMemoryQualityRepository
from mimcore.memory.records import InMemoryImportRepository, InMemoryOutboxRepository
from mimcore.memory.references import check_references
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables
from mimcore.repositories import ports
from mimcore.repositories.past.moment import Past
from mimcore.repositories.turn import ThreadTurn, Turn

__all__ = ["InMemoryBackend", "InMemoryTransaction"]


class InMemoryTransaction:
    """One transaction: the repositories, which see and write the same state.

    After it has ended, everything that is asked of it raises `ClosedError`.
    """

    past: Past | None = None

    def __init__(self, session: Session, tables: Tables, end: Callable[[], None]) -> None:
        """Begin.

        Args:
            session: Access to the tables.
            tables: The tables.
            end: Called once, when the transaction has ended.
        """
        self._session, self._tables, self._end = session, tables, end
        self.contacts: ports.ContactRepository = InMemoryContactRepository(session, tables)
        self.accounts: ports.AccountRepository = InMemoryAccountRepository(session, tables)
        self.leads: ports.LeadRepository = InMemoryLeadRepository(session, tables)
        self.segments: ports.SegmentRepository = InMemorySegmentRepository(session, tables)
        self.sources: ports.SourceRepository = InMemorySourceRepository(session, tables.sources, "source")
        self.campaigns: ports.CampaignRepository = InMemoryCampaignRepository(session, tables.campaigns, "campaign")
        self.tasks: ports.TaskRepository = InMemoryTaskRepository(session, tables)
        self.interactions: ports.InteractionRepository = InMemoryInteractionRepository(session, tables)
        self.freshness: ports.FreshnessRepository = InMemoryFreshnessRepository(session, tables)
        self.history: ports.HistoryRepository = InMemoryHistoryRepository(session, tables)
        self.consents: ports.ConsentRepository = InMemoryConsentRepository(session, tables)
        self.merges: ports.MergeRepository = InMemoryMergeRepository(session, tables)
        self.imports: ports.ImportRepository = InMemoryImportRepository(session, tables)
        self.outbox: ports.OutboxRepository = InMemoryOutboxRepository(session, tables)
        self.memberships: ports.MembershipRepository = InMemoryMembershipRepository(
            session, tables, self.contacts, self.outbox
        )
        self.audiences: ports.AudienceRepository = InMemoryAudienceRepository(session, tables)
        self.attributes: ports.AttributeRepository = InMemoryAttributeRepository(session, tables)
        self.quality: ports.QualityRepository = InMemoryQualityRepository(session, tables)

    def commit(self) -> None:
        """Let others see everything that was written, and end.

        Raises:
            ConflictError: If something refers to a record that is not there; everything is rolled back then.
            ClosedError: If the transaction has ended.
        """
        try:
            check_references(self._session, self._tables)
        except ConflictError:
            self.rollback()
            raise
        self._session.end(undo=False)
        self._end()

    def rollback(self) -> None:
        """Undo everything that was written, and end.

        Raises:
            ClosedError: If the transaction has ended.
        """
        self._session.end(undo=True)
        self._end()


class InMemoryBackend:
    """A store's engine that keeps everything in this process.

    One transaction writes at a time; another one that wants to write waits for it. Readers wait for nobody and keep
    seeing the state that was committed when they began. Every transaction must be ended by `commit` or `rollback`.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> from mimcore.repositories.ports import Query
        >>> backend = InMemoryBackend()
        >>> work = backend.begin()
        >>> work.contacts.add([Contact(country="DK", version=1)])
        >>> work.commit()
        >>> len(backend.begin(is_read_only=True).contacts.find(Query()))
        1
    """

    name = "memory"

    def __init__(
        self,
        *,
        wait_seconds: float = 30.0,
        half_lives: Mapping[str, float] | None = None,
        turn: Turn | None = None,
    ) -> None:
        """Start empty.

        Args:
            wait_seconds: How long a writer waits for another one before it gives up with a `StoreError`.
            half_lives: Half-life in days of pools, where it is not the default.
            turn: The queue of writers; one among threads unless given.
        """
        self._tables = Tables(half_lives=dict(half_lives or {}))
        self._ledger = Ledger()
        self._settings: dict[str, str] = {}
        self._turn: Turn = turn or ThreadTurn(wait_seconds)
        self._is_closed = False

    def begin(self, *, is_read_only: bool = False) -> InMemoryTransaction:
        """Open a transaction.

        Args:
            is_read_only: A reading one never waits for a writer and never blocks one.

        Raises:
            StoreError: If this thread is writing already, or another one writes for longer than `wait_seconds`.
            ClosedError: If the back end was closed.
        """
        self._require_open()
        if is_read_only:
            return InMemoryTransaction(Session(self._ledger, is_read_only=True), self._tables, _nothing)
        pass_on = self._turn.take()
        return InMemoryTransaction(Session(self._ledger, is_read_only=False), self._tables, pass_on)

    def setting(self, name: str) -> str | None:
        """Return a stored setting."""
        self._require_open()
        return self._settings.get(name)

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        self._require_open()
        self._settings[name] = value

    def add_setting(self, name: str, value: str) -> str:
        """Store a setting unless there is one, and return the one that stands."""
        self._require_open()
        return self._settings.setdefault(name, value)

    def close(self) -> None:
        """Let nothing begin any more; transactions that are open may end."""
        self._is_closed = True

    def _require_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the store is closed: connect again")


def _nothing() -> None:
    """A reader has nothing to pass on."""
