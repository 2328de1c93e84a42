"""Which cells a condition is looked up in; what has none is asked for itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from mimcore.rules.indexing.atoms import Atom
from mimcore.rules.indexing.cells import Amounts, Cells, NamedIn, Ranges, Values, Words
from mimcore.rules.indexing.event_cells import Measures, Totals
from mimcore.rules.indexing.moving_cells import Birthdays, Days, Freshness, Periods, Rolling, Yearly
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import (
    Comparison,
    Constant,
    EventLeaf,
    Fresh,
    FreshPoint,
    IsKnown,
    Leaf,
    Listed,
    Literal,
    Member,
    Overlap,
    Permitted,
    TextMatch,
)
from mimcore.values.instants import as_zone

__all__ = ["Place", "place_of", "reads_of"]

Place = tuple[Hashable, Callable[[], Cells]]
"""What tells cells apart, and what makes them."""

_OF_VALUES: dict[Kind, Callable[[FieldSpec], Cells]] = {
    Kind.CODE: Values,
    Kind.BOOLEAN: Values,
    Kind.TEXT: Values,
    Kind.INTEGER: Ranges,
    Kind.NUMBER: Ranges,
    Kind.DATE: Ranges,
    Kind.INSTANT: Ranges,
    Kind.MONEY: Amounts,
    Kind.TAGS: Words,
    Kind.CODES: Words,
}
_ON_VALUES = (nodes.Equals, nodes.IsIn, nodes.Compare, nodes.Between, nodes.TextTest, nodes.Known, nodes.Overlaps)
_OF_ONE_VALUE = (Comparison, Member, TextMatch, IsKnown, Overlap)


def place_of(atom: Atom, binding: Binding, now: datetime) -> Place | None:
    """Return the cells of a condition, or None if it has none.

    Args:
        atom: The condition.
        binding: The index's zone and half-lives.
        now: The instant that it is bound at.
    """
    if isinstance(atom.bound, Constant):
        return None
    spec = _only_field(atom)
    match atom.node:
        case nodes.Window() | nodes.Elapsed() if spec is not None:
            if spec.kind is Kind.INSTANT:
                return ("rolling", spec.name), partial(Rolling, spec, now)
            return ("days", spec.name), partial(Days, spec, now, binding.zone)
        case nodes.CalendarWindow(unit=unit, week_start=start, zone=name) if spec is not None:
            week_start, zone = start or "monday", binding.zone if name is None else as_zone(name)
            return ("periods", spec.name, unit, week_start, zone), partial(Periods, spec, unit, week_start, zone)
        case nodes.Anniversary() if spec is not None:
            return ("yearly", spec.name), partial(Yearly, spec, binding.zone)
        case _ if isinstance(atom.node, _ON_VALUES) and spec is not None:
            return _of_values(atom, spec, binding)
        case _:
            return _of_companions(atom, now)


def _only_field(atom: Atom) -> FieldSpec | None:
    """Return the one field of a contact or its account that a condition reads; None if it reads anything else."""
    leaves: list[Any] = list(atom.leaves)
    specs = {getattr(leaf, "spec", None) for leaf in leaves}
    spec = specs.pop() if len(specs) == 1 else None
    is_plain = isinstance(spec, FieldSpec) and spec.entity in {"contact", "account"}
    return spec if is_plain and not any(leaf.inside() or hasattr(leaf, "other") for leaf in leaves) else None


def _of_values(atom: Atom, spec: FieldSpec, binding: Binding) -> Place | None:
    if spec.kind is Kind.AGE:
        return ("birthdays", spec.name), partial(Birthdays, spec, binding.zone)
    cells = _OF_VALUES.get(spec.kind)
    if cells is None or not all(isinstance(leaf, _OF_ONE_VALUE) for leaf in atom.leaves):
        return None
    return ("values", spec.name), partial(cells, spec)


def _of_companions(atom: Atom, now: datetime) -> Place | None:
    bound = atom.bound
    match bound.leaf if isinstance(bound, Literal) else None:
        case Listed():
            return ("lists",), partial(NamedIn, "listed_in", _segment)
        case Permitted():
            return ("permissions",), partial(NamedIn, "permissions", _pair)
        case EventLeaf() as leaf:
            return _of_events(atom.node, leaf, now)
        case Fresh(spec):
            return ("freshness", spec.name), partial(Freshness, spec, now)
        case _:
            return None


def _segment(leaf: Any) -> Hashable:
    return str(leaf.segment)


def _pair(leaf: Any) -> Hashable:
    return leaf.channel, leaf.purpose


def _of_events(node: nodes.Rule, leaf: EventLeaf, now: datetime) -> Place | None:
    """Return the cells of a measure whose condition on the events, if there is one, does not depend on time."""
    if leaf.measure == "average" or leaf.end != now or not all(map(_is_lasting, node.parts())):
        return None
    moves = isinstance(node, nodes.EventMoment) and node.comparison in {"within_last_days", "older_than_days"}
    key = (leaf.measure, leaf.kind, leaf.start, leaf.where, leaf.currency, leaf.of, moves)
    if leaf.measure == "total" and leaf.where is None and leaf.of is not None and leaf.of.kind is Kind.MONEY:
        return ("events", key), partial(Totals, leaf)
    return ("events", key), partial(Measures, leaf, moves=moves)


def _is_lasting(rule: nodes.Rule) -> bool:
    inner = rule.parts()
    if inner:
        return isinstance(rule, nodes.AllOf | nodes.AnyOf | nodes.Not | nodes.OrMissing) and all(
            map(_is_lasting, inner)
        )
    return isinstance(rule, (*_ON_VALUES, nodes.Everyone))


def reads_of(atom: Atom) -> frozenset[str]:
    """Return what a condition depends on: fields, companions by their names in `Facts`, `contact.*` if any field may.

    Args:
        atom: The condition.
    """
    return atom.needs.union(name for leaf in atom.leaves for name in _read(leaf))


def _read(leaf: Leaf) -> Iterator[str]:
    one: Any = leaf
    if isinstance(leaf, FreshPoint):
        yield leaf.points
    for spec in (getattr(one, part, None) for part in ("spec", "other")):
        if isinstance(spec, FieldSpec):
            yield spec.name
            if spec.is_derived:
                yield f"{spec.entity}.*"
    if leaf.inside():
        yield "account.*"
