"""What every kind of frame answers, refuses and gives back; generated rules on all of them, and hand-computed corners."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from mimcore import fields as f
from mimcore import frames
from mimcore.errors import InvalidValueError, MimcoreError, MissingFactsError, RuleError, UnsupportedConditionError
from mimcore.frames.capabilities import ENGINES, Capability, capabilities, operators
from mimcore.frames.polars_text import fold_column, strip_column
from mimcore.rules.language import nodes
from mimcore.values.identifiers import sample_key
from mimcore.values.money import money
from mimcore.values.text import fold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
c = f.contact
CANARY = "CANARY-Zxq"
CONNECTION = duckdb.connect()
CONNECTION.execute("set timezone = 'America/Lima'")

MAKE: dict[str, Any] = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "pandas nullable": lambda frame: frame.to_pandas().convert_dtypes(dtype_backend="numpy_nullable"),
    "pandas arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": lambda frame: CONNECTION.from_arrow(frame.to_arrow()),
}
KINDS = pytest.mark.parametrize("kind", MAKE)


def answers(kind: str, frame: pl.DataFrame, rule: nodes.Rule, **options: Any) -> list[bool | None]:
    """The verdict on each row, of a frame of some kind; in order."""
    numbered = frame.with_row_index("row_number")
    found = frames.classify(MAKE[kind](numbered), it=rule, now=NOW, **options)
    return _collected(found).sort("row_number")["it"].to_list()


def _collected(found: Any) -> pl.DataFrame:
    if isinstance(found, pl.DataFrame | pl.LazyFrame):
        return found.lazy().collect()
    if isinstance(found, pd.DataFrame):
        return pl.from_pandas(found[["row_number", "it"]])
    return pl.from_arrow(found if isinstance(found, pa.Table) else found.to_arrow_table())


# --- the same kind back ------------------------------------------------------------------------------------------------


def people() -> pl.DataFrame:
    """Four people."""
    return pl.DataFrame({"id": [1, 2, 3, 4], "country": ["DK", "SE", None, "DK"]})


def test_an_arrow_table_comes_back_as_one() -> None:
    """Rows, mask, verdict and classes of a PyArrow table are PyArrow's."""
    table, rule = people().to_arrow(), c.country == "DK"
    assert frames.filter(table, rule).column("id").to_pylist() == [1, 4]
    assert frames.mask(table, rule).to_pylist() == [True, False, False, True]
    assert frames.verdict(table, rule).to_pylist() == [True, False, None, True]
    classed = frames.classify(table, danes=rule)
    assert isinstance(classed, pa.Table)
    assert classed.column_names == ["id", "country", "danes"]
    assert table.filter(frames.mask(table, rule)).num_rows == frames.count(table, rule) == 2


def test_a_relation_comes_back_unread() -> None:
    """DuckDB: a relation that can be asked on; no series of answers, and the refusal says what to do."""
    relation, rule = MAKE["duckdb"](people()), c.country == "DK"
    kept = frames.filter(relation, rule)
    assert isinstance(kept, duckdb.DuckDBPyRelation)
    assert kept.columns == ["id", "country"]
    assert sorted(kept.fetchall()) == [(1, "DK"), (4, "DK")]
    assert sorted(kept.filter("id > 1").fetchall()) == [(4, "DK")]
    assert frames.count(relation, ~rule) == 1
    classed = frames.classify(relation, danes=rule, others=~rule).order("id")
    assert classed.fetchall() == [
        (1, "DK", True, False),
        (2, "SE", False, True),
        (3, None, None, None),
        (4, "DK", True, False),
    ]
    for verb in (frames.mask, frames.verdict):
        with pytest.raises(InvalidValueError, match=r"duckdb.*classify"):
            verb(relation, rule)


def test_a_relation_is_not_read_when_a_rule_is_compiled() -> None:
    """A relation that cannot be read is filtered all the same; it fails where it is fetched."""
    relation = CONNECTION.sql("select error('read') as country")
    assert frames.filter(relation, c.country == "DK").columns == ["country"]


# --- what every engine answers alike -----------------------------------------------------------------------------------


@KINDS
def test_codes_numbers_dates_and_instants(kind: str) -> None:
    """White space around a code, NaN, minus zero, an instant in another zone, and what is missing of each."""
    frame = pl.DataFrame(
        {
            "country": [" DK ", "", None, "SE"],
            "account_ideal_customer_fit": [-0.0, float("nan"), None, 0.7],
            "children": [0, 3, None, 2**53 + 1],
            "birth_date": [date(2000, 2, 29), date(1969, 12, 31), None, date(2008, 3, 1)],
            "acquired_at": [NOW, NOW + timedelta(microseconds=1), None, NOW - 30 * DAY],
        }
    )
    ask = lambda rule: answers(kind, frame, rule)  # noqa: E731
    assert ask(c.country == "DK") == [True, None, None, False]
    assert ask(c.country.is_in()) == [False, None, None, False]
    assert ask(f.account.ideal_customer_fit == 0.0) == [True, None, None, False]
    assert ask(f.account.ideal_customer_fit.is_in(0.7, 1.0)) == [False, None, None, True]
    assert ask(c.children <= 2) == [True, False, None, False]
    assert ask((c.country != "DK").or_missing()) == [False, True, True, True]
    assert ask(c.birth_date <= date(2000, 2, 29)) == [True, True, None, False]
    assert ask(c.age >= 18) == [True, True, None, True]
    assert ask(c.age >= 19) == [True, True, None, False]
    assert ask(c.acquired_at.within_days(30)) == [True, False, None, True]
    assert ask(c.acquired_at.is_known()) == [True, True, False, True]


@KINDS
def test_anniversaries_and_clocks(kind: str) -> None:
    """29 February comes with 1 March; weekday and hour are local, also before 1970 and on the night the clocks change."""
    frame = pl.DataFrame(
        {
            "birth_date": [date(2000, 2, 29), date(1969, 3, 1), date(1990, 3, 2), None],
            "acquired_at": [
                datetime(2026, 3, 29, 1, tzinfo=UTC),  # 03:00 in Copenhagen: 02:00 does not exist
                datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC),  # 01:59
                datetime(1969, 7, 20, 23, 30, tzinfo=UTC),  # a Monday there
                None,
            ],
        }
    )
    assert answers(kind, frame, c.birth_date.anniversary(within_days=0)) == [True, True, False, None]
    assert answers(kind, frame, c.birth_date.anniversary(within_days=1)) == [True, True, True, None]
    weekday = nodes.ClockTest(op="weekday_is_in", field="contact.acquired_at", values=(1,), zone="Europe/Copenhagen")
    hour = nodes.ClockTest(op="hour_is_in", field="contact.acquired_at", values=(0, 3), zone="Europe/Copenhagen")
    assert answers(kind, frame, weekday) == [False, False, True, None]
    assert answers(kind, frame, hour) == [True, False, True, None]
    born = nodes.ClockTest(op="weekday_is_in", field="contact.birth_date", values=(2, 6))
    assert answers(kind, frame, born) == [True, True, False, None]


@KINDS
def test_text_patterns_and_words_through_folded_columns(kind: str) -> None:
    """Prepared once, asked of every engine: folding, wildcards with signs that mean something to regular expressions."""
    frame = frames.prepare(
        pl.DataFrame(
            {
                "city": ["STRASSE 1", " straße  1", "a.b+c\\d%e_f", "😀\nb", " ", None],
                "occupation": ["Strasse 1", "x", "A.B+C\\D%E_F", None, None, None],
                "interests": [["Golf", "GOLF "], ["opera"], [], None, [" "], ["golf", "Opera"]],
            }
        )
    )
    ask = lambda rule: answers(kind, frame, rule)  # noqa: E731
    assert ask(c.city == "Straße 1") == [True, True, False, False, None, None]
    assert ask(c.city.contains("+c\\d")) == [False, False, True, False, None, None]
    assert ask(c.city.matches("s*e ?")) == [True, True, False, False, None, None]
    assert ask(c.city.matches("?.?+*f")) == [False, False, True, False, None, None]
    assert ask(c.city.matches("? b")) == [False, False, False, True, None, None]
    assert ask(nodes.CompareFields(field="contact.city", comparison="equals", other="contact.occupation")) == [
        True,
        False,
        True,
        None,
        None,
        None,
    ]
    assert ask(c.interests.overlaps("golf", "tennis")) == [True, False, False, False, False, True]
    assert ask(c.interests.contains_all("golf", "opera")) == [False, False, False, False, False, True]
    assert ask(c.interests.count() == 1) == [True, True, False, False, False, False]
    assert ask(c.interests.is_known()) == [True, True, False, False, False, True]


@KINDS
def test_records_are_compared_and_counted(kind: str) -> None:
    """Operators and instants inside of records; a missing value in a record never fits."""
    then = [NOW - 3 * DAY, NOW - 9 * DAY, None]
    devices = [
        [{"kind": "tablet", "last_seen_at": then[0]}, {"kind": "laptop", "last_seen_at": then[1]}],
        [{"kind": "tablet", "last_seen_at": then[1]}, {"kind": "tablet", "last_seen_at": then[2]}],
        [],
        None,
    ]
    frame = pl.DataFrame({"devices": devices})
    seen = c.devices.any(kind="tablet", seen_within_days=7)
    assert answers(kind, frame, seen) == [True, False, False, False]
    assert answers(kind, frame, ~seen) == [False, True, True, True]
    assert answers(kind, frame, c.devices.count() >= 2) == [True, True, False, False]
    assert answers(kind, frame, c.devices.count(kind="tablet") == 2) == [False, True, False, False]
    assert answers(kind, frame, c.devices.is_known()) == [True, True, False, False]


@KINDS
def test_money_beside_money(kind: str) -> None:
    """Two amounts compare in one currency only, by its own number of decimals."""
    frame = pl.DataFrame(
        {
            "annual_income": [100.10, 100.0, 5.0, None],
            "annual_income_currency": ["DKK", "DKK", "JPY", "DKK"],
            "account_annual_revenue": [Decimal("100.10"), Decimal(1), Decimal(5), Decimal(5)],
            "account_annual_revenue_currency": ["DKK", "EUR", "JPY", "DKK"],
        }
    )
    pair = nodes.CompareFields(field="contact.annual_income", comparison="equals", other="account.annual_revenue")
    assert answers(kind, frame, pair) == [True, None, True, None]
    assert answers(kind, frame, c.annual_income >= money("100.10", "DKK")) == [True, False, None, None]


# --- events, accounts, lists, samples ----------------------------------------------------------------------------------


def orders() -> pl.DataFrame:
    """Events of three people: amounts that overflow 64 bits together, ties, gaps, other currencies, the future."""
    rows = [
        (1, "download", -20 * DAY, None, "DKK", 2),
        (1, "demo_request", -20 * DAY, None, "DKK", None),
        (1, "demo_request", -6 * DAY, None, "DKK", 5),
        (1, "purchase", -400 * DAY, 9e15, "DKK", 1),
        (1, "purchase", -3 * DAY, 9e15, "DKK", 2),
        (1, "purchase", -2 * DAY, 1.0, "EUR", 4),
        (2, "download", -6 * DAY, None, "DKK", None),
        (2, "demo_request", -6 * DAY, None, "DKK", None),
        (2, "purchase", -8 * DAY, 10.0, "DKK", None),
        (2, "purchase", 1 * DAY, 10.0, "DKK", 7),
    ]
    columns = list(zip(*rows, strict=True))
    return pl.DataFrame(
        {
            "contact": columns[0],
            "kind": columns[1],
            "at": [NOW + delta for delta in columns[2]],
            "value": columns[3],
            "value_currency": columns[4],
            "quantity": columns[5],
        }
    )


@KINDS
def test_measures_moments_sequences_and_rhythms_of_events(kind: str) -> None:
    """Computed by hand for three people, the third without any event."""
    beside = frames.events(MAKE[kind](orders()), contact="contact", at="at")
    everybody = pl.DataFrame({"id": [1, 2, 3]})
    ask = lambda rule: answers(kind, everybody, rule, events=beside)  # noqa: E731
    kroner = lambda amount: money(amount, "DKK")  # noqa: E731
    assert ask(c.purchases.count() == 3) == [True, False, False]
    assert ask(c.purchases.total() > kroner("9000000000000000")) == [True, False, False]
    assert ask(c.purchases.total() <= kroner(0)) == [False, False, True]
    assert ask(c.purchases.average() >= kroner(10)) == [True, True, None]
    assert ask((c.purchases.minimum() >= kroner(10)) & (c.purchases.minimum() <= kroner(10))) == [False, True, None]
    assert ask(c.purchases.maximum() >= kroner(11)) == [True, False, None]
    assert ask(c.purchases.last_at() >= NOW - 2 * DAY) == [True, False, None]
    assert ask(c.purchases.first_at() < NOW - 8 * DAY) == [True, False, None]
    assert ask(c.events("download").then("demo_request", within_days=14)) == [True, False, False]
    assert ask(c.events("download").then("demo_request", within_days=13)) == [False, False, False]
    assert ask(c.events("demo_request").then("demo_request", within_days=14)) == [True, False, False]
    assert ask(c.purchases.restarted(gap_days=396, within_days=5)) == [True, False, False]
    assert ask(c.purchases.restarted(gap_days=397, within_days=5)) == [False, False, False]
    assert ask(c.purchases.regularly(at_least=2, of_periods=3, period_days=100)) == [False, False, False]
    assert ask(c.purchases.regularly(at_least=2, of_periods=5, period_days=100)) == [True, False, False]
    assert ask(c.purchases.started(within_days=8)) == [False, True, False]
    assert ask(c.purchases.lapsed(days=3)) == [False, True, False]


@KINDS
def test_quantities_are_added_and_averaged(kind: str) -> None:
    """Whole numbers of events; missing ones are left out of the average."""
    beside = frames.events(MAKE[kind](orders()), contact="contact", at="at")
    ask = lambda op, value: answers(  # noqa: E731
        kind,
        pl.DataFrame({"id": [1, 2, 3]}),
        nodes.EventTest(op=op, kind="demo_request", of="event.quantity", comparison="equals", value=value),
        events=beside,
    )
    assert ask("event_total", 5) == [True, False, False]
    assert ask("event_average", 5.0) == [True, None, None]
    assert ask("event_minimum", 5) == [True, None, None]


@KINDS
def test_all_accounts_of_a_contact(kind: str) -> None:
    """Kleene's or over the links, false on none; a count is two-valued; all accounts is the dual."""
    links = pl.DataFrame(
        {"contact": [1, 1, 2, 3, 3], "country": ["DK", "SE", None, "SE", None], "employees": [10, 500, None, 3, 4]}
    )
    beside = frames.accounts(MAKE[kind](links), contact="contact")
    everybody = pl.DataFrame({"id": [1, 2, 3, 4]})
    ask = lambda rule: answers(kind, everybody, rule, accounts=beside)  # noqa: E731
    danish = nodes.Equals(field="account.country", value="DK")
    assert ask(nodes.AccountTest(op="any_account", where=danish)) == [True, None, None, False]
    assert ask(nodes.AccountTest(op="all_accounts", where=danish)) == [False, None, False, True]
    counted = lambda n: nodes.AccountTest(op="account_count", where=danish, comparison="equals", value=n)  # noqa: E731
    assert ask(counted(1)) == [True, False, False, False]
    assert ask(counted(0)) == [False, True, True, True]


@KINDS
def test_lists_and_samples(kind: str) -> None:
    """The ids of a list may be UUIDs; a sample is drawn by the id as it is in Python."""
    ids = [UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + 977 * number) for number in range(200)]
    frame = pl.DataFrame({"id": [str(one) for one in ids]})
    segments = {"vips": [ids[3], str(ids[5])]}
    found = answers(kind, frame, nodes.InSegment(segment="vips"), segments=segments)
    assert [at for at, one in enumerate(found) if one] == [3, 5]
    assert set(found) == {True, False}
    drawn = answers(kind, frame, c.sample(percent=30, salt="spring"))
    with_key = frame.with_columns(sample_key=pl.Series([sample_key(one) for one in ids]))
    assert drawn == answers(kind, with_key, c.sample(percent=30, salt="spring"))
    assert 30 < sum(one is True for one in drawn) < 90


def test_what_is_no_uuid_is_not_sampled() -> None:
    """Refused, at once where the frame is at hand and when it is read where it is not; never a wrong sample."""
    rule = c.sample(percent=30, salt="x")
    for frame in (pl.DataFrame({"id": [1]}), pl.DataFrame({"x": [1]})):
        with pytest.raises(InvalidValueError, match="sample_key"):
            frames.count(frame, rule)
    with pytest.raises(InvalidValueError):
        frames.count(pl.DataFrame({"id": ["ana"]}), rule)
    with pytest.raises(InvalidValueError):
        frames.count(MAKE["duckdb"](pl.DataFrame({"id": ["ana"]})), rule)


def test_companions_are_of_the_peoples_engine() -> None:
    """A relation is joined with relations only; frames in memory may be mixed."""
    beside = frames.events(orders(), contact="contact", at="at")
    rule = c.purchases.count() >= 1
    with pytest.raises(InvalidValueError, match="duckdb"):
        frames.filter(MAKE["duckdb"](pl.DataFrame({"id": [1]})), rule, events=beside, now=NOW)
    assert frames.count(pa.table({"id": [1, 3]}), rule, events=beside, now=NOW) == 1
    with pytest.raises(MissingFactsError, match=r"accounts=mim\.accounts"):
        frames.filter(people(), nodes.AccountTest(op="any_account", where=nodes.Everyone()))


# --- the table of operators --------------------------------------------------------------------------------------------

OF_OP: dict[str, nodes.Rule] = {}


def _ops(kind: type[nodes.Rule]) -> tuple[Any, ...]:
    return get_args(kind.model_fields["op"].annotation)


def _declare() -> None:
    equal = nodes.Equals(field="contact.city", value="x")
    bought = nodes.EventPattern(kind="purchase")
    account = nodes.Equals(field="account.country", value="DK")
    made: list[nodes.Rule] = [
        nodes.Everyone(),
        nodes.AllOf(rules=(nodes.Everyone(),)),
        nodes.AnyOf(rules=(nodes.Everyone(),)),
        nodes.Not(rule=nodes.Everyone()),
        nodes.OrMissing(rule=c.country == "DK"),
        nodes.AccountTest(op="any_account", where=account),
        nodes.AccountTest(op="all_accounts", where=account),
        nodes.AccountTest(op="account_count", where=account, comparison="equals", value=1),
        nodes.ChangedWithin(field="contact.city", days=3),
        nodes.EverBeen(field="contact.country", value="DK"),
        nodes.MayReceive(channel="email", purpose="newsletter"),
        nodes.Sample(percent=10, salt="x"),
        nodes.ScoreTest(score="lead", value=3),
        nodes.EventSequence(first=bought, then=bought, within_days=3),
        nodes.EventRegularity(events=bought, at_least=1, of_periods=2, period_days=3),
        nodes.EventStart(events=bought, within_days=3),
        nodes.EventRestart(events=bought, gap_days=3, within_days=3),
        equal,
        nodes.IsIn(field="contact.city", values=("x",)),
        nodes.Between(field="contact.children", low=1, high=2),
        nodes.CompareFields(field="contact.city", comparison="equals", other="contact.occupation"),
        nodes.Known(field="contact.city"),
        nodes.HasRecord(field="contact.devices", where=(nodes.RecordCondition(name="kind", value="tablet"),)),
        nodes.ElementCount(field="contact.interests", comparison="at_least", value=1),
        nodes.Elapsed(field="contact.acquired_at", days=3),
        nodes.CalendarWindow(field="contact.acquired_at", period="this", unit="week"),
        nodes.Anniversary(field="contact.birth_date", days=3),
        nodes.ClockTest(op="weekday_is_in", field="contact.acquired_at", values=(1,)),
        nodes.ClockTest(op="hour_is_in", field="contact.acquired_at", values=(1,)),
        nodes.InSegment(segment="vips"),
        nodes.FreshnessTest(field="contact.city", value=0.5),
        nodes.AnyFreshness(points="emails", value=0.5),
        nodes.Undated(field="contact.city"),
        nodes.Distance(field="contact.location", latitude=0, longitude=0, km=1),
    ]
    made += [nodes.Compare(op=op, field="contact.children", value=1) for op in _ops(nodes.Compare)]
    made += [
        nodes.TextTest(op=op, field="contact.city", value="x?y" if op == "matches" else "x")
        for op in _ops(nodes.TextTest)
    ]
    made += [nodes.Overlaps(op=op, field="contact.interests", values=("x",)) for op in _ops(nodes.Overlaps)]
    made += [nodes.Window(op=op, field="contact.acquired_at", days=3) for op in _ops(nodes.Window)]
    kroner = nodes.MoneyLiteral(minor_units=100, currency="DKK")
    made += [
        nodes.EventTest(op=op, kind="purchase", comparison="at_least", value=1 if op == "event_count" else kroner)
        for op in _ops(nodes.EventTest)
    ]
    made += [
        nodes.EventMoment(op=op, kind="purchase", comparison="within_last_days", value=3)
        for op in _ops(nodes.EventMoment)
    ]
    OF_OP.update({one.op: one for one in made})


_declare()


def _everything() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [str(UUID(int=7))],
            "city": ["x"],
            "city_fresh_key": [0],
            "city_fresh_pool": ["unknown"],
            "occupation": ["x"],
            "country": ["DK"],
            "children": [1],
            "interests": [["x"]],
            "devices": [[{"kind": "tablet"}]],
            "acquired_at": [NOW],
            "birth_date": [date(2000, 1, 1)],
            "location": ["55.676, 12.568"],
        }
    )


def outcome(make: Any, rule: nodes.Rule, *, is_prepared: bool) -> str:
    """Whether a rule is answered, or refused by name when it is compiled."""
    events = pl.DataFrame(
        {"contact": [str(UUID(int=7))], "at": [NOW], "kind": ["purchase"], "value": [1.0], "value_currency": ["DKK"]}
    )
    links = pl.DataFrame({"contact": [str(UUID(int=7))], "country": ["DK"]})
    frame = frames.prepare(_everything()) if is_prepared else _everything()
    options: dict[str, Any] = {
        "events": frames.events(make(events), contact="contact", at="at"),
        "accounts": frames.accounts(make(links), contact="contact"),
        "segments": {"vips": [str(UUID(int=7))]},
        "now": NOW,
    }
    try:
        frames.filter(make(frame), rule, **options)
    except UnsupportedConditionError:
        return "no"
    assert frames.count(make(frame), rule, **options) in {0, 1}
    return "yes"


def told(one: Capability, engine: str, make: Any) -> str:
    """What the table must say of an operator, as it turns out."""
    plain, prepared = (outcome(make, OF_OP[one.op], is_prepared=ready) for ready in (False, True))
    return "folded" if (plain, prepared) == ("no", "yes") else prepared


def test_the_table_knows_every_operator() -> None:
    """A new operator must be entered, and shown here."""
    assert {one.op for one in capabilities()} == set(operators()) == set(OF_OP)
    assert set(ENGINES) - {"spark"} <= set(MAKE)


@pytest.mark.parametrize("engine", [one for one in ENGINES if one != "spark"])
def test_the_table_of_operators_is_true(engine: str) -> None:
    """Every operator, asked of every kind of frame with and without folded columns."""
    assert {one.op: told(one, engine, MAKE[engine]) for one in capabilities()} == {
        one.op: one.answers[engine] for one in capabilities()
    }


# --- traps of types ----------------------------------------------------------------------------------------------------


@KINDS
def test_what_is_no_number_is_refused(kind: str) -> None:
    """Booleans, digits in quotes, 32-bit floats; before anything is evaluated."""
    for values in (pl.Series([True, False]), pl.Series(["1", "2"])):
        with pytest.raises(InvalidValueError, match="column 'children'"):
            answers(kind, pl.DataFrame({"children": values}), c.children >= 1)
    single = pl.DataFrame({"account_ideal_customer_fit": pl.Series([0.7], dtype=pl.Float32)})
    with pytest.raises(InvalidValueError, match="32-bit"):
        answers(kind, single, f.account.ideal_customer_fit >= 0.7)


@KINDS
def test_naive_instants_are_refused(kind: str) -> None:
    """The message names the column and the remedy."""
    frame = pl.DataFrame({"acquired_at": [datetime(2026, 3, 1)]})
    with pytest.raises(InvalidValueError, match=r"column 'acquired_at'.*time zone"):
        answers(kind, frame, c.acquired_at.within_days(3))


@KINDS
def test_frames_without_rows_and_lists_without_values(kind: str) -> None:
    """No member, no error."""
    schema = {"id": pl.Int64, "country": pl.String, "preferred_channels": pl.List(pl.String)}
    rule = (c.country == "DK") | ~c.preferred_channels.overlaps("email") | (c.purchases.count() >= 1)
    beside = frames.events(MAKE[kind](orders().clear()), contact="contact", at="at")
    assert frames.count(MAKE[kind](pl.DataFrame(schema=schema)), rule, events=beside, now=NOW) == 0
    gaps = pl.DataFrame({"preferred_channels": [None, [], ["email"]]})
    assert answers(kind, gaps, ~c.preferred_channels.overlaps("email")) == [True, True, False]


def test_categories_of_every_library() -> None:
    """Categoricals and enums of Polars, categories of pandas, dictionaries of Arrow, enums of DuckDB."""
    rule = c.country == "DK"
    values = ["DK", "SE", None]
    enum = CONNECTION.sql("select unnest(['DK', 'SE', null])::enum('DK', 'SE') as country")
    for frame in (
        pl.DataFrame({"country": pl.Series(values, dtype=pl.Categorical)}),
        pl.DataFrame({"country": pl.Series(values, dtype=pl.Enum(["DK", "SE"]))}),
        pd.DataFrame({"country": pd.Categorical(values)}),
        pa.table({"country": pa.array(values).dictionary_encode()}),
        enum,
    ):
        assert frames.count(frame, rule) == 1
        assert frames.count(frame, ~rule) == 1


def test_objects_of_pandas() -> None:
    """Dates, decimals, nullable integers and instants as Python objects; a repeated index."""
    people = pd.DataFrame(
        {
            "birth_date": [date(2000, 1, 1), None, date(2010, 1, 1)],
            "annual_income": [Decimal("100.00"), None, Decimal("99.99")],
            "annual_income_currency": ["DKK", "DKK", "DKK"],
            "children": pd.array([1, None, 3], dtype="Int64"),
            "acquired_at": [NOW, None, NOW - 40 * DAY],
            "is_decision_maker": [True, None, False],
        },
        index=[5, 5, 5],
    )
    people["acquired_at"] = people["acquired_at"].astype("object")
    rules = {
        "old": c.age >= 18,
        "rich": c.annual_income >= money(100, "DKK"),
        "few": c.children <= 2,
        "new": c.acquired_at.within_days(30),
        "decides": c.is_decision_maker.is_true(),
    }
    found = frames.classify(people, now=NOW, **rules)
    assert list(found.index) == [5, 5, 5]
    assert all(found[name].tolist() == [True, pd.NA, False] for name in rules)


def test_columns_that_stand_twice() -> None:
    """Arrow and DuckDB allow it, too; which one is meant cannot be known."""
    table = pa.table([pa.array(["DK"]), pa.array(["SE"])], names=["country", "country"])
    with pytest.raises(InvalidValueError, match="twice"):
        frames.count(table, c.country == "DK")


def test_folding_in_polars_is_folding_in_python() -> None:
    """Every ASCII character, alone and in company, few values and many, and text that is not ASCII."""
    characters = [chr(code) for code in range(128)]
    texts = [f"{a}B{b} {a}c{b}" for a in characters for b in characters] + [*characters, None, ""]
    for values in (texts, texts[:40], [*texts, "ΟΔΟΣ ß", "İ\u2003x", "ﬁ"]):
        expected = [None if one is None else fold(one) or None for one in values]
        assert fold_column(pl.Series(values)).to_list() == expected
        assert strip_column(pl.Series(values)).to_list() == [
            None if one is None else one.strip() or None for one in values
        ]


@pytest.mark.parametrize("kind", ["duckdb", "pyarrow"])
def test_no_value_leaves_in_an_error(kind: str) -> None:
    """A value of the wrong kind is not quoted."""
    with pytest.raises(MimcoreError) as caught:
        answers(kind, pl.DataFrame({"children": [CANARY]}), c.children >= 1)
    assert CANARY not in str(caught.value)


# --- prepare, match_columns, lint --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["polars", "polars lazy", "pandas", "pandas arrow", "pyarrow"])
def test_prepared_frames_are_of_the_same_kind(kind: str) -> None:
    """Folded columns beside the old ones, which stay as they are; a second time changes nothing."""
    before = pl.DataFrame({"id": [1, 2], "city": ["Århus ", None], "interests": [["Golf", "golf"], None], "x": [1, 2]})
    made = MAKE[kind](before)
    ready = frames.prepare(made)
    assert type(ready) is type(made)
    again = frames.prepare(ready)
    for one in (ready, again):
        whole = (
            pl.from_pandas(one)
            if isinstance(one, pd.DataFrame)
            else pl.from_arrow(one)
            if isinstance(one, pa.Table)
            else one.lazy().collect()
        )
        assert whole.columns == ["id", "city", "interests", "x", "city_folded", "interests_folded"]
        assert whole["city_folded"].to_list() == ["århus", None]
        assert whole["interests_folded"].to_list() == [["golf", "golf"], []]
    assert frames.count(ready, c.city == "ÅRHUS") == frames.count(made, c.city == "ÅRHUS") == 1


def test_relations_are_prepared_before() -> None:
    """DuckDB folds no text; the refusal says what to do instead. So does the refusal of a rule."""
    relation = MAKE["duckdb"](pl.DataFrame({"city": ["x"]}))
    with pytest.raises(InvalidValueError, match="before it is handed over"):
        frames.prepare(relation)
    with pytest.raises(UnsupportedConditionError, match=r"city_folded.*mim\.prepare"):
        frames.filter(relation, c.city == "x")
    assert frames.count(relation, c.city.is_known()) == 1


def test_columns_are_shown_as_they_are_understood() -> None:
    """Matched, beside, guessed and left over; a column that does not fit says why."""
    frame = pl.DataFrame(
        {
            "id": [1],
            "city": ["x"],
            "Land": ["DK"],
            "Birth Date": [date(2000, 1, 1)],
            "children": ["2"],
            "zzz": [1],
            "annual_income_currency": ["DKK"],
        }
    )
    found = frames.match_columns(frames.prepare(frame), columns={"Land": c.country})
    assert found.matched == {
        "city": "contact.demographic.city",
        "Land": "contact.demographic.country",
        "children": "contact.demographic.children",
    }
    assert found.guesses == {"Birth Date": "contact.demographic.birth_date"}
    assert found.left_over == ("Birth Date", "zzz")
    assert list(found.problems) == ["children"]
    assert {one.column: one.sure for one in found.columns}["city_folded"] == "beside"
    assert "columns={'Birth Date': f.contact.birth_date}" in found.table().text(200)
    assert "3 of 8 columns are fields; 2 left over" in str(found)
    assert "<table" in found._repr_html_()
    needed = frames.match_columns(MAKE["duckdb"](frame)).problems
    assert "mim.prepare" in needed["city"]


@KINDS
def test_what_is_asked_in_vain_is_found(kind: str) -> None:
    """A missing column, a word that never occurs, a condition nobody meets, one that everybody meets."""
    frame = frames.prepare(pl.DataFrame({"city": ["Aarhus", "Odense"], "country": ["DK", "DK"], "children": [1, 2]}))
    rule = (
        c.city.is_in("Arhus", "Odense")
        & (c.children > 5)
        & ~(c.country == "SE")
        & (c.occupation == "x")
        & (c.children >= 0)
    )
    found = frames.lint(rule, MAKE[kind](frame))
    assert [one.about for one in found] == ["refused", "literal", "literal", "never", "always", "always"]
    messages = [one.message for one in found]
    assert "no column 'occupation'" in messages[0]
    assert messages[1].startswith("'arhus' never occurs in contact.demographic.city")
    if kind not in {"duckdb", "polars lazy"}:
        assert "did you mean 'aarhus'" in messages[1]
    assert messages[3:] == ["is true of none of 2 rows", "is true of all 2 rows", "is true of all 2 rows"]
    assert "never occurs" in str(found)
    assert not frames.lint(c.city == "odense", MAKE[kind](frame))
    with pytest.raises(RuleError):
        frames.lint(True, MAKE[kind](frame))
