"""Rules of quality of a store: declaring them, checking them, and looking at what came out over time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from mimcore.domain.contact import Contact
from mimcore.domain.quality_rules import QualityRule
from mimcore.frames.making import framed
from mimcore.quality.checks.evaluating import failing
from mimcore.quality.checks.report import QualityReport, QualityTrend
from mimcore.quality.checks.running import declare_rules, report_of, rule_named, run_checks, withdraw_rule
from mimcore.repositories.origin import Moment
from mimcore.values.arguments import whole_number

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["QualityChecks"]


class QualityChecks:
    """Rules of quality, and what came out of them."""

    _store: Store

    def declare(self, *rules: QualityRule) -> tuple[QualityRule, ...]:
        """Store rules of quality, all or none.

        Declaring the same again changes nothing, so an application may do it whenever it starts; a changed rule
        replaces the one of its key.

        Args:
            *rules: What `mim.QualityRule.complete(...)` and its like made, or `mim.default_quality_rules()`.

        Returns:
            The rules as they are stored.

        Raises:
            UnknownFieldError: If one mentions a field that is not declared, with the nearest name.
            NotFoundError: If one mentions a segment that is not stored.
            InvalidValueError: If two have one key.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> (rule,) = store.quality.declare(mim.QualityRule.unique("one-address-one-person", "email"))
            >>> rule.version, store.quality.check().has_passed
            (1, True)
        """
        return declare_rules(self._store, rules)

    def rules(self) -> tuple[QualityRule, ...]:
        """Return the stored rules, in order of their keys."""
        with self._store.read() as work:
            return tuple(work.transaction.quality.rules())

    def withdraw(self, key: str) -> QualityRule:
        """Remove a rule; its open task is cancelled, its results stay.

        Args:
            key: Key of the rule.

        Raises:
            NotFoundError: If there is none, with the nearest one.
        """
        return withdraw_rule(self._store, key)

    def check(
        self,
        *,
        only: Iterable[str] | None = None,
        record: bool = True,
        keep_days: int | None = None,
        now: datetime | None = None,
    ) -> QualityReport:
        """Evaluate the rules of quality, store what came out, and let tasks follow.

        Each rule that fails has one open task, whoever checks, and however often. Everything is evaluated on one
        committed state; writers wait only while results are stored.

        Args:
            only: Keys of the rules to check; all unless given.
            record: Whether results and tasks are written.
            keep_days: Results older than that are removed; all are kept unless given.
            now: Instant of evaluation; the store's clock unless given.

        Returns:
            A report that prints itself, the worst first.
        """
        return run_checks(self._store, only=only, is_recorded=record, now=now, keep_days=keep_days, framer=framed)

    def failing(self, key: str, *, limit: int = 100, now: datetime | None = None) -> tuple[Contact, ...]:
        """Return the contacts who do not pass a rule, ordered by id.

        Args:
            key: Key of the rule.
            limit: At most so many.
            now: Instant of evaluation; the store's clock unless given.

        Raises:
            NotFoundError: If there is no such rule.
        """
        limit = whole_number(limit, "limit", "give 1 or more")
        with self._store.read() as work:
            at = work.origin.asked_at(now)
            return tuple(islice(failing(work, rule_named(work, key), at), limit))

    def last_check(self, *, as_of: Moment | None = None) -> QualityReport:
        """Return the newest recorded result of every rule, as of any day.

        Args:
            as_of: Day or instant; now unless given. A date means the end of that day in the store's zone.
        """
        with self._store.read() as work:
            at = self._store.now() if as_of is None else work.origin.moment(as_of, "as_of")
            return report_of(work.transaction.quality.latest(until=at), at, framed)

    def check_trend(self, key: str, *, days: float | None = None) -> QualityTrend:
        """Return what came out of a rule over time; also of one that was withdrawn.

        Args:
            key: Key of the rule.
            days: How far back; all recorded results unless given.

        Raises:
            NotFoundError: If there neither is nor was a rule of that key, with the nearest one.
        """
        since = None if days is None else self._store.now() - timedelta(days=days)
        with self._store.read() as work:
            results = tuple(work.transaction.quality.results(rule=key, since=since))
            if not results and not work.transaction.quality.results(rule=key):
                rule_named(work, key)
            return QualityTrend(key, results, framed)
