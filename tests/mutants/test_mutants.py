"""The mutants fit the code as it stands: `make mutants` would take one whose text is gone for absent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mutants.mutants import MUTANTS, Mutant
from tests.rules.test_differential import EVERY

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mimcore"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_that_a_mutant_replaces_stands_there_once(mutant: Mutant) -> None:
    """Whoever changes such a line changes the mutant with it."""
    assert (SOURCE / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.new != mutant.old
    assert {name.removesuffix(" unprepared") for name in mutant.engines} <= set(EVERY) or not mutant.engines
    assert bool(mutant.engines) is not bool(mutant.tests)
