"""SQL repositories of segments, sources, campaigns, leads, tasks: documents beside the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, literal_column, select

from mimcore.domain.campaign import Campaign, CampaignStatus
from mimcore.domain.lead import Lead, LeadStage
from mimcore.domain.segment import ListKind, Segment, list_name
from mimcore.domain.source import Source
from mimcore.domain.task import Task, TaskStatus
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.upsert import insert_or_ignore
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.repositories.entities import SqlRepository
from mimcore.sql.repositories.golden import count_for_golden, golden_ids
from mimcore.sql.rows.entity_mapping import document_mapping
from mimcore.sql.tables import schema_segments, schema_work

__all__ = [
    "SqlCampaignRepository",
    "SqlLeadRepository",
    "SqlSegmentRepository",
    "SqlSourceRepository",
    "SqlTaskRepository",
]

K = TypeVar("K", Segment, Source, Campaign)
F = TypeVar("F", bound=Lead | Task)


def _documents(table: Table, *conditions: Any, order: Any = None) -> Prepared:
    columns = (table.c.id, table.c.version, table.c.document)
    ordered = (table.c.id,) if order is None else (order, table.c.id)
    return Prepared(select(*columns).where(owned(table, *conditions)).order_by(*ordered))


class _KeyedRepository(SqlRepository[K]):
    def __init__(self, wire: Wire, model: type[K], kind: str) -> None:
        super().__init__(wire, document_mapping(model, wire.codec), kind)
        self._with_key = _WITH_KEY[self._mapping.table.name]

    def with_key(self, key: str) -> K | None:
        """Return the record of that key."""
        return self._one(self._with_key, key=key)


_WITH_KEY = {
    table.name: _documents(table, table.c.key == bindparam("key"))
    for table in (schema_segments.segment, schema_work.source, schema_work.campaign)
}


class SqlSourceRepository(_KeyedRepository[Source]):
    """The catalogue of sources."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table."""
        super().__init__(wire, Source, "source")

    def add_if_absent(self, source: Source) -> bool:
        """Store a source unless there is one of that key; tell whether it was stored."""
        return self._wire.write_rows(_ADD_SOURCE, [self._mapping.row(source, self._wire.tenant)]) == 1


class SqlCampaignRepository(_KeyedRepository[Campaign]):
    """Campaigns."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table."""
        super().__init__(wire, Campaign, "campaign")

    def active_on(self, day: date) -> list[Campaign]:
        """Return the campaigns whose period holds a local day, ordered by id; cancelled ones are never active."""
        return self._some(_ACTIVE_ON, day=self._wire.codec.put_date(day))


_ADD_SOURCE = Prepared(insert_or_ignore(schema_work.source), tuple(schema_work.source.c.keys()))
_campaign = schema_work.campaign.c
_ACTIVE_ON = _documents(
    schema_work.campaign,
    _campaign.start_on <= bindparam("day"),
    _campaign.end_on >= bindparam("day"),
    _campaign.status != CampaignStatus.CANCELLED.value,
)


class _FollowingRepository(SqlRepository[F]):
    """Records that count for a contact's golden record; contacts are locked before them, as a merge does."""

    _golden: Mapping[UUID, UUID]

    def add(self, entities: Sequence[F]) -> None:
        """Store new records; see `SqlRepository.add`."""
        self._golden = golden_ids(self._wire, [one.contact_id for one in entities if one.contact_id is not None])
        super().add(entities)

    def update(self, entities: Sequence[F]) -> None:
        """Replace records; see `SqlRepository.update`."""
        self._golden = golden_ids(self._wire, [one.contact_id for one in entities if one.contact_id is not None])
        super().update(entities)


class SqlTaskRepository(_FollowingRepository[Task]):
    """Tasks."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table."""
        super().__init__(wire, document_mapping(Task, wire.codec), "task")

    def due_before(self, day: date) -> list[Task]:
        """Return unfinished tasks due before a local day, the earliest first."""
        return self._some(_DUE_BEFORE, day=self._wire.codec.put_date(day))

    def _after_adding(self, entities: Sequence[Task]) -> None:  # noqa: ARG002 - for whom they count was asked before
        count_for_golden(self._wire, schema_work.task, self._golden)

    _after_updating = _after_adding


_task = schema_work.task.c
_DUE_BEFORE = _documents(
    schema_work.task,
    _task.due_on < bindparam("day"),
    _task.status != TaskStatus.DONE.value,
    _task.status != TaskStatus.CANCELLED.value,
    order=_task.due_on,
)


class SqlLeadRepository(_FollowingRepository[Lead]):
    """Leads."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table."""
        super().__init__(wire, document_mapping(Lead, wire.codec), "lead")

    def in_stage(self, stage: LeadStage) -> list[Lead]:
        """Return the leads that stand in a stage, ordered by id."""
        return self._some(_IN_STAGE, stage=stage.value)

    def of_contact(self, contact_id: UUID) -> list[Lead]:
        """Return the leads that count for a contact, ordered by id."""
        return self._some(_OF_CONTACT, contact=self._wire.codec.put_id(contact_id))

    def _after_adding(self, entities: Sequence[Lead]) -> None:  # noqa: ARG002 - for whom they count was asked before
        count_for_golden(self._wire, schema_work.lead, self._golden)

    _after_updating = _after_adding


_lead = schema_work.lead.c
_IN_STAGE = _documents(schema_work.lead, _lead.stage == bindparam("stage"))
_OF_CONTACT = _documents(schema_work.lead, _lead.contact_id == bindparam("contact"))


class SqlSegmentRepository(_KeyedRepository[Segment]):
    """Segments, and the lists of static ones."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table."""
        super().__init__(wire, Segment, "segment")

    def stamp(self) -> tuple[int, int]:
        """Return how many segments there are, and the sum of their versions."""
        ((count, versions),) = self._wire.rows(_STAMP)
        return int(count), int(versions)

    def versions(self) -> dict[UUID, int]:
        """Return the version of every segment."""
        get_id = self._wire.codec.get_id
        return {get_id(key): version for key, version in self._wire.rows(_VERSIONS)}

    def put_on(self, segment_id: UUID, contact_ids: Iterable[UUID], kind: ListKind = "list") -> None:
        """Put contacts on a list of a segment; those already on it stay."""
        put = self._wire.codec.put_id
        rows = [(self._wire.tenant, put(segment_id), kind, put(one)) for one in contact_ids]
        self._wire.write_many(_PUT_ON, rows)

    def take_off(self, segment_id: UUID, contact_ids: Iterable[UUID], kind: ListKind = "list") -> None:
        """Take contacts off a list of a segment."""
        self._wire.write_ids(_TAKE_OFF, contact_ids, segment=self._wire.codec.put_id(segment_id), kind=kind)

    def lists_of(self, contact_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
        """Return the names of the lists that each contact is on; an empty set where there is none."""
        wanted = list(contact_ids)
        found: dict[UUID, set[str]] = {one: set() for one in wanted}
        for raw_id, key, kind in self._wire.rows_of_ids(_LISTS_OF, wanted):
            found[self._wire.codec.get_id(raw_id)].add(list_name(key, kind))
        return {one: frozenset(keys) for one, keys in found.items()}


_member, _segment = schema_segments.segment_member, schema_segments.segment
_STAMP = Prepared(
    select(func.count(), func.coalesce(func.sum(_segment.c.version), literal_column("0"))).where(owned(_segment))
)
_VERSIONS = Prepared(select(_segment.c.id, _segment.c.version).where(owned(_segment)))
_PUT_ON = Prepared(insert_or_ignore(_member), tuple(_member.c.keys()))
_TAKE_OFF = Prepared(
    delete(_member).where(
        owned(
            _member,
            _member.c.segment_id == bindparam("segment"),
            _member.c.kind == bindparam("kind"),
            in_ids(_member.c.contact_id, "ids"),
        )
    )
)
_LISTS_OF = Prepared(
    select(_member.c.contact_id, _segment.c.key, _member.c.kind)
    .join_from(_member, _segment, (_segment.c.tenant == _member.c.tenant) & (_segment.c.id == _member.c.segment_id))
    .where(owned(_member, in_ids(_member.c.contact_id, "ids")))
)
