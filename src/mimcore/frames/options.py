"""What a question about a frame may come with, and what its rules are bound with for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from mimcore.frames.companions import EventFrame
from mimcore.rules.fields import Field, FrameColumn
from mimcore.rules.lowering import Binding
from mimcore.rules.nodes import Rule
from mimcore.rules.references import referring
from mimcore.values.instants import as_instant, as_zone

__all__ = ["Options", "binding_of"]


class Options(TypedDict, total=False):
    """What a question may come with; the same for every verb.

    Attributes:
        columns: Column name to field, where a column is not named after its field: `{"Land": f.contact.country}`.
        events: What `events(...)` returned, for rules that count or sum events.
        segments: Rules by key, for rules that refer to segments; None for a list kept by hand, which frames refuse.
        now: The instant of the question, aware; needed by rules about time or age.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        attributes: Custom attributes that rules may mention, as `mim.attribute` returned them.
    """

    columns: Mapping[str, Field | FrameColumn] | None
    events: EventFrame | None
    segments: Mapping[str, Rule | None] | None
    now: datetime | None
    zone: str | ZoneInfo | None
    attributes: Iterable[Field]


def binding_of(options: Options) -> Binding:
    """Return what rules about a frame are bound with.

    Args:
        options: What the question came with.
    """
    now, zone = options.get("now"), options.get("zone")
    return Binding(
        now=None if now is None else as_instant(now, "now"),
        zone=as_zone(zone),
        segment=referring(options.get("segments")),
    ).knowing([*options.get("attributes", ()), *_mapped(options)])


def _mapped(options: Options) -> Iterator[Field]:
    """Yield the fields that columns are mapped to; a custom attribute among them is known by that."""
    for target in (options.get("columns") or {}).values():
        spec = getattr(target, "spec", None)  # something else is refused where the columns are read
        if spec is not None:
            yield Field(spec)
