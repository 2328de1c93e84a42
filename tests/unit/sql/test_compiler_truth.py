"""Every kind of leaf against a population that holds every corner: brute force, the same in each run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from mimcore.domain import fields as f
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState, observed
from mimcore.domain.interaction import Interaction
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.facts import facts_of
from mimcore.repositories.ports import Query
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind
from mimcore.rules.lowering.bound import negate
from mimcore.sql.backend import SqlBackend
from mimcore.values.money import Money

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BINDING = Binding(now=NOW, half_lives=DEFAULT_HALF_LIVES, segment=lambda key: SegmentReference(key, None))


def _dkk(units: int) -> Money:
    return Money(minor_units=units, currency="DKK")


def _moments() -> Iterator[datetime]:
    for days in (-10, 0, 10, 20):
        for microseconds in (-1, 0, 1):
            yield NOW - timedelta(days=days, microseconds=microseconds)


FIELDS: dict[str, list[object]] = {
    "country": [None, "DK", "SE"],
    "city": [None, "Aarhus", "ÅRHUS", "x%y", "aa"],
    "household_size": [None, 0, 1, 2, 3],
    "annual_income": [None, _dkk(1), _dkk(2), _dkk(3), Money(minor_units=2, currency="EUR")],
    "is_decision_maker": [None, True, False],
    "birth_date": [None, "2008-06-14", "2008-06-15", "2008-06-16", "2004-02-29"],
    "birth_year": [None, 2007, 2008, 2009],
    "acquired_at": [None, *_moments()],
    "tags": [(), ("VIP",), ("vip", "new"), ("other",)],
    "preferred_channels": [(), ("sms",), ("sms", "email")],
    "devices": [
        (),
        ({"kind": "tablet", "browser": "FireFox"},),
        ({"kind": "tablet"}, {"kind": "laptop", "browser": "firefox"}),
    ],
}
LEAVES: list[Rule] = [
    *(f.contact.country.is_in(list(codes)) for codes in [(), ("DK",), ("DK", "SE"), ("NO",)]),
    f.contact.country == "DK",
    f.contact.country.is_known(),
    *(test("å") for test in (f.contact.city.contains, f.contact.city.starts_with, f.contact.city.ends_with)),
    *(test("aa") for test in (f.contact.city.contains, f.contact.city.starts_with, f.contact.city.ends_with)),
    f.contact.city.contains("%"),
    f.contact.city == "årHUS",
    *(op(field, value) for field, values in ((f.contact.household_size, (0, 1, 2)), (f.contact.annual_income, (_dkk(1), _dkk(2))))
      for value in values
      for op in (type(field).__eq__, type(field).__ge__, type(field).__gt__, type(field).__le__, type(field).__lt__)),
    f.contact.annual_income.is_between(_dkk(2), _dkk(3)),
    f.contact.annual_income.is_in([_dkk(1), _dkk(3)]),
    f.contact.annual_income.is_known(),
    f.contact.is_decision_maker.is_true(),
    f.contact.is_decision_maker.is_false(),
    *(op(f.contact.age, age) for age in (17, 18, 22) for op in (type(f.contact.age).__ge__, type(f.contact.age).__gt__, type(f.contact.age).__le__, type(f.contact.age).__lt__)),
    f.contact.age.is_between(17, 18),
    f.contact.age == 18,
    f.contact.age.is_known(),
    f.contact.acquired_at.within_days(10),
    f.contact.acquired_at.older_than_days(10),
    f.contact.acquired_at.within_next_days(10),
    f.contact.birth_date <= "2008-06-15",
    f.contact.tags.overlaps("vip"),
    f.contact.tags.overlaps(),
    f.contact.tags.contains_all("vip", "NEW"),
    f.contact.tags.is_known(),
    f.contact.preferred_channels.overlaps("email"),
    f.contact.devices.any(kind="tablet", browser="FIREFOX"),
    f.contact.devices.is_known(),
    *(field.freshness() >= threshold for field in (f.contact.primary_email, f.contact.title, f.contact.interests) for threshold in (0.3, 0.5, 0.9)),
    *(field.is_undated() for field in (f.contact.primary_email, f.contact.title, f.contact.interests)),
    *(op(f.account.employees, 5) for op in (type(f.account.employees).__eq__, type(f.account.employees).__ge__, type(f.account.employees).__lt__)),
    f.account.employees.is_known(),
    f.account.stack.overlaps("crm"),
    f.account.annual_revenue >= _dkk(5),
    f.contact.purchases.count() == 1,
    f.contact.purchases.count(within_days=10) >= 1,
    f.contact.purchases.count() < 2,
    f.contact.purchases.total() >= _dkk(5),
    f.contact.purchases.total(within_days=10) < _dkk(5),
    f.contact.purchases.where(f.event.product.contains("helm")).count() >= 1,
    f.contact.purchases.where(~(f.event.product == "Helmet")).count() >= 1,
    f.contact.purchases.where((f.event.product != "Helmet").or_missing()).count() >= 1,
    f.contact.purchases.where(f.event.value > _dkk(4)).count() == 1,
    InSegment(segment="vips"),
]  # fmt: skip


def _people(accounts: list[Account]) -> list[Contact]:
    people = [
        Contact(**{name: value}, version=1)
        for name, several in FIELDS.items()
        for value in several
        if value != () or name == "tags"
    ]
    people += [Contact(birth_date="2008-06-15", annual_income=money, version=1) for money in (_dkk(2), None)]
    people += [Contact(accounts=[{"account_id": one.id}], version=1) for one in accounts]
    people += [
        Contact(emails=["a@example.com", "b@example.com"], title="CEO", interests=["x"], version=1) for _ in range(14)
    ]
    people += [Contact(country="DK", version=1, status=status) for status in ("archived", "merged")]
    return people


def _states(people: list[Contact]) -> Iterator[FreshnessState]:
    """Fresh, half gone, stale and undated values in two pools, for the second half of those with an address."""
    reached = [one for one in people if one.emails]
    ages = [None, *(timedelta(days=days) for days in (0, 300, 969, 1100, 5000))]
    for (age, is_business), one in zip(product(ages, (True, False)), reached, strict=False):
        seen = None if age is None else NOW - age
        prefix = "b2b" if is_business else "b2c"
        first, second = one.emails
        subjects = [
            ("contact.emails", first.id, f"{prefix}.email"),
            ("contact.employment.title", one.id, f"{prefix}.job_title"),
        ]
        subjects += [("contact.psychographic.interests", one.id, "survey")]
        for attribute, subject, pool in subjects:
            yield observed(
                attribute,
                one.id,
                subject,
                pool=pool,
                source="s",
                reliability=1.0,
                observed_at=seen,
                half_life_days=DEFAULT_HALF_LIVES[pool],
            )
        yield observed(
            "contact.emails",
            one.id,
            second.id,
            pool="b2c.email",
            source="s",
            reliability=1.0,
            observed_at=NOW,
            half_life_days=1276.0,
        )


def _events(people: list[Contact]) -> Iterator[Interaction]:
    sold = [("Helmet", _dkk(5)), ("Gloves", _dkk(4)), (None, Money(minor_units=9, currency="EUR")), (None, None)]
    for number, (one, (product_name, value), at) in enumerate(
        zip(people, sold * 9, list(_moments()) * 3, strict=False)
    ):
        if at <= NOW:
            for _ in range(1 + number % 2):
                yield Interaction(
                    kind=("purchase", "visit")[number % 5 == 4],
                    at=at,
                    contact_id=one.id,
                    product=product_name,
                    value=value,
                )


@pytest.fixture(scope="module")
def world():
    """One database for all leaves, and the facts of everybody in it."""
    backend = SqlBackend.connect("sqlite://")
    details = [
        {},
        {"employees": 5},
        {"employees": 6, "stack": ["CRM"]},
        {"employees": 4, "annual_revenue": _dkk(5)},
        {"employees": 5, "status": "archived"},
    ]
    accounts = [Account(name="x", version=1, **one) for one in details]
    people, segment = _people(accounts), Segment(key="vips", version=1)
    work = backend.begin()
    work.accounts.add(accounts)
    work.contacts.add(people)
    work.freshness.put(list(_states(people)))
    work.interactions.add(list(_events(people)))
    work.segments.add([segment])
    work.segments.put_on(segment.id, [one.id for one in people[::3]])
    facts = facts_of(work, people, NOW)
    active = [one.id for one in sorted(people, key=lambda one: one.id) if one.status is RecordStatus.ACTIVE]
    yield work, {one: facts[one] for one in active}
    work.rollback()
    backend.close()


@pytest.mark.parametrize("number", range(len(LEAVES)))
def test_a_leaf_in_all_its_forms(world, number: int) -> None:
    """Plain, negated, with missing counted as true, and that negated: members and non-members as in Python."""
    work, facts = world
    leaf = LEAVES[number]
    for rule in (leaf, ~leaf, leaf.or_missing(), ~leaf.or_missing(), (~leaf).or_missing()):
        bound = bind(rule, BINDING)
        answers = {one: evaluator(bound)(known) for one, known in facts.items()}
        for answer, asked in ((True, bound), (False, negate(bound))):
            assert work.contacts.find(Query(where=asked)) == [
                one for one, given in answers.items() if given is answer
            ], rule


def test_the_leaves_tell_the_population_apart(world) -> None:
    """No leaf is trivial for everybody but those that are so by their nature; most leave somebody unknown."""
    _, facts = world
    kinds = [frozenset(evaluator(bind(leaf, BINDING))(known) for known in facts.values()) for leaf in LEAVES]
    assert sum(len(kind) == 1 for kind in kinds) <= 2
    assert sum(None in kind for kind in kinds) >= 45
