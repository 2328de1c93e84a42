"""Conditions on events and on a contact's companions, in plain English."""

from __future__ import annotations

from collections.abc import Callable

from mimcore.rules.explaining.english_words import COMPARISONS, amount, days, field_name, span
from mimcore.rules.language import nodes

__all__ = ["events"]

Describe = Callable[[nodes.Rule], str]
_MEASURES = {
    "event_count": "the number",
    "event_total": "the total",
    "event_minimum": "the smallest",
    "event_maximum": "the greatest",
    "event_average": "the average",
}


def events(rule: nodes.Rule, describe: Describe) -> str:
    """Say a condition on events, accounts, history, consent or chance.

    Args:
        rule: The condition.
        describe: Says a rule: for the condition on one event or account.
    """
    match rule:
        case nodes.EventTest():
            return _measured(rule, describe)
        case nodes.EventMoment():
            return _moment(rule, describe)
        case nodes.EventSequence(first=first, then=then):
            since = "" if rule.since_days is None else f", both within the last {days(rule.since_days)}"
            followed = f"is followed by {_pattern(then, describe)} within {span(rule.within_days)}"
            return f"{_pattern(first, describe)} {followed}{since}"
        case nodes.EventRegularity(events=pattern):
            return (
                f"there is {_pattern(pattern, describe)} in at least {rule.at_least} of the last {rule.of_periods} "
                f"periods of {span(rule.period_days)}"
            )
        case nodes.EventStart(events=pattern):
            return (
                f"the first {_pattern(pattern, describe, article='')} ever is within the last {days(rule.within_days)}"
            )
        case nodes.EventRestart(events=pattern):
            gap = f"more than {span(rule.gap_days)} after the one before"
            return f"{_pattern(pattern, describe)} within the last {days(rule.within_days)} comes {gap}"
        case _:
            return _companion(rule, describe)


def _companion(rule: nodes.Rule, describe: Describe) -> str:
    match rule:
        case nodes.AccountTest(op="account_count", where=where):
            comparison = COMPARISONS.get(str(rule.comparison), "is")
            among = "" if isinstance(where, nodes.Everyone) else f" with {_own(where, describe)}"
            return f"the number of accounts{among} {comparison} {rule.value}"
        case nodes.AccountTest(op=op, where=where):
            return f"{'any account has' if op == 'any_account' else 'all accounts have'} {_own(where, describe)}"
        case nodes.ChangedWithin(field=name, days=number):
            return f"{field_name(name)} changed within the last {days(number)}"
        case nodes.EverBeen(field=name, value=value):
            return f"{field_name(name)} has ever been {amount(value)}"
        case nodes.MayReceive(channel=channel, purpose=purpose):
            return f"may receive {purpose.replace('_', ' ')} by {channel.replace('_', ' ')}"
        case nodes.Sample(percent=percent, salt=salt):
            return f"is in the sample of {percent:g} % named “{salt}”"
        case nodes.ScoreTest(score=score, value=value):
            return f"the score “{score}” is at least {value:g}"
        case _:
            return rule.shape.replace("_", " ")


def _own(where: nodes.Rule, describe: Describe) -> str:
    return describe(where).replace("the account's ", "")


def _where(where: nodes.Rule | None, describe: Describe) -> str:
    if where is None:
        return ""
    return f" where {describe(where) if not where.parts() else f'({describe(where)})'}"


def _window(within_days: int | None) -> str:
    return "" if within_days is None else f" within the last {days(within_days)}"


def _measured(rule: nodes.EventTest, describe: Describe) -> str:
    measured = "of" if rule.op in {"event_count", "event_total"} and rule.of is None else f"{_of(rule)} of"
    comparison = COMPARISONS.get(rule.comparison, "is")
    return (
        f"{_MEASURES[rule.op]} {measured} {rule.kind} events{_window(rule.within_days)}{_where(rule.where, describe)} "
        f"{comparison} {amount(rule.value)}"
    )


def _of(rule: nodes.EventTest) -> str:
    return "value" if rule.of is None else field_name(rule.of)


def _moment(rule: nodes.EventMoment, describe: Describe) -> str:
    which = rule.op.partition("_")[0]
    what = f"the {which} {rule.kind}{_window(rule.within_days)}{_where(rule.where, describe)}"
    match rule.comparison, rule.value:
        case "within_last_days", int(number):
            return f"{what} is within the last {days(number)}"
        case "older_than_days", int(number):
            return f"{what} is more than {span(number)} ago"
        case _:
            words = {"at_least": "at or after", "more_than": "after", "at_most": "at or before", "less_than": "before"}
            return f"{what} is {words.get(rule.comparison, 'is')} {amount(rule.value)}"


def _pattern(pattern: nodes.EventPattern, describe: Describe, *, article: str = "a ") -> str:
    return f"{article}{pattern.kind}{_where(pattern.where, describe)}"
