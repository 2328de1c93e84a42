"""What a condition on one event or one account may ask: refused where it is written, and again where it is lowered."""

from __future__ import annotations

from mimcore.errors import RuleTypeError
from mimcore.rules.language import nodes

__all__ = [
    "ANY_ACCOUNT",
    "EVENTS",
    "asks_about_a_contact",
    "asks_any_account",
    "asks_for_a_segment",
    "asks_for_more",
    "check_belongs",
    "is_kept_for_contacts",
    "mentions_others",
]

ANY_ACCOUNT = "any_account."
EVENTS = (
    nodes.EventTest,
    nodes.EventMoment,
    nodes.EventSequence,
    nodes.EventRegularity,
    nodes.EventStart,
    nodes.EventRestart,
)
_OF_A_CONTACT = (
    nodes.AnyFreshness,
    nodes.ChangedWithin,
    nodes.EverBeen,
    nodes.MayReceive,
    nodes.Sample,
    nodes.ScoreTest,
)
_ENTITIES = frozenset({"account", "contact", "event"})


def asks_any_account(rule: nodes.Rule) -> bool:
    """Tell whether a condition mentions a field of any account."""
    name: object = getattr(rule, "field", None)
    return isinstance(name, str) and name.startswith(ANY_ACCOUNT)


def mentions_others(entity: str) -> RuleTypeError:
    """Return the error for a field of somebody else."""
    return RuleTypeError(f"a condition on {entity}s may mention only f.{entity} fields")


def asks_for_more(entity: str) -> RuleTypeError:
    """Return the error for a condition on events or accounts inside such a condition."""
    return RuleTypeError(f"a condition on {entity}s cannot ask for events or accounts of its own")


def asks_for_a_segment() -> RuleTypeError:
    """Return the error for a segment inside such a condition."""
    return RuleTypeError("a condition on events or accounts cannot ask for a segment: segments hold contacts")


def asks_about_a_contact(rule: nodes.Rule, entity: str) -> RuleTypeError:
    """Return the error for what can be asked of a contact alone."""
    return RuleTypeError(f"'{rule.shape}' asks about a contact; a condition on {entity}s cannot")


def is_kept_for_contacts(name: str, what: str) -> RuleTypeError:
    """Return the error for freshness or history of a value that is no contact's."""
    return RuleTypeError(f"{name}: {what} is kept for contacts' values")


def check_belongs(condition: nodes.Rule, entity: str) -> None:
    """Refuse a condition on one event or one account that could never be evaluated.

    Args:
        condition: What is asked of it.
        entity: `event` or `account`.

    Raises:
        RuleTypeError: As lowering would raise it.

    Examples:
        >>> from mimcore import fields as f
        >>> check_belongs((f.event.quantity >= 2) & ~(f.event.product == "socks"), "event")
    """
    if isinstance(condition, nodes.AllOf | nodes.AnyOf | nodes.Not | nodes.OrMissing):
        for part in condition.parts():
            check_belongs(part, entity)
    elif (problem := _problem(condition, entity)) is not None:
        raise problem


def _problem(condition: nodes.Rule, entity: str) -> RuleTypeError | None:
    if isinstance(condition, nodes.InSegment):
        return asks_for_a_segment()
    if isinstance(condition, nodes.AccountTest) or asks_any_account(condition):
        return asks_for_more(entity)
    if isinstance(condition, EVENTS):
        return mentions_others(entity)
    if isinstance(condition, _OF_A_CONTACT):
        return asks_about_a_contact(condition, entity)
    names = [name for part in ("field", "other") if isinstance(name := getattr(condition, part, None), str)]
    if any(_owner(name) in _ENTITIES - {entity} for name in names):
        return mentions_others(entity)
    if isinstance(condition, nodes.FreshnessTest | nodes.Undated):
        return is_kept_for_contacts(condition.field, "freshness")
    return None


def _owner(name: str) -> str:
    return name.partition(".")[0]
