"""Reading the records of one aggregate inside a unit of work, by id or key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from mimcore.domain.declaring.entity import Entity
from mimcore.errors import NotFoundError, nearest
from mimcore.repositories.ports import Repository
from mimcore.values.identifiers import as_id, is_key

if TYPE_CHECKING:
    from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Records", "not_found"]

E = TypeVar("E", bound=Entity)


def not_found(what: str, key: str, known: Iterable[str], *, where: str = "in this store") -> NotFoundError:
    """Return the error for a key that stands for nothing, with the nearest one that does.

    Args:
        what: Kind of record, in the singular.
        key: What was asked for; shown only if it is a key, and so no personal value.
        known: Keys in use.
        where: Where there is none.
    """
    named = f"'{key}'" if is_key(key) else "of that key"
    return NotFoundError(f"there is no {what} {named} {where}{nearest(key, known)}")


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
            raise self._missing(reference)
        return found

    def _missing(self, reference: E | UUID | str) -> NotFoundError:
        what = self._kind.__name__.lower()
        if isinstance(reference, str) and hasattr(self._repository, "with_key"):
            return not_found(what, reference, [getattr(one, "key", "") for one in self.all()])
        return NotFoundError(f"there is no {what} of that id in this store: a new one is stored with work.add(...)")

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
