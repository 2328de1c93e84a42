"""Rules on data frames, with the same three answers as every other engine.

Columns are read once at the door, brought to one form (folded text, UTC instants, minor units), and the bound rule is
evaluated there through narwhals. What comes back is of the same kind, in the same order, with the same index. Polars,
pandas and PyArrow are asked through Polars; DuckDB and Spark natively and unread.
"""

from __future__ import annotations

from mimcore.frames.companions import AccountFrame, EventFrame, accounts, events
from mimcore.frames.linting import Finding, Findings, lint
from mimcore.frames.matching import ColumnMatch, ColumnMatches, match_columns
from mimcore.frames.preparing import prepare
from mimcore.frames.verbs import classify, count, filter, mask, verdict  # noqa: A004 - the verb that every frame library uses

__all__ = [
    "AccountFrame",
    "ColumnMatch",
    "ColumnMatches",
    "EventFrame",
    "Finding",
    "Findings",
    "accounts",
    "classify",
    "count",
    "events",
    "filter",
    "lint",
    "mask",
    "match_columns",
    "prepare",
    "verdict",
]
