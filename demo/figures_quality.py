"""What the rules of quality count, once more in plain Python from the rows and the truth behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from demo.cast import Customer
from demo.files import Row

__all__ = ["quality"]

_AT_LEAST = {
    "email-known": 0.9,
    "email-works": 0.98,
    "email-of-one-person": 0.99,
    "phone-works": 0.98,
    "phone-of-the-country": 0.9,
    "country-known": 0.9,
    "postal-code-of-the-country": 0.98,
    "name-of-one-person": 0.98,
    "age-is-possible": 1.0,
    "job-after-birth": 1.0,
}
_FIVE_DIGITS = {"US", "SE", "DE"}
"""The recipe gives everybody a code of five digits, which British and Canadian codes are not."""
_CALLING = (("44", "GB"), ("49", "DE"), ("46", "SE"), ("1416", "CA"), ("1604", "CA"), ("1", "US"))


def quality(
    rows: Sequence[Row],
    people: Sequence[Customer],
    name_of: Callable[[str], str],
    digits_of: Callable[[str], str],
    today_year: int,
) -> dict[str, Any]:
    """Return what was judged and what passed, by rule, and how many tasks that makes."""
    by_number = {one.number: one for one in people}
    countries = [by_number[row["customer"]].country for row in rows]
    numbers = [(digits_of(row["phone"]), country) for row, country in zip(rows, countries, strict=True) if row["phone"]]
    emails = [row["e-mail"].strip().lower() for row in rows]
    names = [f"{name_of(row['name'])}|{row['postal code']}" for row in rows]
    born = [by_number[row["customer"]].birth_date for row in rows]
    ages = [today_year - one.year for one in born if one is not None]
    found: dict[str, list[int]] = {
        "email-known": [len(rows), len([one for one in emails if one])],
        "email-works": [len(rows), len(rows)],
        "email-of-one-person": _alone(emails),
        "phone-works": [len(numbers), len(numbers)],
        "phone-of-the-country": _passed(_country(number) == country for number, country in numbers if country),
        "country-known": [len(rows), sum(map(bool, countries))],
        "postal-code-of-the-country": _passed(country in _FIVE_DIGITS for country in countries if country),
        "name-of-one-person": _alone(names),
        "age-is-possible": _passed(0 <= age <= 115 for age in ages),
        "job-after-birth": [0, 0],
    }
    failing = [key for key, (judged, good) in found.items() if judged and good / judged < _AT_LEAST[key]]
    return {**_named(found), "quality.tasks": len(failing)}


def _named(found: Mapping[str, list[int]]) -> dict[str, Any]:
    return {f"quality.{key}": counts for key, counts in found.items()}


def _passed(answers: Iterable[bool]) -> list[int]:
    listed = list(answers)
    return [len(listed), sum(listed)]


def _alone(keys: Sequence[str]) -> list[int]:
    counts = Counter(keys)
    return _passed(counts[key] == 1 for key in keys)


def _country(digits: str) -> str:
    return next(country for prefix, country in _CALLING if digits.startswith(prefix))
