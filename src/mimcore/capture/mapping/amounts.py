"""What currency amounts are of: the one that their column declares, or the one that another column names by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mimcore.capture.mapping.column_mapping import ColumnMapping
from mimcore.capture.mapping.targets import Declared, spec_of
from mimcore.capture.mapping.transforms import Constant, Default, Exact, ReadMoney
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Kind
from mimcore.values.money import Money, money

__all__ = ["CURRENCY_OF", "amount_of", "check_currencies", "currency_is_lacking", "with_currency"]

CURRENCY_OF: Mapping[str, str] = {"event.value": "event.currency", "deal.value": "deal.currency"}
"""The target of the column that names the currency of an amount by row."""


def amount_of(values: Mapping[str, Any], target: str) -> Money | None:
    """Return the amount of a row; text is of the currency that the row names.

    Args:
        values: Values by target.
        target: `event.value` or `deal.value`.

    Raises:
        InvalidValueError: If the row names no currency, or the text is no amount of it.

    Examples:
        >>> str(amount_of({"event.value": "1,249.50", "event.currency": "DKK"}, "event.value"))
        'DKK 1,249.50'
    """
    value = values.get(target)
    if value is None or isinstance(value, Money):
        return value
    currency = values.get(CURRENCY_OF[target])
    if currency is None:
        remedy = f"fill in the column of {CURRENCY_OF[target]}, or give currency= or read_money('EUR')"
        raise InvalidValueError(target, "is an amount without a currency", remedy)
    try:
        return money(ReadMoney(currency=currency).plain(value), currency)
    except InvalidValueError as error:
        reason, remedy = error.reason, error.remedy
    raise InvalidValueError(target, reason, remedy)


def currency_is_lacking(target: str) -> InvalidValueError:
    """Return the error of a column of amounts whose currency nothing tells.

    Args:
        target: What the column becomes.
    """
    column = f", or map a column to {CURRENCY_OF[target]}" if target in CURRENCY_OF else ""
    remedy = f'give currency="DKK", or the transformation {{"do": "money", "currency": …}}{column}'
    return InvalidValueError(target, "needs a currency", remedy)


def check_currencies(columns: Iterable[ColumnMapping]) -> None:
    """Refuse amounts whose currency nothing tells, or two things do.

    Args:
        columns: The columns of one file.

    Raises:
        InvalidValueError: With the target.
    """
    listed = list(columns)
    fields = {one.field for one in listed}
    for one in listed:
        named = CURRENCY_OF.get(one.field)
        is_named_by_row = named in fields
        spec = spec_of(one.field)
        if spec is not None and spec.kind is Kind.MONEY and not is_named_by_row and not _is_declared(one):
            raise currency_is_lacking(one.field)
        if is_named_by_row and _is_declared(one):
            reason = f"is read in a currency of its own, and a column becomes {named} as well"
            raise InvalidValueError(one.field, reason, "leave one out; read_money(decimal=',') declares the sign alone")


def with_currency(
    columns: Iterable[ColumnMapping], currency: str | None, declared: Declared | None = None
) -> tuple[ColumnMapping, ...]:
    """Return columns whose amounts are of a currency where nothing else tells.

    Args:
        columns: The columns of one file.
        currency: ISO 4217 code; None changes nothing.
        declared: Custom attributes of the store, which may be amounts.
    """
    listed = tuple(columns)
    if currency is None:
        return listed
    fields = {one.field for one in listed}
    return tuple(_completed(one, fields, currency, declared) for one in listed)


def _completed(column: ColumnMapping, fields: set[str], currency: str, declared: Declared | None) -> ColumnMapping:
    if column.field in CURRENCY_OF.values():
        is_told = any(isinstance(one, Default | Constant) for one in column.transforms)
        return column if is_told else column.evolve(transforms=(*column.transforms, Default(value=currency)))
    spec = spec_of(column.field, declared)
    is_amount = column.field in CURRENCY_OF or (spec is not None and spec.kind is Kind.MONEY)
    if not is_amount or CURRENCY_OF.get(column.field) in fields or _is_declared(column):
        return column
    reading = next((one for one in column.transforms if isinstance(one, ReadMoney)), None)
    if reading is None:
        return column.evolve(transforms=(*column.transforms, ReadMoney(currency=currency)))
    whole = reading.evolve(currency=currency)
    return column.evolve(transforms=tuple(whole if one is reading else one for one in column.transforms))


def _is_declared(column: ColumnMapping) -> bool:
    return any(
        isinstance(one, Exact) or (isinstance(one, ReadMoney) and one.currency is not None) for one in column.transforms
    )
