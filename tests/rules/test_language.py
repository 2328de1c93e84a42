"""What the conditions of the language mean in Python, by hand: calendars, clocks, moments, rhythms, accounts, history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import RuleTypeError, UnknownFieldError, UnsupportedConditionError
from mimcore.rules.evaluation.facts import PastValue
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.time_conditions import period

c = f.contact
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)  # a Sunday
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
US = timedelta(microseconds=1)


def ask(rule: mim.Rule, zone: ZoneInfo | None = None, now: datetime = NOW, **facts: Any) -> bool | None:
    """Evaluate for one contact."""
    facts.setdefault("contact", mim.Contact())
    return mim.evaluate(rule, mim.Facts(**facts, now=now), binding=Binding(now=now, zone=zone or ZoneInfo("UTC")))


def bought(*days_ago: float, **more: Any) -> list[mim.Interaction]:
    """Purchases so many days ago."""
    person = mim.Contact()
    return [
        mim.Interaction(kind="purchase", contact_id=person.id, at=NOW - timedelta(days=days), **more)
        for days in days_ago
    ]


@pytest.mark.parametrize(
    ("unit", "step", "week_start", "first", "after"),
    [
        ("day", 0, "monday", date(2026, 3, 15), date(2026, 3, 16)),
        ("week", 0, "monday", date(2026, 3, 9), date(2026, 3, 16)),
        ("week", 0, "sunday", date(2026, 3, 15), date(2026, 3, 22)),
        ("week", -1, "saturday", date(2026, 3, 7), date(2026, 3, 14)),
        ("month", -1, "monday", date(2026, 2, 1), date(2026, 3, 1)),
        ("month", 1, "monday", date(2026, 4, 1), date(2026, 5, 1)),
        ("quarter", 0, "monday", date(2026, 1, 1), date(2026, 4, 1)),
        ("quarter", -1, "monday", date(2025, 10, 1), date(2026, 1, 1)),
        ("year", 1, "monday", date(2027, 1, 1), date(2028, 1, 1)),
    ],
)
def test_calendar_periods(unit: str, step: int, week_start: str, first: date, after: date) -> None:
    """15 March 2026 is a Sunday."""
    assert period(date(2026, 3, 15), unit, step, week_start) == (first, after)


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("2026-02-28T22:59:59.999999Z", False),
        ("2026-02-28T23:00:00Z", True),
        ("2026-03-31T21:59:59.999999Z", True),
        ("2026-03-31T22:00:00Z", False),
    ],
)
def test_this_month_begins_and_ends_at_local_midnight(at: str, answer: bool) -> None:
    """In Copenhagen, which is one hour ahead at its beginning and two at its end."""
    person = mim.Contact(acquired=mim.Acquisition(channel="email", at=at))
    assert ask(c.acquired_at.in_this("month"), COPENHAGEN, contact=person) is answer
    assert ask(c.acquired_at.in_this("month", zone="Europe/Copenhagen"), contact=person) is answer


def test_a_calendar_of_dates_knows_no_midnight() -> None:
    """The last week before 15 March 2026 is the second to the eighth."""
    for day, answer in [(1, False), (2, True), (8, True), (9, False)]:
        person = mim.Contact(job_started_on=date(2026, 3, day))
        assert ask(c.job_started_on.in_last("week"), contact=person) is answer


@pytest.mark.parametrize(
    ("born", "now", "days", "answer"),
    [
        (date(1990, 3, 15), NOW, 0, True),
        (date(1990, 3, 14), NOW, 0, False),
        (date(1990, 3, 22), NOW, 7, True),
        (date(1990, 3, 23), NOW, 7, False),
        (date(2000, 2, 29), datetime(2026, 2, 28, 12, tzinfo=UTC), 0, False),
        (date(2000, 2, 29), datetime(2026, 3, 1, 12, tzinfo=UTC), 0, True),
        (date(2000, 2, 29), datetime(2026, 2, 27, 12, tzinfo=UTC), 2, True),
        (date(2000, 2, 29), datetime(2024, 2, 29, 12, tzinfo=UTC), 0, True),
        (date(2000, 2, 29), datetime(2024, 3, 1, 12, tzinfo=UTC), 0, False),
        (date(1990, 1, 3), datetime(2026, 12, 30, 12, tzinfo=UTC), 4, True),
        (date(1990, 1, 4), datetime(2026, 12, 30, 12, tzinfo=UTC), 4, False),
        (date(1990, 7, 1), NOW, 365, True),
    ],
)
def test_anniversaries(born: date, now: datetime, days: int, answer: bool) -> None:
    """29 February returns on 1 March in common years; the window may reach over the new year."""
    assert ask(c.birth_date.anniversary(within_days=days), now=now, contact=mim.Contact(birth_date=born)) is answer
    assert ask(c.birth_date.anniversary(within_days=days), now=now) is None


def test_elapsed_days_include_the_edge() -> None:
    """Tenure of a year: at least 365 days of 86 400 seconds."""
    rule = c.acquired_at.elapsed_days() >= 365
    for shift, answer in [(timedelta(0), True), (US, False), (-US, True)]:
        at = NOW - timedelta(days=365) + shift
        assert ask(rule, contact=mim.Contact(acquired=mim.Acquisition(channel="email", at=at))) is answer


def test_the_clock_of_events() -> None:
    """23:30 on Saturday in UTC is half past midnight on Sunday in Copenhagen."""
    events = [mim.Interaction(kind="visit", contact_id=mim.Contact().id, at=datetime(2026, 3, 14, 23, 30, tzinfo=UTC))]
    visits = c.events("visit")
    on_sunday = visits.where(f.event.at.weekday().is_in("sunday")).count() >= 1
    at_night = visits.where(f.event.at.hour().is_between(22, 23)).count() >= 1
    assert ask(on_sunday, events=events) is False
    assert ask(on_sunday, COPENHAGEN, events=events) is True
    assert ask(at_night, events=events) is True
    assert ask(at_night, COPENHAGEN, events=events) is False


def test_fields_compared_with_fields() -> None:
    """Text folded, money in one currency only, the account unknown where there is none."""
    same = c.city == c.region
    assert ask(same, contact=mim.Contact(city="ÅRHUS", region="århus")) is True
    assert ask(same, contact=mim.Contact(city="Aarhus")) is None
    earns = c.annual_income >= c.account.annual_revenue
    acme = mim.Account(name="Acme", annual_revenue=mim.money(10, "DKK"))
    rich, abroad = (mim.Contact(annual_income=mim.money(10, currency)) for currency in ("DKK", "EUR"))
    assert ask(earns, contact=rich, account=acme) is True
    assert ask(earns, contact=abroad, account=acme) is None
    assert ask(earns, contact=rich, account=None) is None
    with pytest.raises(RuleTypeError, match="one kind"):
        bind(c.city == c.household_size, Binding())  # type: ignore[arg-type]


def test_counting_what_a_collection_holds() -> None:
    """Different folded words; records that fit."""
    person = mim.Contact(
        interests=["golf", "GOLF", "opera"],
        devices=[{"kind": "laptop", "last_seen_at": NOW - timedelta(days=90)}, {"kind": "laptop"}, {"kind": "tablet"}],
    )
    assert ask(c.interests.count() == 2, contact=person) is True
    assert ask(c.devices.count(kind="laptop") == 2, contact=person) is True
    assert ask(c.devices.count(kind="laptop", seen_within_days=90) == 1, contact=person) is True
    assert ask(c.devices.any(kind="laptop", seen_within_days=89), contact=person) is False
    assert ask(c.interests.contains_none("chess", "opera"), contact=person) is False
    assert ask(c.devices.count() >= 1) is False
    with pytest.raises(UnknownFieldError, match="no field 'kindd'"):
        c.devices.any(kindd="laptop")


MONEY = [(1, "DKK"), (3, "DKK"), (100, "EUR"), None]


def _paid() -> list[mim.Interaction]:
    return [
        mim.Interaction(
            kind="purchase",
            contact_id=mim.Contact().id,
            at=NOW - timedelta(days=days),
            value=None if one is None else mim.money(*one),
            quantity=days or None,
        )
        for days, one in enumerate(MONEY)
    ]


def test_measures_of_events() -> None:
    """In one currency; none to measure is missing, except for counts and totals."""
    p, dkk = c.purchases, mim.money
    events = _paid()
    assert ask(p.minimum() >= dkk(1, "DKK"), events=events) is True
    assert ask(p.minimum() > dkk(1, "DKK"), events=events) is False
    assert ask(p.maximum() >= dkk(4, "DKK"), events=events) is False
    assert ask(p.average() >= dkk(2, "DKK"), events=events) is True
    assert ask(p.average() > dkk(2, "DKK"), events=events) is False
    assert ask(p.maximum() >= dkk(1, "JPY"), events=events) is None
    assert ask(p.total() >= dkk(1, "JPY"), events=events) is False
    assert ask(p.total(f.event.quantity) >= 6, events=events) is True
    assert ask(p.average(f.event.quantity) >= 2.001, events=events) is False
    assert ask(p.average(f.event.quantity) >= 2, events=events) is True
    assert ask(p.minimum(f.event.quantity) < 1, events=[]) is None
    assert ask((p.minimum() >= dkk(1, "DKK")).or_missing(), events=[]) is True


def test_first_and_last() -> None:
    """By instants, and by days back from now."""
    p = c.purchases
    events = bought(10, 200)
    assert ask(p.last_at().within_days(10), events=events) is True
    assert ask(p.last_at().within_days(9), events=events) is False
    assert ask(p.first_at().older_than_days(199), events=events) is True
    assert ask(p.first_at().older_than_days(200), events=events) is False
    assert ask(p.last_at() < NOW, events=events) is True
    assert ask(p.last_at() < NOW, events=[]) is None
    assert ask(p.last_at() < NOW, events=bought(-1)) is None, "an event to come is not visible"


def test_one_after_the_other() -> None:
    """Within n days, the edge included; a tie is no sequence; one kind needs two events."""
    rule = c.events("visit").then("purchase", within_days=2)
    visit = mim.Interaction(kind="visit", contact_id=mim.Contact().id, at=NOW - timedelta(days=5))
    for days, answer in [(5, False), (3, True), (2.9, False), (6, False)]:
        assert ask(rule, events=[visit, *bought(days)]) is answer
    twice = c.purchases.then("purchase", within_days=1)
    assert ask(twice, events=bought(5)) is False
    assert ask(twice, events=bought(5, 5)) is False
    assert ask(twice, events=bought(5, 4)) is True
    recent = c.purchases.then("purchase", within_days=1, since_days=4)
    assert ask(recent, events=bought(5, 4)) is False


def test_regularly() -> None:
    """Blocks of p days, half-open at their early end, counted back from now."""
    rule = c.purchases.regularly(at_least=2, of_periods=3, period_days=7)
    assert ask(rule, events=bought(0, 6.9)) is False
    assert ask(rule, events=bought(0, 7)) is True, "seven days ago begins the block before"
    assert ask(rule, events=bought(7, 20.9)) is True
    assert ask(rule, events=bought(7, 21)) is False


def test_started_and_restarted() -> None:
    """The first ever; and a comeback after more than so many days."""
    started = c.purchases.started(within_days=30)
    assert ask(started, events=bought(30, 5)) is True
    assert ask(started, events=bought(30.1, 5)) is False
    assert ask(started, events=[]) is False
    back = c.purchases.restarted(gap_days=100, within_days=30)
    assert ask(back, events=bought(30, 130)) is False
    assert ask(back, events=bought(30, 130.1)) is True
    assert ask(back, events=bought(30)) is False
    assert ask(back, events=bought(30.1, 140)) is False
    assert ask(back, events=bought(5, 5, 200)) is True, "a tie is no predecessor"
    assert ask(back, events=bought(5, 6, 200)) is True, "the sixth day back came after 194"


def test_accounts() -> None:
    """Kleene over all of them; none decides, too."""
    big, small, unknown = (
        mim.Account(name="A", employees=number, country=country)
        for number, country in [(500, "SE"), (5, "DK"), (None, "DK")]
    )
    many = f.account.employees >= 200
    every = c.accounts.all(many)
    assert ask(c.any_account.employees >= 200, accounts=[small, big]) is True
    assert ask(c.any_account.employees >= 200, accounts=[small, unknown]) is None
    assert ask(c.any_account.employees >= 200, accounts=[]) is False
    assert ask(~(c.any_account.employees >= 200), accounts=[small]) is True
    assert ask(c.accounts.any(many & (f.account.country == "DK")), accounts=[small, big]) is False
    assert ask((c.any_account.employees >= 200) & (c.any_account.country == "DK"), accounts=[small, big]) is True
    assert ask(every, accounts=[big]) is True
    assert ask(every, accounts=[big, unknown]) is None
    assert ask(every, accounts=[big, small]) is False
    assert ask(every, accounts=[]) is False
    assert ask(c.accounts.count(many) >= 1, accounts=[unknown, big]) is True
    assert ask(c.accounts.count() == 2, accounts=[unknown, big]) is True


def test_history() -> None:
    """A replacement by another known value, observed in the window; ever been asks the present, too."""
    title = "contact.employment.title"
    person = mim.Contact(title="Boss")
    past = [PastValue(title, "cto", "Boss", NOW - timedelta(days=30))]
    assert ask(c.title.changed(within_days=30), contact=person, history=past) is True
    assert ask(c.title.changed(within_days=29), contact=person, history=past) is False
    for after, is_change in [("CTO", True), (None, True), ("Boss", False)]:
        none = [PastValue(title, "cto", after, NOW, is_change=is_change)]
        assert ask(c.title.changed(within_days=30), contact=person, history=none) is False
    assert ask(c.title.has_ever_been("CTO"), contact=person, history=past) is True
    assert ask(c.title.has_ever_been("boss"), contact=person, history=[]) is True
    assert ask(c.title.has_never_been("CTO"), contact=person, history=[]) is True
    assert ask(c.title.has_ever_been("CTO"), history=[]) is None


def test_consent_is_asked_through_its_decision() -> None:
    """The facts hold what was decided; a misspelt purpose is refused with the nearest."""
    rule = c.may_receive(channel="email", purpose="newsletter")
    assert ask(rule, permissions=frozenset({("email", "newsletter")})) is True
    assert ask(~rule, permissions=frozenset({("sms", "newsletter")})) is True
    with pytest.raises(UnknownFieldError, match="newsletter"):
        c.may_receive(channel="email", purpose="newsleter")


def test_samples_are_fair_and_independent() -> None:
    """10 % of 20,000 within four standard deviations; two salts share a tenth of each other's."""
    people = [mim.Contact() for _ in range(20_000)]
    drawn = [{one.id for one in people if ask(c.sample(percent=10, salt=salt), contact=one)} for salt in ("a", "b")]
    for one in drawn:
        assert abs(len(one) - 2000) < 4 * (20_000 * 0.1 * 0.9) ** 0.5
    assert abs(len(drawn[0] & drawn[1]) - 200) < 4 * 200**0.5
    assert all(ask(c.sample(percent=100, salt="a"), contact=one) for one in people[:100])


def test_scores_are_refused_as_long_as_none_are_kept() -> None:
    """A typed refusal at binding, never nobody or everybody."""
    with pytest.raises(UnsupportedConditionError, match="no scores"):
        bind(c.score("engagement") >= 50, Binding(now=NOW))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda: c.accounts.any(c.city == "Oslo"), "only f.account fields"),
        (lambda: c.accounts.any(c.purchases.count() >= 1), "only f.account fields"),
        (lambda: c.purchases.where(c.accounts.count() >= 1).count() >= 1, "events or accounts of its own"),
        (lambda: c.purchases.where(c.sample(percent=1, salt="x")).count() >= 1, "asks about a contact"),
        (lambda: c.purchases.where(c.in_segment("x")).count() >= 1, "segments hold contacts"),
        (lambda: c.city.matches("*") & (c.city == "x"), "literal text"),
        (lambda: c.purchases.regularly(at_least=5, of_periods=4, period_days=7), "can never hold"),
        (lambda: c.purchases.average(f.event.quantity) >= 1.0005, "three decimals"),
        (lambda: c.any_account.employees >= f.account.employees, "same account"),
        (lambda: c.age.is_in(3), "ranges"),
    ],
)
def test_what_is_refused_when_bound(rule: Any, message: str) -> None:
    """By name, before anybody is asked."""
    with pytest.raises(RuleTypeError, match=message):
        bind(rule(), Binding(now=NOW, segment=lambda key: mim.SegmentReference(key, None)))
