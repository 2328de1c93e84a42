"""One writer at a time among the tasks of an event loop: the queue of an asynchronous store with one writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mimcore.errors import StoreError

__all__ = ["AsyncTurn"]


class AsyncTurn:
    """The turn among tasks, first come, first served. Whoever waits for it lets the others work.

    It is taken within `sqlalchemy.util.greenlet_spawn`. Whoever has it may pass it on from another task; a waiting task
    that is cancelled leaves the queue.
    """

    def __init__(self, wait_seconds: float) -> None:
        """Start with nobody writing.

        Args:
            wait_seconds: How long `take` waits.
        """
        self._wait_seconds = wait_seconds
        self._lock = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None

    def take(self) -> Callable[[], None]:
        """Wait for the turn, and return what passes it on.

        Raises:
            StoreError: If this task is writing already, or another one writes for longer than allowed, or there is no
                greenlet.
        """
        from sqlalchemy.util import await_only

        from mimcore.sql.connection.engines import require_greenlet

        require_greenlet()
        if self._writer is not None and self._writer is asyncio.current_task():
            raise StoreError("this task is writing already: end that transaction before another one begins")
        await_only(self._wait())
        return self._pass_on

    async def _wait(self) -> None:
        has_waited_too_long = False
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._lock.acquire()
        except TimeoutError:
            has_waited_too_long = True
        if has_waited_too_long:
            raise StoreError(f"another transaction has been writing for {self._wait_seconds:g} s: end it first")
        self._writer = asyncio.current_task()

    def _pass_on(self) -> None:
        self._writer = None
        self._lock.release()
