"""A rule in plain English, as one sentence and as a tree; events are in `english_events`."""

from __future__ import annotations

from mimcore.display import Tree
from mimcore.rules.explaining.english_events import events
from mimcore.rules.explaining.english_words import (
    COMPARISONS,
    amount,
    chance,
    days,
    field_name,
    listed,
    plain_number,
    span,
)
from mimcore.rules.language import nodes

__all__ = ["describe", "outline"]

_POINTS = {"emails": "e-mail address", "phones": "phone number"}
_WINDOWS = {
    "within_last_days": "within the last {}",
    "within_next_days": "within the next {}",
}
_WEEKDAYS = dict(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1))


def describe(rule: nodes.Rule) -> str:
    """Say a rule in one sentence.

    Args:
        rule: Any rule.

    Returns:
        Plain English; negations keep "or unknown" apart, as the rule does.

    Examples:
        >>> from mimcore import fields as f
        >>> describe((f.contact.country == "DK") & ~f.contact.interests.overlaps("golf"))
        'country is DK and not (interests include golf)'
    """
    match nodes.as_rule(rule, "describe"):
        case nodes.AllOf(rules=rules):
            return " and ".join(_inside(part, nodes.AnyOf) for part in rules)
        case nodes.AnyOf(rules=rules):
            return " or ".join(_inside(part, nodes.AllOf) for part in rules)
        case nodes.Not(rule=nodes.Known(field=name)):
            return f"{field_name(name)} is not known"
        case nodes.Not(rule=nodes.Equals(field=name, value=value)):
            return f"{field_name(name)} is not {amount(value)}"
        case nodes.Not(rule=inner):
            return f"not ({describe(inner)})"
        case nodes.OrMissing(rule=inner):
            return f"({describe(inner)}, or unknown)"
        case _:
            return _condition(rule)


def _inside(rule: nodes.Rule, other: type[nodes.Rule]) -> str:
    return f"({describe(rule)})" if isinstance(rule, other) else describe(rule)


def _condition(rule: nodes.Rule) -> str:
    match rule:
        case nodes.Everyone():
            return "everyone"
        case nodes.Equals(field=name, value=value):
            return f"{field_name(name)} is {amount(value)}"
        case nodes.IsIn(field=name, values=values) if values:
            return f"{field_name(name)} is {listed(values)}"
        case nodes.IsIn(field=name):
            return f"{field_name(name)} is one of nothing"
        case nodes.Compare(op=op, field=name, value=value):
            return f"{field_name(name)} {COMPARISONS[op]} {amount(value)}"
        case nodes.Between(field=name, low=low, high=high):
            return f"{field_name(name)} is between {amount(low)} and {amount(high)}"
        case nodes.CompareFields(field=name, comparison=comparison, other=other):
            return f"{field_name(name)} {COMPARISONS.get(comparison, 'is')} {field_name(other)}"
        case nodes.Distance(field=name, latitude=latitude, longitude=longitude, km=km):
            return f"{field_name(name)} is at most {plain_number(km)} km from {latitude}, {longitude}"
        case nodes.TextTest(op=op, field=name, value=value):
            return f"{field_name(name)} {op.replace('_', ' ')} “{value}”"
        case _:
            return _collection_or_time(rule)


def _collection_or_time(rule: nodes.Rule) -> str:
    match rule:
        case nodes.Known(field=name):
            return f"{field_name(name)} is known"
        case nodes.Overlaps(op="overlaps", field=name, values=values):
            return f"{field_name(name)} include {listed(values) if values else 'one of nothing'}"
        case nodes.Overlaps(field=name, values=values):
            return f"{field_name(name)} include all of {', '.join(map(amount, values))}"
        case nodes.HasRecord(field=name, where=where):
            return f"{field_name(name)} include one with {_records(where)}"
        case nodes.ElementCount(field=name, where=where, comparison=comparison, value=value):
            among = f" with {_records(where)}" if where else ""
            return f"the number of {field_name(name)}{among} {COMPARISONS.get(comparison, 'is')} {value}"
        case nodes.InSegment(segment=key):
            return f"is in the segment “{key}”"
        case nodes.FreshnessTest() | nodes.AnyFreshness() | nodes.Undated():
            return _freshness(rule)
        case nodes.Window() | nodes.Elapsed() | nodes.CalendarWindow() | nodes.Anniversary() | nodes.ClockTest():
            return _time(rule)
        case _:
            return events(rule, describe)


def _freshness(rule: nodes.FreshnessTest | nodes.AnyFreshness | nodes.Undated) -> str:
    match rule:
        case nodes.FreshnessTest(field=name, value=value):
            return f"{field_name(name)} is still right with a probability of at least {chance(value)}"
        case nodes.AnyFreshness(points=points, value=value):
            return f"any {_POINTS[points]} is still right with a probability of at least {chance(value)}"
        case nodes.Undated(field=name):
            return f"nobody knows since when {field_name(name)} has been right"


def _records(where: tuple[nodes.RecordCondition, ...]) -> str:
    return " and ".join(map(_record, where))


def _record(one: nodes.RecordCondition) -> str:
    words = one.name.replace("_", " ")
    if one.comparison == "within_last_days":
        return f"{words} within the last {amount(one.value)} days"
    return (
        f"{words} {COMPARISONS[one.comparison]} {amount(one.value)}"
        if one.comparison in COMPARISONS
        else f"{words} {amount(one.value)}"
    )


def _time(rule: nodes.Rule) -> str:
    match rule:
        case nodes.Window(op="older_than_days", field=name, days=number):
            return f"{field_name(name)} is more than {span(number)} ago"
        case nodes.Window(op=op, field=name, days=number):
            return f"{field_name(name)} is {_WINDOWS[op].format(days(number))}"
        case nodes.Elapsed(field=name, days=number):
            return f"{field_name(name)} is at least {span(number)} ago"
        case nodes.CalendarWindow(field=name, period=period, unit=unit):
            begins = f" (weeks begin on {rule.week_start})" if rule.week_start else ""
            which = period if period == "this" else f"the {period}"
            return f"{field_name(name)} is in {which} {unit}{begins}{_zoned(rule.zone)}"
        case nodes.Anniversary(field=name, days=number):
            return f"{field_name(name)} returns within the next {days(number)}"
        case nodes.ClockTest(op="weekday_is_in", field=name, values=values):
            shown = listed(tuple(_WEEKDAYS.get(one, str(one)) for one in values))
            return f"{field_name(name)} is on {shown}{_zoned(rule.zone)}"
        case nodes.ClockTest(field=name, values=values):
            return (
                f"{field_name(name)} is in the hour {listed(tuple(f'{one:02}' for one in values))}{_zoned(rule.zone)}"
            )
        case _:
            raise AssertionError(rule.shape)


def _zoned(zone: str | None) -> str:
    return "" if zone is None else f" in {zone}"


def outline(rule: nodes.Rule) -> Tree:
    """Return the rule as a tree, one line a condition.

    Args:
        rule: Any rule.

    Returns:
        A tree that prints itself as text and as HTML.
    """
    labels = {"all": "all of", "any": "any of", "not": "not", "or_missing": "true, or unknown"}
    if rule.shape in labels:
        return Tree(labels[rule.shape], tuple(outline(part) for part in rule.parts()))
    return Tree(describe(rule))
