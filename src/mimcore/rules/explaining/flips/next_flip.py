"""When the answer of a rule changes although nothing happens: the next instant at which time alone turns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mimcore.display import utc_minute
from mimcore.rules.evaluation.evaluator import Answer, binding_for, evaluator
from mimcore.rules.evaluation.facts import Facts, require
from mimcore.rules.explaining.flips.edges import edges
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding

__all__ = ["Flip", "first_instant", "next_flip"]

_WORDS: dict[Answer, str] = {True: "true", False: "false", None: "undecided"}


@dataclass(frozen=True, slots=True)
class Flip:
    """The first instant at which an answer is another one, if nothing happens until then.

    Attributes:
        at: The instant, in UTC, exact to the microsecond.
        answer: The answer from then on.
    """

    at: datetime
    answer: Answer

    def __str__(self) -> str:
        """The instant and the answer."""
        return f"{_WORDS[self.answer]} from {utc_minute(self.at)}"


def next_flip(
    rule: nodes.Rule, facts: Facts, *, binding: Binding | None = None, attributes: Iterable[Field] = ()
) -> Flip | None:
    """Return when the answer of a rule changes by time alone, if nothing else happens.

    Exact for windows, elapsed days, calendar periods, ages, anniversaries, events and freshness. A future event in the
    facts counts from its own instant on.

    Args:
        rule: Any rule.
        facts: What is known about the contact.
        binding: As in `evaluate`.
        attributes: As in `evaluate`.

    Returns:
        The first instant after `now` with another answer; None where time never changes it.

    Raises:
        RuleError: As `evaluate`.
        MissingFactsError: If there is no `now` to look ahead from.

    Examples:
        >>> import mimcore as mim
        >>> from datetime import UTC, datetime
        >>> ana = mim.Contact(name="Ana Berg", birth_date="2008-05-01")
        >>> facts = mim.Facts(contact=ana, now=datetime(2026, 3, 1, tzinfo=UTC))
        >>> print(mim.next_flip(mim.fields.contact.age >= 18, facts))
        true from 2026-05-01 00:00 UTC
    """
    bound_with = binding_for(facts, binding, attributes)
    bound = bind(rule, bound_with)
    require(bound, facts)
    now = evaluator(bound)(facts)
    return first_instant(rule, lambda _at: facts, bound_with, lambda answer: answer is not now)


def first_instant(
    rule: nodes.Rule, facts: Callable[[datetime], Facts], binding: Binding, wanted: Callable[[Answer], bool]
) -> Flip | None:
    """Return the first instant after `binding.now` at which the answer is a wanted one.

    Args:
        rule: Any rule.
        facts: What is known at an instant.
        binding: With the instant to look ahead from.
        wanted: Tells whether an answer is what is looked for.
    """
    for at in edges(rule, facts(binding.instant("the next change")), binding):
        answer = evaluator(bind(rule, replace(binding, now=at)))(facts(at))
        if wanted(answer):
            return Flip(at, answer)
    return None
