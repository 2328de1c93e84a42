"""The leaves that every engine evaluates: each is one primitive condition with all its constants.

A leaf that holds conditions of its own (on events, on accounts) gives them with `inside()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.language.literals import Primitive
from mimcore.rules.lowering.bound_events import EventLeaf, Follows, Op, Regular, Restarted
from mimcore.values.location import Location

if TYPE_CHECKING:
    from mimcore.rules.lowering.bound import Bound

__all__ = [
    "Among",
    "AnyAccount",
    "BornBy",
    "Changed",
    "Clock",
    "Comparison",
    "CountAccounts",
    "Dated",
    "Elements",
    "EverHeld",
    "FieldPair",
    "Fresh",
    "FreshPoint",
    "IsKnown",
    "Leaf",
    "Listed",
    "Member",
    "MonthDay",
    "Near",
    "Overlap",
    "Permitted",
    "RecordMatch",
    "Sampled",
    "TextMatch",
]


class Plain:
    """A leaf without conditions of its own."""

    __slots__ = ()

    def inside(self) -> tuple[Bound, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class Comparison(Plain):
    """A single value compared with a constant; money compares minor units, and only in `currency`."""

    spec: FieldSpec
    op: Op
    value: Primitive
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Member(Plain):
    """A single value is one of the constants (folded for text)."""

    spec: FieldSpec
    values: tuple[Primitive, ...]


@dataclass(frozen=True, slots=True)
class TextMatch(Plain):
    """Text contains, starts or ends with a needle, or matches a pattern of wildcards; both are folded."""

    spec: FieldSpec
    mode: OneOf["contains", "starts_with", "ends_with", "matches"]
    needle: str


@dataclass(frozen=True, slots=True)
class Overlap(Plain):
    """A collection shares at least one element with the constants; two-valued."""

    spec: FieldSpec
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordMatch(Plain):
    """A record exists in which every named field compares so with the given value; two-valued."""

    spec: FieldSpec
    where: tuple[tuple[FieldSpec, Op, Primitive], ...]


@dataclass(frozen=True, slots=True)
class Elements(Plain):
    """The number of elements (records: of those that `where` fits), compared; two-valued."""

    spec: FieldSpec
    where: tuple[tuple[FieldSpec, Op, Primitive], ...]
    op: Op
    value: int


@dataclass(frozen=True, slots=True)
class FieldPair(Plain):
    """Two single values of one kind, compared; missing where one is, or where currencies differ."""

    spec: FieldSpec
    op: Op
    other: FieldSpec


@dataclass(frozen=True, slots=True)
class Near(Plain):
    """The squared distance between the `units` of a location and these is at most `limit`.

    It stands, as it is or negated, for a circle of so many kilometres round the centre (see `mimcore.values.location`).
    """

    spec: FieldSpec
    units: tuple[int, int, int]
    limit: int
    centre: Location
    km: float


@dataclass(frozen=True, slots=True)
class MonthDay(Plain):
    """Month × 100 + day of a date lies in one of the ranges, both ends included."""

    spec: FieldSpec
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Clock(Plain):
    """The local weekday (1 to 7) or hour (0 to 23) of a moment is one of the values.

    `offsets` are pairs of microseconds since 1970, from which on the zone was so many seconds ahead of UTC; the first
    one counts for everything before, too. A date has none.
    """

    spec: FieldSpec
    part: OneOf["weekday", "hour"]
    values: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class IsKnown(Plain):
    """The field has a value; two-valued."""

    spec: FieldSpec


@dataclass(frozen=True, slots=True)
class BornBy(Plain):
    """Born on or before a date: true if the latest possible birth date is, false if the earliest is not."""

    spec: FieldSpec
    cutoff: date


@dataclass(frozen=True, slots=True)
class AnyAccount:
    """Kleene's or of a condition over the accounts that the contact is linked to; false on none."""

    where: Bound

    def inside(self) -> tuple[Bound, ...]:
        """The condition on an account."""
        return (self.where,)


@dataclass(frozen=True, slots=True)
class CountAccounts:
    """The number of linked accounts for which a condition is true, compared; two-valued."""

    where: Bound
    op: Op
    value: int

    def inside(self) -> tuple[Bound, ...]:
        """The condition on an account."""
        return (self.where,)


@dataclass(frozen=True, slots=True)
class Changed(Plain):
    """A known value was replaced by a different known one, observed in [start, end]; two-valued."""

    spec: FieldSpec
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class EverHeld(Plain):
    """The value or any recorded one before it equals the constant; missing where none was ever recorded."""

    spec: FieldSpec
    value: Primitive


@dataclass(frozen=True, slots=True)
class Permitted(Plain):
    """The consent decision allows a message by this channel for this purpose; two-valued."""

    channel: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Sampled(Plain):
    """`(a · key + b) mod 2147483647 < cut` for the contact's stored 31-bit key; two-valued."""

    a: int
    b: int
    cut: int


@dataclass(frozen=True, slots=True)
class Among(Plain):
    """One of these contacts: their ids, 16 bytes each, in order; two-valued.

    No rule says so: a store makes it of conditions on history and consent, which it looks up before it asks an engine.
    """

    ids: bytes


@dataclass(frozen=True, slots=True)
class Listed(Plain):
    """Stands on the list of a static segment; two-valued."""

    segment: str


@dataclass(frozen=True, slots=True)
class Fresh(Plain):
    """The freshness key reaches the cutoff of its pool: `(pool, microseconds)` pairs; missing without a dated state."""

    spec: FieldSpec
    cutoffs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FreshPoint(Plain):
    """The key of any current contact point reaches the cutoff of its pool; missing where none has a dated state."""

    points: str
    """`contact.emails` or `contact.phones`."""
    cutoffs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Dated(Plain):
    """Somebody knows since when the value has been right; two-valued."""

    spec: FieldSpec


Leaf = (
    Comparison
    | Member
    | TextMatch
    | Overlap
    | RecordMatch
    | Elements
    | FieldPair
    | MonthDay
    | Near
    | Clock
    | IsKnown
    | BornBy
    | EventLeaf
    | Follows
    | Regular
    | Restarted
    | AnyAccount
    | CountAccounts
    | Changed
    | EverHeld
    | Permitted
    | Sampled
    | Among
    | Listed
    | Fresh
    | FreshPoint
    | Dated
)
