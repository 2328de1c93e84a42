"""The tables of mimcore, squashed to one revision until the first release.

Revision: mim_0001. Imports only alembic and sqlalchemy; written by tools/generate_migration.py.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "mim_0001"
down_revision = None
branch_labels = ("mimcore",)
depends_on = None


def _guid() -> Any:
    """Sixteen bytes, or the engine's own type of id."""
    return sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def _instant() -> Any:
    """Microseconds since 1970 UTC, or the engine's own instant."""
    return sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def _json() -> Any:
    """Canonical JSON text, or the engine's own JSON."""
    return sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:  # noqa: PLR0915 - one statement a table
    op.create_table(
        "mim_account",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("parent_id", _guid(), nullable=True),
        sa.Column("account_name", sa.Text(), nullable=True),
        sa.Column("account_name_folded", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("social_profiles", _json(), nullable=True),
        sa.Column("social_profiles_folded", _json(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("owner_folded", sa.Text(), nullable=True),
        sa.Column("tags", _json(), nullable=True),
        sa.Column("tags_folded", _json(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("notes_folded", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("industry_folded", sa.Text(), nullable=True),
        sa.Column("employees", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_currency", sa.Text(), nullable=True),
        sa.Column("market", sa.Text(), nullable=True),
        sa.Column("market_folded", sa.Text(), nullable=True),
        sa.Column("ownership", sa.Text(), nullable=True),
        sa.Column("founded_year", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("region_folded", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("city_folded", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("postal_code_folded", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("street_folded", sa.Text(), nullable=True),
        sa.Column("stack", _json(), nullable=True),
        sa.Column("stack_folded", _json(), nullable=True),
        sa.Column("partnerships", _json(), nullable=True),
        sa.Column("partnerships_folded", _json(), nullable=True),
        sa.Column("key_account_rank", sa.BigInteger(), nullable=True),
        sa.Column("key_account_strategy", sa.Text(), nullable=True),
        sa.Column("key_account_strategy_folded", sa.Text(), nullable=True),
        sa.Column("ideal_customer_fit", sa.Float(), nullable=True),
        sa.Column("external_ids", _json(), nullable=True),
        sa.Column("custom", _json(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_account")),
    )
    op.create_index("ix_mim_account_domain", "mim_account", ["tenant", "domain"], unique=False)
    op.create_index("ix_mim_account_employees", "mim_account", ["tenant", "employees"], unique=False)
    op.create_index("ix_mim_account_industry_folded", "mim_account", ["tenant", "industry_folded"], unique=False)
    op.create_table(
        "mim_attribute_declaration",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_mim_attribute_declaration")),
    )
    op.create_table(
        "mim_attribute_state",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("subject_id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("observed_at", _instant(), nullable=True),
        sa.Column("confirmed_at", _instant(), nullable=True),
        sa.Column("p_ref", sa.Float(), nullable=False),
        sa.Column("ref_at", _instant(), nullable=True),
        sa.Column("key", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "attribute", "subject_id", name=op.f("pk_mim_attribute_state")),
    )
    op.create_index("ix_mim_attribute_state_contact_id", "mim_attribute_state", ["tenant", "contact_id"], unique=False)
    op.create_index(
        "ix_mim_attribute_state_key", "mim_attribute_state", ["tenant", "attribute", "pool", "key"], unique=False
    )
    op.create_table(
        "mim_campaign",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_campaign")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_campaign_tenant_key")),
    )
    op.create_table(
        "mim_change_set",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("observed_at", _instant(), nullable=True),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("before", _json(), nullable=False),
        sa.Column("after", _json(), nullable=False),
        sa.Column("import_id", _guid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_change_set")),
    )
    op.create_index("ix_mim_change_set_entity_id", "mim_change_set", ["tenant", "entity_id", "sequence"], unique=False)
    op.create_index("ix_mim_change_set_import_id", "mim_change_set", ["tenant", "import_id", "sequence"], unique=False)
    op.create_table(
        "mim_consent_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", _instant(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("identifier_key_id", sa.Text(), nullable=False),
        sa.Column("normaliser", sa.Integer(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("notice_version", sa.Text(), nullable=True),
        sa.Column("notice_language", sa.Text(), nullable=True),
        sa.Column("notice_sha256", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("evidence", _json(), nullable=True),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("expires_at", _instant(), nullable=True),
        sa.Column("import_id", _guid(), nullable=True),
        sa.Column("import_row", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_consent_event")),
    )
    op.create_index(
        "ix_mim_consent_event_identifier",
        "mim_consent_event",
        ["tenant", "identifier", "channel", "purpose"],
        unique=False,
    )
    op.create_table(
        "mim_contact",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sample_key", sa.Integer(), nullable=False),
        sa.Column("golden_id", _guid(), nullable=True),
        sa.Column("primary_account_id", _guid(), nullable=True),
        sa.Column("primary_email_id", _guid(), nullable=True),
        sa.Column("primary_phone_id", _guid(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("born_from", sa.Date(), nullable=True),
        sa.Column("born_to", sa.Date(), nullable=True),
        sa.Column("name_title", sa.Text(), nullable=True),
        sa.Column("name_title_folded", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("given_name_folded", sa.Text(), nullable=True),
        sa.Column("middle_name", sa.Text(), nullable=True),
        sa.Column("middle_name_folded", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("family_name_folded", sa.Text(), nullable=True),
        sa.Column("name_suffix", sa.Text(), nullable=True),
        sa.Column("name_suffix_folded", sa.Text(), nullable=True),
        sa.Column("primary_email", sa.Text(), nullable=True),
        sa.Column("primary_email_folded", sa.Text(), nullable=True),
        sa.Column("primary_phone", sa.Text(), nullable=True),
        sa.Column("primary_phone_folded", sa.Text(), nullable=True),
        sa.Column("social_profiles", _json(), nullable=True),
        sa.Column("social_profiles_folded", _json(), nullable=True),
        sa.Column("lifecycle_stage", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("owner_folded", sa.Text(), nullable=True),
        sa.Column("tags", _json(), nullable=True),
        sa.Column("tags_folded", _json(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("notes_folded", sa.Text(), nullable=True),
        sa.Column("acquisition_channel", sa.Text(), nullable=True),
        sa.Column("acquisition_medium", sa.Text(), nullable=True),
        sa.Column("acquisition_medium_folded", sa.Text(), nullable=True),
        sa.Column("acquisition_source", sa.Text(), nullable=True),
        sa.Column("acquisition_source_folded", sa.Text(), nullable=True),
        sa.Column("acquisition_campaign", sa.Text(), nullable=True),
        sa.Column("acquired_at", _instant(), nullable=True),
        sa.Column("referrer", sa.Text(), nullable=True),
        sa.Column("referrer_folded", sa.Text(), nullable=True),
        sa.Column("landing_page", sa.Text(), nullable=True),
        sa.Column("landing_page_folded", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("birth_year", sa.BigInteger(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("age_band_on", sa.Date(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("region_folded", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("city_folded", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("postal_code_folded", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("street_folded", sa.Text(), nullable=True),
        sa.Column("income_band", sa.Text(), nullable=True),
        sa.Column("annual_income_minor", sa.BigInteger(), nullable=True),
        sa.Column("annual_income_currency", sa.Text(), nullable=True),
        sa.Column("marital_status", sa.Text(), nullable=True),
        sa.Column("education", sa.Text(), nullable=True),
        sa.Column("occupation", sa.Text(), nullable=True),
        sa.Column("occupation_folded", sa.Text(), nullable=True),
        sa.Column("household_size", sa.BigInteger(), nullable=True),
        sa.Column("children", sa.BigInteger(), nullable=True),
        sa.Column("interests", _json(), nullable=True),
        sa.Column("interests_folded", _json(), nullable=True),
        sa.Column("hobbies", _json(), nullable=True),
        sa.Column("hobbies_folded", _json(), nullable=True),
        sa.Column("beliefs", _json(), nullable=True),
        sa.Column("beliefs_folded", _json(), nullable=True),
        sa.Column("lifestyle", _json(), nullable=True),
        sa.Column("lifestyle_folded", _json(), nullable=True),
        sa.Column("motivations", _json(), nullable=True),
        sa.Column("motivations_folded", _json(), nullable=True),
        sa.Column("objections", _json(), nullable=True),
        sa.Column("objections_folded", _json(), nullable=True),
        sa.Column("brands", _json(), nullable=True),
        sa.Column("brands_folded", _json(), nullable=True),
        sa.Column("competitors_considered", _json(), nullable=True),
        sa.Column("competitors_considered_folded", _json(), nullable=True),
        sa.Column("devices", _json(), nullable=True),
        sa.Column("devices_folded", _json(), nullable=True),
        sa.Column("browsers", _json(), nullable=True),
        sa.Column("browsers_folded", _json(), nullable=True),
        sa.Column("operating_systems", _json(), nullable=True),
        sa.Column("operating_systems_folded", _json(), nullable=True),
        sa.Column("apps", _json(), nullable=True),
        sa.Column("apps_folded", _json(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("title_folded", sa.Text(), nullable=True),
        sa.Column("seniority", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("department_folded", sa.Text(), nullable=True),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("employer_folded", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("industry_folded", sa.Text(), nullable=True),
        sa.Column("is_decision_maker", sa.Boolean(), nullable=True),
        sa.Column("job_started_on", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("preferred_channels", _json(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("contact_hours", sa.Text(), nullable=True),
        sa.Column("contact_hours_folded", sa.Text(), nullable=True),
        sa.Column("custom", _json(), nullable=True),
        sa.Column("primary_email_pool", sa.Text(), nullable=True),
        sa.Column("primary_email_key", sa.BigInteger(), nullable=True),
        sa.Column("primary_phone_pool", sa.Text(), nullable=True),
        sa.Column("primary_phone_key", sa.BigInteger(), nullable=True),
        sa.Column("title_pool", sa.Text(), nullable=True),
        sa.Column("title_key", sa.BigInteger(), nullable=True),
        sa.Column("city_pool", sa.Text(), nullable=True),
        sa.Column("city_key", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_contact")),
    )
    op.create_index("ix_mim_contact_city_key", "mim_contact", ["tenant", "city_pool", "city_key"], unique=False)
    op.create_index("ix_mim_contact_country", "mim_contact", ["tenant", "country"], unique=False)
    op.create_index(
        "ix_mim_contact_golden_id",
        "mim_contact",
        ["tenant", "golden_id"],
        unique=False,
        sqlite_where=sa.text("golden_id IS NOT NULL"),
        postgresql_where=sa.text("golden_id IS NOT NULL"),
    )
    op.create_index("ix_mim_contact_lifecycle_stage", "mim_contact", ["tenant", "lifecycle_stage"], unique=False)
    op.create_index("ix_mim_contact_owner_folded", "mim_contact", ["tenant", "owner_folded"], unique=False)
    op.create_index(
        "ix_mim_contact_primary_email_key",
        "mim_contact",
        ["tenant", "primary_email_pool", "primary_email_key"],
        unique=False,
    )
    op.create_index(
        "ix_mim_contact_primary_phone_key",
        "mim_contact",
        ["tenant", "primary_phone_pool", "primary_phone_key"],
        unique=False,
    )
    op.create_index("ix_mim_contact_title_folded", "mim_contact", ["tenant", "title_folded"], unique=False)
    op.create_index("ix_mim_contact_title_key", "mim_contact", ["tenant", "title_pool", "title_key"], unique=False)
    op.create_table(
        "mim_half_life",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("days", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "pool", name=op.f("pk_mim_half_life")),
    )
    op.create_table(
        "mim_import",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("started_at", _instant(), nullable=False),
        sa.Column("finished_at", _instant(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("next_row", sa.Integer(), nullable=False),
        sa.Column("counts", _json(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_import")),
    )
    op.create_index("ix_mim_import_fingerprint", "mim_import", ["tenant", "fingerprint"], unique=False)
    op.create_table(
        "mim_merge_link",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("survivor_id", _guid(), nullable=False),
        sa.Column("other_id", _guid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("before", _json(), nullable=False),
        sa.Column("undoes", _guid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_merge_link")),
    )
    op.create_index("ix_mim_merge_link_sequence", "mim_merge_link", ["tenant", "sequence"], unique=False)
    op.create_table(
        "mim_outbox",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("data", _json(), nullable=False),
        sa.Column("delivered_at", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_outbox")),
    )
    op.create_index("ix_mim_outbox_pending", "mim_outbox", ["tenant", "delivered_at", "sequence"], unique=False)
    op.create_table(
        "mim_segment",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("is_dynamic", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_segment")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_segment_tenant_key")),
    )
    op.create_table(
        "mim_setting",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_mim_setting")),
    )
    op.create_table(
        "mim_source",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_source")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_source_tenant_key")),
    )
    op.create_table(
        "mim_suppression",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "identifier", "channel", name=op.f("pk_mim_suppression")),
    )
    op.create_table(
        "mim_contact_account",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account_id", _guid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"],
            ["mim_account.tenant", "mim_account.id"],
            name=op.f("fk_mim_contact_account_account_id_mim_account"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_contact_account_contact_id_mim_contact"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "contact_id", "position", name=op.f("pk_mim_contact_account")),
    )
    op.create_index("ix_mim_contact_account_account_id", "mim_contact_account", ["tenant", "account_id"], unique=False)
    op.create_table(
        "mim_contact_point",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("match_key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_contact_point_contact_id_mim_contact"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "contact_id", "id", name=op.f("pk_mim_contact_point")),
    )
    op.create_index(
        "ix_mim_contact_point_match_key",
        "mim_contact_point",
        ["tenant", "kind", "match_key", "contact_id"],
        unique=False,
    )
    op.create_table(
        "mim_external_id",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_external_id_contact_id_mim_contact"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "contact_id", "position", name=op.f("pk_mim_external_id")),
    )
    op.create_index("ix_mim_external_id_value", "mim_external_id", ["tenant", "source", "value"], unique=False)
    op.create_table(
        "mim_import_row",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("import_id", _guid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("entity_id", _guid(), nullable=True),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "import_id"],
            ["mim_import.tenant", "mim_import.id"],
            name=op.f("fk_mim_import_row_import_id_mim_import"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "import_id", "row_number", name=op.f("pk_mim_import_row")),
    )
    op.create_table(
        "mim_interaction",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("record_id", _guid(), nullable=False),
        sa.Column("account_id", _guid(), nullable=True),
        sa.Column("visitor_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("at", _instant(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("product_folded", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("value_currency", sa.Text(), nullable=True),
        sa.Column("is_gift", sa.Boolean(), nullable=True),
        sa.Column("refund_of", sa.Text(), nullable=True),
        sa.Column("refund_of_folded", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_id_folded", sa.Text(), nullable=True),
        sa.Column("properties", _json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_interaction_contact_id_mim_contact"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "record_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_interaction_record_id_mim_contact"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_interaction")),
        sa.UniqueConstraint(
            "tenant", "source", "external_id", name=op.f("uq_mim_interaction_tenant_source_external_id")
        ),
    )
    op.create_index("ix_mim_interaction_at", "mim_interaction", ["tenant", "at"], unique=False)
    op.create_index(
        "ix_mim_interaction_contact_id", "mim_interaction", ["tenant", "contact_id", "kind", "at"], unique=False
    )
    op.create_index("ix_mim_interaction_record_id", "mim_interaction", ["tenant", "record_id"], unique=False)
    op.create_table(
        "mim_lead",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("record_id", _guid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("captured_at", _instant(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("document", _json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_lead_contact_id_mim_contact"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "record_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_lead_record_id_mim_contact"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_lead")),
    )
    op.create_index("ix_mim_lead_contact_id", "mim_lead", ["tenant", "contact_id"], unique=False)
    op.create_index("ix_mim_lead_record_id", "mim_lead", ["tenant", "record_id"], unique=False)
    op.create_index("ix_mim_lead_stage", "mim_lead", ["tenant", "stage"], unique=False)
    op.create_table(
        "mim_segment_member",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("segment_id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_segment_member_contact_id_mim_contact"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "segment_id"],
            ["mim_segment.tenant", "mim_segment.id"],
            name=op.f("fk_mim_segment_member_segment_id_mim_segment"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "segment_id", "contact_id", name=op.f("pk_mim_segment_member")),
    )
    op.create_index("ix_mim_segment_member_contact_id", "mim_segment_member", ["tenant", "contact_id"], unique=False)
    op.create_table(
        "mim_task",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("contact_id", _guid(), nullable=True),
        sa.Column("record_id", _guid(), nullable=True),
        sa.Column("document", _json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_task_contact_id_mim_contact"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "record_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_task_record_id_mim_contact"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_task")),
    )
    op.create_index("ix_mim_task_contact_id", "mim_task", ["tenant", "contact_id"], unique=False)
    op.create_index("ix_mim_task_due_on", "mim_task", ["tenant", "due_on"], unique=False)
    op.create_index("ix_mim_task_record_id", "mim_task", ["tenant", "record_id"], unique=False)
    op.create_table(
        "mim_verification",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("subject_id", _guid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("is_valid", sa.Boolean(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_verification_contact_id_mim_contact"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_verification")),
    )
    op.create_index("ix_mim_verification_contact_id", "mim_verification", ["tenant", "contact_id"], unique=False)


def downgrade() -> None:  # noqa: PLR0915 - one statement a table
    op.drop_index("ix_mim_verification_contact_id", table_name="mim_verification")
    op.drop_table("mim_verification")
    op.drop_index("ix_mim_task_record_id", table_name="mim_task")
    op.drop_index("ix_mim_task_due_on", table_name="mim_task")
    op.drop_index("ix_mim_task_contact_id", table_name="mim_task")
    op.drop_table("mim_task")
    op.drop_index("ix_mim_segment_member_contact_id", table_name="mim_segment_member")
    op.drop_table("mim_segment_member")
    op.drop_index("ix_mim_lead_stage", table_name="mim_lead")
    op.drop_index("ix_mim_lead_record_id", table_name="mim_lead")
    op.drop_index("ix_mim_lead_contact_id", table_name="mim_lead")
    op.drop_table("mim_lead")
    op.drop_index("ix_mim_interaction_record_id", table_name="mim_interaction")
    op.drop_index("ix_mim_interaction_contact_id", table_name="mim_interaction")
    op.drop_index("ix_mim_interaction_at", table_name="mim_interaction")
    op.drop_table("mim_interaction")
    op.drop_table("mim_import_row")
    op.drop_index("ix_mim_external_id_value", table_name="mim_external_id")
    op.drop_table("mim_external_id")
    op.drop_index("ix_mim_contact_point_match_key", table_name="mim_contact_point")
    op.drop_table("mim_contact_point")
    op.drop_index("ix_mim_contact_account_account_id", table_name="mim_contact_account")
    op.drop_table("mim_contact_account")
    op.drop_table("mim_suppression")
    op.drop_table("mim_source")
    op.drop_table("mim_setting")
    op.drop_table("mim_segment")
    op.drop_index("ix_mim_outbox_pending", table_name="mim_outbox")
    op.drop_table("mim_outbox")
    op.drop_index("ix_mim_merge_link_sequence", table_name="mim_merge_link")
    op.drop_table("mim_merge_link")
    op.drop_index("ix_mim_import_fingerprint", table_name="mim_import")
    op.drop_table("mim_import")
    op.drop_table("mim_half_life")
    op.drop_index("ix_mim_contact_title_key", table_name="mim_contact")
    op.drop_index("ix_mim_contact_title_folded", table_name="mim_contact")
    op.drop_index("ix_mim_contact_primary_phone_key", table_name="mim_contact")
    op.drop_index("ix_mim_contact_primary_email_key", table_name="mim_contact")
    op.drop_index("ix_mim_contact_owner_folded", table_name="mim_contact")
    op.drop_index("ix_mim_contact_lifecycle_stage", table_name="mim_contact")
    op.drop_index(
        "ix_mim_contact_golden_id",
        table_name="mim_contact",
        sqlite_where=sa.text("golden_id IS NOT NULL"),
        postgresql_where=sa.text("golden_id IS NOT NULL"),
    )
    op.drop_index("ix_mim_contact_country", table_name="mim_contact")
    op.drop_index("ix_mim_contact_city_key", table_name="mim_contact")
    op.drop_table("mim_contact")
    op.drop_index("ix_mim_consent_event_identifier", table_name="mim_consent_event")
    op.drop_table("mim_consent_event")
    op.drop_index("ix_mim_change_set_import_id", table_name="mim_change_set")
    op.drop_index("ix_mim_change_set_entity_id", table_name="mim_change_set")
    op.drop_table("mim_change_set")
    op.drop_table("mim_campaign")
    op.drop_index("ix_mim_attribute_state_key", table_name="mim_attribute_state")
    op.drop_index("ix_mim_attribute_state_contact_id", table_name="mim_attribute_state")
    op.drop_table("mim_attribute_state")
    op.drop_table("mim_attribute_declaration")
    op.drop_index("ix_mim_account_industry_folded", table_name="mim_account")
    op.drop_index("ix_mim_account_employees", table_name="mim_account")
    op.drop_index("ix_mim_account_domain", table_name="mim_account")
    op.drop_table("mim_account")
