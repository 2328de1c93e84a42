"""What is kept of a frozen audience: how it was asked for, what became of each member, and when it was handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from mimcore.values.identifiers import new_id

__all__ = ["AudienceMember", "AudienceRecord", "Fate", "HandOver"]


class Fate(StrEnum):
    """What became of a member of the segment; the order is the order of the waterfall.

    Those between `excluded` and `capped` are the reasons of the consent gate.
    """

    EXCLUDED = "excluded"
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    SUPPRESSED = "suppressed"
    UNDELIVERABLE = "undeliverable"
    STALE = "stale"
    CAPPED = "capped"
    HELD_OUT = "held_out"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class AudienceRecord:
    """How an audience was asked for; it never changes.

    Attributes:
        key: Its key in the store.
        campaign: Key under which sends to it are recorded.
        at: Instant of the decision.
        fingerprint: Hash of the request; the same request under the same key is the same audience.
        terms: The request as plain data: rule, gate, exclusions, caps, split, fallbacks.
    """

    key: str
    channel: str
    campaign: str
    at: datetime
    actor: str
    fingerprint: str
    terms: Mapping[str, Any]
    id: UUID = field(default_factory=new_id)


class AudienceMember(NamedTuple):
    """What became of one member of the segment; there are as many as the segment had members.

    Attributes:
        contact_id: The contact at the time.
        group: The group of the split that it is in; empty for those who are left out.
        because: Which exclusion or which cap left it out; empty for the others.
        point_id: The contact point that may be used; None for those who are left out.
        consent_id: The act of consent that decided, if one did.
    """

    audience_id: UUID
    contact_id: UUID
    fate: Fate
    group: str
    because: str
    point_id: UUID | None
    consent_id: UUID | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over of a frozen audience.

    Attributes:
        groups: The groups that were handed over.
        form: `csv`, `parquet` …; `rows` if a program took them.
        rows: How many people were handed over.
        removed: How many were not, by what has changed since the freezing.
        merged: How many more records had been frozen, which are part of somebody else now.
        mixed: How many of those handed over have records that were frozen in different groups.
    """

    audience_id: UUID
    at: datetime
    actor: str
    groups: Sequence[str]
    form: str
    rows: int
    removed: Mapping[str, int]
    merged: int
    mixed: int
    id: UUID = field(default_factory=new_id)
