"""Mistakes with rules, written in Python and read from JSON, and asked of what does not fit."""

from __future__ import annotations

import json
from datetime import datetime

import polars as pl
import pytest
from tests.mistakes.judging import Desk, Mistake

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import (
    CaptureError,
    InvalidValueError,
    MissingFactsError,
    RuleFormatError,
    RuleSyntaxError,
    RuleTypeError,
    UnknownAttributeError,
    UnknownFieldError,
)

c = f.contact
S, T, A, J, U = RuleSyntaxError, RuleTypeError, UnknownAttributeError, RuleFormatError, UnknownFieldError


def read(**rule: object) -> mim.Rule:
    """Read a rule from a document."""
    return mim.Rule.from_json(json.dumps({"schema": "mimcore.rule", "version": "1.0", "rule": rule}))


COUNTRY = "contact.demographic.country"
WRITTEN = {
    "a misspelt field": Mistake(lambda _: c.contry, A, "f.contact", "no field 'contry'", "'country'"),
    "a misspelt field in a group": Mistake(lambda _: c.demographic.contry, A, "f.contact.demographic", "no field", "'country'"),
    "first_name": Mistake(lambda _: c.first_name, A, "f.contact", "no field 'first_name'", "'given_name'"),
    "email": Mistake(lambda _: c.email, A, "f.contact", "no field 'email'", "'primary_email'"),
    "f.contacts": Mistake(lambda _: f.contacts, A, "the fields", "no 'contacts'", "'contact'"),
    "a field without its entity": Mistake(lambda _: f.country, A, "the fields", "no 'country'", "f.contact.country"),
    "and": Mistake(lambda _: (c.age > 30) and (c.country == "DK"), S, "a rule", "no truth value", "a & b"),
    "a chain": Mistake(lambda _: 18 < c.age < 65, S, "a rule", "no truth value", "is_between(18, 30)"),
    "in, of a list": Mistake(lambda _: "golf" in c.interests, S, "interests", "`in` cannot", ".overlaps("),
    "missing brackets": Mistake(lambda _: c.country == "DK" & c.age > 3, S, "age", "is not a rule", "brackets"),
    "None": Mistake(lambda _: c.country == None, S, COUNTRY, "nothing equals None", ".is_missing()"),  # noqa: E711
    "an age as text": Mistake(lambda _: c.age > "30", T, "demographic.age", "a str does not fit", "give an int"),
    "a number as income": Mistake(lambda _: c.annual_income >= 1000, T, "annual_income", "an int does not fit", "mim.money("),
    "a country by its name": Mistake(lambda _: c.country == "Denmark", T, COUNTRY, "not a code of country", "'DK'"),
    "an unknown country": Mistake(lambda _: c.country == "Zqxland", T, COUNTRY, "not a code of country", "such as 'DK'"),
    "a gender, nearly": Mistake(lambda _: c.gender == "femal", T, "gender", "not one of female", "'female'"),
    "an order of text": Mistake(lambda _: c.city > "A", T, "demographic.city", "cannot be compared like this", ".is_in("),
    "a date the Danish way": Mistake(lambda _: c.birth_date > "01/05/1990", T, "birth_date", "not a date", "'1990-05-01'"),
    "a naive time": Mistake(
        lambda _: c.acquired_at > datetime(2026, 1, 1), InvalidValueError, "acquisition.at", "no time zone", "aware datetime"
    ),
    "a day as instant": Mistake(lambda _: c.acquired_at > "2026-01-01", T, "acquisition.at", "not an instant", "with a zone"),
    "the method of another library": Mistake(lambda _: c.city.startswith("A"), A, "demographic.city", "no 'startswith'", ".starts_with("),
    "isna": Mistake(lambda _: c.city.isna(), A, "demographic.city", "no 'isna'", ".is_missing()"),
    "between": Mistake(lambda _: c.age.between(3, 4), A, "demographic.age", "no 'between'", ".is_between("),
    "contains, of a number": Mistake(lambda _: c.age.contains("3"), A, "demographic.age", "no 'contains'", "is_between"),
    "= of a collection": Mistake(lambda _: c.interests == "golf", T, "interests", "is a collection", ".overlaps("),
    "= of addresses": Mistake(lambda _: c.emails == "zqx@b.dk", T, "f.contact.emails", "any number", "primary_email"),
    "= of purchases": Mistake(lambda _: c.purchases == 3, T, "events('purchase')", "cannot be compared like this", ".count()"),
    "> of a freshness": Mistake(lambda _: c.city.freshness() > 0.7, T, "freshness()", "cannot be compared like this", ">= or <"),
    "= of a freshness": Mistake(lambda _: c.city.freshness() == 0.5, T, "city.freshness()", "cannot be compared like this", ">= or <"),
    "!= of any freshness": Mistake(lambda _: c.emails.any.freshness() != 0.5, T, "emails.any.freshness()", "cannot be compared like this", ">= or <"),
    "= of a total": Mistake(
        lambda _: c.purchases.where(f.event.product == "Zqx").total() == mim.money("5", "DKK"),
        T, "f.contact.events('purchase').where(…).total(…)", "cannot be compared like this", "(x >= low) & (x <= high)",
    ),
    "= of the greatest": Mistake(lambda _: c.purchases.maximum() == 3, T, ".maximum(…)", "cannot be compared like this", ">=, >, <= or <"),
    "= of the last one": Mistake(lambda _: c.purchases.last_at() == datetime(2026, 1, 1), T, ".last_at(…)", "cannot be compared like this", ">="),
    "!= of elapsed days": Mistake(lambda _: c.birth_date.elapsed_days() != 3, T, "birth_date.elapsed_days()", "cannot be compared like this", ">= or <"),
    "= of an hour": Mistake(lambda _: f.event.at.hour() == 3, T, "f.event.at.hour()", "cannot be compared like this", ".is_in("),
    "= of a weekday": Mistake(lambda _: f.event.at.weekday() == 3, T, "f.event.at.weekday()", "cannot be compared like this", ".is_in("),
    "= of a score": Mistake(lambda _: c.score("fit") == 3, T, "score('fit')", "cannot be compared like this", ">= or <"),
    "= of accounts": Mistake(lambda _: c.accounts == 3, T, "f.contact.accounts", "cannot be compared like this", ".count()"),
    "= of events of no kind": Mistake(lambda _: c.events == 3, T, "f.contact.events", "cannot be compared like this", ".count() >= 3"),
    "events of two kinds": Mistake(lambda _: c.events("purchase", "refund"), InvalidValueError, "kind", "not one kind of event", "ask each kind on its own"),
    "events of a list": Mistake(lambda _: c.events(["purchase"]), InvalidValueError, "kind", "not one kind of event", "ask each kind on its own"),
    "a field of a person inside events": Mistake(lambda _: c.purchases.where(c.country == "DK"), T, "on events", "only", "f.event"),
    "such a one, deep inside": Mistake(
        lambda _: c.purchases.where((f.event.quantity > 1) | ~(f.account.country == "DK").or_missing()), T, "on events", "only", "f.event"
    ),
    "events inside events": Mistake(lambda _: c.purchases.where(c.purchases.count() > 1), T, "on events", "only", "f.event"),
    "a segment inside events": Mistake(lambda _: c.purchases.where(c.in_segment("vips")), T, "on events", "cannot ask for a segment", "hold contacts"),
    "consent inside events": Mistake(
        lambda _: c.purchases.where(c.may_receive(channel="email", purpose="newsletter")), T, "'may_receive'", "asks about a contact", "on events"
    ),
    "freshness of an event": Mistake(lambda _: c.purchases.where(f.event.product.freshness() >= 0.5), T, "event.product", "freshness", "contacts' values"),
    "a field of a person inside accounts": Mistake(lambda _: c.accounts.any(c.country == "DK"), T, "on accounts", "only", "f.account"),
    "accounts inside accounts": Mistake(lambda _: c.accounts.all(c.accounts.count() > 1), T, "on accounts", "cannot ask", "of its own"),
    "events inside a count of accounts": Mistake(lambda _: c.accounts.count(c.purchases.count() > 1), T, "on accounts", "only", "f.account"),
    "a number among words": Mistake(lambda _: c.interests.overlaps("golf", 3), T, "interests", "is text", "an int does not fit"),
    "events of no kind": Mistake(lambda _: c.events.count(), A, "EventsField", "no 'count'", 'events("purchase").count('),
    "events of a misspelt kind": Mistake(lambda _: c.events("purchse"), U, "kind of event", "not declared", "'purchase'"),
    "a total as number": Mistake(lambda _: c.purchases.total() > 1000, T, "a total", "no currency", "mim.money("),
    "a sample of 120 percent": Mistake(lambda _: c.sample(percent=120, salt="x"), InvalidValueError, "percent", "must be", "at most 100"),
    "a misspelt channel": Mistake(lambda _: c.may_receive(channel="emial", purpose="offers"), U, "channel", "not declared", "'email'"),
    "a truth value beside a rule": Mistake(lambda _: (c.age > 3) & True, S, "True", "where a rule belongs", "mim.everyone()"),
}  # fmt: skip
READ = {
    "no JSON": Mistake(lambda _: mim.Rule.from_json("{zqx"), J, "the text", "line 1, column 2", "rule.to_json()"),
    "no document": Mistake(lambda _: mim.Rule.from_json("{}"), J, "the document", "is not a rule", '"schema": "mimcore.rule"'),
    "another version": Mistake(
        lambda _: mim.Rule.from_json('{"schema": "mimcore.rule", "version": "9.0", "rule": {"op": "everyone"}}'),
        J, "the rule", "another major version", "reads 1.x",
    ),
    "a field of a person inside events": Mistake(
        lambda _: read(
            op="event_count", kind="purchase", comparison="at_least", value=1, where={"op": "equals", "field": COUNTRY, "value": "DK"}
        ),
        T, "at rule", "on events may mention only", "f.event",
    ),
    "a misspelt op": Mistake(lambda _: read(op="eqals", field=COUNTRY, value="DK"), J, "at rule", "'op' is not known", "'equals'"),
    "a misspelt field": Mistake(lambda _: read(op="equals", field="contact.contry", value="DK"), U, "'contact.contry'", "not a declared", "'contact.country'"),
    "a key too many": Mistake(lambda _: read(op="is_known", field=COUNTRY, valeu="zqx"), J, "at rule.valeu", "not part of a rule", "nothing is ever skipped"),
    "an empty group": Mistake(lambda _: read(op="all", rules=[]), J, "rule.rules", "a group or list", "must not be empty"),
    "a value that is no code": Mistake(lambda _: read(op="equals", field=COUNTRY, value="Zqx"), T, COUNTRY, "not a code", "such as 'DK'"),
    "null": Mistake(lambda _: read(op="equals", field=COUNTRY, value=None), J, "rule.value", "a literal is text", "'is_known'"),
    "no such file": Mistake(lambda desk: mim.Rule.load(desk.folder / "danes.json"), CaptureError, "danes.json", "No such file", "check the path"),
}  # fmt: skip


def circle(desk: Desk) -> int:
    """Two segments that ask for each other."""
    desk.work(
        lambda work: work.add(
            mim.Segment(key="a", rule=c.in_segment("b")), mim.Segment(key="b", rule=c.in_segment("a"))
        )
    )
    return desk.store.contacts.count(c.in_segment("a"))


FRAME = pl.DataFrame({"country": ["DK", None], "birth_date": ["1990-05-01", "zqx"], "when": [1, 2]})
ASKED = {
    "text for a rule": Mistake(lambda desk: desk.store.contacts.find("zqx == 1"), S, "rule", "not a rule (str)", "== 'DK'"),
    "a field for a rule": Mistake(lambda desk: desk.store.preview(c.country), S, "segment", "not a rule (CodeField)", "== 'DK'"),
    "an expression of Polars": Mistake(lambda _: mim.filter(FRAME, pl.col("country") == "DK"), S, "rule", "not a rule (Expr)", "== 'DK'"),
    "the contact for its facts": Mistake(
        lambda desk: mim.evaluate(c.age > 30, desk.ana), MissingFactsError, "beside the rule", "no Facts (Contact)", "mim.Facts(contact="
    ),
    "no events": Mistake(
        lambda desk: mim.evaluate(c.purchases.count() > 1, mim.Facts(contact=desk.ana, now=datetime.fromisoformat("2026-03-31T00:00Z"))),
        MissingFactsError, "events", "the rule reads", "give Facts(events=",
    ),
    "no now": Mistake(lambda _: mim.filter(FRAME, c.acquired_at.within_days(3)), MissingFactsError, "acquisition.at", "depends on the time", "now="),
    "an attribute that is not declared": Mistake(
        lambda desk: desk.store.contacts.count(mim.attribute("tier", options=["gold"]) == "gold"),
        U, "contact.custom.tier", "not a declared field", "store.attributes.declare(",
    ),
    "a condition on people inside events": Mistake(
        lambda desk: desk.store.contacts.count(c.purchases.where(c.country == "DK").count() > 1), T, "on events", "only", "f.event"
    ),
    "segments in a circle": Mistake(circle, T, "a → b → a", "in a circle", "another segment"),
    "an unknown segment": Mistake(lambda desk: desk.store.contacts.count(c.in_segment("danes")), mim.NotFoundError, "'danes'", "no segment", "in this store"),
    "a column that is not there": Mistake(lambda _: mim.filter(FRAME, c.city == "Zqx"), U, "'city'", "no column", "columns="),
    "a column of text for a date": Mistake(lambda _: mim.filter(FRAME, c.birth_date > "1980-01-01"), InvalidValueError, "'birth_date'", "String", "str.to_date()"),
    "a dict for a frame": Mistake(lambda _: mim.filter({"country": ["DK"]}, c.country == "DK"), InvalidValueError, "frame", "not a data frame", "Polars"),
    "an event column that is not there": Mistake(lambda _: mim.events(FRAME, contact="country", at="at"), U, "'at'", "no column", "when"),
    "a rule before the frame": Mistake(lambda _: mim.filter(c.country == "DK", FRAME), InvalidValueError, "frame", "not a data frame", "Polars"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_python_that_cannot_be_a_rule_says_how_it_is_written(name: str, desk: Desk) -> None:
    """Operators, methods and literals."""
    WRITTEN[name].judge(desk)


@pytest.mark.parametrize("name", READ)
def test_json_that_is_no_rule_is_refused_with_its_place(name: str, desk: Desk) -> None:
    """Never skipped, never shown."""
    READ[name].judge(desk)


@pytest.mark.parametrize("name", ASKED)
def test_a_question_that_cannot_be_answered_says_what_is_lacking(name: str, desk: Desk) -> None:
    """Of stores, facts and frames."""
    ASKED[name].judge(desk)


def test_an_attribute_is_still_looked_for_as_python_does() -> None:
    """`hasattr` and `getattr` with a default work as with any object."""
    assert not hasattr(c.city, "startswith")
    assert getattr(c.purchases, "zqx", None) is None
    assert not hasattr(mim.Contact(), "_repr_mimebundle_")


def test_measures_are_still_keys_of_a_dict() -> None:
    """What refuses `==` is itself all the same."""
    measures = [c.purchases.total(), c.city.freshness(), c.birth_date.elapsed_days(), f.event.at.hour(), c.accounts]
    assert [{one: 1}[one] for one in measures] == [1] * len(measures)
