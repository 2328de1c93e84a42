"""Any number of refused rows in little memory: the first ones as they are, the others on a shelf."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from mimcore.capture.importing.rejects import Reject, RowProblem
from mimcore.capture.importing.shelf import KEPT, Shelf
from mimcore.repositories.portions import portions

__all__ = ["RejectPile"]

_AT_ONCE = 1000


class RejectPile(Sequence[Reject]):
    """Refused rows in the order in which they were added."""

    def __init__(self) -> None:
        """Begin empty."""
        self._first: list[Reject] = []
        self._shelf: Shelf | None = None
        self._size = 0

    def add(self, rejects: Iterable[Reject]) -> None:
        """Add refused rows at the end.

        Args:
            rejects: In order.

        Raises:
            CaptureError: If there is no room on disk for those that do not stay in memory.
        """
        some = list(rejects)
        room = max(0, KEPT - self._size)
        self._first += some[:room]
        if rest := some[room:]:
            self._shelf = self._shelf or Shelf()
            start = self._size + len(some) - len(rest)
            self._shelf.put((), ((_name(at), _text(one)) for at, one in enumerate(rest, start)))
        self._size += len(some)

    @overload
    def __getitem__(self, index: int) -> Reject: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Reject]: ...

    def __getitem__(self, index: int | slice) -> Reject | Sequence[Reject]:
        """Return one or some of them."""
        places = range(self._size)[index]
        return tuple(self._at(places)) if isinstance(places, range) else next(self._at([places]))

    def __iter__(self) -> Iterator[Reject]:
        """Go through all of them."""
        return self._at(range(self._size))

    def __len__(self) -> int:
        """Return how many there are."""
        return self._size

    def _at(self, places: Iterable[int]) -> Iterator[Reject]:
        for some in portions(places, _AT_ONCE):
            names = [_name(at) for at in some if at >= len(self._first)]
            found = self._shelf.records(names) if self._shelf is not None and names else {}
            for at in some:
                yield self._first[at] if at < len(self._first) else _read(found[_name(at)])


def _name(place: int) -> bytes:
    return place.to_bytes(8, "big")


def _text(one: Reject) -> bytes:
    problems = [(told.column, told.code, told.reason, told.remedy) for told in one.problems]
    return json.dumps((one.row, one.line, problems)).encode()


def _read(text: bytes) -> Reject:
    row, line, problems = json.loads(text)
    told: list[Any] = problems
    return Reject(row, line, tuple(RowProblem(*one) for one in told))
