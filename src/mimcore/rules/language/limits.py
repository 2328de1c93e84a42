"""How large a rule may be. Refused before anything is compiled, because every engine breaks somewhere beyond."""

from __future__ import annotations

from mimcore.errors import RuleFormatError
from mimcore.rules.language import nodes

__all__ = ["MAX_BOUND_LEAVES", "MAX_BYTES", "MAX_DEPTH", "MAX_LEAVES", "MAX_LITERALS", "MAX_ZONES", "check_limits"]

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_LEAVES = 500
MAX_LITERALS = 2000
MAX_ZONES = 10
"""The clock changes of a zone are found once a process, in about 20 ms."""

MAX_BOUND_LEAVES = 5000
"""Conditions after segments are filled in and lists taken apart."""


def check_limits(rule: nodes.Rule) -> None:
    """Refuse a rule that is too deep, too wide or has too many literals.

    Raises:
        RuleFormatError: Naming the limit.
    """
    leaves = literals = 0
    zones: set[str] = set()
    stack = [(rule, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise RuleFormatError(
                f"the rule is nested deeper than {MAX_DEPTH} levels; name inner parts as segments of their own"
            )
        parts = node.parts()
        leaves += not parts
        literals += len(getattr(node, "values", ()))
        if isinstance(node, nodes.HasRecord | nodes.ElementCount):
            literals += len(node.where)
        if isinstance(node, nodes.ClockTest | nodes.CalendarWindow) and node.zone is not None:
            zones.add(node.zone)
        stack += [(part, depth + 1) for part in parts]
    if leaves > MAX_LEAVES:
        raise RuleFormatError(
            f"the rule has more than {MAX_LEAVES} conditions; name parts of it as segments of their own"
        )
    if len(zones) > MAX_ZONES:
        raise RuleFormatError(
            f"the rule names more than {MAX_ZONES} time zones; name parts of it as segments of their own"
        )
    if literals > MAX_LITERALS:
        raise RuleFormatError(f"the rule lists more than {MAX_LITERALS} values; keep long lists as a static segment")
