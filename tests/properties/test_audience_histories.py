"""Random histories after an audience was frozen: what was frozen stays, the numbers add up, the gate has the last word."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import KINDS, START, examples, opened, ordered_ids

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.audience import Fate
from mimcore.domain.vocabularies import RecordStatus
from mimcore.identity.duplicates import DuplicatePair
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids

NEWS = {"channel": "email", "purpose": "newsletter"}
MAILS = [f"{letter}@acme.dk" for letter in "abcdef"]
people = st.lists(
    st.fixed_dictionaries(
        {
            "mails": st.lists(st.sampled_from(MAILS), max_size=2, unique=True),
            "consent": st.sampled_from([True, True, True, False]),
            "country": st.sampled_from(["DK", "DK", "DK", "SE", None]),
            "is_press": st.sampled_from([False, False, False, True]),
            "sends": st.integers(0, 2),
        }
    ),
    min_size=3,
    max_size=9,
)
splits = st.sampled_from(
    [None, {"test": 0.5, "control": 0.5}, {"a": 0.3, "b": 0.3, "control": 0.4}, {"control": 0.6, "test": 0.4}]
)
caps = st.sampled_from(
    [(), (mim.FrequencyCap(1, days=7),), (mim.FrequencyCap(2, days=3), mim.FrequencyCap(3, days=30))]
)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["merge", "merge", "undo", "withdraw", "suppress", "remove", "send", "hand_over", "other", "wait"]
        ),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=12,
)


def populate(store, crowd):
    """Add the people; some are on a list, some were written to two days ago."""
    with store.begin() as work:
        work.add(mim.Segment(key="press"), mim.Segment(key="danes", rule=f.contact.country == "DK"))
    made = []
    for one in crowd:
        given_country = {} if one["country"] is None else {"country": one["country"]}
        with store.begin() as work:
            (person,) = work.add(mim.Contact(emails=one["mails"], **given_country))
            for point in person.emails if one["consent"] else ():
                work.grant(point, **NEWS, method="form", notice="v", evidence={"form": "1"}, at="2026-04-01T10:00Z")
            if one["is_press"]:
                work.put_on("press", person)
            for number in range(one["sends"]):
                at = store.now() - timedelta(days=2, hours=number)
                work.record("mailing_sent", contact=person, at=at, channel="email")
        made.append(person.id)
    return made


def step(store, audience, made, merges, move):
    """Do one thing that may happen after the freezing; what cannot be done now is passed over."""
    what, first, second = move
    if what == "wait":
        store._clock.advance(days=first % 5, hours=1)
    elif what == "hand_over":
        audience.handed_over()
    elif what == "other":
        key = f"other-{len(store.audiences.all())}"
        store.audiences.freeze(key, "danes", **NEWS, split={"x": 0.5, "y": 0.5}, salt=key).handed_over(groups=["x"])
    elif what == "undo" and merges:
        store.merges.undo(merges.pop().id)
    else:
        with store.read() as work:
            active = [one for one in work.contacts.get_all(made) if one.status is RecordStatus.ACTIVE]
        if active:
            do_to(store, what, active[first % len(active)], active[second % len(active)], merges)


def do_to(store, what, one, other, merges):
    """Do something to a person."""
    if what == "merge" and one.id != other.id:
        merges.append(store.duplicates.plan(DuplicatePair(one.id, other.id, 0.9, ())).apply())
    with store.begin() as work:
        if what == "withdraw" and one.primary_email is not None:
            work.withdraw(one.primary_email, **NEWS)
        elif what == "suppress" and one.primary_email is not None:
            work.suppress(one.primary_email)
        elif what == "remove":
            work.remove(one)
        elif what == "send":
            work.record("mailing_sent", contact=one, at=store.now(), channel="email", campaign="spring")


def expected_fate(work, person, one, cap, split, *, exclude):
    """What simple book-keeping says of a person at the freezing; the gate is asked point by point."""
    if exclude and one["is_press"]:
        return Fate.EXCLUDED, ""
    if not person.emails:
        return Fate.NO_ADDRESS, ""
    if not any(work.can_contact(point, **NEWS) for point in person.emails):
        return Fate.NO_CONSENT, ""
    if any(one["sends"] >= each.most for each in cap):
        return Fate.CAPPED, ""
    group = split.group(person.id)
    return (Fate.HELD_OUT if group == "control" else Fate.CHOSEN), group


def golden(store, ids):
    """The record that stands for each now, by the merge log."""
    with store.read() as work:
        found = work.transaction.merges.golden(ids)
    return {one: found.get(one, one) for one in ids}


def check(store, audience, before):
    """Everything that must hold at every moment."""
    members = audience.members()
    assert members == before
    steps_down = audience.waterfall
    assert [step.left for step in steps_down[1:]] == [
        earlier.left - step.lost for earlier, step in pairwise(steps_down)
    ]
    assert (steps_down[0].left, steps_down[-1].left) == (len(members), len(audience))
    assert Counter(one.fate for one in members)[Fate.CHOSEN] == len(audience)

    to = golden(store, [one.contact_id for one in members])
    expected = {}
    for one in sorted(members, key=lambda one: (one.contact_id != to[one.contact_id], one.contact_id.int)):
        if one.group:
            expected.setdefault(to[one.contact_id], one.group)
    groups = {name: set(audience.group(name)) for name in audience.terms.split.groups}
    assert sum(map(len, groups.values())) == len(expected)
    assert {who: name for name, ids in groups.items() for who in ids} == expected

    rows = audience.rows()
    out = {to[one.contact_id] for one in members if one.fate in {Fate.EXCLUDED, Fate.CAPPED}}
    held_out = set().union(*(groups[name] for name in audience.terms.split.held_out))
    assert not {one.contact_id for one in rows} & (out | held_out)
    with store.read() as work:
        for row in rows:
            contact = work.contacts.get(row.contact_id)
            assert contact.status is RecordStatus.ACTIVE
            (point,) = [point for point in contact.emails if point.value == row.address and not point.is_retired]
            assert work.can_contact(point, **NEWS)
    assert all(row.group == expected[row.contact_id] for row in rows)
    assert len({row.contact_id for row in rows}) == len(rows)


@pytest.mark.parametrize("kind", KINDS)
@examples(40)
@given(crowd=people, split=splits, cap=caps, moves=steps, exclude=st.booleans())
def test_histories_after_the_freezing(tmp_path_factory, kind, crowd, split, cap, moves, exclude):
    """After every step all of it holds; once every merge is taken back, everybody has the frozen group again."""
    with using_ids(ordered_ids()), opened(kind, tmp_path_factory.mktemp("store"), FixedClock(START)) as store:
        made = populate(store, crowd)
        with store.read() as work:
            members = set(work.contacts.ids(f.contact.country == "DK"))
        asked = {**NEWS, "split": split, "caps": cap, "salt": "s", "campaign": "spring"}
        audience = store.audiences.freeze("spring", "danes", **asked, exclude=["press"] if exclude else ())
        before, merges = audience.members(), []
        assert {one.contact_id for one in before} == members
        with store.read() as work:
            for person_id, one in zip(made, crowd, strict=True):
                if one["country"] == "DK":
                    person, split_now = work.contacts.get(person_id), audience.terms.split
                    told = [(each.fate, each.group) for each in before if each.contact_id == person_id]
                    assert told == [expected_fate(work, person, one, cap, split_now, exclude=exclude)]
        check(store, audience, before)
        for move in moves:
            step(store, audience, made, merges, move)
            check(store, audience, before)
        done = audience.handed_over().done
        assert done.rows + sum(done.removed.values()) + done.merged == len(audience)
        again = store.audiences.freeze("again", "danes", **asked)
        own = {one.contact_id: one.group for one in before if one.group}
        for one in again.members():
            assert one.group in {"", again.terms.split.group(one.contact_id)}
            assert not one.group or one.group == own.get(one.contact_id, one.group)
        while merges:
            store.merges.undo(merges.pop().id)
        assert {who: name for name in audience.terms.split.groups for who in audience.group(name)} == own
