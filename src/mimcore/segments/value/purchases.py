"""What customers bought, from a plain list of purchases: first and last day, purchase days, total.

Works on rows, not on entities: (customer, date, amount). Not here: models that predict future purchases.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Generic, Literal, TypeVar

from mimcore.errors import InvalidValueError

__all__ = ["CustomerT", "PurchaseSummary", "summarise_purchases"]

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
        typical_gap_days: Median of the days between one purchase day and the next; None with fewer than two.
    """

    customer: CustomerT
    first_on: date
    last_on: date
    end_on: date
    purchase_days: int
    total: Decimal
    repeat_total: Decimal
    typical_gap_days: float | None

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
    gaps = [(later - day).days for day, later in pairwise(sorted(days))]
    return PurchaseSummary(
        customer=customer,
        first_on=first,
        last_on=max(days),
        end_on=end_on,
        purchase_days=len(days),
        total=total + refunds,
        repeat_total=total - days[first],
        typical_gap_days=float(median(gaps)) if gaps else None,
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
