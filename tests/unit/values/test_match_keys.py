from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.domain.groups import Demographic
from mimcore.values import (
    EmailAddress,
    PersonName,
    PhoneNumber,
    PostalAddress,
    email_key,
    name_phone_key,
    name_postal_key,
    phone_key,
    plain_letters,
    skeleton,
)

ANA = PersonName(given="Ana", family="Sørensen")
PHONE = PhoneNumber(e164="+4532123456")


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Sørensen", "sorensen"), ("SØRENSEN", "sorensen"), ("Müller-Lüdenscheidt", "mullerludenscheidt"), ("Strauß", "strauss"), ("Łukasz", "lukasz"),
     ("Ægir Þór", "aegirthor"), ("Çağlı", "cagli"), ("İstanbul", "istanbul"), ("Nguyễn", "nguyen"), ("山田", "山田"), ("  ", ""), ("O'Neill", "oneill")],
)  # fmt: skip
def test_plain_letters_drop_accents_and_punctuation(text: str, plain: str) -> None:
    """One key for the spellings with and without accents."""
    assert plain_letters(text) == plain


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("p\u0430ypal", "paypal"),
        ("\u0410\u041d\u041d\u0410", "\u0430\u043d\u043d\u0430"),
        ("g00gle", "google"),
        ("ＡＮＡ", "ana"),
    ],
)
def test_texts_that_look_alike_share_a_skeleton(one: str, two: str) -> None:
    """Cyrillic, full-width and digits that pass for letters."""
    assert skeleton(one) == skeleton(two)
    assert skeleton("ana") != skeleton("eva")


@given(st.text(max_size=50))
def test_keys_are_fixed_points(text: str) -> None:
    """The key of a key is the key."""
    assert plain_letters(plain_letters(text)) == plain_letters(text)


def test_keys_join_what_two_values_say() -> None:
    """Name with phone, name with postal district, in several spellings."""
    shouted = PersonName.parse("SORENSEN, ANA")
    assert name_phone_key(ANA, PHONE) == name_phone_key(shouted, PHONE) == "ana|sorensen|+4532123456"
    assert name_postal_key(ANA, PostalAddress(postal_code="DK-1165", country="DK")) == "ana|sorensen|dk|1165"
    assert name_postal_key(shouted, PostalAddress(postal_code="1165", country="Danmark")) == "ana|sorensen|dk|1165"


@given(st.text(st.characters(categories=("L", "M", "N", "P", "Zs")), max_size=12))
def test_a_contact_is_in_the_postal_district_of_its_address(code: str) -> None:
    """The parts of a contact say the same as the address made of them."""
    home = Demographic(postal_code=code, country="DK")
    assert name_postal_key(ANA, home) == name_postal_key(ANA, PostalAddress(postal_code=code, country="DK"))


def test_a_missing_part_gives_no_key() -> None:
    """Records never match by what they lack."""
    only_family = PersonName(family="Berg")
    assert [email_key(None), phone_key(None), name_phone_key(ANA, None), name_phone_key(None, PHONE)] == [None] * 4
    assert [
        name_phone_key(only_family, PHONE),
        name_postal_key(ANA, PostalAddress(city="Aarhus")),
        name_postal_key(ANA, None),
    ] == [None] * 3
    assert email_key(EmailAddress(address="info@acme.dk")) is None
    assert email_key(EmailAddress(address="a.na@gmail.com")) == "ana@gmail.com"
    assert phone_key(PHONE) == "+4532123456"
