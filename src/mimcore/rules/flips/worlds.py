"""What could be changed about one contact, and what would then be known: the world of each choice as `Facts`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mimcore.rules.binding import Binding
from mimcore.rules.bound import (
    AnyAccount,
    Bound,
    CountAccounts,
    Dated,
    EventLeaf,
    FieldPair,
    Follows,
    Fresh,
    Leaf,
    Listed,
    Literal,
    Permitted,
    Regular,
    Restarted,
    Sampled,
)
from mimcore.rules.catalogue import FieldSpec, Kind
from mimcore.rules.evaluation import evaluator, object_test
from mimcore.rules.facts import Absent, Facts, PastValue
from mimcore.rules.flips.cells import Present, scalar_options
from mimcore.rules.flips.collection_cells import collection_options
from mimcore.rules.flips.event_options import Added, Template, account_options, event_options
from mimcore.rules.flips.imagined import Imagined
from mimcore.rules.flips.options import Choice, Option, Options, Unit
from mimcore.rules.flips.search import Problem, Search, literals
from mimcore.values.instants import to_microseconds

__all__ = ["World", "problem_of"]

_BIRTH = "contact.demographic.birth_date"
_PAST = ("contact.acquisition.", "contact.demographic.birth_", "contact.demographic.age")
"""Fields that tell a birth date or how somebody was won: they are corrected, but nobody changes them."""


@dataclass(frozen=True, slots=True)
class State:
    """A value's state as it would be once somebody confirmed it."""

    pool: str
    key: int | None


@dataclass(frozen=True)
class World:
    """The facts of one contact, and what they would be."""

    facts: Facts
    binding: Binding
    units: Sequence[Unit]
    options: Sequence[Sequence[Option]]

    def facts_of(self, choice: Choice, at: datetime | None = None) -> Facts:
        """Return what is known once a choice is made.

        Args:
            choice: Units with their options.
            at: When it is made; the instant of the question unless given.
        """
        moment, facts = at or self.binding.now, self.facts
        chosen = [(self.units[unit], self.options[unit][option]) for unit, option in choice.items()]
        fields: dict[str, dict[str, Any]] = {"contact": {}, "account": {}}
        for unit, option in chosen:
            if unit.part in fields:
                fields[unit.part] |= option.payload
            else:
                facts = _with(facts, unit, option, moment)
        return _laid_over(facts, fields, [unit for unit, _ in chosen if unit.part == "contact"], moment)


def _with(facts: Facts, unit: Unit, option: Option, at: datetime | None) -> Facts:
    match unit.part:
        case "events" if at is not None and not isinstance(facts.events, Absent):
            added: Added = option.payload
            kept = [event for event in facts.events if id(event) not in added.removed]
            return replace(facts, events=[*kept, *added.happened(at)])
        case "state" if not isinstance(facts.states, Absent):
            return replace(facts, states={**facts.states, unit.name: option.payload})
        case "list" if not isinstance(facts.listed_in, Absent):
            return replace(facts, listed_in=facts.listed_in ^ {option.payload})
        case "permission" if not isinstance(facts.permissions, Absent):
            return replace(facts, permissions=facts.permissions ^ {option.payload})
        case "accounts" if not isinstance(facts.accounts, Absent):
            added_accounts, gone = option.payload
            kept = [account for account in facts.accounts if id(account) not in gone]
            return replace(facts, accounts=[*kept, *(one.imagined() for one in added_accounts)])
        case _:
            raise AssertionError(unit.part)


def _laid_over(facts: Facts, fields: dict[str, dict[str, Any]], units: Iterable[Unit], at: datetime | None) -> Facts:
    """Lay values over the contact and its primary account; what a value was becomes history."""
    changed = facts
    if fields["account"]:
        account = Imagined(facts.account, fields["account"])
        changed = replace(changed, account=account)
        if not isinstance(facts.accounts, Absent):
            own = getattr(facts.account, "id", None)
            others = [account if getattr(one, "id", None) == own else one for one in facts.accounts]
            changed = replace(changed, accounts=others)
    if fields["contact"]:
        changed = replace(changed, contact=Imagined(facts.contact, fields["contact"]))
        if not isinstance(facts.history, Absent) and at is not None:
            past = [one for unit in units if (one := _past(unit, facts, fields["contact"], at)) is not None]
            changed = replace(changed, history=[*facts.history, *past])
    return changed


def _past(unit: Unit, facts: Facts, values: Mapping[str, Any], at: datetime) -> PastValue | None:
    spec = unit.spec
    if spec is None or spec.is_collection or unit.name not in values:
        return None
    before = spec.read(facts.contact)
    return None if before is None else PastValue(unit.name, before, values[unit.name], at)


# --- which units there are ------------------------------------------------------------------------------------------


def problem_of(
    bound: Bound, facts: Facts, binding: Binding, spelling: Callable[[Any], Any]
) -> tuple[Problem, World, bool]:
    """Return what could be changed, and whether every way to change it is among the options.

    Args:
        bound: The rule.
        facts: What is known.
        binding: What it was bound with; its fields read what is imagined.
        spelling: Gives a folded literal the spelling that the rule has.
    """
    every = list(dict.fromkeys(literals(bound)))
    by_unit: dict[Unit, list[Leaf]] = {}
    for literal in every:
        for unit in _units(literal.leaf, facts, binding):
            by_unit.setdefault(unit, []).append(literal.leaf)
    made = {unit: _options(unit, own, facts, binding, spelling) for unit, own in by_unit.items()}
    places = {unit: place for place, unit in enumerate(by_unit)}
    reads = {one: tuple(places[unit] for unit in _read(one.leaf, facts, binding, by_unit)) for one in every}
    world = World(facts, binding, list(by_unit), [made[unit].options for unit in by_unit])
    tests = {one: evaluator(one) for one in every}
    problem = Problem(
        bound,
        world.units,
        world.options,
        reads,
        lambda literal, choice: tests[literal](world.facts_of(choice)),
    )
    return problem, world, all(one.is_complete for one in made.values())


def _read(leaf: Leaf, facts: Facts, binding: Binding, known: Mapping[Unit, Any]) -> list[Unit]:
    """The units of a leaf; a condition on all accounts also reads the primary one's values, where those may change."""
    own = _units(leaf, facts, binding)
    if isinstance(leaf, AnyAccount | CountAccounts):
        own += [unit for unit in known if unit.part == "account"]
    return list(dict.fromkeys(own))


def _units(leaf: Leaf, facts: Facts, binding: Binding) -> list[Unit]:
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
        case Sampled():
            return []
        case FieldPair(spec=spec, other=other):
            return list(dict.fromkeys(unit for one in (spec, other) for unit in _field(one, facts, binding)))
        case _:
            return _field(leaf.spec, facts, binding)


def _field(spec: FieldSpec, facts: Facts, binding: Binding) -> list[Unit]:
    if spec.entity == "account":
        return [] if facts.account is None else [Unit("account", spec.name, spec)]
    if spec.entity == "event":
        return [] if spec.name in {"event.at", "event.kind"} else [Unit("event", spec.name, spec)]
    own = binding.catalogue[_BIRTH] if spec.kind is Kind.AGE else spec
    return [Unit("contact", own.name, own, is_past=_is_past(own, facts, binding))]


def _is_past(spec: FieldSpec, facts: Facts, binding: Binding) -> bool:
    """A birth date, how somebody was won, and any moment that has been: it stays as it is."""
    if spec.name.startswith(_PAST):
        return True
    if spec.kind not in {Kind.DATE, Kind.INSTANT} or binding.now is None:
        return False
    value = spec.read(facts.contact)
    return value is not None and value <= (binding.now if spec.kind is Kind.INSTANT else binding.today(spec.name))


def _options(unit: Unit, own: list[Leaf], facts: Facts, binding: Binding, spelling: Callable[[Any], Any]) -> Options:
    match unit.part:
        case "events":
            events: Any = facts.events
            return event_options(unit.name, own, events, _fitting("event", binding, spelling))
        case "accounts":
            accounts: Any = facts.accounts
            return account_options(own, accounts, _fitting("account", binding, spelling))
        case "permission":
            return Options([_permission(own[0], facts)])
        case "list":
            listed: Any = facts.listed_in
            said = "no longer stood" if unit.name in listed else "stood"
            return Options([Option(unit.name, f"the contact {said} on the list “{unit.name}”")])
        case "state":
            return Options(list(_confirmed(unit, own, facts, binding)))
        case _:
            owner = facts.account if unit.part == "account" else facts.contact
            return _values(unit, own, owner, facts, binding)


def _values(unit: Unit, own: list[Leaf], owner: Any, facts: Facts, binding: Binding) -> Options:
    spec = unit.spec
    if spec is None:
        raise AssertionError(unit.name)
    if spec.is_collection:
        return collection_options(unit, own, spec.read(owner))
    aged = next((one for leaf in own if (one := getattr(leaf, "spec", spec)).kind is Kind.AGE), None)
    pairs = [one for leaf in own if isinstance(leaf, FieldPair) for one in (leaf.spec, leaf.other)]
    others = tuple(
        one.read(facts.account if one.entity == "account" else facts.contact)
        for one in pairs
        if not (one.entity == "account" and facts.account is None)
    )
    return scalar_options(
        replace(unit, spec=aged) if aged is not None else unit,
        own,
        Present(spec.read(owner), others, binding.now),
    )


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
    state = states.get(unit.name)
    pools = [pool for leaf in own if isinstance(leaf, Fresh) for pool, _ in leaf.cutoffs]
    pool = state.pool if state is not None else next(iter(pools), "permanent")
    key = 0 if binding.now is None else to_microseconds(binding.now)
    yield Option(State(pool, key), "confirmed today")


# --- what an event or an account must be like -------------------------------------------------------------------------


def _fitting(entity: str, binding: Binding, spelling: Callable[[Any], Any]) -> Callable[[Bound], Template | None]:
    """Return what imagines the smallest record of an entity for which a condition is true."""

    def fit(where: Bound) -> Template | None:
        base = Imagined(None, {"event.at": binding.now} if entity == "event" else {}, at=binding.now)
        facts = Facts(contact=base, account=base if entity == "account" else None)
        problem, world, _ = problem_of_record(where, facts, binding, spelling)
        found = Search(problem, is_goal_true=True, has_past=True).smallest()
        if not found:
            return None
        best = min(found, key=lambda choice: sum(_cost(world.options[unit][option]) for unit, option in choice.items()))
        chosen = [(world.units[unit].spec, world.options[unit][option]) for unit, option in best.items()]
        return Template(
            tuple((spec, spelling(option.payload[spec.name])) for spec, option in chosen if spec is not None)
        )

    return fit


def _cost(option: Option) -> float:
    return option.cost + 10 * option.is_missing + option.is_other


def problem_of_record(
    where: Bound, facts: Facts, binding: Binding, spelling: Callable[[Any], Any]
) -> tuple[Problem, World, bool]:
    """Return the problem of one event or one account, which is read by itself."""
    problem, world, is_complete = problem_of(where, facts, binding, spelling)
    tests = {one: object_test(one) for one in problem.reads}

    def ask(literal: Literal, choice: Choice) -> bool | None:
        values: dict[str, Any] = dict(facts.contact.values)  # type: ignore[attr-defined]
        for unit, option in choice.items():
            values |= world.options[unit][option].payload
        return tests[literal](Imagined(None, values, at=binding.now))

    return replace(problem, ask=ask, known={}), world, is_complete
