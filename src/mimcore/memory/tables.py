"""The tables: dicts whose values are never changed, only replaced; how and by whom is in `ledger`."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.audience import AudienceMember, AudienceRecord, HandOver
from mimcore.domain.campaign import Campaign
from mimcore.domain.consent import ConsentEvent, Suppression
from mimcore.domain.contact import Contact
from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.membership import MembershipMove
from mimcore.domain.quality_rules import QualityRule
from mimcore.domain.segment import ListKind, Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.versions.changes import ChangeSet
from mimcore.domain.vocabularies import Channel
from mimcore.memory.session import Chain
from mimcore.repositories.membership_port import RefreshState
from mimcore.repositories.quality_port import QualityResult, QueueMark
from mimcore.repositories.records import ImportRecord, MergeLink, OutboxEvent, RowOutcome, Verification

__all__ = ["EntityTable", "IndexKey", "StateKey", "Tables"]

E = TypeVar("E", bound=Entity)
IndexKey = tuple[Hashable, ...]
StateKey = tuple[str, UUID]
"""Attribute and subject of a freshness state."""


@dataclass(frozen=True, repr=False)
class EntityTable(Generic[E]):
    """Records by id, and the ids under every key that people ask by."""

    rows: dict[UUID, E] = field(default_factory=dict[UUID, Any])
    index: dict[IndexKey, frozenset[UUID]] = field(default_factory=dict[IndexKey, frozenset[UUID]])


@dataclass(frozen=True, slots=True, repr=False)
class Tables:
    """Everything that a back end keeps, except its settings.

    Attributes:
        listed: Per contact, the lists that it is on: of which segment, and which of its lists.
        timelines: Per contact, the interactions recorded under it, oldest first.
        recorded: Id of an interaction by source and external id.
        golden: For a record whose interactions count for another one: that one.
        members: The other way round.
        states: Freshness states per contact.
        state_owner: The contact under which a state stands.
        verifications: With their places in the order of recording, like `log` and `merge_log`.
        checked: Verifications by source and external id.
        log_by_import: Change sets of an import.
        suppressions: By identifier; entries by channel, None for all channels.
        merge_log: One chain, under the key None.
        memberships: Per contact, the ids of the segments that it is a member of.
        moves: Per contact, the moves, with their places in the order of recording.
        due: Per contact, by rules of which generation, and from when on time alone may move it; None for never.
        pending: Undelivered events with their place in the order of recording.
        audiences: Frozen audiences by key.
        audience_members: Per audience, what became of each member, ordered by contact.
        hand_overs: One chain, under the key None.
        attributes: Declarations of custom attributes by field name.
        quality_results: By rule and instant.
        queue_marks: By item.
        half_lives: Half-life in days of pools, where it is not the default.
        counters: Last numbers given.
    """

    contacts: EntityTable[Contact] = field(default_factory=EntityTable[Contact])
    accounts: EntityTable[Account] = field(default_factory=EntityTable[Account])
    leads: EntityTable[Lead] = field(default_factory=EntityTable[Lead])
    segments: EntityTable[Segment] = field(default_factory=EntityTable[Segment])
    sources: EntityTable[Source] = field(default_factory=EntityTable[Source])
    campaigns: EntityTable[Campaign] = field(default_factory=EntityTable[Campaign])
    tasks: EntityTable[Task] = field(default_factory=EntityTable[Task])
    listed: dict[UUID, frozenset[tuple[UUID, ListKind]]] = field(default_factory=dict[UUID, Any])
    interactions: dict[UUID, Interaction] = field(default_factory=dict[UUID, Interaction])
    timelines: dict[UUID, tuple[Interaction, ...]] = field(default_factory=dict[UUID, tuple[Interaction, ...]])
    recorded: dict[tuple[str, str], UUID] = field(default_factory=dict[tuple[str, str], UUID])
    golden: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    members: dict[UUID, frozenset[UUID]] = field(default_factory=dict[UUID, frozenset[UUID]])
    states: dict[UUID, dict[StateKey, FreshnessState]] = field(
        default_factory=dict[UUID, dict[StateKey, FreshnessState]]
    )
    state_owner: dict[StateKey, UUID] = field(default_factory=dict[StateKey, UUID])
    verifications: dict[UUID, Chain[tuple[int, Verification]]] = field(default_factory=dict[UUID, Any])
    checked: dict[tuple[str, str], Verification] = field(default_factory=dict[tuple[str, str], Any])
    log: dict[UUID, Chain[tuple[int, ChangeSet]]] = field(default_factory=dict[UUID, Any])
    log_by_import: dict[UUID, Chain[ChangeSet]] = field(default_factory=dict[UUID, Any])
    consents: dict[str, Chain[ConsentEvent]] = field(default_factory=dict[str, Any])
    suppressions: dict[str, dict[Channel | None, Suppression]] = field(
        default_factory=dict[str, dict[Channel | None, Suppression]]
    )
    merge_log: dict[None, Chain[tuple[int, MergeLink]]] = field(default_factory=dict[None, Any])
    links: dict[UUID, MergeLink] = field(default_factory=dict[UUID, MergeLink])
    imports: dict[UUID, ImportRecord] = field(default_factory=dict[UUID, ImportRecord])
    outcomes: dict[UUID, Chain[RowOutcome]] = field(default_factory=dict[UUID, Any])
    pending: dict[UUID, tuple[int, OutboxEvent]] = field(default_factory=dict[UUID, tuple[int, OutboxEvent]])
    delivered: dict[UUID, tuple[int, OutboxEvent]] = field(default_factory=dict[UUID, tuple[int, OutboxEvent]])
    memberships: dict[UUID, frozenset[UUID]] = field(default_factory=dict[UUID, frozenset[UUID]])
    moves: dict[UUID, Chain[tuple[int, MembershipMove]]] = field(default_factory=dict[UUID, Any])
    due: dict[UUID, tuple[int, datetime | None]] = field(default_factory=dict[UUID, Any])
    refreshes: dict[UUID, RefreshState] = field(default_factory=dict[UUID, RefreshState])
    audiences: dict[str, AudienceRecord] = field(default_factory=dict[str, AudienceRecord])
    audience_members: dict[UUID, tuple[AudienceMember, ...]] = field(default_factory=dict[UUID, Any])
    hand_overs: dict[None, Chain[tuple[int, HandOver]]] = field(default_factory=dict[None, Any])
    attributes: dict[str, CustomAttribute] = field(default_factory=dict[str, CustomAttribute])
    quality_rules: dict[str, QualityRule] = field(default_factory=dict[str, QualityRule])
    quality_results: dict[tuple[str, datetime], QualityResult] = field(
        default_factory=dict[tuple[str, datetime], QualityResult]
    )
    queue_marks: dict[str, QueueMark] = field(default_factory=dict[str, QueueMark])
    half_lives: dict[str, float] = field(default_factory=dict[str, float])
    counters: dict[str, int] = field(default_factory=dict[str, int])
