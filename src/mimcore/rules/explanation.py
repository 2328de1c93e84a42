"""Why a rule holds for one contact, or not, or cannot be decided: the evaluation's own leaves, walked as written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mimcore.display import Mark, Tree
from mimcore.rules import nodes
from mimcore.rules.english import describe
from mimcore.rules.evaluation import Answer, evaluator
from mimcore.rules.facts import Facts, require
from mimcore.rules.handles import Field
from mimcore.rules.lowering import Binding, bind

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One part of a rule with its answer; the parts inside it follow the rule as it was written."""

    rule: nodes.Rule
    answer: Answer
    parts: tuple[Explanation, ...] = ()

    @property
    def text(self) -> str:
        """The part in plain English."""
        return describe(self.rule)

    @property
    def undecided(self) -> tuple[str, ...]:
        """Names of the fields whose absence leaves this part undecided."""
        return tuple(
            dict.fromkeys(name for leaf in self.conditions() if leaf.answer is None for name in fields_of(leaf.rule))
        )

    def conditions(self) -> tuple[Explanation, ...]:
        """The conditions at the leaves, in the order of the rule."""
        return tuple(leaf for part in self.parts for leaf in part.conditions()) if self.parts else (self,)

    def tree(self) -> Tree:
        """The explanation as a tree with a mark on every line."""
        grouping = {"all": "all of", "any": "any of", "not": "not", "or_missing": "true, or unknown"}
        label = grouping.get(self.rule.shape, self.text) if self.parts else self.text
        return Tree(label, tuple(part.tree() for part in self.parts), Mark.of(self.answer))

    def __str__(self) -> str:
        """The tree as text."""
        return str(self.tree())

    def _repr_html_(self) -> str:
        return self.tree().html()


def explain(
    rule: nodes.Rule, facts: Facts, *, binding: Binding | None = None, attributes: Iterable[Field] = ()
) -> Explanation:
    """Explain a rule for one contact, condition by condition.

    Args:
        rule: Any rule.
        facts: What is known about the contact.
        binding: As in `evaluate`.
        attributes: As in `evaluate`.

    Returns:
        The answer of every part. `None` marks what cannot be decided.

    Raises:
        RuleError: As `evaluate`.

    Examples:
        >>> import mimcore as mim
        >>> rule = (mim.fields.contact.country == "DK") & (mim.fields.contact.city == "Aarhus")
        >>> explain(rule, mim.Facts(contact=mim.Contact(name="Ana Berg", country="DK"))).undecided
        ('contact.demographic.city',)
    """
    binding = (binding or Binding(now=facts.now)).knowing(attributes)
    require(bind(rule, binding), facts)
    return _explain(rule, facts, binding)


def _explain(rule: nodes.Rule, facts: Facts, binding: Binding) -> Explanation:
    if isinstance(rule, nodes.AllOf | nodes.AnyOf | nodes.Not | nodes.OrMissing):
        parts = tuple(_explain(part, facts, binding) for part in rule.parts())
        return Explanation(rule, _combined(rule, [part.answer for part in parts]), parts)
    if isinstance(rule, nodes.InSegment) and binding.segment is not None:
        referred = binding.segment(rule.segment).rule
        if referred is not None:
            inner = _explain(referred, facts, binding)
            return Explanation(rule, inner.answer, (inner,))
    return Explanation(rule, evaluator(bind(rule, binding))(facts))


def _combined(rule: nodes.Rule, answers: list[Answer]) -> Answer:
    match rule:
        case nodes.AllOf():
            return False if False in answers else (None if None in answers else True)
        case nodes.AnyOf():
            return True if True in answers else (None if None in answers else False)
        case nodes.Not():
            return None if answers[0] is None else not answers[0]
        case _:
            return answers[0] is not False


def fields_of(rule: nodes.Rule) -> tuple[str, ...]:
    """Return the canonical names of the fields that a rule mentions, without repeats."""
    own = getattr(rule, "field", None)
    names = ([own] if isinstance(own, str) else []) + [name for part in rule.parts() for name in fields_of(part)]
    return tuple(dict.fromkeys(names))
