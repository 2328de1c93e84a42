"""Reading the records of one aggregate inside a unit of work, by id or key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from mimcore.domain.entity import Entity
from mimcore.errors import NotFoundError
from mimcore.repositories.ports import Repository
from mimcore.values.identifiers import as_id

if TYPE_CHECKING:
    from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Records"]

E = TypeVar("E", bound=Entity)


class Records(Generic[E]):
    """Reading one aggregate by id or key."""

    def __init__(self, work: UnitOfWork, kind: type[E], repository: Repository[E]) -> None:
        """Read through a unit of work.

        Args:
            work: The open unit of work.
            kind: The aggregate.
            repository: Its port.
        """
        self._work, self._kind, self._repository = work, kind, repository

    def get(self, reference: E | UUID | str) -> E:
        """Return the stored record of an object, an id, or a key.

        Raises:
            NotFoundError: If there is none.
        """
        found = self.find_one(reference)
        if found is None:
            raise NotFoundError(f"there is no {self._kind.__name__.lower()} of that id or key in this store")
        return found

    def find_one(self, reference: E | UUID | str) -> E | None:
        """Return the stored record of an object, an id or a key, or None."""
        self._work.alive()
        with_key: Callable[[str], E | None] | None = getattr(self._repository, "with_key", None)
        if isinstance(reference, str) and with_key is not None:
            return with_key(reference)
        wanted = as_id(reference, self._kind.__name__.lower())
        return self._repository.get_many([wanted]).get(wanted)

    def get_all(self, references: Iterable[E | UUID | str]) -> tuple[E, ...]:
        """Return the stored records of objects or ids, in the given order, read at once.

        Raises:
            NotFoundError: If one of them is not stored.
        """
        self._work.alive()
        ids = [as_id(one, self._kind.__name__.lower()) for one in references]
        found = self._repository.get_many(ids)
        if any(one not in found for one in ids):
            raise NotFoundError(f"there is no {self._kind.__name__.lower()} of one of these ids in this store")
        return tuple(found[one] for one in ids)

    def get_many(self, references: Iterable[E | UUID | str]) -> dict[UUID, E]:
        """Return the stored records of objects or ids by id; those that are not stored are left out.

        Archived and merged records are among them; `get_all` refuses what is not stored.
        """
        self._work.alive()
        return self._repository.get_many(dict.fromkeys(as_id(one, self._kind.__name__.lower()) for one in references))

    def all(self) -> tuple[E, ...]:
        """All records, ordered by id."""
        self._work.alive()
        return tuple(self._repository.all())
