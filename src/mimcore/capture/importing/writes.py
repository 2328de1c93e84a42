"""What an import writes: rows settled against the store, then stored in few calls, versions in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.rejects import Reject
from mimcore.capture.importing.rows import Clamp
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.repositories.records import Outcome, RowOutcome
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["RowImport", "Settled", "Write", "write_all"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a row."""

    number: int
    line: int
    outcome: Outcome
    entity_id: UUID | None = None
    reject: Reject | None = None

    @classmethod
    def refused(cls, reject: Reject) -> Settled:
        """Return the outcome of a refused row."""
        return cls(reject.row, reject.line, Outcome.REJECTED, None, reject)

    def outcome_of(self, import_id: UUID) -> RowOutcome:
        """Return what the store keeps of it: place and reason, no value."""
        if self.reject is None:
            return RowOutcome(import_id, self.number, self.line, self.outcome, self.entity_id)
        first = self.reject.problems[0]
        return RowOutcome(
            import_id, self.number, self.line, self.outcome, None, first.column, first.code, first.reason, first.remedy
        )


class RowImport(Protocol):
    """One kind of rows: reads them, settles them against a store (reading only), then stores what was settled."""

    def read(self, number: int, row: Row, clamp: Clamp, observed_at: datetime | None) -> Any:
        """Read one row: a candidate, or a reject. The store is not asked."""
        ...

    def settle(self, work: UnitOfWork, items: Sequence[Any]) -> list[Settled]:
        """Decide what becomes of rows, knowing the store and the rows settled before. Nothing is written."""
        ...

    def set_aside(self) -> None:
        """Give memory free after a batch that is not to be written; later batches still see what its rows say."""
        ...

    def store(self, work: UnitOfWork) -> None:
        """Write what was settled."""
        ...


@dataclass(frozen=True, slots=True)
class Write:
    """One new version of a record; `old` is None for a new one."""

    old: Entity | None = field(repr=False)
    new: Entity = field(repr=False)
    observed_at: datetime | None


def write_all(work: UnitOfWork, writes: Iterable[Write]) -> None:
    """Store new versions, each with the time at which it was observed.

    Records that change several times get a version each, in order; accounts come before the contacts that link to them.

    Args:
        work: The open unit of work.
        writes: In order of rows.
    """
    recorder = work.recorder
    for wave in _waves(writes):
        seen_at = {one.new.id: one.observed_at for one in wave}
        if created := [one.new for one in wave if one.old is None]:
            recorder.created(created, work.origin, seen_at=seen_at)
        for kind in (Account, Contact):
            pairs: list[tuple[Any, Any]] = [(one.old, one.new) for one in wave if one.old and isinstance(one.new, kind)]
            recorder.changed(pairs, work.origin, seen_at=seen_at)


def _waves(writes: Iterable[Write]) -> list[list[Write]]:
    """Part writes so that no record occurs twice in one wave and its versions stand in order."""
    waves: list[list[Write]] = []
    depth: dict[UUID, int] = {}
    for one in writes:
        level = depth.get(one.new.id, -1) + 1
        depth[one.new.id] = level
        if level == len(waves):
            waves.append([])
        waves[level].append(one)
    return waves
