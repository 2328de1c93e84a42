"""Rules as JSON: what is written is read back the same, and what is not understood is refused with its place."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import generate

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.errors import CaptureError, RuleFormatError, RuleTypeError, UnknownFieldError
from mimcore.rules.interchange.document import from_json, load, save, to_json
from mimcore.rules.language import nodes

DANE = {"op": "equals", "field": "contact.country", "value": "DK"}


def written(rule: object, **more: object) -> str:
    """A document round a rule."""
    return json.dumps({"schema": "mimcore.rule", "version": "1.0", "rule": rule, **more})


def nested(levels: int) -> str:
    """Negations inside each other, as text."""
    return written("@").replace('"@"', '{"op":"not","rule":' * levels + json.dumps(DANE) + "}" * levels)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5))
def test_what_is_written_is_read_back_the_same(seed: int, depth: int) -> None:
    """Any generated rule comes back equal, with the same hash, and writes the same text."""
    rule = generate.Rules(random.Random(seed), generate.NOWS[0]).rule(depth)
    again = from_json(to_json(rule))
    assert again == rule
    assert type(again) is type(rule)
    assert hash(again) == hash(rule)
    assert to_json(again) == to_json(rule)


def test_files_keep_rules(tmp_path: Path) -> None:
    """Save and load; a folder that is not there is an error in our words."""
    rule = generate.Rules(random.Random(1), generate.NOWS[0]).rule()
    rule.save(tmp_path / "rule.json")
    assert nodes.Rule.load(tmp_path / "rule.json") == load(tmp_path / "rule.json") == rule
    with pytest.raises(CaptureError, match="saved"):
        save(rule, tmp_path / "nowhere" / "rule.json")
    with pytest.raises(CaptureError, match="read"):
        load(tmp_path / "nowhere.json")


def test_a_newer_minor_version_is_read_as_far_as_it_is_known() -> None:
    """1.9 may be read, because unknown keys would be refused anyway."""
    assert from_json(written(DANE).replace('"1.0"', '"1.9"')) == from_json(written(DANE))


FORMAT = {
    "no JSON": ("hello", "not JSON"),
    "nothing": ("", "not JSON"),
    "no Unicode": (b"\xff\xfe", "not JSON"),
    "UTF-16": (written(DANE).encode("utf-16"), "not JSON"),
    "raw lone surrogate": (written(DANE).replace("DK", "\udc00"), "not JSON"),
    "a list": ("[]", "schema"),
    "another schema": (written(DANE).replace("mimcore.rule", "x"), "schema"),
    "another major version": (written(DANE).replace("1.0", "2.0"), "major version"),
    "a version that is none": (written(DANE).replace("1.0", "1.evil"), "major version"),
    "a version that is a number": (written(DANE).replace('"1.0"', "1"), "major version"),
    "an unknown key outside": (written(DANE, extra=1), "exactly the keys"),
    "no rule": ('{"schema": "mimcore.rule", "version": "1.0"}', "exactly the keys"),
    "an unknown key": (written({**DANE, "x": 1}), r"at rule\.x: this key"),
    "an unknown key deep inside": (written({"op": "all", "rules": [DANE, {"op": "not", "rule": {**DANE, "x": 1}}]}), r"at rule\.rules\[1\]\.rule\.x: this key"),
    "an unknown op": (written({"op": "regex"}), "at rule: this 'op' is not known"),
    "an unknown op deep inside": (written({"op": "any", "rules": [{"op": "regex"}]}), r"at rule\.rules\[0\]: this 'op'"),
    "an op that is a number": (written({"op": 1}), "this 'op' is not known"),
    "no op": (written({"field": "contact.country"}), "'op' is missing"),
    "no rule but null": (written(None), "at rule: a rule is a JSON object"),
    "a key twice": (written(DANE)[:-2] + ',"op":"equals"}}', "same key twice"),
    "NaN": (written(DANE).replace('"DK"', "NaN"), "NaN"),
    "infinity by exponent": (written({**DANE, "value": 1}).replace('"value": 1', '"value": 1e999'), r"at rule\.value"),
    "5,000 digits": (written({**DANE, "value": 1}).replace('"value": 1', '"value": ' + "9" * 5000), "not JSON"),
    "null as a literal": (written({**DANE, "value": None}), r"at rule\.value: a literal is"),
    "a list as a literal": (written({**DANE, "value": ["DK"]}), r"at rule\.value: a literal is"),
    "money with a further key": (written({**DANE, "value": {"minor_units": 1, "currency": "DKK", "x": 1}}), r"at rule\.value"),
    "33 levels": (nested(33), "deeper than 32"),
    "150 levels": (nested(150), "deeper than 32"),
    "300 levels": (nested(300), "RuleFormatError|nested|wrong type"),
    "3,000 levels": (nested(3000), "nested too deeply"),
    "501 conditions": (written({"op": "any", "rules": [DANE] * 501}), "more than 500 conditions"),
    "2,001 literals": (written({"op": "is_in", "field": "contact.city", "values": [str(n) for n in range(2001)]}), r"at rule\.values: the list is too long"),
    "3,000 literals in two lists": (written({"op": "any", "rules": [{"op": "is_in", "field": "contact.city", "values": ["x"] * 1500}] * 2}), "more than 2000 values"),
    "more than 64 KiB": (written({**DANE, "value": "x" * 66_000}), "larger than 64 KiB"),
    "more than 64 KiB as bytes": (written({**DANE, "value": "é" * 33_000}).encode(), "larger than 64 KiB"),
    "an empty group": (written({"op": "all", "rules": []}), r"at rule\.rules: a group or list must not be empty"),
    "an empty record condition": (written({"op": "has_record", "field": "contact.devices", "where": []}), r"at rule\.where: a group"),
    "a text as a group": (written({"op": "all", "rules": "abc"}), r"at rule\.rules"),
    "nothing to negate": (written({"op": "not"}), r"at rule\.rule: a required key is missing"),
    "an empty needle": (written({"op": "contains", "field": "contact.city", "value": ""}), r"at rule\.value: the text must not be empty"),
    "a negative window": (written({"op": "within_last_days", "field": "contact.acquired_at", "days": -1}), r"at rule\.days"),
    "true as days": (written({"op": "within_last_days", "field": "contact.acquired_at", "days": True}), r"at rule\.days"),
    "freshness of 0": (written({"op": "freshness_at_least", "field": "contact.city", "value": 0}), r"at rule\.value"),
    "freshness as text": (written({"op": "freshness_at_least", "field": "contact.city", "value": "0.5"}), r"at rule\.value"),
    "freshness true": (written({"op": "freshness_at_least", "field": "contact.city", "value": True}), r"at rule\.value"),
    "a long segment key": (written({"op": "in_segment", "segment": "x" * 81}), r"at rule\.segment: the text is too long"),
}  # fmt: skip
EVENT = {"op": "event_count", "kind": "purchase", "comparison": "at_least", "value": 1}
MEANING = {
    "an unknown field": ({**DANE, "field": "contact.contry"}, UnknownFieldError, r"at rule: 'contact\.contry'.*did you mean"),
    "a walk along attributes": ({**DANE, "field": "contact.__class__.__init__"}, UnknownFieldError, "not a declared field"),
    "deep inside": ({"op": "all", "rules": [DANE, {"op": "not", "rule": {**DANE, "field": "x"}}]}, UnknownFieldError, r"at rule\.rules\[1\]\.rule: 'x'"),
    "a number for a code": ({**DANE, "value": 5}, RuleTypeError, "at rule: .*int does not fit"),
    "a code that is none": ({**DANE, "value": "XX"}, RuleTypeError, "not a code"),
    "a blank code": ({"op": "equals", "field": "account.domain", "value": " "}, RuleTypeError, "empty text"),
    "blank text": ({"op": "contains", "field": "contact.city", "value": "  "}, RuleTypeError, "empty text"),
    "a lone surrogate": ({"op": "equals", "field": "contact.city", "value": "\ud800"}, RuleTypeError, "surrogate"),
    "a lone surrogate as code": ({"op": "equals", "field": "account.domain", "value": "\udfff"}, RuleTypeError, "surrogate"),
    "NUL": ({"op": "equals", "field": "contact.city", "value": "a\x00"}, RuleTypeError, "control character"),
    "true as a number": ({"op": "at_least", "field": "contact.children", "value": True}, RuleTypeError, "bool does not fit"),
    "a digit as a number": ({"op": "at_least", "field": "contact.children", "value": "1"}, RuleTypeError, "str does not fit"),
    "2**70": ({"op": "at_least", "field": "contact.children", "value": 2**70}, RuleTypeError, "does not fit"),
    "order of text": ({"op": "at_least", "field": "contact.city", "value": "a"}, RuleTypeError, "kind text"),
    "a collection as one value": ({"op": "equals", "field": "contact.interests", "value": "a"}, RuleTypeError, "collection"),
    "records as one value": ({"op": "equals", "field": "contact.devices", "value": "a"}, RuleTypeError, "collection"),
    "a word that is no code": ({"op": "overlaps", "field": "contact.preferred_channels", "values": ["emial"]}, RuleTypeError, "did you mean 'email'"),
    "ages as a list": ({"op": "is_in", "field": "contact.age", "values": [3]}, RuleTypeError, "is_between"),
    "a window on text": ({"op": "within_last_days", "field": "contact.city", "days": 1}, RuleTypeError, "date or instant"),
    "a naive instant": ({"op": "at_least", "field": "contact.acquired_at", "value": "2026-01-01T00:00"}, RuleTypeError, "no time zone"),
    "a date as an instant": ({"op": "at_least", "field": "contact.acquired_at", "value": "2026-01-01"}, RuleTypeError, "date"),
    "a month 13": ({"op": "at_least", "field": "contact.birth_date", "value": "2026-13-01"}, RuleTypeError, "not a date"),
    "a bare number as money": ({"op": "at_least", "field": "contact.annual_income", "value": 5}, RuleTypeError, "mim.money"),
    "an unknown currency": ({"op": "at_least", "field": "contact.annual_income", "value": {"minor_units": 1, "currency": "ZZZ"}}, RuleTypeError, "ISO 4217"),
    "an unknown record field": ({"op": "has_record", "field": "contact.devices", "where": [{"name": "knd", "value": "x"}]}, UnknownFieldError, "knd"),
    "an unknown kind of event": ({**EVENT, "kind": "purchas"}, UnknownFieldError, "did you mean 'purchase'"),
    "a contact's field in events": ({**EVENT, "where": DANE}, RuleTypeError, "only f.event"),
    "events in events": ({**EVENT, "where": EVENT}, RuleTypeError, "only f.event"),
    "an event's field outside": ({"op": "equals", "field": "event.product", "value": "x"}, RuleTypeError, "belongs to events"),
    "a total as a number": ({**EVENT, "op": "event_total"}, RuleTypeError, "bare number has no currency"),
    "a total in no currency": ({**EVENT, "op": "event_total", "value": {"minor_units": 1, "currency": "dkk"}}, RuleTypeError, "ISO 4217"),
    "a total beyond 64 bits": ({**EVENT, "op": "event_total", "value": {"minor_units": 2**70, "currency": "DKK"}}, RuleTypeError, "64 bits"),
    "a count beyond 64 bits": ({**EVENT, "value": 2**70}, RuleTypeError, "64 bits"),
    "a count as money": ({**EVENT, "value": {"minor_units": 1, "currency": "DKK"}}, RuleTypeError, "whole number"),
    "a count as a fraction": ({**EVENT, "value": 1.5}, RuleTypeError, "whole number"),
    "freshness of an account": ({"op": "freshness_at_least", "field": "account.name", "value": 0.5}, RuleTypeError, "contacts' values"),
    "an undated account": ({"op": "is_undated", "field": "account.name"}, RuleTypeError, "contacts' values"),
    "an unprintable segment": ({"op": "in_segment", "segment": "a\n"}, RuleTypeError, "unprintable"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMAT)
def test_what_is_no_rule_is_refused_with_its_place(name: str) -> None:
    """Nothing is skipped, and no other exception comes out, not even as a cause."""
    text, message = FORMAT[name]
    with pytest.raises(RuleFormatError, match=message) as caught:
        from_json(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", MEANING)
def test_what_does_not_fit_its_field_is_refused(name: str) -> None:
    """The shape is right, the meaning is not; the message names place and field."""
    rule, error, message = MEANING[name]
    with pytest.raises(error, match=message) as caught:
        from_json(written(rule))
    assert str(caught.value).startswith("at rule")
    assert caught.value.__cause__ is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_document_is_a_rule_or_a_rule_error(data: st.DataObject) -> None:
    """Any one value inside a valid document replaced by anything of JSON: never another exception."""
    rule = generate.Rules(random.Random(data.draw(st.integers(0, 5000))), generate.NOWS[0]).rule(2)
    document = json.loads(to_json(rule))
    places = list(_places(document))
    owner, key = data.draw(st.sampled_from(places))
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    owner[key] = data.draw(
        scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=4), scalars, max_size=2)
    )
    try:
        found = from_json(json.dumps(document))
    except (RuleFormatError, UnknownFieldError, RuleTypeError):
        return
    assert str(found)
    assert from_json(to_json(found)) == found


def _places(value: object):
    """Every owner and key inside a document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from _places(inner)
