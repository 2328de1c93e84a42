"""Conditions on a local clock beside a window of the same field: only the window's offsets can matter.

A zone has had hundreds of offsets. Where "within 30 days and at this hour" stand together, one or two of them are
written; what the others would say about a moment outside the window decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mimcore.rules.lowering.bound import Bound, BoundAll, BoundAny, Clock, Comparison, Literal
from mimcore.sql.conditions.moments import trimmed

__all__ = ["within_windows"]

Window = tuple[datetime | None, datetime | None]
_OPEN: Window = (None, None)


def within_windows(bound: Bound, windows: Mapping[str, Window] | None = None) -> Bound:
    """Return a rule that is true for the same, with the offsets of its clocks trimmed to the windows around them.

    Args:
        bound: A bound rule.
        windows: What is known from outside: where these fields lie outside their window, the rule decides nothing.
    """
    known = windows or {}
    match bound:
        case BoundAll(parts) | BoundAny(parts):
            inside = _narrowed(bound, known)
            return replace(bound, parts=tuple(within_windows(part, inside) for part in parts))
        case Literal(Clock(spec, offsets=offsets) as leaf) if offsets and spec.name in known:
            return replace(bound, leaf=replace(leaf, offsets=trimmed(offsets, *known[spec.name])))
        case _:
            return bound


def _narrowed(group: BoundAll | BoundAny, windows: Mapping[str, Window]) -> Mapping[str, Window]:
    """Add the group's own comparisons: in an "and" one must hold, in an "or" it must fail, or else all is decided."""
    found, is_or = dict(windows), isinstance(group, BoundAny)
    for literal in _direct(group):
        leaf = literal.leaf
        if literal.negated is is_or and isinstance(leaf, Comparison) and isinstance(leaf.value, datetime):
            low, high = found.get(leaf.spec.name, _OPEN)
            low = _later(low, leaf.value) if leaf.op in {"ge", "gt", "eq"} else low
            high = _earlier(high, leaf.value) if leaf.op in {"le", "lt", "eq"} else high
            found[leaf.spec.name] = (low, high)
    return found


def _direct(group: BoundAll | BoundAny) -> Iterator[Literal]:
    """Yield the conditions of a group, those of groups of its kind inside it included."""
    for part in group.parts:
        if isinstance(part, Literal):
            yield part
        elif isinstance(part, type(group)):
            yield from _direct(part)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
