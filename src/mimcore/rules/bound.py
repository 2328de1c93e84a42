"""A rule made concrete: negation pushed to the leaves, time and thresholds turned into constants.

Every engine evaluates these few shapes and nothing else. A `Literal` is a leaf with two marks: whether it is negated,
and what a missing value counts as (None: unknown). `and` / `or` over literals are Kleene's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal as OneOf

from mimcore.rules.catalogue import FieldSpec

__all__ = [
    "BornBy",
    "Bound",
    "BoundAll",
    "BoundAny",
    "Comparison",
    "Constant",
    "Dated",
    "EventLeaf",
    "Fresh",
    "IsKnown",
    "Leaf",
    "Listed",
    "Literal",
    "Member",
    "Op",
    "Overlap",
    "Primitive",
    "RecordMatch",
    "TextMatch",
    "leaves",
    "negate",
]

Op = OneOf["eq", "lt", "le", "gt", "ge"]
Primitive = bool | int | float | str | date | datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """A single value compared with a constant; money compares minor units, and only in `currency`."""

    spec: FieldSpec
    op: Op
    value: Primitive
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A single value is one of the constants (folded for text)."""

    spec: FieldSpec
    values: tuple[Primitive, ...]


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Folded text equals, contains, starts or ends with a folded needle."""

    spec: FieldSpec
    mode: OneOf["contains", "starts_with", "ends_with"]
    needle: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """A collection shares at least one element with the constants; two-valued."""

    spec: FieldSpec
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """A record exists in which every named field has the given value; two-valued."""

    spec: FieldSpec
    where: tuple[tuple[FieldSpec, Primitive], ...]


@dataclass(frozen=True, slots=True)
class IsKnown:
    """The field has a value; two-valued."""

    spec: FieldSpec


@dataclass(frozen=True, slots=True)
class BornBy:
    """Born on or before a date: true if the latest possible birth date is, false if the earliest is not."""

    spec: FieldSpec
    cutoff: date


@dataclass(frozen=True, slots=True)
class EventLeaf:
    """Count or sum of the events of a kind inside a window, compared; two-valued."""

    measure: OneOf["count", "total"]
    kind: str
    start: datetime | None
    end: datetime
    where: Bound | None
    op: Op
    value: int
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Stands on the list of a static segment; two-valued."""

    segment: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """The freshness key reaches the cutoff of its pool: `(pool, microseconds)` pairs; missing without a dated state."""

    spec: FieldSpec
    cutoffs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """Somebody knows since when the value has been right; two-valued."""

    spec: FieldSpec


Leaf = Comparison | Member | TextMatch | Overlap | RecordMatch | IsKnown | BornBy | EventLeaf | Listed | Fresh | Dated


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


def leaves(bound: Bound) -> Iterator[Leaf]:
    """Every leaf, left to right; those inside a condition on events too."""
    match bound:
        case Literal(leaf):
            yield leaf
            if isinstance(leaf, EventLeaf) and leaf.where is not None:
                yield from leaves(leaf.where)
        case BoundAll(parts) | BoundAny(parts):
            for part in parts:
                yield from leaves(part)
        case Constant():
            return
