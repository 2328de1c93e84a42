"""Time zones as numbers: every offset that Python's zones give, between 1900 and 2100."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.values.instants import start_of_day
from mimcore.values.zones import local_microseconds, offsets_of

ZONES = (
    "UTC",
    "Europe/Copenhagen",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
)
EPOCH = datetime(1970, 1, 1)


def test_copenhagen_springs_forward_in_march_and_back_in_october() -> None:
    """2026: 29 March 01:00 UTC, 25 October 01:00 UTC."""
    offsets = dict(offsets_of(ZoneInfo("Europe/Copenhagen")))
    assert offsets[int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()) * 1_000_000] == 7200
    assert offsets[int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()) * 1_000_000] == 3600


@pytest.mark.parametrize("zone", ZONES)
@given(at=st.datetimes(datetime(1900, 1, 2), datetime(2099, 12, 30)))
def test_the_local_clock_is_that_of_python(zone: str, at: datetime) -> None:
    """Any instant of two centuries; seconds of old local mean times are rounded as Python gives them."""
    instant, here = at.replace(tzinfo=UTC), ZoneInfo(zone)
    wall = instant.astimezone(here).replace(tzinfo=None)
    assert local_microseconds(instant, offsets_of(here)) == (wall - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_is_found_to_the_second(zone: str) -> None:
    """One second before a change the offset is the one before it."""
    here = ZoneInfo(zone)
    offsets = offsets_of(here)
    for (_, before), (at, after) in pairwise(offsets):
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        assert instant.astimezone(here).utcoffset() == timedelta(seconds=after)
        assert (instant - timedelta(seconds=1)).astimezone(here).utcoffset() == timedelta(seconds=before)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00+00:00"),
        ("America/Havana", date(2025, 11, 2), "2025-11-02T04:00:00+00:00"),
    ],
)
def test_days_without_a_midnight_and_with_two(zone: str, day: date, instant: str) -> None:
    """Skipped at midnight; the whole day skipped; skipped from 23:30 on; and twice: the earlier."""
    assert start_of_day(day, ZoneInfo(zone)).isoformat() == instant
