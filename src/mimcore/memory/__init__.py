"""The in-memory store: a supported back end, for tests, notebooks and small jobs; nothing outlives the process."""

from __future__ import annotations

from mimcore.memory.backend import InMemoryBackend

__all__ = ["InMemoryBackend"]
