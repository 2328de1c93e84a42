"""Values: parsing e-mail addresses, phone numbers, names and money against the libraries alone."""

from __future__ import annotations

from decimal import Decimal

import email_validator
import phonenumbers

from benchmarks.people import FAMILY, GIVEN
from benchmarks.timing import Line, compare, report
from mimcore.values.email import EmailAddress
from mimcore.values.money import money
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber
from mimcore.values.text import fold

__all__ = ["measure"]
VALUES = 5_000


def measure(scale: float) -> list[Line]:
    """Measure; every value is different, so that no cache helps."""
    count = int(VALUES * scale)
    return [_emails(count), *_phones(count), *_names(count), _money(count), _folds(count)]


def _emails(count: int) -> Line:
    given = [f"Person.{number}@mail{number}.example.com" for number in range(count)]
    known = [email_validator.validate_email(one, check_deliverability=False).normalized for one in given]
    assert [EmailAddress.parse(one).address for one in given] == known
    return compare(
        "e-mail address",
        "email-validator, no deliverability",
        count,
        ours=lambda: [EmailAddress.parse(one) for one in given],
        hand=lambda: [email_validator.validate_email(one, check_deliverability=False).normalized for one in given],
        note="ours also makes an immutable value with its key for matching",
    )


def _phones(count: int) -> list[Line]:
    national = [f"32 {12 + number // 9000} {1000 + number % 9000}" for number in range(count)]
    world = [one.replace("32", "+45 32", 1) for one in national]
    return [
        _phone("national, with a region", national, "DK"),
        _phone("international", world, None),
        _phone("international, of all regions", _of_all_regions(count), None),
    ]


def _of_all_regions(count: int) -> list[str]:
    """Write the example numbers of every region and kind, other digits in the end where the plan has those too."""
    kinds = range(11)
    found = (
        phonenumbers.example_number_for_type(one, kind) for one in phonenumbers.SUPPORTED_REGIONS for kind in kinds
    )
    plans = [number for number in found if number is not None]
    numbers: list[str] = []
    for number in range(count):
        example = plans[number % len(plans)]
        text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        other = f"{text[:-2]}{number % 100:02d}"
        numbers.append(other if phonenumbers.is_valid_number(phonenumbers.parse(other)) else text)
    return numbers


def _phone(what: str, given: list[str], region: str | None) -> Line:
    def hand() -> list[str]:
        numbers = [phonenumbers.parse(one, region) for one in given]
        assert all(map(phonenumbers.is_valid_number, numbers))
        return [phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164) for one in numbers]

    def ours() -> list[PhoneNumber]:
        return [PhoneNumber.parse(one, region=region) for one in given]

    assert [one.e164 for one in ours()] == hand()
    baseline = "phonenumbers: parse, is_valid, E.164"
    return compare(f"phone number, {what}", baseline, len(given), ours=ours, hand=hand)


def _names(count: int) -> list[Line]:
    given = [f"Mrs. {GIVEN[n % 10]} {chr(65 + n % 26)}. van {FAMILY[n % 7]}{n}, PhD" for n in range(count)]

    def ours() -> list[PersonName]:
        return [PersonName.parse(one) for one in given]

    try:
        from nameparser import HumanName
    except ImportError:
        return [report("person's name", count, ours)]
    baseline = "nameparser"
    return [compare("person's name", baseline, count, ours=ours, hand=lambda: [HumanName(one).last for one in given])]


def _money(count: int) -> Line:
    given = [f"{number}.{number % 100:02d}" for number in range(count)]
    hundred = Decimal(100)

    def hand() -> list[tuple[int, str]]:
        return [(int(Decimal(one) * hundred), "DKK") for one in given]

    assert [money(one, "DKK").minor_units for one in given] == [minor for minor, _ in hand()]
    return compare(
        "money from text",
        "Decimal × 100 into a tuple",
        count,
        ours=lambda: [money(one, "DKK") for one in given],
        hand=hand,
        note="ours checks the currency, its exponent and 64 bits, and makes an immutable value",
    )


def _folds(count: int) -> Line:
    given = [f"Person.{number} Straße" if number % 20 == 0 else f"Person.{number} Street" for number in range(count)]
    return compare(
        "folded text",
        "str.casefold alone",
        count,
        ours=lambda: list(map(fold, given)),
        hand=lambda: [one.casefold() for one in given],
        note="a twentieth is not ASCII; ours also normalises and joins spaces",
    )
