"""Peak memory of one job, each in a fresh process: what the job adds to the resident set at its highest."""

from __future__ import annotations

import resource
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Any

__all__ = ["peak_and_seconds", "peak_megabytes"]


def peak_megabytes(job: Callable[..., Callable[[], object]], *arguments: Any) -> float:
    """Return how much the peak of the resident set grew.

    Args:
        job: A function of a module; it prepares and returns what is measured.
        *arguments: Of the job.
    """
    return peak_and_seconds(job, *arguments)[0]


def peak_and_seconds(job: Callable[..., Callable[[], object]], *arguments: Any) -> tuple[float, float]:
    """Return how much the peak grew and how much processor time the job took, for jobs too long to run twice."""
    context = get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(writer, job, arguments))
    process.start()
    measured: tuple[float, float] = reader.recv()
    process.join()
    return measured


def _measured(writer: Connection, job: Callable[..., Callable[[], object]], arguments: tuple[Any, ...]) -> None:
    run = job(*arguments)
    before, started = _peak(), process_time()
    run()
    writer.send((_peak() - before, process_time() - started))


def _peak() -> float:
    """Highest resident set so far, in MB; on Linux `ru_maxrss` starts at the parent's, the kernel's mark does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
