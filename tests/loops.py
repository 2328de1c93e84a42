"""A back end behind an event loop: every call of the synchronous contract goes through an asynchronous driver."""

from __future__ import annotations

import asyncio
import threading
from itertools import islice

from sqlalchemy.util import greenlet_spawn


class LoopThread:
    """An event loop in a thread of its own; `call` runs something synchronous there, in a greenlet."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, function, *args, **kwargs):
        """Return its answer, or raise its error, in this thread."""
        return self.run(greenlet_spawn(function, *args, **kwargs))

    def run(self, coroutine):
        """Return a coroutine's answer."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self):
        """Stop the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


class LoopBackend:
    """A back end whose every call hops onto a loop."""

    def __init__(self, loop, opened):
        self._loop = loop
        self._inner = loop.call(opened)
        self.name = self._inner.name

    def begin(self, *, is_read_only=False):
        """Open a transaction; its repositories hop, too."""
        return _Hopping(self._loop, self._loop.call(self._inner.begin, is_read_only=is_read_only))

    def setting(self, name):
        """Return a setting."""
        return self._loop.call(self._inner.setting, name)

    def set_setting(self, name, value):
        """Store a setting."""
        self._loop.call(self._inner.set_setting, name, value)

    def add_setting(self, name, value):
        """Store a setting unless there is one."""
        return self._loop.call(self._inner.add_setting, name, value)

    def close(self):
        """Close it."""
        self._loop.call(self._inner.close)


class _Hopping:
    def __init__(self, loop, inner):
        self._loop, self._inner = loop, inner

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if type(found).__module__.startswith("mimcore.sql"):
            return _Hopping(self._loop, found)
        return self._hop(found) if callable(found) else found

    def _hop(self, method):
        def hopped(*args, **kwargs):
            ready = [list(one) if hasattr(one, "__next__") else one for one in args]
            answer = self._loop.call(method, *ready, **kwargs)
            return self._read(answer) if hasattr(answer, "__next__") else answer

        return hopped

    def _read(self, items):
        try:
            while chunk := self._loop.call(lambda: list(islice(items, 100))):
                yield from chunk
        finally:
            if hasattr(items, "close"):
                self._loop.call(items.close)
