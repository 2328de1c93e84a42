"""Taking over what a source has delivered since the last time: in the order of days, each delivery an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from mimcore.capture.importing.plan import plan_import
from mimcore.capture.reading.row_source import NamedRows
from mimcore.capture.reading.tabular import as_text_rows
from mimcore.capture.syncing.connectors import Connector, Delivery
from mimcore.capture.syncing.state import SyncState, label_of, state_of
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.errors import InvalidValueError, MimcoreError
from mimcore.repositories.records import ImportRecord, ImportStatus, Outcome
from mimcore.repositories.workspace import Workspace, asked_at
from mimcore.values.instants import day_of

__all__ = ["DeliveryOutcome", "Synced", "Taken", "sync", "sync_state"]


class DeliveryOutcome(StrEnum):
    """What became of a delivery."""

    TAKEN = "taken"
    CORRECTED = "corrected"
    """It was taken over before, and has other rows now."""
    UNCHANGED = "unchanged"
    """It was taken over before."""
    UNDONE = "undone"
    """It was taken back by hand, and stays so."""
    FAILED = "failed"
    """It cannot be read; what comes after it waits."""
    WAITING = "waiting"
    """One before it failed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery and what became of it.

    Attributes:
        days_late: Days after the day that it is for, beyond the rhythm's grace; 0 in time.
        counts: Rows by outcome.
        import_id: Give it to `store.imports.undo`; None where nothing was imported.
        reason: Why it failed; empty otherwise.
    """

    name: str
    on: date
    outcome: DeliveryOutcome
    days_late: int = 0
    counts: Mapping[str, int] | None = None
    import_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a synchronisation did. Prints itself.

    Attributes:
        since: First day that was asked for; None for everything.
        deliveries: What was delivered, by day.
        state: What is known now: the watermark, and what is missing.
    """

    since: date | None
    deliveries: tuple[Taken, ...]
    state: SyncState

    @property
    def changed_nothing(self) -> bool:
        """Whether there was nothing new."""
        return not any(one.outcome in {DeliveryOutcome.TAKEN, DeliveryOutcome.CORRECTED} for one in self.deliveries)

    @property
    def failed(self) -> tuple[Taken, ...]:
        """Deliveries that cannot be read."""
        return tuple(one for one in self.deliveries if one.outcome is DeliveryOutcome.FAILED)

    def table(self) -> Table:
        """The deliveries as a table."""
        rows = [
            (one.on.isoformat(), one.name, one.outcome.value, one.days_late or "", _told(one.counts or {}))
            for one in self.deliveries
        ]
        return Table.of(("for", "delivery", "outcome", "days late", "rows"), rows, title="Deliveries")

    def __str__(self) -> str:
        """The deliveries, and what is missing."""
        reasons = [f"{one.name}: {one.reason}" for one in self.failed]
        return "\n".join([*([str(self.table())] if self.deliveries else []), *reasons, str(self.state)])

    def _repr_html_(self) -> str:
        return fragment(self.table().html() + self.state.table().html())


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[one]} {one.value}" for one in Outcome if counts.get(one))


def sync_state(workspace: Workspace, connector: Connector, *, now: datetime | None = None) -> SyncState:
    """Return what is known of a source's deliveries, without asking it.

    Args:
        workspace: The store.
        connector: The connector.
        now: Instant as of which something is missing; the store's clock unless given.
    """
    with workspace.read() as work:
        return state_of(work, connector, _today(workspace, now))


def sync(workspace: Workspace, connector: Connector, *, lookback_days: int = 7, now: datetime | None = None) -> Synced:
    """Take over what a source has delivered: repeatable, and safe to stop anywhere.

    It is asked for everything since the watermark less `lookback_days`, and since the oldest delivery that is missing.
    What was taken over already is left alone, what has other rows than before is taken over as a correction, what was
    taken back stays so. If one cannot be read, those after it wait, so that nothing is passed over.

    Args:
        workspace: The store.
        connector: The connector.
        lookback_days: Days before the watermark that are asked for again.
        now: Instant as of which something is missing; the store's clock unless given.

    Raises:
        CaptureError: If the source cannot be asked.
        InvalidValueError: If two deliveries of a day have one name.
    """
    if not hasattr(connector, "pull"):
        raise InvalidValueError(
            "connector", "is no connector", "for a folder of files give mim.folder_connector(folder, source=…)"
        )
    if lookback_days < 0:
        raise InvalidValueError("lookback_days", "is negative", "give 0 or more")
    today = _today(workspace, now)
    before = sync_state(workspace, connector, now=now)
    since = before.since(lookback_days)
    taken: list[Taken] = []
    for delivery in _in_order(connector, since):
        has_failed = any(one.outcome is DeliveryOutcome.FAILED for one in taken)
        waiting = Taken(delivery.name, delivery.on, DeliveryOutcome.WAITING)
        known = before.done.get(label_of(delivery))
        taken.append(waiting if has_failed else _taken(workspace, connector, delivery, known, today))
    return Synced(since, tuple(taken), sync_state(workspace, connector, now=now))


def _today(workspace: Workspace, now: datetime | None) -> date:
    return day_of(asked_at(workspace, now), workspace.zone, "now")


def _in_order(connector: Connector, since: date | None) -> list[Delivery]:
    found = [one for one in connector.pull(since) if since is None or one.on >= since]
    if len({label_of(one) for one in found}) < len(found):
        raise InvalidValueError("deliveries", "of one day share a name", "name each of them differently")
    return sorted(found, key=lambda one: (one.on, one.name))


def _taken(
    workspace: Workspace, connector: Connector, delivery: Delivery, known: ImportRecord | None, today: date
) -> Taken:
    name, on = delivery.name, delivery.on
    if known is not None and known.status is ImportStatus.UNDONE:
        return Taken(name, on, DeliveryOutcome.UNDONE)
    try:
        rows = NamedRows(as_text_rows(delivery.data), label_of(delivery))
        options: dict[str, Any] = {"observed_at": on, **connector.options}
        plan = plan_import(workspace, rows, source=connector.source, **options)
        if plan.is_finished:
            return Taken(name, on, DeliveryOutcome.UNCHANGED)
        result = plan.apply()
    except MimcoreError as error:
        return Taken(name, on, DeliveryOutcome.FAILED, reason=str(error))
    is_correction = known is not None and known.status is ImportStatus.FINISHED
    outcome = DeliveryOutcome.CORRECTED if is_correction else DeliveryOutcome.TAKEN
    grace = 0 if connector.rhythm is None else connector.rhythm.grace_days
    late = 0 if is_correction else max(0, (today - on).days - grace)
    return Taken(name, on, outcome, late, dict(result.counts), result.id)
