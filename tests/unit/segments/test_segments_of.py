"""Which segments a contact is in, by a store: by hand, kept up to date, under writers beside it, equal to `store.members`."""

from __future__ import annotations

import asyncio
import random
import threading
from datetime import timedelta

import pytest
from tests.rules import generate
from tests.stores import SECRET, added, everywhere

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.language import nodes
from mimcore.segments import standing

__all__ = ["everywhere"]

c = f.contact


def _segments(store, **rules):
    with store.begin() as work:
        return work.add(*(mim.Segment(key=key.replace("_", "-"), rule=rule) for key, rule in rules.items()))


def test_it_follows_every_change_of_segments_and_data(everywhere):
    """Added, changed, archived, put on a list, in a rolled back unit of work; the data are those of now."""
    ana = added(everywhere, mim.Contact(country="DK"))
    assert everywhere.segments_of(ana).members == frozenset()
    danes, _, guests = _segments(
        everywhere, danes=c.country == "DK", known_danes=c.in_segment("danes") & c.city.is_known(), guests=None
    )
    found = everywhere.segments_of(ana.id)
    assert (found.members, found.unknown, found.at) == ({"danes"}, frozenset(), everywhere.now())
    with everywhere.begin() as work:
        ana = work.change(ana, city="Aarhus")
        work.put_on("guests", ana)
    assert everywhere.segments_of(ana).members == {"danes", "known-danes", "guests"}
    with everywhere.begin() as work:
        work.change(danes, is_archived=True)
    assert everywhere.segments_of(ana).members == {"known-danes", "guests"}
    with pytest.raises(ZeroDivisionError), everywhere.begin() as work:
        work.change(work.segments.get("danes"), rule=c.country == "SE")
        raise ZeroDivisionError
    assert everywhere.segments_of(ana).members == {"known-danes", "guests"}
    with everywhere.begin() as work:
        work.change(work.segments.get("danes"), rule=c.country == "SE", is_archived=False)
        work.take_off(guests, ana)
    assert everywhere.segments_of(ana).members == frozenset()


def test_custom_attributes_that_are_declared_later(everywhere):
    """The index is built anew with them."""
    ana = added(everywhere, mim.Contact(country="DK"))
    _segments(everywhere, danes=c.country == "DK")
    assert everywhere.segments_of(ana).members == {"danes"}
    points = mim.attribute("points", kind="integer")
    everywhere.attributes.declare(points)
    _segments(everywhere, collectors=points >= 10)
    assert everywhere.segments_of(ana).unknown == {"collectors"}
    with everywhere.begin() as work:
        work.change(ana, custom={"points": 12})
    assert everywhere.segments_of(ana.id).members == {"danes", "collectors"}


def test_it_holds_until_and_for_active_contacts_only(everywhere, clock):
    """A window ends; who is archived is in no segment and outside of none."""
    ana = added(everywhere, mim.Contact(acquired_at=clock() - timedelta(days=10)))
    _segments(everywhere, new=c.acquired_at.within_days(30))
    found = everywhere.segments_of(ana)
    assert (found.members, found.valid_until) == ({"new"}, clock() + timedelta(days=20))
    assert everywhere.segments_of(ana, now=clock() + timedelta(days=21)).members == frozenset()
    with everywhere.begin() as work:
        work.remove(ana)
    with pytest.raises(mim.InvalidValueError, match="is archived"):
        everywhere.segments_of(ana.id)


def test_consent_history_and_accounts_are_asked(everywhere):
    """What is read beside the contact is read for the segments there are."""
    acme = added(everywhere, mim.Account(name="Acme", employees=20))
    ana = added(
        everywhere,
        mim.Contact(
            city="Odense", emails=["ana@example.com"], accounts=[mim.AccountLink(account_id=acme.id, is_primary=True)]
        ),
    )
    _segments(
        everywhere,
        reachable=c.may_receive(channel="email", purpose="newsletter"),
        moved=c.city.changed(within_days=7),
        at_work=f.account.employees >= 10,
        fresh=c.city.freshness() >= 0.5,
    )
    before = everywhere.segments_of(ana)
    assert (before.members, before.unknown) == ({"at-work", "fresh"}, frozenset())
    with everywhere.begin() as work:
        work.change(ana, city="Aarhus")
    assert everywhere.segments_of(ana.id).members == {"at-work", "fresh", "moved"}


def test_the_past_has_segments_of_then(store, clock):
    """Rule and data of then; a field that was declared later is undecided."""
    ana = added(store, mim.Contact(country="DK"))
    danes, *_ = _segments(store, danes=c.country == "DK")
    then = clock()
    clock.advance(days=1)
    points = mim.attribute("points", kind="integer")
    store.attributes.declare(points)
    with store.begin() as work:
        work.change(danes, rule=(c.country == "SE"))
        work.change(ana, custom={"points": 3})
    assert store.segments_of(ana.id).members == frozenset()
    assert store.as_of(then).segments_of(ana.id).members == {"danes"}


def test_only_what_changed_is_read_again(store, monkeypatch):
    """Ten segments are read once; then the one that is new."""
    read: list[int] = []
    ana = added(store, mim.Contact(country="DK"))
    _segments(store, **{f"s{number}": c.children >= number for number in range(10)})
    real = standing.StandingIndex._seen_by

    def counted(self, transaction):
        get_many = transaction.segments.get_many
        transaction.segments.get_many = lambda ids: _noted(read, get_many(ids))
        return real(self, transaction)

    monkeypatch.setattr(standing.StandingIndex, "_seen_by", counted)
    assert len(store.segments_of(ana).unknown) == 10
    store.segments_of(ana)
    _segments(store, danes=c.country == "DK")
    assert store.segments_of(ana).members == {"danes"}
    assert read == [10, 1]


def _noted(read, found):
    read.append(len(found))
    return found


def test_a_transaction_beside_a_newer_one_answers_as_it_sees(store):
    """An older reader takes the index back to its own segments, and a newer one forward again."""
    ana = added(store, mim.Contact(country="DK"))
    danes, *_ = _segments(store, danes=c.country == "DK")
    index = standing.StandingIndex()
    old = store.read()
    with old as work:
        assert index.segments_of(work, ana, None).members == {"danes"}
        with store.begin() as writer:
            writer.change(danes, rule=c.country == "SE")
        with store.read() as newer:
            assert index.segments_of(newer, ana, None).members == frozenset()
        assert index.segments_of(work, ana, None).members == {"danes"}


def test_threads_ask_while_another_one_edits(store):
    """Each answer is that of some state: the two segments change together, so exactly one of them holds the contact."""
    ana = added(store, mim.Contact(country="DK"))
    one, two = _segments(store, one=c.country == "DK", two=c.country == "SE")
    wrong: list[frozenset[str]] = []
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            members = store.segments_of(ana).members
            if len(members) != 1:
                wrong.append(members)

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for step in range(15):
        lands = ("SE", "DK") if step % 2 == 0 else ("DK", "SE")
        with store.begin() as work:
            for key, land in zip((one.key, two.key), lands, strict=True):
                work.change(work.segments.get(key), rule=c.country == land)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_an_asynchronous_store_answers_many_tasks(tmp_path, clock):
    """Tasks of one thread ask at once: none waits for another one that waits for the database."""

    async def ask():
        url = f"sqlite:///{tmp_path / 'async.db'}"
        async with await mim.connect_async(url, actor="tester", clock=clock, secret=SECRET) as store:
            async with store.begin() as work:
                (ana,) = await work.add(mim.Contact(country="DK"))
                await work.add(mim.Segment(key="danes", rule=c.country == "DK"))
            return await asyncio.gather(*(store.segments_of(ana) for _ in range(8)))

    assert [one.members for one in asyncio.run(ask())] == [{"danes"}] * 8


def test_a_broken_rule_is_named(store):
    """It is refused, never skipped: skipping says "no" where nobody knows."""
    ana = added(store, mim.Contact())
    _segments(store, scored=nodes.ScoreTest(op="score_at_least", score="fit", value=0.5))
    with pytest.raises(mim.UnsupportedConditionError, match="segment 'scored': no scores are kept yet"):
        store.segments_of(ana)


@pytest.mark.parametrize("seed", [430, 431])
def test_it_agrees_with_the_members_of_each_segment(store, seed):
    """For generated rules; consent and events are those of the store."""
    world = generate.dataset(seed, size=4)
    made = [one for one in generate.rules(seed, 30, world.now) if not _asks_lists(one)]
    people = added(store, *(mim.Contact(country=land, city="FIN", children=1) for land in ("DK", "SE", None)))
    with store.begin() as work:
        segments = work.add(*(mim.Segment(key=f"s{number}", rule=rule) for number, rule in enumerate(made)))
    members = {one.key: {contact.id for contact in store.members(one)} for one in segments}
    for person in random.Random(seed).sample(list(people), 3):
        assert store.segments_of(person).members == {key for key, ids in members.items() if person.id in ids}


def _asks_lists(rule):
    return isinstance(rule, nodes.InSegment) or any(map(_asks_lists, rule.parts()))
