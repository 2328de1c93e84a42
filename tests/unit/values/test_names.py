from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.values import PersonName, as_title, title_of
from mimcore.values.titles import SUFFIXES, TITLES, as_suffix

TABLE = (Path(__file__).parent / "names_expected.tsv").read_text(encoding="utf-8").splitlines()
EXPECTED = [line.split("\t") for line in TABLE if not line.startswith("#")]


@pytest.mark.parametrize("row", EXPECTED, ids=[row[0].strip() for row in EXPECTED])
def test_a_written_name_is_read_into_its_parts(row: list[str]) -> None:
    """Each name of the hand-made table comes out in the expected parts."""
    name = PersonName.parse(row[0])
    found = (name.title, name.given, name.middle, name.family, name.suffix)
    assert found == tuple(None if part == "-" else part for part in row[1:])


def test_the_table_of_names_is_long_enough() -> None:
    """At least 120 names in many languages, each once."""
    assert len({row[0] for row in EXPECTED}) == len(EXPECTED) >= 120


@pytest.mark.parametrize(
    "spelling", ["Mrs", "Mrs.", "MRS", "mrs", "Fru", "FRU", "Frau", "Mme", "Mme.", "Sra.", "Dña", "Signora", "Mevr."]
)
def test_every_spelling_of_mrs_is_one_title(spelling: str) -> None:
    """The title is stored as one code whatever language it was written in."""
    assert title_of(spelling) == "mrs"
    assert PersonName(title=spelling, family="Berg").title == "mrs"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Prof. Dr.", "prof dr"), ("Dr. Prof.", "prof dr"), ("Frau Dr. med.", "mrs dr"), ("Herr", "mr"), ("Miss", "ms"),
        ("Mlle", "ms"), ("Fröken", "ms"), ("Dr. Dr.", "dr"), ("Major", "maj"), ("Sig.", "mr"), ("mrs prof dr", "mrs prof dr"),
    ],
)  # fmt: skip
def test_titles_combine_in_one_order(written: str, code: str) -> None:
    """Several titles become codes in canonical order, each once."""
    assert as_title(written) == code


@pytest.mark.parametrize("code", TITLES)
def test_every_title_code_is_a_spelling_of_itself(code: str) -> None:
    """A stored code can be read back, in every spelling of the table."""
    assert as_title(code) == code
    assert {as_title(spelling) for spelling in " ".join(TITLES[code].split()).split("|")} == {code}


def test_no_spelling_belongs_to_two_titles() -> None:
    """The table is a function: no title is ambiguous."""
    spellings = [title_of(one) for text in TITLES.values() for one in " ".join(text.split()).split("|")]
    assert None not in spellings
    assert [as_suffix(stored) for stored in SUFFIXES] == list(SUFFIXES)


def test_an_unknown_title_is_refused() -> None:
    """The error names the field and what would be right, not what was written."""
    with pytest.raises(InvalidValueError) as caught:
        PersonName(title="Grandmaster Xyzzy", family="Berg")
    assert caught.value.field == "title"
    assert "'mrs'" in caught.value.remedy
    assert "xyzzy" not in str(caught.value).lower()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Acme Inc", "company"), ("Acme GmbH", "company"), ("Volvo AB", "company"), ("Novo Nordisk A/S", "company"),
        ("Telefónica S.A.", "company"), ("Smith & Sons", "more than one"), ("Mr & Mrs Smith", "more than one"),
        ("Herr und Frau Berg", "more than one"), ("Anna og Per Berg", "more than one"), ("ana@acme.dk", "address"),
        ("https://acme.dk", "address"), ("12345", "no name"), ("Mrs.", "no name"), ("---", "no name"), ("", "missing"),
        ("   ", "missing"), ("A" * 201, "too long"), ("Anna\nBcc: x", "control"), ("\x00", "control"), (",,,", "no name"),
        ('"Bill"', "no name"),
    ],
)  # fmt: skip
def test_what_is_no_person_is_refused(text: str, reason: str) -> None:
    """Companies, couples, addresses, header injections and empty text raise an error that says which."""
    with pytest.raises(InvalidValueError, match=reason):
        PersonName.parse(text)


@pytest.mark.parametrize("text", ["Maria Sá", "MARIA SA", "Anna Bank", "Al Gore", "Jo March", "Sa Li"])
def test_short_family_names_are_no_companies(text: str) -> None:
    """Only unmistakable legal forms count as companies."""
    assert PersonName.parse(text).family is not None


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        (PersonName(title="mrs", given="Ana", family="Sørensen"), "en", "Mrs Sørensen"),
        (PersonName(title="mrs", given="Ana", family="Sørensen"), "da", "Fru Sørensen"),
        (PersonName(title="mrs", given="Ana", family="Sørensen"), "nb", "Fru Sørensen"),
        (PersonName(title="mrs", given="Ana", family="Sørensen"), "xx", "Mrs Sørensen"),
        (PersonName(title="mrs prof dr", given="Ana", family="Berg"), "de", "Frau Prof. Dr. Berg"),
        (PersonName(title="mrs prof dr", given="Ana", family="Berg"), "en", "Professor Berg"),
        (PersonName(title="sir", given="Elton", family="John"), "en", "Sir Elton"),
        (PersonName(title="mrs", given="Ana"), "en", "Mrs Ana"),
        (PersonName(given="Ana", family="Sørensen"), "en", "Ana"),
        (PersonName(family="Sørensen"), "en", "Sørensen"),
    ],
)  # fmt: skip
def test_a_letter_addresses_the_person(name: PersonName, language: str, expected: str) -> None:
    """Title and family name in the language, with fallbacks where one is missing."""
    assert name.salutation(language) == expected


@pytest.mark.parametrize("language", ["en", "da", "de", "pl", "fr", "xx"])
def test_every_title_has_a_form_of_address(language: str) -> None:
    """No canonical title lacks a form in any language."""
    for code in TITLES:
        assert PersonName(title=code, given="Ana", family="Berg").salutation(language).endswith(("Ana", "Berg"))


def test_the_parts_make_the_full_name_key_and_initials() -> None:
    """`full`, `match_key` and `initials` of a name with everything."""
    name = PersonName(title="dr", given="Jean-Pierre", middle="M.", family="van der O'Neill", suffix="jr.")
    assert name.full == "Jean-Pierre M. van der O'Neill Jr"
    assert name.match_key == "jeanpierre|vanderoneill"
    assert name.initials == "JMO"


def test_a_suffix_of_commas_is_missing() -> None:
    """Known is what says something: no empty text is ever a part of a name."""
    assert PersonName(given="Ana", suffix=" , ,").suffix is None
    assert PersonName(given="Ana", suffix=",phd").suffix == "PhD"


def test_titles_and_case_do_not_change_the_key() -> None:
    """Different spellings of one person share the match key."""
    spellings = ["Mrs Anna Berg", "BERG, ANNA", "BERG Anna", "anna berg", "Fru Anna Berg", "Anna Maria Berg"]
    assert {PersonName.parse(text).match_key for text in spellings} == {"anna|berg"}


def test_a_name_needs_a_given_or_a_family_name() -> None:
    """A title alone is no name."""
    with pytest.raises(InvalidValueError, match="neither given nor family"):
        PersonName(title="mrs")


def test_a_text_stands_for_the_object() -> None:
    """Validating a plain text parses it."""
    assert PersonName.model_validate("Fru Ana Sørensen") == PersonName(title="mrs", given="Ana", family="Sørensen")


def test_the_repr_masks_the_person() -> None:
    """The title shows, the name does not."""
    shown = repr(PersonName(title="mrs", given="Ana", middle="Maria", family="Sørensen"))
    assert "mrs" in shown
    assert not any(part in shown for part in ("Ana", "Maria", "Sørensen"))


@given(st.text(max_size=250))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the parser fail in another way, and what it reads is a fixed point of validation."""
    try:
        name = PersonName.parse(text)
    except InvalidValueError:
        return
    assert PersonName(**name.model_dump()) == name


WORDS = st.sampled_from(
    [
        "Anna",
        "Berg",
        "Mrs.",
        "Dr.",
        "van",
        "der",
        ",",
        "Jr",
        "PhD",
        "DE",
        "LA",
        "García",
        "y",
        "O'Neill",
        "(x)",
        "王",
        "&",
        "Prof.",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_every_mixture_of_words_is_read_or_refused(words: list[str]) -> None:
    """Titles, particles, commas and suffixes in any order never crash the parser nor lose both names."""
    try:
        name = PersonName.parse(" ".join(words))
    except InvalidValueError:
        return
    assert name.given or name.family
