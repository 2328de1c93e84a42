"""Rules that start from no field."""

from __future__ import annotations

from collections.abc import Iterable

from mimcore.errors import RuleFormatError
from mimcore.rules.language.nodes import AllOf, AnyOf, Everyone, Rule, as_rule

__all__ = ["all_of", "any_of", "everyone"]


def everyone() -> Rule:
    """Return the rule that is true for every active contact; `~everyone()` is true for none.

    Examples:
        >>> str(everyone())
        'everyone'
    """
    return Everyone()


def all_of(rules: Iterable[Rule]) -> Rule:
    """Join rules with and; at least one is needed, for an empty group would silently mean everybody.

    Raises:
        RuleFormatError: If there is none.
    """
    return _joined(list(rules), AllOf, "all_of")


def any_of(rules: Iterable[Rule]) -> Rule:
    """Join rules with or; at least one is needed.

    Raises:
        RuleFormatError: If there is none.
    """
    return _joined(list(rules), AnyOf, "any_of")


def _joined(rules: list[Rule], group: type[AllOf | AnyOf], name: str) -> Rule:
    if not rules:
        raise RuleFormatError(f"{name}() needs at least one rule; write everyone() if you mean everybody")
    first, *rest = (as_rule(rule, name) for rule in rules)
    for rule in rest:
        first = first & rule if group is AllOf else first | rule
    return first
