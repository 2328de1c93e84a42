"""What is known of a source's deliveries: which are done, up to which day, and which of those expected are missing.

Nothing is kept for it beside the imports: a delivery is an import whose file name begins with its day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from mimcore.capture.syncing.connectors import Connector, Delivery, Rhythm
from mimcore.display.numbers import count
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.repositories.records import ImportRecord, ImportStatus
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Missing", "SyncState", "label_of", "state_of"]

_LABEL = re.compile(r"(\d{4}-\d{2}-\d{2})/.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Missing:
    """A delivery that is expected and not there.

    Attributes:
        on: First day of its period.
        days_late: Days since it should have been there.
    """

    on: date
    days_late: int


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is known of a source's deliveries, as of a day.

    Attributes:
        watermark: The newest day of which a delivery is done, or None.
        missing: What is expected and not there, the oldest first.
        done: The newest import of every delivery, by label.
    """

    source: str
    today: date
    watermark: date | None
    missing: tuple[Missing, ...]
    done: Mapping[str, ImportRecord] = field(repr=False)

    def since(self, lookback_days: int) -> date | None:
        """Return the first day to ask for: what is missing, however old, and some days before the watermark.

        Args:
            lookback_days: Days before the watermark that are asked for again, for late and corrected deliveries.
        """
        if self.watermark is None:
            return None
        return min([self.watermark - timedelta(days=lookback_days), *(one.on for one in self.missing)])

    def table(self) -> Table:
        """What is missing, as a table."""
        rows = [(one.on.isoformat(), one.days_late) for one in self.missing]
        return Table.of(("expected for", "days late"), rows, title=self._title())

    def __str__(self) -> str:
        """The state in words, and what is missing."""
        late = [f"missing for {one.on}: {count(one.days_late)} days late" for one in self.missing]
        return "\n".join([self._title(), *late])

    def _title(self) -> str:
        reached = "nothing delivered yet" if self.watermark is None else f"delivered up to {self.watermark}"
        return f"{self.source} on {self.today}: {reached}, {len(self.missing)} missing"

    def _repr_html_(self) -> str:
        return fragment(self.table().html())


def label_of(delivery: Delivery) -> str:
    """Return the name under which a delivery is kept among the imports.

    Examples:
        >>> label_of(Delivery("crm.csv", date(2026, 3, 1), None))
        '2026-03-01/crm.csv'
    """
    return f"{delivery.on.isoformat()}/{delivery.name}"


def state_of(work: UnitOfWork, connector: Connector, today: date) -> SyncState:
    """Return what is known of a source's deliveries.

    Args:
        work: Open unit of work.
        connector: The connector.
        today: A local day.
    """
    done: dict[str, ImportRecord] = {}
    for record in work.transaction.imports.all():
        if record.source == connector.source and _LABEL.fullmatch(record.file_name):
            done[record.file_name] = record
    days = {_day(name) for name, one in done.items() if one.status is ImportStatus.FINISHED}
    missing = () if connector.rhythm is None else tuple(_missing(connector.rhythm, days, today))
    return SyncState(connector.source, today, max(days, default=None), missing, done)


def _day(label: str) -> date:
    return date.fromisoformat(label.partition("/")[0])


def _missing(rhythm: Rhythm, days: set[date], today: date) -> list[Missing]:
    there = {rhythm.period_of(one) for one in days}
    due = [one for one in rhythm.due(today) if one not in there]
    return [Missing(one, (today - one).days - rhythm.grace_days) for one in due]
