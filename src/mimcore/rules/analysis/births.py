"""Age without data: bounds of the birth date, of which conditions say that they lie before or after a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from mimcore.rules.analysis.variables import FALSE, TRUE, UNKNOWN, Budget, Lazy, State
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import BornBy, Leaf

__all__ = ["Births"]

_DAY = timedelta(days=1)
_FIRST, _LAST = date(1900, 1, 1), date(2099, 12, 31)


class Bounds(NamedTuple):
    """From and to which day the earliest and the latest possible birth date may lie, both included."""

    earliest_from: date = date.min
    earliest_to: date = date.max
    latest_from: date = date.min
    latest_to: date = date.max


class BirthState(NamedTuple):
    """What is known of a birth: nothing, or bounds."""

    missing: bool
    bounds: Bounds | None


class Births(Lazy):
    """The bounds of a birth date: a condition is true if the latest is early enough, false if the earliest is not."""

    def __init__(self, spec: FieldSpec, leaves: Sequence[Leaf], budget: Budget) -> None:
        """Take the field and all conditions on it."""
        super().__init__(spec.name, leaves, budget)

    def start(self) -> State:
        """Anything."""
        return BirthState(True, Bounds())

    def reason(self, state: BirthState, number: int, allowed: int) -> State | None:
        """Narrow the bounds."""
        leaf = self.leaves[number]
        if not isinstance(leaf, BornBy):
            left = BirthState(state.missing and bool(allowed & FALSE), state.bounds if allowed & TRUE else None)
        else:
            left = BirthState(
                state.missing and bool(allowed & UNKNOWN),
                state.bounds and _narrowed(state.bounds, leaf.cutoff, allowed),
            )
        return left if left.missing or left.bounds is not None else None

    def with_value(self, state: BirthState, *, is_known: bool) -> State | None:
        """Leave out missing, or all else."""
        if is_known:
            return None if state.bounds is None else BirthState(False, state.bounds)
        return BirthState(True, None) if state.missing else None

    def is_certain(self, state: BirthState) -> bool:
        """Missing, or an exact birth date of this or the last century."""
        return state.missing or _exact(state.bounds) is not None

    def say(self, state: BirthState) -> str:
        """An exact birth date."""
        return "no age" if state.missing else f"born on {_exact(state.bounds)}"


def _narrowed(bounds: Bounds, cutoff: date, allowed: int) -> Bounds | None:
    """Leave out what would give an answer that is not allowed; "true or false" stays as wide as it was."""
    after = cutoff + _DAY if cutoff < date.max else None
    if not allowed & FALSE:  # born by the day, or perhaps
        bounds = bounds._replace(earliest_to=min(bounds.earliest_to, cutoff))
    if not allowed & TRUE:
        if after is None:
            return None
        bounds = bounds._replace(latest_from=max(bounds.latest_from, after))
    if allowed == TRUE:
        bounds = bounds._replace(latest_to=min(bounds.latest_to, cutoff))
    if allowed == FALSE and after is not None:
        bounds = bounds._replace(earliest_from=max(bounds.earliest_from, after))
    is_possible = (
        bounds.earliest_from <= bounds.earliest_to
        and bounds.latest_from <= bounds.latest_to
        and bounds.earliest_from <= bounds.latest_to
    )
    return bounds if is_possible and allowed else None


def _exact(bounds: Any) -> date | None:
    """Return a day that fits both bounds."""
    if bounds is None:
        return None
    first = max(bounds.earliest_from, bounds.latest_from, _FIRST)
    last = min(bounds.earliest_to, bounds.latest_to, _LAST)
    return first if first <= last else None
