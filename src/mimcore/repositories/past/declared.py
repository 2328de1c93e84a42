"""Custom attributes that were declared after the instant that is asked for: nobody collected them then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.repositories.ports import Transaction
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue

__all__ = ["not_collected", "uncollected"]

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def uncollected(transaction: Transaction) -> Mapping[str, CustomAttribute]:
    """Return the attributes that were not collected in the past that a transaction reads, by canonical field name.

    In the present there are none, and with hindsight there are none: what was observed by then counts.

    Args:
        transaction: Open transaction.
    """
    past = transaction.past
    if past is None or past.hindsight:
        return {}
    declared = transaction.attributes.all()
    return {one.field_name: one for one in declared if one.declared_at is not None and one.declared_at > past.at}


def not_collected(transaction: Transaction, rule: nodes.Rule, catalogue: Catalogue, zone: ZoneInfo) -> tuple[str, ...]:
    """Return, for each attribute that a rule reads and nobody collected then, a line that says so.

    Args:
        transaction: Open transaction.
        rule: Any rule; the rules of segments that it mentions are read too.
        catalogue: The store's fields.
        zone: Zone in which the day of a declaration is told.
    """
    absent = uncollected(transaction)
    if not absent:
        return ()
    names = dict.fromkeys(catalogue[name].name for name in _fields(transaction, rule) if name in catalogue)
    return tuple(_line(absent[name], zone) for name in names if name in absent)


def _fields(transaction: Transaction, rule: nodes.Rule) -> Iterator[str]:
    """Yield the fields of a rule and of the segments it mentions; segments never lead back to themselves."""
    yield from fields_of(rule)
    for part in _parts(rule):
        segment = transaction.segments.with_key(part.segment) if isinstance(part, nodes.InSegment) else None
        if segment is not None and segment.rule is not None:
            yield from _fields(transaction, segment.rule)


def _parts(rule: nodes.Rule) -> Iterator[nodes.Rule]:
    yield rule
    for part in rule.parts():
        yield from _parts(part)


def _line(attribute: CustomAttribute, zone: ZoneInfo) -> str:
    on = attribute.declared_at
    told = "" if on is None else f", declared {_day(on.astimezone(zone))}"
    return f"not collected then: {attribute.name}{told}"


def _day(on: datetime) -> str:
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
