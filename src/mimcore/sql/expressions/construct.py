"""What every SQL construct of our own shares: it prints without a database, and other databases are refused."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler, StrSQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from mimcore.errors import UnsupportedConditionError

__all__ = ["Construct"]

T = TypeVar("T")


class Construct(FunctionElement[T]):
    """A construct that SQLAlchemy has no word for; each says how SQLite and how PostgreSQL write it."""

    inherit_cache = True
    name = "mim_construct"


@compiles(Construct)
def _shown(element: Construct[Any], compiler: SQLCompiler, **options: Any) -> str:
    if isinstance(compiler, StrSQLCompiler):  # `print(statement)`: nobody runs that
        return f"{element.name}({', '.join(compiler.process(clause, **options) for clause in element.clauses)})"
    raise UnsupportedConditionError(
        f"this condition is written in SQL for SQLite and PostgreSQL, not for {compiler.dialect.name}"
    )
