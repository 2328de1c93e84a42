"""One rule, every engine, the same answer: generated rules on generated people, against an independent reading."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from tests.rules import generate
from tests.rules.engines import ENGINES, Engine, Oracle, Verdicts, refuses
from tests.rules.frame_engines import FRAME_ENGINES, SPARK
from tests.rules.generate import Dataset
from tests.rules.refusals import nodes_of
from tests.rules.store_engines import STORES

from mimcore.rules.language import nodes

DATASETS, RULES_EACH, PEOPLE = 50, 100, 30
EVERY = (
    "python", "python, generated", "in-memory store", "sqlite", "postgresql",
    "polars", "polars lazy", "pyarrow", "pandas unprepared", "pandas nullable", "pandas arrow", "duckdb",
)  # fmt: skip
"""Every engine, and three kinds of pandas: NumPy's types, nullable ones and Arrow's."""

AS_IT_COMES = {name: f"{name} unprepared" for name in ("polars", "polars lazy", "pyarrow")}
"""Every other data set asks these frames as they come, with nothing folded beforehand."""

NEVER_BOUND = {nodes.ScoreTest}
"""Refused by name as long as no scores are kept."""


def engines_named(names: Iterable[str]) -> tuple[Engine, ...]:
    """The engines of these names."""
    known = {engine.name: engine for engine in (*ENGINES, *STORES, *FRAME_ENGINES, SPARK)}
    return tuple(known[name] for name in names)


def engines_of(seed: int) -> tuple[Engine, ...]:
    """The engines that are asked about the data of a seed."""
    return engines_named(AS_IT_COMES.get(name, name) if seed // 2 % 2 else name for name in EVERY)


def differences(seed: int, engines: tuple[Engine, ...], *, size: int = PEOPLE, how_many: int = RULES_EACH) -> list[str]:
    """What the engines answer otherwise than the oracle, for the rules of one seed; every second seed has custom attributes."""
    world = generate.dataset(seed, size=size, has_custom=bool(seed % 2))
    rules = generate.rules(seed, how_many, world.now, has_custom=world.has_custom)
    expected = Oracle().verdicts(rules, world)
    assert_worth_asking(expected, size)
    return [told for engine in engines for told in _differing(engine, rules, expected, world)]


def _differing(engine: Engine, rules: list[nodes.Rule], expected: list[Verdicts], world: Dataset) -> Iterator[str]:
    asked = [(rule, one) for rule, one in zip(rules, expected, strict=True) if engine.supports(rule, world)]
    refused = [rule for rule in rules if not engine.supports(rule, world)]
    yield from (
        f"{engine.name} does not refuse {one.to_json()}" for one in refused[:5] if not refuses(engine, one, world)
    )
    found = engine.verdicts([rule for rule, _ in asked], world)
    for (rule, one), own in zip(asked, found, strict=True):
        at = [place for place, (left, right) in enumerate(zip(one, own, strict=True)) if left is not right]
        if at:
            yield f"{engine.name}: {rule.to_json()} {[(place, one[place], own[place]) for place in at]}"


def assert_worth_asking(expected: list[Verdicts], size: int) -> None:
    """At least 30 % of the rules select some people but not all, and at least 30 % leave somebody unknown."""
    nontrivial = sum(0 < one.count(True) < size for one in expected)
    unknowns = sum(None in one for one in expected)
    assert nontrivial >= 0.3 * len(expected)
    assert unknowns >= 0.3 * len(expected)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Look for garbage once a seed, not every few hundred objects: an eighth faster."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("seed", range(DATASETS))
def test_members_non_members_and_unknowns_are_the_same(seed: int) -> None:
    """100 generated rules on 30 people: every engine agrees with the oracle on each of them, or refuses the rule by name."""
    assert differences(seed, engines_of(seed)) == []


def test_no_engine_is_absent() -> None:
    """Each has been imported, or nothing here would run; prepared and unprepared frames take turns."""
    asked = [{engine.name for engine in engines_of(seed)} for seed in (0, 2)]
    assert asked[0] == set(EVERY)
    assert asked[1] == set(EVERY) - set(AS_IT_COMES) | set(AS_IT_COMES.values())


def test_every_kind_of_node_is_asked_often() -> None:
    """Each at least 100 times in the 5,000 rules, and each custom attribute too."""
    seen: Counter[type] = Counter()
    told = ""
    for seed in range(DATASETS):
        world = generate.dataset(seed, size=1, has_custom=bool(seed % 2))
        for rule in generate.rules(seed, RULES_EACH, world.now, has_custom=world.has_custom):
            seen.update({type(node) for node in nodes_of(rule, world)})
            told += rule.model_dump_json() if seed == 1 else ""
    kinds = set(nodes.Rule.__subclasses__()) - NEVER_BOUND
    assert {kind for kind in kinds if seen[kind] < 100} == set()
    assert [one.spec.name for one in generate.ATTRIBUTES if one.spec.name not in told] == []


def test_engines_that_refuse_some_conditions_still_answer_most_rules() -> None:
    """The permanent refusals leave more than half of the rules."""
    world = generate.dataset(1, size=1, has_custom=True)
    rules = generate.rules(1, RULES_EACH, world.now, has_custom=True)
    for engine in engines_named(EVERY):
        assert sum(engine.supports(rule, world) for rule in rules) >= RULES_EACH / 2, engine.name
