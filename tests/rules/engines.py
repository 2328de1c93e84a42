"""Every engine behind one shape, so that each test asks all of them: here those that read Python objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from tests.rules import oracle
from tests.rules.generate import ATTRIBUTES, Dataset, Person

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.evaluation.batches import Verdict
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts, needs, require
from mimcore.rules.evaluation.generation import generated
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind
from mimcore.rules.lowering.bound import Bound

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


ENGINES: tuple[Engine, ...] = (PythonEngine(), GeneratedEngine())
"""Those that read Python objects; frames are in `frame_engines`, stores in `store_engines`."""


def refuses(engine: Engine, rule: nodes.Rule, dataset: Dataset) -> bool:
    """Whether an engine refuses a rule by name, when it is compiled."""
    try:
        engine.answer(rule, dataset)
    except UnsupportedConditionError:
        return True
    return False
