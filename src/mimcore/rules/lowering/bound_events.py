"""The leaves that ask for events: how many, how much, when, in which order, how regularly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from mimcore.rules.language.catalogue import FieldSpec

if TYPE_CHECKING:
    from mimcore.rules.lowering.bound import Bound

__all__ = ["EventLeaf", "Follows", "Measure", "Op", "Pattern", "Regular", "Restarted", "patterns_of"]

Op = OneOf["eq", "lt", "le", "gt", "ge"]
Measure = OneOf["count", "total", "minimum", "maximum", "average", "first", "last"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events of a kind for which a condition is true."""

    kind: str
    where: Bound | None = None

    def inside(self) -> tuple[Bound, ...]:
        """The condition."""
        return () if self.where is None else (self.where,)


@dataclass(frozen=True, slots=True)
class EventLeaf:
    """A measure of the events of a kind inside a window, compared.

    Count and total are two-valued; minimum, maximum, average, first and last are missing where there is nothing to
    measure. `of` is what is measured (None: nothing, they are counted); money counts in `currency` only. An average is
    compared as `total · scale ⋛ value · count`, in whole numbers.
    """

    measure: Measure
    kind: str
    start: datetime | None
    end: datetime
    where: Bound | None
    op: Op
    value: int | datetime
    currency: str | None = None
    of: FieldSpec | None = None
    scale: int = 1

    @property
    def may_miss(self) -> bool:
        """Whether there may be nothing to compare."""
        return self.measure not in {"count", "total"}

    def inside(self) -> tuple[Bound, ...]:
        """The condition on the events."""
        return () if self.where is None else (self.where,)


@dataclass(frozen=True, slots=True)
class Follows:
    """Some event of `first` has one of `then` with 0 < then.at − first.at ≤ within_us; two-valued.

    Both lie in [start, end].
    """

    first: Pattern
    then: Pattern
    within_us: int
    start: datetime | None
    end: datetime

    def inside(self) -> tuple[Bound, ...]:
        """The conditions on the events."""
        return (*self.first.inside(), *self.then.inside())


@dataclass(frozen=True, slots=True)
class Regular:
    """At least so many of the `periods` blocks `(end − (i+1)·period, end − i·period]` hold an event; two-valued."""

    events: Pattern
    at_least: int
    periods: int
    period_us: int
    end: datetime

    def inside(self) -> tuple[Bound, ...]:
        """The condition on the events."""
        return self.events.inside()


@dataclass(frozen=True, slots=True)
class Restarted:
    """An event in [start, end] whose predecessor is more than `gap_us` earlier; two-valued.

    The predecessor is the latest event before it; one at the same instant is none.
    """

    events: Pattern
    gap_us: int
    start: datetime
    end: datetime

    def inside(self) -> tuple[Bound, ...]:
        """The condition on the events."""
        return self.events.inside()


def patterns_of(leaf: object) -> tuple[Pattern, ...]:
    """Return which events a leaf asks for; none where it asks for no events.

    Args:
        leaf: A leaf.
    """
    match leaf:
        case EventLeaf(kind=kind, where=where):
            return (Pattern(kind, where),)
        case Follows(first=first, then=then):
            return first, then
        case Regular(events=events) | Restarted(events=events):
            return (events,)
        case _:
            return ()
