"""Rules about accounts, history and consent through a store: found, counted, explained, in the present and the past."""

from __future__ import annotations

import asyncio

import pytest

import mimcore as mim
from mimcore.errors import InvalidValueError, MissingFactsError
from mimcore.rules.evaluation.facts import PastValue
from mimcore.rules.language import nodes
from mimcore.testing import FixedClock, assert_segment
from mimcore.testing.factories import Factory

CITY = "contact.demographic.city"
NEWS = nodes.MayReceive(channel="email", purpose="newsletter")
BIG = nodes.AccountTest(
    op="any_account", where=nodes.Compare(op="at_least", field="account.firmographic.employees", value=100)
)


def lived(city):
    """The city was ever this one."""
    return nodes.EverBeen(field=CITY, value=city)


def moved(days):
    """The city changed in so many days."""
    return nodes.ChangedWithin(field=CITY, days=days)


@pytest.fixture
def clock():
    """A clock that stands at noon in Copenhagen on 1 February 2026."""
    return FixedClock("2026-02-01T11:00Z")


@pytest.fixture
def ana(store, clock):
    """Ana, in Odense in February; in March she is said to be in Aarhus, in April to have been in Ribe in mid-February."""
    with store.begin() as work:
        acme = mim.Account(name="Acme", employees=500)
        ana = mim.Contact(name="Ana Berg", emails=["ana@acme.dk"], city="Odense", account=acme)
        _, ana, _ = work.add(acme, ana, mim.Contact(city="Ribe"))
    clock.move_to("2026-03-01T11:00Z")
    with store.begin() as work:
        work.change(ana.id, city="Aarhus")
        given = work.contacts.get(ana.id).emails[0]
        work.grant(given, channel="email", purpose="newsletter", method="form", notice="v1")
    clock.move_to("2026-04-01T11:00Z")
    with store.begin() as work:
        work.change(ana.id, city="Ribe", observed_at="2026-02-15")
        work.withdraw(given, channel="email", purpose="newsletter")
    return ana


@pytest.mark.parametrize(
    ("rule", "at", "hindsight", "answer"),
    [
        (lived("odense"), None, False, True),
        (lived("Aarhus"), None, False, True),
        (lived("Ribe"), "2026-03-20", False, False),  # nobody had said so
        (lived("Ribe"), "2026-03-20", True, True),  # before she was in Aarhus
        (lived("Aarhus"), "2026-02-20", False, False),
        (lived("Aarhus"), "2026-02-20", True, False),
        (moved(31), "2026-03-20", False, True),
        (moved(10), "2026-02-20", False, False),
        (moved(10), "2026-02-20", True, True),
        (moved(10), "2026-03-20", True, False),
        (moved(35), None, False, True),  # Odense to Aarhus, a month ago
        (moved(20), None, False, False),
        (NEWS, "2026-02-20", False, False),
        (NEWS, "2026-03-20", False, True),
        (NEWS, None, False, False),  # withdrawn meanwhile
        (BIG, None, False, True),
        (BIG, "2026-03-20", False, True),
    ],
)
def test_found_and_explained_in_present_and_past(store, ana, rule, at, hindsight, answer) -> None:
    """What a store finds is what it explains; the past has the history and the consent that were known then."""
    asked = {"as_of": at, "hindsight": hindsight}
    assert store.explain(rule, ana, **asked).answer is answer
    assert store.explain(~rule & nodes.Everyone(), ana, **asked).answer is not answer
    assert (ana.id in {one.id for one in store.members(rule, **asked)}) is answer
    assert (ana.id in {one.id for one in store.members(~rule, **asked)}) is not answer
    verdicts = store.contacts.verdicts(rule, **asked)
    assert verdicts.members + verdicts.non_members + verdicts.unknown == store.contacts.count(**asked)


def test_a_unit_of_work_sees_what_it_changed(store, clock) -> None:
    """History and consent are looked up anew for every question, inside a transaction too."""
    with store.begin() as work:
        (bo,) = work.add(mim.Contact(emails=["bo@acme.dk"], city="Odense"))
        assert work.contacts.ids(moved(1)) == []
        bo = work.change(bo, city="Ribe")
        assert work.contacts.ids(moved(1) & lived("odense") & ~NEWS) == [bo.id]
        work.grant(bo.emails[0], channel="email", purpose="newsletter", method="form", notice="v1")
        assert [one.id for one in work.contacts.find(moved(1) & NEWS).items] == [bo.id]
        assert [one.id for one in work.contacts.stream(NEWS)] == [bo.id]


def test_segments_inside_segments_are_looked_up(store, ana) -> None:
    """A rule that names a segment asks for everything that the segment's rule asks for."""
    with store.begin() as work:
        work.add(mim.Segment(key="movers", rule=lived("aarhus")))
    inside = nodes.InSegment(segment="movers") & BIG
    assert [one.id for one in store.members(inside)] == [ana.id]
    assert store.explain(inside, ana).answer is True
    assert store.preview(inside).members == 1


def test_a_channel_without_points_is_refused(store, ana) -> None:
    """By the store's answers and by its explanation alike, as an audience refuses it."""
    rule = nodes.MayReceive(channel="paid_search", purpose="offers")
    for ask in (lambda: store.members(rule), lambda: store.explain(rule, ana)):
        with pytest.raises(InvalidValueError, match="has no contact points"):
            ask()


def test_the_asynchronous_store_looks_up_too(tmp_path) -> None:
    """The same questions, awaited."""

    async def ask():
        async with await mim.connect_async(f"sqlite:///{tmp_path / 'a.db'}", clock=FixedClock()) as store:
            async with store.begin() as work:
                (bo,) = await work.add(mim.Contact(emails=["bo@acme.dk"], city="Odense"))
                await work.change(bo, city="Ribe")
            explained = await store.explain(lived("Odense"), bo)
            return await store.contacts.ids(lived("Odense") & moved(1) & ~NEWS) == [bo.id], explained.answer

    assert asyncio.run(ask()) == (True, True)


def test_facts_of_a_factory_have_accounts() -> None:
    """A segment about accounts is asserted on bare contacts; history and consent must be given."""
    make = Factory(seed=1)
    big, small = make.account(employees=500), make.account(employees=5)
    member, other = make.contact(account=big), make.contact(account=small)
    assert_segment(BIG, includes=[member], excludes=[other, mim.Contact()], factory=make)
    with pytest.raises(MissingFactsError, match="history"):
        assert_segment(lived("Odense"), includes=[member], factory=make)
    past = PastValue(CITY, "Odense", None, make.now)
    facts = mim.Facts(contact=member, history=[past], permissions=frozenset({("email", "newsletter")}))
    assert_segment(lived("odense") & NEWS, includes=[facts])
