"""Memory, SQLite and PostgreSQL agree in all they hold, whatever is done, and lose nothing that a plain model knows.

`make stateful` takes 10,000 steps and keeps the counts in benchmarks/results/stateful.json.
"""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import create_engine
from tests.properties import agreeing_stores
from tests.properties.agreeing_stores import AgreeingStores

WANTED = int(os.environ.get("MIMCORE_STATEFUL_STEPS", "0"))
RESULT = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "stateful.json"
A_RUN = 40


def run(machine, examples, phases=(Phase.generate,)):
    """Run a machine."""
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=A_RUN,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()


@pytest.fixture
def machine(postgres_url):
    """The three stores."""
    engine = create_engine(postgres_url)

    class Machine(AgreeingStores):
        postgres = engine

    yield Machine
    engine.dispose()


def test_three_stores_agree(machine):
    """Each step leaves the same in all of them, and everything that a plain model knows of."""
    counts, begun = agreeing_stores.steps, time.perf_counter()
    run(machine, 8)
    while counts["steps"] < WANTED:
        run(machine, 50)
    assert counts["steps"] >= 80
    if WANTED:
        told = {**counts, "stores": 3, "divergences": 0, "seconds": round(time.perf_counter() - begun)}
        RESULT.write_text(json.dumps({**told, "python": platform.python_version()}, indent=2) + "\n", encoding="utf-8")


def test_a_store_that_forgets_is_caught(tmp_path):
    """The comparison is not blind: an act of consent that one store does not keep is found."""

    class Forgetful(AgreeingStores):
        def reopened(self):
            super().reopened()
            backend = self.stores["sqlite"]._backend
            begin = backend.begin

            def forgetting(*, is_read_only=False):
                transaction = begin(is_read_only=is_read_only)
                transaction.consents.append = lambda events: None
                return transaction

            backend.begin = forgetting

    with pytest.raises(AssertionError):
        run(Forgetful, 200)
