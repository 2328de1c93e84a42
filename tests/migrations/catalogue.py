"""What a database keeps of the statements that made its tables: columns, constraints, indexes, sequences."""

from __future__ import annotations

from sqlalchemy import Connection

_POSTGRESQL = """
SELECT relname || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, collname, pg_get_expr(adbin, adrelid))
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_collation ON pg_collation.oid = attcollation
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
UNION ALL SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT sequencename, concat_ws(' ', data_type, start_value, increment_by, cycle, cache_size)
  FROM pg_sequences WHERE schemaname = 'public'
"""
_NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"


_ITS_OWN = "sqlite_"
"""Tables of SQLite itself, such as its statistics: nobody can drop them."""


def catalogue(connection: Connection) -> dict[str, str]:
    """Return names and definitions of everything, for comparing two databases of one kind."""
    if connection.dialect.name == "postgresql":
        return {name: text for name, text in connection.exec_driver_sql(_POSTGRESQL)}  # noqa: C416 - rows, not pairs
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: _normal(sql) for name, sql in rows if not name.startswith(_ITS_OWN)}


def table_names(connection: Connection) -> set[str]:
    """Return the names of the tables, and of the sequences."""
    if connection.dialect.name == "postgresql":
        return {name for (name,) in connection.exec_driver_sql(_NAMES)}
    rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows if not name.startswith(_ITS_OWN)}


def _normal(sql: str) -> str:
    """Columns and constraints of a statement without regard to the order of constraints."""
    head, _, body = " ".join(sql.replace('"', "").split()).partition("(")
    columns, *constraints = body.removesuffix(")").split(" CONSTRAINT ")
    return f"{head}({columns} {sorted(one.strip(' ,') for one in constraints)}"
