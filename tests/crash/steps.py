"""The steps of a piece of work, its statements and commits, and children that die at one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.engine import Engine

KILLED = 88
"""Exit code of a child that left at a step."""

Act = Callable[[int, Any], object]
"""Takes the number of the step that is about to be taken, and the connection."""


class Steps:
    """Counts statements and commits, and acts before each."""

    def __init__(self, act: Act | None = None, engine: Any = Engine) -> None:
        """Watch nothing yet; every engine of the process, unless one is given."""
        self.count, self._act, self._engine = 0, act, engine

    def __enter__(self) -> Self:
        """Begin to count."""
        event.listen(self._engine, "before_cursor_execute", self._step)
        event.listen(self._engine, "commit", self._step)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the engine alone."""
        event.remove(self._engine, "before_cursor_execute", self._step)
        event.remove(self._engine, "commit", self._step)

    def _step(self, connection: Any, *_: object) -> None:
        self.count += 1
        if self._act is not None:
            self._act(self.count, connection)


def acting_at(place: int, act: Callable[[Any], object]) -> Act:
    """Return what acts before one step only."""
    return lambda count, connection: act(connection) if count == place else None


def leaving_at(place: int) -> Act:
    """Return what leaves the process before a step, as if it had been killed there; 0 never does."""
    return acting_at(place, lambda _: os._exit(KILLED))


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a child process, and return its id at once."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """Wait for a child and return how it ended."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
