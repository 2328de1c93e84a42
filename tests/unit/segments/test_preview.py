"""Previews: how many each condition keeps, and how many cannot be decided."""

from __future__ import annotations

from tests.stores import added

import mimcore as mim
from mimcore import fields as f


def test_a_preview_by_hand(store):
    """Eight people, three conditions: kept, lost and undecided counted by hand."""
    people = [
        ("DK", 1980),
        ("DK", 1990),
        ("DK", 2015),
        ("DK", None),
        ("SE", 1980),
        ("SE", None),
        (None, 1980),
        (None, None),
    ]
    added(
        store,
        *(mim.Contact(country=land, birth_year=year, tags=["vip"] if year == 1980 else []) for land, year in people),
    )
    shown = store.preview((f.contact.country == "DK") & (f.contact.age >= 18) & f.contact.tags.overlaps("vip"))
    assert [(step.kept, step.lost, step.undecided) for step in shown.steps] == [(4, 2, 2), (2, 1, 1), (1, 1, 0)]
    assert [step.lacking for step in shown.steps] == [
        (("contact.demographic.country", 2),),
        (("contact.demographic.age", 1),),
        (),
    ]
    assert (shown.members, shown.non_members, shown.unknown, shown.everyone) == (1, 6, 1, 8)
    assert shown.steps[0].fields == ("contact.demographic.country",)
    assert "1 in · 6 out · 1 cannot be decided" in str(shown)


def test_other_rules_are_one_step(store):
    """An `or`, a `not`, a single condition; the three answers add up to everyone, on an empty store too."""
    rule = ~((f.contact.country == "DK") | (f.contact.age >= 18))
    empty = store.preview(rule)
    assert (len(empty.steps), empty.everyone) == (1, 0)
    assert "–" not in str(empty.steps)
    added(store, mim.Contact(country="SE"), mim.Contact(country="SE", birth_year=2020), mim.Contact(country="DK"))
    shown = store.preview(rule)
    assert (shown.members, shown.non_members, shown.unknown) == (1, 1, 1)
    assert shown.steps[0].kept == 1


def test_segments_by_object_key_and_list(store):
    """Whatever names the segment; a static one asks for its list."""
    ana, segment, vips = added(
        store,
        mim.Contact(country="DK"),
        mim.Segment(key="danes", rule=f.contact.country == "DK"),
        mim.Segment(key="vips"),
    )
    with store.begin() as work:
        work.put_on(vips, ana)
    for one in (segment, "danes", vips, "vips", segment.rule):
        assert (store.preview(one).members, store.members(one)) == (1, (ana,))
        assert store.explain(one, ana).answer is True
