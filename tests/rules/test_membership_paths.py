"""The short cuts of the membership index, each against asking every rule: read bits, summed events, references, instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.indexing.spelling import Spelling
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding, SegmentReference

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
US = timedelta(microseconds=1)
c = f.contact
_CONTACT = mim.Contact()
Segments = Mapping[str, mim.Rule | None]


def _agrees(found: mim.Memberships, segments: Segments, facts: mim.Facts) -> None:
    at = Binding(now=facts.now, segment=lambda key: SegmentReference(key, segments[key]))
    asked = {key: evaluator(bind(rule, at))(facts) for key, rule in segments.items() if rule is not None}
    assert found.members == {key for key, answer in asked.items() if answer is True}
    assert found.unknown == {key for key, answer in asked.items() if answer is None}
    assert {key: found[key] for key in segments} == asked


@given(st.lists(st.booleans(), max_size=200))
def test_bits_are_read_one_by_one(bits: list[bool]) -> None:
    """Also none, all, the lowest and the highest."""
    names = [f"name {at // 2}" for at in range(len(bits))]
    number = sum(1 << at for at, is_set in enumerate(bits) if is_set)
    expected = [name for name, is_set in zip(names, bits, strict=True) if is_set]
    assert list(Spelling(names).of(number))[::-1] == expected


# --- sums of events -----------------------------------------------------------------------------------------------------

_AMOUNTS = st.none() | st.builds(
    mim.money, st.sampled_from(("0", "99.99", "100", "250")), st.sampled_from(("DKK", "EUR"))
)
_AGES = st.sampled_from((0, 1, 6, 7, 8, 30, 31, 400)).flatmap(
    lambda days: st.sampled_from((-1, 0, 1)).map(lambda more: timedelta(days=days) + more * US)
)
_EVENTS = st.lists(
    st.builds(
        lambda kind, age, value: mim.Interaction(contact_id=_CONTACT.id, kind=kind, at=NOW - age, value=value),
        st.sampled_from(("purchase", "purchase", "visit")),
        _AGES,
        _AMOUNTS,
    ),
    max_size=8,
)
_OF_EVENTS: dict[str, mim.Rule | None] = {
    f"{what} {days} {limit} {currency}": rule
    for days in (7, 30, None)
    for limit in ("100", "350")
    for currency in ("DKK", "EUR")
    for what, rule in {
        "total": c.purchases.total(within_days=days) >= mim.money(limit, currency),
        "visits": c.events("visit").total(within_days=days) >= mim.money(limit, currency),
        "count": c.purchases.count(within_days=days) >= int(limit[0]),
    }.items()
}


@given(st.lists(_EVENTS, min_size=1, max_size=3))
@settings(deadline=None)
def test_windows_that_share_their_sums(histories: list[list[mim.Interaction]]) -> None:
    """Without an amount, in another currency, of another kind, on the edge of a window, still to come."""
    index = mim.MembershipIndex(_OF_EVENTS)
    everybody = [mim.Facts(contact=_CONTACT, events=events, now=NOW) for events in histories]
    for facts, found in zip(everybody, index.of_many(everybody), strict=True):
        _agrees(found, _OF_EVENTS, facts)
        until = found.valid_until
        if until is not None:
            later = replace(facts, now=until)
            _agrees(index.after_change(later, [], found), _OF_EVENTS, later)


def test_totals_by_hand() -> None:
    """60 + 50 within a week, 200 before; 1,000 in another currency and what has no amount do not count."""
    amounts = ((1, "60", "DKK"), (2, "1000", "EUR"), (6, "50", "DKK"), (20, "200", "DKK"))
    events = [
        mim.Interaction(
            contact_id=_CONTACT.id, kind="purchase", at=NOW - timedelta(days=days), value=mim.money(amount, currency)
        )
        for days, amount, currency in amounts
    ]
    events.append(mim.Interaction(contact_id=_CONTACT.id, kind="purchase", at=NOW))
    segments = {
        f"{days} {amount}": c.purchases.total(within_days=days) >= mim.money(amount, "DKK")
        for days in (5, 7, 30)
        for amount in ("60", "110", "111", "310", "311")
    }
    found = mim.MembershipIndex(segments).members_of(mim.Facts(contact=_CONTACT, events=events, now=NOW))
    assert found.members == {"5 60", "7 60", "7 110", "30 60", "30 110", "30 111", "30 310"}


# --- references ---------------------------------------------------------------------------------------------------------

_INNER: dict[str, mim.Rule] = {
    "danes": c.country == "DK",
    "parents": c.children >= 1,
    "either": (c.country == "SE") | (c.city == "Aarhus") | (c.children >= 3),
    "deep": c.in_segment("danes") & c.in_segment("parents"),
    "deeper": c.in_segment("deep") | ~c.in_segment("either"),
}
_SIGNS = {
    "plain": lambda rule: rule,
    "not": lambda rule: ~rule,
    "lenient": lambda rule: rule.or_missing(),
    "not lenient": lambda rule: ~rule.or_missing(),
}
_PARTS = st.builds(
    lambda key, sign: _SIGNS[sign](nodes.InSegment(segment=key)),
    st.sampled_from(list(_INNER)),
    st.sampled_from(list(_SIGNS)),
)
_OUTER = st.lists(st.lists(_PARTS, min_size=1, max_size=3), min_size=1, max_size=8)


@given(_OUTER, st.integers(0, 40), st.data())
@settings(deadline=None)
def test_references_wherever_their_segments_stand(
    outer: list[list[mim.Rule]], others: int, data: st.DataObject
) -> None:
    """True, false and undecided ones; taken in at once, or one by one behind many others."""
    segments: dict[str, mim.Rule] = {f"other {one}": c.children >= one for one in range(others)}
    segments |= _INNER
    segments |= {f"outer {number}": nodes.AllOf(rules=tuple(parts)) for number, parts in enumerate(outer)}
    at_once, one_by_one = mim.MembershipIndex(segments), mim.MembershipIndex()
    for key, rule in segments.items():
        one_by_one.add(key, rule)
    contact = mim.Contact(
        country=data.draw(st.sampled_from(("DK", "SE", None))),
        city=data.draw(st.sampled_from(("Aarhus", "Lund", None))),
        children=data.draw(st.sampled_from((0, 1, 3, None))),
    )
    facts = mim.Facts(contact=contact)
    _agrees(at_once.members_of(facts), segments, facts)
    _agrees(one_by_one.members_of(facts), segments, facts)


# --- instants -----------------------------------------------------------------------------------------------------------


def test_contacts_of_different_instants_in_one_batch() -> None:
    """The binding of an instant is kept for the next contact, and for no other; nor after an edit."""
    index = mim.MembershipIndex({"new": c.acquired_at.within_days(30)})
    ana = mim.Contact(acquired_at=NOW - timedelta(days=10))
    days = (0, 0, 25, 0, 25)
    found = index.of_many(mim.Facts(contact=ana, now=NOW + timedelta(days=one)) for one in days)
    assert [len(one.members) for one in found] == [1, 1, 0, 1, 0]
    index.add("again", c.in_segment("new"))
    later = index.members_of(mim.Facts(contact=ana, now=NOW + timedelta(days=25)))
    assert (later.members, later.at) == (frozenset(), NOW + timedelta(days=25))
    assert index.members_of(mim.Facts(contact=ana, now=NOW)).members == {"new", "again"}
    with pytest.raises(InvalidValueError, match="time zone"):
        index.members_of(mim.Facts(contact=ana, now=NOW.replace(tzinfo=None)))
