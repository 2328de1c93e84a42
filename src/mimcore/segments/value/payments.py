"""From payments of many currencies to the purchases of one, with what was left out told by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from mimcore.display import Table
from mimcore.display.framing import Framer, unframed
from mimcore.errors import InvalidValueError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.nodes import Rule
from mimcore.segments.value.purchases import CustomerT, PurchaseSummary, summarise_purchases
from mimcore.segments.value.showing import Shown, key_of
from mimcore.values.currencies import currency_code, exponent
from mimcore.values.instants import day_of

__all__ = ["NO_VALUE", "Payment", "Purchases", "left_out_in_words", "purchases_of", "stored_purchases"]

Payment: TypeAlias = tuple[CustomerT, str, datetime, Decimal | None, str | None]
"""Customer, kind of event, when, amount in major units, currency."""

NO_VALUE = "without a value"
"""How `left_out` calls purchases without an amount."""

_SIGNS: Mapping[str, int] = {"purchase": 1, "refund": -1}
_MOST_DAYS = 36_525
_Row: TypeAlias = tuple[CustomerT, date, Decimal]


@dataclass(frozen=True)
class Purchases(Shown, Generic[CustomerT]):
    """What customers bought in one currency until an instant; it prints itself.

    Attributes:
        customers: A summary for each customer with at least one purchase.
        currency: The currency; None if there is no purchase with a value.
        now: Until when.
        end_on: The local day of that instant.
        within_days: How far back; None for ever.
        left_out: How many purchases and refunds do not count, by their currency, or `NO_VALUE`.
        has_refunds: Whether money paid back was subtracted from what somebody spent.
        among: The rule that says of whom; None for all active contacts.
    """

    customers: Mapping[CustomerT, PurchaseSummary[CustomerT]]
    currency: str | None
    now: datetime
    end_on: date
    within_days: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    has_refunds: bool = False
    among: Rule | None = None
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def of(self, customer: Any) -> PurchaseSummary[CustomerT] | None:
        """Return what a customer bought; None for nothing.

        Args:
            customer: A contact or its id; for a frame, the value of its column.
        """
        return self.customers.get(key_of(customer))

    def by_value(self) -> list[PurchaseSummary[CustomerT]]:
        """Return all, who spent most first; of equals who bought later, then who has the smaller id."""
        return sorted(
            self.customers.values(), key=lambda one: (-one.total, -one.last_on.toordinal(), str(one.customer))
        )

    @property
    def caption(self) -> str:
        """What is left out, the currency, and the day, in a line."""
        return " · ".join([*left_out_in_words(self.left_out), self.covered])

    @property
    def covered(self) -> str:
        """The currency and the day."""
        said = f"in {self.currency}, " if self.currency else ""
        days = "up to" if self.within_days is None else f"{self.within_days} days to"
        return f"{said}{days} {self.end_on}"

    def table(self) -> Table:
        """One line for everybody together."""
        everybody = self.customers.values()
        days, total = sum(one.purchase_days for one in everybody), sum((one.total for one in everybody), Decimal(0))
        row = (len(everybody), days, total)
        return Table.of(("customers", "purchase days", "total"), [row], title="Purchases", caption=self.caption)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a customer."""
        return [
            {
                "contact": _plain(one.customer),
                "first_on": one.first_on,
                "last_on": one.last_on,
                "purchase_days": one.purchase_days,
                "frequency": one.frequency,
                "recency_days": one.recency_days,
                "age_days": one.age_days,
                "days_since_last": one.days_since_last,
                "typical_gap_days": one.typical_gap_days,
                "total": float(one.total),
            }
            for one in self.customers.values()
        ]


def left_out_in_words(left_out: Mapping[str, int]) -> list[str]:
    """Return one part of a caption that says what is left out; none if nothing is.

    Args:
        left_out: Numbers by currency or reason.

    Examples:
        >>> left_out_in_words({"EUR": 3, NO_VALUE: 1})
        ['left out: 3 in EUR, 1 without a value']
    """
    parts = [f"{number} {what if ' ' in what else f'in {what}'}" for what, number in left_out.items()]
    return [f"left out: {', '.join(parts)}"] if parts else []


def _plain(customer: object) -> object:
    return str(customer) if isinstance(customer, UUID) else customer


def purchases_of(
    payments: Iterable[Payment[CustomerT]],
    *,
    now: datetime,
    zone: ZoneInfo,
    currency: str | None = None,
    within_days: int | None = None,
    among: Rule | None = None,
    framer: Framer = unframed,
) -> Purchases[CustomerT]:
    """Return the purchases of one currency.

    Args:
        payments: Purchases and refunds in any order; other kinds are not looked at.
        now: Later ones do not count.
        zone: Whose days are counted.
        currency: The currency; the only one there is unless given.
        within_days: Earlier ones than so many days before now do not count either.
        among: Told with the result.
        framer: Makes data frames.

    Raises:
        InvalidValueError: If there are several currencies and none was chosen, or the days are out of range.
    """
    wanted = None if currency is None else currency_code(currency)
    found: dict[str, list[_Row[CustomerT]]] = {}
    left_out = {NO_VALUE: 0}
    for who, kind, at, amount, paid_in in _visible(payments, now, within_days):
        if amount is None or paid_in is None:
            left_out[NO_VALUE] += 1
        else:
            found.setdefault(paid_in, []).append((who, at.astimezone(zone).date(), _SIGNS[kind] * amount))
    chosen = _one_currency(found, wanted)
    rows = found.pop(chosen, []) if chosen is not None else []
    others = {code: len(found[code]) for code in sorted(found)} | {k: n for k, n in left_out.items() if n}
    end_on = day_of(now, zone, "now")
    customers = summarise_purchases(rows, end_on=end_on)
    has_refunds = any(amount < 0 and who in customers for who, _, amount in rows)
    return Purchases(customers, chosen, now, end_on, within_days, others, has_refunds, among, framer)


def _visible(
    payments: Iterable[Payment[CustomerT]], now: datetime, within_days: int | None
) -> Iterator[Payment[CustomerT]]:
    """Yield what counts at an instant; a refund of nothing would read as a purchase for nothing."""
    start = _start(now, within_days)
    for one in payments:
        _, kind, at, amount, _ = one
        is_nothing = kind == "refund" and amount == 0
        if kind in _SIGNS and at <= now and (start is None or at >= start) and not is_nothing:
            yield one


def _start(now: datetime, within_days: Any) -> datetime | None:
    if within_days is None:
        return None
    if not isinstance(within_days, int) or isinstance(within_days, bool):
        raise InvalidValueError("within_days", "is no whole number", "give a number of days, or None for everything")
    if not 0 <= within_days <= _MOST_DAYS:
        raise InvalidValueError("within_days", "is out of range", "give 0 to 36 525 days")
    return now - timedelta(days=within_days)


def _one_currency(found: Mapping[str, object], wanted: str | None) -> str | None:
    if wanted is not None:
        return wanted
    if len(found) > 1:
        several = ", ".join(sorted(found))
        reason = f"is not one: there are purchases in {several}"
        raise InvalidValueError("currency", reason, "say which one counts; the others are left out")
    return next(iter(found), None)


def stored_purchases(
    work: UnitOfWork,
    *,
    now: datetime,
    currency: str | None = None,
    within_days: int | None = None,
    among: Rule | None = None,
    framer: Framer = unframed,
) -> Purchases[UUID]:
    """Return the purchases of a store's active contacts.

    Args:
        work: Open unit of work.
        now: Instant.
        currency: The currency; the only one there is unless given.
        within_days: How far back; everything unless given.
        among: Of these contacts only.
        framer: Makes data frames.

    Raises:
        InvalidValueError: If there are several currencies and none was chosen, or the days are out of range.
    """
    whom = frozenset(work.contacts.ids(among, now=now))
    amounts = work.transaction.interactions.amounts(tuple(_SIGNS), until=now)
    payments = (
        (who, kind, at, _major(minor_units, code), code) for who, kind, at, minor_units, code in amounts if who in whom
    )
    zone = work.origin.zone
    return purchases_of(
        payments, now=now, zone=zone, currency=currency, within_days=within_days, among=among, framer=framer
    )


def _major(minor_units: int | None, currency: str | None) -> Decimal | None:
    if minor_units is None or currency is None:
        return None
    return Decimal(minor_units).scaleb(-exponent(currency))
