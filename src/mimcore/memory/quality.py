"""Rules of quality, their results, and marks on the queue, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mimcore.domain.quality_rules import QualityRule
from mimcore.errors import StaleVersionError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables
from mimcore.repositories.quality_port import QualityResult, QueueMark, is_of, newest

__all__ = ["InMemoryQualityRepository"]


class InMemoryQualityRepository:
    """Rules of quality, their results, and marks on the queue."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def rules(self) -> list[QualityRule]:
        """Return all rules, in order of their keys."""
        return [one for _, one in sorted(self._session.rows(self._tables.quality_rules).items())]

    def put_rule(self, rule: QualityRule) -> None:
        """Store a rule: version 1 is new, a later one replaces the version before it.

        Raises:
            StaleVersionError: If somebody else declared it, or changed it, meanwhile.
        """
        stored = self._session.get(self._tables.quality_rules, rule.key)
        if (0 if stored is None else stored.version) != rule.version - 1:
            raise StaleVersionError(f"the quality rule '{rule.key}' was declared in the meantime: read it again")
        self._session.put(self._tables.quality_rules, rule.key, rule)

    def drop_rule(self, key: str) -> None:
        """Remove a rule; its results stay."""
        if self._session.get(self._tables.quality_rules, key) is not None:
            self._session.drop(self._tables.quality_rules, key)

    def lock(self) -> None:
        """Nobody else writes anyway."""
        self._session.writing()

    def add_results(self, results: Sequence[QualityResult]) -> None:
        """Store results; those of a rule that has one of the same instant stay as they are."""
        for one in results:
            key = (one.rule, one.at)
            if self._session.get(self._tables.quality_results, key) is None:
                self._session.put(self._tables.quality_results, key, one)

    def results(
        self, *, rule: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[QualityResult]:
        """Return results, oldest first, then by key."""
        stored = self._session.rows(self._tables.quality_results).values()
        return sorted((one for one in stored if is_of(one, rule, since, until)), key=lambda one: (one.at, one.rule))

    def latest(self, until: datetime | None = None) -> list[QualityResult]:
        """Return the newest result of every rule that ever had one, by key."""
        return newest(self.results(until=until))

    def forget_results(self, before: datetime) -> int:
        """Remove results that are older than an instant, and return how many."""
        gone = [key for key in self._session.rows(self._tables.quality_results) if key[1] < before]
        for key in gone:
            self._session.drop(self._tables.quality_results, key)
        return len(gone)

    def marks(self) -> list[QueueMark]:
        """Return all marks, in order of their items."""
        return [one for _, one in sorted(self._session.rows(self._tables.queue_marks).items())]

    def put_mark(self, mark: QueueMark) -> None:
        """Store a mark; the one of the same item is replaced."""
        self._session.put(self._tables.queue_marks, mark.item, mark)
