"""A condition of SQLAlchemy as text and parameters, for whoever runs SQL without SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Dialect, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler
from sqlalchemy.sql.selectable import FromClause

from mimcore.errors import InvalidValueError, nearest
from mimcore.sql.expressions.elements import ONE

__all__ = ["statement_text"]

_STYLES: dict[str, dict[str, Callable[..., Dialect]]] = {
    "postgresql": {
        "format": PGDialect_psycopg,
        "pyformat": PGDialect_psycopg,
        "numeric_dollar": PGDialect_asyncpg,
    },
    "sqlite": dict.fromkeys(("qmark", "named", "format", "pyformat"), SQLiteDialect_pysqlite),
}
"""The first style of each engine is the usual one."""

_BEFORE = "\nWHERE "


def statement_text(
    condition: ColumnElement[bool], source: FromClause, dialect: str, paramstyle: str | None
) -> tuple[str, Any]:
    """Write a condition.

    Args:
        condition: What follows WHERE.
        source: The table that it is about: subqueries refer to it.
        dialect: Name of the engine.
        paramstyle: How parameters are marked; None for the engine's usual way.

    Returns:
        Text, and parameters as drivers take them: a list by place or a dict by name.

    Raises:
        InvalidValueError: If there is no such dialect or style.
    """
    engine = _engine(dialect, paramstyle)
    # Only inside a statement does a subquery know the tables round it.
    compiled: Any = select(ONE).select_from(source).where(condition).compile(dialect=engine)
    whole: ExpandedState = compiled.construct_expanded_state()
    text = whole.statement.partition(_BEFORE)[2]
    values = _values(compiled, whole, engine)
    return text, values if whole.positiontup is None else [values[name] for name in whole.positiontup]


def _engine(dialect: str, paramstyle: str | None) -> Dialect:
    if dialect not in _STYLES:
        raise InvalidValueError("dialect", f"is not known{nearest(str(dialect), _STYLES)}", "postgresql or sqlite")
    styles = _STYLES[dialect]
    style = next(iter(styles)) if paramstyle is None else paramstyle
    if style not in styles:
        raise InvalidValueError("paramstyle", f"is none of {dialect}", f"one of {', '.join(styles)}")
    return styles[style](paramstyle=style)


def _values(compiled: SQLCompiler, whole: ExpandedState, engine: Dialect) -> dict[str, Any]:
    """Return the parameters as the driver takes them."""
    origin = {one: name for name, several in whole.parameter_expansion.items() for one in several}
    return {
        name: _sent(compiled.binds[origin.get(name, name)], value, engine) for name, value in whole.parameters.items()
    }


def _sent(bind: BindParameter[Any], value: Any, engine: Dialect) -> Any:
    process = bind.type.dialect_impl(engine).bind_processor(engine)
    return value if process is None else process(value)
