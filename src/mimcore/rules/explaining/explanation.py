"""Why a rule holds for one contact, or not, or cannot be decided: the evaluation's own leaves, walked as written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mimcore.display import Mark, Tree
from mimcore.display.style import fragment
from mimcore.rules.evaluation.evaluator import Answer, binding_for, evaluator
from mimcore.rules.evaluation.facts import Facts, require
from mimcore.rules.explaining.english import describe
from mimcore.rules.explaining.findings import Finding, account_answers, findings
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import leaves

if TYPE_CHECKING:
    from mimcore.rules.explaining.flips.nearest_change import NearestChange
    from mimcore.rules.explaining.flips.next_flip import Flip

__all__ = ["Explanation", "explain"]

_GROUPS = {"all": "all of", "any": "any of", "not": "not", "or_missing": "true, or unknown"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked about: kept for further questions, never shown."""

    facts: Facts
    binding: Binding


@dataclass(frozen=True, slots=True)
class Explanation:
    """One part of a rule with its answer; the parts inside it follow the rule as it was written.

    Printing it shows the values that were found, also personal ones: that is what it is for. Its repr shows none.

    Attributes:
        rule: The part.
        answer: True, False, or None where it cannot be decided.
        parts: The parts inside.
        found: What the answer of a condition rests on: value, source, age; two for a comparison of two fields.
        accounts: Which account answered what, for a condition on accounts.
    """

    rule: nodes.Rule
    answer: Answer
    parts: tuple[Explanation, ...] = ()
    found: tuple[Finding, ...] = field(default=(), repr=False)
    accounts: tuple[tuple[str, Answer], ...] = field(default=(), repr=False)
    asked: Asked | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The part in plain English; no value is in it."""
        return describe(self.rule)

    @property
    def sentence(self) -> str:
        """The part with what was found, such as `city is Aarhus (from web-shop, 40 days old)`."""
        said = [words for one in self.found if (words := self._found(one))]
        return self.text + "".join(said) + "".join(f"; {note}" for one in self.found for note in one.notes)

    def _found(self, one: Finding) -> str:
        """What was found, left out where it is what the condition asks for."""
        is_told = self.answer is True and isinstance(self.rule, nodes.Equals)
        value = "" if is_told or (self.answer is not True and isinstance(self.rule, nodes.Known)) else f": {one.words}"
        return value + (f" ({one.provenance})" if one.provenance else "")

    @property
    def undecided(self) -> tuple[str, ...]:
        """Names of the fields whose absence leaves this part undecided."""
        return tuple(
            dict.fromkeys(name for leaf in self.conditions() if leaf.answer is None for name in fields_of(leaf.rule))
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out anywhere: events that could not be decided, or in another currency."""
        own = (note for one in self.found for note in one.notes)
        return tuple(dict.fromkeys([*own, *(note for part in self.parts for note in part.notes)]))

    def conditions(self) -> tuple[Explanation, ...]:
        """The conditions at the leaves, in the order of the rule."""
        return tuple(leaf for part in self.parts for leaf in part.conditions()) if self.parts else (self,)

    def deciding(self) -> tuple[Explanation, ...]:
        """The conditions that the answer rests on: the false ones of an `and` that is false, and so on.

        Examples:
            >>> import mimcore as mim
            >>> rule = (mim.fields.contact.country == "DK") & (mim.fields.contact.city == "Aarhus")
            >>> [one.text for one in explain(rule, mim.Facts(contact=mim.Contact(country="SE"))).deciding()]
            ['country is DK']
        """
        if not self.parts:
            return (self,)
        alike = tuple(part for part in self.parts if part.answer is self.answer)
        return tuple(leaf for part in alike or self.parts for leaf in part.deciding())

    def tree(self, *, has_values: bool = True) -> Tree:
        """The explanation as a tree with a mark on every line.

        Args:
            has_values: Whether the values found are told; without them nothing personal is shown.
        """
        label = self.sentence if has_values else self.text
        if self.parts:
            label = _GROUPS.get(self.rule.shape, self.text)
        accounts = tuple(Tree(name, (), Mark.of(answer)) for name, answer in self.accounts) if has_values else ()
        return Tree(
            label, (*(part.tree(has_values=has_values) for part in self.parts), *accounts), Mark.of(self.answer)
        )

    def next_flip(self) -> Flip | None:
        """Return when the answer changes by time alone, if nothing else happens; see `mim.next_flip`.

        Raises:
            MissingFactsError: If there is no `now` to look ahead from.
        """
        from mimcore.rules.explaining.flips.next_flip import next_flip

        asked = self._asked()
        return next_flip(self.rule, asked.facts, binding=asked.binding)

    def nearest_change(self) -> NearestChange:
        """Return the smallest change that would turn membership; see `mim.nearest_change`.

        Examples:
            >>> import mimcore as mim
            >>> ana = mim.Facts(contact=mim.Contact(country="DK"))
            >>> print(explain(mim.fields.contact.country == "DK", ana).nearest_change())
            would leave if country were not DK
        """
        from mimcore.rules.explaining.flips.nearest_change import nearest_change

        asked = self._asked()
        return nearest_change(self.rule, asked.facts, binding=asked.binding)

    def _asked(self) -> Asked:
        if self.asked is None:
            raise ValueError("this explanation was not made by explain(...)")
        return self.asked

    def __str__(self) -> str:
        """The tree as text."""
        return str(self.tree())

    def _repr_html_(self) -> str:
        return fragment(self.tree().html())


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
        The answer of every part with what it rests on. `None` marks what cannot be decided.

    Raises:
        RuleError: As `evaluate`.

    Examples:
        >>> import mimcore as mim
        >>> rule = (mim.fields.contact.country == "DK") & (mim.fields.contact.city == "Aarhus")
        >>> print(explain(rule, mim.Facts(contact=mim.Contact(name="Ana Berg", country="DK"))))
        ? all of
        ├─ ✓ country is DK
        └─ ? city is Aarhus: not known
    """
    bound_with = binding_for(facts, binding, attributes)
    require(bind(rule, bound_with), facts)
    return _explain(rule, Asked(facts, bound_with))


def _explain(rule: nodes.Rule, asked: Asked) -> Explanation:
    """Ask the evaluation about every part on its own, so that the two cannot disagree."""
    bound = bind(rule, asked.binding)
    answer = evaluator(bound)(asked.facts)
    inner = rule.parts() if rule.shape in _GROUPS else _opened(rule, asked.binding)
    if inner:
        return Explanation(rule, answer, tuple(_explain(part, asked) for part in inner), asked=asked)
    own = list(leaves(bound, outer=True))
    found = findings(rule, own, asked.facts, asked.binding)
    return Explanation(rule, answer, (), found, account_answers(own, asked.facts), asked)


def _opened(rule: nodes.Rule, binding: Binding) -> tuple[nodes.Rule, ...]:
    """Return the rule of a segment that is mentioned, unless it is a list."""
    if not isinstance(rule, nodes.InSegment) or binding.segment is None:
        return ()
    referred = binding.segment(rule.segment).rule
    return () if referred is None else (referred,)
