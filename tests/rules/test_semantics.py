"""Every row of the semantics that rules cover today, by hand, on every engine: members, non-members, unknowns."""

# ruff: noqa: SIM300 - in a rule the field stands on the left
from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.rules.engines import ENGINES, Engine, Oracle, refuses
from tests.rules.frame_engines import FRAME_ENGINES
from tests.rules.generate import Dataset, Person, State
from tests.rules.store_engines import STORES

from mimcore.domain.account import Account
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.interaction import Interaction
from mimcore.errors import InvalidValueError, MissingFactsError, RuleTypeError, UnknownFieldError
from mimcore.rules.evaluation.evaluator import evaluate
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind, freshness_cutoff
from mimcore.rules.writing.events import EventsField
from mimcore.rules.writing.fields import (
    AgeField,
    BooleanField,
    CodeField,
    DateField,
    InstantField,
    IntegerField,
    MoneyField,
    NumberField,
    RecordsField,
    TagsField,
    TextField,
)
from mimcore.values.money import Money, money

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
T, F, U = True, False, None

COUNTRY, CITY = CodeField("contact.country"), TextField("contact.city")
INTERESTS, DEVICES = TagsField("contact.interests"), RecordsField("contact.devices")
AGE, BORN, STARTED = AgeField("contact.age"), DateField("contact.birth_date"), DateField("contact.job_started_on")
ACQUIRED, CHILDREN = InstantField("contact.acquired_at"), IntegerField("contact.children")
INCOME, DECIDES = MoneyField("contact.annual_income"), BooleanField("contact.is_decision_maker")
PURCHASES = EventsField()("purchase")
PRODUCT, GIFT, QUANTITY = TextField("event.product"), BooleanField("event.is_gift"), IntegerField("event.quantity")


FRAMES = tuple(one for one in FRAME_ENGINES if one.name in {"polars unprepared", "pandas unprepared", "duckdb"})
EVERY = (Oracle(), *ENGINES, *STORES, *FRAMES)


@pytest.fixture(params=EVERY, ids=lambda engine: engine.name)
def engine(request) -> Engine:
    """Each engine, and the oracle itself, so that a wrong oracle is found by hand."""
    return request.param


def person(
    *, account: Account | None = None, events: tuple = (), listed: tuple = (), states: dict | None = None, **attributes
) -> Person:
    """A person with these attributes and companions."""
    contact = Contact(accounts=() if account is None else (AccountLink(account_id=account.id),), **attributes)
    made = tuple(Interaction(contact_id=contact.id, **{"kind": "purchase", "at": NOW, **event}) for event in events)
    return Person(contact, account, made, frozenset(listed), states or {}, () if account is None else (account,))


def world(*people: Person, now: datetime = NOW, zone: str = "UTC", segments: dict | None = None) -> Dataset:
    """People and circumstances."""
    return Dataset(people, now, ZoneInfo(zone), segments or {}, half_lives={"slow": 100.0})


def ask(engine: Engine, rule: nodes.Rule, *people: Person, **circumstances) -> list[bool | None]:
    """The answers, in the order of the people."""
    data = world(*people, **circumstances)
    assert engine.supports(rule, data)
    return list(engine.answer(rule, data).values())


def asks(engine: Engine, *people: Person, **circumstances) -> Callable[..., None]:
    """Many rules at once about the same people; each stands with its answers."""
    data = world(*people, **circumstances)

    def judge(*expected: tuple[nodes.Rule, list[bool | None]]) -> None:
        rules = [rule for rule, _ in expected]
        assert all(engine.supports(rule, data) for rule in rules)
        found = engine.verdicts(rules, data)
        assert list(zip(map(str, rules), found, strict=True)) == [(str(rule), answers) for rule, answers in expected]

    return judge


# --- three answers ----------------------------------------------------------------------------------------------------

TRUE, FALSE, UNKNOWN = COUNTRY == "DK", COUNTRY == "SE", CITY == "x"
DANE = person(country="DK")
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
OF = {T: TRUE, F: FALSE, U: UNKNOWN}


@pytest.mark.parametrize(("left", "right"), list(itertools.product((T, F, U), repeat=2)))
def test_and_or_not_are_kleenes(engine: Engine, left: bool | None, right: bool | None) -> None:
    """The nine cells of both tables, and the three of negation, also by De Morgan."""
    asks(engine, DANE)(
        (OF[left] & OF[right], [AND[left, right]]),
        (OF[left] | OF[right], [OR[left, right]]),
        (~(~OF[left] | ~OF[right]), [AND[left, right]]),
        (~OF[left], [{T: F, F: T, U: U}[left]]),
    )


def test_a_condition_on_a_missing_value_is_unknown(engine: Engine) -> None:
    """Every single-valued kind, in both directions; only `is_known` decides."""
    nobody = person()
    conditions = (
        COUNTRY == "DK", COUNTRY.is_in("DK"), CITY.contains("x"), CITY.starts_with("x"), CITY.ends_with("x"), CHILDREN >= 1, CHILDREN.is_between(0, 9),
        INCOME >= money(1, "DKK"), DECIDES.is_true(), BORN <= "2000-01-01", ACQUIRED.within_days(9), ACQUIRED.older_than_days(9), STARTED.within_next_days(9), AGE >= 18, AGE == 18,
    )  # fmt: skip
    fields = (COUNTRY, CITY, CHILDREN, INCOME, DECIDES, BORN, ACQUIRED, AGE)
    answers = {rule: U for condition in conditions for rule in (condition, ~condition)}
    answers |= {field.is_known(): F for field in fields} | {field.is_missing(): T for field in fields}
    assert len(answers) == 2 * len(conditions) + 2 * len(fields)
    data = world(nobody)
    assert all(engine.supports(rule, data) for rule in answers)
    assert engine.verdicts(list(answers), data) == [[answer] for answer in answers.values()]


def test_or_missing_is_not_false(engine: Engine) -> None:
    """On a condition, on groups, twice; its negation is "known and false"."""
    people = (person(country="DK"), person(country="SE"), person())
    rule = COUNTRY == "DK"
    asks(engine, *people)(
        (rule.or_missing(), [T, F, T]),
        (rule.or_missing().or_missing(), [T, F, T]),
        (nodes.OrMissing(rule=nodes.OrMissing(rule=rule)), [T, F, T]),
        (~rule.or_missing(), [F, T, F]),
        ((~rule).or_missing(), [F, T, T]),
        (nodes.OrMissing(rule=~rule.or_missing()), [F, T, F]),
        ((rule & (CITY == "x")).or_missing(), [T, F, T]),
        ((rule | (CITY == "x")).or_missing(), [T, T, T]),
    )


def test_double_negation_changes_nothing(engine: Engine) -> None:
    """Built by hand, since `~~a` is already `a`."""
    people = (person(country="DK"), person(country="SE"), person())
    assert ask(engine, nodes.Not(rule=nodes.Not(rule=COUNTRY == "DK")), *people) == [T, F, U]


def test_not_under_is_not_at_least(engine: Engine) -> None:
    """`~(age < 25)` and `age >= 25` agree on everybody, unknown ones included, and differ from "or unknown"."""
    people = (person(birth_date=date(2001, 3, 1)), person(birth_date=date(2001, 3, 2)), person())
    assert ask(engine, ~(AGE < 25), *people) == ask(engine, AGE >= 25, *people) == [T, F, U]
    assert ask(engine, (~(AGE < 25)).or_missing(), *people) == [T, F, T]


def test_everyone_and_nobody(engine: Engine) -> None:
    """True for the all-missing contact too."""
    asks(engine, person(), DANE)(
        (nodes.Everyone(), [T, T]),
        (~nodes.Everyone(), [F, F]),
    )
    assert ask(engine, nodes.Everyone() & UNKNOWN, DANE) == [U]


# --- text, lists, numbers ---------------------------------------------------------------------------------------------


def test_text_is_folded_and_never_a_pattern(engine: Engine) -> None:
    """NFKC and case folding; per cent, underscore, backslash and quotes mean themselves."""
    people = tuple(person(city=city) for city in ("STRASSE 1", "Straße 1", "ﬁn", "50%_o", "50xxo", "a\\b'c\"", "🙂"))
    asks(engine, *people)(
        (CITY.starts_with("strasse"), [T, T, F, F, F, F, F]),
        (CITY == "FIN", [F, F, T, F, F, F, F]),
        (CITY.contains("%_"), [F, F, F, T, F, F, F]),
        (CITY.contains("\\B'C\""), [F, F, F, F, F, T, F]),
        (CITY.ends_with("🙂"), [F, F, F, F, F, F, T]),
        (CITY.is_in("straße 1", "🙂"), [T, T, F, F, F, F, T]),
    )


def test_an_empty_needle_is_refused() -> None:
    """`contains("")` would select everybody."""
    with pytest.raises(RuleTypeError, match="empty text"):
        CITY.contains("  ")


def test_an_empty_list_is_false_for_known_values(engine: Engine) -> None:
    """`is_in()` of nothing; its negation is "is known"; money and numbers alike."""
    people = (person(country="DK", children=1, annual_income=money(5, "DKK")), person())
    for field in (COUNTRY, CHILDREN):
        asks(engine, *people)(
            (field.is_in(), [F, U]),
            (~field.is_in(), [T, U]),
        )
    assert ask(engine, nodes.IsIn(field="contact.demographic.annual_income", values=()), *people) == [F, U]


def test_collections_are_never_missing(engine: Engine) -> None:
    """Empty means none known; `& is_known()` leaves the empty ones out; all of nothing is true."""
    people = (person(interests=["Golf", "Sailing"]), person(interests=["sailing"]), person())
    asks(engine, *people)(
        (INTERESTS.overlaps("GOLF", "chess"), [T, F, F]),
        (~INTERESTS.overlaps("golf"), [F, T, T]),
        (~INTERESTS.overlaps("golf") & INTERESTS.is_known(), [F, T, F]),
        (INTERESTS.overlaps("golf").or_missing(), [T, F, F]),
        (INTERESTS.contains_all("golf", "sailing"), [T, F, F]),
        (INTERESTS.overlaps(), [F, F, F]),
        (INTERESTS.contains_all(), [T, T, T]),
        (INTERESTS.is_known(), [T, T, F]),
    )


def test_a_record_must_match_whole(engine: Engine) -> None:
    """Both conditions on one device; a missing part of a record is not a match; no devices: false."""
    both = [{"kind": "tablet", "browser": "Safari"}, {"kind": "laptop", "browser": "Firefox"}]
    people = (person(devices=both), person(devices=[{"kind": "tablet"}]), person())
    assert ask(engine, ~DEVICES.any(kind="tablet"), *people) == [F, F, T]
    by_text = DEVICES.any(kind="tablet", browser="SAFARI")
    if engine.name == "duckdb":  # which has no folded text inside of records
        assert refuses(engine, by_text, world(*people))
        return
    asks(engine, *people)(
        (by_text, [T, F, F]),
        (DEVICES.any(kind="tablet", browser="firefox"), [F, F, F]),
    )


def test_numbers_are_exact_and_zero_has_no_sign(engine: Engine) -> None:
    """Ranges include both ends; 0.1 + 0.2 is not 0.3; −0.0 is 0."""
    fit = NumberField("account.ideal_customer_fit")
    people = tuple(person(account=Account(name="a", ideal_customer_fit=value)) for value in (0.0, 0.3, 0.1 + 0.2, 1.0))
    asks(engine, *people)(
        (fit == -0.0, [T, F, F, F]),
        (fit.is_in(-0.0, 1), [T, F, F, T]),
        (fit.is_between(0.3, 1), [F, T, T, T]),
        (fit <= 0.3, [T, T, F, F]),
    )
    assert ask(engine, CHILDREN.is_between(1, 2), *(person(children=n) for n in (0, 1, 2, 3))) == [F, T, T, F]


def test_a_boolean_is_never_a_number_and_a_digit_neither() -> None:
    """Refused where the rule is bound."""
    for value in (True, "1", 1.5):
        with pytest.raises(RuleTypeError):
            bind(nodes.Compare(op="at_least", field="contact.children", value=value), Binding())


def test_money_of_another_currency_is_unknown(engine: Engine) -> None:
    """In both directions; known all the same; yen have no minor unit."""
    people = (
        person(annual_income=money("100.00", "DKK")),
        person(annual_income=money("100.00", "EUR")),
        person(annual_income=money(100, "JPY")),
        person(),
    )
    asks(engine, *people)(
        (INCOME >= money(100, "DKK"), [T, U, U, U]),
        (~(INCOME >= money(100, "DKK")), [F, U, U, U]),
        ((INCOME == money(100, "JPY")) | (INCOME == money(100, "DKK")), [T, U, T, U]),
        (INCOME < money("100.01", "DKK"), [T, U, U, U]),
        (INCOME.is_known(), [T, T, T, F]),
    )


# --- time ---------------------------------------------------------------------------------------------------------------


def test_windows_of_instants(engine: Engine) -> None:
    """within: [now − n, now]; older: < now − n; next: (now, now + n]; a day is 86,400 seconds."""
    week = timedelta(days=7)
    moments = (NOW - week - TICK, NOW - week, NOW - TICK, NOW, NOW + TICK, NOW + week, NOW + week + TICK)
    people = tuple(person(acquired_at=moment) for moment in moments)
    asks(engine, *people)(
        (ACQUIRED.within_days(7), [F, T, T, T, F, F, F]),
        (ACQUIRED.older_than_days(7), [T, F, F, F, F, F, F]),
        (ACQUIRED.within_next_days(7), [F, F, F, F, T, T, F]),
        (~ACQUIRED.within_days(7), [T, F, F, F, T, T, T]),
        (ACQUIRED.within_days(0), [F, F, F, T, F, F, F]),
    )


def test_a_day_of_a_window_is_86400_seconds_across_a_clock_change(engine: Engine) -> None:
    """Copenhagen, 29 March 2026: the local day has 23 hours, the window 24."""
    now = datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Copenhagen"))
    people = (
        person(acquired_at=now.astimezone(UTC) - timedelta(days=1)),
        person(acquired_at=now.astimezone(UTC) - timedelta(days=1) - TICK),
    )
    assert ask(engine, ACQUIRED.within_days(1), *people, now=now, zone="Europe/Copenhagen") == [T, F]


def test_windows_of_dates_are_local_days(engine: Engine) -> None:
    """At 23:30 UTC on 28 February it is 1 March in Kolkata and Copenhagen, and still 28 February in New York."""
    now = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    people = tuple(
        person(job_started_on=day) for day in (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))
    )
    expected = {
        "UTC": ([F, T, F, F], [F, F, T, F]),
        "America/New_York": ([F, T, F, F], [F, F, T, F]),
        "Europe/Copenhagen": ([F, F, T, F], [F, F, F, T]),
        "Asia/Kolkata": ([F, F, T, F], [F, F, F, T]),
    }
    for zone, (today, tomorrow) in expected.items():
        asks(engine, *people, now=now, zone=zone)(
            (STARTED.within_days(0), today),
            (STARTED.within_next_days(1), tomorrow),
        )


def test_instants_compare_across_zones(engine: Engine) -> None:
    """13:00 in Copenhagen is noon UTC in winter."""
    people = (person(acquired_at="2026-03-01T13:00+01:00"), person(acquired_at="2026-03-01T12:00-05:00"))
    asks(engine, *people)(
        (ACQUIRED == NOW, [T, F]),
        (ACQUIRED > "2026-03-01T14:00+01:00", [F, T]),
    )


def test_29_february_turns_on_1_march(engine: Engine) -> None:
    """Born on 29 February 2008: 17 on 28 February 2026, 18 on 1 March; in a leap year on the day itself."""
    leapling, earlier = person(birth_date=date(2008, 2, 29)), person(birth_date=date(2008, 2, 28))
    on = lambda *day: datetime(*day, 12, tzinfo=UTC)  # noqa: E731
    assert ask(engine, AGE >= 18, leapling, earlier, now=on(2026, 2, 28)) == [F, T]
    assert ask(engine, AGE >= 18, leapling, earlier, now=on(2026, 3, 1)) == [T, T]
    assert ask(engine, AGE >= 20, leapling, earlier, now=on(2028, 2, 28)) == [F, T]
    assert ask(engine, AGE >= 20, leapling, earlier, now=on(2028, 2, 29)) == [T, T]
    first = person(birth_date=date(2008, 3, 1))
    assert ask(engine, AGE == 17, first, now=on(2026, 2, 28)) == [T]
    assert ask(engine, AGE == 16, first, now=on(2025, 2, 28)) == [T]


def test_age_turns_at_local_midnight(engine: Engine) -> None:
    """Born on 1 March 2008; 23:30 UTC on 28 February 2026."""
    now, young = datetime(2026, 2, 28, 23, 30, tzinfo=UTC), person(birth_date=date(2008, 3, 1))
    assert ask(engine, AGE >= 18, young, now=now) == [F]
    assert ask(engine, AGE >= 18, young, now=now, zone="Europe/Copenhagen") == [T]


def test_a_birth_year_decides_where_it_can(engine: Engine) -> None:
    """On 1 March 2026 a birth year of 2008 means 17 or 18."""
    people = (person(birth_year=2007), person(birth_year=2008), person(birth_year=2009))
    asks(engine, *people)(
        (AGE >= 18, [T, U, F]),
        (AGE > 18, [U, F, F]),
        (AGE < 18, [F, U, T]),
        (AGE.is_between(17, 18), [U, T, U]),
        (AGE == 18, [U, U, F]),
        ((AGE >= 18).or_missing(), [T, T, F]),
        (~(AGE >= 18).or_missing(), [F, F, T]),
    )


def test_an_age_band_moves_with_the_years(engine: Engine) -> None:
    """18-24 on 1 March 2025 is 18 to 25 a year and less than a day later, and 19 to 25 on the day."""
    banded = person(age_band="18-24", age_band_on=date(2025, 3, 1))
    asks(engine, banded)(
        (AGE.is_between(19, 25), [T]),
        (AGE >= 20, [U]),
        (AGE < 19, [F]),
        (AGE > 25, [F]),
    )
    before = datetime(2026, 2, 28, 12, tzinfo=UTC)
    asks(engine, banded, now=before)(
        (AGE >= 19, [U]),
        (AGE.is_between(18, 25), [T]),
    )
    assert ask(engine, AGE.is_known(), banded, person()) == [T, F]


def test_time_needs_an_instant_with_a_zone() -> None:
    """No clock is read, and no zone is guessed."""
    with pytest.raises(MissingFactsError, match="now="):
        evaluate(ACQUIRED.within_days(7), Facts(contact=person().contact))
    with pytest.raises(InvalidValueError, match="time zone"):
        evaluate(ACQUIRED.within_days(7), Facts(contact=person().contact, now=datetime(2026, 1, 1)))


# --- events -------------------------------------------------------------------------------------------------------------


def test_only_events_up_to_now_are_visible(engine: Engine) -> None:
    """An event at now counts, one a microsecond later does not."""
    people = (
        person(events=({"at": NOW},)),
        person(events=({"at": NOW + TICK},)),
        person(events=({"kind": "visit"},)),
        person(),
    )
    asks(engine, *people)(
        (PURCHASES.count() >= 1, [T, F, F, F]),
        (PURCHASES.count() == 0, [F, T, T, T]),
        (~(PURCHASES.count() >= 1), [F, T, T, T]),
    )


def test_windows_of_events_include_both_ends(engine: Engine) -> None:
    """[now − n, now]."""
    month = timedelta(days=30)
    people = tuple(person(events=({"at": NOW - month + edge},)) for edge in (-TICK, timedelta(0), TICK))
    assert ask(engine, PURCHASES.count(within_days=30) >= 1, *people) == [F, T, T]
    assert ask(engine, PURCHASES.lapsed(days=30), *people, person()) == [T, F, F, F]


def test_no_events_sum_to_zero_in_every_currency(engine: Engine) -> None:
    """Other currencies and events without money are left out, never mixed."""
    mixed = person(
        events=({"value": money("60.00", "DKK")}, {"value": money("40.00", "DKK")}, {"value": money(900, "EUR")}, {})
    )
    asks(engine, mixed, person())(
        (PURCHASES.total() >= money(100, "DKK"), [T, F]),
        (PURCHASES.total() > money(100, "DKK"), [F, F]),
        (PURCHASES.total() <= money(0, "JPY"), [T, T]),
        (PURCHASES.total() < money(1, "EUR"), [F, T]),
    )


def test_an_event_counts_only_if_where_is_true(engine: Engine) -> None:
    """Undecidable events are not counted, neither for a condition nor for its opposite; `or_missing` counts them."""
    buyer = person(events=({"product": "Hat"}, {"product": "Boots"}, {}, {"is_gift": True, "quantity": 2}))
    asks(engine, buyer)(
        (PURCHASES.where(PRODUCT == "hat").count() == 1, [T]),
        (PURCHASES.where(PRODUCT != "hat").count() == 1, [T]),
        (PURCHASES.where((PRODUCT != "hat").or_missing()).count() == 3, [T]),
        (PURCHASES.where(PRODUCT.is_missing()).count() == 2, [T]),
        (PURCHASES.where(GIFT.is_true() & (QUANTITY >= 2)).count() == 1, [T]),
        (PURCHASES.where((PRODUCT == "hat") | GIFT.is_true()).count() == 2, [T]),
    )


# --- accounts, segments, freshness --------------------------------------------------------------------------------------


def test_without_an_account_its_fields_are_unknown(engine: Engine) -> None:
    """Also its collections; that it is known is simply false."""
    industry, stack = TextField("account.industry"), TagsField("account.stack")
    people = (
        person(account=Account(name="a", industry="Wine", stack=["CRM"])),
        person(account=Account(name="b")),
        person(),
    )
    asks(engine, *people)(
        (industry == "wine", [T, U, U]),
        (~stack.overlaps("crm"), [F, T, U]),
        (stack.overlaps("crm").or_missing(), [T, F, T]),
        (stack.is_known(), [T, F, F]),
        (industry.is_known(), [T, F, F]),
    )


def test_a_segment_with_a_rule_keeps_its_three_answers(engine: Engine) -> None:
    """Also negated, through another segment, and under `or_missing`."""
    known = {"danes": COUNTRY == "DK", "others": ~nodes.InSegment(segment="danes")}
    people = (person(country="DK"), person(country="SE"), person())
    danes, others = nodes.InSegment(segment="danes"), nodes.InSegment(segment="others")
    asks(engine, *people, segments=known)(
        (danes, [T, F, U]),
        (others, [F, T, U]),
        (others.or_missing() & ~danes.or_missing(), [F, T, F]),
    )


def test_a_list_kept_by_hand_is_two_valued() -> None:
    """On the engines that know lists; the others refuse by name (test_differential)."""
    listed = nodes.InSegment(segment="vips")
    people = (person(listed=("vips",)), person())
    data = world(*people, segments={"vips": None})
    able = [engine for engine in (Oracle(), *ENGINES, *STORES) if engine.supports(listed, data)]
    assert len(able) >= 2
    for engine in able:
        asks(engine, *people, segments={"vips": None})(
            (listed, [T, F]),
            (~listed, [F, T]),
        )


def test_segments_must_exist_and_never_refer_in_a_circle() -> None:
    """An unknown key, no segments at all, a circle, and a blow-up are refused at binding."""
    known = {"a": nodes.InSegment(segment="b"), "b": ~nodes.InSegment(segment="a")}
    refer = lambda rules: Binding(segment=lambda key: SegmentReference(key, rules[key]))  # noqa: E731
    with pytest.raises(RuleTypeError, match="a → b → a"):
        bind(nodes.InSegment(segment="a"), refer(known))
    with pytest.raises(MissingFactsError, match="segments="):
        bind(nodes.InSegment(segment="a"), Binding())
    doubling: dict = {
        f"s{level}": nodes.AllOf(rules=(nodes.InSegment(segment=f"s{level + 1}"),) * 2) for level in range(30)
    }
    with pytest.raises(RuleTypeError, match="once its segments are filled in"):
        bind(nodes.InSegment(segment="s0"), refer(doubling | {"s30": COUNTRY == "DK"}))
    chain: dict = {f"s{level}": nodes.InSegment(segment=f"s{level + 1}") for level in range(60)}
    with pytest.raises(RuleTypeError, match="deeper than 32"):
        bind(nodes.InSegment(segment="s0"), refer(chain | {"s60": COUNTRY == "DK"}))


def test_freshness_reaches_its_threshold_to_the_microsecond() -> None:
    """Half-life 100 days: 0.5 after 100 days exactly, not a microsecond later; absent and undated are unknown."""
    now = int(NOW.timestamp()) * 1_000_000
    day = 86_400_000_000
    country = "contact.demographic.country"
    people = [
        person(country="DK", states={country: State("slow", now - 100 * day)}),
        person(country="DK", states={country: State("slow", now - 100 * day - 1)}),
    ]
    people += [person(country="DK", states={country: State("slow", None)}), person()]
    rule = COUNTRY.freshness() >= 0.5
    assert freshness_cutoff(NOW, 100.0, 0.5) == now - 100 * day
    for engine in EVERY:
        if engine.supports(rule, world(*people)):
            asks(engine, people[0], *people[2:])(
                (rule, [T, U, U]),
                (~rule, [F, U, U]),
            )
            assert ask(engine, COUNTRY.is_undated(), *people) == [F, F, T, F]
            if engine.name != "oracle":  # its floating point cannot tell a microsecond
                asks(engine, *people)(
                    (rule, [T, F, U, U]),
                    (COUNTRY.freshness() < 0.5, [F, T, U, U]),
                )


def test_a_pool_without_half_life_is_refused() -> None:
    """Never treated as fresh or stale."""
    states = {"contact.demographic.country": State("unheard_of", 5)}
    with pytest.raises(MissingFactsError, match="half-life"):
        evaluate(COUNTRY.freshness() >= 0.5, Facts(contact=DANE.contact, states=states, now=NOW))


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        (PURCHASES.count() >= 1, "events"),
        (TextField("account.name") == "x", "account"),
        (COUNTRY.freshness() >= 0.5, "states"),
        (nodes.InSegment(segment="vips"), "listed_in"),
    ],
)
def test_absent_companions_are_refused_never_empty(rule: nodes.Rule, needed: str) -> None:
    """The message names what is missing."""
    bound = Binding(now=NOW, segment=lambda key: SegmentReference(key, None))
    with pytest.raises(MissingFactsError, match=f"{needed}=…"):
        evaluate(rule, Facts(contact=DANE.contact, now=NOW), binding=bound)


def test_fields_of_events_stand_only_in_conditions_on_events() -> None:
    """Outside they would be read from the contact; a segment cannot smuggle them in either."""
    for rule in (PRODUCT == "x", PRODUCT.is_known(), (PURCHASES.where(PRODUCT == "x").count() >= 1) & (PRODUCT == "x")):
        with pytest.raises(RuleTypeError, match="belongs to events"):
            bind(rule, Binding(now=NOW))
    with pytest.raises(UnknownFieldError, match="did you mean"):
        bind(nodes.Known(field="contact.contry"), Binding())


def test_amounts_are_whole_minor_units(engine: Engine) -> None:
    """A sum that floats would get wrong: 0.10 + 0.20 is 0.30."""
    buyer = person(
        events=({"value": Money(minor_units=10, currency="EUR")}, {"value": Money(minor_units=20, currency="EUR")})
    )
    asks(engine, buyer)(
        (PURCHASES.total() <= money("0.30", "EUR"), [T]),
        (PURCHASES.total() >= money("0.30", "EUR"), [T]),
    )


def test_a_gap_of_exactly_so_many_days_is_no_restart(engine: Engine) -> None:
    """More than g days, and a microsecond is more; without an event before there is nothing to come back from."""
    week, rule = (
        timedelta(days=7),
        nodes.EventRestart(events=nodes.EventPattern(kind="purchase"), gap_days=7, within_days=1),
    )
    people = [person(events=({"at": NOW}, {"at": NOW - week - edge})) for edge in (-TICK, timedelta(0), TICK)]
    alone, thrice = ({"at": NOW},), ({"at": NOW}, {"at": NOW - week}, {"at": NOW - 3 * week})
    assert ask(engine, rule, *people, person(events=alone), person(events=thrice)) == [F, F, T, F, F]


@pytest.mark.parametrize(("years", "answer"), [(2024, True), (2025, True), (2026, False), (10**12, False)])
def test_nobody_is_older_than_the_calendar(years: int, answer: bool) -> None:
    """Born on its first day one is 2025 years old in 2026; who has no birth date stays unknown."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    first, nobody = (Facts(contact=Contact(birth_date=day), now=now) for day in (date(1, 1, 1), None))
    for rule, own in ((AGE >= years, answer), (AGE < years, not answer)):
        assert evaluate(rule, first) is own
        assert evaluate(~rule, first) is not own
        assert evaluate(rule, nobody) is None


def test_on_29_february_who_was_born_on_1_march_is_not_older_yet(engine: Engine) -> None:
    """The year of birth had no 29 February: the last day that counts is the 28th."""
    now = datetime(2024, 2, 29, 12, tzinfo=UTC)
    people = (person(birth_date=date(2006, 2, 28)), person(birth_date=date(2006, 3, 1)))
    assert ask(engine, AGE >= 18, *people, now=now) == [T, F]


def test_long_lists_leave_the_missing_unknown(engine: Engine) -> None:
    """A list that travels as one parameter, negated and beside others: a store asked for the unknown finds them too."""
    many = tuple(range(100, 160))
    people = (person(children=100), person(children=1), person())
    asks(engine, *people)(
        (CHILDREN.is_in(*many), [T, F, U]),
        (~CHILDREN.is_in(*many), [F, T, U]),
    )
    wide = nodes.AnyOf(rules=(~CHILDREN.is_in(*many), *(CHILDREN == number for number in range(200, 250))))
    assert ask(engine, wide, *people) == [F, T, U]
