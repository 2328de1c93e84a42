"""The generated people as columns, as somebody's frame would hold them."""

from __future__ import annotations

import unicodedata
from typing import Any

import polars as pl
from tests.rules.alphabet import FRESH, FRESH_CUSTOM
from tests.rules.generate import ATTRIBUTES, Dataset

from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS
from mimcore.rules.language.catalogue import FieldSpec, Kind

__all__ = ["columns", "declared", "event_columns", "people_columns", "polars"]

_TYPES = {
    Kind.TEXT: pl.String(),
    Kind.CODE: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.MONEY: pl.Float64(),
    Kind.LOCATION: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
    Kind.TAGS: pl.List(pl.String()),
    Kind.CODES: pl.List(pl.String()),
}


def _type(spec: FieldSpec) -> pl.DataType:
    if spec.kind is Kind.RECORDS:
        return pl.List(pl.Struct({inner.short: _type(inner) for inner in spec.record_fields}))
    return _TYPES[spec.kind]


def _raw(spec: FieldSpec, owner: Any) -> Any:
    """A value as a frame would hold it; missing text as nothing, empty text or white space by turns."""
    value = None if owner is None else spec.read(owner)
    if value is None and owner is not None and spec.kind in {Kind.TEXT, Kind.CODE}:
        return (None, "", "  ")[(len(spec.name) + owner.id.int) % 3]
    if spec.kind is Kind.RECORDS and value is not None:
        return [
            {
                inner.short: _raw(inner, record) if inner.kind is not Kind.TEXT else inner.read(record)
                for inner in spec.record_fields
            }
            for record in value
        ]
    if spec.kind is Kind.LOCATION:
        return None if value is None else str(value)
    if spec.kind is Kind.MONEY:
        return None if value is None else float(value.amount)
    if spec.kind is Kind.TEXT and value is not None and owner.id.int % 2:
        return unicodedata.normalize("NFD", value)  # frames come from elsewhere, in whatever normal form
    return list(value) if spec.is_collection and value is not None else value


def columns(specs: tuple[FieldSpec, ...], owners: list[Any], prefix: str) -> dict[str, tuple[pl.DataType, list[Any]]]:
    """Columns of fields, with their types; the currency of money stands beside it."""
    made: dict[str, tuple[pl.DataType, list[Any]]] = {}
    for spec in specs:
        if spec.kind is Kind.AGE:
            continue
        name = spec.short if spec.short.startswith(prefix) else prefix + spec.short
        made[name] = (_type(spec), [_raw(spec, owner) for owner in owners])
        if spec.kind is Kind.MONEY:
            money = [None if owner is None else spec.read(owner) for owner in owners]
            made[f"{name}_currency"] = (pl.String(), [None if one is None else one.currency for one in money])
    return made


def people_columns(dataset: Dataset) -> dict[str, tuple[pl.DataType, list[Any]]]:
    """One row for each contact, with the values of its primary account."""
    contacts = [person.contact for person in dataset.people]
    ids = {"id": (pl.String(), [str(contact.id) for contact in contacts])}
    return {
        **ids,
        **columns((*CONTACT_FIELDS, *declared(dataset, "contact")), contacts, ""),
        **ages(dataset),
        **columns(
            (*ACCOUNT_FIELDS, *declared(dataset, "account")), [person.account for person in dataset.people], "account_"
        ),
    }


def ages(dataset: Dataset) -> dict[str, tuple[pl.DataType, list[Any]]]:
    """The key and the pool of every field that has a state; undated ones have a pool, too."""
    made: dict[str, tuple[pl.DataType, list[Any]]] = {}
    for name in (*FRESH, *(FRESH_CUSTOM if dataset.has_custom else ())):
        states, short = [person.states.get(name) for person in dataset.people], name.rpartition(".")[2]
        made[f"{short}_fresh_key"] = (pl.Int64(), [None if one is None else one.key for one in states])
        made[f"{short}_fresh_pool"] = (pl.String(), [None if one is None else one.pool for one in states])
    return made


def declared(dataset: Dataset, entity: str) -> list[FieldSpec]:
    """The custom attributes of an entity, where the data set has any."""
    return [one.spec for one in ATTRIBUTES if dataset.has_custom and one.spec.entity == entity]


def event_columns(dataset: Dataset) -> dict[str, tuple[pl.DataType, list[Any]]]:
    """One row for each event."""
    events = [event for person in dataset.people for event in person.events]
    return {"contact": (pl.String(), [str(event.contact_id) for event in events]), **columns(EVENT_FIELDS, events, "")}


def polars(columns: dict[str, tuple[pl.DataType, list[Any]]]) -> pl.DataFrame:
    """A Polars frame of typed columns."""
    return pl.DataFrame([pl.Series(name, values, dtype=dtype) for name, (dtype, values) in columns.items()])
