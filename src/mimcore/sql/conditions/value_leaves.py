"""Leaves that read one row: single values, lists in it, two values compared. What they mean is `rules.value_tests`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, false, literal, not_, or_

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.lowering.bound import (
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
    Op,
    Overlap,
    RecordMatch,
    TextMatch,
)
from mimcore.sql.conditions import moments
from mimcore.sql.conditions.column_map import ColumnMap
from mimcore.sql.expressions import elements, json_lists

__all__ = ["Signs", "pair_test", "value_test"]

Test = ColumnElement[bool]

_COMPARE: dict[Op, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_OPPOSITE: dict[Op, Callable[[Any, Any], Any]] = {
    "eq": operator.ne,
    "lt": operator.ge,
    "le": operator.gt,
    "gt": operator.le,
    "ge": operator.lt,
}
_WORDS = frozenset({Kind.TEXT, Kind.CODE})
"""Kinds of which a blank never equals a constant."""
_TEXT: dict[str, Callable[..., Test]] = {
    "contains": elements.contains,
    "starts_with": elements.starts_with,
    "ends_with": elements.ends_with,
    "matches": elements.matches,
}


@dataclass(frozen=True, slots=True)
class Signs:
    """How a leaf stands in the rule: as it is or negated, and whether it is true where it is unknown."""

    negated: bool = False
    or_missing: bool = False

    def compare(self, op: Op) -> Callable[[Any, Any], Any]:
        """Return the comparison, or its plain opposite."""
        return (_OPPOSITE if self.negated else _COMPARE)[op]

    def or_null(self, test: Test, *columns: ColumnElement[Any]) -> Test:
        """Let a test be true too where one of its columns is missing, if that is asked for."""
        return or_(test, *(column.is_(None) for column in columns)) if self.or_missing else test


def value_test(leaf: Leaf, columns: ColumnMap, signs: Signs) -> Test:
    """Compile a leaf that reads one row.

    Args:
        leaf: The leaf.
        columns: Where the row's values are.
        signs: How it stands.

    Raises:
        UnsupportedConditionError: If it has no SQL, or the map no column for it.
    """
    test, spec = _written(leaf, columns, signs), getattr(leaf, "spec", None)
    blank = None if spec is None or isinstance(leaf, FieldPair) else columns.blank(spec)
    return test if spec is None or blank is None else _guarded(leaf, spec.kind, test, blank, signs)


def _guarded(leaf: Leaf, kind: Kind, test: Test, blank: Test, signs: Signs) -> Test:
    """Let blanks count as missing; a leaf that no blank can fit needs no guard."""
    if isinstance(leaf, IsKnown):
        return or_(test, blank) if signs.negated else and_(test, not_(blank))
    if signs.or_missing:
        return test if signs.negated and kind in _WORDS else or_(test, blank)
    may_fit = kind is Kind.NUMBER or (signs.negated and (kind in _WORDS or isinstance(leaf, Member)))
    return and_(test, not_(blank)) if may_fit else test


def _written(leaf: Leaf, columns: ColumnMap, signs: Signs) -> Test:
    match leaf:
        case Comparison():
            return _comparison(leaf, columns, signs)
        case Member(spec, values):
            column = columns.value(spec)
            return signs.or_null(_member(column, values, negated=signs.negated), column)
        case TextMatch(spec, mode, needle):
            column = columns.value(spec)
            return signs.or_null(_TEXT[mode](column, needle, negated=signs.negated), column)
        case BornBy():
            return _born(leaf, columns, signs)
        case FieldPair():
            return pair_test(leaf, columns, columns, signs)
        case MonthDay(spec, ranges):
            column = columns.value(spec)
            return signs.or_null(moments.month_day(column, ranges, negated=signs.negated), column)
        case Near():
            return _near(leaf, columns, signs)
        case Clock(spec):
            column = columns.value(spec)
            asked = replace(leaf, offsets=moments.trimmed(leaf.offsets, *columns.window(spec)))
            return signs.or_null(moments.clock(asked, column, negated=signs.negated), column)
        case _:
            return _decided(leaf, columns, signs)


def _decided(leaf: Leaf, columns: ColumnMap, signs: Signs) -> Test:
    """Conditions that are never unknown."""
    match leaf:
        case Overlap(spec, values):
            return json_lists.overlaps(columns.value(spec), values, negated=signs.negated)
        case RecordMatch(spec, where):
            return json_lists.has_record(columns.value(spec), where, negated=signs.negated)
        case Elements(spec, where, op, value):
            counted = json_lists.count_elements(columns.value(spec), spec, where)
            test: Test = signs.compare(op)(counted, literal(value, BigInteger()))
            return test
        case IsKnown(spec) if spec.is_collection:
            return json_lists.has_elements(columns.presence(spec), negated=signs.negated)
        case IsKnown(spec):
            known = columns.birth_bounds(spec)[0] if spec.kind is Kind.AGE else columns.presence(spec)
            return known.is_(None) if signs.negated else known.is_not(None)
        case _:
            raise UnsupportedConditionError(f"a condition of type {type(leaf).__name__} has no SQL")


def _comparison(leaf: Comparison, columns: ColumnMap, signs: Signs) -> Test:
    column = columns.value(leaf.spec) if leaf.currency is None else columns.amount(leaf.spec, leaf.currency)
    test = signs.compare(leaf.op)(column, leaf.value)
    if leaf.currency is None:
        return signs.or_null(test, column)
    currency = columns.currency(leaf.spec)
    same = and_(currency == leaf.currency, test)
    return or_(same, currency.is_(None), currency != leaf.currency) if signs.or_missing else same


def _near(leaf: Near, columns: ColumnMap, signs: Signs) -> Test:
    """Compare the squared distance: whole numbers below 2⁵³, which no database rounds."""
    parts = columns.units(leaf.spec)
    gaps = [column - literal(centre, BigInteger()) for column, centre in zip(parts, leaf.units, strict=True)]
    x, y, z = (gap * gap for gap in gaps)
    test: Test = signs.compare("le")(x + y + z, literal(leaf.limit, BigInteger()))
    return signs.or_null(test, parts[0])


def _member(column: ColumnElement[Any], values: Sequence[Any], *, negated: bool) -> Test:
    if not values:
        return column.is_not(None) if negated else false()
    test = elements.in_list(column, values)
    return not_(test) if negated else test


def _born(leaf: BornBy, columns: ColumnMap, signs: Signs) -> Test:
    """True if the latest possible birth date is early enough, false if the earliest is not, else unknown."""
    earliest, latest = columns.birth_bounds(leaf.spec)
    if signs.or_missing:  # not false, or not true
        bound = latest if signs.negated else earliest
        return or_(bound > leaf.cutoff if signs.negated else bound <= leaf.cutoff, bound.is_(None))
    return earliest > leaf.cutoff if signs.negated else latest <= leaf.cutoff


def pair_test(leaf: FieldPair, columns: ColumnMap, others: ColumnMap, signs: Signs) -> Test:
    """Compile the comparison of two values; those of different currencies are unknown.

    Args:
        leaf: The leaf.
        columns: Where its first value is.
        others: Where its second value is.
        signs: How it stands.
    """
    one, other = columns.value(leaf.spec), others.value(leaf.other)
    test = signs.compare(leaf.op)(*moments.comparable(one, other))
    blanks = [blank for blank in (columns.blank(leaf.spec), others.blank(leaf.other)) if blank is not None]
    if leaf.spec.kind is not Kind.MONEY:
        found = signs.or_null(test, one, other)
        return or_(found, *blanks) if signs.or_missing else and_(found, *(not_(blank) for blank in blanks))
    currency, other_currency = columns.currency(leaf.spec), others.currency(leaf.other)
    same = and_(currency == other_currency, test)
    if not signs.or_missing:
        return same
    return or_(same, currency.is_(None), other_currency.is_(None), currency != other_currency, *blanks)
