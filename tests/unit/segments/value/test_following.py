"""The lifecycle in a store: the attribute follows, each change is told once, whoever ticks and whatever is in between."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import added, examples

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import NotFoundError
from mimcore.segments.value.following import CHANGED
from mimcore.testing import FixedClock

LIFECYCLE = mim.Lifecycle(new_days=3, slipping_days=5, lapsed_days=9, won_back_days=4, loyal_purchases=3)


def told(store):
    """Take what waits in the outbox about stages: whose, from where, to where, in order."""
    waiting = store.events.pending(limit=10_000)
    store.events.done(waiting)
    return [
        (one.event.entity_id, one.event.data["from"], one.event.data["to"])
        for one in waiting
        if one.event.kind == CHANGED
    ]


def buy(store, who, at):
    """Record a purchase."""
    with store.begin() as work:
        work.record("purchase", contact=who, at=at, value=mim.money(1, "DKK"))


def test_a_life_by_hand(everywhere, clock) -> None:
    """From visitor to won back: each step is one event, and the attribute, the segment and the counts agree."""
    ana = added(everywhere, mim.Contact(name="Ana Berg"))
    everywhere.value.declare_lifecycle(LIFECYCLE)
    everywhere.run_due()
    seen = []
    for days, act in enumerate(["visit", "download", "purchase", None, None, None, "purchase"] + [None] * 16):
        at = clock()
        if act is not None:
            with everywhere.begin() as work:
                work.record(act, contact=ana, at=at)
        if days == 17:  # the second purchase was on day 6, the gap ends on day 17
            buy(everywhere, ana, at)
        for _ in range(2):
            everywhere.run_due()
        stage = everywhere.contacts.get(ana).custom["lifecycle"]
        counts = everywhere.value.lifecycle()
        assert [one.value for one, number in counts.stages.items() if number] == [stage]
        assert ana in everywhere.segments.members(f"lifecycle-{stage.replace('_', '-')}")
        seen.append(stage)
        clock.advance(days=1)
    assert seen == (
        ["visitor", "lead", "new", "new", "new", "new", "repeat"] + ["repeat"] * 5 + ["slipping"] * 4
        + ["lapsed"] + ["won_back"] * 5 + ["loyal"]
    )  # fmt: skip
    steps = [None, "visitor", "lead", "new", "repeat", "slipping", "lapsed", "won_back", "loyal"]
    assert told(everywhere) == [(ana.id, *pair) for pair in pairwise(steps)]


def test_rules_ask_the_attribute_its_present_and_its_past(everywhere, clock) -> None:
    """It is a field like any other: within the same tick, with history, in time travel."""
    ana, bo = added(everywhere, mim.Contact(), mim.Contact())
    everywhere.value.declare_lifecycle(LIFECYCLE)
    stage = LIFECYCLE.field
    added(everywhere, mim.Segment(key="lost", rule=(stage == "lapsed") & stage.has_ever_been("new")))
    buy(everywhere, ana, clock())
    everywhere.run_due()
    clock.advance(days=1)
    day_one = clock()
    clock.advance(days=12)
    everywhere.run_due()
    assert set(everywhere.segments.members("lost")) == {ana.id}
    with everywhere.read() as work:
        assert work.contacts.ids(stage.changed(within_days=2)) == [ana.id]
    assert everywhere.as_of(day_one).contacts.get(ana).custom["lifecycle"] == "new"
    assert everywhere.contacts.get(bo).custom["lifecycle"] == "visitor"


def test_declaring_again_changes_nothing_and_another_definition_moves_people(everywhere, clock) -> None:
    """Thresholds are data: segments keep their names, rules change, the next tick tells who moved."""
    ana = added(everywhere, mim.Contact())
    assert everywhere.value.follow_lifecycle() is None
    with pytest.raises(NotFoundError, match="declare_lifecycle"):
        everywhere.value.lifecycle()
    first = everywhere.value.declare_lifecycle(LIFECYCLE)
    assert everywhere.value.declare_lifecycle(LIFECYCLE) == first
    buy(everywhere, ana, clock())
    clock.advance(days=4)
    assert str(everywhere.value.follow_lifecycle()) == "1 changed, now 1 active"
    everywhere.value.declare_lifecycle(LIFECYCLE.evolve(new_days=4))
    found = everywhere.value.follow_lifecycle()
    assert dict(found.changed) == {("active", "new"): 1}
    assert told(everywhere) == [(ana.id, None, "active"), (ana.id, "active", "new")]
    assert everywhere.value.lifecycle().to_rows()[2] == {"stage": "new", "contacts": 1}
    assert len(everywhere.value.lifecycle().to_frame()) == 9
    assert "100" in str(everywhere.value.lifecycle())


def test_an_earlier_instant_changes_nothing(store, clock) -> None:
    """Stages only go forward in time, as memberships do; a tick for the past says so."""
    ana = added(store, mim.Contact())
    store.value.declare_lifecycle(LIFECYCLE)
    buy(store, ana, clock())
    clock.advance(days=7)
    store.run_due()
    told(store)
    found = store.value.follow_lifecycle(now=clock() - timedelta(days=6))
    assert found.is_superseded
    assert "a later run" in str(found)
    assert told(store) == []


def test_stages_edited_by_hand_are_decided_by_their_order(store, clock) -> None:
    """Where two hold the first one counts, tick after tick; where none does the attribute stays; archived ones rest."""
    ana, bo = added(store, mim.Contact(country="DK"), mim.Contact())
    store.value.declare_lifecycle(LIFECYCLE)
    with store.begin() as work:
        work.change(work.segments.get("lifecycle-lead"), rule=f.contact.country == "DK")
    for _ in range(3):
        store.run_due()
    assert told(store) == [(ana.id, None, "visitor"), (bo.id, None, "visitor")]
    with store.begin() as work:
        work.change(work.segments.get("lifecycle-visitor"), rule=f.contact.country == "SE")
    store.run_due()
    assert told(store) == [(ana.id, "visitor", "lead")]
    assert store.contacts.get(bo).custom["lifecycle"] == "visitor"
    with store.begin() as work:
        for segment in work.segments.all():
            work.change(segment, is_archived=True)
    clock.advance(days=1)
    assert [one.name for one in store.run_due()] == ["segments"]


def test_two_ticks_at_once_tell_once(everywhere, clock) -> None:
    """Each of many people is told of exactly once, however many processes tick."""
    people = added(everywhere, *(mim.Contact() for _ in range(40)))
    everywhere.value.declare_lifecycle(LIFECYCLE)
    at, failures = clock(), []

    def tick():
        try:
            everywhere.value.follow_lifecycle(now=at)
        except mim.MimcoreError as error:  # a busy database may say so; nothing is told twice then
            failures.append(error)

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    assert Counter(told(everywhere)) == Counter((one.id, None, "visitor") for one in people)


ACTS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["purchase", "download", "tick", "wait", "archive"]), st.integers(0, 6)
    ),
    max_size=25,
)


@given(ACTS)
@examples(60)
def test_the_events_add_up_to_the_stages(acts) -> None:
    """Random lives: events chain from stage to stage without a gap, end at the attribute, and a second tick is silent."""
    clock = FixedClock("2026-05-01T10:00Z")
    with mim.connect("memory:", clock=clock) as store:
        people = added(store, *(mim.Contact() for _ in range(4)))
        store.value.declare_lifecycle(LIFECYCLE)
        chain = {one.id: [None] for one in people}

        def follow():
            store.run_due()
            for who, before, after in told(store):
                assert chain[who][-1] == before != after
                chain[who].append(after)

        for place, act, days in acts:
            if act == "wait":
                clock.advance(days=days)
            elif act == "tick":
                follow()
            elif act == "archive":
                with store.begin() as work:
                    stored = work.contacts.get(people[place])
                    work.change(stored, status="active" if stored.status == "archived" else "archived")
            else:
                with store.begin() as work:
                    work.record(act, contact=people[place], at=clock() - timedelta(days=days))
        follow()
        store.run_due()
        assert told(store) == []
        with store.read() as work:
            events = work.transaction.interactions.of([one.id for one in people])
            for one in people:
                stored = work.contacts.get(one)
                assert stored.custom.get("lifecycle") == chain[one.id][-1]
                if stored.status == "active":
                    assert chain[one.id][-1] == LIFECYCLE.stage_of(events[one.id], now=clock())
