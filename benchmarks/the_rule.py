"""The rule that is measured, as mimcore has it and as somebody would write it by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import mimcore as mim
from benchmarks.people import NOW
from mimcore import fields as f
from mimcore.domain.freshness import DEFAULT_HALF_LIVES
from mimcore.rules.lowering.bind import Binding, freshness_cutoff

__all__ = ["BINDING", "FRESH", "VALUES", "by_hand", "by_hand_fresh"]

WANTED_COUNTRIES = frozenset({"DE", "FR", "NL", "BE", "AT"})
WANTED_INTERESTS = frozenset({"cycling", "opera", "running"})
THRESHOLD = 0.7
BORN_AFTER, BORN_BY = date(1971, 3, 31), date(2001, 3, 31)
"""Aged 25 to 54 on the day of the question."""
SINCE = NOW - timedelta(days=30)
CUTOFF = freshness_cutoff(NOW, DEFAULT_HALF_LIVES["b2c.email"], THRESHOLD)
BINDING = Binding(now=NOW, half_lives=DEFAULT_HALF_LIVES)

VALUES = (
    f.contact.country.is_in(*sorted(WANTED_COUNTRIES))
    & f.contact.age.is_between(25, 54)
    & (f.contact.interests.overlaps(*sorted(WANTED_INTERESTS)) | f.contact.acquired_at.within_days(30))
    & f.contact.primary_email.ends_with(".com")
)
FRESH = VALUES & (f.contact.primary_email.freshness() >= THRESHOLD)


def by_hand(people: list[mim.Contact]) -> list[mim.Contact]:
    """The members, without freshness."""
    return [
        one
        for one in people
        if one.demographic.country in WANTED_COUNTRIES
        and (born := one.demographic.birth_date) is not None
        and BORN_AFTER < born <= BORN_BY
        and (
            not WANTED_INTERESTS.isdisjoint(one.psychographic.interests)
            or ((since := one.acquisition.at) is not None and SINCE <= since <= NOW)
        )
        and (point := one.primary_email) is not None
        and point.email.address.endswith(".com")
    ]


def by_hand_fresh(people: list[Any]) -> list[Any]:
    """The members, with freshness, of a list of facts."""
    return [
        one
        for one in people
        if one.contact.demographic.country in WANTED_COUNTRIES
        and (born := one.contact.demographic.birth_date) is not None
        and BORN_AFTER < born <= BORN_BY
        and (
            not WANTED_INTERESTS.isdisjoint(one.contact.psychographic.interests)
            or ((since := one.contact.acquisition.at) is not None and SINCE <= since <= NOW)
        )
        and (point := one.contact.primary_email) is not None
        and point.email.address.endswith(".com")
        and (state := one.states.get("contact.primary_email")) is not None
        and state.key is not None
        and state.key >= CUTOFF
    ]
