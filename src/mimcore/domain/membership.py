"""Who entered or left a segment: when, by which rule, because of what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mimcore.display import utc_minute

__all__ = ["MembershipMove", "MoveCause", "MoveOrigin"]


class MoveCause(StrEnum):
    """What kind of change moved somebody."""

    MERGE = "merge"
    EDIT = "edit"
    EVENT = "event"
    ACCOUNT = "account"
    CHECK = "check"
    CONSENT = "consent"
    LIST = "list"
    TIME = "time"
    RULE = "rule"
    SETTING = "setting"
    MANUAL = "manual"


class MoveOrigin(StrEnum):
    """Why somebody is a member, or is none: by the rule, by hand, from a list or from an import."""

    RULE = "rule"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    LIST = "list"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class MembershipMove:
    """One entry of the membership log. The moves of a contact in a segment take turns: it entered, it left.

    Attributes:
        segment: Key of the segment.
        has_entered: Whether the contact entered; it left otherwise.
        at: The instant as of which it counts.
        cause: What kind of change it was.
        because: The condition that turned, in plain English, or the reason of a manual act.
        actor: Who did it by hand, or whose refresh found it.
        segment_version: Version of the segment.
        rule_hash: Hash of its rule's content; empty for a list kept by hand.
    """

    segment_id: UUID
    segment: str
    contact_id: UUID
    has_entered: bool
    at: datetime
    cause: MoveCause
    because: str
    actor: str
    origin: MoveOrigin
    segment_version: int
    rule_hash: str

    def __str__(self) -> str:
        """One line: who moved, when, and why."""
        verb = "entered" if self.has_entered else "left"
        why = f"{self.cause}: {self.because}" if self.because else str(self.cause)
        return f"{self.contact_id} {verb} '{self.segment}' at {utc_minute(self.at)} ({why})"
