"""The age of every value, recomputed: published half-lives, powers of two, and sums."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from demo.cast import Cast, Customer
from demo.files import Files

__all__ = ["Value", "decayed_share", "plan_after", "values_of"]

Value = tuple[float, float, datetime]
"""Weight, half-life in days, and when it was seen."""

RELIABILITY = 0.98
PERMANENT, SURVEY, DEVICE, ADDRESS, NAME = 1_000_000.0, 365.0, 993.0, 2173.0, 6535.0
BUSINESS_ADDRESS, BUSINESS_NAME, JOB = 2403.0, 6535.0, 710.0
_END_OF_DAY = time(23, 59, 59, 999_999)


def values_of(cast: Cast, files: Files) -> Iterator[Value]:
    """Yield every stored value of every person."""
    by_number = {one.number: one for one in cast.customers}
    for one in cast.customers:
        yield from _values(one, one.updated_on, is_real=True)
    rows = {row["customer"]: row for row in files.contacts}
    for copy in files.copies:
        row = rows[copy.number]
        titled = copy.kind == "title" or (bool(by_number[copy.of].title) and copy.kind not in _UNTITLED)
        yield from _values(
            by_number[copy.of],
            date.fromisoformat(row["last update"]),
            is_real=False,
            is_titled=titled,
            has_phone=bool(row["phone"]),
        )


_UNTITLED = frozenset({"capitals", "phone", "initial", "misspelt", "address", "moved"})


def _values(
    one: Customer, seen_on: date, *, is_real: bool, is_titled: bool | None = None, has_phone: bool | None = None
) -> Iterator[Value]:
    seen = datetime.combine(seen_on, _END_OF_DAY, UTC)
    address = BUSINESS_ADDRESS if one.company else ADDRESS
    name = BUSINESS_NAME if one.company else NAME
    titled = bool(one.title) if is_titled is None else is_titled
    phoned = bool(one.phone) if has_phone is None else has_phone
    # The country of US customers is real: it was there before the company was known.
    half_lives = [ADDRESS if is_real and one.is_us else address]
    half_lives += [name, name, *([name] if titled else [])]
    half_lives += [address, address, *([address] if one.city else [])]
    half_lives += [PERMANENT] if one.birth_date else []
    half_lives += [SURVEY] if one.interests else []
    half_lives += [DEVICE] if one.devices else []
    half_lives += [JOB, JOB] if one.job else []
    if is_real:
        half_lives += [PERMANENT]  # the first update
        half_lives += [PERMANENT] if one.list_name else []
        half_lives += [PERMANENT] if one.is_male else []
        half_lives += [PERMANENT] if one.web_order or one.is_residential or one.free_plan else []
    yield from ((1.0, days, seen) for days in half_lives)
    yield (2.0, 969.0 if one.company else 1276.0, seen)
    if phoned:
        yield (2.0, 1135.0 if one.company else 3036.0, seen)


def _right(value: Value, at: datetime) -> float:
    """Return the probability that a value is still right."""
    _, half_life, seen = value
    return float(min(1.0, RELIABILITY * 2 ** (-((at - seen) / timedelta(days=1)) / half_life)))


def decayed_share(values: Iterable[Value], at: datetime) -> float:
    """Return the weighted share of values that are presumed wrong."""
    listed = list(values)
    return sum(one[0] * (1 - _right(one, at)) for one in listed) / sum(one[0] for one in listed)


def plan_after(values: Iterable[Value], at: datetime, *, checks: int) -> float:
    """Return the share after the most useful checks were made and every wrong value was put right."""
    listed = list(values)
    wrong = [(one[0] * (1 - _right(one, at)), one[1]) for one in listed]
    best = heapq.nlargest(checks, wrong, key=lambda one: one[0] * _lasting(one[1]))
    return (sum(one for one, _ in wrong) - sum(one for one, _ in best)) / sum(one[0] for one in listed)


def _lasting(half_life: float) -> float:
    """Return how long a check lasts within a year: (1 - e^(-λ))/λ."""
    rate = math.log(2) / half_life * 365
    return (1 - math.exp(-rate)) / rate
