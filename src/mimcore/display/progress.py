"""Progress of a long step: one redrawn line on a terminal, a few plain lines anywhere else.

The clock and the stream are given. There are no threads: a line is written when something has been done. Progress
never stops the work: a stream that can no longer be written to is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO, TypeVar

from mimcore.display.markup import clean
from mimcore.display.numbers import THIN, count, duration
from mimcore.display.widths import truncate, width_of
from mimcore.errors import InvalidValueError

__all__ = ["Progress"]

T = TypeVar("T")

_REDRAW_SECONDS = 0.1
_QUARTERS = (0, 25, 50, 75, 100)
_ERASE = "\r\x1b[K"


class Progress:
    """Tells how far a step has come, how fast it is and how long it will take.

    Use it round an iterable, or as a context in which `advance` is called. An exception in the step leaves one clean
    line that says where it stopped, and goes on its way.

    Examples:
        >>> import io
        >>> out, ticks = io.StringIO(), iter(range(100))
        >>> progress = Progress(4, "Import", stream=out, clock=lambda: float(next(ticks)))
        >>> for row in progress("abcd"):
        ...     pass
        >>> print(out.getvalue().replace("\u202f", " "), end="")
        Import: 0 of 4 (0 %)
        Import: 1 of 4 (25 %)
        Import: 2 of 4 (50 %)
        Import: 3 of 4 (75 %)
        Import: 4 in 4.0 s (1.0 per second)
    """

    def __init__(
        self, total: int | None, label: str, *, stream: TextIO, clock: Callable[[], float], width: int = 79
    ) -> None:
        """Begin nothing yet; the clock is read when the step begins.

        Args:
            total: How many things there are to do, 0 or more; `None` if nobody knows, or to take the length of the
                iterable where it has one.
            label: What is being done.
            stream: Where the lines go, usually `sys.stderr`.
            clock: Returns seconds that never go back, usually `time.monotonic`.
            width: Columns of the terminal; a line is never longer.

        Raises:
            InvalidValueError: The total is negative.
        """
        if total is not None and total < 0:
            raise InvalidValueError("total", "must not be negative", "give None if it is not known")
        self._total = total
        self._label = clean(label)
        self._stream = stream
        self._clock = clock
        self._width = max(20, width)
        self._live = stream.isatty()
        self._began = self._drawn = 0.0
        self._done = 0
        self._told = -1

    @property
    def done(self) -> int:
        """How many things have been done."""
        return self._done

    def __call__(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, and count each as done when the next one is asked for.

        Args:
            items: What is to be done.
        """
        if self._total is None and isinstance(items, Sized):
            self._total = len(items)
        with self:
            for item in items:
                yield item
                self.advance()

    def __enter__(self) -> Self:
        """Start the clock and write the first line."""
        self._done, self._told = 0, -1
        self._began = self._drawn = self._clock()
        self._tell(self._began)
        return self

    def advance(self, steps: int = 1) -> None:
        """Count things as done, and write a line if it is time for one.

        Args:
            steps: How many, 0 or more.
        """
        self._done += steps
        if self._live:
            now = self._clock()
            if now - self._drawn >= _REDRAW_SECONDS:
                self._tell(now)
        elif self._quarter() > self._told and self._done != self._total:
            self._tell(self._clock())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the last line: how long it took, or where it stopped."""
        spent = max(0.0, self._clock() - self._began)
        if kind is None:
            ending = f"{count(self._done)} in {duration(spent)}{self._rate(spent, ' (', ')')}"
        else:
            ending = f"stopped at {self._position()} after {duration(spent)}"
        self._write(ending, end="\n")

    def _tell(self, now: float) -> None:
        """Write how far the step has come."""
        self._drawn, self._told = now, self._quarter()
        self._write(self._position() + self._outlook(now - self._began), end="" if self._live else "\n")

    def _position(self) -> str:
        """Say how many are done, and of how many if that is known."""
        if self._total is None:
            return count(self._done)
        part = 100 * self._done // self._total if self._total else 100
        return f"{count(self._done)} of {count(self._total)} ({part}{THIN}%)"

    def _outlook(self, spent: float) -> str:
        """Say how fast it goes and how long it will take; on a terminal only, where it is redrawn."""
        if not self._live or not self._done or spent <= 0:
            return ""
        left = None if self._total is None else max(0.0, (self._total - self._done) * spent / self._done)
        return self._rate(spent, ", ", "") + ("" if left is None else f", {duration(left)} left")

    def _rate(self, spent: float, before: str, after: str) -> str:
        """Say how many are done per second."""
        if spent <= 0 or not self._done:
            return ""
        rate = self._done / spent
        return f"{before}{count(round(rate)) if rate >= 10 else f'{rate:.1f}'} per second{after}"

    def _quarter(self) -> int:
        """Return the highest of 0, 25, 50, 75 and 100 per cent that has been reached."""
        if not self._total:
            return 0
        return max(one for one in _QUARTERS if 100 * self._done >= one * self._total or one == 0)

    def _write(self, words: str, end: str) -> None:
        """Write one line in the letters that the stream has, the label cut where there is no room."""
        room = self._width - width_of(words) - 2
        line = f"{truncate(self._label, room)}: {words}" if room > 0 else truncate(words, self._width)
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        if encoding.lower().replace("-", "") != "utf8":
            line = line.replace(THIN, " ").encode(encoding, "replace").decode(encoding)
        with suppress(OSError, ValueError):  # a closed or broken stream must not end the work
            self._stream.write((_ERASE if self._live else "") + line + end)
            self._stream.flush()
