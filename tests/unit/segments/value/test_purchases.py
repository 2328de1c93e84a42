"""What customers bought: the CDNOW sample recomputed from rows, frames and stores; currencies, refunds, windows."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.segments.value.payments import NO_VALUE, purchases_of
from mimcore.segments.value.purchases import summarise_purchases
from mimcore.testing import FixedClock

OUTSIDE = Path(__file__).parents[3] / "outside"
DAY = date(1997, 1, 1)
END = date(1997, 9, 30)
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


def published() -> dict[int, tuple[int, float, float]]:
    """Read frequency, recency and T of 2 357 customers."""
    with (OUTSIDE / "cdnow" / "cdnow_customers_summary.csv").open(newline="") as file:
        return {
            int(row["ID"]): (int(row["frequency"]), float(row["recency"]), float(row["T"]))
            for row in csv.DictReader(file)
        }


def figures(one) -> tuple[int, float, float]:
    """Return the published figures of one customer: repeat purchases, recency and T in weeks, two decimals."""
    return one.frequency, round(one.recency("weeks"), 2), round(one.age("weeks"), 2)


def cdnow() -> list[tuple[int, date, Decimal]]:
    """Read the purchases of the CDNOW sample."""
    rows: list[tuple[int, date, Decimal]] = []
    for line in (OUTSIDE / "cdnow" / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, amount = line.split()
        rows.append((int(customer), date(int(day[:4]), int(day[4:6]), int(day[6:])), Decimal(amount)))
    return rows


def test_cdnow_recency_and_frequency_are_recomputed_exactly() -> None:
    """All 2 357 customers have the frequency, recency and T (weeks, two decimals) that lifetimes ships."""
    expected = published()
    assert len(expected) == 2357
    assert {who: figures(one) for who, one in summarise_purchases(cdnow(), end_on=END).items()} == expected


def test_cdnow_totals_are_the_sum_of_the_file() -> None:
    """Nothing is lost or counted twice: totals add up to all 6 919 purchases of the full period."""
    rows = cdnow()
    summaries = summarise_purchases(rows, end_on=date(1998, 6, 30))
    assert len(rows) == 6919
    assert sum(one.total for one in summaries.values()) == sum(amount for _, _, amount in rows)


def test_the_summary_by_hand() -> None:
    """Two orders on one day are one purchase; a refund lowers the total only; a later order is not seen."""
    rows = [
        ("ana", DAY + timedelta(days=21), 30.1),
        ("ana", DAY, Decimal("20.00")),
        ("ana", DAY + timedelta(days=21), 5),
        ("ana", DAY + timedelta(days=30), -10),
        ("ana", DAY + timedelta(days=99), 1_000),
        ("bo", DAY + timedelta(days=7), 0),
        ("cy", DAY, -3),
    ]
    found = summarise_purchases(rows, end_on=DAY + timedelta(days=42))
    assert list(found) == ["ana", "bo"]
    ana, bo = found["ana"], found["bo"]
    assert (ana.purchase_days, ana.frequency, ana.recency_days, ana.age_days, ana.days_since_last) == (2, 1, 21, 42, 21)
    assert (ana.recency("weeks"), ana.age("weeks"), ana.recency(), ana.age()) == (3.0, 6.0, 21.0, 42.0)
    assert (ana.total, ana.repeat_average) == (Decimal("45.10"), Decimal("35.1"))
    assert (bo.frequency, bo.recency_days, bo.total, bo.repeat_average) == (0, 0, Decimal(0), None)
    assert (ana.typical_gap_days, bo.typical_gap_days) == (21.0, None)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), Decimal("NaN"), True, "12", None])
def test_amounts_that_are_no_numbers_are_refused(amount: float) -> None:
    """The error names the row, never the amount."""
    with pytest.raises(InvalidValueError, match="row 2: needs a finite amount"):
        summarise_purchases([("ana", DAY, 1), ("ana", DAY, amount)], end_on=DAY)


def test_instants_are_refused_where_a_day_is_meant() -> None:
    """A datetime has a zone question that the caller must answer."""
    with pytest.raises(InvalidValueError, match="row 1"):
        summarise_purchases([("ana", datetime(1997, 1, 1), 1)], end_on=DAY)
    with pytest.raises(InvalidValueError, match="unit"):
        summarise_purchases([("ana", DAY, 1)], end_on=DAY)["ana"].age("months")  # type: ignore[arg-type]


def noon(day: date) -> datetime:
    """Return the middle of a day."""
    return datetime.combine(day, time(12), UTC)


def test_cdnow_is_recomputed_from_a_frame() -> None:
    """The same 2 357 lines from a data frame of events."""
    rows = cdnow()
    orders = pl.DataFrame(
        {
            "customer": [who for who, _, _ in rows],
            "at": [noon(day) for _, day, _ in rows],
            "paid": [float(amount) for _, _, amount in rows],
        }
    )
    bought = mim.events(orders, contact="customer", at="at", kind="purchase", value="paid", currency="USD")
    found = mim.purchases(bought, now=noon(END))
    assert {who: figures(one) for who, one in found.customers.items()} == published()
    totals = summarise_purchases(rows, end_on=END)
    assert {who: one.total for who, one in found.customers.items()} == {who: one.total for who, one in totals.items()}


def test_cdnow_is_recomputed_from_every_store(everywhere) -> None:
    """The same from a store: each in-memory, SQLite, PostgreSQL; 2 357 customers, to the last digit."""
    expected = published()
    with everywhere.begin() as work:
        people = {who: mim.Contact(tags=[f"c{who}"]) for who in expected}
        work.add_many(people.values())
        work.transaction.interactions.add(
            [
                mim.Interaction(
                    kind="purchase", at=noon(day), contact_id=people[who].id, value=mim.money(amount, "USD")
                )
                for who, day, amount in cdnow()
            ]
        )
    found = everywhere.value.purchases(now=noon(END))
    assert {who: figures(found.of(contact)) for who, contact in people.items()} == expected
    assert len(found.customers) == 2357
    everything = everywhere.value.purchases(now=noon(date(1998, 6, 30)))
    assert sum(one.total for one in everything.customers.values()) == sum(amount for _, _, amount in cdnow())


def shop(store, orders):
    """Record purchases and refunds: person, kind, instant, money; return the people by name."""
    with store.begin() as work:
        names = dict.fromkeys(who for who, *_ in orders)
        people = dict(zip(names, work.add(*(mim.Contact(name=f"{name} Berg") for name in names)), strict=True))
        for who, kind, at, value in orders:
            work.record(kind, contact=people[who], at=at, value=value)
    return people


DKK, EUR = (lambda amount: mim.money(amount, "DKK")), (lambda amount: mim.money(amount, "EUR"))
ORDERS = [
    ("Ana", "purchase", "2026-04-01T10:00Z", DKK(100)),
    ("Ana", "purchase", "2026-04-01T20:00Z", DKK("50.50")),
    ("Ana", "purchase", "2026-04-01T22:30Z", DKK(7)),  # already 2 April in Copenhagen
    ("Ana", "refund", "2026-04-20T10:00Z", DKK(30)),
    ("Ana", "refund", "2026-04-21T10:00Z", DKK(0)),
    ("Ana", "purchase", "2026-06-01T10:00Z", DKK(9_999)),  # not yet
    ("Ana", "visit", "2026-04-30T10:00Z", None),
    ("Bo", "purchase", "2026-04-30T10:00Z", EUR(40)),
    ("Bo", "purchase", "2026-04-30T11:00Z", None),
    ("Cy", "refund", "2026-04-30T10:00Z", DKK(5)),
    ("Di", "purchase", "2026-01-01T10:00Z", DKK(1)),
]


def test_the_rules_of_counting_by_hand(everywhere, clock) -> None:
    """Days are local, refunds lower totals only, other currencies and purchases without a value are told of."""
    clock.move_to("2026-07-01T10:00Z")
    people = shop(everywhere, ORDERS)
    found = everywhere.value.purchases(currency="dkk", now=NOW)
    assert set(found.customers) == {people["Ana"].id, people["Di"].id}
    ana = found.of(people["Ana"])
    assert (ana.total, ana.purchase_days, ana.first_on, ana.last_on, ana.days_since_last, ana.typical_gap_days) == (
        Decimal("127.50"),
        2,
        date(2026, 4, 1),
        date(2026, 4, 2),
        29,
        1.0,
    )
    assert found.left_out == {"EUR": 1, NO_VALUE: 1}
    assert (found.has_refunds, found.currency, found.end_on) == (True, "DKK", date(2026, 5, 1))
    assert found.of(people["Bo"]) is None
    assert found.of(people["Cy"].id) is None
    assert "left out: 1 in EUR, 1 without a value" in str(found)
    assert "<table" in found._repr_html_()
    assert everywhere.value.purchases(currency="EUR", now=NOW).of(people["Bo"]).total == 40
    lately = everywhere.value.purchases(currency="DKK", within_days=30, now=NOW)
    assert set(lately.customers) == {people["Ana"].id}
    assert lately.of(people["Ana"]).total == Decimal("127.50")


def test_several_currencies_are_never_added_up(store, clock) -> None:
    """Without a word about it they are refused by name; a misspelt one is no currency."""
    clock.move_to("2026-07-01T10:00Z")
    shop(store, ORDERS)
    with pytest.raises(InvalidValueError, match="there are purchases in DKK, EUR"):
        store.value.purchases()
    with pytest.raises(InvalidValueError, match="currency"):
        store.value.purchases(currency="DKR")
    with pytest.raises(InvalidValueError, match="within_days"):
        store.value.purchases(currency="DKK", within_days=-1)
    assert store.value.purchases(currency="SEK").customers == {}


def test_the_window_begins_at_an_instant(store, clock) -> None:
    """`[now - days, now]`, as in rules."""
    clock.move_to("2026-07-01T10:00Z")
    at = NOW - timedelta(days=10)
    people = shop(
        store,
        [("Ana", "purchase", at, DKK(1)), ("Bo", "purchase", at - timedelta(microseconds=1), DKK(1))]
        + [("Cy", "purchase", NOW, DKK(1)), ("Di", "purchase", NOW + timedelta(microseconds=1), DKK(1))],
    )
    found = store.value.purchases(within_days=10, now=NOW)
    assert set(found.customers) == {people["Ana"].id, people["Cy"].id}
    with store.read() as work:
        assert set(work.contacts.ids(f.contact.purchases.count(within_days=10) >= 1, now=NOW)) == set(found.customers)


def test_only_active_contacts_of_those_asked_for(store, clock) -> None:
    """Archived ones are nobody; merged ones count for the survivor; `among` takes a rule, a segment, a key."""
    people = shop(store, [(who, "purchase", "2026-04-01T10:00Z", DKK(10)) for who in ("Ana", "Bo", "Cy")])
    with store.begin() as work:
        work.remove(people["Cy"])
        work.change(people["Ana"], country="DK")
        work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"))
    assert set(store.value.purchases().customers) == {people["Ana"].id, people["Bo"].id}
    for among in ("danes", f.contact.country == "DK", store.segments.get("danes")):
        assert set(store.value.purchases(among=among).customers) == {people["Ana"].id}
    clock.advance(days=1)
    store.duplicates.plan(DuplicatePair(people["Ana"].id, people["Bo"].id, 0.9, ())).apply()
    (one,) = store.value.purchases().customers.values()
    assert (one.total, one.purchase_days) == (20, 1)


def test_the_past_is_asked_like_everything_else(store, clock) -> None:
    """A store as of a day knows the purchases of that day."""
    people = shop(store, [("Ana", "purchase", "2026-04-01T10:00Z", DKK(10))])
    clock.advance(days=10)
    with store.begin() as work:
        work.record("purchase", contact=people["Ana"], at=clock(), value=DKK(5))
    assert store.value.purchases().of(people["Ana"]).total == 15
    assert store.as_of("2026-05-02").value.purchases().of(people["Ana"]).total == 10


def test_frames_say_what_they_lack() -> None:
    """Rows without customer, time or value are counted; money, kind and currency must be said; figures are numbers."""
    rows = pl.DataFrame(
        {"who": ["a", None, "b", "c"], "at": [NOW, NOW, None, NOW], "paid": [1.0, 2.0, 3.0, float("nan")]},
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    bought = mim.events(rows, contact="who", at="at", kind="purchase", value="paid", currency="SEK")
    found = mim.purchases(bought, now=NOW)
    assert set(found.customers) == {"a"}
    assert found.left_out == {NO_VALUE: 1, "without customer or time": 2}
    with pytest.raises(InvalidValueError, match="have no value"):
        mim.purchases(mim.events(rows, contact="who", at="at", kind="purchase", currency="SEK"), now=NOW)
    texts = rows.with_columns(pl.lit("much").alias("paid"))
    wrong = mim.events(texts, contact="who", at="at", kind="purchase", value="paid", currency="SEK")
    with pytest.raises(InvalidValueError, match="row 1: has a figure that is no number"):
        mim.purchases(wrong, now=NOW)


def test_money_is_exact_in_every_currency() -> None:
    """Yen have no decimals, dinars three; a tenth of a float is a tenth."""

    def total(amounts, currency):
        rows = [("a", "purchase", NOW, Decimal(one), currency) for one in amounts]
        return purchases_of(rows, now=NOW, zone=ZoneInfo("UTC")).customers["a"].total

    assert total(["0.1", "0.2"], "EUR") == Decimal("0.3")
    with mim.connect("memory:", clock=FixedClock(NOW)) as store:
        for code, amount in (("JPY", "500"), ("KWD", "0.125")):
            who = added(store, mim.Contact())
            with store.begin() as work:
                work.record("purchase", contact=who, at=NOW, value=mim.money(amount, code))
            assert store.value.purchases(currency=code).of(who).total == Decimal(amount)
