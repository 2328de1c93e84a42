"""Declarations of custom attributes in SQL: a document each, its half-life pool, and the index that it asks for."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.errors import StaleVersionError
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.upsert import insert_or_ignore, insert_or_replace
from mimcore.sql.connection.wire import Prepared, Wire
from mimcore.sql.tables.custom_elements import index_of
from mimcore.sql.tables.schema_work import attribute_declaration as table
from mimcore.sql.tables.schema_work import half_life

__all__ = ["SqlAttributeRepository"]


class SqlAttributeRepository:
    """Declarations of custom attributes."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the table within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire

    def all(self) -> list[CustomAttribute]:
        """Return all declarations, in order of their field names."""
        read = self._wire.codec.get_json
        return [CustomAttribute(**read(row[0])) for row in self._wire.rows_once(_ALL)]

    def put(self, attribute: CustomAttribute) -> None:
        """Store a declaration: version 1 is new, a later one replaces the version before it.

        Raises:
            StaleVersionError: If somebody else declared it, or changed its declaration, meanwhile.
        """
        wire, name = self._wire, attribute.field_name
        document = wire.codec.put_json(attribute.model_dump(mode="json", exclude_defaults=True))
        if attribute.version == 1:
            touched = wire.write_rows(_ADD, [(wire.tenant, name, 1, document)])
        else:
            touched = wire.write_rows(
                _CHANGE, [(attribute.version, document, wire.tenant, name, attribute.version - 1)]
            )
        if not touched:
            raise StaleVersionError(f"the attribute '{attribute.name}' was declared in the meantime: read it again")
        if attribute.half_life_days is not None:
            wire.write_many(_KEEP_POOL, [(wire.tenant, attribute.pool, attribute.half_life_days)])
        if attribute.is_indexed:
            self._index(attribute)

    def _index(self, attribute: CustomAttribute) -> None:
        made = index_of(attribute, self._wire.connection.dialect)
        if made is not None:
            self._wire.run(made)


_ALL = Prepared(select(table.c.document).where(owned(table)).order_by(table.c.name))
_ADD = Prepared(insert_or_ignore(table), tuple(table.c.keys()))
_CHANGE = Prepared(
    update(table)
    .where(owned(table, table.c.name == bindparam("at_name"), table.c.version == bindparam("at_version")))
    .values(version=bindparam("new_version"), document=bindparam("new_document"))
)
_KEEP_POOL = Prepared(insert_or_replace(half_life), tuple(half_life.c.keys()))
