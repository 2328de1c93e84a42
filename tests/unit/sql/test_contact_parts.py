"""A changed contact has those columns written again that differ, and its row is then what a whole one would be."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import create_engine, select
from sqlalchemy.dialects.postgresql import asyncpg
from tests.unit.sql.sql_samples import contacts

import mimcore as mim
from mimcore.domain.contact import Contact
from mimcore.domain.versions.revision import first, revision
from mimcore.sql.repositories.sparse import SparseUpdate
from mimcore.sql.rows.codec import SQLITE
from mimcore.sql.rows.contact_mapping import contact_mapping
from mimcore.sql.tables import schema

MAPPING = contact_mapping(SQLITE)
SORTS = (
    {"city": "Lund"},
    {"owner": "Åse", "city": "Lund"},
    {"title": "Buyer"},
    {"postal_code": "4000", "birth_year": 1980},
    {"lifecycle_stage": "customer"},
    {"emails": ["new@example.org"]},
    {"name": {"given": "Ida"}},
    {"interests": ["opera"], "language": "da"},
    {"external_ids": {"shop": "7"}},
    {"status": "archived"},
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(contacts(accounts=(UUID(int=7),)))
def test_a_row_made_of_the_known_fields_is_the_whole_row(new: Contact) -> None:
    """What reads no known field is left as it is for nobody, and nothing moves to another column."""
    assert tuple(MAPPING.first_row(first(new), "default")) == MAPPING.row(new, "default")


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(contacts(accounts=(UUID(int=7),)), contacts(accounts=(UUID(int=7),)))
def test_changed_cells_make_the_new_row_of_the_old_one(old: Contact, new: Contact) -> None:
    """Over the old row they give the new one, and no cell is among them that is equal."""
    new = new.model_copy(update={"id": old.id, "version": old.version + 1})
    before, after = (dict(zip(MAPPING.written, MAPPING.row(one, "t"), strict=True)) for one in (old, new))
    found = dict(zip(*MAPPING.changes(revision(old, new)), strict=True))
    assert before | found == after
    assert all(before[name] != cell for name, cell in found.items())


def test_every_field_is_read_by_a_part() -> None:
    """Whoever adds a field of contacts to the row says which part it belongs to."""
    read = {name.partition(".")[0] for part in MAPPING.plan.parts for name in part.reads}
    assert read == Contact.model_fields.keys() - {"id", "version", "external_ids"}
    placed = tuple(name for part in MAPPING.plan.parts for name in part.columns)
    assert ("tenant", "id", "version", *placed) == MAPPING.written


@pytest.mark.parametrize("each", [1, 7, 70])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_changes_of_many_sorts_leave_whole_rows(engine, each, tmp_path, request) -> None:
    """Few of a sort, and more than are worth a staging table: what stands in the table is what a new row would hold."""
    url = f"sqlite:///{tmp_path / 'people.db'}" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    people = [mim.Contact(emails=[f"p{number}@example.com"], city="Malmö") for number in range(each * len(SORTS))]
    changed = [one.evolve(version=1, **SORTS[number % len(SORTS)]) for number, one in enumerate(people)]
    with connected(url, "changed") as store, connected(url, "new") as other:
        with store.begin(source="list") as work:
            work.add_many(people)
        with store.begin(source="list") as work:
            assert work.upsert_many(changed).updated == len(people)
        with other.begin(source="list") as work:
            work.add_many(changed)
    database = create_engine(url)
    columns = [schema.contact.c[name] for name in MAPPING.written if name not in {"tenant", "version"}]
    with database.connect() as connection:
        rows = {
            tenant: connection.execute(select(*columns).where(schema.contact.c.tenant == tenant).order_by("id")).all()
            for tenant in ("changed", "new")
        }
    database.dispose()
    assert rows["changed"] == rows["new"]
    assert len(rows["new"]) == len(people)


def connected(url: str, tenant: str) -> mim.Store:
    """Open a store of a tenant."""
    return mim.connect(url, actor="test", secret=b"only-for-tests-0123456789", tenant=tenant)


def test_an_update_numbers_its_parameters_anew() -> None:
    """As asyncpg has them."""
    text = SparseUpdate(schema.contact, ("version", "city")).text(asyncpg.dialect())[0]
    assert text.replace(' COLLATE "C"', "") == (
        "UPDATE mim_contact SET version = $1::INTEGER, city = $2::VARCHAR WHERE tenant = $3::VARCHAR AND id = $4::UUID"
        " AND version = $5::INTEGER"
    )
