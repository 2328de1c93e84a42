"""The field namespace as a user meets it: short and full names, the nearest name, no assignment."""

from __future__ import annotations

import copy

import pytest

from mimcore.domain import fields as f
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError, MimcoreError, UnknownAttributeError, UnknownFieldError


def test_short_and_full_names_build_the_same_rule() -> None:
    """Rules are values, so the equality is exact."""
    assert (f.contact.country == "DK") == (f.contact.demographic.country == "DK")
    assert (f.contact.account.employees >= 200) == (f.account.firmographic.employees >= 200)
    assert f.contact.name.given.same_as(f.contact.given_name)


@pytest.mark.parametrize(
    ("reach", "near"),
    [
        (lambda: f.contact.contry, "did you mean 'country'"),
        (lambda: f.contact.demographic.contry, "did you mean 'country'"),
        (lambda: f.contact.in_segmnt, "did you mean 'in_segment'"),
        (lambda: f.account.employes, "did you mean 'employees'"),
        (lambda: f.event.valeu, "did you mean 'value'"),
    ],
)
def test_a_misspelt_field_gets_the_nearest_name(reach, near: str) -> None:
    """It is an AttributeError for Python and an unknown field for us."""
    with pytest.raises(UnknownAttributeError, match=near) as caught:
        reach()
    assert isinstance(caught.value, AttributeError)
    assert isinstance(caught.value, UnknownFieldError)
    assert isinstance(caught.value, MimcoreError)


def test_a_namespace_behaves_like_an_object() -> None:
    """`hasattr`, `getattr` with a default, copies and `dir` work; nothing can be assigned; text that is no name is not echoed."""
    assert not hasattr(f.contact, "contry")
    assert getattr(f.contact, "contry", None) is None
    assert copy.deepcopy(f.contact).country.same_as(f.contact.country)
    assert {"country", "demographic", "purchases", "in_segment"} <= set(dir(f.contact))
    assert (repr(f.contact), repr(f.contact.demographic)) == ("f.contact", "f.contact.demographic")
    with pytest.raises(InvalidValueError, match="cannot be assigned"):
        f.contact.country = f.contact.city
    with pytest.raises(UnknownAttributeError) as caught:
        getattr(f.contact, "x" * 500)
    assert "xxx" not in str(caught.value)


def test_segments_are_named_by_object_or_key() -> None:
    """What is no key is refused at once."""
    assert f.contact.in_segment(Segment(key="loyal")) == f.contact.in_segment("loyal")
    with pytest.raises(InvalidValueError, match="segment"):
        f.contact.in_segment("Loyal Nordics")


def test_event_kinds_are_declared() -> None:
    """A misspelt kind is an error with the nearest one, not an empty segment."""
    assert (f.contact.events("purchase").count() >= 3) == (f.contact.purchases.count() >= 3)
    with pytest.raises(UnknownFieldError, match="did you mean 'download'"):
        f.contact.events("downlaod")
