"""`assert_segment`: quiet where the test is right, and telling where it is not."""

from __future__ import annotations

import pytest

from mimcore.domain import fields as f
from mimcore.domain.contact import Contact
from mimcore.errors import MissingFactsError, NotFoundError
from mimcore.rules.evaluation.facts import Facts
from mimcore.testing import Factory, FixedClock, assert_segment, using_factory

DANES = f.contact.country == "DK"
HEAVY = f.contact.purchases.count(within_days=90) >= 2


def test_it_is_quiet_where_everybody_is_where_the_test_wants_them():
    """Members, non-members and the undecided."""
    dane, swede, unknown = Contact(country="DK"), Contact(country="SE"), Contact()
    assert_segment(DANES, includes=[dane], excludes=[swede], undecided=[unknown])


def test_it_tells_place_wanted_found_and_why():
    """All failures at once, each with the explanation and the id, without a personal value."""
    dane, unknown = Contact(country="DK", name="Secret Person", emails=["secret@example.com"]), Contact()
    with pytest.raises(AssertionError) as caught:
        assert_segment(DANES & f.contact.city.is_known(), includes=[dane], excludes=[unknown, dane], undecided=[dane])
    text = str(caught.value)
    assert text.startswith("2 not where the test wants them")
    assert f"includes[0], contact {dane.id}: wanted in the segment, is not in the segment" in text
    assert f"undecided[0], contact {dane.id}: wanted undecided, is not in the segment" in text
    assert f"excludes[0], contact {unknown.id}" not in text
    assert "country" in text
    assert "ecret" not in text


def test_an_unknown_is_neither_included_nor_excluded():
    """Who is undecided fails both lists."""
    for name in ("includes", "excludes"):
        with pytest.raises(AssertionError, match="is undecided"):
            assert_segment(DANES, **{name: [Contact()]})


def test_the_factory_in_use_knows_the_events():
    """With a factory a bare contact has its interactions, none means none; without one the rule is refused."""
    factory = Factory(clock=FixedClock("2026-04-01T12:00Z"))
    heavy, light = factory.contact(purchases=["2026-03-01", "2026-03-09"]), factory.contact()
    assert_segment(HEAVY, includes=[heavy], excludes=[light], factory=factory)
    with using_factory(factory):
        assert_segment(HEAVY, includes=[heavy], excludes=[light])
        assert_segment(HEAVY, excludes=[heavy], now=factory.now.replace(year=2027))
    with pytest.raises(MissingFactsError):
        assert_segment(HEAVY, includes=[heavy])


def test_facts_are_taken_as_they_are():
    """What is given as facts needs no factory."""
    facts = Facts(contact=Contact(), events=(), now=FixedClock()())
    assert_segment(HEAVY, excludes=[facts])


def test_segments_stand_for_their_rules_or_lists():
    """A dynamic one by its rule, a static one by its list; a misspelt key is an error with the nearest."""
    factory = Factory()
    danes, vips = factory.segment(key="danes", rule=DANES), factory.segment(key="vips")
    listed, other = factory.contact(country="DK", listed_in=["vips"]), factory.contact(country="DK")
    both = f.contact.in_segment("danes") & f.contact.in_segment("vips")
    assert_segment(both, includes=[listed], excludes=[other], segments=[danes, vips], factory=factory)
    assert_segment(danes, includes=[listed, other], factory=factory)
    assert_segment(vips, includes=[listed], excludes=[other], factory=factory)
    with pytest.raises(NotFoundError, match="did you mean 'danes'"):
        assert_segment(f.contact.in_segment("danse"), includes=[other], segments=[danes], factory=factory)
