from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.values import PhoneNumber
from mimcore.values.countries import COUNTRY_NAMES

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = sorted(phonenumbers.PhoneNumberType.values())


def examples(region: str) -> list[phonenumbers.PhoneNumber]:
    """Return the example of every kind of number that the numbering plan of a region has."""
    found = [phonenumbers.example_number_for_type(region, kind) for kind in TYPES]
    return [number for number in found if number is not None]


@pytest.mark.parametrize("region", REGIONS)
def test_the_examples_of_every_region_are_read_and_round_trip(region: str) -> None:
    """National and international spelling give the same number, which validates, prints and reads back."""
    for number in examples(region):
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        phone = PhoneNumber.parse(national, region=region)
        assert phone.e164 == e164
        assert PhoneNumber.parse(phone.international) == PhoneNumber(e164=e164) == phone
        assert phone.region is None or phone.region in COUNTRY_NAMES


@pytest.mark.parametrize("region", REGIONS)
def test_the_invalid_example_of_every_region_is_refused(region: str) -> None:
    """A number that the plan does not have is refused in both spellings."""
    number = phonenumbers.invalid_example_number(region)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    with pytest.raises(InvalidValueError):
        PhoneNumber.parse(e164)
    with pytest.raises(InvalidValueError):
        PhoneNumber(e164=e164)


def test_there_are_enough_examples() -> None:
    """245 regions and well over a thousand numbers; the plans grow from week to week."""
    assert len(REGIONS) >= 245
    assert sum(len(examples(region)) for region in REGIONS) >= 1300


@pytest.mark.parametrize(
    ("written", "region", "e164"),
    [
        ("32 12 34 56", "DK", "+4532123456"), ("+45 32 12 34 56", None, "+4532123456"), ("0045 32123456", "SE", "+4532123456"),
        ("(0)8-123 456 78", "SE", "+46812345678"), ("020 7946 0018", "gb", "+442079460018"), ("+1 (650) 253-0000", None, "+16502530000"),
        ("1-800-FLOWERS", "US", "+18003569377"), ("06 698 82 373", "IT", "+390669882373"), ("\uff0b45 32123456", None, "+4532123456"),
        ("  +4532123456 ", None, "+4532123456"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(written: str, region: str | None, e164: str) -> None:
    """Spaces, brackets, dashes, prefixes and letters do not matter."""
    phone = PhoneNumber.parse(written, region=region)
    assert phone.e164 == phone.match_key == e164


@pytest.mark.parametrize(
    ("written", "region", "reason"),
    [
        ("32 12 34 56", None, "unknown country"), ("", "DK", "missing"), (None, "DK", "missing"), ("abc", "DK", "not a phone number"),
        ("+45 32 12 34", None, "length|short"), ("+45 32 12 34 56 78 90", None, "long|length"), ("+999 123456", None, "not a phone|calling code"),
        ("32 12 34 56", "XX", "not a country code"), ("+45 32 12 34 56 ext. 7", None, "extension"), ("1" * 65, "DK", "too long"),
        ("1" * 10_000_000, "DK", "too long"), ("253-0000", "US", "area code"), ("+1 111 111 1111", None, "not a number of"), (4532123456, "DK", "must be text"),
        ("+45 32\n12 34 56", None, "control"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(written: object, region: str | None, reason: str) -> None:
    """The reason is named, the number is not."""
    with pytest.raises(InvalidValueError, match=reason) as caught:
        PhoneNumber.parse(written, region=region, field="mobile")
    assert caught.value.field == "mobile"
    assert caught.value.remedy


@pytest.mark.parametrize(
    "value", ["4532123456", "+45 32123456", "+453212345", "+4532123456x", "", None, 5, "+0032123456", "+４532123456"]
)
def test_the_constructor_takes_e164_only(value: object) -> None:
    """Anything but a valid E.164 number is refused and points to `parse`."""
    with pytest.raises(InvalidValueError) as caught:
        PhoneNumber(e164=value)
    assert caught.value.field == "e164"


@pytest.mark.parametrize(
    ("e164", "region"),
    [("+4532123456", "DK"), ("+442079460018", "GB"), ("+80012345678", None), ("+383491234567", None)],
)
def test_the_region_is_an_iso_country_or_none(e164: str, region: str | None) -> None:
    """International services and territories without an ISO code have no region."""
    assert (PhoneNumber.model_construct(e164=e164) if region is None else PhoneNumber(e164=e164)).region == region


def test_the_repr_masks_the_number() -> None:
    """Neither repr nor str shows it."""
    phone = PhoneNumber(e164="+4532123456")
    assert "3212" not in repr(phone) + str(phone)


@given(
    st.one_of(st.text(max_size=70), st.from_regex(r"\+?[0-9 ()./-]{3,25}", fullmatch=True)),
    st.sampled_from([None, "DK", "US", "IT", "AR"]),
)
def test_any_text_is_read_or_refused(text: str, region: str | None) -> None:
    """Nothing but our own error leaves, and what is read is a fixed point."""
    try:
        phone = PhoneNumber.parse(text, region=region)
    except InvalidValueError:
        return
    assert PhoneNumber(e164=phone.e164) == phone == PhoneNumber.parse(phone.e164)


@pytest.mark.parametrize("country", ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"])
def test_a_country_without_numbers_of_its_own_takes_international_ones(country):
    """Whoever lives there has a number from elsewhere; a national one cannot be read."""
    assert PhoneNumber.parse("+45 32 12 34 56", region=country).e164 == "+4532123456"
    with pytest.raises(InvalidValueError, match="unknown country"):
        PhoneNumber.parse("32 12 34 56", region=country)
