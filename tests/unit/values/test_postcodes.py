"""Forms of postal codes: every published example fits its country, and codes of elsewhere do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.values.countries import COUNTRY_NAMES
from mimcore.values.postcodes import countries_with_postcodes, fits_country

EXAMPLES = json.loads(
    (Path(__file__).parents[2] / "outside" / "libaddressinput" / "examples.json").read_text(encoding="utf-8")
)


def test_every_published_example_fits() -> None:
    """As published, without its separators, in small letters, and with the country before it."""
    for country, codes in EXAMPLES.items():
        for code in codes:
            for written in (code, code.replace(" ", "").replace("-", ""), code.lower(), f"{country}-{code}"):
                assert fits_country(written, country) is True, (country, written)


def test_every_country_of_the_examples_is_known_and_no_other() -> None:
    """The table and the published data name the same countries."""
    assert countries_with_postcodes() == frozenset(EXAMPLES)
    assert {fits_country("1234", country) for country in set(COUNTRY_NAMES) - set(EXAMPLES)} == {None}


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("114 55", "DK"),
        ("1165", "SE"),
        ("1234 SS", "NL"),
        ("10115", "NL"),
        ("SW1A 1A", "GB"),
        ("75008 ", "CA"),
        ("D1A 1A1", "CA"),
        ("9021", "US"),
        ("902101", "US"),
        ("97400", "YT"),
        ("\u0661\u0661\u0666\u0665", "DK"),
        ("116 5x", "DK"),
    ],
)
def test_codes_of_elsewhere_do_not_fit(code: str, country: str) -> None:
    """Too short, too long, letters that are not used, digits of another script."""
    assert fits_country(code, country) is False


def test_without_a_code_or_a_form_nothing_is_known() -> None:
    """Punctuation alone is no code."""
    assert [fits_country(code, "DK") for code in ("", " - ")] == [None, None]
    assert fits_country("1165", "XX") is None


@given(st.text(st.characters(max_codepoint=126), max_size=30), st.sampled_from(sorted(EXAMPLES)))
def test_separators_and_case_never_count(code: str, country: str) -> None:
    """Whatever is written, the answer is that of its letters and digits."""
    assert fits_country(" ".join(code.lower()), country) == fits_country(code, country)
