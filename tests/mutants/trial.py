"""Asks engines the generated rules until one answers otherwise than the oracle: `python -m tests.mutants.trial NAMES`.

Names are separated by a vertical bar. The answer is the exit status: 1 for a difference, 0 for none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rules.store_engines import ON_POSTGRESQL
from tests.rules.test_differential import DATASETS, differences, engines_named

from mimcore.testing.postgres import PostgresServer

SEEDS = range(DATASETS)


def main(names: str) -> int:
    """Ask seed by seed; the first difference is told."""
    wanted = names.split("|")
    with _server(wanted):
        for seed in SEEDS:
            found = differences(seed, engines_named(wanted))
            if found:
                print(f"{len(found)} of 100 rules of seed {seed}")
                return 1
    return 0


@contextmanager
def _server(wanted: list[str]) -> Iterator[None]:
    """Start PostgreSQL where it is asked."""
    if "postgresql" not in wanted:
        yield
        return
    with PostgresServer() as server:
        ON_POSTGRESQL.use(server)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
