"""Constants in rules: checked against the field's kind, and normalised the same way wherever a rule comes from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeGuard

from mimcore.errors import InvalidValueError, RuleSyntaxError, RuleTypeError, nearest
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.rule import MoneyLiteral, Scalar
from mimcore.values.codes import country, language
from mimcore.values.currencies import CURRENCIES
from mimcore.values.instants import as_date, as_instant
from mimcore.values.text import fold

__all__ = ["INT64", "Primitive", "codes", "is_list", "minor_units", "primitive", "scalar", "words"]

INT64 = 2**63 - 1
Primitive = bool | int | float | str | date | datetime
"""What engines compare with."""
_READERS = {"country": country, "language": language}
"""Vocabularies whose codes have names that people know better."""
_EXAMPLES = frozenset({"DK", "da", "DKK"})
_UNSTORED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""The characters of the categories Cc and Cs."""


def scalar(spec: FieldSpec, value: object) -> Scalar:
    """Turn a Python value into the literal that a rule stores: JSON's own types, or money.

    Raises:
        RuleSyntaxError: If the value is None.
        RuleTypeError: If the value does not fit the field.
    """
    if value is None:
        raise RuleSyntaxError(f"{spec.name}: nothing equals None; write .is_missing() or .is_known()")
    literal = _literal(value, spec.name)
    primitive(spec, literal)
    return literal


def _literal(value: object, name: str) -> Scalar:
    if isinstance(value, bool | int | float | str | MoneyLiteral):
        return value
    if isinstance(value, datetime):
        return as_instant(value, name).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    minor, currency = getattr(value, "minor_units", None), getattr(value, "currency", None)
    if isinstance(minor, int) and isinstance(currency, str):
        return MoneyLiteral(minor_units=minor, currency=currency)
    raise RuleTypeError(
        f"{name}: a rule cannot hold a {type(value).__name__}; use text, a number, a date, an instant or mim.money(...)"
    )


def primitive(spec: FieldSpec, value: Scalar) -> Primitive:
    """Return the constant that engines compare with: folded text, parsed dates, minor units.

    Raises:
        RuleTypeError: If the literal does not fit the field's kind or vocabulary.
    """
    match spec.kind:
        case Kind.TEXT | Kind.TAGS:
            return _folded(spec, value)
        case Kind.CODE | Kind.CODES:
            return _code(spec, value)
        case Kind.DATE | Kind.INSTANT:
            return _moment(spec, value)
        case _:
            return _number(spec, value)


def _number(spec: FieldSpec, value: Scalar) -> Primitive:
    match spec.kind:
        case Kind.BOOLEAN:
            if isinstance(value, bool):
                return value
        case Kind.INTEGER | Kind.AGE:
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INT64:
                return value
        case Kind.NUMBER:
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                return float(value) + 0.0
        case Kind.MONEY:
            if isinstance(value, MoneyLiteral):
                return minor_units(spec.name, value)
        case _:
            pass
    raise RuleTypeError(f"{spec.name} is {_described(spec)}: {_named(value)} does not fit")


def minor_units(name: str, literal: MoneyLiteral) -> int:
    """Return the minor units of a money literal.

    Args:
        name: What is compared, for an error.
        literal: The amount.

    Raises:
        RuleTypeError: If the currency is no ISO 4217 code in capitals, or the amount is no int64.
    """
    if literal.currency not in CURRENCIES:
        raise RuleTypeError(f"{name}: the literal's currency is not an ISO 4217 code such as DKK")
    if abs(literal.minor_units) > INT64:
        raise RuleTypeError(f"{name}: the amount does not fit 64 bits")
    return literal.minor_units


def _named(value: Scalar) -> str:
    """Return what it is, with its article."""
    kind = type(value).__name__
    return "a money amount" if isinstance(value, MoneyLiteral) else f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def _described(spec: FieldSpec) -> str:
    wanted = {
        Kind.MONEY: "money (give mim.money('100', 'DKK'))",
        Kind.DATE: "a date (give a date or 'YYYY-MM-DD')",
        Kind.INSTANT: "an instant (give an aware datetime or ISO text with a zone)",
        Kind.AGE: "an age in whole years (give an int)",
        Kind.RECORDS: "a collection of records (use .any(...))",
        Kind.LOCATION: "a location (use .within_km(...))",
    }
    return wanted.get(spec.kind, f"of kind {spec.kind.value}")


def _folded(spec: FieldSpec, value: Scalar) -> str:
    if not isinstance(value, str):
        raise RuleTypeError(f"{spec.name} is text: {_named(value)} does not fit")
    return _readable(spec, fold(value))


def _readable(spec: FieldSpec, text: str) -> str:
    if not text.strip():
        raise RuleTypeError(f"{spec.name}: empty text is a missing value; write .is_missing()")
    if _UNSTORED.search(text) is not None:
        raise RuleTypeError(
            f"{spec.name}: the literal holds a control character or an unpaired surrogate, which no stored text does"
        )
    return text


def _code(spec: FieldSpec, value: Scalar) -> str:
    if not isinstance(value, str):
        raise RuleTypeError(
            f"{spec.name} is a code of the vocabulary {spec.vocabulary or 'text'}: {_named(value)} does not fit"
        )
    if spec.options is not None and value not in spec.options:
        if len(spec.options) <= 20:
            raise RuleTypeError(
                f"{spec.name}: not one of {', '.join(sorted(spec.options))}{nearest(value, spec.options)}"
            )
        raise RuleTypeError(f"{spec.name}: the literal is not a code of {spec.vocabulary}{_code_hint(spec, value)}")
    return _readable(spec, value)


def _code_hint(spec: FieldSpec, value: str) -> str:
    """Say which code is meant; the name of a country is a public fact."""
    options = spec.options or ()
    example = f": write a code such as '{next(iter(_EXAMPLES & set(options)), min(options, default=''))}'"
    reader = _READERS.get(spec.vocabulary or "")
    try:
        code = "" if reader is None else reader(value)
    except InvalidValueError:
        code = ""
    return f" (did you mean '{code}'?)" if code in options else f"{nearest(value, options)}{example}"


def _moment(spec: FieldSpec, value: Scalar) -> Primitive:
    problem = f"{spec.name} is {_described(spec)}: this literal does not fit"
    if isinstance(value, str):
        try:
            return as_date(value) if spec.kind is Kind.DATE else as_instant(value)
        except InvalidValueError as error:
            problem = f"{spec.name}: the literal {error.reason} ({error.remedy})"
    raise RuleTypeError(problem)


def is_list(value: object) -> TypeGuard[Iterable[Any]]:
    """Tell whether several values were given as one; text is one value, not its letters."""
    return isinstance(value, list | tuple | set | frozenset)


def words(spec: FieldSpec, values: Iterable[object]) -> tuple[Scalar, ...]:
    """Return literals for a list of values, without repeats, in their order.

    Raises:
        RuleTypeError: If one does not fit, or if a bare text stands where a list belongs.
    """
    listed = list(values)
    return tuple(dict.fromkeys(scalar(spec, value) for value in listed))


def codes(spec: FieldSpec, values: Iterable[Scalar]) -> tuple[str, ...]:
    """Return the constants of a collection field, sorted, without repeats."""
    return tuple(sorted({str(primitive(spec, value)) for value in values}))
