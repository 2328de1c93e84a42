"""The custom attributes of a store: declaring them, and looking at what is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mimcore.domain.custom.attributes import CustomAttribute, widened
from mimcore.domain.custom.fields import declaration_of
from mimcore.errors import ConflictError, StaleVersionError
from mimcore.repositories.reading import not_found
from mimcore.rules.language.catalogue import Catalogue, default_catalogue
from mimcore.rules.writing.fields import Field

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["AttributesAccessor"]

_ATTEMPTS = 5


class AttributesAccessor:
    """Declared custom attributes; each call is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def declare(self, *attributes: Field | CustomAttribute) -> tuple[CustomAttribute, ...]:
        """Declare custom attributes, so that contacts and accounts may have values of them.

        Declaring the same again changes nothing, so an application may do it whenever it starts. More options, a
        description, an index, and marks of personal data are added to what is stored; nothing is ever taken away. All
        attributes of one call are declared, or none.

        Args:
            *attributes: What `mim.attribute(...)` returned.

        Returns:
            The declarations as they are stored, in the given order.

        Raises:
            InvalidValueError: If a declaration contradicts the stored one: another kind, group or half-life, or options
                that leave a stored one out.
            ConflictError: If others kept changing the same declarations.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> tier = mim.attribute("loyalty_tier", options=["none", "silver", "gold"])
            >>> store.attributes.declare(tier)[0].version, store.attributes.declare(tier)[0].version
            (1, 1)
        """
        wanted = [declaration_of(one) for one in attributes]
        for _ in range(_ATTEMPTS):
            try:
                return self._declared(wanted)
            except StaleVersionError:
                continue
        raise ConflictError("others keep changing these declarations: declare again")

    def _declared(self, wanted: list[CustomAttribute]) -> tuple[CustomAttribute, ...]:
        # Nobody's name stands on a declaration, so a store without a default actor need not be told who declares.
        with self._store.begin(actor="declaration") as work:
            port = work.transaction.attributes
            stored = {one.field_name: one for one in port.all()}
            for one in wanted:
                known = stored.get(one.field_name)
                new = (
                    one.evolve(declared_at=work.origin.recorded_at, version=1) if known is None else widened(known, one)
                )
                if new != known:
                    port.put(new)
                stored[one.field_name] = new
        return tuple(stored[one.field_name] for one in wanted)

    def all(self) -> tuple[CustomAttribute, ...]:
        """Return every declaration, in order of field names."""
        with self._store.read() as work:
            return tuple(work.transaction.attributes.all())

    def catalogue(self) -> Catalogue:
        """Return the fields that rules may mention in this store as it is now, for `mim.Rule.from_json`.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> points = mim.attribute("points", kind="integer")
            >>> _ = store.attributes.declare(points)
            >>> text = (points >= 7).to_json()
            >>> mim.Rule.from_json(text, catalogue=store.attributes.catalogue()) == (points >= 7)
            True
        """
        return default_catalogue().extended(one.spec for one in self.all())

    def get(self, name: str) -> CustomAttribute:
        """Return a declaration; `mim.attribute` of the same kind and name, or its `field`, builds rules about it.

        Args:
            name: Short name (of a contact's attribute, if an account has one of that name, too), or the canonical name.

        Raises:
            NotFoundError: If there is none, with the nearest name.
        """
        declared = {one.field_name: one for one in self.all()}
        for candidate in (name, f"contact.custom.{name}", f"account.custom.{name}"):
            if candidate in declared:
                return declared[candidate]
        names = [one.name for one in declared.values()]
        raise not_found("attribute", name, [*names, *declared])
