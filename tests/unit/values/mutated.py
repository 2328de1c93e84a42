"""Addresses and numbers, mutated: the short way and the library must answer alike, to the reason of a refusal.

`python -m tests.unit.values.mutated [CASES]` judges as many of each and prints what it found (200,000 unless given).
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import phonenumbers

from mimcore.errors import InvalidValueError
from mimcore.values.email import library_normal_form, normalise_address
from mimcore.values.phone import library_e164, normalise_phone
from mimcore.values.phone_plans import ordinary_e164

__all__ = ["differing_addresses", "differing_numbers", "mutated_numbers", "verdict"]

LOCALS = [
    "ana.berg", "Ana+shop", "info", "Sales", "o'brien", "a", "x" * 63, "x" * 64, "a..b", ".a", "a.", "ø", "{x}", "a_b-c",
    "no-reply", "1234567", "ANA.B", "b\u00fcrger", '"a"', "a b",
]  # fmt: skip
DOMAINS = [
    "acme.dk", "ACME.DK", "a-b.co.uk", "ab--cd.com", "xn--mnchen-3ya.de", "m\u00fcnchen.de", "gmail.com", "acme", "1.2.3.4", "a.museum",
    "-a.dk", "a-.dk", "a..dk", "acme.dk.", "x.test", "x.LOCAL", "a_b.dk", "l" * 63 + ".dk", "l" * 64 + ".dk", "acme.c0m", "mail.example.com",
    "acme\u3002dk", "home.arpa",
]  # fmt: skip
LETTERS = "ab.@-_+AZ09 \"'(){}<>\u00f8\u0430\uff0c,;:\\/[]!"
SIGNS = "0123456789012345678900 -()./+#x,;*~\u00a0\uff0b\u0661oO\u2010"
FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
]
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def verdict(judge: Callable[..., str], *given: Any) -> str:
    """Return the normal form, or the whole text of the refusal."""
    try:
        return judge(*given)
    except InvalidValueError as error:
        return f"refused: {error}"


def _mutated(text: str, dice: random.Random, alphabet: Sequence[str]) -> str:
    letters = list(text)
    for _ in range(dice.choice([0, 0, 0, 1, 1, 2, 3])):
        place = dice.randrange(len(letters) + 1)
        letters[place : place + dice.choice([0, 1, 1])] = dice.choice([*alphabet, ""])
    return "".join(letters)


def differing_addresses(cases: int, seed: int) -> Iterator[str]:
    """Yield mutated addresses on which the short way and email-validator differ."""
    dice = random.Random(seed)
    for _ in range(cases):
        text = _mutated(f"{dice.choice(LOCALS)}@{dice.choice(DOMAINS)}", dice, LETTERS)
        within = text == text.strip(" \t\u00a0\u3000\ufeff") and len(text.rpartition("@")[0].encode()) <= 64
        if text and within and verdict(normalise_address, text, "f") != verdict(library_normal_form, text, "f"):
            yield text


def mutated_numbers(cases: int, seed: int) -> Iterator[tuple[str, str | None]]:
    """Yield mutated numbers of all regions and kinds, each with the region in which it is read."""
    dice = random.Random(seed)
    plans = [(one, number) for one in REGIONS for number in _examples(one)]
    for _ in range(cases):
        region, number = dice.choice(plans)
        own = dice.random() < 0.3
        text = phonenumbers.national_significant_number(number) if own else _written(number, dice)
        read_in = dice.choice([region, region, region, dice.choice(REGIONS), None])
        text = _mutated(text, dice, SIGNS).strip()
        if read_in is None and not text.startswith(("+", "\uff0b", "tel:+")):
            read_in = region
        if text:
            yield text, read_in


def _written(number: phonenumbers.PhoneNumber, dice: random.Random) -> str:
    """Write a number in one of the forms, some with other digits in the end."""
    text = phonenumbers.format_number(number, dice.choice(FORMATS))
    return text[:-2] + f"{dice.randrange(100):02d}" if dice.random() < 0.3 else text


def _examples(region: str) -> list[phonenumbers.PhoneNumber]:
    kinds = sorted(phonenumbers.PhoneNumberType.values())
    found = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    return [number for number in found if number is not None]


def differing_numbers(cases: int, seed: int) -> Iterator[tuple[str, str | None]]:
    """Yield mutated numbers on which the short way and phonenumbers differ."""
    for text, region in mutated_numbers(cases, seed):
        if verdict(normalise_phone, text, region, "f") != verdict(_by_the_library, text, region, "f"):
            yield text, region


def _by_the_library(text: str, region: str | None, field: str) -> str:
    """Judge as `normalise_phone` would without a short way."""
    from mimcore.values.text import clean

    cleaned = clean(text, field, 64)
    assert cleaned is not None
    return library_e164(cleaned, region, field)


def main() -> None:
    """Judge as many of each, and say how many differ."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    addresses = list(differing_addresses(cases, seed=5))
    numbers = list(differing_numbers(cases, seed=5))
    short = sum(ordinary_e164(text, region) is not None for text, region in mutated_numbers(min(cases, 20_000), seed=5))
    print(f"{cases} addresses: {len(addresses)} differ", *addresses[:5], sep="\n")
    print(f"{cases} numbers: {len(numbers)} differ; {short / min(cases, 20_000):.0%} went the short way", *numbers[:5])
    sys.exit(bool(addresses or numbers))


if __name__ == "__main__":
    main()
