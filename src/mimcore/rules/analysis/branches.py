"""Analysing one rule: whether it is ever true, always true, and which of its parts do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mimcore.rules.analysis.findings import Analysis, IdleBranch
from mimcore.rules.analysis.questions import STEPS, Question, always, analysis_binding, never, question, within
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.bound import Bound, BoundAll, BoundAny

__all__ = ["analyse"]

Place = tuple[int, ...]


def analyse(
    rule: nodes.Rule,
    *,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    segments: Mapping[str, nodes.Rule | None] | None = None,
    attributes: Iterable[Field] = (),
    steps: int = STEPS,
) -> Analysis:
    """Say what can be said of a rule without data: whether it is never or always true, and which parts do nothing.

    Args:
        rule: Any rule.
        now: The instant, aware; needed by rules about time, age or events, and then the answers hold for that instant.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        segments: Rules by key, for rules that refer to segments; None for a list kept by hand.
        attributes: Custom attributes that the rule may mention, as `mim.attribute` returned them.
        steps: Steps after which what is left stays undecided.

    Returns:
        Findings that print themselves. `yes` and `no` are proven; a part that is not listed may still do nothing.

    Raises:
        RuleError: If the rule does not fit the declared fields.
        MissingFactsError: If `now` or `segments` are needed and not given.

    Examples:
        >>> from mimcore import fields as f
        >>> found = analyse((f.contact.country == "DK") & (f.contact.children > 1) & (f.contact.children > 2))
        >>> found.never_true.answer, [str(part) for part in found.dead_branches]
        (<Decision.NO: 'no'>, ['rule.rules[1] excludes nobody: children is more than 1'])
    """
    bound = bind(nodes.as_rule(rule, "analyse"), analysis_binding(now, zone, segments, attributes))
    asked = question([bound], steps)
    impossible, certain = never(asked, bound), always(asked, bound)
    if impossible.is_yes or certain.is_yes:
        return Analysis(rule, impossible, certain)
    dead, undecided = _idle(rule, bound, asked)
    return Analysis(rule, impossible, certain, dead, undecided)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a group: where it stands in the rule and in its bound form, which has groups of the same shape."""

    path: str
    place: Place
    rule: nodes.Rule


def _parts(rule: nodes.Rule, path: str, place: Place) -> Iterator[_Part]:
    """Yield the parts of all groups, outer ones first, later ones before earlier ones."""
    match rule:
        case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
            for index in reversed(range(len(rules))):
                inner = _Part(f"{path}.rules[{index}]", (*place, index), rules[index])
                yield inner
                yield from _parts(inner.rule, inner.path, inner.place)
        case nodes.Not(rule=inside) | nodes.OrMissing(rule=inside):
            yield from _parts(inside, f"{path}.rule", place)
        case _:
            return


def _idle(rule: nodes.Rule, bound: Bound, asked: Question) -> tuple[tuple[IdleBranch, ...], tuple[str, ...]]:
    """Take parts out one after the other, as long as the members stay the same."""
    taken: set[Place] = set()
    idle: list[IdleBranch] = []
    undecided: list[str] = []
    order = {part.path: number for number, part in enumerate(_parts(rule, "rule", ()))}
    for part in _parts(rule, "rule", ()):
        group = _at(bound, part.place[:-1])
        siblings = {(*part.place[:-1], index) for index in range(len(group.parts))} - taken
        if len(siblings) < 2 or any(part.place[:depth] in taken for depth in range(len(part.place))):
            continue
        if asked.budget.is_spent:
            undecided.append(part.path)
            continue
        before, after = _without(bound, taken), _without(bound, taken | {part.place})
        is_alternative = isinstance(group, BoundAny)
        found = within(asked, before, after) if is_alternative else within(asked, after, before)
        if found.is_yes:
            taken.add(part.place)
            idle.append(IdleBranch(part.path, part.rule, "adds nobody" if is_alternative else "excludes nobody"))
        elif found.is_undecided:
            undecided.append(part.path)
    return tuple(sorted(idle, key=lambda one: -order[one.path])), tuple(reversed(undecided))


def _at(bound: Bound, place: Place) -> BoundAll | BoundAny:
    for index in place:
        bound = _group(bound).parts[index]
    return _group(bound)


def _group(bound: Bound) -> BoundAll | BoundAny:
    if not isinstance(bound, BoundAll | BoundAny):
        raise TypeError(type(bound).__name__)
    return bound


def _without(bound: Bound, taken: set[Place], place: Place = ()) -> Bound:
    """Return the bound rule without the parts that were taken out."""
    if not taken or not isinstance(bound, BoundAll | BoundAny):
        return bound
    parts = (
        _without(part, taken, (*place, index)) for index, part in enumerate(bound.parts) if (*place, index) not in taken
    )
    return type(bound)(tuple(parts))
