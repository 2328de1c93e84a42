from __future__ import annotations

import pytest

from mimcore.errors import InvalidValueError
from mimcore.values import PostalAddress


def test_an_address_is_kept_as_written_with_its_country_as_a_code() -> None:
    """White space is tidied, the postal code is in capitals, the country becomes ISO."""
    address = PostalAddress(street="  10  Downing Street ", postal_code="sw1a  2aa", city="London", country="England")
    assert address == PostalAddress(street="10 Downing Street", postal_code="SW1A 2AA", city="London", country="GB")
    assert address.one_line == "10 Downing Street, SW1A 2AA London, GB"


def test_one_line_leaves_out_what_is_missing() -> None:
    """No stray commas or spaces."""
    assert PostalAddress(city="Aarhus").one_line == "Aarhus"
    assert PostalAddress(postal_code="8000", country="DK").one_line == "8000, DK"
    full = PostalAddress(
        street="1 Main St", street2="Apt 2", postal_code="10001", city="New York", region="NY", country="US"
    )
    assert full.one_line == "1 Main St, Apt 2, 10001 New York, NY, US"


@pytest.mark.parametrize(
    ("parts", "field", "reason"),
    [
        ({}, "address", "no part"), ({"street": "  "}, "address", "no part"), ({"street": "x" * 201}, "street", "too long"),
        ({"postal_code": "1" * 21}, "postal_code", "too long"), ({"country": "Atlantis"}, "country", "not a known country"),
        ({"city": "Aar\nhus"}, "city", "control"), ({"city": 5}, "city", "must be text"), ({"zip": "1"}, "PostalAddress", "not declared"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(parts: dict[str, object], field: str, reason: str) -> None:
    """Empty addresses, unknown countries, wrong and overlong parts."""
    with pytest.raises(InvalidValueError, match=reason) as caught:
        PostalAddress(**parts)
    assert caught.value.field == field


def test_the_key_ignores_spelling_but_not_the_door() -> None:
    """Case, punctuation and spaces do not matter; flat and country do."""
    one = PostalAddress(street="Nørregade 7, 2. tv.", postal_code="DK 1165", city="København", country="DK")
    two = PostalAddress(street="NØRREGADE 7 2 TV", postal_code="dk-1165", country="Danmark")
    other = PostalAddress(street="Nørregade 7, 2. th.", postal_code="DK 1165", country="DK")
    assert one.match_key == two.match_key == "dk|dk1165|nørregade72tv"
    assert other.match_key != one.match_key


@pytest.mark.parametrize(
    "parts", [{"city": "Aarhus"}, {"street": "Nørregade 7"}, {"street": "---", "city": "Aarhus"}, {"country": "DK"}]
)
def test_too_little_gives_no_key(parts: dict[str, str]) -> None:
    """A town or a street alone is not an address."""
    assert PostalAddress(**parts).match_key is None


def test_the_repr_masks_where_somebody_lives() -> None:
    """Region and country show; street, code and city do not."""
    shown = repr(
        PostalAddress(street="Nørregade 7", street2="c/o Berg", postal_code="1165", city="København", country="DK")
    )
    assert "DK" in shown
    assert not any(part in shown for part in ("Nørregade", "Berg", "1165", "København"))
