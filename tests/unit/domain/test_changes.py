"""Change sets: fields before and after, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import examples

import mimcore as mim
from mimcore.domain.versions.changes import differences, flatten, restored
from mimcore.testing import strategies as some


def test_parts_of_groups_stand_on_their_own():
    """Only what differs is in a change set, under its canonical name; what was missing is None."""
    old = mim.Contact(name="Ana Berg", city="Aarhus", country="DK")
    new = old.evolve(city="Odense", country=mim.CLEAR, tags=["vip"])
    assert differences(old, new) == (
        {"contact.demographic.city": "Aarhus", "contact.demographic.country": "DK", "contact.tags": None},
        {"contact.demographic.city": "Odense", "contact.demographic.country": None, "contact.tags": ["vip"]},
    )


def test_a_new_record_differs_in_everything_it_has():
    """Before is None for each field of a created record."""
    before, after = differences(None, mim.Account(name="Acme", employees=5))
    assert after == {"account.name": "Acme", "account.firmographic.employees": 5}
    assert before == dict.fromkeys(after)


@pytest.mark.parametrize(
    ("old", "changes"),
    [
        (mim.Contact(name="Ana Berg"), {"name": mim.CLEAR}),
        (mim.Contact(), {"name": "Dr Ana Maria Berg Jr"}),
        (mim.Contact(emails=["a@b.dk", "c@d.dk"]), {"emails": ["c@d.dk"]}),
        (mim.Contact(custom={"tier": "gold", "points": 7}), {"custom": {"tier": mim.CLEAR}}),
        (mim.Contact(), {"devices": [mim.Device(kind="tablet")], "annual_income": mim.money(500, "DKK")}),
        (mim.Contact(external_ids={"crm": "7"}), {"external_ids": {"web": "x"}}),
        (mim.Contact(), {"acquired": mim.Acquisition(channel="email", at="2026-03-02T09:00Z")}),
        (mim.Account(name="Acme"), {"employees": 7, "annual_revenue": mim.money(5, "EUR"), "stack": {"x"}}),
        (mim.Segment(key="a", rule=mim.fields.contact.country == "DK"), {"rule": mim.fields.contact.age >= 18}),
        (mim.Segment(key="a"), {"rule": mim.fields.contact.age >= 18}),
        (mim.Campaign(key="c", budget=mim.money(5, "DKK")), {"budget": mim.CLEAR}),
        (mim.Source(key="s"), {"reliability": 0.5, "refresh_days": 7}),
    ],
)
def test_the_way_back_is_exact(old, changes):
    """The new version with the values before is the old version, and the other way round."""
    new = old.evolve(**changes)
    before, after = differences(old, new)
    assert before.keys() == after.keys() != set()
    assert restored(new, before) == old
    assert restored(old, after) == new


@examples(100)
@given(data=st.data())
def test_any_two_versions_lead_to_each_other(data):
    """For random contacts: before leads back, after leads forth, and equal versions differ in nothing."""
    old = data.draw(some.contacts(name=st.sampled_from(["Ana Berg", "Fru Bo", "Dr. Ida Maria Holm"])))
    new = data.draw(some.contacts(id=st.just(old.id), notes=st.sampled_from(["x", "two\nlines"])))
    before, after = differences(old, new)
    assert restored(new, before) == old
    assert restored(old, after) == new
    assert differences(old, old) == ({}, {})
    assert flatten(restored(new, before)) == flatten(old)
