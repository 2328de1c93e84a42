"""An import that is killed: this process takes its own life, without any warning, after a number of rows.

Run by the story as `python -m demo.killed DATABASE FILE ROWS BATCH`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from demo.imports import CONTACTS, open_store

__all__ = ["main"]


def main(database: str, file: str, rows: str, batch: str) -> None:
    """Import until so many rows are done; then nothing more is written, closed or said."""
    done = 0

    def die(steps: int) -> None:
        nonlocal done
        done += steps
        if done >= int(rows):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    with open_store(Path(database)) as store:
        store.plan_import(file, **CONTACTS).apply(batch_size=int(batch), on_progress=die)


if __name__ == "__main__":
    main(*sys.argv[1:])
