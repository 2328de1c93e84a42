"""Trying a rule on an engine: whether it compiles, or is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

ANSWERED, FOLDED, REFUSED = "✓", "✓ folded", "–"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _store() -> Any:
    """Return a store with a segment that is a rule and one that is a list."""
    from mimcore.domain import fields as f
    from mimcore.domain.segment import Segment
    from mimcore.store.connecting import connect

    store = connect("memory:", clock=lambda: _NOW)
    with store.begin() as work:
        rule = f.contact.country == "DK"
        work.add(Segment(key="dynamic", name="Dynamic", rule=rule), Segment(key="static", name="Static"))
    return store


def _bound(rule: Any) -> Any:
    with _store().read() as work:
        return work.question(rule)


def _python(rule: Any) -> None:
    from mimcore.rules.evaluation.evaluator import evaluator

    evaluator(_bound(rule))


def _sql(rule: Any, dialect: str) -> None:
    from sqlalchemy.dialects import registry

    from mimcore.sql.conditions.column_map import ContactMap
    from mimcore.sql.conditions.compiler import compile_rule

    compile_rule(_bound(rule), ContactMap("default")).compile(dialect=registry.load(dialect)())


_TRIED: dict[str, Callable[[Any], None]] = {
    "Python": _python,
    "SQLite": lambda rule: _sql(rule, "sqlite"),
    "PostgreSQL": lambda rule: _sql(rule, "postgresql.psycopg"),
}
_FRAMES = {"Polars": "polars", "pandas": "pandas", "PyArrow": "pyarrow", "DuckDB": "duckdb", "Spark": "spark"}
"""By the names of `frames.capabilities`, whose table is held by a test on every kind of frame."""

ENGINES = (*_TRIED, *_FRAMES)


@cache
def outcome(engine: str, rule: Any) -> str:
    """Return the mark of a rule on an engine.

    Args:
        engine: Name of the engine.
        rule: The rule.
    """
    from mimcore.errors import UnsupportedConditionError

    if engine in _FRAMES:
        marks = {_on_frame(_FRAMES[engine], node) for node in _walk(rule)}
        return next(mark for mark in (REFUSED, FOLDED, ANSWERED) if mark in marks)
    try:
        _TRIED[engine](rule)
    except UnsupportedConditionError:
        return REFUSED
    return ANSWERED


def _walk(rule: Any) -> list[Any]:
    return [rule, *(inner for part in rule.parts() for inner in _walk(part))]


@cache
def _abilities() -> dict[str, Any]:
    from mimcore.frames.capabilities import capabilities

    return {one.op: one.answers for one in capabilities()}


def _on_frame(engine: str, node: Any) -> str:
    """Return the mark of one node; text needs a folded column only where the field is folded."""
    ability = _abilities()[node.shape][engine]
    marks = {"yes": ANSWERED, "folded": FOLDED if _is_folded(node) else ANSWERED, "no": REFUSED}
    return marks[ability]


def _is_folded(node: Any) -> bool:
    from mimcore.rules.language.catalogue import Kind, default_catalogue

    name = getattr(node, "field", None)
    return isinstance(name, str) and default_catalogue()[name].kind in {Kind.TEXT, Kind.TAGS, Kind.LOCATION}
