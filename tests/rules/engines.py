"""Every engine behind one shape, so that each test asks all of them. Add an engine by adding it to `ENGINES`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import pandas as pd
import polars as pl
from tests.rules import oracle
from tests.rules.generate import ATTRIBUTES, Dataset, Person

from mimcore import frames
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS
from mimcore.errors import UnsupportedConditionError
from mimcore.rules import nodes
from mimcore.rules.batches import Verdict
from mimcore.rules.bound import Bound
from mimcore.rules.catalogue import FieldSpec, Kind
from mimcore.rules.evaluation import evaluator
from mimcore.rules.facts import Facts, needs, require
from mimcore.rules.generation import generated
from mimcore.rules.lowering import Binding, SegmentReference, bind

Answers = dict[UUID, bool | None]


class Engine(Protocol):
    """One way to ask a rule of many people."""

    name: str

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Whether the engine can answer; if not, it must refuse by name."""
        ...

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """The answer for every person, by contact id."""
        ...


def binding(dataset: Dataset) -> Binding:
    """How a rule is bound for a dataset."""
    return Binding(
        dataset.now, dataset.zone, dataset.half_lives, lambda key: SegmentReference(key, dataset.segments[key])
    ).knowing(ATTRIBUTES)


def facts(person: Person, dataset: Dataset) -> Facts:
    """All companions of a person."""
    return Facts(
        contact=person.contact,
        events=person.events,
        account=person.account,
        accounts=person.accounts,
        listed_in=person.listed_in,
        states=person.states,
        history=person.history,
        permissions=person.permissions,
        now=dataset.now,
    )


class Oracle:
    """Brute force over the rule as written."""

    name = "oracle"

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """Ask person by person."""
        return {person.contact.id: oracle.answer(rule, person, dataset) for person in dataset.people}


class PythonEngine:
    """The reference engine over `Facts`."""

    name = "python"

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """Compile once, ask person by person."""
        bound = bind(rule, binding(dataset))
        test = evaluator(bound)
        answers: Answers = {}
        for person in dataset.people:
            require(bound, facts(person, dataset))
            answers[person.contact.id] = test(facts(person, dataset))
        return answers


class GeneratedEngine:
    """Generated code over `Facts`; and over bare contacts, where those are enough."""

    name = "python, generated"

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """Compile once, ask all at once; the four functions of a rule must agree."""
        bound = bind(rule, binding(dataset))
        known = [facts(person, dataset) for person in dataset.people]
        ids = [person.contact.id for person in dataset.people]
        found = _generated(bound, known, of_facts=True)
        if not needs(bound):
            assert _generated(bound, [one.contact for one in known], of_facts=False) == found
        return dict(zip(ids, found, strict=True))


def _generated(bound: Bound, people: list[Any], *, of_facts: bool) -> list[bool | None]:
    answers = generated(bound, "answer", of_facts=of_facts)(people)
    verdicts: tuple[tuple[Verdict, bool | None], ...] = (("member", True), ("non_member", False), ("unknown", None))
    for verdict, wanted in verdicts:
        some = generated(bound, verdict, of_facts=of_facts)(people)
        expected = [one for one, answer in zip(people, answers, strict=True) if answer is wanted]
        assert list(map(id, some)) == list(map(id, expected)), verdict
    return answers


def nodes_of(rule: nodes.Rule, dataset: Dataset) -> Iterator[nodes.Rule]:
    """Every node, those of mentioned segments included."""
    yield rule
    for part in rule.parts():
        yield from nodes_of(part, dataset)
    if isinstance(rule, nodes.InSegment):
        inner = dataset.segments[rule.segment]
        if inner is not None:
            yield from nodes_of(inner, dataset)


class FrameEngine:
    """Rules on a frame; one instance for each kind of frame."""

    def __init__(self, name: str, people: Any, events: Any) -> None:
        """Take the name and the two functions that make frames."""
        self.name = name
        self._people = lru_cache(maxsize=2)(people)
        self._events = lru_cache(maxsize=2)(events)

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """All but freshness and static lists."""
        for node in nodes_of(rule, dataset):
            if isinstance(node, nodes.FreshnessTest | nodes.Undated):
                return False
            if isinstance(node, nodes.InSegment) and dataset.segments[node.segment] is None:
                return False
        return True

    def options(self, dataset: Dataset) -> dict[str, Any]:
        """What every verb is given."""
        companion = frames.events(
            self._events(dataset), contact="contact", at="at", value="value", currency="value_currency"
        )
        return {
            "events": companion,
            "segments": dataset.segments,
            "now": dataset.now,
            "zone": dataset.zone,
            "attributes": ATTRIBUTES,
        }

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """Ask for the verdict; a lazy frame through `classify`."""
        people = self._people(dataset)
        ids = [person.contact.id for person in dataset.people]
        if isinstance(people, pl.LazyFrame):
            found = frames.classify(people, answer=rule, **self.options(dataset)).collect()["answer"].to_list()
        else:
            found = (
                frames.verdict(people, rule, **self.options(dataset)).to_list()
                if isinstance(people, pl.DataFrame)
                else _pandas(people, rule, self.options(dataset))
            )
        return dict(zip(ids, found, strict=True))


def _pandas(people: pd.DataFrame, rule: nodes.Rule, options: dict[str, Any]) -> list[bool | None]:
    answers = frames.verdict(people, rule, **options)
    assert answers.index.equals(people.index)
    return [None if one is pd.NA else bool(one) for one in answers]


# --- people as frames -------------------------------------------------------------------------------------------------

_TYPES = {
    Kind.TEXT: pl.String(),
    Kind.CODE: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.MONEY: pl.Float64(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
    Kind.TAGS: pl.List(pl.String()),
    Kind.CODES: pl.List(pl.String()),
}


def _type(spec: FieldSpec) -> pl.DataType:
    if spec.kind is Kind.RECORDS:
        return pl.List(pl.Struct({inner.short: _type(inner) for inner in spec.record_fields}))
    return _TYPES[spec.kind]


def _raw(spec: FieldSpec, owner: Any) -> Any:
    """A value as a frame would hold it; missing text as nothing, empty text or white space by turns."""
    value = None if owner is None else spec.read(owner)
    if value is None and owner is not None and spec.kind in {Kind.TEXT, Kind.CODE}:
        return (None, "", "  ")[(len(spec.name) + owner.id.int) % 3]
    if spec.kind is Kind.RECORDS and value is not None:
        return [
            {
                inner.short: _raw(inner, record) if inner.kind is not Kind.TEXT else inner.read(record)
                for inner in spec.record_fields
            }
            for record in value
        ]
    if spec.kind is Kind.MONEY:
        return None if value is None else float(value.amount)
    return list(value) if spec.is_collection and value is not None else value


def _columns(specs: tuple[FieldSpec, ...], owners: list[Any], prefix: str) -> dict[str, tuple[pl.DataType, list[Any]]]:
    made: dict[str, tuple[pl.DataType, list[Any]]] = {}
    for spec in specs:
        if spec.kind is Kind.AGE:
            continue
        name = spec.short if spec.short.startswith(prefix) else prefix + spec.short
        made[name] = (_type(spec), [_raw(spec, owner) for owner in owners])
        if spec.kind is Kind.MONEY:
            money = [None if owner is None else spec.read(owner) for owner in owners]
            made[f"{name}_currency"] = (pl.String(), [None if one is None else one.currency for one in money])
    return made


def _people_columns(dataset: Dataset) -> dict[str, tuple[pl.DataType, list[Any]]]:
    contacts = [person.contact for person in dataset.people]
    ids = {"id": (pl.String(), [str(contact.id) for contact in contacts])}
    return {
        **ids,
        **_columns((*CONTACT_FIELDS, *_declared(dataset, "contact")), contacts, ""),
        **_columns(
            (*ACCOUNT_FIELDS, *_declared(dataset, "account")), [person.account for person in dataset.people], "account_"
        ),
    }


def _declared(dataset: Dataset, entity: str) -> list[FieldSpec]:
    return [one.spec for one in ATTRIBUTES if dataset.has_custom and one.spec.entity == entity]


def _event_columns(dataset: Dataset) -> dict[str, tuple[pl.DataType, list[Any]]]:
    events = [event for person in dataset.people for event in person.events]
    return {"contact": (pl.String(), [str(event.contact_id) for event in events]), **_columns(EVENT_FIELDS, events, "")}


def _polars(columns: dict[str, tuple[pl.DataType, list[Any]]]) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, values, dtype=dtype) for name, (dtype, values) in columns.items()])


def _pandas_frame(columns: dict[str, tuple[pl.DataType, list[Any]]]) -> pd.DataFrame:
    """Pandas as people have it: integers with gaps are floats, dates and lists are objects, the index is not 0, 1, 2."""
    made = {}
    size = len(next(iter(columns.values()))[1])
    index = [f"row {number}" for number in range(size, 0, -1)]
    for name, (dtype, values) in columns.items():
        if isinstance(dtype, pl.Datetime):
            made[name] = (
                pd.Series(
                    pd.to_datetime(pd.Series(values, dtype="object"), utc=True)
                    .dt.tz_convert("Asia/Kolkata")
                    .to_numpy(),
                    index=index,
                )
                if not values
                else pd.Series(
                    pd.DatetimeIndex([pd.NaT if one is None else one for one in values], tz=UTC).tz_convert(
                        "Asia/Kolkata"
                    ),
                    index=index,
                )
            )
        elif dtype in {pl.Int64(), pl.Float64()}:
            made[name] = pd.Series(
                [float("nan") if one is None else one for one in values], index=index, dtype="float64"
            )
        else:
            made[name] = pd.Series(values, index=index, dtype="object")
    return pd.DataFrame(made)


POLARS = FrameEngine(
    "polars", lambda dataset: _polars(_people_columns(dataset)), lambda dataset: _polars(_event_columns(dataset))
)
LAZY = FrameEngine(
    "polars lazy",
    lambda dataset: _polars(_people_columns(dataset)).lazy(),
    lambda dataset: _polars(_event_columns(dataset)).lazy(),
)
PANDAS = FrameEngine(
    "pandas",
    lambda dataset: _pandas_frame(_people_columns(dataset)),
    lambda dataset: _pandas_frame(_event_columns(dataset)),
)
ENGINES: tuple[Engine, ...] = (PythonEngine(), GeneratedEngine(), POLARS, LAZY, PANDAS)


def refuses(engine: Engine, rule: nodes.Rule, dataset: Dataset) -> bool:
    """Whether an engine refuses a rule by name, when it is compiled."""
    try:
        engine.answer(rule, dataset)
    except UnsupportedConditionError:
        return True
    return False
