"""Columns that hold what is no code, amounts finer than a cent, and dates that are times: one answer, or a refusal."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from sqlalchemy import Column, Integer, MetaData, Numeric, String, Table, create_engine, func, select

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError

NOW = datetime(2026, 7, 10, tzinfo=UTC)
CANARY = "CANARY-Zxq"
c = f.contact
CONNECTION = duckdb.connect()
MAKE: dict[str, Any] = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": lambda frame: CONNECTION.from_arrow(frame.to_arrow()),
}
KINDS = pytest.mark.parametrize("kind", MAKE)


def orders(kind: str, amounts: list[Any], currencies: list[str | None]) -> mim.frames.EventFrame:
    """One purchase of customer 1 for each amount."""
    frame = pl.DataFrame(
        {"cid": [1] * len(amounts), "v": amounts, "w": pl.Series(currencies, dtype=pl.String)}
    ).with_columns(at=pl.lit(datetime(2026, 7, 1, tzinfo=UTC)))
    return mim.events(MAKE[kind](frame), contact="cid", at="at", kind="purchase", value="v", currency="w")


def spends(kind: str, bought: mim.frames.EventFrame, amount: str) -> bool:
    """Whether the purchases come to so much in euro."""
    people = MAKE[kind](pl.DataFrame({"id": [1]}))
    return mim.count(people, c.purchases.total() >= mim.money(amount, "EUR"), events=bought, now=NOW) == 1


@KINDS
@pytest.mark.parametrize("word", ["eur", "€", "XXXX", CANARY])
def test_what_is_no_currency_is_refused_by_rules_and_by_rfm(kind: str, word: str) -> None:
    """Whether the frame is lazy or not; neither leaves the amount out unsaid, and nothing is quoted."""
    bought = orders(kind, [100.0, 5.0], [word, "EUR"])
    for ask in (lambda: spends(kind, bought, "1"), lambda: mim.rfm(bought, now=NOW, currency="EUR")):
        with pytest.raises(
            InvalidValueError, match=r"column 'w': holds what is no currency code — write ISO"
        ) as refused:
            ask()
        assert CANARY not in str(refused.value)


@KINDS
def test_blanks_around_a_currency_do_not_matter_and_none_is_none(kind: str) -> None:
    """As with all codes in frames; 7 without a currency is no money, and 9 are not euro."""
    bought = orders(kind, [100.0, 7.0, 8.0, 9.0], [" EUR ", None, " ", "DKK"])
    assert spends(kind, bought, "100")
    assert not spends(kind, bought, "100.01")
    assert mim.rfm(bought, now=NOW, currency="EUR").figures[1].monetary == 100


@KINDS
def test_a_person_s_money_of_no_currency_is_refused_too(kind: str) -> None:
    """One reading for every money field."""
    frame = pl.DataFrame({"annual_income": [100.0], "annual_income_currency": ["dkk"]})
    with pytest.raises(InvalidValueError, match="column 'annual_income_currency': holds what is no currency code"):
        mim.count(MAKE[kind](frame), c.annual_income >= mim.money(1, "DKK"))


@KINDS
@pytest.mark.parametrize("exact", [True, False])
def test_each_amount_is_rounded_to_whole_minor_units_by_rules_and_by_rfm(kind: str, exact: bool) -> None:
    """99.996 is 100.00; of halves the even one: 0.125 is 0.12, and 0.375 is 0.38. Together 100.50."""
    amounts = [99.996, 0.125, 0.375]
    given: Any = pl.Series([Decimal(str(one)) for one in amounts], dtype=pl.Decimal(20, 3)) if exact else amounts
    bought = orders(kind, given, ["EUR"] * 3)
    assert spends(kind, bought, "100.50")
    assert not spends(kind, bought, "100.51")
    assert mim.rfm(bought, now=NOW).figures[1].monetary == Decimal("100.50")


@pytest.mark.parametrize("amount", [1.015, 1.115, 0.285, 2.675, 33.335, 1e15 / 3])
def test_rfm_rounds_the_very_float_that_rules_round(amount: float) -> None:
    """1.015 times 100 is a little less than 101.5 in floats, and 1.01 to both."""
    bought = orders("polars", [amount], ["EUR"])
    shown = mim.rfm(bought, now=NOW).figures[1].monetary
    assert spends("polars", bought, f"{shown:.2f}")
    assert not spends("polars", bought, f"{Decimal(shown) + Decimal('0.01'):.2f}")


def test_an_amount_beyond_all_measure_is_refused() -> None:
    """By an error of ours, in both."""
    bought = orders("polars", [1e308], ["EUR"])
    for ask in (lambda: spends("polars", bought, "1"), lambda: mim.rfm(bought, now=NOW)):
        with pytest.raises(InvalidValueError):
            ask()


@KINDS
def test_lint_counts_what_is_no_code(kind: str) -> None:
    """Two of five; who is missing is none of them, and white space around a code does not matter."""
    frame = pl.DataFrame({"country": [CANARY, "de", "DE ", "AT", None]})
    found = mim.lint(~(c.country == "DE"), MAKE[kind](frame))
    assert [one.about for one in found] == ["codes"]
    message = found.findings[0].message
    assert "column 'country': 2 of 5 rows hold no code of contact.demographic.country" in message
    assert "mimcore.values.codes.country" in message
    assert CANARY not in str(found)
    assert "de" not in message.split()


@KINDS
def test_lint_counts_lists_of_codes_and_small_vocabularies(kind: str) -> None:
    """A list counts once, however many of its words are none; the words to use are told."""
    frame = pl.DataFrame(
        {"preferred_channels": [["email", "E-Mail", "Fax"], ["email"], []], "gender": ["female", "Frau", None]}
    )
    rule = c.preferred_channels.overlaps("email") & (c.gender == "female")
    found = mim.lint(rule, MAKE[kind](frame))
    assert [one.message.partition(";")[0] for one in found] == [
        "column 'preferred_channels': 1 of 3 rows hold no code of contact.preferences.channels, and equal none",
        "column 'gender': 1 of 3 rows hold no code of contact.demographic.gender, and equal none",
    ]
    assert "write one of female, male, non_binary, other" in found.findings[1].message


@KINDS
def test_lint_looks_into_the_events_and_the_accounts(kind: str) -> None:
    """Kinds that nobody declared, and a currency that is none: the question is refused, and how many are is told."""
    people = MAKE[kind](pl.DataFrame({"id": [1]}))
    at = datetime(2026, 7, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {"cid": [1, 1], "at": [at, at], "kind": ["purchase", "Kauf"], "v": [1.0, 2.0], "w": ["eur", "EUR"]}
    )
    bought = mim.events(MAKE[kind](frame), contact="cid", at="at", value="v", currency="w")
    found = mim.lint(c.purchases.total() >= mim.money(1, "EUR"), people, events=bought, now=NOW)
    assert [one.about for one in found] == ["refused", "codes", "codes"]
    assert "no currency code" in found.findings[0].message
    assert {one.message.partition(" hold")[0] for one in found.findings[1:]} == {
        "column 'kind': 1 of 2 rows",
        "column 'w': 1 of 2 rows",
    }
    links = mim.accounts(MAKE[kind](pl.DataFrame({"person": [1], "country": ["Danmark"]})), contact="person")
    found = mim.lint(c.any_account.country == "DK", people, accounts=links)
    assert "codes" in [one.about for one in found]


def test_lint_is_silent_where_all_are_codes() -> None:
    """Also about the kinds of events."""
    assert not mim.lint(c.country == "DE", pl.DataFrame({"country": ["DE", "AT", None]}))


def test_match_columns_counts_what_is_no_code_where_it_has_the_values() -> None:
    """A lazy frame is not read; a column that does not fit says that instead; a currency beside money counts too."""
    frame = pl.DataFrame(
        {
            "country": ["Danmark", "DK"],
            "gender": [1, 2],
            "annual_income": [1.0, 2.0],
            "annual_income_currency": ["dkk", "DKK"],
        }
    )
    notes = {one.column: one.note for one in mim.match_columns(frame).columns}
    assert notes["country"].startswith("1 of 2 rows hold no code of contact.demographic.country")
    assert notes["gender"].startswith("is of type Int64")
    assert notes["annual_income_currency"].startswith("1 of 2 rows hold no code")
    assert not notes["annual_income"]
    lazy = {one.column: one.note for one in mim.match_columns(frame.lazy()).columns}
    assert not lazy["country"]


@KINDS
def test_naive_midnights_are_dates_and_other_times_are_refused(kind: str) -> None:
    """On lazy frames, too, where it shows when they are read."""
    midnights = pl.DataFrame({"birth_date": [datetime(1990, 5, 1), None]})
    assert mim.count(MAKE[kind](midnights), c.age > 3, now=NOW) == 1
    times = pl.DataFrame({"birth_date": [datetime(1990, 5, 1), datetime(1990, 5, 1, 12)]})
    with pytest.raises(
        InvalidValueError, match=r"column 'birth_date': is of type Datetime.* — give dates without a time"
    ):
        mim.count(MAKE[kind](times), c.age > 3, now=NOW)
    found = mim.lint((c.age > 3) & (c.birth_date > "1900-01-01"), MAKE[kind](times), now=NOW)
    assert {one.about for one in found} == {"refused"}


def test_a_mapping_the_wrong_way_round_says_the_right_one() -> None:
    """The mistake that comes from `mim.columns`, which takes the field first."""
    frame, rule = pd.DataFrame({"Land": ["DE"]}), c.country == "DE"
    right = r"columns=\{'Land': f.contact.country\}"
    for ask in (mim.filter, mim.count, lambda frame, rule, columns: mim.lint(rule, frame, columns=columns)):
        with pytest.raises(InvalidValueError, match=right):
            ask(frame, rule, columns={c.country: "Land"})  # type: ignore[operator]
    with pytest.raises(InvalidValueError, match=right):
        mim.match_columns(frame, columns={c.country: "Land"})  # type: ignore[dict-item]
    with pytest.raises(InvalidValueError, match="maps a field where the name of a column belongs"):
        mim.accounts(frame, contact="Land", columns={c.country: "Land"})  # type: ignore[dict-item]
    for wrong in ([("Land", c.country)], {3: c.country}):
        with pytest.raises(InvalidValueError, match="columns: "):
            mim.filter(frame, rule, columns=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="is not named by text"):
        mim.events(frame, contact=c.country, at="Land", kind="purchase")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "people",
    [pd.DataFrame({"country": ["DE"]}), pl.DataFrame({"country": ["DE"]}), pl.LazyFrame(), mim.Contact(), 3, ["1"]],
)
def test_what_is_no_list_of_contacts_is_refused(people: Any) -> None:
    """With the verb that a data frame is asked by."""
    for ask in (mim.select, mim.answers):
        with pytest.raises(InvalidValueError, match=r"people: are not contacts — .*mim\.filter\(frame, rule\)"):
            ask(c.country == "DE", people)


@pytest.mark.parametrize("days", ["x", 1.5, True])
def test_days_of_rfm_are_a_whole_number(days: Any) -> None:
    """Refused by name, not by Python."""
    with pytest.raises(InvalidValueError, match="within_days: is no whole number"):
        mim.rfm(orders("polars", [1.0], ["EUR"]), now=NOW, within_days=days)


def test_own_tables_compare_codes_and_fine_amounts_as_they_stand() -> None:
    """What docs/own-tables.md says of the difference: columns stay bare, for the sake of indexes."""
    table = Table(
        "t",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("land", String),
        Column("income", Numeric(12, 3)),
    )
    engine = create_engine("sqlite://")
    table.metadata.create_all(engine)
    rich, german = c.annual_income >= mim.money(100, "EUR"), c.country == "DE"
    people = {
        "country": ["DE", "DE ", None],
        "annual_income": [99.996, 100.0, 99.99],
        "annual_income_currency": ["EUR"] * 3,
    }
    assert [mim.count(pl.DataFrame(people), rule) for rule in (german, rich)] == [2, 2]

    with engine.begin() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy says that SQLite has no decimals
        rows = zip(people["country"], people["annual_income"], strict=True)
        connection.execute(table.insert(), [{"land": land, "income": Decimal(str(one))} for land, one in rows])

        def counted(rule: mim.Rule, land: Any) -> int:
            columns = mim.columns(
                table, {c.country: land, c.annual_income: table.c.income}, currencies={c.annual_income: "EUR"}
            )
            return len(connection.execute(select(table.c.id).where(mim.where(rule, columns))).all())

        assert [counted(german, land) for land in (table.c.land, func.trim(table.c.land, type_=String))] == [1, 2]
        assert counted(rich, table.c.land) == 1
