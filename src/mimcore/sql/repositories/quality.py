"""Rules of quality, their results, and marks on the queue, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from mimcore.domain.quality_rules import Dimension, QualityRule, Severity
from mimcore.errors import StaleVersionError
from mimcore.repositories.quality_port import QualityResult, QueueMark
from mimcore.sql.connection.named_locks import lock_name
from mimcore.sql.connection.statements import owned, read_columns
from mimcore.sql.connection.upsert import insert_or_ignore, insert_or_replace
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.rows.record_mapping import RecordMapping, record_mapping
from mimcore.sql.tables.schema_work import quality_result as _result
from mimcore.sql.tables.schema_work import quality_rule as _rule
from mimcore.sql.tables.schema_work import queue_mark as _mark
from mimcore.values.instants import EARLIEST, LATEST

__all__ = ["SqlQualityRepository"]


class SqlQualityRepository:
    """Rules of quality, their results, and marks on the queue."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._results: RecordMapping[QualityResult] = record_mapping(
            _result, QualityResult, wire.codec, enums={"dimension": Dimension, "severity": Severity}
        )
        self._marks: RecordMapping[QueueMark] = record_mapping(_mark, QueueMark, wire.codec)

    def rules(self) -> list[QualityRule]:
        """Return all rules, in order of their keys."""
        read = self._wire.codec.get_json
        return [QualityRule(**read(document), version=version) for version, document in self._wire.rows(_RULES)]

    def put_rule(self, rule: QualityRule) -> None:
        """Store a rule: version 1 is new, a later one replaces the version before it.

        Raises:
            StaleVersionError: If somebody else declared it, or changed it, meanwhile.
        """
        wire = self._wire
        document = wire.codec.put_json(rule.model_dump(mode="json", exclude_none=True, exclude={"version"}))
        if rule.version == 1:
            touched = wire.write_rows(_ADD_RULE, [(wire.tenant, rule.key, 1, document)])
        else:
            touched = wire.write_rows(_CHANGE_RULE, [(rule.version, document, wire.tenant, rule.key, rule.version - 1)])
        if not touched:
            raise StaleVersionError(f"the quality rule '{rule.key}' was declared in the meantime: read it again")

    def drop_rule(self, key: str) -> None:
        """Remove a rule; its results stay."""
        self._wire.write(_DROP_RULE, key=key)

    def lock(self) -> None:
        """Let nobody else store results or marks until the transaction ends."""
        lock_name(self._wire, f"mimcore quality {self._wire.tenant}")

    def add_results(self, results: Sequence[QualityResult]) -> None:
        """Store results; those of a rule that has one of the same instant stay as they are."""
        self._wire.write_many(_ADD_RESULT, self._results.rows(results, self._wire.tenant))

    def results(
        self, *, rule: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[QualityResult]:
        """Return results, oldest first, then by key."""
        span = {"since": self._put(since or EARLIEST), "until": self._put(until or LATEST)}
        rows = self._wire.rows(_ALL, **span) if rule is None else self._wire.rows(_OF_RULE, rule=rule, **span)
        return list(map(self._results.record, rows))

    def latest(self, until: datetime | None = None) -> list[QualityResult]:
        """Return the newest result of every rule that ever had one, by key."""
        return list(map(self._results.record, self._wire.rows(_NEWEST, until=self._put(until or LATEST))))

    def forget_results(self, before: datetime) -> int:
        """Remove results that are older than an instant, and return how many."""
        return self._wire.write(_FORGET, before=self._put(before))

    def marks(self) -> list[QueueMark]:
        """Return all marks, in order of their items."""
        return list(map(self._marks.record, self._wire.rows(_MARKS)))

    def put_mark(self, mark: QueueMark) -> None:
        """Store a mark; the one of the same item is replaced."""
        self._wire.write_many(_PUT_MARK, [self._marks.row(mark, self._wire.tenant)])

    def _put(self, instant: datetime) -> object:
        return self._wire.codec.put_instant(instant)


_RULES = Prepared(select(_rule.c.version, _rule.c.document).where(owned(_rule)).order_by(_rule.c.key))
_ADD_RULE = Prepared(insert_or_ignore(_rule), tuple(_rule.c.keys()))
_CHANGE_RULE = Prepared(
    update(_rule)
    .where(owned(_rule, _rule.c.key == bindparam("at_key"), _rule.c.version == bindparam("at_version")))
    .values(version=bindparam("new_version"), document=bindparam("new_document"))
)
_DROP_RULE = Prepared(delete(_rule).where(owned(_rule, _rule.c.key == bindparam("key"))))
_ADD_RESULT = Prepared(insert_or_ignore(_result), tuple(_result.c.keys()))
_within = owned(_result, _result.c.at >= bindparam("since"), _result.c.at <= bindparam("until"))
_results = select(*read_columns(_result)).order_by(_result.c.at, _result.c.rule)
_ALL = Prepared(_results.where(_within))
_OF_RULE = Prepared(_results.where(_within, _result.c.rule == bindparam("rule")))
_last = (
    select(_result.c.rule, func.max(_result.c.at).label("at"))
    .where(owned(_result, _result.c.at <= bindparam("until")))
    .group_by(_result.c.rule)
    .subquery()
)
_NEWEST = Prepared(
    select(*read_columns(_result))
    .join_from(_result, _last, (_last.c.rule == _result.c.rule) & (_last.c.at == _result.c.at))
    .where(owned(_result))
    .order_by(_result.c.rule)
)
_FORGET = Prepared(delete(_result).where(owned(_result, _result.c.at < bindparam("before"))))
_MARKS = Prepared(select(*read_columns(_mark)).where(owned(_mark)).order_by(_mark.c.item))
_PUT_MARK = Prepared(insert_or_replace(_mark), tuple(_mark.c.keys()))
