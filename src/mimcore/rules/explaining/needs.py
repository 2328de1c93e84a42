"""What a rule reads, told from the rule alone: the fields it mentions, and the companions that `Facts` must bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mimcore.errors import MissingFactsError, UnknownFieldError, nearest
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Kind, default_catalogue
from mimcore.rules.lowering.belonging import EVENTS
from mimcore.rules.lowering.bind import in_a_circle

__all__ = ["COMPANIONS", "Segments", "fields_of", "fields_read", "mentioned", "needs_of", "segment_rule"]

Segments = Mapping[str, "nodes.Rule | None"]
"""Rules of segments by key; None for a list that is kept by hand."""

COMPANIONS = ("account", "accounts", "events", "history", "listed_in", "now", "permissions", "states")
"""What a rule may need beside the contact, by the names of `Facts`."""

_TIMED = (nodes.Window, nodes.Elapsed, nodes.CalendarWindow, nodes.Anniversary)
_ORDERED = (nodes.Equals, nodes.Compare, nodes.Between)


def fields_of(rule: nodes.Rule) -> tuple[str, ...]:
    """Return the canonical names of the fields that a rule mentions itself, in its order, without repeats.

    Args:
        rule: Any rule; the rules of segments that it refers to are not looked into.
    """
    own = [canonical(name) for name in _named(rule)]
    return tuple(dict.fromkeys([*own, *(name for part in rule.parts() for name in fields_of(part))]))


def fields_read(rule: nodes.Rule, segments: Segments | None = None) -> tuple[str, ...]:
    """Return the canonical names of all fields that a rule reads, those of its segments included.

    Args:
        rule: Any rule.
        segments: Rules of the segments that it refers to.

    Raises:
        MissingFactsError: If it refers to a segment and `segments` was not given.
        UnknownFieldError: If `segments` does not hold it.
        RuleTypeError: If segments refer to each other in a circle.
    """
    return tuple(dict.fromkeys(name for one in _opened(rule, segments, ()) for name in fields_of(one)))


def needs_of(rule: nodes.Rule, segments: Segments | None = None) -> frozenset[str]:
    """Return which companions a rule needs, by the names of `Facts`.

    Args:
        rule: Any rule.
        segments: Rules of the segments that it refers to; None for a list kept by hand.

    Raises:
        MissingFactsError: If it refers to a segment and `segments` was not given.
        UnknownFieldError: If `segments` does not hold it.
        RuleTypeError: If segments refer to each other in a circle.
    """
    return frozenset(name for one in _opened(rule, segments, ()) for name in _needs(one, "contact", segments))


def _opened(rule: nodes.Rule, segments: Segments | None, path: tuple[str, ...]) -> Iterator[nodes.Rule]:
    """Yield a rule and the rules of all segments that it refers to."""
    yield rule
    for key in mentioned(rule):
        if key in path:
            raise in_a_circle((*path, key))
        inner = segment_rule(key, segments)
        if inner is not None:
            yield from _opened(inner, segments, (*path, key))


def mentioned(rule: nodes.Rule) -> Iterator[str]:
    """Yield the keys of the segments that a rule refers to, as often as it does."""
    if isinstance(rule, nodes.InSegment):
        yield rule.segment
    for part in rule.parts():
        yield from mentioned(part)


def segment_rule(key: str, segments: Segments | None) -> nodes.Rule | None:
    """Return the rule of a segment; None for a list kept by hand.

    Args:
        key: Its key.
        segments: Rules by key.

    Raises:
        MissingFactsError: If there is no mapping.
        UnknownFieldError: If it does not hold the key.
    """
    if segments is None:
        raise MissingFactsError(f"the rule refers to the segment '{key}': name its rule in segments={{…}}")
    if key not in segments:
        raise UnknownFieldError(f"there is no segment '{key}'{nearest(key, segments)}; name it in segments={{…}}")
    return segments[key]


def canonical(name: str) -> str:
    """Return the canonical name of a built-in field; a custom attribute's name is canonical as it is written."""
    catalogue = default_catalogue()
    return catalogue[name].name if name in catalogue else name


def _named(rule: nodes.Rule) -> list[str]:
    names: list[object] = [getattr(rule, "field", None), getattr(rule, "other", None)]
    if isinstance(rule, nodes.EventTest) and rule.op != "event_count":
        names.append(rule.of or "event.value")
    return [name for name in names if isinstance(name, str)]


def _needs(rule: nodes.Rule, entity: str, segments: Segments | None) -> Iterator[str]:
    """Yield the needs of one rule; `entity` is whose fields it mentions."""
    if _reads_the_clock(rule):
        yield "now"
    if entity == "contact":
        yield from _companions(rule, segments)
    inside = "event" if isinstance(rule, EVENTS) else "account" if isinstance(rule, nodes.AccountTest) else entity
    for part in rule.parts():
        yield from _needs(part, inside, segments)


def _companions(rule: nodes.Rule, segments: Segments | None) -> Iterator[str]:
    match rule:
        case nodes.AccountTest():
            yield "accounts"
        case nodes.ChangedWithin() | nodes.EverBeen():
            yield "history"
        case nodes.MayReceive():
            yield "permissions"
        case nodes.FreshnessTest() | nodes.AnyFreshness() | nodes.Undated():
            yield "states"
        case nodes.InSegment(segment=key):
            yield from ("listed_in",) if segment_rule(key, segments) is None else ()
        case nodes.Overlaps(op="contains_all", field=name, values=()) if not name.startswith("any_account."):
            return
        case _ if isinstance(rule, EVENTS):
            yield "events"
        case _:
            owners = {canonical(name).partition(".")[0] for name in _named(rule)}
            yield from ("accounts",) if "any_account" in owners else ("account",) if "account" in owners else ()


def _reads_the_clock(rule: nodes.Rule) -> bool:
    match rule:
        case nodes.HasRecord(where=where) | nodes.ElementCount(where=where):
            return any(one.comparison == "within_last_days" for one in where)
        case nodes.ChangedWithin() | nodes.FreshnessTest() | nodes.AnyFreshness():
            return True
        case _ if isinstance(rule, _ORDERED):
            name = rule.field
            return name in default_catalogue() and default_catalogue()[name].kind is Kind.AGE
        case _:
            return isinstance(rule, (*_TIMED, *EVENTS))
