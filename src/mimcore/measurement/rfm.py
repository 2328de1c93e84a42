"""Recency, frequency and monetary value of customers from a plain list of purchases, and bands of them.

Works on rows, not on entities: (customer, date, amount). Not here: models that predict future purchases.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any, Generic, Literal, TypeVar

from mimcore.errors import InvalidValueError

__all__ = ["PurchaseSummary", "RfmBands", "bands_by_cuts", "bands_by_rank", "rfm_bands", "summarise_purchases"]

CustomerT = TypeVar("CustomerT", bound=Hashable)

_DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True)
class PurchaseSummary(Generic[CustomerT]):
    """What one customer bought until the end of the observed period.

    Attributes:
        customer: The key given with the rows.
        first_on: Day of the first purchase.
        last_on: Day of the last purchase.
        end_on: Last observed day.
        purchase_days: Number of different days with a purchase, at least 1.
        total: Sum of all amounts, refunds (negative amounts) included.
        repeat_total: The same without the first purchase day and without refunds.
    """

    customer: CustomerT
    first_on: date
    last_on: date
    end_on: date
    purchase_days: int
    total: Decimal
    repeat_total: Decimal

    @property
    def frequency(self) -> int:
        """Number of repeat purchase days: purchase days − 1 (the CDNOW convention)."""
        return self.purchase_days - 1

    @property
    def recency_days(self) -> int:
        """Days from the first to the last purchase; 0 for a single one (the CDNOW convention, not "days ago")."""
        return (self.last_on - self.first_on).days

    @property
    def age_days(self) -> int:
        """Days from the first purchase to the end of the period; T in the literature."""
        return (self.end_on - self.first_on).days

    @property
    def days_since_last(self) -> int:
        """Days from the last purchase to the end of the period: the R of RFM."""
        return (self.end_on - self.last_on).days

    @property
    def repeat_average(self) -> Decimal | None:
        """Mean value of a repeat purchase day, as Gamma-Gamma models want it; None without repeat purchases."""
        return self.repeat_total / self.frequency if self.frequency else None

    def recency(self, unit: Literal["days", "weeks"] = "days") -> float:
        """Return first-to-last purchase in days or weeks."""
        return _in_unit(self.recency_days, unit)

    def age(self, unit: Literal["days", "weeks"] = "days") -> float:
        """Return first-purchase-to-end in days or weeks."""
        return _in_unit(self.age_days, unit)


def _in_unit(days: int, unit: Literal["days", "weeks"]) -> float:
    if unit == "weeks":
        return days / _DAYS_PER_WEEK
    if unit == "days":
        return float(days)
    raise InvalidValueError("unit", "is not known", "use 'days' or 'weeks'")


def summarise_purchases(
    rows: Iterable[tuple[CustomerT, date, Decimal | float]], *, end_on: date
) -> dict[CustomerT, PurchaseSummary[CustomerT]]:
    """Summarise purchases per customer, counting purchase days (two orders on one day are one purchase).

    The convention is Fader and Hardie's for the CDNOW data: frequency = repeat purchase days, recency = last − first,
    T = end − first.

    Args:
        rows: Customer, local day, amount in major units. An amount of 0 is a purchase; a negative one is a refund: it
            lowers the total and is no purchase. Rows after `end_on` are not looked at. Any order.
        end_on: Last observed day.

    Returns:
        One summary per customer with at least one purchase, in order of first appearance.

    Raises:
        InvalidValueError: If a date is not a plain date or an amount not a finite number; the row's number is named.

    Examples:
        >>> rows = [("ana", date(1997, 1, 1), 20), ("ana", date(1997, 1, 15), 30), ("ana", date(1997, 1, 15), 5)]
        >>> ana = summarise_purchases(rows, end_on=date(1997, 1, 29))["ana"]
        >>> ana.frequency, ana.recency("weeks"), ana.age("weeks"), ana.total
        (1, 2.0, 4.0, Decimal('55'))
    """
    _check_day(end_on, "end_on")
    bought: dict[CustomerT, dict[date, Decimal]] = {}
    refunds: dict[CustomerT, Decimal] = {}
    for number, (customer, day, amount) in enumerate(rows, start=1):
        _check_day(day, f"row {number}")
        value = _decimal(amount, number)
        if day > end_on:
            continue
        if value < 0:
            refunds[customer] = refunds.get(customer, Decimal(0)) + value
        else:
            days = bought.setdefault(customer, {})
            days[day] = days.get(day, Decimal(0)) + value
    return {who: _summary(who, days, refunds.get(who, Decimal(0)), end_on) for who, days in bought.items()}


def _summary(
    customer: CustomerT, days: Mapping[date, Decimal], refunds: Decimal, end_on: date
) -> PurchaseSummary[CustomerT]:
    first, total = min(days), sum(days.values(), Decimal(0))
    return PurchaseSummary(
        customer=customer,
        first_on=first,
        last_on=max(days),
        end_on=end_on,
        purchase_days=len(days),
        total=total + refunds,
        repeat_total=total - days[first],
    )


def _check_day(value: object, field: str) -> None:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValueError(field, "needs a date without a time", "give the local day of the purchase")


def _decimal(amount: object, number: int) -> Decimal:
    """Read an amount; a float by its shortest text, so that 0.1 is a tenth."""
    usable = isinstance(amount, (Decimal, int, float)) and not isinstance(amount, bool)
    value = Decimal(str(amount)) if usable else Decimal("NaN")
    if not value.is_finite():
        raise InvalidValueError(f"row {number}", "needs a finite amount", "give a Decimal, int or float")
    return value


def bands_by_rank(values: Sequence[Any], *, bands: int = 5, highest_first: bool = False) -> tuple[int, ...]:
    """Band values by their rank among the others; equal values always share a band (unlike SQL's `ntile`).

    The band is `1 + floor((bands − 0.000001) · percent_rank)`, with SQL's `percent_rank`.

    Args:
        values: What to band; of one orderable kind, no missing ones. An empty sequence gives an empty tuple.
        bands: Number of bands, at least 1.
        highest_first: Whether the highest value gets band 1 instead of the last band.

    Returns:
        A band 1..bands per value, in the order given. With many ties some bands stay empty.

    Raises:
        InvalidValueError: If the number of bands is below 1.

    Examples:
        >>> bands_by_rank([1, 1, 1, 2, 9])
        (1, 1, 1, 4, 5)
    """
    if bands < 1:
        raise InvalidValueError("bands", "must be at least 1")
    counts = Counter(values)
    ordered = sorted(counts, reverse=highest_first)
    before = accumulate((counts[value] for value in ordered), initial=0)
    others = max(len(values) - 1, 1)
    band = {
        value: 1 + math.floor((bands - 1e-6) * (rank / others)) for value, rank in zip(ordered, before, strict=False)
    }
    return tuple(band[value] for value in values)


def bands_by_cuts(values: Iterable[Any], cuts: Sequence[Any]) -> tuple[int, ...]:
    """Band values by fixed cut points: band 1 up to and including the first cut, and so on.

    Args:
        values: What to band, comparable with the cuts.
        cuts: Strictly increasing upper ends; what lies above the last gets band len(cuts) + 1.

    Returns:
        A band 1..len(cuts)+1 per value, in the order given.

    Raises:
        InvalidValueError: If the cuts are not strictly increasing.

    Examples:
        >>> bands_by_cuts([12, 25, 26, 297], [25, 50, 100, 200])
        (1, 1, 2, 5)
    """
    if any(left >= right for left, right in pairwise(cuts)):
        raise InvalidValueError("cuts", "must be strictly increasing", "for example [25, 50, 100, 200]")
    return tuple(bisect_left(cuts, value) + 1 for value in values)


@dataclass(frozen=True, slots=True)
class RfmBands:
    """Bands of one customer, 1 (worst) to the number of bands (best)."""

    recency: int
    frequency: int
    monetary: int

    @property
    def code(self) -> str:
        """The three bands as they are usually written, for example '555' for the best customers."""
        return f"{self.recency}{self.frequency}{self.monetary}"


def rfm_bands(
    summaries: Mapping[CustomerT, PurchaseSummary[CustomerT]], *, bands: int = 5
) -> dict[CustomerT, RfmBands]:
    """Band customers by days since the last purchase, purchase days and total; higher is better in all three.

    Args:
        summaries: As `summarise_purchases` returns them.
        bands: Number of bands per figure, at least 1.

    Returns:
        Bands per customer.

    Raises:
        InvalidValueError: If the number of bands is below 1.

    Examples:
        >>> rows = [("ana", date(2026, 3, 9), 250), ("bo", date(2026, 1, 2), 20)]
        >>> {who: bands.code for who, bands in rfm_bands(summarise_purchases(rows, end_on=date(2026, 4, 1))).items()}
        {'ana': '515', 'bo': '111'}
    """
    people = list(summaries.values())
    recency = bands_by_rank([one.days_since_last for one in people], bands=bands, highest_first=True)
    frequency = bands_by_rank([one.purchase_days for one in people], bands=bands)
    monetary = bands_by_rank([one.total for one in people], bands=bands)
    return {one.customer: RfmBands(*three) for one, *three in zip(people, recency, frequency, monetary, strict=True)}
