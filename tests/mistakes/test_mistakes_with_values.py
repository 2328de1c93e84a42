"""Mistakes with contacts, addresses, dates and money, and what a beginner reads then."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.mistakes.judging import Desk, Mistake

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, RuleTypeError, UnknownAttributeError

V = InvalidValueError
A = UnknownAttributeError

MISTAKES = {
    "an address without @": Mistake(lambda _: mim.Contact(emails=["zqx at example"]), V, "emails.0", "has no '@'", "ana@acme.dk"),
    "email= for emails=": Mistake(lambda _: mim.Contact(email="zqx@b.dk"), V, "Contact", "not declared", "'emails'"),
    "first_name=": Mistake(lambda _: mim.Contact(first_name="Zqx"), V, "Contact", "not declared", "'name'"),
    "a name without name=": Mistake(lambda _: mim.Contact("Ana Zqx"), V, "Contact", "takes its fields by name", "name="),
    "a typing error": Mistake(lambda _: mim.Contact(contry="DK"), V, "Contact", "not declared", "'country'"),
    "an age": Mistake(lambda _: mim.Contact(age=36), V, "Contact", "not declared", "'birth_date'"),
    "a number as name": Mistake(lambda _: mim.Contact(name=7), V, "name", "wrong type", "write it as text"),
    "a national number without a country": Mistake(
        lambda _: mim.Contact(phones=["32123456"]), V, "phones.0", "unknown country", "'+'"
    ),
    "too short a number": Mistake(lambda _: mim.Contact(phones=["12"], country="DK"), V, "phones.0", "too short", "+45"),
    "an unknown country": Mistake(
        lambda _: mim.Contact(country="Zqxland"), V, "demographic.country", "not a known country", "'DK'"
    ),
    "a country, nearly": Mistake(
        lambda _: mim.Contact(country="Denmrak"), V, "demographic.country", "not a known country", "'DK' (Denmark)"
    ),
    "a date the Danish way": Mistake(
        lambda _: mim.Contact(birth_date="01/05/1990"), V, "demographic.birth_date", "is not a date", "'1990-05-01'"
    ),
    "a year as date": Mistake(lambda _: mim.Contact(birth_date=1990), V, "birth_date", "is not a date", "give a date"),
    "a word outside the vocabulary": Mistake(lambda _: mim.Contact(gender="Zqx"), V, "gender", "is not one of", "'female'"),
    "a zone that is a city": Mistake(
        lambda _: mim.Contact(time_zone="Copenhagen"), V, "time_zone", "not a known time zone", "'Europe/Copenhagen'"
    ),
    "an income that is a number": Mistake(
        lambda _: mim.Contact(annual_income=412_000), V, "annual_income", "wrong type", "mim.money("
    ),
    "a float as money": Mistake(lambda _: mim.money(249.0, "DKK"), V, "amount", "a float", "as text"),
    "a comma in money": Mistake(lambda _: mim.money("249,00", "DKK"), V, "amount", "not an amount", "with a point"),
    "a currency that is none": Mistake(lambda _: mim.money("1", "DKR"), V, "currency", "not a known currency", "ISO 4217"),
    "too many decimals": Mistake(lambda _: mim.money("1.999", "DKK"), V, "amount", "more decimals than DKK", "round it"),
    "two currencies in a sum": Mistake(
        lambda _: mim.money("1", "DKK") + mim.money("1", "SEK"), V, "money", "is in SEK", "convert one"
    ),
    "a field assigned": Mistake(
        lambda desk: setattr(desk.ana, "country", "SE"), V, "country", "objects are frozen", "evolve("
    ),
    "a short name read": Mistake(
        lambda desk: desk.ana.country, A, "Contact", "has no 'country'", "contact.demographic.country"
    ),
    "an age read": Mistake(lambda desk: desk.ana.age, A, "Contact", "has no 'age'", "age_on(day)"),
    "a first name read": Mistake(lambda desk: desk.ana.first_name, A, "Contact", "has no 'first_name'", "name.given"),
    "a misspelt attribute": Mistake(lambda desk: desk.ana.ownr, A, "Contact", "has no 'ownr'", "'owner'"),
    "a misspelt change": Mistake(lambda desk: desk.ana.evolve(citty="Zqxby"), V, "Contact", "not declared", "'city'"),
    "None for an erasure": Mistake(lambda desk: desk.ana.evolve(country=None), V, "country", "says nothing", "mim.CLEAR"),
    "a key with spaces": Mistake(lambda _: mim.Segment(key="My Danes"), V, "key", "is not a key", "'spring-2026'"),
    "a field as rule of a segment": Mistake(
        lambda _: mim.Segment(key="danes", rule=f.contact.country), V, "rule", "is not a rule", "== 'DK'"
    ),
    "a campaign that ends before it begins": Mistake(
        lambda _: mim.Campaign(key="s", runs=("2026-03-31", "2026-03-01")), V, "runs.end_on", "before the start", "first day"
    ),
    "a lead at a day": Mistake(
        lambda desk: mim.Lead(contact_id=desk.ana, captured_at="2026-03-01"), V, "captured_at", "not an instant", "with a zone"
    ),
    "a naive time": Mistake(
        lambda desk: mim.Lead(contact_id=desk.ana, captured_at=datetime(2026, 3, 1)),
        V, "captured_at", "no time zone", "aware datetime",
    ),
    "a custom attribute of money": Mistake(
        lambda _: mim.attribute("points", kind="money"), V, "kind", "built-in fields only", "integer"
    ),
    "a custom attribute with a taken name": Mistake(
        lambda _: mim.attribute("country"), V, "name", "taken by a built-in field", "another name"
    ),
    "a literal outside the options": Mistake(
        lambda _: mim.attribute("tier", options=["gold"]) == "Zqx", RuleTypeError, "contact.custom.tier", "not one of", "gold"
    ),
    "a latitude of 95": Mistake(lambda _: mim.location(95, 12), V, "latitude", "must be", "at most 90"),
    "a cap of words": Mistake(lambda _: mim.FrequencyCap("two", days=7), V, "most", "out of range", "1 or more"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_beginner_is_told_what_to_write(name: str, desk: Desk) -> None:
    """Which field, why, what instead, and nothing about the person."""
    MISTAKES[name].judge(desk)
