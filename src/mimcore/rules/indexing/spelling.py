"""What the bits of a large number stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, count
from operator import add
from typing import Generic, TypeVar

__all__ = ["Spelling"]

T = TypeVar("T")


class Spelling(Generic[T]):
    """Names of bits."""

    __slots__ = ("_names", "_top")

    def __init__(self, names: Sequence[T]) -> None:
        """Name bits.

        Args:
            names: What each bit stands for, the lowest first; several may stand for the same.
        """
        self._names, self._top = names[::-1], 1 << len(names)

    def of(self, bits: int) -> Iterator[T]:
        """Return what the bits that are set stand for.

        Written in binary, a few ones stand among many zeros; how many lie between them is found without a loop.

        Args:
            bits: Each has a name.
        """
        zeros = bin(bits | self._top).split("1")[1:-1]
        return map(self._names.__getitem__, map(add, accumulate(map(len, zeros)), count()))
