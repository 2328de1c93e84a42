"""Events that could still happen, and accounts that a contact could still be linked to: as few as turn a condition.

What is added is imagined as small as it may be: only the values that the conditions ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from mimcore.display import plural
from mimcore.rules.evaluation.evaluator import object_test
from mimcore.rules.evaluation.event_tests import amounts, counted
from mimcore.rules.explaining.finding_words import called, value_words
from mimcore.rules.explaining.flips.imagined import Imagined
from mimcore.rules.explaining.flips.options import Option, Options
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import (
    AnyAccount,
    Bound,
    BoundAll,
    CountAccounts,
    EventLeaf,
    Follows,
    Leaf,
    Pattern,
    negate,
    patterns_of,
)
from mimcore.values.instants import MICROSECOND
from mimcore.values.money import Money

__all__ = ["Added", "Template", "account_options", "event_options"]

_MOST_ADDED = 1_000
_MOST_REMOVED = 12
_FEW = 3

Fit = Callable[[Bound], "Template | None"]
"""Imagines the smallest record for which a condition is true."""


@dataclass(frozen=True, slots=True)
class Template:
    """A record that is imagined: its values by field, and those fields for words."""

    values: tuple[tuple[FieldSpec, Any], ...] = ()

    def with_value(self, spec: FieldSpec, value: Any) -> Template:
        """Return the same with one more value, or another one."""
        return Template((*(pair for pair in self.values if pair[0].name != spec.name), (spec, value)))

    @property
    def words(self) -> str:
        """What it is like, such as ` of DKK 5.00 with channel store`; nothing for a plain one."""
        said = [
            f"{called(spec)} {value_words(spec, value)}" for spec, value in self.values if spec.kind is not Kind.MONEY
        ]
        amounts = [f" of {value_words(spec, value)}" for spec, value in self.values if spec.kind is Kind.MONEY]
        return "".join(amounts) + (f" with {' and '.join(said)}" if said else "")

    def imagined(self, **of_event: Any) -> Imagined:
        """Return the record."""
        return Imagined(None, {spec.name: value for spec, value in self.values}, **of_event)


@dataclass(frozen=True, slots=True)
class Added:
    """Events to add: each a template, and how long before the last instant; and events to leave out, by identity."""

    kind: str
    events: tuple[tuple[Template, timedelta], ...] = ()
    removed: frozenset[int] = frozenset()

    def happened(self, at: datetime) -> list[Imagined]:
        """Return the events as they happen when the last of them is at an instant."""
        return [one.imagined(kind=self.kind, at=at - before) for one, before in self.events]


def event_options(kind: str, leaves: Sequence[Leaf], events: Sequence[Any], fit: Fit) -> Options:
    """Return which events of a kind could be added, or taken out of the past.

    Args:
        kind: The kind.
        leaves: All conditions on it.
        events: What happened so far.
        fit: Imagines an event for which a condition is true.
    """
    templates = _templates([one.where for leaf in leaves for one in patterns_of(leaf) if one.kind == kind], fit)
    options = {key: option for template in templates for key, option in _additions(kind, template, leaves, events)}
    for leaf in leaves:
        if isinstance(leaf, Follows) and leaf.first.kind == kind:
            options |= _first(leaf, fit)
    removed = [one for leaf in leaves for one in _removals(kind, leaf, events)]
    return Options([*options.values(), *removed], len(templates) <= 2)


def _templates(conditions: Sequence[Bound | None], fit: Fit) -> list[Template]:
    """Records that fit each condition, all of them, or a few and not the others."""
    asked = [one for one in dict.fromkeys(conditions) if one is not None]
    wanted = [BoundAll(tuple(some)) for size in range(1, _FEW + 1) for some in combinations(asked, size)]
    wanted += [BoundAll(tuple(asked))] if len(asked) > _FEW else []
    wanted += [BoundAll((one, *(negate(other) for other in asked if other != one))) for one in asked[1:] and asked]
    found = [Template(), *(made for one in wanted if (made := fit(one)) is not None)]
    return list({tuple((spec.name, value) for spec, value in one.values): one for one in found}.values())


def _additions(
    kind: str, template: Template, leaves: Sequence[Leaf], events: Sequence[Any]
) -> Iterator[tuple[Any, Option]]:
    own = [leaf for leaf in leaves if isinstance(leaf, EventLeaf) and leaf.kind == kind]
    for number in sorted({1, *(count for leaf in own for count in _numbers(leaf, events))}):
        for made in [template, *_valued(template, own, events, number)]:
            option = _addition(kind, made, number)
            yield (number, tuple((spec.name, value) for spec, value in made.values)), option


def _addition(kind: str, template: Template, number: int) -> Option:
    said = plural(number, f"more {kind.replace('_', ' ')}")
    added = Added(kind, tuple((template, timedelta(0)) for _ in range(number)))
    return Option(added, f"{said}{template.words}", number + 0.01 * len(template.values), number)


def _numbers(leaf: EventLeaf, events: Sequence[Any]) -> Iterator[int]:
    """How many more events could turn a count."""
    if leaf.measure == "count" and isinstance(leaf.value, int):
        have = sum(map(counted(leaf, object_test), events))
        yield from (one for more in (-1, 0, 1) if 0 < (one := leaf.value - have + more) <= _MOST_ADDED)


def _valued(template: Template, leaves: Sequence[EventLeaf], events: Sequence[Any], number: int) -> Iterator[Template]:
    """The template with the amounts that could turn a total, a least, a greatest or an average."""
    for leaf in leaves:
        if leaf.of is None or not isinstance(leaf.value, int):
            continue
        known = list(amounts(leaf, counted(leaf, object_test))(events))
        for amount in sorted({one + more for one in _needed(leaf, known, number) for more in (-1, 0, 1)}):
            if 0 <= amount < 2**53:
                yield template.with_value(leaf.of, _in_units(leaf, amount))


def _needed(leaf: EventLeaf, known: Sequence[int], number: int) -> Iterator[int]:
    value = leaf.value
    if not isinstance(value, int):
        return
    match leaf.measure:
        case "total":
            yield -(-(value - sum(known)) // number)
        case "average":
            yield -(-(value * (len(known) + number) - sum(known) * leaf.scale) // (leaf.scale * number))
        case _:
            yield value


def _in_units(leaf: EventLeaf, amount: int) -> Any:
    if leaf.of is not None and leaf.of.kind is Kind.MONEY and leaf.currency is not None:
        return Money(minor_units=amount, currency=leaf.currency)
    return amount


def _first(leaf: Follows, fit: Fit) -> dict[Any, Option]:
    """The first event of a sequence, a moment before the instant; the second one too, if it is of the same kind."""
    first, then = (Template() if one.where is None else fit(one.where) for one in (leaf.first, leaf.then))
    if first is None or then is None:
        return {}
    name = leaf.first.kind.replace("_", " ")
    if leaf.then.kind != leaf.first.kind:
        added = Added(leaf.first.kind, ((first, MICROSECOND),))
        return {("first", leaf): Option(added, f"1 more {name}{first.words}", 1.0, 1)}
    added = Added(leaf.first.kind, ((first, MICROSECOND), (then, timedelta(0))))
    return {("pair", leaf): Option(added, f"2 more {name}s, one after the other{first.words}", 2.0, 2)}


def _removals(kind: str, leaf: Leaf, events: Sequence[Any]) -> Iterator[Option]:
    """The past otherwise: without the newest or the oldest of the events that count."""
    fits = [_visible(pattern, leaf) for pattern in patterns_of(leaf) if pattern.kind == kind]
    inside = sorted((event for event in events if any(fit(event) for fit in fits)), key=lambda event: event.at)
    words = kind.replace("_", " ")
    for number in range(1, min(len(inside), _MOST_REMOVED) + 1):
        for some in (inside[-number:], inside[:number]):
            said = f"{plural(number, f'fewer {words}')} in the past"
            yield Option(Added(kind, (), frozenset(map(id, some))), said, number, -number, is_past=True)


def _visible(pattern: Pattern, leaf: Any) -> Callable[[Any], bool]:
    start: datetime | None = getattr(leaf, "start", None) if isinstance(leaf, EventLeaf | Follows) else None
    return counted(EventLeaf("count", pattern.kind, start, leaf.end, pattern.where, "ge", 1), object_test)


# --- accounts --------------------------------------------------------------------------------------------------------


def account_options(leaves: Sequence[Leaf], accounts: Sequence[Any], fit: Fit) -> Options:
    """Return which accounts a contact could be linked to, or no longer be.

    Args:
        leaves: All conditions on its accounts.
        accounts: Those it is linked to.
        fit: Imagines an account for which a condition is true.
    """
    asked = [leaf for leaf in leaves if isinstance(leaf, AnyAccount | CountAccounts)]
    options: list[Option] = []
    for leaf in asked:
        fits = object_test(leaf.where)
        holding = [account for account in accounts if fits(account) is True]
        for template in (fit(leaf.where), fit(negate(leaf.where))):
            if template is not None:
                options += [_linked(template, number) for number in _links(leaf, len(holding))]
        options += [_unlinked(holding[:number]) for number in range(1, len(holding) + 1)]
    open_ends = [
        account for account in accounts if any(object_test(leaf.where)(account) is not False for leaf in asked)
    ]
    options += [_unlinked(open_ends)] if open_ends else []
    return Options(options, len(asked) <= 1)


def _links(leaf: AnyAccount | CountAccounts, have: int) -> list[int]:
    wanted = {1} if isinstance(leaf, AnyAccount) else {1, *(leaf.value - have + more for more in (-1, 0, 1))}
    return sorted(number for number in wanted if 0 < number <= _MOST_ADDED)


def _linked(template: Template, number: int) -> Option:
    words = f"{plural(number, 'more account')}{template.words}".replace("the account's ", "")
    return Option(((template,) * number, frozenset[int]()), words, number, number)


def _unlinked(gone: Sequence[Any]) -> Option:
    named = " and ".join(str(getattr(one, "name", "an account")) for one in gone)
    return Option(((), frozenset(map(id, gone))), f"no link to {named}", len(gone) + 0.5, -len(gone))
