"""A rule made concrete: negation pushed to the leaves, time and thresholds turned into constants.

Every engine evaluates these few shapes and nothing else. A `Literal` is a leaf with two marks: whether it is negated,
and what a missing value counts as (None: unknown). `and` / `or` over literals are Kleene's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mimcore.rules.language.literals import Primitive
from mimcore.rules.lowering.bound_events import EventLeaf, Follows, Op, Pattern, Regular, Restarted, patterns_of
from mimcore.rules.lowering.bound_leaves import (
    Among,
    AnyAccount,
    BornBy,
    Changed,
    Clock,
    Comparison,
    CountAccounts,
    Dated,
    Elements,
    EverHeld,
    FieldPair,
    Fresh,
    FreshPoint,
    IsKnown,
    Leaf,
    Listed,
    Member,
    MonthDay,
    Near,
    Overlap,
    Permitted,
    RecordMatch,
    Sampled,
    TextMatch,
)

__all__ = [
    "Among",
    "AnyAccount",
    "BornBy",
    "Bound",
    "BoundAll",
    "BoundAny",
    "Changed",
    "Clock",
    "Comparison",
    "Constant",
    "CountAccounts",
    "Dated",
    "Elements",
    "EventLeaf",
    "EverHeld",
    "FieldPair",
    "Follows",
    "Fresh",
    "FreshPoint",
    "IsKnown",
    "Leaf",
    "Listed",
    "Literal",
    "Member",
    "MonthDay",
    "Near",
    "Op",
    "Overlap",
    "Pattern",
    "Permitted",
    "Primitive",
    "RecordMatch",
    "Regular",
    "Restarted",
    "Sampled",
    "TextMatch",
    "leaves",
    "negate",
    "patterns_of",
]


@dataclass(frozen=True, slots=True)
class Literal:
    """A leaf, perhaps negated; `missing` is what unknown counts as, or None to keep it unknown."""

    leaf: Leaf
    negated: bool = False
    missing: bool | None = None


@dataclass(frozen=True, slots=True)
class BoundAll:
    """Kleene and."""

    parts: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class BoundAny:
    """Kleene or."""

    parts: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """Always true, never true, or with None never to be decided: its negation is not true either."""

    value: bool | None


Bound = Literal | BoundAll | BoundAny | Constant


def negate(bound: Bound) -> Bound:
    """Return the opposite, again with negation at the leaves only.

    Unknown are those for whom neither `bound` nor its negation is true.
    """
    match bound:
        case Literal(leaf, negated, missing):
            return Literal(leaf, not negated, None if missing is None else not missing)
        case BoundAll(parts):
            return BoundAny(tuple(negate(part) for part in parts))
        case BoundAny(parts):
            return BoundAll(tuple(negate(part) for part in parts))
        case Constant(value):
            return Constant(None if value is None else not value)


def leaves(bound: Bound, *, outer: bool = False) -> Iterator[Leaf]:
    """Every leaf, left to right; those inside a condition on events or accounts too, unless `outer` is wanted."""
    match bound:
        case Literal(leaf):
            yield leaf
            for inner in () if outer else leaf.inside():
                yield from leaves(inner)
        case BoundAll(parts) | BoundAny(parts):
            for part in parts:
                yield from leaves(part, outer=outer)
        case Constant():
            return
