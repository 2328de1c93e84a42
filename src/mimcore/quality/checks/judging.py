"""What a check asks of one contact: passed, not passed, or left out (None). Counting over many is in `evaluating`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.points import ContactPoint, PhonePoint, PointState
from mimcore.domain.quality_rules import Check, Complete, Consistent, Holds, QualityRule, Unique, Working
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.evaluation.value_tests import compared
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule
from mimcore.values.postcodes import fits_country

__all__ = ["Judge", "as_rule", "judge_of", "key_verdicts", "narrowed", "of_country", "points_work", "within_words"]

Judge = Callable[[Contact], bool | None]
_DEAD = frozenset({PointState.BOUNCED, PointState.INVALID})


def as_rule(check: Check) -> Rule | None:
    """Return a check as a rule of the language that every store evaluates itself; None where it is none."""
    match check:
        case Complete():
            return nodes.Known(field=check.field)
        case Holds():
            return check.rule
        case _:
            return None


def narrowed(rule: QualityRule, condition: Rule | None = None) -> Rule | None:
    """Return the scope of a rule of quality, and a condition within it; None for everyone."""
    if rule.within is None or condition is None:
        return condition if rule.within is None else rule.within
    return rule.within & condition


def points_work(points: Iterable[ContactPoint]) -> bool:
    """Tell whether no address or number is known not to work, or is none any more."""
    return not any(one.state in _DEAD or (isinstance(one, PhonePoint) and not one.phone.is_valid) for one in points)


def of_country(points: Iterable[ContactPoint], country: str | None) -> bool | None:
    """Tell whether one of the numbers is of a country; None where no number tells its country."""
    regions = {one.phone.region for one in points if isinstance(one, PhonePoint)} - {None}
    return country in regions if regions and country is not None else None


def within_words(value: Any, accepted: frozenset[str] | None) -> bool | None:
    """Tell whether all values of a field, as they are compared, are accepted; None where there is none."""
    if value is None:
        return None
    return accepted is None or accepted.issuperset(value if isinstance(value, tuple) else (value,))  # pyright: ignore[reportUnknownArgumentType]


def key_verdicts(work: UnitOfWork, kind: str) -> dict[UUID, bool]:
    """Return of each contact that has a key whether nobody else has one of its keys.

    Args:
        work: Open unit of work.
        kind: email, phone or name.
    """
    first, alone = dict[str, UUID](), dict[UUID, bool]()
    for key, one in work.transaction.contacts.match_keys(kind):
        if key in first:
            alone[first[key]] = alone[one] = False
        else:
            first[key] = one
            alone.setdefault(one, True)
    return alone


def judge_of(work: UnitOfWork, check: Check) -> Judge:
    """Return what a check that is no rule of the language asks of one contact.

    Args:
        work: Open unit of work.
        check: The check.
    """
    match check:
        case Working(points=kind):
            return lambda contact: points_work(found) if (found := _in_use(contact, kind)) else None
        case Unique(key=kind):
            alone = key_verdicts(work, kind)
            return lambda contact: alone.get(contact.id)
        case Consistent(pair="phone_country"):
            return lambda contact: of_country(_in_use(contact, "phone"), contact.demographic.country)
        case Consistent():
            return _postal
        case Complete() | Holds():
            raise AssertionError
        case _:
            spec = work.catalogue[check.field]
            accepted = check.accepted(spec)
            return lambda contact: within_words(compared(spec, spec.read(contact)), accepted)


def _in_use(contact: Contact, kind: str) -> Sequence[ContactPoint]:
    points: Sequence[ContactPoint] = contact.emails if kind == "email" else contact.phones
    return [point for point in points if not point.is_retired]


def _postal(contact: Contact) -> bool | None:
    code, country = contact.demographic.postal_code, contact.demographic.country
    return None if code is None or country is None else fits_country(code, country)
