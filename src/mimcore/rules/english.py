"""A rule in plain English, as one sentence and as a tree."""

from __future__ import annotations

from mimcore.display import Tree
from mimcore.rules import nodes
from mimcore.rules.catalogue import default_catalogue

__all__ = ["describe", "outline"]

_COMPARISONS = {
    "at_least": "is at least",
    "more_than": "is more than",
    "at_most": "is at most",
    "less_than": "is less than",
}
_WINDOWS = {
    "within_last_days": "within the last {} days",
    "older_than_days": "more than {} days ago",
    "within_next_days": "within the next {} days",
}


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
    match rule:
        case nodes.AllOf(rules=rules):
            return " and ".join(_inside(part, nodes.AnyOf) for part in rules)
        case nodes.AnyOf(rules=rules):
            return " or ".join(_inside(part, nodes.AllOf) for part in rules)
        case nodes.Not(rule=nodes.Known(field=name)):
            return f"{_name(name)} is not known"
        case nodes.Not(rule=nodes.Equals(field=name, value=value)):
            return f"{_name(name)} is not {_value(value)}"
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
            return f"{_name(name)} is {_value(value)}"
        case nodes.IsIn(field=name, values=values) if values:
            return f"{_name(name)} is {_list(values)}"
        case nodes.IsIn(field=name):
            return f"{_name(name)} is one of nothing"
        case nodes.Compare(op=op, field=name, value=value):
            return f"{_name(name)} {_COMPARISONS[op]} {_value(value)}"
        case nodes.Between(field=name, low=low, high=high):
            return f"{_name(name)} is between {_value(low)} and {_value(high)}"
        case nodes.TextTest(op=op, field=name, value=value):
            return f"{_name(name)} {op.replace('_', ' ')} “{value}”"
        case _:
            return _collection_or_time(rule)


def _collection_or_time(rule: nodes.Rule) -> str:
    match rule:
        case nodes.Known(field=name):
            return f"{_name(name)} is known"
        case nodes.Overlaps(op="overlaps", field=name, values=values):
            return f"{_name(name)} include {_list(values) if values else 'one of nothing'}"
        case nodes.Overlaps(field=name, values=values):
            return f"{_name(name)} include all of {', '.join(map(_value, values))}"
        case nodes.HasRecord(field=name, where=where):
            return f"{_name(name)} include one with {' and '.join(f'{one.name} {_value(one.value)}' for one in where)}"
        case nodes.Window(op=op, field=name, days=days):
            return f"{_name(name)} is {_WINDOWS[op].format(days)}"
        case nodes.EventTest():
            return _events(rule)
        case nodes.InSegment(segment=key):
            return f"is in the segment “{key}”"
        case nodes.FreshnessTest(field=name, value=value):
            return f"{_name(name)} is still right with a probability of at least {value:.0%}"
        case nodes.Undated(field=name):
            return f"nobody knows since when {_name(name)} has been right"
        case _:
            return rule.shape.replace("_", " ")


def _events(rule: nodes.EventTest) -> str:
    what = "the number of" if rule.op == "event_count" else "the total of"
    window = "" if rule.within_days is None else f" within the last {rule.within_days} days"
    where = (
        ""
        if rule.where is None
        else f" where {describe(rule.where) if not rule.where.parts() else f'({describe(rule.where)})'}"
    )
    comparison = _COMPARISONS.get(rule.comparison, "is")
    return f"{what} {rule.kind} events{window}{where} {comparison} {_value(rule.value)}"


def _name(name: str) -> str:
    catalogue = default_catalogue()
    if name not in catalogue:
        return name.rpartition(".")[2].replace("_", " ")
    spec = catalogue[name]
    words = spec.short.replace("_", " ")
    return f"the account's {words}" if spec.entity == "account" else words


def _value(value: nodes.Scalar) -> str:
    if isinstance(value, nodes.MoneyLiteral):
        from mimcore.values.money import Money

        return Money(minor_units=value.minor_units, currency=value.currency).format()
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _list(values: tuple[nodes.Scalar, ...]) -> str:
    shown = [_value(value) for value in values[:12]] + (["…"] if len(values) > 12 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


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
