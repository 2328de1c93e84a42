"""Asking a bound rule of few or of many: closures answer the few, generated code the many, and both the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, TypeVar

from mimcore.rules.evaluation.evaluator import evaluator, object_test
from mimcore.rules.evaluation.generation import generated
from mimcore.rules.evaluation.value_tests import Answer, Test
from mimcore.rules.lowering.bound import Bound

__all__ = ["MANY", "Verdict", "answered", "sifted", "those"]

T = TypeVar("T")
Verdict = Literal["member", "non_member", "unknown"]
"""How a rule stands to a contact: true, false, or not to be decided."""

MANY = 640
"""From so many evaluations on, generating code pays (measured: docs/performance.md)."""
_PORTION = 1000
_ANSWERS: Mapping[Verdict, Answer] = {"member": True, "non_member": False, "unknown": None}


def those(bound: Bound, verdict: Verdict, people: Sequence[T], *, of_facts: bool) -> list[T]:
    """Return those to whom a rule stands in a certain way, in their order; check facts with `require` first.

    Args:
        bound: What `bind` returned.
        verdict: Whom to return.
        people: All that are asked about.
        of_facts: Whether they are `Facts`; else objects that the rule can be asked of alone.
    """
    if len(people) >= MANY:
        return generated(bound, verdict, of_facts=of_facts)(people)
    test, wanted = _test(bound, of_facts=of_facts), _ANSWERS[verdict]
    return [one for one in people if test(one) is wanted]


def answered(bound: Bound, people: Sequence[Any], *, of_facts: bool) -> list[Answer]:
    """Return the answer for each, in their order; as `those`.

    Args:
        bound: What `bind` returned.
        people: All that are asked about.
        of_facts: Whether they are `Facts`.
    """
    if len(people) >= MANY:
        return generated(bound, "answer", of_facts=of_facts)(people)
    test = _test(bound, of_facts=of_facts)
    return [test(one) for one in people]


def sifted(bound: Bound, verdict: Verdict, people: Iterable[T], *, of_facts: bool) -> Iterator[T]:
    """Yield those to whom a rule stands in a certain way: as `those`, for people that come one by one.

    The first ones are asked one by one, so that who needs a page only reads no further.

    Args:
        bound: What `bind` returned.
        verdict: Whom to yield.
        people: All that are asked about.
        of_facts: Whether they are `Facts`.
    """
    coming = iter(people)
    test, wanted = _test(bound, of_facts=of_facts), _ANSWERS[verdict]
    yield from (one for one in islice(coming, MANY) if test(one) is wanted)
    portion = list(islice(coming, _PORTION))
    if portion:
        ask = generated(bound, verdict, of_facts=of_facts)
        while portion:
            yield from ask(portion)
            portion = list(islice(coming, _PORTION))


def _test(bound: Bound, *, of_facts: bool) -> Test:
    return evaluator(bound) if of_facts else object_test(bound)
