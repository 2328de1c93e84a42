"""The report on a store: three names kept apart, groups, completeness, any day of the past, and bounded memory."""

from __future__ import annotations

import random
from datetime import timedelta
from statistics import median

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError
from mimcore.quality.decay import annual_decay_rate
from mimcore.quality.tallies import Ages
from mimcore.values.rates import wilson_interval


def people(store, number, **given):
    """Contacts with an address each."""
    return added(store, *(mim.Contact(emails=[f"p{n}@acme.dk"], **given) for n in range(number)))


def test_three_names_are_kept_apart(store, clock):
    """The annual decay rate is the pool's, the decayed share the model's, the observed decay what a sample found."""
    found = people(store, 50)
    clock.advance(days=200)
    with store.begin() as work:
        for number, person in enumerate(found[:40]):
            check = work.refute if number < 4 else work.confirm
            check(person.primary_email, by="mailbox_check", trigger="random")
        work.refute(found[45].primary_email, by="mailbox_check")  # planned: no sample
        work.refute(found[46].primary_email, by="hard_bounce")
    report = store.quality.report()
    assert report.annual_decay_rates == {"b2c.email": annual_decay_rate(1276)}
    assert report.annual_decay_rates["b2c.email"] == pytest.approx(0.18, abs=1e-3)
    observed = report.observed_decay
    assert (observed.failures, observed.checks, observed.share) == (4, 40, 0.1)
    assert observed.interval == wilson_interval(4, 40)
    assert 0.05 < report.decayed_share < 0.2
    assert report.by_pool[0].observed == report.by_source[0].observed == report.by_attribute[0].observed == observed
    for text, by in (("annual decay rate", "pool"), ("decayed share", "pool"), ("observed decay", "attribute")):
        assert text in report.table(by).text(200)
    clock.advance(days=366)
    assert store.quality.report().observed_decay is None
    assert store.quality.report(observed_days=400).observed_decay == observed


def test_the_newest_sample_of_a_value_counts(store, clock):
    """Checked twice, a value is one of the sample."""
    (found,) = (people(store, 1),)
    clock.advance(days=10)
    for check in ("refute", "confirm"):
        with store.begin() as work:
            getattr(work, check)(found.primary_email, by="call", trigger="random")
        clock.advance(days=1)
    observed = store.quality.report().observed_decay
    assert (observed.failures, observed.checks) == (0, 1)


def test_groups_by_segment_and_age(store, clock):
    """A segment's values are those of its contacts; bands follow each other; undated values are a band of their own."""
    people(store, 4, city="Odense")
    clock.advance(days=400)
    people(store, 2, city="Ribe")
    added(store, mim.Contact(city="Odense"), observed_at=mim.UNDATED)
    with store.begin() as work:
        work.add(mim.Segment(key="ribe", rule=f.contact.city == "ribe"))
    report = store.quality.report(segments={"odense": f.contact.city == "odense", "nobody": f.contact.city == "x"})
    by_name = {group.name: group for group in report.by_segment}
    assert (by_name["odense"].values, by_name["odense"].undated) == (9, 1)
    assert (by_name["nobody"].values, by_name["nobody"].decayed_share) == (0, None)
    assert [(group.name, group.values) for group in report.by_age] == [
        ("under 3 months", 4), ("1 to 2 years", 8), ("undated", 1),
    ]  # fmt: skip
    assert sum(group.values for group in report.by_age) == report.whole.values
    named = store.quality.report(segments=["ribe"])
    assert [(group.name, group.values) for group in named.by_segment] == [("ribe", 4)]
    assert "ribe" in named._repr_html_()
    assert "<svg" in named._repr_html_()
    with pytest.raises(InvalidValueError, match="is no kind of group"):
        named.table("colour")


def test_completeness(store):
    """Of how many contacts each attribute is known; by hand, weighted: (2·2 + 1·1) / (2·3 + 1·3)."""
    added(
        store,
        mim.Contact(emails=["a@acme.dk", "b@acme.dk"]),
        mim.Contact(emails=["c@acme.dk"], city="Odense"),
        mim.Contact(owner="maria"),
    )
    report = store.quality.report(required=[f.contact.primary_email, "contact.demographic.city"])
    assert [(one.attribute, one.known, one.contacts) for one in report.completeness] == [
        ("contact.emails", 2, 3), ("contact.demographic.city", 1, 3),
    ]  # fmt: skip
    assert report.complete_share == pytest.approx(5 / 9)
    assert "55.6" in str(report.completeness_table())
    assert len(store.quality.report().completeness) == 3


def test_any_day_of_the_past(store, clock):
    """What was presumed wrong then, as it was known then; several days are a trend with the target."""
    start = clock()
    found = people(store, 10)
    clock.advance(days=100)
    moments = [clock()]
    shares = [store.quality.report().decayed_share]
    clock.advance(days=1)
    with store.begin() as work:
        for person in found:
            work.confirm(person.primary_email, by="owner")
    clock.advance(days=1)
    moments.append(clock())
    shares.append(store.quality.report().decayed_share)
    assert store.quality.report(as_of=moments[0]).decayed_share == pytest.approx(shares[0])
    trend = store.quality.trend([start - timedelta(days=1), *moments])
    assert [share for _, share in trend] == [None, pytest.approx(shares[0]), pytest.approx(shares[1])]
    assert shares[1] < shares[0]
    for text in ("2026-08-09", "–", "5"):
        assert text in str(trend)
    assert "target" in str(trend.chart())
    assert "<svg" in trend._repr_html_()


def test_the_median_of_many_ages_is_exact_to_the_day():
    """In memory that does not grow; exact below that."""
    dice = random.Random(1)
    many = [dice.uniform(0, 3000) for _ in range(120_000)]
    parts = [Ages(), Ages()]
    for number, age in enumerate(many):
        parts[number % 7 == 0].add(age)
    assert Ages.median(parts) == pytest.approx(median(many), abs=0.51)
    assert len(parts[0].exact) == 50_000
    few = Ages()
    for age in many[:100]:
        few.add(age)
    assert Ages.median([few, Ages()]) == median(many[:100])
    assert Ages.median([Ages()]) is None
