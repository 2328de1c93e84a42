"""Which columns an export has: chosen by name, each with the value it reads from a record.

A value is plain: text, a number, a date, an instant, a decimal, a list of texts or of mappings; None where missing.
Not here: how it is written (`exact_cells`, `writing`, `arrow_tables`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, cast

from mimcore.capture.snapshots.schema import account_name
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.custom.attributes import CustomSpec
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind
from mimcore.rules.language.handles import Field
from mimcore.values.arguments import given_list
from mimcore.values.location import Location
from mimcore.values.money import Money

__all__ = ["ALL_IDS", "ALL_POINTS", "ExportColumn", "columns_of", "money_pair"]

Read = Callable[[Any, Account | None], Any]
"""Reads a plain value from a record and, for a contact, its primary account."""

ALL_POINTS: Mapping[str, str] = {"emails": "All e-mail addresses.", "phones": "All phone numbers."}
ALL_IDS = "external_ids"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of a file.

    Attributes:
        name: Its heading.
        kind: `id`, `money`, `currency`, `words`, `records` or the kind of the field.
        spec: The field it comes from, or None.
    """

    name: str
    kind: str
    read: Read = field(repr=False, compare=False)
    spec: FieldSpec | None = None
    is_personal: bool = False
    is_special_category: bool = False


def money_pair(name: str) -> str:
    """Return the heading of the column that holds the currency of an amount.

    Examples:
        >>> money_pair("annual_income")
        'annual_income_currency'
    """
    return f"{name}_currency"


def columns_of(
    entity: str, fields: Iterable[Field | str], catalogue: Catalogue, today: date
) -> tuple[ExportColumn, ...]:
    """Return the columns that were asked for, after the id.

    Args:
        entity: `contact` or `account`.
        fields: Handles, or short or canonical names; every field that is neither personal nor of a special category,
            nor derived, if there are none.
        catalogue: The declared fields, custom attributes among them.
        today: The day on which ages are told.

    Raises:
        UnknownFieldError: If a name is none, with the nearest one.
        InvalidValueError: If one is asked for twice, or belongs to another kind of record.
    """
    names: Sequence[Field | str] = given_list(fields, "fields")
    if not names:
        open_to_all = (one for one in catalogue.of(entity) if not _is_closed(one))
        names = [one.name for one in open_to_all]
    columns = [ExportColumn("id", "id", lambda record, _: str(record.id))]
    for name in names:
        columns += _columns(entity, name, catalogue, today)
    return _distinct(columns)


def _is_closed(spec: FieldSpec) -> bool:
    return spec.is_personal or spec.is_special_category or spec.is_derived


def _distinct(columns: Sequence[ExportColumn]) -> tuple[ExportColumn, ...]:
    taken: set[str] = set()
    for one in columns:
        if one.name in taken:
            raise InvalidValueError("fields", f"ask for the column '{one.name}' twice", "name each field once")
        taken.add(one.name)
    return tuple(columns)


def _columns(entity: str, wanted: Field | str, catalogue: Catalogue, today: date) -> list[ExportColumn]:
    if isinstance(wanted, str) and entity == "contact" and wanted in (*ALL_POINTS, ALL_IDS):
        return [_of_contact(wanted)]
    spec = wanted.spec if isinstance(wanted, Field) else _spec(entity, wanted, catalogue)
    if spec.entity not in {"contact": ("contact", "account"), "account": ("account",)}[entity]:
        raise InvalidValueError("fields", f"ask an {entity} for a field of the {spec.entity}", "leave it out")
    return _of_field(spec, is_beside=spec.entity != entity, today=today)


def _spec(entity: str, name: str, catalogue: Catalogue) -> FieldSpec:
    if name in catalogue:
        return catalogue[name]
    if entity == "contact" and name.startswith("account_"):
        own = name if f"account.{name}" in catalogue else name.removeprefix("account_")
        if f"contact.{name}" not in catalogue:
            return catalogue[f"account.{own}"]
    return catalogue[f"{entity}.{name}"]


def _of_contact(name: str) -> ExportColumn:
    if name == ALL_IDS:
        return ExportColumn(name, "records", lambda one, _: [_pair(held) for held in one.external_ids], None, True)
    return ExportColumn(name, "words", lambda one, _: [_value(held) for held in _active(one, name)], None, True)


def _pair(held: Any) -> dict[str, Any]:
    return {"source": held.source, "value": held.value}


def _value(point: Any) -> str:
    return str(point.value)


def _active(contact: Contact, name: str) -> list[Any]:
    return [point for point in getattr(contact, name) if not point.is_retired]


def _of_field(spec: FieldSpec, *, is_beside: bool, today: date) -> list[ExportColumn]:
    name = _heading(spec, is_beside=is_beside)
    marks = (spec, spec.is_personal, spec.is_special_category)

    def held(record: Any, beside: Account | None) -> Any:
        owner: Any = beside if is_beside else record
        if spec.kind is Kind.AGE:
            return owner.age_on(today)
        return None if owner is None else spec.read(owner)

    if spec.kind is Kind.MONEY:
        return [
            ExportColumn(name, "money", lambda one, beside: _amount(held(one, beside)), *marks),
            ExportColumn(money_pair(name), "currency", lambda one, beside: _currency(held(one, beside)), *marks),
        ]
    many = spec.is_collection
    return [ExportColumn(name, spec.kind.value, lambda one, beside: _plain(held(one, beside), spec, many), *marks)]


def _heading(spec: FieldSpec, *, is_beside: bool) -> str:
    name = account_name(spec) if is_beside else spec.short
    # A contact's own attribute must not look like one of its account, nor like the currency of an amount.
    is_unclear = name.endswith("_currency") or (spec.entity == "contact" and name.startswith("account_"))
    return spec.name if isinstance(spec, CustomSpec) and is_unclear else name


def _amount(value: Money | None) -> Any:
    return None if value is None else value.amount


def _currency(value: Money | None) -> str | None:
    return None if value is None else value.currency


def _plain(value: Any, spec: FieldSpec, many: bool) -> Any:  # noqa: FBT001
    if many:
        return [_inner(one, spec) for one in cast("Sequence[Any]", value or ())]
    return value.text if isinstance(value, Location) else _scalar(value)


def _inner(value: Any, spec: FieldSpec) -> Any:
    if spec.kind is not Kind.RECORDS:
        return _scalar(value)
    return {
        one.name.rpartition(".")[2]: _scalar(getattr(value, one.name.rpartition(".")[2])) for one in spec.record_fields
    }


def _scalar(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
