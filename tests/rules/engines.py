"""Every engine behind one shape, so that each test asks all of them. Add an engine by adding it to `ENGINES`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import pandas as pd
import polars as pl
from tests.rules import oracle
from tests.rules.generate import ATTRIBUTES, Dataset, Person
from tests.rules.refusals import is_answered

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
Verdicts = list[bool | None]
"""The answer for every person, in their order."""


class Engine(Protocol):
    """One way to ask a rule of many people."""

    name: str

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Whether the engine can answer; if not, it must refuse by name."""
        ...

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """The answer for every person, by contact id."""
        ...

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """The answers of many rules in one go, each as the engine is asked by its users."""
        ...


class Asking:
    """One rule is asked as many are."""

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """The answer for every person, by contact id."""
        (found,) = self.verdicts([rule], dataset)
        return dict(zip([person.contact.id for person in dataset.people], found, strict=True))

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """The answers of many rules."""
        raise NotImplementedError


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


class Oracle(Asking):
    """Brute force over the rule as written."""

    name = "oracle"

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """Ask person by person."""
        return [[oracle.answer(rule, person, dataset) for person in dataset.people] for rule in rules]


class PythonEngine(Asking):
    """The reference engine over `Facts`."""

    name = "python"

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """Compile once, ask person by person."""
        known, everybody = binding(dataset), [facts(person, dataset) for person in dataset.people]
        found: list[Verdicts] = []
        for rule in rules:
            bound = bind(rule, known)
            require(bound, everybody[0])
            found.append(list(map(evaluator(bound), everybody)))
        return found


class GeneratedEngine(Asking):
    """Generated code over `Facts`; and over bare contacts, where those are enough."""

    name = "python, generated"

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """Compile once, ask all at once; of the first rule the four functions must agree."""
        known, everybody = binding(dataset), [facts(person, dataset) for person in dataset.people]
        contacts = [one.contact for one in everybody]
        bounds = [bind(rule, known) for rule in rules]
        found = [generated(bound, "answer", of_facts=True)(everybody) for bound in bounds]
        for bound, answers in zip(bounds, found, strict=True):
            if not needs(bound):
                assert generated(bound, "answer", of_facts=False)(contacts) == answers
        _agree(bounds[0], everybody, found[0])
        return found


def _agree(bound: Bound, people: list[Facts], answers: Verdicts) -> None:
    verdicts: tuple[tuple[Verdict, bool | None], ...] = (("member", True), ("non_member", False), ("unknown", None))
    for verdict, wanted in verdicts:
        some = generated(bound, verdict, of_facts=True)(people)
        expected = [one for one, answer in zip(people, answers, strict=True) if answer is wanted]
        assert list(map(id, some)) == list(map(id, expected)), verdict


class FrameEngine(Asking):
    """Rules on a frame; one instance for each kind of frame."""

    def __init__(self, name: str, people: Any, events: Any) -> None:
        """Take the name and the two functions that make frames."""
        self.name = name
        self._people = lru_cache(maxsize=2)(people)
        self._events = lru_cache(maxsize=2)(events)

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything but what `refusals` lists."""
        return is_answered(self.name, rule, dataset)

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

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """Classify by all rules in one pass; the verdict of one rule alone, and the mask, are asked too."""
        people, options = self._people(dataset), self.options(dataset)
        named = {f"answer_{at}": rule for at, rule in enumerate(rules)}
        found = _columns_of(frames.classify(people, **options, **named), list(named))
        if not isinstance(people, pl.LazyFrame):
            asked = frames.verdict(people, rules[0], **options)
            assert _listed(asked) == found[0]
            assert _listed(frames.mask(people, rules[0], **options)) == [one is True for one in found[0]]
            if isinstance(people, pd.DataFrame):
                assert asked.index.equals(people.index)
        assert frames.count(people, rules[0], **options) == found[0].count(True)
        return found


def _columns_of(frame: Any, names: list[str]) -> list[Verdicts]:
    whole = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    return [_listed(whole[name]) for name in names]


def _listed(series: Any) -> Verdicts:
    return (
        series.to_list() if isinstance(series, pl.Series) else [None if one is pd.NA else bool(one) for one in series]
    )


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
        elif dtype == pl.Int64() and any(abs(one or 0) > 2**53 for one in values):
            made[name] = pd.Series(values, index=index, dtype="object")  # what floats would lose
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
