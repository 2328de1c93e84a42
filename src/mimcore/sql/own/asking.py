"""`mim.where` and `mim.to_sql`: a rule as a condition on tables that are not mimcore's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, true

from mimcore.errors import InvalidValueError
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule, as_rule
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import negate
from mimcore.rules.lowering.references import referring
from mimcore.sql.conditions.compiler import compile_rule
from mimcore.sql.expressions.statement_text import statement_text
from mimcore.sql.own.column_map import OwnMap
from mimcore.sql.own.tables import TableColumns
from mimcore.values.instants import as_instant, as_zone

__all__ = ["to_sql", "where"]

Answer = Literal["true", "false", "unknown"]


def where(
    rule: Rule,
    columns: TableColumns,
    *,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    attributes: Iterable[Field] = (),
    verdict: Answer = "true",
) -> ColumnElement[bool]:
    """Return a rule as a condition on your own tables, for the `where` of any select.

    Args:
        rule: Any rule about what the map holds.
        columns: What `mim.columns(...)` returned.
        now: The instant of the question, aware; needed by rules about time, age or events.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        segments: Rules by key, for rules that refer to segments.
        attributes: Custom attributes that the rule may mention beside the mapped ones.
        verdict: Whose condition it is: those of whom the rule is `"true"`, `"false"`, or cannot be decided.

    Returns:
        A condition of SQLAlchemy; its constants are bound parameters.

    Raises:
        UnsupportedConditionError: If the rule asks for what the map does not hold.
        MissingFactsError: If it needs `now` or segments.

    Examples:
        >>> from sqlalchemy import Column, MetaData, Table, Text, select
        >>> from mimcore import fields as f
        >>> from mimcore.sql.own.tables import columns
        >>> customer = Table("customer", MetaData(), Column("id", Text), Column("land", Text))
        >>> danish = where(f.contact.country == "DK", columns(customer, {f.contact.country: customer.c.land}))
        >>> print(select(customer.c.id).where(danish))
        SELECT customer.id
        FROM customer
        WHERE customer.land = :land_1
    """
    if not isinstance(columns, TableColumns):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InvalidValueError("columns", "is no map of columns", "give what mim.columns(...) returned")
    binding = Binding(
        now=None if now is None else as_instant(now, "now"),
        zone=as_zone(zone),
        segment=referring(segments),
    ).knowing([*attributes, *columns.custom])
    bound = bind(as_rule(rule, "rule"), binding)
    own = OwnMap(columns, None if now is None else binding.today("age"))
    if verdict == "true":
        return compile_rule(bound, own)
    others = compile_rule(negate(bound), own)
    if verdict == "false":
        return others
    return and_(compile_rule(bound, own).is_not(true()), others.is_not(true()))


def to_sql(
    rule: Rule,
    columns: TableColumns,
    *,
    dialect: Literal["postgresql", "sqlite"],
    paramstyle: str | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    attributes: Iterable[Field] = (),
    verdict: Answer = "true",
) -> tuple[str, Any]:
    """Return a rule as the text of an SQL condition with its parameters, for Django, psycopg, sqlite3 and the like.

    The text goes after `WHERE`; it names columns with their table. No constant of the rule is in it.

    Args:
        rule: As in `mim.where`.
        columns: As in `mim.where`.
        dialect: The engine.
        paramstyle: How parameters are marked: `"format"` (`%s`), `"pyformat"` (`%(name)s`), on PostgreSQL also
            `"numeric_dollar"` (`$1`, for asyncpg), on SQLite also `"qmark"` (`?`) and `"named"` (`:name`).
            Unless given, `"format"` on PostgreSQL, `"qmark"` on SQLite.
        now: As in `mim.where`.
        zone: As in `mim.where`.
        segments: As in `mim.where`.
        attributes: As in `mim.where`.
        verdict: As in `mim.where`.

    Returns:
        The text, and its parameters: a list where they are told by place, a dict where by name.

    Raises:
        UnsupportedConditionError: If the rule asks for what the map does not hold, or the engine cannot do.
        InvalidValueError: If there is no such dialect, or it has no such style of parameters.

    Examples:
        >>> from sqlalchemy import Column, MetaData, Table, Text
        >>> from mimcore import fields as f
        >>> from mimcore.sql.own.tables import columns
        >>> customer = Table("customer", MetaData(), Column("land", Text))
        >>> to_sql(f.contact.country == "DK", columns(customer, {f.contact.country: customer.c.land}), dialect="sqlite")
        ('customer.land = ?', ['DK'])
    """
    condition = where(rule, columns, now=now, zone=zone, segments=segments, attributes=attributes, verdict=verdict)
    return statement_text(condition, columns.source, dialect, paramstyle)
