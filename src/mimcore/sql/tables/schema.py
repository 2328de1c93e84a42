"""The tables: contacts, accounts, interactions and what hangs on them; see `schema_work` and `schema_segments` too.

Tenant stands first in every key, so that no query can cross tenants by an id alone. Foreign keys are checked when the
transaction ends: one unit of work may write parents and children in any order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)

from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS
from mimcore.sql.tables.columns import field_columns, field_indexes, freshness_columns, index_where_known
from mimcore.sql.types import Guid, Json, UtcMicroseconds, word

__all__ = [
    "DEFAULT_TENANT",
    "account",
    "account_external_id",
    "attribute_state",
    "contact",
    "contact_account",
    "contact_point",
    "external_id",
    "interaction",
    "metadata",
    "new_table",
    "numbers",
    "reference",
    "required",
]

DEFAULT_TENANT = "default"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_1_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of mimcore; every name starts with `mim_`."""

numbers = Sequence("mim_sequence", metadata=metadata)
"""The order of recording on PostgreSQL; SQLite, with one writer, counts in a setting."""


def required(name: str, kind: Any) -> Column[Any]:
    """Make a column that is never missing."""
    return Column(name, kind, nullable=False)


def reference(name: str, table: str, *, on_removal: str | None = None) -> ForeignKeyConstraint:
    """Make a foreign key to a table's (tenant, id).

    Args:
        name: Column that holds the id.
        table: The table it refers to.
        on_removal: `CASCADE` for what belongs to the parent alone; None refuses the removal.
    """
    target = [f"{table}.tenant", f"{table}.id"]
    return ForeignKeyConstraint(["tenant", name], target, ondelete=on_removal, deferrable=True, initially="DEFERRED")


def new_table(name: str, key: tuple[str, ...], *parts: Any) -> Table:
    """Make a table whose primary key is the tenant and `key`; the tenant's column comes first.

    Args:
        name: Name without the prefix.
        key: Further columns of the primary key.
        *parts: Columns, indexes and constraints.
    """
    return Table(f"mim_{name}", metadata, required("tenant", word()), *parts, PrimaryKeyConstraint("tenant", *key))


account = new_table(
    "account",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("status", word()),
    Column("parent_id", Guid()),
    *field_columns(ACCOUNT_FIELDS),
    Column("external_ids", Json()),
    Column("custom", Json()),
    Column("custom_folded", Json()),
    *field_indexes("mim_account", ACCOUNT_FIELDS),
    index_where_known("mim_account", "parent_id"),
)

account_external_id = new_table(
    "account_external_id",
    ("account_id", "source", "value"),
    required("account_id", Guid()),
    required("source", word()),
    required("value", word()),
    Index("ix_mim_account_external_id_value", "tenant", "source", "value"),
    reference("account_id", "mim_account", on_removal="CASCADE"),
)
"""By what accounts are found; their own row has the ids as well, in order."""

contact = new_table(
    "contact",
    ("id",),
    required("id", Guid()),
    required("version", Integer()),
    required("status", word()),
    required("sample_key", Integer()),
    Column("golden_id", Guid()),
    Column("primary_account_id", Guid()),
    Column("primary_email_id", Guid()),
    Column("primary_phone_id", Guid()),
    Column("name_key", word()),
    Column("born_from", Date()),
    Column("born_to", Date()),
    *field_columns(CONTACT_FIELDS),
    Column("custom", Json()),
    Column("custom_folded", Json()),
    *freshness_columns("mim_contact"),
    *field_indexes("mim_contact", CONTACT_FIELDS),
    index_where_known("mim_contact", "golden_id"),
)
"""`golden_id` is the record that this one's interactions, leads and tasks count for; NULL means itself."""

contact_point = new_table(
    "contact_point",
    ("contact_id", "id"),
    required("contact_id", Guid()),
    required("id", Guid()),
    required("kind", word()),
    required("value", word()),
    required("match_key", word()),
    Column("label", word()),
    required("state", word()),
    required("is_retired", Boolean()),
    required("position", Integer()),
    Index("ix_mim_contact_point_match_key", "tenant", "kind", "match_key", "contact_id"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
)

contact_account = new_table(
    "contact_account",
    ("contact_id", "position"),
    required("contact_id", Guid()),
    required("position", Integer()),
    required("account_id", Guid()),
    Column("role", word()),
    required("is_primary", Boolean()),
    Column("start_on", Date()),
    Column("end_on", Date()),
    Index("ix_mim_contact_account_account_id", "tenant", "account_id"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
    reference("account_id", "mim_account"),
)

external_id = new_table(
    "external_id",
    ("contact_id", "position"),
    required("contact_id", Guid()),
    required("position", Integer()),
    required("source", word()),
    required("value", word()),
    Index("ix_mim_external_id_value", "tenant", "source", "value"),
    reference("contact_id", "mim_contact", on_removal="CASCADE"),
)

interaction = new_table(
    "interaction",
    ("id",),
    required("id", Guid()),
    required("contact_id", Guid()),
    required("record_id", Guid()),
    Column("account_id", Guid()),
    Column("visitor_id", word()),
    required("source", word()),
    Column("recorded_at", UtcMicroseconds()),
    *field_columns(EVENT_FIELDS),
    Column("properties", Json()),
    UniqueConstraint("tenant", "source", "external_id"),
    Index("ix_mim_interaction_contact_id", "tenant", "contact_id", "kind", "at"),
    Index("ix_mim_interaction_record_id", "tenant", "record_id"),
    Index("ix_mim_interaction_at", "tenant", "at"),
    index_where_known("mim_interaction", "account_id"),
    reference("contact_id", "mim_contact"),
    reference("record_id", "mim_contact"),
)
"""`contact_id` is the golden record that rules count for, `record_id` the record it was recorded under."""

attribute_state = new_table(
    "attribute_state",
    ("attribute", "subject_id"),
    required("attribute", word()),
    required("subject_id", Guid()),
    required("contact_id", Guid()),
    required("pool", word()),
    required("source", word()),
    Column("observed_at", UtcMicroseconds()),
    Column("confirmed_at", UtcMicroseconds()),
    required("p_ref", Float()),
    Column("ref_at", UtcMicroseconds()),
    Column("key", BigInteger()),
    Index("ix_mim_attribute_state_contact_id", "tenant", "contact_id"),
    Index("ix_mim_attribute_state_key", "tenant", "attribute", "pool", "key"),
)
"""`contact_id` is the record whose value it is: a contact, or an account, whose values have an age as well."""
