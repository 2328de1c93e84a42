"""A rule in the body of a request: both kinds of JSON, pydantic's errors with our places, and no value in any of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from tests.hosts.asgi import Caller

import mimcore as mim
from mimcore import fields as f

DANES = f.contact.country == "DK"
CANARY = "ana.canary@example.com"


class Body(BaseModel):
    """A host's body that holds a rule."""

    name: str = "segment"
    rules: list[mim.RuleDocument] = []
    rule: mim.RuleDocument


def builder(field: str = "country", operator: str = "=", value: object = "DK") -> dict[str, Any]:
    """React Query Builder's JSON with one rule."""
    return {"combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]}


def own(**changes: object) -> dict[str, Any]:
    """Mimcore's own JSON with one condition in a group."""
    condition = {"op": "equals", "field": "contact.country", "value": "DK", **changes}
    return {"schema": "mimcore.rule", "version": "1.0", "rule": {"op": "all", "rules": [condition]}}


def test_both_kinds_of_json_are_read() -> None:
    """Alone, inside a host's model, from data and from text."""
    assert Body.model_validate({"rule": builder()}).rule.rule == DANES
    assert Body.model_validate_json(json.dumps({"rule": json.loads(DANES.to_json())})).rule.rule == DANES
    assert mim.RuleDocument.model_validate(builder()).rule == DANES
    assert mim.RuleDocument.model_validate_json(json.dumps(builder())).rule == DANES


def test_it_is_made_from_a_rule_and_written_as_json() -> None:
    """What is written is mimcore's own JSON, and is read back equal."""
    document = mim.RuleDocument(rule=DANES)
    assert document.model_dump() == json.loads(DANES.to_json())
    assert json.loads(document.model_dump_json()) == json.loads(DANES.to_json())
    assert mim.RuleDocument.model_validate(document.model_dump()) == document
    assert mim.RuleDocument.model_validate(document) is document
    with pytest.raises(ValidationError):
        document.rule = DANES


WRONG = {
    "a field": (builder(field="contry"), "unknown_field", ("rules", 0, "field"), "did you mean 'country'"),
    "an operator": (builder(operator="like"), "rule_format", ("rules", 0, "operator"), "notIn"),
    "a literal": (builder(value=CANARY), "rule_type", ("rules", 0, "value"), "not a code of country"),
    "an item": (builder(operator="in", value=["DK", CANARY]), "rule_type", ("rules", 0, "value", 1), "not a code"),
    "a literal in our JSON": (own(value=CANARY), "rule_type", ("rule", "rules", 0), "not a code of country"),
    "a list in our JSON": (own(value=[CANARY]), "rule_format", ("rule", "rules", 0, "value"), "a literal is"),
    "a field in our JSON": (own(field=CANARY), "unknown_field", ("rule", "rules", 0), "not a declared field"),
    "a key in our JSON": (own(more=CANARY), "rule_format", ("rule", "rules", 0, "more"), "nothing is ever skipped"),
    "another schema": ({**own(), "schema": CANARY}, "rule_format", (), "mimcore.rule"),
    "an empty group": ({"combinator": "and", "rules": []}, "rule_format", ("rules",), "empty"),
    "nothing": ({}, "rule_format", (), "not a rule"),
    "text": (CANARY, "rule_format", (), "not a rule"),
    "a list": ([CANARY], "rule_format", (), "not a rule"),
    "null": (None, "rule_format", (), "not a rule"),
    "a rule that is none": ({"rule": CANARY}, "rule_format", (), "not a rule"),
}


@pytest.mark.parametrize(("document", "kind", "place", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_a_validation_error_with_its_place(
    document: Any, kind: str, place: tuple[str | int, ...], words: str
) -> None:
    """The place continues the host's own; the reason is ours; the input is not repeated."""
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({"rule": document})
    (error,) = caught.value.errors()
    assert (error["type"], error["loc"], error["input"]) == (kind, ("rule", *place), None)
    assert words in error["msg"]
    assert "canary" not in f"{caught.value} {caught.value!r} {caught.value.errors()} {caught.value.json()}"
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({"rule": builder(), "rules": [builder(), document]})
    assert caught.value.errors()[0]["loc"] == ("rules", 1, *place)


@pytest.fixture
def client():
    """A host application that asks for the rule as the whole body, and as a part of it."""
    app = FastAPI()

    @app.post("/whole")
    def whole(document: mim.RuleDocument) -> dict[str, str]:
        return {"rule": str(document.rule)}

    @app.post("/part")
    def part(body: Body) -> mim.RuleDocument:
        return body.rule

    return Caller(app)


def test_fastapi_takes_and_gives_rules(client: Caller) -> None:
    """As the body, as a part of it, and as the answer."""
    assert client.post("/whole", json=builder()).json() == {"rule": "country is DK"}
    assert client.post("/part", json={"rule": builder()}).json() == json.loads(DANES.to_json())


@pytest.mark.parametrize(("document", "kind", "place", "words"), WRONG.values(), ids=WRONG)
def test_fastapi_answers_422_without_any_value(
    client: Caller, document: Any, kind: str, place: tuple[str | int, ...], words: str
) -> None:
    """`loc` starts with FastAPI's own words; the canary is nowhere in the answer."""
    answer = client.post("/part", json={"rule": document})
    assert answer.status_code == 422
    (error,) = answer.json()["detail"]
    assert (error["type"], error["loc"]) == (kind, ["body", "rule", *place])
    assert words in error["msg"]
    assert "canary" not in answer.text
    if document is not None:  # FastAPI itself refuses an absent body
        answer = client.post("/whole", json=document)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", *place]
        assert "canary" not in answer.text


def test_openapi_describes_both_documents(client: Caller) -> None:
    """The schema names the two forms and is the same for input and output."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert [one["title"] for one in schemas["RuleDocument"]["anyOf"]] == [
        "mimcore's rule",
        "React Query Builder's query",
    ]
