"""Rules on data frames: Polars (eager and lazy) and pandas, with the same three answers as every other engine.

Columns are read once at the door, brought to one form (folded text, UTC instants, minor units), and the bound rule is
evaluated there through narwhals. What comes back is of the same kind, in the same order, with the same index.
"""

from __future__ import annotations

from importlib.util import find_spec

from mimcore.errors import MissingExtraError

if find_spec("polars") is None:
    raise MissingExtraError("asking rules of data frames", "frames")

from mimcore.frames.companions import EventFrame, events
from mimcore.frames.verbs import classify, count, filter, mask, verdict  # noqa: A004 - the verb that every frame library uses

__all__ = ["EventFrame", "classify", "count", "events", "filter", "mask", "verdict"]
