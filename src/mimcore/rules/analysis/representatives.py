"""Representative values of a single-valued field: one for every way in which the conditions can tell values apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mimcore.rules.analysis.plausible import REQUIRED, other_codes, plausible
from mimcore.rules.analysis.variables import Cell
from mimcore.rules.evaluation.value_tests import Answer, value_test
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.literals import INT64
from mimcore.rules.language.nodes import MoneyLiteral
from mimcore.rules.lowering.bound import Comparison, Leaf, Member
from mimcore.values.currencies import CURRENCIES
from mimcore.values.instants import MICROSECOND

__all__ = ["cells_of", "constants", "tests_of_values"]

_DAY = timedelta(days=1)
_ANY_DAYS = (date(1900, 1, 1), date(2000, 1, 1), date(2099, 12, 31))


def cells_of(spec: FieldSpec, leaves: Sequence[Leaf]) -> list[Cell]:
    """Return missing (for accounts: none, or one without the value) and a value for every cell.

    Args:
        spec: A single-valued field.
        leaves: All conditions on it.
    """
    words = spec.short.replace("_", " ")
    if spec.entity == "account":
        missing = Cell(None, f"no {words}", is_certain=spec.name not in REQUIRED, is_linked=True)
        return [Cell(None, "no account", is_linked=False), missing, *_values(spec, leaves, words, is_linked=True)]
    return [Cell(None, f"no {words}"), *_values(spec, leaves, words, is_linked=None)]


def _values(spec: FieldSpec, leaves: Sequence[Leaf], words: str, *, is_linked: bool | None) -> Iterator[Cell]:
    for value in dict.fromkeys(_singles(spec, leaves)):
        shown = f"{value.minor_units} minor units {value.currency}" if isinstance(value, MoneyLiteral) else value
        yield Cell(value, f"{words} {shown}", is_certain=plausible(spec, value), is_linked=is_linked)


def constants(leaves: Iterable[Leaf]) -> list[Any]:
    """Return the constants that conditions compare with, without repeats."""
    found: list[Any] = []
    for leaf in leaves:
        if isinstance(leaf, Comparison):
            found.append(leaf.value)
        elif isinstance(leaf, Member):
            found += leaf.values
    return list(dict.fromkeys(found))


def tests_of_values(spec: FieldSpec, leaves: Iterable[Any]) -> list[Callable[[Any], Answer]]:
    """Return the engine's own tests of conditions on a field, to be asked about bare values."""
    itself = replace(spec, read=_itself)
    return [value_test(replace(leaf, spec=itself)) for leaf in leaves]


def _itself(value: Any) -> Any:
    return value


def _singles(spec: FieldSpec, leaves: Sequence[Leaf]) -> Iterator[Any]:
    named = constants(leaves)
    match spec.kind:
        case Kind.BOOLEAN:
            yield from (True, False)
        case Kind.CODE:
            yield from _codes(spec, named)
        case Kind.INTEGER:
            limits = [int(end) for end in (spec.lowest, spec.highest, 0) if end is not None]
            yield from (
                one for value in (*named, *limits) for one in (value - 1, value, value + 1) if abs(one) <= INT64
            )
        case Kind.NUMBER:
            ends = [float(end) for end in (spec.lowest, spec.highest, 0.5) if end is not None]
            yield from _numbers([*named, *ends])
        case Kind.DATE:
            yield from (one for day in (*named, *_ANY_DAYS) for one in _around(day, _DAY))
        case Kind.INSTANT:
            midnights = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in _ANY_DAYS]
            yield from (one for at in (*named, *midnights) for one in _around(at, MICROSECOND))
        case _:
            yield from _money(leaves)


def _codes(spec: FieldSpec, named: list[Any]) -> Iterator[str]:
    yield from named
    taken = set(named)
    others = other_codes(spec) if spec.options is None else sorted(spec.options)
    other = next((code for code in others if code not in taken), None)
    if other is not None:
        yield other
    elif spec.options is None:
        yield "".join(named) + "0"


def _numbers(named: list[float]) -> Iterator[float]:
    for value in named:
        for one in (math.nextafter(value, -math.inf), value, math.nextafter(value, math.inf)):
            if math.isfinite(one):
                yield one + 0.0


def _around(value: Any, step: timedelta) -> Iterator[Any]:
    for sign in (-1, 0, 1):
        try:
            yield value + sign * step
        except OverflowError:
            continue


def _money(leaves: Sequence[Leaf]) -> Iterator[MoneyLiteral]:
    currencies = {leaf.currency for leaf in leaves if isinstance(leaf, Comparison) and leaf.currency is not None}
    for leaf in leaves:
        if isinstance(leaf, Comparison) and leaf.currency is not None:
            for units in (int(leaf.value) - 1, int(leaf.value), int(leaf.value) + 1):  # type: ignore[arg-type]
                if abs(units) <= INT64:
                    yield MoneyLiteral(minor_units=units, currency=leaf.currency)
    other = next((one for one in sorted(CURRENCIES) if one not in currencies), None)
    if other is not None:
        yield MoneyLiteral(minor_units=1, currency=other)
