"""One SQL transaction: the repositories over one connection, committed or rolled back together."""

from __future__ import annotations

from collections.abc import Callable

from mimcore.errors import ClosedError
from mimcore.repositories import ports
from mimcore.repositories.past.moment import Past
from mimcore.sql.connection.wire import Wire
from mimcore.sql.repositories.attributes import SqlAttributeRepository
from mimcore.sql.repositories.audiences import SqlAudienceRepository
from mimcore.sql.repositories.contacts import SqlContactRepository
from mimcore.sql.repositories.entities import SqlAccountRepository
from mimcore.sql.repositories.events import SqlInteractionRepository
from mimcore.sql.repositories.evidence import SqlConsentRepository, SqlFreshnessRepository
from mimcore.sql.repositories.golden import SqlMergeRepository
from mimcore.sql.repositories.history import SqlHistoryRepository
from mimcore.sql.repositories.imports import SqlImportRepository
from mimcore.sql.repositories.memberships import SqlMembershipRepository
from mimcore.sql.repositories.outbox import SqlOutboxRepository
from mimcore.sql.repositories.quality import SqlQualityRepository
from mimcore.sql.repositories.work import (
    SqlCampaignRepository,
    SqlLeadRepository,
    SqlSegmentRepository,
    SqlSourceRepository,
    SqlTaskRepository,
)

__all__ = ["SqlTransaction"]


class SqlTransaction:
    """Repositories that see and write the same state. After the end everything asked of it raises `ClosedError`."""

    past: Past | None = None

    def __init__(self, wire: Wire, end: Callable[[], None]) -> None:
        """Stand over a connection on which a transaction has begun.

        Args:
            wire: The connection.
            end: Called once, when the transaction has ended.
        """
        self._wire, self._end = wire, end
        self.contacts: ports.ContactRepository = SqlContactRepository(wire)
        self.accounts: ports.AccountRepository = SqlAccountRepository(wire)
        self.leads: ports.LeadRepository = SqlLeadRepository(wire)
        self.segments: ports.SegmentRepository = SqlSegmentRepository(wire)
        self.sources: ports.SourceRepository = SqlSourceRepository(wire)
        self.campaigns: ports.CampaignRepository = SqlCampaignRepository(wire)
        self.tasks: ports.TaskRepository = SqlTaskRepository(wire)
        self.interactions: ports.InteractionRepository = SqlInteractionRepository(wire)
        self.freshness: ports.FreshnessRepository = SqlFreshnessRepository(wire)
        self.history: ports.HistoryRepository = SqlHistoryRepository(wire)
        self.consents: ports.ConsentRepository = SqlConsentRepository(wire)
        self.merges: ports.MergeRepository = SqlMergeRepository(wire)
        self.imports: ports.ImportRepository = SqlImportRepository(wire)
        self.outbox: ports.OutboxRepository = SqlOutboxRepository(wire)
        self.memberships: ports.MembershipRepository = SqlMembershipRepository(wire)
        self.audiences: ports.AudienceRepository = SqlAudienceRepository(wire)
        self.attributes: ports.AttributeRepository = SqlAttributeRepository(wire)
        self.quality: ports.QualityRepository = SqlQualityRepository(wire)

    def setting(self, name: str) -> str | None:
        """Return a stored setting of the database, as this transaction sees it."""
        return self._wire.setting(name)

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting of the database with this transaction."""
        self._wire.keep_setting(name, value)

    def add_setting(self, name: str, value: str) -> str:
        """Store a setting with this transaction unless there is one, and return the one that stands."""
        return self._wire.add_setting(name, value)

    def commit(self) -> None:
        """Make everything durable and end.

        Raises:
            ClosedError: If the transaction has ended.
            ConflictError: If a record refers to another one that does not exist; everything is undone then.
            StoreError: If the database could not commit; everything is undone then.
        """
        self._finish(self._wire.commit)

    def rollback(self) -> None:
        """Undo everything and end.

        Raises:
            ClosedError: If the transaction has ended.
        """
        self._finish(self._wire.rollback)

    def _finish(self, ending: Callable[[], None]) -> None:
        if not self._wire.is_open:
            raise ClosedError("the transaction has ended: begin another")
        try:
            ending()
        finally:
            self._end()
