"""Which engine refuses what, by name, when a rule is compiled; everything else it must answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.rules.people import Dataset

from mimcore.rules.language import nodes

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


def _text_of_records(node: nodes.Rule, _dataset: Dataset) -> bool:
    where = getattr(node, "where", None)
    return isinstance(where, tuple) and any(one.name == "browser" for one in where)


_FRAMES = (_of(nodes.AnyFreshness, nodes.ChangedWithin, nodes.EverBeen, nodes.MayReceive),)
_LAZY = (*_FRAMES, _text_of_records)
REFUSED: dict[str, tuple[Refusal, ...]] = {
    "polars": _FRAMES,
    "polars unprepared": _FRAMES,
    "polars lazy": _FRAMES,
    "polars lazy unprepared": _FRAMES,
    "pyarrow": _FRAMES,
    "pyarrow unprepared": _FRAMES,
    "pandas nullable": _FRAMES,
    "pandas arrow": _FRAMES,
    "pandas unprepared": _FRAMES,
    "duckdb": _LAZY,
    "spark": _LAZY,
}
"""Nothing in a frame tells of several addresses, the past and consent; DuckDB and Spark have no folded text inside of records."""


def is_answered(engine: str, rule: nodes.Rule, dataset: Dataset) -> bool:
    """Whether an engine answers a rule; otherwise it refuses."""
    tests = REFUSED.get(engine, ())
    return not any(one(node, dataset) for node in nodes_of(rule, dataset) for one in tests)
