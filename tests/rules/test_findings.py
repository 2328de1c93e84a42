"""What an explanation says was found: by hand, for every sort of condition; and what it never shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.rules import generate

import mimcore as mim
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.rules.evaluation.evaluator import evaluate
from mimcore.rules.evaluation.facts import Facts, PastValue
from mimcore.rules.explaining.explanation import Explanation, explain
from mimcore.rules.language import nodes
from mimcore.rules.lowering.binding import Binding
from mimcore.values.instants import to_microseconds
from mimcore.values.money import Money

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BINDING = Binding(now=NOW, zone=ZoneInfo("UTC"), half_lives={"slow": 100.0})
c, e = mim.fields.contact, mim.fields.event


@dataclass(frozen=True)
class Sourced:
    """A state with everything that is known about it."""

    pool: str
    key: int | None
    source: str
    observed_at: datetime | None
    confirmed_at: datetime | None = None


STATES = {
    "contact.demographic.city": Sourced("slow", to_microseconds(NOW - 100 * DAY), "web-shop", NOW - 40 * DAY),
    "contact.demographic.country": Sourced("slow", None, "old-file", None),
    "contact.demographic.gender": Sourced("fast", to_microseconds(NOW), "shop", NOW - 900 * DAY, NOW - DAY),
    "contact.demographic.occupation": generate.State("slow", to_microseconds(NOW)),
}
ANA = Contact(
    country="DK",
    city="Aarhus",
    gender="female",
    occupation="Baker",
    birth_year=1990,
    interests=["Golf", "Chess"],
    devices=[{"kind": "tablet"}],
    annual_income=Money(minor_units=5_000_000, currency="DKK"),
    acquired_at="2026-02-01T09:30Z",
    is_decision_maker=True,
    beliefs=["secret belief"],
)


def _bought(days: int, amount: int | None = None, currency: str = "DKK", channel: str | None = None) -> Interaction:
    value = None if amount is None else Money(minor_units=amount, currency=currency)
    return Interaction(kind="purchase", at=NOW - days * DAY, contact_id=ANA.id, value=value, channel=channel)


EVENTS = [
    _bought(3, 10_000, channel="store"),
    _bought(10, 5_000, "EUR", channel="store"),
    _bought(20),
    Interaction(kind="visit", at=NOW - 5 * DAY, contact_id=ANA.id),
    _bought(-3, 99_900),
]
HISTORY = [
    PastValue("contact.demographic.city", "Odense", "Aarhus", NOW - 9 * DAY),
    PastValue("contact.demographic.city", "Ribe", None, NOW - 99 * DAY),
]
FACTS = Facts(
    contact=ANA,
    events=EVENTS,
    account=Account(name="Acme", employees=12),
    accounts=[Account(name="Acme", employees=12), Account(name="Beta"), Account(name="Gamma", employees=900)],
    listed_in=frozenset[str](),
    states=STATES,
    history=HISTORY,
    permissions=frozenset({("email", "newsletter")}),
    now=NOW,
)
PURCHASES = nodes.EventPattern(kind="purchase")


def _explained(rule: nodes.Rule, facts: Facts = FACTS) -> Explanation:
    return explain(rule, facts, binding=BINDING)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        # Half of the half-life's probability after one half-life; source and age where the state knows them.
        (c.city == "Aarhus", "city is Aarhus (from web-shop, 40 days old, 50 % fresh)"),
        (c.city == "Odense", "city is Odense: Aarhus (from web-shop, 40 days old, 50 % fresh)"),
        # Undated: nobody knows since when. A confirmation is younger than the value; a pool without half-life has none.
        (c.country == "DK", "country is DK (from old-file, of unknown age)"),
        (c.gender == "male", "gender is male: female (from shop, 1 day old)"),
        (c.occupation == "baker", "occupation is baker (100 % fresh)"),
        (c.education == "master", "education is master: not known"),
        (c.age >= 18, "age is at least 18: between 35 and 36"),
        (c.interests.overlaps("golf"), "interests include golf: Chess, Golf"),
        (c.hobbies.overlaps("golf"), "hobbies include golf: none known"),
        (c.annual_income >= mim.money(1, "DKK"), "annual income is at least DKK 1.00: DKK 50,000.00"),
        (c.is_decision_maker.is_false(), "is decision maker is no: yes"),
        (c.city.is_known(), "city is known: Aarhus (from web-shop, 40 days old, 50 % fresh)"),
        (c.education.is_known(), "education is known"),
        (mim.fields.account.employees >= 100, "the account's employees is at least 100: 12"),
    ],
)
def test_values_with_source_and_age(rule: nodes.Rule, sentence: str) -> None:
    """The condition, the value, and where it comes from."""
    assert _explained(rule).sentence.replace("\u202f", " ") == sentence


@pytest.mark.parametrize(
    ("rule", "words", "notes"),
    [
        # The purchase in the future is not visible; the visit is another kind.
        (c.purchases.count() >= 9, "3, the last on 2026-02-26", ()),
        (c.purchases.count(within_days=2) >= 9, "0", ()),
        (
            c.events("purchase").where(e.channel == "store").count() >= 9,
            "2, the last on 2026-02-26",
            ("1 purchase event cannot be decided",),
        ),
        (
            c.purchases.total() >= mim.money(1, "DKK"),
            "DKK 100.00, of 1 event",
            ("1 event without value", "1 event in EUR left out"),
        ),
        (
            c.purchases.total(within_days=5) >= mim.money(1, "EUR"),
            "EUR 0.00",
            ("1 event in DKK left out",),
        ),
        (
            nodes.EventTest(
                op="event_average",
                kind="purchase",
                comparison="at_least",
                value=nodes.MoneyLiteral(minor_units=1, currency="JPY"),
            ),
            "nothing to measure",
            ("1 event without value", "1 event in DKK left out", "1 event in EUR left out"),
        ),
        (
            nodes.EventMoment(op="first_event", kind="purchase", comparison="older_than_days", value=5),
            "the first on 2026-02-09",
            (),
        ),
        (nodes.EventMoment(op="last_event", kind="call", comparison="older_than_days", value=5), "no such event", ()),
        (
            nodes.EventSequence(first=PURCHASES, then=nodes.EventPattern(kind="visit"), within_days=14),
            "3 purchase events, the last on 2026-02-26; 1 visit event, the last on 2026-02-24",
            (),
        ),
        (nodes.EventStart(events=PURCHASES, within_days=30), "3 purchase events, the last on 2026-02-26", ()),
        (
            nodes.ChangedWithin(field="contact.city", days=3),
            "last changed on 2026-02-20, from Odense to Aarhus",
            (),
        ),
        (nodes.ChangedWithin(field="contact.gender", days=3), "no change on record", ()),
        (nodes.EverBeen(field="contact.city", value="Skive"), "Odense, Ribe, Aarhus on record", ()),
    ],
)
def test_events_and_history(rule: nodes.Rule, words: str, notes: tuple[str, ...]) -> None:
    """How many, how much, when; and what was left out, with the reason."""
    found = _explained(rule)
    assert [one.words for one in found.found] == [words]
    assert found.notes == notes


def test_accounts_answer_one_by_one() -> None:
    """Each account by its name; an account without the value cannot be decided."""
    found = _explained(nodes.AccountTest(op="any_account", where=mim.fields.account.employees >= 100))
    assert found.answer is True
    assert found.accounts == (("Acme", False), ("Beta", None), ("Gamma", True))
    assert [line.strip("├└─ ") for line in str(found).splitlines()[1:]] == ["✗ Acme", "? Beta", "✓ Gamma"]
    short = _explained(nodes.Compare(op="at_least", field="any_account.employees", value=100))
    assert short.accounts == found.accounts


def test_what_decides() -> None:
    """The false parts of a false `and`, the true ones of a true `or`; all of those that are needed."""
    rule = (c.country == "SE") & (c.city == "Aarhus") & ((c.gender == "male") | (c.education == "master"))
    assert [one.text for one in _explained(rule).deciding()] == ["country is SE"]
    assert [one.text for one in _explained(~rule | (c.city == "Aarhus")).deciding()] == [
        "country is SE",
        "city is Aarhus",
    ]
    assert [one.text for one in _explained(rule.parts()[2]).deciding()] == ["education is master"]


def test_nothing_personal_is_in_a_repr_nor_in_a_failing_assertion() -> None:
    """Printing shows; a repr, and what a test helper raises, do not."""
    found = _explained((c.city == "Skive") & (c.purchases.count() >= 9) & (c.occupation == "x"))
    assert "Aarhus" in str(found)
    for shown in (repr(found), repr(found.conditions()), repr([one.found for one in found.conditions()])):
        assert "Aarhus" not in shown
        assert "Baker" not in shown
    assert "Aarhus" not in str(found.tree(has_values=False))
    with pytest.raises(AssertionError) as caught:
        mim.testing.assert_segment(c.city == "Skive", includes=[ANA])
    assert "Aarhus" not in str(caught.value)


def test_special_categories_are_not_shown() -> None:
    """What somebody believes is asked, and not told."""
    found = _explained(c.beliefs.overlaps("another"))
    assert found.sentence == "beliefs include another: known, not shown"
    assert found.found[0].value is None


def test_lines_fit_a_terminal() -> None:
    """80 columns, however long a condition is."""
    rule = c.interests.overlaps(*[f"a long subject {number}" for number in range(12)]) & (c.city == "x" * 200)
    assert max(map(len, str(_explained(rule)).splitlines())) <= 80
    page = _explained(rule)._repr_html_()
    assert 'aria-label="false"' in page


def test_the_root_answers_as_the_evaluation_in_the_past_too() -> None:
    """What nobody collected then stays undecided, whatever stands above it."""
    past = Binding(now=NOW, uncollected=("contact.demographic.city",))
    rules: list[Any] = [
        (c.city == "x").or_missing(),
        ~(c.city == "Aarhus").or_missing() | (c.country == "SE"),
        (c.country == "DK") & (c.city.is_known()).or_missing(),
    ]
    for rule in rules:
        found = explain(rule, FACTS, binding=past)
        assert found.answer is evaluate(rule, FACTS, binding=past)
        assert found.answer is None
