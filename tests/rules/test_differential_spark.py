"""The generated rules on Spark: `make test-spark`."""

from __future__ import annotations

import pytest
from tests.rules.test_differential import differences, engines_named

pytestmark = pytest.mark.spark


@pytest.mark.parametrize("seed", range(4))
def test_members_non_members_and_unknowns_are_the_same_on_spark(seed: int) -> None:
    """50 generated rules on 30 people for each seed, 200 in all: Spark agrees with the oracle, or refuses by name."""
    assert differences(seed, engines_named(["spark"]), how_many=50) == []
