"""20,000 hostile documents: each is a rule or a typed refusal, nothing else, and no refusal repeats what it refused."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.rules import hostile

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore.errors import MimcoreError, RuleFormatError
from mimcore.rules.interchange.document import from_json, to_json

EACH = 1000


@pytest.mark.parametrize("seed", range(20))
def test_a_hostile_document_is_a_rule_or_a_typed_refusal(seed: int) -> None:
    """1,000 for each seed; what is accepted can be said and is read back the same."""
    outcomes: Counter[str] = Counter()
    for text in hostile.documents(seed, EACH):
        try:
            rule = from_json(text)
        except MimcoreError as error:
            outcomes[type(error).__name__] += 1
            assert_silent(error)
        else:
            outcomes["rule"] += 1
            assert str(rule)
            assert from_json(to_json(rule)) == rule
    assert outcomes["rule"] >= EACH / 10
    assert outcomes["RuleFormatError"] >= EACH / 4
    assert outcomes["UnknownFieldError"] > 0
    assert outcomes["RuleTypeError"] > 0


def assert_silent(error: MimcoreError) -> None:
    """No value of the document is in the message, and no other exception hangs behind it."""
    told = f"{error} {error!r} {getattr(error, 'place', '')}"
    assert hostile.CANARY not in told
    assert len(told) < 6000
    assert "\x00" not in told
    assert all(character.isprintable() or character == "\n" for character in told)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_documents_that_ask_for_much_work_are_rules_or_refusals() -> None:
    """As wide, as long and as deep as the limits allow, and beyond; how long that takes is in the benchmark."""
    accepted = set()
    for name, text in hostile.heavy():
        try:
            rule = from_json(text)
        except MimcoreError as error:
            assert_silent(error)
        else:
            accepted.add(name)
            assert from_json(to_json(rule)) == rule, name
    assert {"wide", "long list", "patterns", "calendars", "deep", "a long text"} <= accepted


def test_many_time_zones_are_refused() -> None:
    """A zone is two centuries of clock changes: a rule may name ten of them, not five hundred."""
    text = dict(hostile.heavy())["zones"]
    with pytest.raises(RuleFormatError, match="more than 10 time zones"):
        from_json(text)
