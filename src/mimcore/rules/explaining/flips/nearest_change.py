"""The smallest change that would turn somebody's membership: what would have to be otherwise, or when time does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from typing import Any

from mimcore.display import Tree
from mimcore.display.style import fragment
from mimcore.rules.evaluation.evaluator import Answer, binding_for, evaluator
from mimcore.rules.evaluation.facts import Facts, require
from mimcore.rules.explaining.finding_words import value_words
from mimcore.rules.explaining.flips.change_words import moment, phrase_of, sentence
from mimcore.rules.explaining.flips.event_options import Added
from mimcore.rules.explaining.flips.imagined import ImaginedCatalogue
from mimcore.rules.explaining.flips.next_flip import Flip, first_instant
from mimcore.rules.explaining.flips.options import Choice, Option, Unit
from mimcore.rules.explaining.flips.problems import Setting, problem_of
from mimcore.rules.explaining.flips.search import Search
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding
from mimcore.values.text import fold

__all__ = ["MOST_FIELDS", "Change", "NearestChange", "nearest_change"]

MOST_FIELDS = 16
"""Up to so many fields, consents and kinds of events the fewest changes are found for certain."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have to be otherwise. Personal values are in `before`, `after` and `words` only, in no repr.

    Attributes:
        field: Canonical name of the field; a kind of event, the key of a list, a purpose by a channel.
        part: Whose or what it is: contact, account, events, accounts, state, list, permission.
        words: What would be so, such as `country were SE or NO`, or `1 more purchase`.
        before: The present value of a field.
        after: A value that would do; for events, what each one more would be like, by its fields.
        now: The present value in words.
        is_past: Whether it is a birth date or the past, which is proposed only where nothing else helps.
    """

    field: str
    part: str
    words: str = attribute(repr=False)
    before: Any = attribute(repr=False)
    after: Any = attribute(repr=False)
    now: str = attribute(repr=False, default="")
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class NearestChange:
    """The fewest changes that would turn whether somebody belongs; it prints itself as one sentence.

    Attributes:
        answer: The present answer; only True belongs.
        changes: What would have to be otherwise, all of it together; empty where nothing but time helps, or nothing.
        until: The first instant at which these changes would be too late; None where they never are.
        by_time: When time alone turns it; None where it never does.
        is_exact: Whether no smaller number of changes does it, for certain: up to 16 fields.
    """

    answer: Answer
    changes: tuple[Change, ...]
    until: datetime | None
    by_time: Flip | None
    is_exact: bool
    text: str = attribute(repr=False, default="")

    @property
    def is_past(self) -> bool:
        """Whether the past would have to be otherwise."""
        return any(change.is_past for change in self.changes)

    def tree(self) -> Tree:
        """The proposal with its changes below: from what to what."""
        return Tree(self.text, tuple(Tree(_step(change)) for change in self.changes))

    def __str__(self) -> str:
        """The proposal as a sentence."""
        return self.text

    def _repr_html_(self) -> str:
        return fragment(self.tree().html())


def _step(change: Change) -> str:
    if change.part not in {"contact", "account"}:
        return change.words
    name, were, rest = change.words.partition(" were ")
    return f"{name}: {change.now} → {rest}" if were else f"{change.words} (now {change.now})"


def nearest_change(
    rule: nodes.Rule, facts: Facts, *, binding: Binding | None = None, attributes: Iterable[Field] = ()
) -> NearestChange:
    """Return the smallest set of changes that would turn whether a contact belongs.

    Counted is what changes: a field, the events of a kind, a consent, a place on a list. A birth date, the way somebody
    was won, and what has happened are changed only if nothing else turns the answer, time included.

    Args:
        rule: Any rule.
        facts: What is known about the contact.
        binding: As in `evaluate`.
        attributes: As in `evaluate`.

    Returns:
        The changes, by when, and when time alone would do it.

    Raises:
        RuleError: As `evaluate`.

    Examples:
        >>> import mimcore as mim
        >>> from datetime import UTC, datetime
        >>> buyer = mim.Contact(country="DK")
        >>> bought = [
        ...     mim.Interaction(kind="purchase", at=f"2026-{day}T00:00Z", contact_id=buyer.id)
        ...     for day in ("01-09", "02-20")
        ... ]
        >>> facts = mim.Facts(contact=buyer, events=bought, now=datetime(2026, 3, 1, tzinfo=UTC))
        >>> print(mim.nearest_change(mim.fields.contact.purchases.count(within_days=90) >= 3, facts))
        would enter with 1 more purchase before 9 April 2026
    """
    known = binding_for(facts, binding, attributes)
    imagined = replace(known, catalogue=ImaginedCatalogue(known.catalogue))
    bound = bind(rule, imagined)
    require(bound, facts)
    answer = evaluator(bound)(facts)
    return _Finder(rule, facts, imagined, answer).found()


class _Finder:
    def __init__(self, rule: nodes.Rule, facts: Facts, binding: Binding, answer: Answer) -> None:
        self.rule, self.facts, self.binding, self.answer = rule, facts, binding, answer
        self.goal = answer is not True
        self.spelling = _spelling(rule, binding)
        self.bound = bind(rule, binding)
        self.problem, self.world, self.is_complete = problem_of(self.bound, Setting(facts, binding, self.spelling))

    def found(self) -> NearestChange:
        by_time = self._by_time()
        search = Search(self.problem, is_goal_true=self.goal, has_past=False)
        solutions = search.smallest()
        if not solutions and by_time is None:
            search = Search(self.problem, is_goal_true=self.goal, has_past=True)
            solutions = search.smallest()
        if not solutions:
            return self._without(by_time, is_exact=not search.is_exhausted)
        best = min(solutions, key=self._rank)
        return self._proposed(best, search, by_time)

    def _by_time(self) -> Flip | None:
        if self.binding.now is None:
            return None
        return first_instant(self.rule, lambda _at: self.facts, self.binding, lambda one: (one is True) is self.goal)

    def _without(self, by_time: Flip | None, *, is_exact: bool) -> NearestChange:
        text = f"nothing that can change would make it {self._verb}"
        if by_time is not None:
            text = f"would {self._verb} by time alone on {moment(by_time.at)}"
        return NearestChange(self.answer, (), None, by_time, is_exact, text)

    @property
    def _verb(self) -> str:
        return "enter" if self.goal else "leave"

    def _rank(self, choice: Choice) -> tuple[Any, ...]:
        """Of equally many changes: those that leave the past alone, clear nothing, turn few conditions, step little."""
        chosen = [(self.world.units[unit], self.world.options[unit][option]) for unit, option in choice.items()]
        return (
            sum(unit.is_past or option.is_past for unit, option in chosen),
            sum(option.is_missing for _, option in chosen),
            self.problem.flips(choice),
            sum(option.cost for _, option in chosen),
            sorted(choice.items()),
        )

    def _proposed(self, best: Choice, search: Search, by_time: Flip | None) -> NearestChange:
        until = self._until(best)
        changes = tuple(self._change(unit, best, search) for unit in best)
        units = [self.world.units[unit] for unit in best]
        text = sentence(self._verb, units, [change.words for change in changes], until)
        if by_time is not None:
            text += f", or by time alone on {moment(by_time.at)}"
        is_small = len(self.world.units) <= MOST_FIELDS and self.is_complete
        is_exact = not search.is_exhausted and (len(best) == 1 or is_small)
        return NearestChange(self.answer, changes, until, by_time, is_exact, text)

    def _until(self, best: Choice) -> datetime | None:
        """Return when the same changes, made then, would no longer do."""
        if self.binding.now is None:
            return None
        late = first_instant(
            self.rule,
            lambda at: self.world.facts_of(best, at),
            self.binding,
            lambda one: (one is True) is not self.goal,
        )
        return None if late is None else late.at

    def _change(self, place: int, best: Choice, search: Search) -> Change:
        unit, chosen = self.world.units[place], self.world.options[place][best[place]]
        others: list[Option] = []
        failing: list[Option] = []
        for number, option in enumerate(self.world.options[place]):
            holds = search.holds(self.problem.root, {**best, place: number})
            (others if holds else failing).append(option)
        words = phrase_of(unit, chosen, others, failing, self.spelling)
        before, is_past = self._before(unit), unit.is_past or chosen.is_past
        now = "" if unit.spec is None else value_words(unit.spec, before)
        return Change(unit.name, unit.part, words, before, self._after(unit, chosen), now, is_past)

    def _before(self, unit: Unit) -> Any:
        if unit.spec is None or unit.part not in {"contact", "account"}:
            return None
        return unit.spec.read(self.facts.contact if unit.part == "contact" else self.facts.account)

    def _after(self, unit: Unit, chosen: Option) -> Any:
        if unit.part in {"contact", "account"} and unit.spec is not None:
            value = chosen.payload[unit.spec.name]
            return tuple(self.spelling(one) for one in value) if unit.spec.is_collection else self.spelling(value)
        if isinstance(chosen.payload, Added) and chosen.payload.events:
            return tuple({spec.name: value for spec, value in one.values} for one, _ in chosen.payload.events)
        return chosen.value


def _spelling(rule: nodes.Rule, binding: Binding) -> Callable[[Any], Any]:
    """Return what gives a folded literal the spelling that the rule has."""
    written = {fold(text): text for text in _texts(rule, binding)}
    return lambda value: written.get(value, value) if isinstance(value, str) else value


def _texts(rule: nodes.Rule, binding: Binding) -> Iterable[str]:
    values = [getattr(rule, "value", None), *getattr(rule, "values", ())]
    yield from (value for value in values if isinstance(value, str) and not isinstance(rule, nodes.EventMoment))
    inner = binding.segment(rule.segment).rule if isinstance(rule, nodes.InSegment) and binding.segment else None
    for part in (*rule.parts(), *((inner,) if inner is not None else ())):
        yield from _texts(part, binding)
