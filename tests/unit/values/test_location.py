"""Points on the globe: what is accepted, the whole numbers that distances are measured with, and how exact they are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from tests.rules.oracle_readings import great_circle_km

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.contact import Contact
from mimcore.errors import InvalidValueError, RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.testing.strategies import locations
from mimcore.values.location import HALF_ROUND_KM, Location, circle, location, read_location

ONE = 2**25


def is_inside(place: Location, centre: Location, km: float) -> bool:
    """Whether rules count it as at most so far away."""
    units, limit, is_outside = circle(centre, km)
    return (sum((own - at) ** 2 for own, at in zip(place.units, units, strict=True)) <= limit) is not is_outside


def test_the_whole_numbers_of_places_that_can_be_worked_out_by_hand() -> None:
    """The axes of the globe; a pole and the antimeridian have one place under every name."""
    assert location(0, 0).units == (ONE, 0, 0)
    assert location(0, 90).units == (0, ONE, 0)
    assert location(45, 0).units == (round(ONE / math.sqrt(2)), 0, round(ONE / math.sqrt(2)))
    assert {location(90, east).units for east in (-180, 0, 77.5)} == {(0, 0, ONE)}
    assert location(-17.5, 180).units == location(-17.5, -180).units


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((50.066389, -5.714722), (58.643889, -3.07), 968.9),  # Land's End to John o' Groats: a published example
        ((0, 0), (0, 1), 111.195),
        ((0, 179.5), (0, -179.5), 111.195),
        ((89.5, 0), (89.5, 180), 111.195),
        ((0, 0), (0, 180), 20015.114),
        ((12.3, 45.6), (-12.3, -134.4), 20015.114),
    ],
)
def test_distances_that_are_published_or_worked_out_by_hand(one: tuple, other: tuple, km: float) -> None:
    """One degree of a great circle is π·R/180; over the pole and the antimeridian too; half of one is π·R."""
    places = location(*one), location(*other)
    assert is_inside(*places, km + 0.05)
    assert not is_inside(*places, km - 0.05)


@given(locations(), locations())
def test_a_distance_is_exact_to_half_a_metre_wherever_it_lies(one: Location, other: Location) -> None:
    """Against the haversine formula; from one side as from the other."""
    radians = [(math.radians(place.latitude), math.radians(place.longitude)) for place in (one, other)]
    km = great_circle_km(radians[0], radians[1])
    assert is_inside(one, other, min(km + 0.0005, HALF_ROUND_KM))
    assert km < 0.0005 or not is_inside(one, other, km - 0.0005)
    assert is_inside(one, other, 5_000) is is_inside(other, one, 5_000)


@given(locations())
def test_every_place_is_inside_a_circle_of_nothing_round_itself(one: Location) -> None:
    """The distance itself counts; nothing lies further than half round the globe, and the antipode just that far."""
    assert is_inside(one, one, 0)
    assert is_inside(one.antipode, one, HALF_ROUND_KM)
    assert not is_inside(one.antipode, one, 20_015)


@given(locations())
def test_a_location_is_read_again_from_its_text(one: Location) -> None:
    """Text, pairs and mappings of it; its number fits whole in a float."""
    assert read_location(one.text) == read_location(str(one)) == one
    assert read_location((one.latitude, one.longitude)) == Location.model_validate(one.model_dump()) == one
    assert max(map(abs, one.units)) <= ONE
    assert one.antipode.antipode.units == one.units


def test_the_greatest_square_is_a_whole_number_of_a_float() -> None:
    """So that a column of floats, which pandas makes of whole numbers with gaps, measures the same."""
    assert 3 * (2 * ONE) ** 2 < 2**54
    assert (2 * ONE) ** 2 + 2**30 < 2**53


@pytest.mark.parametrize(
    "given_",
    [(90.1, 0), (0, -180.1), (float("nan"), 0), (0, float("inf")), ("north", 1), (True, 0), (1,), "here", "1,2,3"],
)
def test_what_is_no_place_is_refused_without_being_quoted(given_: object) -> None:
    """With the field's name; no number of it in the message."""
    with pytest.raises(InvalidValueError) as caught:
        Contact(location=given_)  # type: ignore[arg-type]
    assert caught.value.problems[0].field.startswith("demographic.location")
    assert "90.1" not in str(caught.value)
    assert "here" not in str(caught.value).split("—")[0]


def test_where_somebody_lives_is_in_no_repr() -> None:
    """Neither in the contact's nor in its own; blank text is a missing value."""
    someone = Contact(location="55.676, 12.568")
    shown = repr(someone) + repr(someone.demographic.location)
    assert "Location(" in shown
    assert not any(part in shown for part in ("55.", "12."))
    assert Contact(location="  ").demographic.location is None


def test_a_circle_in_a_rule() -> None:
    """Known and near, known and far, unknown."""
    rule = f.contact.location.within_km(mim.location(55.676, 12.568), 25)
    near, far = Contact(location=(55.6, 12.5)), Contact(location=(56.2, 10.2))
    answers = [mim.evaluate(rule, mim.Facts(contact=one)) for one in (near, far, Contact())]
    assert answers == [True, False, None]
    assert mim.evaluate(rule.or_missing(), mim.Facts(contact=Contact())) is True


def test_a_location_is_compared_with_nothing_and_sorted_by_nothing() -> None:
    """Refused where it is written, and where a document says so."""
    for wrong in (lambda: f.contact.location == location(0, 0), lambda: -f.contact.location):  # type: ignore[operator]
        with pytest.raises(RuleTypeError, match="is a location"):
            wrong()
    with pytest.raises(RuleTypeError, match=r"mim\.location"):
        f.contact.location.within_km((1, 2), 3)  # type: ignore[arg-type]
    with pytest.raises(RuleTypeError, match="is a location"):
        bind(nodes.Equals(field="contact.location", value="1,2"), Binding())
    with pytest.raises(RuleTypeError, match="needs location"):
        bind(nodes.Distance(field="contact.city", latitude=0, longitude=0, km=1), Binding())
    for km in (-1, HALF_ROUND_KM + 1, float("nan")):
        with pytest.raises(InvalidValueError):
            f.contact.location.within_km(location(0, 0), km)
