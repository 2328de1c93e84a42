"""Previews over random histories add up at every past instant; segments come back from files as they went."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from tests.properties.living_histories import RULES, LivingHistory, living_steps
from tests.properties.past_histories import History, steps
from tests.stores import START, examples, opened, ordered_ids

import mimcore as mim
from mimcore import fields as f
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids

c = f.contact
ASKED = (
    (c.city == "Aarhus") & c.tags.overlaps("new") & (c.city.freshness() >= 0.9),
    ((c.city == "Aarhus") | (f.account.country == "DK")) & ~(c.owner == "maria"),
    (c.events("visit").count(within_days=20) >= 1) & (~(c.city == "Ribe")).or_missing() & (c.city != "Odense"),
)


@examples(20)
@given(steps=steps)
def test_waterfalls_add_up_at_every_past_instant(tmp_path_factory, steps):
    """Kept, lost and undecided are those before; in, out and undecided are everyone; each as explained person by person."""
    clock = FixedClock(START)
    with using_ids(ordered_ids()), opened("memory", tmp_path_factory.getbasetemp(), clock) as store:
        history = History(store, clock).run(steps)
        for instant in history.seen:
            with store.as_of(instant) as then:
                for rule in ASKED:
                    adds_up(then, store.preview(rule, as_of=instant, overlap="all"), rule)


def adds_up(then, shown, rule):
    """Compare a preview with the answers about each person."""
    people = list(then.contacts.stream())
    assert shown.everyone == len(people) == shown.members + shown.non_members + shown.unknown
    left = people
    for step, condition in zip(shown.steps, rule.parts(), strict=True):
        assert step.before == len(left)
        told = {one: then.explain(condition, one) for one in left}
        answers = Counter(one.answer for one in told.values())
        assert (step.kept, step.lost, step.undecided) == (answers[True], answers[False], answers[None])
        assert all(0 < number <= step.undecided for _, number in step.lacking)
        assert bool(step.lacking) is bool(step.undecided)
        left = [one for one, why in told.items() if why.answer is True]
    assert shown.members == len(left)
    assert shown.sample == tuple(one.id for one in left[:5])
    for one in shown.overlaps:
        assert 0 <= one.both <= min(one.other, shown.members)


@examples(25)
@given(steps=living_steps)
def test_sizes_are_the_members_of_each_day(tmp_path_factory, steps):
    """Each line is the one before, plus who entered, less who left; and as many as the log says were members then."""
    clock = FixedClock(START)
    with using_ids(ordered_ids()), opened("memory", tmp_path_factory.getbasetemp(), clock) as store:
        LivingHistory(store, clock).run(steps)
        for segment in store.segments.all():
            before = 0
            sizes = store.segments.sizes(segment)
            for one in sizes:
                assert one.members == before + one.entered - one.left
                before = one.members
            for one in list(sizes)[:-1]:
                assert len(store.segments.members(segment, at=str(one.day))) == one.members
            assert before == store.segments.count(segment)


text = st.none() | st.text('aæ"\\<{ ', max_size=8)
one_segment = st.fixed_dictionaries(
    {
        "name": text,
        "description": st.none() | st.text('aæ"{\n', max_size=8),
        "team": st.sampled_from([None, "crm"]),
        "visibility": st.sampled_from(["everyone", "team", "private"]),
        "tags": st.lists(st.sampled_from(["spring", "æ", "b"]), max_size=3),
        "rule": st.none() | st.sampled_from([*RULES[:2], *RULES[3:8], *ASKED, *(~rule | RULES[6] for rule in ASKED)]),
    }
)
keyed = st.dictionaries(st.sampled_from(["a", "b.json", "c-d", "0"]), one_segment, max_size=4)


@examples(30)
@given(before=keyed, after=keyed)
def test_what_is_pulled_comes_back(tmp_path_factory, before, after):
    """One store's files make another store the same; a pull after the push changes no byte; undo brings all back."""
    folders = [tmp_path_factory.mktemp("git"), tmp_path_factory.mktemp("git")]
    clock, base = FixedClock(START), tmp_path_factory.getbasetemp()
    with opened("memory", base, clock) as one, opened("memory", base, clock) as other:
        for store, segments in ((one, after), (other, before)):
            with store.begin() as work:
                work.add(mim.Contact(city="Aarhus", tags=["new"]), mim.Contact(city="Ribe"), mim.Contact())
                work.add(*(mim.Segment(key=key, **told) for key, told in segments.items()))
        one.segments.pull(folders[0])
        if any(key in before and (before[key]["rule"] is None) is not (after[key]["rule"] is None) for key in after):
            return  # a list never becomes a rule
        held = contents(other, folders[1])
        plan = other.segments.plan_push(folders[0], archive_missing=True, overwrite=True)
        counted = {step.key: step.moves for step in plan if step.moves is not None}
        files = raw(folders[0])
        plan.apply()
        assert contents(other, tmp_path_factory.mktemp("git")) == contents(one, tmp_path_factory.mktemp("git")) == files
        assert other.segments.pull(folders[0]).unchanged == len(after)
        assert raw(folders[0]) == files
        for key, moves in counted.items():
            assert len(other.members(key)) == moves.before + moves.entering - moves.leaving
        plan.undo()
        assert contents(other, tmp_path_factory.mktemp("git")) == held


def contents(store, folder):
    """What a pull writes."""
    store.segments.pull(folder)
    return raw(folder)


def raw(folder):
    """What is in every file."""
    return {one.name: one.read_bytes() for one in folder.iterdir()}
