"""The contract of finding contacts by rule: the same answer as the reference evaluation, whatever the engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mimcore.domain import fields as f
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import CLEAR
from mimcore.domain.freshness import FreshnessState, observed
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.facts import facts_of
from mimcore.repositories.ports import Backend, Query
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.language.nodes import Everyone, Rule
from mimcore.rules.lowering.bound import negate
from mimcore.testing.contract_setup import NOW, ContractSetup, bound, ids, members, reading, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.money import Money

__all__ = ["RuleContract"]

RULES: tuple[Rule, ...] = (
    Everyone(),
    ~Everyone(),
    f.contact.country == "DK",
    f.contact.country != "DK",
    (f.contact.country != "DK").or_missing(),
    ~(f.contact.country == "DK").or_missing(),
    f.contact.country.is_in(["DK", "SE"]),
    f.contact.country.is_in([]),
    ~f.contact.country.is_in([]),
    f.contact.city == "MALMÖ",
    f.contact.city.contains("%"),
    f.contact.city.starts_with("aa"),
    ~f.contact.city.ends_with("RG"),
    f.contact.city.is_known(),
    ~f.contact.city.is_known(),
    f.contact.age >= 40,
    f.contact.age.is_between(20, 60) | (f.contact.country == "NO"),
    f.contact.household_size > 2,
    f.contact.household_size.is_between(1, 3),
    f.contact.is_decision_maker == False,  # noqa: E712 - a field compared, not a truth value
    f.contact.annual_income >= Money(minor_units=100_000, currency="DKK"),
    f.contact.birth_date.older_than_days(20_000),
    f.contact.acquired_at.within_days(10),
    f.contact.tags.overlaps(["VIP", "straße"]),
    ~f.contact.tags.overlaps(["vip"]),
    f.contact.tags.contains_all(["vip", "new"]),
    f.contact.tags.is_known(),
    f.contact.preferred_channels.overlaps(["sms"]),
    f.contact.purchases.count() == 0,
    f.contact.purchases.count(within_days=30) >= 2,
    f.contact.purchases.total() >= Money(minor_units=20_000, currency="DKK"),
    f.contact.purchases.where(f.event.product == "Helmet").count() >= 1,
    f.contact.purchases.lapsed(days=60),
    f.contact.events("visit").count() == 1,
    f.account.employees >= 100,
    f.account.employees < 100,
    ~f.account.account_name.is_known(),
    f.contact.in_segment("vips"),
    ~f.contact.in_segment("vips"),
    f.contact.in_segment("danes") & ~f.contact.in_segment("vips"),
    f.contact.city.freshness() >= 0.5,
    ~(f.contact.city.freshness() >= 0.5),
    f.contact.city.is_undated(),
    f.contact.primary_email.freshness() >= 0.9,
    (f.contact.country == "DK") & ((f.contact.city == "Aarhus") | ~(f.contact.household_size > 2)),
)


class RuleContract(ContractSetup):
    """Holds for `find` and `count` with rules."""

    @pytest.mark.parametrize("number", range(len(RULES)))
    def test_a_rule_finds_whom_the_reference_evaluation_finds(
        self, backend: Backend, make: Factory, number: int
    ) -> None:
        """Members, non-members and the undecided are those of Python's evaluation, in order."""
        _store_the_cast(backend, make)
        with reading(backend) as work:
            plain = bound(RULES[number], work)
            everybody = [contact for contact in work.contacts.all() if contact.status is RecordStatus.ACTIVE]
            facts = facts_of(work, everybody, NOW)
            answers = {contact.id: evaluator(plain)(facts[contact.id]) for contact in everybody}
            assert work.contacts.find(Query(plain)) == [one for one, answer in answers.items() if answer is True]
            assert work.contacts.find(Query(negate(plain))) == [
                one for one, answer in answers.items() if answer is False
            ]
            assert work.contacts.count(plain) == sum(answer is True for answer in answers.values())

    def test_missing_is_neither_true_nor_false(self, backend: Backend, make: Factory) -> None:
        """Members, non-members and unknowns part the contacts; `or_missing` lets unknown count as true."""
        dane, swede = make.contact(version=1, country="DK"), make.contact(version=1, country="SE")
        unknown = Contact(version=1)
        stored(backend, contacts=[dane, swede, unknown])
        is_dane = f.contact.country == "DK"
        assert members(backend, is_dane) == [dane.id]
        assert members(backend, ~is_dane) == [swede.id]
        assert members(backend, is_dane.or_missing()) == ids(dane, unknown)

    def test_only_visible_events_inside_the_window_count(self, backend: Backend, make: Factory) -> None:
        """Both ends of the window belong to it; the future is not seen."""
        times = {"start": NOW - timedelta(days=30), "end": NOW}
        inside = {name: make.contact(version=1) for name in times}
        before, after = make.contact(version=1), make.contact(version=1)
        moment = timedelta(microseconds=1)
        events = [make.interaction(contact=inside[name], at=at) for name, at in times.items()]
        events += [make.interaction(contact=before, at=NOW - timedelta(days=30) - moment)]
        events += [make.interaction(contact=after, at=NOW + moment)]
        stored(backend, contacts=[*inside.values(), before, after])
        with writing(backend) as work:
            work.interactions.add(events)
        assert members(backend, f.contact.purchases.count(within_days=30) == 1) == ids(*inside.values())
        assert members(backend, f.contact.purchases.count() == 0) == [after.id]

    def test_money_is_summed_in_one_currency(self, backend: Backend, make: Factory) -> None:
        """Events in another currency, and without an amount, are left out of a total."""
        contact = make.contact(version=1)
        values = (Money(minor_units=150, currency="DKK"), Money(minor_units=9_999, currency="EUR"), None)
        events = [make.interaction(contact=contact, value=value) for value in values]
        stored(backend, contacts=[contact])
        with writing(backend) as work:
            work.interactions.add(events)
        total = f.contact.purchases.total()
        assert members(backend, total >= Money(minor_units=150, currency="DKK")) == [contact.id]
        assert members(backend, total > Money(minor_units=150, currency="DKK")) == []

    def test_an_archived_account_is_no_account(self, backend: Backend, make: Factory) -> None:
        """Rules about the primary account are unknown for those whose account is not active."""
        acme = make.account(version=1, employees=500, status=RecordStatus.ARCHIVED)
        contact = make.contact(version=1, account=acme)
        stored(backend, accounts=[acme], contacts=[contact])
        assert members(backend, f.account.employees >= 100) == []
        assert members(backend, ~(f.account.employees >= 100)) == []

    def test_a_static_segment_is_its_list(self, backend: Backend, make: Factory) -> None:
        """Two-valued: who is listed is in, everybody else is out."""
        listed, other = make.contact(version=1), make.contact(version=1)
        segment = make.segment(version=1, key="vips")
        stored(backend, contacts=[listed, other], segments=[segment])
        with writing(backend) as work:
            work.segments.put_on(segment.id, [listed.id])
        assert members(backend, f.contact.in_segment("vips")) == [listed.id]
        assert members(backend, ~f.contact.in_segment("vips")) == [other.id]

    def test_freshness_falls_with_time(self, backend: Backend, make: Factory) -> None:
        """A value is fresh to the last microsecond of its bound, then no longer; undated ones are unknown."""
        fresh, old, undated = (make.contact(version=1, city="Aarhus", country="DK") for _ in range(3))
        stored(backend, contacts=[fresh, old, undated])
        with writing(backend) as work:
            half_life = work.freshness.half_lives()["b2c.address"]
            exactly = NOW - timedelta(days=half_life)
            work.freshness.put([_state(fresh, exactly, half_life)])
            work.freshness.put(
                [_state(old, exactly - timedelta(microseconds=1), half_life), _state(undated, None, half_life)]
            )
        rule = f.contact.city.freshness() >= 0.5
        assert members(backend, rule) == [fresh.id]
        assert members(backend, ~rule) == [old.id]
        assert members(backend, f.contact.city.is_undated()) == [undated.id]

    def test_the_primary_address_has_the_state_of_its_point(self, backend: Backend, make: Factory) -> None:
        """The first active point decides; a retired one does not."""
        contact = make.contact(version=1, emails=["first@example.com", "second@example.com"])
        stored(backend, contacts=[contact])
        with writing(backend) as work:
            first, second = contact.emails
            work.freshness.put([_point_state(contact, first.id, NOW - timedelta(days=9_000))])
            work.freshness.put([_point_state(contact, second.id, NOW)])
        rule = f.contact.primary_email.freshness() >= 0.9
        assert members(backend, rule) == []
        with writing(backend) as work:
            work.contacts.update([contact.evolve(emails=["second@example.com"], version=2)])
        assert members(backend, rule) == [contact.id]

    def test_rules_see_what_the_transaction_wrote(self, backend: Backend, make: Factory) -> None:
        """Inside a writing transaction a rule finds what was added, and not what was removed, a moment ago."""
        contact = make.contact(version=1, country="DK")
        with writing(backend) as work:
            rule = bound(f.contact.country == "DK", work)
            work.contacts.add([contact])
            assert work.contacts.find(Query(rule)) == [contact.id]
            work.contacts.update([contact.evolve(country="SE", city=CLEAR, version=2)])
            assert work.contacts.count(rule) == 0


def _state(contact: Contact, at: Any, half_life: float) -> FreshnessState:
    return observed(
        "contact.demographic.city",
        contact.id,
        contact.id,
        pool="b2c.address",
        source="test",
        reliability=1.0,
        observed_at=at,
        half_life_days=half_life,
    )


def _point_state(contact: Contact, point_id: Any, at: Any) -> FreshnessState:
    return observed(
        "contact.emails",
        contact.id,
        point_id,
        pool="b2c.email",
        source="test",
        reliability=0.95,
        observed_at=at,
        half_life_days=1276.0,
    )


def _store_the_cast(backend: Backend, make: Factory) -> None:
    """Store people who differ in everything that the rules ask."""
    big, small, gone = (make.account(version=1, employees=n) for n in (500, 5, 900))
    gone = gone.evolve(status=RecordStatus.ARCHIVED)
    people = [
        Contact(version=1),
        make.contact(version=1, country="DK", city="Aarhus", tags=["vip", "new"], household_size=3, account=big),
        make.contact(version=1, country="SE", city="Malmö", tags=["STRASSE"], household_size=2, account=small),
        make.contact(version=1, country="NO", city="100% Berg", birth_date=None, birth_year=1986, account=gone),
        make.contact(version=1, country="DK", city="Aalborg", birth_date="1990-04-01", is_decision_maker=False),
        make.contact(version=1, annual_income=Money(minor_units=100_000, currency="DKK"), preferred_channels=["sms"]),
        make.contact(version=1, annual_income=Money(minor_units=900_000, currency="EUR"), acquired_at=NOW),
        make.contact(version=1, country="DK", status=RecordStatus.ARCHIVED),
    ]
    vips, danes = (
        make.segment(version=1, key="vips"),
        make.segment(version=1, key="danes", rule=f.contact.country == "DK"),
    )
    stored(backend, accounts=[big, small, gone], contacts=people, segments=[vips, danes])
    days = ((1, 1), (1, 5), (2, 100), (3, 29), (4, 31), (7, 1))
    events = [make.interaction(contact=people[who], at=NOW - timedelta(days=ago)) for who, ago in days]
    events += [make.interaction(contact=people[3], product="HELMET"), make.interaction(contact=people[4], kind="visit")]
    with writing(backend) as work:
        work.interactions.add(events)
        work.segments.put_on(vips.id, [people[1].id, people[3].id])
        half_life = work.freshness.half_lives()["b2c.address"]
        work.freshness.put(
            [_state(people[1], NOW, half_life), _state(people[2], NOW - timedelta(days=9_000), half_life)]
        )
        work.freshness.put([_state(people[3], None, half_life), _point_state(people[1], people[1].emails[0].id, NOW)])
