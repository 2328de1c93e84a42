"""What a question about a frame may come with, and what its rules are bound with for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from math import inf
from typing import Any, TypedDict, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.domain.pools import DEFAULT_HALF_LIVES
from mimcore.errors import InvalidValueError, UnsupportedConditionError
from mimcore.frames.companions import AccountFrame, EventFrame
from mimcore.frames.naming import checked_mapping
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding
from mimcore.rules.lowering.references import referring
from mimcore.rules.writing.fields import Field, FrameColumn
from mimcore.values.instants import as_instant, as_zone

__all__ = ["Options", "Segment", "binding_of", "listed_ids"]

Segment = Rule | Collection[Any] | None
"""What a segment is in a question: a rule, the ids on a list, or a list that is not at hand."""


class Options(TypedDict, total=False):
    """What a question may come with; the same for every verb.

    Attributes:
        columns: Column name to field, where a column is not named after its field: `{"Land": f.contact.country}`.
        events: What `events(...)` returned, for rules that count or sum events.
        accounts: What `accounts(...)` returned, for rules about all accounts of a contact.
        segments: By key, for rules that refer to segments: a rule, or the ids of those who are listed; None for a list
            that is not at hand, which is refused.
        now: The instant of the question, aware; needed by rules about time or age.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        attributes: Custom attributes that rules may mention, as `mim.attribute` returned them.
        half_lives: Half-life in days by pool, as `store.quality.half_lives()` tells, for rules about freshness; the
            published ones for pools that are not given.
    """

    columns: Mapping[str, Field | FrameColumn] | None
    events: EventFrame | None
    accounts: AccountFrame | None
    segments: Mapping[str, Segment] | None
    now: datetime | None
    zone: str | ZoneInfo | None
    attributes: Iterable[Field]
    half_lives: Mapping[str, float] | None


def binding_of(options: Options) -> Binding:
    """Return what rules about a frame are bound with.

    Args:
        options: What the question came with.
    """
    now, zone = options.get("now"), options.get("zone")
    return Binding(
        now=None if now is None else as_instant(now, "now"),
        zone=as_zone(zone),
        half_lives=_half_lives(options.get("half_lives")),
        segment=referring(_rules(options.get("segments"))),
    ).knowing([*options.get("attributes", ()), *_mapped(options)])


def _half_lives(given: Any) -> Mapping[str, float]:
    if given is None:
        return DEFAULT_HALF_LIVES
    if not isinstance(given, Mapping):
        raise InvalidValueError("half_lives", "are not days by pool", "give store.quality.half_lives()")
    own = cast("Mapping[str, Any]", given)
    for pool, days in own.items():
        if not isinstance(days, int | float) or not 0 < days < inf:
            raise InvalidValueError(f"the half-life of '{pool}'", "is out of range", "give a number of days above 0")
    return {**DEFAULT_HALF_LIVES, **own}


def _mapped(options: Options) -> Iterator[Field]:
    """Yield the fields that columns are mapped to; a custom attribute among them is known by that."""
    for target in checked_mapping(options.get("columns")).values():
        spec = getattr(target, "spec", None)  # something else is refused where the columns are read
        if spec is not None:
            yield Field(spec)


def _rules(segments: Mapping[str, Segment] | None) -> Mapping[str, Rule | None] | None:
    """Return what segments refer to: a list of ids is, like one that is not at hand, no rule."""
    if segments is None:
        return None
    return {key: None if isinstance(one, _LISTS) else cast("Rule | None", one) for key, one in segments.items()}


_LISTS = (list, tuple, set, frozenset)


def listed_ids(options: Options, key: str) -> list[Any]:
    """Return the ids of a segment that is a list.

    Args:
        options: What the question came with.
        key: Key of the segment.

    Raises:
        UnsupportedConditionError: If they are not at hand.
    """
    given = (options.get("segments") or {}).get(key)
    if isinstance(given, _LISTS):
        return [str(one) if isinstance(one, UUID) else one for one in given]
    raise UnsupportedConditionError(
        f"frames do not know who is listed in the segment '{key}'; give the ids in segments={{'{key}': [...]}}, or ask "
        "a store"
    )
