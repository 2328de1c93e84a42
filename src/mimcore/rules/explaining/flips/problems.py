"""What could be changed about one contact, one event or one account: the units that a rule reads, and their options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mimcore.rules.evaluation.evaluator import Answer, evaluator, object_test
from mimcore.rules.evaluation.facts import Absent, Facts, ValueState
from mimcore.rules.explaining.flips.cells import Present, scalar_options
from mimcore.rules.explaining.flips.collection_cells import collection_options
from mimcore.rules.explaining.flips.event_options import Template, account_options, event_options
from mimcore.rules.explaining.flips.imagined import Imagined
from mimcore.rules.explaining.flips.options import Choice, Option, Options, Unit
from mimcore.rules.explaining.flips.search import Problem, Search, literals
from mimcore.rules.explaining.flips.worlds import State, World
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import (
    Among,
    AnyAccount,
    Bound,
    CountAccounts,
    Dated,
    EventLeaf,
    FieldPair,
    Follows,
    Fresh,
    FreshPoint,
    Leaf,
    Listed,
    Literal,
    Permitted,
    Regular,
    Restarted,
    Sampled,
)
from mimcore.values.instants import to_microseconds

__all__ = ["Setting", "problem_of"]

_BIRTH = "contact.demographic.birth_date"
_PAST = ("contact.acquisition.", "contact.demographic.birth_", "contact.demographic.age")
"""Fields that tell a birth date or how somebody was won: they are corrected, but nobody changes them."""


@dataclass(frozen=True)
class Setting:
    """What is asked about.

    Attributes:
        facts: What is known.
        binding: What the rule was bound with; its fields read what is imagined.
        spelling: Gives a folded literal the spelling that the rule has.
        record: Whether one event or account is asked about, by itself.
    """

    facts: Facts
    binding: Binding
    spelling: Callable[[Any], Any]
    record: bool = False

    def read(self, spec: FieldSpec) -> Any:
        """Read a field of the contact, or of its account if there is one."""
        owner = self.facts.account if spec.entity == "account" else self.facts.contact
        return None if owner is None else spec.read(owner)

    def fitting(self, entity: str) -> Callable[[Bound], Template | None]:
        """Return what imagines the smallest event or account for which a condition is true."""
        now = self.binding.now

        def fit(where: Bound) -> Template | None:
            base = Imagined(None, {"event.at": now} if entity == "event" else {}, at=now)
            facts = Facts(contact=base, account=base if entity == "account" else None)
            problem, world, _ = problem_of(where, replace(self, facts=facts, record=True))
            found = Search(problem, is_goal_true=True, has_past=True).smallest()
            if not found:
                return None
            return self._template(world, min(found, key=lambda choice: _cost(world, choice)))

        return fit

    def _template(self, world: World, choice: Choice) -> Template:
        chosen = [(world.units[unit].spec, world.options[unit][option]) for unit, option in choice.items()]
        return Template(
            tuple((spec, self.spelling(option.payload[spec.name])) for spec, option in chosen if spec is not None)
        )


def _cost(world: World, choice: Choice) -> float:
    chosen = [world.options[unit][option] for unit, option in choice.items()]
    return sum(option.cost + 10 * option.is_missing + option.is_other for option in chosen)


def problem_of(bound: Bound, setting: Setting) -> tuple[Problem, World, bool]:
    """Return what could be changed, and whether every way to change it is among the options.

    Args:
        bound: The rule.
        setting: What it asks about.
    """
    every = list(dict.fromkeys(literals(bound)))
    by_unit: dict[Unit, list[Leaf]] = {}
    for literal in every:
        for unit in _units(literal.leaf, setting):
            by_unit.setdefault(unit, []).append(literal.leaf)
    made = {unit: _options(unit, own, setting) for unit, own in by_unit.items()}
    places = {unit: place for place, unit in enumerate(by_unit)}
    reads = {one: tuple(places[unit] for unit in _read(one.leaf, setting, by_unit)) for one in every}
    world = World(setting.facts, setting.binding, list(by_unit), [made[unit].options for unit in by_unit])
    problem = Problem(bound, world.units, world.options, reads, _asking(reads, world, setting))
    return problem, world, all(one.is_complete for one in made.values())


def _asking(every: Iterable[Literal], world: World, setting: Setting) -> Callable[[int, Choice], Answer]:
    if not setting.record:
        tests = [evaluator(one) for one in every]
        return lambda number, choice: tests[number](world.facts_of(choice))
    alone = [object_test(one) for one in every]
    base: Any = setting.facts.contact

    def ask(number: int, choice: Choice) -> Answer:
        values: dict[str, Any] = dict(base.values)
        for unit, option in choice.items():
            values |= world.options[unit][option].payload
        return alone[number](Imagined(None, values, at=base.at))

    return ask


def _read(leaf: Leaf, setting: Setting, known: Mapping[Unit, Any]) -> list[Unit]:
    """The units of a leaf; a condition on all accounts also reads the primary one's values, where those may change."""
    own = _units(leaf, setting)
    if isinstance(leaf, AnyAccount | CountAccounts):
        own += [unit for unit in known if unit.part == "account"]
    return list(dict.fromkeys(own))


def _units(leaf: Leaf, setting: Setting) -> list[Unit]:  # noqa: C901 - one line for each kind of leaf
    match leaf:
        case EventLeaf(kind=kind):
            return [Unit("events", kind)]
        case Follows(first=first, then=then):
            return [Unit("events", kind) for kind in dict.fromkeys((first.kind, then.kind))]
        case Regular() | Restarted():
            return [Unit("events", leaf.events.kind)]
        case AnyAccount() | CountAccounts():
            return [Unit("accounts", "accounts")]
        case Permitted(channel=channel, purpose=purpose):
            return [Unit("permission", f"{purpose} by {channel}")]
        case Listed(segment=key):
            return [Unit("list", key)]
        case Fresh(spec=spec) | Dated(spec=spec):
            return [Unit("state", spec.name, spec)]
        case FreshPoint(points=points):
            return [Unit("points", points)]
        case Sampled() | Among():
            return []
        case FieldPair(spec=spec, other=other):
            return list(dict.fromkeys(unit for one in (spec, other) for unit in _field(one, setting)))
        case _:
            return _field(leaf.spec, setting)


def _field(spec: FieldSpec, setting: Setting) -> list[Unit]:
    if spec.entity == "account":
        return [] if setting.facts.account is None else [Unit("account", spec.name, spec)]
    if spec.entity == "event":
        return [] if spec.name in {"event.at", "event.kind"} else [Unit("event", spec.name, spec)]
    own = setting.binding.catalogue[_BIRTH] if spec.kind is Kind.AGE else spec
    return [Unit("contact", own.name, own, is_past=_is_past(own, setting.facts, setting.binding))]


def _is_past(spec: FieldSpec, facts: Facts, binding: Binding) -> bool:
    """A birth date, how somebody was won, and any moment that has been: it stays as it is."""
    if spec.name.startswith(_PAST):
        return True
    if spec.kind not in {Kind.DATE, Kind.INSTANT} or binding.now is None:
        return False
    value = spec.read(facts.contact)
    return value is not None and value <= (binding.now if spec.kind is Kind.INSTANT else binding.today(spec.name))


def _options(unit: Unit, own: list[Leaf], setting: Setting) -> Options:
    facts = setting.facts
    match unit.part:
        case "events":
            events: Any = facts.events
            return event_options(unit.name, own, events, setting.fitting("event"))
        case "accounts":
            accounts: Any = facts.accounts
            return account_options(own, accounts, setting.fitting("account"))
        case "permission":
            return Options([_permission(own[0], facts)])
        case "list":
            listed: Any = facts.listed_in
            said = "no longer stood" if unit.name in listed else "stood"
            return Options([Option(unit.name, f"the contact {said} on the list “{unit.name}”")])
        case "points":
            return Options(list(_checked(unit.name, own, facts, setting.binding)))
        case "state":
            return Options(list(_confirmed(unit, own, facts, setting.binding)))
        case _:
            owner = facts.account if unit.part == "account" else facts.contact
            return _values(unit, own, owner, setting)


def _values(unit: Unit, own: list[Leaf], owner: Any, setting: Setting) -> Options:
    spec = unit.spec
    if spec is None:
        raise AssertionError(unit.name)
    if spec.is_collection:
        return collection_options(unit, own, spec.read(owner), setting.spelling)
    aged = next((one for leaf in own if (one := getattr(leaf, "spec", spec)).kind is Kind.AGE), None)
    pairs = [one for leaf in own if isinstance(leaf, FieldPair) for one in (leaf.spec, leaf.other)]
    others = tuple(setting.read(one) for one in pairs)
    present = Present(spec.read(owner), others, setting.binding.now, setting.spelling)
    return scalar_options(unit if aged is None else replace(unit, spec=aged), own, present)


def _permission(leaf: Any, facts: Facts) -> Option:
    pair = (leaf.channel, leaf.purpose)
    granted: Any = facts.permissions
    said = "without consent" if pair in granted else "with consent"
    return Option(pair, f"{said} to {leaf.purpose} by {leaf.channel}")


def _confirmed(unit: Unit, own: Iterable[Leaf], facts: Facts, binding: Binding) -> Iterator[Option]:
    """A check that finds the value right makes it as fresh as can be; there must be a value."""
    spec, states = unit.spec, facts.states
    if spec is None or isinstance(states, Absent) or spec.read(facts.contact) in (None, ()):
        return
    yield Option(_right_now(states.get(unit.name), own, binding), "confirmed today")


def _right_now(state: ValueState | None, own: Iterable[Leaf], binding: Binding) -> State:
    pools = [pool for leaf in own if isinstance(leaf, Fresh | FreshPoint) for pool, _ in leaf.cutoffs]
    pool = state.pool if state is not None else next(iter(pools), "permanent")
    return State(pool, 0 if binding.now is None else to_microseconds(binding.now))


def _checked(points: str, own: Iterable[Leaf], facts: Facts, binding: Binding) -> Iterator[Option]:
    """A check of the first contact point that is in use; there must be one."""
    active = [
        (place, one)
        for place, one in enumerate(getattr(facts.contact, points.rpartition(".")[2], ()))
        if not one.is_retired
    ]
    if active and not isinstance(facts.states, Absent):
        name = f"{points}.{active[0][0]}"
        word = {"contact.emails": "an e-mail address", "contact.phones": "a phone number"}[points]
        state = _right_now(facts.states.get(name), own, binding)
        yield Option((name, state), f"{word} were confirmed today")
