"""Segments against everybody, against each other, and over time."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import added, examples, opened

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, NotFoundError, UnknownFieldError
from mimcore.testing import FixedClock

c = f.contact


@pytest.fixture
def peopled(everywhere):
    """Ten vips of forty people: 8 of them Danes where 16 of all are, one of unknown country."""
    store = everywhere
    lands = ["DK"] * 8 + ["SE", None] + ["DK"] * 8 + ["SE"] * 20 + [None] * 2
    added(
        store,
        *(
            mim.Contact(
                country=land,
                birth_date=f"{1950 + 3 * number}-01-01" if number < 20 else None,
                tags=["vip", "vip2"] if number < 10 else ["guest"] if number % 2 else [],
                beliefs=["b"],
                name={"given": f"N{number}"},
                annual_income=mim.money(number, "DKK" if number % 3 else "EUR"),
                household_size=1 if number < 10 else 1 + number % 4,
                is_decision_maker=number < 30,
            )
            for number, land in enumerate(lands)
        ),
    )
    added(
        store,
        mim.Segment(key="vips", rule=c.tags.overlaps("vip")),
        mim.Segment(key="danes", rule=c.country == "DK"),
        mim.Segment(key="guests", rule=c.tags.overlaps("guest")),
        mim.Segment(key="listed"),
    )
    return store


def test_a_profile_by_hand(peopled):
    """Shares among those of whom it is known, lifts, and what is missing."""
    found = peopled.segments.compare("vips")
    assert (found.members, found.everyone) == (10, 40)
    land = found["country"]
    assert (land.known, land.missing, land.everybody_missing) == (9, pytest.approx(0.1), pytest.approx(3 / 40))
    assert [(one.value, one.members) for one in land.shares] == [("DK", 8), ("SE", 1)]
    assert land.shares[0].lift == pytest.approx((8 / 9) / (16 / 37))
    assert land.shares[0].is_clear
    assert found["age"].quantiles.median == 61  # the fifth of 49, 52, 55, 58, 61 … 76
    assert found["household_size"].quantiles.median == 1
    assert found["household_size"].everybody.high == 3
    assert [one.value for one in found["tags"].shares] == ["vip", "vip2"]  # of guests 3.75 would be expected
    assert found["tags"].shares[0].share == 1
    assert [(one.value, one.everybody) for one in found["is_decision_maker"].shares] == [("yes", 0.75), (None, 0.25)]
    income = found["annual_income"]
    assert income.label == "annual income (DKK)"
    assert (income.known, income.everybody_missing) == (6, pytest.approx(14 / 40))


def test_what_differs_clearly_comes_first(peopled):
    """Clear differences before others, the greater one first."""
    order = [(one.is_clear, one.difference) for one in peopled.segments.compare("vips")]
    assert order == sorted(order, reverse=True)
    assert order[0] == (True, max(difference for _, difference in order))
    alike = peopled.segments.compare(mim.everyone())
    assert {one.difference for one in alike} == {0.0}
    assert not any(one.is_clear for one in alike)


def test_who_somebody_is_and_beliefs_are_left_out(peopled):
    """Names are compared if they are asked for, beliefs with leave only."""
    names = {one.field for one in peopled.segments.compare("vips")}
    assert not names & {"contact.name.given", "contact.demographic.birth_date", "contact.psychographic.beliefs"}
    special = peopled.segments.compare("vips", include_special_category=True)
    assert special["beliefs"].shares[0].value == "b"
    (asked,) = peopled.segments.compare("vips", fields=[c.given_name])
    assert asked.shares[0].value is None  # each name is one person's: all others together
    for fields, kind in (
        ([c.psychographic.beliefs], InvalidValueError),
        (["devices"], InvalidValueError),
        (["account.country"], InvalidValueError),
        (["contry"], UnknownFieldError),
    ):
        with pytest.raises(kind):
            peopled.segments.compare("vips", fields=fields)


def test_too_few_tell_nothing(peopled):
    """Under five members nothing is told but which fields are known at all."""
    found = peopled.segments.compare((c.country == "SE") & c.tags.overlaps("vip"))
    assert (found.members, found.attributes) == (1, ())
    assert "contact.demographic.country" in found.too_few
    assert peopled.segments.compare((c.country == "SE") & c.tags.overlaps("vip"), least=1).attributes
    nobody = peopled.segments.compare((c.country == "NO") & c.tags.overlaps("vip"))
    assert (nobody.members, nobody.attributes) == (0, ())
    assert "0 of 40" in str(nobody)
    with pytest.raises(InvalidValueError, match="positive"):
        peopled.segments.compare("vips", least=0)


def test_everything_shows_itself(peopled):
    """80 columns, HTML, and a chart that says every value."""
    found = peopled.segments.compare("vips")
    overlap = peopled.segments.overlap("vips", "danes", "listed")
    sizes = peopled.segments.sizes("vips")
    for one in (found, overlap, sizes):
        assert all(len(line) <= 80 for line in str(one).splitlines())
        assert "<svg" in one._repr_html_()
    assert "country: DK 2.1×" in str(found.chart())
    assert "<table" in found._repr_html_()


def test_overlap_by_hand(peopled):
    """8 vips are Danes; guests are those with odd numbers from 11 on, of whom four are Danes."""
    found = peopled.segments.overlap("vips", "danes", "guests", "listed")
    assert found.sizes == {"vips": 10, "danes": 16, "guests": 15, "listed": 0}
    assert dict(found.combinations) == {
        ("guests",): 11,
        ("vips", "danes"): 8,
        ("danes",): 4,
        ("danes", "guests"): 4,
        ("vips",): 2,
    }
    assert found.both("danes", "vips") == 8
    assert found.similarity("vips", "danes") == pytest.approx(8 / 18)
    assert found.similarity("listed", "listed") is None
    assert found.total == 29
    for wrong in (["vips"], ["vips", "vips"], [f"s{n}" for n in range(11)]):
        with pytest.raises(InvalidValueError):
            peopled.segments.overlap(*wrong)
    with pytest.raises(NotFoundError):
        peopled.segments.overlap("vips", "dames")


def test_sizes_by_hand(everywhere, clock):
    """One enters on Friday, two on Sunday evening, one leaves on Monday; days are those of the store's zone."""
    store = everywhere
    added(store, mim.Segment(key="danes", rule=c.country == "DK"))
    (ana,) = (added(store, mim.Contact(country="DK")),)
    store.segments.refresh()
    clock.move_to("2026-05-03T22:30Z")  # Monday half past midnight in Copenhagen
    added(store, mim.Contact(country="DK"), mim.Contact(country="DK"))
    store.segments.refresh()
    clock.move_to("2026-05-05T10:00Z")
    with store.begin() as work:
        work.change(ana, country="SE")
    store.segments.refresh()
    clock.move_to("2026-05-06T10:00Z")
    told = [(str(one.day)[-2:], one.members, one.entered, one.left) for one in store.segments.sizes("danes")]
    assert told == [
        ("01", 1, 1, 0),
        ("02", 1, 0, 0),
        ("03", 1, 0, 0),
        ("04", 3, 2, 0),
        ("05", 2, 0, 1),
        ("06", 2, 0, 0),
    ]
    weekly = store.segments.sizes("danes", every="week")
    assert [(str(one.day), one.members, one.entered, one.left) for one in weekly] == [
        ("2026-05-03", 1, 1, 0),
        ("2026-05-06", 2, 2, 1),
    ]
    since = store.segments.sizes("danes", since="2026-05-05")
    assert [(one.members, one.entered, one.left) for one in since] == [(2, 0, 1), (2, 0, 0)]
    for one in store.segments.sizes("danes", since="2026-04-28"):
        end = min(store.now(), _end(one.day))
        assert len(store.segments.members("danes", at=end)) == one.members
    assert len(store.segments.sizes("danes", every="month")) == 1
    for wrong in ({"since": "2026-06-01"}, {"every": "year"}):
        with pytest.raises(InvalidValueError):
            store.segments.sizes("danes", **wrong)


def _end(day):
    from mimcore.values.instants import as_instant, as_zone

    return as_instant(day, "day", zone=as_zone("Europe/Copenhagen"))


def test_a_segment_without_moves(everywhere):
    """Today, with nobody."""
    added(everywhere, mim.Segment(key="danes", rule=c.country == "DK"))
    (today,) = everywhere.segments.sizes("danes")
    assert (today.members, today.entered, today.left) == (0, 0, 0)


person = st.tuples(st.sampled_from(["DK", "SE", None]), st.sets(st.sampled_from("xy")), st.integers(1, 4) | st.none())


@examples(40)
@given(people=st.lists(person, max_size=25))
def test_profiles_and_overlaps_are_what_counting_by_hand_gives(tmp_path_factory, people):
    """Every share, every lift and every combination, over random stores."""
    with opened("memory", tmp_path_factory.getbasetemp(), FixedClock("2026-05-01T10:00Z")) as store:
        added(store, mim.Segment(key="x", rule=c.tags.overlaps("x")), mim.Segment(key="y", rule=c.tags.overlaps("y")))
        with store.begin() as work:
            work.add_many(mim.Contact(country=land, tags=sorted(tags), children=n) for land, tags, n in people)
        found = store.segments.compare("x", fields=["country", "tags", "children"], least=1)
        overlap = store.segments.overlap("x", "y")
    inside = [one for one in people if "x" in one[1]]
    known = [one for one in inside if one[0]]
    for one in found:
        if one.field == "contact.demographic.country":
            for share in one.shares:
                every = sum(land == share.value for land, _, _ in people) / sum(
                    land is not None for land, _, _ in people
                )
                own = sum(land == share.value for land, _, _ in known) / len(known)
                if share.value is not None:
                    assert (share.share, share.everybody) == (pytest.approx(own), pytest.approx(every))
            assert sum(share.share for share in one.shares) == pytest.approx(1)
            assert sum(share.everybody for share in one.shares) == pytest.approx(1)
        assert 0 <= one.difference <= 1
    for has_x, has_y in product((True, False), repeat=2):
        keys = tuple(key for key, has in (("x", has_x), ("y", has_y)) if has)
        number = sum(("x" in tags) is has_x and ("y" in tags) is has_y for _, tags, _ in people)
        if keys:
            assert dict(overlap.combinations).get(keys, 0) == number
