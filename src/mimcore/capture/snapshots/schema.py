"""The tables of a snapshot: their columns, derived from the declared fields, and the Arrow type of each.

Not here: how the values get into them (`columns`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mimcore.capture.snapshots.manifest import SnapshotColumn
from mimcore.errors import MissingExtraError
from mimcore.rules.language.catalogue import FieldSpec, Kind

__all__ = ["Shape", "account_name", "arrow", "parquet", "schema_of", "shape", "shapes_of"]

_MONEY_DIGITS = (23, 4)
"""Every int64 of minor units fits, in every currency (ISO 4217 has at most 4 decimals)."""


def arrow() -> Any:
    """Return the module `pyarrow`.

    Raises:
        MissingExtraError: If it is not installed.
    """
    return _module("pyarrow")


def parquet() -> Any:
    """Return the module `pyarrow.parquet`.

    Raises:
        MissingExtraError: If it is not installed.
    """
    return _module("pyarrow.parquet")


def _module(name: str) -> Any:
    if find_spec("pyarrow") is None:
        raise MissingExtraError("a snapshot in Parquet", "frames")
    return import_module(name)


@dataclass(frozen=True, slots=True)
class Shape:
    """One column: what the manifest says of it, and its Arrow type."""

    column: SnapshotColumn
    type: Any


def shape(name: str, kind: str, type_: Any, *, is_personal: bool = False) -> Shape:
    """Return a column that comes from no declared field.

    Args:
        name: Its name.
        kind: `id`, `json` or a field kind.
        type_: Arrow type.
        is_personal: Whether it tells who somebody is.
    """
    return Shape(SnapshotColumn(name=name, kind=kind, is_personal=is_personal), type_)


def account_name(spec: FieldSpec) -> str:
    """Return the column of an account's field among a contact's columns, as the frames room looks for it.

    Examples:
        >>> from mimcore.domain.catalogue import catalogue
        >>> account_name(catalogue["account.firmographic.country"]), account_name(catalogue["account.name"])
        ('account_country', 'account_name')
    """
    return spec.short if spec.short.startswith("account_") else f"account_{spec.short}"


def shapes_of(spec: FieldSpec, name: str = "") -> tuple[Shape, ...]:
    """Return the columns of a field: one, and beside text and tags the folded ones, beside money the currency.

    Args:
        spec: The field.
        name: Name of the first column; the field's short name unless given.
    """
    pa, own = arrow(), name or spec.short
    main = _shape(spec, own, spec.kind.value, _type(spec))
    match spec.kind:
        case Kind.TEXT:
            return main, _shape(spec, f"{own}_folded", "folded", pa.string())
        case Kind.TAGS:
            return main, _shape(spec, f"{own}_folded", "folded", pa.list_(pa.string()))
        case Kind.LOCATION:
            return main, *(_shape(spec, f"{own}_{axis}", "units", pa.int64()) for axis in "xyz")
        case Kind.MONEY:
            return main, _shape(spec, f"{own}_currency", "currency", pa.string())
        case _:
            return (main,)


def _shape(spec: FieldSpec, name: str, kind: str, type_: Any) -> Shape:
    marks = {"is_personal": spec.is_personal, "is_special_category": spec.is_special_category}
    return Shape(SnapshotColumn(name=name, kind=kind, field=spec.name, **marks), type_)


def _type(spec: FieldSpec) -> Any:
    pa = arrow()
    match spec.kind:
        case Kind.BOOLEAN:
            return pa.bool_()
        case Kind.INTEGER | Kind.AGE:
            return pa.int64()
        case Kind.NUMBER:
            return pa.float64()
        case Kind.MONEY:
            return pa.decimal128(*_MONEY_DIGITS)
        case Kind.DATE:
            return pa.date32()
        case Kind.INSTANT:
            return pa.timestamp("us", "UTC")
        case Kind.TAGS | Kind.CODES:
            return pa.list_(pa.string())
        case Kind.RECORDS:
            return pa.list_(pa.struct([(inner.short, _type(inner)) for inner in spec.record_fields]))
        case _:
            return pa.string()


def schema_of(shapes: Iterable[Shape]) -> Any:
    """Return the Arrow schema of columns."""
    return arrow().schema([(one.column.name, one.type) for one in shapes])
