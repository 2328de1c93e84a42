"""What a call means by a segment: a rule, a segment, or the key of one that is stored."""

from __future__ import annotations

from mimcore.domain.segment import Segment
from mimcore.repositories.reading import not_found
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule

__all__ = ["key_of", "rule_of"]


def key_of(segment: Segment | Rule | str) -> str | None:
    """Return the key of what a call means by a segment; a rule has none."""
    return segment if isinstance(segment, str) else segment.key if isinstance(segment, Segment) else None


def rule_of(work: UnitOfWork, segment: Segment | Rule | str) -> Rule:
    """Return the rule of a segment, of its key, or the rule itself; a static segment's rule asks for its list.

    In the past a stored segment has the rule of then, whether it is given by its key or as an object.

    Args:
        work: Open unit of work.
        segment: A rule, a segment or its key.

    Raises:
        NotFoundError: If there is no segment of that key.
    """
    if not isinstance(segment, Segment | str):
        return nodes.as_rule(segment, "segment")
    is_own = isinstance(segment, Segment) and (work.transaction.past is None or segment.version == 0)
    found = segment if is_own and isinstance(segment, Segment) else work.segments.find_one(segment)
    if found is None:
        name = segment.key if isinstance(segment, Segment) else segment
        raise not_found("segment", name, [one.key for one in work.segments.all()])
    return nodes.InSegment(segment=found.key) if found.effective_rule is None else found.effective_rule
