"""A bound rule as one narwhals expression with three answers: true, false, or missing where it cannot be decided.

Negation stands at the leaves only, and `and` / `or` of every engine are Kleene's; so the expression of the whole rule
is its verdict, and filled with false it is its membership.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import narwhals as nw

from mimcore.errors import UnsupportedConditionError
from mimcore.frames.ages import Ages
from mimcore.frames.births import Births
from mimcore.frames.columns import Columns
from mimcore.frames.forms import comparable, compared, joined
from mimcore.frames.patterns import pattern
from mimcore.frames.places import Places
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import (
    AnyAccount,
    BornBy,
    Bound,
    BoundAll,
    BoundAny,
    Changed,
    Clock,
    Comparison,
    Constant,
    CountAccounts,
    Dated,
    Elements,
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
    Member,
    MonthDay,
    Near,
    Overlap,
    Permitted,
    RecordMatch,
    Regular,
    Restarted,
    Sampled,
    TextMatch,
)
from mimcore.rules.lowering.value_conditions import SAMPLE_PRIME

__all__ = ["Companions", "Compiler"]


class Companions(Protocol):
    """Answers to conditions on what stands beside a contact."""

    def events(self, leaf: EventLeaf | Follows | Regular | Restarted) -> nw.Expr:
        """A condition on events."""
        ...

    def accounts(self, leaf: AnyAccount | CountAccounts) -> nw.Expr:
        """A condition on all accounts."""
        ...

    def listed(self, segment: str) -> nw.Expr:
        """Membership in a list kept by hand."""
        ...

    def sample_key(self) -> nw.Expr:
        """The key that samples are drawn by."""
        ...


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles bound rules for one frame.

    Attributes:
        columns: Where the prepared columns go.
        today: The local date of the question, for ready ages.
        companions: What stands beside; None inside a condition on events or accounts, which has none.
    """

    columns: Columns
    today: date | None = None
    companions: Companions | None = None

    def members(self, bound: Bound) -> nw.Expr:
        """Return the expression that is true for those of whom the rule is true, and false for all others.

        Raises:
            UnsupportedConditionError: If a condition cannot be asked of frames.
            RuleError: If a column or companion is missing.
        """
        return self.verdict(bound).fill_null(value=False)

    def verdict(self, bound: Bound) -> nw.Expr:
        """Return the expression with three answers.

        Raises:
            RuleError: As `members`.
        """
        match bound:
            case Constant(value):
                return self.columns.flag(value)
            case Literal(leaf, negated, missing):
                answer = ~self._leaf(leaf) if negated else self._leaf(leaf)
                return answer if missing is None else answer.fill_null(value=missing)
            case BoundAll(parts):
                return joined([self.verdict(part) for part in parts], nw.all_horizontal)
            case BoundAny(parts):
                return joined([self.verdict(part) for part in parts], nw.any_horizontal)

    def _leaf(self, leaf: Leaf) -> nw.Expr:  # noqa: C901, PLR0912 - one line for each kind of leaf
        match leaf:
            case Comparison(spec, op, value, currency):
                column = self.columns.scalar(spec) if currency is None else self.columns.amount(spec, currency)
                return self.columns.compared(column, op, value)
            case Member(spec, values):
                return self._member(spec, values)
            case TextMatch(spec, mode, needle):
                return self._text(self.columns.scalar(spec), mode, needle)
            case Overlap(spec, values):
                return self._collection(spec, self.columns.overlap(spec, values))
            case RecordMatch(spec, where):
                return self._collection(spec, self.columns.element_count(spec, where) > 0)
            case Elements(spec, where, op, value):
                return self._collection(spec, compared(self.columns.element_count(spec, where), op, value))
            case FieldPair():
                return self._pair(leaf)
            case MonthDay(spec, ranges):
                return self._month_day(spec, ranges)
            case Near(spec, units, limit):
                return Places(self.columns, spec).near(units, limit)
            case Clock():
                return self._clock(leaf)
            case IsKnown(spec):
                return self._is_known(spec)
            case BornBy(spec, cutoff):
                return Births(self.columns, spec, self.today).born_by(cutoff)
            case Fresh(spec, cutoffs):
                return Ages(self.columns, spec).fresh(cutoffs)
            case Dated(spec):
                return Ages(self.columns, spec).is_dated()
            case _:
                return self._beside(leaf)

    def _beside(self, leaf: Leaf) -> nw.Expr:
        """Answer what reads more than the row."""
        if self.companions is None:
            raise UnsupportedConditionError("a condition on events or accounts cannot ask for more than their fields")
        match leaf:
            case EventLeaf() | Follows() | Regular() | Restarted():
                return self.companions.events(leaf)
            case AnyAccount() | CountAccounts():
                return self.companions.accounts(leaf)
            case Sampled(a, b, cut):
                return (self.companions.sample_key() * a + b) % SAMPLE_PRIME < cut
            case Listed(key):
                return self.companions.listed(key)
            case _:
                raise UnsupportedConditionError(_unknown_to_frames(leaf))

    def _member(self, spec: FieldSpec, values: tuple[Any, ...]) -> nw.Expr:
        if not values:
            return nw.when(self._is_known(spec)).then(self.columns.flag(value=False))
        column = self.columns.scalar(spec)
        if spec.kind in {Kind.INTEGER, Kind.NUMBER, Kind.DATE}:
            # An integer field may stand in a float column (pandas), where a typed `is_in` is refused.
            return joined([self.columns.compared(column, "eq", value) for value in values], nw.any_horizontal)
        return column.is_in([comparable(value) for value in values])

    def _text(self, column: nw.Expr, mode: str, needle: str) -> nw.Expr:
        match mode:
            case "contains":
                return column.str.contains(needle, literal=True)
            case "starts_with":
                return column.str.starts_with(needle)
            case "ends_with":
                return column.str.ends_with(needle)
            case _:
                return column.str.contains(pattern(needle, backtracks=self.columns.table.notation.backtracks))

    def _collection(self, spec: FieldSpec, found: nw.Expr) -> nw.Expr:
        """Collections are two-valued; without an account, its collections are unknown."""
        return nw.when(self.columns.is_given(spec)).then(found) if spec.entity == "account" else found

    def _pair(self, leaf: FieldPair) -> nw.Expr:
        if leaf.spec.kind is not Kind.MONEY:
            return compared(self.columns.scalar(leaf.spec), leaf.op, self.columns.scalar(leaf.other))
        (one, currency), (other, its_currency) = map(self.columns.own_amount, (leaf.spec, leaf.other))
        return nw.when(currency == its_currency).then(compared(one, leaf.op, other))

    def _month_day(self, spec: FieldSpec, ranges: tuple[tuple[int, int], ...]) -> nw.Expr:
        day = self.columns.scalar(spec)
        at = day.dt.month().cast(nw.Int32) * 100 + day.dt.day().cast(nw.Int32)
        return joined([(at >= low) & (at <= high) for low, high in ranges], nw.any_horizontal)

    def _clock(self, leaf: Clock) -> nw.Expr:
        if not leaf.offsets:
            return self.columns.scalar(leaf.spec).dt.weekday().is_in(leaf.values)
        return self.columns.clock(leaf.spec, leaf.part, leaf.offsets).is_in(leaf.values)

    def _is_known(self, spec: FieldSpec) -> nw.Expr:
        if spec.is_collection:
            return self.columns.has_elements(spec)
        if spec.kind is Kind.AGE:
            return Births(self.columns, spec, self.today).is_known()
        if spec.kind is Kind.MONEY:
            return self.columns.has_amount(spec)
        if spec.kind is Kind.LOCATION:
            return Places(self.columns, spec).is_known()
        if spec.kind is Kind.TEXT:
            return self.columns.is_text_known(spec)
        return ~self.columns.scalar(spec).is_null()


def _unknown_to_frames(leaf: Leaf) -> str:
    match leaf:
        case FreshPoint(points):
            return f"frames do not know how fresh each of several {points} is; ask a store"
        case Changed(spec) | EverHeld(spec):
            return f"frames do not know what {spec.name} was before; ask a store"
        case Permitted(channel, purpose):
            return f"frames do not know who agreed to {purpose} by {channel}; ask a store"
        case _:
            raise AssertionError(type(leaf).__name__)
