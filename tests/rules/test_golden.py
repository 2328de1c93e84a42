"""Documents that were written once and must be read for ever: one for each kind of condition, with what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.rules.interchange.document import from_json, json_schema, to_json
from mimcore.rules.language.nodes import Rule

GOLDEN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "rules-1.0.json").read_text("utf-8"))
SCHEMA = Draft202012Validator(json_schema())


@pytest.mark.parametrize("case", GOLDEN, ids=[one["says"][:50] for one in GOLDEN])
def test_a_document_keeps_its_meaning_and_its_text(case: dict[str, Any]) -> None:
    """Read, said and written again as on the day it was first written; and valid by the published schema."""
    rule = from_json(json.dumps(case["document"]))
    assert str(rule) == case["says"]
    assert json.loads(to_json(rule)) == case["document"]
    assert list(SCHEMA.iter_errors(case["document"])) == []


def _ops(document: Any) -> set[str]:
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    own = {document["op"]} if isinstance(document, dict) and "op" in document else set()
    return own.union(*map(_ops, inner))


def test_every_shape_has_a_document() -> None:
    """No operator without one, apart from the names of comparisons that differ in a word only."""
    said = set().union(*(_ops(one["document"]) for one in GOLDEN))
    shapes = [set(model.model_fields["op"].annotation.__args__) for model in Rule.__subclasses__()]  # type: ignore[union-attr]
    assert [ops for ops in shapes if not ops & said] == []


@pytest.mark.parametrize(
    "change",
    [{"op": "unknown"}, {"extra": 1}, {"within_days": -1}, {"comparison": "about"}, {"kind": ""}],
    ids=lambda one: next(iter(one)),
)
def test_the_schema_refuses_what_is_no_rule(change: dict[str, Any]) -> None:
    """Unknown operators, keys and ranges."""
    counted = {"op": "event_count", "kind": "purchase", "comparison": "at_least", "value": 1}
    envelope = {"schema": "mimcore.rule", "version": "1.0"}
    assert list(SCHEMA.iter_errors({**envelope, "rule": counted})) == []
    assert list(SCHEMA.iter_errors({**envelope, "rule": {**counted, **change}})) != []
