"""Rules on tables that are not mimcore's give the three answers that Python gives, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, update
from tests.rules.engines import PythonEngine
from tests.rules.generate import Dataset, dataset, rules
from tests.rules.own_samples import Shape, of_dates, without_fraction
from tests.rules.refusals import nodes_of

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.language import nodes

SEEDS = (1, 2)
RULES = 60
ANSWERS: dict[str, bool | None] = {"true": True, "false": False, "unknown": None}


def _engines(server: Any) -> Iterator[Engine]:
    yield create_engine("sqlite://")
    yield create_engine(server.new_database())


def _fill(engine: Engine, shape: Shape, people: Dataset) -> None:
    shape.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in shape.rows(people).items():
            connection.execute(insert(table), rows)
        if engine.dialect.name == "sqlite" and not shape.plain:
            for table, column in ((shape.person, "acquired"), (shape.event, "at")):
                text = without_fraction(table, column)
                connection.execute(update(table).values({column: func.replace(text, ".000000", "")}))


def _answers(engine: Engine, shape: Shape, rule: mim.Rule, people: Dataset) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    with engine.connect() as connection:
        for verdict, answer in ANSWERS.items():
            condition = mim.where(
                rule, shape.columns, now=people.now, zone=people.zone, segments=people.segments, verdict=verdict
            )
            ids = list(connection.scalars(select(shape.person.c.id).where(condition)))
            assert not found.keys() & set(ids)
            found |= dict.fromkeys(ids, answer)
    return found


def _special(people: Dataset) -> list[mim.Rule]:
    c, bought = f.contact, f.contact.events("purchase")
    money = mim.money("100", "DKK")
    return [
        c.country == f.account.country,
        c.annual_income == f.account.annual_revenue,
        c.city == c.occupation,
        ~(c.household_size > c.children),
        c.interests.count() >= 2,
        ~c.interests.is_known(),
        c.city.matches("*s?r*"),
        ~c.city.matches("a*"),
        c.job_started_on.anniversary(within_days=30),
        c.job_started_on.weekday().is_in("monday", "sunday"),
        c.devices.count(kind="tablet") >= 1,
        ~c.devices.any(kind="tablet"),
        bought.average() >= money,
        bought.minimum() < money,
        bought.maximum(within_days=30) >= money,
        bought.last_at().within_days(30),
        ~bought.where(f.event.channel == "email").first_at().older_than_days(30),
        bought.lapsed(days=30),
        bought.started(within_days=30),
        (bought.total() >= money).or_missing(),
        ~(f.account.ideal_customer_fit >= 0.7),
        (f.account.ideal_customer_fit < 0.7).or_missing(),
    ]


LACKING = (
    nodes.FreshnessTest,
    nodes.AnyFreshness,
    nodes.Undated,
    nodes.AccountTest,
    nodes.ChangedWithin,
    nodes.EverBeen,
    nodes.MayReceive,
    nodes.Sample,
)
"""What no map of two tables tells."""
DERIVED = {"event.kind", "contact.demographic.age"}
"""The kind may be that of all rows, and an age is read from the birth date."""

RECKONED = (nodes.EventSequence, nodes.EventRegularity, nodes.EventRestart)
"""What needs instants to reckon with, which naive UTC is not."""


def _lacks(rule: mim.Rule, people: Dataset, *, plain: bool) -> bool:
    """Whether a rule asks for what the map lacks: by the kinds of its conditions, not by trying."""
    return any(_is_lacking(node, people, plain=plain) for node in nodes_of(rule, people))


def _is_lacking(node: nodes.Rule, people: Dataset, *, plain: bool) -> bool:
    if isinstance(node, nodes.InSegment):
        return people.segments[node.segment] is None
    name = getattr(node, "field", "")
    if not plain and (isinstance(node, RECKONED) or (isinstance(node, nodes.ClockTest) and _is_instant(name))):
        return True
    if not plain and isinstance(node, nodes.CompareFields) and _is_instant(name):
        return True
    return isinstance(node, LACKING) or name.startswith("any_account.")


def _unmapped(rule: mim.Rule, people: Dataset, shape: Shape) -> frozenset[str]:
    """Which fields a rule reads that stand in no column; an age is read from the birth date."""
    maps = (shape.columns, *shape.columns.events, *filter(None, [shape.columns.account]))
    return frozenset(rule.fields(people.segments)) - {name for one in maps for name in one.fields} - DERIVED


def _is_instant(name: str) -> bool:
    return name.endswith((".at", "_at"))


def _sorted_out(seed: int, people: Dataset, shape: Shape) -> tuple[list[mim.Rule], list[mim.Rule]]:
    """Generated rules that the map can answer, and a quarter as many that it must refuse."""
    answerable: list[mim.Rule] = []
    refused: list[mim.Rule] = []
    for rule in rules(seed, 3 * RULES, people.now):
        is_refused = bool(_unmapped(rule, people, shape)) or _lacks(rule, people, plain=shape.plain)
        (refused if is_refused else answerable).append(rule)
    return answerable[:RULES], refused[: RULES // 4]


@pytest.mark.parametrize("plain", [True, False], ids=["microseconds and minor units", "naive UTC and decimals"])
def test_own_tables_answer_as_python_does(postgres_server: Any, plain: bool) -> None:
    """Members, others and unknowns are the same people; what the map lacks is refused by name."""
    counted: Counter[str] = Counter()
    for engine in _engines(postgres_server):
        for seed in SEEDS:
            people, shape = of_dates(dataset(seed, 60)), Shape(plain=plain)
            shape.metadata.drop_all(engine)
            _fill(engine, shape, people)
            answerable, refused = _sorted_out(seed, people, shape)
            for rule in [*_special(people), *answerable, *refused]:
                if rule in refused:
                    with pytest.raises(mim.UnsupportedConditionError):
                        _answers(engine, shape, rule, people)
                    counted["refused"] += 1
                    continue
                answers = _answers(engine, shape, rule, people)
                wanted = {str(key): one for key, one in PythonEngine().answer(rule, people).items()}
                assert answers == wanted, (engine.dialect.name, seed, rule)
                counted["asked"] += 1
                counted["mixed"] += len(set(answers.values())) > 1
                counted["with unknowns"] += None in answers.values()
        engine.dispose()
    assert counted["asked"] > 200
    assert counted["refused"] < counted["asked"] / 3
    assert counted["mixed"] > 100
    assert counted["with unknowns"] > 100


def test_sequences_need_instants_to_reckon_with(postgres_server: Any) -> None:
    """On whole microseconds or a real instant they are answered; on naive UTC they are refused by name."""
    people = of_dates(dataset(5, 80))
    c = f.contact
    asked = [
        c.events("visit").then("purchase", within_days=30),
        ~c.events("purchase").then("purchase", within_days=7),
        c.events("purchase").regularly(at_least=2, of_periods=4, period_days=30),
        c.events("visit").restarted(gap_days=5, within_days=40),
        c.acquired_at.hour().is_in(9, 17),
    ]
    for engine in _engines(postgres_server):
        shape = Shape(plain=True)
        _fill(engine, shape, people)
        for rule in asked:
            wanted = {str(key): one for key, one in PythonEngine().answer(rule, people).items()}
            assert _answers(engine, shape, rule, people) == wanted, rule
        engine.dispose()
    for rule in asked:
        with pytest.raises(mim.UnsupportedConditionError, match="without an offset"):
            mim.where(rule, Shape(plain=False).columns, now=people.now)
