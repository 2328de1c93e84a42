"""Which operator which kind of frame answers: the table that the language reference is written from.

A test asks every operator of every kind of frame and holds this table to what happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from mimcore.rules.language import nodes

__all__ = ["ENGINES", "Ability", "Capability", "capabilities", "operators"]

ENGINES = ("polars", "polars lazy", "pandas", "pyarrow", "duckdb", "spark")
_NATIVE = frozenset({"duckdb", "spark"})
Ability = Literal["yes", "folded", "no"]
"""`folded`: yes, and text and tags through a folded column beside them, as `mim.prepare` and snapshots write it."""

_TEXT = frozenset({
    "equals", "is_in", "contains", "starts_with", "ends_with", "matches", "compares_with", "overlaps", "contains_all",
    "element_count",
})  # fmt: skip
_PREPARED = _TEXT | {"distance_km_at_most"}
_BESIDE = {
    "events": {
        "event_count", "event_total", "event_minimum", "event_maximum", "event_average", "first_event", "last_event",
        "event_sequence", "events_regularly", "events_started", "events_restarted",
    },
    "accounts": {"any_account", "all_accounts", "account_count"},
    "segments": {"in_segment"},
}  # fmt: skip
_REFUSED = {
    "any_freshness_at_least": "a frame does not tell how fresh each of several addresses is",
    "changed_within_days": "a frame does not tell what a value was before",
    "has_ever_been": "a frame does not tell what a value was before",
    "may_receive": "a frame does not tell who agreed to what",
    "score_at_least": "no scores are kept yet",
}
_AGED = "through the columns that `store.contacts.to_frame(freshness=True)` writes beside"
_NOTES = {
    "freshness_at_least": _AGED,
    "is_undated": _AGED,
    "has_record": "text inside of records is compared by Polars, pandas and PyArrow only",
    "distance_km_at_most": "through columns of whole numbers, as `mim.prepare` and snapshots write them",
    "in_segment": "a rule, or the ids of a list",
    "sample": "of ids that are UUIDs, or of a column sample_key",
}


@dataclass(frozen=True, slots=True)
class Capability:
    """What happens to one operator.

    Attributes:
        op: The operator, as it stands in a rule's JSON.
        answers: By engine.
        beside: What must be given beside the frame: events, accounts or segments; empty for nothing.
        note: A restriction, or why it is refused.
    """

    op: str
    answers: dict[str, Ability]
    beside: str = ""
    note: str = ""


def operators() -> tuple[str, ...]:
    """Return every operator of the language, in the order of its declaration."""
    return tuple(op for kind in nodes.Rule.__subclasses__() for op in get_args(kind.model_fields["op"].annotation))


def capabilities() -> tuple[Capability, ...]:
    """Return what happens to each operator on each kind of frame.

    Examples:
        >>> {one.op: one.answers["duckdb"] for one in capabilities()}["equals"]
        'folded'
    """
    return tuple(_capability(op) for op in operators())


def _capability(op: str) -> Capability:
    beside = next((name for name, ops in _BESIDE.items() if op in ops), "")
    answers: dict[str, Ability] = {engine: _ability(op, engine) for engine in ENGINES}
    return Capability(op, answers, beside, _REFUSED.get(op) or _NOTES.get(op, ""))


def _ability(op: str, engine: str) -> Ability:
    if op in _REFUSED:
        return "no"
    return "folded" if op in _PREPARED and engine in _NATIVE else "yes"
