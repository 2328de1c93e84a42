"""What a leaf on a contact's companions means: accounts, past, lists, consent, and the age of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mimcore.errors import MissingFactsError
from mimcore.rules.evaluation.value_tests import OPERATORS, Answer, Test, normal
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import (
    AnyAccount,
    Bound,
    Changed,
    CountAccounts,
    Dated,
    EverHeld,
    Fresh,
    FreshPoint,
    Listed,
    Permitted,
)

__all__ = ["account_test", "companion_test", "counts_as_change", "equals_value"]


def account_test(leaf: AnyAccount | CountAccounts, compile_object: Callable[[Bound], Test]) -> Test:
    """Compile a leaf on all accounts of a contact.

    Args:
        leaf: The leaf.
        compile_object: Compiles the condition on one account.
    """
    holds = compile_object(leaf.where)
    if isinstance(leaf, CountAccounts):
        compare, value = OPERATORS[leaf.op], leaf.value
        return lambda facts: compare(sum(holds(account) is True for account in facts.accounts), value)

    def test(facts: Any) -> Answer:
        answers = [holds(account) for account in facts.accounts]
        return True if True in answers else None if None in answers else False

    return test


def companion_test(leaf: Changed | EverHeld | Permitted | Listed | Fresh | FreshPoint | Dated) -> Test:
    """Compile a leaf on what is known about a contact beside its values.

    Args:
        leaf: The leaf.
    """
    match leaf:
        case Changed():
            return _changed(leaf)
        case EverHeld():
            return _ever(leaf)
        case Permitted(channel, purpose):
            return lambda facts: (channel, purpose) in facts.permissions
        case Listed(segment):
            return lambda facts: segment in facts.listed_in
        case Fresh(spec, cutoffs):
            return _fresh(spec, dict(cutoffs))
        case FreshPoint(points, cutoffs):
            return _fresh_point(points, dict(cutoffs))
        case Dated(spec):
            return _dated(spec)


def counts_as_change(leaf: Changed) -> Callable[[Any], bool]:
    """Compile which replaced values a leaf counts as changes.

    Args:
        leaf: The leaf; its answer is whether there is one.
    """
    name, change = leaf.spec.name, normal(leaf.spec)

    def counts(past: Any) -> bool:
        return (
            past.field == name
            and past.is_change
            and past.after is not None
            and leaf.start <= past.at <= leaf.end
            and change(past.value) != change(past.after)
        )

    return counts


def equals_value(leaf: EverHeld) -> Callable[[Any], bool]:
    """Compile which values of its field, present or past, are the one that a leaf asks for.

    Args:
        leaf: The leaf.
    """
    change, value = normal(leaf.spec), leaf.value
    return lambda one: bool(change(one) == value)


def _changed(leaf: Changed) -> Test:
    counts = counts_as_change(leaf)
    return lambda facts: any(map(counts, facts.history))


def _ever(leaf: EverHeld) -> Test:
    spec, is_asked_for = leaf.spec, equals_value(leaf)

    def test(facts: Any) -> Answer:
        own = spec.read(facts.contact)
        known = [past.value for past in facts.history if past.field == spec.name] + ([] if own is None else [own])
        return any(map(is_asked_for, known)) if known else None

    return test


def _dated(spec: FieldSpec) -> Test:
    name = spec.name
    return lambda facts: (state := facts.states.get(name)) is not None and state.key is not None


def _fresh(spec: FieldSpec, cutoffs: dict[str, int]) -> Test:
    name = spec.name

    def test(facts: Any) -> Answer:
        state = facts.states.get(name)
        if state is None or state.key is None:
            return None
        return _reaches(state, cutoffs)

    return test


def _reaches(state: Any, cutoffs: dict[str, int]) -> bool:
    cutoff = cutoffs.get(state.pool)
    if cutoff is None:
        raise MissingFactsError(f"the half-life of the pool '{state.pool}' is not known: give Binding(half_lives=…)")
    return bool(state.key >= cutoff)


def _fresh_point(points: str, cutoffs: dict[str, int]) -> Test:
    start = f"{points}."

    def test(facts: Any) -> Answer:
        dated = [one for name, one in facts.states.items() if name.startswith(start) and one.key is not None]
        return any(_reaches(one, cutoffs) for one in dated) if dated else None

    return test
