"""Accounts, interactions and the aggregates that are kept as documents ↔ rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Table

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.catalogue import ACCOUNT_FIELDS, EVENT_FIELDS
from mimcore.domain.contact import ExternalId
from mimcore.domain.declaring.entity import Entity, as_stored
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.vocabularies import RecordStatus
from mimcore.sql.rows.blocks import blocks_of
from mimcore.sql.rows.codec import Codec
from mimcore.sql.rows.custom_cells import custom_cells, custom_values
from mimcore.sql.tables import schema, schema_segments, schema_work
from mimcore.values.construct import built, template
from mimcore.values.mapping import FrozenMapping

__all__ = [
    "AccountMapping",
    "DocumentMapping",
    "InteractionMapping",
    "account_mapping",
    "document_mapping",
    "interaction_mapping",
]

E = TypeVar("E", bound=Entity)


class AccountMapping:
    """The two plain functions of the account, for one driver."""

    table = schema.account

    def __init__(self, codec: Codec) -> None:
        """Prepare slots for a driver.

        Args:
            codec: The driver's primitives.
        """
        self._codec, self._defaults = codec, template(Account)
        self._blocks = blocks_of(Account, ACCOUNT_FIELDS, codec)
        self.written = tuple(self.table.c.keys())
        self._head = ("id", "version", "status", "parent_id", "external_ids", "custom")
        self.read = (*self._head, *(name for block in self._blocks for name in block.columns))

    def row(self, entity: Account, tenant: str) -> tuple[Any, ...]:
        """Return the values of the columns in `written`."""
        codec = self._codec
        parent = codec.put_optional_id(entity.parent_id)
        out: list[Any] = [tenant, codec.put_id(entity.id), entity.version, entity.status.value, parent]
        for block in self._blocks:
            block.put(entity, out)
        pairs = [[one.source, one.value] for one in entity.external_ids]
        out += (codec.put_json(pairs) if pairs else None, *custom_cells(entity.custom, codec))
        return tuple(out)

    def entity(self, row: Any) -> Account:
        """Return the account of a row with the columns in `read`."""
        codec = self._codec
        raw_id, version, status, parent, pairs, custom = row[:6]
        found: dict[str, Any] = {"id": codec.get_id(raw_id), "version": version, "status": RecordStatus(status)}
        at = len(self._head)
        for block in self._blocks:
            cells, at = row[at : at + len(block.columns)], at + len(block.columns)
            found |= {block.holder: block.group(cells)} if block.holder else block.values(cells)
        if parent is not None:
            found["parent_id"] = codec.get_id(parent)
        if pairs is not None:
            found["external_ids"] = tuple(ExternalId(source=one[0], value=one[1]) for one in codec.get_json(pairs))
        if custom is not None:
            found["custom"] = custom_values(codec.get_json(custom))
        return built(Account, {**self._defaults, **found}, set(found))


class InteractionMapping:
    """The two plain functions of the interaction, for one driver."""

    table = schema.interaction

    def __init__(self, codec: Codec) -> None:
        """Prepare slots for a driver.

        Args:
            codec: The driver's primitives.
        """
        self._codec, self._defaults = codec, template(Interaction)
        (self._block,) = blocks_of(Interaction, EVENT_FIELDS, codec)
        self.written = tuple(self.table.c.keys())
        head = ("id", "record_id", "account_id", "visitor_id", "source", "recorded_at", "properties")
        self.read = (*head, *self._block.columns)

    def row(self, event: Interaction, tenant: str, golden_id: UUID) -> tuple[Any, ...]:
        """Return the values of the columns in `written`.

        Args:
            event: The interaction.
            tenant: Whose it is.
            golden_id: The contact that it counts for.
        """
        codec = self._codec
        account = codec.put_optional_id(event.account_id)
        ids = (codec.put_id(event.id), codec.put_id(golden_id), codec.put_id(event.contact_id), account)
        recorded = None if event.recorded_at is None else codec.put_instant(event.recorded_at)
        out: list[Any] = [tenant, *ids, event.visitor_id, event.source, recorded]
        self._block.put(event, out)
        out.append(codec.put_json(event.properties) if event.properties else None)
        return tuple(out)

    def event(self, row: Any) -> Interaction:
        """Return the interaction of a row with the columns in `read`, under the contact it was recorded for."""
        codec = self._codec
        raw_id, record_id, account, visitor, source, recorded, properties = row[:7]
        found = self._block.values(row[7:])
        found |= {"id": codec.get_id(raw_id), "contact_id": codec.get_id(record_id), "source": source}
        if account is not None:
            found["account_id"] = codec.get_id(account)
        if visitor is not None:
            found["visitor_id"] = visitor
        if recorded is not None:
            found["recorded_at"] = codec.get_instant(recorded)
        if properties is not None:
            found["properties"] = FrozenMapping(codec.get_json(properties))
        return built(Interaction, {**self._defaults, **found}, set(found))


@dataclass(frozen=True)
class DocumentMapping(Generic[E]):
    """An aggregate kept as one JSON document beside the few columns that are asked for."""

    table: Table
    model: type[E]
    codec: Codec
    asked: Callable[[E, Codec], tuple[Any, ...]]

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that are written, in order."""
        return tuple(self.table.c.keys())

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read."""
        return ("id", "version", "document")

    def row(self, entity: E, tenant: str) -> tuple[Any, ...]:
        """Return the values of the columns in `written`."""
        document = entity.model_dump(mode="json", exclude={"id", "version"})
        asked = self.asked(entity, self.codec)
        return (tenant, self.codec.put_id(entity.id), entity.version, *asked, self.codec.put_json(document))

    def entity(self, row: Any) -> E:
        """Return the entity of a row with the columns in `read`, validated: rules in documents are parsed again."""
        raw_id, version, document = row
        values = self.codec.get_json(document)
        whole = {**values, "id": self.codec.get_id(raw_id), "version": version}
        with as_stored():
            return self.model.model_validate(whole)


def _segment(one: Segment, _: Codec) -> tuple[Any, ...]:
    return one.key, one.is_dynamic, one.is_archived


def _source(one: Source, _: Codec) -> tuple[Any, ...]:
    return one.key, one.block.value


def _campaign(one: Campaign, codec: Codec) -> tuple[Any, ...]:
    days = (None, None) if one.runs is None else (codec.put_date(one.runs.start_on), codec.put_date(one.runs.end_on))
    return one.key, one.status.value, *days


def _lead(one: Lead, codec: Codec) -> tuple[Any, ...]:
    contact, channel = codec.put_id(one.contact_id), None if one.channel is None else one.channel.value
    asked = (one.stage.value, codec.put_instant(one.captured_at), channel)
    return contact, contact, *asked, one.source, one.campaign, one.owner, one.score


def _task(one: Task, codec: Codec) -> tuple[Any, ...]:
    contact = codec.put_optional_id(one.contact_id)
    return one.status.value, codec.put_optional_date(one.due_on), one.assignee, one.campaign, contact, contact


_ASKED: Mapping[type[Entity], tuple[Table, Callable[..., tuple[Any, ...]]]] = {
    Segment: (schema_segments.segment, _segment),
    Source: (schema_work.source, _source),
    Campaign: (schema_work.campaign, _campaign),
    Lead: (schema_work.lead, _lead),
    Task: (schema_work.task, _task),
}


@cache
def document_mapping(model: type[E], codec: Codec) -> DocumentMapping[E]:
    """Return the mapping of an aggregate for a driver, made once.

    Args:
        model: Segment, Source, Campaign, Lead or Task.
        codec: The driver's primitives.
    """
    table, asked = _ASKED[model]
    return DocumentMapping(table, model, codec, asked)


@cache
def account_mapping(codec: Codec) -> AccountMapping:
    """Return the mapping of accounts for a driver, made once."""
    return AccountMapping(codec)


@cache
def interaction_mapping(codec: Codec) -> InteractionMapping:
    """Return the mapping of interactions for a driver, made once."""
    return InteractionMapping(codec)
