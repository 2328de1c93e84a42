"""Tiers of customers by what they spent, and the best so many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from types import MappingProxyType
from typing import Any, Generic
from uuid import UUID

from mimcore.display import Table, percent
from mimcore.display.framing import Framer, unframed
from mimcore.domain import fields as f
from mimcore.errors import InvalidValueError
from mimcore.repositories.reading import not_found
from mimcore.rules.language.nodes import Rule
from mimcore.segments.value.payments import Purchases
from mimcore.segments.value.purchases import CustomerT, PurchaseSummary
from mimcore.segments.value.showing import Shown
from mimcore.values.arguments import whole_number
from mimcore.values.money import money

__all__ = ["SHARES", "MostValuable", "Tier", "ValueTiers", "above_share", "most_valuable", "tiers_of"]

SHARES: Mapping[str, float] = MappingProxyType({"top": 0.1, "high": 0.2, "middle": 0.3, "low": 0.4})
"""The usual tiers and their shares, the best first."""


@dataclass(frozen=True)
class Tier(Generic[CustomerT]):
    """One tier.

    Attributes:
        name: Its name.
        members: Who is in it, the most valuable first.
        total: What they spent together.
        least: What the last of them spent; None if the tier is empty.
    """

    name: str
    members: tuple[CustomerT, ...]
    total: Decimal
    least: Decimal | None


@dataclass(frozen=True)
class ValueTiers(Shown, Generic[CustomerT]):
    """Tiers of customers by what they spent, the best first; they print themselves."""

    purchases: Purchases[CustomerT]
    tiers: tuple[Tier[CustomerT], ...]
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def __getitem__(self, name: str) -> Tier[CustomerT]:
        """Return a tier by its name.

        Raises:
            NotFoundError: If there is none, with the nearest name.
        """
        for one in self.tiers:
            if one.name == name:
                return one
        raise not_found("tier", name, [one.name for one in self.tiers], where="among these")

    def __iter__(self) -> Iterator[Tier[CustomerT]]:
        """Each tier, the best first."""
        return iter(self.tiers)

    def members(self, name: str) -> tuple[CustomerT, ...]:
        """Return who is in a tier, the most valuable first.

        Args:
            name: Its name.

        Raises:
            NotFoundError: If there is no such tier, with the nearest name.
        """
        return self[name].members

    def of(self, customer: Any) -> str | None:
        """Return the tier that a customer is in; None for somebody who has not bought.

        Args:
            customer: A contact or its id; for a frame, the value of its column.
        """
        summary = self.purchases.of(customer)
        if summary is None:
            return None
        reached = (one.name for one in self.tiers if one.least is not None and summary.total >= one.least)
        return next(reached, None)

    def rule(self, name: str) -> Rule:
        """Return a rule that is true for exactly the customers of a tier now, with its limits of now.

        Args:
            name: Its name.

        Raises:
            NotFoundError: If there is no such tier, with the nearest name.
            InvalidValueError: If nobody is in it, or refunds were subtracted: rules add up purchases only.
        """
        tier, currency = self[name], self.purchases.currency
        if tier.least is None or currency is None:
            raise InvalidValueError("tier", f"'{name}' is empty", "there is no limit that a rule could hold")
        if self.purchases.has_refunds:
            raise InvalidValueError(
                "tier", "has refunds subtracted, which a rule cannot", "keep its members as a list: store.value.keep"
            )
        bought = f.contact.purchases
        total = bought.total(within_days=self.purchases.within_days)
        priced = bought.where(f.event.value >= money(0, currency)).count(within_days=self.purchases.within_days) >= 1
        rule = priced & (total >= money(tier.least, currency))
        above = [one.least for one in self.tiers[: self.tiers.index(tier)] if one.least is not None]
        bounded = rule & (total < money(above[-1], currency)) if above else rule
        return bounded if self.purchases.among is None else bounded & self.purchases.among

    def table(self) -> Table:
        """A line for each tier."""
        everybody = len(self.purchases.customers)
        whole = sum((one.total for one in self.tiers), Decimal(0))
        rows = [
            (
                one.name,
                len(one.members),
                percent(len(one.members) / everybody if everybody else None, 0),
                one.total,
                percent(one.total / whole if whole > 0 else None, 0),
                one.least,
            )
            for one in self.tiers
        ]
        names = ("tier", "customers", "share", "total", "share of total", "from")
        return Table.of(names, rows, title="Value tiers", caption=self.purchases.caption)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a customer, the most valuable first."""
        tiers = {who: one.name for one in self.tiers for who in one.members}
        return [{**_plain(one), "tier": tiers[one.customer]} for one in self.purchases.by_value()]


def _plain(one: PurchaseSummary[Any]) -> dict[str, Any]:
    who = str(one.customer) if isinstance(one.customer, UUID) else one.customer
    return {
        "contact": who,
        "total": float(one.total),
        "purchase_days": one.purchase_days,
        "last_on": one.last_on,
    }


def tiers_of(
    purchases: Purchases[CustomerT], shares: Mapping[str, float | Decimal] | None = None
) -> ValueTiers[CustomerT]:
    """Divide customers into tiers by what they spent.

    A customer is in the first tier whose end lies above the share of customers who spent more, so equal ones share a
    tier, the better one.

    Args:
        purchases: Of one currency.
        shares: Name and share of each tier, the best first; `SHARES` unless given.

    Raises:
        InvalidValueError: If a share is not positive, or they do not add up to 1.
    """
    ends = _ends(SHARES if shares is None else shares)
    ranked = purchases.by_value()
    groups: dict[str, list[PurchaseSummary[CustomerT]]] = {name: [] for name in ends}
    for one, better in zip(ranked, _better(ranked), strict=True):
        groups[next(name for name, end in ends.items() if Fraction(better, len(ranked)) < end)].append(one)
    return ValueTiers(purchases, tuple(_tier(*group) for group in groups.items()), purchases.framer)


def _ends(shares: Mapping[str, float | Decimal]) -> dict[str, Fraction]:
    """Return where each tier ends; shares are read as they are written, so that three tenths are that."""
    try:
        exact = [Fraction(str(one)) for one in shares.values()]
    except ValueError:
        exact = []
    if not exact or min(exact) <= 0 or sum(exact) != 1:
        raise InvalidValueError("shares", "must be positive and add up to 1", "for example {'top': 0.2, 'rest': 0.8}")
    return dict(zip(shares, accumulate(exact), strict=True))


def _better(ranked: Sequence[PurchaseSummary[CustomerT]]) -> list[int]:
    """Return for each how many spent more."""
    found: list[int] = []
    for place, one in enumerate(ranked):
        found.append(found[-1] if place and ranked[place - 1].total == one.total else place)
    return found


def _tier(name: str, group: Sequence[PurchaseSummary[CustomerT]]) -> Tier[CustomerT]:
    total = sum((one.total for one in group), Decimal(0))
    return Tier(name, tuple(one.customer for one in group), total, group[-1].total if group else None)


def above_share(purchases: Purchases[CustomerT], top_share: float) -> list[PurchaseSummary[CustomerT]]:
    """Return the customers of the best share, equal ones with them, the most valuable first.

    Args:
        purchases: Of one currency.
        top_share: Above 0, at most 1.

    Raises:
        InvalidValueError: If the share is out of range.
    """
    if not 0 < top_share <= 1:
        raise InvalidValueError("top_share", "is out of range", "give a share above 0 and at most 1")
    ranked, end = purchases.by_value(), Fraction(str(top_share))
    return [one for one, better in zip(ranked, _better(ranked), strict=True) if Fraction(better, len(ranked)) < end]


@dataclass(frozen=True)
class MostValuable(Shown, Generic[CustomerT]):
    """The best so many; they print themselves.

    Attributes:
        purchases: What they were chosen from.
        ranked: The chosen ones, the most valuable first.
        tied: How many others spent exactly as much as the last of them.
    """

    purchases: Purchases[CustomerT]
    ranked: tuple[PurchaseSummary[CustomerT], ...]
    tied: int
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def members(self) -> tuple[CustomerT, ...]:
        """Return who they are, the most valuable first."""
        return tuple(one.customer for one in self.ranked)

    def table(self) -> Table:
        """A line for each."""
        rows = [
            (rank, one.customer, one.total, one.purchase_days, one.last_on)
            for rank, one in enumerate(self.ranked, start=1)
        ]
        tied = f" · {self.tied} more spent as much as the last" if self.tied else ""
        names = ("rank", "contact", "total", "purchase days", "last on")
        return Table.of(names, rows, title="Most valuable customers", caption=f"{self.purchases.caption}{tied}")

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a customer."""
        return [{"rank": rank, **_plain(one)} for rank, one in enumerate(self.ranked, start=1)]


def most_valuable(purchases: Purchases[CustomerT], number: int) -> MostValuable[CustomerT]:
    """Return those who spent most: exactly so many, or all if there are fewer.

    Of equal ones who bought later comes first, then who has the smaller id.

    Args:
        purchases: Of one currency.
        number: How many, at least 1.

    Raises:
        InvalidValueError: If it is no whole number, or below 1.
    """
    number = whole_number(number, "number", "give 1 or more")
    ranked = purchases.by_value()
    chosen, others = ranked[:number], ranked[number:]
    tied = sum(one.total == chosen[-1].total for one in others) if chosen else 0
    return MostValuable(purchases, tuple(chosen), tied, purchases.framer)
