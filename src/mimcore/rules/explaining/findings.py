"""What an answer rests on: the value that was found, its source and age, and what could not be counted.

Values are read by the field's own reader, and events are chosen by the tests that the evaluation uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import Any

from mimcore.display import percent, plural
from mimcore.rules.evaluation.evaluator import Answer, object_test
from mimcore.rules.evaluation.event_tests import amounts, counted, measured
from mimcore.rules.evaluation.facts import Absent, Facts, SourcedState, ValueState
from mimcore.rules.explaining.finding_words import called, day, joined, minor, old, value_words
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import (
    AnyAccount,
    Bound,
    Constant,
    CountAccounts,
    EventLeaf,
    Follows,
    Leaf,
    Pattern,
    Regular,
    Restarted,
    patterns_of,
)
from mimcore.rules.lowering.value_conditions import freshness_at

__all__ = ["Finding", "account_answers", "findings"]

_BIRTH = ("contact.demographic.birth_date", "contact.demographic.birth_year", "contact.demographic.age_band")
"""What an age may come from, the most exact first."""

_HIDDEN = "known, not shown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a condition. Personal values are in `value` and `words` only, and in no repr.

    Attributes:
        field: Canonical name of the field, or the kind of event.
        value: What was found; None where nothing is known, or where a special category forbids showing it.
        words: The same, as it is read.
        source: Key of the source that brought the value, where that is known.
        age_days: Whole days since the value was last seen to be right; None where nobody knows.
        freshness: Probability that it is still right, 0-1; None for an undated value.
        is_undated: Whether there is a value of which nobody knows since when.
        notes: What was left out: events that could not be decided, or in another currency.
    """

    field: str
    value: Any = attribute(repr=False)
    words: str = attribute(repr=False)
    source: str | None = None
    age_days: int | None = None
    freshness: float | None = None
    is_undated: bool = False
    notes: tuple[str, ...] = ()

    @property
    def provenance(self) -> str:
        """Source, age and freshness as far as they are known, such as `from web-shop, 40 days old, 97 % fresh`."""
        said = [f"from {self.source}"] if self.source is not None else []
        said += [old(self.age_days)] if self.age_days is not None else ["of unknown age"] if self.is_undated else []
        said += [] if self.freshness is None else [f"{percent(self.freshness, 0)} fresh"]
        return ", ".join(said)


def findings(rule: nodes.Rule, leaves: Sequence[Leaf], facts: Facts, binding: Binding) -> tuple[Finding, ...]:
    """Return what the answer of one condition rests on.

    Args:
        rule: A condition.
        leaves: What it was bound to.
        facts: What is known about the contact.
        binding: What it was bound with.
    """
    measures = [leaf for leaf in leaves if isinstance(leaf, EventLeaf | Follows | Regular | Restarted)]
    if measures:
        return (_of_events(rule, measures, facts),)
    if isinstance(rule, nodes.ChangedWithin | nodes.EverBeen):
        return (_of_history(rule, facts, binding),)
    names = [getattr(rule, part, None) for part in ("field", "other")]
    specs = [binding.catalogue[name] for name in names if isinstance(name, str)]
    return tuple(_of_field(rule, spec, facts, binding) for spec in specs if spec.entity in {"contact", "account"})


def _of_field(rule: nodes.Rule, spec: FieldSpec, facts: Facts, binding: Binding) -> Finding:
    owner: Any = facts.account if spec.entity == "account" else facts.contact
    value: Any = None if owner is None or isinstance(owner, Absent) else spec.read(owner)
    state = _state(spec, facts)
    words = "no account" if owner is None else _words(spec, value, binding)
    found = Finding(spec.name, None if spec.is_special_category else value, words)
    if state is None or value is None or value == ():
        return found
    return _dated(found, state, binding, asks_freshness=isinstance(rule, nodes.FreshnessTest | nodes.Undated))


def _words(spec: FieldSpec, value: Any, binding: Binding) -> str:
    if spec.is_special_category and value not in (None, ()):
        return _HIDDEN
    today = binding.today(spec.name) if spec.kind is Kind.AGE and binding.now is not None else None
    return value_words(spec, value, today)


def _state(spec: FieldSpec, facts: Facts) -> ValueState | None:
    if isinstance(facts.states, Absent):
        return None
    names = _BIRTH if spec.kind is Kind.AGE else (spec.name,)
    return next((state for name in names if (state := facts.states.get(name)) is not None), None)


def _dated(found: Finding, state: ValueState, binding: Binding, *, asks_freshness: bool) -> Finding:
    half_life, key = binding.half_lives.get(state.pool), state.key
    source = seen = None
    if isinstance(state, SourcedState):
        source, seen = state.source, state.confirmed_at or state.observed_at
    fresh = None
    if key is not None and half_life is not None and binding.now is not None:
        fresh = freshness_at(key, binding.now, half_life)
    age = None if seen is None or binding.now is None else max(0, (binding.now - seen).days)
    shows_age = key is None and (asks_freshness or source is not None)
    return Finding(found.field, found.value, found.words, source, age, fresh, is_undated=shows_age)


def _of_history(rule: nodes.ChangedWithin | nodes.EverBeen, facts: Facts, binding: Binding) -> Finding:
    spec = binding.catalogue[rule.field]
    past = [] if isinstance(facts.history, Absent) else [one for one in facts.history if one.field == spec.name]
    value: Any = spec.read(facts.contact)
    hidden = spec.is_special_category
    if isinstance(rule, nodes.ChangedWithin):
        moved = [one for one in past if one.is_change and one.after is not None]
        if not moved:
            return Finding(spec.name, None, "no change on record")
        last = max(moved, key=lambda one: one.at)
        way = "" if hidden else f", from {value_words(spec, last.value)} to {value_words(spec, last.after)}"
        return Finding(spec.name, None if hidden else last.after, f"last changed on {last.at:%Y-%m-%d}{way}")
    known = list(
        dict.fromkeys(value_words(spec, one) for one in [*(one.value for one in past), value] if one is not None)
    )
    words = _HIDDEN if hidden and known else f"{joined(known)} on record" if known else "nothing on record"
    return Finding(spec.name, None if hidden else value, words)


# --- events ----------------------------------------------------------------------------------------------------------


def _of_events(rule: nodes.Rule, measures: Sequence[Any], facts: Facts) -> Finding:
    every: Sequence[Any] = () if isinstance(facts.events, Absent) else facts.events
    patterns = list(dict.fromkeys(pattern for leaf in measures for pattern in patterns_of(leaf)))
    notes = tuple(note for pattern, leaf in _asked(measures) for note in _undecided(pattern, leaf, every))
    if isinstance(rule, nodes.EventTest):
        (leaf,) = measures
        value, words = _measure(leaf, facts)
        return Finding(leaf.kind, value, words, notes=(*notes, *_left_out(leaf, every)))
    if isinstance(rule, nodes.EventMoment):
        (leaf,) = measures
        at: datetime | None = measured(leaf, object_test)(facts)
        words = "no such event" if at is None else f"the {leaf.measure} on {at:%Y-%m-%d}"
        return Finding(leaf.kind, at, words, notes=notes)
    said = [_seen(pattern, measures[0].end, every) for pattern in dict.fromkeys(patterns)]
    return Finding(patterns[0].kind, None, "; ".join(dict.fromkeys(said)), notes=tuple(dict.fromkeys(notes)))


def _asked(measures: Sequence[Any]) -> Iterator[tuple[Pattern, Any]]:
    """Each pattern once, with the leaf whose window is the widest: that is the first."""
    seen: set[Pattern] = set()
    for leaf in measures:
        for pattern in patterns_of(leaf):
            if pattern not in seen:
                seen.add(pattern)
                yield pattern, leaf


def _visible(pattern: Pattern, leaf: Any, every: Sequence[Any]) -> list[Any]:
    start = getattr(leaf, "start", None)
    return [
        event
        for event in every
        if event.kind == pattern.kind and event.at <= leaf.end and (start is None or event.at >= start)
    ]


def _undecided(pattern: Pattern, leaf: Any, every: Sequence[Any]) -> Iterator[str]:
    if pattern.where is None:
        return
    test = object_test(pattern.where)
    number = sum(test(event) is None for event in _visible(pattern, leaf, every))
    if number:
        yield f"{plural(number, f'{pattern.kind} event')} cannot be decided"


def _measure(leaf: EventLeaf, facts: Facts) -> tuple[Any, str]:
    """Return the measure and its words; an average is shown rounded, and compared exactly."""
    counts = counted(leaf, object_test)
    events: Any = facts.events
    moments = [event.at for event in events if counts(event)]
    if leaf.measure == "count":
        return len(moments), f"{len(moments)}{f', the last on {day(moments)}' if moments else ''}"
    known = list(amounts(leaf, counts)(events))
    if leaf.measure == "average":
        return _average(leaf, known)
    value = measured(leaf, object_test)(facts)
    words = "nothing to measure" if value is None else _amount(leaf, value)
    return value, words if not known else f"{words}, of {plural(len(known), 'event')}"


def _average(leaf: EventLeaf, known: Sequence[int]) -> tuple[Any, str]:
    if not known:
        return None, "nothing to measure"
    value = sum(known) / len(known)
    words = f"{value:.3g}" if leaf.currency is None else minor(round(value), leaf.currency)
    return value, f"{words}, of {plural(len(known), 'event')}"


def _amount(leaf: EventLeaf, value: int) -> str:
    return str(value) if leaf.currency is None else minor(value, leaf.currency)


def _left_out(leaf: EventLeaf, every: Sequence[Any]) -> Iterator[str]:
    """What counts and brings no amount: money in another currency, or none at all."""
    if leaf.of is None:
        return
    counts, read = counted(leaf, object_test), leaf.of.read
    values = [read(event) for event in every if counts(event)]
    missing = sum(value is None for value in values)
    if missing:
        yield f"{plural(missing, 'event')} without {called(leaf.of)}"
    if leaf.currency is not None:
        others = [one.currency for one in values if one is not None and one.currency != leaf.currency]
        for currency in sorted(set(others)):
            yield f"{plural(others.count(currency), 'event')} in {currency} left out"


def _seen(pattern: Pattern, end: datetime, every: Sequence[Any]) -> str:
    fits = object_test(Constant(True) if pattern.where is None else pattern.where)
    moments = [event.at for event in every if event.kind == pattern.kind and event.at <= end and fits(event) is True]
    return f"{plural(len(moments), f'{pattern.kind} event')}{f', the last on {day(moments)}' if moments else ''}"


# --- accounts --------------------------------------------------------------------------------------------------------


def account_answers(leaves: Sequence[Leaf], facts: Facts) -> tuple[tuple[str, Answer], ...]:
    """Return what each account answered, by its name, for a condition on accounts.

    Args:
        leaves: What the condition was bound to.
        facts: What is known about the contact.
    """
    asked = [leaf for leaf in leaves if isinstance(leaf, AnyAccount | CountAccounts)]
    if not asked or isinstance(facts.accounts, Absent):
        return ()
    holds = _condition(asked[0].where)
    return tuple((str(getattr(account, "name", "an account")), holds(account)) for account in facts.accounts)


def _condition(where: Bound) -> Callable[[Any], Answer]:
    return object_test(where)
