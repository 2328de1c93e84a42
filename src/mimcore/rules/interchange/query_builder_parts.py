"""What documents of React Query Builder and JsonLogic are read with: keys, lists, combinators, places in the JSON."""

from __future__ import annotations

import re
from typing import TypeGuard

from mimcore.errors import RuleError, RuleFormatError
from mimcore.rules.language.limits import MAX_LITERALS
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind

__all__ = ["OPPOSITES", "check_binds", "combinator_of", "is_list", "items", "key", "only"]

OPPOSITES = {
    "!=": "=",
    "notIn": "in",
    "doesNotContain": "contains",
    "doesNotBeginWith": "beginsWith",
    "doesNotEndWith": "endsWith",
    "notBetween": "between",
    "null": "notNull",
}
"""Operators that are the opposite of another one."""

_COMBINATORS = ("and", "or")
_SCREEN_ONLY = frozenset({"id", "path", "disabled"})
_COMMA = re.compile(r"(?<!\\),")


def only(data: dict[str, object], path: str, keys: tuple[str, ...]) -> None:
    """Refuse a key that is not understood, and what is muted."""
    if data.get("muted", False) is not False:
        raise RuleFormatError.located(
            key(path, "muted"), "the rule or group is muted, so React Query Builder would leave it out; remove it"
        )
    for name in data:
        if name not in keys and name not in _SCREEN_ONLY and name != "muted":
            shown = key(path, name) if name.isidentifier() and len(name) <= 40 else path
            raise RuleFormatError.located(
                shown, f"this key is not understood, and nothing is ever skipped (known: {', '.join(keys)})"
            )


def check_binds(rule: Rule, binding: Binding, path: str) -> None:
    """Refuse a condition that cannot be bound, naming its place.

    Args:
        rule: What was read.
        binding: What it is bound with.
        path: Its place in the JSON.
    """
    try:
        bind(rule, binding)
    except RuleError as error:
        problem = type(error).located(path, error)
    else:
        return
    raise problem


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether parsed JSON is a list."""
    return isinstance(value, list)


def key(path: str, name: str) -> str:
    """Return the JSON path of a key."""
    return f"{path}.{name}" if path else name


def combinator_of(value: object, path: str) -> str:
    """Return a combinator, or refuse what is none."""
    if isinstance(value, str) and value in _COMBINATORS:
        return value
    raise RuleFormatError.located(path, "a combinator is 'and' or 'or'; without one for the group it stands between")


def items(value: object, path: str) -> list[tuple[object, str]]:
    """Return the values of a list with their paths; text is split at commas, as the component joins it."""
    found: list[tuple[object, str]]
    if isinstance(value, str):
        found = [(part.replace("\\,", ",").strip(), path) for part in _COMMA.split(value)]
    elif is_list(value):
        found = [(one, f"{path}[{index}]") for index, one in enumerate(value)]
    else:
        found = [(value, path)]
    if not found or found == [("", path)]:
        raise RuleFormatError.located(path, "the list is empty; choose at least one value or remove the rule")
    if len(found) > MAX_LITERALS:
        raise RuleFormatError.located(path, f"lists more than {MAX_LITERALS} values; keep long lists as a segment")
    return found
