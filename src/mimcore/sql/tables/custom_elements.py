"""Values inside the JSON columns of custom attributes, as rules compare them, and the indexes over them.

The path into the JSON is part of the statement's text, never a parameter: no engine uses an index on an expression with
a bound path. That is safe because names of attributes are `[a-z][a-z0-9_]*`, which is checked once more here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Float, Index, Text, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromClause
from sqlalchemy.types import TypeDecorator, TypeEngine

from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.sql.expressions.construct import Construct
from mimcore.sql.expressions.stored_forms import Microseconds
from mimcore.sql.tables import schema
from mimcore.sql.types import Json

__all__ = ["INDEX_PREFIXES", "custom_value", "index_of", "is_custom"]

INDEX_PREFIXES = ("ix_mim_contact_custom_", "ix_mim_account_custom_")
"""What the names of the indexes begin with that declarations make; migrations know nothing of them."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FOLDED = frozenset({Kind.TEXT, Kind.TAGS, Kind.DATE, Kind.INSTANT, Kind.NUMBER})


class _IsoDate(TypeDecorator[date]):
    """A date as ISO text, which has the order of dates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write it."""
        del dialect
        return value.isoformat() if isinstance(value, date) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read it."""
        del dialect
        return None if value is None else date.fromisoformat(value)


_TYPES: dict[Kind, type[TypeEngine[Any]]] = {
    Kind.TEXT: Text,
    Kind.CODE: Text,
    Kind.DATE: _IsoDate,
    Kind.BOOLEAN: Boolean,
    Kind.INTEGER: BigInteger,
    Kind.INSTANT: Microseconds,
    Kind.NUMBER: Float,
    Kind.TAGS: Json,
    Kind.CODES: Json,
}


class _Custom(Construct[Any]):
    """A value inside a JSON column: the column, then its name as literal text. Subclasses differ on PostgreSQL."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str, kind: TypeEngine[Any]) -> None:
        super().__init__(column, literal_column(f"'{name}'"))
        self.type = kind


class _CustomText(_Custom):
    inherit_cache = True
    name = "mim_custom_text"


class _CustomDate(_Custom):
    inherit_cache = True
    name = "mim_custom_date"


class _CustomBoolean(_Custom):
    inherit_cache = True
    name = "mim_custom_boolean"


class _CustomWhole(_Custom):
    inherit_cache = True
    name = "mim_custom_whole"


class _CustomNumber(_Custom):
    inherit_cache = True
    name = "mim_custom_number"


class _CustomList(_Custom):
    inherit_cache = True
    name = "mim_custom_list"


_ELEMENTS: dict[Kind, type[_Custom]] = {
    Kind.TEXT: _CustomText,
    Kind.CODE: _CustomText,
    Kind.DATE: _CustomDate,
    Kind.BOOLEAN: _CustomBoolean,
    Kind.INTEGER: _CustomWhole,
    Kind.INSTANT: _CustomWhole,
    Kind.NUMBER: _CustomNumber,
    Kind.TAGS: _CustomList,
    Kind.CODES: _CustomList,
}


def is_custom(spec: FieldSpec) -> bool:
    """Tell whether a field is a custom attribute, so that its values are in the JSON columns."""
    return spec.name.startswith(("contact.custom.", "account.custom."))


def custom_value(table: FromClause, spec: FieldSpec) -> ColumnElement[Any]:
    """Return the value of a custom attribute as rules compare it; NULL where there is none.

    Args:
        table: `mim_contact`, `mim_account`, or an alias of it.
        spec: The attribute's field.

    Examples:
        >>> from sqlalchemy.dialects.sqlite import dialect
        >>> spec = CustomAttribute(name="tier", kind="code", options=["gold"]).spec
        >>> str(custom_value(schema.contact, spec).compile(dialect=dialect()))
        "json_extract(mim_contact.custom, '$.tier')"
    """
    if not _NAME.fullmatch(spec.short):
        raise AssertionError(spec.name)
    column = table.c["custom_folded" if spec.kind in _FOLDED else "custom"]
    return _ELEMENTS[spec.kind](column, spec.short, _TYPES[spec.kind]())


def index_of(attribute: CustomAttribute, dialect: Dialect) -> str | None:
    """Return the statement that makes the index of an attribute; None where the engine has none for its kind.

    SQLite has no index into lists.

    Args:
        attribute: The declaration.
        dialect: Of the database.
    """
    is_list = attribute.is_collection
    if is_list and dialect.name != "postgresql":
        return None
    table = schema.contact if attribute.entity == "contact" else schema.account
    value = custom_value(table, attribute.spec)
    # An Index that names a table's columns joins the table's indexes, and would be created with it from then on.
    # The id stands last, so that people with one value come in the order in which they are read.
    columns = (value,) if is_list else (table.c.tenant, value, table.c.id)
    made = Index(f"ix_{table.name}_custom_{attribute.name}", *columns)
    table.indexes.discard(made)
    if is_list:
        made.dialect_kwargs["postgresql_using"] = "gin"
    return str(CreateIndex(made, if_not_exists=True).compile(dialect=dialect))


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> tuple[str, str]:
    column, name = (compiler.process(clause, **options) for clause in element.clauses)
    return column, name.strip("'")


@compiles(_CustomText, "sqlite")
@compiles(_CustomDate, "sqlite")
@compiles(_CustomBoolean, "sqlite")
@compiles(_CustomWhole, "sqlite")
@compiles(_CustomNumber, "sqlite")
@compiles(_CustomList, "sqlite")
def _sqlite(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    column, name = _parts(element, compiler, options)
    return f"json_extract({column}, '$.{name}')"


@compiles(_CustomText, "postgresql")
def _text(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    column, name = _parts(element, compiler, options)
    return f"({column} ->> '{name}')"


@compiles(_CustomDate, "postgresql")
def _date(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    column, name = _parts(element, compiler, options)
    return f"(({column} ->> '{name}') COLLATE \"C\")"


@compiles(_CustomList, "postgresql")
def _list(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    column, name = _parts(element, compiler, options)
    return f"({column} -> '{name}')"


# Rows of another tenant, where the name may be of another kind, may be looked at before their tenant is: a plain cast
# would fail on them.


@compiles(_CustomBoolean, "postgresql")
def _boolean(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    return _guarded_cast(element, compiler, options, "boolean", "boolean")


@compiles(_CustomWhole, "postgresql")
def _whole(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    return _guarded_cast(element, compiler, options, "number", "numeric")


@compiles(_CustomNumber, "postgresql")
def _number(element: _Custom, compiler: SQLCompiler, **options: Any) -> str:
    return _guarded_cast(element, compiler, options, "number", "double precision")


def _guarded_cast(element: _Custom, compiler: SQLCompiler, options: dict[str, Any], json: str, kind: str) -> str:
    column, name = _parts(element, compiler, options)
    inside = f"jsonb_typeof({column} -> '{name}') = '{json}'"
    return f"(CASE WHEN {inside} THEN ({column} ->> '{name}')::{kind} END)"
