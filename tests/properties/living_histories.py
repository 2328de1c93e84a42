"""Random histories of a store whose segments are refreshed now and then, and what the members were after each refresh."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

from hypothesis import strategies as st
from tests.properties.past_histories import History, number, one_step

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import ConsentError, InvalidValueError

c = f.contact
RULES = (
    c.city == "Aarhus",
    c.events("visit").count(within_days=5) >= 1,
    c.in_segment("townsfolk-0") & ~c.in_segment("vip"),
    c.city.changed(within_days=3),
    c.may_receive(channel="email", purpose="newsletter"),
    c.city.freshness() >= 0.93,
    f.account.country == "DK",
    c.purchases.count() >= 1,
    c.tags.overlaps("x") | c.in_segment("townsfolk-1"),
    (~(c.city == "Ribe")).or_missing() & (c.tags.overlaps("new") | (c.purchases.count() >= 1)),
    c.in_segment("townsfolk-2") | (c.owner == "maria"),
)
SEGMENTS = 7
"""So many segments follow one of the rules; those that a rule names keep theirs."""

living_step = st.one_of(
    one_step,
    st.tuples(
        st.sampled_from([0, 0, 1, 4]),
        st.one_of(
            st.tuples(st.just("refresh")),
            st.tuples(st.just("refresh")),
            st.tuples(st.just("refresh")),
            st.tuples(st.just("event"), number, st.integers(0, 3)),
            st.tuples(st.just("hours"), st.integers(1, 200)),
            st.tuples(st.just("pin"), number, number, st.sampled_from(["include", "exclude", "release"])),
            st.tuples(st.just("edit"), st.integers(3, SEGMENTS - 1), st.integers(0, len(RULES) - 1)),
            st.tuples(st.just("firm"), number, st.sampled_from(["DK", "SE"])),
            st.tuples(st.just("refresh one"), number),
            st.tuples(st.just("refresh slowly"), st.integers(0, 1)),
            st.tuples(st.just("consent for"), number, st.integers(1, 6)),
        ),
    ),
)
living_steps = st.lists(living_step, min_size=3, max_size=16)


class LivingHistory(History):
    """Two people, seven segments and a list; after every refresh the members are compared with the rules' answers."""

    def __init__(self, store, clock, *, is_full=False):
        """Begin with nobody in any segment."""
        self.is_full, self.refreshed, self.compared = is_full, {}, 0
        super().__init__(store, clock)
        with store.begin() as work:
            work.add(
                mim.Segment(key="vip"),
                *(mim.Segment(key=f"townsfolk-{at}", rule=RULES[at]) for at in range(SEGMENTS)),
            )

    def run(self, steps):
        """Do every step that is possible, and refresh at the end."""
        for days, (what, *details) in [*steps, (1, ("refresh",))]:
            self.clock.advance(days=days)
            getattr(self, f"_{what.replace(' ', '_')}")(*details)
        return self

    def segment_keys(self):
        """Every segment that may have members."""
        return sorted(one.key for one in self.store.segments.all())

    def _refresh(self, **options):
        done = self.store.segments.refresh(full=self.is_full, **options)
        assert done.failed == {}
        assert not done.is_superseded
        members = {}
        for key in self.segment_keys():
            members[key] = self.store.segments.members(key).ids
            live = tuple(one.id for one in self.store.members(key))
            assert members[key] == live, f"{key} at {self.clock()}: {members[key]} by the log, {live} by the rule"
            self.compared += 1
        self.refreshed[self.clock()] = members

    def _refresh_one(self, number):
        keys = self.segment_keys()
        self.refreshed.pop(self.clock(), None)  # what changed at the same instant is taken in for this one
        self.store.segments.refresh(keys[number % len(keys)])

    def _refresh_slowly(self, people):
        """Rules on time that are new are not known of everybody afterwards."""
        self._refresh(catch_up=people)

    def _consent_for(self, number, days):
        """A consent that ends by itself."""
        one = self._active(number)
        if one is not None and one.primary_email is not None:
            with self.store.begin() as work, suppress(ConsentError):
                work.grant(
                    one.primary_email,
                    channel="email",
                    purpose="newsletter",
                    method="form",
                    notice="n1",
                    expires_at=self.clock() + timedelta(days=days),
                )

    def _hours(self, hours):
        self.clock.advance(hours=hours)

    def _pin(self, who, which, how):
        if (one := self._active(who)) is not None:
            keys = self.segment_keys()
            getattr(self.store.segments, how)(keys[which % len(keys)], one, reason="said so")

    def _edit(self, which, rule):
        with self.store.begin() as work:
            work.change(work.segments.get(f"townsfolk-{which}"), rule=RULES[rule] if rule != 10 else RULES[0])

    def _firm(self, number, country):
        with self.store.begin() as work:
            known = work.accounts.all()
            if known:
                work.change(known[number % len(known)], country=country)

    def _list(self, number, is_on):
        with suppress(InvalidValueError):  # somebody was excluded, or included, by hand
            super()._list(number, is_on)

    def moves(self):
        """Everything that the log says, without ids: contacts are numbered in the order in which they were made."""
        logs = {key: self.store.segments.moves(key) for key in self.segment_keys()}
        ids = sorted({one.contact_id for moves in logs.values() for one in moves}, key=lambda one: one.int)
        number = {one: at for at, one in enumerate(ids)}
        return {
            key: sorted(
                (one.at, number[one.contact_id], one.has_entered, one.cause, one.because, one.origin, one.actor)
                for one in moves
            )
            for key, moves in logs.items()
        }


def check_log(history):
    """The log as of every refresh is what was then; its sum is the set; moves take turns; one event a move."""
    store = history.store
    moves = [one for key in history.segment_keys() for one in store.segments.moves(key)]
    for instant, members in history.refreshed.items():
        for key, ids in members.items():
            at_once = (one for one in moves if one.segment == key and one.at == instant)
            if all(one.actor == "refresh" for one in at_once):  # nobody moved anybody by hand at the same instant
                assert store.segments.members(key, at=instant).ids == ids, (key, instant)
    by_pair = {}
    for one in moves:
        by_pair.setdefault((one.segment, one.contact_id), []).append(one)
    for (key, contact), mine in by_pair.items():
        assert [one.has_entered for one in mine] == [at % 2 == 0 for at in range(len(mine))]
        assert (contact in store.segments.members(key)) is mine[-1].has_entered
        assert [one for one in store.segments.history(contact) if one.segment == key] == mine
        assert all(one.at <= other.at for one, other in pairwise(mine))
    told = [one.event for one in store.events.pending(limit=100_000)]
    told = [
        (one.data["segment"], one.entity_id, one.kind == "segment_entered", one.at)
        for one in told
        if one.kind in {"segment_entered", "segment_left"}
    ]
    assert sorted(told) == sorted((one.segment, one.contact_id, one.has_entered, one.at) for one in moves)
    return len(moves)


def replayed_at(moves, instant):
    """Members by the plainest replay of a segment's moves."""
    members = set()
    for one in moves:
        if one.at <= instant:
            (members.add if one.has_entered else members.discard)(one.contact_id)
    return tuple(sorted(members, key=lambda one: one.int))


def check_replay(history):
    """As-of by the store is a replay from the beginning, at every instant of a move and between them."""
    for key in history.segment_keys():
        moves = history.store.segments.moves(key)
        for instant in {one.at + timedelta(seconds=late) for one in moves for late in (-1, 0, 1)}:
            assert history.store.segments.members(key, at=instant).ids == replayed_at(moves, instant), (key, instant)
