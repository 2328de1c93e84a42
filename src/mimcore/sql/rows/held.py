"""Rows that are kept as the driver gave them, and become records when somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID

__all__ = ["Held"]

T = TypeVar("T")


class Held(Mapping[UUID, T]):
    """Records by id, each made once, when it is first asked for; needs no transaction any more."""

    def __init__(self, rows: dict[UUID, Any], make: Callable[[Any], T]) -> None:
        """Hold rows.

        Args:
            rows: What each record is made of, by its id; the mapping takes it over.
            make: Makes a record.
        """
        self._rows, self._make = rows, make
        self._made: dict[UUID, T] = {}

    def __getitem__(self, key: UUID) -> T:
        """Return a record."""
        if key not in self._made:
            self._made[key] = self._make(self._rows[key])
        return self._made[key]

    def __iter__(self) -> Iterator[UUID]:
        """Iterate over the ids."""
        return iter(self._rows)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        """Whether there is one, without making it."""
        return key in self._rows

    def __reduce__(self) -> tuple[type[dict[UUID, T]], tuple[dict[UUID, T]]]:
        """Copy and pickle as the records that they stand for."""
        return dict, (dict(self),)
