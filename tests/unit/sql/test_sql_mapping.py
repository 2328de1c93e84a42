"""Entities come back from their rows equal to what was validated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.sql.sql_samples import account_objects, contacts, interactions

from mimcore.domain.campaign import Campaign
from mimcore.domain.catalogue import CONTACT_FIELDS, EVENT_FIELDS
from mimcore.domain.contact import Contact
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.rules.language.catalogue import Kind
from mimcore.sql.rows.codec import SQLITE
from mimcore.sql.rows.contact_mapping import Children, contact_mapping
from mimcore.sql.rows.entity_mapping import AccountMapping, InteractionMapping, document_mapping
from mimcore.sql.tables import schema
from mimcore.values.construct import built, template
from mimcore.values.identifiers import sample_key

MAPPING = contact_mapping(SQLITE)


def _picked(columns: tuple[str, ...], row: tuple[Any, ...], wanted: tuple[str, ...]) -> tuple[Any, ...]:
    cells = dict(zip(columns, row, strict=True))
    return tuple(cells[name] for name in wanted)


def _read_back(contact: Contact) -> Contact:
    key = contact.id.bytes
    points = ("tenant", *("contact_id", "id", "kind", "value", "match_key", "label", "state", "is_retired", "position"))
    read = ("contact_id", "kind", "id", "value", "label", "state", "is_retired")
    children = Children(
        {key: [_picked(points, row, read) for row in MAPPING.point_rows(contact, "t")]},
        {key: [(row[1], *row[3:]) for row in MAPPING.link_rows(contact, "t")]},
        {key: [(row[1], *row[3:]) for row in MAPPING.external_id_rows(contact, "t")]},
    )
    return MAPPING.contact(_picked(MAPPING.written, MAPPING.row(contact, "t"), MAPPING.read), children)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(contacts(accounts=(UUID(int=7),)))
def test_a_contact_comes_back_equal(contact: Contact) -> None:
    """Equal, with the same hash and the same JSON, and valid."""
    again = _read_back(contact)
    assert (again, hash(again)) == (contact, hash(contact))
    assert again.model_dump(mode="json", exclude_defaults=True) == contact.model_dump(
        mode="json", exclude_defaults=True
    )
    assert Contact.model_validate(again.model_dump()) == contact
    assert again.evolve(city="Aarhus") == contact.evolve(city="Aarhus")


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(account_objects())
def test_an_account_comes_back_equal(account) -> None:
    """Equal, with the same hash."""
    mapping = AccountMapping(SQLITE)
    again = mapping.entity(_picked(mapping.written, mapping.row(account, "t"), mapping.read))
    assert (again, hash(again)) == (account, hash(account))


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(interactions())
def test_an_interaction_comes_back_under_the_contact_it_was_recorded_for(event) -> None:
    """Equal, although it counts for another contact."""
    mapping = InteractionMapping(SQLITE)
    again = mapping.event(_picked(mapping.written, mapping.row(event, "t", UUID(int=9)), mapping.read))
    assert (again, hash(again)) == (event, hash(event))


@pytest.mark.parametrize(
    "entity",
    [
        Source(key="crm", reliability=0.9, refresh_days=7, tags=["a"]),
        Campaign(
            key="c", runs=("2026-01-01", "2026-02-01"), expects={"clicks": 1.5}, channels=["email"], because=["x"]
        ),
        Lead(
            contact_id=UUID(int=1),
            captured_at="2026-01-01T00:00Z",
            score=0.25,
            steps=[{"stage": "mql", "at": "2026-01-02T00:00Z"}],
        ),
        Task(title="Call", due_on="2026-01-01", depends_on=[UUID(int=3)], approvers=["Mia"]),
        Segment(key="s", name="List"),
    ],
    ids=lambda entity: type(entity).__name__,
)
def test_a_document_comes_back_equal(entity) -> None:
    """Aggregates kept as documents are validated again when they are read."""
    mapping = document_mapping(type(entity), SQLITE)
    assert mapping.entity(_picked(mapping.written, mapping.row(entity, "t"), mapping.read)) == entity


def test_every_declared_field_has_its_column() -> None:
    """A new attribute cannot be forgotten: its column, its shadow and its currency derive from the declaration."""
    names = set(schema.contact.c.keys())
    for spec in CONTACT_FIELDS:
        if spec.kind is Kind.AGE:
            assert {"born_from", "born_to"} <= names
            continue
        assert (f"{spec.short}_minor" if spec.kind is Kind.MONEY else spec.short) in names
        assert (f"{spec.short}_folded" in names) == (spec.kind in {Kind.TEXT, Kind.TAGS, Kind.RECORDS})
        assert (f"{spec.short}_currency" in names) == (spec.kind is Kind.MONEY)
    assert {"value_minor", "value_currency", "product_folded"} <= set(schema.interaction.c.keys())
    assert {spec.short for spec in EVENT_FIELDS if spec.kind is Kind.CODE} <= set(schema.interaction.c.keys())


def test_tenant_stands_first_in_every_key() -> None:
    """No record can be reached across tenants by an id alone."""
    for table in schema.metadata.tables.values():
        assert table.name.startswith("mim_")
        assert table.primary_key.columns.keys()[0] == "tenant"
        for index in table.indexes:
            if index.dialect_kwargs.get("postgresql_using") == "gin":
                continue  # an index of list elements: no text can stand in front of them
            assert next(iter(index.columns)).name == "tenant", index.name
        for constraint in table.foreign_key_constraints:
            assert next(column.name for column in constraint.columns) == "tenant", table.name


def test_suppression_and_consent_have_no_link_to_contacts() -> None:
    """Both survive erasure and merging."""
    for name in ("mim_suppression", "mim_consent_event", "mim_merge_link", "mim_change_set"):
        assert not schema.metadata.tables[name].foreign_key_constraints


def test_shadows_are_folded() -> None:
    """Rules compare what Python folded, never what an engine would fold."""
    contact = Contact(
        city="STRASSE",
        tags=["ÅBO"],
        devices=[{"kind": "tablet", "browser": "FireFox", "last_seen_at": "1970-01-01T00:00:01Z"}],
    )
    cells = dict(zip(MAPPING.written, MAPPING.row(contact, "t"), strict=True))
    assert (cells["city"], cells["city_folded"]) == ("STRASSE", "strasse")
    assert (cells["tags"], cells["tags_folded"]) == ('["ÅBO"]', '["åbo"]')
    assert cells["devices_folded"] == '[{"browser":"firefox","kind":"tablet","last_seen_at":1000000}]'


def test_birth_bounds_come_from_what_is_known() -> None:
    """A year is its first to its last day; nothing is NULL."""
    cells = dict(zip(MAPPING.written, MAPPING.row(Contact(birth_year=1980), "t"), strict=True))
    assert (cells["born_from"], cells["born_to"]) == ("1980-01-01", "1980-12-31")
    cells = dict(zip(MAPPING.written, MAPPING.row(Contact(), "t"), strict=True))
    assert (cells["born_from"], cells["born_to"]) == (None, None)


def test_the_sample_key_has_31_bits() -> None:
    """2**31 − 1 is a prime: all bits of the id take part."""
    assert [sample_key(UUID(int=number)) for number in (5, 2**31 - 1, 2**31 + 3, 2**128 - 1)] == [
        5,
        0,
        4,
        (2**128 - 1) % (2**31 - 1),
    ]


def test_a_built_object_has_defaults_that_are_its_own_field_order() -> None:
    """The order of fields is the declared one, so that `repr` and JSON look alike."""
    one = built(Source, {**template(Source), "id": UUID(int=1), "key": "k"}, {"id", "key"})
    assert list(one.__dict__) == list(Source.model_fields)
    assert one == Source(id=UUID(int=1), key="k")
