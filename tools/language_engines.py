"""Trying a rule on an engine: whether it compiles, or is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

ANSWERED, REFUSED = "✓", "–"


def _bound(rule: Any) -> Any:
    from mimcore.rules.binding import Binding, SegmentReference
    from mimcore.rules.lowering import bind

    segments = {"dynamic": _dynamic(), "static": None}
    binding = Binding(
        now=datetime(2026, 1, 1, tzinfo=UTC),
        half_lives={"address": 900.0},
        segment=lambda key: SegmentReference(key, segments[key]),
    )
    return bind(rule, binding)


def _dynamic() -> Any:
    from mimcore.domain import fields as f

    return f.contact.country == "DK"


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
