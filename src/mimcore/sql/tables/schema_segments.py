"""The tables of segments: what they are, who is on their lists, the log of who came and went, and frozen audiences.

`sequence` is the order of recording, counted over all append-only tables (see `schema_work`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger as Whole
from sqlalchemy import Boolean, Column, Index, Integer, UniqueConstraint

from mimcore.sql.tables.schema import new_table, reference, required
from mimcore.sql.types import Guid, Json, UtcMicroseconds, word

__all__ = [
    "audience",
    "audience_hand_over",
    "audience_member",
    "membership",
    "membership_due",
    "membership_log",
    "refresh_state",
    "segment",
    "segment_member",
]

segment = new_table(
    "segment",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("key", word()),
    required("is_dynamic", Boolean()),
    required("is_archived", Boolean()),
    required("document", Json()),
    UniqueConstraint("tenant", "key"),
)

segment_member = new_table(
    "segment_member",
    ("segment_id", "kind", "contact_id"),
    required("segment_id", Guid()),
    required("kind", word()),
    required("contact_id", Guid()),
    Index("ix_mim_segment_member_contact_id", "tenant", "contact_id"),
    reference("segment_id", "mim_segment", on_removal="CASCADE"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
)
"""`kind`: on a static segment's list, or in or out of any segment by hand (`include`, `exclude`)."""

membership = new_table(
    "membership",
    ("segment_id", "contact_id"),
    required("segment_id", Guid()),
    required("contact_id", Guid()),
    Index("ix_mim_membership_contact_id", "tenant", "contact_id"),
    reference("segment_id", "mim_segment", on_removal="CASCADE"),
)
"""What the log adds up to. No foreign key to the contact: one that is removed leaves with the next refresh."""

membership_log = new_table(
    "membership_log",
    ("sequence",),
    required("sequence", Whole()),
    required("segment_id", Guid()),
    required("segment", word()),
    required("contact_id", Guid()),
    required("has_entered", Boolean()),
    required("at", UtcMicroseconds()),
    required("cause", word()),
    required("because", word()),
    required("actor", word()),
    required("origin", word()),
    required("segment_version", Integer()),
    required("rule_hash", word()),
    Index("ix_mim_membership_log_segment_id", "tenant", "segment_id", "at", "sequence"),
    Index("ix_mim_membership_log_contact_id", "tenant", "contact_id", "sequence"),
    reference("segment_id", "mim_segment", on_removal="CASCADE"),
)

membership_due = new_table(
    "membership_due",
    ("contact_id",),
    required("contact_id", Guid()),
    required("generation", Integer()),
    Column("at", UtcMicroseconds()),
    Index("ix_mim_membership_due_at", "tenant", "at"),
)
"""From when on time alone may move a contact; NULL where it never does."""

refresh_state = new_table(
    "refresh_state",
    ("segment_id",),
    required("segment_id", Guid()),
    required("at", UtcMicroseconds()),
    required("fingerprint", word()),
    Column("rule", Json()),
    required("done", Whole()),
    required("noted", Whole()),
    required("horizon", Whole()),
    required("generation", Integer()),
    required("covered", Integer()),
)
"""How far memberships are refreshed; the store's own row has the id of nothing."""

audience = new_table(
    "audience",
    ("id",),
    required("id", Guid()),
    required("key", word()),
    required("channel", word()),
    required("campaign", word()),
    required("at", UtcMicroseconds()),
    required("actor", word()),
    required("fingerprint", word()),
    required("terms", Json()),
    UniqueConstraint("tenant", "key"),
)

audience_member = new_table(
    "audience_member",
    ("audience_id", "contact_id"),
    required("audience_id", Guid()),
    required("contact_id", Guid()),
    required("fate", word()),
    required("split_group", word()),
    required("because", word()),
    Column("point_id", Guid()),
    Column("consent_id", Guid()),
    reference("audience_id", "mim_audience", on_removal="CASCADE"),
)
"""No foreign key to the contact: what was frozen stays, whoever is removed later."""

audience_hand_over = new_table(
    "audience_hand_over",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("audience_id", Guid()),
    required("at", UtcMicroseconds()),
    required("actor", word()),
    required("split_groups", Json()),
    required("form", word()),
    required("row_count", Whole()),
    required("removed", Json()),
    required("merged", Whole()),
    required("mixed", Whole()),
    Index("ix_mim_audience_hand_over_at", "tenant", "at"),
    Index("ix_mim_audience_hand_over_audience_id", "tenant", "audience_id", "sequence"),
    reference("audience_id", "mim_audience", on_removal="CASCADE"),
)
