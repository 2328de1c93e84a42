"""Trying a rule on an engine: whether it compiles, or is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

ANSWERED, REFUSED = "✓", "–"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _store() -> Any:
    """Return a store with a segment that is a rule and one that is a list."""
    import mimcore as mim

    store = mim.connect("memory:", clock=lambda: _NOW)
    with store.begin() as work:
        rule = mim.fields.contact.country == "DK"
        work.add(mim.Segment(key="dynamic", name="Dynamic", rule=rule), mim.Segment(key="static", name="Static"))
    return store


def _bound(rule: Any) -> Any:
    with _store().read() as work:
        return work.question(rule)


def _python(rule: Any) -> None:
    from mimcore.rules.evaluation import evaluator

    evaluator(_bound(rule))


def _sql(rule: Any, dialect: str) -> None:
    from sqlalchemy.dialects import registry

    from mimcore.sql.column_map import ContactMap
    from mimcore.sql.compiler import compile_rule

    compile_rule(_bound(rule), ContactMap("default")).compile(dialect=registry.load(dialect)())


ENGINES: dict[str, Callable[[Any], None]] = {
    "Python": _python,
    "SQLite": lambda rule: _sql(rule, "sqlite"),
    "PostgreSQL": lambda rule: _sql(rule, "postgresql.psycopg"),
}


@cache
def outcome(engine: str, rule: Any) -> str:
    """Return the mark of a rule on an engine.

    Args:
        engine: Name of the engine.
        rule: The rule.
    """
    from mimcore.errors import UnsupportedConditionError

    try:
        ENGINES[engine](rule)
    except UnsupportedConditionError:
        return REFUSED
    return ANSWERED
