"""Origins: what a call may override, and which instants count as now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

import mimcore as mim
from mimcore.errors import InvalidValueError
from mimcore.repositories.origin import Origin

NOW = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)  # half past midnight on 2 May in Copenhagen
ORIGIN = Origin("maria", "manual", NOW, NOW, ZoneInfo("Europe/Copenhagen"))


def test_a_call_overrides_source_and_time_and_nothing_else():
    """Sources by object or key; what is not given stays."""
    changed = ORIGIN.but(source=mim.Source(key="fair"), observed_at="2026-04-01T10:00+02:00")
    assert changed == Origin("maria", "fair", datetime(2026, 4, 1, 8, tzinfo=UTC), NOW, ORIGIN.zone)
    assert ORIGIN.but() == ORIGIN
    assert ORIGIN.but(observed_at=mim.UNDATED).observed_at is None
    with pytest.raises(InvalidValueError, match="is not a key"):
        ORIGIN.but(source="Trade Fair")


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-05-01", datetime(2026, 5, 1, 21, 59, 59, 999999, UTC)),
        (date(2026, 5, 2), NOW),
        ("2026-05-02", NOW),
        (NOW, NOW),
        ("2026-05-01T22:35:00Z", NOW),
        (datetime(2026, 5, 1, 22, 29, tzinfo=UTC), datetime(2026, 5, 1, 22, 29, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_the_stores_zone(given, instant):
    """Today is the zone's today: on 1 May UTC it may be 2 May already."""
    assert ORIGIN.moment(given, "at") == instant


@pytest.mark.parametrize("given", ["2026-05-03", "2026-05-02T12:00Z", "2026-05-01T22:35:00.000001Z", 7, None, "soon"])
def test_what_is_no_past_instant_is_refused(given):
    """With the name of the field."""
    with pytest.raises(InvalidValueError) as caught:
        ORIGIN.moment(given, "at")
    assert caught.value.field == "at"
