"""What to ask one person next: what decides something, what is doubtful, and nothing that is fresh or without a use."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import added, examples, opened

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, NotFoundError, UnknownFieldError
from mimcore.testing import FixedClock

CYCLISTS = mim.Segment(key="cyclists", rule=f.contact.interests.overlaps("cycling") & (f.contact.country == "DK"))
DANES = mim.Segment(key="danes", rule=f.contact.country == "DK")
BUYERS = mim.Segment(key="buyers", rule=(f.contact.title == "Buyer") & (f.contact.age >= 30))


def asked(store, contact, **given):
    """Names of the fields that would be asked for."""
    return [one.field.spec.short for one in store.quality.next_questions(contact, **given)]


def test_what_decides_most_comes_first(store):
    """A missing country decides two memberships, the interests none while the country is missing: the rule's other half."""
    ana = added(store, mim.Contact(name="Ana Berg", emails=["ana@acme.dk"]))
    assert asked(store, ana) == []  # no segment yet: nothing has a use
    added(store, CYCLISTS, DANES)
    (only,) = store.quality.next_questions(ana)
    assert (only.field.spec.short, only.gain, only.segments) == ("country", 1.0, ("danes",))
    dane = added(store, mim.Contact(name="Bo Holm", country="DK"))
    (first,) = store.quality.next_questions(dane)
    assert (first.name, first.reason) == ("contact.psychographic.interests", "not known; decides whether in cyclists")
    both = added(store, mim.Contact(interests=["cycling"]))
    (country,) = store.quality.next_questions(both)
    assert (country.gain, country.segments) == (2.0, ("cyclists", "danes"))


def test_what_is_fresh_is_not_asked_again(store, clock):
    """Until it is doubtful: then by how much; an undated value is as good as none."""
    added(store, DANES)
    ana = added(store, mim.Contact(name="Ana Berg", country="DK"))
    assert asked(store, ana) == []
    assert asked(store, ana, fresh=0.99) == ["country"]
    clock.advance(days=2173)
    (question,) = store.quality.next_questions(ana)
    assert question.freshness == pytest.approx(0.49)
    assert question.gain == pytest.approx(0.51)
    assert "49" in question.reason
    with store.begin() as work:
        work.confirm(ana, f.contact.country, by="owner")
    assert asked(store, ana) == []
    with store.begin(observed_at=mim.UNDATED) as work:
        (bo,) = work.add(mim.Contact(name="Bo Holm", country="DK"))
    (undated,) = store.quality.next_questions(bo)
    assert (undated.freshness, undated.gain, undated.reason) == (
        None, 1.0, "nobody knows since when; decides whether in danes"
    )  # fmt: skip


def test_any_way_to_an_age_is_an_age(store):
    """Of a rule on ages the year of birth is asked, unless there is a birth date or a band; of birthdays the date."""
    added(store, BUYERS)
    buyer = added(store, mim.Contact(name="Ana Berg", title="Buyer"))
    assert asked(store, buyer) == ["birth_year"]
    known = added(store, mim.Contact(name="Bo Holm", title="Buyer", birth_date="1980-02-03"))
    assert asked(store, known) == ["title"] or asked(store, known) == []
    birthday = {"birthdays": f.contact.birth_date.anniversary(within_days=7)}
    assert asked(store, buyer, segments=birthday) == ["birth_date"]


def test_points_are_asked_for_as_forms_do(store):
    """A rule about the address asks for the first one."""
    ana = added(store, mim.Contact(name="Ana Berg"))
    found = store.quality.next_questions(ana, segments={"reachable": f.contact.primary_email.is_known()})
    form = mim.form(*found.fields, key="profile")
    assert [one.name for one in form.questions] == ["email"]


def test_forms_and_purposes_are_uses(store):
    """Both count; a cheap question comes before a dear one of the same gain; no more than wanted."""
    ana = added(store, mim.Contact(name="Ana Berg", emails=["ana@acme.dk"]))
    signup = mim.form("email", "given_name", "city", key="signup")
    given = {"forms": [signup], "purposes": {"contact.title": "a fitting greeting", "contact.city": "events near by"}}
    found = store.quality.next_questions(ana, **given)
    assert [(one.field.spec.short, one.gain) for one in found] == [("city", 2.0), ("title", 1.0)]
    assert found.questions[0].reason == "not known; asked by the form 'signup'; events near by"
    assert asked(store, ana, limit=1, costs={"contact.city": 3.0}, **given) == ["title"]
    assert len(found) == 2
    for shown in (str(found), found._repr_html_()):
        assert "events near by" in shown
        assert "Ana" not in shown


def test_what_is_never_asked(store):
    """Special categories, records, places and money; fields of accounts and worked-out ones."""
    ana = added(store, mim.Contact(name="Ana Berg"))
    rules = {
        "believers": f.contact.beliefs.overlaps("x"),
        "big": f.contact.account.employees >= 10,
        "placed": f.contact.location.within_km(mim.location(55.7, 12.6), 10),
        "known": f.contact.name_title.is_known(),
    }
    assert asked(store, ana, segments=rules) == ["name_title"]
    with pytest.raises(InvalidValueError, match="limit: must be positive"):
        store.quality.next_questions(ana, limit=0)
    with pytest.raises(InvalidValueError, match="fresh: is no probability"):
        store.quality.next_questions(ana, fresh=0.0)
    with pytest.raises(InvalidValueError, match="costs: must be positive"):
        store.quality.next_questions(ana, costs={"contact.city": 0.0})
    with pytest.raises(UnknownFieldError):
        store.quality.next_questions(ana, purposes={"contact.citty": "x"})
    with pytest.raises(NotFoundError):
        store.quality.next_questions("01890000-0000-7000-8000-000000000000")


def test_archived_segments_and_lists_are_no_use(store):
    """Nobody reads them for a decision."""
    ana = added(store, mim.Contact(name="Ana Berg"))
    added(store, DANES.evolve(is_archived=True), mim.Segment(key="by-hand"))
    assert asked(store, ana) == []


def test_custom_attributes_are_asked_for(store):
    """With a handle that a form takes."""
    tier = mim.attribute("tier", options=["gold", "silver"], half_life_days=100)
    store.attributes.declare(tier)
    ana = added(store, mim.Contact(name="Ana Berg"))
    found = store.quality.next_questions(ana, segments={"gold": tier == "gold"})
    assert [one.spec.short for one in found.fields] == ["tier"]
    assert mim.form(*found.fields, key="tier").questions[0].options == {"gold", "silver"}


def test_asynchronously(tmp_path):
    """Through `run`, as every room of a store."""

    async def ask():
        async with await mim.connect_async(f"sqlite:///{tmp_path / 'people.db'}", actor="tester") as store:
            async with store.begin() as work:
                (ana, _) = await work.add(mim.Contact(name="Ana Berg"), DANES)
            return await store.run(lambda s: [one.name for one in s.quality.next_questions(ana)])

    assert asyncio.run(ask()) == ["contact.demographic.country"]


@examples(25)
@given(
    country=st.sampled_from([None, "DK", "SE"]),
    title=st.sampled_from([None, "Buyer", "Seller"]),
    days=st.integers(0, 6000),
    fresh=st.floats(0.1, 1.0),
)
def test_never_fresh_never_without_a_use(tmp_path, country, title, days, fresh):
    """Whatever is known and however old it is; every answer that is asked for changes a membership for some value."""
    clock = FixedClock("2026-05-01T10:00Z")
    rules = {"danes": f.contact.country == "DK", "buyers": (f.contact.title == "buyer") & (f.contact.country == "DK")}
    with opened("memory", tmp_path, clock) as store:
        ana = added(store, mim.Contact(name="Ana Berg", country=country, title=title))
        clock.advance(days=days)
        for one in store.quality.next_questions(ana, segments=rules, fresh=fresh):
            assert one.freshness is None or one.freshness < fresh
            values = {"country": ["DK", "FI"], "title": ["buyer", "nobody"]}[one.field.spec.short]
            people = [ana.evolve(**{one.field.spec.short: value}) for value in values]
            for segment in one.segments:
                assert len({mim.evaluate(rules[segment], mim.Facts(contact=each)) for each in people}) == 2
