"""A bound rule as one SQL condition that is true exactly for the members.

Negation is at the leaves already, and an and/or tree without negation is true exactly where it is true with NULL read
as false. So a leaf is written plainly, and a negated leaf as its plain opposite: no COALESCE, and indexes stay usable.
Who is unknown follows from two questions: neither the rule nor its negation (`rules.bound.negate`) is true for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, false, literal, not_, or_, true

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.lowering.bound import (
    Among,
    AnyAccount,
    Bound,
    BoundAll,
    BoundAny,
    Changed,
    Constant,
    CountAccounts,
    Dated,
    EventLeaf,
    EverHeld,
    FieldPair,
    Follows,
    Fresh,
    FreshPoint,
    IsKnown,
    Leaf,
    Listed,
    Literal,
    Op,
    Permitted,
    Regular,
    Restarted,
    Sampled,
    leaves,
    negate,
)
from mimcore.rules.lowering.value_conditions import SAMPLE_PRIME
from mimcore.sql.conditions.clock_windows import within_windows
from mimcore.sql.conditions.column_map import ColumnMap
from mimcore.sql.conditions.freshness_tests import in_any
from mimcore.sql.conditions.value_leaves import Signs, pair_test, value_test

__all__ = ["compile_condition", "compile_rule"]

Test = ColumnElement[bool]

WIDE = 40
"""Groups with more leaves are cut up: SQLite refuses expressions deeper than 1,000, and a chain is as deep as long."""


def compile_rule(bound: Bound, columns: ColumnMap) -> ColumnElement[bool]:
    """Compile a bound rule.

    Args:
        bound: What `mimcore.rules.lowering.bind.bind` returned.
        columns: Where the fields' values are.

    Returns:
        A condition for a WHERE clause; it may be NULL or false for everybody else.

    Raises:
        UnsupportedConditionError: If the map has no column for a field or no companion table, or if the rule asks for
            history or consent, which a store looks up first (`repositories.looking_up`).

    Examples:
        >>> from mimcore import fields as f
        >>> from mimcore.rules.lowering.bind import Binding, bind
        >>> from mimcore.sql.conditions.column_map import ContactMap
        >>> rule = (f.contact.country != "DE").or_missing()
        >>> str(compile_rule(bind(rule, Binding()), ContactMap("default")))
        'mim_contact.country != :country_1 OR mim_contact.country IS NULL'
    """
    return _compiled(within_windows(bound), columns)


def _compiled(bound: Bound, columns: ColumnMap) -> Test:
    match bound:
        case Constant(value):
            return true() if value else false()
        case Literal(leaf, negated, missing):
            return _literal(leaf, columns, Signs(negated, missing is True))
        case BoundAll(parts):
            return _joined(and_, true(), [_compiled(part, columns) for part in parts], _width(bound))
        case BoundAny(parts):
            return _joined(or_, false(), [_compiled(part, columns) for part in parts], _width(bound))


def compile_condition(where: Bound | None, columns: ColumnMap) -> ColumnElement[bool]:
    """Compile the condition on one event or one account, if there is one.

    Args:
        where: Bound condition.
        columns: Where its values are.
    """
    return true() if where is None else compile_rule(where, columns)


def _width(bound: Bound) -> int:
    return sum(len(leaf.cutoffs) if isinstance(leaf, Fresh | FreshPoint) else 1 for leaf in leaves(bound, outer=True))


def _joined(join: Callable[..., Test], start: Test, parts: Sequence[Test], width: int) -> Test:
    """Join parts; a wide group in portions, each made a single term by IS TRUE (SQLAlchemy flattens anything else)."""
    if width <= WIDE or len(parts) == 1:
        return join(start, *parts)
    terms = [part.is_(true()) for part in parts]
    while len(terms) > WIDE:
        terms = [join(start, *terms[at : at + WIDE]).is_(true()) for at in range(0, len(terms), WIDE)]
    return join(start, *terms)


def _literal(leaf: Leaf, columns: ColumnMap, signs: Signs) -> Test:
    match leaf:
        case EventLeaf():
            return _measured(leaf, columns, signs)
        case Follows() | Regular() | Restarted():
            return _signed(columns.happened(leaf, compile_condition), signs)
        case AnyAccount(where):
            return _any_account(where, columns, signs)
        case CountAccounts(where, op, value):
            counted = columns.count_accounts(lambda inner: compile_rule(where, inner))
            return _compared(counted, op, literal(value, BigInteger()), signs)
        case Fresh():
            return _fresh(leaf, columns, signs)
        case FreshPoint():
            return _fresh_point(leaf, columns, signs)
        case FieldPair(spec, _, other) if spec.entity != other.entity:
            return _with_account(leaf, columns, signs)
        case Among() | Sampled() | Listed() | Dated() | Changed() | EverHeld() | Permitted():
            return _signed(_fact(leaf, columns), signs)
        case _ if leaf.spec.entity == "account":
            return _on_account(leaf, columns, signs)
        case _:
            return value_test(leaf, columns, signs)


def _signed(test: Test, signs: Signs) -> Test:
    """Negate a test that is never NULL."""
    return not_(test) if signs.negated else test


def _compared(value: ColumnElement[Any], op: Op, constant: Any, signs: Signs) -> Test:
    test: Test = signs.compare(op)(value, constant)
    return test


def _fact(leaf: Among | Sampled | Listed | Dated | Changed | EverHeld | Permitted, columns: ColumnMap) -> Test:
    """Return the test of a leaf that is never unknown."""
    match leaf:
        case Among(ids):
            return columns.among(ids)
        case Listed(segment):
            return columns.listed(segment)
        case Dated(spec):
            return columns.freshness(spec, lambda _, key: key.is_not(None))
        case Sampled(a, b, cut):
            key = cast(columns.sample_key(), BigInteger())
            mapped = literal(a, BigInteger()) * key + literal(b, BigInteger())
            return mapped % literal(SAMPLE_PRIME, BigInteger()) < literal(cut, BigInteger())
        case Changed() | EverHeld() | Permitted():
            raise UnsupportedConditionError(
                "conditions on history and consent have no SQL of their own: ask a store, which looks them up first"
            )


def _measured(leaf: EventLeaf, columns: ColumnMap, signs: Signs) -> Test:
    measured = columns.measure(leaf, compile_condition)
    test = _compared(measured, leaf.op, 0 if leaf.measure == "average" else leaf.value, signs)
    return or_(test, measured.is_(None)) if signs.or_missing and leaf.may_miss else test


def _any_account(where: Bound, columns: ColumnMap, signs: Signs) -> Test:
    """Kleene's or: true with an account for which the condition is true, false where it is false for all of them."""
    if signs.negated is signs.or_missing:  # true, or no longer true even where it is unknown
        found = columns.on_accounts(lambda inner: compile_rule(where, inner))
    else:
        found = columns.on_accounts(lambda inner: compile_rule(negate(where), inner).is_not(true()))
    return not_(found) if signs.negated else found


def _fresh(leaf: Fresh, columns: ColumnMap, signs: Signs) -> Test:
    reached = columns.fresh(leaf.spec, leaf.cutoffs, signs.compare("ge"))
    undated = not_(columns.freshness(leaf.spec, lambda _, key: key.is_not(None)))
    return or_(reached, undated) if signs.or_missing else reached


def _fresh_point(leaf: FreshPoint, columns: ColumnMap, signs: Signs) -> Test:
    """The best of the dated points decides: false means that there is one, and that none of them reaches its cutoff."""
    reached = columns.point_freshness(leaf.points, in_any(leaf.cutoffs, ge))
    dated = columns.point_freshness(leaf.points, lambda _, key: key.is_not(None))
    if signs.or_missing:
        return not_(reached) if signs.negated else or_(reached, not_(dated))
    return and_(dated, not_(reached)) if signs.negated else reached


def _on_account(leaf: Any, columns: ColumnMap, signs: Signs) -> Test:
    """Without an account only "is known" is decided (false); everything else is unknown."""
    if isinstance(leaf, IsKnown):
        return _signed(columns.on_account(lambda inner: value_test(leaf, inner, Signs())), signs)
    return _of_account(lambda inner: value_test(leaf, inner, signs), columns, signs)


def _with_account(leaf: FieldPair, columns: ColumnMap, signs: Signs) -> Test:
    """Compare a value of the contact with one of its primary account."""

    def test(inner: ColumnMap) -> Test:
        first, second = (inner if spec.entity == "account" else columns for spec in (leaf.spec, leaf.other))
        return pair_test(leaf, first, second, signs)

    return _of_account(test, columns, signs)


def _of_account(test: Callable[[ColumnMap], Test], columns: ColumnMap, signs: Signs) -> Test:
    found = columns.on_account(test)
    return or_(found, not_(columns.on_account(lambda _: true()))) if signs.or_missing else found
