"""Which bits are whose: every segment has a run of bits, one for each alternative of its rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mimcore.rules.evaluation.evaluator import Answer

__all__ = ["Numbering"]


class Numbering:
    """Runs of bits by the key of their segment; it never changes, so answers may keep it."""

    __slots__ = ("_ends", "_keys", "_runs", "size", "unused")

    def __init__(self) -> None:
        """Start with no bits."""
        self._runs: dict[str, tuple[int, int]] = {}
        self._keys: list[str] = []
        self._ends: list[int] = []
        self.unused = self.size = 0

    def edited(self, gone: Iterable[str], new: Mapping[str, int]) -> Numbering:
        """Return another numbering: the bits of those who leave stay unused, new runs are put at the end.

        Args:
            gone: Keys whose runs end.
            new: Numbers of bits by key.
        """
        made = Numbering()
        made._runs, made._keys, made._ends = dict(self._runs), self._keys.copy(), self._ends.copy()
        made.unused, made.size = self.unused, self.size
        for key in gone:
            made.unused |= self.mask(key)
            del made._runs[key]
        for key, length in new.items():
            made._runs[key] = (made.size, length)
            made._keys += [key] * length
            made.size += length
            made._ends += [made.size] * length
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

    def text(self, mask: int) -> str:
        """Return bits as text, the first bit first."""
        return format(mask, f"0{self.size}b")[::-1] if self.size else ""

    def slice(self, key: str) -> slice:
        """Return where in the text of bits a segment's stand."""
        start, length = self._runs[key]
        return slice(start, start + length)

    def keys_outside(self, mask: int) -> list[str]:
        """Return the keys of the segments with a bit that is not set, each once.

        Args:
            mask: Bits; unused ones are set.
        """
        keys, ends = self._keys, self._ends
        find = self.text(mask).find
        found: list[str] = []
        at = find("0")
        while at >= 0:
            found.append(keys[at])
            at = find("0", ends[at])
        return found

    def answer(self, key: str, not_true: int, false: int) -> Answer:
        """Return the answer of one segment.

        Args:
            key: Its key.
            not_true: The alternatives that are not true.
            false: Those that are false.
        """
        run = self.mask(key)
        if run & ~not_true:
            return True
        return None if run & ~false else False
