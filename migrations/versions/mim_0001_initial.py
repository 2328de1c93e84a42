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


def _word() -> Any:
    """Text, ordered by code points whatever the database's language is."""
    return sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def upgrade() -> None:  # noqa: PLR0915 - one statement a table
    if _is_postgresql():
        op.execute("CREATE SEQUENCE mim_sequence")
    op.create_table(
        "mim_account",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", _word(), nullable=False),
        sa.Column("parent_id", _guid(), nullable=True),
        sa.Column("account_name", _word(), nullable=True),
        sa.Column("account_name_folded", _word(), nullable=True),
        sa.Column("domain", _word(), nullable=True),
        sa.Column("social_profiles", _json(), nullable=True),
        sa.Column("social_profiles_folded", _json(), nullable=True),
        sa.Column("owner", _word(), nullable=True),
        sa.Column("owner_folded", _word(), nullable=True),
        sa.Column("tags", _json(), nullable=True),
        sa.Column("tags_folded", _json(), nullable=True),
        sa.Column("notes", _word(), nullable=True),
        sa.Column("notes_folded", _word(), nullable=True),
        sa.Column("industry", _word(), nullable=True),
        sa.Column("industry_folded", _word(), nullable=True),
        sa.Column("employees", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_currency", _word(), nullable=True),
        sa.Column("market", _word(), nullable=True),
        sa.Column("market_folded", _word(), nullable=True),
        sa.Column("ownership", _word(), nullable=True),
        sa.Column("founded_year", sa.BigInteger(), nullable=True),
        sa.Column("country", _word(), nullable=True),
        sa.Column("region", _word(), nullable=True),
        sa.Column("region_folded", _word(), nullable=True),
        sa.Column("city", _word(), nullable=True),
        sa.Column("city_folded", _word(), nullable=True),
        sa.Column("postal_code", _word(), nullable=True),
        sa.Column("postal_code_folded", _word(), nullable=True),
        sa.Column("street", _word(), nullable=True),
        sa.Column("street_folded", _word(), nullable=True),
        sa.Column("location", _word(), nullable=True),
        sa.Column("location_x", sa.BigInteger(), nullable=True),
        sa.Column("location_y", sa.BigInteger(), nullable=True),
        sa.Column("location_z", sa.BigInteger(), nullable=True),
        sa.Column("stack", _json(), nullable=True),
        sa.Column("stack_folded", _json(), nullable=True),
        sa.Column("partnerships", _json(), nullable=True),
        sa.Column("partnerships_folded", _json(), nullable=True),
        sa.Column("key_account_rank", sa.BigInteger(), nullable=True),
        sa.Column("key_account_strategy", _word(), nullable=True),
        sa.Column("key_account_strategy_folded", _word(), nullable=True),
        sa.Column("ideal_customer_fit", sa.Float(), nullable=True),
        sa.Column("external_ids", _json(), nullable=True),
        sa.Column("custom", _json(), nullable=True),
        sa.Column("custom_folded", _json(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_account")),
    )
    op.create_index(
        "ix_mim_account_account_name_folded", "mim_account", ["tenant", "account_name_folded"], unique=False
    )
    op.create_index("ix_mim_account_domain", "mim_account", ["tenant", "domain"], unique=False)
    op.create_index("ix_mim_account_employees", "mim_account", ["tenant", "employees"], unique=False)
    op.create_index("ix_mim_account_industry_folded", "mim_account", ["tenant", "industry_folded"], unique=False)
    op.create_index(
        "ix_mim_account_parent_id",
        "mim_account",
        ["tenant", "parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    if _is_postgresql():
        op.create_index(
            "ix_mim_account_stack_folded", "mim_account", ["stack_folded"], unique=False, postgresql_using="gin"
        )
    op.create_table(
        "mim_attribute_declaration",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("name", _word(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_mim_attribute_declaration")),
    )
    op.create_table(
        "mim_attribute_state",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("attribute", _word(), nullable=False),
        sa.Column("subject_id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("pool", _word(), nullable=False),
        sa.Column("source", _word(), nullable=False),
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
        "mim_audience",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("key", _word(), nullable=False),
        sa.Column("channel", _word(), nullable=False),
        sa.Column("campaign", _word(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("fingerprint", _word(), nullable=False),
        sa.Column("terms", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_audience")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_audience_tenant_key")),
    )
    op.create_table(
        "mim_campaign",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", _word(), nullable=False),
        sa.Column("status", _word(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_campaign")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_campaign_tenant_key")),
    )
    op.create_table(
        "mim_change_set",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entity", _word(), nullable=False),
        sa.Column("entity_id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", _word(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("source", _word(), nullable=False),
        sa.Column("observed_at", _instant(), nullable=True),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("before", _json(), nullable=False),
        sa.Column("after", _json(), nullable=False),
        sa.Column("import_id", _guid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_change_set")),
    )
    op.create_index("ix_mim_change_set_entity_id", "mim_change_set", ["tenant", "entity_id", "sequence"], unique=False)
    op.create_index("ix_mim_change_set_import_id", "mim_change_set", ["tenant", "import_id", "sequence"], unique=False)
    op.create_index(
        "ix_mim_change_set_recorded_at", "mim_change_set", ["tenant", "recorded_at", "sequence"], unique=False
    )
    op.create_table(
        "mim_consent_event",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", _instant(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("channel", _word(), nullable=False),
        sa.Column("identifier", _word(), nullable=False),
        sa.Column("identifier_key_id", _word(), nullable=False),
        sa.Column("normaliser", sa.Integer(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=True),
        sa.Column("purpose", _word(), nullable=False),
        sa.Column("action", _word(), nullable=False),
        sa.Column("basis", _word(), nullable=False),
        sa.Column("method", _word(), nullable=False),
        sa.Column("notice", _word(), nullable=True),
        sa.Column("notice_version", _word(), nullable=True),
        sa.Column("notice_language", _word(), nullable=True),
        sa.Column("notice_sha256", _word(), nullable=True),
        sa.Column("source", _word(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("evidence", _json(), nullable=True),
        sa.Column("jurisdiction", _word(), nullable=True),
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
    op.create_index(
        "ix_mim_consent_event_import_id",
        "mim_consent_event",
        ["tenant", "import_id"],
        unique=False,
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "mim_contact",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", _word(), nullable=False),
        sa.Column("sample_key", sa.Integer(), nullable=False),
        sa.Column("golden_id", _guid(), nullable=True),
        sa.Column("primary_account_id", _guid(), nullable=True),
        sa.Column("primary_email_id", _guid(), nullable=True),
        sa.Column("primary_phone_id", _guid(), nullable=True),
        sa.Column("name_key", _word(), nullable=True),
        sa.Column("born_from", sa.Date(), nullable=True),
        sa.Column("born_to", sa.Date(), nullable=True),
        sa.Column("name_title", _word(), nullable=True),
        sa.Column("name_title_folded", _word(), nullable=True),
        sa.Column("given_name", _word(), nullable=True),
        sa.Column("given_name_folded", _word(), nullable=True),
        sa.Column("middle_name", _word(), nullable=True),
        sa.Column("middle_name_folded", _word(), nullable=True),
        sa.Column("family_name", _word(), nullable=True),
        sa.Column("family_name_folded", _word(), nullable=True),
        sa.Column("name_suffix", _word(), nullable=True),
        sa.Column("name_suffix_folded", _word(), nullable=True),
        sa.Column("primary_email", _word(), nullable=True),
        sa.Column("primary_email_folded", _word(), nullable=True),
        sa.Column("primary_phone", _word(), nullable=True),
        sa.Column("primary_phone_folded", _word(), nullable=True),
        sa.Column("social_profiles", _json(), nullable=True),
        sa.Column("social_profiles_folded", _json(), nullable=True),
        sa.Column("lifecycle_stage", _word(), nullable=True),
        sa.Column("owner", _word(), nullable=True),
        sa.Column("owner_folded", _word(), nullable=True),
        sa.Column("tags", _json(), nullable=True),
        sa.Column("tags_folded", _json(), nullable=True),
        sa.Column("notes", _word(), nullable=True),
        sa.Column("notes_folded", _word(), nullable=True),
        sa.Column("acquisition_channel", _word(), nullable=True),
        sa.Column("acquisition_medium", _word(), nullable=True),
        sa.Column("acquisition_medium_folded", _word(), nullable=True),
        sa.Column("acquisition_source", _word(), nullable=True),
        sa.Column("acquisition_source_folded", _word(), nullable=True),
        sa.Column("acquisition_campaign", _word(), nullable=True),
        sa.Column("acquired_at", _instant(), nullable=True),
        sa.Column("referrer", _word(), nullable=True),
        sa.Column("referrer_folded", _word(), nullable=True),
        sa.Column("landing_page", _word(), nullable=True),
        sa.Column("landing_page_folded", _word(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("birth_year", sa.BigInteger(), nullable=True),
        sa.Column("age_band", _word(), nullable=True),
        sa.Column("age_band_on", sa.Date(), nullable=True),
        sa.Column("gender", _word(), nullable=True),
        sa.Column("country", _word(), nullable=True),
        sa.Column("region", _word(), nullable=True),
        sa.Column("region_folded", _word(), nullable=True),
        sa.Column("city", _word(), nullable=True),
        sa.Column("city_folded", _word(), nullable=True),
        sa.Column("postal_code", _word(), nullable=True),
        sa.Column("postal_code_folded", _word(), nullable=True),
        sa.Column("street", _word(), nullable=True),
        sa.Column("street_folded", _word(), nullable=True),
        sa.Column("location", _word(), nullable=True),
        sa.Column("location_x", sa.BigInteger(), nullable=True),
        sa.Column("location_y", sa.BigInteger(), nullable=True),
        sa.Column("location_z", sa.BigInteger(), nullable=True),
        sa.Column("income_band", _word(), nullable=True),
        sa.Column("annual_income_minor", sa.BigInteger(), nullable=True),
        sa.Column("annual_income_currency", _word(), nullable=True),
        sa.Column("marital_status", _word(), nullable=True),
        sa.Column("education", _word(), nullable=True),
        sa.Column("occupation", _word(), nullable=True),
        sa.Column("occupation_folded", _word(), nullable=True),
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
        sa.Column("title", _word(), nullable=True),
        sa.Column("title_folded", _word(), nullable=True),
        sa.Column("seniority", _word(), nullable=True),
        sa.Column("department", _word(), nullable=True),
        sa.Column("department_folded", _word(), nullable=True),
        sa.Column("employer", _word(), nullable=True),
        sa.Column("employer_folded", _word(), nullable=True),
        sa.Column("industry", _word(), nullable=True),
        sa.Column("industry_folded", _word(), nullable=True),
        sa.Column("is_decision_maker", sa.Boolean(), nullable=True),
        sa.Column("job_started_on", sa.Date(), nullable=True),
        sa.Column("language", _word(), nullable=True),
        sa.Column("preferred_channels", _json(), nullable=True),
        sa.Column("time_zone", _word(), nullable=True),
        sa.Column("contact_hours", _word(), nullable=True),
        sa.Column("contact_hours_folded", _word(), nullable=True),
        sa.Column("custom", _json(), nullable=True),
        sa.Column("custom_folded", _json(), nullable=True),
        sa.Column("primary_email_pool", _word(), nullable=True),
        sa.Column("primary_email_key", sa.BigInteger(), nullable=True),
        sa.Column("primary_phone_pool", _word(), nullable=True),
        sa.Column("primary_phone_key", sa.BigInteger(), nullable=True),
        sa.Column("title_pool", _word(), nullable=True),
        sa.Column("title_key", sa.BigInteger(), nullable=True),
        sa.Column("city_pool", _word(), nullable=True),
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
    if _is_postgresql():
        op.create_index(
            "ix_mim_contact_interests_folded", "mim_contact", ["interests_folded"], unique=False, postgresql_using="gin"
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
    if _is_postgresql():
        op.create_index(
            "ix_mim_contact_tags_folded", "mim_contact", ["tags_folded"], unique=False, postgresql_using="gin"
        )
    op.create_index("ix_mim_contact_title_folded", "mim_contact", ["tenant", "title_folded"], unique=False)
    op.create_index("ix_mim_contact_title_key", "mim_contact", ["tenant", "title_pool", "title_key"], unique=False)
    op.create_table(
        "mim_half_life",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("pool", _word(), nullable=False),
        sa.Column("days", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "pool", name=op.f("pk_mim_half_life")),
    )
    op.create_table(
        "mim_import",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("fingerprint", _word(), nullable=False),
        sa.Column("kind", _word(), nullable=False),
        sa.Column("source", _word(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("started_at", _instant(), nullable=False),
        sa.Column("finished_at", _instant(), nullable=True),
        sa.Column("undone_at", _instant(), nullable=True),
        sa.Column("status", _word(), nullable=False),
        sa.Column("next_row", sa.Integer(), nullable=False),
        sa.Column("counts", _json(), nullable=False),
        sa.Column("file_name", _word(), nullable=False),
        sa.Column("failure", _word(), nullable=False),
        sa.Column("observed_at", _instant(), nullable=True),
        sa.Column("fields", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_import")),
    )
    op.create_index("ix_mim_import_fingerprint", "mim_import", ["tenant", "fingerprint"], unique=False)
    op.create_table(
        "mim_membership_due",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "contact_id", name=op.f("pk_mim_membership_due")),
    )
    op.create_index("ix_mim_membership_due_at", "mim_membership_due", ["tenant", "at"], unique=False)
    op.create_table(
        "mim_merge_link",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("action", _word(), nullable=False),
        sa.Column("survivor_id", _guid(), nullable=False),
        sa.Column("other_id", _guid(), nullable=False),
        sa.Column("reason", _word(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("model", _word(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("before", _json(), nullable=False),
        sa.Column("undoes", _guid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_merge_link")),
    )
    op.create_index("ix_mim_merge_link_sequence", "mim_merge_link", ["tenant", "sequence"], unique=False)
    op.create_table(
        "mim_outbox",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", _word(), nullable=False),
        sa.Column("entity", _word(), nullable=False),
        sa.Column("entity_id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("data", _json(), nullable=False),
        sa.Column("delivered_at", _instant(), nullable=True),
        sa.Column("claimed_until", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_outbox")),
    )
    op.create_index(
        "ix_mim_outbox_entity_id",
        "mim_outbox",
        ["tenant", "entity_id", "sequence"],
        unique=False,
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_index(
        "ix_mim_outbox_pending",
        "mim_outbox",
        ["tenant", "sequence"],
        unique=False,
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_index("ix_mim_outbox_sequence", "mim_outbox", ["tenant", "sequence"], unique=False)
    op.create_table(
        "mim_quality_result",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("rule", _word(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("dimension", _word(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("undecided", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at_least", sa.Float(), nullable=False),
        sa.Column("severity", _word(), nullable=False),
        sa.Column("owner", _word(), nullable=True),
        sa.Column("note", _word(), nullable=False),
        sa.Column("words", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "rule", "at", name=op.f("pk_mim_quality_result")),
    )
    op.create_index("ix_mim_quality_result_at", "mim_quality_result", ["tenant", "at"], unique=False)
    op.create_table(
        "mim_quality_rule",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("key", _word(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_mim_quality_rule")),
    )
    op.create_table(
        "mim_queue_mark",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("item", _word(), nullable=False),
        sa.Column("owner", _word(), nullable=True),
        sa.Column("snoozed_until", _instant(), nullable=True),
        sa.Column("done_at", _instant(), nullable=True),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "item", name=op.f("pk_mim_queue_mark")),
    )
    op.create_table(
        "mim_refresh_state",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("segment_id", _guid(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("fingerprint", _word(), nullable=False),
        sa.Column("rule", _json(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("noted", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "segment_id", name=op.f("pk_mim_refresh_state")),
    )
    op.create_table(
        "mim_segment",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", _word(), nullable=False),
        sa.Column("is_dynamic", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_segment")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_segment_tenant_key")),
    )
    op.create_table(
        "mim_setting",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("name", _word(), nullable=False),
        sa.Column("value", _word(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_mim_setting")),
    )
    op.create_table(
        "mim_source",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", _word(), nullable=False),
        sa.Column("block", _word(), nullable=False),
        sa.Column("document", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_source")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_mim_source_tenant_key")),
    )
    op.create_table(
        "mim_suppression",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("identifier", _word(), nullable=False),
        sa.Column("channel", _word(), nullable=False),
        sa.Column("key_id", _word(), nullable=False),
        sa.Column("reason", _word(), nullable=False),
        sa.Column("since", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "identifier", "channel", name=op.f("pk_mim_suppression")),
    )
    op.create_table(
        "mim_account_external_id",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("account_id", _guid(), nullable=False),
        sa.Column("source", _word(), nullable=False),
        sa.Column("value", _word(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"],
            ["mim_account.tenant", "mim_account.id"],
            name=op.f("fk_mim_account_external_id_account_id_mim_account"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "account_id", "source", "value", name=op.f("pk_mim_account_external_id")),
    )
    op.create_index(
        "ix_mim_account_external_id_value", "mim_account_external_id", ["tenant", "source", "value"], unique=False
    )
    op.create_table(
        "mim_audience_hand_over",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("audience_id", _guid(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("split_groups", _json(), nullable=False),
        sa.Column("form", _word(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("removed", _json(), nullable=False),
        sa.Column("merged", sa.BigInteger(), nullable=False),
        sa.Column("mixed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "audience_id"],
            ["mim_audience.tenant", "mim_audience.id"],
            name=op.f("fk_mim_audience_hand_over_audience_id_mim_audience"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_audience_hand_over")),
    )
    op.create_index("ix_mim_audience_hand_over_at", "mim_audience_hand_over", ["tenant", "at"], unique=False)
    op.create_index(
        "ix_mim_audience_hand_over_audience_id",
        "mim_audience_hand_over",
        ["tenant", "audience_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "mim_audience_member",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("audience_id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("fate", _word(), nullable=False),
        sa.Column("split_group", _word(), nullable=False),
        sa.Column("because", _word(), nullable=False),
        sa.Column("point_id", _guid(), nullable=True),
        sa.Column("consent_id", _guid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "audience_id"],
            ["mim_audience.tenant", "mim_audience.id"],
            name=op.f("fk_mim_audience_member_audience_id_mim_audience"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "audience_id", "contact_id", name=op.f("pk_mim_audience_member")),
    )
    op.create_table(
        "mim_contact_account",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account_id", _guid(), nullable=False),
        sa.Column("role", _word(), nullable=True),
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
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("kind", _word(), nullable=False),
        sa.Column("value", _word(), nullable=False),
        sa.Column("match_key", _word(), nullable=False),
        sa.Column("label", _word(), nullable=True),
        sa.Column("state", _word(), nullable=False),
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
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", _word(), nullable=False),
        sa.Column("value", _word(), nullable=False),
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
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("import_id", _guid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", _word(), nullable=False),
        sa.Column("entity_id", _guid(), nullable=True),
        sa.Column("column_name", _word(), nullable=False),
        sa.Column("code", _word(), nullable=False),
        sa.Column("reason", _word(), nullable=False),
        sa.Column("remedy", _word(), nullable=False),
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
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("record_id", _guid(), nullable=False),
        sa.Column("account_id", _guid(), nullable=True),
        sa.Column("visitor_id", _word(), nullable=True),
        sa.Column("source", _word(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=True),
        sa.Column("kind", _word(), nullable=True),
        sa.Column("at", _instant(), nullable=True),
        sa.Column("channel", _word(), nullable=True),
        sa.Column("campaign", _word(), nullable=True),
        sa.Column("product", _word(), nullable=True),
        sa.Column("product_folded", _word(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("value_currency", _word(), nullable=True),
        sa.Column("is_gift", sa.Boolean(), nullable=True),
        sa.Column("refund_of", _word(), nullable=True),
        sa.Column("refund_of_folded", _word(), nullable=True),
        sa.Column("external_id", _word(), nullable=True),
        sa.Column("external_id_folded", _word(), nullable=True),
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
    op.create_index(
        "ix_mim_interaction_account_id",
        "mim_interaction",
        ["tenant", "account_id"],
        unique=False,
        sqlite_where=sa.text("account_id IS NOT NULL"),
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.create_index("ix_mim_interaction_at", "mim_interaction", ["tenant", "at"], unique=False)
    op.create_index(
        "ix_mim_interaction_contact_id", "mim_interaction", ["tenant", "contact_id", "kind", "at"], unique=False
    )
    op.create_index("ix_mim_interaction_record_id", "mim_interaction", ["tenant", "record_id"], unique=False)
    op.create_table(
        "mim_lead",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("record_id", _guid(), nullable=False),
        sa.Column("stage", _word(), nullable=False),
        sa.Column("captured_at", _instant(), nullable=False),
        sa.Column("channel", _word(), nullable=True),
        sa.Column("source", _word(), nullable=True),
        sa.Column("campaign", _word(), nullable=True),
        sa.Column("owner", _word(), nullable=True),
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
        "mim_membership",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("segment_id", _guid(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "segment_id"],
            ["mim_segment.tenant", "mim_segment.id"],
            name=op.f("fk_mim_membership_segment_id_mim_segment"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "segment_id", "contact_id", name=op.f("pk_mim_membership")),
    )
    op.create_index("ix_mim_membership_contact_id", "mim_membership", ["tenant", "contact_id"], unique=False)
    op.create_table(
        "mim_membership_log",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("segment_id", _guid(), nullable=False),
        sa.Column("segment", _word(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("has_entered", sa.Boolean(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("cause", _word(), nullable=False),
        sa.Column("because", _word(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("origin", _word(), nullable=False),
        sa.Column("segment_version", sa.Integer(), nullable=False),
        sa.Column("rule_hash", _word(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "segment_id"],
            ["mim_segment.tenant", "mim_segment.id"],
            name=op.f("fk_mim_membership_log_segment_id_mim_segment"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "sequence", name=op.f("pk_mim_membership_log")),
    )
    op.create_index(
        "ix_mim_membership_log_contact_id", "mim_membership_log", ["tenant", "contact_id", "sequence"], unique=False
    )
    op.create_index(
        "ix_mim_membership_log_segment_id",
        "mim_membership_log",
        ["tenant", "segment_id", "at", "sequence"],
        unique=False,
    )
    op.create_table(
        "mim_segment_member",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("segment_id", _guid(), nullable=False),
        sa.Column("kind", _word(), nullable=False),
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
        sa.PrimaryKeyConstraint("tenant", "segment_id", "kind", "contact_id", name=op.f("pk_mim_segment_member")),
    )
    op.create_index("ix_mim_segment_member_contact_id", "mim_segment_member", ["tenant", "contact_id"], unique=False)
    op.create_table(
        "mim_task",
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", _word(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("assignee", _word(), nullable=True),
        sa.Column("campaign", _word(), nullable=True),
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
        sa.Column("tenant", _word(), nullable=False),
        sa.Column("id", _guid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("attribute", _word(), nullable=False),
        sa.Column("contact_id", _guid(), nullable=False),
        sa.Column("subject_id", _guid(), nullable=False),
        sa.Column("by", _word(), nullable=False),
        sa.Column("is_valid", sa.Boolean(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("source", _word(), nullable=False),
        sa.Column("actor", _word(), nullable=False),
        sa.Column("pool", _word(), nullable=False),
        sa.Column("value_source", _word(), nullable=False),
        sa.Column("since", _instant(), nullable=True),
        sa.Column("trigger", _word(), nullable=False),
        sa.Column("sensitivity", sa.Float(), nullable=False),
        sa.Column("false_confirmation", sa.Float(), nullable=False),
        sa.Column("external_id", _word(), nullable=True),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("incident", _word(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "contact_id"],
            ["mim_contact.tenant", "mim_contact.id"],
            name=op.f("fk_mim_verification_contact_id_mim_contact"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mim_verification")),
        sa.UniqueConstraint(
            "tenant", "source", "external_id", name=op.f("uq_mim_verification_tenant_source_external_id")
        ),
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
    op.drop_index("ix_mim_membership_log_segment_id", table_name="mim_membership_log")
    op.drop_index("ix_mim_membership_log_contact_id", table_name="mim_membership_log")
    op.drop_table("mim_membership_log")
    op.drop_index("ix_mim_membership_contact_id", table_name="mim_membership")
    op.drop_table("mim_membership")
    op.drop_index("ix_mim_lead_stage", table_name="mim_lead")
    op.drop_index("ix_mim_lead_record_id", table_name="mim_lead")
    op.drop_index("ix_mim_lead_contact_id", table_name="mim_lead")
    op.drop_table("mim_lead")
    op.drop_index("ix_mim_interaction_record_id", table_name="mim_interaction")
    op.drop_index("ix_mim_interaction_contact_id", table_name="mim_interaction")
    op.drop_index("ix_mim_interaction_at", table_name="mim_interaction")
    op.drop_index(
        "ix_mim_interaction_account_id",
        table_name="mim_interaction",
        sqlite_where=sa.text("account_id IS NOT NULL"),
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.drop_table("mim_interaction")
    op.drop_table("mim_import_row")
    op.drop_index("ix_mim_external_id_value", table_name="mim_external_id")
    op.drop_table("mim_external_id")
    op.drop_index("ix_mim_contact_point_match_key", table_name="mim_contact_point")
    op.drop_table("mim_contact_point")
    op.drop_index("ix_mim_contact_account_account_id", table_name="mim_contact_account")
    op.drop_table("mim_contact_account")
    op.drop_table("mim_audience_member")
    op.drop_index("ix_mim_audience_hand_over_audience_id", table_name="mim_audience_hand_over")
    op.drop_index("ix_mim_audience_hand_over_at", table_name="mim_audience_hand_over")
    op.drop_table("mim_audience_hand_over")
    op.drop_index("ix_mim_account_external_id_value", table_name="mim_account_external_id")
    op.drop_table("mim_account_external_id")
    op.drop_table("mim_suppression")
    op.drop_table("mim_source")
    op.drop_table("mim_setting")
    op.drop_table("mim_segment")
    op.drop_table("mim_refresh_state")
    op.drop_table("mim_queue_mark")
    op.drop_table("mim_quality_rule")
    op.drop_index("ix_mim_quality_result_at", table_name="mim_quality_result")
    op.drop_table("mim_quality_result")
    op.drop_index("ix_mim_outbox_sequence", table_name="mim_outbox")
    op.drop_index(
        "ix_mim_outbox_pending",
        table_name="mim_outbox",
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.drop_index(
        "ix_mim_outbox_entity_id",
        table_name="mim_outbox",
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.drop_table("mim_outbox")
    op.drop_index("ix_mim_merge_link_sequence", table_name="mim_merge_link")
    op.drop_table("mim_merge_link")
    op.drop_index("ix_mim_membership_due_at", table_name="mim_membership_due")
    op.drop_table("mim_membership_due")
    op.drop_index("ix_mim_import_fingerprint", table_name="mim_import")
    op.drop_table("mim_import")
    op.drop_table("mim_half_life")
    op.drop_index("ix_mim_contact_title_key", table_name="mim_contact")
    op.drop_index("ix_mim_contact_title_folded", table_name="mim_contact")
    if _is_postgresql():
        op.drop_index("ix_mim_contact_tags_folded", table_name="mim_contact", postgresql_using="gin")
    op.drop_index("ix_mim_contact_primary_phone_key", table_name="mim_contact")
    op.drop_index("ix_mim_contact_primary_email_key", table_name="mim_contact")
    op.drop_index("ix_mim_contact_owner_folded", table_name="mim_contact")
    op.drop_index("ix_mim_contact_lifecycle_stage", table_name="mim_contact")
    if _is_postgresql():
        op.drop_index("ix_mim_contact_interests_folded", table_name="mim_contact", postgresql_using="gin")
    op.drop_index(
        "ix_mim_contact_golden_id",
        table_name="mim_contact",
        sqlite_where=sa.text("golden_id IS NOT NULL"),
        postgresql_where=sa.text("golden_id IS NOT NULL"),
    )
    op.drop_index("ix_mim_contact_country", table_name="mim_contact")
    op.drop_index("ix_mim_contact_city_key", table_name="mim_contact")
    op.drop_table("mim_contact")
    op.drop_index(
        "ix_mim_consent_event_import_id",
        table_name="mim_consent_event",
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.drop_index("ix_mim_consent_event_identifier", table_name="mim_consent_event")
    op.drop_table("mim_consent_event")
    op.drop_index("ix_mim_change_set_recorded_at", table_name="mim_change_set")
    op.drop_index("ix_mim_change_set_import_id", table_name="mim_change_set")
    op.drop_index("ix_mim_change_set_entity_id", table_name="mim_change_set")
    op.drop_table("mim_change_set")
    op.drop_table("mim_campaign")
    op.drop_table("mim_audience")
    op.drop_index("ix_mim_attribute_state_key", table_name="mim_attribute_state")
    op.drop_index("ix_mim_attribute_state_contact_id", table_name="mim_attribute_state")
    op.drop_table("mim_attribute_state")
    op.drop_table("mim_attribute_declaration")
    if _is_postgresql():
        op.drop_index("ix_mim_account_stack_folded", table_name="mim_account", postgresql_using="gin")
    op.drop_index(
        "ix_mim_account_parent_id",
        table_name="mim_account",
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.drop_index("ix_mim_account_industry_folded", table_name="mim_account")
    op.drop_index("ix_mim_account_employees", table_name="mim_account")
    op.drop_index("ix_mim_account_domain", table_name="mim_account")
    op.drop_index("ix_mim_account_account_name_folded", table_name="mim_account")
    op.drop_table("mim_account")
    if _is_postgresql():
        op.execute("DROP SEQUENCE mim_sequence")
