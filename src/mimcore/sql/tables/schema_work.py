"""The tables of what is done with contacts: history, consent, merges, imports, leads, tasks, settings.

Append-only tables carry `sequence`, which counts up over all of them: the order of recording, whatever the clock says.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger as Whole
from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, UniqueConstraint, text

from mimcore.sql.tables.columns import index_where_known
from mimcore.sql.tables.schema import new_table, reference, required
from mimcore.sql.types import Guid, Json, UtcMicroseconds, word

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
    "quality_result",
    "quality_rule",
    "queue_mark",
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
    required("attribute", word()),
    required("contact_id", Guid()),
    required("subject_id", Guid()),
    required("by", word()),
    required("is_valid", Boolean()),
    required("at", UtcMicroseconds()),
    required("recorded_at", UtcMicroseconds()),
    required("source", word()),
    required("actor", word()),
    required("pool", word()),
    required("value_source", word()),
    Column("since", UtcMicroseconds()),
    required("trigger", word()),
    required("sensitivity", Float()),
    required("false_confirmation", Float()),
    Column("external_id", word()),
    required("is_correction", Boolean()),
    required("incident", word()),
    Index("ix_mim_verification_contact_id", "tenant", "contact_id"),
    UniqueConstraint("tenant", "source", "external_id"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
)

change_set = new_table(
    "change_set",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("entity", word()),
    required("entity_id", Guid()),
    required("version", Integer()),
    required("kind", word()),
    required("actor", word()),
    required("source", word()),
    Column("observed_at", UtcMicroseconds()),
    required("recorded_at", UtcMicroseconds()),
    required("before", Json()),
    required("after", Json()),
    Column("import_id", Guid()),
    Index("ix_mim_change_set_entity_id", "tenant", "entity_id", "sequence"),
    Index("ix_mim_change_set_import_id", "tenant", "import_id", "sequence"),
    Index("ix_mim_change_set_recorded_at", "tenant", "recorded_at", "sequence"),
)

consent_event = new_table(
    "consent_event",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("occurred_at", UtcMicroseconds()),
    required("recorded_at", UtcMicroseconds()),
    required("channel", word()),
    required("identifier", word()),
    required("identifier_key_id", word()),
    required("normaliser", Integer()),
    Column("contact_id", Guid()),
    required("purpose", word()),
    required("action", word()),
    required("basis", word()),
    required("method", word()),
    Column("notice", word()),
    Column("notice_version", word()),
    Column("notice_language", word()),
    Column("notice_sha256", word()),
    required("source", word()),
    required("actor", word()),
    Column("evidence", Json()),
    Column("jurisdiction", word()),
    Column("expires_at", UtcMicroseconds()),
    Column("import_id", Guid()),
    Column("import_row", Integer()),
    Index("ix_mim_consent_event_identifier", "tenant", "identifier", "channel", "purpose"),
    index_where_known("mim_consent_event", "import_id"),
)
"""No foreign key to the contact: proof of consent outlives the record, its merge and its erasure."""

suppression = new_table(
    "suppression",
    ("identifier", "channel"),
    required("identifier", word()),
    required("channel", word()),
    required("key_id", word()),
    required("reason", word()),
    required("since", UtcMicroseconds()),
)
"""No link to contacts at all. `channel` is `*` for every channel, since a key cannot be NULL."""

merge_link = new_table(
    "merge_link",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("action", word()),
    required("survivor_id", Guid()),
    required("other_id", Guid()),
    required("reason", word()),
    Column("score", Float()),
    required("model", word()),
    required("actor", word()),
    required("at", UtcMicroseconds()),
    required("before", Json()),
    Column("undoes", Guid()),
    Index("ix_mim_merge_link_sequence", "tenant", "sequence"),
)

imports = new_table(
    "import",
    ("id",),
    required("id", Guid()),
    required("fingerprint", word()),
    required("kind", word()),
    required("source", word()),
    required("actor", word()),
    required("started_at", UtcMicroseconds()),
    Column("finished_at", UtcMicroseconds()),
    Column("undone_at", UtcMicroseconds()),
    required("status", word()),
    required("next_row", Integer()),
    required("counts", Json()),
    required("file_name", word()),
    required("failure", word()),
    Column("observed_at", UtcMicroseconds()),
    required("fields", Json()),
    Index("ix_mim_import_fingerprint", "tenant", "fingerprint"),
)

import_row = new_table(
    "import_row",
    ("import_id", "row_number"),
    required("import_id", Guid()),
    required("row_number", Integer()),
    required("line", Integer()),
    required("outcome", word()),
    Column("entity_id", Guid()),
    required("column_name", word()),
    required("code", word()),
    required("reason", word()),
    required("remedy", word()),
    reference("import_id", "mim_import", on_removal="CASCADE"),
)

_PENDING: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), text("delivered_at IS NULL"))

outbox = new_table(
    "outbox",
    ("id",),
    required("id", Guid()),
    required("sequence", Whole()),
    required("kind", word()),
    required("entity", word()),
    required("entity_id", Guid()),
    required("version", Integer()),
    required("at", UtcMicroseconds()),
    required("data", Json()),
    Column("delivered_at", UtcMicroseconds()),
    Column("claimed_until", UtcMicroseconds()),
    Index("ix_mim_outbox_sequence", "tenant", "sequence"),
    Index("ix_mim_outbox_pending", "tenant", "sequence", **_PENDING),
    Index("ix_mim_outbox_entity_id", "tenant", "entity_id", "sequence", **_PENDING),
)

source = new_table(
    "source",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("key", word()),
    required("block", word()),
    required("document", Json()),
    UniqueConstraint("tenant", "key"),
)

campaign = new_table(
    "campaign",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("key", word()),
    required("status", word()),
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
    required("stage", word()),
    required("captured_at", UtcMicroseconds()),
    Column("channel", word()),
    Column("source", word()),
    Column("campaign", word()),
    Column("owner", word()),
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
    required("status", word()),
    Column("due_on", Date()),
    Column("assignee", word()),
    Column("campaign", word()),
    Column("contact_id", Guid()),
    Column("record_id", Guid()),
    required("document", Json()),
    Index("ix_mim_task_due_on", "tenant", "due_on"),
    Index("ix_mim_task_contact_id", "tenant", "contact_id"),
    Index("ix_mim_task_record_id", "tenant", "record_id"),
    reference("contact_id", "mim_contact"),
    reference("record_id", "mim_contact"),
)

half_life = new_table("half_life", ("pool",), required("pool", word()), required("days", Float()))

attribute_declaration = new_table(
    "attribute_declaration",
    ("name",),
    required("name", word()),
    required("version", Integer()),
    required("document", Json()),
)
"""Custom attributes of the store, by field name: kind, options, group, half-life and marks."""

quality_rule = new_table(
    "quality_rule",
    ("key",),
    required("key", word()),
    required("version", Integer()),
    required("document", Json()),
)

quality_result = new_table(
    "quality_result",
    ("rule", "at"),
    required("rule", word()),
    required("at", UtcMicroseconds()),
    required("dimension", word()),
    required("checked", Integer()),
    required("good", Integer()),
    required("undecided", Integer()),
    required("passed", Boolean()),
    required("at_least", Float()),
    required("severity", word()),
    Column("owner", word()),
    required("note", word()),
    required("words", Json()),
    Index("ix_mim_quality_result_at", "tenant", "at"),
)
"""No foreign key to the rule: what came out of it stays when it is withdrawn."""

queue_mark = new_table(
    "queue_mark",
    ("item",),
    required("item", word()),
    Column("owner", word()),
    Column("snoozed_until", UtcMicroseconds()),
    Column("done_at", UtcMicroseconds()),
    required("actor", word()),
    required("at", UtcMicroseconds()),
)
"""Who has an item of the stewards' queue, and until when it sleeps; the items live elsewhere."""

setting = new_table("setting", ("name",), required("name", word()), required("value", word()))
