"""What comes into a store from outside: files and frames, deliveries of a source, forms on a web site."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mimcore.capture.importing.plan import ImportPlan, plan_import
from mimcore.capture.syncing.connectors import Connector
from mimcore.capture.syncing.state import SyncState
from mimcore.capture.syncing.sync import Synced, sync, sync_state
from mimcore.capture.web.capturing import Captured
from mimcore.capture.web.storing import CaptureResult, store_captured
from mimcore.store.ticking import Ticking

__all__ = ["Intake"]


class Intake(Ticking):
    """The part of a store that takes data in."""

    def plan_import(self, data: Any, *, source: str, **options: Any) -> ImportPlan:
        """Plan an import: what it would create, update, leave, suppress and reject; nothing is written yet.

        Args:
            data: Path of a CSV file, a data frame, or a list of dicts.
            source: Key of the source that the rows come from.
            **options: See `mimcore.capture.plan_import`.
        """
        return plan_import(self, data, source=source, **options)

    def sync(self, connector: Connector, *, lookback_days: int = 7, now: datetime | None = None) -> Synced:
        """Take over what a source has delivered since the last time; repeatable, each delivery an import.

        Args:
            connector: Brings the deliveries; `mim.folder_connector` is one for folders of dated files.
            lookback_days: Days before the newest delivery that are asked for again, for late and corrected ones.
            now: Instant as of which a delivery is missing; the store's clock unless given.

        Returns:
            What became of every delivery, and which of those expected are missing.

        Raises:
            CaptureError: If the source cannot be asked.
        """
        return sync(self, connector, lookback_days=lookback_days, now=now)

    def sync_state(self, connector: Connector, *, now: datetime | None = None) -> SyncState:
        """Return up to which day a source has delivered and what is missing, without asking it.

        Args:
            connector: Says the source and how often it is expected to deliver.
            now: Instant as of which a delivery is missing; the store's clock unless given.
        """
        return sync_state(self, connector, now=now)

    def capture(self, captured: Captured) -> CaptureResult:
        """Store a captured lead: contact, consents, lead, the sending of the form, and the visitor's history.

        A contact who is known has only filled in what was missing; what differs stays and is told. The same submission
        is stored once.

        Args:
            captured: What `mim.capture_lead` returned.

        Raises:
            InvalidValueError: If the store has not declared a custom attribute of the form.
            DuplicateKeyError: If the submission id stands for another event.
        """
        return store_captured(self, captured)
