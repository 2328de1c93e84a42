"""Processor time of this process and of a PostgreSQL server together, from /proc: Linux only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

import psycopg

from benchmarks.stores.tables import conninfo

__all__ = ["both_clock"]
_PROC, _TICKS = Path("/proc"), os.sysconf("SC_CLK_TCK")
_PARENT, _USED, _ENDED = 1, slice(11, 13), slice(13, 15)
"""Places after the name in `stat`: the parent, the processor time used, and that used by children that have ended."""


def both_clock(url: str) -> Callable[[], float]:
    """Return a clock.

    Args:
        url: Address of a database of the server.
    """
    with psycopg.connect(conninfo(url)) as raw:
        server = int(_stat(_PROC / str(raw.info.backend_pid))[_PARENT])  # as long as the backend lives
    return lambda: process_time() + _used(server) / _TICKS


def _used(server: int) -> int:
    """Return the ticks of a server and its children: those that run, and those that have ended."""
    while True:
        own = _stat(_PROC / str(server))
        running = (_stat(path) for path in _PROC.iterdir() if path.name.isdigit())
        children = [one for one in running if one and int(one[_PARENT]) == server]
        if _stat(_PROC / str(server))[_ENDED] == own[_ENDED]:  # none has ended while they were counted
            return sum(map(int, (*own[_USED], *own[_ENDED]))) + sum(
                int(tick) for one in children for tick in one[_USED]
            )


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
