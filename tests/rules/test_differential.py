"""One rule, every engine, the same answer: generated rules on generated people, against an independent reading."""

from __future__ import annotations

from functools import cache

import pytest
from tests.rules import generate
from tests.rules.engines import ENGINES, Answers, Engine, Oracle, PythonEngine, nodes_of, refuses
from tests.rules.generate import Dataset
from tests.rules.store_engines import STORES

from mimcore.rules import nodes

DATASETS = 10
RULES_EACH = 56


@cache
def _world(seed: int) -> Dataset:
    return generate.dataset(seed)


@cache
def _expected(seed: int) -> list[tuple[nodes.Rule, Answers]]:
    world = _world(seed)
    return [(rule, Oracle().answer(rule, world)) for rule in generate.rules(seed, RULES_EACH, world.now)]


@pytest.mark.parametrize("engine", [*ENGINES, *STORES], ids=lambda engine: engine.name)
@pytest.mark.parametrize("seed", range(DATASETS))
def test_members_non_members_and_unknowns_are_the_same(engine: Engine, seed: int) -> None:
    """560 generated pairs: every engine agrees with the oracle on each of 80 people, or refuses the rule by name."""
    world = _world(seed)
    for rule, expected in _expected(seed):
        if not engine.supports(rule, world):
            assert refuses(engine, rule, world), str(rule)
            continue
        found = engine.answer(rule, world)
        differing = [key for key in expected if expected[key] is not found[key]]
        assert differing == [], f"{rule.to_json()} {[(expected[key], found[key]) for key in differing]}"


@cache
def _custom_world(seed: int) -> Dataset:
    return generate.dataset(seed, has_custom=True)


@cache
def _custom_expected(seed: int) -> list[tuple[nodes.Rule, Answers]]:
    world = _custom_world(seed)
    rules = generate.rules(seed, RULES_EACH, world.now, has_custom=True)
    return [(rule, Oracle().answer(rule, world)) for rule in rules]


@pytest.mark.parametrize("engine", [*ENGINES, *STORES], ids=lambda engine: engine.name)
@pytest.mark.parametrize("seed", range(200, 206))
def test_custom_attributes_of_every_kind_are_the_same(engine: Engine, seed: int) -> None:
    """336 pairs in which most conditions are on custom attributes: every engine agrees with the oracle."""
    world = _custom_world(seed)
    for rule, expected in _custom_expected(seed):
        if not engine.supports(rule, world):
            assert refuses(engine, rule, world), str(rule)
            continue
        found = engine.answer(rule, world)
        differing = [key for key in expected if expected[key] is not found[key]]
        assert differing == [], f"{rule.to_json()} {[(expected[key], found[key]) for key in differing]}"


def test_the_rules_about_custom_attributes_are_worth_asking() -> None:
    """Every custom attribute is asked about, and at least a third of the rules select some people but not all."""
    pairs = [pair for seed in range(200, 206) for pair in _custom_expected(seed)]
    told = " ".join(rule.to_json() for rule, _ in pairs)
    assert [one.spec.name for one in generate.ATTRIBUTES if one.spec.name not in told] == []
    selecting = sum(0 < sum(one is True for one in answers.values()) < 80 for _, answers in pairs)
    assert selecting >= len(pairs) / 3


def test_the_generated_rules_are_worth_asking() -> None:
    """At least 30 % of the rules select some but not all people, and at least 30 % leave somebody unknown; each kind of node occurs."""
    pairs = [(_world(seed), rule, answers) for seed in range(DATASETS) for rule, answers in _expected(seed)]
    assert len(pairs) == 560
    members = [sum(one is True for one in answers.values()) for _world_, _rule, answers in pairs]
    nontrivial = sum(0 < one < 80 for one in members)
    unknowns = sum(None in answers.values() for _world_, _rule, answers in pairs)
    assert nontrivial >= 0.3 * len(pairs)
    assert unknowns >= 0.3 * len(pairs)
    seen = {type(node) for world, rule, _answers in pairs for node in nodes_of(rule, world)}
    assert seen == set(nodes.Rule.__subclasses__())


def test_frames_can_ask_most_of_the_rules() -> None:
    """The engines that refuse some conditions still answer at least 500 of the 560."""
    for engine in ENGINES:
        asked = sum(
            engine.supports(rule, _world(seed)) for seed in range(DATASETS) for rule, _answers in _expected(seed)
        )
        assert asked >= 500, engine.name


def test_the_reference_engine_on_2000_pairs() -> None:
    """2,000 further rules, each on other people, in Python only."""
    engine = PythonEngine()
    for seed in range(100, 140):
        world = generate.dataset(seed, size=25)
        for rule in generate.rules(seed, 50, world.now):
            assert engine.answer(rule, world) == Oracle().answer(rule, world), rule.to_json()
