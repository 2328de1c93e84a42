"""Declarations of custom attributes, in memory."""

from __future__ import annotations

from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.errors import StaleVersionError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables

__all__ = ["InMemoryAttributeRepository"]


class InMemoryAttributeRepository:
    """Declarations of custom attributes."""

    def __init__(self, session: Session, tables: Tables) -> None:
        """Stand over the tables."""
        self._session, self._tables = session, tables

    def all(self) -> list[CustomAttribute]:
        """Return all declarations, in order of their field names."""
        return [one for _, one in sorted(self._session.rows(self._tables.attributes).items())]

    def put(self, attribute: CustomAttribute) -> None:
        """Store a declaration: version 1 is new, a later one replaces the version before it.

        Raises:
            StaleVersionError: If somebody else declared it, or changed its declaration, meanwhile.
        """
        stored = self._session.get(self._tables.attributes, attribute.field_name)
        if (0 if stored is None else stored.version) != attribute.version - 1:
            raise StaleVersionError(f"the attribute '{attribute.name}' was declared in the meantime: read it again")
        self._session.put(self._tables.attributes, attribute.field_name, attribute)
