"""Generated rules on two readings in Python and on SQLite, six seeds: what mutants of the rules are judged by.

Not collected with the suite, which asks fifty seeds of every engine.
"""

from __future__ import annotations

import pytest
from tests.rules.test_differential import differences, engines_named


@pytest.mark.parametrize("seed", range(6))
def test_three_engines_agree(seed: int) -> None:
    """600 rules, some of every kind."""
    assert differences(seed, engines_named(("python", "python, generated", "sqlite"))) == []
