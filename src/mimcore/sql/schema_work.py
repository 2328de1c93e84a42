"""The tables of what is done with contacts: history, consent, merges, imports, segments, leads, tasks, settings.

Append-only tables carry `sequence`, which counts up over all of them: the order of recording, whatever the clock says.
"""

from __future__ import annotations

from sqlalchemy import BigInteger as Whole
from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, Text, UniqueConstraint

from mimcore.sql.schema import new_table, reference, required
from mimcore.sql.types import Guid, Json, UtcMicroseconds

__all__ = [
    "attribute_declaration",
    "campaign",
    "change_set",
    "consent_event",
    "half_life",
    "import_row",
    "imports",
    "lead",
    "merge_link",
    "outbox",
    "segment",
    "segment_member",
    "setting",
    "source",
    "suppression",
    "task",
    "verification",
]

verification = new_table(
    "verification",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("attribute", Text()),
    required("contact_id", Guid()),
    required("subject_id", Guid()),
    required("by", Text()),
    required("is_valid", Boolean()),
    required("at", UtcMicroseconds()),
    required("recorded_at", UtcMicroseconds()),
    required("source", Text()),
    required("actor", Text()),
    Index("ix_mim_verification_contact_id", "tenant", "contact_id"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
)

change_set = new_table(
    "change_set",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("entity", Text()),
    required("entity_id", Guid()),
    required("version", Integer()),
    required("kind", Text()),
    required("actor", Text()),
    required("source", Text()),
    Column("observed_at", UtcMicroseconds()),
    required("recorded_at", UtcMicroseconds()),
    required("before", Json()),
    required("after", Json()),
    Column("import_id", Guid()),
    Index("ix_mim_change_set_entity_id", "tenant", "entity_id", "sequence"),
    Index("ix_mim_change_set_import_id", "tenant", "import_id", "sequence"),
)

consent_event = new_table(
    "consent_event",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("occurred_at", UtcMicroseconds()),
    required("recorded_at", UtcMicroseconds()),
    required("channel", Text()),
    required("identifier", Text()),
    required("identifier_key_id", Text()),
    required("normaliser", Integer()),
    Column("contact_id", Guid()),
    required("purpose", Text()),
    required("action", Text()),
    required("basis", Text()),
    required("method", Text()),
    Column("notice", Text()),
    Column("notice_version", Text()),
    Column("notice_language", Text()),
    Column("notice_sha256", Text()),
    required("source", Text()),
    required("actor", Text()),
    Column("evidence", Json()),
    Column("jurisdiction", Text()),
    Column("expires_at", UtcMicroseconds()),
    Column("import_id", Guid()),
    Column("import_row", Integer()),
    Index("ix_mim_consent_event_identifier", "tenant", "identifier", "channel", "purpose"),
)
"""No foreign key to the contact: proof of consent outlives the record, its merge and its erasure."""

suppression = new_table(
    "suppression",
    ("identifier", "channel"),
    required("identifier", Text()),
    required("channel", Text()),
    required("key_id", Text()),
    required("reason", Text()),
    required("since", UtcMicroseconds()),
)
"""No link to contacts at all. `channel` is `*` for every channel, since a key cannot be NULL."""

merge_link = new_table(
    "merge_link",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("action", Text()),
    required("survivor_id", Guid()),
    required("other_id", Guid()),
    required("reason", Text()),
    Column("score", Float()),
    required("model", Text()),
    required("actor", Text()),
    required("at", UtcMicroseconds()),
    required("before", Json()),
    Column("undoes", Guid()),
    Index("ix_mim_merge_link_sequence", "tenant", "sequence"),
)

imports = new_table(
    "import",
    ("id",),
    required("id", Guid()),
    required("fingerprint", Text()),
    required("kind", Text()),
    required("source", Text()),
    required("actor", Text()),
    required("started_at", UtcMicroseconds()),
    Column("finished_at", UtcMicroseconds()),
    required("status", Text()),
    required("next_row", Integer()),
    required("counts", Json()),
    required("file_name", Text()),
    Index("ix_mim_import_fingerprint", "tenant", "fingerprint"),
)

import_row = new_table(
    "import_row",
    ("import_id", "row_number"),
    required("import_id", Guid()),
    required("row_number", Integer()),
    required("line", Integer()),
    required("outcome", Text()),
    Column("entity_id", Guid()),
    required("column_name", Text()),
    required("code", Text()),
    required("reason", Text()),
    required("remedy", Text()),
    reference("import_id", "mim_import", on_removal="CASCADE"),
)

outbox = new_table(
    "outbox",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("kind", Text()),
    required("entity", Text()),
    required("entity_id", Guid()),
    required("version", Integer()),
    required("at", UtcMicroseconds()),
    required("data", Json()),
    Column("delivered_at", UtcMicroseconds()),
    Index("ix_mim_outbox_pending", "tenant", "delivered_at", "sequence"),
)

segment = new_table(
    "segment",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("key", Text()),
    required("is_dynamic", Boolean()),
    required("is_archived", Boolean()),
    required("document", Json()),
    UniqueConstraint("tenant", "key"),
)

segment_member = new_table(
    "segment_member",
    ("segment_id", "contact_id"),
    required("segment_id", Guid()),
    required("contact_id", Guid()),
    Index("ix_mim_segment_member_contact_id", "tenant", "contact_id"),
    reference("segment_id", "mim_segment", on_removal="CASCADE"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
)

source = new_table(
    "source",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("key", Text()),
    required("block", Text()),
    required("document", Json()),
    UniqueConstraint("tenant", "key"),
)

campaign = new_table(
    "campaign",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("key", Text()),
    required("status", Text()),
    Column("start_on", Date()),
    Column("end_on", Date()),
    required("document", Json()),
    UniqueConstraint("tenant", "key"),
)

lead = new_table(
    "lead",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("contact_id", Guid()),
    required("record_id", Guid()),
    required("stage", Text()),
    required("captured_at", UtcMicroseconds()),
    Column("channel", Text()),
    Column("source", Text()),
    Column("campaign", Text()),
    Column("owner", Text()),
    Column("score", Float()),
    required("document", Json()),
    Index("ix_mim_lead_stage", "tenant", "stage"),
    Index("ix_mim_lead_contact_id", "tenant", "contact_id"),
    Index("ix_mim_lead_record_id", "tenant", "record_id"),
    reference("contact_id", "mim_contact"),
    reference("record_id", "mim_contact"),
)

task = new_table(
    "task",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("status", Text()),
    Column("due_on", Date()),
    Column("assignee", Text()),
    Column("campaign", Text()),
    Column("contact_id", Guid()),
    Column("record_id", Guid()),
    required("document", Json()),
    Index("ix_mim_task_due_on", "tenant", "due_on"),
    Index("ix_mim_task_contact_id", "tenant", "contact_id"),
    Index("ix_mim_task_record_id", "tenant", "record_id"),
    reference("contact_id", "mim_contact"),
    reference("record_id", "mim_contact"),
)

half_life = new_table("half_life", ("pool",), required("pool", Text()), required("days", Float()))

attribute_declaration = new_table(
    "attribute_declaration", ("name",), required("name", Text()), required("document", Json())
)
"""Custom attributes of the store: kind, group, half-life and marks."""

setting = new_table("setting", ("name",), required("name", Text()), required("value", Text()))
