"""A name that stands for nothing is repeated only if it is a key: what was typed may be somebody's address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.mapping.targets import check_target
from mimcore.errors import MimcoreError

ADDRESS = "ana.berg@acme.dk"


def _asked(name):
    """Everything that looks a name up, by what it says of the nearest name."""
    store = mim.connect("memory:")
    store.attributes.declare(mim.attribute("champions", kind="integer"))
    with store.begin() as work:
        ana, _ = work.add(mim.Contact(country="DK"), mim.Segment(key="champions", rule=f.contact.country == "DK"))
        work.record("purchase", contact=ana, at="2026-03-01", value=mim.money(100, "DKK"))
    now = datetime.now(UTC)
    yield lambda: store.segments.refresh(name)
    yield lambda: store.attributes.get(name)
    yield lambda: store.value.tiers(currency="DKK", now=now)[name]
    yield lambda: store.value.rfm(currency="DKK", now=now).members(name)
    yield lambda: mim.Lifecycle().rule(name)
    yield lambda: check_target(name)


@pytest.mark.parametrize("number", range(6))
def test_an_address_is_not_repeated(number):
    """Neither by the error nor by its cause."""
    with pytest.raises(MimcoreError) as caught:
        list(_asked(ADDRESS))[number]()
    assert "ana" not in str(caught.value)
    assert "acme" not in str(caught.value)


def test_a_key_is_repeated_with_the_nearest_one():
    """A refresh of a segment once gave no hint."""
    for number, ask in enumerate(_asked("champion")):
        with pytest.raises(MimcoreError, match="champion") as caught:
            ask()
        assert ("did you mean 'champions'" in str(caught.value)) == (number in {0, 1, 3})
