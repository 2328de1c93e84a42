"""One writer at a time: the queue of the stores that have one writer, inside one process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from mimcore.errors import StoreError

__all__ = ["ThreadTurn", "Turn"]


class Turn(Protocol):
    """Whose turn it is to write."""

    def take(self) -> Callable[[], None]:
        """Wait for the turn, and return what passes it on.

        Raises:
            StoreError: If the caller has it already, or somebody else keeps it for too long.
        """
        ...


class ThreadTurn:
    """The turn among threads. Whoever has it may pass it on from another thread."""

    def __init__(self, wait_seconds: float) -> None:
        """Start with nobody writing.

        Args:
            wait_seconds: How long `take` waits.
        """
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._writer: int | None = None

    def take(self) -> Callable[[], None]:
        """Wait for the turn, and return what passes it on.

        Raises:
            StoreError: If this thread is writing already, or another transaction writes for longer than allowed.
        """
        if self._writer == threading.get_ident():
            raise StoreError(
                "this thread is writing already: end that transaction before another one begins, which "
                "`with store.begin() as work:` does by itself"
            )
        if not self._lock.acquire(timeout=self._wait_seconds):
            raise StoreError(f"another transaction has been writing for {self._wait_seconds:g} s: end it first")
        self._writer = threading.get_ident()
        return self._pass_on

    def _pass_on(self) -> None:
        self._writer = None
        self._lock.release()
