"""Rules in plain English: one sentence and one tree for every kind of node, with negation and unknown kept apart."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import generate

from mimcore.domain import fields as f
from mimcore.rules.explaining.english import describe, outline
from mimcore.rules.language import nodes
from mimcore.rules.writing.companion_fields import AccountsField
from mimcore.rules.writing.events import EventsField
from mimcore.rules.writing.fields import (
    AgeField,
    BooleanField,
    CodeField,
    DateField,
    InstantField,
    IntegerField,
    MoneyField,
    RecordsField,
    TagsField,
    TextField,
)
from mimcore.values.location import location
from mimcore.values.money import money

AGE = AgeField("contact.age")
COUNTRY = CodeField("contact.country")
CITY = TextField("contact.city")
INTERESTS = TagsField("contact.interests")
PURCHASES = EventsField()("purchase")
PRODUCT = TextField("event.product")
ACQUIRED = InstantField("contact.acquired_at")
AT = InstantField("event.at")
QUANTITY = IntegerField("event.quantity")
BORN = DateField("contact.birth_date")
ACCOUNTS = AccountsField()
EMPLOYEES = IntegerField("account.employees")

SENTENCES = [
    (COUNTRY == "DK", "country is DK"),
    (COUNTRY != "DK", "country is not DK"),
    ((COUNTRY != "DK").or_missing(), "(country is not DK, or unknown)"),
    (CodeField("account.country") == "DK", "the account's country is DK"),
    (COUNTRY.is_in("DK", "SE", "NO"), "country is DK, SE or NO"),
    (COUNTRY.is_in("DK"), "country is DK"),
    (COUNTRY.is_in(), "country is one of nothing"),
    (CITY.is_in([f"c{number}" for number in range(13)]), "city is c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 or …"),
    (AGE >= 18, "age is at least 18"),
    (~(AGE >= 18), "not (age is at least 18)"),
    (AGE.is_between(18, 30), "age is between 18 and 30"),
    (BooleanField("contact.is_decision_maker").is_true(), "is decision maker is yes"),
    (MoneyField("contact.annual_income") < money("1234.50", "DKK"), "annual income is less than DKK 1,234.50"),
    (CITY.contains("hus"), "city contains “hus”"),
    (CITY.starts_with("a"), "city starts with “a”"),
    (CITY.is_known(), "city is known"),
    (CITY.is_missing(), "city is not known"),
    (INTERESTS.overlaps("golf", "tennis"), "interests include golf or tennis"),
    (INTERESTS.contains_all("golf", "tennis"), "interests include all of golf, tennis"),
    (INTERESTS.overlaps(), "interests include one of nothing"),
    (RecordsField("contact.devices").any(kind="tablet"), "devices include one with kind tablet"),
    (DateField("contact.birth_date").within_days(7), "birth date is within the last 7 days"),
    (DateField("contact.birth_date").older_than_days(7), "birth date is more than 7 days ago"),
    (DateField("contact.birth_date").within_next_days(7), "birth date is within the next 7 days"),
    (PURCHASES.count() >= 3, "the number of purchase events is at least 3"),
    (PURCHASES.count(within_days=90) == 0, "the number of purchase events within the last 90 days is 0"),
    (PURCHASES.total() > money(5, "EUR"), "the total of purchase events is more than EUR 5.00"),
    (PURCHASES.where(PRODUCT == "hat").count() < 2, "the number of purchase events where product is hat is less than 2"),
    (PURCHASES.where((PRODUCT == "hat") | (PRODUCT == "cap")).count() < 2, "the number of purchase events where (product is hat or product is cap) is less than 2"),
    (TextField("contact.city") == TextField("contact.occupation"), "city is occupation"),
    (CITY.matches("a*s?"), "city matches “a*s?”"),
    (INTERESTS.count() >= 2, "the number of interests is at least 2"),
    (RecordsField("contact.devices").count(kind="tablet") == 1, "the number of devices with kind tablet is 1"),
    (RecordsField("contact.devices").any(kind="laptop", seen_within_days=90), "devices include one with kind laptop and last seen at within the last 90 days"),
    (ACQUIRED.elapsed_days() >= 365, "acquired at is at least 365 days ago"),
    (ACQUIRED.within_days(1), "acquired at is within the last day"),
    (ACQUIRED.older_than_days(1), "acquired at is more than 1 day ago"),
    (ACQUIRED.elapsed_days() >= 1, "acquired at is at least 1 day ago"),
    (ACQUIRED.in_last("week", week_start="sunday"), "acquired at is in the last week (weeks begin on sunday)"),
    (ACQUIRED.in_this("month", zone="Europe/Oslo"), "acquired at is in this month in Europe/Oslo"),
    (BORN.anniversary(within_days=7), "birth date returns within the next 7 days"),
    (BORN.weekday().is_in("saturday", "sunday"), "birth date is on Saturday or Sunday"),
    (ACQUIRED.hour().is_between(22, 1), "acquired at is in the hour 22, 23, 00 or 01"),
    (PURCHASES.total(QUANTITY) >= 3, "the total quantity of purchase events is at least 3"),
    (PURCHASES.minimum() < money(5, "EUR"), "the smallest value of purchase events is less than EUR 5.00"),
    (PURCHASES.maximum(QUANTITY, within_days=30) >= 3, "the greatest quantity of purchase events within the last 30 days is at least 3"),
    (PURCHASES.average(QUANTITY) >= 2.5, "the average quantity of purchase events is at least 2.5"),
    (PURCHASES.last_at().older_than_days(180), "the last purchase is more than 180 days ago"),
    (PURCHASES.first_at() >= "2026-01-01T00:00Z", "the first purchase is at or after 2026-01-01T00:00:00+00:00"),
    (EventsField()("download").then("demo_request", within_days=14), "a download is followed by a demo_request within 14 days"),
    (PURCHASES.regularly(at_least=3, of_periods=4, period_days=7), "there is a purchase in at least 3 of the last 4 periods of 7 days"),
    (PURCHASES.started(within_days=30), "the first purchase ever is within the last 30 days"),
    (PURCHASES.restarted(gap_days=180, within_days=30), "a purchase within the last 30 days comes more than 180 days after the one before"),
    (ACCOUNTS.any(EMPLOYEES >= 200), "any account has employees is at least 200"),
    (ACCOUNTS.count() >= 2, "the number of accounts is at least 2"),
    (IntegerField("any_account.employees") >= 200, "any account's employees is at least 200"),
    (CITY.changed(within_days=30), "city changed within the last 30 days"),
    (CITY.has_ever_been("Oslo"), "city has ever been Oslo"),
    (nodes.MayReceive(channel="email", purpose="product_updates"), "may receive product updates by email"),
    (nodes.Sample(percent=2.5, salt="spring"), "is in the sample of 2.5 % named “spring”"),
    (nodes.ScoreTest(score="engagement", value=50), "the score “engagement” is at least 50"),
    (nodes.InSegment(segment="vips"), "is in the segment “vips”"),
    (nodes.Everyone(), "everyone"),
    (CITY.freshness() >= 0.8, "city is still right with a probability of at least 80%"),
    (CITY.freshness() >= 0.995, "city is still right with a probability of at least 99.5%"),
    (f.contact.emails.any.freshness() >= 0.7, "any e-mail address is still right with a probability of at least 70%"),
    (
        f.contact.location.within_km(location(55.676, -12.5), 2.5),
        "location is at most 2.5 km from 55.676, -12.5",
    ),
    (CITY.is_undated(), "nobody knows since when city has been right"),
    ((COUNTRY == "DK") & ((AGE >= 18) | CITY.is_known()), "country is DK and (age is at least 18 or city is known)"),
    ((COUNTRY == "DK") | (AGE >= 18) & CITY.is_known(), "country is DK or (age is at least 18 and city is known)"),
    (~((COUNTRY == "DK") | (AGE >= 18)), "not (country is DK or age is at least 18)"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "sentence"), SENTENCES, ids=[sentence[:40] for _rule, sentence in SENTENCES])
def test_every_node_has_its_sentence(rule: nodes.Rule, sentence: str) -> None:
    """As a marketer would say it."""
    assert describe(rule) == str(rule) == sentence


def test_the_sentences_cover_every_node() -> None:
    """No class of node is without a sentence above."""

    def classes(rule: nodes.Rule) -> set[type]:
        return {type(rule)}.union(*map(classes, rule.parts()))

    assert set().union(*(classes(rule) for rule, _sentence in SENTENCES)) == set(nodes.Rule.__subclasses__())


def test_the_tree_has_a_line_for_each_part() -> None:
    """Groups are named, conditions are said; text and HTML hold the same lines."""
    tree = outline((COUNTRY == "DK") & ~(AGE >= 18) & CITY.is_known().or_missing())
    lines = [line.strip(" │├└─") for line in str(tree).splitlines()]
    assert lines == ["all of", "country is DK", "not", "age is at least 18", "true, or unknown", "city is known"]
    assert "age is at least 18" in tree.html()


def test_text_of_users_is_escaped_in_html() -> None:
    """A literal is data, never markup."""
    assert "<b>" not in (CITY == "<b>x")._repr_html_()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_every_rule_can_be_said(seed: int) -> None:
    """No generated rule is without words, and none shows a node's class or canonical name."""
    rule = generate.Rules(random.Random(seed), generate.NOWS[0]).rule(4)
    said = describe(rule)
    assert said
    assert "contact." not in said
    assert "object at" not in said
    assert str(outline(rule))
