"""What a new rule would do: by hand, on memory, SQLite and PostgreSQL, and against every contact asked one by one."""

from __future__ import annotations

import random

import pytest
from tests.rules import generate
from tests.stores import SECRET, ZONE, added

import mimcore as mim
from mimcore import fields as f

c = f.contact


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def everywhere(request, tmp_path, clock):
    """An empty store of each kind, PostgreSQL among them."""
    options = {"actor": "tester", "zone": ZONE, "clock": clock, "secret": SECRET}
    if request.param == "postgresql":
        url = request.getfixturevalue("shared_postgres_url")
        options["tenant"] = request.getfixturevalue("tenant")
    else:
        url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, **options) as store:
        yield store


PEOPLE = [
    ("DK", "Aarhus", 3),  # stays
    ("DK", "Odense", 3),  # enters: no longer must the city be Aarhus
    ("DK", "Aarhus", 2),  # enters: two are enough
    ("SE", "Aarhus", 3),  # enters: Sweden too
    ("SE", "Malmö", 2),  # enters: for all three reasons
    ("DK", None, 3),  # enters: was undecided
    ("DK", "Aarhus", None),  # undecided before and after
    ("NO", "Oslo", 9),  # never
    ("DK", "Aarhus", 8),  # leaves: at most 6 now
]
OLD = (c.country == "DK") & (c.city == "Aarhus") & (c.household_size >= 3)
NEW = c.country.is_in("DK", "SE") & (c.household_size >= 2) & ~(c.household_size > 6)


def test_who_enters_and_who_leaves_and_why(everywhere):
    """Nine people, counted by hand for each edit of the rule."""
    people = added(
        everywhere, *(mim.Contact(country=land, city=city, household_size=size) for land, city, size in PEOPLE)
    )
    found = mim.diff(OLD, NEW, everywhere)
    assert (found.before, found.entering.count, found.leaving.count, found.after) == (2, 5, 1, 6)
    assert found.entering.sample == tuple(person.id for person in people[1:6])
    assert [person.id for person in found.entering.stream()] == [person.id for person in people[1:6]]
    assert [person.id for person in found.leaving.stream()] == [people[8].id]
    assert [(edit.text, number) for edit, number in found.entering.reasons] == [
        ("~ country is DK → DK or SE", 2),
        ("~ household size is at least 3 → 2", 2),
        ("− city is Aarhus", 3),
        ("+ not (household size is more than 6)", 0),
    ]
    assert [number for _, number in found.leaving.reasons] == [0, 0, 0, 1]
    assert "2 before · 6 after · 1 stay" in str(found)
    assert "would enter" in found._repr_html_()
    assert people[1].id not in {person.id for person in found.leaving.stream()}


def test_inside_a_unit_of_work(everywhere):
    """What the transaction has written so far counts."""
    with everywhere.begin() as work:
        work.add(mim.Contact(country="SE"))
        found = mim.diff(c.country == "DK", c.country == "SE", work)
        assert (found.entering.count, found.leaving.count) == (1, 0)
        assert [one.demographic.country for one in found.entering.stream()] == ["SE"]


def test_segments_by_key_and_as_objects(store):
    """A key is found in the store; without one it is refused."""
    added(store, mim.Segment(key="danes", name="Danes", rule=c.country == "DK"), mim.Contact(country="SE"))
    assert mim.diff("danes", c.country == "SE", store).entering.count == 1
    segment = mim.Segment(key="swedes", name="Swedes", rule=c.country == "SE")
    assert str(mim.diff(segment, c.country == "DK")) == "~ country is SE → DK  (rule)"
    with pytest.raises(mim.MissingFactsError, match="store"):
        mim.diff("danes", "swedes")
    with pytest.raises(mim.NotFoundError, match="nobody"):
        mim.diff("nobody", "danes", store)


def test_generated_rules_agree_with_one_by_one(store):
    """Who moves is who the evaluation says moves; who moves by one edit alone is told by it."""
    rng = random.Random(5)
    world = generate.dataset(8, size=40)
    added(store, *(person.contact.model_copy(update={"accounts": ()}) for person in world.people))
    maker, moved = generate.Rules(rng, world.now, segments=()), 0
    simple = (maker._code, maker._integer, maker._boolean, maker._collection, maker._known)
    for _ in range(60):
        parts = [one for _ in range(4) if "account." not in str((one := rng.choice(simple)()).fields())]
        if len(parts) < 2:
            continue
        old, new = parts[0] & parts[1], parts[0] | parts[-1]
        found = mim.diff(old, new, store, now=world.now)
        answers = [
            [mim.evaluate(rule, mim.Facts(contact=person.contact, account=None)) is True for rule in (old, new)]
            for person in world.people
        ]
        assert found.entering.count == sum(after and not before for before, after in answers)
        assert found.leaving.count == sum(before and not after for before, after in answers)
        assert found.after == sum(after for _, after in answers)
        moved += found.entering.count + found.leaving.count
    assert moved > 100


# --- the rules alone --------------------------------------------------------------------------------------------------

DK, ADULT, CITY = c.country == "DK", c.age >= 18, c.city == "Ribe"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (DK & ADULT, ADULT & DK, "The rules are the same."),
        (DK, DK & ADULT, "+ age is at least 18  (rule.rules[1])"),
        (DK & ADULT, DK, "− age is at least 18  (rule.rules[1])"),
        (DK, ADULT, "~ country is DK → age is at least 18  (rule)"),
        (ADULT, c.age >= 21, "~ age is at least 18 → 21  (rule)"),
        (
            ~(DK | ADULT),
            ~(DK | CITY),
            "− age is at least 18  (rule.rule.rules[1])\n+ city is Ribe  (rule.rule.rules[1])",
        ),
        (DK & (ADULT | CITY), DK & (ADULT | (c.city == "Skive")), "~ city is Ribe → Skive  (rule.rules[1].rules[1])"),
        (
            (DK & CITY).or_missing(),
            (DK & CITY & ADULT).or_missing(),
            "+ age is at least 18  (rule.rule.rules[2])",
        ),
        (
            c.purchases.count(within_days=90) >= 3,
            c.purchases.count(within_days=90) >= 5,
            "~ the number of purchase events within the last 90 days is at least 3 → 5  (rule)",
        ),
    ],
)
def test_the_difference_of_two_rules(old, new, text):
    """Order makes none; each edit has its place in the JSON document."""
    assert str(mim.diff(old, new)) == text
    assert bool(mim.diff(old, new)) == (text != "The rules are the same.")
