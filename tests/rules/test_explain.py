"""Why, or why not: an explanation agrees with the evaluation, part by part."""

from __future__ import annotations

import pytest
from tests.rules import generate, oracle
from tests.rules.engines import binding, facts

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.domain.contact import Contact
from mimcore.errors import MissingFactsError
from mimcore.rules.evaluation.evaluator import evaluate
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.explaining.explanation import Explanation, explain
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import Binding, SegmentReference
from mimcore.rules.writing.fields import AgeField, CodeField, TagsField, TextField

COUNTRY, CITY, AGE, INTERESTS = (
    CodeField("contact.country"),
    TextField("contact.city"),
    AgeField("contact.age"),
    TagsField("contact.interests"),
)
ANA = Facts(contact=Contact(country="DK", interests=["Golf"]))


def test_each_part_has_its_answer() -> None:
    """In the order of the rule, with what is undecided named once."""
    rule = (
        (COUNTRY == "DK") & ~INTERESTS.overlaps("golf") & ((CITY == "Aarhus") | (CITY == "Skive") | (COUNTRY == "SE"))
    )
    found = explain(rule, ANA)
    assert found.answer is False
    assert [part.answer for part in found.parts] == [True, False, None]
    assert [(one.text, one.answer) for one in found.conditions()] == [
        ("country is DK", True),
        ("interests include golf", True),
        ("city is Aarhus", None),
        ("city is Skive", None),
        ("country is SE", False),
    ]
    assert found.undecided == ("contact.demographic.city",)


def test_the_tree_marks_every_line() -> None:
    """One line a part; true, false and unknown look different; the HTML says the same."""
    found = explain((COUNTRY == "DK") & (COUNTRY == "SE").or_missing() & ~(CITY == "x"), ANA)
    lines = str(found).splitlines()
    assert len(lines) == 6
    marks = {line.split("country is DK")[0].strip(" │├└─") for line in lines if "country is DK" in line}
    marks |= {line.split("country is SE")[0].strip(" │├└─") for line in lines if "country is SE" in line}
    marks |= {line.split("city is x")[0].strip(" │├└─") for line in lines if "city is x" in line}
    assert len(marks) == 3
    assert "country is DK" in found._repr_html_()


def test_a_segment_is_opened() -> None:
    """The rule of a mentioned segment is explained inside; a static list is one condition."""
    known = {"danes": COUNTRY == "DK", "listed": None}
    bound = Binding(segment=lambda key: SegmentReference(key, known[key]))
    danes = nodes.InSegment(segment="danes")
    found = explain(~danes, ANA, binding=bound)
    assert found.answer is False
    assert found.parts[0].rule == danes
    assert found.conditions()[0].text == "country is DK"
    listed = explain(
        nodes.InSegment(segment="listed"), Facts(contact=ANA.contact, listed_in=frozenset({"listed"})), binding=bound
    )
    assert (listed.answer, listed.parts) == (True, ())


def test_what_is_needed_must_be_there() -> None:
    """As in the evaluation: absent is not empty."""
    with pytest.raises(MissingFactsError, match=r"Facts\(account=…\)"):
        explain((COUNTRY == "DK") | (TextField("account.name") == "Acme"), ANA)
    with pytest.raises(MissingFactsError, match="now"):
        explain(AGE >= 18, ANA)


def test_fields_of_a_rule_are_listed_once() -> None:
    """In the order of the rule."""
    assert fields_of((COUNTRY == "DK") & (CITY == "x") & (COUNTRY != "SE")) == (
        "contact.demographic.country",
        "contact.demographic.city",
    )


def test_explanations_agree_with_evaluation_and_oracle() -> None:
    """On 2,400 generated pairs the root agrees with `evaluate`, and every part with the oracle."""
    for seed in range(200, 206):
        world = generate.dataset(seed, size=8)
        for rule in generate.rules(seed, 50, world.now):
            for person in world.people:
                found = explain(rule, facts(person, world), binding=binding(world))
                assert found.answer is evaluate(rule, facts(person, world), binding=binding(world))
                for part in _parts(found):
                    assert part.answer is oracle.answer(part.rule, person, world), part.text


def _parts(found: Explanation) -> list[Explanation]:
    return [found, *(inner for part in found.parts for inner in _parts(part))]
