"""What the bits of a large number stand for, read sixteen at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, compress
from operator import getitem
from struct import Struct
from typing import Generic, TypeVar

__all__ = ["Spelling"]

T = TypeVar("T")


class Spelling(Generic[T]):
    """Names of bits; those of a few bits side by side are put together when they are first met."""

    __slots__ = ("_read", "_size", "_words")

    def __init__(self, size: int, name: Callable[[int], T]) -> None:
        """Name bits.

        Args:
            size: How many there are.
            name: Returns what a bit stands for; several may stand for the same.
        """
        self._words = [_Word(at, name) for at in range(0, size, 16)]
        self._size = 2 * len(self._words)
        self._read = Struct(f"<{len(self._words)}H").unpack

    def of(self, bits: int) -> Iterator[T]:
        """Return what the bits that are set stand for, perhaps one thing several times.

        Args:
            bits: None of them is beyond the size.
        """
        words = self._read(bits.to_bytes(self._size, "little"))
        return chain.from_iterable(map(getitem, compress(self._words, words), filter(None, words)))


class _Word(dict[int, tuple[T, ...]]):
    """What sixteen bits stand for, by those that are set."""

    __slots__ = ("_first", "_name")

    def __init__(self, first: int, name: Callable[[int], T]) -> None:
        super().__init__()
        self._first, self._name = first, name

    def __missing__(self, word: int) -> tuple[T, ...]:
        names = (self._name(self._first + bit) for bit in range(16) if word >> bit & 1)
        found = self[word] = tuple(dict.fromkeys(names))
        return found
