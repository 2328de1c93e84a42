"""Run the demo: `python -m demo [--out FOLDER] [--rows FILE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from demo.console import Console
from demo.data import LICENCE, DataError, read_rows, tayko_rows
from demo.story import run

__all__ = ["main"]

_HERE = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo from the command line; 0 if every figure is right, 1 if one is not, 2 without data."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="The whole story of mimcore on real data.")
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for the database and the report")
    parser.add_argument("--rows", type=Path, help="a CSV file with the columns of Tayko.csv, instead of fetching that")
    given = parser.parse_args(arguments)
    console = Console()
    try:
        rows = read_rows(given.rows) if given.rows else tayko_rows(_HERE / ".cache" / "demo")
    except (DataError, OSError) as error:
        console.line(str(error))
        return 2
    return run(rows, given.out, console, origin=f"rows from {given.rows.name}" if given.rows else LICENCE)


if __name__ == "__main__":
    sys.exit(main())
