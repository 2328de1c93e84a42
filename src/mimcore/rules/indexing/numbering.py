"""Which bits are whose: every segment has a run of bits, one for each alternative of its rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mimcore.rules.evaluation.evaluator import Answer
from mimcore.rules.indexing.spelling import Spelling

__all__ = ["Numbering"]


class Numbering:
    """Runs of bits by the key of their segment; it never changes, so answers may keep it."""

    __slots__ = ("_keys", "_runs", "_spelling", "_whole", "size", "unused")

    def __init__(self) -> None:
        """Start with no bits."""
        self._runs: dict[str, tuple[int, int]] = {}
        self._keys: list[str] = []
        self._spelling: Spelling[str] | None = None
        self.unused = self.size = self._whole = 0

    def edited(self, gone: Iterable[str], new: Mapping[str, int]) -> Numbering:
        """Return another numbering: the bits of those who leave stay unused, new runs are put at the end.

        Args:
            gone: Keys whose runs end.
            new: Numbers of bits by key.
        """
        made = Numbering()
        made._runs, made._keys = dict(self._runs), self._keys.copy()
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

    def bits(self, key: str) -> range:
        """Return the bits of a segment, by their numbers."""
        start, length = self._runs[key]
        return range(start, start + length)

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
        spelling = self._spelling
        if spelling is None:
            spelling = self._spelling = Spelling(self._keys)
        return frozenset(spelling.of(self._whole ^ (mask & self._whole)))

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
