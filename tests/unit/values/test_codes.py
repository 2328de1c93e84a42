from __future__ import annotations

import pytest

from mimcore.errors import InvalidValueError
from mimcore.values import country, country_name, language, language_name
from mimcore.values.countries import COUNTRY_ALIASES, COUNTRY_NAMES, COUNTRY_THREE_LETTERS
from mimcore.values.languages import LANGUAGE_ALIASES, LANGUAGE_NAMES, LANGUAGE_THREE_LETTERS


def test_the_tables_are_complete() -> None:
    """249 countries (ISO 3166-1) and 183 languages (ISO 639-1), each with one three-letter code."""
    assert len(COUNTRY_NAMES) == len(COUNTRY_THREE_LETTERS) == len(set(COUNTRY_NAMES.values())) == 249
    assert len(LANGUAGE_NAMES) == len(LANGUAGE_THREE_LETTERS) == len(set(LANGUAGE_NAMES.values())) == 183
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRY_NAMES)
    assert all(len(code) == 2 and code.isascii() and code.islower() for code in LANGUAGE_NAMES)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("DK", "DK"), ("dk", "DK"), (" dk ", "DK"), ("Denmark", "DK"), ("DANMARK", "DK"), ("Dänemark", "DK"), ("Danemark", "DK"), ("DNK", "DK"),
        ("UK", "GB"), ("Great Britain", "GB"), ("England", "GB"), ("United Kingdom", "GB"), ("USA", "US"), ("U.S.A.", "US"), ("Deutschland", "DE"),
        ("Tyskland", "DE"), ("Allemagne", "DE"), ("Niemcy", "DE"), ("Österreich", "AT"), ("Schweiz", "CH"), ("Suisse", "CH"), ("España", "ES"),
        ("Holland", "NL"), ("Nederland", "NL"), ("Sverige", "SE"), ("Suomi", "FI"), ("Polska", "PL"), ("Turkey", "TR"), ("Czech Republic", "CZ"),
        ("Côte d'Ivoire", "CI"), ("Ivory Coast", "CI"), ("South Korea", "KR"), ("Austria", "AT"), ("Australia", "AU"), ("Niger", "NE"), ("Nigeria", "NG"),
    ],
)  # fmt: skip
def test_countries_as_people_write_them(written: str, code: str) -> None:
    """Codes, English names and common European names, in any case."""
    assert country(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("da", "da"), ("DA", "da"), ("dan", "da"), ("Danish", "da"), ("dansk", "da"), ("da-DK", "da"), ("da_DK", "da"), ("en-GB", "en"), ("zh-Hans-CN", "zh"),
        ("pt_BR.UTF-8", "pt"), ("Deutsch", "de"), ("Français", "fr"), ("svenska", "sv"), ("nb", "nb"), ("no", "no"), ("Norwegian Bokmål", "nb"), ("Farsi", "fa"),
    ],
)  # fmt: skip
def test_languages_as_people_and_machines_write_them(written: str, code: str) -> None:
    """Codes, tags, English names and own names."""
    assert language(written) == code


@pytest.mark.parametrize(
    ("written", "hint"),
    [("Danmrk", "'DK' (Denmark)"), ("Germny", "'DE' (Germany)"), ("XX", "'DK'"), ("Atlantis", "'DK'"), ("EU", "ISO")],
)
def test_an_unknown_country_gets_the_nearest(written: str, hint: str) -> None:
    """The remedy names a code that exists and never repeats what was written."""
    with pytest.raises(InvalidValueError) as caught:
        country(written, "home_country")
    assert caught.value.field == "home_country"
    assert hint in caught.value.remedy
    assert written not in str(caught.value).replace(hint, "")


@pytest.mark.parametrize("read", [country, language])
@pytest.mark.parametrize("value", [None, "", "  ", 5, "x" * 10_000_000, "D\x00K", "-", "12"])
def test_what_is_no_code_is_refused(read: object, value: object) -> None:
    """Missing, wrong types, too long, control characters."""
    with pytest.raises(InvalidValueError):
        read(value)


def test_an_unknown_language_gets_the_nearest() -> None:
    """A typing error in a name leads to the code."""
    with pytest.raises(InvalidValueError, match=r"did you mean 'da' \(Danish\)"):
        language("Danisch")


def test_names_and_aliases_lead_back_to_their_codes() -> None:
    """Every name in the tables is read as its own code; no alias hides another country."""
    assert [country(name) for name in COUNTRY_NAMES.values()] == list(COUNTRY_NAMES)
    assert [language(name) for name in LANGUAGE_NAMES.values()] == list(LANGUAGE_NAMES)
    assert {name: country(name) for name in COUNTRY_ALIASES} == COUNTRY_ALIASES
    assert {name: language(name) for name in LANGUAGE_ALIASES} == LANGUAGE_ALIASES
    assert {code: country(code) for code in COUNTRY_THREE_LETTERS} == COUNTRY_THREE_LETTERS
    assert (country_name("dk"), language_name("DA")) == ("Denmark", "Danish")
