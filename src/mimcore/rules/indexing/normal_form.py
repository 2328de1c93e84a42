"""A rule as alternatives, an `or` of `and`s of conditions: Kleene's logic allows that as the classical one does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from mimcore.rules.language import nodes

__all__ = ["MOST_ALTERNATIVES", "Signed", "alternatives"]

A = TypeVar("A")
MOST_ALTERNATIVES = 64
"""Beyond it a rule is asked as it stands: an `and` of `or`s multiplies."""


class Signed(NamedTuple, Generic[A]):
    """A condition, perhaps negated; `missing` is what unknown counts as, or None to keep it unknown."""

    of: A
    negated: bool
    missing: bool | None


Alternatives = list[frozenset[Signed[A]]]


def alternatives(rule: nodes.Rule, condition: Callable[[nodes.Rule], A]) -> Alternatives[A] | None:
    """Return the alternatives of a rule; no alternative is never true, an empty one always is.

    `or_missing` and negation are those of whole conditions: "not false" distributes over `and` and `or`, so it means
    the same for a condition that binding takes apart, such as a range.

    Args:
        rule: Any rule.
        condition: Makes what stands for a condition; equal conditions shall give the same.

    Returns:
        None for a rule that is too wide.
    """
    return _Distribution(condition).of(rule, negated=False, missing=None)


class _Distribution(Generic[A]):
    """What is too wide in one part is so as a whole."""

    def __init__(self, condition: Callable[[nodes.Rule], A]) -> None:
        self.condition = condition

    def of(self, rule: nodes.Rule, *, negated: bool, missing: bool | None) -> Alternatives[A] | None:
        match rule:
            case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
                parts = (self.of(part, negated=negated, missing=missing) for part in rules)
                return _joined(parts) if isinstance(rule, nodes.AllOf) is negated else _multiplied(parts)
            case nodes.Not(rule=inner):
                return self.of(inner, negated=not negated, missing=missing)
            case nodes.OrMissing(rule=inner):
                return self.of(inner, negated=negated, missing=not negated)
            case nodes.Everyone():
                return [] if negated else [frozenset()]
            case _:
                return [frozenset([Signed(self.condition(rule), negated, missing)])]


def _joined(parts: Iterable[Alternatives[A] | None]) -> Alternatives[A] | None:
    found: Alternatives[A] = []
    for part in parts:
        joined = None if part is None else _bounded([*found, *part])
        if joined is None:
            return None
        found = joined
    return found


def _multiplied(parts: Iterable[Alternatives[A] | None]) -> Alternatives[A] | None:
    found: Alternatives[A] = [frozenset()]
    for part in parts:
        multiplied = None if part is None else _bounded([one | other for one in found for other in part])
        if multiplied is None:
            return None
        found = multiplied
    return found


def _bounded(found: Alternatives[A]) -> Alternatives[A] | None:
    different = list(dict.fromkeys(found))
    return different if len(different) <= MOST_ALTERNATIVES else None
