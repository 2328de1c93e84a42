"""Which engine refuses what, by name, when a rule is compiled; everything else it must answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.rules.people import Dataset

from mimcore.rules import nodes

Refusal = Callable[[nodes.Rule, Dataset], bool]


def nodes_of(rule: nodes.Rule, dataset: Dataset) -> Iterator[nodes.Rule]:
    """Every node, those of mentioned segments included."""
    yield rule
    for part in rule.parts():
        yield from nodes_of(part, dataset)
    if isinstance(rule, nodes.InSegment):
        inner = dataset.segments[rule.segment]
        if inner is not None:
            yield from nodes_of(inner, dataset)


def _of(*kinds: type[nodes.Rule]) -> Refusal:
    return lambda node, _dataset: isinstance(node, kinds)


def _list(node: nodes.Rule, dataset: Dataset) -> bool:
    return isinstance(node, nodes.InSegment) and dataset.segments[node.segment] is None


def _asks_any(node: nodes.Rule, _dataset: Dataset) -> bool:
    return str(getattr(node, "field", "")).startswith("any_account.")


def _beyond_equality(node: nodes.Rule, _dataset: Dataset) -> bool:
    return isinstance(node, nodes.HasRecord) and any(one.comparison != "equals" for one in node.where)


def _beyond_sums(node: nodes.Rule, _dataset: Dataset) -> bool:
    return isinstance(node, nodes.EventTest) and (node.op not in {"event_count", "event_total"} or node.of is not None)


def _pattern(node: nodes.Rule, _dataset: Dataset) -> bool:
    return isinstance(node, nodes.TextTest) and node.op == "matches"


_LATER = (
    _of(
        nodes.CompareFields, nodes.ElementCount, nodes.Anniversary, nodes.ClockTest, nodes.EventMoment,
        nodes.EventSequence, nodes.EventRegularity, nodes.EventRestart, nodes.AccountTest,
        nodes.ChangedWithin, nodes.EverBeen, nodes.MayReceive, nodes.Sample,
    ),
    _asks_any,
    _beyond_equality,
    _beyond_sums,
    _pattern,
)  # fmt: skip
_FRAMES = (_of(nodes.FreshnessTest, nodes.Undated), _list)
REFUSED: dict[str, tuple[Refusal, ...]] = {"polars": _FRAMES, "polars lazy": _FRAMES, "pandas": _FRAMES}
"""What can never be asked of an engine."""

AWAITED: dict[str, tuple[Refusal, ...]] = {
    "polars": _LATER,
    "polars lazy": _LATER,
    "pandas": _LATER,
}
"""What an engine is still to learn."""


def is_answered(engine: str, rule: nodes.Rule, dataset: Dataset) -> bool:
    """Whether an engine answers a rule."""
    return not _holds(rule, dataset, (*REFUSED.get(engine, ()), *AWAITED.get(engine, ())))


def is_refused(engine: str, rule: nodes.Rule, dataset: Dataset) -> bool:
    """Whether an engine must refuse a rule by name."""
    return _holds(rule, dataset, REFUSED.get(engine, ())) and not _holds(rule, dataset, AWAITED.get(engine, ()))


def _holds(rule: nodes.Rule, dataset: Dataset, tests: tuple[Refusal, ...]) -> bool:
    return any(one(node, dataset) for node in nodes_of(rule, dataset) for one in tests)
