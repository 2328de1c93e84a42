"""100,000 generated pairs on every engine: `python -m tests.rules.fuzz` (`make fuzz`), many times the share of `make test`.

The result file grows seed by seed, so a run that is stopped goes on where it was: seeds that were asked with the same
engines are not asked again. The exit status is 1 if anything differed.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.environment import environment
from tests.rules.store_engines import ON_POSTGRESQL
from tests.rules.test_differential import EVERY, PEOPLE, RULES_EACH, differences, engines_named

from mimcore.testing.postgres import PostgresServer

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "fuzz.json"
VERSIONS = environment()
FIRST_SEED = 1000
"""Beyond the seeds of `make test`."""
GARBAGE_EVERY = 10
"""So many seeds between two collections of garbage."""


def main() -> int:
    """Ask what has not been asked yet, and keep what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=100_000)
    options.add_argument("--engines", default="|".join(sorted(EVERY)), help="names, separated by vertical bars")
    options.add_argument("--jobs", type=int, default=2)
    asked = options.parse_args()
    engines = sorted(asked.engines.split("|"))
    kept = _kept(engines)
    seeds = range(FIRST_SEED + kept["seeds"], FIRST_SEED + -(-asked.pairs // RULES_EACH))
    with ProcessPoolExecutor(asked.jobs, initializer=_serve, initargs=(engines,)) as pool:
        for seed, (found, seconds) in zip(seeds, pool.map(_ask, seeds, [engines] * len(seeds)), strict=True):
            kept["seeds"] += 1
            kept["pairs"] += RULES_EACH
            kept["differences"] += [f"seed {seed}: {one}" for one in found]
            kept["cpu_seconds"] = round(kept["cpu_seconds"] + seconds, 1)
            print(f"seed {seed}: {len(found)} differences in {kept['pairs']:,} pairs", flush=True)
            _keep(kept)
    return 1 if kept["differences"] else 0


_servers: list[PostgresServer] = []


def _serve(engines: Sequence[str]) -> None:
    """Give this process a PostgreSQL, if it is asked."""
    if "postgresql" in engines:
        _servers.append(PostgresServer())
        ON_POSTGRESQL.use(_servers[-1].__enter__())
    gc.disable()  # what was imported is never garbage, and looking for the rest now and then is enough: a quarter faster


def _ask(seed: int, engines: Sequence[str]) -> tuple[list[str], float]:
    started = time.process_time()
    found = differences(seed, engines_named(engines))
    if seed % GARBAGE_EVERY == 0:
        gc.collect()
    return found, time.process_time() - started


def _kept(engines: Sequence[str]) -> dict[str, Any]:
    """What runs of the same engines found before."""
    for one in _runs():
        if one["engines"] == engines:
            return one
    fresh: dict[str, Any] = {
        "engines": list(engines),
        "first_seed": FIRST_SEED,
        "people": PEOPLE,
        "seeds": 0,
        "pairs": 0,
    }
    return {**fresh, "cpu_seconds": 0.0, "differences": []}


def _runs() -> list[dict[str, Any]]:
    return json.loads(RESULTS.read_text(encoding="utf-8"))["runs"] if RESULTS.exists() else []


def _keep(run: dict[str, Any]) -> None:
    others = [one for one in _runs() if one["engines"] != run["engines"]]
    RESULTS.parent.mkdir(exist_ok=True)
    text = json.dumps({"versions": VERSIONS, "runs": [*others, run]}, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
