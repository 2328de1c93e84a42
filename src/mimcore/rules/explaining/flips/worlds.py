"""What would be known about one contact once a choice is made: the world of that choice as `Facts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mimcore.rules.evaluation.facts import Absent, Facts, PastValue
from mimcore.rules.explaining.flips.event_options import Added
from mimcore.rules.explaining.flips.imagined import Imagined
from mimcore.rules.explaining.flips.options import Choice, Option, Unit
from mimcore.rules.lowering.binding import Binding

__all__ = ["State", "World"]


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
        case "points" if not isinstance(facts.states, Absent):
            place, state = option.payload
            return replace(facts, states={**facts.states, place: state})
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
