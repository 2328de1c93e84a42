"""Questions about rules that are answered without data: soundly, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mimcore.rules.analysis.findings import Decision, Finding
from mimcore.rules.analysis.formula import Every, Formula, true, untrue
from mimcore.rules.analysis.measures import Sort
from mimcore.rules.analysis.plausible import EVENT_ONLY
from mimcore.rules.analysis.search import Found, Outcome, search
from mimcore.rules.analysis.theory import Theory
from mimcore.rules.analysis.variables import Budget
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule, as_rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import Bound, leaves
from mimcore.rules.lowering.references import referring
from mimcore.values.instants import as_instant, as_zone

__all__ = [
    "STEPS",
    "Question",
    "analysis_binding",
    "are_disjoint",
    "are_equivalent",
    "finding",
    "is_subset",
    "never",
    "question",
    "within",
]

STEPS = 200_000
"""Steps after which a question stays undecided; one or two seconds."""

_ANY_POOL = {"": 365.0}
"""One pool for all values: which of two thresholds is higher does not depend on the half-life."""


def analysis_binding(
    now: datetime | None,
    zone: str | ZoneInfo | None,
    segments: Mapping[str, Rule | None] | None,
    attributes: Iterable[Field],
) -> Binding:
    """Return what rules are bound with when they are compared."""
    return Binding(
        now=None if now is None else as_instant(now, "now"),
        zone=as_zone(zone),
        half_lives=_ANY_POOL,
        segment=referring(segments),
    ).knowing(attributes)


class Question:
    """Bound rules that are compared with one another, and the steps left for it."""

    def __init__(self, bounds: Iterable[Bound], budget: Budget) -> None:
        """Collect what the rules are about."""
        self.budget = budget
        self.theory = Theory(bounds, budget, lambda where: _sort_of(where, budget))

    def ask(self, *parts: Formula) -> Found:
        """Look for a contact in whom all parts hold."""
        return search(Every(parts), self.theory, self.budget)

    def true(self, bound: Bound) -> Formula:
        """Return when a rule is true."""
        return true(bound, self.theory)

    def untrue(self, bound: Bound) -> Formula:
        """Return when a rule is false or unknown."""
        return untrue(bound, self.theory)


def _sort_of(where: Bound, budget: Budget) -> Sort:
    """Tell whether an event can be counted: never, surely, or perhaps."""
    found = Question([where], budget)
    outcome = found.ask(found.true(where)).outcome
    names = {getattr(getattr(leaf, "spec", None), "name", None) for leaf in leaves(where)}
    return Sort(outcome is not Outcome.IMPOSSIBLE, outcome is Outcome.CERTAIN and not names & EVENT_ONLY)


def question(bounds: Iterable[Bound], steps: int = STEPS) -> Question:
    """Return a question with a budget of its own."""
    return Question(bounds, Budget(steps))


def finding(found: Found, yes: str, no: str) -> Finding:
    """Turn a search for a counterexample into a finding: none is yes, one is no.

    Args:
        found: What the search came to.
        yes: Reason where there is none.
        no: Reason where there is one; an example follows.
    """
    match found.outcome:
        case Outcome.IMPOSSIBLE:
            clashes = list(
                dict.fromkeys(name.partition(" #")[0].rpartition(".")[2].replace("_", " ") for name in found.clashes)
            )
            why = f" (decided by {', '.join(clashes[:4])})" if clashes else ""
            return Finding(Decision.YES, f"{yes}{why}")
        case Outcome.CERTAIN:
            example = "; ".join(found.example[:6]) or "anybody"
            return Finding(Decision.NO, f"{no}, for example: {example}")
        case Outcome.UNCERTAIN:
            return Finding(
                Decision.UNDECIDED, "it depends on conditions or values about which nothing is known without data"
            )
        case Outcome.EXHAUSTED:
            return Finding(Decision.UNDECIDED, "the rules are too entangled to be decided within the budget of steps")


def never(asked: Question, bound: Bound) -> Finding:
    """Answer whether a bound rule is never true."""
    return finding(asked.ask(asked.true(bound)), "no contact can satisfy it", "somebody can be a member")


def always(asked: Question, bound: Bound) -> Finding:
    """Answer whether a bound rule is always true."""
    return finding(asked.ask(asked.untrue(bound)), "nobody can fail it", "somebody need not be a member")


def within(asked: Question, one: Bound, other: Bound) -> Finding:
    """Answer whether every member of one rule is a member of the other."""
    return finding(
        asked.ask(asked.true(one), asked.untrue(other)),
        "nobody can be in the first without being in the second",
        "somebody can be in the first only",
    )


def is_subset(
    one: Rule,
    other: Rule,
    *,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    attributes: Iterable[Field] = (),
    steps: int = STEPS,
) -> Finding:
    """Answer whether every member of `one` is a member of `other`, for all possible data.

    Members are those for whom a rule is true. Both rules are read at the same instant.

    Args:
        one: The rule that may be the narrower one.
        other: The rule that may be the wider one.
        now: The instant, aware; needed by rules about time, age or events, and then the answer holds for that instant.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        segments: Rules by key, for rules that refer to segments; None for a list kept by hand.
        attributes: Custom attributes that the rules may mention, as `mim.attribute` returned them.
        steps: Steps after which the answer is undecided.

    Returns:
        Yes, no or undecided, with the reason.

    Raises:
        RuleError: If a rule does not fit the declared fields.
        MissingFactsError: If `now` or `segments` are needed and not given.

    Examples:
        >>> from mimcore import fields as f
        >>> print(is_subset(f.contact.children >= 3, f.contact.children >= 1))
        yes: nobody can be in the first without being in the second (decided by children)
    """
    first, second = _both(one, other, analysis_binding(now, zone, segments, attributes))
    return within(question([first, second], steps), first, second)


def are_disjoint(
    one: Rule,
    other: Rule,
    *,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    attributes: Iterable[Field] = (),
    steps: int = STEPS,
) -> Finding:
    """Answer whether nobody can be a member of both rules, for all possible data.

    Args:
        one: A rule.
        other: Another rule.
        now: As in `is_subset`.
        zone: As in `is_subset`.
        segments: As in `is_subset`.
        attributes: As in `is_subset`.
        steps: As in `is_subset`.

    Returns:
        Yes, no or undecided, with the reason.

    Raises:
        RuleError: As `is_subset`.

    Examples:
        >>> from mimcore import fields as f
        >>> are_disjoint(f.contact.country == "DK", f.contact.country == "SE").is_yes
        True
    """
    first, second = _both(one, other, analysis_binding(now, zone, segments, attributes))
    asked = question([first, second], steps)
    return finding(asked.ask(asked.true(first), asked.true(second)), "nobody can be in both", "somebody can be in both")


def are_equivalent(
    one: Rule,
    other: Rule,
    *,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    attributes: Iterable[Field] = (),
    steps: int = STEPS,
) -> Finding:
    """Answer whether two rules always have the same members, for all possible data.

    Args:
        one: A rule.
        other: Another rule.
        now: As in `is_subset`.
        zone: As in `is_subset`.
        segments: As in `is_subset`.
        attributes: As in `is_subset`.
        steps: As in `is_subset`.

    Returns:
        Yes, no or undecided, with the reason.

    Raises:
        RuleError: As `is_subset`.

    Examples:
        >>> from mimcore import fields as f
        >>> are_equivalent(~(f.contact.children >= 1), f.contact.children < 1).is_yes
        True
    """
    first, second = _both(one, other, analysis_binding(now, zone, segments, attributes))
    asked = question([first, second], steps)
    return same(within(asked, first, second), within(asked, second, first))


def same(forward: Finding, backward: Finding) -> Finding:
    """Join the findings of both directions: a no in either is a no, a yes in both is a yes."""
    for one, place in ((forward, "first"), (backward, "second")):
        if one.is_no:
            return replace(one, reason=f"somebody can be in the {place} only, {one.reason.partition(', ')[2]}")
    if forward.is_yes and backward.is_yes:
        return replace(
            forward, reason=forward.reason.replace("in the first without being in the second", "in one only")
        )
    return forward if forward.is_undecided else backward


def _both(one: Rule, other: Rule, binding: Binding) -> tuple[Bound, Bound]:
    return bind(as_rule(one, "is_subset"), binding), bind(as_rule(other, "is_subset"), binding)
