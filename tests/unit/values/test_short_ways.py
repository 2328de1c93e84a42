"""The short ways of e-mail addresses and phone numbers answer as the libraries do, mutated as they may be."""

from __future__ import annotations

from types import SimpleNamespace

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.values.mutated import (
    REGIONS,
    differing_addresses,
    differing_numbers,
    mutated_numbers,
    verdict,
)

from mimcore.values import phone_plans
from mimcore.values.phone import library_e164
from mimcore.values.phone_plans import ordinary_e164


def test_mutated_addresses_get_the_answer_of_the_library() -> None:
    """To the reason of a refusal; `make answers` judges 200,000."""
    assert list(differing_addresses(6_000, seed=20260401)) == []


def test_mutated_numbers_get_the_answer_of_the_library() -> None:
    """Of all regions and kinds, read at home, elsewhere and nowhere; most of them are decided the short way or refused."""
    assert list(differing_numbers(6_000, seed=20260401)) == []
    short = [ordinary_e164(text, region) is not None for text, region in mutated_numbers(2_000, seed=1)]
    assert 0.3 < sum(short) / len(short) < 0.9


@given(st.from_regex(r"\(?\+?[0-9 ().\-/]{3,20}", fullmatch=True), st.sampled_from(REGIONS))
def test_digits_and_punctuation_are_never_read_otherwise(text: str, region: str) -> None:
    """Whatever the short way reads, the library reads as the same number."""
    found = ordinary_e164(text, region)
    assert found is None or found == verdict(library_e164, text, region, "")


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("020 7946 0018", "GB", "+442079460018"), ("+44 (0)20 7946 0018", None, "+442079460018"), ("06 698 82 373", "IT", "+390669882373"),
        ("(650) 253-0000", "US", "+16502530000"), ("+1 242 365 1234", None, "+12423651234"), ("030/23125000", "DE", "+493023125000"),
        ("+800 1234 5678", None, "+80012345678"), ("8 (912) 345-67-89", "RU", "+79123456789"),
    ],
)  # fmt: skip
def test_ordinary_numbers_are_decided_the_short_way(text: str, region: str | None, e164: str) -> None:
    """With national prefix, brackets and leading zeros; of plans that several regions share, and of none."""
    assert ordinary_e164(text, region) == e164


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("0045 32 12 34 56", "DK"), ("011 15 2345 6789", "AR"), ("1-800-FLOWERS", "US"), ("+45 32 12 34 56 x7", None), ("+45 32 12 34", None),
        ("4532123456", "DK"), ("+999 123456", None), ("112", "DK"), ("\uff0b4532123456", None),
    ],
)  # fmt: skip
def test_everything_else_is_left_to_the_library(text: str, region: str | None) -> None:
    """Prefixes of calls abroad, rewritten numbers, letters, extensions, and what is not valid."""
    assert ordinary_e164(text, region) is None


def test_a_kind_of_number_that_does_not_occur_matches_nothing() -> None:
    """Some editions of the metadata mark it by the length -1."""
    kind = SimpleNamespace(national_number_pattern="[0-9]+", possible_length=(-1,))
    plan = SimpleNamespace(general_desc=SimpleNamespace(national_number_pattern="[0-9]{8}", possible_length=(8,)))
    for name in ("fixed_line", "mobile", "voip", "toll_free", "premium_rate", "shared_cost"):
        setattr(plan, name, kind)
    for name in ("personal_number", "pager", "uan", "voicemail"):
        setattr(plan, name, None)
    plan.mobile = SimpleNamespace(national_number_pattern="3[0-9]+", possible_length=())
    matches = phone_plans.re.compile(phone_plans._numbers(plan)).fullmatch
    assert matches("32123456")
    assert not matches("42123456")
    assert not matches("321234567")


def test_the_plans_are_those_of_the_library() -> None:
    """Every calling code of the library has a pattern, and nobody else's."""
    assert phone_plans._codes() == {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
