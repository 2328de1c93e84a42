"""Frames as people have them: names, types, missing values, and what is refused when a rule is compiled."""

# ruff: noqa: SIM300 - in a rule the field stands on the left
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore import frames
from mimcore.errors import (
    InvalidValueError,
    MimcoreError,
    MissingFactsError,
    RuleSyntaxError,
    UnknownFieldError,
    UnsupportedConditionError,
)
from mimcore.rules.language import nodes
from mimcore.rules.writing.events import EventsField
from mimcore.rules.writing.fields import (
    AgeField,
    BooleanField,
    CodeField,
    CodesField,
    DateField,
    InstantField,
    IntegerField,
    MoneyField,
    NumberField,
    RecordsField,
    TagsField,
    TextField,
)
from mimcore.values.money import money

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COUNTRY = CodeField("contact.country")
CITY = TextField("contact.city")
INTERESTS = TagsField("contact.interests")
CHANNELS = CodesField("contact.preferred_channels")
DEVICES = RecordsField("contact.devices")
AGE = AgeField("contact.age")
BORN = DateField("contact.birth_date")
ACQUIRED = InstantField("contact.acquired_at")
CHILDREN = IntegerField("contact.children")
INCOME = MoneyField("contact.annual_income")
FIT = NumberField("account.ideal_customer_fit")
DECIDES = BooleanField("contact.is_decision_maker")
PURCHASES = EventsField()("purchase")
DANES = COUNTRY == "DK"
CANARY = "CANARY-Zxq"


def verdict(column: str, values: list, rule: nodes.Rule, dtype: pl.DataType | None = None, **more) -> list:
    """The answers for a frame of one column."""
    return frames.verdict(pl.DataFrame({column: pl.Series(values, dtype=dtype)}), rule, now=NOW, **more).to_list()


def refusal(frame, rule: nodes.Rule, **options) -> str:
    """The message with which a frame is refused."""
    with pytest.raises(MimcoreError) as caught:
        frames.mask(frame, rule, **options)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return f"{type(caught.value).__name__}: {caught.value}"


# --- what comes back --------------------------------------------------------------------------------------------------


def test_pandas_keeps_its_index_order_and_kind() -> None:
    """Rows come back with their labels, even where labels repeat; a verdict is nullable, a mask is not."""
    people = pd.DataFrame({"country": ["DK", None, "SE", "DK"]}, index=[7, 7, "x", 3])
    assert list(frames.filter(people, DANES).index) == [7, 3]
    assert list(people[frames.mask(people, DANES)].index) == [7, 3]
    assert frames.mask(people, DANES).dtype == bool
    found = frames.verdict(people, DANES)
    assert str(found.dtype) == "boolean"
    assert [None if one is pd.NA else bool(one) for one in found] == [True, None, False, True]
    assert list(found.index) == [7, 7, "x", 3]
    assert list(people.columns) == ["country"]


def test_polars_frames_come_back_as_they_are() -> None:
    """Eager gives eager, lazy gives lazy, and no helper column is left behind."""
    people = pl.DataFrame({"id": [1, 2, 3], "country": ["DK", "SE", None]})
    assert frames.filter(people, DANES).rows() == [(1, "DK")]
    lazy = frames.filter(people.lazy(), DANES)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().rows() == [(1, "DK")]
    assert frames.count(people.lazy(), ~DANES) == 1
    assert frames.classify(people.lazy(), a=DANES).collect().rows() == [
        (1, "DK", True),
        (2, "SE", False),
        (3, None, None),
    ]
    with pytest.raises(InvalidValueError, match="collect"):
        frames.mask(people.lazy(), DANES)


def test_classify_adds_verdicts_whatever_the_rules_are_called() -> None:
    """Several rules in one pass; names such as `mask` are ordinary, a name that is taken is refused."""
    people = pd.DataFrame({"country": ["DK", None]})
    found = frames.classify(people, mask=DANES, others=~DANES)
    assert found["mask"].tolist() == [True, pd.NA]
    assert found["others"].tolist() == [False, pd.NA]
    with pytest.raises(InvalidValueError, match="another name"):
        frames.classify(people, country=DANES)


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas"])
def test_a_frame_without_rows_has_no_members(kind: str) -> None:
    """No row, no member, no error."""
    empty = pl.DataFrame(
        {"id": [], "country": [], "interests": []},
        schema={"id": pl.Int64, "country": pl.String, "interests": pl.List(pl.String)},
    )
    frame = {"polars": empty, "lazy": empty.lazy(), "pandas": pd.DataFrame({"id": [], "country": [], "interests": []})}[
        kind
    ]
    orders = pl.DataFrame({"contact": [], "at": []}, schema={"contact": pl.Int64, "at": pl.Datetime("us", "UTC")})
    rule = DANES | ~INTERESTS.overlaps("golf") | (PURCHASES.count() >= 1)
    companion = frames.events(orders, contact="contact", at="at", kind="purchase")
    assert frames.count(frame, rule, events=companion, now=NOW) == 0


def test_everyone_needs_no_column() -> None:
    """A rule without fields can be asked of any frame."""
    assert frames.count(pd.DataFrame({"x": [1, 2]}), nodes.Everyone()) == 2
    assert frames.count(pl.DataFrame({"x": [1, 2]}), ~nodes.Everyone()) == 0


# --- names -----------------------------------------------------------------------------------------------------------


def test_columns_are_found_by_short_canonical_or_given_name() -> None:
    """`country`, `contact.country`, `contact.demographic.country`, or what the mapping says."""
    for name in ("country", "contact.country", "contact.demographic.country"):
        assert verdict(name, ["DK"], DANES) == [True]
    assert verdict("Land", ["DK"], DANES, columns={"Land": COUNTRY}) == [True]


def test_a_mapped_column_serves_its_field_only() -> None:
    """A column called `country` that is mapped to the account's country is not the contact's."""
    frame = pl.DataFrame({"country": ["DK"]})
    account = CodeField("account.country")
    assert frames.count(frame, account == "DK", columns={"country": account}) == 1
    assert refusal(frame, DANES, columns={"country": account}).startswith(
        "UnknownFieldError: the frame has no column 'country'"
    )


def test_account_fields_have_their_prefix() -> None:
    """`account_country` beside `country`; a short name that no contact field has needs none."""
    account = CodeField("account.country")
    assert verdict("account_country", ["DK"], account == "DK") == [True]
    assert verdict("employees", [9], IntegerField("account.employees") >= 9) == [True]
    assert "UnknownFieldError" in refusal(pl.DataFrame({"country": ["DK"]}), account == "DK")


def test_a_missing_column_is_named_with_the_nearest_one() -> None:
    """The message has the name that was expected and the nearest that is there."""
    assert "no column 'country' for contact.demographic.country (did you mean 'contry'?)" in refusal(
        pl.DataFrame({"contry": ["DK"]}), DANES
    )
    assert "no column 'Lnd' (did you mean 'Land'?)" in refusal(
        pl.DataFrame({"Land": ["DK"]}), DANES, columns={"Lnd": COUNTRY}
    )
    with pytest.raises(UnknownFieldError, match="did you mean 'CustomerID'"):
        frames.events(pl.DataFrame({"CustomerID": [1], "at": [NOW]}), contact="CustomerId", at="at")


def test_wrong_mappings_are_refused() -> None:
    """A mapping to something that is no field, or of two columns to one field."""
    frame = pl.DataFrame({"a": ["DK"], "b": ["DK"]})
    assert "not a field" in refusal(frame, DANES, columns={"a": "country"})
    assert "two columns" in refusal(frame, DANES, columns={"a": COUNTRY, "b": COUNTRY})


# --- values ----------------------------------------------------------------------------------------------------------


def test_text_is_folded_and_emptiness_is_missing() -> None:
    """Case, width and white space do not count; a code is compared exactly."""
    assert verdict("city", ["STRASSE", " Straße ", "", " \t", None, "x"], CITY == "straße") == [
        True,
        True,
        None,
        None,
        None,
        False,
    ]
    assert verdict("country", ["DK", "dk", " DK ", " "], DANES) == [True, False, True, None]
    assert frames.count(pl.DataFrame({"city": pl.Series(["Århus"], dtype=pl.Categorical)}), CITY == "århus") == 1


def test_nan_is_missing() -> None:
    """In float columns, also where pandas made floats of integers."""
    assert verdict("ideal_customer_fit", [0.7, float("nan"), None], FIT >= 0.7) == [True, None, None]
    people = pd.DataFrame({"children": [2, None, 0]})
    assert frames.verdict(people, CHILDREN.is_in(2, 3)).tolist() == [True, pd.NA, False]


def test_columns_without_any_value_fit_every_field() -> None:
    """Pandas makes an empty text column a float one."""
    people = pd.DataFrame(
        {"city": [None, float("nan")], "interests": [None, None], "children": [None, None], "birth_date": [None, None]}
    )
    assert frames.verdict(people, CITY == "x").tolist() == [pd.NA, pd.NA]
    assert frames.verdict(people, ~INTERESTS.overlaps("x")).tolist() == [True, True]
    assert frames.verdict(people, CHILDREN >= 1).tolist() == [pd.NA, pd.NA]
    assert frames.verdict(people, AGE >= 1, now=NOW).tolist() == [pd.NA, pd.NA]


def test_lists_may_hold_gaps_and_may_be_one_text() -> None:
    """Missing elements count for nothing; `split` reads `cycling; Running`."""
    gaps = [["Golf", None], [], None, [None, " "]]
    with pytest.warns(UserWarning, match="column 'interests': 2 missing elements of lists were left out"):
        assert verdict("interests", gaps, INTERESTS.is_known()) == [True, False, False, False]
    with pytest.warns(UserWarning, match="2 missing elements"):
        assert verdict("interests", gaps, INTERESTS.overlaps("golf")) == [True, False, False, False]
    with pytest.warns(UserWarning, match="2 missing elements"):
        assert verdict("interests", gaps, INTERESTS.count() == 1) == [True, False, False, False]
    hobbies = {"Hobbies": INTERESTS.split(";")}
    assert verdict("Hobbies", ["cycling; RUNNING ;", ";", None], INTERESTS.overlaps("running"), columns=hobbies) == [
        True,
        False,
        False,
    ]
    assert verdict(
        "Channels",
        ["email,sms", "Email"],
        CHANNELS.contains_all("sms", "email"),
        columns={"Channels": CHANNELS.split(",")},
    ) == [True, False]
    assert "f.contact.psychographic.interests.split(';')" in refusal(
        pl.DataFrame({"interests": ["a;b"]}), INTERESTS.overlaps("a")
    )
    assert not hasattr(CITY, "split")
    with pytest.raises(InvalidValueError, match="empty"):
        INTERESTS.split("")


def test_records_are_matched_whole() -> None:
    """Both conditions must be true of one record; a record without the field's column is refused when compiled."""
    devices = [[{"kind": "tablet", "browser": "Safari"}, {"kind": "laptop", "browser": "Firefox"}], [], None, [None]]
    with pytest.warns(UserWarning, match="column 'devices': 1 missing elements of lists were left out"):
        assert verdict("devices", devices, DEVICES.any(kind="tablet", browser="safari")) == [True, False, False, False]
    both = DEVICES.any(kind="tablet", browser="firefox")
    with pytest.warns(UserWarning, match="1 missing elements"):
        assert verdict("devices", devices, both) == [False, False, False, False]
    assert "without 'app'" in refusal(pl.DataFrame({"devices": devices}), DEVICES.any(app="x"))
    assert "lists of records" in refusal(pl.DataFrame({"devices": [["tablet"]]}), DEVICES.is_known())


def test_instants_need_a_zone_and_dates_no_time() -> None:
    """Naive datetimes are refused with the column's name; as dates they pass if they are midnights."""
    naive = pl.DataFrame({"acquired_at": [datetime(2026, 3, 1)]})
    assert "column 'acquired_at'" in refusal(naive, ACQUIRED.within_days(3), now=NOW)
    assert "time zone" in refusal(naive.to_pandas(), ACQUIRED.within_days(3), now=NOW)
    assert (
        frames.count(pd.DataFrame({"birth_date": pd.to_datetime(["2000-03-01", "2008-03-02"])}), AGE >= 18, now=NOW)
        == 1
    )
    assert "column 'birth_date'" in refusal(pl.DataFrame({"birth_date": [datetime(2000, 3, 1, 5)]}), AGE >= 18, now=NOW)
    assert "column 'birth_date'" in refusal(pl.DataFrame({"birth_date": [NOW]}), AGE >= 18, now=NOW)
    assert "column 'birth_date'" in refusal(pl.DataFrame({"birth_date": ["2000-03-01"]}), BORN <= "2001-01-01")


def test_age_comes_from_whatever_a_row_has() -> None:
    """Birth date before year before band before a ready age; a ready age counts where nothing better is known."""
    people = pl.DataFrame(
        {
            "birth_date": [date(2008, 3, 1), date(2008, 3, 2), None, None, None, None],
            "birth_year": [None, 1900, 2008, None, None, None],
            "age_band": [None, None, None, "18-24", None, None],
            "age_band_on": [None, None, None, date(2026, 1, 1), None, None],
            "age": [5.0, 99.0, 99.0, 2.0, 18.0, None],
        }
    )
    assert frames.verdict(people, AGE >= 18, now=NOW).to_list() == [True, False, None, True, True, None]
    assert verdict("age", [17, 18, 30, None], AGE.is_between(18, 29)) == [False, True, False, None]
    assert verdict("Alter", [18], AGE == 18, columns={"Alter": AGE}) == [True]
    assert "no column 'age'" in refusal(pl.DataFrame({"x": [1]}), AGE >= 18, now=NOW)


def test_money_needs_a_currency() -> None:
    """Major units beside a currency, or minor units; other currencies and unknown ones cannot be decided."""
    rule = INCOME >= money("100.00", "DKK")
    for values in (
        [100, 99, 100, None],
        [100.0, 99.99, 100.0, None],
        [Decimal("100.00"), Decimal("99.99"), Decimal(100), None],
    ):
        frame = pl.DataFrame(
            {"annual_income": values, "annual_income_currency": ["DKK", "DKK", "EUR", "DKK"]}, strict=False
        )
        assert frames.verdict(frame, rule).to_list() == [True, False, None, None]
    minor = pl.DataFrame({"annual_income_minor": [10_000, 9_999], "annual_income_currency": ["DKK", "DKK"]})
    assert frames.verdict(minor, rule).to_list() == [True, False]
    assert "'annual_income_currency'" in refusal(pl.DataFrame({"annual_income": [100]}), rule)
    assert "no column" in refusal(pl.DataFrame({"income": [100]}), rule)


@pytest.mark.parametrize(
    ("column", "dtype", "rule"),
    [
        ("ideal_customer_fit", pl.Float32(), FIT >= 0.7),
        ("children", pl.String(), CHILDREN >= 1),
        ("children", pl.Boolean(), CHILDREN >= 1),
        ("children", pl.UInt64(), CHILDREN >= 1),
        ("is_decision_maker", pl.Int64(), DECIDES.is_true()),
        ("country", pl.Int64(), DANES),
        ("city", pl.Float64(), CITY == "x"),
        ("interests", pl.List(pl.Int64()), INTERESTS.overlaps("x")),
        ("acquired_at", pl.Date(), ACQUIRED >= NOW),
    ],
)
def test_types_that_do_not_fit_are_refused_when_compiled(column: str, dtype: pl.DataType, rule: nodes.Rule) -> None:
    """Also on a lazy frame, before anything is read; the message names the column."""
    frame = pl.DataFrame({column: pl.Series([None, 1 if dtype.is_numeric() else None], dtype=dtype)}).lazy()
    with pytest.raises(InvalidValueError, match=f"column '{column}'"):
        frames.filter(frame, rule, now=NOW)


# --- events ----------------------------------------------------------------------------------------------------------


def orders() -> pl.DataFrame:
    """Five events, one of them of nobody."""
    return pl.DataFrame(
        {
            "CustomerID": [1.0, 1.0, 2.0, None, 1.0],
            "When": [NOW, NOW - timedelta(days=400), NOW + timedelta(seconds=1), NOW, NOW - timedelta(days=10)],
            "Amount": [10.0, 90.0, 500.0, 1.0, None],
            "Product": ["Boots", "boots", "Hat", "Hat", ""],
        }
    )


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas"])
def test_events_are_joined_by_id(kind: str) -> None:
    """Whoever has none has 0; future events and events of nobody do not count; ids may be floats in one frame."""
    change = {
        "polars": lambda frame: frame,
        "lazy": lambda frame: frame.lazy(),
        "pandas": lambda frame: frame.to_pandas(),
    }[kind]
    companion = frames.events(
        change(orders()),
        contact="CustomerID",
        at="When",
        value="Amount",
        currency="DKK",
        kind="purchase",
        product="Product",
    )
    people = pl.DataFrame({"id": [3, 1, 2]})
    ask = lambda rule: frames.verdict(people, rule, events=companion, now=NOW).to_list()  # noqa: E731
    assert ask(PURCHASES.count() >= 1) == [False, True, False]
    assert ask(PURCHASES.count(within_days=10) == 2) == [False, True, False]
    assert ask(PURCHASES.total() >= money(100, "DKK")) == [False, True, False]
    assert ask(PURCHASES.total() >= money(0, "EUR")) == [True, True, True]
    assert ask(PURCHASES.where(TextField("event.product") == "BOOTS").count() == 2) == [False, True, False]
    assert ask(PURCHASES.where(TextField("event.product") != "boots").count() == 0) == [True, True, True]
    assert ask(EventsField()("visit").count() == 0) == [True, True, True]


def test_events_are_needed_and_checked_when_compiled() -> None:
    """Without events, with a naive instant, with ids of another type, without a key."""
    people, lazy = pl.DataFrame({"id": [1]}), pl.LazyFrame({"id": ["1"]})
    rule = PURCHASES.count() >= 1
    with pytest.raises(MissingFactsError, match="events="):
        frames.filter(people, rule, now=NOW)
    companion = frames.events(orders(), contact="CustomerID", at="When", kind="purchase")
    with pytest.raises(MissingFactsError, match="now="):
        frames.filter(people, rule, events=companion)
    with pytest.raises(InvalidValueError, match="not of one type"):
        frames.filter(lazy, rule, events=companion, now=NOW)
    with pytest.raises(UnknownFieldError, match="key="):
        frames.filter(pl.DataFrame({"number": [1]}), rule, events=companion, now=NOW)
    naive = frames.events(
        orders().with_columns(pl.col("When").dt.replace_time_zone(None)),
        contact="CustomerID",
        at="When",
        kind="purchase",
    )
    with pytest.raises(InvalidValueError, match="column 'When'"):
        frames.filter(people, rule, events=naive, now=NOW)


def test_the_kind_and_currency_of_events_may_be_columns() -> None:
    """A declared kind or an ISO code is one value of all rows; anything else is a column."""
    frame = orders().with_columns(What=pl.lit("purchase"), Money=pl.lit("DKK"))
    companion = frames.events(
        frame, contact="CustomerID", at="When", value="Amount", kind="What", currency="Money", key="number"
    )
    assert (
        frames.count(pl.DataFrame({"number": [1]}), PURCHASES.total() >= money(100, "DKK"), events=companion, now=NOW)
        == 1
    )
    with pytest.raises(UnknownFieldError, match="Moneys"):
        frames.events(frame, contact="CustomerID", at="When", currency="Moneys")


# --- what frames cannot do ---------------------------------------------------------------------------------------------


def test_freshness_and_lists_are_refused_by_name() -> None:
    """Without the columns for it, nothing in a frame says how fresh a value is; nor who was put on a list by hand."""
    frame = pl.LazyFrame({"country": ["DK"]})
    for rule in (COUNTRY.freshness() >= 0.5, COUNTRY.is_undated()):
        with pytest.raises(
            MissingFactsError, match=r"'country_fresh_key'.*contact\.demographic\.country.*freshness=True"
        ):
            frames.filter(frame, rule, now=NOW)
    with pytest.raises(UnsupportedConditionError, match=r"contact\.emails"):
        frames.filter(frame, nodes.AnyFreshness(points="emails", value=0.5), now=NOW)
    with pytest.raises(UnsupportedConditionError, match="vips"):
        frames.filter(frame, nodes.InSegment(segment="vips"), segments={"vips": None})
    with pytest.raises(MissingFactsError, match="segments="):
        frames.filter(frame, nodes.InSegment(segment="vips"))
    with pytest.raises(UnknownFieldError, match="did you mean 'vips'"):
        frames.filter(frame, nodes.InSegment(segment="vip"), segments={"vips": DANES})


def test_what_is_no_frame_or_no_rule_is_refused() -> None:
    """A list of dicts, a plain truth value, a field."""
    assert "Polars or pandas" in refusal([{"country": "DK"}], DANES)
    for wrong in (True, COUNTRY):
        with pytest.raises(RuleSyntaxError):
            frames.mask(pl.DataFrame({"country": ["DK"]}), wrong)
    with pytest.raises(InvalidValueError, match="time zone"):
        frames.mask(pl.DataFrame({"age": [3]}), AGE >= 3, now=datetime(2026, 1, 1))


@pytest.mark.parametrize("column", [[CANARY, 5, None], [CANARY, ["x"]], [{"a": CANARY}, CANARY], [b"\xff", CANARY]])
def test_no_library_error_and_no_value_leaves(column: list) -> None:
    """A column of mixed objects is refused in our words, without the value."""
    message = refusal(pd.DataFrame({"city": column}), CITY == "x")
    assert message.startswith("InvalidValueError: column 'city'")
    assert CANARY not in message


def test_a_column_that_stands_twice_is_refused() -> None:
    """Pandas allows it; which one is meant cannot be known."""
    assert "twice" in refusal(pd.DataFrame([["DK", "SE"]], columns=["country", "country"]), DANES)


def test_wide_rules_are_compiled_flat() -> None:
    """500 conditions in one group take well under a second."""
    rule = nodes.AnyOf(rules=tuple(CITY == f"city {number}" for number in range(500)))
    assert verdict("city", ["City 499", "x", None], rule) == [True, False, None]
    assert verdict("city", ["City 1999", "x"], CITY.is_in([f"city {number}" for number in range(2000)])) == [
        True,
        False,
    ]
