"""What a store keeps besides the entities: links between records, imports and their rows, checks, events to deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from mimcore.domain.evidence import Evidence, Trigger
from mimcore.values.identifiers import new_id

__all__ = [
    "Amount",
    "Arrivals",
    "ImportRecord",
    "ImportStatus",
    "LinkAction",
    "MergeLink",
    "OutboxEvent",
    "Outcome",
    "PlannedCheck",
    "RowOutcome",
    "Verification",
]


class LinkAction(StrEnum):
    """What an entry of the merge log says about two records."""

    LINK = "link"
    UNLINK = "unlink"
    CANNOT_LINK = "cannot_link"


@dataclass(frozen=True, slots=True)
class MergeLink:
    """One entry of the merge log. A person is a connected component of the links that are not taken back.

    Attributes:
        survivor_id: The record whose id the golden record keeps.
        other_id: The record that is linked to it.
        reason: Evidence in words, without values.
        score: Match probability, 0-1, or None for a person's own decision.
        model: Version of the matching model.
        before: Both records as they were, in plain values, so that the link can be taken back byte for byte.
        undoes: For an unlink, the link it takes back.
    """

    action: LinkAction
    survivor_id: UUID
    other_id: UUID
    reason: str
    score: float | None
    model: str
    actor: str
    at: datetime
    before: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    undoes: UUID | None = None
    id: UUID = field(default_factory=new_id)


class ImportStatus(StrEnum):
    """Life of an import."""

    RUNNING = "running"
    FINISHED = "finished"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import: its identity, its checkpoint and its counts.

    Attributes:
        fingerprint: Hash of the file's bytes and the mapping: the same file with the same mapping is the same import.
        next_row: The first row that is not yet stored; the checkpoint of the same transaction as the rows.
        counts: Rows by outcome.
        undone_at: When it was taken back.
        failure: Why the newest attempt to go on ended early, without values; empty if it did not.
        observed_at: When the file as a whole was observed; None if it was not, or if its rows say so one by one.
        fields: Targets of its columns under the policy newest_wins: after it, they hold what it says, or are older.
    """

    id: UUID
    fingerprint: str
    kind: str
    source: str
    actor: str
    started_at: datetime
    status: ImportStatus
    next_row: int
    counts: Mapping[str, int]
    file_name: str = ""
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    failure: str = ""
    observed_at: datetime | None = None
    fields: Sequence[str] = ()


class Outcome(StrEnum):
    """What became of a row; every row has exactly one."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row, without any value of it.

    Attributes:
        line: Physical line of the file on which the row starts.
        column: Column that was refused.
        code: Reason as a short code.
        remedy: What would be accepted.
    """

    import_id: UUID
    row: int
    line: int
    outcome: Outcome
    entity_id: UUID | None = None
    column: str = ""
    code: str = ""
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """One check of one value: by which kind of evidence, with which result.

    Attributes:
        pool: Half-life pool of the value at the time.
        value_source: Key of the source that had brought the value.
        since: When that source had seen the value: which gap the check closes follows from it and from the checks of
            the same value before, whenever they come to be known. None for an undated value.
        trigger: What made somebody check.
        sensitivity: Rates that the check was weighed with; what is declared for its kind may change later.
        external_id: Id in the source; the same id is recorded once.
        is_correction: Whether the value was never right (a typing error), so that nothing has decayed.
        incident: What befell many values at once, by a name of the caller's; empty if it is about this one alone.
    """

    attribute: str
    contact_id: UUID
    subject_id: UUID
    by: str
    is_valid: bool
    at: datetime
    recorded_at: datetime
    source: str
    actor: str
    pool: str = field(kw_only=True)
    value_source: str = field(kw_only=True)
    since: datetime | None = field(kw_only=True)
    trigger: Trigger = field(kw_only=True)
    sensitivity: float = field(kw_only=True)
    false_confirmation: float = field(kw_only=True)
    external_id: str | None = field(default=None, kw_only=True)
    is_correction: bool = field(default=False, kw_only=True)
    incident: str = field(default="", kw_only=True)
    id: UUID = field(default_factory=new_id)

    @property
    def evidence(self) -> Evidence:
        """How much it told."""
        return Evidence(self.sensitivity, self.false_confirmation, trigger=self.trigger)


class PlannedCheck(NamedTuple):
    """What half-lives are learnt from: a check that did not come by itself. Instants are microseconds since 1970."""

    contact_id: UUID
    attribute: str
    subject_id: UUID
    pool: str
    value_source: str
    since: int | None
    at: int
    is_valid: bool
    trigger: Trigger
    is_correction: bool
    incident: str


class Amount(NamedTuple):
    """The money of one interaction, counted for the golden record; missing where it moved none."""

    contact_id: UUID
    kind: str
    at: datetime
    minor_units: int | None
    currency: str | None


class Arrivals(NamedTuple):
    """Values of one attribute that nobody has checked since they arrived, all alike."""

    pool: str
    attribute: str
    source: str
    p_ref: float


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """A domain event to deliver, in the past tense, such as `contact_created`.

    Attributes:
        claimed_until: Until when a worker holds it; it is free afterwards.
    """

    kind: str
    entity: str
    entity_id: UUID
    version: int
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    delivered_at: datetime | None = None
    claimed_until: datetime | None = None
    id: UUID = field(default_factory=new_id)
