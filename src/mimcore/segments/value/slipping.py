"""Valuable and slipping: customers who spent much, and have been silent for longer than is their habit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic
from uuid import UUID

from mimcore.display import Table, percent
from mimcore.display.framing import Framer, unframed
from mimcore.domain import fields as f
from mimcore.errors import InvalidValueError
from mimcore.rules.language.nodes import Rule
from mimcore.segments.value.payments import Purchases
from mimcore.segments.value.purchases import CustomerT, PurchaseSummary
from mimcore.segments.value.showing import Shown
from mimcore.segments.value.tiers import above_share
from mimcore.values.money import Money

__all__ = ["LEAST_DAYS", "Slipping", "SlippingCustomer", "slipping_of", "valuable_and_slipping"]

LEAST_DAYS = 3
"""Purchase days from which on somebody has an interval of their own."""


@dataclass(frozen=True, slots=True)
class SlippingCustomer(Generic[CustomerT]):
    """One of them.

    Attributes:
        bought: What they bought.
        limit_days: How long their silence may last.
    """

    bought: PurchaseSummary[CustomerT]
    limit_days: float


@dataclass(frozen=True)
class Slipping(Shown, Generic[CustomerT]):
    """Valuable customers who are silent for longer than is their habit; they print themselves.

    Attributes:
        purchases: What they were chosen from.
        customers: Who they are, the most valuable first.
        rule_in_words: How they were chosen.
    """

    purchases: Purchases[CustomerT]
    customers: tuple[SlippingCustomer[CustomerT], ...]
    rule_in_words: str
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def members(self) -> tuple[CustomerT, ...]:
        """Return who they are, the most valuable first."""
        return tuple(one.bought.customer for one in self.customers)

    def table(self) -> Table:
        """A line for each."""
        rows = [
            (
                one.bought.customer,
                one.bought.total,
                one.bought.typical_gap_days,
                one.bought.days_since_last,
                one.limit_days,
            )
            for one in self.customers
        ]
        names = ("contact", "total", "typical days", "silent days", "limit")
        caption = f"{self.purchases.caption} · {self.rule_in_words}"
        return Table.of(names, rows, title="Valuable and slipping", caption=caption)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a customer."""
        return [
            {
                "contact": str(who) if isinstance(who := one.bought.customer, UUID) else who,
                "total": float(one.bought.total),
                "purchase_days": one.bought.purchase_days,
                "last_on": one.bought.last_on,
                "typical_gap_days": one.bought.typical_gap_days,
                "days_since_last": one.bought.days_since_last,
                "limit_days": one.limit_days,
            }
            for one in self.customers
        ]


def slipping_of(
    purchases: Purchases[CustomerT], *, top_share: float = 0.2, times: float = 2.0, days: int = 180
) -> Slipping[CustomerT]:
    """Return valuable customers who are silent for longer than is their habit.

    Args:
        purchases: Of one currency.
        top_share: The best share by what they spent; equal ones are among them.
        times: By how much the silence must exceed their own typical interval, the median of the days between one
            purchase day and the next.
        days: How long the silence must be for those with fewer than three purchase days.

    Raises:
        InvalidValueError: If one of the figures is out of range.
    """
    if not 0 < times <= 1000 or not 1 <= days <= 36_525:
        raise InvalidValueError("times or days", "is out of range", "give a positive factor, and 1 to 36 525 days")
    valuable = [SlippingCustomer(one, _limit(one, times, days)) for one in above_share(purchases, top_share)]
    silent = tuple(one for one in valuable if one.bought.days_since_last > one.limit_days)
    said = f"top {percent(top_share)} by value, silent for over {times:g} × their typical days, or {days} days"
    return Slipping(purchases, silent, said, purchases.framer)


def _limit(one: PurchaseSummary[Any], times: float, days: int) -> float:
    if one.typical_gap_days is None or one.purchase_days < LEAST_DAYS:
        return float(days)
    return times * one.typical_gap_days


def valuable_and_slipping(least: Money, *, days: int = 180, within_days: int | None = None) -> Rule:
    """Return the rule for those who spent at least so much, and have not bought for so many days.

    It is the rule with a fixed silence, for every engine; `store.value.slipping` knows each customer's own habit.

    Args:
        least: What they must have spent.
        days: How long the silence must be.
        within_days: How far back spending counts; ever unless given.

    Examples:
        >>> import mimcore as mim
        >>> sorted(valuable_and_slipping(mim.money(5_000, "DKK"), days=180).needs())
        ['events', 'now']
    """
    bought = f.contact.purchases
    return (bought.total(within_days=within_days) >= least) & bought.lapsed(days=days)
