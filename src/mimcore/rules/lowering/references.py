"""Segments that a rule refers to by key, found in a mapping of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mimcore.errors import UnknownFieldError, nearest
from mimcore.rules.language.nodes import Rule, as_rule
from mimcore.rules.lowering.bind import SegmentReference

__all__ = ["referring"]


def referring(segments: Mapping[str, Rule | None] | None) -> Callable[[str], SegmentReference] | None:
    """Return what `Binding` finds segments with.

    Args:
        segments: Rules by key; None for a list kept by hand. Without a mapping no rule may refer to a segment.

    Examples:
        >>> find = referring({"guests": None})
        >>> find("guests")
        SegmentReference(key='guests', rule=None)
    """
    if segments is None:
        return None

    def find(key: str) -> SegmentReference:
        if key not in segments:
            raise UnknownFieldError(f"there is no segment '{key}'{nearest(key, segments)}; name it in segments={{…}}")
        rule = segments[key]
        return SegmentReference(key, None if rule is None else as_rule(rule, "segment"))

    return find
