"""Which bits are whose: every segment has a run of bits, one for each alternative of its rule."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, compress
from sys import byteorder

from mimcore.rules.evaluation.evaluator import Answer

__all__ = ["Numbering"]


class _Spelt(dict[tuple[int, int], tuple[str, ...]]):
    """The keys that 16 bits at a place stand for; worked out when they are first met."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__()
        self._keys = keys

    def __missing__(self, place: tuple[int, int]) -> tuple[str, ...]:
        at, word = place
        bits = (16 * at + bit for bit in range(16) if word >> bit & 1)
        found = self[place] = tuple({self._keys[bit] for bit in bits})
        return found


class Numbering:
    """Runs of bits by the key of their segment; it never changes, so answers may keep it."""

    __slots__ = ("_keys", "_known", "_runs", "_whole", "size", "unused")

    def __init__(self) -> None:
        """Start with no bits."""
        self._runs: dict[str, tuple[int, int]] = {}
        self._keys: list[str] = []
        self._known = _Spelt(self._keys)
        self.unused = self.size = self._whole = 0

    def edited(self, gone: Iterable[str], new: Mapping[str, int]) -> Numbering:
        """Return another numbering: the bits of those who leave stay unused, new runs are put at the end.

        Args:
            gone: Keys whose runs end.
            new: Numbers of bits by key.
        """
        made = Numbering()
        made._runs, made._keys = dict(self._runs), self._keys.copy()
        made._known = _Spelt(made._keys)
        made.unused, made.size = self.unused, self.size
        for key in gone:
            made.unused |= self.mask(key)
            del made._runs[key]
        for key, length in new.items():
            made._runs[key] = (made.size, length)
            made._keys += [key] * length
            made.size += length
        made._whole = (1 << made.size) - 1
        return made

    @property
    def used(self) -> int:
        """Number of bits in runs."""
        return self.size - self.unused.bit_count()

    def run(self, key: str) -> tuple[int, int]:
        """Return the first bit and the number of bits of a segment."""
        return self._runs[key]

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a segment of that key."""
        return key in self._runs

    def __iter__(self) -> Iterator[str]:
        """The keys."""
        return iter(self._runs)

    def mask(self, key: str) -> int:
        """Return the bits of a segment."""
        start, length = self._runs[key]
        return ((1 << length) - 1) << start

    def keys_outside(self, mask: int) -> frozenset[str]:
        """Return the keys of the segments with a bit that is not set.

        Args:
            mask: Bits; unused ones are set.
        """
        words = array("H", self.outside(mask))
        if byteorder == "big":
            words.byteswap()
        places = zip(compress(range(len(words)), words), filter(None, words), strict=True)
        return frozenset(chain.from_iterable(map(self._known.__getitem__, places)))

    def outside(self, mask: int) -> bytes:
        """Return the bits that are not set, in bytes, the first bit first."""
        return (~mask & self._whole).to_bytes(2 * (self.size // 16 + 1), "little")

    def places(self, key: str) -> list[tuple[int, int]]:
        """Return in which bytes a segment's bits are, and which bits of each byte."""
        start, length = self._runs[key]
        found: dict[int, int] = {}
        for bit in range(start, start + length):
            found[bit // 8] = found.get(bit // 8, 0) | 1 << bit % 8
        return list(found.items())

    def is_true(self, key: str, not_true: int) -> bool:
        """Tell whether one of a segment's alternatives is true.

        Args:
            key: Its key.
            not_true: The alternatives that are not true.
        """
        return bool(self.mask(key) & ~not_true)

    def answer(self, key: str, not_true: int, false: int) -> Answer:
        """Return the answer of one segment.

        Args:
            key: Its key.
            not_true: The alternatives that are not true.
            false: Those that are false.
        """
        if self.is_true(key, not_true):
            return True
        return None if self.mask(key) & ~false else False
