"""What conditions have to do with one another: those about one field or kind of event share a variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from mimcore.rules.analysis.births import Births
from mimcore.rules.analysis.holdings import Records, Words
from mimcore.rules.analysis.measures import Measures, Sort
from mimcore.rules.analysis.plausible import ENTANGLED
from mimcore.rules.analysis.ranks import ranked
from mimcore.rules.analysis.representatives import cells_of, tests_of_values
from mimcore.rules.analysis.texts import Texts
from mimcore.rules.analysis.variables import Budget, Cell, Cells, Opaque, State, Variable
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.evaluation.value_tests import OPERATORS, Answer
from mimcore.rules.language.catalogue import Kind
from mimcore.rules.lowering.bound import (
    BornBy,
    Bound,
    Changed,
    Comparison,
    CountAccounts,
    Dated,
    Elements,
    EventLeaf,
    Follows,
    Fresh,
    IsKnown,
    Leaf,
    Listed,
    Literal,
    Member,
    Overlap,
    Permitted,
    RecordMatch,
    Regular,
    Restarted,
    Sampled,
    TextMatch,
    leaves,
)

__all__ = ["States", "Theory"]

Key = str | Leaf
"""What conditions have in common: a field, a kind of event; or a leaf that stands for all that measure the same."""
States = Mapping[str, tuple[Variable, State]]
"""What is left of each variable that a formula has touched, by the variable's key."""

_CELLS = frozenset({Kind.BOOLEAN, Kind.CODE, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.INSTANT})
_UNDERSTOOD: dict[type[Any], tuple[frozenset[str], frozenset[Kind]]] = {
    Comparison: (frozenset({"spec", "op", "value", "currency"}), _CELLS | {Kind.TEXT}),
    Member: (frozenset({"spec", "values"}), _CELLS | {Kind.TEXT}),
    TextMatch: (frozenset({"spec", "mode", "needle"}), frozenset({Kind.TEXT})),
    Overlap: (frozenset({"spec", "values"}), frozenset({Kind.TAGS, Kind.CODES})),
    RecordMatch: (frozenset({"spec", "where"}), frozenset({Kind.RECORDS})),
    IsKnown: (frozenset({"spec"}), _CELLS | {Kind.TEXT, Kind.AGE, Kind.TAGS, Kind.CODES, Kind.RECORDS}),
    BornBy: (frozenset({"spec", "cutoff"}), frozenset({Kind.AGE})),
}
"""The conditions that are reasoned about: with exactly these parts, on these kinds of field. All others are opaque."""
_type: Callable[[Any], type[Any]] = type
_EVENT_PARTS = frozenset({"measure", "kind", "start", "end", "where", "op", "value", "currency", "of", "scale"})
_MEASURES = frozenset({"minimum", "maximum", "average", "first", "last"})
_ELEMENT_PARTS = frozenset({"spec", "where", "op", "value"})
_TWO_VALUED = (Changed, CountAccounts, Follows, Permitted, Regular, Restarted, Sampled)
"""Opaque conditions that are never unknown."""


class Theory:
    """The variables of some bound rules, and what they have to do with one another."""

    def __init__(self, bounds: Iterable[Bound], budget: Budget, sort_of: Callable[[Bound], Sort]) -> None:
        """Collect the conditions of all rules that are compared with each other.

        Args:
            bounds: The rules, bound with the same instant, zone and segments.
            budget: Steps that may be taken.
            sort_of: Tells whether the condition on the events of a count can be true.
        """
        self._budget, self._sort_of, self._bounds = budget, sort_of, list(bounds)
        groups: dict[Key, dict[Leaf, int]] = {}
        self._places: dict[int, tuple[Key, int]] = {}
        for bound in self._bounds:
            for leaf in leaves(bound, outer=True):
                key = _key(leaf)
                group = groups.setdefault(key, {})
                self._places[id(leaf)] = key, group.setdefault(leaf, len(group))  # the bounds keep it alive
        self._variables = {
            key: self._variable(key, list(group)) if isinstance(key, str) else _other(key, list(group), number, budget)
            for number, (key, group) in enumerate(groups.items())
        }

    def find(self, leaf: Leaf) -> tuple[Variable, int]:
        """Return the variable of a condition, and the condition's number there.

        Args:
            leaf: A condition of one of the rules, the same object: comparing long ones is dear.
        """
        key, number = self._places[id(leaf)]
        return self._variables[key], number

    def _variable(self, key: str, leaves: list[Leaf]) -> Variable:
        first: Any = leaves[0]
        match first:
            case EventLeaf():
                return Measures(first.kind, leaves, self._budget, self._sort_of)
            case Fresh() | Dated():
                return self._states(key, leaves)
            case Listed(segment):
                cells = [Cell(False, f"not in {segment}"), Cell(True, f"in {segment}")]
                return Cells(key, cells, [bool], self._budget)
            case _:
                return self._field(leaves)

    def _field(self, leaves: list[Leaf]) -> Variable:
        first: Any = leaves[0]
        spec = first.spec
        match spec.kind:
            case Kind.TEXT:
                return Texts(spec, leaves, self._budget)
            case Kind.AGE:
                return Births(spec, leaves, self._budget)
            case Kind.TAGS | Kind.CODES:
                return Words(spec, leaves, self._budget)
            case Kind.RECORDS:
                return Records(spec, leaves, self._budget)
            case _:
                tests = tests_of_values(spec, leaves)
                cells = cells_of(spec, leaves)
                return Cells(spec.name, cells, tests, self._budget, is_account=spec.entity == "account")

    def _states(self, key: str, leaves: list[Leaf]) -> Variable:
        """Make the variable of a value's freshness: undated, or a key on either side of every cutoff of a pool."""
        first: Any = leaves[0]
        cutoffs = {one for leaf in leaves if isinstance(leaf, Fresh) for one in leaf.cutoffs} or {("", 0)}
        keys = sorted({(pool, cutoff + step) for pool, cutoff in cutoffs for step in (-1, 0)})
        words = first.spec.short.replace("_", " ")
        cells = [
            Cell(None, f"{words} undated"),
            *(
                Cell(_Dated(pool, cutoff), f"{words} dated", is_certain=pool.startswith(first.spec.pool) or not pool)
                for pool, cutoff in keys
            ),
        ]
        return Cells(key, cells, [_stated(leaf) for leaf in leaves], self._budget)

    def fits(self, states: States) -> bool:
        """Tell whether all variables agree on whether there is a primary account."""
        return any(self._linked(states, is_linked=is_linked) is not None for is_linked in (False, True))

    def _linked(self, states: States, *, is_linked: bool) -> States | None:
        found: dict[str, tuple[Variable, State]] = {}
        for key, (variable, state) in states.items():
            left = variable.with_account(state, is_linked=is_linked) if variable.is_account else state
            if left is None:
                return None
            found[key] = variable, left
        return found

    def example(self, states: States) -> list[str] | None:
        """Return what some contact surely is like in whom the states are true; None where that is not known."""
        for is_linked in (False, True):
            linked = self._linked(states, is_linked=is_linked)
            chosen = None if linked is None else _with_dated_values(linked)
            if (
                chosen is not None
                and all(variable.is_certain(state) for variable, state in chosen.values())
                and not _is_entangled(chosen)
            ):
                return [variable.say(state) for variable, state in chosen.values()]
        return None


def _other(key: Any, leaves_: list[Leaf], number: int, budget: Budget) -> Variable:
    """Return the variable of a measure of its own, or of a condition that nothing is known about."""
    about = getattr(getattr(key, "spec", None), "name", None) or getattr(key, "kind", "a condition of another sort")
    name = f"{about} #{number}"
    match key:
        case EventLeaf() if key.measure in _MEASURES:
            return ranked(name, leaves_, budget, may_miss=True)
        case Elements():
            return ranked(name, leaves_, budget, may_miss=False, is_account=key.spec.entity == "account")
        case _:
            return Opaque(name, leaves_, budget, is_two_valued=type(key) in _TWO_VALUED)


def _key(leaf: Any) -> Key:
    """Return what the conditions on one thing have in common; what is not understood stands for itself alone."""
    kind, itself = _type(leaf), cast("Leaf", leaf)
    parts = frozenset(part.name for part in fields(leaf))
    if kind is EventLeaf and parts == _EVENT_PARTS:
        return _event_key(leaf)
    if kind is Elements and parts == _ELEMENT_PARTS and leaf.op in OPERATORS:
        return cast("Leaf", replace(leaf, op="ge", value=0))
    if kind is Listed and parts == frozenset({"segment"}):
        return f"list {leaf.segment}"
    if (kind is Fresh and parts == frozenset({"spec", "cutoffs"})) or (kind is Dated and parts == frozenset({"spec"})):
        return f"freshness {leaf.spec.name}"
    understood, kinds = _UNDERSTOOD.get(kind, (frozenset[str](), frozenset[Kind]()))
    if understood == parts and leaf.spec.kind in kinds and _has_known_operator(leaf):
        return str(leaf.spec.name)
    return itself


def _event_key(leaf: EventLeaf) -> Key:
    """Counts and sums of whole numbers are compared with each other, other measures only with themselves."""
    if leaf.op not in OPERATORS:
        return leaf
    if leaf.measure in _MEASURES:
        return replace(leaf, op="ge", value=0, scale=1)
    is_whole = leaf.scale == 1 and isinstance(leaf.value, int)
    is_summed = leaf.measure == "total" and leaf.of is not None and leaf.of.kind in {Kind.MONEY, Kind.INTEGER}
    is_counted = leaf.measure == "count" and leaf.of is None
    return f"events {leaf.kind}" if is_whole and (is_counted or is_summed) else leaf


def _has_known_operator(leaf: Any) -> bool:
    match leaf:
        case Comparison(spec=spec, op=op):
            return op == "eq" or (op in {"lt", "le", "gt", "ge"} and spec.kind not in {Kind.TEXT, Kind.CODE})
        case TextMatch(mode=mode):
            return mode in {"contains", "starts_with", "ends_with"}
        case _:
            return True


@dataclass(frozen=True, slots=True)
class _Dated:
    pool: str
    key: int | None


def _stated(leaf: Any) -> Callable[[Any], Answer]:
    test, name = evaluator(Literal(leaf)), leaf.spec.name
    pools = dict(leaf.cutoffs) if isinstance(leaf, Fresh) else None

    def answer(state: Any) -> Answer:
        if state is not None and pools is not None and state.pool not in pools:
            return None
        return test(Facts(contact=None, states={} if state is None else {name: state}))

    return answer


def _with_dated_values(states: States) -> States | None:
    """Leave the fields whose freshness is needed a value: what is missing is not dated."""
    found = dict(states)
    for key, (variable, state) in states.items():
        field = key.removeprefix("freshness ")
        if field != key and field in states and variable.with_value(state, is_known=False) is None:
            value, left = found[field]
            known = value.with_value(left, is_known=True)
            if known is None:
                return None
            found[field] = value, known
    return found


def _is_entangled(states: States) -> bool:
    """Tell whether an example needs values of fields that follow from one another."""
    about = Counter(name.partition(" #")[0].removesuffix(" events") for name in states)
    if any(" #" in name and about[name.partition(" #")[0]] > 1 for name in states):
        return True
    for group in ENTANGLED:
        touched = [states[name] for name in group if name in states]
        needed = [variable for variable, state in touched if variable.with_value(state, is_known=False) is None]
        if needed and len(touched) > 1:
            return True
    return False
