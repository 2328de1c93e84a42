"""Collections without data: which of the mentioned words, or which records, must be there, and which must not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mimcore.rules.analysis.plausible import plausible
from mimcore.rules.analysis.variables import FALSE, TRUE, UNKNOWN, Budget, Lazy, State
from mimcore.rules.evaluation.value_tests import OPERATORS
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import IsKnown, Leaf, Overlap, Primitive, RecordMatch

__all__ = ["Records", "Words"]


Values = frozenset[tuple[str, str, Primitive]]
"""Conditions on one record: short name, operator, constant."""

_MOST = 10_000
"""Comparisons of records that an example is worth."""


class Filled(NamedTuple):
    """A collection that holds something: of every group at least one, and none of what is forbidden."""

    groups: frozenset[Any]
    forbidden: frozenset[Any]


class HeldState(NamedTuple):
    """What a collection may be: absent with its account, empty, or filled."""

    no_account: bool
    empty: bool
    filled: Filled | None


class _Collection(Lazy):
    """What words and records have in common."""

    def __init__(self, spec: FieldSpec, leaves: Sequence[Leaf], budget: Budget) -> None:
        super().__init__(spec.name, leaves, budget, is_account=spec.entity == "account")
        self.spec = spec

    def start(self) -> State:
        """Anything."""
        return HeldState(self.is_account, True, Filled(frozenset(), frozenset()))

    def reason(self, state: HeldState, number: int, allowed: int) -> State | None:
        """Ask every possibility: without an account a collection is unknown, empty it holds nothing."""
        leaf = self.leaves[number]
        if isinstance(leaf, IsKnown):
            empty = bool(allowed & FALSE)
            return _unless_nothing(
                HeldState(state.no_account and empty, state.empty and empty, state.filled if allowed & TRUE else None)
            )
        return _unless_nothing(
            HeldState(
                state.no_account and bool(allowed & UNKNOWN),
                state.empty and bool(allowed & FALSE),
                self._filled(state.filled, leaf, allowed & (TRUE | FALSE)),
            )
        )

    def effort(self, state: HeldState) -> int:
        """Every group is held against what is forbidden."""
        return 1 if state.filled is None else 1 + len(state.filled.groups) * (len(state.filled.forbidden) + 1) // 20

    def _filled(self, filled: Filled | None, leaf: Leaf, allowed: int) -> Filled | None:
        if filled is None or not allowed or allowed == TRUE | FALSE:
            return filled if allowed else None
        more = self.held(filled, leaf) if allowed == TRUE else self.lacking(filled, leaf)
        return more if self.is_possible(more) else None

    @abstractmethod
    def held(self, filled: Filled, leaf: Any) -> Filled:
        """What follows where the condition is true."""

    @abstractmethod
    def lacking(self, filled: Filled, leaf: Any) -> Filled:
        """What follows where it is false."""

    @abstractmethod
    def is_possible(self, filled: Filled) -> bool:
        """Whether that does not contradict itself."""

    def with_account(self, state: HeldState, *, is_linked: bool) -> State | None:
        """Leave out the other possibility."""
        if not self.is_account:
            return state
        if is_linked:
            return _unless_nothing(state._replace(no_account=False))
        return HeldState(True, False, None) if state.no_account else None

    def with_value(self, state: HeldState, *, is_known: bool) -> State | None:
        """Leave out empty, or all else."""
        if is_known:
            return _unless_nothing(HeldState(False, False, state.filled))
        return _unless_nothing(state._replace(filled=None))

    def is_certain(self, state: HeldState) -> bool:
        """Empty is always possible; what is filled needs an example."""
        return state.no_account or state.empty or self.example(state.filled) is not None

    @abstractmethod
    def example(self, filled: Filled | None) -> str | None:
        """Something that an entity surely accepts."""

    def say(self, state: HeldState) -> str:
        """An example."""
        words = self.spec.short.replace("_", " ")
        if state.no_account or state.empty:
            return "no account" if state.no_account else f"no {words}"
        return f"{words} {self.example(state.filled) or 'unlike any other'}"


def _unless_nothing(state: HeldState) -> HeldState | None:
    return state if state.no_account or state.empty or state.filled is not None else None


class Words(_Collection):
    """Tags or codes; a group is the set of words of which one must be there."""

    def held(self, filled: Filled, leaf: Overlap) -> Filled:
        """One of the words is there."""
        return Filled(filled.groups | {frozenset(leaf.values)}, filled.forbidden)

    def lacking(self, filled: Filled, leaf: Overlap) -> Filled:
        """None of the words is there."""
        return Filled(filled.groups, filled.forbidden | set(leaf.values))

    def is_possible(self, filled: Filled) -> bool:
        """Every group has a word left, and so has the vocabulary."""
        options = self.spec.options
        return all(group - filled.forbidden for group in filled.groups) and not (
            options is not None and options <= filled.forbidden
        )

    def example(self, filled: Filled | None) -> str | None:
        """One word of every group; some other one where there is no group."""
        if filled is None:
            return None
        groups = [*filled.groups] or [self._others(filled)]
        chosen = [self._word(group - filled.forbidden) for group in groups]
        return ", ".join(sorted({word for word in chosen if word})) if all(chosen) else None

    def _others(self, filled: Filled) -> frozenset[str]:
        options = self.spec.options
        return (
            options
            if options is not None
            else frozenset({"a", *(f"a{number}" for number in range(len(filled.forbidden) + 1))})
        )

    def _word(self, words: Iterable[str]) -> str | None:
        return next((word for word in sorted(words) if plausible(self.spec, word)), None)


class Records(_Collection):
    """Records; a group is the set of values that one record must have, and so is what is forbidden."""

    def held(self, filled: Filled, leaf: RecordMatch) -> Filled:
        """A record has these values."""
        return Filled(filled.groups | {self._values(leaf)}, filled.forbidden)

    def lacking(self, filled: Filled, leaf: RecordMatch) -> Filled:
        """No record has all of these values."""
        return Filled(filled.groups, filled.forbidden | {self._values(leaf)})

    @staticmethod
    def _values(leaf: RecordMatch) -> Values:
        return frozenset((spec.short, op, value) for spec, op, value in leaf.where)

    def is_possible(self, filled: Filled) -> bool:
        """No field has two values, and nothing that must be there has all that is forbidden."""
        return all(
            _has_one_value_each(group) and not any(forbidden <= group for forbidden in filled.forbidden)
            for group in filled.groups
        )

    def example(self, filled: Filled | None) -> str | None:
        """The records that must be there, if each surely differs from all that is forbidden."""
        if filled is None or not filled.groups:
            return None if filled is None or filled.forbidden else "of any sort"
        if len(filled.groups) * len(filled.forbidden) > _MOST or not all(
            _differs(_values(group), forbidden) for group in filled.groups for forbidden in filled.forbidden
        ):
            return None
        shown = [one for group in filled.groups for one in group]
        if not all(op == "eq" and self._is_plain(name, value) for name, op, value in shown):
            return None
        return "with " + ", ".join(sorted(f"{name} {value}" for name, _op, value in shown))

    def _is_plain(self, name: str, value: Primitive) -> bool:
        """Tell whether the value is of a kind whose format is known here."""
        spec = next(one for one in self.spec.record_fields if one.short == name)
        is_free = spec.kind in {Kind.CODE, Kind.TEXT, Kind.INTEGER} and name not in {"url", "handle"}
        return is_free and plausible(spec, value)


def _values(group: Values) -> dict[str, Primitive]:
    """Return the values that a record must have."""
    return {name: value for name, op, value in group if op == "eq"}


def _has_one_value_each(group: Values) -> bool:
    """Tell whether no field must have two values."""
    return len(_values(group)) == sum(op == "eq" for _name, op, _value in group)


def _differs(record: Mapping[str, Primitive], forbidden: Values) -> bool:
    """Tell whether a record surely fails one of the conditions."""
    return any(name in record and not OPERATORS[op](record[name], value) for name, op, value in forbidden)
