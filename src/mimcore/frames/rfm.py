"""Recency, frequency and monetary value from data frames: of events, or of figures that are there already."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from numbers import Real
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw

from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.frames.companions import EventFrame
from mimcore.frames.forms import no_currency
from mimcore.frames.making import framed
from mimcore.frames.tables import guarded, open_table
from mimcore.segments.value.payments import Payment, Purchases, purchases_of
from mimcore.segments.value.rfm import Rfm, rfm_of, scored
from mimcore.segments.value.scheme import RfmFigures, RfmScheme
from mimcore.values.currencies import CURRENCIES, exponent
from mimcore.values.instants import as_instant, as_zone
from mimcore.values.money import MAX_MINOR_UNITS
from mimcore.values.text import is_absent

__all__ = ["purchases", "rfm", "rfm_scores"]

NAMELESS = "without customer or time"
"""How `left_out` calls events that lack one of them."""

WITHOUT = "without a figure"
"""How `left_out` calls rows that lack one of the three figures."""


def rfm(
    events: EventFrame,
    *,
    now: datetime | str,
    scheme: RfmScheme | None = None,
    currency: str | None = None,
    within_days: int | None = None,
    zone: str | ZoneInfo | None = None,
) -> Rfm[Any]:
    """Score the customers of a frame of events by recency, frequency and monetary value.

    Args:
        events: What `mim.events(...)` returned, with `value` and `currency`. As in rules, each amount is rounded to
            whole minor units, and what is no currency code is refused.
        now: Instant; later events do not count.
        scheme: How scores are made; quintiles by rank unless given.
        currency: Only purchases in this one count; the only one there is unless given.
        within_days: How far back; everything unless given.
        zone: IANA name of the zone whose days are counted; UTC unless given.

    Raises:
        InvalidValueError: If there are several currencies and none was chosen, the events have no money, or a column
            cannot be read.

    Examples:
        >>> import polars as pl
        >>> import mimcore as mim
        >>> orders = pl.DataFrame({"who": ["a", "b"], "day": ["2026-05-01", "2026-01-02"], "paid": [9.5, 3.0]})
        >>> orders = orders.with_columns(pl.col("day").str.to_datetime(time_zone="UTC"))
        >>> bought = mim.events(orders, contact="who", at="day", kind="purchase", value="paid", currency="EUR")
        >>> rfm(bought, now="2026-06-01T00:00Z").of("a").code
        '515'
    """
    return rfm_of(purchases(events, now=now, currency=currency, within_days=within_days, zone=zone), scheme)


def purchases(
    events: EventFrame,
    *,
    now: datetime | str,
    currency: str | None = None,
    within_days: int | None = None,
    zone: str | ZoneInfo | None = None,
) -> Purchases[Any]:
    """Return what each customer of a frame of events bought.

    Args:
        events: What `mim.events(...)` returned, with `value` and `currency`.
        now: Instant; later events do not count.
        currency: Only purchases in this one count; the only one there is unless given.
        within_days: How far back; everything unless given.
        zone: IANA name of the zone whose days are counted; UTC unless given.

    Raises:
        InvalidValueError: If there are several currencies and none was chosen, the events have no money, or a column
            cannot be read.
    """
    at, lost = as_instant(now, "now"), Counter[str]()
    found = purchases_of(
        _payments(events, lost), now=at, zone=as_zone(zone), currency=currency, within_days=within_days, framer=framed
    )
    return replace(found, left_out={**found.left_out, **lost})


def _payments(events: EventFrame, lost: Counter[str]) -> Iterator[Payment[Any]]:
    missing = {"value", "currency", "kind"} - {*events.columns, *events.constants}
    if missing:
        raise InvalidValueError("events", f"have no {min(missing)}", "say its column to mim.events")
    shorts = [one for one in ("at", "kind", "value", "currency") if one in events.columns]
    columns = [events.contact, *(events.columns[one] for one in shorts)]
    for number, (who, *cells) in enumerate(_rows(events.frame, columns, "events"), start=1):
        row = {**events.constants, **dict(zip(shorts, cells, strict=True))}
        if is_absent(who) or is_absent(row["at"]):
            lost[NAMELESS] += 1
        else:
            at = as_instant(row["at"], f"row {number}")
            paid_in = _code(row["currency"], events.columns.get("currency", "currency"))
            yield who, str(row["kind"]), at, _amount(row["value"], paid_in, number), paid_in


def _amount(value: object, currency: str | None, row: int) -> Decimal | None:
    """Return an amount as rules count it: in whole minor units, of halves the even one."""
    if is_absent(value):
        return None
    number, decimals = _number(value, row), 0 if currency is None else exponent(currency)
    units = (number if isinstance(number, Decimal) else float(number)) * 10**decimals
    if abs(units) > MAX_MINOR_UNITS:
        raise InvalidValueError(f"row {row}", "has an amount that is out of range", "give major units")
    return Decimal(round(units)).scaleb(-decimals)


def _code(value: object, column: str) -> str | None:
    """Return a code as rules read it: what is none is no other currency, but refused."""
    if is_absent(value):
        return None
    code = value.strip() if isinstance(value, str) else ""
    if code not in CURRENCIES:
        raise no_currency(column)
    return code


def rfm_scores(
    frame: Any, *, contact: str, recency: str, frequency: str, monetary: str, scheme: RfmScheme | None = None
) -> Rfm[Any]:
    """Score customers whose figures stand in a frame, one row each.

    Args:
        frame: Of a kind that `mim.filter` accepts.
        contact: Column with the customer's id.
        recency: Column with the days (or months) since the last purchase.
        frequency: Column with the number of purchases.
        monetary: Column with the money spent.
        scheme: How scores are made; quintiles by rank unless given.

    Returns:
        The scores. A row that lacks a figure has none, and is counted in `left_out`.

    Raises:
        UnknownFieldError: If a column is not in the frame, with the nearest name.
        InvalidValueError: If a customer has two rows, or a figure is no number.
    """
    figures: dict[Hashable, RfmFigures] = {}
    left_out = 0
    for number, (who, *cells) in enumerate(_rows(frame, [contact, recency, frequency, monetary], "frame"), start=1):
        if any(map(is_absent, (who, *cells))):
            left_out += 1
            continue
        if who in figures:
            raise InvalidValueError(f"row {number}", "is a customer's second one", "give one row for each customer")
        figures[who] = RfmFigures(*(_number(one, number) for one in cells))
    return scored(figures, scheme, left_out={WITHOUT: left_out} if left_out else {}, framer=framed)


def _number(value: Any, row: int) -> Any:
    usable = not isinstance(value, bool) and isinstance(value, Real | Decimal)
    if usable and math.isfinite(value):
        return value
    raise InvalidValueError(f"row {row}", "has a figure that is no number", "give whole or decimal numbers")


def _rows(frame: Any, columns: Sequence[str], what: str) -> list[tuple[Any, ...]]:
    """Read some columns of any frame."""
    names = open_table(frame, what).names
    for column in columns:
        if column not in names:
            raise UnknownFieldError(f"the {what} have no column '{column}'{nearest(column, names)}")

    def read() -> list[tuple[Any, ...]]:
        found: nw.LazyFrame[Any] = nw.from_native(frame).lazy()
        chosen = found.select(*(nw.col(name).alias(f"c{place}") for place, name in enumerate(columns)))
        return chosen.collect().rows()

    return guarded(what, read)
