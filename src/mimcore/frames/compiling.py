"""A bound rule as one narwhals expression: true for members, false for all others.

Each leaf gives two expressions that are never missing: for whom it certainly holds, and for whom it certainly does not.
Unknown are those of whom neither is said.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from mimcore.errors import MissingFactsError, UnsupportedConditionError
from mimcore.frames.births import Births
from mimcore.frames.columns import Columns
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
    Overlap,
    RecordMatch,
    TextMatch,
)
from mimcore.rules.catalogue import FieldSpec, Kind

__all__ = ["ROW", "Compiler"]

ROW = "__mim_row"
Sides = tuple[nw.Expr, nw.Expr]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles bound rules for one frame.

    Attributes:
        columns: Where the prepared columns go.
        today: The local date of the question, for ready ages.
        measure: Returns the prepared column of an event condition, or None where there are no events.
    """

    columns: Columns
    today: date | None = None
    measure: Callable[[EventLeaf], nw.Expr] | None = None

    def members(self, bound: Bound) -> nw.Expr:
        """Return the expression that is true for those of whom the rule is true, and false for all others.

        Raises:
            UnsupportedConditionError: If a condition cannot be asked of frames.
            RuleError: If a column or companion is missing.
        """
        match bound:
            case Constant(value):
                return nw.col(ROW) >= 0 if value else nw.col(ROW) < 0
            case Literal(leaf, negated, missing):
                yes, no = self._sides(leaf)
                holds, fails = (no, yes) if negated else (yes, no)
                return ~fails if missing else holds
            case BoundAll(parts):
                return nw.all_horizontal(*map(self.members, parts), ignore_nulls=True)
            case BoundAny(parts):
                return nw.any_horizontal(*map(self.members, parts), ignore_nulls=True)

    def _sides(self, leaf: Leaf) -> Sides:  # noqa: C901 - one line for each kind of leaf
        match leaf:
            case Comparison(spec, op, value, currency):
                column = self.columns.scalar(spec) if currency is None else self.columns.amount(spec, currency)
                return _decided(_compared(column, op, value))
            case Member(spec, values):
                return self._member(spec, values)
            case TextMatch(spec, mode, needle):
                return _decided(_text(self.columns.scalar(spec), mode, needle))
            case Overlap(spec, values):
                return self._collection(spec, self.columns.overlap(spec, values))
            case RecordMatch(spec, where):
                return self._collection(spec, self.columns.record(spec, where))
            case IsKnown(spec):
                return _opposites(self._is_known(spec))
            case BornBy(spec, cutoff):
                return Births(self.columns, spec, self.today).born_by(cutoff)
            case EventLeaf():
                return _opposites(self._events(leaf))
            case Listed(key):
                raise UnsupportedConditionError(
                    f"frames do not know who is listed in the segment '{key}'; ask a store, or use a rule"
                )
            case Fresh(spec) | Dated(spec):
                raise UnsupportedConditionError(f"frames do not know how fresh {spec.name} is; ask a store")

    def _member(self, spec: FieldSpec, values: tuple[Any, ...]) -> Sides:
        known = self._is_known(spec)
        if not values:
            return known & ~known, known
        column = self.columns.scalar(spec)
        if spec.kind in {Kind.INTEGER, Kind.NUMBER}:
            # An integer field may stand in a float column (pandas), where a typed `is_in` is refused.
            return _decided(nw.any_horizontal(*(column == value for value in values), ignore_nulls=False))
        return _decided(column.is_in(values))

    def _collection(self, spec: FieldSpec, found: nw.Expr) -> Sides:
        """Collections are two-valued; without an account, its collections are unknown."""
        if spec.entity != "account":
            return _opposites(found)
        given = self.columns.is_given(spec)
        return given & found, given & ~found

    def _is_known(self, spec: FieldSpec) -> nw.Expr:
        if spec.is_collection:
            return self.columns.has_elements(spec)
        if spec.kind is Kind.AGE:
            return Births(self.columns, spec, self.today).is_known()
        if spec.kind is Kind.MONEY:
            return self.columns.has_amount(spec)
        return ~self.columns.scalar(spec).is_null()

    def _events(self, leaf: EventLeaf) -> nw.Expr:
        if self.measure is None:
            raise MissingFactsError(
                f"the rule counts events of kind {leaf.kind}: give events=mim.events(orders, contact=…, at=…, kind=…)"
            )
        return _compared(self.measure(leaf), leaf.op, leaf.value)


def _decided(answer: nw.Expr) -> Sides:
    return answer.fill_null(value=False), (~answer).fill_null(value=False)


def _opposites(answer: nw.Expr) -> Sides:
    return answer, ~answer


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def _compared(column: nw.Expr, op: str, value: Any) -> nw.Expr:
    answer: nw.Expr = _OPERATORS[op](column, value)
    return answer


def _text(column: nw.Expr, mode: str, needle: str) -> nw.Expr:
    match mode:
        case "contains":
            return column.str.contains(needle, literal=True)
        case "starts_with":
            return column.str.starts_with(needle)
        case _:
            return column.str.ends_with(needle)
