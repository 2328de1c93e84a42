"""What a leaf means for one object alone: a contact, one of its accounts, one of its events.

The only meaning of these leaves in Python: generated code, explanations and the order of pages use the same tests.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.wildcards import matcher
from mimcore.rules.lowering.bound import (
    Among,
    BornBy,
    Clock,
    Comparison,
    Elements,
    FieldPair,
    IsKnown,
    Leaf,
    Member,
    MonthDay,
    Near,
    Overlap,
    Primitive,
    RecordMatch,
    Sampled,
    TextMatch,
)
from mimcore.rules.lowering.value_conditions import SAMPLE_PRIME
from mimcore.values.identifiers import sample_key
from mimcore.values.location import Location
from mimcore.values.text import fold
from mimcore.values.zones import local_microseconds

__all__ = ["OPERATORS", "Answer", "Test", "compared", "normal", "on_account", "value_test"]

Answer = bool | None
Test = Callable[[Any], Answer]
"""A test of facts, or of one object alone: a contact, an account, an event."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_MIRRORED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.gt,
    "le": operator.ge,
    "gt": operator.lt,
    "ge": operator.le,
}
"""The same comparison with the constant on the left, where `partial` can hold it."""
_TEXT = {"contains": "__contains__", "starts_with": "startswith", "ends_with": "endswith"}
_DAY_US, _HOUR_US = 86_400_000_000, 3_600_000_000
_THURSDAY = 3
"""1970 began on one, counted from Monday as 0."""


def on_account(leaf: Any) -> Test:
    """Compile a leaf that reads the primary account, or compares a value with one of it; without one it is unknown.

    Args:
        leaf: A leaf on single values or collections.
    """
    if isinstance(leaf, FieldPair):
        return _pair(leaf, *(_of(spec) for spec in (leaf.spec, leaf.other)))
    test, without = value_test(leaf), (False if isinstance(leaf, IsKnown) else None)
    return lambda facts: without if facts.account is None else test(facts.account)


def _of(spec: FieldSpec) -> Callable[[Any], Any]:
    """Read a field of the facts: of the account, or of the contact."""
    if spec.entity == "account":
        return lambda facts: None if facts.account is None else spec.read(facts.account)
    return lambda facts: spec.read(facts.contact)


def value_test(leaf: Leaf) -> Test:  # noqa: C901, PLR0912 - one line for each kind of leaf
    """Return the test of a leaf that reads one object only (a contact, an account or an event).

    Args:
        leaf: The leaf, as it stands: neither negated nor with a meaning for missing values.
    """
    match leaf:
        case Comparison():
            return _comparison(leaf.spec, leaf.op, leaf.value, leaf.currency)
        case Member(spec, values):
            return _scalar(spec, frozenset(values).__contains__)
        case TextMatch(spec, mode, needle):
            return _scalar(spec, _text(mode, needle))
        case Overlap(spec, values):
            return _overlap(spec, frozenset(values))
        case RecordMatch(spec, where):
            return _record(spec, _fitting(where))
        case Elements():
            return _elements(leaf)
        case IsKnown(spec):
            return _known(spec)
        case BornBy(spec, cutoff):
            return _born(spec, cutoff)
        case FieldPair(spec, _, other):
            return _pair(leaf, spec.read, other.read)
        case MonthDay(spec, ranges):
            return _scalar(spec, lambda day: any(low <= day.month * 100 + day.day <= high for low, high in ranges))
        case Near():
            return _scalar(leaf.spec, _near(leaf))
        case Clock():
            return _clock(leaf)
        case Sampled(a, b, cut):
            return lambda contact: (a * sample_key(contact.id) + b) % SAMPLE_PRIME < cut
        case Among(ids):
            wanted = frozenset(ids[at : at + 16] for at in range(0, len(ids), 16))
            return lambda contact: contact.id.bytes in wanted
        case _:
            raise AssertionError(type(leaf).__name__)


def _scalar(spec: FieldSpec, holds: Callable[[Any], bool]) -> Test:
    """Test one value, text folded; money is handled by the caller."""
    read = spec.read
    if spec.kind is Kind.TEXT:
        return lambda owner: None if (value := read(owner)) is None else holds(fold(value))
    return lambda owner: None if (value := read(owner)) is None else holds(value)


def _comparison(spec: FieldSpec, op: str, constant: Any, currency: str | None) -> Test:
    holds = partial(_MIRRORED[op], constant)
    if currency is None:
        return _scalar(spec, holds)

    def test(owner: Any) -> Answer:
        money = spec.read(owner)
        return None if money is None or money.currency != currency else holds(money.minor_units)

    return test


def _overlap(spec: FieldSpec, wanted: frozenset[str]) -> Test:
    read = spec.read
    if spec.kind is Kind.TAGS:
        return lambda owner: any(fold(value) in wanted for value in read(owner))
    return lambda owner: not wanted.isdisjoint(read(owner))


def _text(mode: str, needle: str) -> Callable[[str], bool]:
    if mode == "matches":
        pattern = matcher(needle)
        return lambda text: pattern.fullmatch(text) is not None
    return operator.methodcaller(_TEXT[mode], needle)


def _fitting(where: tuple[tuple[FieldSpec, Any, Primitive], ...]) -> Callable[[Any], bool]:
    """Return whether all conditions on a record are true."""
    tests = [_comparison(inner, op, value, None) for inner, op, value in where]
    return lambda record: all(test(record) is True for test in tests)


def _record(spec: FieldSpec, fits: Callable[[Any], bool]) -> Test:
    return lambda owner: any(map(fits, spec.read(owner)))


def _elements(leaf: Elements) -> Test:
    """Count records, or different words."""
    read, compare, value = leaf.spec.read, OPERATORS[leaf.op], leaf.value
    if leaf.spec.kind is Kind.RECORDS:
        fits = _fitting(leaf.where)
        return lambda owner: compare(sum(map(fits, read(owner))), value)
    change = normal(leaf.spec)
    return lambda owner: compare(len({change(word) for word in read(owner)}), value)


def normal(spec: FieldSpec) -> Callable[[Any], Any]:
    """Return what brings a field's value to the form that is compared: folding, for text and words.

    Args:
        spec: The field.
    """
    return fold if spec.kind in {Kind.TEXT, Kind.TAGS} else _itself


def compared(spec: FieldSpec, value: Any) -> Any:
    """Return a field's value as it is compared: text folded, codes plain, nothing for an empty collection.

    Args:
        spec: The field.
        value: What was read; None where there is none.
    """
    if not spec.is_collection:
        return None if value is None else normal(spec)(getattr(value, "value", value))
    return tuple(normal(spec)(getattr(one, "value", one)) for one in value) or None


def _itself(value: Any) -> Any:
    return value


def _pair(leaf: FieldPair, read: Callable[[Any], Any], read_other: Callable[[Any], Any]) -> Test:
    compare, change = OPERATORS[leaf.op], normal(leaf.spec)
    is_money = leaf.spec.kind is Kind.MONEY

    def test(owner: Any) -> Answer:
        one, other = read(owner), read_other(owner)
        if one is None or other is None:
            return None
        if not is_money:
            return compare(change(one), change(other))
        return compare(one.minor_units, other.minor_units) if one.currency == other.currency else None

    return test


def _near(leaf: Near) -> Callable[[Location], bool]:
    (a, b, c), limit = leaf.units, leaf.limit

    def holds(place: Location) -> bool:
        x, y, z = place.units
        return (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= limit

    return holds


def _clock(leaf: Clock) -> Test:
    values, offsets = frozenset(leaf.values), leaf.offsets
    if not offsets:
        return _scalar(leaf.spec, lambda day: day.isoweekday() in values)
    if leaf.part == "hour":
        return _scalar(leaf.spec, lambda at: local_microseconds(at, offsets) // _HOUR_US % 24 in values)

    def weekday(at: datetime) -> int:
        return (local_microseconds(at, offsets) // _DAY_US + _THURSDAY) % 7 + 1

    return _scalar(leaf.spec, lambda at: weekday(at) in values)


def _known(spec: FieldSpec) -> Test:
    read = spec.read
    if spec.is_collection:
        return lambda owner: bool(read(owner))
    return lambda owner: read(owner) is not None


def _born(spec: FieldSpec, cutoff: date) -> Test:
    read = spec.read

    def test(owner: Any) -> Answer:
        bounds = read(owner)
        if bounds is None:
            return None
        earliest, latest = bounds
        return True if latest <= cutoff else (False if earliest > cutoff else None)

    return test
