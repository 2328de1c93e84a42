"""What each condition of a rule keeps, loses and cannot decide, and for lack of which field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mimcore.rules.explaining.english import describe
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language import nodes
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.writing.builder import all_of, any_of
from mimcore.segments.asking import Asked, undecided

__all__ = ["PreviewStep", "steps_of"]


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """One condition of the rule, asked of those whom the conditions before it kept. The three numbers add up to them.

    Attributes:
        text: The condition in plain English.
        kept: Those for whom it is true.
        lost: Those for whom it is false.
        undecided: Those for whom it cannot be decided; they are not kept either.
        fields: Canonical names of the fields it reads.
        lacking: For lack of which fields it cannot be decided, with how many lack each, the most first. Somebody may
            lack several.
        kept_between: The 95 % interval of `kept` in an estimate; None where it was counted.
    """

    text: str
    kept: int
    lost: int
    undecided: int
    fields: tuple[str, ...]
    lacking: tuple[tuple[str, int], ...] = ()
    kept_between: tuple[int, int] | None = None

    @property
    def before(self) -> int:
        """How many it was asked of."""
        return self.kept + self.lost + self.undecided


def steps_of(asked: Asked, rule: nodes.Rule) -> Iterator[PreviewStep]:
    """Yield the conditions of an `and` at the top of a rule one after the other; another rule is one condition.

    Args:
        asked: Whom.
        rule: The rule.
    """
    conditions = rule.parts() if isinstance(rule, nodes.AllOf) else (rule,)
    before = asked.size
    for index, condition in enumerate(conditions):
        passed = conditions[:index]
        kept = asked.count(all_of((*passed, condition)))
        lost = asked.count(all_of((*passed, ~condition)))
        rest = before - kept - lost
        lacking = _lacking(asked, passed, condition) if rest else ()
        shown = asked.parts(kept, rest, lost)
        yield PreviewStep(
            describe(condition), shown[0], shown[2], shown[1], fields_of(condition), lacking, asked.between(kept)
        )
        before = kept


def _lacking(asked: Asked, passed: tuple[nodes.Rule, ...], condition: nodes.Rule) -> tuple[tuple[str, int], ...]:
    by_field: dict[str, list[nodes.Rule]] = {}
    for name, lack in _lacks(condition, (), asked.work.binding(asked.at)):
        by_field.setdefault(name, []).append(lack)
    counted = {name: asked.count(all_of((*passed, any_of(rules)))) for name, rules in by_field.items()}
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple((name, asked.scaled(number)) for name, number in ranked if number)


def _lacks(rule: nodes.Rule, above: tuple[nodes.Rule, ...], binding: Binding) -> Iterator[tuple[str, nodes.Rule]]:
    """Yield the fields that conditions read, each with the rule that is true where that leaves all above undecided."""
    match rule:
        case nodes.AllOf() | nodes.AnyOf():
            for part in rule.parts():
                yield from _lacks(part, (*above, undecided(rule)), binding)
        case nodes.Not(rule=inner):
            yield from _lacks(inner, above, binding)
        case nodes.OrMissing() | nodes.Everyone():
            return
        case nodes.InSegment(segment=key):
            followed = None if binding.segment is None else binding.segment(key).rule
            if followed is not None:
                yield from _lacks(followed, above, binding)
        case nodes.CompareFields(field=name, other=other):
            for one in (name, other):
                yield one, all_of((*above, undecided(rule), ~nodes.Known(field=one)))
        case _:
            yield ", ".join(fields_of(rule)) or describe(rule), all_of((*above, undecided(rule)))
