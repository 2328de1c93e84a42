"""A bound rule as one SQL condition that is true exactly for the members.

Negation is at the leaves already, and an and/or tree without negation is true exactly where it is true with NULL read
as false. So a leaf is written plainly, and a negated leaf as its plain opposite: no COALESCE, and indexes stay usable.
Who is unknown follows from two questions: neither the rule nor its negation (`rules.bound.negate`) is true for them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.bound import (
    BornBy,
    Bound,
    BoundAll,
    BoundAny,
    Comparison,
    Constant,
    Dated,
    EventLeaf,
    Fresh,
    IsKnown,
    Leaf,
    Listed,
    Literal,
    Member,
    Op,
    Overlap,
    RecordMatch,
    TextMatch,
    leaves,
)
from mimcore.sql import elements
from mimcore.sql.column_map import ColumnMap

__all__ = ["compile_rule"]

Test = ColumnElement[bool]

WIDE = 40
"""Groups with more leaves are cut up: SQLite refuses expressions deeper than 1,000, and a chain is as deep as long."""

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


def compile_rule(bound: Bound, columns: ColumnMap) -> ColumnElement[bool]:
    """Compile a bound rule.

    Args:
        bound: What `mimcore.rules.lowering.bind` returned.
        columns: Where the fields' values are.

    Returns:
        A condition for a WHERE clause; it may be NULL or false for everybody else.

    Raises:
        UnsupportedConditionError: If the map has no column for a field or no companion table.

    Examples:
        >>> from sqlalchemy import Column, MetaData, Table, Text
        >>> from mimcore import fields as f
        >>> from mimcore.rules.lowering import Binding, bind
        >>> from mimcore.sql.column_map import TableMap
        >>> people = Table("people", MetaData(), Column("land", Text))
        >>> rule = (f.contact.country != "DE").or_missing()
        >>> own = TableMap(people, {"contact.demographic.country": people.c.land})
        >>> str(compile_rule(bind(rule, Binding()), own))
        'people.land != :land_1 OR people.land IS NULL'
    """
    match bound:
        case Constant(value):
            return true() if value else false()
        case Literal(leaf, negated, missing):
            return _literal(leaf, columns, negated=negated, or_missing=missing is True)
        case BoundAll(parts):
            return _joined(and_, true(), [compile_rule(part, columns) for part in parts], _width(bound))
        case BoundAny(parts):
            return _joined(or_, false(), [compile_rule(part, columns) for part in parts], _width(bound))


def _width(bound: Bound) -> int:
    return sum(len(leaf.cutoffs) if isinstance(leaf, Fresh) else 1 for leaf in leaves(bound))


def _joined(join: Callable[..., Test], start: Test, parts: Sequence[Test], width: int) -> Test:
    """Join parts; a wide group in portions, each made a single term by IS TRUE (SQLAlchemy flattens anything else)."""
    if width <= WIDE or len(parts) == 1:
        return join(start, *parts)
    terms = [part.is_(true()) for part in parts]
    while len(terms) > WIDE:
        terms = [join(start, *terms[at : at + WIDE]).is_(true()) for at in range(0, len(terms), WIDE)]
    return join(start, *terms)


def _literal(leaf: Leaf, columns: ColumnMap, *, negated: bool, or_missing: bool) -> Test:
    match leaf:
        case EventLeaf():
            return _events(leaf, columns, negated=negated)
        case Listed(segment):
            return _signed(columns.listed(segment), negated=negated)
        case Fresh():
            return _fresh(leaf, columns, negated=negated, or_missing=or_missing)
        case Dated(spec):
            return _signed(columns.freshness(spec, lambda _, key: key.is_not(None)), negated=negated)
        case _ if leaf.spec.entity == "account":
            return _on_account(leaf, columns, negated=negated, or_missing=or_missing)
        case _:
            return _value(leaf, columns, negated=negated, or_missing=or_missing)


def _signed(test: Test, *, negated: bool) -> Test:
    """Negate a test that is never NULL."""
    return not_(test) if negated else test


def _events(leaf: EventLeaf, columns: ColumnMap, *, negated: bool) -> Test:
    condition = leaf.where

    def counts(inner: ColumnMap) -> Test:
        return true() if condition is None else compile_rule(condition, inner)

    test: Test = (_OPPOSITE if negated else _COMPARE)[leaf.op](columns.measure(leaf, counts), leaf.value)
    return test


def _fresh(leaf: Fresh, columns: ColumnMap, *, negated: bool, or_missing: bool) -> Test:
    """One range of keys a pool; pools that share a cutoff share a branch."""
    by_cutoff: dict[int, list[str]] = {}
    present = columns.pools(leaf.spec)
    for pool, cutoff in leaf.cutoffs:
        if present is None or pool in present:
            by_cutoff.setdefault(cutoff, []).append(pool)
    compare = operator.lt if negated else operator.ge

    def test(pool: ColumnElement[Any], key: ColumnElement[Any]) -> Test:
        branches = [and_(pool.in_(pools), compare(key, cutoff)) for cutoff, pools in by_cutoff.items()]
        return or_(false(), *branches)

    reached = columns.freshness(leaf.spec, test)
    undated = not_(columns.freshness(leaf.spec, lambda _, key: key.is_not(None)))
    return or_(reached, undated) if or_missing else reached


def _on_account(leaf: Leaf, columns: ColumnMap, *, negated: bool, or_missing: bool) -> Test:
    """Without an account only "is known" is decided (false); everything else is unknown."""
    if isinstance(leaf, IsKnown):
        known = columns.on_account(lambda inner: _value(leaf, inner, negated=False, or_missing=False))
        return _signed(known, negated=negated)
    found = columns.on_account(lambda inner: _value(leaf, inner, negated=negated, or_missing=or_missing))
    return or_(found, not_(columns.on_account(lambda _: true()))) if or_missing else found


def _value(leaf: Leaf, columns: ColumnMap, *, negated: bool, or_missing: bool) -> Test:
    match leaf:
        case Comparison():
            return _comparison(leaf, columns, negated=negated, or_missing=or_missing)
        case Member(spec, values):
            column = columns.value(spec)
            return _or_null(_member(column, values, negated=negated), column, or_missing=or_missing)
        case TextMatch(spec, mode, needle):
            column = columns.value(spec)
            test = {
                "contains": elements.contains,
                "starts_with": elements.starts_with,
                "ends_with": elements.ends_with,
            }[mode]
            return _or_null(test(column, needle, negated=negated), column, or_missing=or_missing)
        case BornBy():
            return _born(leaf, columns, negated=negated, or_missing=or_missing)
        case _:
            return _decided(leaf, columns, negated=negated)


def _decided(leaf: Leaf, columns: ColumnMap, *, negated: bool) -> Test:
    """Conditions that are never unknown."""
    match leaf:
        case Overlap(spec, values):
            return elements.overlaps(columns.value(spec), values, negated=negated)
        case RecordMatch(spec, where):
            asked = [(inner.short, value) for inner, _, value in where]
            return elements.has_record(columns.value(spec), asked, negated=negated)
        case IsKnown(spec) if spec.is_collection:
            return elements.has_elements(columns.value(spec), negated=negated)
        case IsKnown(spec):
            known = columns.birth_bounds(spec)[0] if spec.kind.value == "age" else columns.value(spec)
            return known.is_(None) if negated else known.is_not(None)
        case _:
            raise UnsupportedConditionError(f"a condition of type {type(leaf).__name__} has no SQL")


def _or_null(test: Test, column: ColumnElement[Any], *, or_missing: bool) -> Test:
    return or_(test, column.is_(None)) if or_missing else test


def _comparison(leaf: Comparison, columns: ColumnMap, *, negated: bool, or_missing: bool) -> Test:
    column = columns.value(leaf.spec)
    test = (_OPPOSITE if negated else _COMPARE)[leaf.op](column, leaf.value)
    if leaf.currency is None:
        return _or_null(test, column, or_missing=or_missing)
    currency = columns.currency(leaf.spec)
    same = and_(currency == leaf.currency, test)
    return or_(same, currency.is_(None), currency != leaf.currency) if or_missing else same


def _member(column: ColumnElement[Any], values: Sequence[Any], *, negated: bool) -> Test:
    if not values:
        return column.is_not(None) if negated else false()
    return _signed(elements.in_list(column, values), negated=negated)


def _born(leaf: BornBy, columns: ColumnMap, *, negated: bool, or_missing: bool) -> Test:
    """True if the latest possible birth date is early enough, false if the earliest is not, else unknown."""
    earliest, latest = columns.birth_bounds(leaf.spec)
    if or_missing:  # not false, or not true
        bound = earliest if not negated else latest
        return or_(bound > leaf.cutoff if negated else bound <= leaf.cutoff, bound.is_(None))
    return earliest > leaf.cutoff if negated else latest <= leaf.cutoff
